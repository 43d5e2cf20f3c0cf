"""Photos of a batch compared with each other: spreads, and who stands out."""

from __future__ import annotations

import csv

from idphoto.batch.record import QUARANTINED, Fault, Record
from idphoto.batch.series import measure_series, write_series


def record_of(number: int, height: float, spec: str = "cn-1inch", unit: str = "mm") -> Record:
    measures = {"head-height": (height, unit), "brightness": (0.5, "")}
    return Record(
        id=str(number),
        spec=spec,
        stem=f"{number}_{spec}",
        input="",
        settings="",
        idphoto="",
        status="pass",
        measures=measures,
    )


def test_one_that_stands_out_is_named_and_small_differences_are_not() -> None:
    heights = [22.5, 22.6, 22.5, 22.4, 22.5, 22.6, 27.0, 22.9]
    heads, brightness = measure_series([record_of(number, height) for number, height in enumerate(heights)])
    assert (heads.name, heads.photos, heads.smallest, heads.largest) == ("head-height", 8, 22.4, 27.0)
    assert heads.median == 22.55
    assert [record.id for record in heads.outliers] == ["6"]
    assert brightness.outliers == ()
    rows = list(csv.DictReader(write_series([heads, brightness]).decode("utf-8-sig").splitlines()))
    assert rows[0]["outliers"] == "6_cn-1inch"
    assert float(rows[0]["deviation"]) > 1


def test_documents_are_compared_apart_and_only_what_was_made() -> None:
    records = [record_of(number, 22.5) for number in range(5)] + [record_of(9, 33.0, "schengen-visa")] * 4
    fault = Fault(code="input.no-face", message="No face was found.")
    records.append(record_of(10, 99.0).model_copy(update={"status": QUARANTINED, "fault": fault}))
    assert {(spread.spec, spread.photos) for spread in measure_series(records)} == {("cn-1inch", 5)}
    assert measure_series(records[:4]) == []
