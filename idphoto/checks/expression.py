"""Check for a neutral face, if the document asks for one; it only warns."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.mouth import LIPS
from idphoto.checks.subject import Subject
from idphoto.quality.mouth import MAX_RISE
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _run(subject: Subject) -> Iterator[Finding]:
    rule, mouth = subject.spec.expression, subject.measured.mouth
    assert mouth is not None
    if rule is None or rule.rule != "neutral":
        return
    rise = round(mouth.rise, 1)
    smiles = rise > MAX_RISE
    yield subject.make_finding(
        "expression.smile" if smiles else "expression.ok",
        Status.WARN if smiles else Status.PASS,
        rule="expression",
        measured=rise,
        limit=f"<= {MAX_RISE:g} %",
        unit="%",
        region=subject.locate_region(*LIPS),
    )


CHECK = Check(
    "expression",
    "A smile changes the shape of the face.",
    _run,
    needs=frozenset({"mouth"}),
    sees=frozenset({"mouth"}),
    reads=frozenset({"expression"}),
    formula="rise of the corners of the mouth above the lower lip in the source picture, over the eye distance",
    limit=f"{MAX_RISE:g} %, idphoto's own; only if the document wants a neutral face",
)
