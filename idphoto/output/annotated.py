"""Draw a picture of the verdict: crown, eye line, chin and what is wrong, over the finished photo."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from idphoto.messages import sentences, status_meaning, status_word
from idphoto.output.typefaces import BOLD
from idphoto.output.typesetting import break_lines, draw_line, set_line
from idphoto.output.verdict import (
    BLAMING,
    STATUS_COLOURS,
    allowed_strips,
    face_marks,
    place_badges,
    spread_labels,
)
from idphoto.report import Status

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from idphoto.output.typesetting import Line
    from idphoto.output.verdict import Colour, Verdict

__all__ = ["PHOTO_HEIGHT_PX", "annotate_photo", "draw_lines"]

PHOTO_HEIGHT_PX = 900
"""Height of the photo in the picture."""

LABELS_PX = 330  # room for labels beside the photo
PAD_PX, LEADER_PX = 16, 20  # space around text; length of the stroke from a line to its label
TEXT_PX, LEADING_PX = 16, 23  # size of letters, and distance of lines of text
LABEL_PX, LABEL_LEADING_PX = 15, 20
BADGE_PX = 11  # radius
INK, PALE, PAPER = (30, 30, 30), (95, 95, 95), (255, 255, 255)


def annotate_photo(verdict: Verdict) -> bytes:
    """Draw the verdict over the finished photo; return a PNG file, sRGB.

    The photo is 900 pixels high. Labels with measures stand beside it, on the right or, in languages that are
    written from right to left, on the left. Numbers mark what speaks against the photo; below, sentences tell what
    it is, and a legend explains the words.
    """
    from PIL import Image, ImageDraw

    photo = draw_lines(verdict)
    width = photo.width + LABELS_PX
    foot = _foot(verdict, width)
    canvas = Image.new("RGB", (width, PHOTO_HEIGHT_PX + (foot.height if foot is not None else 0)), PAPER)
    left = LABELS_PX if verdict.rtl else 0
    canvas.paste(photo, (left, 0))
    draw = ImageDraw.Draw(canvas, "RGBA")
    _labels(draw, verdict, left, photo.width)
    zoom = PHOTO_HEIGHT_PX / verdict.size.height
    for badge in place_badges(verdict, BADGE_PX / zoom):
        _badge(draw, (left + badge.x * zoom, badge.y * zoom), badge.number, STATUS_COLOURS[badge.status])
    if foot is not None:
        canvas.paste(foot, (0, PHOTO_HEIGHT_PX))
    file = BytesIO()
    canvas.save(file, "PNG")
    return file.getvalue()


def draw_lines(verdict: Verdict) -> Image:
    """Draw lines, allowed strips and regions over the photo, without any text; return it 900 pixels high."""
    from PIL import Image, ImageDraw

    zoom = PHOTO_HEIGHT_PX / verdict.size.height
    width = round(verdict.size.width * zoom)
    photo = Image.fromarray(verdict.rgb).resize((width, PHOTO_HEIGHT_PX), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(photo, "RGBA")
    for edge, strip in zip((0, 12), allowed_strips(verdict), strict=True):
        if strip is not None:
            top, bottom = max(0.0, strip.top * zoom), min(float(PHOTO_HEIGHT_PX), strip.bottom * zoom)
            if bottom > top:
                colour = (*STATUS_COLOURS[Status.PASS], 110)
                draw.rectangle([(edge, top), (edge + 9, bottom)], fill=colour, outline=(255, 255, 255, 160))
    for mark in face_marks(verdict):
        ends = [(0.0, mark.left * zoom), (float(width), mark.right * zoom)]
        draw.line(ends, fill=(255, 255, 255, 120), width=4 if mark.main else 3)
        draw.line(ends, fill=(*STATUS_COLOURS[mark.status], 255 if mark.main else 150), width=2 if mark.main else 1)
    if verdict.head is not None:
        x = (verdict.head.eyes.x + 0.5) * zoom
        draw.line([(x, 0), (x, PHOTO_HEIGHT_PX)], fill=(255, 255, 255, 90), width=1)
    for finding in verdict.numbered:
        if finding.region is not None:
            left, top, across, down = (value * zoom for value in finding.region)
            outline = (*STATUS_COLOURS[finding.status], 255)
            draw.rectangle([(left, top), (left + across, top + down)], outline=outline, width=2)
    return photo


def _labels(draw: ImageDraw, verdict: Verdict, left: float, width: float) -> None:
    """Write the labels of the lines beside the photo."""
    marks = face_marks(verdict)
    zoom = PHOTO_HEIGHT_PX / verdict.size.height
    room = LABELS_PX - LEADER_PX - PAD_PX
    texts = [break_lines(mark.label, room, LABEL_PX, rtl=verdict.rtl) for mark in marks]
    ends = [(mark.left if verdict.rtl else mark.right) * zoom for mark in marks]
    heights = [len(lines) * LABEL_LEADING_PX for lines in texts]
    tops = spread_labels(ends, heights, PHOTO_HEIGHT_PX - PAD_PX / 2, 6)
    edge, away = (left, -1) if verdict.rtl else (left + width, 1)
    for mark, lines, end, top in zip(marks, texts, ends, tops, strict=True):
        first = top + LABEL_LEADING_PX / 2
        height = min(max(end, 0.0), float(PHOTO_HEIGHT_PX))
        draw.line([(edge, height), (edge + away * (LEADER_PX - 6), first)], fill=STATUS_COLOURS[mark.status], width=1)
        for number, line in enumerate(lines):
            start = edge + away * LEADER_PX - (line.width * LABEL_PX / 1000 if verdict.rtl else 0)
            baseline = top + number * LABEL_LEADING_PX + 15
            draw_line(draw, (start, baseline), line, LABEL_PX, STATUS_COLOURS[mark.status] if mark.main else PALE)


def _foot(verdict: Verdict, width: int) -> Image | None:
    """Draw what stands below the photo: numbered sentences, and the legend; None where nothing is wrong."""
    from PIL import Image, ImageDraw

    against = verdict.numbered
    if not against:
        return None
    room = width - 3 * PAD_PX - 2 * BADGE_PX
    texts = [sentences(finding, verdict.language) for finding in against]
    blocks = [break_lines(text, room, TEXT_PX, rtl=verdict.rtl) for text in texts]
    legend = [status for status in BLAMING if any(finding.status is status for finding in against)]
    words = [set_line(status_word(status, verdict.language), BOLD, rtl=verdict.rtl) for status in legend]
    indent = max(word.width for word in words) * TEXT_PX / 1000 + PAD_PX
    meanings = [
        break_lines(status_meaning(status, verdict.language), width - 2 * PAD_PX - indent, TEXT_PX, rtl=verdict.rtl)
        for status in legend
    ]
    rows = sum(len(lines) for lines in (*blocks, *meanings))
    height = 3 * PAD_PX + rows * LEADING_PX + 8 * (len(blocks) + len(meanings))
    foot = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(foot, "RGBA")
    y = float(PAD_PX)
    for number, (finding, lines) in enumerate(zip(against, blocks, strict=True), 1):
        middle = PAD_PX + BADGE_PX
        _badge(draw, (width - middle if verdict.rtl else middle, y + 11), number, STATUS_COLOURS[finding.status])
        y = _paragraph(draw, verdict, lines, y, 2 * PAD_PX + 2 * BADGE_PX, width)
    draw.line([(PAD_PX, y + 4), (width - PAD_PX, y + 4)], fill=(210, 210, 210))
    y += PAD_PX
    for status, word, lines in zip(legend, words, meanings, strict=True):
        x = width - PAD_PX - word.width * TEXT_PX / 1000 if verdict.rtl else PAD_PX
        draw_line(draw, (x, y + TEXT_PX), word, TEXT_PX, STATUS_COLOURS[status])
        y = _paragraph(draw, verdict, lines, y, PAD_PX + indent, width)
    return foot


def _paragraph(draw: ImageDraw, verdict: Verdict, lines: list[Line], y: float, indent: float, width: float) -> float:
    """Write lines of text from `y` down, indented from the side where reading begins; return where the next begins."""
    for line in lines:
        x = width - indent - line.width * TEXT_PX / 1000 if verdict.rtl else indent
        draw_line(draw, (x, y + TEXT_PX), line, TEXT_PX, INK)
        y += LEADING_PX
    return y + 8


def _badge(draw: ImageDraw, place: tuple[float, float], number: int, colour: Colour) -> None:
    x, y = place
    box = [(x - BADGE_PX, y - BADGE_PX), (x + BADGE_PX, y + BADGE_PX)]
    draw.ellipse(box, fill=(*colour, 255), outline=(255, 255, 255, 255))
    line = set_line(str(number), BOLD)
    draw_line(draw, (x - line.width * 13 / 2000, y + 4.7), line, 13, PAPER)
