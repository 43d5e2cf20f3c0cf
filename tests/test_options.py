"""Each option of a job: declared once, and the same in stages, flags, form fields and typed keywords."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest
import typer
from typer.main import get_command

import idphoto
from idphoto import faces, matting, messages, segmentation
from idphoto.cli import photos, sheets
from idphoto.cli.app import app
from idphoto.errors import InputError
from idphoto.job import CutoutOptions, Job, JobOptions, bounds_of, former_names, merge_options, option_of
from idphoto.layout import impose
from idphoto.output.sheet import SheetOptions
from idphoto.pipeline import Pipeline
from idphoto.server.photos import openapi
from idphoto.server.photos.request_fields import read_job_fields
from idphoto.server.refusals import RequestRefused
from idphoto.server.request_job import field_schemas, read_job
from idphoto.server.settings import Settings
from idphoto.stages import STAGES

PLACES = [(name, place) for name in Job.model_fields for place in option_of(name).sets]


def without_none(annotation: Any) -> Any:
    """Return the type of an option without None."""
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return parts[0] if type(None) in get_args(annotation) else annotation


@pytest.mark.parametrize(("name", "place"), PLACES, ids=lambda value: value)
def test_a_stage_has_the_bounds_and_the_default_of_the_job(name, place):
    stage, _, option = place.partition(".")
    field = STAGES[stage].model_fields[option]
    bounds = [
        part for part in Job.model_fields[name].metadata if type(part).__name__ not in ("Option", "BeforeValidator")
    ]
    assert str(field.metadata) == str(bounds)
    # White is what a cutout asks for by its name, and it keeps everybody; all other defaults are the job's.
    assert field.default == {"form.background": "white", "cutout.face": "all"}.get(place, option_of(name).default)
    assert {*former_names(Job.model_fields[name])} <= {*former_names(field)}
    assert without_none(field.annotation) == without_none(Job.model_fields[name].annotation)


def test_every_option_of_a_stage_can_be_set_by_a_job():
    """Options that only a pipeline file can set are named here."""
    own = {"load.look", "original.convert"}
    options = {f"{name}.{option}" for name, stage in STAGES.items() for option in stage.model_fields} - {
        f"{name}.stage" for name in STAGES
    }
    assert {place for _, place in PLACES} | own == options


@pytest.mark.parametrize("name", Job.model_fields)
def test_a_job_file_sets_every_option(name, tmp_path):
    value = {"accept": "{eyes: why}", "spec": "cn-1inch", "straighten": "true", "annotate": "true", "pdf": "true"}
    value |= {"shift": "[1.5, -2]", "points": "{crown: [512, 90]}"}
    text = value.get(name, _some_value(name))
    path = tmp_path / "job.yaml"
    path.write_text(f"{name}: {text}\n")
    assert getattr(Job.load(path), name) not in (None, ())


def _some_value(name: str) -> str:
    text = {"face": "largest", "language": "de", "format": "png", "sheet_format": "pdf", "form": "mask"}
    text |= {"size": "35x45mm", "kb": "20..50", "head": "70..80%"}
    bounds = bounds_of(name)
    return str(bounds["le"]) if "le" in bounds else text.get(name, "some-text")


# ---- The command line


def commands() -> dict[str, list]:
    return {name: command.params for name, command in get_command(app).commands.items() if hasattr(command, "params")}


def test_every_option_has_a_flag():
    named = {parameter.name for parameters in commands().values() for parameter in parameters}
    assert set(Job.model_fields) <= named
    made = {parameter.name for parameter in commands()["make"]}
    # `run` takes a pipeline, `cutout` what is about its form.
    assert set(Job.model_fields) - made == {"pipeline", "form", "blur"}


@pytest.mark.parametrize("command", [photos.make, photos.check, photos.cutout, sheets.sheet])
def test_a_flag_has_the_text_and_the_bounds_of_the_job(command):
    flags = {
        name: parameter.annotation.__metadata__[0]
        for name, parameter in inspect.signature(command).parameters.items()
        if name in Job.model_fields
    }
    assert len(flags) >= 4
    for name, flag in flags.items():
        assert flag.help == Job.model_fields[name].description
        assert (flag.min, flag.max) == (bounds_of(name).get("ge"), bounds_of(name).get("le"))


def test_the_old_flag_is_hidden_and_works(sample, tmp_path, monkeypatch, capsys):
    parameters = {parameter.name: parameter for parameter in commands()["make"]}
    assert parameters["faces"].hidden
    assert not parameters["detector"].hidden
    arguments = ["make", str(sample), "--spec", "cn-1inch", "--out", str(tmp_path), "--faces", "magic"]
    monkeypatch.setattr(sys, "argv", ["idphoto", *arguments])
    from idphoto.cli import main

    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 5
    assert "backend.unknown" in capsys.readouterr().err


def test_the_sheet_command_has_the_defaults_of_the_sheet():
    parameters = inspect.signature(impose).parameters
    defaults = {field: option_of(field).default for field in ("gap", "margin", "sheet_dpi", "enlargement")}
    assert defaults["gap"] == SheetOptions("A4").gap == parameters["gap_mm"].default
    assert defaults["margin"] == SheetOptions("A4").margin == parameters["margin_mm"].default
    assert defaults["sheet_dpi"] == SheetOptions("A4").dpi
    assert defaults["enlargement"] == SheetOptions("A4").enlargement


# ---- The service


@pytest.mark.parametrize("name", [name for name in Job.model_fields if option_of(name).http])
def test_a_form_field_has_the_bounds_of_the_job(name):
    ours, theirs = Job.model_json_schema()["properties"][name], field_schemas(name)[name]
    if name not in ("background", "accept"):  # a path may not be sent; reasons are sent as lines of text
        assert theirs["description"] == ours["description"]
    for part in (*ours.get("anyOf", ()), ours):
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "pattern", "enum"):
            if keyword in part:
                assert part[keyword] in [other.get(keyword) for other in (*theirs.get("anyOf", ()), theirs)]


def test_every_option_for_strangers_is_a_form_field_and_no_other():
    sent = {*openapi.PHOTO_FIELDS, *openapi.CUTOUT_FIELDS, *openapi.CHECK_FIELDS, *openapi.SHEET_FIELDS}
    assert sent == {name for name in Job.model_fields if option_of(name).http}
    with pytest.raises(InputError):
        read_job({"mask": "/etc/passwd"})


# What a route does not take although its pipeline would: the format is the answer's, a check makes no files.
TAKEN = {
    "photos": (openapi.PHOTO_FIELDS, "default", set()),
    "checks": (openapi.CHECK_FIELDS, "check", {"annotate", "pdf"}),
    "cutouts": (openapi.CUTOUT_FIELDS, "cutout", set()),
}


@pytest.mark.parametrize("route", TAKEN)
def test_a_route_takes_what_its_pipeline_understands(route):
    taken, pipeline, left_out = TAKEN[route]
    stages = {stage.stage for stage in Pipeline.load(pipeline).stages}
    understood = {name for name, place in PLACES if place.partition(".")[0] in stages and option_of(name).http}
    assert set(taken) - {"spec", "size", "kb", "head"} == understood - left_out


# ---- Old names


def test_the_old_name_works_in_jobs_files_and_requests(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text("faces: mediapipe\n")
    assert Job.load(path).detector == "mediapipe"
    assert read_job({"faces": "mediapipe"}).detector == "mediapipe"
    with pytest.warns(DeprecationWarning, match="'detector'"):
        assert merge_options(Job(detector="auto"), {"faces": "mediapipe"}).detector == "mediapipe"


def test_the_old_name_works_in_a_pipeline_and_a_job_wins_over_it(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("stages:\n  - stage: load\n  - stage: analyse\n    faces: mediapipe-tasks\n")
    assert Pipeline.load(str(path)).stages[1].detector == "mediapipe-tasks"
    assert Pipeline.load(str(path), Job(detector="mediapipe").stage_options()).stages[1].detector == "mediapipe"
    path.write_text("stages: [{stage: load}, {stage: whole}, {stage: cutout}, {stage: form, backdrop: red}]")
    assert Pipeline.load(str(path)).stages[3].background == "red"
    assert Pipeline.load(str(path), Job(background="blue").stage_options()).stages[3].background == "blue"


def test_a_form_takes_the_old_name():
    def sent(**fields: list[str]) -> dict[str, Any]:
        app = SimpleNamespace(state=SimpleNamespace(context=SimpleNamespace(settings=Settings())))
        request = SimpleNamespace(state=SimpleNamespace(form=SimpleNamespace(fields=fields)), app=app)
        return read_job_fields(request, openapi.CHECK_FIELDS)

    assert sent(spec=["cn-1inch"], faces=["mediapipe"]) == {"spec": ["cn-1inch"], "detector": "mediapipe"}
    with pytest.raises(RequestRefused):
        sent(faces=["mediapipe"], detector=["mediapipe"])


# ---- Texts that list what there is


def test_texts_name_every_backend_and_language():
    for name, table in (("detector", faces), ("segmenter", segmentation), ("matter", matting)):
        text = Job.model_fields[name].description
        assert all(backend in text for backend in table.BACKENDS.modules), name
    assert all(language in Job.model_fields["language"].description for language in messages.languages())


# ---- Typed keywords


def test_the_typed_keywords_are_the_fields_of_a_job():
    typed = get_type_hints(JobOptions)
    assert typed == {name: field.annotation for name, field in Job.model_fields.items() if name != "spec"}
    assert set(get_type_hints(CutoutOptions)) == set(typed) - {"form", "size", "kb", "head"}


SNIPPET = """
import idphoto

idphoto.make("a.jpg", "cn-1inch", background="blue", sheet="4x6in", dpi=600)
list(idphoto.make_each("a.jpg", ["cn-1inch"], accept={"eyes": "why"}))
idphoto.check("a.jpg", "cn-1inch", language="de")
idphoto.cutout("a.jpg", "mask", blur=0.1)
"""


def test_a_type_checker_refuses_a_misspelt_keyword(tmp_path):
    """Each call is right in one file and has a wrong keyword, or a wrong value, in the other."""
    (tmp_path / "right.py").write_text(SNIPPET)
    wrong = SNIPPET.replace("background=", "backgruond=").replace("accept=", "acept=")
    wrong = wrong.replace('language="de"', "language=3").replace('"mask"', '"musk"')
    (tmp_path / "wrong.py").write_text(wrong)
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", tmp_path / "right.py", tmp_path / "wrong.py"],
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(errors) == 4, done.stdout + done.stderr
    assert all("wrong.py" in line for line in errors)
    assert 'Unexpected keyword argument "backgruond"' in done.stdout


# ---- Errors


def test_every_error_can_be_imported_from_the_package():
    from idphoto import errors

    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(classes) > 20
    for error in classes:
        assert getattr(idphoto, error.__name__) is error
        assert error.__name__ in idphoto.__all__
        assert error.__name__ in errors.__all__
        assert error.__name__ in errors.__doc__


def test_the_package_has_all_its_names():
    assert all(hasattr(idphoto, name) for name in idphoto.__all__)
    with pytest.raises(AttributeError):
        _ = idphoto.no_such_name
    assert isinstance(app, typer.Typer)
