"""Check the background of the finished photo: its colour, whether it is plain, and shadows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.colour import name_colour
from idphoto.report import Finding, Status
from idphoto.spec import ColourClass, EditPermission, Spec, load_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.background import BackgroundMeasures

__all__ = ["CHECK", "accepts_background", "is_in_colour_class", "judge_background"]

# idphoto's own limits, in CIELAB units. Plain walls photographed with flash or by a window lie below the limits of
# "uneven"; furniture, flags and foliage lie far above the limits of "busy".
MAX_PLAIN_SPREAD, MAX_UNEVEN_SPREAD = 7.0, 14.0  # 90th percentile of the distance from the median colour
MAX_PLAIN_TEXTURE, MAX_UNEVEN_TEXTURE = 2.5, 6.0  # RMS of lightness detail finer than a twentieth of the height
MAX_SHADOW = 9.0  # L* between the lightest and the darkest of left, top and right

CLASS_TOLERANCE = 0.5  # what lightness and chroma may lie outside the region of a colour name
MIN_CHROMA_OF_HUE = 3.0  # greyer colours have no hue that one can see


def is_in_colour_class(lab: NDArray[np.float64], region: ColourClass) -> bool:
    """Return whether a CIELAB colour lies in the region that belongs to a colour name."""
    lightness, a, b = lab
    chroma = float(np.hypot(a, b))
    if not (region.lightness.contains(lightness, CLASS_TOLERANCE) and region.chroma.contains(chroma, CLASS_TOLERANCE)):
        return False
    if region.hue is None or chroma < MIN_CHROMA_OF_HUE:
        return True
    hue = float(np.degrees(np.arctan2(b, a))) % 360
    return region.hue.contains(hue) or region.hue.contains(hue + 360)


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
    return _judge(subject, subject.measured.background)


def _judge(subject: Subject, background: BackgroundMeasures | None) -> Iterator[Finding]:
    rule = subject.spec.background
    if background is None:
        yield subject.make_finding("background.hidden", Status.SKIP, rule="background", limit=rule.says)
        return
    yield _judge_colour(subject, background)
    plain = _judge_plainness(subject, background)
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


def _find_refused(spec: Spec, background: BackgroundMeasures) -> list[str]:
    """Return the refused colours that a background has."""
    known = load_colours()
    return [
        name for name in spec.background.refuses if name in known and is_in_colour_class(background.lab, known[name])
    ]


def _has_right_colour(spec: Spec, background: BackgroundMeasures) -> bool:
    """Return True if a background has a colour that the document accepts."""
    rule, known = spec.background, load_colours()
    # A refused colour is refused even if it belongs to a wider one that is allowed: white is a light colour.
    if _find_refused(spec, background):
        return False
    if rule.target is not None and rule.target.contains(background.colour):
        return True
    return any(is_in_colour_class(background.lab, known[name]) for name in rule.colours)


def _judge_colour(subject: Subject, background: BackgroundMeasures) -> Finding:
    spec, rule = subject.spec, subject.spec.background
    refused, accepted = _find_refused(spec, background), _has_right_colour(spec, background)
    may_paint = spec.editing.allows.permits(EditPermission.BACKGROUND)
    painted_now = subject.is_written_now and subject.background_filled
    code = "background.colour-ok"
    if not accepted and painted_now:
        code = "background.colour-chosen"
    elif not accepted:
        code = "background.refused" if refused else "background.colour-paint" if may_paint else "background.colour"
    return subject.make_finding(
        code,
        Status.PASS if accepted else Status.FAIL,
        rule="background",
        measured=str(background.colour),
        limit=rule.says or " or ".join(rule.colours),
        colour=name_colour(background.colour),
        wanted=rule.colours,
        refused=refused,
    )


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
    formula="CIELAB outside the person: median against the regions of specs/colours.yaml; 90th percentile of the "
    "distance from it; lightness detail finer than a twentieth of the height; medians of left, top and right",
    limit=f"colours of the document; idphoto's own: uneven above {MAX_PLAIN_SPREAD:g} (spread) or "
    f"{MAX_PLAIN_TEXTURE:g} (texture), busy above {MAX_UNEVEN_SPREAD:g} or {MAX_UNEVEN_TEXTURE:g}, "
    f"shadow above {MAX_SHADOW:g} L*",
    component="BackgroundUniformity",
)
