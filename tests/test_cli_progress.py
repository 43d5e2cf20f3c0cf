"""Progress on many photos: a bar in a terminal, lines of JSON for programs, and totals in any case."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from idphoto.cli.progress import Progress, describe_counts, describe_duration
from tests.test_cli_files import run


@pytest.fixture
def folder(sample, tmp_path) -> Path:
    """Return a folder with a portrait and a file that is no picture."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(sample.read_bytes())
    (tmp_path / "in/b.jpg").write_text("not a picture")
    return tmp_path


def test_totals_come_last_and_nothing_else_is_shown_without_a_terminal(folder) -> None:
    code, out, err = run(folder, "check", "in", "--spec", "cn-1inch")
    assert code == 2
    assert out.decode().splitlines()[-1].endswith("1 fail, 1 not made.")
    assert err.count("\n") == 1
    assert "b.jpg is not a picture" in err


@pytest.mark.parametrize("command", [("check", "--spec", "cn-1inch"), ("cutout",)], ids=["check", "cutout"])
def test_programs_get_a_line_of_json_for_each_result(folder, command) -> None:
    code, out, _ = run(folder, command[0], "in", *command[1:], "--progress", "jsonl")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines] == ["begin", "result", "result", "end"]
    assert lines[0]["total"] == 2
    assert lines[2]["code"] == "input.unreadable"
    assert lines[3]["exit_code"] == code == 2


def test_a_single_photo_has_no_totals(folder) -> None:
    _, out, _ = run(folder, "check", "in/a.jpg", "--spec", "cn-1inch", "--progress", "jsonl")
    assert b"results in" not in out
    assert b'"event"' not in out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_a_terminal_shows_a_bar_with_the_last_failures(folder) -> None:
    import pty

    process, terminal = pty.fork()
    if process == 0:
        environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}
        os.chdir(Path(__file__).parents[1])
        command = [sys.executable, "-m", "idphoto", "check", str(folder / "in"), "--spec", "cn-1inch"]
        os.execve(sys.executable, command, environment)
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    os.waitpid(process, 0)
    text = shown.decode()
    assert "2/2" in text
    assert "not made" in text
    assert " left" in text
    assert "pixels.outside" in text


def test_the_rate_counts_only_what_was_worked_on() -> None:
    with Progress("off", 100) as progress:
        for number in range(50):
            progress.add(str(number), "pass", reused=True)
        assert progress.rate == 0
        progress.add("50", "fail")
        assert progress.rate > 0
    assert describe_counts(progress.counts) == "50 pass, 1 fail"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.6, "1 s"), (59, "59 s"), (60, "1 min"), (125, "2 min 5 s"), (3600, "1 h"), (7322, "2 h 2 min")],
)
def test_durations_are_written_in_two_units_at_most(seconds, words) -> None:
    assert describe_duration(seconds) == words
