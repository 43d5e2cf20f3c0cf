"""Measure known blurs, and the known quality of compressed files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idphoto.decode import Source
from idphoto.faces import find_faces
from idphoto.quality.sharpness import estimate_blur, estimate_jpeg_quality, measure_block_step, measure_fineness
from tests.hard_cases import blur, encode_jpeg, read_rgb


def test_more_blur_measures_as_more_blur_and_about_as_much(portraits: list[Path]) -> None:
    errors = []
    for path in portraits[4:]:
        rgb = read_rgb(str(path))
        mesh = find_faces(rgb)[0].mesh
        scale = 113 / float(np.linalg.norm(mesh[33, :2] + mesh[133, :2] - mesh[362, :2] - mesh[263, :2]) / 2)
        ladder = [estimate_blur(measure_fineness(blur(rgb, sigma), mesh)) for sigma in (0.0, 0.8, 1.2, 2.0, 3.0)]
        assert ladder == sorted(ladder), path.name
        # The ladder is told at an eye distance of 113 pixels.
        errors += [got - sigma * min(scale, 1.0) for got, sigma in zip(ladder[2:], (1.2, 2.0, 3.0), strict=True)]
    assert abs(float(np.median(errors))) < 0.3


@pytest.mark.parametrize("quality", [20, 45, 50, 75, 90, 97])
def test_the_quality_of_a_file_is_told_from_its_tables(sample: Path, quality: int) -> None:
    source = Source.open(encode_jpeg(read_rgb(str(sample)), quality))
    assert estimate_jpeg_quality(source.quantisation) == pytest.approx(quality, abs=1)


def test_a_file_without_tables_has_no_quality(sample: Path) -> None:
    file = io.BytesIO()
    Image.open(sample).save(file, "PNG")
    assert estimate_jpeg_quality(Source.open(file.getvalue()).quantisation) is None


def test_blocks_show_on_their_own_grid_only(sample: Path) -> None:
    rgb = read_rgb(encode_jpeg(read_rgb(str(sample)), 15))
    assert measure_block_step(rgb) > 1.5
    assert measure_block_step(rgb[3:, 3:]) < 1.1
    assert measure_block_step(read_rgb(str(sample))) < 1.2
