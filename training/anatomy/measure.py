"""Measure the mean face and the height of the skull above the eyes.

    python -m training.anatomy.measure ../shared/portraits

Writes ``idphoto/faces/anatomy.json``, or the file given by ``--out``. The file is replaced at the end, when
everything has been computed; if the command fails, the old file stays.

Hair hides the top of the skull. Its height above the eyes is therefore measured on the people of the portrait
collection who have no hair there (each was chosen by looking at the picture). The unit is the size of the rigid part
of the face. A linear regression removes the influence of pitch.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from idphoto.faces import BACKENDS
from idphoto.faces import anatomy as shipped
from idphoto.faces.anatomy import Anatomy, fit_rotation, measure_pose
from idphoto.output.files import write_files
from idphoto.segmentation import run_segmenter

BALD_MEMBERS = """
A000055 A000376 B001223 B001311 C001072 D000616 E000071 E000296 E000298 F000471 G000558 H001077 I000058 J000294
K000402 L000600 M000312 M001194 O000086 P000599 P000607 P000617 R000612 R000614 S000510 S001199 S001224 T000193
T000467 T000480 V000135
""".split()  # noqa: SIM905
"""Bioguide ids of the people whose scalp is visible at the crown, or covered by stubble only."""

RIGID_LANDMARKS = (
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 10, 151, 9, 8,
    127, 356, 234, 454, 103, 332, 54, 284, 21, 251, 116, 345, 50, 280,
)  # fmt: skip
"""Landmarks that expressions hardly move: eye corners, nose bridge and base, forehead, temples, cheekbones."""

EYE_CORNERS = (33, 133, 362, 263)
OUTER_EYE_CORNERS = (33, 263)

PROCRUSTES_ROUNDS = 20

HALF_COLUMN_SHARE = 0.2
"""Half the width of the strip in which the crown is searched, as a share of the distance of the outer eye corners."""

Portraits = dict[str, tuple[np.ndarray, np.ndarray]]
"""Mesh (478, 3) in pixels and picture (H, W, 3) uint8 sRGB of each person, by Bioguide id."""


def find_faces(folder: Path) -> Portraits:
    """Find the face in every studio portrait; portraits without one are left out."""
    detector = BACKENDS.get("mediapipe")
    found = {}
    for path in sorted(folder.glob("studio/*.jpg")):
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        mesh = detector.find_mesh(rgb)
        if mesh is not None:
            found[path.stem] = (mesh, rgb)
    return found


def compute_mean_face(meshes: list[np.ndarray]) -> np.ndarray:
    """Compute the mean of the rigid landmarks, shape (n, 3), centred, of root-mean-square size 1.

    This is the generalised Procrustes mean. It is then turned so that the mean of all poses looks straight ahead.
    """
    units = []
    for mesh in meshes:
        points = mesh[list(RIGID_LANDMARKS)].astype(float)
        points -= points.mean(axis=0)
        units.append(points / np.sqrt((points**2).sum() / len(points)))
    mean = units[0]
    for _ in range(PROCRUSTES_ROUNDS):
        turned = [unit @ fit_rotation(mean, unit)[0] for unit in units]
        mean = np.mean(turned, axis=0)
        mean -= mean.mean(axis=0)
        mean /= np.sqrt((mean**2).sum() / len(mean))
    turns = [fit_rotation(mean, unit)[0] for unit in units]
    u, _, vt = np.linalg.svd(np.mean(turns, axis=0))
    return mean @ (u @ vt).T


def measure_skulls(portraits: Portraits, mean_face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Measure pitch (degrees) and skull height above the eyes (in face sizes) of each of `BALD_MEMBERS`."""
    face_only = Anatomy(np.array(RIGID_LANDMARKS), mean_face, (0.0, 0.0), 0.0)
    rows = []
    for name in BALD_MEMBERS:
        mesh, rgb = portraits[name]
        head = measure_pose(mesh, face_only)
        eyes = mesh[list(EYE_CORNERS), :2].mean(axis=0)
        left, right = mesh[list(OUTER_EYE_CORNERS), :2]
        half = HALF_COLUMN_SHARE * np.linalg.norm(right - left)
        person = run_segmenter(rgb, "selfie")
        column = person[:, int(eyes[0] - half) : int(eyes[0] + half)].max(axis=1)
        rows.append((head.pitch, (eyes[1] - np.argmax(column > 0.5)) / head.size))
    pitch, height = np.array(rows).T
    return pitch, height


def measure_anatomy(portraits: Portraits) -> dict:
    """Compute the content of ``anatomy.json``."""
    # The mean face is rounded before it is used, so that the skulls are measured with what will be shipped.
    mean_face = np.round(compute_mean_face([mesh for mesh, _ in portraits.values()]), 5)
    pitch, height = measure_skulls(portraits, mean_face)
    slope, level = np.polyfit(pitch, height, 1)
    sd = float(np.std(height - (level + slope * pitch), ddof=2))
    print(f"{len(height)} heads: {level:.3f} {slope:+.4f}/deg, sd {sd:.3f} (without pitch {np.std(height):.3f})")
    return {
        "source": "training/anatomy/measure.py: mean of the official studio portraits of 379 members of the US House",
        "indices": list(RIGID_LANDMARKS),
        "shape": mean_face.tolist(),
        "skull": {
            "level": round(level, 4),
            "per_degree_of_pitch": round(slope, 5),
            "sd": round(sd, 4),
            "heads": len(height),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/")
    parser.add_argument(
        "--out", type=Path, default=shipped.ANATOMY_FILE, help="file to write (default: the shipped one)"
    )
    arguments = parser.parse_args()
    measured = measure_anatomy(find_faces(arguments.portraits))
    write_files({arguments.out: (json.dumps(measured, indent=1) + "\n").encode()}, force=True)


if __name__ == "__main__":
    main()
