"""Train the detector of glasses; write ``idphoto/quality/glasses.npz``.

    python -m training.eyes_and_glasses.train_glasses ../shared/portraits

Histograms of oriented gradients of the region around the eyes and a ridge logistic regression: a
thousand numbers, a millisecond. The labels below were given by looking at the eyes of all 487
portraits. Printed are the errors in five folds by person, so that nobody is judged by a model that
has seen them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from idphoto.faces import find
from idphoto.quality.aligned import AlignedFace, align
from idphoto.quality.glasses import FILE, features
from training.eyes_and_glasses.logistic import FOLDS, fit, fold_of

GLASSES = """
021170 021196 021300 021340 021357 021368 021515 021520 021545 021736 021929 021946 021979 022139 029354 029393 029534
029751 029912 031101 A000369 B000490 B000574 B000825 B001223 B001248 B001257 B001278 B001281 C000537 C001054 C001112
D000617 D000633 E000246 F000446 F000450 F000454 F000470 F000474 F000480 G000551 G000558 G000568 G000576 H001052 H001068
H001077 H001094 H001096 I000058 J000301 K000009 K000381 K000382 K000385 K000394 K000400 L000266 L000397 L000491 L000569
M000312 M001137 M001156 M001184 M001205 M001210 M001227 N000002 N000147 N000189 P000096 P000597 R000395 R000609 R000612
S000185 S000344 S001159 S001172 S001190 S001212 S001221 S001223 T000165 T000469 T000481 U000040 W000788 W000798 W000828
""".split()  # noqa: SIM905


def samples(face: AlignedFace, rng: np.random.Generator) -> list[np.ndarray]:
    """Features of a face, mirrored and shifted a little."""
    return [
        features(face.rgb, mirrored=mirrored, shift=tuple(rng.integers(-4, 5, 2)))
        for mirrored in (False, True)
        for _ in range(2)
    ]


def train(faces: list[AlignedFace], wears: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean, weights and bias of the logistic regression."""
    rng = np.random.default_rng(0)
    rows = [(feature, label) for face, label in zip(faces, wears, strict=True) for feature in samples(face, rng)]
    return fit(np.array([feature for feature, _ in rows]), np.array([label for _, label in rows]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    names, faces = [], []
    for path in sorted(parser.parse_args().portraits.glob("s*/*.jpg")):
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        names.append(path.stem)
        faces.append(align(rgb, find(rgb)[0].mesh))
    wears = np.array([name in GLASSES for name in names])
    fold = np.array([fold_of(name) for name in names])
    score = np.zeros(len(names))
    for number in range(FOLDS):
        inside = [face for face, its in zip(faces, fold, strict=True) if its != number]
        mean, weights, bias = train(inside, wears[fold != number])
        for index in np.flatnonzero(fold == number):
            score[index] = (features(faces[index].rgb) - mean) @ weights + bias
    wrong = (score > 0) != wears
    print(f"{wears.sum()} of {len(names)} wear glasses; wrong in cross-validation: {wrong.sum()}")
    print("missed:", [name for name, bad, label in zip(names, wrong, wears, strict=True) if bad and label])
    print("imagined:", [name for name, bad, label in zip(names, wrong, wears, strict=True) if bad and not label])
    mean, weights, bias = train(faces, wears)
    np.savez_compressed(
        FILE, weights=weights.astype(np.float32), bias=np.float32(bias - mean @ weights), folds=np.sort(score)
    )


if __name__ == "__main__":
    main()
