"""Pipelines: their text, their order, and how they run."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import ClassVar, Literal

import pytest
from pydantic import ValidationError

from idphoto.decode import Source
from idphoto.errors import BadOrder, InvalidPipeline, NoFace, PipelineError, StageFailed
from idphoto.photo import Photo
from idphoto.pipeline import Pipeline, pipeline_names
from idphoto.spec import load_spec
from idphoto.stages import STAGES, Stage


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture(scope="module")
def source(sample):
    return Source.read(sample)


@pytest.mark.parametrize("name", pipeline_names())
def test_the_pipelines_of_the_package_load(name):
    pipeline = Pipeline.load(name)
    assert pipeline.description
    assert pickle.loads(pickle.dumps(pipeline)) == pipeline


def test_every_stage_says_what_it_needs_and_gives():
    for name, stage in STAGES.items():
        assert stage.needs, name
        assert stage.gives, name
        assert stage.__doc__, name


@pytest.mark.parametrize("missing", ["load", "analyse", "permit", "align", "crop", "cutout", "encode"])
def test_an_impossible_order_does_not_load(written, missing):
    stages = [stage.stage for stage in Pipeline.load("default").stages if stage.stage != missing]
    with pytest.raises(BadOrder) as caught:
        Pipeline.load(written("stages:\n" + "".join(f"  - stage: {stage}\n" for stage in stages)))
    assert caught.value.code == "pipeline.bad-order"
    assert missing not in [line.split("'")[1] for line in caught.value.message.splitlines()]


def test_a_typo_in_an_option_is_told_with_its_line_and_a_hint(written):
    path = written("stages:\n  - stage: load\n  - stage: analyse\n    fces: mediapipe\n")
    with pytest.raises(InvalidPipeline) as caught:
        Pipeline.load(path)
    assert f"{path}:4:" in caught.value.message
    assert "did you mean face?" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "stages: []",
        "stages: 3",
        "stages:\n  - stage: polish\n",
        "stages:\n  - load\n",
        "stages:\n  - {stage: load, look: small}\n",
        "stages:\n  - {stage: load}\n  - {stage: load, look: -5}\n",
        "stagse:\n  - {stage: load}\n",
        "stages: [{stage: load}\n",
    ],
)
def test_what_is_no_pipeline_is_refused(written, text):
    with pytest.raises(PipelineError) as caught:
        Pipeline.load(written(text))
    assert caught.value.code == "pipeline.invalid"
    assert caught.value.advice


def test_a_pipeline_that_does_not_exist():
    for name in ("no-such", "no-such.yaml"):
        with pytest.raises(InvalidPipeline):
            Pipeline.load(name)


def test_options_are_set_before_validation(written):
    path = written("stages:\n  - stage: load\n  - stage: analyse\n")
    pipeline = Pipeline.load(path, {"load": {"look": 640}, "sheet": {"paper": "A4"}})
    assert pipeline.stages[0].look == 640
    with pytest.raises(InvalidPipeline):
        Pipeline.load(path, {"load": {"look": "big"}})


def test_a_misspelt_need_fails_when_the_class_is_made():
    with pytest.raises(TypeError, match="alhpa"):

        class Broken(Stage):
            stage: Literal["broken"] = "broken"
            needs: ClassVar[frozenset[str]] = frozenset({"alhpa"})


def test_stages_are_frozen_and_refuse_unknown_options():
    stage = STAGES["load"]()
    with pytest.raises(ValidationError):
        stage.look = 3
    with pytest.raises(ValidationError):
        STAGES["load"](lok=3)


def test_timings_are_kept_for_every_stage(source):
    pipeline = Pipeline.load("default")
    photo = pipeline(Photo(source, spec=load_spec("cn-1inch")))
    assert list(photo.timings) == [stage.stage for stage in pipeline.stages]
    assert all(ms >= 0 for ms in photo.timings.values())


def test_nothing_that_came_before_is_changed(source):
    pipeline = Pipeline.load("default")
    analysed = pipeline.analyse(Photo(source))
    before = {name: getattr(analysed, name) for name in ("face", "head", "person_mask", "operations", "findings")}
    pipeline.produce(replace(analysed, spec=load_spec("cn-1inch")))
    assert all(getattr(analysed, name) is value for name, value in before.items())
    assert analysed.picture is None


def test_a_document_is_wanted_where_stages_need_one(source):
    with pytest.raises(PipelineError) as caught:
        Pipeline.load("default")(Photo(source))
    assert "--spec" in caught.value.advice


def test_what_nobody_foresaw_names_the_stage(source, monkeypatch):
    def explode(self, photo):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(STAGES["crop"], "__call__", explode)
    with pytest.raises(StageFailed) as caught:
        Pipeline.load("default")(Photo(source, spec=load_spec("cn-1inch")))
    assert "'crop'" in caught.value.message
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_errors_of_ours_pass_through(tmp_path):
    from PIL import Image

    Image.new("RGB", (300, 300), "#88AACC").save(tmp_path / "wall.png")
    with pytest.raises(NoFace):
        Pipeline.load("default").analyse(Photo(Source.read(tmp_path / "wall.png")))


def test_the_photo_is_told_from_sheets_and_pages(source):
    photo = Photo(source, files={".sheet.pdf": b"", ".report.pdf": b"", ".png": b"photo", ".annotated.png": b""})
    assert photo.photo_suffix == ".png"
    with pytest.raises(PipelineError):
        _ = Photo(source).photo_suffix
