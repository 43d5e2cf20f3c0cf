"""Read a pipeline, check the order of its stages, and run them on a photo."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from idphoto import yamlfile
from idphoto.errors import BadOrder, IdPhotoError, InvalidPipeline, PipelineError, StageFailed
from idphoto.job import field_of, former_names, option_of
from idphoto.spec import Submission, specs_folder
from idphoto.stages import STAGES, AnyStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from idphoto.job import Job
    from idphoto.photo import Photo
    from idphoto.spec import Spec
    from idphoto.stages import Stage

__all__ = ["Pipeline", "pipeline_names"]

FIELDS_AT_START = frozenset({"source", "spec"})
"""Fields of a photo that are set before the first stage runs."""


class _OrderError(ValueError):
    """A bad order of stages; pydantic passes it on inside its ValidationError."""


class Pipeline(BaseModel):
    """An ordered tuple of stages. Each stage needs only fields of the photo that the stages before it set.

    Attributes
    ----------
    description : str
        Purpose of the pipeline.
    spec : str, optional
        Id of the document to make, if the caller names none.
    stages : tuple of Stage
        In the order in which they run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    spec: str | None = None
    stages: tuple[AnyStage, ...] = Field(min_length=1)
    _path: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _check_order(self) -> Pipeline:
        ready = set(FIELDS_AT_START)
        for stage in self.stages:
            missing = stage.needs - ready
            if missing:
                raise _OrderError(
                    f"the stage '{stage.stage}' needs {_join_names(missing)}, which no stage before it gives"
                )
            ready |= stage.gives
        return self

    @classmethod
    def load(cls, name: str, options: Mapping[str, Mapping[str, Any]] | None = None) -> Pipeline:
        """Read a pipeline and set options of its stages.

        Parameters
        ----------
        name : str
            Name of a pipeline of the package (``default``, ``check``, ...) or path of a YAML file.
        options : mapping, optional
            Name of a stage to its options and their values, such as ``{"load": {"look": 640}}``. They override what
            the file says; options of stages that the pipeline does not have are ignored.

        Raises
        ------
        InvalidPipeline
            If the file cannot be read or breaks the schema.
        BadOrder
            If a stage needs what none before it gives.
        """
        path = Path(name) if name.endswith((".yaml", ".yml")) else specs_folder() / "pipelines" / f"{name}.yaml"
        if not path.is_file() and path.parent.name == "pipelines" and not name.endswith((".yaml", ".yml")):
            raise InvalidPipeline(
                f"There is no pipeline '{name}'.",
                f"Choose {_join_names(pipeline_names())}, or give the path of a file.",
            )
        data = yamlfile.load(path, InvalidPipeline)
        rows = data.get("stages") if isinstance(data, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and options is not None:
                _set_options(row, options.get(str(row.get("stage")), {}))
        try:
            pipeline = cls.model_validate(data)
        except ValidationError as cause:
            text = yamlfile.explain(cause, cls, path)
            if any(isinstance(fault.get("ctx", {}).get("error"), _OrderError) for fault in cause.errors()):
                raise BadOrder(text, "Move the stages, or add the missing one.") from cause
            raise InvalidPipeline(text, "Correct the pipeline and try again.") from cause
        pipeline._path = path
        return pipeline

    def check_options(self, job: Job, spec: Spec | None) -> None:
        """Look up all that the options name, and refuse what cannot be done for a document, before any work.

        Raises
        ------
        PipelineError
            If the pipeline makes a document and `spec` is None.
        IdPhotoError
            If an option cannot be used. The `option` of the error is the field of the job; if the option stands in the
            pipeline file, the message begins with file and line.
        """
        self._require_document(spec)
        for number, stage in enumerate(self.stages):
            try:
                stage.check_options(spec)
            except IdPhotoError as problem:
                option = problem.option
                problem.option = field_of(f"{stage.stage}.{option}", job)
                if not problem.option and option and self._path is not None:
                    line = yamlfile.find_lines(self._path)("stages", number, option)
                    problem.message = f"{self._path}:{line}: {option}: {problem.message}"
                raise

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:
        """Return the suffixes of the files that are made, as far as they are known before any work."""
        return tuple(suffix for stage in self.stages for suffix in stage.name_files(spec))

    def find_idle_options(self, job: Job, spec: Spec | None) -> dict[str, str]:
        """Return the fields of a job that were set and have no effect here, each with the reason as a clause."""
        idle = {
            f"{stage.stage}.{option}": reason
            for stage in self.stages
            for option, reason in stage.find_idle_options(spec).items()
        }
        names = {stage.stage for stage in self.stages}
        found = {}
        for name in job.model_fields_set:
            places = option_of(name).sets
            if not places or getattr(job, name) is None:
                continue
            live = [place for place in places if place.partition(".")[0] in names]
            if not live:
                whole = spec is not None and spec.submit is Submission.ORIGINAL
                found[name] = (
                    f"{spec.id} takes the file as it is" if whole and spec else "no stage of the pipeline uses it"
                )
            elif all(place in idle for place in live):
                found[name] = idle[live[0]]
        return found

    def analyse(self, photo: Photo) -> Photo:
        """Run the first stages: those whose result is the same for all documents."""
        return _run_stages(self._shared_stages(), photo)

    def produce(self, photo: Photo) -> Photo:
        """Run the stages that depend on the document, on a photo from :meth:`analyse`."""
        self._require_document(photo.spec)
        return _run_stages(self.stages[len(self._shared_stages()) :], photo)

    def __call__(self, photo: Photo) -> Photo:
        """Run all stages."""
        return self.produce(self.analyse(photo))

    def _require_document(self, spec: Spec | None) -> None:
        if spec is None and any("spec" in stage.needs for stage in self.stages):
            raise PipelineError("This pipeline makes a document, but none was named.", "Name one with --spec.")

    def _shared_stages(self) -> tuple[Stage, ...]:
        count = next((index for index, stage in enumerate(self.stages) if stage.per_document), len(self.stages))
        return self.stages[:count]


def _set_options(row: dict[str, Any], options: Mapping[str, Any]) -> None:
    """Set options of one stage of a pipeline file, also those that the file has under a former name."""
    fields = STAGES[row["stage"]].model_fields if options else {}
    for name, value in options.items():
        for former in former_names(fields[name]) if name in fields else ():
            row.pop(former, None)
        row[name] = value


def _run_stages(stages: Iterable[Stage], photo: Photo) -> Photo:
    for stage in stages:
        start = time.perf_counter()
        try:
            photo = stage(photo)
        except IdPhotoError:
            raise
        except Exception as cause:
            raise StageFailed(
                f"The stage '{stage.stage}' failed on {photo.source.shown_name}: {type(cause).__name__}: {cause}.",
                "Run again with --debug and report what it shows.",
            ) from cause
        elapsed = (time.perf_counter() - start) * 1000
        photo = replace(photo, timings={**photo.timings, stage.stage: elapsed})
    return photo


def _join_names(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return " and ".join(filter(None, [", ".join(ordered[:-1]), ordered[-1]]))


def pipeline_names() -> list[str]:
    """Return the names of the pipelines that come with the package."""
    return sorted(path.stem for path in (specs_folder() / "pipelines").glob("*.yaml"))
