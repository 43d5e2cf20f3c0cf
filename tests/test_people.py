"""Everybody in a picture is cut out whole, and a picture of nobody is an error."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import idphoto
from benchmarks.people import measure
from idphoto import matting, segmentation
from idphoto.colour import composite
from idphoto.errors import NoPerson, SeveralFaces
from idphoto.people import find_people
from idphoto.testing import FakeMattingBackend, FakeSegmenter
from tests import busy_scenes

GROUP = ("C000537", "F000468", "O000172")


def make_group(names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture of people side by side before a drawn office, and their true alpha."""
    people = [busy_scenes.read_person(name) for name in names]
    height = max(len(alpha) for _, alpha in people) * 3 // 2
    width = sum(alpha.shape[1] for _, alpha in people)
    colours, alphas = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.float32)
    left = 0
    for rgb, alpha in people:
        rows, columns = slice(height - len(alpha), height), slice(left, left + alpha.shape[1])
        colours[rows, columns], alphas[rows, columns] = rgb, alpha
        left += alpha.shape[1]
    return composite(colours, alphas, busy_scenes.draw_background(width, height, 1)), alphas


def test_a_group_is_cut_out_whole():
    picture, truth = make_group(GROUP)
    alpha = idphoto.cutout(picture, form="mask").alpha
    missing, kept = measure(alpha, (truth > 0.5).astype(np.uint8))
    assert missing < 0.01
    assert kept < 0.02
    assert len(find_people(picture).faces) == len(GROUP)


@pytest.mark.parametrize("shape", [(600, 800), (250, 2500), (1200, 400)])
def test_a_picture_of_nobody_is_an_error(shape):
    empty = busy_scenes.draw_background(shape[1], shape[0], 3)
    with pytest.raises(NoPerson) as error:
        idphoto.cutout(empty)
    assert error.value.code == "cutout.nobody"


def test_somebody_small_in_a_very_wide_picture_is_found():
    scene, truth = busy_scenes.make_scene("F000468")
    height, width = truth.shape
    wide = busy_scenes.draw_background(8 * width, height, 2)
    wide[:, 5 * width : 6 * width] = scene
    alpha = idphoto.cutout(wide, form="mask").alpha
    person = truth > 0.9
    assert (alpha[:, 5 * width : 6 * width][person] > 0.5).mean() > 0.99
    assert (alpha[:, : 4 * width] > 0.5).mean() < 0.001


@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_of_a_group_is_chosen_by_a_number_from_the_left(number):
    picture, truth = make_group(GROUP)
    alpha = idphoto.cutout(picture, form="mask", face=str(number)).alpha
    width = picture.shape[1] // len(GROUP)
    own = slice((number - 1) * width, number * width)
    assert (alpha[:, own][truth[:, own] > 0.9] > 0.5).mean() > 0.9
    others = np.delete(alpha, np.arange(picture.shape[1])[own], axis=1)
    assert (others > 0.5).mean() < 0.02


def test_only_one_is_wanted_where_there_are_several():
    picture, _ = make_group(GROUP)
    with pytest.raises(SeveralFaces, match="There are 3 faces"):
        idphoto.cutout(picture, face="only")


def test_a_clean_cutout_is_certain_and_a_torn_one_is_not():
    picture, truth = make_group(GROUP)
    findings = idphoto.cutout(picture, form="mask").findings
    assert [finding.code for finding in findings] == ["cutout.ok"]
    torn = truth.copy()
    torn[-150:, :200] = 0
    with matting.BACKENDS.using({"auto": FakeMattingBackend(torn)}):
        photo = idphoto.cutout(picture, form="mask")
    finding = photo.findings[0]
    assert finding.code == "cutout.doubtful"
    left, top, width, height = finding.region
    assert left < 20
    assert left + width < 260
    assert top + height > len(truth) - 20
    assert finding.values["side"] == "left"


def test_a_round_avatar_is_no_finished_cutout_and_a_cutout_is_one(tmp_path):
    scene, truth = busy_scenes.make_scene("F000468")
    rows, columns = np.mgrid[: truth.shape[0], : truth.shape[1]]
    circle = np.hypot(rows - 200, columns - 168) < 195
    path = tmp_path / "avatar.png"
    Image.fromarray(np.dstack([scene, circle.astype(np.uint8) * 255])).save(path)
    photo = idphoto.cutout(path, form="rgba")
    assert (photo.alpha[circle & (truth == 0)] > 0.5).mean() < 0.2
    assert photo.alpha[~circle].max() == 0
    again = idphoto.cutout(photo.files[".png"], form="mask")
    assert np.abs(again.alpha - photo.alpha).max() < 1 / 255
    assert "mask" in [operation.name for operation in again.operations]


def test_no_face_is_lost_where_the_person_mask_is_blind():
    picture, _ = make_group(GROUP)
    with segmentation.BACKENDS.using({"auto": FakeSegmenter(np.full((64, 64), 0.3, np.float32))}):
        people = find_people(picture)
    assert len(people.faces) == len(GROUP)
    for face in people.faces:
        assert people.mask[round(face.mouth.y), round(face.mouth.x)] == 1
    assert (people.mask > 0.5).mean() < 0.2
