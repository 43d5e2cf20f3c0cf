"""Measure exposure, range and evenness on pictures whose true values are known."""

from __future__ import annotations

import numpy as np
import pytest

from idphoto.quality.aligned import ALIGNED_SIDE_PX, TEMPLATE_POINTS_PX, AlignedFace, compute_luminance
from idphoto.quality.background_texture import measure_background_uniformity
from idphoto.quality.exposure import (
    compute_luminance_moments,
    measure_cheek_luminance,
    measure_dynamic_range,
    measure_illumination_uniformity,
    measure_over_exposure,
    measure_under_exposure,
)
from idphoto.units import Size


def face_of(rgb: np.ndarray) -> AlignedFace:
    """Make an aligned face of these pixels, with the landmarks of the template and a round contour."""
    angle = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    points = np.stack([308 + 150 * np.sin(angle), 330 + 190 * np.cos(angle)], axis=1)
    left, right, nose, _, _ = TEMPLATE_POINTS_PX
    for corners, eye in (((33, 133), left), ((362, 263), right)):
        points[corners[0]], points[corners[1]] = eye - np.array([25, 0]), eye + np.array([25, 0])
    points[1], points[13], points[14], points[152] = nose, (308, 400), (308, 404), (308, 500)
    return AlignedFace(rgb, points, np.eye(2, 3), Size(ALIGNED_SIDE_PX, ALIGNED_SIDE_PX))


def flat(value: int) -> np.ndarray:
    return np.full((ALIGNED_SIDE_PX, ALIGNED_SIDE_PX, 3), value, np.uint8)


def shares(levels: np.ndarray) -> np.ndarray:
    counts = np.bincount(levels, minlength=256).astype(float)
    return counts / counts.sum()


def test_luminance_is_linear_light() -> None:
    codes = np.repeat(np.array([0, 88, 188, 251, 252, 255], np.uint8)[None, :, None], 3, axis=2)
    assert compute_luminance(codes)[0].tolist() == [0, 25, 128, 246, 248, 255]


def test_entropy_of_known_histograms() -> None:
    assert measure_dynamic_range(shares(np.arange(256))) == pytest.approx(8)
    assert measure_dynamic_range(shares(np.array([0, 255]))) == pytest.approx(1)
    assert measure_dynamic_range(shares(np.array([77]))) == 0


def test_shares_at_the_ends_and_moments() -> None:
    half = shares(np.array([10, 250]))
    assert (measure_under_exposure(half), measure_over_exposure(half)) == (0.5, 0.5)
    mean, variance = compute_luminance_moments(shares(np.array([0, 255])))
    assert (mean, variance) == pytest.approx((0.5, 0.25))


def test_equal_cheeks_are_uniform_and_a_ratio_of_light_comes_back() -> None:
    even = face_of(flat(150))
    assert measure_illumination_uniformity(even) == 1.0
    assert np.divide(*measure_cheek_luminance(even)) == pytest.approx(1)
    rgb = flat(220)
    rgb[:, 308:] = 160  # 0.716 and 0.352 of full light
    uneven = face_of(rgb)
    assert measure_illumination_uniformity(uneven) == 0.0
    assert np.divide(*measure_cheek_luminance(uneven)) == pytest.approx(0.7157 / 0.3515, rel=0.01)


def test_a_flat_background_has_no_gradient_and_a_striped_one_has() -> None:
    alpha = np.zeros((ALIGNED_SIDE_PX, ALIGNED_SIDE_PX), np.float32)
    alpha[150:, 150:460] = 1
    assert measure_background_uniformity(face_of(flat(200)), alpha) == 0.0
    striped = flat(200)
    striped[:, ::16] = 120
    found = measure_background_uniformity(face_of(striped), alpha)
    assert found is not None
    assert found > 100
    assert measure_background_uniformity(face_of(striped), np.ones_like(alpha)) is None
