"""Make, check, cut out and save photos: the functions that a user of the library calls."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idphoto.analysis import Analysis, analysis_key
from idphoto.errors import IdPhotoError, InputError, NoEffect, printable
from idphoto.job import Job, merge_options
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline
from idphoto.spec import Spec, Submission, build_custom_spec, load_spec, require_photo

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Unpack

    from idphoto.decode import Source
    from idphoto.job import CutoutForm, CutoutOptions, JobOptions
    from idphoto.report import Report

    Picture = str | os.PathLike[str] | bytes | NDArray[np.uint8] | Source

__all__ = [
    "PreparedDocument",
    "analyse",
    "check",
    "cutout",
    "each_person",
    "list_documents",
    "make",
    "make_each",
    "make_prepared",
    "name_files",
    "open_picture",
    "prepare_documents",
    "save",
]


def make(
    picture: Picture,
    spec: str | Spec | None = None,
    *,
    given_mask: Picture | None = None,
    job: Job | None = None,
    **options: Unpack[JobOptions],
) -> Photo:
    """Make an ID photo.

    Parameters
    ----------
    picture : path, bytes, array or Source
        The portrait: a file, its bytes, or pixels of shape (H, W, 3), uint8 sRGB.
    spec : str or Spec, optional
        The document; may also stand in `job`.
    given_mask : path, bytes, array or Source, optional
        The user's own mask, white where the person is. It replaces the alpha matte.
    job : Job, optional
        What else is asked for.
    **options
        Fields of :class:`idphoto.Job`; they win over those of `job`.

    Returns
    -------
    Photo
        With `files`, `report`, `picture` and `alpha`.

    Raises
    ------
    InputError
        If the picture cannot be used, or an option does not exist.
    SpecError
        If the document is unknown or takes no photo.
    PipelineError, BackendError
        If the pipeline cannot run as given.

    Examples
    --------
    >>> import idphoto
    >>> photo = idphoto.make("selfie.jpg", spec="schengen-visa", sheet="10x15cm")
    >>> sorted(photo.files)
    ['.jpg', '.sheet.pdf']
    >>> photo.picture.shape
    (531, 413, 3)

    Write all files and the report into a folder:

    >>> paths = idphoto.save(photo, "out", force=True)
    >>> sorted(path.name for path in paths)
    ['selfie.schengen-visa.jpg', 'selfie.schengen-visa.json', 'selfie.schengen-visa.sheet.pdf']
    """
    results = list(make_each(picture, spec, given_mask=given_mask, job=job, **options))
    if len(results) != 1:
        raise InputError(f"{len(results)} documents were named where one is made.", "Use make_each for several.")
    result = results[0]
    if isinstance(result, IdPhotoError):
        raise result
    return result


def make_each(
    picture: Picture,
    spec: str | Spec | Sequence[str | Spec] | None = None,
    *,
    given_mask: Picture | None = None,
    analysis: Analysis | None = None,
    job: Job | None = None,
    **options: Unpack[JobOptions],
) -> Iterator[Photo | IdPhotoError]:
    """Make the photos of several documents from one picture, which is analysed once.

    Parameters
    ----------
    picture, given_mask, job, **options
        As for :func:`make`.
    spec : str, Spec or sequence of them, optional
        The documents; may also stand in `job`.
    analysis : Analysis, optional
        What :func:`analyse` found in this picture. It is used where the job asks for the same analysis.

    Yields
    ------
    Photo or IdPhotoError
        For each document in turn; an error of one document does not keep the others from being made. With the option
        ``face="all"``, that for each person from left to right.

    Raises
    ------
    NoEffect
        If an option has no effect for any document. One that has none for some of them is in `unused` of their reports.
    IdPhotoError
        If the picture cannot be used for any document.

    Examples
    --------
    >>> import idphoto
    >>> results = list(idphoto.make_each("selfie.jpg", ["us-visa-digital", "cn-1inch", "no-such-document"]))
    >>> [str(result.view.size) for result in results[:2]]
    ['600x600', '295x413']
    >>> results[2].code
    'spec.unknown'
    """
    job = merge_options(job, options)
    wanted = _listed(spec) or list_documents(job)
    documents = prepare_documents(wanted, job)
    if all(isinstance(document, IdPhotoError) for document in documents):
        yield from documents  # type: ignore[misc]  # errors, all of them
        return
    source = open_picture(picture)
    mask = None if given_mask is None else open_picture(given_mask)
    if job.face != "all":
        yield from make_prepared(source, documents, mask, analysis=analysis)
        return
    for person, chosen in each_person(source, job):
        yield from make_prepared(source, prepare_documents(wanted, chosen), mask, person=person)


def each_person(source: Source, job: Job) -> list[tuple[int, Job]]:
    """Return the number of each person in a picture, from the left, and a job that takes this person.

    It is one entry with the number 0 unless the job asks for everybody and there are several people.

    Raises
    ------
    InputError
        If the picture cannot be used.
    """
    if job.face != "all":
        return [(0, job)]
    largest = job.model_copy(update={"face": "largest"})
    count = len(analyse(source, job=largest).people)
    if count <= 1:
        return [(0, largest)]
    return [(number, job.model_copy(update={"face": str(number)})) for number in range(1, count + 1)]


def make_prepared(
    source: Source,
    documents: Sequence[PreparedDocument | IdPhotoError],
    given_mask: Source | None = None,
    *,
    analysis: Analysis | None = None,
    person: int = 0,
) -> Iterator[Photo | IdPhotoError]:
    """Make the photos of documents from :func:`prepare_documents`, of a person of :func:`each_person`.

    :func:`make_each` tells the rest.
    """
    analysed: dict[str, Photo] = {}
    if analysis is not None:
        analysed[analysis.key] = replace(analysis.photo, given_mask=given_mask)
    for document in documents:
        if isinstance(document, IdPhotoError):
            yield document
            continue
        # All pipelines of the package begin alike; one analysis serves every document.
        key = analysis_key(document.pipeline)
        if key not in analysed:
            analysed[key] = document.pipeline.analyse(Photo(source, given_mask=given_mask))
        try:
            photo = replace(analysed[key], spec=document.spec, unused=document.unused, person=person)
            yield document.pipeline.produce(photo)
        except IdPhotoError as error:
            yield error


def analyse(picture: Picture, *, job: Job | None = None, **options: Unpack[JobOptions]) -> Analysis:
    """Find the person in a picture, once for many calls of :func:`make_each`.

    Parameters
    ----------
    picture, job, **options
        As for :func:`make`; only the fields count that the analysis depends on, such as `face`.

    Returns
    -------
    Analysis
        What was found.

    Raises
    ------
    InputError
        If the picture cannot be used, or an option does not exist.

    Examples
    --------
    >>> import idphoto
    >>> from idphoto.api import analyse
    >>> found = analyse("selfie.jpg")
    >>> photos = idphoto.make_each("selfie.jpg", ["us-visa-digital", "cn-1inch"], analysis=found)
    >>> [str(photo.view.size) for photo in photos]
    ['600x600', '295x413']
    """
    pipeline = Pipeline.load("default", merge_options(job, options).stage_options())
    return Analysis(analysis_key(pipeline), pipeline.analyse(Photo(open_picture(picture))))


def _listed(spec: str | Spec | Sequence[str | Spec] | None) -> list[str | Spec | None]:
    """Return the documents that were named, as a list."""
    if spec is None:
        return []
    return [spec] if isinstance(spec, (str, Spec)) else list(spec)


def list_documents(job: Job) -> list[str | Spec | None]:
    """Return the documents that a job asks for: those that it names, or the one of its own size; None for a cutout.

    Raises
    ------
    InputError
        If there are limits for a size of the user's own without a size, or with a document.
    InvalidSpec
        If the numbers contradict each other.
    """
    own = [name for name in ("size", "kb", "head") if getattr(job, name) is not None]
    if job.spec and own:
        raise InputError(
            f"--{own[0]} is for a document that no file describes, but {job.spec[0]} is named, too.",
            f"Leave out --{own[0]}, or --spec.",
        )
    if own and job.size is None:
        raise InputError(f"--{own[0]} needs the size of the document.", "Name it, such as --size 35x45mm.")
    if job.size is not None:
        return [build_custom_spec(job.size, kilobytes=job.kb, head=job.head, background=job.background)]
    return list(job.spec) or [None]


class PreparedDocument(NamedTuple):
    """A document that was asked for, None for a mere cutout, and how it is made.

    Attributes
    ----------
    spec : Spec, optional
        The document.
    pipeline : Pipeline
        The pipeline that makes it, with the options of the job.
    unused : dict of str to str
        Fields of the job that were set and have no effect for this document, each with the reason as a clause.
    """

    spec: Spec | None
    pipeline: Pipeline
    unused: dict[str, str]

    @property
    def suffix(self) -> str:
        """Part of the names of the results: the id of the document after a dot."""
        return "" if self.spec is None else f".{self.spec.slug}"


def prepare_documents(
    wanted: Sequence[str | Spec | None], job: Job, *, refuse_idle: bool = True
) -> list[PreparedDocument | IdPhotoError]:
    """Load documents and the pipelines that make them, and check all that was asked for, before any work.

    Parameters
    ----------
    wanted : sequence of str, Spec or None
        Documents, or None for the one that the pipeline names.
    job : Job
        What else is asked for.
    refuse_idle : bool
        Refuse an option that has no effect for any of the documents.

    Returns
    -------
    list of PreparedDocument or IdPhotoError
        For each document; an error if it is unknown, takes no photo, or an option cannot be used for it.

    Raises
    ------
    NoEffect
        If an option has no effect for any of the documents.
    """
    prepared: list[PreparedDocument | IdPhotoError] = []
    for name in wanted:
        try:
            prepared.append(_prepare_document(name, job))
        except IdPhotoError as error:
            prepared.append(error)
    usable = [document for document in prepared if isinstance(document, PreparedDocument)]
    for name in usable[0].unused if usable and refuse_idle else ():
        if all(name in document.unused for document in usable):
            raise NoEffect(name, usable[0].unused[name])
    return prepared


def _prepare_document(wanted: str | Spec | None, job: Job) -> PreparedDocument:
    spec = load_spec(wanted) if isinstance(wanted, str) else wanted
    submitted_whole = spec is not None and spec.submit is Submission.ORIGINAL
    pipeline = Pipeline.load(job.pipeline or ("original" if submitted_whole else "default"), job.stage_options())
    if spec is None and pipeline.spec is not None:
        spec = load_spec(pipeline.spec)
    if spec is not None:
        require_photo(spec)
    pipeline.check_options(job, spec)
    return PreparedDocument(spec, pipeline, pipeline.find_idle_options(job, spec))


def check(picture: Picture, spec: str | Spec, *, job: Job | None = None, **options: Unpack[JobOptions]) -> Photo:
    """Judge a photo as it is against a document; make nothing.

    Parameters, return value and errors are those of :func:`make`.

    Examples
    --------
    >>> import idphoto
    >>> photo = idphoto.check("selfie.jpg", "schengen-visa", language="de")
    >>> photo.report.status
    <Status.FAIL: 'fail'>
    >>> [finding.check for finding in photo.report.findings if finding.status is idphoto.Status.FAIL]
    ['head-height', 'background', 'pixels']
    """
    options["pipeline"] = "check"
    return make(picture, spec, job=job, **options)


def cutout(
    picture: Picture,
    form: CutoutForm = "rgba",
    *,
    given_mask: Picture | None = None,
    job: Job | None = None,
    **options: Unpack[CutoutOptions],
) -> Photo:
    """Cut the person out of a picture.

    Parameters
    ----------
    picture, given_mask, job, **options
        As for :func:`make`.
    form : str
        ``rgba`` (transparent), ``mask`` (the alpha matte alone), ``white`` (on a background), ``crop`` (transparent,
        cut to the person) or ``blur`` (the background out of focus).

    Returns
    -------
    Photo
        The cutout is the one file in `files`.

    Raises
    ------
    InputError
        If the picture cannot be used, or an option does not exist.
    PipelineError, BackendError
        If the pipeline cannot run as given.

    Examples
    --------
    >>> import idphoto
    >>> cut = idphoto.cutout("selfie.jpg", "white", background="#628BCE")
    >>> list(cut.files), cut.alpha.shape
    (['.png'], (512, 512))
    """
    options.setdefault("pipeline", "cutout")
    return make(picture, given_mask=given_mask, job=job, form=form, **options)


def save(
    photo: Photo, folder: str | os.PathLike[str], *, stem: str | None = None, force: bool = False, report: bool = True
) -> list[Path]:
    """Write the files of a photo and its report: all of them, or none.

    Parameters
    ----------
    photo : Photo
        A finished photo.
    folder : path
        Where to write; it is made if it does not exist.
    stem : str, optional
        Beginning of the file names; the name of the source and the id of the document if not given.
    force : bool
        Overwrite files that exist.
    report : bool
        Write the report, too, as JSON.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    FileExists
        If a file exists and `force` is not given.
    """
    from idphoto.output.files import write_files

    if stem is None:
        stem = Path(photo.source.name).stem + (f"-{photo.person}" if photo.person else "")
        if photo.spec is not None:
            stem += f".{photo.spec.slug}"
    contents = {Path(folder) / name: data for name, data in name_files(photo, stem, report=report).items()}
    write_files(contents, force=force)
    return list(contents)


def name_files(photo: Photo, stem: str, *, report: bool = True, timings: bool = True) -> dict[str, bytes]:
    """Return the files of a photo, and its report as JSON, by the names that they are saved under.

    Parameters
    ----------
    photo : Photo
        A finished photo.
    stem : str
        Beginning of the names.
    report : bool
        Add the report of a photo of a document.
    timings : bool
        Let the report tell how long each stage took; without it, equal photos have equal reports.
    """
    contents = {f"{stem}{suffix}": data for suffix, data in photo.files.items()}
    if report and photo.spec is not None:
        contents[f"{stem}.json"] = _report_with_names(photo.report, stem, timings=timings)
    return contents


def _report_with_names(report: Report, stem: str, *, timings: bool) -> bytes:
    """Return a report as JSON in which the files have the names that they are saved under."""
    files = tuple(file.model_copy(update={"name": printable(f"{stem}{file.name}")}) for file in report.files)
    changes = {"files": files, "timings": report.timings if timings else {}}
    return report.model_copy(update=changes).model_dump_json(indent=2).encode() + b"\n"


def open_picture(picture: Picture) -> Source:
    """Open a picture in any of the forms that :func:`make` takes.

    Raises
    ------
    InputError
        If it is no picture.
    """
    from idphoto.decode import Source

    if isinstance(picture, Source):
        return picture
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return Source.open(bytes(picture))
    if isinstance(picture, np.ndarray):
        from io import BytesIO

        from PIL import Image

        if str(picture.dtype) != "uint8" or picture.ndim != 3 or picture.shape[2] != 3:
            raise InputError(
                f"An array of {picture.dtype} and shape {picture.shape} is not a picture.",
                "Give uint8 of shape (H, W, 3), sRGB.",
            )
        # BMP stores the pixels uncompressed; compression would take longer than everything after it.
        file = BytesIO()
        Image.fromarray(picture).save(file, "BMP")
        return Source.open(file.getvalue(), "array")
    return Source.read(picture)
