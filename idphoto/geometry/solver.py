"""Find the crop that keeps every rule.

A crop is three numbers in the head frame (:mod:`idphoto.geometry.head_frame`): `pitch`, the source pixels per
output pixel, and `left` and `top`, the place of its corner. Each rule of each authority bounds either `pitch`
alone or, once `pitch` is chosen, `top` or `left` alone. The best crop is therefore found by a scan over one
number, with two intervals at each step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idphoto.geometry.head_frame import compute_head_frame
from idphoto.geometry.rules import TIERS
from idphoto.portrait import View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from idphoto.geometry.rules import CropLimits, CropRule
    from idphoto.portrait import Head, Matrix
    from idphoto.units import Size

    Floats = NDArray[np.float64]

__all__ = ["find_missing", "solve_crop"]

SPACE_ABOVE_SHARE = 4 / 11
"""Share of the free height that is put above the crown. It is the middle of the bands of the Japanese passport:
4 mm above and 7 mm below a head of 34 mm. This looks right in other formats too."""


def solve_crop(
    head: Head,
    limits: CropLimits,
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
    limits : CropLimits
        Rules and output size.
    source : Size
        Of the source, in pixels.
    roll : float
        Tilt of the head in the source in degrees, which the crop removes; 0 if the authority allows only
        cropping.
    dpi : float, optional
        Kept in the view.
    open_sides : iterable of str
        Sides (``left``, ``top``, ``right``) at which the crop may reach beyond the source: the person does
        not touch them, and the background is painted.

    Returns
    -------
    View
        A crop is always found. Rules that it breaks show in `View.missing` and in the checks.
    """
    free = frozenset(open_sides)
    problem = _Problem(head, limits, source, compute_head_frame(head, roll), free)
    pitch, left, top = problem.solve()
    # `left` and `top` are edges of pixels; the centre of the first pixel is half a pixel inside.
    to_output = np.array([[1 / pitch, 0, -left / pitch - 0.5], [0, 1 / pitch, -top / pitch - 0.5], [0, 0, 1]])
    matrix = to_output @ problem.to_head
    return View(matrix, limits.size, dpi, find_missing(matrix, limits.size, source), free)


class _Interval(NamedTuple):
    """Allowed interval of a number, for each pitch that is tried; `low` and `high` have shape (n,)."""

    tier: int
    low: Floats
    high: Floats


class _Problem:
    """The search for one crop. Arrays have one value for each pitch that is tried."""

    def __init__(
        self, head: Head, limits: CropLimits, source: Size, to_head: Matrix, open_sides: frozenset[str]
    ) -> None:
        self.head, self.limits, self.to_head = head, limits, to_head
        self.width, self.height = limits.size
        # The edges of the source are half a pixel outside its outermost pixel centres.
        right, bottom = source.width - 0.5, source.height - 0.5
        corners = np.array([(-0.5, -0.5, 1), (right, -0.5, 1), (right, bottom, 1), (-0.5, bottom, 1)])
        self.quad = (corners @ to_head.T)[:, :2]
        self.open_sides = open_sides
        self.pitch = self._candidates()

    def _extent(self, rule: CropRule) -> float | None:
        """Return the length in source pixels of a quantity that depends on the pitch alone; None for others."""
        head = self.head
        lengths = {
            "head_height": head.height(rule.crown),
            "face_width": head.left + head.right,
            "chin_to_eyes": head.chin,
            "eye_distance": head.eye_distance,
        }
        return lengths.get(rule.quantity)

    def _candidates(self) -> Floats:
        """Return the pitches to try: a grid across all bands, and the ends and middles of the bands."""
        natural = self.head.height() / (0.75 * self.height)
        exact = []
        for rule in self.limits.rules:
            extent = self._extent(rule)
            if extent is not None:
                exact += [extent / value for value in (rule.low, rule.middle, rule.high) if 0 < value < math.inf]
        low, high = min([0.5 * natural, *exact]), max([2.0 * natural, *exact])
        return np.unique(np.concatenate([np.geomspace(low, high, 400), exact]))

    def solve(self) -> tuple[float, float, float]:
        """Return the best pitch, left and top."""
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
        # If the source is turned, the room for `top` depends a little on `left`, and the other way round.
        # Two rounds settle both.
        for _ in range(2):
            top_cost, top = _settle(wanted_top, [*tops, *self._room("top", left)])
            left_cost, left = _settle(wanted_left, [*lefts, *self._room("left", top)])
        cost += (top_cost + left_cost) / (self.height * pitch)
        # Without rounding, noise in the sixth digit of a strict tier would decide, and not the looks.
        order = np.lexsort([self._comfort(top, left), *np.round(cost, 5)[::-1]])
        best = int(order[0])
        return float(pitch[best]), float(left[best]), float(top[best])

    def _vertical(self) -> list[CropRule]:
        return self.limits.on("eye_line", "top_margin", "chin_margin")

    def _top_band(self, rule: CropRule) -> tuple[Floats, Floats]:
        """Return the interval of `top` in which a rule holds."""
        pitch, height = self.pitch, self.height * self.pitch
        if rule.quantity == "top_margin":
            crown = -self.head.crown(rule.crown)
            return crown - rule.high * pitch, crown - rule.low * pitch
        below = self.head.chin if rule.quantity == "chin_margin" else 0.0
        return rule.low * pitch - height + below, rule.high * pitch - height + below

    def _left_band(self, rule: CropRule) -> tuple[Floats, Floats]:
        middle = -self.width * self.pitch / 2
        return middle - rule.high * self.pitch, middle - rule.low * self.pitch

    def _room(self, which: str, other: Floats) -> list[_Interval]:
        """Return the intervals of `top` (or `left`) in which the crop stays inside the source, for a given `other`."""
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
                continue  # this side of the source does not limit this number
            # All corners of the crop: normal . (left + a, top + b) >= normal . first.
            reach = min(0.0, normal[0]) * width + min(0.0, normal[1]) * height
            bound = (normal[0] * first[0] + normal[1] * first[1] - reach - rest * other) / own
            intervals.append(_Interval(1, bound, endless) if own > 0 else _Interval(1, -endless, bound))
        return intervals

    def _preferred_top(self) -> Floats:
        """Return the preferred `top`: a weighted mean of the middles of the bands and of a pleasing place."""
        head = self.head
        free = self.height * self.pitch - head.height()
        total, weights = -head.skull - SPACE_ABOVE_SHARE * free, 1.0
        for rule in self._vertical():
            if math.isinf(rule.low) or math.isinf(rule.high):
                continue
            low, high = self._top_band(rule)
            # A narrow band has more weight than a wide one.
            weight = 0.2 * self.height / max(rule.high - rule.low, 0.01 * self.height) * (1 if rule.tier else 4)
            total = total + weight * (low + high) / 2
            weights += weight
        return total / weights

    def _comfort(self, top: Floats, left: Floats) -> Floats:
        """Return the squared distance from the middles of the bands; 1 is the end of a band."""
        pitch = self.pitch
        total: Floats = np.square((top - self._preferred_top()) / (0.1 * self.height * pitch))
        total += ((left + self.width * pitch / 2) / (0.02 * self.width * pitch)) ** 2
        for rule in self.limits.rules:
            extent = self._extent(rule)
            if extent is None or math.isinf(rule.high) or rule.low <= 0 or rule.low == rule.high:
                continue
            # In logarithms, twice as large and half as large are equally far.
            half = math.log(rule.high / rule.low) / 2
            middle = math.log(rule.high * rule.low) / 2
            total += ((np.log(extent / pitch) - middle) / half) ** 2 * (0.25 if rule.tier else 1)
        return total


def _settle(wanted: Floats, intervals: list[_Interval]) -> tuple[Floats, Floats]:
    """Find the values nearest to `wanted` that break the intervals least, strict tiers first.

    Return the distances by which intervals are broken, shape (TIERS, n), and the values, shape (n,).
    """
    low, high = np.full_like(wanted, -math.inf), np.full_like(wanted, math.inf)
    for tier in range(TIERS):
        for interval in intervals:
            if interval.tier == tier:
                # If an interval cannot be kept, go as near to it as the stricter tiers allow.
                low, high = (
                    np.clip(interval.low, low, high),
                    np.clip(interval.high, low, high),
                )
    value = np.clip(wanted, low, high)
    broken = np.zeros((TIERS, len(wanted)))
    for interval in intervals:
        broken[interval.tier] += np.maximum(np.maximum(interval.low - value, value - interval.high), 0)
    return broken, value


def find_missing(matrix: Matrix, size: Size, source: Size) -> tuple[float, float, float, float]:
    """Return the output pixels by which the crop is outside the source at the left, top, right and bottom."""
    right, bottom = source.width - 0.5, source.height - 0.5
    quad = (np.array([(-0.5, -0.5, 1), (right, -0.5, 1), (right, bottom, 1), (-0.5, bottom, 1)]) @ matrix.T)[:, :2]
    wide, high = size.width - 0.5, size.height - 0.5
    corners = np.array([(-0.5, -0.5), (wide, -0.5), (wide, high), (-0.5, high)])
    beyond = [0.0, 0.0, 0.0, 0.0]
    for first, second in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = (second - first) / np.linalg.norm(second - first)
        normal = np.array([-along[1], along[0]])  # points into the source
        # Find the side of the crop that this side of the source limits, for any turn of the source.
        side = int(np.argmax([normal[0], normal[1], -normal[0], -normal[1]]))
        depth = float(np.max((first - corners) @ normal))
        # Less than a twentieth of a pixel is rounding, not a missing part of the picture.
        beyond[side] = max(beyond[side], round(depth, 2) if depth > 0.05 else 0.0)
    return beyond[0], beyond[1], beyond[2], beyond[3]
