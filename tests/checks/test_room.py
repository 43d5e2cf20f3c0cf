"""Where the source ends, the finished photo shows what is not in it; the report says so."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

import idphoto
from idphoto.report import Status
from idphoto.resample import find_covered_pixels

KEEPS_BACKGROUND = "fr-passport"


@pytest.mark.parametrize("tilt", [-11, 9])
def test_wedges_of_a_kept_background_fail(sample, tilt):
    """To straighten a tilted head turns the corners of the picture into the photo."""
    with Image.open(sample) as picture:
        turned = picture.convert("RGB").rotate(tilt, Image.Resampling.BICUBIC)
    file = BytesIO()
    turned.crop((125, 20, 325, 300)).save(file, "JPEG", quality=95)
    photo = idphoto.make(file.getvalue(), KEEPS_BACKGROUND)
    covered = find_covered_pixels(photo.view.matrix, photo.view.size, photo.source.size)
    assert (~covered).any()
    failing = {finding.code for finding in photo.report.findings if finding.status is Status.FAIL}
    assert "room.missing" in failing
    assert "editing.straightened" in {finding.code for finding in photo.report.findings}
