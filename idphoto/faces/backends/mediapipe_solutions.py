"""Detect faces with MediaPipe 0.10, whose wheel contains its models, so that nothing is downloaded.

Two BlazeFace models are used: the short-range one finds faces that fill a good part of the picture
and measures their roll well, the full-range one finds small faces.
"""

from __future__ import annotations

from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.mediapipe_package import import_solutions, silenced
from idphoto.faces.base import BLANK_SIDE_PX, MIN_DETECTION_SCORE, Detection
from idphoto.portrait import Box, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["SolutionsFaceDetector", "load"]


class SolutionsFaceDetector:
    """Face backend with two detectors and the attention mesh of MediaPipe's legacy Solutions API."""

    def __init__(self) -> None:
        with silenced():
            self._open()

    def _open(self) -> None:
        package = import_solutions()
        self._detectors = tuple(
            package.face_detection.FaceDetection(
                model_selection=selection, min_detection_confidence=MIN_DETECTION_SCORE
            )
            for selection in (0, 1)
        )
        self._mesh = package.face_mesh.FaceMesh(
            static_image_mode=True, refine_landmarks=True, max_num_faces=1, min_detection_confidence=MIN_DETECTION_SCORE
        )
        self._lock = Lock()  # the graphs are not re-entrant
        self._greeted = False  # MediaPipe writes one of its warnings when it sees the first face
        blank = np.zeros((BLANK_SIDE_PX, BLANK_SIDE_PX, 3), dtype=np.uint8)
        self.detect(blank)
        self.find_mesh(blank)

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Find the faces that either model detects; see :class:`idphoto.faces.base.FaceDetector`."""
        height, width = rgb.shape[:2]
        found = []
        with self._lock:
            results = [detector.process(rgb) for detector in self._detectors]
        for result in results:
            for detection in result.detections or ():
                place = detection.location_data
                rect = place.relative_bounding_box
                points = [Point(p.x * width, p.y * height) for p in place.relative_keypoints]
                found.append(
                    Detection(
                        box=Box(rect.xmin * width, rect.ymin * height, rect.width * width, rect.height * height),
                        score=float(detection.score[0]),
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
            faces = self._mesh.process(rgb).multi_face_landmarks
        if not faces:
            return None
        self._greeted = True
        return np.array([(p.x * width, p.y * height, p.z * width) for p in faces[0].landmark], dtype=np.float32)


def load() -> SolutionsFaceDetector:
    """Open the models (40 ms)."""
    return SolutionsFaceDetector()
