"""Compliance checks: a table, in the order of the report.

To add one: a file here with a :class:`~idphoto.checks.base.Check`, and its name in the table.
"""

from __future__ import annotations

from idphoto.checks import (
    background,
    capture,
    editing,
    faces,
    file,
    framing,
    pixels,
    pose,
    recency,
    resolution,
    room,
    scale,
)
from idphoto.checks.base import Check, Subject

__all__ = ["CHECKS", "Check", "Subject"]

CHECKS: tuple[Check, ...] = (
    faces.CHECK,
    *framing.CHECKS,
    pose.CHECK,
    room.CHECK,
    scale.CHECK,
    background.CHECK,
    pixels.CHECK,
    resolution.CHECK,
    file.CHECK,
    recency.CHECK,
    editing.CHECK,
    capture.CHECK,
)
