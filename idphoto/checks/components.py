"""Quality components of ISO/IEC 29794-5 of a finished file; they inform and judge nothing."""

from __future__ import annotations

from math import cos, radians
from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.geometry.affine import invert_affine
from idphoto.quality import exposure, landmark_ratios
from idphoto.quality.aligned import CHIN
from idphoto.quality.background_texture import measure_background_uniformity
from idphoto.quality.colour import measure_skin_unnaturalness
from idphoto.quality.glasses import measure_glare
from idphoto.quality.scores import COMPONENTS
from idphoto.quality.sharpness import estimate_jpeg_quality
from idphoto.report import Component

if TYPE_CHECKING:
    from idphoto.checks.base import Subject

__all__ = ["measured_components"]


def measured_components(subject: Subject) -> tuple[Component, ...]:
    """All 28 components, in the order of OFIQ's table; those that need a network we lack without a value."""
    raw = _raw(subject)
    found = []
    for entry in COMPONENTS:
        value = raw.get(entry.name)
        found.append(
            Component(
                name=entry.name,
                number=entry.number,
                raw=None if value is None else round(value, 6),
                # A substitute in a unit of its own has no place on OFIQ's scale.
                score=None if value is None or entry.name in _OTHER_UNIT else entry.score(value),
                own=entry.assessed == "own",
            )
        )
    return tuple(found)


_OTHER_UNIT = {"Sharpness", "CompressionArtifacts"}


def _raw(subject: Subject) -> dict[str, float | None]:
    face, aligned, shares = subject.finished.face, subject.aligned, subject.shares
    if face is None or aligned is None or shares is None or subject.view is None:
        return {}
    mean, variance = exposure.compute_luminance_moments(shares)
    quality = estimate_jpeg_quality(subject.finished.source.quantisation)
    return {
        "BackgroundUniformity": _background(subject),
        "IlluminationUniformity": exposure.measure_illumination_uniformity(aligned),
        "LuminanceMean": mean,
        "LuminanceVariance": variance,
        "UnderExposurePrevention": exposure.measure_under_exposure(shares),
        "OverExposurePrevention": exposure.measure_over_exposure(shares),
        "DynamicRange": exposure.measure_dynamic_range(shares),
        "Sharpness": subject.blur,
        "CompressionArtifacts": None if quality is None else float(quality),
        "NaturalColour": measure_skin_unnaturalness(aligned),
        "SingleFacePresent": _second_face(subject),
        "EyesOpen": landmark_ratios.measure_eye_opening(aligned),
        "MouthClosed": landmark_ratios.measure_mouth_opening(aligned),
        "EyesVisible": measure_glare(aligned),
        "HeadPoseYaw": face.yaw,
        "HeadPosePitch": face.pitch,
        "HeadPoseRoll": face.roll,
        **_geometry(subject),
    }


def _background(subject: Subject) -> float | None:
    assert subject.view is not None
    assert subject.aligned is not None
    if subject.alpha is None:
        return None
    height, width = subject.view[0].shape[:2]
    return measure_background_uniformity(
        subject.aligned, cv2.resize(subject.alpha, (width, height), interpolation=cv2.INTER_AREA)
    )


def _second_face(subject: Subject) -> float:
    areas = [box.width * box.height for box in subject.finished.people]
    return areas[1] / areas[0] if len(areas) > 1 else 0.0


def _geometry(subject: Subject) -> dict[str, float | None]:
    face = subject.finished.face
    assert face is not None
    assert face.mesh is not None
    assert subject.aligned is not None
    back = invert_affine(subject.aligned.matrix)
    scale = subject.size.width / subject.aligned.picture_size.width
    left, right, chin = (
        (back @ (*point, 1.0))[:2] * scale for point in (*subject.aligned.eye_centres, subject.aligned.points[CHIN])
    )
    middle = (left + right) / 2
    between, down = float(np.linalg.norm(right - left)), float(np.linalg.norm(chin - middle))
    return {
        "InterEyeDistance": between / max(cos(radians(face.yaw)), 0.1),
        "HeadSize": down / subject.size.height,
        "LeftwardCropOfTheFaceImage": float(right[0]) / between,
        "RightwardCropOfTheFaceImage": (subject.size.width - float(left[0])) / between,
        "MarginAboveOfTheFaceImage": float(middle[1]) / down,
        "MarginBelowOfTheFaceImage": (subject.size.height - float(middle[1])) / down,
    }
