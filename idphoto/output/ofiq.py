"""Write quality components in the columns of OFIQ, so that the two tables can be compared."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from idphoto.output.spreadsheet import escape_formula

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idphoto.report import Component

__all__ = ["write_ofiq_table"]


def write_ofiq_table(rows: Iterable[tuple[str, tuple[Component, ...]]]) -> bytes:
    """Write the components of photos: raw values, then scores, separated by semicolons.

    What was not measured, or was measured in a unit of our own, is empty, and its score is -1,
    OFIQ's sign for "could not be assessed".

    Parameters
    ----------
    rows : iterable of (str, tuple of Component)
        Name and components of each photo.

    References
    ----------
    BSI-OFIQ/OFIQ-Project, release 1.0.3, ``data/tests/expected_results``.
    """
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    for number, (name, components) in enumerate(rows):
        if number == 0:
            names = [component.name for component in components]
            writer.writerow(["Filename", *names, *(f"{name}.scalar" for name in names)])
        raw = [
            f"{component.raw:.6f}" if component.raw is not None and component.score is not None else ""
            for component in components
        ]
        writer.writerow(
            [escape_formula(name), *raw, *(-1 if part.score is None else part.score for part in components)]
        )
    return text.getvalue().encode()
