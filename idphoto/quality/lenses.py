"""Detect tinted lenses, which many authorities refuse even where the eyes can be seen through them.

A lens colours the skin below and above the eye, and leaves cheeks, nose and forehead as they are. Both are compared in
linear light, so that neither the colour of the skin nor that of the light counts. Shadows, dark rings and make-up also
make the surroundings of the eyes darker; a logistic regression tells them from lenses as far as that is possible. It
was trained by ``training/eyes_and_glasses/train_lenses.py`` on half of the portraits, and on the same portraits with
tinted lenses drawn over them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from idphoto.colour import to_linear
from idphoto.quality.gradients import compute_log_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.quality.aligned import AlignedFace

__all__ = ["LENSES_MODEL_FILE", "extract_lens_features", "score_tinted_lenses"]

LENSES_MODEL_FILE = Path(__file__).with_name("lenses.npz")

# Landmarks of MediaPipe's mesh: skin that lenses cover, for each eye below and above it, and skin that they leave bare.
BEHIND_LENSES = (
    ((22, 23, 24, 229, 230), (27, 28, 29, 222, 223)),
    ((252, 253, 254, 449, 450), (257, 258, 259, 442, 443)),
)
BARE = ((50, 101, 118, 205), (280, 330, 347, 425), (5, 108, 151, 168, 337))
RADIUS = 0.03  # of a place, in eye distances
DARKEST = 0.003  # linear light below which differences are noise
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def extract_lens_features(face: AlignedFace) -> NDArray[np.float32]:
    """Return how the skin around the eyes differs from that of the rest of the face, shape (5,).

    For each eye, the lighter one of the places below and above it, since a frame may cover the other; then the mean of
    both eyes: luminance, red against green, blue against green, in stops (powers of two), each against the median of
    cheeks and middle of the face; then the amounts of the two differences of colour.
    """
    linear = to_linear(face.rgb)
    radius = max(round(RADIUS * face.eye_distance), 1)

    def measure(landmarks: tuple[int, ...]) -> NDArray[np.float64]:
        colours = []
        for landmark in landmarks:
            x, y = np.rint(face.points[landmark]).astype(int)
            patch = linear[max(y - radius, 0) : max(y + radius + 1, 0), max(x - radius, 0) : max(x + radius + 1, 0)]
            if patch.size:
                colours.append(np.median(patch.reshape(-1, 3), axis=0))
        return np.asarray(np.median(colours, axis=0) if colours else np.zeros(3), dtype=np.float64) + DARKEST

    bare = np.median([measure(landmarks) for landmarks in BARE], axis=0)
    stops = np.mean(
        [max((np.log2(measure(place) / bare) for place in eye), key=_weigh) for eye in BEHIND_LENSES], axis=0
    )
    found = np.array([_weigh(stops), stops[0] - stops[1], stops[2] - stops[1]])
    return np.concatenate([found, np.abs(found[1:])]).astype(np.float32)


def _weigh(stops: NDArray[np.float64]) -> float:
    return float(stops @ LUMINANCE)


def score_tinted_lenses(face: AlignedFace) -> float:
    """Return the log odds that lenses over the eyes are tinted; it says nothing where no glasses are worn."""
    return compute_log_odds(extract_lens_features(face), LENSES_MODEL_FILE)
