"""The portraits of the repository: their provenance is complete, and they are small."""

from __future__ import annotations

import csv
import hashlib

from tests.locations import PORTRAITS


def test_every_portrait_has_its_provenance():
    with (PORTRAITS / "provenance.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    files = sorted(PORTRAITS.glob("*.jpg"))
    assert sorted(rows) == [path.name for path in files]
    for path in files:
        row = rows[path.name]
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), path.name
        assert row["source"], path.name
        assert "public domain" in row["licence"], path.name


def test_portraits_and_masks_take_at_most_a_megabyte():
    assert sum(path.stat().st_size for path in PORTRAITS.rglob("*") if path.is_file()) <= 1_000_000


def test_every_mask_belongs_to_a_portrait():
    assert {path.stem for path in PORTRAITS.glob("masks/*.png")} <= {path.stem for path in PORTRAITS.glob("*.jpg")}
