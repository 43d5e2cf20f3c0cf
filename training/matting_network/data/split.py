"""Who and what is trained on, chosen on, and tested on: decided by a hash of the file name.

One eighth of the people and of the backgrounds is for validation (every choice is made there)
and one eighth for the test; nobody and no place is in two of them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SPLITS = ("train", "val", "test")


def split_of(stem: str) -> str:
    """The split that a file belongs to, by its name without extension."""
    bucket = int.from_bytes(hashlib.sha256(stem.encode()).digest()[-1:], "big") % 8
    return {0: "test", 1: "val"}.get(bucket, "train")


def files(folder: Path, split: str, pattern: str = "*") -> list[Path]:
    """The files of one split, sorted."""
    return [path for path in sorted(folder.glob(pattern)) if path.is_file() and split_of(path.stem) == split]
