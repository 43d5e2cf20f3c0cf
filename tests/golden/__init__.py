"""Golden numbers: measures of real portraits and of busy scenes, with a tolerance for each kind.

    make golden    rewrites the files; review the diff

`portraits.json` holds what `measure` returns, `faults.json` what `count_faults` returns. Pictures are named by where
they are: `studio/NAME` in `tests/portraits` or the shared folder, `scenes/NAME` in the shared folder only, and
`busy/NAME` is a scene of `tests/busy_scenes.py`. Numbers of pictures that are missing here stay as they were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import idphoto
from tests import busy_scenes
from tests.locations import PORTRAITS, SAMPLE, SHARED
from training.matting_network.evaluation import outline_faults

FOLDER = Path(__file__).parent

DOCUMENTS = ("schengen-visa", "us-visa-digital", "cn-visa-print", "nl-passport")
# Bald, long hair, afro, glasses, hat, grey curls, headscarf, close crop: one of each.
PEOPLE = (
    "scenes/021752", "scenes/021170", "scenes/021333", "scenes/021331", "scenes/021102", "scenes/021300",
    "studio/C001072", "studio/B001224", "studio/M001160", "studio/N000147", "studio/A000370", "studio/O000173",
    "busy/C000537", "busy/F000468", "busy/G000559", "busy/L000595", "busy/O000172",
)  # fmt: skip

TOLERANCE = {
    "eyes": 0.01, "chin": 0.012, "hair": 0.03, "skull": 0.02,  # in head heights
    "roll": 0.5, "yaw": 2.0, "pitch": 2.0,  # degrees
    "person": 0.01,  # share of the picture that is person
    "edge": 0.012,  # share that is neither
    "missing": 4.0,  # px
    "scale": 0.03,  # relative
}  # fmt: skip


def find_picture(name: str) -> Path | NDArray[np.uint8] | None:
    """Return the path or the pixels of a golden picture, or None if it is not here."""
    if name == "astronaut":
        return SAMPLE
    folder, _, stem = name.partition("/")
    if folder == "busy":
        return busy_scenes.make_scene(stem)[0]
    paths = (PORTRAITS / f"{stem}.jpg", SHARED / f"portraits/{name}.jpg")
    return next((path for path in paths if path.is_file()), None)


def measure(picture: Path | NDArray[np.uint8]) -> dict[str, Any]:
    """Measure a portrait and the photos that are made of it for all `DOCUMENTS`."""
    photos = list(idphoto.make_each(picture, spec=DOCUMENTS))
    face, head = photos[0].face, photos[0].head
    height = head.height()
    return {
        "eyes": [round(face.eyes.x, 2), round(face.eyes.y, 2)],
        "height": round(height, 2),
        "chin": round(head.chin / height, 4),
        "hair": round(head.hair / height, 4),
        "skull": round(head.skull / height, 4),
        "roll": round(face.roll, 2),
        "yaw": round(face.yaw, 2),
        "pitch": round(face.pitch, 2),
        "documents": {
            photo.spec.id: {
                "scale": round(photo.view.scale, 4),
                "missing": list(photo.view.missing),
                "person": round(float(photo.alpha.mean()), 4),
                "edge": round(float(((photo.alpha > 0.02) & (photo.alpha < 0.98)).mean()), 4),
                "status": photo.report.status.value,
            }
            for photo in photos
        },
    }


def count_faults(name: str) -> dict[str, int]:
    """Count the pixels of visible scraps and losses in the cutout of a photo, against its known outline."""
    folder, _, stem = name.rpartition("/")
    if folder == "busy":
        scene, truth = busy_scenes.make_scene(stem)
        alpha = idphoto.cutout(scene, form="mask").alpha
        kept = outline_faults.measure_pieces((truth == 0) & (alpha > outline_faults.KEPT_ALPHA))
        lost = outline_faults.measure_pieces((truth == 1) & (alpha < outline_faults.LOST_ALPHA))
        scraps, losses = ([area for area in areas if area >= outline_faults.MIN_VISIBLE_PX] for areas in (kept, lost))
    else:
        alpha = idphoto.cutout(SHARED / f"portraits/scenes/{stem}.jpg", form="mask").alpha
        scraps, losses = outline_faults.find_faults(alpha, stem)
    return {"scraps": sum(scraps), "losses": sum(losses)}


def read_measures() -> dict[str, Any]:
    """Read the golden measures, by name of the picture."""
    return json.loads((FOLDER / "portraits.json").read_text(encoding="utf-8"))


def read_faults() -> dict[str, dict[str, int]]:
    """Read the golden counts of faults, by name of the photo: validation and test splits, and busy scenes."""
    return json.loads((FOLDER / "faults.json").read_text(encoding="utf-8"))
