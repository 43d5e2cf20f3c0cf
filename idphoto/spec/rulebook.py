"""The rule book as a table: each rule with its value, source and reliability, how old it is, and what changed when."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from idphoto import yamlfile
from idphoto.errors import InvalidSpec
from idphoto.spec.models import Confidence, Spec, SpecModel
from idphoto.spec.reference import specs_folder
from idphoto.spec.store import limited_fields

__all__ = [
    "MAX_AGE_DAYS",
    "Rule",
    "RuleChange",
    "count_levels",
    "describe_rule",
    "find_stale",
    "list_rules",
    "load_changes",
    "write_csv",
    "write_json",
]

MAX_AGE_DAYS = 365
"""Age of the oldest reading of a document from which its rules count as old."""


class Rule(SpecModel):
    """One rule of a document: a row of the exported table."""

    document: str
    version: str
    checked: date | None
    country: str
    country_name: str
    title: str
    field: str
    value: str
    from_standard: bool
    confidence: str
    source: str
    url: str
    read: date | None
    reader: str


class RuleChange(SpecModel):
    """A change of a rule, in ``specs/changes.yaml``.

    Attributes
    ----------
    day : date
        The day on which it was written into the document.
    document, field : str
        What changed; the field ``document`` stands for a whole document that came or went.
    before, after : str
        The rule before and after; empty if there was or is none.
    source, url, confidence : str
        What the new rule rests on.
    """

    day: date
    document: str
    field: str
    before: str = ""
    after: str = ""
    source: str = ""
    url: str = ""
    confidence: str = ""


class Changes(SpecModel):
    """The file ``specs/changes.yaml``."""

    changes: tuple[RuleChange, ...]


def describe_rule(value: object) -> str:
    """Return the value of a rule in words."""
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    for name in ("colours", "allows", "rule"):
        if hasattr(value, name):
            head = getattr(value, name)
            text = " or ".join(head) if isinstance(head, tuple) else getattr(head, "value", str(head))
            says = getattr(value, "says", "")
            return f"{text} ({says})" if says else text
    return str(getattr(value, "value", value))


def list_rules(spec: Spec) -> list[Rule]:
    """Return every rule of a document that states a fact, in the order of the schema."""
    rules = []
    for field in limited_fields(spec):
        source = spec.source_of(field)
        rules.append(
            Rule(
                document=spec.id,
                version=spec.version,
                checked=spec.checked,
                country=spec.country,
                country_name=spec.country_name,
                title=spec.title,
                field=field,
                value=describe_rule(getattr(spec, field)),
                from_standard=field in spec.inherited,
                confidence="" if source is None else source.confidence.value,
                source="" if source is None else source.title,
                url="" if source is None or source.url is None else source.url,
                read=None if source is None else source.read,
                reader="" if source is None else source.reader,
            )
        )
    return rules


def count_levels(spec: Spec) -> dict[Confidence, int]:
    """Return the number of a document's own rules for each reliability; rules of the standard are left out."""
    found = dict.fromkeys(Confidence, 0)
    for field in limited_fields(spec):
        source = spec.source_of(field)
        if source is not None and field not in spec.inherited:
            found[source.confidence] += 1
    return found


def find_stale(specs: Iterable[Spec], *, days: int = MAX_AGE_DAYS, today: date | None = None) -> list[Spec]:
    """Return the documents of which a rule was last read more than `days` before `today`, the oldest first."""
    limit = (today or date.today()) - timedelta(days=days)
    stale = [spec for spec in specs if spec.checked is not None and spec.checked < limit]
    return sorted(stale, key=lambda spec: (spec.checked, spec.id))


@lru_cache(maxsize=1)
def load_changes() -> tuple[RuleChange, ...]:
    """Read all changes of rules, the newest first."""
    path = specs_folder() / "changes.yaml"
    found = yamlfile.parse(Changes, yamlfile.load(path, InvalidSpec), path, InvalidSpec)
    return tuple(sorted(found.changes, key=lambda change: change.day, reverse=True))


def write_json(specs: Iterable[Spec]) -> str:
    """Return documents as JSON: each with its version, the day it was checked, its rules and sources."""
    rows = [
        {
            "version": spec.version,
            "checked": None if spec.checked is None else spec.checked.isoformat(),
            **spec.model_dump(mode="json", by_alias=True),
        }
        for spec in specs
    ]
    return json.dumps({"documents": rows}, ensure_ascii=False, indent=1) + "\n"


def write_csv(specs: Iterable[Spec]) -> str:
    """Return documents as CSV, one line for each rule."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(Rule.model_fields), lineterminator="\n")
    writer.writeheader()
    for spec in specs:
        writer.writerows(rule.model_dump(mode="json") for rule in list_rules(spec))
    return text.getvalue()
