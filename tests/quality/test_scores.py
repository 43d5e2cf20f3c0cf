"""Turn raw values into scores, compared with OFIQ's own conformance table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idphoto.quality.scores import COMPONENTS, find_component


def test_there_are_28_components_with_numbers_of_their_own() -> None:
    assert len(COMPONENTS) == 28
    assert len({entry.number for entry in COMPONENTS}) == 28


def test_every_score_of_the_reference_table_comes_out(shared: Path) -> None:
    with (shared / "facts/ofiq_expected_results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 28
    wrong = [
        (row["Filename"], entry.name, row[entry.name], row[f"{entry.name}.scalar"])
        for row in rows
        for entry in COMPONENTS
        if entry.score(float(row[entry.name])) != int(row[f"{entry.name}.scalar"])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "raw", "score"),
    [
        ("BackgroundUniformity", 65.0, 70),
        ("IlluminationUniformity", 0.30, 70),
        ("OverExposurePrevention", 0.01, 50),
        ("NaturalColour", 11.1, 50),
        ("EyesOpen", 0.02, 50),
        ("MouthClosed", 0.2, 50),
        ("InterEyeDistance", 113.0, 90),
        ("HeadPoseYaw", 18.9, 90),
        ("NoHeadCoverings", 0.118, 50),
    ],
)
def test_known_points_of_the_curves(name: str, raw: float, score: int) -> None:
    assert find_component(name).score(raw) == pytest.approx(score, abs=1)


@given(st.sampled_from(COMPONENTS), st.floats(-1e6, 1e6))
def test_a_score_is_always_between_0_and_100(entry, raw: float) -> None:
    if entry.name in ("IlluminationUniformity", "LuminanceVariance", "OverExposurePrevention"):
        raw = abs(raw)
    assert 0 <= entry.score(raw) <= 100
