"""Read the portraits whose mouths were judged by eye.

``labels.csv`` has one line a portrait: its name, what its mouth was judged to be, and its half. Each mouth was enlarged
to 250 pixels, the doubtful ones again to 300, and looked at: ``neutral``; ``smile`` with closed lips; ``parted``, open
without clearly visible teeth; ``teeth``. Limits are chosen on the half ``tuning``; figures are reported on the half
``reporting``. The half follows from a hash of the name and was fixed before anything was measured.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

LABELS_FILE = Path(__file__).with_name("labels.csv")


def half_of(name: str) -> str:
    """Return the half that a portrait belongs to, by a hash of its name."""
    return "reporting" if hashlib.sha256(f"mouth {name}".encode()).digest()[0] % 2 else "tuning"


def read_labels() -> list[dict[str, str]]:
    """Read all lines: ``photo``, ``mouth`` and ``half``."""
    with LABELS_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_halves() -> dict[str, str]:
    """Return the half of each portrait, by its name."""
    return {row["photo"]: row["half"] for row in read_labels()}
