"""Measure on the reporting half how often covers are found, and how often there are false alarms.

    python -m training.covered_faces.evaluate_covers ../shared/portraits

Prints, for each part, the portraits without any cover on which it counts as hidden, by skin lightness, and the share of
drawn covers that are found, by kind.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import cv2

from benchmarks.checks import group_of
from idphoto.faces import find_faces
from idphoto.quality.aligned import align_face
from idphoto.quality.colour import measure_typology_angle
from idphoto.quality.visibility import PARTS, can_judge_visibility, score_hidden_parts
from training.covered_faces.train_covers import HIDDEN, Sample, make_all_samples, score_sample
from training.mouth.labels import read_halves


def find_group(path: Path) -> str:
    """Return the skin lightness of a portrait, and "not judged" where covers are not judged."""
    rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    face = find_faces(rgb)[0]
    if face.mesh is None or not can_judge_visibility(face.eye_distance, face.yaw):
        return "not judged"
    aligned = align_face(rgb, face.mesh)
    assert score_hidden_parts(aligned)
    angle = measure_typology_angle(aligned)
    return "not measured" if angle is None else group_of(angle)


def count(samples: list[Sample], groups: dict[str, str]) -> tuple[dict, dict]:
    """Count alarms on portraits as they are, by part and group, and covers found, by kind and part."""
    alarms: dict[tuple[str, str], list[bool]] = defaultdict(list)
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for sample in samples:
        if groups[sample.name] == "not judged":
            continue
        for name, log_odds in score_sample(sample).items():
            over = log_odds > PARTS[name].max_log_odds
            if sample.kind == "none" and not sample.varied:
                alarms[PARTS[name].model, groups[sample.name]].append(over)
            elif sample.hidden[name] >= HIDDEN:
                found[sample.kind, PARTS[name].model].append(over)
    return alarms, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/ and scenes/")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    halves = read_halves()
    paths = [path for path in sorted(arguments.portraits.glob("s*/*.jpg")) if halves.get(path.stem) == "reporting"]
    groups = {path.stem: find_group(path) for path in paths}
    alarms, found = count(make_all_samples(paths, arguments.processes), groups)
    for title, table in (("false alarms", alarms), ("found", found)):
        print(title)
        for key, hits in sorted(table.items()):
            print(f"  {key[0]:8} {key[1]:14} {sum(hits)} of {len(hits)}")


if __name__ == "__main__":
    main()
