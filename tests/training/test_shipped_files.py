"""Training commands replace a shipped file only when its successor is complete."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import idphoto
from idphoto.faces import anatomy as shipped_anatomy
from idphoto.quality.eyes import EYES_MODEL_FILE
from idphoto.quality.glasses import GLASSES_MODEL_FILE
from training.anatomy import measure
from training.eyes_and_glasses import logistic, train_eyes, train_glasses

PACKAGE = Path(idphoto.__file__).parent


class Crash(Exception):
    """Stands for anything that goes wrong in the middle of a command."""


def crash(*_args, **_keywords):
    raise Crash


def shipped() -> dict[Path, tuple[bytes, int]]:
    """Content and time of change of every data file of the package."""
    kinds = (".json", ".npz", ".onnx", ".yaml")
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in PACKAGE.rglob("*") if path.suffix in kinds}


def portraits() -> measure.Portraits:
    """The shipped mean face at several pitches, as the people whose skulls are measured."""
    figures = shipped_anatomy.load_anatomy()
    made = {}
    for number, name in enumerate(measure.BALD_MEMBERS):
        pitch = np.radians(number - 15)
        turn = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        mesh = np.zeros((478, 3), np.float32)
        mesh[figures.indices] = figures.shape @ turn.T * 50 + (200, 250, 0)
        made[name] = (mesh, np.zeros((400, 400, 3), np.uint8))
    return made


def person(_rgb, _backend):
    mask = np.zeros((400, 400), np.float32)
    mask[150:] = 1
    return mask


@pytest.fixture
def anatomy_inputs(monkeypatch):
    made = portraits()
    monkeypatch.setattr(measure, "find_faces", lambda _folder: made)
    monkeypatch.setattr(measure, "run_segmenter", person)
    monkeypatch.setattr("sys.argv", ["measure", "portraits"])


@pytest.mark.usefixtures("anatomy_inputs")
def test_a_crash_leaves_the_anatomy_as_it_was(monkeypatch):
    before = shipped()
    monkeypatch.setattr(measure, "run_segmenter", crash)
    with pytest.raises(Crash):
        measure.main()
    assert shipped() == before


@pytest.mark.usefixtures("anatomy_inputs")
def test_anatomy_is_computed_without_the_shipped_file(monkeypatch, tmp_path):
    before = shipped()
    monkeypatch.setattr(shipped_anatomy, "load_anatomy", crash)
    out = tmp_path / "anatomy.json"
    monkeypatch.setattr("sys.argv", ["measure", "portraits", "--out", str(out)])
    measure.main()
    assert shipped() == before
    assert [path.name for path in tmp_path.iterdir()] == ["anatomy.json"]
    written = json.loads(out.read_text(encoding="utf-8"))
    current = json.loads(shipped_anatomy.ANATOMY_FILE.read_text(encoding="utf-8"))
    assert written.keys() == current.keys()
    assert written["skull"].keys() == current["skull"].keys()
    assert written["skull"]["heads"] == len(measure.BALD_MEMBERS)
    assert np.allclose(written["shape"], current["shape"], atol=1e-3)


def eye_samples(_paths):
    rng = np.random.default_rng(1)
    return [
        train_eyes.EyeSample(f"{number:06d}", share, False, rng.normal(share, 1, 8).astype(np.float32))
        for number in range(60)
        for share in (*train_eyes.OPEN_SHARES, *train_eyes.CLOSED_SHARES)
    ]


@pytest.fixture
def small_inputs(monkeypatch):
    monkeypatch.setattr(train_eyes, "make_all_samples", eye_samples)
    names = ["without glasses"] * 8 + train_glasses.WEARERS[:8]
    monkeypatch.setattr(train_glasses, "read_faces", lambda _folder: (names, [None] * len(names)))
    monkeypatch.setattr(train_glasses, "cross_validate", lambda names, _faces, _wears: np.zeros(len(names)))
    rng = np.random.default_rng(2)
    monkeypatch.setattr(train_glasses, "make_samples", lambda _face, _rng: [rng.normal(0, 1, 8)])


def half_written(file, **_arrays):
    """Write the beginning of a file, wherever it shall go, and fail."""
    if isinstance(file, Path):
        file.write_bytes(b"half")
    else:
        file.write(b"half")
    raise Crash


COMMANDS = {"eyes": (train_eyes, EYES_MODEL_FILE), "glasses": (train_glasses, GLASSES_MODEL_FILE)}


@pytest.mark.usefixtures("small_inputs")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_crash_while_writing_leaves_the_model_as_it_was(name, monkeypatch):
    before = shipped()
    monkeypatch.setattr(logistic.np, "savez_compressed", half_written)
    monkeypatch.setattr("sys.argv", [name, "portraits"])
    with pytest.raises(Crash):
        COMMANDS[name][0].main()
    assert shipped() == before


@pytest.mark.usefixtures("small_inputs")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_model_has_the_arrays_of_the_shipped_one(name, monkeypatch, tmp_path):
    module, shipped_file = COMMANDS[name]
    before = shipped()
    out = tmp_path / f"{name}.npz"
    monkeypatch.setattr("sys.argv", [name, "portraits", "--out", str(out)])
    module.main()
    assert shipped() == before
    with np.load(out) as written, np.load(shipped_file) as current:
        assert set(written) == set(current)
        assert all(written[key].dtype == current[key].dtype for key in current)
