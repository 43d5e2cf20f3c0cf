"""Real photos that the network has not learnt on, against outlines drawn by hand: no more faults than there were."""

from __future__ import annotations

import pytest

from tests.golden import SHARED, faults, stored_faults


@pytest.mark.parametrize("name", sorted(stored_faults()))
def test_no_more_is_kept_or_lost_than_was(name):
    if not (SHARED / f"scenes/{name}.jpg").exists():
        pytest.skip("the shared portraits are not there")
    old = stored_faults()[name]
    for kind, area in faults(name).items():
        assert area <= 1.3 * old[kind] + 40, f"{area} pixels of {kind}, {old[kind]} before"
