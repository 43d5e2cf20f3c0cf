"""A golden number for every kind of hair, headgear and jewellery, on people and places never trained on.

    python -m training.matting_network.evaluation.hair_kinds ../shared DATA/mattes --json benchmarks/matting_kinds.json

Some kinds the people of the test split have themselves (chosen by looking at them); the others
are drawn onto them, with alpha exact by construction.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.matting.backends.hair import load
from idphoto.segmentation.person import segment_person
from training.matting_network.data.pool import Source, photograph
from training.matting_network.drawing import accessories, hairdos
from training.matting_network.drawing.people import Placed, Proportions, everybody, place
from training.matting_network.drawing.strands import Head, any_style
from training.matting_network.evaluation.metrics import band_of, gradient, sad

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

OWN = {
    "bald": "B001311 C001110 G000558",
    "grey": "A000379 B000574 B001287 C001054 L000491 L000557 W000828",
    "long loose": "B000740 D000624 H001091 J000298 M001205 W000788",
    "beard": "B001287 D000032 L000599",
    "glasses": "B000574 B001257 F000470 F000474 S001172 W000788",
    "earrings": "D000624 J000298 R000617 V000081",
}
"""Kinds that people of the test split have themselves."""

SIZE = (480, 600)


def _do(hairdo: Callable[..., tuple[object, object]]) -> Callable[[Generator, Placed], Placed]:
    def dress(rng: Generator, placed: Placed) -> Placed:
        head = Head.of(placed)
        back, front = hairdo(rng, placed, head, any_style(rng, head.reach))
        layer = front.over(placed.layer)
        return Placed(layer if back is None else layer.over(back), placed.mesh, placed.crown, placed.scale)

    return dress


def _worn(thing: Callable[..., object]) -> Callable[[Generator, Placed], Placed]:
    def dress(rng: Generator, placed: Placed) -> Placed:
        layer = thing(rng, placed, Head.of(placed)).over(placed.layer)
        return Placed(layer, placed.mesh, placed.crown, placed.scale)

    return dress


DRAWN = {
    "afro": _do(hairdos.coils),
    "bun": _do(hairdos.bun),
    "braids": _do(hairdos.braids),
    "long drawn": _do(hairdos.long_hair),
    "scarf": _worn(accessories.scarf),
    "hat": _worn(accessories.hat),
    "hoops and drops": _worn(accessories.earrings),
}
"""Kinds that are drawn onto people."""


def measure(
    matter: Callable[[np.ndarray, np.ndarray], np.ndarray], source: Source, kind: str, each: int
) -> dict[str, float]:
    """Mean errors of one kind."""
    people, _ = everybody(source.mattes, source.shared / "portraits/studio", source.split)
    if kind in OWN:
        people = [person for person in people if person.name in OWN[kind].split()]
    rows = []
    for number in range(each):
        rng = np.random.default_rng((7, number))
        person = people[number % len(people)]
        placed = place(person, *SIZE, rng.uniform(0.5, 0.7), rng.uniform(0.12, 0.2), rng, Proportions())
        made = photograph(source, rng, DRAWN[kind](rng, placed) if kind in DRAWN else placed)
        alpha = matter(made.rgb, segment_person(made.rgb, "selfie"))
        rows.append([sad(alpha, made.alpha), sad(alpha, made.alpha, band_of(made.alpha)), gradient(alpha, made.alpha)])
    return {
        name: round(float(value), 4) for name, value in zip(("SAD", "SAD band", "GRAD"), np.mean(rows, 0), strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    matter, source = load(), Source(arguments.shared, arguments.mattes, "test")
    found = {}
    for kind in (*OWN, *DRAWN):
        found[kind] = measure(matter, source, kind, arguments.each)
        print(f"{kind:16s}", found[kind], flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
