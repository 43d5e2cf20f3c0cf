"""Measure the errors for each kind of hair, headgear and jewellery, on people and places of the test split.

    python -m training.matting_network.evaluation.hair_kinds ../shared DATA/mattes --json benchmarks/matting_kinds.json

Some kinds exist among the people of the test split (they were chosen by looking at the pictures). The other kinds are
drawn onto them, with alpha that is exact by construction.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.matting.backends.hair import load
from idphoto.segmentation.person import segment_person
from training.matting_network.data.pool import Sources, photograph
from training.matting_network.drawing import accessories, hairdos
from training.matting_network.drawing.people import PlacedPerson, Proportions, load_people, place
from training.matting_network.drawing.strands import Head, choose_style
from training.matting_network.evaluation.metrics import find_band, gradient_error, sum_absolute_difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from training.matting_network.drawing.layers import Layer

NATURAL_KINDS = {
    "bald": "B001311 C001110 G000558",
    "grey": "A000379 B000574 B001287 C001054 L000491 L000557 W000828",
    "long loose": "B000740 D000624 H001091 J000298 M001205 W000788",
    "beard": "B001287 D000032 L000599",
    "glasses": "B000574 B001257 F000470 F000474 S001172 W000788",
    "earrings": "D000624 J000298 R000617 V000081",
}
"""Kinds that exist among the people of the test split, and the names of these people."""

FRAME_SIZE = (480, 600)


def with_hairdo(hairdo: Callable[..., tuple[Layer | None, Layer]]) -> Callable[[Generator, PlacedPerson], PlacedPerson]:
    """Make a function that draws a hairdo onto a person."""

    def draw(rng: Generator, placed: PlacedPerson) -> PlacedPerson:
        head = Head.of(placed)
        back, front = hairdo(rng, placed, head, choose_style(rng, head.reach))
        layer = front.over(placed.layer)
        return PlacedPerson(layer if back is None else layer.over(back), placed.mesh, placed.crown, placed.scale)

    return draw


def with_accessory(accessory: Callable[..., Layer]) -> Callable[[Generator, PlacedPerson], PlacedPerson]:
    """Make a function that draws an accessory onto a person."""

    def draw(rng: Generator, placed: PlacedPerson) -> PlacedPerson:
        layer = accessory(rng, placed, Head.of(placed)).over(placed.layer)
        return PlacedPerson(layer, placed.mesh, placed.crown, placed.scale)

    return draw


DRAWN_KINDS = {
    "afro": with_hairdo(hairdos.draw_curls),
    "bun": with_hairdo(hairdos.draw_bun),
    "braids": with_hairdo(hairdos.draw_braids),
    "long drawn": with_hairdo(hairdos.draw_long_hair),
    "scarf": with_accessory(accessories.draw_scarf),
    "hat": with_accessory(accessories.draw_hat),
    "hoops and drops": with_accessory(accessories.draw_earrings),
}
"""Kinds that are drawn onto people."""


def measure_kind(
    matting: Callable[[np.ndarray, np.ndarray], np.ndarray], sources: Sources, kind: str, count: int
) -> dict[str, float]:
    """Measure the mean errors of one kind over `count` composites."""
    people, _ = load_people(sources.mattes, sources.shared / "portraits/studio", sources.split)
    if kind in NATURAL_KINDS:
        people = [person for person in people if person.name in NATURAL_KINDS[kind].split()]
    rows = []
    for number in range(count):
        rng = np.random.default_rng((7, number))
        person = people[number % len(people)]
        placed = place(person, *FRAME_SIZE, rng.uniform(0.5, 0.7), rng.uniform(0.12, 0.2), rng, Proportions())
        made = photograph(sources, rng, DRAWN_KINDS[kind](rng, placed) if kind in DRAWN_KINDS else placed)
        alpha = matting(made.rgb, segment_person(made.rgb, "selfie"))
        rows.append(
            [
                sum_absolute_difference(alpha, made.alpha),
                sum_absolute_difference(alpha, made.alpha, find_band(made.alpha)),
                gradient_error(alpha, made.alpha),
            ]
        )
    return {
        name: round(float(value), 4) for name, value in zip(("SAD", "SAD band", "GRAD"), np.mean(rows, 0), strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("mattes", type=Path)
    parser.add_argument("--each", type=int, default=12, help="composites of each kind")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    matting, sources = load(), Sources(arguments.shared, arguments.mattes, "test")
    found = {}
    for kind in (*NATURAL_KINDS, *DRAWN_KINDS):
        found[kind] = measure_kind(matting, sources, kind, arguments.each)
        print(f"{kind:16s}", found[kind], flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
