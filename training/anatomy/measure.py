"""Measure the mean face and the skull above it; write ``idphoto/faces/anatomy.json``.

    python -m training.anatomy.measure ../shared/portraits

The skull's top cannot be seen under hair, so its height above the eyes is measured on the people
of the portrait collection who have none (looked at one by one), against the size of the rigid
part of their face, with pitch taken out by regression.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from idphoto.faces import BACKENDS
from idphoto.faces import anatomy as module
from idphoto.segmentation import person as segment

# Bioguide ids of people whose scalp shows at the crown or is covered by stubble only.
BALD = """
A000055 A000376 B001223 B001311 C001072 D000616 E000071 E000296 E000298 F000471 G000558 H001077 I000058 J000294
K000402 L000600 M000312 M001194 O000086 P000599 P000607 P000617 R000612 R000614 S000510 S001199 S001224 T000193
T000467 T000480 V000135
""".split()  # noqa: SIM905

# Corners of the eyes, bridge and base of the nose, forehead, temples and cheekbones.
RIGID = (
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 10, 151, 9, 8,
    127, 356, 234, 454, 103, 332, 54, 284, 21, 251, 116, 345, 50, 280,
)  # fmt: skip


def meshes(folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mesh and picture of every studio portrait."""
    backend = BACKENDS.get("mediapipe")
    found = {}
    for path in sorted(folder.glob("studio/*.jpg")):
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        mesh = backend.mesh(rgb)
        if mesh is not None:
            found[path.stem] = (mesh, rgb)
    return found


def mean_shape(faces: list[np.ndarray]) -> np.ndarray:
    """Generalised Procrustes mean, made symmetric, turned so that the mean pose is straight."""
    units = []
    for face in faces:
        points = face[list(RIGID)].astype(float)
        points -= points.mean(axis=0)
        units.append(points / np.sqrt((points**2).sum() / len(points)))
    shape = units[0]
    for _ in range(20):
        turned = [unit @ module.rotation(shape, unit)[0] for unit in units]
        shape = np.mean(turned, axis=0)
        shape -= shape.mean(axis=0)
        shape /= np.sqrt((shape**2).sum() / len(shape))
    turns = [module.rotation(shape, unit)[0] for unit in units]
    u, _, vt = np.linalg.svd(np.mean(turns, axis=0))
    return shape @ (u @ vt).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portraits", type=Path)
    faces = meshes(parser.parse_args().portraits)
    shape = mean_shape([mesh for mesh, _ in faces.values()])
    data = {
        "source": "training/anatomy/measure.py: mean of the official studio portraits of 379 members of the US House",
        "indices": list(RIGID),
        "shape": np.round(shape, 5).tolist(),
        "skull": {"level": 0.0, "per_degree_of_pitch": 0.0, "sd": 0.0},
    }
    module.FILE.write_text(json.dumps(data), encoding="utf-8")
    module.anatomy.cache_clear()

    rows = []
    for name in BALD:
        mesh, rgb = faces[name]
        head = module.pose(mesh)
        eyes = mesh[[33, 133, 362, 263], :2].mean(axis=0)
        person = segment(rgb, "selfie")
        half = 0.2 * np.linalg.norm(mesh[263, :2] - mesh[33, :2])
        column = person[:, int(eyes[0] - half) : int(eyes[0] + half)].max(axis=1)
        rows.append((head.pitch, (eyes[1] - np.argmax(column > 0.5)) / head.size))
    pitch, height = np.array(rows).T
    slope, level = np.polyfit(pitch, height, 1)
    sd = float(np.std(height - (level + slope * pitch), ddof=2))
    data["skull"] = {
        "level": round(level, 4),
        "per_degree_of_pitch": round(slope, 5),
        "sd": round(sd, 4),
        "heads": len(rows),
    }
    module.FILE.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"{len(rows)} heads: {level:.3f} {slope:+.4f}/deg, sd {sd:.3f} (without pitch {np.std(height):.3f})")


if __name__ == "__main__":
    main()
