"""Choose the number of threads of a network."""

import pytest

from idphoto.matting.onnxfile import count_threads


@pytest.mark.parametrize(("wish", "count"), [("3", 3), ("0", None), ("many", None), ("", None)])
def test_threads_follow_the_environment(monkeypatch, wish, count):
    monkeypatch.setenv("IDPHOTO_THREADS", wish)
    assert count_threads() == count if count else 1 <= count_threads() <= 4
