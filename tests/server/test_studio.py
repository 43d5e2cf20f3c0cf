"""The requests of the studio page: sessions in memory, their limits, and the page's own headers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
import yaml

import idphoto
from idphoto import server as service
from idphoto.messages import catalogue
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.sessions import SessionStore
from tests.server.serving import KEY, create_key


def store(**changes) -> tuple[SessionStore, list[float]]:
    now = [0.0]
    options = {"max_count": 3, "max_bytes": 1000, "idle_seconds": 600, **changes}
    return SessionStore(**options, clock=lambda: now[0]), now


def refused(call, *arguments) -> RefusalReason:
    with pytest.raises(RequestRefused) as caught:
        call(*arguments)
    return caught.value.reason


def test_a_session_ends_after_its_idle_time_and_not_before():
    sessions, now = store()
    token = sessions.open(b"photo", "", {}, [])
    for _ in range(5):
        now[0] += 599
        assert sessions.find(token, "").photo == b"photo"
    now[0] += 601
    assert refused(sessions.find, token, "") is RefusalReason.NO_SESSION
    assert sessions.used_bytes == 0


def test_a_session_belongs_to_the_key_that_opened_it():
    sessions, _ = store()
    token = sessions.open(b"photo", "alice", {}, [])
    assert refused(sessions.find, token, "bob") is RefusalReason.NO_SESSION
    assert refused(sessions.find, token[:-1], "alice") is RefusalReason.NO_SESSION
    assert len(token) >= 43


def test_the_least_used_sessions_make_room():
    sessions, now = store()
    tokens = []
    for _ in range(3):
        now[0] += 1
        tokens.append(sessions.open(b"x" * 300, "", {}, [b"y" * 20]))
    now[0] += 1
    sessions.find(tokens[0], "")
    tokens.append(sessions.open(b"x" * 300, "", {}, []))
    assert refused(sessions.find, tokens[1], "") is RefusalReason.NO_SESSION
    assert sessions.count == 3
    sessions.open(b"x" * 900, "", {}, [])
    assert sessions.used_bytes <= 1000
    assert refused(sessions.open, b"x" * 1001, "", {}, []) is RefusalReason.TOO_MANY_PIXELS


def open_photo(server, photo: bytes, key: str) -> dict:
    answer = httpx.post(f"{server.url}/studio/sessions", files={"photo": photo}, headers={KEY: key}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def send_job(server, token: str, job: dict, key: str, name: str = "photos", **files) -> httpx.Response:
    return httpx.post(
        f"{server.url}/studio/sessions/{token}/{name}",
        files={"job": (None, json.dumps(job)), **files},
        headers={KEY: key},
        timeout=60,
    )


def test_a_photo_is_paid_once_made_often_and_forgotten(server, portrait):
    key = create_key(server, "studio", 1)
    opened = open_photo(server, portrait, key)
    for spec in ("us-visa-digital", "cn-1inch"):
        made = send_job(server, opened["token"], {"spec": [spec]}, key).json()
        assert made["report"]["spec"] == spec
        suffixes = [file["suffix"] for file in made["files"]]
        assert suffixes == [".jpg"]
    assert server.metric("idphoto_studio_bytes_held") > len(portrait)
    assert httpx.post(f"{server.url}/studio/sessions", files={"photo": portrait}, headers={KEY: key}).status_code == 429
    assert httpx.post(f"{server.url}/studio/sessions/{opened['token']}/end").status_code == 204
    assert send_job(server, opened["token"], {"spec": ["cn-1inch"]}, key).json()["code"] == "request.no-session"
    assert server.metric("idphoto_studio_bytes_held") == 0


def test_a_made_photo_is_that_of_the_library(server, sample):
    opened = open_photo(server, sample.read_bytes(), server.key)
    job = {"spec": ["schengen-visa"], "language": "de"}
    made = send_job(server, opened["token"], job, server.key).json()
    expected = idphoto.make(sample, job["spec"][0], language="de")
    assert made["report"]["files"][0]["sha256"] == expected.report.files[0].sha256
    assert [line["label"] for line in made["overlay"]["marks"]]
    assert idphoto.Job.model_validate(yaml.safe_load(made["job"])).spec == tuple(job["spec"])


@pytest.mark.parametrize(
    ("job", "code"),
    [
        ({"spec": ["no-such-document"]}, "spec.unknown"),
        ({"spec": []}, "request.missing"),
        ({"spec": ["cn-1inch"], "mask": "/etc/passwd"}, "input"),
        ({"spec": ["cn-1inch"], "background": "/etc/passwd"}, "input"),
    ],
)
def test_a_job_that_may_not_be_sent_is_refused(server, portrait, job, code):
    opened = open_photo(server, portrait, server.key)
    assert send_job(server, opened["token"], job, server.key).json()["code"].startswith(code)


def test_a_size_of_ones_own_has_a_card_and_is_made(server, portrait):
    job = {"size": "40x60mm", "kb": "40", "background": "blue"}
    sent = {"files": {"job": (None, json.dumps(job))}, "headers": {KEY: server.key}}
    card = httpx.post(f"{server.url}/studio/sizes", **sent).json()
    assert card["mm"] == [40, 60] and card["may_paint"]
    made = send_job(server, open_photo(server, portrait, server.key)["token"], job, server.key).json()
    assert made["files"][0]["bytes"] <= 40_000
    assert made["overlay"]["size"][1] / made["overlay"]["size"][0] == pytest.approx(1.5, abs=0.01)


def test_the_page_needs_no_key_and_its_requests_do(server):
    page = httpx.get(server.url)
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "'unsafe" not in policy and "default-src 'none'" in policy
    assert "style=" not in page.text and "onclick" not in page.text
    assert httpx.get(f"{server.url}/page/main.js").headers["content-type"].startswith("text/javascript")
    assert httpx.get(f"{server.url}/page/..%2Fapp.py").status_code == 404
    tag = page.headers["etag"]
    assert httpx.get(server.url, headers={"if-none-match": tag}).status_code == 304
    assert httpx.get(f"{server.url}/studio/start?lang=xx,ar").json()["rtl"] is True
    assert httpx.get(f"{server.url}/studio/documents?query=usa").status_code == 401


def test_every_text_that_the_page_names_is_in_the_catalogue(server):
    scripts = "".join(path.read_text() for path in (Path(service.__file__).parent / "page").glob("*.js"))
    known = set(httpx.get(f"{server.url}/studio/start").json()["words"])
    named = set(re.findall(r'\bt\(\s*"([a-z0-9-]+)"', scripts))
    beginnings = set(re.findall(r"\bt\(`([a-z-]+-)\$\{", scripts))
    assert named <= known, named - known
    assert all(any(name.startswith(begin) for name in known) for begin in beginnings)
    quoted = set(re.findall(r'"([a-z0-9-]+)"', scripts))
    home = Path(service.__file__).parent
    dynamic = (*beginnings, *re.findall(r'page\[f"([a-z-]+-)\{', (home / "studio" / "documents.py").read_text()))
    unused = {name for name in catalogue().page if name not in quoted and not name.startswith(dynamic)}
    assert not unused
