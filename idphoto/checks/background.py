"""The background as it stands in the finished photo: its colour, whether it is plain, and shadows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from idphoto.checks.base import Check, Subject
from idphoto.colour import name_colour
from idphoto.report import Finding, Status
from idphoto.spec import ColourClass, EditPermission, load_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CHECK", "matches"]

# idphoto's own limits, in CIELAB units. Plain walls photographed with flash or by a window lie below the first
# of each pair; furniture, flags and foliage far above the second.
SPREAD = (7.0, 14.0)  # 90th percentile of the distance from the median colour
TEXTURE = (2.5, 6.0)  # root mean square of lightness detail finer than a twentieth of the height
SHADOW = 9.0  # lightness between the lightest and the darkest of left, top and right


def matches(colour: NDArray[np.float64], region: ColourClass) -> bool:
    """Whether a CIELAB colour lies in the region that a name means."""
    lightness, a, b = colour
    chroma = float(np.hypot(a, b))
    if not (region.lightness.contains(lightness, 0.5) and region.chroma.contains(chroma, 0.5)):
        return False
    if region.hue is None or chroma < 3:
        return True
    hue = float(np.degrees(np.arctan2(b, a))) % 360
    return region.hue.contains(hue) or region.hue.contains(hue + 360)


def _run(subject: Subject) -> Iterator[Finding]:
    assert subject.alpha is not None
    spec = subject.spec
    rule = spec.background
    backing = subject.backing
    if backing is None:
        yield subject.finding("background.hidden", Status.SKIP, rule="background", limit=rule.says)
        return
    known = load_colours()
    accepted = [name for name in rule.colours if matches(backing.lab, known[name])]
    refused = [name for name in rule.refuses if name in known and matches(backing.lab, known[name])]
    may_paint = spec.editing.allows.permits(EditPermission.BACKGROUND)
    code = "background.colour-ok"
    if not accepted:
        code = "background.refused" if refused else "background.colour-paint" if may_paint else "background.colour"
    yield subject.finding(
        code,
        Status.PASS if accepted else Status.FAIL,
        rule="background",
        measured=str(backing.colour),
        limit=rule.says or " or ".join(rule.colours),
        colour=name_colour(backing.colour),
        wanted=rule.colours,
        refused=refused,
    )
    level = 2 * (backing.spread > SPREAD[1] or backing.texture > TEXTURE[1])
    level = level or int(backing.spread > SPREAD[0] or backing.texture > TEXTURE[0])
    yield subject.finding(
        ("background.plain", "background.uneven", "background.busy")[level],
        (Status.PASS, Status.WARN, Status.FAIL)[level],
        rule="background",
        measured=round(max(backing.spread, backing.texture), 1),
        limit=f"<= {SPREAD[0]:g}",
        unit="CIELAB",
    )
    if backing.shadow > SHADOW and level < 2:
        yield subject.finding(
            "background.shadow",
            Status.WARN,
            rule="background",
            measured=round(backing.shadow, 1),
            limit=f"<= {SHADOW:g}",
            unit="L*",
        )


CHECK = Check(
    "background",
    "Head and hair must stand out, and nothing else may be seen.",
    _run,
    needs=frozenset({"alpha"}),
    formula="CIELAB of what is no person: median against the regions of specs/colours.yaml; 90th percentile of the "
    "distance from it; lightness detail finer than a twentieth of the height; medians of left, top and right",
    limit=f"colours of the document; idphoto's own: uneven above {SPREAD[0]:g} (spread) or {TEXTURE[0]:g} (texture), "
    f"busy above {SPREAD[1]:g} or {TEXTURE[1]:g}, shadow above {SHADOW:g} L*",
    component="BackgroundUniformity",
)
