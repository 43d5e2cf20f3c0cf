"""From a measured head to the crop that keeps every rule: pure geometry, no pixels.

Everything happens in the *head frame*: source pixels, turned so that the head stands upright,
with the midpoint of the eyes at (0, 0), x to the right and y down. A crop is three numbers
there: `pitch`, the source pixels per output pixel, and `left` and `top`, the place of its corner.
Every rule of every authority bounds either `pitch` alone or, once it is chosen, `top` or `left`
alone. So the best crop is found by a scan over one number with two intervals at each step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idphoto.affine import inverse
from idphoto.photo import Head, Point, View
from idphoto.units import Band, Size, mm_to_px

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from idphoto.photo import Face, Matrix, Silhouette
    from idphoto.spec import Spec

    Floats = NDArray[np.float64]

__all__ = ["Limits", "Rule", "choose_size", "fit", "frame_px", "limits_of", "measure_head", "roll_matrix"]

TIERS = 3
"""Rules of the document; room in the source; advice from standards, other readings and good looks."""

SAFE = 0.011  # of the height: how far to stay clear of a band's ends, since finding a face again differs a little
STRAY = 0.015  # share of the width by which the face may leave the middle for the sake of room
EXACT = 0.015  # of the frame's height: what a single value such as "5 mm" is taken to tolerate
BYTES_PER_PIXEL = 0.25  # a JPEG of a portrait at quality 90, 4:4:4
HEAD_TO_TOP = 4 / 11
"""Share of the free height that goes above the crown: 4 mm above and 7 mm below a head of 34 mm,
the middle of the Japanese passport's bands, which look right in other formats too."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One band on one quantity of the crop, in output pixels.

    Attributes
    ----------
    quantity : str
        Name of the spec field, such as ``head_height``.
    low, high : float
        Allowed values in output pixels.
    tier : int
        0 gates; 1 is room; 2 advises. Lower tiers are never broken for the sake of higher ones.
    crown : str
        Which crown the quantity reaches to.
    """

    quantity: str
    low: float
    high: float
    tier: int
    crown: str = "skull"

    @property
    def middle(self) -> float:
        """Middle of the band; its finite end where the other is open."""
        if math.isinf(self.low) or math.isinf(self.high):
            return self.high if math.isinf(self.low) else self.low
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Limits:
    """All rules for a crop of a given size."""

    size: Size
    rules: tuple[Rule, ...]

    def on(self, *quantities: str) -> list[Rule]:
        """Rules on the named quantities."""
        return [rule for rule in self.rules if rule.quantity in quantities]


def frame_px(band: Band, length: int, dpi: float | None) -> Band:
    """A band as output pixels.

    Parameters
    ----------
    band : Band
        In %, px or a unit of length on paper.
    length : int
        Pixels of the side that % refers to.
    dpi : float, optional
        Output pixels per inch on paper.

    Raises
    ------
    ValueError
        If the band is a length on paper and the output has none.
    """
    if band.unit == "px":
        return band
    if band.unit == "%":
        return band.scaled(length / 100, "px")
    if dpi is None:
        raise ValueError(f"{band} needs a size on paper")
    return band.to("mm").scaled(mm_to_px(1.0, dpi), "px")


_ALONG_HEIGHT = ("head_height", "eye_line", "top_margin", "chin_margin", "chin_to_eyes")
_ALONG_WIDTH = ("face_width", "centre", "eye_distance")


def limits_of(spec: Spec, size: Size, dpi: float | None) -> Limits:
    """Collect the rules of a document, of its standard and of other readings, in output pixels."""
    rules = []
    for quantity in _ALONG_HEIGHT + _ALONG_WIDTH:
        length = size.height if quantity in _ALONG_HEIGHT else size.width
        band: Band | None = getattr(spec, quantity)
        advice = [reading.band for reading in spec.readings if reading.field == quantity]
        if band is not None:
            tier = 2 if quantity in spec.inherited else 0
            rules.append(_rule(quantity, frame_px(band, length, dpi), tier, size, spec.crown))
        for other in advice:
            if other is not None and (other.unit in ("%", "px") or dpi is not None):
                rules.append(_rule(quantity, frame_px(other, length, dpi), 2, size, spec.crown))
    rules.append(Rule("centre", -STRAY * size.width, STRAY * size.width, 0))
    # Whatever the crown, no hair should be cut off by the edge, and big hair must not shrink the face.
    rules.append(Rule("top_margin", 0.01 * size.height, math.inf, 2, "hair"))
    if spec.crown == "hair" and spec.head_height is not None:
        low = frame_px(spec.head_height, size.height, dpi).low
        rules.append(Rule("head_height", low, math.inf, 2, "skull"))
    return Limits(size, tuple(rules))


def _rule(quantity: str, band: Band, tier: int, size: Size, crown: str) -> Rule:
    slack = EXACT * size.height if band.low == band.high else 0.0
    if tier == 0 and quantity != "centre" and 0 < band.low < band.high < math.inf:
        slack = -min(SAFE * size.height, (band.high - band.low) / 4)
    return Rule(quantity, band.low - slack, band.high + slack, tier, crown)


def choose_size(spec: Spec, head_px: float, dpi: float | None = None) -> tuple[Size, float | None]:
    """Output size and resolution for a document.

    Parameters
    ----------
    spec : Spec
        A document that is handed in cropped.
    head_px : float
        Height of the head in source pixels: where the document leaves the size open, it is
        chosen so that no pixel has to be invented.
    dpi : float, optional
        Wanted resolution on paper; the document's own prescription wins.

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
        return Size(round(mm_to_px(width, wanted)), round(mm_to_px(height, wanted))), wanted
    size = _pixels(spec, head_px)
    if spec.size is None:
        return size, None
    # The exact pixels decide; their resolution on paper follows from the height.
    return size, size.height / spec.size.mm[1] * 25.4


def _pixels(spec: Spec, head_px: float) -> Size:
    """Pixels inside the document's range, as many as the source can fill, but not beyond reason."""
    assert spec.pixels is not None
    wide, high = spec.pixels.width, spec.pixels.height
    if spec.pixels.exact:
        return Size(round(wide.low), round(high.low))
    share = 0.75
    if spec.head_height is not None and spec.head_height.unit == "%":
        share = spec.head_height.middle / 100
    least_wide, least_high = max(wide.low, 1.0), max(high.low, 1.0)
    cap = min(high.high, max(2 * least_high, 1200.0))
    if spec.aspect is not None:
        ratio = spec.aspect.value
    elif spec.size is not None:
        ratio = spec.size.mm[0] / spec.size.mm[1]
    else:
        ratio = wide.low / high.low if math.isfinite(high.low) and math.isfinite(wide.low) else wide.high / high.high
    if spec.bytes is not None and spec.bytes.ceiling is not None:
        # Fewer pixels of good quality are worth more than many squeezed into the same file.
        cap = min(cap, math.sqrt(spec.bytes.ceiling / BYTES_PER_PIXEL / ratio))
    height = min(max(head_px / share, 1.0), cap)
    height = min(max(height, least_high, least_wide / ratio), wide.high / ratio)
    return Size(
        int(min(max(round(height * ratio), math.ceil(least_wide)), wide.high)),
        int(min(max(round(height), math.ceil(least_high)), high.high)),
    )


def roll_matrix(face: Face | Head, degrees: float) -> Matrix:
    """Matrix (3, 3) from source pixels to the head frame when the head's roll is `degrees`."""
    angle = math.radians(-degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = -turn @ np.array(face.eyes)
    return matrix


def measure_head(face: Face, skull: float, skull_sd: float, silhouette: Silhouette | None) -> Head:
    """Measure a head along its own axis.

    Parameters
    ----------
    face : Face
        In source pixels.
    skull, skull_sd : float
        Height of the skull's top above the eyes by anatomy, and its standard deviation.
    silhouette : Silhouette, optional
        Where the person is. Without it the hair is taken to end where the skull does.
    """
    matrix = roll_matrix(face, face.roll)

    def place(point: Point) -> Point:
        x, y, _ = matrix @ (point.x, point.y, 1.0)
        return Point(float(x), float(y))

    chin = place(face.chin).y
    sides = [place(cheek).x for cheek in face.cheeks]
    hair, cut = skull, False
    if silhouette is not None:
        found = _hair_top(silhouette, matrix, -min(sides), max(sides), chin)
        if found is not None:
            hair, cut = found
            # Nothing of the skull can stand above the hair; a silhouette that stops at the brow errs.
            skull = min(skull, max(hair, -place(face.hairline).y))
            hair = max(hair, skull)
    angle = math.radians(face.roll)
    return Head(
        axis=(math.sin(angle), -math.cos(angle)),
        eyes=face.eyes,
        chin=chin,
        skull=skull,
        skull_sd=skull_sd,
        hair=hair,
        hair_cut=cut,
        hairline=-place(face.hairline).y,
        left=-min(sides),
        right=max(sides),
        eye_distance=face.eye_distance,
    )


def _hair_top(
    silhouette: Silhouette, matrix: Matrix, left: float, right: float, chin: float
) -> tuple[float, bool] | None:
    """Height of the silhouette above the eyes, between the sides of the face, and whether it is cut off."""
    to_frame = matrix @ inverse(silhouette.matrix)
    height, width = silhouette.probability.shape
    step = float(np.hypot(to_frame[0, 0], to_frame[1, 0]))
    # Sample the silhouette on columns of the head frame, from the eyes upwards.
    columns = np.linspace(-left, right, 33)
    reach = np.arange(0.0, 3.5 * chin, step / 2)
    grid = np.stack([np.tile(columns, len(reach)), np.repeat(-reach, len(columns)), np.ones(len(reach) * len(columns))])
    x, y, _ = inverse(to_frame) @ grid
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    values = np.where(
        inside, silhouette.probability[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)], -1.0
    ).reshape(len(reach), len(columns))
    # A row belongs to the head while a tenth of it does; the first gap above the eyes ends it.
    covered = (values > 0.5).mean(axis=1) >= 0.1
    if not covered[0]:
        return None
    end = int(np.argmin(covered)) if not covered.all() else len(covered)
    cut = end < len(reach) and bool((values[end] < 0).mean() > 0.5)
    return float(reach[end - 1]), cut


def fit(
    head: Head,
    limits: Limits,
    source: Size,
    roll: float,
    *,
    dpi: float | None = None,
    open_sides: Iterable[str] = (),
) -> View:
    """Find the crop that keeps all rules, nearest the middles of their bands.

    Parameters
    ----------
    head : Head
        In source pixels.
    limits : Limits
        Rules and output size.
    source : Size
        Of the source, in pixels.
    roll : float
        Degrees by which the head is tilted in the source and which the crop takes out; 0 where
        the authority allows cropping only.
    dpi : float, optional
        Kept in the view.
    open_sides : iterable of str
        Sides (``left``, ``top``, ``right``) where the source need not reach, since the person
        does not touch them and the background is painted anyway.

    Returns
    -------
    View
        Always; what could not be kept shows in `View.missing` and in the checks.
    """
    free = frozenset(open_sides)
    problem = _Problem(head, limits, source, roll_matrix(head, roll), free)
    pitch, left, top = problem.solve()
    # `left` and `top` are edges; the centre of the first pixel lies half a pixel further in.
    to_output = np.array([[1 / pitch, 0, -left / pitch - 0.5], [0, 1 / pitch, -top / pitch - 0.5], [0, 0, 1]])
    matrix = to_output @ problem.to_head
    return View(matrix, limits.size, dpi, _missing(matrix, limits.size, source), free)


class _Interval(NamedTuple):
    """Where a number may lie, for each pitch that is tried; ends of shape (n,)."""

    tier: int
    low: Floats
    high: Floats


class _Problem:
    """The search for one crop. Arrays run over the pitches that are tried."""

    def __init__(self, head: Head, limits: Limits, source: Size, to_head: Matrix, open_sides: frozenset[str]) -> None:
        self.head, self.limits, self.to_head = head, limits, to_head
        self.width, self.height = limits.size
        # Pixel edges of the source lie half a pixel outside the outermost centres.
        right, bottom = source.width - 0.5, source.height - 0.5
        corners = np.array([(-0.5, -0.5, 1), (right, -0.5, 1), (right, bottom, 1), (-0.5, bottom, 1)])
        self.quad = (corners @ to_head.T)[:, :2]
        self.open_sides = open_sides
        self.pitch = self._candidates()

    def _extent(self, rule: Rule) -> float | None:
        """Length in source pixels of a quantity that depends on the pitch alone."""
        head = self.head
        lengths = {
            "head_height": head.height(rule.crown),
            "face_width": head.left + head.right,
            "chin_to_eyes": head.chin,
            "eye_distance": head.eye_distance,
        }
        return lengths.get(rule.quantity)

    def _candidates(self) -> Floats:
        """Pitches worth trying: a grid across all bands, and their ends and middles themselves."""
        natural = self.head.height() / (0.75 * self.height)
        exact = []
        for rule in self.limits.rules:
            extent = self._extent(rule)
            if extent is not None:
                exact += [extent / value for value in (rule.low, rule.middle, rule.high) if 0 < value < math.inf]
        low, high = min([0.5 * natural, *exact]), max([2.0 * natural, *exact])
        return np.unique(np.concatenate([np.geomspace(low, high, 400), exact]))

    def solve(self) -> tuple[float, float, float]:
        """Best pitch, left and top."""
        pitch = self.pitch
        cost = np.zeros((TIERS, len(pitch)))
        for rule in self.limits.rules:
            extent = self._extent(rule)
            if extent is not None:
                value = extent / pitch
                cost[rule.tier] += np.maximum(np.maximum(rule.low - value, value - rule.high), 0) / self.height
        tops = [_Interval(rule.tier, *self._top_band(rule)) for rule in self._vertical()]
        lefts = [_Interval(rule.tier, *self._left_band(rule)) for rule in self.limits.on("centre")]
        left = wanted_left = -self.width * pitch / 2
        top = wanted_top = self._preferred_top()
        # With a turned source, room for one depends a little on the other: settle them in turn.
        for _ in range(2):
            top_cost, top = _settle(wanted_top, [*tops, *self._room("top", left)])
            left_cost, left = _settle(wanted_left, [*lefts, *self._room("left", top)])
        cost += (top_cost + left_cost) / (self.height * pitch)
        # Rounding keeps noise of the sixth digit in a strict tier from overruling looks.
        order = np.lexsort([self._comfort(top, left), *np.round(cost, 5)[::-1]])
        best = int(order[0])
        return float(pitch[best]), float(left[best]), float(top[best])

    def _vertical(self) -> list[Rule]:
        return self.limits.on("eye_line", "top_margin", "chin_margin")

    def _top_band(self, rule: Rule) -> tuple[Floats, Floats]:
        """Ends of the interval of `top` in which a rule holds."""
        pitch, height = self.pitch, self.height * self.pitch
        if rule.quantity == "top_margin":
            crown = -self.head.crown(rule.crown)
            return crown - rule.high * pitch, crown - rule.low * pitch
        below = self.head.chin if rule.quantity == "chin_margin" else 0.0
        return rule.low * pitch - height + below, rule.high * pitch - height + below

    def _left_band(self, rule: Rule) -> tuple[Floats, Floats]:
        middle = -self.width * self.pitch / 2
        return middle - rule.high * self.pitch, middle - rule.low * self.pitch

    def _room(self, which: str, other: Floats) -> list[_Interval]:
        """Intervals of `top` (or `left`) in which the crop stays inside the source, given the other."""
        width, height = self.width * self.pitch, self.height * self.pitch
        endless = np.full_like(width, math.inf)
        intervals = []
        for index, side in enumerate(("top", "right", "bottom", "left")):
            if side in self.open_sides:
                continue
            first, second = self.quad[index], self.quad[(index + 1) % 4]
            along = (second - first) / np.linalg.norm(second - first)
            normal = (-along[1], along[0])  # points into the source
            own, rest = (normal[1], normal[0]) if which == "top" else normal
            if abs(own) < 0.3:
                continue  # this side hardly bounds this number
            # All corners of the crop: normal . (left + a, top + b) >= normal . first.
            reach = min(0.0, normal[0]) * width + min(0.0, normal[1]) * height
            bound = (normal[0] * first[0] + normal[1] * first[1] - reach - rest * other) / own
            intervals.append(_Interval(1, bound, endless) if own > 0 else _Interval(1, -endless, bound))
        return intervals

    def _preferred_top(self) -> Floats:
        """Mean of the middles of the bands on the vertical place and of a pleasing one."""
        head = self.head
        free = self.height * self.pitch - head.height()
        total, weights = -head.skull - HEAD_TO_TOP * free, 1.0
        for rule in self._vertical():
            if math.isinf(rule.low) or math.isinf(rule.high):
                continue
            low, high = self._top_band(rule)
            # A narrow band knows better than a wide one.
            weight = 0.2 * self.height / max(rule.high - rule.low, 0.01 * self.height) * (1 if rule.tier else 4)
            total = total + weight * (low + high) / 2
            weights += weight
        return total / weights

    def _comfort(self, top: Floats, left: Floats) -> Floats:
        """How far from the middles; 1 is the end of a band."""
        pitch = self.pitch
        total: Floats = np.square((top - self._preferred_top()) / (0.1 * self.height * pitch))
        total += ((left + self.width * pitch / 2) / (0.02 * self.width * pitch)) ** 2
        for rule in self.limits.rules:
            extent = self._extent(rule)
            if extent is None or math.isinf(rule.high) or rule.low <= 0 or rule.low == rule.high:
                continue
            # Logarithms, since twice as large and half as large are equally wrong.
            half = math.log(rule.high / rule.low) / 2
            middle = math.log(rule.high * rule.low) / 2
            total += ((np.log(extent / pitch) - middle) / half) ** 2 * (0.25 if rule.tier else 1)
        return total


def _settle(wanted: Floats, intervals: list[_Interval]) -> tuple[Floats, Floats]:
    """Values nearest to `wanted` that break the intervals of each tier least, strict tiers first.

    Returns what is broken, shape (TIERS, n), and the values, shape (n,).
    """
    low, high = np.full_like(wanted, -math.inf), np.full_like(wanted, math.inf)
    for tier in range(TIERS):
        for interval in intervals:
            if interval.tier == tier:
                # What cannot be kept is approached as far as stricter rules let us.
                low, high = (
                    np.clip(interval.low, low, high),
                    np.clip(interval.high, low, high),
                )
    value = np.clip(wanted, low, high)
    broken = np.zeros((TIERS, len(wanted)))
    for interval in intervals:
        broken[interval.tier] += np.maximum(np.maximum(interval.low - value, value - interval.high), 0)
    return broken, value


def _missing(matrix: Matrix, size: Size, source: Size) -> tuple[float, float, float, float]:
    """Output pixels by which the crop reaches beyond the source at the left, top, right and bottom."""
    right, bottom = source.width - 0.5, source.height - 0.5
    quad = (np.array([(-0.5, -0.5, 1), (right, -0.5, 1), (right, bottom, 1), (-0.5, bottom, 1)]) @ matrix.T)[:, :2]
    wide, high = size.width - 0.5, size.height - 0.5
    corners = np.array([(-0.5, -0.5), (wide, -0.5), (wide, high), (-0.5, high)])
    beyond = [0.0, 0.0, 0.0, 0.0]
    for first, second in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = (second - first) / np.linalg.norm(second - first)
        normal = np.array([-along[1], along[0]])  # points into the source
        # The side of the crop that this side of the source bounds, whichever way up the source lies.
        side = int(np.argmax([normal[0], normal[1], -normal[0], -normal[1]]))
        depth = float(np.max((first - corners) @ normal))
        # A twentieth of a pixel is rounding, not a missing piece of picture.
        beyond[side] = max(beyond[side], round(depth, 2) if depth > 0.05 else 0.0)
    return beyond[0], beyond[1], beyond[2], beyond[3]
