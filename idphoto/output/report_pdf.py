"""Write the report as one page of paper, for people to read and to hand over."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Table, TableStyle

from idphoto import messages
from idphoto.messages import label
from idphoto.output.annotated import draw_lines
from idphoto.output.typefaces import BOLD, REGULAR, UNITS_PER_EM
from idphoto.output.typesetting import Line, break_lines, set_line, write_line
from idphoto.output.verdict import STATUS_COLOURS, face_marks, place_badges, spread_labels
from idphoto.report import Status
from idphoto.units import MM_PER_INCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.output.verdict import Colour, Verdict
    from idphoto.report import File, Finding, Measure

__all__ = ["write_report"]

MM = 72 / MM_PER_INCH  # points
MARGIN = 12 * MM
WIDTH, HEIGHT = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN
SCALES = (1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5)
"""Sizes that are tried until everything fits on the page."""

PHOTO_MM = (52.0, 66.0)  # the photo is shown at its true size up to this width and height
PICTURE = (82 * MM, 70 * MM)  # most width and height of the picture of the verdict
GAP = 4 * MM
DEFAULT_MM = (35.0, 45.0)  # shown size of a photo that has no size on paper
JPEG_QUALITY = 92

INK, PALE, RULE = (30, 30, 30), (95, 95, 95), (208, 208, 208)
BADGE = 4.2  # radius in points


class _Style(NamedTuple):
    """Size of letters, distance of lines and space above in points, weight and colour."""

    size: float = 7.0
    leading: float = 9.6
    weight: str = REGULAR
    colour: Colour = INK
    above: float = 0.0


BODY = _Style()
SMALL = _Style(6.2, 8.4, REGULAR, PALE)
HEAD = _Style(8.4, 12.5, BOLD, above=4.0)
TITLE = _Style(14.0, 20.0, BOLD)


class _Text(Flowable):  # type: ignore[misc]
    """A paragraph of any language, set flush on the side where reading begins."""

    def __init__(self, text: str, style: _Style = BODY, *, rtl: bool = False) -> None:
        super().__init__()
        self.text, self.style, self.rtl = text, style, rtl
        self.lines: list[Line] = []

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Break the text for a width; return what it takes."""
        self.width = width
        self.lines = break_lines(self.text, width, self.style.size, self.style.weight, rtl=self.rtl)
        self.height = len(self.lines) * self.style.leading + self.style.above
        return width, self.height

    def draw(self) -> None:
        """Draw the lines, with the origin at the lower left corner."""
        _set_fill(self.canv, self.style.colour)
        for number, line in enumerate(self.lines):
            x = self.width - line.width * self.style.size / UNITS_PER_EM if self.rtl else 0.0
            y = self.height - self.style.above - (number + 0.5) * self.style.leading - 0.34 * self.style.size
            write_line(self.canv, (x, y), line, self.style.size)


class _Picture(Flowable):  # type: ignore[misc]
    """The photo with lines, numbers, and labels beside it."""

    def __init__(self, verdict: Verdict, width: float) -> None:
        super().__init__()
        size = verdict.size
        scale = min(PICTURE[0] / size.width, PICTURE[1] / size.height)
        self.verdict, self.width, self.scale = verdict, width, scale
        self.photo = (size.width * scale, size.height * scale)
        self.height = self.photo[1]

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return what it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it, with the origin at the lower left corner."""
        file = BytesIO()
        draw_lines(self.verdict).save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        left = self.width - self.photo[0] if self.verdict.rtl else 0.0
        Image(file, *self.photo).drawOn(self.canv, left, 0)
        self._labels(left)
        for badge in place_badges(self.verdict, BADGE / self.scale):
            _draw_badge(
                self.canv, (left + badge.x * self.scale, self.height - badge.y * self.scale), badge.number, badge.status
            )

    def _labels(self, left: float) -> None:
        rtl, leader = self.verdict.rtl, 4 * MM
        marks = face_marks(self.verdict)
        room = self.width - self.photo[0] - leader - 1
        texts = [break_lines(mark.label, room, BODY.size, rtl=rtl) for mark in marks]
        ends = [(mark.left if rtl else mark.right) * self.scale for mark in marks]
        heights = [len(lines) * BODY.leading for lines in texts]
        tops = spread_labels(ends, heights, self.height, 3)
        edge, away = (left, -1) if rtl else (left + self.photo[0], 1)
        for mark, lines, end, top in zip(marks, texts, ends, tops, strict=True):
            colour = STATUS_COLOURS[mark.status]
            self.canv.setLineWidth(0.4)
            self.canv.setStrokeColorRGB(*(part / 255 for part in colour))
            start = self.height - min(max(end, 0.0), self.height)
            self.canv.line(edge, start, edge + away * (leader - 3), self.height - top - BODY.leading / 2)
            _set_fill(self.canv, colour if mark.main else PALE)
            for number, line in enumerate(lines):
                x = edge + away * leader - (line.width * BODY.size / UNITS_PER_EM if rtl else 0)
                y = self.height - top - (number + 0.5) * BODY.leading - 0.34 * BODY.size
                write_line(self.canv, (x, y), line, BODY.size)


class _Number(Flowable):  # type: ignore[misc]
    """The number of a finding in a coloured disc."""

    def __init__(self, number: int, status: Status) -> None:
        super().__init__()
        self.number, self.status = number, status

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return what it takes."""
        self.width, self.height = width, 2 * BADGE + 1
        return width, self.height

    def draw(self) -> None:
        """Draw it, with the origin at the lower left corner."""
        _draw_badge(self.canv, (self.width / 2, self.height / 2), self.number, self.status)


def _set_fill(canvas: Any, colour: Colour) -> None:
    canvas.setFillColorRGB(*(part / 255 for part in colour))


def _draw_badge(canvas: Any, place: tuple[float, float], number: int, status: Status) -> None:
    _set_fill(canvas, STATUS_COLOURS[status])
    canvas.setStrokeColorRGB(1, 1, 1)
    canvas.setLineWidth(0.5)
    canvas.circle(*place, BADGE, stroke=1, fill=1)
    _set_fill(canvas, (255, 255, 255))
    line = set_line(str(number), BOLD)
    write_line(canvas, (place[0] - line.width * 5.6 / 2 / UNITS_PER_EM, place[1] - 2), line, 5.6)


class _Column(Flowable):  # type: ignore[misc]
    """Everything there is to say, one part below the other, drawn smaller by `scale`."""

    def __init__(self, parts: Sequence[Flowable], width: float, scale: float) -> None:
        super().__init__()
        self.parts, self.scale = parts, scale
        self.heights = [part.wrapOn(None, width, HEIGHT / scale)[1] for part in parts]
        self.width, self.height = width * scale, sum(self.heights) * scale

    def draw(self) -> None:
        """Draw it, with the origin at the lower left corner."""
        self.canv.scale(self.scale, self.scale)
        y = self.height / self.scale
        for part, height in zip(self.parts, self.heights, strict=True):
            y -= height
            part.drawOn(self.canv, 0, y)


class _Page:
    """The parts of the page, from the top down, before they are drawn smaller by `scale`."""

    def __init__(self, verdict: Verdict, scale: float) -> None:
        self.verdict, self.report = verdict, verdict.report
        self.scale, self.width = scale, WIDTH / scale
        self.language, self.rtl = verdict.language, verdict.rtl
        self.sources = list(dict.fromkeys(finding.source for finding in self.report.findings if finding.source))

    def text(self, words: str, style: _Style = BODY) -> _Text:
        return _Text(words, style, rtl=self.rtl)

    def data(self, words: str) -> str:
        """Keep names, addresses and numbers in order inside a text that runs from right to left."""
        return f"\u2066{words}\u2069" if self.rtl else words

    def named(self, name: str, value: str) -> str:
        return label("named", self.language, what=name, value=value)

    def head(self, name: str) -> _Text:
        return self.text(label(name, self.language), HEAD)

    def table(self, rows: Sequence[Sequence[Any]], widths: Sequence[float], *, ruled: bool = True) -> Table:
        """Make a table whose columns run in the direction of reading."""
        if self.rtl:
            rows, widths = [list(reversed(row)) for row in rows], list(reversed(widths))
        style: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("ALIGN", (0, 0), (-1, -1), "RIGHT" if self.rtl else "LEFT"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 0.8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
        ]
        style.append(("RIGHTPADDING", (-1, 0), (-1, -1), 0) if self.rtl else ("LEFTPADDING", (0, 0), (0, -1), 0))
        if ruled:
            style.append(("LINEBELOW", (0, 0), (-1, -1), 0.25, tuple(part / 255 for part in RULE)))
        return Table(rows, colWidths=widths, hAlign="LEFT", style=TableStyle(style))

    def title(self) -> list[Any]:
        status = self.report.status
        word = {Status.SKIP: Status.PASS}.get(status, status)
        style = TITLE._replace(size=12, colour=STATUS_COLOURS[word])
        shown = messages.status_word(word, self.language)
        width = set_line(shown, BOLD).width * style.size / UNITS_PER_EM + 10
        sentence = self.text(messages.verdict(status, self.language), BODY._replace(size=9, leading=20))
        return [
            self.text(self.data(self.report.title), TITLE),
            self.table([[self.text(shown, style), sentence]], [width, self.width - width], ruled=False),
        ]

    def pictures(self, photo: bytes) -> Table:
        """Show the photo at its true size where there is room, and the picture of the verdict."""
        size = self.verdict.spec.size
        mm = size.mm if size is not None else DEFAULT_MM
        share = min(1.0, PHOTO_MM[0] / mm[0], PHOTO_MM[1] / mm[1])
        points = [side * share * MM / self.scale for side in mm]
        shown = Image(BytesIO(photo), *points, kind="proportional")
        column: list[Any] = [shown]
        if size is not None:
            name = "photo-true-size" if share == 1 else "photo-smaller"
            words = label(name, self.language, size=f"{mm[0]:g} x {mm[1]:g} mm")
            column.append(self.text(words, SMALL))
        width = max(points[0], 34 * MM) + GAP
        return self.table(
            [[column, _Picture(self.verdict, self.width - width - 4)]], [width, self.width - width], ruled=False
        )

    def legend(self) -> list[Any]:
        cells = []
        for status in reversed(Status):
            style = BODY._replace(weight=BOLD, colour=STATUS_COLOURS[status])
            word = self.text(messages.status_word(status, self.language), style)
            cells.append([word, self.text(messages.status_meaning(status, self.language), SMALL)])
        return [self.head("page-legend"), self.table([cells], [self.width / len(cells)] * len(cells), ruled=False)]

    def against(self) -> list[Any]:
        """List findings against the photo, then what could not be judged."""
        findings: list[Finding] = [
            *self.verdict.numbered, *(entry for entry in self.report.findings if entry.status is Status.SKIP)
        ]  # fmt: skip
        if not findings:
            return []
        numbers = len(self.verdict.numbered)
        words = [messages.status_word(finding.status, self.language) for finding in findings]
        wide = max(set_line(word, BOLD).width for word in words) * BODY.size / UNITS_PER_EM + 6
        rows = [
            [
                _Number(number, finding.status) if number <= numbers else "",
                self.text(word, BODY._replace(weight=BOLD, colour=STATUS_COLOURS[finding.status])),
                self.text(messages.title(finding.check, self.language)),
                self.text(messages.sentences(finding, self.language)),
                self.text(self.source_number(finding), SMALL),
            ]
            for number, (finding, word) in enumerate(zip(findings, words, strict=True), 1)
        ]
        widths = [5 * MM, wide, 38 * MM, 0, 9 * MM]
        widths[3] = self.width - sum(widths)
        return [self.head("page-against"), self.table(rows, widths)]

    def passes(self) -> list[Any]:
        """List what is in order, in two columns."""
        texts = []
        for finding in self.report.findings:
            if finding.status is Status.PASS:
                required = messages.requirement(finding, self.language)
                words = messages.sentences(finding, self.language)
                if required and required not in words:
                    words += label("between", self.language) + label("required", self.language, limit=required)
                texts.append(f"{words} {self.source_number(finding)}".strip())
        return [self.head("page-passes"), self.columns(texts, 2)] if texts else []

    def measures(self) -> list[Any]:
        texts = [self.named(self.measure_name(entry), self.measured(entry)) for entry in self.report.measures]
        return [self.head("page-measures"), self.columns(texts, 3, SMALL)] if texts else []

    def columns(self, texts: Sequence[str], count: int, style: _Style = BODY) -> Table:
        """Arrange short texts in columns, to be read from the top down."""
        rows = -(-len(texts) // count)
        padded = [*texts, *[""] * (rows * count - len(texts))]
        cells = [[self.text(padded[column * rows + row], style) for column in range(count)] for row in range(rows)]
        return self.table(cells, [self.width / count] * count)

    def operations(self) -> list[Any]:
        if not self.report.operations:
            return []
        sentences = []
        for operation in self.report.operations:
            words = label(f"did-{operation.name}", self.language)
            if operation.ordered:
                words += label(
                    "bracketed", self.language, text=label("ordered", self.language, reason=operation.ordered)
                )
            sentences.append(words)
        return [self.head("page-operations"), self.text(label("between", self.language).join(sentences))]

    def small_print(self) -> list[Any]:
        """List sources and files, with their fingerprints."""
        parts: list[Any] = []
        if self.sources:
            parts.append(self.head("page-sources"))
            lines = [f"[{number}] {source}" for number, source in enumerate(self.sources, 1)]
            parts += [self.text(self.data(line), SMALL) for line in lines]
        parts.append(self.head("page-files"))
        files: list[tuple[str, File | None]] = [("file-given", self.report.source)]
        files += [("file-made", file) for file in self.report.files]
        parts += [self.text(self.file_line(role, file), SMALL) for role, file in files if file is not None]
        parts.append(self.text(label("made-with", self.language, version=self.report.idphoto), SMALL))
        return parts

    def source_number(self, finding: Finding) -> str:
        return f"[{self.sources.index(finding.source) + 1}]" if finding.source else ""

    def measure_name(self, measure: Measure) -> str:
        words = messages.catalogue(self.language).words
        name = measure.name.removesuffix("-px")
        return words.get(f"measure-{name}") or messages.title(name, self.language)

    def measured(self, measure: Measure) -> str:
        words = messages.written(abs(measure.value), measure.unit, self.language)
        if measure.uncertainty:
            words += f" ± {measure.uncertainty:.1f}"
        words = self.data(words)
        if measure.name == "centring" and round(measure.value, 1):
            words += f" {label('left' if measure.value < 0 else 'right', self.language)}"
        return words

    def file_line(self, role: str, file: File) -> str:
        pixels = f", {file.size[0]} × {file.size[1]} px" if file.size else ""
        length = f"{file.bytes} {label('file-bytes', self.language)}"
        facts = f"{file.name.lstrip('.')}{pixels}, SHA-256 {file.sha256}"
        return self.named(label(role, self.language), f"{self.data(facts)}, {length}")


def write_report(verdict: Verdict, photo: bytes) -> bytes:
    """Write the report as a PDF of one A4 page, in the verdict's language.

    Parameters
    ----------
    verdict : Verdict
        The report, and what its picture shows.
    photo : bytes
        The finished photo, JPEG or PNG; it is shown at its true size where there is room.
    """
    for scale in SCALES:
        page = _Page(verdict, scale)
        story: list[Any] = [
            *page.title(), page.pictures(photo), *page.against(), *page.legend(), *page.passes(), *page.measures(),
            *page.operations(), *page.small_print(),
        ]  # fmt: skip
        column = _Column(story, page.width, scale)
        if column.height <= HEIGHT:
            break
    file = BytesIO()
    title = label("page-title", verdict.language, title=verdict.report.title)
    canvas = Canvas(file, pagesize=A4, invariant=1, pageCompression=1, lang=verdict.language)
    canvas.setTitle(title)
    canvas.setAuthor("idphoto")
    column.drawOn(canvas, MARGIN, A4[1] - MARGIN - column.height)
    canvas.showPage()
    canvas.save()
    return file.getvalue()
