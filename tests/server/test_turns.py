"""Clients are served in turn, and none can take all places, all memory or all time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from idphoto.server.access import AccessControl
from idphoto.server.ledger import ApiKey
from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.settings import Settings
from idphoto.server.upload_memory import MAX_CLIENT_SHARE, UploadMemory
from idphoto.server.work.turns import QueueFull, Turns


async def take(turns: Turns[int], client: str, order: list[str]) -> None:
    try:
        await turns.get(client)
        order.append(client)
    except QueueFull:
        order.append(f"{client} refused")


def test_a_client_with_many_requests_waits_for_the_others():
    async def run() -> list[str]:
        turns: Turns[int] = Turns(10)
        order: list[str] = []
        clients = [*["greedy"] * 5, "first", "second", "first"]
        jobs = [asyncio.ensure_future(take(turns, client, order)) for client in clients]
        await asyncio.sleep(0)
        for item in range(len(clients)):
            turns.put(item)
            await asyncio.sleep(0.001)
        await asyncio.gather(*jobs)
        return order

    assert asyncio.run(run()) == ["greedy", "first", "second", "greedy", "first", "greedy", "greedy", "greedy"]


def test_a_full_queue_has_a_place_for_a_client_that_waits_for_less():
    async def run() -> list[str]:
        turns: Turns[int] = Turns(4)
        order: list[str] = []
        jobs = [asyncio.ensure_future(take(turns, client, order)) for client in [*["greedy"] * 4, "greedy", "modest"]]
        await asyncio.sleep(0.001)
        assert order == ["greedy refused", "greedy refused"]
        assert turns.has_room("another")
        assert not turns.has_room("greedy")
        assert turns.waiting_count == 4
        for item in range(4):
            turns.put(item)
        await asyncio.gather(*jobs)
        return order[2:]

    assert asyncio.run(run()) == ["greedy", "modest", "greedy", "greedy"]


def test_an_item_is_not_lost_with_a_request_that_is_cancelled():
    async def run() -> None:
        turns: Turns[int] = Turns(4)
        first, second = (asyncio.ensure_future(turns.get(client)) for client in ("a", "b"))
        await asyncio.sleep(0)
        turns.put(7)  # it goes to the first one
        first.cancel()
        assert await asyncio.wait_for(second, 1) == 7
        assert turns.waiting_count == 0

    asyncio.run(run())


def test_one_client_cannot_take_all_memory_of_uploads():
    memory = UploadMemory(1000)
    with memory.allocate("greedy") as first, memory.allocate("greedy") as second, memory.allocate("modest") as modest:
        first.grow(500)
        with pytest.raises(RequestRefused) as caught:
            second.grow(round(MAX_CLIENT_SHARE * 1000) - 499)
        assert caught.value.reason is RefusalReason.OVERLOADED
        modest.grow(250)
    assert memory.used == 0
    assert not memory.used_by


def test_work_that_fails_is_limited(monkeypatch):
    now = 0.0
    monkeypatch.setattr("idphoto.server.access.time.monotonic", lambda: now)
    access = AccessControl(Settings(failing_seconds=60), None)
    failing, other = (ApiKey(name, name, 0, None) for name in ("failing", "other"))
    access.count_failed_work(failing, 50.0)
    access.check_failed_work(failing)
    access.count_failed_work(failing, 30.0)
    with pytest.raises(RequestRefused) as caught:
        access.check_failed_work(failing)
    assert (caught.value.reason, caught.value.retry_after) == (RefusalReason.TOO_MANY_REQUESTS, 40)
    access.check_failed_work(other)
    now = 41.0
    access.check_failed_work(failing)
    now = 500.0
    access.check_failed_work(failing)
    assert not access._failed


def test_a_key_without_credits_is_refused_before_its_upload_is_read(server, portrait):
    import httpx

    from tests.server.serving import KEY, create_key

    key = create_key(server, "no credits at all", 0)
    received: list[int] = []

    def body() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
        for _ in range(200):
            received.append(1)
            yield bytes(100_000)

    headers = {
        KEY: key,
        "content-type": "multipart/form-data; boundary=x",
        "expect": "100-continue",
        "content-length": "20000000",
    }
    before = server.metric("idphoto_received_bytes_total")
    answer = httpx.post(f"{server.url}/v1/photos", headers=headers, content=body())
    assert answer.json()["code"] == "request.no-credits"
    assert server.metric("idphoto_received_bytes_total") == before
