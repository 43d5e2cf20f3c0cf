"""Changed files never cause anything but an error of the package; ``python -m tests.fuzzing`` runs for longer."""

from __future__ import annotations

import os

import pytest

from tests.fuzzing import TARGETS, corpus, fuzz

SECONDS = float(os.environ.get("IDPHOTO_FUZZ_SECONDS", "16")) / len(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_only_errors_of_the_package_come_of_changed_files(target, tmp_path, capfd):
    assert fuzz(target, SECONDS, 1, tmp_path) >= len(corpus(target))
