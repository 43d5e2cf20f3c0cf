"""Detect faces with MediaPipe 1.x (or 0.10) and a model file of the user.

This is the backend for Python 3.13 and later, where MediaPipe 0.10.21 does not exist. The wheels
of 1.x contain no models: the file ``face_landmarker.task`` must lie in the folder that
``IDPHOTO_MODELS`` names. It is a ZIP archive that also contains the short-range detector.
"""

from __future__ import annotations

import os
import zipfile
from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.mediapipe_package import close_at_exit, silenced
from idphoto.backends.model_files import find_model
from idphoto.errors import MissingExtra, MissingModel
from idphoto.faces.base import BLANK_SIDE_PX, MIN_DETECTION_SCORE, Detection
from idphoto.portrait import Box, Point

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["TasksFaceDetector", "load"]

MODEL_FILE = "face_landmarker.task"


class TasksFaceDetector:
    """Face backend with the short-range detector and the attention mesh of MediaPipe's Tasks API.

    Parameters
    ----------
    path : Path
        The file ``face_landmarker.task``.

    Raises
    ------
    MissingExtra
        If MediaPipe is not installed.
    MissingModel
        If the file is not that archive.
    """

    def __init__(self, path: Path) -> None:
        os.environ.setdefault("GLOG_minloglevel", "3")
        try:
            import mediapipe
            from mediapipe.tasks import python as tasks
            from mediapipe.tasks.python import vision
        except ImportError as cause:
            raise MissingExtra("MediaPipe is not installed.", "Install it with 'pip install mediapipe'.") from cause
        self._media = mediapipe
        self._lock = Lock()
        self._greeted = False  # MediaPipe writes some of its warnings when it sees the first face
        blank = np.zeros((BLANK_SIDE_PX, BLANK_SIDE_PX, 3), dtype=np.uint8)
        try:
            with zipfile.ZipFile(path) as archive:
                detector = archive.read("face_detector.tflite")
            with silenced():
                self._detector = vision.FaceDetector.create_from_options(
                    vision.FaceDetectorOptions(
                        base_options=tasks.BaseOptions(model_asset_buffer=detector),
                        min_detection_confidence=MIN_DETECTION_SCORE,
                    )
                )
                self._mesh = vision.FaceLandmarker.create_from_options(
                    vision.FaceLandmarkerOptions(
                        base_options=tasks.BaseOptions(model_asset_path=str(path)),
                        num_faces=1,
                        min_face_detection_confidence=MIN_DETECTION_SCORE,
                    )
                )
                self.detect(blank)
                self.find_mesh(blank)
        except (zipfile.BadZipFile, KeyError, OSError, ValueError, RuntimeError) as cause:
            raise MissingModel(f"{path} is not MediaPipe's {MODEL_FILE}.", "Fetch that file again.") from cause
        close_at_exit(self._detector)
        close_at_exit(self._mesh)

    def _image(self, rgb: Rgb) -> object:
        return self._media.Image(image_format=self._media.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Find the faces that the model detects; see :class:`idphoto.faces.base.FaceDetector`."""
        height, width = rgb.shape[:2]
        with self._lock:
            result = self._detector.detect(self._image(rgb))
        found = []
        for detection in result.detections:
            rect = detection.bounding_box
            points = [Point(p.x * width, p.y * height) for p in detection.keypoints]
            found.append(
                Detection(
                    box=Box(rect.origin_x, rect.origin_y, rect.width, rect.height),
                    score=float(detection.categories[0].score),
                    eye_left=points[0],
                    eye_right=points[1],
                    mouth=points[3],
                )
            )
        return found

    def find_mesh(self, rgb: Rgb) -> NDArray[np.float32] | None:
        """Find the landmarks of one face; see :class:`idphoto.faces.base.FaceDetector`."""
        height, width = rgb.shape[:2]
        with self._lock, nullcontext() if self._greeted else silenced():
            faces = self._mesh.detect(self._image(rgb)).face_landmarks
        if not faces:
            return None
        self._greeted = True
        return np.array([(p.x * width, p.y * height, p.z * width) for p in faces[0]], dtype=np.float32)


def load() -> TasksFaceDetector:
    """Open the models from the folder that ``IDPHOTO_MODELS`` names."""
    return TasksFaceDetector(find_model((MODEL_FILE,), "The face backend 'mediapipe-tasks'"))
