"""Invert and combine affine maps."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from idphoto.geometry.affine import invert_affine

numbers = st.floats(-1e4, 1e4)


@given(st.lists(numbers, min_size=6, max_size=6))
def test_inverse_leads_back(entries):
    matrix = np.vstack([np.reshape(entries, (2, 3)), (0, 0, 1)])
    assume(abs(np.linalg.det(matrix)) > 1 and np.linalg.cond(matrix) < 1e6)
    back = invert_affine(matrix)
    assert np.allclose(back, np.linalg.inv(matrix), rtol=1e-6, atol=1e-6)
    assert np.array_equal(back, invert_affine(matrix[:2]))


def test_a_map_onto_a_line_has_none():
    with pytest.raises(ZeroDivisionError):
        invert_affine(np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]]))
