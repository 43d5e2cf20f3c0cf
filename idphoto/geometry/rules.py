"""Collect the rules that bound a crop, in output pixels, and choose the output size.

Rules come from the document, from its standard and from other readings of the same field. Each has a
tier: a rule of a lower tier is never broken to keep a rule of a higher one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idphoto.units import MM_PER_INCH, Band, Size, mm_to_px

if TYPE_CHECKING:
    from idphoto.spec import Spec

__all__ = [
    "EXACT_VALUE_TOLERANCE",
    "TIERS",
    "CropLimits",
    "CropRule",
    "band_to_px",
    "choose_output_size",
    "collect_crop_limits",
    "find_frame_scale",
]

TIERS = 3
"""Tier 0: rules of the document. Tier 1: room in the source. Tier 2: advice from the standard, from other
readings, and for good looks."""

SAFETY_MARGIN_SHARE = 0.011
"""Distance kept from the ends of a band, as a share of the height: when the face is found again in the finished
file, its place differs a little."""
MAX_OFF_CENTRE_SHARE = 0.015
"""Share of the width by which the face may leave the middle if the source has too little room at one side."""
EXACT_VALUE_TOLERANCE = 0.015
"""Tolerance of a single value such as "5 mm", as a share of the frame's height."""
JPEG_BYTES_PER_PIXEL = 0.25  # of a portrait at quality 90, 4:4:4
POOR_BYTES_PER_PIXEL = 0.08  # of a portrait of 400 x 500 pixels at quality 60, 4:2:0; with fewer, blocks show
FAIR_BYTES_PER_PIXEL = 0.11  # of a portrait of half that size at the same quality
METADATA_BYTES = 1500
MIN_DPI = 100.0
"""Resolution on paper below which a print looks poor, whatever the length of its file."""


@dataclass(frozen=True, slots=True)
class CropRule:
    """One band on one quantity of the crop, in output pixels.

    Attributes
    ----------
    quantity : str
        Name of the spec field, such as ``head_height``.
    low, high : float
        Allowed values in output pixels.
    tier : int
        0, 1 or 2, see `TIERS`. A rule of a lower tier is never broken to keep a rule of a higher tier.
    crown : str
        The crown that the quantity is measured to.
    """

    quantity: str
    low: float
    high: float
    tier: int
    crown: str = "skull"

    @property
    def middle(self) -> float:
        """Middle of the band; if one end is open, the other end."""
        if math.isinf(self.low) or math.isinf(self.high):
            return self.high if math.isinf(self.low) else self.low
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class CropLimits:
    """All rules for a crop of a given size."""

    size: Size
    rules: tuple[CropRule, ...]

    def on(self, *quantities: str) -> list[CropRule]:
        """Return the rules on the named quantities."""
        return [rule for rule in self.rules if rule.quantity in quantities]


def find_frame_scale(spec: Spec, field: str, size: Size) -> float:
    """Return the output pixels of one pixel of the frame in which the document counts the lengths of a field.

    Rules of the standard, and of documents without a frame, count pixels of the output itself.
    """
    if spec.frame is None or field in spec.inherited:
        return 1.0
    if field in _ALONG_WIDTH:
        return size.width / spec.frame.width.middle
    return size.height / spec.frame.height.middle


def band_to_px(band: Band, length: int, dpi: float | None, scale: float = 1.0) -> Band:
    """Convert a band to output pixels.

    Parameters
    ----------
    band : Band
        In %, px or a unit of length on paper.
    length : int
        Pixels of the side that % refers to.
    dpi : float, optional
        Output pixels per inch on paper.
    scale : float
        Output pixels of a pixel of the band, see `find_frame_scale`.

    Raises
    ------
    ValueError
        If the band is a length on paper and the output has no size on paper.
    """
    if band.unit == "px":
        return band if scale == 1.0 else band.scaled(scale, "px")
    if band.unit == "%":
        return band.scaled(length / 100, "px")
    if dpi is None:
        raise ValueError(f"{band} needs a size on paper")
    return band.to("mm").scaled(mm_to_px(1.0, dpi), "px")


_ALONG_HEIGHT = ("head_height", "eye_line", "top_margin", "chin_margin", "chin_to_eyes")
_ALONG_WIDTH = ("face_width", "centre", "eye_distance")


def collect_crop_limits(spec: Spec, size: Size, dpi: float | None) -> CropLimits:
    """Collect the rules of a document, of its standard and of other readings, in output pixels."""
    rules = []
    for quantity in _ALONG_HEIGHT + _ALONG_WIDTH:
        length = size.height if quantity in _ALONG_HEIGHT else size.width
        band: Band | None = getattr(spec, quantity)
        scale = find_frame_scale(spec, quantity, size)
        advice = [reading.band for reading in spec.readings if reading.field == quantity]
        if band is not None:
            tier = 2 if quantity in spec.inherited else 0
            rules.append(_rule(quantity, band_to_px(band, length, dpi, scale), tier, size, spec.crown))
        for other in advice:
            if other is not None and (other.unit in ("%", "px") or dpi is not None):
                rules.append(_rule(quantity, band_to_px(other, length, dpi, scale), 2, size, spec.crown))
    rules.append(CropRule("centre", -MAX_OFF_CENTRE_SHARE * size.width, MAX_OFF_CENTRE_SHARE * size.width, 0))
    # For each kind of crown: the edge should not cut off hair, and high hair must not make the face small.
    rules.append(CropRule("top_margin", 0.01 * size.height, math.inf, 2, "hair"))
    if spec.crown == "hair" and spec.head_height is not None:
        scale = find_frame_scale(spec, "head_height", size)
        low = band_to_px(spec.head_height, size.height, dpi, scale).low
        rules.append(CropRule("head_height", low, math.inf, 2, "skull"))
    return CropLimits(size, tuple(rules))


def _rule(quantity: str, band: Band, tier: int, size: Size, crown: str) -> CropRule:
    slack = EXACT_VALUE_TOLERANCE * size.height if band.low == band.high else 0.0
    if tier == 0 and quantity != "centre" and band.low < band.high and band.high > 0:
        slack = -min(SAFETY_MARGIN_SHARE * size.height, (band.high - band.low) / 4)
    return CropRule(quantity, band.low - slack, band.high + slack, tier, crown)


def choose_output_size(
    spec: Spec, head_px: float, dpi: float | None = None, *, within_bytes: bool = True
) -> tuple[Size, float | None]:
    """Choose the output size and the resolution for a document.

    Parameters
    ----------
    spec : Spec
        A document that is handed in cropped.
    head_px : float
        Height of the head in source pixels. If the document leaves the size open, the size is chosen so
        that the source need not be enlarged.
    dpi : float, optional
        Wanted resolution on paper; a resolution that the document prescribes has priority.
    within_bytes : bool
        Lower a resolution that the document leaves open where its file could hold so many pixels only at poor quality.

    Returns
    -------
    Size
        In pixels.
    float or None
        Pixels per inch on paper, or None for a document without a size on paper.
    """
    if spec.pixels is None:
        if spec.size is None:
            raise ValueError(f"{spec.id} prescribes no size")
        width, height = spec.size.mm
        wanted = dpi or 300.0
        if spec.dpi is not None:
            wanted = min(max(wanted, spec.dpi.low), spec.dpi.high)
        if within_bytes:
            wanted = _lower_to_bytes(spec, wanted, width * height)
        return Size(round(mm_to_px(width, wanted)), round(mm_to_px(height, wanted))), wanted
    size = _pixels(spec, head_px)
    if spec.size is None:
        return size, None
    # The exact pixels decide; their resolution on paper follows from the height.
    return size, size.height / spec.size.mm[1] * 25.4


def _find_other_ceiling(spec: Spec, least: float) -> float:
    """Return the greatest height in pixels that other readings allow, if the document can keep it, too."""
    others = (reading.extent for reading in spec.readings if reading.field == "pixels")
    ceilings = [other.height.high for other in others if other is not None and math.isinf(other.height.low)]
    return min((ceiling for ceiling in ceilings if ceiling >= least), default=math.inf)


def _find_head_share(spec: Spec) -> float:
    """Return the share of the height that the head takes in the middle of its band; three quarters if there is none."""
    band = spec.head_height
    if band is None:
        return 0.75
    if band.unit == "%":
        return band.middle / 100
    if band.unit == "px":
        counted = spec.frame or spec.pixels
        return 0.75 if counted is None else band.middle / counted.height.middle
    return 0.75 if spec.size is None else band.to("mm").middle / spec.size.mm[1]


def _lower_to_bytes(spec: Spec, dpi: float, area_mm2: float) -> float:
    """Return `dpi`, or a lower one where a file of the document's length could hold so many pixels only poorly.

    It is never below the resolution that the document itself prescribes, and below the one that the standard advises
    only if that, too, would look poor.
    """
    if spec.bytes is None or spec.bytes.ceiling is None:
        return dpi
    length, area = max(spec.bytes.ceiling - METADATA_BYTES, 0), area_mm2 / MM_PER_INCH**2
    asked = MIN_DPI if spec.dpi is None else max(spec.dpi.low, MIN_DPI)
    for enough in (dpi, min(asked, dpi)):
        if length >= area * enough**2 * POOR_BYTES_PER_PIXEL:
            return max(enough, min(dpi, math.sqrt(length / FAIR_BYTES_PER_PIXEL / area)))
    prescribed = asked if "dpi" not in spec.inherited else MIN_DPI
    return min(dpi, max(math.sqrt(length / FAIR_BYTES_PER_PIXEL / area), prescribed))


def _pixels(spec: Spec, head_px: float) -> Size:
    """Choose pixels in the document's range: as many as the source can fill, up to a sensible limit."""
    assert spec.pixels is not None
    wide, high = spec.pixels.width, spec.pixels.height
    if spec.pixels.exact:
        return Size(round(wide.low), round(high.low))
    share = _find_head_share(spec)
    least_wide, least_high = max(wide.low, 1.0), max(high.low, 1.0)
    cap = min(high.high, max(2 * least_high, 1200.0), _find_other_ceiling(spec, least_high))
    if spec.aspect is not None:
        ratio = spec.aspect.value
    elif spec.size is not None:
        ratio = spec.size.mm[0] / spec.size.mm[1]
    else:
        ratio = wide.low / high.low if math.isfinite(high.low) and math.isfinite(wide.low) else wide.high / high.high
    if spec.bytes is not None and spec.bytes.ceiling is not None:
        # In a small file, fewer pixels of good quality look better than many pixels of poor quality.
        cap = min(cap, math.sqrt(spec.bytes.ceiling / JPEG_BYTES_PER_PIXEL / ratio))
    height = min(max(head_px / share, 1.0), cap)
    height = min(max(height, least_high, least_wide / ratio), wide.high / ratio)
    return Size(
        int(min(max(round(height * ratio), math.ceil(least_wide)), wide.high)),
        int(min(max(round(height), math.ceil(least_high)), high.high)),
    )
