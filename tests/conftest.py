"""Fixtures that several test modules use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.locations import PORTRAITS, SAMPLE, SHARED

# Times vary with the load of the machine, so hypothesis sets no deadline; what must be fast has a test of its own.
settings.register_profile("idphoto", deadline=None)
settings.load_profile("idphoto")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of further test data beside the repository; skip the test if there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"there is no folder {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def portraits() -> list[Path]:
    """Return the paths of a dozen real portraits, always the same ones."""
    return sorted(PORTRAITS.glob("*.jpg"))[::2]


@pytest.fixture(scope="session")
def sample() -> Path:
    """Return the path of the sample portrait of the repository."""
    return SAMPLE
