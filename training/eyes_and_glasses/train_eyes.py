"""Train the detector of closed eyes.

    python -m training.eyes_and_glasses.train_eyes ../shared/portraits

Writes ``idphoto/quality/eyes.npz``, or the file given by ``--out``, when everything has been computed.

In official portraits all eyes are open. The samples of closed eyes are therefore made from open ones: the picture is
warped so that the upper lid moves towards the lower one. An eye closed by 80 % or more counts as closed, one closed by
35 % or less as open. The face is then searched again in the warped picture, as it is when the detector is used.

The command prints the log odds in cross-validation, in five folds by person.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from idphoto.face_mesh import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS
from idphoto.quality.aligned import align_face
from idphoto.quality.eyes import EYES_MODEL_FILE as SHIPPED_FILE
from idphoto.quality.eyes import extract_eye_features
from training.eyes_and_glasses.face_warping import close_eyes, find_landmarks
from training.eyes_and_glasses.logistic import FOLDS, fit, fold_of, save_model

OPEN_SHARES, CLOSED_SHARES = (0.0, 0.35), (0.8, 0.94)
"""Shares of the way to the lower lid by which the upper lid is moved."""

SHIFTS_PER_EYE = 3
SHIFT_SD = 0.04
"""Standard deviation of the shifts, in widths of the eye."""


class EyeSample(NamedTuple):
    """The features of one eye, and how they were made.

    Attributes
    ----------
    name : str
        The portrait.
    closed_by : float
        Share of the way to the lower lid by which the upper lid was moved.
    shifted : bool
        If the region was moved by chance. The figures printed are of regions that were not.
    features : ndarray of float32
        Oriented gradients.
    """

    name: str
    closed_by: float
    shifted: bool
    features: np.ndarray


def make_samples(path: Path) -> list[EyeSample]:
    """Make the samples of one portrait: both eyes, open and closed, with shifts; none if no face is found."""
    rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    rng = np.random.default_rng(int.from_bytes(path.stem.encode(), "little") % 2**32)
    try:
        mesh = find_landmarks(rgb)
    except IndexError:
        return []
    samples = []
    for share in (*OPEN_SHARES, *CLOSED_SHARES):
        warped = close_eyes(rgb, mesh, share) if share else rgb
        try:
            face = align_face(warped, find_landmarks(warped).astype(np.float32))
        except IndexError:
            continue
        for number in range(SHIFTS_PER_EYE):
            shift = tuple(rng.normal(0, SHIFT_SD, 2)) if number else (0.0, 0.0)
            for corners, mirrored in ((LEFT_EYE_CORNERS, False), (RIGHT_EYE_CORNERS, True)):
                seen = extract_eye_features(face, corners, mirrored=mirrored, shift=shift)
                if seen is not None:
                    samples.append(EyeSample(path.stem, share, number > 0, seen))
    return samples


def make_all_samples(paths: list[Path]) -> list[EyeSample]:
    """Make the samples of all portraits, in two processes."""
    with ProcessPoolExecutor(2) as pool:
        return [sample for samples in pool.map(make_samples, paths, chunksize=8) for sample in samples]


def cross_validate(x: np.ndarray, y: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return the log odds of each sample by a model that was fitted without its person."""
    odds = np.zeros(len(y))
    for number in range(FOLDS):
        mean, weights, bias = fit(x[fold != number], y[fold != number])
        odds[fold == number] = (x[fold == number] - mean) @ weights + bias
    return odds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/ and scenes/")
    parser.add_argument("--every", type=int, default=1, help="use only every Nth portrait, for a quick trial")
    parser.add_argument("--out", type=Path, default=SHIPPED_FILE, help="file to write (default: the shipped one)")
    arguments = parser.parse_args()
    samples = make_all_samples(sorted(arguments.portraits.glob("s*/*.jpg"))[:: arguments.every])
    x = np.array([sample.features for sample in samples])
    closed_by = np.array([sample.closed_by for sample in samples])
    plain = np.array([not sample.shifted for sample in samples])
    closed = closed_by > 0.5
    odds = cross_validate(x, closed, np.array([fold_of(sample.name) for sample in samples]))
    print("log odds of each eye, of people held out (0, 1, 5, 50, 95, 99 and 100 %):")
    for share in (*OPEN_SHARES, *CLOSED_SHARES):
        chosen = odds[plain & (closed_by == share)]
        print(f"closed by {share:.0%}: {np.percentile(chosen, (0, 1, 5, 50, 95, 99, 100)).round(2)} of {len(chosen)}")
    save_model(arguments.out, fit(x, closed))


if __name__ == "__main__":
    main()
