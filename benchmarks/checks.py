"""How often each check speaks up on real portraits, and on whom: the tables of docs/checks.md and docs/fairness.md.

    python -m benchmarks.checks ../shared/portraits --json benchmarks/checks.json && make schemas

Every portrait is checked as it is, against one document; framing and background are left out,
since nobody framed these portraits for a document. Groups are by the individual typology angle
(ITA) of the cheeks as photographed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import idphoto
from idphoto.checks import CHECKS, Measurements, Subject
from idphoto.errors import IdPhotoError
from idphoto.quality.colour import measure_typology_angle

SPEC = "schengen-visa"
JUDGED = (
    "pose", "shoulders", "eyes", "gaze", "glasses", "red-eyes", "mouth", "expression", "forehead", "hands", "light",
    "exposure", "contrast", "skin", "sharpness", "compression",
)  # fmt: skip
GATED = ("pose", "eyes", "light", "exposure", "skin", "sharpness", "compression")
GROUPS = (("very light", 55, 181), ("light", 41, 55), ("intermediate", 28, 41), ("tan", 10, 28), ("brown", -30, 10),
          ("dark", -181, -30))  # fmt: skip
WORST = ("pass", "skip", "ask", "warn", "fail")


def verdicts(photo: idphoto.Photo) -> dict[str, str]:
    """Worst status of each check."""
    found: dict[str, str] = {}
    for finding in photo.report.findings:
        now = finding.status.value
        if finding.check not in found or WORST.index(now) > WORST.index(found[finding.check]):
            found[finding.check] = now
    return found


def group_of(angle: float) -> str:
    return next(name for name, low, high in GROUPS if low < angle <= high)


def look(portraits: Path, every: int) -> list[tuple[str, str, str, dict[str, str], float]]:
    """Folder, name, group, verdicts and milliseconds of the checks, of every portrait with one face."""
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
        rows.append((path.parent.name, path.stem, group, verdicts(photo), spent))
    return rows


def by_skin(rows: list[tuple[str, str, str, dict[str, str], float]]) -> dict[str, dict]:
    """How many portraits there are of each skin lightness, and for how many of them each check speaks up."""
    return {
        "groups": {name: sum(row[2] == name for row in rows) for name, *_ in GROUPS},
        "spoken": {
            check: {
                name: sum(row[2] == name and row[3].get(check) in ("ask", "warn", "fail") for row in rows)
                for name, *_ in GROUPS
            }
            for check in JUDGED
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to keep the counts; docs.tables makes pages of them")
    arguments = parser.parse_args()
    rows = look(arguments.portraits, arguments.every)
    studio = [row for row in rows if row[0] == "studio"]
    spent = sorted(row[4] for row in rows)
    counts = {
        "photos": len(rows),
        "studio": len(studio),
        "alarms": {check: dict(Counter(row[3].get(check, "pass") for row in studio)) for check in JUDGED},
        "any": sum(any(row[3].get(check) in ("warn", "fail") for check in GATED) for row in studio),
        "all": by_skin(rows),
        "even": by_skin(studio),
    }
    for check in JUDGED:
        print(f"{check:12s} {counts['alarms'][check]}  by skin {counts['all']['spoken'][check]}")
    print(f"any of {', '.join(GATED)}: {counts['any']} of {len(studio)}; groups {counts['all']['groups']}")
    for row in studio:
        loud = [check for check in GATED if row[3].get(check) in ("warn", "fail")]
        if loud:
            print(row[1], *loud)
    print(f"checks alone: median {spent[len(spent) // 2]:.0f} ms, 95 % {spent[int(len(spent) * 0.95)]:.0f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
