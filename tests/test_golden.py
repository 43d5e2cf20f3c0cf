"""Golden numbers on real portraits; see tests/golden."""

from __future__ import annotations

import math

import pytest

from tests.golden import PEOPLE, TOLERANCE, find_picture, measure, read_measures


@pytest.mark.parametrize("name", ["astronaut", *PEOPLE])
def test_portraits_measure_as_they_did(name):
    picture = find_picture(name)
    if picture is None:
        pytest.skip("the shared portraits are not there")
    new, old = measure(picture), read_measures()[name]
    height = old["height"]
    assert math.dist(new["eyes"], old["eyes"]) / height < TOLERANCE["eyes"]
    for quantity in ("chin", "hair", "skull", "roll", "yaw", "pitch"):
        assert new[quantity] == pytest.approx(old[quantity], abs=TOLERANCE[quantity]), quantity
    assert new["documents"].keys() == old["documents"].keys()
    for document, mine in new["documents"].items():
        theirs = old["documents"][document]
        assert mine["scale"] == pytest.approx(theirs["scale"], rel=TOLERANCE["scale"]), document
        assert mine["missing"] == pytest.approx(theirs["missing"], abs=TOLERANCE["missing"]), document
        for quantity in ("person", "edge"):
            assert mine[quantity] == pytest.approx(theirs[quantity], abs=TOLERANCE[quantity]), (document, quantity)
        assert mine["status"] == theirs["status"], document
