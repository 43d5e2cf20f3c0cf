"""Rewrite the golden numbers."""

from __future__ import annotations

import json

from tests.golden import HOME, measure, portraits

numbers = {name: measure(path) for name, path in portraits().items()}
(HOME / "portraits.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
