"""The Photo that flows through the pipeline, and the plan for it.

The conventions for pixels, points and angles are in :mod:`idphoto.portrait`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from idphoto.errors import PipelineError
from idphoto.report import Component, File, Finding, Measure, Operation, PrintSheet, Report
from idphoto.version import __version__

if TYPE_CHECKING:
    from idphoto.background_fill import BackgroundFill
    from idphoto.decode import Source
    from idphoto.portrait import Alpha, Box, Doubt, Face, Finished, Head, PersonMask, Preview, Rgb, View
    from idphoto.spec import Spec

__all__ = ["Photo", "Plan"]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The edits that will be made to the picture, within what the authority permits.

    Attributes
    ----------
    straighten : bool
        True if a tilted head is turned upright.
    background_fill : BackgroundFill, optional
        The fill that replaces the background; None keeps the background.
    order : str
        The user's reason for an edit that the authority forbids; empty without such an order.
    refused : str
        The background that was asked for and is not painted, because no reason was given.
    tilt : float
        Degrees by which a person turns the picture further.
    """

    straighten: bool
    background_fill: BackgroundFill | None
    order: str = ""
    refused: str = ""
    tilt: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A portrait on its way to an ID photo. Stages return a new one and never change it.

    Attributes
    ----------
    source : Source
        The picture as given; with `spec`, `given_mask` and `unused`, all that is set at the start.
    spec : Spec, optional
        The document that the photo is made for.
    given_mask : Source, optional
        The user's own mask, taken as the alpha matte.
    unused : mapping of str to str
        Options that were given and have no effect for this document, each with the reason as a clause.
    person : int
        Number of the person in a group picture, from the left, if a photo of everybody was asked for; otherwise 0.
    preview : Preview
        A reduced view of the source.
    face, head, person_mask : Face, Head, PersonMask
        The person, in source pixels.
    others : tuple of Box
        Faces of other people.
    plan : Plan
        What may and will be done to the picture.
    view : View
        From source to output pixels.
    picture : ndarray of uint8, shape (H, W, 3)
        The ID photo itself.
    alpha : ndarray of float32, shape (H, W)
        Share of the person in each pixel of `picture`, in linear light.
    doubt : Doubt
        Where what is person was not certain; None if alpha was given.
    files : mapping of str to bytes
        What was made, by file-name suffix: ``.jpg``, ``.sheet.pdf``.
    finished : Finished
        The finished file, measured again.
    operations, findings, measures, components : tuple
        The parts of the report.
    sheet : PrintSheet
        The layout of the print sheet, if one was made.
    timings : mapping of str to float
        Milliseconds per stage.
    """

    source: Source
    spec: Spec | None = None
    given_mask: Source | None = None
    unused: Mapping[str, str] = field(default_factory=dict)
    person: int = 0
    preview: Preview | None = None
    face: Face | None = None
    others: tuple[Box, ...] = ()
    person_mask: PersonMask | None = None
    head: Head | None = None
    plan: Plan | None = None
    view: View | None = None
    picture: Rgb | None = None
    alpha: Alpha | None = None
    doubt: Doubt | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    finished: Finished | None = None
    operations: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()
    measures: tuple[Measure, ...] = ()
    components: tuple[Component, ...] = ()
    sheet: PrintSheet | None = None
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """The report on this photo, as far as it has come."""
        source = self.source
        finished = self.finished.source if self.finished is not None else None
        files = []
        for suffix, data in self.files.items():
            known = finished is not None and data == finished.data
            files.append(
                File(
                    name=suffix,
                    bytes=len(data),
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=(finished.stored_size.width, finished.stored_size.height)
                    if finished is not None and known
                    else None,
                    dpi=finished.dpi if finished is not None and known else None,
                    format=finished.format if finished is not None and known else suffix.rpartition(".")[2],
                )
            )
        return Report(
            idphoto=__version__,
            spec=self.spec.id if self.spec is not None else None,
            spec_version=self.spec.version if self.spec is not None else "",
            spec_checked=self.spec.checked if self.spec is not None else None,
            title=self.spec.label if self.spec is not None else "",
            notice=self._notice,
            source=File(
                name=source.shown_name,
                bytes=len(source.data),
                sha256=source.sha256,
                size=(source.stored_size.width, source.stored_size.height),
                dpi=source.dpi,
                format=source.format,
            ),
            files=tuple(files),
            measures=self.measures,
            operations=self.operations,
            findings=self.findings,
            components=self.components,
            checked=self.finished is not None,
            sheet=self.sheet,
            unused=dict(self.unused),
            timings={name: round(ms, 1) for name, ms in self.timings.items()},
        )

    @property
    def _notice(self) -> str:
        """Message and advice of the finding that the photo cannot simply be handed in; empty without one."""
        code = None if self.spec is None else self.spec.notice
        return next((f"{finding.message} {finding.fix}" for finding in self.findings if finding.code == code), "")

    @property
    def photo_suffix(self) -> str:
        """Suffix in `files` of the photo itself; the others are sheets and pages of the verdict.

        Raises
        ------
        PipelineError
            If no stage has written a photo yet.
        """
        # Only the photo itself has a suffix of one part: .jpg, but .sheet.pdf, .annotated.png, .report.pdf.
        suffixes = [suffix for suffix in self.files if suffix.count(".") == 1]
        if not suffixes:
            raise PipelineError("No photo has been written.", "Put 'encode', 'original' or 'form' into the pipeline.")
        return suffixes[0]

    def did(self, operation: Operation, **changes: object) -> Photo:
        """Return a copy with `changes` and one more operation in its history."""
        return replace(self, operations=(*self.operations, operation), **changes)  # type: ignore[arg-type]

    def found(self, *findings: Finding, **changes: object) -> Photo:
        """Return a copy with `changes` and more findings."""
        return replace(self, findings=(*self.findings, *findings), **changes)  # type: ignore[arg-type]
