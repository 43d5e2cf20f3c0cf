"""Map measured raw values to quality scores of 0 to 100, as OFIQ does.

OFIQ is the reference implementation of ISO/IEC 29794-5. Its mappings are public; the paid text of the standard was not
read. A score of 100 is best. No official threshold exists for any score, so scores inform only, and checks judge raw
values in their own units (see ``docs/quality.md``).

References
----------
.. [1] BSI-OFIQ/OFIQ-Project, release 1.0.3 (commit a16a990), parameters in ``data/ofiq_config.jaxn``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["COMPONENTS", "ComponentDefinition", "find_component"]


def _round_score(value: float) -> int:
    """Round half away from zero and limit to 0..100."""
    return int(min(max(math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1), 0), 100))


def _sigmoid(value: float, centre: float, width: float) -> float:
    # The exponent is limited, since math.exp would overflow for extreme raw values.
    return 1 / (1 + math.exp(min(max((centre - value) / width, -700.0), 700.0)))


def _curve(
    centre: float, width: float, *, height: float = 100.0, offset: float = 0.0, slope: float = 1.0
) -> Callable[[float], int]:
    """Return OFIQ's general mapping: ``height * (offset + slope * sigmoid((raw - centre) / width))``."""
    return lambda raw: _round_score(height * (offset + slope * _sigmoid(raw, centre, width)))


def _falling(centre: float, width: float, height: float = 100.0) -> Callable[[float], int]:
    return _curve(centre, width, height=height, offset=1.0, slope=-1.0)


def _head_size(raw: float) -> int:
    return _falling(0.0, 0.05, 200.0)(abs(raw - 0.45))


def _luminance_mean(raw: float) -> int:
    return _round_score(100 * _sigmoid(raw, 0.2, 0.05) * (1 - _sigmoid(raw, 0.8, 0.05)))


def _luminance_variance(raw: float) -> int:
    return _round_score(100 * math.sin(math.pi * 60 * raw / (60 * raw + 1)))


def _over_exposure(raw: float) -> int:
    return _round_score(1 / (raw + 0.01))


def _pose(raw: float) -> int:
    return _round_score(100 * max(0.0, math.cos(math.radians(raw))) ** 2)


def _head_coverings(raw: float) -> int:
    if raw <= 0:
        return 100
    if raw >= 0.95:
        return 0
    top, bottom = _sigmoid(0.95, 0.02, 0.1), _sigmoid(0.0, 0.02, 0.1)
    return _round_score(100 * (top - _sigmoid(raw, 0.02, 0.1)) / (top - bottom))


def _share(raw: float) -> int:
    return _round_score(100 * (1 - raw))


@dataclass(frozen=True)
class ComponentDefinition:
    """Definition of one quality component of ISO/IEC 29794-5; :class:`idphoto.report.Component` is a measured one.

    Attributes
    ----------
    name : str
        Heading of its column in OFIQ's table.
    number : int
        Quality algorithm identifier.
    unit : str
        Unit of the raw value.
    score : callable
        Maps the raw value to 0..100.
    assessed : str
        ``yes`` if idphoto measures it as OFIQ defines it, ``own`` if idphoto measures something else instead, ``no``
        if it needs a network that idphoto does not have.
    """

    name: str
    number: int
    unit: str
    score: Callable[[float], int]
    assessed: str = "yes"


COMPONENTS: tuple[ComponentDefinition, ...] = (
    ComponentDefinition("UnifiedQualityScore", 0x41, "", _curve(23, 2.6), "no"),
    ComponentDefinition("BackgroundUniformity", 0x42, "", _falling(10, 100, 190)),
    ComponentDefinition("IlluminationUniformity", 0x43, "", lambda raw: _round_score(100 * raw**0.3)),
    ComponentDefinition("LuminanceMean", 0x44, "", _luminance_mean),
    ComponentDefinition("LuminanceVariance", 0x45, "", _luminance_variance),
    ComponentDefinition("UnderExposurePrevention", 0x46, "", _curve(0.92, 0.05, height=120, offset=0.832, slope=-1.0)),
    ComponentDefinition("OverExposurePrevention", 0x47, "", _over_exposure),
    ComponentDefinition("DynamicRange", 0x48, "bit", lambda raw: _round_score(12.5 * raw)),
    ComponentDefinition("Sharpness", 0x49, "", _curve(-20, 15, height=1, offset=-14, slope=115), "own"),
    ComponentDefinition(
        "CompressionArtifacts", 0x4A, "", _curve(0.3308, 0.092, height=1, offset=-0.0278, slope=103), "own"
    ),
    ComponentDefinition("NaturalColour", 0x4B, "", _falling(0, 10, 200)),
    ComponentDefinition("SingleFacePresent", 0x4C, "", _share),
    ComponentDefinition("EyesOpen", 0x4D, "", _curve(0.02, 0.01)),
    ComponentDefinition("MouthClosed", 0x4E, "", _falling(0.2, 0.06)),
    ComponentDefinition("EyesVisible", 0x4F, "", _share, "own"),
    ComponentDefinition("MouthOcclusionPrevention", 0x50, "", _share, "no"),
    ComponentDefinition("FaceOcclusionPrevention", 0x51, "", _share, "no"),
    ComponentDefinition("InterEyeDistance", 0x52, "px", _curve(70, 20)),
    ComponentDefinition("HeadSize", 0x53, "", _head_size),
    ComponentDefinition("LeftwardCropOfTheFaceImage", 0x54, "", _curve(0.9, 0.1)),
    ComponentDefinition("RightwardCropOfTheFaceImage", 0x55, "", _curve(0.9, 0.1)),
    ComponentDefinition("MarginAboveOfTheFaceImage", 0x56, "", _curve(1.4, 0.1)),
    ComponentDefinition("MarginBelowOfTheFaceImage", 0x57, "", _curve(1.8, 0.1)),
    ComponentDefinition("HeadPoseYaw", 0x58, "deg", _pose, "own"),
    ComponentDefinition("HeadPosePitch", 0x59, "deg", _pose, "own"),
    ComponentDefinition("HeadPoseRoll", 0x5A, "deg", _pose),
    ComponentDefinition("ExpressionNeutrality", 0x5B, "", _curve(-5000, 5000), "no"),
    ComponentDefinition("NoHeadCoverings", 0x5C, "", _head_coverings, "no"),
)
"""All 28 components, in the order of OFIQ's table."""


def find_component(name: str) -> ComponentDefinition:
    """Return the definition of the component of that name.

    Raises
    ------
    KeyError
        If there is none.
    """
    return _COMPONENTS_BY_NAME[name]


_COMPONENTS_BY_NAME = {entry.name: entry for entry in COMPONENTS}
