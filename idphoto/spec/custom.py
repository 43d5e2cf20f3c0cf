"""Build a document from numbers that the user states, for forms that no file under ``specs/`` describes."""

from __future__ import annotations

import re
from datetime import date

from pydantic import ValidationError

from idphoto.errors import InvalidSpec
from idphoto.spec.colours import load_colours
from idphoto.spec.models import Confidence, Spec, Submission
from idphoto.spec.store import fill_from_standard
from idphoto.units import Band, ByteBand, Extent

__all__ = ["build_custom_spec"]

STANDARD = "icao-9303"
NOT_ADVISED = ("face_width", "eye_line", "eye_distance", "recency")
"""Fields of the standard that are for passports, and that a form of another kind need not keep."""
USUAL_HEAD = "60..80 %"
"""Height of the head in forms of any kind, as advice where the user states none."""
TOLERANCE = 12
"""Levels of sRGB by which a background may differ from the colour that the user states."""


def build_custom_spec(
    size: str, *, kilobytes: str | None = None, head: str | None = None, background: str | None = None
) -> Spec:
    """Build a document from a size and a few limits. The standard fills the rest, as advice.

    Parameters
    ----------
    size : str
        On paper or in pixels, such as ``35x45mm`` or ``200x230px``.
    kilobytes : str, optional
        Limits of the file, as :meth:`ByteBand.parse` reads them.
    head : str, optional
        Height of the head from chin to crown, such as ``70..80%`` or ``32..36mm``.
    background : str, optional
        Name of a colour of ``colours.yaml``, or ``#RRGGBB``; a light one if it is something else.

    Raises
    ------
    InvalidSpec
        If the numbers contradict each other.

    Examples
    --------
    >>> build_custom_spec("35x45mm", kilobytes="20..50 KB", head="70..80%").id
    'custom-35x45mm'
    """
    extent = Extent.parse(size)
    on_paper = extent.unit != "px"
    painted = background if background in load_colours() else "light"
    hexadecimal = background is not None and re.fullmatch(r"#[0-9A-Fa-f]{6}", background)
    rules = {
        "size": extent if on_paper else None,
        "pixels": None if on_paper else extent,
        "bytes": None if kilobytes is None else ByteBand.parse(kilobytes),
        "head_height": None if head is None else Band.parse(head),
    }
    stated = {name: value for name, value in rules.items() if value is not None}
    document = {
        "title": f"{extent} (no authority)",
        "kind": "generic",
        "capture": "applicant",
        "submit": Submission.PRINT if on_paper else Submission.UPLOAD,
        **stated,
        **dict.fromkeys(NOT_ADVISED),
        "background": {
            "colours": (painted,),
            "target": f"{background} +/- {TOLERANCE}" if hexadecimal else None,
            "says": "as you ask",
        },
        "editing": {"allows": "background", "basis": "tolerated", "says": "no authority; whoever asks for it decides"},
        "notes": ("These are your own numbers: no authority's page was compared.",),
        "sources": [
            {
                "title": "Numbers that you stated, not found in writing",
                "read": date.today(),
                "confidence": Confidence.MEMORY,
                "for": [*stated, "capture", "background", "editing"],
            }
        ],
    }
    inherited, merged = fill_from_standard("your own size", STANDARD, document)
    if head is None:
        merged["head_height"] = Band.parse(USUAL_HEAD)
        inherited |= {"head_height"}
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\s", "", str(extent)).lower()).strip("-")
    try:
        return Spec.model_validate(
            {
                **merged,
                "id": f"custom-{name}",
                "country": "ZZ",
                "country_name": "Your own size",
                "inherited": inherited,
            }
        )
    except ValidationError as cause:
        reason = cause.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidSpec(f"These numbers make no document: {reason}.", "Change one of them.") from cause
