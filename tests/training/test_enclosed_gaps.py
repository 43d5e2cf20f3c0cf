"""Gaps that a person encloses are found; openings to a border are not."""

import numpy as np

from training.matting_network.evaluation.enclosed_gaps import MIN_GAP_PX, REFERENCE_ROWS, find_gaps


def test_only_enclosed_gaps_are_found():
    alpha = np.zeros((2 * REFERENCE_ROWS, 700), np.float32)
    alpha[200:, 100:600] = 1
    alpha[300:320, 200:230] = 0.5
    alpha[400:401, 400 : 400 + MIN_GAP_PX] = 0  # a fourth of what counts, at this size
    alpha[780:, 300:320] = 0
    assert find_gaps(alpha) == [(150.0, (309, 214))]
