"""Fixtures that several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Times vary with the machine's load; what must be fast has a test that says so.
settings.register_profile("idphoto", deadline=None)
settings.load_profile("idphoto")

_SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of portraits and facts that stands beside the repository; skips where it does not."""
    folder = _SHARED.resolve()
    if not folder.is_dir():
        pytest.skip(f"there is no folder of test data at {folder}")
    return folder


@pytest.fixture(scope="session")
def portraits(shared: Path) -> list[Path]:
    """A dozen real portraits, always the same ones."""
    found = sorted((shared / "portraits").rglob("*.jpg"))
    if not found:
        pytest.skip(f"there are no portraits under {shared}")
    return found[:: max(len(found) // 12, 1)]


@pytest.fixture(scope="session")
def sample() -> Path:
    """The portrait that comes with the repository."""
    return Path(__file__).parents[1] / "samples/astronaut.jpg"
