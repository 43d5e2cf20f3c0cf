"""A document of the user's own numbers goes the same way as any other."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

import idphoto
from idphoto.api import list_documents
from idphoto.cli import app
from idphoto.errors import InputError, InvalidSpec
from idphoto.geometry import choose_output_size
from idphoto.job import Job
from idphoto.spec import Spec, all_specs, build_custom_spec
from tests.locations import PORTRAITS

if TYPE_CHECKING:
    from pathlib import Path

PORTRAIT = PORTRAITS / "F000468.jpg"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"size": "35x45mm"}, {"size": "35 x 45 mm"}),
        ({"size": "3.5 x 4.5 cm"}, {"size": "3.5 x 4.5 cm"}),
        ({"size": "2x2in", "kb": "50"}, {"size": "2 x 2 in", "kb": "<= 50 KB"}),
        ({"size": "200x230px", "kb": "20..50"}, {"size": "200 x 230 px", "kb": "20..50 KB"}),
        ({"size": "200x230px", "kb": "20 kb..1 mb"}, {"size": "200 x 230 px", "kb": "20 KB..1 MB"}),
        ({"size": "35x45mm", "head": "70..80%"}, {"size": "35 x 45 mm", "head": "70..80%"}),
        ({"size": "35mm*45mm", "kb": "20-50 kB"}, {"size": "35 x 45 mm", "kb": "20..50 KB"}),
        ({"size": "2x2 inch", "kb": "max 240 kb"}, {"size": "2 x 2 in", "kb": "<= 240 KB"}),
        ({"size": "3,5 by 4,5 cm", "kb": "20-50"}, {"size": "3.5 x 4.5 cm", "kb": "20..50 KB"}),
        ({"size": "600X600 pixels", "head": "70-80 %"}, {"size": "600 x 600 px", "head": "70..80 %"}),
    ],
)
def test_numbers_are_read_as_people_write_them(given: dict[str, str], read: dict[str, str]) -> None:
    job = Job(**given)
    assert job.model_dump(exclude_unset=True) == read
    assert Job(**read) == job  # what a job writes, it reads again


@pytest.mark.parametrize(
    "given",
    [
        {"size": "35x45"}, {"size": "35..40x45mm"}, {"size": "1x1mm"}, {"size": "0x45mm"}, {"size": "99999x9px"},
        {"size": "/etc/passwd"}, {"size": "35x45mm", "kb": "many"}, {"size": "35x45mm", "kb": "50..20"},
        {"size": "35x45mm", "head": "70..80"}, {"size": "35x45mm", "head": "0..0%"},
    ],
)  # fmt: skip
def test_other_numbers_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(InputError):
        idphoto.make(PORTRAIT, **given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"size": "35x45mm", "spec": "us-passport"}, "us-passport is named, too"),
        ({"kb": "50"}, "needs the size"),
        ({"head": "70..80%", "spec": "us-passport"}, "us-passport is named, too"),
    ],
)
def test_own_numbers_and_a_named_document_exclude_each_other(given: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        list_documents(Job(**given))


def test_a_head_on_paper_needs_a_size_on_paper() -> None:
    with pytest.raises(InvalidSpec, match="no size on paper"):
        build_custom_spec("200 x 230 px", head="30..36 mm")


def test_what_is_not_stated_only_advises() -> None:
    spec = build_custom_spec("35 x 45 mm")
    assert {"head_height", "yaw", "expression"} <= spec.inherited
    assert "head_height" not in build_custom_spec("35 x 45 mm", head="70..80 %").inherited
    assert (spec.id, spec.recency) == ("custom-35x45mm", None)


def test_a_photo_of_ones_own_size_keeps_its_limits() -> None:
    photo = idphoto.make(PORTRAIT, size="35x45mm", dpi=300, kb="20..50", head="70..80%", background="blue")
    data = photo.files[".jpg"]
    assert 20 * 1024 <= len(data) <= 50_000
    assert Image.open(BytesIO(data)).size == (413, 531)
    findings = {finding.check: finding.status.value for finding in photo.report.findings}
    assert (findings["head-height"], findings["file"], findings["background"]) == ("pass", "pass", "pass")
    assert photo.report.spec == "custom-35x45mm"


def test_the_command_line_and_a_job_file_take_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.yaml").write_text("size: 200x230px\nkb: 20..50\n", encoding="utf-8")
    run = CliRunner().invoke(app.app, ["make", str(PORTRAIT), "--job", "job.yaml", "--json"])
    assert json.loads(run.stdout)[0]["spec"] == "custom-200x230px"
    data = (tmp_path / "out" / "F000468.custom-200x230px.jpg").read_bytes()
    assert Image.open(BytesIO(data)).size == (200, 230)
    run = CliRunner().invoke(app.app, ["check", str(PORTRAIT), "--size", "35x45mm", "--json"])
    assert json.loads(run.stdout)[0]["spec"] == "custom-35x45mm"


# --- fewer pixels where the file may have few bytes


def test_fewer_pixels_are_taken_where_the_file_is_small() -> None:
    photo = idphoto.make(PORTRAIT, size="35x45mm", kb="8")
    assert len(photo.files[".jpg"]) <= 8000
    finding = next(finding for finding in photo.report.findings if finding.code == "pixels.fewer")
    assert "413 × 531" in finding.message
    assert Image.open(BytesIO(photo.files[".jpg"])).size[1] < 531
    quality = next(operation.detail for operation in photo.operations if operation.name == "encode")
    assert int(quality.partition("quality ")[2].partition(",")[0]) >= 50


@pytest.mark.parametrize("spec", [spec for spec in all_specs() if spec.bytes and spec.size and not spec.pixels])
def test_a_resolution_that_the_authority_prescribes_is_kept(spec: Spec) -> None:
    _, dpi = choose_output_size(spec, 500)
    if spec.dpi is not None and "dpi" not in spec.inherited:
        assert dpi is not None
        assert dpi >= spec.dpi.low
