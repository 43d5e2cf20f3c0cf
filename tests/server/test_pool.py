"""The pool of workers by itself: time limits, the queue, frames that make no sense."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from PIL import Image

from idphoto.server.refusals import RefusalReason, RequestRefused
from idphoto.server.settings import Settings
from idphoto.server.work import frames
from idphoto.server.work.pool import WorkerPool
from tests.server.conftest import jpeg

LIMITS = {"formats": ["jpeg"], "sides": [32, 2000], "pixel_cap": 4_000_000, "may_halve": False}
OPTIONS = {"limits": LIMITS, "job": {"form": "mask"}}


def with_pool(test: Callable[[WorkerPool, list[str]], Awaitable[None]], **settings: Any) -> None:
    events: list[str] = []

    async def run() -> None:
        pool = WorkerPool(Settings(workers=1, **settings), lambda event, **_: events.append(event))
        await pool.start()
        try:
            await until(lambda: pool.ready_count == 1)
            await test(pool, events)
        finally:
            await pool.stop()
        assert not pool.ready_count

    asyncio.run(run())


async def until(happened: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def worker(pool: WorkerPool) -> int:
    (process,) = pool._processes
    return process.pid


async def refused(job: Awaitable[Any]) -> RefusalReason:
    with pytest.raises(RequestRefused) as caught:
        await job
    return caught.value.reason


def test_work_that_takes_too_long_is_ended_and_its_worker_replaced(small):
    async def test(pool: WorkerPool, events: list[str]) -> None:
        first = worker(pool)
        os.kill(first, signal.SIGSTOP)
        begun = time.monotonic()
        assert await refused(pool.run("cutout", OPTIONS, [small], seconds=0.3)) is RefusalReason.TIMED_OUT
        assert time.monotonic() - begun < 5
        await until(lambda: pool.ready_count == 1 and worker(pool) != first)
        assert (await pool.run("cutout", OPTIONS, [small], seconds=60)).blobs[0].startswith(b"\x89PNG")
        assert events == ["worker-started", "worker-ended", "worker-started"]

    with_pool(test)


def test_who_waits_too_long_or_finds_the_queue_full_is_refused(small):
    async def test(pool: WorkerPool, _: list[str]) -> None:
        os.kill(worker(pool), signal.SIGSTOP)
        busy = asyncio.ensure_future(pool.run("cutout", OPTIONS, [small], seconds=60))
        await until(lambda: pool.running_count == 1)
        waiting = asyncio.ensure_future(pool.run("cutout", OPTIONS, [small], seconds=60))
        await until(lambda: pool.waiting_count == 1)
        begun = time.monotonic()
        with pytest.raises(RequestRefused) as caught:
            pool.check_room()
        assert caught.value.retry_after
        assert await refused(pool.run("cutout", OPTIONS, [small], seconds=60)) is RefusalReason.OVERLOADED
        assert time.monotonic() - begun < 0.3
        assert await refused(waiting) is RefusalReason.OVERLOADED
        assert pool.waiting_count == 0
        os.kill(worker(pool), signal.SIGCONT)
        assert (await busy).blobs

    with_pool(test, queue=1, queue_seconds=0.5)


def test_work_that_nobody_waits_for_any_more_frees_its_worker(small):
    async def test(pool: WorkerPool, events: list[str]) -> None:
        first = worker(pool)
        os.kill(first, signal.SIGSTOP)
        job = asyncio.ensure_future(pool.run("cutout", OPTIONS, [small], seconds=60))
        await until(lambda: pool.running_count == 1)
        job.cancel()
        os.kill(first, signal.SIGCONT)
        await until(lambda: pool.running_count == 0)
        # It was about to end: its worker is kept.
        assert (await pool.run("cutout", OPTIONS, [small], seconds=60)).blobs
        assert worker(pool) == first
        assert events == ["worker-started"]

    with_pool(test)


def test_a_fault_of_ours_costs_one_request_and_says_nothing_about_it(small):
    async def test(pool: WorkerPool, events: list[str]) -> None:
        assert await refused(pool.run("no-such-task", OPTIONS, [small], seconds=60)) is RefusalReason.FAILED
        assert (await pool.run("cutout", OPTIONS, [small], seconds=60)).timings["work"] > 0
        assert events == ["worker-started", "job-failed"]

    with_pool(test)


@pytest.mark.parametrize(
    ("head", "blobs"), [({}, []), ({"a": "ü" * 1000}, [b""]), ({"n": 1.5}, [b"x" * 100_000, b"", b"y"])]
)
def test_frames_go_round(head, blobs):
    async def run() -> frames.Frame:
        stream = asyncio.StreamReader()
        for piece in frames.pack_frame(head, blobs):
            stream.feed_data(piece)
        stream.feed_eof()
        return await frames.read_frame(stream)

    assert asyncio.run(run()) == (head, blobs)


def test_a_frame_that_promises_too_much_is_refused():
    async def run() -> None:
        stream = asyncio.StreamReader()
        stream.feed_data(b"\xff" * 64)
        await frames.read_frame(stream)

    with pytest.raises(ConnectionError):
        asyncio.run(run())


def test_a_job_that_needs_too_much_memory_is_refused_and_its_worker_replaced():
    wide = jpeg(Image.new("RGB", (6000, 5000), "grey"))
    limits = {"formats": ["jpeg"], "sides": [32, 8000], "pixel_cap": 60_000_000, "may_halve": True}

    async def test(pool: WorkerPool, events: list[str]) -> None:
        job = pool.run("cutout", {"limits": limits, "job": {"form": "mask"}}, [wide], seconds=60)
        assert await refused(job) is RefusalReason.TOO_MUCH_MEMORY
        await until(lambda: events == ["worker-started", "worker-replaced", "worker-started"])

    with_pool(test, job_memory_mb=60)


def test_a_job_that_computes_too_long_is_ended_by_the_kernel(small):
    async def test(pool: WorkerPool, events: list[str]) -> None:
        photos = {"limits": LIMITS, "job": {"spec": ["schengen-visa"] * 10, "pdf": True, "annotate": True}}
        job = pool.run("photos", photos, [small], seconds=120, cpu_seconds=1)
        assert await refused(job) is RefusalReason.TIMED_OUT
        assert events == ["worker-started"]
        await until(lambda: events == ["worker-started", "worker-lost", "worker-started"])
        assert (await pool.run("cutout", OPTIONS, [small], seconds=60)).blobs

    with_pool(test)


CONFINED = """
import os, socket, sys
from idphoto.server.work.confinement import confine_files, confine_network
ledger, port = sys.argv[1], int(sys.argv[2])
done = {"network": confine_network(), "files": confine_files()}
def attempt(name, call):
    try:
        call()
    except OSError as error:
        print(name, "refused")
    else:
        print(name, "allowed")
attempt("read", lambda: open(ledger).read())
attempt("write", lambda: open(ledger + ".new", "w"))
attempt("list", lambda: os.listdir(os.path.dirname(ledger)))
attempt("environment of the server", lambda: open(f"/proc/{os.getppid()}/environ").read())
attempt("passwords", lambda: open("/etc/shadow").read())
attempt("connect", lambda: socket.create_connection(("127.0.0.1", port), 2))
attempt("import", lambda: __import__("numpy"))
print(done["network"], done["files"])
"""


def test_a_worker_reaches_neither_files_nor_the_network(tmp_path):
    ledger = tmp_path / "ledger.db"
    ledger.write_text("credits")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-c", CONFINED, str(ledger), str(listening.getsockname()[1])]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    *attempts, kernel = out
    if "False" in kernel:
        pytest.skip(f"this kernel does not confine all: {kernel}")
    assert dict(line.rsplit(" ", 1) for line in attempts) == {
        "read": "refused",
        "write": "refused",
        "list": "refused",
        "environment of the server": "refused",
        "passwords": "refused",
        "connect": "refused",
        "import": "allowed",
    }
