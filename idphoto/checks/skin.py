"""Check that the skin has a natural colour."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import LEFT_FACE_EDGE, MOUTH_CORNERS, RIGHT_FACE_EDGE
from idphoto.quality.colour import measure_skin_unnaturalness
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MAX_UNNATURALNESS = 12.5
"""Distance from the range of natural skin, in CIELAB units, above which the check warns; 379 studio portraits reach
12.2."""


def _run(subject: Subject) -> Iterator[Finding]:
    if subject.is_grey:
        yield subject.make_finding("skin.grey", Status.SKIP)
        return
    distance = subject.measured.of_face(measure_skin_unnaturalness)
    if distance is None:
        yield subject.make_finding("skin.not-assessed", Status.SKIP)
        return
    distance = round(distance, 1)
    unnatural = distance > MAX_UNNATURALNESS
    yield subject.make_finding(
        "skin.unnatural" if unnatural else "skin.ok",
        Status.WARN if unnatural else Status.PASS,
        measured=distance,
        limit=f"<= {MAX_UNNATURALNESS}",
        unit="CIELAB",
        region=subject.locate_region(LEFT_FACE_EDGE, RIGHT_FACE_EDGE, *MOUTH_CORNERS, margin=0.0),
    )


CHECK = Check(
    "skin",
    "Coloured light and filters change the colour of the skin.",
    _run,
    needs=frozenset({"aligned"}),
    sees=frozenset({"left-cheek", "right-cheek"}),
    formula="distance of the cheeks' mean a* and b* from 5..25 and 5..35 (ISO/IEC 29794-5 0x4B); lightness is not used",
    limit=f"{MAX_UNNATURALNESS}, idphoto's own",
    component="NaturalColour",
)
