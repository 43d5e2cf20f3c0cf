"""Show how far work on many photos has come: a bar for people, lines of JSON for programs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from idphoto.errors import printable

if TYPE_CHECKING:
    from idphoto.batch import Record
    from idphoto.cli.flags import ProgressMode

__all__ = ["Progress", "describe_counts", "describe_duration", "describe_record"]

SHOWN_FAILURES = 4
RATE_WINDOW = 50
"""The rate is that of so many results before now."""

WORDS = {
    "made": "made",
    "pass": "pass",
    "skip": "not judged",
    "ask": "ask",
    "warn": "warn",
    "fail": "fail",
    "quarantined": "not made",
}
STYLES = {"fail": "red", "quarantined": "bold red", "warn": "yellow", "ask": "cyan", "pass": "green", "skip": "dim"}


class Progress:
    """The progress of a command. Use it as a context.

    Parameters
    ----------
    mode : str
        ``bar`` on standard error; ``jsonl`` on standard output, one object in a line; ``off``; or ``auto``: the bar if
        standard error is a terminal.
    total : int
        Number of results to come.
    """

    def __init__(self, mode: ProgressMode, total: int) -> None:
        self.mode = ("bar" if sys.stderr.isatty() else "off") if mode == "auto" else mode
        self.total, self.done = total, 0
        self._started_at = time.monotonic()
        self.counts: Counter[str] = Counter()
        self._times: deque[float] = deque([time.monotonic()], maxlen=RATE_WINDOW)
        self._failures: deque[tuple[str, str, str]] = deque(maxlen=SHOWN_FAILURES)
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        if self.mode == "bar":
            from idphoto.cli import present

            columns: list[ProgressColumn] = [BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}")]
            self._bar = Bar(*columns, console=present.error_console)
            self._task = self._bar.add_task("", total=self.total)
            # Results that go to a file or a program stay on standard output.
            redirect = sys.stdout.isatty()
            self._live = Live(
                self._picture(),
                console=present.error_console,
                transient=True,
                refresh_per_second=4,
                redirect_stdout=redirect,
            )
            self._live.start()
        self.say("begin", total=self.total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    @property
    def is_for_programs(self) -> bool:
        """True if lines of JSON stand for all that is printed."""
        return self.mode == "jsonl"

    def close(self, exit_code: int) -> None:
        """Print the totals: a line for people, or one of JSON."""
        from idphoto.cli import present

        seconds = time.monotonic() - self._started_at
        self.say("end", counts=dict(self.counts), seconds=round(seconds, 3), exit_code=exit_code)
        if not self.is_for_programs:
            text = f"{self.done} results in {describe_duration(seconds)}: {describe_counts(self.counts)}."
            present.console.print(text, soft_wrap=True)

    def add(self, name: str, status: str, *, reason: str = "", reused: bool = False, **fields: Any) -> None:
        """Count a result.

        Parameters
        ----------
        name : str
            Of the photo, and the document.
        status : str
            ``quarantined``, or as in a report.
        reason : str
            Why there is no photo, or what is wrong with it.
        reused : bool
            True if an earlier run finished it; such results do not count for the rate.
        **fields
            What the line of JSON says beside these.
        """
        self.done += 1
        self.counts[status] += 1
        if not reused:
            self._times.append(time.monotonic())
        if status in ("fail", "quarantined"):
            self._failures.append((status, name, reason))
        self.say("result", name=name, status=status, reason=reason, reused=reused, done=self.done, **fields)
        if self._live is not None:
            self._bar.update(self._task, completed=self.done, total=self.total, description=self._describe_pace())
            self._live.update(self._picture())

    def say(self, event: str, **fields: Any) -> None:
        """Print a line of JSON, if that is the mode."""
        if self.mode == "jsonl":
            sys.stdout.write(json.dumps({"event": event, **fields}, ensure_ascii=True) + "\n")
            sys.stdout.flush()

    @property
    def rate(self) -> float:
        """Results per second."""
        elapsed = time.monotonic() - self._times[0]
        return (len(self._times) - 1) / elapsed if elapsed > 0 else 0.0

    def _describe_pace(self) -> str:
        if not self.rate:
            return ""
        left = describe_duration((self.total - self.done) / self.rate)
        return f"{self.rate:.1f} a second, {left} left"

    def _picture(self) -> Group:
        table = Table.grid(padding=(0, 1))
        for status, name, reason in self._failures:
            table.add_row(
                Text(WORDS[status], style=STYLES[status]), Text(printable(name)), Text(printable(reason), style="dim")
            )
        return Group(table, Text(describe_counts(self.counts)), self._bar)


def describe_counts(counts: Mapping[str, int]) -> str:
    """Return totals in words, such as ``38 pass, 2 fail``; nothing that is zero."""
    return ", ".join(f"{counts[status]} {word}" for status, word in WORDS.items() if counts.get(status))


def describe_duration(seconds: float) -> str:
    """Return a duration in words, such as ``2 min 5 s``."""
    whole = round(seconds)
    parts: Sequence[tuple[int, str]] = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    first = next((number for number, (count, _) in enumerate(parts) if count), 2)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def describe_record(record: Record) -> tuple[str, str]:
    """Return who and what a record of a batch is about, and what is wrong."""
    person = f"({record.person})" if record.person else ""
    name = " ".join(filter(None, (record.id, record.name, person, record.spec)))
    return name, record.fault.message if record.fault else ", ".join(record.codes)
