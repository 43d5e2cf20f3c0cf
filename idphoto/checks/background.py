"""Check the background of the finished photo: its colour, whether it is plain, shadows, and a frame around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status
from idphoto.spec import EditPermission, Spec, find_shade, list_shades, load_colours, measure_shade_distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.background import BackgroundMeasures

__all__ = ["CHECK", "accepts_background", "judge_background"]

# idphoto's own limits, in CIELAB units. Plain walls photographed with flash or by a window lie below the limits of
# "uneven"; furniture, flags and foliage lie far above the limits of "busy".
MAX_PLAIN_SPREAD, MAX_UNEVEN_SPREAD = 7.0, 14.0  # 90th percentile of the distance from the median colour
MAX_PLAIN_TEXTURE, MAX_UNEVEN_TEXTURE = 2.5, 6.0  # RMS of lightness detail finer than a twentieth of the height
MAX_SHADOW = 9.0  # L* between the lightest and the darkest of left, top and right

MAX_NEAR_DISTANCE = 6.0
"""Distance, in CIELAB units, by which a background may miss the shades that are asked for and only warns. It is what
a quarter of a stop of exposure makes of a white wall; no authority draws its limits more sharply."""

LIGHT = "light"  # what ICAO asks for, and so the advice where an authority names no colour


def judge_background(subject: Subject, background: BackgroundMeasures | None) -> list[Finding]:
    """Return the findings on a background, for the document of `subject`."""
    return list(_judge(subject, background))


def accepts_background(spec: Spec, background: BackgroundMeasures | None) -> bool:
    """Return True if a background passes for a document in every respect."""
    return (
        background is not None
        and _has_right_colour(spec, background)
        and background.spread <= MAX_PLAIN_SPREAD
        and background.texture <= MAX_PLAIN_TEXTURE
        and background.shadow <= MAX_SHADOW
    )


def _run(subject: Subject) -> Iterator[Finding]:
    if subject.spec.background.refuses_border and subject.measured.border_px:
        yield subject.make_finding(
            "background.border", Status.WARN, rule="background", measured=subject.measured.border_px, unit="px"
        )
    yield from _judge(subject, subject.measured.background)


def _judge(subject: Subject, background: BackgroundMeasures | None) -> Iterator[Finding]:
    rule = subject.spec.background
    if background is None:
        yield subject.make_finding("background.hidden", Status.SKIP, rule="background", limit=rule.says)
        return
    yield _judge_colour(subject, background)
    plain = _judge_plainness(subject, background)
    # That paint is plain says nothing; the check of the cutout judges what else may be there.
    if plain.status is not Status.PASS or not (subject.is_written_now and subject.background_filled):
        yield plain
    if background.shadow > MAX_SHADOW and plain.status is not Status.FAIL:
        yield subject.make_finding(
            "background.shadow",
            Status.WARN,
            rule="background",
            measured=round(background.shadow, 1),
            limit=f"<= {MAX_SHADOW:g}",
            unit="L*",
        )


def _has_right_colour(spec: Spec, background: BackgroundMeasures) -> bool:
    """Return True if a background has a colour that the document accepts."""
    rule = spec.background
    shade = find_shade(background.lab.tolist())
    # A refused colour is refused even if it belongs to a wider one that is allowed: white is a light colour.
    if shade in list_shades(rule.refuses):
        return False
    on_target = rule.target is not None and rule.target.contains(background.colour)
    return on_target or _takes_all(spec) or shade in list_shades(rule.colours)


def _takes_all(spec: Spec) -> bool:
    """Return True if the authority names no colour, so that the standard advises."""
    return not all(load_colours()[name].shades for name in spec.background.colours)


def _judge_colour(subject: Subject, background: BackgroundMeasures) -> Finding:
    """Judge the median colour by its shade: as asked for, nearly so, or another one."""
    spec, rule = subject.spec, subject.spec.background
    lab = background.lab.tolist()
    shade = find_shade(lab)
    refused = [name for name in rule.refuses if shade in list_shades([name])]
    asked = [*rule.colours, LIGHT] if _takes_all(spec) else list(rule.colours)
    wanted = list_shades(asked)
    accepted = _has_right_colour(spec, background)
    on_target = rule.target is not None and rule.target.contains(background.colour)
    nearest = min(wanted, key=lambda name: measure_shade_distance(lab, name)[0])
    distance, region = measure_shade_distance(lab, nearest)
    status = Status.PASS if accepted else Status.FAIL
    if accepted and not on_target and shade not in wanted:
        code, status = "background.colour-advice", Status.WARN
    elif accepted and rule.target is not None and not on_target:
        code, status = "background.colour-target", Status.WARN
    elif accepted:
        code = "background.colour-ok"
    elif subject.is_written_now and subject.background_filled:
        code = "background.colour-chosen"
    elif refused:
        code = "background.refused"
    elif distance <= MAX_NEAR_DISTANCE:
        code, status = "background.colour-near", Status.WARN
    else:
        may_paint = spec.editing.allows.permits(EditPermission.BACKGROUND)
        code = "background.colour-paint" if may_paint else "background.colour"
    return subject.make_finding(
        code,
        status,
        rule="background",
        measured=str(background.colour),
        limit=rule.says or " or ".join(rule.colours),
        colour=shade,
        numbers=_write_lab(background.lab),
        wanted=[name for name in asked if load_colours()[name].shades],
        refused=refused,
        nearest=nearest,
        bounds=str(region),
        target="" if rule.target is None else str(rule.target).replace("+/-", "±"),
    )


def _write_lab(lab: NDArray[np.float64]) -> str:
    lightness, a, b = lab
    return f"L* {lightness:.0f}, C* {np.hypot(a, b):.0f}"


def _judge_plainness(subject: Subject, background: BackgroundMeasures) -> Finding:
    code, status = "background.plain", Status.PASS
    if background.spread > MAX_UNEVEN_SPREAD or background.texture > MAX_UNEVEN_TEXTURE:
        code, status = "background.busy", Status.FAIL
    elif background.spread > MAX_PLAIN_SPREAD or background.texture > MAX_PLAIN_TEXTURE:
        code, status = "background.uneven", Status.WARN
    # Report the measure that decided: the one that is further above its own limit.
    by_spread = background.spread / MAX_PLAIN_SPREAD >= background.texture / MAX_PLAIN_TEXTURE
    measured, limit = (background.spread, MAX_PLAIN_SPREAD) if by_spread else (background.texture, MAX_PLAIN_TEXTURE)
    return subject.make_finding(
        code,
        status,
        rule="background",
        measured=round(measured, 1),
        limit=f"<= {limit:g}",
        unit="CIELAB",
    )


CHECK = Check(
    "background",
    "Head and hair must stand out from the background, and nothing else may be visible.",
    _run,
    needs=frozenset({"alpha"}),
    reads=frozenset({"background", "editing"}),
    formula="CIELAB outside the person: shade of the median, with the limits of specs/colours.yaml; 90th percentile "
    "of the distance from it; lightness detail finer than a twentieth of the height; medians of left, top and right; "
    "a frame of one colour at three sides, with a step of 8 CIELAB units inside it",
    limit=f"colours of the document, with {MAX_NEAR_DISTANCE:g} CIELAB units in which it only warns; idphoto's own: "
    f"uneven above {MAX_PLAIN_SPREAD:g} (spread) or {MAX_PLAIN_TEXTURE:g} (texture), busy above "
    f"{MAX_UNEVEN_SPREAD:g} or {MAX_UNEVEN_TEXTURE:g}, shadow above {MAX_SHADOW:g} L*",
    component="BackgroundUniformity",
)
