"""Success costs, failure never does: over HTTP, with hang-ups and crashes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from idphoto.server.ledger import CreditStore, KeyStore, open_database
from tests.server.serving import KEY, Running, create_key, launch, serving, wait_for

PORTRAIT = "/api/cutout/portrait/portrait-background-removal"
CRASHES = int(os.environ.get("IDPHOTO_CRASHES", "1"))  # 20 and more are for a quiet evening

RESULT = re.compile(r"[0-9]+-[A-Za-z0-9_-]{43}\.png")


async def post_all(server: Running, key: str, image: bytes, count: int) -> list[httpx.Response | Exception]:
    """Send many requests at the same time."""
    async with httpx.AsyncClient(
        base_url=server.url, headers={KEY: key}, timeout=300, limits=httpx.Limits(max_connections=None)
    ) as client:
        sent = [client.post(PORTRAIT, files={"image": ("image.jpg", image)}) for _ in range(count)]
        return await asyncio.gather(*sent, return_exceptions=True)


def ledger_of(server: Running) -> tuple[KeyStore, CreditStore]:
    settings = server.settings
    engine = open_database(settings.get("database") or f"sqlite:///{settings['data']}/ledger.db")
    return KeyStore(engine), CreditStore(engine, "test")


def close(keys: KeyStore) -> None:
    keys.engine.dispose()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hundred_parallel_requests_on_fifty_credits(request, tmp_path, small, database):
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
    settings = {"database": url} if url else {}
    with serving(tmp_path, queue="300", at_once="300", queue_seconds="120", amount=0, **settings) as server:
        key = create_key(server, "two hundred", 50)
        answers = asyncio.run(post_all(server, key, small, 200))
        codes = Counter(answer.json()["error_code_str"] for answer in answers if isinstance(answer, httpx.Response))
        assert codes == {"": 50, "ERROR_NOT_ENOUGH_CREDITS": 150}
        keys, credits_ = ledger_of(server)
        (account,) = next(accounts for named, accounts in keys.list_all() if named.name == "two hundred")
        assert account.balance == 0
        assert credits_.find_discrepancies() == []
        close(keys)
        assert server.metric("idphoto_credits_spent_total", capability="portrait") == 50


def test_a_client_that_hangs_up_pays_nothing_and_frees_the_worker(server, small):
    key = create_key(server, "impatient", 5)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    try:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(server.url + PORTRAIT, headers={KEY: key}, files={"image": small}, timeout=0.3)
        credits_url = f"{server.url}/api/common/query-credits"
        wait_for(lambda: httpx.get(credits_url, headers={KEY: key}).json()["data"][0]["balance"] == 5)
        wait_for(lambda: server.metric("idphoto_jobs_running") == 0)
    finally:
        os.kill(worker, signal.SIGCONT)
    # The line that the log has about it names no success.
    wait_for(lambda: any(line.get("status") == 499 for line in server.log()))
    assert httpx.post(server.url + PORTRAIT, headers={KEY: key}, files={"image": small}, timeout=300).status_code == 200


def test_a_worker_whose_client_has_left_is_replaced_if_it_does_not_come_back(tmp_path, small):
    with serving(tmp_path) as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGSTOP)

        def replaced() -> bool:
            """Ask once more: on a busy machine a client may have left before the worker was asked at all."""
            with suppress(httpx.ReadTimeout):
                httpx.post(server.url + PORTRAIT, headers={KEY: server.key}, files={"image": small}, timeout=0.3)
            return server.workers() not in ([worker], [])

        wait_for(replaced)
        answer = httpx.post(server.url + PORTRAIT, headers={KEY: server.key}, files={"image": small}, timeout=300)
        assert answer.status_code == 200
        assert server.metric("idphoto_worker_events_total", event="worker-ended") == 1


def stored(server: Running) -> list[Path]:
    return [path for path in Path(server.settings["data"], "results").rglob("*") if path.is_file()]


def test_a_killed_server_leaves_a_ledger_that_adds_up_and_nothing_behind(tmp_path, small, monkeypatch):
    """Killed in the middle of 50 requests, again and again."""
    spare = tmp_path / "tmp"
    spare.mkdir()
    monkeypatch.setenv("TMPDIR", str(spare))
    settings: dict[str, Any] = {"queue": "100", "at_once": "100", "workers": "2"}
    server = launch(tmp_path, **settings)
    key = create_key(server, "crashing", 100_000)
    successes = held = 0
    try:
        for crash in range(CRASHES):
            if crash:
                server = launch(tmp_path, **settings)

            async def crash_amid(server: Running = server, crash: int = crash) -> list[Any]:
                sent = asyncio.ensure_future(post_all(server, key, small, 50))
                answered = 5 + 7 * (crash % 6)
                while await asyncio.to_thread(_settled, server) < answered:
                    await asyncio.sleep(0.01)
                workers = server.workers()
                server.kill()
                wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
                return await sent

            answers = asyncio.run(crash_amid())
            successes += sum(isinstance(answer, httpx.Response) and answer.status_code == 200 for answer in answers)
            assert any(isinstance(answer, httpx.TransportError) for answer in answers)
            keys, credits_ = ledger_of(server)
            assert credits_.find_discrepancies() == []
            held += bool(credits_.list_reserving_servers())
            close(keys)
        server = launch(tmp_path, **settings)
        keys, credits_ = ledger_of(server)
        assert credits_.list_reserving_servers() == set()
        assert credits_.find_discrepancies() == []
        ((_, (account,)),) = keys.list_all()
        spent = account.total - account.balance
        close(keys)
        # What was answered was paid, but for at most what the crash caught between answer and settlement; and nothing
        # was paid that was not made.
        assert successes - 5 * CRASHES <= spent <= len(stored(server))
        assert held, "no crash met a held reservation; the test tests nothing"
        assert all(RESULT.fullmatch(path.name) for path in stored(server))
        assert list(spare.rglob("*")) == []
        assert {path.name for path in Path(settings.get("data", server.settings["data"])).iterdir()} <= {
            "ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.server", "results",
        }  # fmt: skip
    finally:
        server.kill()


def _settled(server: Running) -> float:
    return server.metric("idphoto_credits_spent_total", capability="portrait")


def test_a_stopping_server_finishes_what_runs(tmp_path, portrait):
    with serving(tmp_path) as server:

        async def stop_amid() -> list[Any]:
            sent = asyncio.ensure_future(post_all(server, server.key, portrait, 4))
            while not await asyncio.to_thread(server.metric, "idphoto_queue_depth"):
                await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
            return await sent

        answers = asyncio.run(stop_amid())
        assert [answer.status_code for answer in answers] == [200] * 4
        assert server.process.wait(120) in (0, -signal.SIGTERM)  # uvicorn ends by the signal it was sent
        keys, credits_ = ledger_of(server)
        assert credits_.list_reserving_servers() == set()
        ((_, (account,)),) = keys.list_all()
        assert account.balance == account.total - 4
        close(keys)
