"""Faces by MediaPipe 0.10, whose wheel carries its models, so that nothing is downloaded.

The short-range BlazeFace sees faces that fill a good part of the picture and judges their roll
well; the full-range one sees small ones. Both are asked.
"""

from __future__ import annotations

from contextlib import nullcontext
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from idphoto.backends.mediapipe_package import import_solutions, silenced
from idphoto.faces.base import Detection
from idphoto.portrait import Box, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Rgb

__all__ = ["MediaPipeSolutions", "load"]

SIDE = 128  # of the blank picture that the models are opened with
MIN_SCORE = 0.3  # low, since the search weighs candidates itself


class MediaPipeSolutions:
    """Two detectors and the attention mesh of MediaPipe's legacy Solutions API."""

    def __init__(self) -> None:
        with silenced():
            self._open()

    def _open(self) -> None:
        package = import_solutions()
        self._detectors = tuple(
            package.face_detection.FaceDetection(model_selection=selection, min_detection_confidence=MIN_SCORE)
            for selection in (0, 1)
        )
        self._mesh = package.face_mesh.FaceMesh(
            static_image_mode=True, refine_landmarks=True, max_num_faces=1, min_detection_confidence=MIN_SCORE
        )
        self._lock = Lock()  # the graphs are not re-entrant
        self._greeted = False  # one of the warnings waits for the first face
        blank = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
        self.detect(blank)
        self.mesh(blank)

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Faces that either detector sees; see :class:`idphoto.faces.base.Backend`."""
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

    def mesh(self, rgb: Rgb) -> NDArray[np.float32] | None:
        """Landmarks of one face; see :class:`idphoto.faces.base.Backend`."""
        height, width = rgb.shape[:2]
        with self._lock, nullcontext() if self._greeted else silenced():
            faces = self._mesh.process(rgb).multi_face_landmarks
        if not faces:
            return None
        self._greeted = True
        return np.array([(p.x * width, p.y * height, p.z * width) for p in faces[0].landmark], dtype=np.float32)


def load() -> MediaPipeSolutions:
    """Open the models (40 ms)."""
    return MediaPipeSolutions()
