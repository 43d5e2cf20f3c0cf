"""Tasks of workers, without a server around them."""

from __future__ import annotations

import pytest
from PIL import Image

from idphoto.errors import NoPerson
from idphoto.server.work.tasks import TASKS
from tests.server.conftest import jpeg

LIMITS = {"formats": ["jpeg", "png"], "sides": [32, 4000], "pixel_cap": 16_000_000, "may_halve": False}
ASKED = {"cutout": {"job": {"form": "mask"}}, "large-cutout": {}}


@pytest.mark.parametrize("task", ASKED)
def test_hats_barns_and_parrots_are_nobody(shared, task):
    for name in ("kodak_03", "kodak_22", "kodak_23"):
        picture = Image.open(next((shared / "backgrounds/photos").rglob(f"{name}.jpg")))
        with pytest.raises(NoPerson):
            TASKS[task]({"limits": LIMITS, **ASKED[task]}, [jpeg(picture)])


def test_somebody_without_a_face_is_somebody(shared):
    picture = Image.open(sorted((shared / "portraits/scenes").glob("*.jpg"))[25]).convert("RGB")
    torso = picture.crop((0, picture.height // 2, picture.width, picture.height))
    TASKS["cutout"]({"limits": LIMITS, "job": {"form": "mask"}}, [jpeg(torso)])


def test_what_is_transparent_already_is_taken_as_it_is(portrait):
    """A cutout of a cutout has the same alpha, on both ways."""
    from io import BytesIO

    import numpy as np

    first = TASKS["cutout"]({"limits": LIMITS, "job": {"form": "rgba"}}, [portrait]).blobs[0]
    alpha = np.asarray(Image.open(BytesIO(first)))[..., 3]
    for task in ASKED:
        asked = {"job": {"form": "rgba"}} if task == "cutout" else {}
        again = np.asarray(Image.open(BytesIO(TASKS[task]({"limits": LIMITS, **asked}, [first]).blobs[0])))[..., 3]
        assert (again == alpha).all(), task
