"""Uploads never touch a disk, a log or a cache: the kernel is asked which files a server opens."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.server.serving import KEY, Running, create_key, serving, wait_for

PORTRAIT = "/api/cutout/portrait/portrait-background-removal"
CALLS = (
    "open,openat,openat2,creat,memfd_create,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,rename,renameat2,truncate"
)
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|O_TRUNC")
SECRET = "the-name-of-a-very-private-holiday"


@contextmanager
def traced(pids: list[int], file: Path) -> Iterator[None]:
    """Have every file noted that some processes, their threads and children open."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    attached = [word for pid in pids for word in ("-p", str(pid))]
    tracer = subprocess.Popen(
        ["strace", "-f", "-q", "-s", "300", "-e", f"trace={CALLS}", "-o", file, *attached], stderr=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + 120
        while not all(_tracer_of(pid) == tracer.pid for pid in pids):
            if tracer.poll() is not None:
                assert tracer.stderr is not None
                pytest.skip(f"strace may not be used here: {tracer.stderr.read().decode()}")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=120)


def _tracer_of(pid: int) -> int:
    return int(re.search(r"TracerPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])  # type: ignore[index]


def written(trace: Path) -> list[str]:
    """Files that were opened for writing, made or renamed; devices, pipes and the kernel's own files left out."""
    found = []
    for line in trace.read_text(errors="replace").splitlines():
        call = re.match(r"\d+\s+(\w+)\((.*)", line)
        if call is None or (call[1].startswith("open") and not WRITING.search(call[2])):
            continue
        name = re.search(r'"([^"]*)"', call[2])
        path = name[1] if name else call[0]
        if not path.startswith(("/dev/null", "/proc/", "/sys/")):
            found.append(path)
    return found


def post(server: Running, image: bytes, query: str) -> int:
    files = {"image": (f"{SECRET}.jpg", image)}
    return httpx.post(
        server.url + PORTRAIT + query, headers={KEY: server.key}, files=files, data={"note": SECRET}, timeout=300
    ).status_code


def test_a_hundred_uploads_touch_no_disk_and_no_log(tmp_path, small, monkeypatch):
    spare = tmp_path / "tmp"
    spare.mkdir()
    monkeypatch.setenv("TMPDIR", str(spare))
    # Most are far above the megabyte at which frameworks begin to spool; some are refused, at every stage.
    large = small + bytes(2_500_000)
    requests = [(large, ""), (large, "?response=base64"), (small, ""), (large + bytes(2**20), "")] * 25
    with serving(tmp_path, upload_memory_mb="64") as server:
        trace = tmp_path / "trace"
        with traced([server.pid, *server.workers()], trace), ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda sent: post(server, *sent), requests))
        assert statuses == [200, 200, 200, 413] * 25
        paths = written(trace)
        results = [path for path in paths if "/data/results/" in path]
        ledger = [path for path in paths if re.search(r"/data/ledger\.db(-wal|-shm|-journal)?$", path)]
        assert len({path for path in results if path.endswith(".png")}) == 50  # one for each address that was given
        assert set(paths) == {*results, *ledger}
        assert list(spare.iterdir()) == []
        assert SECRET not in server.log_file.read_text()
        for path in Path(server.settings["data"]).glob("ledger*"):
            assert SECRET.encode() not in path.read_bytes()


def test_the_watcher_sees_what_it_looks_for(tmp_path):
    """A spooled upload, a temporary file and a memory file would all have been seen."""
    trace = tmp_path / "trace"
    code = (
        "import os, sys, tempfile; sys.stdin.readline(); file = tempfile.SpooledTemporaryFile(10);"
        "file.write(bytes(11)); tempfile.mkstemp(); os.memfd_create('x')"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    with traced([child.pid], trace):
        child.communicate(b"\n")
    assert len(written(trace)) >= 3


def test_the_log_has_ids_sizes_and_timings_and_nothing_else(server, small):
    answer = httpx.post(
        f"{server.url}{PORTRAIT}?response=base64&x={SECRET}",
        headers={KEY: server.key, "user-agent": SECRET, "x-forwarded-for": SECRET},
        files={"image": (f"{SECRET}.jpg", small, f"image/{SECRET}"), SECRET: (SECRET, b"x")},
        data={"return_form": SECRET},
    )
    assert answer.status_code == 400
    httpx.get(f"{server.url}/api/{SECRET}")
    httpx.get(f"{server.url}/results/{SECRET}")
    done = httpx.post(server.url + PORTRAIT, headers={KEY: server.key}, files={"image": small})
    result = done.json()["data"]["image_url"].rpartition("/")[2]
    httpx.get(f"{server.url}/results/{result}")

    def line() -> dict[str, object]:
        return next((line for line in server.log() if line.get("request_id") == done.json()["request_id"]), {})

    wait_for(line)
    assert set(line()) == {
        "event", "level", "timestamp", "request_id", "method", "route", "status", "ms", "bytes_in", "bytes_out",
        "timings", "key",
    }  # fmt: skip
    text = server.log_file.read_text()
    for secret in (SECRET, server.key, server.key.split("_", 2)[2], result):
        assert secret not in text


def test_memory_of_uploads_is_bounded(strict, small):
    """Two uploads whose second halves never come, of different keys, and no room for both."""
    address = urlsplit(strict.url)
    first, second = create_key(strict, "first", 5), create_key(strict, "second", 5)
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + small + bytes(2_500_000)
    with socket.create_connection((address.hostname, address.port)) as link:
        head = (
            f"POST {PORTRAIT} HTTP/1.1\r\nhost: x\r\n{KEY}: {first}\r\n"
            "content-type: multipart/form-data; boundary=x\r\ncontent-length: 2900000\r\n\r\n"
        )
        link.sendall(head.encode() + body)
        wait_for(lambda: strict.metric("idphoto_upload_bytes_held") > 2_400_000, 5)
        files = {"image": small + bytes(2_500_000)}
        answer = httpx.post(strict.url + PORTRAIT, headers={KEY: second}, files=files, timeout=300)
        assert answer.status_code == 503
        assert answer.json()["error_detail"]["code"] == "ERROR_INSUFFICIENT_RESOURCES"
        assert int(answer.headers["retry-after"]) > 0
    wait_for(lambda: strict.metric("idphoto_upload_bytes_held") == 0)
