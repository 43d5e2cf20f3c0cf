"""Messages about YAML files name the file, the line, the field, and the probable intention."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from idphoto import yamlfile
from idphoto.errors import InvalidJob, InvalidPipeline, InvalidSpec
from idphoto.job import Job
from idphoto.units import Band

if TYPE_CHECKING:
    from pathlib import Path


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Limit(Strict):
    head_height: Band
    copies: int = 1


class Rules(Strict):
    title: str
    limits: list[Limit] = []
    named: dict[str, Limit] = {}
    maybe: Limit | None = None


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "rules.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str) -> str:
    path = write(folder, text)
    with pytest.raises(InvalidSpec) as caught:
        yamlfile.parse(Rules, yamlfile.load(path, InvalidSpec), path, InvalidSpec)
    return caught.value.message


def test_a_good_file_becomes_a_model(tmp_path: Path) -> None:
    path = write(tmp_path, "title: Æ, ß, 日本\nlimits:\n  - head_height: 32..36 mm\n")
    rules = yamlfile.parse(Rules, yamlfile.load(path, InvalidSpec), path, InvalidSpec)
    assert rules.title == "Æ, ß, 日本"
    assert rules.limits[0].head_height == Band(32, 36, "mm")


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("title: a\nlimits:\n  - head_height: 32..36 mm\n  - head_height: 32\n", 4, "limits.1.head_height"),
        ("# a remark\n\ntitle: a\nnamed:\n  x:\n    copies: 2\n    head_height: 3 pt\n", 7, "named.x.head_height"),
        ("title: a\nmaybe: {head_height: 3 mm,\n  copies: two}\n", 3, "maybe.copies"),
        ("limits: []\n", 1, "title"),
    ],
)
def test_a_fault_is_told_with_its_line_and_field(tmp_path: Path, text: str, line: int, field: str) -> None:
    message = refusal(tmp_path, text)
    assert message.startswith(f"{tmp_path / 'rules.yaml'}:{line}: {field}: ")
    assert message.endswith(".")


def test_each_fault_has_a_line_of_its_own(tmp_path: Path) -> None:
    message = refusal(tmp_path, "title: 3\nmaybe:\n  copies: x\n  head_height: 1 mm\n")
    assert [line.split(":")[1] for line in message.splitlines()] == ["1", "3"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("titel: a\n", "title"),
        ("title: a\nlimits:\n  - {head_heigth: 1 mm}\n", "head_height"),
        ("title: a\nnamed:\n  x:\n    head_height: 1 mm\n    copy: 1\n", "copies"),
        ("title: a\nmaybe:\n  head_hight: 1 mm\n", "head_height"),
    ],
)
def test_a_misspelt_field_gets_a_hint(tmp_path: Path, text: str, meant: str) -> None:
    assert f"unknown field (did you mean {meant}?)" in refusal(tmp_path, text)


def test_a_field_like_no_other_gets_none(tmp_path: Path) -> None:
    message = refusal(tmp_path, "title: a\nzzz: 1\n")
    assert "unknown field." in message
    assert "did you mean" not in message


def test_a_missing_field_is_called_missing(tmp_path: Path) -> None:
    assert "title: missing." in refusal(tmp_path, "limits: []\n")


def test_an_empty_file_is_told_as_such(tmp_path: Path) -> None:
    assert "the file: " in refusal(tmp_path, "")


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: 2\na: 3\n", 3), ("x:\n  - {b: 1,\n     b: 2}\n", 3), ("x:\n  y: 1\n  'y': 2\n", 3)]
)
def test_a_key_given_twice_is_refused(tmp_path: Path, text: str, line: int) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InvalidSpec, match="is given twice") as caught:
        yamlfile.load(path, InvalidSpec)
    assert f"{path}:{line}: " in caught.value.message


def test_the_same_key_in_two_mappings_is_fine(tmp_path: Path) -> None:
    assert yamlfile.load(write(tmp_path, "x: {a: 1}\ny: {a: 2}\n"), InvalidSpec) == {"x": {"a": 1}, "y": {"a": 2}}


@pytest.mark.parametrize("text", ["a: [1, 2\n", "a: >= 300 dpi\n", "a: b: c\n", "\tx: 1\n", "a: *nobody\n"])
def test_what_is_not_yaml_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InvalidSpec, match="not valid YAML") as caught:
        yamlfile.load(path, InvalidSpec)
    assert f"{path}:" in caught.value.message
    assert caught.value.advice


def test_control_characters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="not valid YAML"):
        yamlfile.load(write(tmp_path, b"a: \x00\n"), InvalidSpec)


def test_python_objects_are_not_built(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="not valid YAML"):
        yamlfile.load(write(tmp_path, "!!python/object/apply:os.getcwd []\n"), InvalidSpec)


@pytest.mark.parametrize("content", [b"title: \xff\xfe\n", "title: gr\u00fcn\n".encode("latin-1")])
def test_a_file_that_is_not_utf_8_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidPipeline, match="cannot be read"):
        yamlfile.load(write(tmp_path, content), InvalidPipeline)


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="cannot be read") as caught:
        yamlfile.load(tmp_path / "none.yaml", InvalidSpec)
    assert "exists" in caught.value.advice


def test_data_without_a_file_is_explained_without_a_line() -> None:
    with pytest.raises(ValidationError) as caught:
        Rules.model_validate({"titel": "a"})
    message = yamlfile.explain(caught.value, Rules, None)
    assert "title: missing." in message.splitlines()
    assert "titel: unknown field (did you mean title?)." in message.splitlines()


@pytest.mark.parametrize(
    "text", ["[" * 40_000, "- " * 40_000 + "a", "{a: " * 20_000], ids=["brackets", "lists", "keys"]
)
def test_a_file_with_endless_levels_is_refused_and_does_not_end_the_process(tmp_path, text):
    path = tmp_path / "job.yaml"
    path.write_text(text)
    # In a process of its own, since a crash would end the tests.
    code = "import sys; from idphoto.job import Job; Job.load(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "InvalidJob" in done.stderr


def test_thousands_of_unknown_keys_are_refused_soon(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text("".join(f"unknown{number}: 1\n" for number in range(20_000)))
    begun = time.thread_time()
    with pytest.raises(InvalidJob, match="further faults"):
        Job.load(path)
    assert time.thread_time() - begun < 8
