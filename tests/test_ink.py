"""Signatures and other parts of an application, from pictures of paper. The long trial is benchmarks/ink.py."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image

import idphoto
from benchmarks.ink import draw_page, measure_page
from idphoto.errors import InputError, NoEffect
from idphoto.ink import make_ink_part
from idphoto.ink.page import even_paper
from idphoto.spec import all_specs
from idphoto.stages.parts import Parts
from idphoto.units import Size
from tests.locations import PORTRAITS

if TYPE_CHECKING:
    from pathlib import Path

PORTRAIT = PORTRAITS / "F000468.jpg"


@pytest.mark.parametrize("number", [0, 1, 12])
def test_ink_stays_and_paper_becomes_white(number: int) -> None:
    lost, left, _ = measure_page(draw_page(number))
    assert lost < 0.05
    assert left < 0.02


def test_no_stroke_is_invented() -> None:
    page = draw_page(1).rgb
    made = make_ink_part(page, "signature", Size(560, 240), Size(560, 240))
    ratio = even_paper(page)
    lightest = cv2.erode(ratio, np.ones((9, 9), np.uint8))  # the darkest that stands near each pixel of the page
    allowed = cv2.warpAffine(lightest, made.matrix[:2], (560, 240), borderValue=(1.0, 1.0, 1.0))
    assert ((made.picture / 255 - allowed).min(axis=2) > -0.05).mean() > 0.999


def test_ink_keeps_its_colour() -> None:
    made = make_ink_part(draw_page(0).rgb, "signature", Size(560, 240), Size(560, 240)).picture.astype(float)
    ink = made[made.min(axis=2) < 110]
    assert ink[:, 2].mean() > ink[:, 0].mean() + 30  # blue


def test_a_page_without_ink_is_refused() -> None:
    with pytest.raises(InputError, match="No ink"):
        make_ink_part(np.full((600, 800, 3), 235, np.uint8), "signature", Size(140, 60), Size(140, 60))


def test_every_part_keeps_the_limits_of_its_form(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    Image.fromarray(draw_page(0).rgb).save(path)
    specs = [spec for spec in all_specs(variants=False) if spec.parts]
    given = {"signature": str(path), "thumb": str(path), "declaration": str(path)}
    for spec, photo in zip(specs, idphoto.make_each(PORTRAIT, specs, face="largest", **given), strict=True):
        assert isinstance(photo, idphoto.Photo)
        for rule in spec.parts:
            data = photo.files[f".{rule.name}.jpg"]
            size = Size(*Image.open(BytesIO(data)).size)
            assert rule.pixels is None or rule.pixels.contains(size), spec.id
            assert rule.bytes is None or rule.bytes.contains(len(data)), spec.id
        assert set(Parts(**given).name_files(spec)) <= set(photo.files)
        assert {rule.name for rule in spec.parts} <= {operation.name for operation in photo.operations}


def test_a_part_that_nobody_asks_for_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    Image.fromarray(draw_page(0).rgb).save(path)
    with pytest.raises(NoEffect, match="asks for no picture"):
        idphoto.make(PORTRAIT, "us-passport", signature=str(path))
