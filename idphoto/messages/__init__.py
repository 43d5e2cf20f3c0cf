"""What findings say to people, in their language.

A file per language: `codes` maps the code of a finding to its message and to the one thing to do
about it, `words` holds single words that messages are filled with, `titles` names the checks.
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
from idphoto.report import Finding

if TYPE_CHECKING:
    from typing import TypeAlias

    Value: TypeAlias = str | float | Sequence[str]

__all__ = ["ENGLISH", "Catalogue", "Text", "catalogue", "label", "languages", "say", "spoken", "title"]

HOME = Path(__file__).parent
ENGLISH = "en"
_PERIOD = re.compile(r"^(\d+(?:\.\d+)?) (days?|weeks?|months?|years?)$")


class Text(BaseModel):
    """What one code says."""

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
    """Codes of the languages there are (ISO 639-1), English first."""
    found = sorted(path.stem for path in HOME.glob("*.yaml"))
    return [ENGLISH, *(language for language in found if language != ENGLISH)]


def say(code: str, values: Mapping[str, Value], language: str = ENGLISH) -> tuple[str, str]:
    """Message and advice of a finding.

    Parameters
    ----------
    code : str
        Stable code of the finding.
    values : mapping
        What the message is filled with. Sequences are joined by the language's "or", and words
        that the language knows, such as ``white`` or ``left``, are translated. The flags
        ``unsure`` and ``advice`` add a sentence.
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
    """The same finding in another language."""
    message, fix = say(finding.code, finding.values, language)
    return finding.model_copy(update={"message": message, "fix": fix})


def label(name: str, language: str = ENGLISH, **values: str) -> str:
    """A heading or label, filled with values; those that are words are translated."""
    spoken = catalogue(language)
    return spoken.words[name].format(**{key: _word(spoken, value) for key, value in values.items()})


def title(check: str, language: str = ENGLISH) -> str:
    """Name of a check for people."""
    return catalogue(language).titles[check]


def _word(spoken: Catalogue, value: Value) -> str:
    if isinstance(value, str):
        period = _PERIOD.match(value)
        if period is not None:
            return f"{period[1]} {spoken.words.get(period[2], period[2])}"
        return spoken.words.get(value, value)
    if isinstance(value, (int, float)):
        return f"{value:g}"
    parts = [spoken.words.get(part, part) for part in value]
    if len(parts) < 2:
        return "".join(parts)
    return f"{spoken.words['comma'].join(parts[:-1])}{spoken.words['or']}{parts[-1]}"
