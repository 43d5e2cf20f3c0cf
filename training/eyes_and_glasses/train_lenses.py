"""Train and measure the detector of tinted lenses.

    python -m training.eyes_and_glasses.train_lenses ../shared/portraits

Writes ``idphoto/quality/lenses.npz``, or the file given by ``--out``, when everything has been computed.

Nobody wears tinted lenses in official portraits. Lenses are therefore tinted in the portraits of the tuning half
(``training/mouth/labels.csv``), with and without glasses. On the reporting half, the command prints the highest scores
of wearers and of others as they are, and of 50 wearers the share whose lenses are found, by tint and by the share of
light that is taken away.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from idphoto.checks.glasses import MAX_TINT_LOG_ODDS
from idphoto.faces import find_faces
from idphoto.quality.aligned import AlignedFace, align_face
from idphoto.quality.lenses import LENSES_MODEL_FILE as SHIPPED_FILE
from idphoto.quality.lenses import extract_lens_features, score_tinted_lenses
from training.covered_faces.draw_covers import wear_glasses
from training.eyes_and_glasses.logistic import fit, save_model
from training.eyes_and_glasses.train_glasses import WEARERS
from training.mouth.labels import read_halves

TINTS = {
    "grey": (60, 60, 60), "brown": (180, 120, 60), "green": (90, 150, 100), "blue": (80, 120, 220),
    "yellow": (250, 220, 80), "pink": (240, 150, 170),
}  # fmt: skip
DENSITIES = (0.25, 0.4, 0.5, 0.6, 0.75)
TINTED_PER_WEARER, TINTED_PER_OTHER = 12, 3
LEAST_TRAINED_DENSITY, MOST_TRAINED_DENSITY = 0.4, 0.85


def tint(face: AlignedFace, density: float, colour: tuple[float, ...], size: tuple[float, float]) -> AlignedFace:
    """Return a face with tinted lenses and no new frame."""
    return replace(face, rgb=wear_glasses(face.rgb, face.points, density, colour, size, frame_colour=None).rgb)


def read_faces(folder: Path, half: str) -> dict[str, AlignedFace]:
    """Return the aligned faces of one half by name."""
    halves, faces = read_halves(), {}
    for path in sorted(folder.glob("s*/*.jpg")):
        if halves.get(path.stem) == half:
            rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
            faces[path.stem] = align_face(rgb, find_faces(rgb)[0].mesh)
    return faces


def make_samples(faces: dict[str, AlignedFace]) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of faces as they are and with lenses tinted by chance, and which are tinted."""
    rng, rows, tinted = np.random.default_rng(0), [], []
    for name, face in faces.items():
        rows.append(extract_lens_features(face))
        tinted.append(False)
        for _ in range(TINTED_PER_WEARER if name in WEARERS else TINTED_PER_OTHER):
            density = rng.uniform(LEAST_TRAINED_DENSITY, MOST_TRAINED_DENSITY)
            colour = tuple(rng.uniform(20, 255, 3)) if rng.random() < 0.5 else TINTS["grey"]
            size = (rng.uniform(0.62, 0.85), rng.uniform(0.45, 0.65))
            rows.append(extract_lens_features(tint(face, density, colour, size)))
            tinted.append(True)
    return np.array(rows), np.array(tinted)


def report(faces: dict[str, AlignedFace]) -> None:
    """Print the highest scores of faces as they are, and the tinted lenses that are found."""
    for title, is_wearer in (("wearers", True), ("others", False)):
        scores = sorted(score_tinted_lenses(face) for name, face in faces.items() if (name in WEARERS) is is_wearer)
        print(f"{title}: {len(scores)}, highest {np.round(scores[-6:], 2)}")
    wearers = [face for name, face in faces.items() if name in WEARERS]
    for name, colour in TINTS.items():
        found = [
            sum(score_tinted_lenses(tint(face, density, colour, (0.72, 0.5))) > MAX_TINT_LOG_ODDS for face in wearers)
            for density in DENSITIES
        ]
        print(f"{name:8} " + ", ".join(f"{d:.0%}: {n}" for d, n in zip(DENSITIES, found, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/ and scenes/")
    parser.add_argument("--out", type=Path, default=SHIPPED_FILE, help="file to write (default: the shipped one)")
    arguments = parser.parse_args()
    save_model(arguments.out, fit(*make_samples(read_faces(arguments.portraits, "tuning"))))
    for half in ("tuning", "reporting"):
        print(half)
        report(read_faces(arguments.portraits, half))


if __name__ == "__main__":
    main()
