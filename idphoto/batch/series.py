"""Compare the photos of a batch with each other: how much heads and eyes vary, and who stands out."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from idphoto.batch.record import Record

__all__ = ["SERIES", "Spread", "measure_series", "write_series"]

SERIES = "series.csv"

COMPARED = ("head-height", "eye-line", "centring", "brightness")
"""Measures that are alike in a good series."""

MIN_PHOTOS = 5
"""Among fewer photos nobody stands out."""

MAX_SCORE = 3.5
"""A photo stands out beyond this modified z-score [1]_.

References
----------
.. [1] Iglewicz, Hoaglin: How to detect and handle outliers, ASQC (1993): 0.6745 times the distance from the median,
   divided by the median of these distances, beyond 3.5.
"""

NORMAL_QUARTILE = 0.6745

FLOORS = {"mm": 0.3, "px": 4.0, "": 0.02}
"""Distances from the median, by unit, that nobody sees; a smaller median of distances is taken as this one."""


class Spread(NamedTuple):
    """How one measure varies among the photos of one document.

    Attributes
    ----------
    spec, name, unit : str
        The document, the measure and its unit.
    photos : int
        Number of photos that have it.
    median, smallest, largest, deviation : float
        The last one is the standard deviation.
    outliers : tuple of Record
        Photos that stand out, the farthest from the median first.
    """

    spec: str
    name: str
    unit: str
    photos: int
    median: float
    smallest: float
    largest: float
    deviation: float
    outliers: tuple[Record, ...]


def measure_series(records: Sequence[Record]) -> list[Spread]:
    """Return the spread of each compared measure, for each document of which there are enough photos."""
    return list(_spreads([record for record in records if record.is_made]))


def _spreads(records: Sequence[Record]) -> Iterator[Spread]:
    for spec in dict.fromkeys(record.spec for record in records):
        for name in COMPARED:
            found = [record for record in records if record.spec == spec and name in record.measures]
            if len(found) < MIN_PHOTOS:
                continue
            values = [record.measures[name][0] for record in found]
            unit = found[0].measures[name][1]
            median = statistics.median(values)
            typical = max(statistics.median(abs(value - median) for value in values), FLOORS.get(unit, 0.0))
            far = sorted(found, key=lambda record: -abs(record.measures[name][0] - median))
            outliers = tuple(
                record
                for record in far
                if NORMAL_QUARTILE * abs(record.measures[name][0] - median) > MAX_SCORE * typical
            )
            yield Spread(
                spec, name, unit, len(found), median, min(values), max(values), statistics.pstdev(values), outliers
            )


def write_series(spreads: Sequence[Spread]) -> bytes:
    """Return the spreads as a table: one row for each document and measure, in UTF-8 with a mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["document", "measure", "unit", "photos", "median", "smallest", "largest", "deviation", "outliers"])
    for spread in spreads:
        numbers = (spread.median, spread.smallest, spread.largest, spread.deviation)
        outliers = " ".join(record.stem for record in spread.outliers)
        writer.writerow(
            [spread.spec, spread.name, spread.unit, spread.photos, *(f"{value:.2f}" for value in numbers), outliers]
        )
    return text.getvalue().encode("utf-8-sig")
