"""Results given as addresses: for a day, at addresses that nobody can guess, here and on S3."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from idphoto.errors import InputError
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.results import ResultStore
from idphoto.server.settings import MAX_RESULT_SECONDS, Settings
from tests.server.serving import KEY, Running, create_key, launch, serving, wait_for

PORTRAIT = "/api/cutout/portrait/portrait-background-removal"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Address of a bucket on a local S3."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket="idphoto")
        yield "s3://idphoto/results"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return request.getfixturevalue("s3") if request.param == "s3" else f"file://{tmp_path}/results"


def refused(results: ResultStore, name: str) -> RefusalReason:
    with pytest.raises(RequestRefused) as caught:
        results.open(name)
    return caught.value.reason


def read(results: ResultStore, name: str) -> bytes:
    return b"".join(results.open(name).chunks)


def test_what_is_stored_is_handed_out_and_ends_by_itself(address):
    results = ResultStore(address, 2)
    data = os.urandom(600_000)  # several chunks
    link = results.save(data, "png")
    assert read(results, link.name) == data
    stored = results.open(link.name)
    assert (stored.media_type, stored.length, stored.expires_at) == ("image/png", len(data), link.expires_at)
    stored.chunks.close()
    assert results.delete_expired() == 0
    wait_for(lambda: time.time() > link.expires_at)
    assert refused(results, link.name) is RefusalReason.EXPIRED
    assert results.delete_expired() == 1
    assert results.delete_expired() == 0
    assert refused(results, link.name) is RefusalReason.EXPIRED


def test_another_server_deletes_what_a_dead_one_left(address):
    link = ResultStore(address, 1).save(b"x", "png")
    kept = ResultStore(address, 100).save(b"y", "jpg")
    wait_for(lambda: time.time() > link.expires_at)
    other = ResultStore(address, 100)
    assert other.delete_expired() == 1
    assert read(other, kept.name) == b"y"


def test_a_moved_end_leads_nowhere(address):
    results = ResultStore(address, 50)
    link = results.save(b"x", "png")
    prolonged = f"{link.expires_at + 1000}{link.name[10:]}"
    assert refused(results, prolonged) is RefusalReason.NO_RESULT


def test_a_clock_that_is_set_back_prolongs_by_no_more_than_that(tmp_path, monkeypatch):
    results = ResultStore(f"file://{tmp_path}", 50)
    link = results.save(b"x", "png")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 51)
    assert refused(results, link.name) is RefusalReason.EXPIRED
    assert results.delete_expired() == 1


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../ledger.db", "%2e%2e", "1795372829-x.png", f"99999999999-{'A' * 43}.exe",
        f"99999999999-{'A' * 42}/.png", f"99999999999-{'A' * 43}.png\n", f"x99999999999-{'A' * 43}.png",
    ],
)  # fmt: skip
def test_no_other_name_is_looked_up(tmp_path, name):
    assert refused(ResultStore(f"file://{tmp_path}", 50), name) is RefusalReason.NO_RESULT


def test_addresses_cannot_be_guessed(tmp_path):
    results = ResultStore(f"file://{tmp_path}", 50)
    secrets_ = {results.save(b"", "png").name.partition("-")[2].removesuffix(".png") for _ in range(200)}
    assert len(secrets_) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in secrets_)  # 43 signs of 6 bits: 258 >= 128
    # Every sign takes every value: nothing of it is a counter or a clock.
    for place in range(42):
        assert len({secret[place] for secret in secrets_}) > 40


def test_empty_hours_go_away(tmp_path, monkeypatch):
    results = ResultStore(f"file://{tmp_path}", 50)
    results.save(b"x", "png")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3 * 3600)
    results.delete_expired()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_is_left_alone(tmp_path, monkeypatch):
    results = ResultStore(f"file://{tmp_path}", 50)
    (tmp_path / "1").mkdir()
    mine = [tmp_path / "notes.txt", tmp_path / "1" / "notes.txt"]
    for path in mine:
        path.write_text("mine")
    assert results.delete_expired() == 0
    assert all(path.exists() for path in mine)


def test_a_bucket_that_is_not_there_is_refused_at_once(s3):
    with pytest.raises(InputError, match="cannot be opened"):
        ResultStore("s3://no-such-bucket-of-mine/results", 50)


def test_nobody_can_set_more_than_a_day():
    assert Settings().result_seconds == MAX_RESULT_SECONDS == 24 * 60 * 60
    with pytest.raises(ValueError, match="less than or equal to 86400"):
        Settings(result_seconds=MAX_RESULT_SECONDS + 1)


def post(server: Running, image: bytes, query: str = "", **headers: str) -> httpx.Response:
    return httpx.post(
        server.url + PORTRAIT + query, headers={KEY: server.key, **headers}, files={"image": image}, timeout=300
    )


def files(server: Running) -> list[Path]:
    return [path for path in Path(server.settings["data"], "results").rglob("*.*") if path.is_file()]


def test_over_http_they_end_with_410_and_are_deleted_also_after_a_crash(tmp_path, small):
    with serving(tmp_path, result_seconds="3") as server:
        address = post(server, small).json()["data"]["image_url"]
        first = httpx.get(address)
        assert first.status_code == 200
        assert first.headers["cache-control"] == "private, no-store"
        head = httpx.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(first.content))
        assert len(files(server)) == 1
        wait_for(lambda: httpx.get(address).status_code == 410)
        assert httpx.get(address).json()["error_detail"]["code"] == "ERROR_RESOURCE_RECLAIMED"
        wait_for(lambda: not files(server))
        left = post(server, small).json()["data"]["image_url"].rpartition("/")[2]
        server.kill()
        assert len(files(server)) == 1
        time.sleep(3)
        again = launch(tmp_path, **server.settings)
        try:
            wait_for(lambda: not files(again))
            assert httpx.get(f"{again.url}/results/{left}").status_code == 410
        finally:
            again.kill()


@pytest.mark.parametrize(
    ("query", "headers"), [("?response=base64", {}), ("", {"accept": "application/json;response=base64"})]
)
def test_base64_is_stored_nowhere(server, small, query, headers):
    from base64 import b64decode

    before = set(files(server))
    answer = post(server, small, query, **headers).json()
    assert b64decode(answer["data"]["image_base64"]).startswith(b"\x89PNG")
    assert "image_url" not in answer["data"]
    assert set(files(server)) == before


def test_an_unknown_wish_is_refused(server, small):
    answer = post(server, small, "?response=carrier-pigeon")
    assert answer.json()["error_detail"]["code"] == "UNSUPPORTED_PARAMETER_VALUES"


def test_two_servers_share_keys_and_results(tmp_path, small, s3, postgres_url):
    """As behind a balancer: PostgreSQL for the ledger, S3 for results."""
    shared = {
        "database": postgres_url,
        "store": s3,
        "result_seconds": "5",
    }  # which is also how often servers look around
    one, other = launch(tmp_path / "one", **shared), launch(tmp_path / "other", **shared)
    try:
        one.key = other.key = create_key(one, "balanced", 5)
        answer = post(one, small)
        assert answer.status_code == 200, answer.text
        name = answer.json()["data"]["image_url"].rpartition("/")[2]
        got = httpx.get(f"{other.url}/results/{name}")
        assert got.status_code == 200
        assert got.content.startswith(b"\x89PNG")
        wait_for(lambda: other.balance() == 4)
        # One dies with a picture in its hands; the other gives the credits back.
        (worker,) = one.workers()
        os.kill(worker, signal.SIGSTOP)
        with ThreadPoolExecutor() as pool:
            sent = pool.submit(post, one, small)
            wait_for(lambda: other.balance() == 3)
            one.kill()
            os.kill(worker, signal.SIGKILL)
            assert isinstance(sent.exception(), httpx.TransportError)
        wait_for(lambda: other.balance() == 4)
    finally:
        one.kill()
        other.kill()
    assert not Path(one.settings["data"], "results").exists()
