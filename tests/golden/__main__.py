"""Rewrite the golden numbers."""

from __future__ import annotations

import json

from tests.golden import HOME, SHARED, faults, measure, portraits
from training.matting_network.data.outlined_photos import outlines
from training.matting_network.data.split import split_of

numbers = {name: measure(path) for name, path in portraits().items()}
(HOME / "portraits.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
if SHARED.is_dir():
    seen = {name: faults(name) for name in sorted(outlines()) if split_of(name) != "train"}
    (HOME / "faults.json").write_text(json.dumps(seen, indent=1) + "\n", encoding="utf-8")
