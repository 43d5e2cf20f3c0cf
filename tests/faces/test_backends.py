"""Face detectors: their table, the errors if one cannot run, and their agreement with each other and with dlib."""

from __future__ import annotations

import importlib.util
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from idphoto import faces
from idphoto.backends.model_files import MODELS_VARIABLE, find_model
from idphoto.backends.table import Backends
from idphoto.errors import BackendError, MissingExtra, MissingModel, UnknownBackend
from idphoto.faces.anatomy import estimate_skull_height, measure_pose
from idphoto.faces.backends import mediapipe_tasks
from idphoto.portrait import Face, Point
from tests.locations import PORTRAITS

Rgb = NDArray[np.uint8]


@lru_cache(maxsize=64)
def load(path: Path) -> Rgb:
    return np.asarray(Image.open(path).convert("RGB"))


@lru_cache(maxsize=64)
def whole(path: Path) -> Face:
    return faces.find_faces(load(path))[0]


def head_height(face: Face) -> float:
    """Return the height from the chin to the skull crown, in pixels."""
    assert face.mesh is not None
    return float(np.hypot(*np.subtract(face.chin, face.eyes))) + estimate_skull_height(measure_pose(face.mesh))[0]


def apart(face: Face, **truth: Any) -> dict[str, float]:
    """Measure the distances of points from their places by another model, as shares of the head's height."""
    return {
        name: float(np.hypot(*np.subtract(getattr(face, name), place))) / head_height(face)
        for name, place in truth.items()
    }


# --- the table


def test_there_is_no_backend_of_an_unknown_name(sample: Path) -> None:
    with pytest.raises(UnknownBackend) as caught:
        faces.find_faces(load(sample), "no-such-backend")
    assert caught.value.code == "backend.unknown"
    for name in ("auto", *faces.BACKENDS.modules):
        assert name in caught.value.advice


def test_auto_is_the_first_backend_that_can_run() -> None:
    assert faces.BACKENDS.get("auto") is faces.BACKENDS.get()
    assert faces.BACKENDS.get() is faces.BACKENDS.get("mediapipe")


def test_a_backend_is_opened_once() -> None:
    table: Backends[Any] = Backends("matting", {"given": "idphoto.matting.backends.given"})
    assert table.get("given") is table.get("given") is table.get("auto")


def test_auto_passes_over_what_cannot_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    modules = {"mediapipe-tasks": "idphoto.faces.backends.mediapipe_tasks", "given": "idphoto.matting.backends.given"}
    table: Backends[Any] = Backends("face", modules)
    assert table.get() is table.get("given")
    with pytest.raises(MissingModel):
        table.get("mediapipe-tasks")


def test_auto_says_why_nothing_can_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    table: Backends[Any] = Backends("face", {"mediapipe-tasks": "idphoto.faces.backends.mediapipe_tasks"})
    with pytest.raises(BackendError) as caught:
        table.get()
    assert caught.value.code == "backend.unavailable"
    assert mediapipe_tasks.MODEL_FILE in str(caught.value)
    assert MODELS_VARIABLE in str(caught.value)


# --- model files


@pytest.mark.parametrize("folder", ["", "no/such/folder", "."])
def test_a_missing_model_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(MODELS_VARIABLE, folder)
    with pytest.raises(MissingModel) as caught:
        mediapipe_tasks.load()
    assert caught.value.code == "backend.missing-model"
    assert mediapipe_tasks.MODEL_FILE in caught.value.message
    assert MODELS_VARIABLE in caught.value.advice


def test_a_folder_is_no_model_file_and_the_first_name_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    (tmp_path / "first").mkdir()
    (tmp_path / "second").write_bytes(b"")
    assert find_model(("first", "second"), "A test") == tmp_path / "second"
    (tmp_path / "third").write_bytes(b"")
    assert find_model(("third", "second"), "A test") == tmp_path / "third"


@pytest.mark.parametrize("content", ["nothing", "text", "an empty archive", "an archive of nonsense"])
def test_a_file_that_is_no_model_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str) -> None:
    pytest.importorskip("mediapipe")
    path = tmp_path / mediapipe_tasks.MODEL_FILE
    if "archive" in content:
        with zipfile.ZipFile(path, "w") as archive:
            if "nonsense" in content:
                archive.writestr("face_detector.tflite", b"nonsense")
    else:
        path.write_bytes(b"" if content == "nothing" else b"This is no model.")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    with pytest.raises(MissingModel) as caught:
        mediapipe_tasks.load()
    assert caught.value.code == "backend.missing-model"
    assert str(path) in caught.value.message


def test_an_archive_that_lacks_the_landmarks_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = Path(pytest.importorskip("mediapipe").__file__).parent
    detector = package / "modules/face_detection/face_detection_short_range.tflite"
    if not detector.is_file():
        pytest.skip("this release of MediaPipe brings no models")
    with zipfile.ZipFile(tmp_path / mediapipe_tasks.MODEL_FILE, "w") as archive:
        archive.write(detector, "face_detector.tflite")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    with pytest.raises(MissingModel):
        mediapipe_tasks.load()


# --- agreement


@pytest.fixture(scope="module")
def tasks(shared: Path) -> mediapipe_tasks.TasksFaceDetector:
    """Return the second face detector, with the model file of the shared folder."""
    path = shared / "models" / mediapipe_tasks.MODEL_FILE
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    try:
        return mediapipe_tasks.TasksFaceDetector(path)
    except MissingExtra as missing:
        pytest.skip(str(missing))


def test_both_ways_into_mediapipe_agree(
    tasks: mediapipe_tasks.TasksFaceDetector, sample: Path, portraits: list[Path]
) -> None:
    for path in (sample, *portraits[::2]):
        face = whole(path)
        found = faces.search.search_faces(load(path), tasks)
        assert len(found) == 1
        other = found[0]
        distances = apart(face, eye_left=other.eye_left, eye_right=other.eye_right, chin=other.chin, mouth=other.mouth)
        assert max(distances.values()) < 0.02, (path.name, distances)
        assert other.roll == pytest.approx(face.roll, abs=1)
        assert other.yaw == pytest.approx(face.yaw, abs=3)
        assert other.pitch == pytest.approx(face.pitch, abs=4)


def test_the_second_backend_finds_a_face_that_lies_on_its_side(
    tasks: mediapipe_tasks.TasksFaceDetector, sample: Path
) -> None:
    turned = np.ascontiguousarray(np.rot90(load(sample)))
    found = faces.search.search_faces(turned, tasks)
    assert len(found) == 1
    assert found[0].roll == pytest.approx(whole(sample).roll - 90, abs=1)


def test_backends_keep_their_promise(sample: Path) -> None:
    backend = faces.BACKENDS.get()
    rgb = load(sample)
    detections = backend.detect(rgb)
    assert detections
    face = whole(sample)
    for detection in detections:
        assert 0 <= detection.score <= 1
        assert detection.eye_left.x < detection.mouth.x < detection.eye_right.x
        assert np.hypot(*np.subtract(detection.mouth, face.mouth)) < 0.3 * face.eye_distance
    box = face.box
    top, left = int(box.y - box.height / 2), int(box.x - box.width / 2)
    square = np.ascontiguousarray(rgb[top : top + int(2 * box.height), left : left + int(2 * box.width)])
    mesh = backend.find_mesh(square)
    assert mesh is not None
    assert (mesh.shape, mesh.dtype) == ((478, 3), np.float32)
    assert np.hypot(*(mesh[152, :2] + (left, top) - face.chin)) < 0.1 * face.eye_distance
    assert backend.find_mesh(np.zeros((128, 128, 3), dtype=np.uint8)) is None
    assert backend.detect(np.zeros((128, 128, 3), dtype=np.uint8)) == []


# --- a model of other people


@pytest.fixture(scope="module")
def dlib_points() -> Any:
    """Return a function that finds dlib's 68 points (iBUG 300-W) of the largest face, as an array."""
    dlib = pytest.importorskip("dlib")
    # Importing that package needs setuptools, which may be missing; only its file is wanted.
    home = importlib.util.find_spec("face_recognition_models")
    if home is None or not home.submodule_search_locations:
        pytest.skip("face_recognition_models is not installed")
    model = Path(home.submodule_search_locations[0]) / "models/shape_predictor_68_face_landmarks.dat"
    detector, predictor = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model))

    def points(rgb: Rgb) -> NDArray[np.float64]:
        found = list(detector(rgb, 0)) or list(detector(rgb, 1))
        shape = predictor(rgb, max(found, key=lambda rectangle: rectangle.width()))
        return np.array([(shape.part(index).x, shape.part(index).y) for index in range(68)], dtype=float)

    return points


def seen_by_dlib(points: NDArray[np.float64]) -> dict[str, Point]:
    left, right = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
    return {"eye_left": Point(*left), "eye_right": Point(*right), "chin": Point(*points[8])}


def distances_to_dlib(dlib_points: Any, paths: list[Path]) -> list[dict[str, float]]:
    """Measure how far eyes and chin of each portrait are from where dlib sees them, as shares of the head's height."""
    return [apart(whole(path), **seen_by_dlib(dlib_points(load(path)))) for path in paths]


def test_dlib_sees_the_eyes_and_the_chin_of_the_sample_where_we_do(dlib_points: Any, sample: Path) -> None:
    assert max(apart(whole(sample), **seen_by_dlib(dlib_points(load(sample)))).values()) < 0.03


def test_dlib_sees_the_eyes_and_the_chins_of_portraits_where_we_do(dlib_points: Any) -> None:
    far = distances_to_dlib(dlib_points, sorted(PORTRAITS.glob("*.jpg")))
    # dlib sees the chin of two of the bearded men elsewhere.
    for name in ("eye_left", "eye_right", "chin"):
        assert np.mean([distances[name] < 0.03 for distances in far]) >= 0.9, name
    assert np.median([distances["chin"] for distances in far]) < 0.015


def test_dlib_sees_the_eyes_and_the_chins_of_shared_portraits_where_we_do(dlib_points: Any, shared: Path) -> None:
    far = distances_to_dlib(dlib_points, sorted((shared / "portraits").rglob("*.jpg"))[::16])
    for name in ("eye_left", "eye_right", "chin"):
        assert np.mean([distances[name] < 0.03 for distances in far]) >= 0.95, name
    # Nor does either see the chin lower than the other as a rule.
    assert np.median([distances["chin"] for distances in far]) < 0.015
