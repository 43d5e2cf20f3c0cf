"""Make the other parts of an application: pictures of the signature, of the thumb print and of a declaration."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from idphoto.decode import Source
from idphoto.errors import about_option
from idphoto.ink import make_ink_part
from idphoto.job import job_option
from idphoto.output import WRITERS, FileLimits
from idphoto.report import Operation
from idphoto.stages.base import Stage
from idphoto.units import Size, mm_to_px

if TYPE_CHECKING:
    from idphoto.photo import Photo
    from idphoto.spec import PartRule, Spec

__all__ = ["Parts"]

PART_DPI = 200.0
"""Pixels per inch of a part whose form gives a size on paper, or no resolution."""
FREE_SIZES = {"signature": (140, 60, 560, 240), "thumb": (240, 240, 480, 480), "declaration": (800, 400, 1200, 800)}
"""Name of a part to its least width and height, and its greatest, where the form gives none."""


class Parts(Stage):
    """Make the pictures that go with the photo, each with the pixels and the length that the form asks for.

    The page is straightened, cropped to the ink and evened to white by its own light. No stroke is drawn.
    """

    stage: Literal["parts"] = "parts"
    signature: str | None = job_option("signature")
    thumb: str | None = job_option("thumb")
    declaration: str | None = job_option("declaration")

    needs: ClassVar[frozenset[str]] = frozenset({"spec", "files"})
    gives: ClassVar[frozenset[str]] = frozenset({"files"})

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:
        """Return the parts that the document does not ask for."""
        asked = {rule.name for rule in spec.parts} if spec is not None else set()
        label = "this" if spec is None else spec.id
        return {name: f"{label} asks for no picture of it" for name in FREE_SIZES if name not in asked}

    def check_options(self, spec: Spec | None) -> None:
        """Refuse a file that is no picture."""
        for rule in () if spec is None else spec.parts:
            path = getattr(self, rule.name)
            if path is not None:
                with about_option(rule.name):
                    Source.read(path)

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:
        """Return the suffixes of the parts that will be made."""
        return () if spec is None else tuple(f".{rule.name}.jpg" for rule in spec.parts if getattr(self, rule.name))

    def __call__(self, photo: Photo) -> Photo:
        """Add a file for each part that was given."""
        assert photo.spec is not None
        for rule in photo.spec.parts:
            path = getattr(self, rule.name)
            if path is not None:
                photo = _make_part(photo, rule, Source.read(path))
        return photo


def _make_part(photo: Photo, rule: PartRule, source: Source) -> Photo:
    """Return the photo with the file of one part."""
    least, most = _find_sizes(rule)
    made = make_ink_part(source.pixels(1.0)[0], rule.name, least, most)
    encoded = WRITERS["jpeg"](made.picture, dpi=PART_DPI, limits=FileLimits(rule.bytes))
    height, width = made.picture.shape[:2]
    detail = f"{width} x {height} px, {len(encoded.data) / 1000:.1f} KB, paper made white"
    if made.turned:
        detail += f", page turned by {made.turned:+.1f} degrees"
    photo = photo.did(Operation(name=rule.name, detail=detail))
    return replace(photo, files={**photo.files, f".{rule.name}.jpg": encoded.data})


def _find_sizes(rule: PartRule) -> tuple[Size, Size]:
    """Return the smallest and the largest size in pixels that a form accepts."""
    if rule.size is not None and rule.pixels is None:
        width, height = (round(mm_to_px(side, PART_DPI)) for side in rule.size.mm)
        return Size(width, height), Size(width, height)
    free = FREE_SIZES[rule.name]
    if rule.pixels is None:
        return Size(*free[:2]), Size(*free[2:])
    wide, high = rule.pixels.width, rule.pixels.height
    least = Size(math.ceil(max(wide.low, 1)), math.ceil(max(high.low, 1)))
    most = Size(
        int(wide.high) if math.isfinite(wide.high) else 4 * least.width,
        int(high.high) if math.isfinite(high.high) else 4 * least.height,
    )
    return least, most
