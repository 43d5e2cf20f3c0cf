"""Test `idphoto models`: listing, fetching, and refusals."""

from __future__ import annotations

import hashlib
import sys

import pytest

from idphoto.cli import app


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line with an empty folder of model files."""
    monkeypatch.setenv("IDPHOTO_MODELS", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["idphoto", "models", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out, said.err

    return call


def own(folder, **changes: object) -> None:
    """Write a manifest with a network of the user, and its file."""
    (folder / "mine.onnx").write_bytes(b"weights")
    row = {
        "title": "Mine", "file": "mine.onnx", "licence": "home use only", "commercial": False, "side": 64,
        "sha256": hashlib.sha256(b"weights").hexdigest(), "mean": [0, 0, 0], "std": [1, 1, 1], "output": "alpha",
    } | changes  # fmt: skip
    (folder / "networks.yaml").write_text(str({"mine": row}).replace("'", '"').replace("False", "false"))


def test_list_shows_names_licences_and_what_is_here(run, tmp_path):
    own(tmp_path)
    code, out, _ = run("list")
    assert code == 0
    for line, words in {"modnet": "Apache-2.0", "birefnet": "MIT", "rmbg": "not for commercial use"}.items():
        assert any(row.startswith(line) and words in row for row in out.splitlines()), line
    assert not any(row.rstrip().endswith("yes") for row in out.splitlines())
    run("fetch", "mine", "--accept-licence")
    assert run("list")[1].rstrip().endswith("yes")


def test_fetch_shows_the_licence_and_refuses_without_consent(run, tmp_path):
    own(tmp_path)
    code, out, err = run("fetch", "mine")
    assert code == 5
    assert "home use only" in out
    assert "backend.licence-not-accepted" in err
    code, out, err = run("fetch", "mine", "--accept-licence")
    assert code == 0, err
    assert "mine.onnx" in out


def test_rmbg_needs_consent(run, tmp_path):
    assert run("fetch", "rmbg")[0] == 5
    assert list(tmp_path.iterdir()) == []


def test_unknown_names_are_told(run):
    code, _, err = run("fetch", "nothing")
    assert code == 5
    assert "backend.unknown" in err
