"""Write text that strangers chose, such as names of files, so that a spreadsheet shows it as text."""

from __future__ import annotations

__all__ = ["escape_formula"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First letters of a cell that spreadsheets compute or hide (OWASP, CSV injection)."""


def escape_formula(cell: str) -> str:
    """Return the text of a cell; with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
