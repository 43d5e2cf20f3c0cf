"""Colours are compared with the certain pixels nearby, and with nothing else."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from idphoto.matting.likeness import PLANES, measure_likeness

HEIGHT, WIDTH = 320, 256
BROWN, RED, BLUE = (96, 64, 48), (200, 20, 30), (30, 60, 190)


def scene() -> tuple[np.ndarray, np.ndarray, tuple[slice, slice]]:
    """Draw a brown person between red and blue, with a scrap of the red that the semantic graph kept."""
    rgb = np.full((HEIGHT, WIDTH, 3), RED, np.uint8)
    rgb[:, WIDTH // 2 :] = BLUE
    rgb[60:, 70:190] = BROWN
    scrap = slice(150, 180), slice(70, 75)
    rgb[scrap] = RED
    person = np.zeros((HEIGHT // 2, WIDTH // 2), np.float32)
    person[30:, 35:95] = 1
    return rgb, person, (slice(76, 89), slice(35, 37))


def test_a_scrap_is_like_what_is_behind():
    rgb, person, scrap = scene()
    like_person, like_wall = measure_likeness(rgb, person)
    assert like_wall[scrap].min() > 0.9
    assert like_person[scrap].max() < 0.1
    assert like_person[100:, 45:85].min() > 0.9
    assert like_wall[100:, 45:85].max() < 0.1


def test_a_colour_counts_only_nearby():
    """The red of the left does not count on the right, and the other way round."""
    rgb, person, _ = scene()
    rgb[200:230, 182:190], rgb[240:270, 182:190] = RED, BLUE
    like_wall = measure_likeness(rgb, person)[1]
    assert like_wall[102:113, 92:94].max() < 0.1
    assert like_wall[122:133, 92:94].min() > 0.9


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_nothing_certain_is_like_nothing(share):
    rgb, person, _ = scene()
    planes = measure_likeness(rgb, np.full_like(person, share))
    assert planes.shape == (PLANES, HEIGHT // 2, WIDTH // 2)
    assert planes.dtype == np.float32
    if share < 1:
        assert not planes[0].any()
    if share > 0:
        assert not planes[1].any()


def test_noise_stays_within_bounds():
    rng = np.random.default_rng(1)
    planes = measure_likeness(
        rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8),
        rng.random((HEIGHT // 2, WIDTH // 2), dtype=np.float32).round(),
    )
    assert planes.min() >= 0
    assert planes.max() <= 1


def test_blas_gets_one_thread_and_its_own_back(monkeypatch):
    """The threads of BLAS wait in loops after their work, on the cores that the network needs."""
    during, matmul = [], np.matmul

    def count():  # of numpy's own; other libraries bring theirs
        return [pool["num_threads"] for pool in threadpool_info() if "/numpy" in pool["filepath"].replace("\\", "/")]

    def watched(*arguments):
        during.extend(count())
        return matmul(*arguments)

    monkeypatch.setattr(np, "matmul", watched)
    before = count()
    if not before:
        pytest.skip("numpy's BLAS is none of its own here")
    measure_likeness(*scene()[:2])
    assert during
    assert set(during) == {1}
    assert count() == before
