"""Photos that the network has not learnt from, against known outlines: the faults do not grow."""

from __future__ import annotations

import pytest

from tests.busy_scenes import PEOPLE
from tests.golden import count_faults, read_faults
from tests.locations import with_shared


def assert_no_more_faults(name: str) -> None:
    """Compare the pixels of scraps and of losses in a cutout with the golden ones."""
    old = read_faults()[name]
    for kind, area in count_faults(name).items():
        assert area <= 1.3 * old[kind] + 40, f"{area} pixels of {kind}, {old[kind]} before"


@pytest.mark.parametrize("name", PEOPLE)
def test_no_more_of_a_busy_scene_is_kept_or_lost_than_before(name):
    assert_no_more_faults(f"busy/{name}")


@pytest.mark.parametrize("name", with_shared(name for name in sorted(read_faults()) if "/" not in name))
def test_no_more_of_a_photo_is_kept_or_lost_than_before(name):
    """The outlines were drawn by hand."""
    assert_no_more_faults(name)
