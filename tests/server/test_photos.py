"""The ID-photo API against a real server; and that it does what the library does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

import idphoto
from idphoto.backends.threads import thread_environment
from idphoto.report import Report
from idphoto.spec import load_papers, spec_ids
from tests.server.conftest import jpeg
from tests.server.serving import KEY, Running, create_key, wait_for


def post(server: Running, path: str, files: Any, data: Any = None, key: str = "", **headers: str) -> httpx.Response:
    headers = {KEY: key or server.key, **headers}
    return httpx.post(f"{server.url}/v1/{path}", headers=headers, files=files, data=data, timeout=300)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is one by RFC 9457."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["title"]
    assert body["type"] == "about:blank"
    assert body["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    return dict(body)


@pytest.fixture(scope="module")
def visa(server, portrait) -> bytes:
    """A finished photo, made by the service."""
    answer = post(server, "photos", {"photo": portrait}, {"spec": "schengen-visa"}, accept="image/jpeg")
    assert answer.status_code == 200
    return answer.content


def test_a_bare_photo_is_the_one_that_the_library_makes(visa, portrait):
    assert visa == idphoto.make(portrait, "schengen-visa").files[".jpg"]


def test_several_documents_as_links(server, portrait):
    data = {"spec": ["schengen-visa", "us-passport"], "sheet": "10x15cm", "background": "white"}
    answer = post(server, "photos", {"photo": portrait}, data)
    assert answer.status_code == 200
    visa, passport = answer.json()["documents"]
    assert (visa["spec"], passport["spec"]) == ("schengen-visa", "us-passport")
    for document in (visa, passport):
        report = Report.model_validate(document["report"])
        assert report.status.value == document["status"]
        assert report.spec == document["spec"]
        files = {file["name"]: httpx.get(file["url"]) for file in document["files"]}
        assert set(files) == {f"{document['spec']}{suffix}" for suffix in (".jpg", ".sheet.pdf", ".json")}
        assert files[f"{document['spec']}.sheet.pdf"].content.startswith(b"%PDF")
        assert files[f"{document['spec']}.sheet.pdf"].headers["content-type"] == "application/pdf"
        assert files[f"{document['spec']}.json"].json() == document["report"]
        for file in document["files"]:
            assert file["bytes"] == len(files[file["name"]].content)
    photo = Image.open(BytesIO(httpx.get(passport["files"][0]["url"]).content))
    assert photo.size == (600, 600)


def test_several_documents_as_a_zip(server, portrait):
    data = {"spec": "schengen-visa,nl-passport:child"}
    answer = post(server, "photos", {"photo": portrait}, data, accept="application/zip")
    archive = zipfile.ZipFile(BytesIO(answer.content))
    assert archive.testzip() is None
    names = [f"{slug}{suffix}" for slug in ("schengen-visa", "nl-passport-child") for suffix in (".jpg", ".json")]
    assert archive.namelist() == names
    assert json.loads(archive.read("schengen-visa.json"))["spec"] == "schengen-visa"


def test_base64_instead_of_links(server, portrait):
    from base64 import b64decode

    (document,) = post(server, "photos?response=base64", {"photo": portrait}, {"spec": "cn-1inch"}).json()["documents"]
    photo, report = document["files"]
    assert Image.open(BytesIO(b64decode(photo["base64"]))).size == (295, 413)
    assert "url" not in photo
    assert json.loads(b64decode(report["base64"])) == document["report"]


def test_each_document_that_is_made_costs_and_others_do_not(server, portrait):
    key = create_key(server, "documents", 3)

    def balance() -> int:
        return httpx.get(f"{server.url}/api/common/query-credits", headers={KEY: key}).json()["data"][0]["balance"]

    # The second authority takes the photo itself.
    untaken = next(name for name in spec_ids() if _refuses(name))
    answer = post(server, "photos", {"photo": portrait}, {"spec": f"schengen-visa,{untaken}"}, key)
    made, error = answer.json()["documents"]
    assert "files" in made
    assert error["error"]["code"] == "spec.no-photo-taken"
    wait_for(lambda: balance() == 2)
    problem(post(server, "photos", {"photo": portrait}, {"spec": untaken}, key), 422, "spec.no-photo-taken")
    assert post(server, "checks", {"photo": portrait}, {"spec": "schengen-visa"}, key).status_code == 200
    wait_for(lambda: balance() == 1)
    assert post(server, "photos", {"photo": portrait}, {"spec": "schengen-visa,us-passport"}, key).status_code == 429
    assert balance() == 1


def _refuses(name: str) -> bool:
    from idphoto.errors import NoPhotoTaken
    from idphoto.spec import load_spec, require_photo

    try:
        require_photo(load_spec(name))
    except NoPhotoTaken:
        return True
    return False


def test_a_check_stores_and_makes_nothing(server, visa):
    (document,) = post(server, "checks", {"photo": visa}, {"spec": "schengen-visa"}).json()["documents"]
    assert set(document) == {"spec", "notice", "status", "report"}
    expected = idphoto.check(visa, "schengen-visa").report
    assert document["notice"] == expected.notice
    assert Report.model_validate(document["report"]).findings == expected.findings


FORMS = {"rgba": {}, "mask": {}, "white": {"background": "#628BCE"}, "crop": {}, "blur": {}}

LIBRARY = """
import json, sys, cv2, idphoto
cv2.setNumThreads(1)
photo, forms = sys.argv[1:]
for form, options in json.loads(forms).items():
    (made,) = idphoto.cutout(photo, form, **options).files.values()
    open(f"{form}.png", "wb").write(made)
"""


@pytest.fixture(scope="module")
def library(sample, tmp_path_factory):
    """Cutouts of the library with as many threads as a worker of the service has: BLAS rounds otherwise with more."""
    folder = tmp_path_factory.mktemp("library")
    alone = {**os.environ, **thread_environment(1)}
    subprocess.run(
        [sys.executable, "-c", LIBRARY, str(sample), json.dumps(FORMS)], cwd=folder, env=alone, check=True, timeout=300
    )
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_cutout_is_the_one_of_the_library(server, portrait, library, form):
    answer = post(server, "cutouts", {"photo": portrait}, {"form": form, **FORMS[form]}, accept="image/png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == (library / f"{form}.png").read_bytes()


def test_a_cutout_as_jpeg(server, portrait):
    answer = post(server, "cutouts", {"photo": portrait}, {"form": "blur"}, accept="image/jpeg")
    assert Image.open(BytesIO(answer.content)).format == "JPEG"
    refused = post(server, "cutouts", {"photo": portrait}, {"form": "rgba"}, accept="image/jpeg")
    problem(refused, 422, "request.unsupported-value")


def test_a_mask_of_ones_own_is_taken_as_it_is(server, portrait):
    mask = Image.new("L", (512, 512))
    mask.paste(255, (100, 100, 300, 300))
    file = BytesIO()
    mask.save(file, "PNG")
    files = {"photo": portrait, "mask": file.getvalue()}
    answer = post(server, "cutouts", files, {"form": "mask"}, accept="image/png")
    assert (np.asarray(Image.open(BytesIO(answer.content))) == np.asarray(mask)).all()
    other = jpeg(Image.new("RGB", (512, 300)))
    problem(post(server, "cutouts", {"photo": portrait, "mask": other}, {}), 422, "input.invalid")


def test_sheets_of_several_people(server, visa):
    files = [("photo", visa), ("photo", visa)]
    answer = post(server, "sheets", files, {"sheet": "10x15cm", "copies": ["4", "2"]}, accept="application/pdf")
    assert answer.content.startswith(b"%PDF")
    made = post(server, "sheets", files, {"sheet": "4x6in", "sheet_format": "both"}).json()["files"]
    assert [file["name"] for file in made] == ["sheet.pdf", "sheet.jpg"]
    sheet = Image.open(BytesIO(httpx.get(made[1]["url"]).content))
    assert sorted(sheet.size) == [1200, 1800]


def test_a_sheet_tells_of_its_layout(server, visa):
    layout = post(server, "sheets", {"photo": visa}, {"sheet": "10x15cm", "margin": "10", "language": "de"}).json()[
        "sheet"
    ]
    assert (layout["photos"], layout["pages"], layout["margin_mm"]) == (4, 1, 10)
    (note,) = layout["notes"]
    assert (note["code"], note["values"]["possible"]) == ("print-sheet.fuller", 8)
    assert "hätten Platz" in note["message"]


def test_a_sheet_costs_nothing(server, visa):
    key = create_key(server, "sheets", 0)
    assert post(server, "sheets", {"photo": visa}, {"sheet": "10x15cm"}, key).status_code == 200


def test_the_size_on_a_sheet_may_be_given(server, portrait):
    problem(post(server, "sheets", {"photo": portrait}, {"sheet": "10x15cm"}), 422, "input.invalid")
    data = {"sheet": "10x15cm", "size": "35x35mm", "turn": "true"}
    assert post(server, "sheets", {"photo": portrait}, data).status_code == 200
    problem(post(server, "sheets", {"photo": portrait}, {**data, "size": "999x999mm"}), 422, "input.does-not-fit")
    problem(post(server, "sheets", {"photo": portrait}, {**data, "sheet_dpi": "600"}), 422, "input.no-effect")


def test_documents_and_papers_are_listed(server):
    def get(path: str) -> Any:
        return httpx.get(f"{server.url}/v1/{path}", headers={KEY: server.key}).json()

    assert [spec["id"] for spec in get("specs")["specs"]] == spec_ids()
    assert get("specs/nl-passport:child")["id"] == "nl-passport:child"
    assert [paper["name"] for paper in get("papers")["papers"]] == list(load_papers())
    assert [spec["id"] for spec in get("specs?q=germany visa")["specs"]] == ["schengen-visa"]
    assert len(get("specs?q=护照&language=zh&limit=2")["specs"]) == 2
    nothing = get("specs?q=zimbabwe")
    assert (nothing["nearest"], nothing["unknown"]) == (True, ["zimbabwe"])
    for wrong in ("limit=0", "language=xyz", f"q={'a' * 101}"):
        problem(httpx.get(f"{server.url}/v1/specs?{wrong}", headers={KEY: server.key}), 400, "request.invalid")
    problem(httpx.get(f"{server.url}/v1/specs/xx", headers={KEY: server.key}), 404, "spec.unknown")


def test_a_size_of_ones_own_needs_no_document(server, portrait):
    row = post(server, "photos", {"photo": portrait}, {"size": "200x230px", "kb": "20..50"}).json()["documents"][0]
    assert (row["spec"], row["report"]["files"][0]["size"]) == ("custom-200x230px", [200, 230])
    row = post(server, "checks", {"photo": portrait}, {"size": "35x45mm"}).json()["documents"][0]
    assert row["spec"] == "custom-35x45mm"


WRONG = [
    ({"size": "/etc/passwd"}, 422, "input.invalid"),
    ({"kb": "20..50"}, 400, "request.missing"),
    ({"spec": "schengen-visa", "size": "35x45mm"}, 422, "input.invalid"),
    ({}, 400, "request.missing"),
    ({"spec": "no-such-document"}, 404, "spec.unknown"),
    ({"spec": "/etc/passwd"}, 404, "spec.unknown"),
    ({"spec": "my.yaml"}, 404, "spec.unknown"),
    ({"spec": "schengen-visa", "pipeline": "default"}, 400, "request.invalid"),
    ({"spec": "schengen-visa", "mask": "/etc/passwd"}, 400, "request.invalid"),
    ({"spec": "schengen-visa", "form": "mask"}, 400, "request.invalid"),
    ({"spec": "schengen-visa", "sheet": ["10x15cm", "4x6in"]}, 400, "request.invalid"),
    ({"spec": "schengen-visa", "background": "/etc/passwd"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "background": "samples/astronaut.jpg"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "background": "http://127.0.0.1/x.jpg"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "dpi": "nan"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "dpi": "1e9"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "format": "gif"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "sheet": "9999x9999mm"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "sheet": "A3", "sheet_format": "jpeg", "sheet_dpi": "1200"}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "matter": "no-such-backend"}, 422, "backend.not-allowed"),
    ({"spec": ",".join(["schengen-visa"] * 11)}, 422, "input.invalid"),
    ({"spec": "schengen-visa", "copies": "4"}, 422, "input.no-effect"),
    ({"spec": "schengen-visa", "sheet": "10x15cm", "sheet_dpi": "600"}, 422, "input.no-effect"),
    ({"spec": "schengen-visa", "sheet": "20x20mm"}, 422, "input.does-not-fit"),
]


@pytest.mark.parametrize(("data", "status", "code"), WRONG, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_a_problem(server, portrait, data, status, code):
    answer = post(server, "photos", {"photo": portrait}, data)
    body = problem(answer, status, code)
    assert "/etc/passwd" not in json.dumps(body)
    assert body["detail"]


def test_pictures_that_cannot_be_used(server, nobody, portrait):
    data = {"spec": "schengen-visa"}
    problem(post(server, "photos", {"photo": nobody}, data), 422, "input.no-face")
    problem(post(server, "photos", {"photo": b"GIF89a"}, data), 415, "input.unreadable")
    problem(post(server, "photos", {"photo": portrait[:5000]}, data), 422, "input.unreadable")
    problem(post(server, "photos", None, data), 400, "request.missing")
    problem(post(server, "cutouts", {"photo": nobody}), 422, "cutout.nobody")


@pytest.mark.parametrize(
    ("path", "accept"), [("photos", "text/html"), ("photos", "application/pdf"), ("checks", "image/jpeg")]
)
def test_forms_that_cannot_be_had(server, portrait, path, accept):
    answer = post(server, path, {"photo": portrait}, {"spec": "schengen-visa"}, accept=accept)
    problem(answer, 406, "request.not-acceptable")


@pytest.mark.parametrize("accept", ["*/*", "text/html, */*;q=0.1", "image/jpeg;q=0, application/json", ""])
def test_json_is_what_a_client_gets_that_does_not_choose(server, portrait, accept):
    answer = post(server, "checks", {"photo": portrait}, {"spec": "schengen-visa"}, accept=accept)
    assert answer.headers["content-type"] == "application/json"


def test_a_bearer_token_is_a_key_as_well(server):
    got = httpx.get(f"{server.url}/v1/papers", headers={"authorization": f"Bearer {server.key}"})
    assert got.status_code == 200
    problem(httpx.get(f"{server.url}/v1/papers"), 401, "request.no-key")


def test_reasons_languages_and_pages_of_the_verdict(server, portrait):
    data = {
        "spec": "schengen-visa",
        "language": "de",
        "accept": ["resolution=it is all there is", "background=a=b"],
        "annotate": "true",
        "pdf": "true",
    }
    (document,) = post(server, "photos", {"photo": portrait}, data).json()["documents"]
    names = [file["name"] for file in document["files"]]
    assert names == [f"schengen-visa{suffix}" for suffix in (".jpg", ".annotated.png", ".report.pdf", ".json")]
    job = idphoto.Job(language="de", accept={"resolution": "it is all there is", "background": "a=b"})
    expected = idphoto.make(portrait, "schengen-visa", job=job).report
    assert Report.model_validate(document["report"]).findings == expected.findings
    wrong = post(server, "photos", {"photo": portrait}, {"spec": "schengen-visa", "accept": "eyes"})
    problem(wrong, 422, "input.invalid")


def finished(width_mm: float, height_mm: float, dpi: int = 30) -> bytes:
    """A plain picture that states its size on paper."""
    file = BytesIO()
    size = (round(width_mm / 25.4 * dpi), round(height_mm / 25.4 * dpi))
    Image.new("RGB", size, "grey").save(file, "JPEG", dpi=(dpi, dpi))
    return file.getvalue()


def test_an_order_of_sheets_is_limited_and_priced_before_a_page_is_drawn(server):
    wide = {"sheet": "200x200mm", "size": "190x190mm", "sheet_format": "jpeg", "copies": "500", "sheet_dpi": "900"}
    begun = time.monotonic()
    problem(post(server, "sheets", {"photo": finished(190, 190)}, wide), 422, "input.invalid")
    assert time.monotonic() - begun < 5
    fewer = {**wide, "sheet_dpi": "300", "copies": "20"}  # 20 pages of 5.6 megapixels are 112, one credit more than 60
    key = create_key(server, "many sheets", 3)
    made = post(server, "sheets", {"photo": finished(190, 190)}, fewer, key)
    assert len(made.json()["files"]) == 20
    assert balance(server, key) == 2
    problem(
        post(server, "sheets", {"photo": finished(190, 190)}, fewer, create_key(server, "poor", 0)),
        429,
        "request.no-credits",
    )
    few = {**fewer, "copies": "10"}
    assert (
        post(server, "sheets", {"photo": finished(190, 190)}, few, create_key(server, "poorer", 0)).status_code == 200
    )
    assert (
        post(server, "sheets", {"photo": finished(35, 45)}, {"sheet": "10x15cm", "copies": "500"}, key).status_code
        == 200
    )
    problem(post(server, "sheets", {"photo": finished(20, 20, 60)}, {"sheet": "1200x1200mm"}), 422, "input.invalid")


def test_the_sheets_of_photos_are_limited_too(server, portrait):
    data = {"spec": "schengen-visa", "sheet": "200x200mm", "sheet_format": "jpeg", "sheet_dpi": "900", "copies": "500"}
    problem(post(server, "photos", {"photo": portrait}, data), 422, "input.invalid")


@pytest.mark.parametrize("copies", ["9" * 5000, "0" * 5000 + "1", "0000000011999"])
def test_numbers_of_thousands_of_digits_are_refused(server, copies):
    data = {"sheet": "10x15cm", "copies": copies}
    problem(post(server, "sheets", {"photo": finished(35, 45)}, data), 400, "request.invalid")


def test_a_number_of_thousands_of_digits_in_a_job_is_refused(server):
    data = {"sheet": "10x15cm", "spec": "schengen-visa", "copies": "9" * 5000}
    problem(post(server, "photos", {"photo": finished(35, 45)}, data), 422, "input.invalid")


def balance(server: Running, key: str) -> int:
    answer = httpx.get(f"{server.url}/api/common/query-credits", headers={KEY: key}).json()
    return int(answer["data"][0]["balance"])
