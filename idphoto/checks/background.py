"""The background as it stands in the finished photo: its colour, whether it is plain, and shadows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from idphoto.checks.base import Check, Subject
from idphoto.colour import Colour, lab
from idphoto.report import Finding, Status
from idphoto.spec import Allows, ColourClass, load_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Alpha, Rgb

__all__ = ["CHECK", "Backing", "describe", "matches"]

SAMPLES = 200  # rows that the judgement looks at; more would cost time and tell nothing
LEAST = 0.01  # share of the picture below which the background cannot be judged

# idphoto's own limits, in CIELAB units. Plain walls photographed with flash or by a window lie below the first
# of each pair; furniture, flags and foliage far above the second.
SPREAD = (7.0, 14.0)  # 90th percentile of the distance from the median colour
TEXTURE = (2.5, 6.0)  # root mean square of lightness detail finer than a twentieth of the height
SHADOW = 9.0  # lightness between the lightest and the darkest of left, top and right

WALL = "Retake the photo half a metre in front of a plain light wall, with light from both sides."


class Backing(NamedTuple):
    """What was measured on a background.

    Attributes
    ----------
    colour : Colour
        Median, in sRGB.
    lab : ndarray of float, shape (3,)
        The same in CIELAB.
    spread, texture, shadow : float
        In CIELAB units; see the limits in this module.
    share : float
        Of the picture that is background.
    """

    colour: Colour
    lab: NDArray[np.float64]
    spread: float
    texture: float
    shadow: float
    share: float


def describe(rgb: Rgb, alpha: Alpha) -> Backing | None:
    """Measure the background of a picture.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        Share of the person.

    Returns
    -------
    Backing or None
        None if there is too little background to judge.
    """
    step = max(1, rgb.shape[0] // SAMPLES)
    small = cv2.resize(rgb, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA) if step > 1 else rgb
    height, width = small.shape[:2]
    mask = (cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) < 0.02).astype(np.uint8)
    # Keep clear of hair that the matte may have missed.
    reach = max(1, round(0.015 * height))
    mask = cv2.erode(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8), borderValue=1) > 0
    share = float(mask.mean())
    if share < LEAST:
        return None
    values = lab(small)
    inside = values[mask].astype(np.float64)
    median = np.median(inside, axis=0)
    distance = np.sqrt(((inside - median) ** 2).sum(axis=1))
    lightness = np.where(mask, values[..., 0], 0).astype(np.float32)
    sigma = 0.05 * height
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)
    smooth = cv2.GaussianBlur(lightness, (0, 0), sigma) / np.maximum(weight, 1e-3)
    texture = float(np.sqrt(((lightness - smooth)[mask] ** 2).mean()))
    return Backing(
        colour=Colour(*(int(value) for value in np.median(small[mask], axis=0))),
        lab=median,
        spread=float(np.percentile(distance, 90)),
        texture=texture,
        shadow=_shadow(values[..., 0], mask),
        share=share,
    )


def _shadow(lightness: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Difference in lightness between the lightest and the darkest of left, top and right."""
    height, width = mask.shape
    zones = (
        (slice(None), slice(0, width // 4)),
        (slice(0, height // 5), slice(None)),
        (slice(None), slice(width - width // 4, None)),
    )
    levels = [float(np.median(lightness[zone][mask[zone]])) for zone in zones if mask[zone].mean() > 0.05]
    return max(levels) - min(levels) if len(levels) > 1 else 0.0


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
    rule, where = spec.background, subject.where("background")
    rgb, _ = subject.finished.source.pixels(1.0)
    backing = describe(rgb, subject.alpha)
    if backing is None:
        yield Finding(
            check="background",
            status=Status.SKIP,
            code="background.hidden",
            message="There is too little background in the photo to judge it.",
            limit=rule.says,
            source=where,
        )
        return
    may_paint = spec.editing.allows.permits(Allows.BACKGROUND)
    fix = "Let idphoto paint the background." if may_paint else WALL
    known = load_colours()
    accepted = [name for name in rule.colours if matches(backing.lab, known[name])]
    refused = [name for name in rule.refuses if name in known and matches(backing.lab, known[name])]
    wanted = " or ".join(rule.colours)
    good = bool(accepted)
    message = f"The background is {backing.colour}"
    if good:
        message += f", which passes for {accepted[0]}."
    elif refused:
        message += f", {refused[0]}, which this authority refuses; it wants {wanted}."
    else:
        message += f"; {wanted} is wanted."
    yield Finding(
        check="background",
        status=Status.PASS if good else Status.FAIL,
        code="background.colour-ok" if good else ("background.refused" if refused else "background.colour"),
        message=message,
        fix="" if good else fix,
        measured=str(backing.colour),
        limit=rule.says or wanted,
        source=where,
    )
    rough = backing.spread > SPREAD[1] or backing.texture > TEXTURE[1]
    uneven = backing.spread > SPREAD[0] or backing.texture > TEXTURE[0]
    yield Finding(
        check="background",
        status=Status.FAIL if rough else Status.WARN if uneven else Status.PASS,
        code="background.busy" if rough else "background.uneven" if uneven else "background.plain",
        message="The background is not plain."
        if rough
        else "The background is not quite even."
        if uneven
        else "The background is plain.",
        fix=fix if uneven or rough else "",
        measured=round(max(backing.spread, backing.texture), 1),
        limit=f"<= {SPREAD[0]:g}",
        unit="CIELAB",
        source=where,
    )
    if backing.shadow > SHADOW and not rough:
        yield Finding(
            check="background",
            status=Status.WARN,
            code="background.shadow",
            message="There is a shadow on one side of the background.",
            fix=fix,
            measured=round(backing.shadow, 1),
            limit=f"<= {SHADOW:g}",
            unit="L*",
            source=where,
        )


CHECK = Check(
    "background",
    "The background",
    "Head and hair must stand out, and nothing else may be seen.",
    _run,
    needs=frozenset({"alpha"}),
)
