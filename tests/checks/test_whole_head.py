"""A head that the picture does not show whole passes for no document, wherever the picture ends."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto.api import open_picture
from idphoto.faces.head import measure_head_of_face
from idphoto.faces.preview import find_faces_in_preview
from idphoto.geometry import find_cut_parts
from idphoto.portrait import Preview
from idphoto.report import Status
from idphoto.segmentation.head import segment_head
from idphoto.units import Size


def look(rgb):
    preview = Preview(np.ascontiguousarray(rgb), 1.0)
    face = find_faces_in_preview(preview)[0]
    mask = segment_head(preview, face)
    return face, measure_head_of_face(face, mask), mask


def cut_parts(rgb) -> frozenset[str]:
    _, head, mask = look(rgb)
    return find_cut_parts(head, mask, Size(rgb.shape[1], rgb.shape[0]))


@pytest.fixture(scope="module")
def people(portraits):
    return [(path.name, np.asarray(Image.open(path).convert("RGB"))) for path in portraits]


def test_whole_heads_are_whole(people):
    for name, rgb in people:
        assert not cut_parts(rgb), name


@pytest.mark.parametrize("share", [0.5, 0.3, 0.15, 0.05])
def test_a_picture_that_ends_above_the_chin_is_found(people, share):
    for name, rgb in people:
        face, head, _ = look(rgb)
        # The lower face may be so incomplete that the rest is taken for a face upside down.
        assert {"chin", "crown"} & cut_parts(rgb[: round(face.chin.y - share * head.chin)]), name


@pytest.mark.parametrize("share", [0.6, 0.4, 0.25, 0.15, 0.05])
def test_a_picture_that_ends_below_the_crown_is_found(people, share):
    for name, rgb in people:
        face, head, _ = look(rgb)
        assert "crown" in cut_parts(rgb[round(face.eyes.y - head.skull + share * head.chin) :]), name


def test_hair_that_the_picture_cuts_off_is_found(people):
    high, missed = 0, []
    for name, rgb in people:
        face, head, _ = look(rgb)
        if head.hair - head.skull > 0.1 * head.chin:
            high += 1
            if not {"hair", "crown"} & cut_parts(rgb[round(face.eyes.y - head.hair + 0.05 * head.chin) :]):
                missed.append(name)
    # The segmenter takes the hair of one of them for background when its end cannot be seen.
    assert high >= 3
    assert len(missed) <= 1


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_picture_that_ends_inside_the_face_is_found(people, side):
    for name, rgb in people:
        face, head, _ = look(rgb)
        if side == "left":
            cut = rgb[:, round(face.eyes.x - 0.75 * head.left) :]
        else:
            cut = rgb[:, : round(face.eyes.x + 0.75 * head.right)]
        assert {side, "hair"} & cut_parts(cut), name


@pytest.mark.parametrize("part", ["crown", "chin"])
@pytest.mark.parametrize("pipeline", [None, "check"])
def test_no_document_passes_without_the_whole_head(people, part, pipeline):
    _, rgb = people[0]
    face, head, _ = look(rgb)
    cut = (
        rgb[round(face.eyes.y - 0.7 * head.skull) :] if part == "crown" else rgb[: round(face.chin.y - 0.2 * head.chin)]
    )
    specs = [spec.id for spec in idphoto.all_specs(variants=False) if spec.submit.value != "nothing"]
    source = open_picture(np.ascontiguousarray(cut))
    for made in idphoto.make_each(source, spec=specs[::6], pipeline=pipeline):
        codes = {finding.code: finding.status for finding in made.report.findings}
        assert codes[f"whole-head.{part}"] is Status.FAIL, made.spec.id
        assert made.report.status is Status.FAIL, made.spec.id
        # What the picture does not show is not measured, and passes no rule.
        assert not any(code.startswith("head-height.") and not code.endswith(".not-seen") for code in codes)
        assert "head-height" not in {measure.name for measure in made.report.measures}


def test_reported_cases_fail(shared):
    for name, part in (("cut_top_720.jpg", "crown"), ("cut_bottom_1200.jpg", "chin")):
        made = idphoto.make(shared / "cases" / name, spec="schengen-visa")
        assert f"whole-head.{part}" in {finding.code for finding in made.report.findings}
        assert made.report.status is Status.FAIL
