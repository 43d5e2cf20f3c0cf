"""Train the detector of glasses.

    python -m training.eyes_and_glasses.train_glasses ../shared/portraits

Writes ``idphoto/quality/glasses.npz``, or the file given by ``--out``, when everything has been computed.

The features are histograms of oriented gradients of the region around the eyes; the classifier is a ridge logistic
regression. The model has a thousand numbers and takes a millisecond. The labels below were given by looking at the
eyes of all 487 portraits.

The command prints the errors in cross-validation, in five folds by person.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from idphoto.faces import find_faces
from idphoto.quality.aligned import AlignedFace, align_face
from idphoto.quality.glasses import GLASSES_MODEL_FILE as SHIPPED_FILE
from idphoto.quality.glasses import extract_glasses_features
from training.eyes_and_glasses.logistic import FOLDS, fit, fold_of, save_model

WEARERS = """
021170 021196 021300 021340 021357 021368 021515 021520 021545 021736 021929 021946 021979 022139 029354 029393 029534
029751 029912 031101 A000369 B000490 B000574 B000825 B001223 B001248 B001257 B001278 B001281 C000537 C001054 C001112
D000617 D000633 E000246 F000446 F000450 F000454 F000470 F000474 F000480 G000551 G000558 G000568 G000576 H001052 H001068
H001077 H001094 H001096 I000058 J000301 K000009 K000381 K000382 K000385 K000394 K000400 L000266 L000397 L000491 L000569
M000312 M001137 M001156 M001184 M001205 M001210 M001227 N000002 N000147 N000189 P000096 P000597 R000395 R000609 R000612
S000185 S000344 S001159 S001172 S001190 S001212 S001221 S001223 T000165 T000469 T000481 U000040 W000788 W000798 W000828
""".split()  # noqa: SIM905
"""Names of the portraits whose person wears glasses."""

LARGEST_SHIFT_PX = 4


def make_samples(face: AlignedFace, rng: np.random.Generator) -> list[np.ndarray]:
    """Compute the features of a face four times: as it is and mirrored, each with two shifts by chance."""
    return [
        extract_glasses_features(
            face.rgb, mirrored=mirrored, shift=tuple(rng.integers(-LARGEST_SHIFT_PX, LARGEST_SHIFT_PX + 1, 2))
        )
        for mirrored in (False, True)
        for _ in range(2)
    ]


def train(faces: list[AlignedFace], wears: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Fit the model; return its mean, weights and bias."""
    rng = np.random.default_rng(0)
    rows = [(row, label) for face, label in zip(faces, wears, strict=True) for row in make_samples(face, rng)]
    return fit(np.array([row for row, _ in rows]), np.array([label for _, label in rows]))


def read_faces(folder: Path) -> tuple[list[str], list[AlignedFace]]:
    """Read all portraits; return their names and the aligned faces."""
    names, faces = [], []
    for path in sorted(folder.glob("s*/*.jpg")):
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        names.append(path.stem)
        faces.append(align_face(rgb, find_faces(rgb)[0].mesh))
    return names, faces


def cross_validate(names: list[str], faces: list[AlignedFace], wears: np.ndarray) -> np.ndarray:
    """Return the log odds of each face by a model that was trained without its person."""
    fold = np.array([fold_of(name) for name in names])
    odds = np.zeros(len(names))
    for number in range(FOLDS):
        others = [face for face, its_fold in zip(faces, fold, strict=True) if its_fold != number]
        mean, weights, bias = train(others, wears[fold != number])
        for index in np.flatnonzero(fold == number):
            odds[index] = (extract_glasses_features(faces[index].rgb) - mean) @ weights + bias
    return odds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/ and scenes/")
    parser.add_argument("--out", type=Path, default=SHIPPED_FILE, help="file to write (default: the shipped one)")
    arguments = parser.parse_args()
    names, faces = read_faces(arguments.portraits)
    wears = np.array([name in WEARERS for name in names])
    odds = cross_validate(names, faces, wears)
    wrong = (odds > 0) != wears
    print(f"{wears.sum()} of {len(names)} wear glasses; wrong in cross-validation: {wrong.sum()}")
    print("missed:", [name for name, bad, label in zip(names, wrong, wears, strict=True) if bad and label])
    print("imagined:", [name for name, bad, label in zip(names, wrong, wears, strict=True) if bad and not label])
    save_model(arguments.out, train(faces, wears), folds=np.sort(odds))


if __name__ == "__main__":
    main()
