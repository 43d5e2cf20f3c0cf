"""Hold a finished file against the rules of one document, and make findings of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from idphoto import messages
from idphoto.geometry import band_to_px, find_frame_scale
from idphoto.report import Finding, Operation, Region, Status
from idphoto.units import Band, Size

if TYPE_CHECKING:
    from idphoto.checks.measurements import Measurements
    from idphoto.portrait import Doubt, Finished, View
    from idphoto.spec import Spec

__all__ = ["Subject", "format_limit"]

MIN_COLOUR_VARIETY = 3.0
"""Below this the colours of a picture are those of one tone. On 156 portraits grey, sepia, blue and split-toned
versions reach 1.6, the portraits in colour begin at 8.1."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A finished file, the way it was made, and the document that it is judged for.

    Attributes
    ----------
    measured : Measurements
        Measurements of the file; all subjects of the same file share them.
    spec : Spec
        Rules of the document.
    operations : tuple of Operation
        What was done to the picture.
    view : View, optional
        From source pixels to pixels of the file; None if the file is the source itself.
    doubt : Doubt, optional
        Where it was not certain what belongs to the person when the background was removed.
    background_filled : bool
        Whether the background is painted, so that it can go on where the source ends.
    refused_background : str
        The background that the user asked for and the document forbids; empty if none was refused.
    cut_in_source : frozenset of str
        Parts of the head that the source picture does not show, see :func:`idphoto.geometry.find_cut_parts`.
    source_eye_distance : float, optional
        Between the eyes, in pixels of the source; None if no face was found there.
    source_colour_variety : float, optional
        Of the source, see :func:`idphoto.quality.colour.measure_colour_variety`; None if it was not measured.
    front_camera : bool
        True if the source says that it was taken by the front camera of a phone.
    taken : datetime, optional
        When the camera took the photo, without time zone; None if the source does not say.
    """

    measured: Measurements
    spec: Spec
    operations: tuple[Operation, ...] = ()
    view: View | None = None
    background_filled: bool = False
    doubt: Doubt | None = None
    refused_background: str = ""
    cut_in_source: frozenset[str] = frozenset()
    source_eye_distance: float | None = None
    source_colour_variety: float | None = None
    front_camera: bool = False
    taken: datetime | None = None

    @property
    def is_grey(self) -> bool:
        """True if the source is a black and white photo, toned or not, whatever channels the file has."""
        variety = self.source_colour_variety
        return self.finished.source.mode == "grey" or (variety is not None and variety < MIN_COLOUR_VARIETY)

    @property
    def is_written_now(self) -> bool:
        """True if idphoto wrote the file in this run, so that advice to let it write the file makes no sense."""
        return any(operation.name == "encode" for operation in self.operations)

    @property
    def cut_parts(self) -> frozenset[str]:
        """Parts of the head, with its hair, that the source or the file cuts off."""
        return self.cut_in_source | self.measured.cut_parts

    @property
    def unseen_parts(self) -> frozenset[str]:
        """`cut_parts` without the hair; nothing is measured to them."""
        return self.cut_parts - {"hair"}

    @property
    def finished(self) -> Finished:
        """The file, with what was found in it."""
        return self.measured.finished

    @property
    def size(self) -> Size:
        """Width and height of the file in pixels."""
        return self.measured.size

    @property
    def dpi(self) -> float | None:
        """Pixels per inch on paper, from the height that the document prescribes; None if it prescribes none."""
        if self.spec.size is None:
            return None
        return self.size.height / self.spec.size.mm[1] * 25.4

    def with_spec(self, spec: Spec) -> Subject:
        """Return the same file with the rules of another document; the measurements are shared."""
        return replace(self, spec=spec)

    def to_px(self, band: Band, along: str, field: str = "") -> Band:
        """Convert a band to pixels of the file.

        Parameters
        ----------
        band : Band
            A length, or a share in %.
        along : str
            ``height`` or ``width``: the side of the photo that % refers to.
        field : str
            Field of the spec that holds the band; the document may count its pixels in a frame of its own.

        Raises
        ------
        ValueError
            If the band is a length on paper and the document has no size on paper.
        """
        scale = find_frame_scale(self.spec, field, self.size) if field else 1.0
        return band_to_px(band, self.size.height if along == "height" else self.size.width, self.dpi, scale)

    def from_px(self, px: float, unit: str, along: str, field: str = "") -> float:
        """Convert a length in pixels of the file to the unit of a rule; `along` and `field` as for :meth:`to_px`."""
        return px / self.to_px(Band(1.0, 1.0, unit), along, field).low

    def name_source(self, field: str) -> str:
        """Return the address of the source of a rule, or its title; empty if the field has no source."""
        source = self.spec.source_of(field)
        return "" if source is None else source.url or source.title

    def locate_region(self, *landmarks: int, margin: float = 0.15) -> Region | None:
        """Return a box around landmarks of the mesh, in pixels of the file; None without a face.

        Parameters
        ----------
        *landmarks : int
            Indices in MediaPipe's mesh; all of the face if none is given.
        margin : float
            What the box is grown by on each side, in eye distances.
        """
        face = self.finished.face
        if face is None or face.mesh is None:
            return None
        points = face.mesh[list(landmarks), :2] if landmarks else face.mesh[:468, :2]
        grow = margin * face.eye_distance
        left, top = points.min(axis=0) - grow
        right, bottom = points.max(axis=0) + grow
        return round(float(left), 1), round(float(top), 1), round(float(right - left), 1), round(float(bottom - top), 1)

    def make_finding(
        self,
        code: str,
        status: Status,
        *,
        rule: str = "",
        measured: float | str | None = None,
        limit: str = "",
        unit: str = "",
        region: Region | None = None,
        **values: float | str | Sequence[str],
    ) -> Finding:
        """Make a finding with its English message.

        Parameters
        ----------
        code : str
            Stable code; begins with the id of the check.
        status : Status
            The verdict.
        rule : str
            Field of the spec that holds the rule. The finding names the source of that field.
        measured, limit, unit, region
            As in :class:`~idphoto.report.Finding`.
        **values
            Values that the message shows, besides `measured` and `limit`.
        """
        shown: dict[str, Any] = {"measured": _format_measured(measured, unit), "limit": format_limit(limit), **values}
        message, fix = messages.say(code, shown)
        return Finding(
            check=code.partition(".")[0],
            status=status,
            code=code,
            message=message,
            fix=fix,
            measured=measured,
            limit=limit,
            unit=unit,
            source=self.name_source(rule) if rule else "",
            region=region,
            values={name: value for name, value in shown.items() if value != ""},
        )


_DECIMALS = {"mm": 1, "cm": 2, "in": 2, "%": 1, "px": 0, "KB": 1}
"""Units that messages show, with their decimals. Messages that use another unit name it in words."""


def format_limit(limit: str) -> str:
    """Return a limit with typographic signs, for people."""
    return limit.replace("..", "–").replace("+/-", "±").replace(">=", "≥").replace("<=", "≤")


def _format_measured(measured: float | str | None, unit: str) -> str:
    if measured is None:
        return ""
    if isinstance(measured, str):
        return measured
    return f"{measured:.{_DECIMALS[unit]}f} {unit}" if unit in _DECIMALS else f"{measured:g}"
