"""Make six documents of real portraits and busy scenes: what is measured again on the finished file keeps the rules.

The whole shared collection is run by ``python -m benchmarks.portraits``; here is every thirtieth of it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import idphoto
from idphoto.checks import Measurements, Subject
from idphoto.checks.framing import measure_framing
from tests import busy_scenes
from tests.locations import PORTRAITS, SHARED, with_shared

DOCUMENTS = ("us-visa-digital", "schengen-visa", "uk-passport-print", "nl-passport", "ca-passport", "cn-visa-print")


@pytest.mark.parametrize("path", sorted(PORTRAITS.glob("*.jpg"))[1::4], ids=lambda path: path.stem)
def test_finished_portraits_keep_the_rules(path):
    assert_rules_kept(path)


@pytest.mark.parametrize("name", busy_scenes.PEOPLE[::2])
def test_finished_busy_scenes_keep_the_rules(name):
    assert_rules_kept(busy_scenes.make_scene(name)[0])


def shared_portraits() -> list[Path]:
    """Return every thirtieth portrait of the shared folder."""
    folder = SHARED / "portraits"
    return sorted([*folder.glob("scenes/*.jpg"), *folder.glob("studio/*.jpg")])[::30]


@pytest.mark.parametrize("path", with_shared(shared_portraits()), ids=lambda path: path.stem)
def test_finished_shared_portraits_keep_the_rules(path):
    assert_rules_kept(path)


def assert_rules_kept(source: Path | NDArray[np.uint8]) -> None:
    """Make all `DOCUMENTS` and measure them again; where the source has no room, that must be a finding."""
    for photo in idphoto.make_each(source, spec=DOCUMENTS):
        assert isinstance(photo, idphoto.Photo), photo
        if any(photo.view.missing):
            assert photo.report.findings_of("room")[0].code in ("room.missing", "room.painted")
            continue
        subject = Subject(Measurements(photo.finished), photo.spec)
        values = measure_framing(subject)
        for field, name in (("head_height", "head-height"), ("eye_line", "eye-line"), ("top_margin", "top-margin")):
            band = getattr(photo.spec, field)
            if band is not None and field not in photo.spec.inherited:
                assert subject.to_px(band, "height").contains(values[name], 0.5), (photo.spec.id, field)
        assert abs(photo.finished.face.roll) < 1, photo.spec.id
        assert abs(values["centring"]) < 0.02 * subject.size.width, photo.spec.id
        assert photo.report.findings_of("pixels")[0].code in ("pixels.ok", "pixels.proportion-ok")
        assert all(finding.status.value == "pass" for finding in photo.report.findings_of("file"))
