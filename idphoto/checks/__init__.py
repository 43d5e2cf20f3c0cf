"""Compliance checks: a table, in the order of the report.

To add one: a file here with a :class:`~idphoto.checks.base.Check`, and its name in the table.
"""

from __future__ import annotations

from idphoto.checks import (
    background,
    capture,
    compression,
    contrast,
    editing,
    exposure,
    expression,
    eyes,
    faces,
    file,
    forehead,
    framing,
    gaze,
    glasses,
    hands,
    light,
    mouth,
    pixels,
    pose,
    recency,
    red_eyes,
    resolution,
    room,
    scale,
    sharpness,
    shoulders,
    skin,
)
from idphoto.checks.base import Check, Subject

__all__ = ["CHECKS", "Check", "Subject"]

CHECKS: tuple[Check, ...] = (
    faces.CHECK,
    *framing.CHECKS,
    room.CHECK,
    scale.CHECK,
    pose.CHECK,
    shoulders.CHECK,
    eyes.CHECK,
    gaze.CHECK,
    glasses.CHECK,
    red_eyes.CHECK,
    mouth.CHECK,
    expression.CHECK,
    forehead.CHECK,
    hands.CHECK,
    background.CHECK,
    light.CHECK,
    exposure.CHECK,
    contrast.CHECK,
    skin.CHECK,
    sharpness.CHECK,
    compression.CHECK,
    pixels.CHECK,
    resolution.CHECK,
    file.CHECK,
    recency.CHECK,
    editing.CHECK,
    capture.CHECK,
)
