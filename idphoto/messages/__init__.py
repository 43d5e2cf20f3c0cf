"""Write findings for people, in their language.

There is a file per language: `codes` maps the code of a finding to its message and to the one thing to do
about it, `words` holds single words and labels, `titles` names the checks, `page` holds the texts of the studio page.
English is complete by test, and the others have every code that English has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from idphoto import yamlfile
from idphoto.errors import InputError, PipelineError
from idphoto.report import Finding, Status

if TYPE_CHECKING:
    from typing import TypeAlias

    Value: TypeAlias = str | float | Sequence[str]

__all__ = [
    "ENGLISH",
    "RIGHT_TO_LEFT",
    "Catalogue",
    "Text",
    "catalogue",
    "label",
    "languages",
    "requirement",
    "say",
    "sentences",
    "spoken",
    "status_meaning",
    "status_word",
    "title",
    "verdict",
    "written",
]

HOME = Path(__file__).parent
ENGLISH = "en"
RIGHT_TO_LEFT = frozenset({"ar"})
_DOCUMENTED = frozenset(
    {
        "head-height", "eye-line", "top-margin", "chin-margin", "face-width", "eye-distance", "chin-to-eyes",
        "background", "pixels", "resolution", "file", "recency",
    }
)  # fmt: skip
"""Checks whose limits stand in the document."""

_TIMES = re.compile(r"(?<=\d) ?x ?(?=\d)")
_UNIT = re.compile(r"(?<=\d )(?:in|px)$")
_BOUND = re.compile(r"^([≥≤]) (.+)$")
_PERIOD = re.compile(r"^(\d+(?:\.\d+)?) (days?|weeks?|months?|years?)$")


class Text(BaseModel):
    """The message of a code and the advice that goes with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    fix: str = ""


class Catalogue(BaseModel):
    """One language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    name: str
    words: dict[str, str]
    titles: dict[str, str]
    codes: dict[str, Text]
    page: dict[str, str]


@lru_cache(maxsize=16)
def catalogue(language: str = ENGLISH) -> Catalogue:
    """Read a language.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    path = HOME / f"{language}.yaml"
    if not language.isalpha() or not path.is_file():
        raise InputError(f"There is no language '{language}'.", f"Choose one of {', '.join(languages())}.")
    return yamlfile.parse(Catalogue, yamlfile.load(path, PipelineError), path, PipelineError)


def languages() -> list[str]:
    """Return the codes of all languages (ISO 639-1), English first."""
    found = sorted(path.stem for path in HOME.glob("*.yaml"))
    return [ENGLISH, *(language for language in found if language != ENGLISH)]


def say(code: str, values: Mapping[str, Value], language: str = ENGLISH) -> tuple[str, str]:
    """Return the message and the advice of a finding.

    Parameters
    ----------
    code : str
        Stable code of the finding.
    values : mapping
        The values of the placeholders. Sequences are joined by the language's "or", and words
        that the language knows, such as ``white`` or ``left``, are translated, and so are units and
        bounds such as ``≥ 90 px``.
        The flags ``unsure`` and ``advice`` add a sentence.
    language : str
        ISO 639-1.
    """
    spoken = catalogue(language)
    check, _, outcome = code.partition(".")
    text = spoken.codes.get(code)
    if text is None and outcome == "not-assessed":
        text = Text(message=spoken.words["not-assessed"])
        values = {**values, "title": spoken.titles[check]}
    if text is None:
        raise KeyError(f"no message for '{code}' in {language}")
    filled = {name: _word(spoken, value) for name, value in values.items()}
    message = text.message.format(**filled)
    for flag in ("advice", "unsure"):
        if values.get(flag):
            message += spoken.words["between"] + spoken.words[flag]
    return message, text.fix.format(**filled)


def spoken(finding: Finding, language: str) -> Finding:
    """Return the same finding in another language."""
    message, fix = say(finding.code, finding.values, language)
    return finding.model_copy(update={"message": message, "fix": fix})


def sentences(finding: Finding, language: str = ENGLISH) -> str:
    """Return what a finding says, with the advice where it speaks against the photo, and the reason for accepting."""
    words = catalogue(language).words
    text = finding.message
    if finding.fix and finding.status not in (Status.PASS, Status.SKIP):
        text += words["between"] + finding.fix
    if finding.accepted:
        text += words["bracketed"].format(text=words["accepted"].format(reason=finding.accepted))
    return text


def label(name: str, language: str = ENGLISH, **values: str) -> str:
    """Return a heading or label, filled with values; those that are words are translated."""
    spoken = catalogue(language)
    return spoken.words[name].format(**{key: _word(spoken, value) for key, value in values.items()})


def title(check: str, language: str = ENGLISH) -> str:
    """Return the name of a check for people."""
    return catalogue(language).titles[check]


def status_word(status: Status, language: str = ENGLISH) -> str:
    """Return the word for a status, such as FAIL."""
    return catalogue(language).words[f"status-{status.value}"]


def status_meaning(status: Status, language: str = ENGLISH) -> str:
    """Return one or two sentences that say what a status means, for a legend."""
    return catalogue(language).words[f"means-{status.value}"]


def verdict(status: Status, language: str = ENGLISH) -> str:
    """Return the verdict on a whole photo, whose worst finding has this status, and what to do about it."""
    return catalogue(language).words[f"verdict-{status.value}"]


def requirement(finding: Finding, language: str = ENGLISH) -> str:
    """Return what the document requires, for people; empty for limits that are idphoto's own."""
    if finding.check not in _DOCUMENTED:
        return ""
    limit = "" if finding.check == "background" else finding.values.get("limit", "")
    return _word(catalogue(language), finding.values.get("wanted") or limit)


def written(value: float, unit: str, language: str = ENGLISH) -> str:
    """Return a measure with its unit, for people."""
    if unit == "deg":
        return f"{abs(value):.1f}°"
    decimals = {"px": 0, "in": 2}.get(unit, 1)
    return _word(catalogue(language), f"{value:.{decimals}f} {unit}")


def _word(spoken: Catalogue, value: Value) -> str:
    """Translate a value that a message is filled with."""
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, str):
        return _translated(spoken, value)
    parts = [_translated(spoken, part) for part in value]
    if len(parts) < 2:
        return "".join(parts)
    return f"{spoken.words['comma'].join(parts[:-1])}{spoken.words['or']}{parts[-1]}"


def _translated(spoken: Catalogue, value: str) -> str:
    """Translate a word, a period such as 6 months, or a length or limit such as ≥ 90 px."""
    if value in spoken.words:
        return spoken.words[value]
    period = _PERIOD.match(value)
    if period is not None:
        return f"{period[1]} {spoken.words.get(period[2], period[2])}"
    value = _TIMES.sub(" × ", value)
    unit = _UNIT.search(value)
    if unit is not None:
        value = value[: unit.start()] + spoken.words[f"unit-{unit[0]}"]
    bound = _BOUND.match(value)
    if bound is not None:
        return spoken.words["at-least" if bound[1] == "≥" else "at-most"].format(value=bound[2])
    return value
