"""Compliance checks, in the order of the report.

To add a check, write a file here that declares a :class:`~idphoto.checks.base.Check`, and add it to the table below.
Then give it a title and messages in every file of ``idphoto/messages``.
"""

from __future__ import annotations

from idphoto.checks import (
    background,
    capture,
    compression,
    contrast,
    cutout,
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
    rules_age,
    scale,
    sharpness,
    shoulders,
    skin,
    visibility,
    whole_head,
)
from idphoto.checks.base import Check
from idphoto.checks.measurements import Measurements
from idphoto.checks.subject import Subject

__all__ = ["CHECKS", "Check", "Measurements", "Subject"]

CHECKS: tuple[Check, ...] = (
    faces.CHECK,
    whole_head.CHECK,
    *framing.FRAMING_CHECKS,
    room.CHECK,
    scale.CHECK,
    pose.CHECK,
    shoulders.CHECK,
    visibility.CHECK,
    eyes.CHECK,
    gaze.CHECK,
    glasses.CHECK,
    red_eyes.CHECK,
    mouth.CHECK,
    expression.CHECK,
    forehead.CHECK,
    hands.CHECK,
    background.CHECK,
    cutout.CHECK,
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
    rules_age.CHECK,
    capture.CHECK,
)
