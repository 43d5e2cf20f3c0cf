"""Golden numbers: what was measured on real portraits, with a tolerance for each kind.

    make golden    rewrites the files; review the diff

Numbers of portraits from the shared folder are facts about them; the pictures are not here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import idphoto
from training.matting_network.evaluation import outline_faults

HOME = Path(__file__).parent
SAMPLE = Path(__file__).parents[2] / "samples/astronaut.jpg"
SHARED = Path(__file__).parents[3] / "shared/portraits"

DOCUMENTS = ("schengen-visa", "us-visa-digital", "cn-visa-print", "nl-passport")
# Bald, long hair, afro, glasses, hat, grey curls, headscarf, close crop: one of each.
PEOPLE = (
    "scenes/021752", "scenes/021170", "scenes/021333", "scenes/021331", "scenes/021102", "scenes/021300",
    "studio/C001072", "studio/B001224", "studio/M001160", "studio/N000147", "studio/A000370", "studio/O000173",
)  # fmt: skip

TOLERANCE = {
    "eyes": 0.01, "chin": 0.012, "hair": 0.03, "skull": 0.02,  # in head heights
    "roll": 0.5, "yaw": 2.0, "pitch": 2.0,  # degrees
    "person": 0.01,  # share of the picture that is person
    "edge": 0.012,  # share that is neither
    "missing": 4.0,  # px
    "scale": 0.03,  # relative
}  # fmt: skip


def measure(path: Path) -> dict[str, Any]:
    """Everything golden about one portrait."""
    photos = list(idphoto.make_each(path, spec=DOCUMENTS))
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


def portraits() -> dict[str, Path]:
    """Golden portraits that are there, by name."""
    found = {"astronaut": SAMPLE}
    found |= {name: SHARED / f"{name}.jpg" for name in PEOPLE if (SHARED / f"{name}.jpg").is_file()}
    return found


def stored() -> dict[str, Any]:
    """The golden numbers."""
    data: dict[str, Any] = json.loads((HOME / "portraits.json").read_text(encoding="utf-8"))
    return data


def stored_faults() -> dict[str, dict[str, int]]:
    """Pixels kept and lost on real photos of the validation and test splits, as they were."""
    return json.loads((HOME / "faults.json").read_text(encoding="utf-8"))


def faults(name: str) -> dict[str, int]:
    """Pixels of visible scraps and losses on a photo now."""
    photo = idphoto.cutout(SHARED / f"scenes/{name}.jpg", form="mask")
    scraps, losses = outline_faults.faults(photo.alpha, name)
    return {"scraps": sum(scraps), "losses": sum(losses)}
