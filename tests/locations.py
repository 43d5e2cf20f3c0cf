"""Places of the pictures and tables that tests read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[1]

SAMPLE = REPOSITORY / "samples/astronaut.jpg"

PORTRAITS = REPOSITORY / "tests/portraits"
"""Portraits that come with the repository; its README gives source and licence."""

FACTS = REPOSITORY / "tests/facts"
"""Tables of facts that were collected before the documents were written."""

SHARED = (REPOSITORY / "../shared").resolve()
"""Folder of further test data beside the repository. Most clones do not have it."""


def with_shared(values: Iterable[Any]) -> list[Any]:
    """Return parameters for a test on the shared folder: the values, or one that is skipped if there is no folder."""
    if SHARED.is_dir():
        return list(values)
    return [pytest.param(None, id="missing", marks=pytest.mark.skip(reason=f"there is no folder {SHARED}"))]
