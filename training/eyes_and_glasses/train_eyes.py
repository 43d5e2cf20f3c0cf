"""Train the detector of closed eyes; write ``idphoto/quality/eyes.npz``.

    python -m training.eyes_and_glasses.train_eyes ../shared/portraits

Nobody closes their eyes in official portraits, so the lids of real eyes are drawn down by warping:
by 80 % and more is closed, by up to 35 % still open. Faces are found anew on the warped picture,
as they are in use. Printed are the errors in five folds by person.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from idphoto.quality.aligned import LEFT_EYE, RIGHT_EYE, align
from idphoto.quality.eyes import FILE, features
from training.eyes_and_glasses.face_warping import closed_eyes, landmarks
from training.eyes_and_glasses.logistic import FOLDS, fit, fold_of

OPEN, CLOSED = (0.0, 0.35), (0.8, 0.94)
SHIFTS = 3


def samples(path: Path) -> list[tuple[str, float, bool, np.ndarray]]:
    """Name, share by which the eyes are closed, whether unshifted, and features."""
    rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    rng = np.random.default_rng(int.from_bytes(path.stem.encode(), "little") % 2**32)
    try:
        mesh = landmarks(rgb)
    except IndexError:
        return []
    rows = []
    for share in (*OPEN, *CLOSED):
        made = closed_eyes(rgb, mesh, share) if share else rgb
        try:
            face = align(made, landmarks(made).astype(np.float32))
        except IndexError:
            continue
        for number in range(SHIFTS):
            shift = tuple(rng.normal(0, 0.04, 2)) if number else (0.0, 0.0)
            for corners, mirrored in ((LEFT_EYE, False), (RIGHT_EYE, True)):
                seen = features(face, corners, mirrored=mirrored, shift=shift)
                if seen is not None:
                    rows.append((path.stem, share, number == 0, seen))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("--every", type=int, default=1, help="use every so many portraits only")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(2) as pool:
        paths = sorted(arguments.portraits.glob("s*/*.jpg"))[:: arguments.every]
        rows = [row for found in pool.map(samples, paths, chunksize=8) for row in found]
    x = np.array([row[3] for row in rows])
    share, plain = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    y, fold = share > 0.5, np.array([fold_of(row[0]) for row in rows])
    score = np.zeros(len(rows))
    for number in range(FOLDS):
        mean, weights, bias = fit(x[fold != number], y[fold != number])
        score[fold == number] = (x[fold == number] - mean) @ weights + bias
    print("log odds, each eye alone, of people held out (1, 5, 50, 95, 99 % and the ends):")
    for value in (*OPEN, *CLOSED):
        chosen = score[plain & (share == value)]
        print(f"closed by {value:.0%}: {np.percentile(chosen, (0, 1, 5, 50, 95, 99, 100)).round(2)} of {len(chosen)}")
    mean, weights, bias = fit(x, y)
    np.savez_compressed(FILE, weights=weights.astype(np.float32), bias=np.float32(bias - mean @ weights))


if __name__ == "__main__":
    main()
