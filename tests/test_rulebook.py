"""The rule book: versions, age, changes and export."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date, timedelta

import pytest

import idphoto
from idphoto.checks import rules_age
from idphoto.cli import main
from idphoto.report import Status
from idphoto.spec import Spec, all_specs, load_spec, spec_ids
from idphoto.spec.rulebook import (
    MAX_AGE_DAYS,
    count_levels,
    find_stale,
    list_rules,
    load_changes,
    write_csv,
    write_json,
)
from tests.locations import SAMPLE

FRENCH = load_spec("fr-passport")


def age_by(spec: Spec, days: int) -> Spec:
    """Return a document whose sources were all read `days` ago."""
    sources = tuple(source.model_copy(update={"read": date.today() - timedelta(days=days)}) for source in spec.sources)
    return spec.model_copy(update={"sources": sources})


def test_a_version_changes_with_every_rule_and_with_nothing_else() -> None:
    assert FRENCH.version == load_spec("fr-passport").version
    assert FRENCH.version != FRENCH.model_copy(update={"copies": 7}).version
    assert FRENCH.version == FRENCH.model_copy(update={"notes": ("a remark",)}).version
    versions = [spec.version for spec in all_specs()]
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(("days", "stale"), [(1, False), (MAX_AGE_DAYS, False), (MAX_AGE_DAYS + 1, True)])
def test_old_rules_are_found_and_warned_about(days: int, stale: bool) -> None:
    spec = age_by(FRENCH, days)
    assert bool(find_stale([spec])) == stale
    report = idphoto.check(SAMPLE, spec, language="de").report
    old = [finding for finding in report.findings if finding.code == "rules-age.old"]
    assert [finding.status for finding in old] == [Status.WARN] * stale
    assert (report.spec_version, report.spec_checked) == (spec.version, spec.checked)
    assert rules_age.CHECK.title == "Age of the rules"


def test_the_day_is_that_of_the_oldest_rule_of_its_own() -> None:
    for spec in all_specs():
        own = [s.read for s in spec.sources if s.confidence.value != "memory" and not set(s.covers) <= spec.inherited]
        assert spec.checked == min(own, default=None)


def test_every_rule_stands_in_the_export_with_its_source() -> None:
    specs = all_specs()
    rows = list(csv.DictReader(io.StringIO(write_csv(specs))))
    assert {row["document"] for row in rows} == {spec.id for spec in specs}
    assert len(rows) == sum(len(list_rules(spec)) for spec in specs)
    assert all(row["source"] and row["confidence"] and row["read"] for row in rows)
    documents = json.loads(write_json(specs))["documents"]
    assert [document["id"] for document in documents] == spec_ids()
    assert Spec.model_validate({k: v for k, v in documents[0].items() if k not in ("version", "checked")}) == specs[0]


def test_levels_count_the_rules_of_the_document_alone() -> None:
    for spec in all_specs(variants=False):
        assert sum(count_levels(spec).values()) == sum(not rule.from_standard for rule in list_rules(spec))


def test_changes_name_documents_that_exist_or_went_and_their_sources() -> None:
    known = set(spec_ids())
    for change in load_changes():
        assert change.before != change.after
        assert change.document in known or change.after == "withdrawn"
        if change.document in known and change.after:
            assert change.source
    days = [change.day for change in load_changes()]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["stale"], 0, ""),
        (["stale", "--months", "0"], 1, "us-passport"),
        (["changes", "2026-01-01"], 0, "->"),
        (["changes", "2099-01-01"], 0, ""),
        (["export", "--csv"], 0, "document,version,checked"),
        (["export", "--json"], 0, '"documents"'),
        (["export"], 2, ""),
        (["show", "us-passport"], 0, "version 20"),
    ],
)
def test_the_commands(
    words: list[str], code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["idphoto", "specs", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == code
    assert says in capsys.readouterr().out
