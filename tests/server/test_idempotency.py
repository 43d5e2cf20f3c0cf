"""A request that is sent again with its Idempotency-Key is answered once more, and worked on and paid once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from typing import Any

import httpx
import pytest

from tests.server.serving import KEY, Running, create_key, launch, serving, wait_for

PORTRAIT = "/api/cutout/portrait/portrait-background-removal"


def send(server: Running, path: str, image: bytes, name: str, key: str = "", **more: Any) -> httpx.Response:
    headers = {KEY: key or server.key, "idempotency-key": name, **more.pop("headers", {})}
    field = "image" if path.startswith("/api") else "photo"
    return httpx.post(server.url + path, headers=headers, files={field: image}, timeout=300, **more)


@pytest.mark.parametrize(
    ("path", "data", "accept"),
    [
        (PORTRAIT, {}, "*/*"),
        (f"{PORTRAIT}?response=base64", {}, "*/*"),
        ("/v1/cutouts", {"form": "white"}, "image/jpeg"),
        ("/v1/photos", {"spec": "schengen-visa"}, "application/zip"),
    ],
)
def test_the_answer_is_the_same_and_paid_once(server, portrait, path, data, accept):
    key = create_key(server, f"again {path} {accept}", 10)
    first, second = (
        send(server, path, portrait, "order-1", key, data=data, headers={"accept": accept}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert first.headers["content-type"] == second.headers["content-type"]
    assert first.headers.get("content-disposition") == second.headers.get("content-disposition")
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert balance(server, key) == 9


def test_a_key_belongs_to_one_request_of_one_api_key(server, small, portrait):
    key = create_key(server, "mixed up", 10)
    assert send(server, "/v1/cutouts", portrait, "mixed", key).status_code == 200
    for image, data in ((small, {}), (portrait, {"form": "white"})):
        answer = send(server, "/v1/cutouts", image, "mixed", key, data=data)
        assert (answer.status_code, answer.json()["code"]) == (422, "request.key-reused")
    assert send(server, "/v1/cutouts", portrait, "mixed").headers.get("idempotency-replayed") is None
    assert send(server, "/v1/cutouts", portrait, "with spaces in it", key).status_code == 400


def test_a_failure_is_not_kept(server, nobody):
    key = create_key(server, "fails", 10)
    for _ in range(2):
        answer = send(server, "/v1/cutouts", nobody, "failing", key)
        assert answer.status_code == 422
        assert "idempotency-replayed" not in answer.headers
    assert balance(server, key) == 10


def test_a_lost_answer_is_paid_once_and_had_again(server, portrait):
    key = create_key(server, "loses", 10)

    async def lose() -> None:
        async with httpx.AsyncClient(timeout=300) as client:
            headers = {KEY: key, "idempotency-key": "lost"}
            sent = asyncio.ensure_future(
                client.post(f"{server.url}/v1/cutouts", headers=headers, files={"photo": portrait})
            )
            while not await asyncio.to_thread(server.metric, "idphoto_jobs_running"):
                await asyncio.sleep(0.01)
            again = await asyncio.to_thread(send, server, "/v1/cutouts", portrait, "lost", key)
            assert (again.status_code, again.json()["code"]) == (409, "request.still-running")
            assert again.headers["retry-after"]
            await sent

    asyncio.run(lose())
    assert send(server, "/v1/cutouts", portrait, "lost", key).headers["idempotency-replayed"] == "true"
    assert balance(server, key) == 9


def test_a_request_that_died_with_its_server_can_be_sent_again(tmp_path, portrait):
    with serving(tmp_path) as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGSTOP)
        with pytest.raises(httpx.HTTPError):
            httpx.post(
                f"{server.url}/v1/cutouts",
                headers={KEY: server.key, "idempotency-key": "died"},
                files={"photo": portrait},
                timeout=httpx.Timeout(5, read=1.5),
            )
        key = server.key
        server.kill()
        os.kill(worker, signal.SIGKILL)
    server = launch(tmp_path, **server.settings)
    try:
        answer = send(server, "/v1/cutouts", portrait, "died", key)
        assert answer.status_code == 200
        assert "idempotency-replayed" not in answer.headers
    finally:
        server.kill()


def test_credits_that_could_not_be_booked_are_booked_by_the_next_clean_up(tmp_path, portrait):
    with serving(tmp_path, amount=10, result_seconds="2") as server:
        ledger = sqlite3.connect(tmp_path / "data/ledger.db", isolation_level=None)
        # The disk of a full ledger refuses writes; here the database refuses those that close a reservation.
        ledger.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON spends BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        headers = {KEY: server.key}
        made = httpx.post(f"{server.url}/v1/cutouts", headers=headers, files={"photo": portrait}, timeout=300)
        failed = httpx.post(f"{server.url}/v1/cutouts", headers=headers, files={"photo": b"BM junk"}, timeout=300)
        assert (made.status_code, failed.status_code) == (200, 422)
        assert server.balance() == 8
        ledger.execute("DROP TRIGGER full")
        ledger.close()
        wait_for(lambda: server.balance() == 9, 60)


def balance(server: Running, key: str) -> int:
    answer = httpx.get(f"{server.url}/api/common/query-credits", headers={KEY: key}).json()
    return int(answer["data"][0]["balance"])
