"""Mouths are told as they were judged by eye, the same for every document, and by the limit that is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import idphoto
from idphoto.report import Finding, Status
from idphoto.spec import Submission, all_specs
from tests.hard_cases import encode_jpeg, read_rgb
from tests.locations import PORTRAITS, SAMPLE
from training.eyes_and_glasses.face_warping import find_landmarks, open_mouth
from training.mouth.labels import half_of, read_labels

LABELS = {row["photo"]: row["mouth"] for row in read_labels()}
OWN = sorted(path.stem for path in PORTRAITS.glob("*.jpg"))
CALLED = {
    "neutral": {"mouth.ok"},
    "smile": {"mouth.ok"},
    "parted": {"mouth.open", "mouth.teeth", "mouth.ok"},
    "teeth": {"mouth.teeth"},
}
DOCUMENTS = ("schengen-visa", "us-visa-digital", "cn-visa-print", "nl-passport", "us-passport", "in-evisa")
LIMIT = re.compile(r"^(?:(<=|>=) (-?[\d.]+)|(-?[\d.]+)\.\.(-?[\d.]+))(?: ([A-Za-z%]+))?$")


def find_one(findings: tuple[Finding, ...], check: str) -> Finding:
    """Return the one finding of a check."""
    (found,) = (finding for finding in findings if finding.check == check)
    return found


def test_every_label_has_the_half_of_its_name() -> None:
    assert all(row["half"] == half_of(row["photo"]) for row in read_labels())


@pytest.mark.parametrize("name", OWN)
def test_mouths_are_called_what_they_are(name: str) -> None:
    found = find_one(idphoto.check(PORTRAITS / f"{name}.jpg", "schengen-visa").report.findings, "mouth")
    assert found.code in CALLED[LABELS[name]]


@pytest.mark.parametrize("name", ["A000377", "B000490", "S001150"])
def test_all_documents_say_the_same_about_the_same_mouth(name: str) -> None:
    said = set()
    smiles = set()
    for photo in idphoto.make_each(PORTRAITS / f"{name}.jpg", spec=list(DOCUMENTS)):
        mouth = find_one(photo.report.findings, "mouth")
        said.add((mouth.code, mouth.measured, mouth.limit))
        smiles |= {(f.code, f.measured, f.limit) for f in photo.report.findings if f.check == "expression"}
    assert len(said) == 1
    assert len(smiles) == 1


@pytest.mark.parametrize(
    ("name", "mouth", "smiles"),
    [("O000172", "mouth.ok", True), ("B000490", "mouth.ok", False), ("A000377", "mouth.teeth", True)],
)
def test_a_smile_with_closed_lips_passes_where_the_rule_allows_it(name: str, mouth: str, smiles: bool) -> None:
    strict, lenient = idphoto.make_each(PORTRAITS / f"{name}.jpg", spec=["schengen-visa", "us-passport"])
    assert isinstance(strict, idphoto.Photo)
    assert isinstance(lenient, idphoto.Photo)
    assert find_one(lenient.report.findings, "mouth").code == mouth
    assert not lenient.report.findings_of("expression")
    assert find_one(strict.report.findings, "expression").code == ("expression.smile" if smiles else "expression.ok")


def test_an_opened_mouth_is_never_called_closed() -> None:
    rgb = read_rgb(str(PORTRAITS / "B000490.jpg"))
    opened = open_mouth(rgb, find_landmarks(rgb))
    found = find_one(idphoto.check(encode_jpeg(opened), "schengen-visa").report.findings, "mouth")
    assert found.code in ("mouth.open", "mouth.teeth")


def breaks_its_limit(finding: Finding) -> bool:
    """Return whether the number that is printed breaks the limit that is printed; False if there are no numbers."""
    match = LIMIT.match(finding.limit)
    if match is None or not isinstance(finding.measured, (int, float)):
        return False
    factor = {("KB", "MB"): 1e-3}.get((finding.unit, match[5]), 1.0)
    value = finding.measured * factor
    if match[1] is None:
        return not float(match[3]) <= value <= float(match[4])
    return value > float(match[2]) if match[1] == "<=" else value < float(match[2])


DOCUMENTS_WITH_PHOTOS = [spec.id for spec in all_specs() if spec.submit is not Submission.NOTHING]
PHOTOS = [SAMPLE, *(PORTRAITS / f"{name}.jpg" for name in ("A000377", "C001127", "O000172"))]
OF_PICTURE = {
    "visibility", "eyes", "gaze", "glasses", "red-eyes", "mouth", "expression", "forehead", "light", "exposure",
    "contrast", "skin", "sharpness", "compression",
}  # fmt: skip
"""Checks of the picture itself. Their status follows from the number alone, without any tolerance."""


def contradicts_itself(finding: Finding) -> bool:
    """Return whether the printed number and limit say something else than the status does."""
    if finding.status is Status.PASS:
        return breaks_its_limit(finding)
    told = finding.status in (Status.WARN, Status.ASK, Status.FAIL) and LIMIT.match(finding.limit)
    return finding.check in OF_PICTURE and bool(told) and not breaks_its_limit(finding)


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.stem)
def test_no_finding_of_any_document_passes_with_a_value_that_breaks_the_printed_limit(path: Path) -> None:
    for photo in idphoto.make_each(path, spec=DOCUMENTS_WITH_PHOTOS):
        wrong = [finding for finding in photo.report.findings if contradicts_itself(finding)]
        assert not wrong, photo.report.spec
