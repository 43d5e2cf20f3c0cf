"""Networks of others: the manifest, the licence, and the conversion of pictures and of results."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from idphoto import matting
from idphoto.backends.table import Backends
from idphoto.errors import (
    BackendError,
    InvalidNetwork,
    LicenceNotAccepted,
    MissingModel,
    UnknownBackend,
)
from idphoto.matting import networks
from idphoto.matting.networks import Network, all_networks, fetch_network

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime", reason="networks are run by onnxruntime")

RED = {"side": 64, "mean": [0, 0, 0], "std": [1, 1, 1], "output": "alpha", "licence": "none", "title": "Red"}


def onnx_file(path: Path, channels: int = 1) -> Path:
    """Write a network that answers with the first channels of what it sees, at any size."""
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [
            helper.make_node("Slice", ["picture", "from", "to", "axis"], ["part"]),
            helper.make_node("Identity", ["part"], ["answer"]),
        ],
        "red",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, channels, "h", "w"])],
        [
            helper.make_tensor("from", TensorProto.INT64, [1], [0]),
            helper.make_tensor("to", TensorProto.INT64, [1], [channels]),
            helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return an empty folder of model files; networks that a test opens are forgotten after it."""
    monkeypatch.setenv("IDPHOTO_MODELS", str(tmp_path))
    with matting.BACKENDS.using({}):
        yield tmp_path


def manifest(folder: Path, **changes: object) -> None:
    """Write a manifest with one row."""
    rows = {"red": {**RED, "file": "red.onnx", **changes}}
    (folder / "networks.yaml").write_text(str(rows).replace("'", '"').replace("True", "true").replace("False", "false"))


def picture() -> tuple[np.ndarray, np.ndarray]:
    """Draw a red disc on blue; return the picture and the disc's mask."""
    disc = np.zeros((160, 120), np.uint8)
    cv2.circle(disc, (60, 80), 40, 255, -1)
    return np.dstack([disc, np.zeros_like(disc), 255 - disc]), disc > 0


def test_rows_of_the_package_can_be_verified():
    rows = all_networks()
    assert {"modnet", "birefnet-portrait", "isnet", "rmbg"} <= set(rows)
    for name, row in rows.items():
        assert row.url.startswith("https://"), name
        assert len(row.sha256) == 64, name
        assert row.licence_url.startswith("https://"), name
    assert [name for name, row in rows.items() if not row.commercial] == ["rmbg"]


def test_a_row_is_a_backend(home):
    onnx_file(home / "red.onnx")
    manifest(home)
    rgb, where = picture()
    alpha = matting.estimate_alpha(rgb, np.zeros((160, 120), np.float32), "red")
    assert np.abs(alpha - where).mean() < 0.02
    assert alpha[80, 60] == 1
    assert alpha[5, 5] == 0


def test_a_file_may_lie_anywhere(home, tmp_path_factory):
    elsewhere = onnx_file(tmp_path_factory.mktemp("elsewhere") / "mine.onnx")
    manifest(home, file=str(elsewhere))
    rgb, where = picture()
    alpha = matting.estimate_alpha(rgb, np.zeros((160, 120), np.float32), "red")
    assert np.abs(alpha - where).mean() < 0.02


def test_shape_is_kept_if_the_network_wants_it():
    row = Network(file="f", keeps_shape=True, **{**RED, "side": 512})
    assert row.size(800, 640) == (512, 640)
    assert row.size(640, 800) == (640, 512)
    assert Network(file="f", **RED).size(800, 640) == (64, 64)


@pytest.mark.parametrize(
    ("output", "given", "wanted"),
    [
        ("alpha", [0.0, 0.5, 1.0], [0, 0.5, 1]),
        ("logits", [-9, 0, 9], [0, 0.5, 1]),
        ("relative", [3, 4, 5], [0, 0.5, 1]),
    ],
)
def test_values_become_alpha(output, given, wanted):
    row = Network(file="f", **{**RED, "output": output})
    alpha = row.alpha(np.array([[given]], np.float32), 1, 3)
    assert alpha == pytest.approx(np.array([wanted]), abs=1e-3)


def test_pixels_are_normalised():
    row = Network(file="f", **{**RED, "mean": [0.5, 0.25, 0], "std": [0.5, 1, 2]})
    tensor = row.tensor(np.full((64, 64, 3), 255, np.uint8))
    assert tensor.shape == (1, 3, 64, 64)
    assert tensor[0, :, 5, 5] == pytest.approx([1, 0.75, 0.5])


def test_an_answer_that_is_no_map_is_refused(home):
    onnx_file(home / "red.onnx", channels=3)
    manifest(home)
    with pytest.raises(BackendError, match="not one map"):
        matting.estimate_alpha(*(picture()[0], np.zeros((160, 120), np.float32)), "red")


def test_another_file_is_refused(home):
    onnx_file(home / "red.onnx")
    manifest(home, sha256="0" * 64)
    with pytest.raises(MissingModel, match="SHA-256"):
        networks.load("red")


def test_a_file_that_is_no_network_is_refused(home):
    (home / "red.onnx").write_bytes(b"not a network")
    manifest(home)
    with pytest.raises(MissingModel, match="not a network"):
        networks.load("red")


def test_what_was_not_fetched_says_how(home):
    with pytest.raises(MissingModel, match="models fetch modnet"):
        networks.load("modnet")


def test_unknown_names_are_told_with_all_that_exist(home):
    manifest(home)
    with pytest.raises(UnknownBackend, match=r"guided.*modnet.*red"):
        matting.BACKENDS.get("nothing")


def test_auto_takes_no_network_of_others(home):
    onnx_file(home / "red.onnx")
    manifest(home)
    with pytest.raises(BackendError):
        Backends("matting", {}, rows=networks.__name__).get("auto")


def test_a_licence_against_commercial_use_must_be_accepted(home):
    data = onnx_file(home / "red.onnx").read_bytes()
    manifest(home, commercial=False, licence="home use only", sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(LicenceNotAccepted, match=r"home use only.*fetch red --accept-licence"):
        networks.load("red")
    with pytest.raises(LicenceNotAccepted):
        fetch_network(networks.find_network("red"))
    fetch_network(networks.find_network("red"), accept_licence=True)
    assert networks.load("red")(picture()[0], None)[80, 60] == 1


def test_rmbg_is_refused_before_anything_is_fetched(home):
    with pytest.raises(LicenceNotAccepted, match="commercial"):
        fetch_network(networks.find_network("rmbg"))
    assert list(home.iterdir()) == []


def test_an_address_without_a_hash_is_refused():
    with pytest.raises(ValidationError, match="verified"):
        Network(file="f", url="https://example.org/f", **RED)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modnet: {}", "title: missing"),
        ('own: {"title": "t", "file": "f", "licence": "l", "side": 1, "mean": [0, 0, 0], "std": [1, 1, 1]}', "output"),
        ("- 1", "dictionary"),
    ],
)
def test_faults_of_a_manifest_are_told(home, text, says):
    (home / "networks.yaml").write_text(text)
    with pytest.raises(InvalidNetwork, match=says):
        all_networks()


def test_names_of_the_package_stay(home):
    rows = {"modnet": {**RED, "file": "f"}}
    (home / "networks.yaml").write_text(str(rows).replace("'", '"'))
    with pytest.raises(InvalidNetwork, match="another name"):
        all_networks()
