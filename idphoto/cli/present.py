"""Print results in a terminal."""

from __future__ import annotations

import errno
import json
import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape as escape_markup
from rich.table import Table

from idphoto.errors import printable
from idphoto.messages import ENGLISH, label, say, sentences, status_meaning, status_word
from idphoto.report import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from idphoto.errors import IdPhotoError
    from idphoto.match import Match
    from idphoto.matting.networks import Network
    from idphoto.report import PrintSheet, Report
    from idphoto.spec import FoundSpecs, Spec
    from idphoto.spec.rulebook import RuleChange

__all__ = [
    "console",
    "error_console",
    "escape",
    "keep_output_free",
    "list_changes",
    "list_files",
    "list_matches",
    "list_networks",
    "list_specs",
    "list_stale",
    "print_json",
    "show_error",
    "show_legend",
    "show_licence",
    "show_line",
    "show_nearest",
    "show_notes",
    "show_notice",
    "show_progress",
    "show_report",
    "show_spec",
    "show_warning",
]


class _Console(Console):
    """A console that leaves the end of a closed pipe to the entry point; Rich would end with exit code 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError(errno.EPIPE, "nobody reads the output")


console = _Console(highlight=False)
error_console = _Console(stderr=True, highlight=False)

STYLES = {
    Status.PASS: "green",
    Status.SKIP: "dim",
    Status.ASK: "cyan",
    Status.WARN: "yellow",
    Status.FAIL: "red",
}


def escape(text: str) -> str:
    """Return a text as it is printed: no markup, and control characters as escapes; line breaks stay."""
    return escape_markup(printable(text, keep="\n"))


def keep_output_free() -> None:
    """Print to standard error from now on, because a file goes to standard output."""
    console.stderr = True


def print_json(data: object, *, indent: int | None = 2) -> None:
    """Print plain data as JSON."""
    sys.stdout.write(json.dumps(data, ensure_ascii=not _writes_unicode(), indent=indent) + "\n")
    sys.stdout.flush()


def _writes_unicode() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "ascii").lower().startswith("utf")


def _print_table(table: Table) -> None:
    # A pipe has no width, and a narrow table would cut the ids that scripts look for: it is printed 240 letters wide.
    (console if sys.stdout.isatty() else _Console(highlight=False, width=240)).print(table)


def show_error(problem: IdPhotoError, subject: str = "") -> None:
    """Print an error: its code, one sentence, and what to do next."""
    where = f"{printable(subject)}: " if subject else ""
    error_console.print(f"[bold red]error[/] [dim]\\[{problem.code}][/] {escape(where + str(problem))}", soft_wrap=True)


def show_warning(text: str) -> None:
    """Print a sentence about something that the user typed and that has no effect."""
    error_console.print(f"[bold yellow]warning[/] {escape(text)}", soft_wrap=True)


def show_notice(spec: Spec, language: str = ENGLISH) -> None:
    """Say why a photo for this document cannot simply be handed in, if that is so."""
    if spec.notice is None:
        return
    text = " ".join(say(spec.notice, {}, language))
    word = label("label-note", language)
    console.print(f"[bold yellow]{word}[/] [bold]{escape(spec.label)}[/]  {escape(text)}", soft_wrap=True)


def show_report(made: Report, *, name: str, verbose: bool = False, language: str = ENGLISH) -> None:
    """Print the verdict on one photo.

    Parameters
    ----------
    made : Report
        The report.
    name : str
        Name of the photo.
    verbose : bool
        Print the checks that pass, the measures, the operations and the timings, too.
    language : str
        Of the words for the statuses; the findings are printed as they are.
    """
    # If nothing speaks against the photo, it passes; what could not be judged is listed below.
    status = Status.PASS if made.status is Status.SKIP and made.checked else made.status
    word = status_word(status, language) if made.checked else label("label-not-checked", language)
    title = f"[bold]{escape(printable(name))}[/]  {escape(made.title)}"
    console.print(f"[bold {STYLES[status]}]{word}[/]  {title}", soft_wrap=True)
    shown = [finding for finding in made.findings if verbose or finding.status is not Status.PASS]
    width = max((cell_len(status_word(finding.status, language)) for finding in shown), default=0)
    for finding in sorted(shown, key=lambda finding: -finding.status.rank):
        word = set_cell_size(status_word(finding.status, language), width)
        text = escape(sentences(finding, language))
        console.print(f"  [{STYLES[finding.status]}]{word}[/] [dim]{finding.code}[/]  {text}", soft_wrap=True)
    if verbose:
        _show_details(made)


def _show_details(made: Report) -> None:
    """Print measures, operations and timings."""
    for measure in made.measures:
        doubt = f" ± {measure.uncertainty:g}" if measure.uncertainty else ""
        note = f"  ({measure.note})" if measure.note else ""
        value = f"{measure.value:g}{doubt} {measure.unit}"
        console.print(f"  [dim]{measure.name:<20}[/] {value}[dim]{escape(note)}[/]", soft_wrap=True)
    for operation in made.operations:
        console.print(f"  [dim]{operation.name:<20}[/] {escape(operation.detail)}", soft_wrap=True)
    total = sum(made.timings.values())
    stages = ", ".join(f"{stage} {ms:.0f}" for stage, ms in made.timings.items() if ms >= 0.5)
    console.print(f"  [dim]{'time':<20}[/] {total:.0f} ms ({stages})", soft_wrap=True)


def show_line(status: str, name: str, reason: str) -> None:
    """Print one result of a batch on one line."""
    style, word = ("bold red", "not made") if status == "quarantined" else (STYLES[Status(status)], status)
    console.print(f"[{style}]{word}[/] {escape(name)}  [dim]{escape(reason)}[/]", soft_wrap=True)


def show_legend(made: Iterable[Report], language: str = ENGLISH) -> None:
    """Explain the words for the statuses that occur in some reports, other than pass."""
    found = {finding.status for report in made for finding in report.findings} - {Status.PASS}
    for status in sorted(found, key=lambda status: -status.rank):
        meaning = escape(status_meaning(status, language))
        console.print(f"[{STYLES[status]}]{status_word(status, language)}[/] [dim]{meaning}[/]", soft_wrap=True)


def list_files(paths: Iterable[Path]) -> None:
    """Print the files that were written."""
    for path in paths:
        console.print(f"  [dim]wrote[/] {escape(printable(str(path)))}", soft_wrap=True)


def show_notes(sheet: PrintSheet | None, language: str = ENGLISH) -> None:
    """Print what the user should know about a print sheet."""
    word = label("label-note", language)
    for note in () if sheet is None else sheet.notes:
        console.print(f"  [cyan]{word}[/] [dim]{note.code}[/]  {escape(f'{note.message} {note.fix}')}", soft_wrap=True)


def list_matches(found: Sequence[Match]) -> None:
    """Print the verdict of each document on a photo, and what is lacking most often."""
    from idphoto.match import Fit

    styles = {Fit.AS_IT_IS: "green", Fit.AFTER_STEPS: "cyan", Fit.WITH_DOUBTS: "yellow", Fit.LACKS: "red"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "document", "verdict", "steps, what to look at, or what is missing"):
        table.add_column(column, no_wrap=column in ("id", "verdict"))
    for entry in sorted(found, key=lambda entry: list(Fit).index(entry.fit)):
        said = [finding.message for finding in entry.lacking or entry.doubts if finding.message not in entry.notice]
        steps = [] if entry.lacking or not entry.steps else [", ".join(entry.steps) + ("." if said else "")]
        detail = " ".join([entry.notice] * bool(entry.notice) + steps + said)
        table.add_row(entry.spec, escape(entry.title), f"[{styles[entry.fit]}]{entry.fit.value}[/]", escape(detail))
    _print_table(table)
    counts = {fit: sum(entry.fit is fit for entry in found) for fit in Fit}
    console.print(", ".join(f"{count} {fit.value}" for fit, count in counts.items()), soft_wrap=True)
    lacking = Counter(finding.code for entry in found for finding in {f.code: f for f in entry.lacking}.values())
    fixes = {finding.code: finding.fix for entry in found for finding in entry.lacking}
    for code, count in lacking.most_common():
        documents = "1 document" if count == 1 else f"{count} documents"
        console.print(f"  [dim]{code}[/] for {documents}: {escape(fixes[code])}", soft_wrap=True)


def show_nearest(found: FoundSpecs) -> None:
    """Say that no document is meant by a query, and that the nearest follow."""
    unknown = f" No document is known for: {', '.join(found.unknown)}." if found.unknown else ""
    show_warning(f"No document is meant by all of these words.{unknown} The nearest:")
    if not sys.stdout.isatty():
        error_console.print(escape("  " + ", ".join(spec.id for spec in found.specs)), soft_wrap=True)


def list_specs(specs: Iterable[Spec], language: str = ENGLISH) -> None:
    """Print documents, one to a line, with the names of countries in a language, and what their limits rest on."""
    from idphoto.spec import Confidence, name_country

    specs = list(specs)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "country", "document", "size", "head", "may be edited", "rests on"):
        table.add_column(column, no_wrap=column in ("id", "size"))
    for spec in specs:
        size = " / ".join(str(part) for part in (spec.size, spec.pixels) if part is not None)
        table.add_row(
            spec.id,
            spec.country_name if language == ENGLISH else name_country(spec.country, language) or spec.country_name,
            spec.title,
            size or spec.submit.value,
            f"{spec.head_height or ''} {'' if spec.crown == 'skull' else spec.crown}".strip(),
            spec.editing.allows.value,
            f"{spec.confidence.value}{', disputed' if spec.disputed else ''}",
        )
    _print_table(table)
    levels = Counter(spec.confidence for spec in specs if spec.has_authority)
    if len(specs) > 1 and levels:
        counts = ", ".join(f"{levels[level]} {level.value}" for level in Confidence)
        line = f"{sum(levels.values())} documents of authorities rest on: {counts}"
        console.print(f"[dim]{line} (the weakest source of their main limits)[/]", soft_wrap=True)


def list_networks(networks: Mapping[str, Network]) -> None:
    """Print the networks of others, one to a line."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "network", "MB", "licence", "here"):
        table.add_column(column, no_wrap=column == "name", justify="right" if column == "MB" else "left")
    for name, network in networks.items():
        megabytes = "" if network.bytes is None else f"{network.bytes / 1e6:.0f}"
        table.add_row(name, network.title, megabytes, network.licence, "yes" if network.ready else "")
    _print_table(table)


def show_licence(network: Network) -> None:
    """Print what a network is and under which licence."""
    console.print(f"[bold]{escape(network.title)}[/]", soft_wrap=True)
    console.print(f"  [dim]licence[/] {escape(f'{network.licence} {network.licence_url}'.strip())}", soft_wrap=True)
    if network.url is not None:
        console.print(f"  [dim]from[/] {escape(network.url)}", soft_wrap=True)
    if network.note:
        console.print(f"  [dim]note[/] {escape(network.note)}", soft_wrap=True)


@contextmanager
def show_progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show the progress of a download, if standard error is a terminal; give the function that updates it."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error_console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name)

        def update(done: int, size: int) -> None:
            bar.update(task, completed=done, total=size)

        yield update


def list_stale(specs: Iterable[Spec]) -> None:
    """Print documents with the day on which the oldest of their rules was read."""
    for spec in specs:
        console.print(f"{spec.checked}  {spec.id}  [dim]{escape(spec.label)}[/]", soft_wrap=True)


def list_changes(changes: Iterable[RuleChange]) -> None:
    """Print changes of rules, each with its source."""
    for change in changes:
        new = change.after or "no rule"
        text = f"{change.before} -> {new}" if change.before else new
        where = f" {change.url}" if change.url else ""
        by = f"{change.source}{where} ({change.confidence})" if change.source else ""
        console.print(f"{change.day}  {change.document}  [bold]{change.field}[/]  {escape(text)}", soft_wrap=True)
        if by:
            console.print(f"            [dim]{escape(by)}[/]", soft_wrap=True)


def show_spec(spec: Spec) -> None:
    """Print one document with the source of each of its rules."""
    from idphoto.spec.rulebook import describe_rule

    console.print(f"[bold]{escape(spec.label)}[/]  [dim]{spec.id}[/]", soft_wrap=True)
    checked = "never in writing" if spec.checked is None else f"on {spec.checked} or later"
    console.print(f"  [dim]version {spec.version}; each rule read {checked}[/]", soft_wrap=True)
    hidden = {"id", "country", "country_name", "title", "sources", "readings", "notes", "variants", "inherited"}
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        if name in hidden or value is None or value in ((), ""):
            continue
        source = spec.source_of(name)
        mark = f"[dim]\\[{spec.sources.index(source) + 1}][/]" if source is not None else ""
        advice = " [dim](from the standard)[/]" if name in spec.inherited else ""
        console.print(f"  {name:<14} {escape(describe_rule(value))} {mark}{advice}", soft_wrap=True)
    for reading in spec.readings:
        why = f"; {reading.why}" if reading.why else ""
        text = f"{reading.field} {reading.value} says {reading.source}{why}"
        console.print(f"  [dim]other reading:[/] {escape(text)}", soft_wrap=True)
    for note in spec.notes:
        console.print(f"  [dim]note:[/] {escape(note)}", soft_wrap=True)
    if spec.variants:
        console.print(f"  [dim]variants:[/] {', '.join(f'{spec.id}:{name}' for name in spec.variants)}")
    for number, source in enumerate(spec.sources, 1):
        where = f" {source.url}" if source.url else ""
        by = f" by {source.reader}" if source.reader else ""
        line = f"[{number}] {source.title}{where} ({source.confidence.value}, read {source.read}{by})"
        console.print(f"  [dim]{escape(line)}[/]", soft_wrap=True)
