"""What connections can take: headers, time, numbers, answers that nobody reads, and ends that are closed by half."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest
import uvicorn

from idphoto.server import connections
from tests.server.serving import KEY, Running, resident_bytes, wait_for

MAX_CONNECTIONS = 20
LARGE = bytes(32 * 2**20)


class Small:
    """A server in this process whose times are short, with routes that need no work."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        config = uvicorn.Config(
            self.answer,
            port=0,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            http=connections.make_protocol_class(MAX_CONNECTIONS),
            h11_max_incomplete_event_size=connections.MAX_HEADER_BYTES,
            backlog=connections.LISTEN_BACKLOG,
        )
        listening = config.bind_socket()
        connections.send_at_once(listening)
        self.address = ("127.0.0.1", listening.getsockname()[1])
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: self.server.run(sockets=[listening]), daemon=True)
        self.thread.start()
        wait_for(lambda: self.server.started, 20)

    async def answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            await receive()
            leaving = asyncio.ensure_future(receive())
            done, _ = await asyncio.wait([leaving], timeout=1)
            if done:
                self.cancelled.set()
            leaving.cancel()
        body = LARGE if scope["path"] == "/large" else b"ok"
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=10)

    def ask(self, path: str) -> socket.socket:
        connection = self.connect()
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        return connection


@pytest.fixture
def small(monkeypatch) -> Iterator[Small]:
    monkeypatch.setattr(connections, "HEADER_S", 0.5)
    monkeypatch.setattr(connections, "UNREAD_S", 0.5)
    monkeypatch.setattr(connections, "WATCH_INTERVAL_S", 0.1)
    running = Small()
    try:
        yield running
    finally:
        running.server.should_exit = running.server.force_exit = True
        running.thread.join(20)


def is_closed(connection: socket.socket) -> bool:
    """Return True once the other side has closed; what it sent is read."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def test_endless_headers_are_refused_and_take_no_memory(server: Running):
    before = resident_bytes(server.pid)
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n")
        with suppress(ConnectionError):  # the server closes before all of it is sent
            for _ in range(50):
                connection.sendall(b"x-long: " + b"a" * 2**20 + b"\r\n")
        answer = b""
        with suppress(ConnectionError):
            answer = connection.recv(65536)
    assert answer[:12] in (b"HTTP/1.1 400", b"")
    assert resident_bytes(server.pid) - before < 20 * 2**20


def test_headers_that_never_end_and_connections_that_say_nothing_are_closed(small):
    with small.connect() as silent, small.connect() as slow, small.ask("/slow") as working:
        slow.sendall(b"GET /fast HT")
        assert is_closed(silent)
        assert slow.recv(100).startswith(b"HTTP/1.1 408")
        assert working.recv(100).startswith(b"HTTP/1.1 200")  # a request in work is not closed


def test_silent_connections_make_room(small):
    with ExitStack() as stack:
        silent = [stack.enter_context(small.connect()) for _ in range(3 * MAX_CONNECTIONS)]
        with small.ask("/fast") as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert is_closed(silent[0])


def test_too_many_requests_are_refused(small):
    with ExitStack() as stack:
        working = [stack.enter_context(small.ask("/slow")) for _ in range(MAX_CONNECTIONS)]
        time.sleep(0.2)
        with small.connect() as another:
            assert another.recv(100).startswith(b"HTTP/1.1 503")
        assert all(connection.recv(100).startswith(b"HTTP/1.1 200") for connection in working)


def test_an_answer_that_is_not_read_is_dropped(small):
    with small.ask("/large") as connection:
        connection.recv(100)
        protocols = small.server.server_state.connections
        wait_for(lambda: not protocols, 10)


def test_an_answer_that_is_read_slowly_arrives(small, monkeypatch):
    monkeypatch.setattr(connections, "UNREAD_S", 2.0)
    with small.ask("/large") as connection:
        received = 0
        begun = time.monotonic()
        while received < len(LARGE):
            got = len(connection.recv(2**20))
            assert got
            received += got
            if time.monotonic() - begun < 4:
                time.sleep(0.1)


def test_a_client_that_closes_its_sending_half_gets_its_answer(small):
    with small.ask("/slow") as connection:
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(1000):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 102")
    assert b"HTTP/1.1 200" in answer
    assert answer.endswith(b"ok")
    assert not small.cancelled.is_set()


def test_a_client_that_has_gone_is_noticed(small):
    small.ask("/slow").close()
    assert small.cancelled.wait(5)


def test_small_answers_on_a_kept_connection_do_not_wait(server: Running):
    times = []
    with httpx.Client() as client:
        for _ in range(20):
            begun = time.perf_counter()
            client.get(f"{server.url}/v1/papers", headers={KEY: server.key})
            times.append(time.perf_counter() - begun)
    assert min(times[1:]) < 0.03  # 44 ms with the delays of Nagle's algorithm


def test_the_number_of_connections_fits_the_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        assert connections.raise_descriptor_limit(300) == 300
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 300 + connections.LISTEN_BACKLOG
        assert connections.raise_descriptor_limit(2 * hard) == hard - connections.OTHER_DESCRIPTORS
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
