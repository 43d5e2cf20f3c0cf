"""Make documents from pictures, write down every verdict, and compare the verdicts of two versions with a person's.

    python -m benchmarks.verdicts make OUT.jsonl PICTURE ... --documents us-passport,schengen-visa [--photos FOLDER]
    python -m benchmarks.verdicts cases BEFORE.jsonl AFTER.jsonl
    python -m benchmarks.verdicts compare BEFORE.jsonl AFTER.jsonl benchmarks/signed.csv

``make`` writes a line for each picture and document; a run that was stopped goes on where it ended. To judge with an
older version, run this file itself with ``PYTHONPATH`` set to a checkout of that version. ``cases`` counts for each
picture how many documents end with which exit code, and the codes of the findings. ``compare`` takes what a person
said of the finished photos, from the rules of the document alone and before any verdict of the program was known, and
prints how often each version agrees: on the whole photo (column ``verdict``), and on the face alone (``face``), since
a background that is not allowed decides all else. A question agrees with both verdicts of the person.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import idphoto

NOT_IN_THE_PICTURE = frozenset({"recency", "capture", "file", "resolution", "pixels", "editing"})
"""Checks of what a person cannot see in the finished photo; they do not count when verdicts are compared."""
OF_THE_FACE = frozenset(
    {
        "pose", "visibility", "eyes", "gaze", "glasses", "red-eyes", "mouth", "expression", "forehead", "hands",
        "light", "exposure", "contrast", "skin", "sharpness",
    }
)  # fmt: skip
"""Checks that judge what the column ``face`` judges."""


def describe(result: Any) -> dict[str, Any]:
    """Return status and findings of a photo, or the code of an error."""
    if isinstance(result, idphoto.IdPhotoError):
        return {"status": "error", "error": result.code, "findings": []}
    findings = [[found.check, found.status.value, found.code, found.measured] for found in result.report.findings]
    return {"status": result.report.status.value, "findings": findings}


def make(pictures: list[Path], documents: list[str], out: Path, photos: Path | None) -> None:
    """Make all documents of each picture and append a line for each to `out`."""
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    done = {(row["photo"], row["document"]) for row in map(json.loads, lines)}
    with out.open("a", encoding="utf-8") as file:
        for path in pictures:
            wanted = [name for name in documents if (path.stem, name) not in done]
            if not wanted:
                continue
            try:
                results = list(idphoto.make_each(path, spec=wanted))
            except idphoto.IdPhotoError as error:
                results = [error] * len(wanted)
            for name, result in zip(wanted, results, strict=True):
                file.write(json.dumps({"photo": path.stem, "document": name, **describe(result)}) + "\n")
                if photos is not None and not isinstance(result, idphoto.IdPhotoError):
                    (photos / f"{path.stem}.{name}.jpg").write_bytes(result.files[".jpg"])
            file.flush()


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the lines that ``make`` wrote."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def exit_code(row: dict[str, Any]) -> int:
    """Return the exit code of the command line for a row."""
    return {"error": 2, "fail": 1}.get(row["status"], 0)


def count_cases(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return, for each picture, the number of documents by exit code and the objections of all checks of the face."""
    text = {}
    by_photo: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row.get("error") != "spec.no-photo":
            by_photo[row["photo"]].append(row)
    for photo, mine in by_photo.items():
        codes = Counter(f"{code}:{status}" for row in mine for _, status, code, _ in row["findings"])
        errors = Counter(row["error"] for row in mine if "error" in row)
        shown = ", ".join(f"{code} {count}" for code, count in codes.most_common())
        text[photo] = f"exit {dict(Counter(map(exit_code, mine)))} {dict(errors)}; {shown}"
    return text


def find_codes(row: dict[str, Any], column: str, statuses: tuple[str, ...]) -> list[str]:
    """Return the codes of findings about what a column judges that have one of some statuses."""
    if row["status"] == "error":
        return [row["error"]] if "fail" in statuses else []
    return [
        code
        for check, status, code, _ in row["findings"]
        if status in statuses and (check in OF_THE_FACE if column == "face" else check not in NOT_IN_THE_PICTURE)
    ]


def compare(rows: list[dict[str, Any]], judged: list[dict[str, str]], column: str) -> None:
    """Print agreement, false passes and false objections by document, and each disagreement."""
    found = {(row["photo"], row["document"]): row for row in rows}
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for line in judged:
        row = found[line["photo"], line["document"]]
        objections, questions = find_codes(row, column, ("warn", "fail")), find_codes(row, column, ("ask",))
        kind = "agree"
        if line[column] == "sign" and objections:
            kind = "false objection"
        elif line[column] == "refuse" and not objections + questions:
            kind = "false pass"
        for name in (line["document"], "all"):
            totals[name][kind] += 1
        if kind != "agree":
            print(f"  {kind:15} {line['photo']:12} {line['document']:18} {line['reason']} | {', '.join(objections)}")
    for document, counts in totals.items():
        count = sum(counts.values())
        print(
            f"{document:20} {count:4} agree {counts['agree']} ({counts['agree'] / count:.0%}),"
            f" false passes {counts['false pass']}, false objections {counts['false objection']}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("make")
    maker.add_argument("out", type=Path)
    maker.add_argument("pictures", type=Path, nargs="+")
    maker.add_argument("--documents", default="", help="ids with commas; all documents if none are given")
    maker.add_argument("--photos", type=Path, help="folder for the finished photos")
    for name in ("cases", "compare"):
        command = commands.add_parser(name)
        command.add_argument("before", type=Path)
        command.add_argument("after", type=Path)
        if name == "compare":
            command.add_argument("judged", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "make":
        documents = arguments.documents.split(",") if arguments.documents else [s.id for s in idphoto.all_specs()]
        make(arguments.pictures, documents, arguments.out, arguments.photos)
        return
    versions = {"before": read_rows(arguments.before), "after": read_rows(arguments.after)}
    if arguments.command == "cases":
        before, after = (count_cases(rows) for rows in versions.values())
        for photo, text in before.items():
            print(f"{photo}\n  before {text}\n  after  {after.get(photo)}")
        return
    with arguments.judged.open(encoding="utf-8", newline="") as file:
        judged = list(csv.DictReader(file))
    for name, rows in versions.items():
        for column in ("verdict", "face"):
            print(f"{name}, {column}")
            compare(rows, judged, column)


if __name__ == "__main__":
    main()
