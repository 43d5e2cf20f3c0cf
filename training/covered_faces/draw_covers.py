"""Draw things over faces: masks, scarves, hands, glare and tinted lenses, with the truth by construction.

Each function takes a picture and the landmarks of its face, and returns a `Covered`: the new picture, and how much of
the old one is hidden in each pixel. Shapes are given in eye distances, in a frame that stands upright on the face.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from idphoto.colour import to_linear, to_srgb

Rgb = NDArray[np.uint8]
Points = NDArray[np.float64]
Colour = tuple[float, float, float]

# MediaPipe's landmarks, left and right as seen in the picture.
EYE_CORNERS = ((33, 133), (362, 263))
NOSE_BRIDGE, NOSE_TIP, BELOW_NOSE, LOWER_LIP, CHIN = 168, 1, 2, 17, 152
JAW = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
CHEEKS = (50, 280)

PART_OUTLINES: dict[str, tuple[tuple[int, ...], ...]] = {
    "left-eye": ((33, 160, 159, 158, 133, 153, 145, 144),),
    "right-eye": ((362, 385, 386, 387, 263, 373, 374, 380),),
    "nose": ((6, 114, 64, 98, 2, 327, 294, 343),),
    "mouth": ((61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91),),
    "chin": ((204, 18, 424, 378, 152, 149),),
    "left-cheek": ((117, 101, 205, 187, 123),),
    "right-cheek": ((346, 330, 425, 411, 352),),
}
"""Outlines of the parts of a face, for the truth of what is covered."""


class Covered(NamedTuple):
    """A picture with something drawn over it.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        The new picture.
    hidden : ndarray of float32, shape (H, W)
        Share of the old picture that is hidden, in [0, 1].
    """

    rgb: Rgb
    hidden: NDArray[np.float32]

    def hidden_shares(self, mesh: Points) -> dict[str, float]:
        """Return how much of each part is hidden, in [0, 1]; `mesh` is that of the uncovered face."""
        shares = {}
        for part, outlines in PART_OUTLINES.items():
            mask = np.zeros(self.hidden.shape, np.uint8)
            for outline in outlines:
                cv2.fillPoly(mask, [np.rint(mesh[list(outline), :2]).astype(np.int32)], 1)
            shares[part] = float(self.hidden[mask > 0].mean()) if mask.any() else 0.0
        return shares


class FaceFrame:
    """Places on a face in eye distances: x to the right, y down, from the middle between the eyes."""

    def __init__(self, mesh: Points) -> None:
        points = mesh[:, :2]
        left, right = (points[list(corners)].mean(axis=0) for corners in EYE_CORNERS)
        self.origin = (left + right) / 2
        self.eye_distance = float(np.linalg.norm(right - left))
        along = (right - left) / self.eye_distance
        self.axes = np.array([along, (-along[1], along[0])]) * self.eye_distance
        self.points = (points - self.origin) @ np.linalg.inv(self.axes)

    def to_picture(self, places: NDArray[np.float64]) -> Points:
        """Return places of the frame in pixels of the picture."""
        return np.asarray(places, dtype=np.float64) @ self.axes + self.origin

    def draw_polygon(self, places: NDArray[np.float64], shape: tuple[int, ...], soft: float = 0.01) -> Rgb:
        """Return the mask of a polygon, with an edge that is `soft` eye distances wide; float32 in [0, 1]."""
        mask = np.zeros(shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.rint(self.to_picture(places) * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
        blurred = cv2.GaussianBlur(mask, (0, 0), max(soft * self.eye_distance, 0.5))
        return blurred.astype(np.float32) / 255


def _curve(places: list[tuple[float, float]], steps: int = 8) -> NDArray[np.float64]:
    """Return a closed outline with round corners through the middles of the given ones (Chaikin)."""
    outline = np.array(places, dtype=np.float64)
    for _ in range(min(steps, 3)):
        following = np.roll(outline, -1, axis=0)
        outline = np.stack([0.75 * outline + 0.25 * following, 0.25 * outline + 0.75 * following], 1).reshape(-1, 2)
    return outline


def make_cloth(
    shape: tuple[int, ...], frame: FaceFrame, colour: Colour, pattern: str, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return cloth that fills a picture, sRGB in 0..255: its pattern, weave, folds and light.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    frame : FaceFrame
        Gives the scale of the pattern.
    colour : tuple of float
        sRGB.
    pattern : str
        ``plain``, ``stripes``, ``checks``, ``dots``, ``pleats``, ``knit`` or ``floral``.
    rng : numpy.random.Generator
        Of folds, light and weave.
    """
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32) / np.float32(frame.eye_distance)
    turn = rng.uniform(-0.4, 0.4)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    cloth = np.ones((height, width, 3), np.float32) * np.array(colour, np.float32)
    second = np.clip(np.array(colour) + rng.uniform(-90, 90, 3), 0, 255).astype(np.float32)
    period = float(rng.uniform(0.08, 0.3))
    if pattern in ("stripes", "checks"):
        bars = (np.sin(2 * np.pi * u / period) > 0).astype(np.float32)
        if pattern == "checks":
            bars = (bars + (np.sin(2 * np.pi * v / period) > 0)) / 2
        cloth += bars[..., None] * (second - cloth)
    elif pattern == "dots":
        spots = (np.sin(2 * np.pi * u / period) * np.sin(2 * np.pi * v / period) > 0.5).astype(np.float32)
        cloth += spots[..., None] * (second - cloth)
    elif pattern == "floral":
        noise = cv2.GaussianBlur(
            rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.06 * frame.eye_distance
        )
        spots = (noise > noise.std()).astype(np.float32)
        cloth += spots[..., None] * (second - cloth)
    elif pattern == "pleats":
        cloth *= (1 - 0.16 * np.abs(np.sin(np.pi * v / 0.16)) ** 6)[..., None]
    elif pattern == "knit":
        cloth *= (1 + 0.12 * np.sin(2 * np.pi * u / 0.05) * np.sin(2 * np.pi * v / 0.05))[..., None]
    middle = frame.origin / frame.eye_distance
    light = 1 + rng.uniform(-0.35, 0.35) * (x - middle[0]) - rng.uniform(0, 0.25) * np.maximum(y - middle[1], 0)
    folds = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.15 * frame.eye_distance)
    light += rng.uniform(0, 0.12) * folds / max(float(folds.std()), 1e-6)
    cloth *= np.clip(light, 0.3, 1.5)[..., None]
    return cloth + rng.normal(0, rng.uniform(0.3, 3), (height, width, 1)).astype(np.float32)


def _lay(rgb: Rgb, over: NDArray[np.float32], mask: NDArray[np.float32]) -> Covered:
    mixed = rgb + mask[..., None] * (over - rgb)
    return Covered(np.clip(mixed + 0.5, 0, 255).astype(np.uint8), mask.astype(np.float32))


def wear_mask(
    rgb: Rgb,
    mesh: Points,
    colour: Colour = (150, 190, 220),
    pattern: str = "plain",
    top: float = 0.3,
    width: float = 1.0,
    seed: int = 0,
) -> Covered:
    """Put a face mask on.

    Parameters
    ----------
    rgb, mesh
        The picture and its landmarks.
    colour, pattern
        Of the cloth; see `make_cloth`.
    top : float
        Where it begins: 0 at the bridge of the nose, 1 below the nose, above 1 on the upper lip.
    width : float
        Share of the width of the face that it covers.
    seed : int
        Of its shape, folds and light.
    """
    rng, frame = np.random.default_rng(seed), FaceFrame(mesh)
    at = frame.points
    bridge, below, chin = at[NOSE_BRIDGE, 1], at[BELOW_NOSE, 1], at[CHIN, 1]
    y = bridge + top * (below - bridge)
    left, right, middle = at[234, 0] * width, at[454, 0] * width, at[NOSE_TIP, 0]
    sag = rng.uniform(0, 0.15)
    outline = [
        (left, y + sag),
        (middle - 0.2, y),
        (middle + 0.2, y),
        (right, y + sag),
        (right * 0.97, (y + chin) / 2),
        (0.6 * right, chin - rng.uniform(-0.05, 0.15)),
        (middle, chin + rng.uniform(0.02, 0.2)),
        (0.6 * left, chin - rng.uniform(-0.05, 0.15)),
        (left * 0.97, (y + chin) / 2),
    ]
    mask = frame.draw_polygon(np.array(outline), rgb.shape)
    return _lay(rgb, make_cloth(rgb.shape, frame, colour, pattern, rng), mask)


def wear_scarf(
    rgb: Rgb,
    mesh: Points,
    colour: Colour = (60, 60, 70),
    pattern: str = "plain",
    top: float = 0.3,
    seed: int = 0,
) -> Covered:
    """Wind a scarf round neck and chin; `top` is 0 at the lower lip and 1 at the chin, below 0 it covers the mouth."""
    rng, frame = np.random.default_rng(seed), FaceFrame(mesh)
    at = frame.points
    lip, chin = at[LOWER_LIP, 1], at[CHIN, 1]
    y = lip + top * (chin - lip)
    left, right, middle = at[234, 0] - 0.25, at[454, 0] + 0.25, at[CHIN, 0]
    rise = rng.uniform(-0.05, 0.35)
    outline = [
        (left, y - rise),
        (middle - 0.3, y + 0.03),
        (middle + 0.3, y + 0.03),
        (right, y - rise),
        (right + 0.3, chin + 1.2),
        (left - 0.3, chin + 1.2),
    ]
    mask = frame.draw_polygon(np.array(outline), rgb.shape)
    return _lay(rgb, make_cloth(rgb.shape, frame, colour, pattern, rng), mask)


def wear_ski_mask(rgb: Rgb, mesh: Points, colour: Colour = (30, 30, 32), holes: bool = True, seed: int = 0) -> Covered:
    """Pull a mask over the whole face, with or without holes for the eyes."""
    rng, frame = np.random.default_rng(seed), FaceFrame(mesh)
    at = frame.points
    left, right, top, chin = at[234, 0], at[454, 0], at[10, 1], at[CHIN, 1]
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    x = (left + right) / 2 + 0.55 * (right - left) * np.cos(angles)
    y = (top + chin) / 2 + 0.56 * (chin - top) * np.sin(angles)
    mask = frame.draw_polygon(np.stack([x, y], axis=1), rgb.shape)
    for outline in _lenses(frame, (0.5, 0.25), True) if holes else []:
        mask = mask * (1 - frame.draw_polygon(outline, rgb.shape))
    return _lay(rgb, make_cloth(rgb.shape, frame, colour, "plain", rng), mask)


def lay_hand(rgb: Rgb, mesh: Points, place: tuple[float, float], angle: float = 0.0, seed: int = 0) -> Covered:
    """Lay a hand of the person's own skin over a place of the face, in eye distances from the middle of the eyes."""
    rng, frame = np.random.default_rng(seed), FaceFrame(mesh)
    skin = np.median(_around(rgb, frame, CHEEKS), axis=0) * rng.uniform(0.8, 1.08)
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    shade = np.ones(rgb.shape[:2], np.float32)
    mask = np.zeros(rgb.shape[:2], np.float32)
    for number in range(4):
        x = -0.42 + 0.21 * number
        length = (0.62, 0.75, 0.7, 0.52)[number]
        finger = np.array([(x, 0.3), (x, -length), (x + 0.05, -length - 0.08), (x + 0.15, -length - 0.08)])
        finger = np.vstack([finger, [(x + 0.2, -length), (x + 0.2, 0.3)]])
        part = frame.draw_polygon(finger @ turn + np.array(place), rgb.shape)
        edge = cv2.GaussianBlur(part, (0, 0), 0.035 * frame.eye_distance)
        shade = np.where(part > mask, 0.72 + 0.28 * edge, shade)
        mask = np.maximum(mask, part)
    palm = _curve([(-0.45, 0.2), (0.45, 0.2), (0.4, 1.1), (-0.35, 1.1)]) @ turn + np.array(place)
    part = frame.draw_polygon(palm, rgb.shape)
    shade = np.where(part > mask, 1.0, shade)
    mask = np.maximum(mask, part)
    tone = np.array(skin, np.float32) * cv2.GaussianBlur(shade, (0, 0), 0.02 * frame.eye_distance)[..., None]
    tone += rng.normal(0, 2, (*rgb.shape[:2], 1)).astype(np.float32)
    return _lay(rgb, tone.astype(np.float32), mask)


def _around(rgb: Rgb, frame: FaceFrame, landmarks: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the pixels around landmarks, shape (N, 3)."""
    radius = max(round(0.1 * frame.eye_distance), 1)
    found = []
    for landmark in landmarks:
        x, y = np.rint(frame.to_picture(frame.points[landmark])).astype(int)
        found.append(rgb[max(y - radius, 0) : y + radius, max(x - radius, 0) : x + radius].reshape(-1, 3))
    return np.concatenate(found).astype(np.float64)


def _lenses(frame: FaceFrame, size: tuple[float, float], round_: bool) -> list[NDArray[np.float64]]:
    """Return the outlines of the left and the right lens, `size` in eye distances."""
    half_width, half_height = size[0] / 2, size[1] / 2
    outlines = []
    for corners in EYE_CORNERS:
        x, y = frame.points[list(corners)].mean(axis=0)
        if round_:
            angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
            outline = np.stack([x + half_width * np.cos(angles), y + 0.03 + half_height * np.sin(angles)], 1)
        else:
            low, high = y + 0.03 - half_height, y + 0.03 + half_height
            outline = _curve(
                [(x - half_width, low), (x + half_width, low), (x + half_width, high), (x - half_width, high)]
            )
        outlines.append(outline)
    return outlines


def add_glare(
    rgb: Rgb,
    mesh: Points,
    strength: float = 0.85,
    colour: Colour = (250, 250, 255),
    size: tuple[float, float] = (0.6, 0.38),
    round_: bool = False,
    eyes: tuple[int, ...] = (0, 1),
    soft: float = 0.04,
    shift: tuple[float, float] = (0.0, 0.0),
    fade: float = 0.0,
) -> Covered:
    """Let lenses reflect: a share `strength` of each pixel, in sRGB, is the reflection; it fades in bands."""
    frame = FaceFrame(mesh)
    mask = np.zeros(rgb.shape[:2], np.float32)
    for number in eyes:
        outline = _lenses(frame, size, round_)[number] + np.array(shift)
        mask = np.maximum(mask, frame.draw_polygon(outline, rgb.shape, soft))
    over = np.ones(rgb.shape, np.float32) * np.array(colour, np.float32)
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(rgb.shape[1]) / (0.6 * frame.eye_distance))
    return _lay(rgb, over, (strength * mask * (1 - fade * wave[None])).astype(np.float32))


def wear_glasses(
    rgb: Rgb,
    mesh: Points,
    density: float = 0.8,
    colour: Colour = (60, 60, 60),
    size: tuple[float, float] = (0.72, 0.5),
    round_: bool = False,
    frame_colour: Colour | None = (25, 25, 30),
) -> Covered:
    """Put tinted glasses on: lenses take away a share `density` of the light; what is left has their colour."""
    frame = FaceFrame(mesh)
    outlines = _lenses(frame, size, round_)
    mask = np.maximum(*(frame.draw_polygon(outline, rgb.shape) for outline in outlines))
    tint = to_linear(np.array([[colour]], np.uint8))[0, 0]
    tint = tint / max(float(tint.max()), 1e-3)
    passed = (1 - density) * (0.5 + 0.5 * tint)
    linear = to_linear(rgb)
    dark = to_srgb((linear * (1 - mask[..., None] * (1 - passed))).astype(np.float32))
    result = dark.astype(np.float32)
    if frame_colour is not None:
        rim = np.zeros(rgb.shape[:2], np.uint8)
        thick = max(round(0.03 * frame.eye_distance), 1)
        for outline in outlines:
            cv2.polylines(rim, [np.rint(frame.to_picture(outline)).astype(np.int32)], True, 255, thick, cv2.LINE_AA)
        ends = [outlines[0][:, 0].max(), outlines[1][:, 0].min()]
        y = float(frame.points[list(EYE_CORNERS[0] + EYE_CORNERS[1]), 1].mean()) - 0.05
        bridge = frame.to_picture(np.array([(ends[0], y), (ends[1], y)]))
        cv2.line(rim, *(tuple(int(v) for v in np.rint(place)) for place in bridge), 255, thick, cv2.LINE_AA)
        share = rim.astype(np.float32)[..., None] / 255
        result += share * (np.array(frame_colour, np.float32) - result)
    return Covered(np.clip(result + 0.5, 0, 255).astype(np.uint8), (density * mask).astype(np.float32))


def cover_eye(rgb: Rgb, mesh: Points, colour: Colour = (20, 20, 20), eye: int = 0, pattern: str = "plain") -> Covered:
    """Put a patch over one eye."""
    frame = FaceFrame(mesh)
    mask = frame.draw_polygon(_lenses(frame, (0.7, 0.5), True)[eye], rgb.shape)
    return _lay(rgb, make_cloth(rgb.shape, frame, colour, pattern, np.random.default_rng(eye)), mask)
