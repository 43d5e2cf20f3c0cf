"""Assign people and backgrounds to the training, validation or test split, by a hash of the file name.

One eighth of them is for validation, on which every choice is made, and one eighth for the test. No person and no place
is in two splits.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SPLITS = ("train", "val", "test")


def split_of(stem: str) -> str:
    """Return the split of a file, by its name without ending."""
    bucket = int.from_bytes(hashlib.sha256(stem.encode()).digest()[-1:], "big") % 8
    return {0: "test", 1: "val"}.get(bucket, "train")


def files_of_split(folder: Path, split: str, pattern: str = "*") -> list[Path]:
    """Return the files of one split, sorted."""
    return [path for path in sorted(folder.glob(pattern)) if path.is_file() and split_of(path.stem) == split]
