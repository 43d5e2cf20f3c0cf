"""The report on one page of paper, for a studio to hand over."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from idphoto import messages
from idphoto.output.fonts import BOLD, PLAIN, register
from idphoto.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idphoto.report import File, Finding, Report

__all__ = ["write_report"]

MARGIN = 12  # mm
COLOURS = {
    Status.FAIL: "#C81E1E",
    Status.WARN: "#B36B00",
    Status.ASK: "#146EBE",
    Status.SKIP: "#787878",
    Status.PASS: "#1C8C46",
}


def write_report(report: Report, photo: bytes, picture: bytes, mm: tuple[float, float] | None, language: str) -> bytes:
    """Write the report as a PDF of one A4 page.

    Parameters
    ----------
    report : Report
        What there is to say.
    photo : bytes
        The finished photo, JPEG or PNG.
    picture : bytes
        The same with the verdict drawn over it, JPEG or PNG.
    mm : tuple of float, optional
        Width and height of the photo on paper, at which it is shown; a passport's size if None.
    language : str
        Of headings and of the checks' names.
    """
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm as unit
    from reportlab.platypus import Frame, Image, KeepInFrame, Paragraph, Spacer, Table, TableStyle
    from reportlab.platypus.doctemplate import BaseDocTemplate, PageTemplate

    register()
    small = ParagraphStyle("small", fontName=PLAIN, fontSize=6.6, leading=8.4)
    head = ParagraphStyle("head", parent=small, fontName=BOLD, fontSize=8, leading=11, spaceBefore=4)
    title = ParagraphStyle("title", parent=head, fontSize=13, leading=17)

    def text(words: str, style: ParagraphStyle = small) -> Paragraph:
        return Paragraph(words, style)

    def table(rows: list[list[Any]], widths: list[float], *, ruled: bool = True) -> Table:
        made = Table(rows, colWidths=[width * unit for width in widths], hAlign="LEFT")
        looks: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 0.6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
        ]
        if ruled:
            looks.append(("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#D0D0D0")))
        made.setStyle(TableStyle(looks))
        return made

    def shown(data: bytes, width: float, height: float) -> Image:
        return Image(BytesIO(data), width=width * unit, height=height * unit, kind="proportional")

    sources = list(dict.fromkeys(finding.source for finding in report.findings if finding.source))
    wide = A4[0] / unit - 2 * MARGIN
    size = mm or (35.0, 45.0)
    # Shown at true size as long as that leaves room for the picture of the verdict.
    scale = min(1.0, 52 / size[0], 70 / size[1])
    measures = [
        [text(escape(measure.name)), text(f"{measure.value:g}{_doubt(measure.uncertainty)} {escape(measure.unit)}")]
        for measure in report.measures
    ]
    word = {Status.SKIP: Status.PASS}.get(report.status, report.status)
    story: list[Any] = [
        text(f'{escape(report.title)} <font color="{COLOURS[word]}">{word.value.upper()}</font>', title),
        Spacer(1, 2),
        Table(
            [[shown(photo, size[0] * scale, size[1] * scale), shown(picture, 88, 74), table(measures, [25, 23])]],
            colWidths=[54 * unit, 84 * unit, None],
            style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]),
        ),
        text(escape(messages.label("page-findings", language)), head),
        table(
            [_row(finding, sources, language, text) for finding in _ordered(report.findings)], [11, 38, 22, 28, 80, 7]
        ),
    ]
    if report.operations:
        story.append(text(escape(messages.label("page-operations", language)), head))
        done = [[text(escape(op.name)), text(escape(_operation(op.detail, op.ordered)))] for op in report.operations]
        story.append(table(done, [38, wide - 38]))
    if sources:
        story.append(text(escape(messages.label("page-sources", language)), head))
        story += [text(f"[{number}] {escape(source)}") for number, source in enumerate(sources, 1)]
    story.append(text(escape(messages.label("page-files", language)), head))
    files = [("source", report.source), *(("made", file) for file in report.files)]
    story += [text(_file(role, file)) for role, file in files]
    story.append(text(f"idphoto {escape(report.idphoto)}, report schema {report.schema_version}"))

    file = BytesIO()
    document = BaseDocTemplate(
        file, pagesize=A4, title=f"Report: {report.title}", author="idphoto", invariant=1, pageCompression=1
    )
    frame = Frame(
        MARGIN * unit, MARGIN * unit, wide * unit, A4[1] - 2 * MARGIN * unit,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    document.addPageTemplates(PageTemplate(frames=[frame]))
    # Whatever there is to say stays on one page.
    document.build([KeepInFrame(wide * unit, A4[1] - 2 * MARGIN * unit - 2, story, mode="shrink")])
    return file.getvalue()


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -finding.status.rank)


def _row(finding: Finding, sources: list[str], language: str, text: Any) -> list[Any]:
    against = finding.status not in (Status.PASS, Status.SKIP)
    words = f"{finding.message} {finding.fix}".strip() if against else finding.message
    if finding.accepted:
        words += f" ({finding.accepted})"
    unit = f" {finding.unit}" if finding.unit and not isinstance(finding.measured, str) else ""
    measured = "" if finding.measured is None else f"{finding.measured}{unit}"
    number = f"[{sources.index(finding.source) + 1}]" if finding.source else ""
    return [
        text(f'<font name="{BOLD}" color="{COLOURS[finding.status]}">{finding.status.value}</font>'),
        text(escape(messages.title(finding.check, language))),
        text(escape(measured)),
        text(escape(finding.limit)),
        text(escape(words)),
        text(number),
    ]


def _doubt(uncertainty: float | None) -> str:
    return f" ± {uncertainty:g}" if uncertainty else ""


def _operation(detail: str, ordered: str) -> str:
    return f"{detail}; ordered: {ordered}" if ordered else detail


def _file(role: str, file: File | None) -> str:
    if file is None:
        return f"{role}: unknown"
    pixels = f", {file.size[0]} x {file.size[1]} px" if file.size else ""
    return escape(f"{role}: {file.name.lstrip('.')}, {file.bytes} bytes{pixels}, SHA-256 {file.sha256}")
