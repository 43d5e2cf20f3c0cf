"""Measure the quality components of ISO/IEC 29794-5 on a finished file. They inform only; no check uses the scores."""

from __future__ import annotations

from math import cos, radians
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.face_mesh import CHIN
from idphoto.geometry.affine import invert_affine
from idphoto.quality import exposure
from idphoto.quality.background_texture import measure_background_uniformity
from idphoto.quality.colour import measure_skin_unnaturalness
from idphoto.quality.glasses import measure_glare
from idphoto.quality.landmark_ratios import measure_eye_opening, measure_mouth_opening
from idphoto.quality.scores import COMPONENTS
from idphoto.report import Component

if TYPE_CHECKING:
    from idphoto.checks.measurements import Measurements

__all__ = ["measure_components"]

UNSCORED_COMPONENTS = {"Sharpness", "CompressionArtifacts"}
"""Components that idphoto measures in another unit than OFIQ, so that OFIQ's mapping to scores does not apply."""


def measure_components(measured: Measurements) -> tuple[Component, ...]:
    """Return all 28 components in the order of OFIQ's table; raw and score are None where idphoto cannot measure."""
    raw = _measure_raw_values(measured)
    found = []
    for definition in COMPONENTS:
        value = raw.get(definition.name)
        unscored = value is None or definition.name in UNSCORED_COMPONENTS
        found.append(
            Component(
                name=definition.name,
                number=definition.number,
                raw=None if value is None else round(value, 6),
                score=None if value is None or unscored else definition.score(value),
                own=definition.assessed == "own",
            )
        )
    return tuple(found)


def _measure_raw_values(measured: Measurements) -> dict[str, float | None]:
    face, histogram = measured.face, measured.luminance_histogram
    if face is None or histogram is None:
        return {}
    mean, variance = exposure.compute_luminance_moments(histogram)
    quality = measured.jpeg_quality
    return {
        "BackgroundUniformity": _measure_background(measured),
        "IlluminationUniformity": measured.of_face(exposure.measure_illumination_uniformity),
        "LuminanceMean": mean,
        "LuminanceVariance": variance,
        "UnderExposurePrevention": exposure.measure_under_exposure(histogram),
        "OverExposurePrevention": exposure.measure_over_exposure(histogram),
        "DynamicRange": exposure.measure_dynamic_range(histogram),
        "Sharpness": measured.blur,
        "CompressionArtifacts": None if quality is None else float(quality),
        "NaturalColour": measured.of_face(measure_skin_unnaturalness),
        "SingleFacePresent": _compare_face_areas(measured),
        "EyesOpen": measured.of_face(measure_eye_opening),
        "MouthClosed": measured.of_face(measure_mouth_opening),
        "EyesVisible": measured.of_face(measure_glare),
        "HeadPoseYaw": face.yaw,
        "HeadPosePitch": face.pitch,
        "HeadPoseRoll": face.roll,
        **_measure_geometry(measured),
    }


def _measure_background(measured: Measurements) -> float | None:
    assert measured.face_view is not None
    assert measured.aligned is not None
    if measured.alpha is None:
        return None
    height, width = measured.face_view[0].shape[:2]
    return measure_background_uniformity(
        measured.aligned, cv2.resize(measured.alpha, (width, height), interpolation=cv2.INTER_AREA)
    )


def _compare_face_areas(measured: Measurements) -> float:
    """Return the area of the second largest face over that of the largest; 0 if there is one face."""
    areas = [box.width * box.height for box in measured.finished.people]
    return areas[1] / areas[0] if len(areas) > 1 else 0.0


def _measure_geometry(measured: Measurements) -> dict[str, float | None]:
    """Return the components that are ratios of eyes, chin and edges of the picture."""
    face, aligned, size = measured.face, measured.aligned, measured.size
    assert face is not None
    assert aligned is not None
    back = invert_affine(aligned.matrix)
    scale = size.width / aligned.picture_size.width
    left, right, chin = ((back @ (*point, 1.0))[:2] * scale for point in (*aligned.eye_centres, aligned.points[CHIN]))
    middle = (left + right) / 2
    eye_distance, chin_distance = float(np.linalg.norm(right - left)), float(np.linalg.norm(chin - middle))
    return {
        "InterEyeDistance": eye_distance / max(cos(radians(face.yaw)), 0.1),
        "HeadSize": chin_distance / size.height,
        "LeftwardCropOfTheFaceImage": float(right[0]) / eye_distance,
        "RightwardCropOfTheFaceImage": (size.width - float(left[0])) / eye_distance,
        "MarginAboveOfTheFaceImage": float(middle[1]) / chin_distance,
        "MarginBelowOfTheFaceImage": (size.height - float(middle[1])) / chin_distance,
    }
