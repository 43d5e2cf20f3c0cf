"""A check declares the fields of a spec that it reads; what it really reads is recorded here and compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import idphoto
from idphoto.checks import CHECKS, Subject
from idphoto.spec import Spec, all_specs, load_spec
from idphoto.stages.check import CheckStage
from tests.hard_cases import encode_jpeg, read_rgb, rotate


class RecordingSpec:
    """A spec that records which of its fields are read, as a value or as the field whose source is asked for."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in Spec.model_fields:
            self.read.add(name)
            return getattr(self._spec, name)
        if isinstance(getattr(Spec, name), property):
            # A property is computed on the recorder, so that the fields behind it are recorded.
            return getattr(Spec, name).fget(self)
        raise AttributeError(f"the recorder does not know how to record Spec.{name}")

    def source_of(self, field: str) -> Any:
        self.read.add(field)
        return self._spec.source_of(field)


@pytest.fixture(scope="module")
def subjects(sample: Path) -> list[Subject]:
    """Return checked photos that lead the checks through all of their branches."""
    spec = load_spec("schengen-visa")
    rgb = read_rgb(str(sample))
    photos = [
        idphoto.check(sample, spec),
        idphoto.check(encode_jpeg(rotate(rgb, 14)), spec),
        idphoto.check(encode_jpeg(rgb, quality=30), spec),
        idphoto.make(sample, spec, background="blue"),
    ]
    found = [CheckStage().make_subject(photo) for photo in photos]
    return [*found, replace(found[-1], background_filled=False, operations=())]


@pytest.fixture(scope="module")
def recorded(subjects: list[Subject]) -> dict[str, set[str]]:
    """Return the fields that each check reads, over all subjects and all documents."""
    fields: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        for spec in all_specs(variants=False):
            for check in CHECKS:
                recorder = RecordingSpec(spec)
                check(replace(subject, spec=recorder))
                fields[check.id] |= recorder.read
    return fields


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_reads_the_fields_that_it_declares_and_no_others(check, recorded: dict[str, set[str]]) -> None:
    assert recorded[check.id] == check.reads


def test_declared_fields_are_fields_of_a_spec() -> None:
    for check in CHECKS:
        assert check.reads <= set(Spec.model_fields), check.id


def test_a_check_that_reads_no_field_finds_the_same_for_every_document(subjects: list[Subject]) -> None:
    specs = [load_spec(name) for name in ("schengen-visa", "cn-1inch", "us-visa-digital", "jp-resume")]
    shared = [check for check in CHECKS if not check.reads]
    assert shared
    for check in shared:
        first, *others = [check(subjects[0].with_spec(spec)) for spec in specs]
        assert all(other == first for other in others), check.id


def test_the_recorder_sees_values_properties_and_sources() -> None:
    recorder = RecordingSpec(load_spec("schengen-visa"))
    assert recorder.dpi == load_spec("schengen-visa").dpi
    assert recorder.label
    recorder.source_of("glasses")
    assert recorder.read == {"dpi", "country_name", "title", "glasses"}


def test_subjects_of_one_file_share_its_measurements(subjects: list[Subject]) -> None:
    other = subjects[0].with_spec(load_spec("cn-1inch"))
    assert other.measured is subjects[0].measured
    assert other.measured.aligned is subjects[0].measured.aligned
    assert other.dpi != subjects[0].dpi
