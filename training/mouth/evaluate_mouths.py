"""Compare what the checks of mouth and expression say with what was seen, on the reporting half of the portraits.

    python -m training.mouth.evaluate_mouths ../shared/portraits

Prints how each kind of mouth is called, then by skin lightness the closed mouths that are called open, the open ones
that are called closed, and the same for smiles. With ``--half tuning`` it does so for the half that the limits were
chosen on.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import cv2

from benchmarks.checks import SKIN_GROUPS, group_of
from idphoto.faces import find_faces
from idphoto.quality.aligned import align_face
from idphoto.quality.colour import measure_typology_angle
from idphoto.quality.mouth import MAX_OPENING, MAX_RISE, MAX_TEETH, measure_mouth
from training.mouth.labels import read_labels

CLOSED = ("neutral", "smile")


class Judged(NamedTuple):
    """A mouth: what was seen, what is said about it, and the skin lightness of the portrait."""

    seen: str
    called: str
    smiles: bool
    group: str


def judge(path: Path, seen: str) -> Judged:
    """Measure the mouth of a portrait."""
    rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    mesh = find_faces(rgb)[0].mesh
    assert mesh is not None
    face = align_face(rgb, mesh)
    mouth, angle = measure_mouth(rgb, mesh, face), measure_typology_angle(face)
    group = "not measured" if angle is None else group_of(angle)
    if mouth is None:
        return Judged(seen, "not judged", False, group)
    called = "teeth" if mouth.teeth > MAX_TEETH else "open" if mouth.opening > MAX_OPENING else "closed"
    return Judged(seen, called, mouth.rise > MAX_RISE, group)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/ and scenes/")
    parser.add_argument("--half", choices=("tuning", "reporting"), default="reporting")
    arguments = parser.parse_args()
    labels = {row["photo"]: row["mouth"] for row in read_labels() if row["half"] == arguments.half}
    judged = [
        judge(path, labels[path.stem]) for path in sorted(arguments.portraits.glob("s*/*.jpg")) if path.stem in labels
    ]
    for seen in (*CLOSED, "parted", "teeth"):
        among = [mouth for mouth in judged if mouth.seen == seen]
        print(f"{seen:8} {dict(Counter(mouth.called for mouth in among))}, smiling {sum(m.smiles for m in among)}")
    for group, *_ in SKIN_GROUPS:
        among = [mouth for mouth in judged if mouth.group == group]
        closed = [mouth for mouth in among if mouth.seen in CLOSED]
        opened = [mouth for mouth in among if mouth.seen not in CLOSED]
        neutral = [mouth for mouth in among if mouth.seen == "neutral"]
        smiling = [mouth for mouth in among if mouth.seen in ("smile", "teeth")]
        print(
            f"{group:12} closed called open {sum(m.called != 'closed' for m in closed)} of {len(closed)},"
            f" open called closed {sum(m.called == 'closed' for m in opened)} of {len(opened)},"
            f" neutral called smile {sum(m.smiles for m in neutral)} of {len(neutral)},"
            f" smile missed {sum(not m.smiles for m in smiling)} of {len(smiling)}"
        )


if __name__ == "__main__":
    main()
