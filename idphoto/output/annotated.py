"""A picture of the verdict: crown, eye line, chin and what is wrong, drawn over the finished photo."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idphoto.geometry import band_to_px
from idphoto.messages import ENGLISH, label
from idphoto.output.fonts import BOLD, font
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

    from idphoto.photo import Photo
    from idphoto.portrait import Head
    from idphoto.units import Band

__all__ = ["annotated", "numbered"]

TALL = 900  # height of the photo in the picture, in pixels
MARGIN, PAD, LINE = 330, 16, 22  # room for labels beside the photo, space around text, and height of a line of text
INK, PALE, PAPER = (30, 30, 30), (110, 110, 110), (255, 255, 255)
GOOD = (28, 140, 70)
COLOURS = {
    Status.FAIL: (200, 30, 30),
    Status.WARN: (205, 120, 0),
    Status.ASK: (20, 110, 190),
    Status.SKIP: (120, 120, 120),
    Status.PASS: GOOD,
}


class _Mark(NamedTuple):
    """A line across the face: how far above the eyes, and what it says."""

    above: float
    label: str
    status: Status
    main: bool = True


def numbered(findings: Sequence[Finding]) -> list[Finding]:
    """What speaks against a photo, worst first, in the order of the numbers in its picture."""
    against = [finding for finding in findings if finding.status in (Status.FAIL, Status.WARN, Status.ASK)]
    return sorted(against, key=lambda finding: -finding.status.rank)


def annotated(photo: Photo, language: str = ENGLISH, *, words: bool = True) -> bytes:
    """Draw the verdict over the finished photo.

    Parameters
    ----------
    photo : Photo
        That the stage `check` has been through.
    language : str
        Of the labels; the findings are written as they are.
    words : bool
        Whether what speaks against the photo is written below it, too.

    Returns
    -------
    bytes
        A PNG file, sRGB, or JPEG without the words: the photo 900 pixels high, labels with
        millimetres beside it, and numbers where something speaks against it.
    """
    from PIL import Image, ImageDraw

    assert photo.finished is not None
    assert photo.spec is not None
    source = photo.finished.source
    rgb, _ = source.pixels(min(1.0, 2 * TALL / source.size.height))
    zoom = TALL / source.size.height
    width = round(source.size.width * zoom)
    against = numbered(photo.findings)
    texts = [f"{finding.message} {finding.fix}".strip() for finding in against] if words else []
    lines = [_wrapped(text, width + MARGIN - 60) for text in texts]
    foot = sum(len(part) for part in lines) * LINE + len(lines) * 8 + (2 * PAD if lines else 0)
    canvas = Image.new("RGB", (width + MARGIN, TALL + foot), PAPER)
    canvas.paste(Image.fromarray(rgb).resize((width, TALL), Image.Resampling.LANCZOS))
    draw = ImageDraw.Draw(canvas, "RGBA")
    if photo.finished.head is not None:
        _bands(draw, photo, photo.finished.head, zoom)
        _marks(draw, photo, photo.finished.head, zoom, width, language)
    for number, finding in enumerate(against, 1):
        _region(draw, finding, number, zoom)
    y = TALL + PAD
    for number, (finding, parts) in enumerate(zip(against, lines, strict=False), 1):
        _badge(draw, (PAD + 11, y + 10), number, COLOURS[finding.status])
        for part in parts:
            draw.text((PAD + 34, y), part, INK, font(16))
            y += LINE
        y += 8
    file = BytesIO()
    if words:
        canvas.save(file, "PNG", optimize=True)
    else:
        canvas.save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()


def _across(head: Head, above: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point of the head's axis, and the direction of the line across it."""
    axis = np.array(head.axis)
    return np.array(head.eyes) + axis * above, np.array([-axis[1], axis[0]])


def _line(draw: ImageDraw, head: Head, mark: _Mark, zoom: float, width: int) -> float:
    """Draw a line across the photo; return its height at the right edge."""
    point, along = _across(head, mark.above)
    along = along if along[0] > 0 else -along
    point = (point + 0.5) * zoom
    slope = along[1] / along[0]
    y0, y1 = point[1] - point[0] * slope, point[1] + (width - point[0]) * slope
    colour = (*COLOURS[mark.status], 255 if mark.main else 150)
    draw.line([(0, y0), (width, y1)], fill=(255, 255, 255, 120), width=4 if mark.main else 3)
    draw.line([(0, y0), (width, y1)], fill=colour, width=2 if mark.main else 1)
    return float(y1)


def _worst(findings: Sequence[Finding], *checks: str) -> Status:
    """Worst verdict of some checks; PASS where they said nothing."""
    found = [finding.status for finding in findings if finding.check in checks and finding.status is not Status.SKIP]
    return max(found, key=lambda status: status.rank, default=Status.PASS)


def _marks(draw: ImageDraw, photo: Photo, head: Head, zoom: float, width: int, language: str) -> None:
    """Lines at crown, eyes and chin, with their measures beside the photo."""
    spec = photo.spec
    assert spec is not None
    findings = photo.findings

    def said(name: str, band: Band | None) -> str:
        measure = next((measure for measure in photo.measures if measure.name == name), None)
        if measure is None:
            return ""
        words = f"{measure.value:.1f} {measure.unit}"
        if band is None:
            return words
        judged = next((finding for finding in findings if finding.check == name), None)
        if judged is not None and judged.unit != measure.unit and isinstance(judged.measured, float):
            words += f" = {judged.measured:.1f} {judged.unit}"
        return f"{words} ({band.text.replace('..', '–')})"

    def written(name: str, measured: str, **values: str) -> str:
        return label(name, language, measured=measured, **values)

    crown = written("label-crown", said("top-margin", spec.top_margin), crown=spec.crown)
    marks = [
        _Mark(head.crown(spec.crown), crown, _worst(findings, "top-margin", "head-height")),
        _Mark(0.0, written("label-eyes", said("eye-line", spec.eye_line)), _worst(findings, "eye-line")),
        _Mark(
            -head.chin, written("label-chin", said("head-height", spec.head_height)), _worst(findings, "head-height")
        ),
    ]
    other = "hair" if spec.crown != "hair" else "skull"
    if abs(head.crown(other) - head.crown(spec.crown)) * zoom > 8:
        marks.append(_Mark(head.crown(other), label(other, language), Status.SKIP, main=False))
    taken: list[float] = []
    for mark in sorted(marks, key=lambda mark: -mark.above):
        y = _line(draw, head, mark, zoom, width)
        parts = _wrapped(mark.label, MARGIN - 40, size=15)
        place = max([y - 9 * len(parts), *(end + 6 for end in taken[-1:])])
        draw.line([(width, y), (width + 14, place + 9)], fill=COLOURS[mark.status], width=1)
        for part in parts:
            draw.text((width + 20, place), part, COLOURS[mark.status] if mark.main else PALE, font(15))
            place += 19
        taken.append(place)
    x = (head.eyes.x + 0.5) * zoom
    draw.line([(x, 0), (x, TALL)], fill=(255, 255, 255, 90), width=1)


def _bands(draw: ImageDraw, photo: Photo, head: Head, zoom: float) -> None:
    """Strips at the left edge: where the eyes may lie (outer), and where the crown may (inner)."""
    spec, size = photo.spec, photo.finished.source.size if photo.finished is not None else None
    assert spec is not None
    assert size is not None
    dpi = size.height / spec.size.mm[1] * 25.4 if spec.size is not None else None
    chin_y = head.eyes.y + head.chin

    def strip(x: int, low: float, high: float) -> None:
        top, bottom = max(0.0, low * zoom), min(float(TALL), high * zoom)
        if bottom > top:
            draw.rectangle([(x, top), (x + 9, bottom)], fill=(*GOOD, 110), outline=(255, 255, 255, 160))

    if spec.eye_line is not None:
        band = band_to_px(spec.eye_line, size.height, dpi)
        strip(0, size.height - band.high, size.height - band.low)
    if spec.head_height is not None:
        band = band_to_px(spec.head_height, size.height, dpi)
        strip(12, chin_y - band.high, chin_y - band.low)


def _region(draw: ImageDraw, finding: Finding, number: int, zoom: float) -> None:
    if finding.region is None:
        return
    x, y, width, height = (value * zoom for value in finding.region)
    colour = COLOURS[finding.status]
    draw.rectangle([(x, y), (x + width, y + height)], outline=(*colour, 255), width=2)
    # Regions often coincide; numbers then stand side by side.
    _badge(draw, (x + 12 + 26 * ((number - 1) % 8), max(12.0, y)), number, colour)


def _badge(draw: ImageDraw, place: tuple[float, float], number: int, colour: tuple[int, int, int]) -> None:
    x, y = place
    draw.ellipse([(x - 11, y - 11), (x + 11, y + 11)], fill=(*colour, 255), outline=(255, 255, 255, 255))
    draw.text((x, y), str(number), PAPER, font(13, BOLD), anchor="mm")


def _wrapped(text: str, width: int, size: int = 16) -> list[str]:
    """Break a text into lines that are no wider than `width` pixels."""
    face, lines, line = font(size), [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and face.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]
