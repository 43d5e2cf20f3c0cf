"""Judge from the pixels which parts of a face can be seen: both eyes, nose, mouth, chin and both cheeks.

Where a mask, a hand, a scarf, a dark lens or a reflection hides a face, MediaPipe still gives landmarks, at places that
it invents. So each part is compared with what such a part looks like: its oriented gradients, and its colours and
fine detail against the person's own skin. The detector is a logistic regression for each part. It was trained by
``training/covered_faces/train_covers.py`` on portraits, and on the same portraits with things drawn over them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from idphoto.quality.gradients import compute_oriented_gradients

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

    Points = NDArray[np.float64]
    Pixels = NDArray[np.float32]

__all__ = [
    "MODEL_FILE",
    "PARTS",
    "can_judge_visibility",
    "expand_features",
    "extract_part_features",
    "find_hidden_parts",
    "find_unreliable_parts",
    "score_features",
    "score_hidden_parts",
]

MODEL_FILE = Path(__file__).with_name("visibility.npz")

REDUCTION = 2  # of the aligned face, which leaves 56 pixels between the eyes
BLUR_PX = 0.8  # standard deviation; sharp and soft pictures then have the same detail
CELL_PX = 8  # side of the cells in which colours are averaged
SKIN_LANDMARKS = (151, 69, 299, 168, 119, 348, 50, 280, 5)
"""Places of bare skin; the median of their colours stays skin if less than half of them are covered."""
SKIN_RADIUS = 0.09  # in eye distances
MIN_SKIN_LIGHTNESS = 15.0  # L* below which skin counts as this light, so that ratios stay finite
COLOUR_UNIT, DETAIL_UNIT = 10.0, 0.1  # of a* and b*, and of the fine detail of L* as a share of that of the skin
MAX_DEVIATION = 6.0  # standard deviations of uncovered faces; more says nothing more
MIN_VISIBILITY_EYE_DISTANCE_PX, MAX_YAW_DEG = 42.0, 16.0  # faces that are smaller, or turned further, are not judged
PERCENTILES = (2, 10, 50, 90, 98)


class _Part(NamedTuple):
    """A part of the face: its middle, in eye distances from the mean of some landmarks, and its box.

    `size` is in eye distances, `patch_px` are width and height that the box is scaled to, multiples of 8. A `mirrored`
    part is judged by the model of its counterpart. Above `max_log_odds` it counts as hidden: in cross-validation by
    person, at most two of 256 portraits exceed any limit (white and red beards).
    """

    landmarks: tuple[int, ...]
    offset: tuple[float, float]
    size: tuple[float, float]
    patch_px: tuple[int, int]
    model: str
    max_log_odds: float
    mirrored: bool = False


PARTS: dict[str, _Part] = {
    "left-eye": _Part((33, 133), (0.0, 0.0), (0.7, 0.46), (48, 32), "eye", 0.0),
    "right-eye": _Part((362, 263), (0.0, 0.0), (0.7, 0.46), (48, 32), "eye", 0.0, mirrored=True),
    "nose": _Part((1, 2), (0.0, -0.12), (0.7, 0.62), (40, 40), "nose", 1.0),
    "mouth": _Part((61, 291, 13, 14), (0.0, 0.0), (1.15, 0.6), (64, 32), "mouth", 2.0),
    "chin": _Part((152, 17), (0.0, 0.04), (1.2, 0.72), (64, 40), "chin", 4.0),
    "left-cheek": _Part((50, 187), (0.0, 0.05), (0.7, 0.8), (40, 48), "cheek", 4.5),
    "right-cheek": _Part((280, 411), (0.0, 0.05), (0.7, 0.8), (40, 48), "cheek", 4.5, mirrored=True),
}
"""The parts of a face; left and right as seen in the picture."""


def extract_part_features(face: AlignedFace) -> dict[str, NDArray[np.float32]]:
    """Return the features of each part that lies inside the picture.

    Each is one vector: oriented gradients, then colours and detail of the cells and of the whole part.
    """
    side = face.rgb.shape[0] // REDUCTION
    rgb = cv2.GaussianBlur(cv2.resize(face.rgb, (side, side), interpolation=cv2.INTER_AREA), (0, 0), BLUR_PX)
    inside = cv2.resize(face.picture_mask.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    points = (face.points + 0.5) / REDUCTION - 0.5
    unit = face.eye_distance / REDUCTION
    skin = _measure_skin(rgb, points, unit)
    found = {}
    for name, part in PARTS.items():
        x, y = points[list(part.landmarks)].mean(axis=0) + np.array(part.offset) * unit
        half_width, half_height = part.size[0] * unit / 2, part.size[1] * unit / 2
        left, right = round(x - half_width), round(x + half_width)
        top, bottom = round(y - half_height), round(y + half_height)
        if min(left, top) < 0 or max(right, bottom) >= side or inside[top:bottom, left:right].mean() < 0.9:
            continue
        box = rgb[top:bottom, left:right]
        patch = np.ascontiguousarray(cv2.resize(box, part.patch_px, interpolation=cv2.INTER_LINEAR))
        if part.mirrored:
            patch = np.ascontiguousarray(patch[:, ::-1])
        gradients = compute_oriented_gradients(patch, part.patch_px)
        found[name] = np.concatenate([gradients, _describe_colours(patch, skin)])
    return found


def _to_lab(rgb: NDArray[np.uint8]) -> Pixels:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), dtype=np.float32)


def _measure_skin(rgb: NDArray[np.uint8], points: Points, unit: float) -> Pixels:
    """Return the colour of the person's skin in CIELAB: the median over places that are usually bare."""
    radius = max(round(SKIN_RADIUS * unit), 1)
    found = []
    for landmark in SKIN_LANDMARKS:
        x, y = np.rint(points[landmark]).astype(int)
        patch = rgb[max(y - radius, 0) : max(y + radius, 0), max(x - radius, 0) : max(x + radius, 0)]
        if patch.size:
            found.append(np.median(_to_lab(np.ascontiguousarray(patch)).reshape(-1, 3), axis=0))
    return np.median(found, axis=0).astype(np.float32) if found else np.array([60, 12, 15], np.float32)


def _describe_colours(patch: NDArray[np.uint8], skin: Pixels) -> Pixels:
    """Return lightness and colours of a part against the skin, and its detail: by cells, then of the whole part."""
    colours = _to_lab(patch)
    light = max(float(skin[0]), MIN_SKIN_LIGHTNESS)
    against = np.dstack(
        [
            colours[..., 0] / light - 1,
            (colours[..., 1] - skin[1]) / COLOUR_UNIT,
            (colours[..., 2] - skin[2]) / COLOUR_UNIT,
        ]
    )
    fine = np.abs(colours[..., 0] - cv2.GaussianBlur(colours[..., 0], (0, 0), 1.5)) / light / DETAIL_UNIT
    height, width = patch.shape[:2]
    cells = (width // CELL_PX, height // CELL_PX)
    by_cells = cv2.resize(np.dstack([against, fine]).astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    whole = np.percentile(against.reshape(-1, 3), PERCENTILES, axis=0)
    return np.concatenate([by_cells.ravel(), whole.ravel(), [fine.std()]]).astype(np.float32)


@lru_cache(maxsize=1)
def _read_models() -> dict[str, NDArray[np.float32]]:
    with np.load(MODEL_FILE) as stored:
        return {name: stored[name] for name in stored.files}


def expand_features(features: NDArray[np.float32], mean: Pixels, spread: Pixels) -> NDArray[np.float32]:
    """Return standardised features, and how far each is from what uncovered faces have; both may speak for a cover.

    Parameters
    ----------
    features : ndarray of float32, shape (..., N)
        From `extract_part_features`.
    mean, spread : ndarray of float32, shape (N,)
        Of the parts of uncovered faces.
    """
    away = np.clip((features - mean) / spread, -MAX_DEVIATION, MAX_DEVIATION)
    return np.concatenate([away, np.abs(away)], axis=-1).astype(np.float32)


def score_features(name: str, features: NDArray[np.float32]) -> float:
    """Return the log odds that the part of that name, with features of `extract_part_features`, is hidden."""
    models, model = _read_models(), PARTS[name].model
    expanded = expand_features(features, models[f"{model}-mean"], models[f"{model}-spread"])
    return float(expanded @ models[f"{model}-weights"] + models[f"{model}-bias"])


def score_hidden_parts(face: AlignedFace) -> dict[str, float]:
    """Return the log odds that each part of `PARTS` is hidden; parts outside the picture are missing."""
    return {name: score_features(name, features) for name, features in extract_part_features(face).items()}


def can_judge_visibility(eye_distance_px: float, yaw_deg: float) -> bool:
    """Return whether a face is large enough, and turned to the camera enough, to tell what covers it."""
    return eye_distance_px >= MIN_VISIBILITY_EYE_DISTANCE_PX and abs(yaw_deg) <= MAX_YAW_DEG


def find_hidden_parts(log_odds: Mapping[str, float]) -> frozenset[str]:
    """Return the parts whose log odds exceed their limit."""
    return frozenset(name for name, odds in log_odds.items() if odds > PARTS[name].max_log_odds)


def find_unreliable_parts(hidden: frozenset[str]) -> frozenset[str]:
    """Return the parts on which nothing can be measured, given those that are hidden.

    Where several kinds of parts are hidden, as under a mask, the landmarks of the others are invented with them, also
    those of eyes that look out of it.
    """
    several = len({PARTS[name].model for name in hidden}) > 1
    return frozenset(PARTS) if several else hidden
