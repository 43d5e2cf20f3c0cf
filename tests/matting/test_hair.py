"""Test the shipped network: promises that hold for any weights, and the quality of these weights."""

import hashlib
import re

import cv2
import numpy as np
import pytest

from idphoto.errors import MissingModel
from idphoto.matting.backends import hair

pytest.importorskip("onnxruntime", reason="the network is run by onnxruntime")


@pytest.fixture(scope="module")
def network():
    return hair.load()


def figure(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a bust in front of a background; return picture, alpha and person mask."""
    rng = np.random.default_rng(1)
    alpha = np.zeros((height * 4, width * 4), np.uint8)
    middle = width * 2
    cv2.ellipse(alpha, (middle, int(height * 1.6)), (int(width * 0.9), int(height * 1.0)), 0, 0, 360, 255, -1)
    cv2.ellipse(alpha, (middle, height * 4), (int(width * 1.8), int(height * 1.2)), 0, 0, 360, 255, -1)
    alpha = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    skin, wall = np.array([205, 160, 130]), np.array([120, 140, 160])
    picture = alpha[..., None] * skin + (1 - alpha[..., None]) * wall + rng.normal(0, 2, (height, width, 3))
    blurred = cv2.GaussianBlur(alpha, (0, 0), 0.02 * height)
    return np.clip(picture, 0, 255).astype(np.uint8), alpha, blurred


@pytest.mark.parametrize(("height", "width"), [(410, 335), (531, 413), (64, 48), (333, 517)])
def test_alpha_keeps_the_promise_of_the_seam(network, height, width):
    picture, truth, coarse = figure(height, width)
    alpha = network(picture, coarse)
    assert alpha.shape == truth.shape
    assert alpha.dtype == np.float32
    assert np.isfinite(alpha).all()
    assert alpha.min() >= 0
    assert alpha.max() <= 1


def test_finds_a_drawn_figure(network):
    picture, truth, coarse = figure(531, 413)
    alpha = network(picture, coarse)
    assert np.abs(alpha - truth).mean() < 0.4 * np.abs(coarse - truth).mean()


def test_is_exact_away_from_the_edge(network):
    picture, truth, coarse = figure(531, 413)
    alpha = network(picture, coarse)
    far = np.ones((61, 61), np.uint8)
    assert (alpha[cv2.dilate(truth, far) == 0] == 0).mean() > 0.999
    assert (alpha[cv2.erode(truth, far) == 1] == 1).mean() > 0.999


def test_same_picture_same_matte(network):
    picture, _, coarse = figure(410, 335)
    assert np.array_equal(network(picture, coarse), hair.load()(picture, coarse))


def test_input_is_left_alone(network):
    picture, _, coarse = figure(410, 335)
    before = picture.copy(), coarse.copy()
    network(picture, coarse)
    assert np.array_equal(picture, before[0])
    assert np.array_equal(coarse, before[1])


def test_strided_arrays_are_taken(network):
    picture, _, coarse = figure(410, 335)
    mirrored = network(picture[:, ::-1], coarse[:, ::-1])
    copied = network(np.ascontiguousarray(picture[:, ::-1]), np.ascontiguousarray(coarse[:, ::-1]))
    assert np.array_equal(mirrored, copied)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize(("known", "wanted"), [(160, 200), (128, 61), (160, 160), (128, 1024)])
def test_interpolation_is_that_of_opencv(known, wanted, axis):
    values = np.random.default_rng(0).random((3, known, 7), dtype=np.float32)
    size = (7, wanted)
    theirs = np.stack([cv2.resize(layer, size, interpolation=cv2.INTER_LINEAR) for layer in values])
    if axis == 2:
        values, theirs = values.transpose(0, 2, 1), theirs.transpose(0, 2, 1)
    assert np.abs(hair._interpolated(values, axis, wanted, wanted) - theirs).max() < 1e-4


def test_interpolation_of_an_extended_picture_agrees_where_both_are():
    values = np.random.default_rng(0).random((3, 160, 7), dtype=np.float32)
    short, long = hair._interpolated(values, 1, 100, 100), hair._interpolated(values, 1, 104, 100)
    assert np.array_equal(short, long[:, :100])


def test_missing_weights_are_told(monkeypatch, tmp_path):
    monkeypatch.setattr(hair, "WEIGHTS_FOLDER", tmp_path)
    with pytest.raises(MissingModel, match="hair_semantic"):
        hair.load()


def test_card_names_the_weights_that_are_shipped():
    folder = hair.WEIGHTS_FOLDER
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    for name in (hair.SEMANTIC_FILE, hair.DETAIL_FILE):
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert re.search(rf"{re.escape(name)}\W+{digest}", card), f"{name} is now {digest}"


def test_weights_stay_small():
    folder = hair.WEIGHTS_FOLDER
    assert sum((folder / name).stat().st_size for name in (hair.SEMANTIC_FILE, hair.DETAIL_FILE)) < 12 * 2**20
