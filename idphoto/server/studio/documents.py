"""Find documents for the studio page, and describe one with the source of each rule."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from idphoto.api import list_documents
from idphoto.checks.framing import list_framing_limits
from idphoto.errors import InputError, UnknownSpec
from idphoto.geometry import choose_output_size
from idphoto.messages import catalogue
from idphoto.spec import EditPermission, Spec, Submission, find_specs, load_spec, name_country, spec_ids
from idphoto.spec.search import load_words

if TYPE_CHECKING:
    from idphoto.job import Job

__all__ = ["describe_document", "describe_own_size", "find_documents"]

MAX_FOUND = 50
GUIDE_HEAD_PX = 600.0  # height of a head in the picture of a usual camera
RULES = (
    "size", "pixels", "bytes", "head_height", "eye_line", "top_margin", "chin_margin", "face_width", "eye_distance",
    "dpi", "background", "editing", "glasses", "head_covering", "expression", "recency", "copies",
)  # fmt: skip
"""Fields of a document that its card shows, in this order."""


def find_documents(query: str, language: str) -> dict[str, Any]:
    """Return the documents that some words find, the best first; those that most people want first for no words."""
    found = find_specs(query, language, variants=bool(query.strip()))
    specs = list(found.specs)
    if not query.strip():
        rank = {name: place for place, name in enumerate(load_words().common)}
        specs.sort(key=lambda spec: rank.get(spec.id, len(rank)))
    rows = [_summarise(spec, language) for spec in specs[:MAX_FOUND]]
    return {"documents": rows, "count": len(specs), "nearest": found.nearest, "unknown": list(found.unknown)}


def describe_document(name: str, language: str) -> dict[str, Any]:
    """Return all that the card of a document shows.

    Raises
    ------
    UnknownSpec
        If no document of the package has that id.
    """
    if name not in spec_ids():  # load_spec would also open a path
        raise UnknownSpec("There is no such document.", "GET /v1/specs lists all of them.")
    return _describe(load_spec(name), language)


def describe_own_size(job: Job, language: str) -> dict[str, Any]:
    """Return the card of a size of the user's own.

    Raises
    ------
    InputError, InvalidSpec
        If the job names no size, or its numbers contradict each other.
    """
    spec = list_documents(job)[0]
    if not isinstance(spec, Spec):
        raise InputError("No size was named.", "Name one, such as 35x45mm.")
    return _describe(spec, language)


def _describe(spec: Spec, language: str) -> dict[str, Any]:
    rows = []
    for field in RULES:
        value = getattr(spec, field)
        if value is None:
            continue
        source = spec.source_of(field)
        row = {
            "field": field,
            "value": _write(spec, field, language),
            "says": getattr(value, "says", ""),
            "advice": field in spec.inherited,
        }
        if source is not None:
            row["source"] = {
                "title": source.title,
                "url": source.url,
                "read": source.read.isoformat(),
                "confidence": source.confidence.value,
            }
        rows.append(row)
    allows = spec.editing.allows
    return {
        **_summarise(spec, language),
        "rules": rows,
        "notes": list(spec.notes),
        "disputed": spec.disputed,
        "variants": [f"{spec.id}:{name}" for name in spec.variants],
        "capture": spec.capture,
        "crown": spec.crown,
        "may_paint": allows.permits(EditPermission.BACKGROUND),
        "may_turn": allows.permits(EditPermission.GEOMETRY),
        "editing_says": spec.editing.says,
        "paint": spec.background.colours[0],
        "copies": spec.copies,
        "guide": _guide(spec),
    }


def _guide(spec: Spec) -> dict[str, Any]:
    """Return where the head lies in a good photo for the document, for the camera: shares of the photo's height."""
    if spec.submit is Submission.ORIGINAL or not (spec.size or spec.pixels):
        return {"spec": spec.id}
    size, _ = choose_output_size(spec, GUIDE_HEAD_PX)
    middles = {
        limit.check: (limit.low + limit.high) / 2 / size.height
        for limit in list_framing_limits(spec, size)
        if math.isfinite(limit.high) and limit.low > 0
    }
    guide = {"spec": spec.id, "aspect": size.width / size.height}
    if "head-height" in middles:
        guide["head"] = middles["head-height"]
    if "eye-line" in middles:
        guide["eyes"] = middles["eye-line"]
    return guide


def _summarise(spec: Spec, language: str) -> dict[str, Any]:
    size = spec.size.mm if spec.size is not None else None
    return {
        "id": spec.id,
        "country": spec.country,
        "country_name": name_country(spec.country, language) or spec.country_name,
        "title": spec.title,
        "kind": spec.kind,
        "size": _extent(str(spec.size)) if spec.size is not None else "",
        "pixels": _extent(str(spec.pixels)) if spec.pixels is not None else "",
        "bytes": str(spec.bytes) if spec.bytes is not None else "",
        "mm": size and list(size),
        "submit": spec.submit.value,
        "takes_photo": spec.submit is not Submission.NOTHING,
        "whole": spec.submit is Submission.ORIGINAL,
        "by_photographer": spec.capture == "photographer",
        "background": _write(spec, "background", language),
    }


def _write(spec: Spec, field: str, language: str) -> str:
    """Return the value of a field for people."""
    words = catalogue(language)
    value = getattr(spec, field)
    if field == "background":
        return words.words["comma"].join(words.words.get(name, name) for name in spec.background.colours)
    if field == "editing":
        return words.page[f"editing-{value.allows.value}"]
    if field in ("glasses", "head_covering", "expression"):
        return words.page[f"rule-{value.rule}"]
    return _extent(str(value))


def _extent(text: str) -> str:
    """Return a quantity with the signs that people are used to."""
    signs = {" x ": " × ", "..": "–", "+/-": "±", ">=": "≥", "<=": "≤"}
    for typed, printed in signs.items():
        text = text.replace(typed, printed)
    return text
