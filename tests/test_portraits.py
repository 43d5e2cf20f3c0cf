"""Real portraits through six documents: what is measured again on the finished file keeps the rules.

The whole collection is run by ``python -m benchmarks.portraits``; here is every thirtieth of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import idphoto
from idphoto.checks import Subject
from idphoto.checks.framing import measures

ROOT = Path(__file__).parents[2] / "shared/portraits"
PORTRAITS = sorted([*ROOT.glob("scenes/*.jpg"), *ROOT.glob("studio/*.jpg")])[::30]
DOCUMENTS = ("us-visa-digital", "schengen-visa", "uk-passport-print", "nl-passport", "ca-passport", "cn-visa-print")


def test_there_are_portraits():
    if not PORTRAITS:
        pytest.skip("the shared portraits are not there")
    assert len(PORTRAITS) >= 15


@pytest.mark.parametrize("path", PORTRAITS, ids=lambda path: path.stem)
def test_finished_photos_keep_the_rules_where_the_source_has_room(path):
    for photo in idphoto.make_each(path, spec=DOCUMENTS):
        assert isinstance(photo, idphoto.Photo), photo
        if any(photo.view.missing):
            assert photo.report.of("room")[0].code in ("room.missing", "room.painted")
            continue
        subject = Subject(photo, photo.spec, photo.finished)
        values = measures(subject)
        for field, name in (("head_height", "head-height"), ("eye_line", "eye-line"), ("top_margin", "top-margin")):
            band = getattr(photo.spec, field)
            if band is not None and field not in photo.spec.inherited:
                assert subject.px(band, "height").contains(values[name], 0.5), (photo.spec.id, field)
        assert abs(photo.finished.face.roll) < 1, photo.spec.id
        assert abs(values["centring"]) < 0.02 * subject.size.width, photo.spec.id
        assert photo.report.of("pixels")[0].code in ("pixels.ok", "pixels.proportion-ok")
        assert all(finding.status.value == "pass" for finding in photo.report.of("file"))
