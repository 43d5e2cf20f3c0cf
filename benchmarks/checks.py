"""Count the findings of each check on real portraits, in all and by lightness of skin.

    python -m benchmarks.checks ../shared/portraits --json benchmarks/checks.json && make schemas

The counts are those of the tables in docs/checks.md and docs/fairness.md. Every portrait is checked as it is, against
one document. Framing and background are left out, because these portraits were not framed for a document. Groups are
by the individual typology angle (ITA) of the cheeks in the photo.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import idphoto
from idphoto.checks import CHECKS, Measurements, Subject
from idphoto.errors import IdPhotoError
from idphoto.quality.colour import measure_typology_angle

SPEC = "schengen-visa"
COUNTED_CHECKS = (
    "pose", "shoulders", "visibility", "eyes", "gaze", "glasses", "red-eyes", "mouth", "expression", "forehead",
    "hands", "light", "exposure", "contrast", "skin", "sharpness", "compression",
)  # fmt: skip
CAPTURE_CHECKS = ("pose", "eyes", "light", "exposure", "skin", "sharpness", "compression")
"""Checks that should not object to a good studio portrait; portraits at which any of them does are listed."""

SKIN_GROUPS = (
    ("very light", 55, 181), ("light", 41, 55), ("intermediate", 28, 41), ("tan", 10, 28), ("brown", -30, 10),
    ("dark", -181, -30),
)  # fmt: skip
"""Name of each group, and the ITA in degrees that its members exceed and do not exceed."""

STATUSES_BY_SEVERITY = ("pass", "skip", "ask", "warn", "fail")


class Row(NamedTuple):
    """The result of one portrait.

    Attributes
    ----------
    folder, name : str
        The file.
    group : str
        Lightness of skin.
    statuses : dict
        Worst status of each check.
    ms : float
        Milliseconds of all checks.
    """

    folder: str
    name: str
    group: str
    statuses: dict[str, str]
    ms: float


def find_worst_statuses(photo: idphoto.Photo) -> dict[str, str]:
    """Find the worst status of each check."""
    severity = STATUSES_BY_SEVERITY.index
    found: dict[str, str] = {}
    for finding in photo.report.findings:
        now = finding.status.value
        if finding.check not in found or severity(now) > severity(found[finding.check]):
            found[finding.check] = now
    return found


def group_of(angle: float) -> str:
    """Return the group of an individual typology angle in degrees."""
    return next(name for name, low, high in SKIN_GROUPS if low < angle <= high)


def check_portraits(portraits: Path, every: int) -> list[Row]:
    """Check every portrait that has one face, or every Nth of them."""
    rows = []
    for path in sorted(portraits.glob("*/*.jpg"))[::every]:
        try:
            photo = idphoto.check(path, SPEC)
        except IdPhotoError as problem:
            print(f"{path.name}: {problem}", flush=True)
            continue
        assert photo.spec is not None
        assert photo.finished is not None
        aligned = Measurements(photo.finished).aligned
        angle = None if aligned is None else measure_typology_angle(aligned)
        alone = Subject(Measurements(photo.finished, photo.alpha), photo.spec)
        began = time.perf_counter()
        for check in CHECKS:
            check(alone)
        spent = (time.perf_counter() - began) * 1000
        group = "not measured" if angle is None else group_of(angle)
        rows.append(Row(path.parent.name, path.stem, group, find_worst_statuses(photo), spent))
    return rows


def count_by_skin(rows: list[Row]) -> dict[str, dict]:
    """Count the portraits of each group, and for each check those of the group with ask, warn or fail."""
    names = [name for name, *_ in SKIN_GROUPS]
    loud = ("ask", "warn", "fail")
    return {
        "groups": {name: sum(row.group == name for row in rows) for name in names},
        "spoken": {
            check: {name: sum(row.group == name and row.statuses.get(check) in loud for row in rows) for name in names}
            for check in COUNTED_CHECKS
        },
    }


def find_objections(row: Row) -> list[str]:
    """Return the capture checks that warn about a portrait or fail it."""
    return [check for check in CAPTURE_CHECKS if row.statuses.get(check) in ("warn", "fail")]


def count(rows: list[Row]) -> dict:
    """Make the content of ``checks.json``."""
    studio = [row for row in rows if row.folder == "studio"]
    return {
        "photos": len(rows),
        "studio": len(studio),
        "alarms": {check: dict(Counter(row.statuses.get(check, "pass") for row in studio)) for check in COUNTED_CHECKS},
        "any": sum(bool(find_objections(row)) for row in studio),
        "all": count_by_skin(rows),
        "even": count_by_skin(studio),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("--every", type=int, default=1, help="check only every Nth portrait, for a quick trial")
    parser.add_argument("--json", type=Path, help="file to write the counts to; docs.tables makes pages of them")
    arguments = parser.parse_args()
    rows = check_portraits(arguments.portraits, arguments.every)
    counts = count(rows)
    for check in COUNTED_CHECKS:
        print(f"{check:12s} {counts['alarms'][check]}  by skin {counts['all']['spoken'][check]}")
    print(
        f"any of {', '.join(CAPTURE_CHECKS)}: {counts['any']} of {counts['studio']}; groups {counts['all']['groups']}"
    )
    for row in rows:
        if row.folder == "studio" and find_objections(row):
            print(row.name, *find_objections(row))
    spent = sorted(row.ms for row in rows)
    print(f"checks alone: median {spent[len(spent) // 2]:.0f} ms, 95 % {spent[int(len(spent) * 0.95)]:.0f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
