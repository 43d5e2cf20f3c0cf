"""Rewrite the golden numbers of all pictures that are here."""

from __future__ import annotations

import json
from typing import Any

from tests.busy_scenes import PEOPLE as BUSY
from tests.golden import FOLDER, PEOPLE, count_faults, find_picture, measure, read_faults, read_measures
from tests.locations import SHARED
from training.matting_network.data.outlined_photos import read_outlines
from training.matting_network.data.split import split_of


def write(file: str, numbers: dict[str, Any]) -> None:
    """Write one file of golden numbers."""
    (FOLDER / file).write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


pictures = {name: find_picture(name) for name in ("astronaut", *PEOPLE)}
new = {name: measure(picture) for name, picture in pictures.items() if picture is not None}
write("portraits.json", read_measures() | new)

photos = [f"busy/{name}" for name in BUSY]
if SHARED.is_dir():
    photos += [name for name in sorted(read_outlines()) if split_of(name) != "train"]
write("faults.json", read_faults() | {name: count_faults(name) for name in photos})
