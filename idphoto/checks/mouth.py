"""Check that the mouth is closed and shows no teeth."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.face_mesh import INNER_LIP_PAIRS, MOUTH_CORNERS
from idphoto.quality.mouth import MAX_OPENING, MAX_TEETH
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

LIPS = (*MOUTH_CORNERS, *(point for pair in INNER_LIP_PAIRS for point in pair))


def _run(subject: Subject) -> Iterator[Finding]:
    mouth = subject.measured.mouth
    assert mouth is not None
    teeth, opening = round(mouth.teeth, 2), round(mouth.opening, 2)
    code, value, limit = "mouth.ok", opening, MAX_OPENING
    if teeth > MAX_TEETH:
        code, value, limit = "mouth.teeth", teeth, MAX_TEETH
    elif opening > MAX_OPENING:
        code = "mouth.open"
    yield subject.make_finding(
        code,
        Status.PASS if code == "mouth.ok" else Status.WARN,
        rule="expression",
        measured=value,
        limit=f"<= {limit:g} %",
        unit="%",
        region=subject.locate_region(*LIPS),
    )


CHECK = Check(
    "mouth",
    "An open mouth changes the shape of the face.",
    _run,
    needs=frozenset({"mouth"}),
    sees=frozenset({"mouth"}),
    reads=frozenset({"expression"}),
    formula="mean height of teeth, and of the dark of an open mouth, between the lips of the source picture, over the "
    "eye distance; teeth are less red than the lips by 7 a*, an open mouth is darker than a quarter of the cheeks' L*",
    limit=f"{MAX_TEETH:g} % and {MAX_OPENING:g} %, idphoto's own",
    component="MouthClosed",
)
