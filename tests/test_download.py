"""Fetch by hash from a test server that can be slow or broken, or can send other bytes."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from idphoto.backends.download import compute_sha256, fetch_file
from idphoto.errors import FetchFailed

CONTENT = bytes(range(256)) * 4000
SHA = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """A test server: its content, its faults, and the requests that it got."""

    content: bytes = CONTENT
    breaks_after: int | None = None
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server():
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.end_headers()
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            if state.status != 200:
                self.send_error(state.status)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}")
            self.send_header("Content-Length", str(len(state.content) - start))
            self.end_headers()
            end = len(state.content) if state.breaks_after is None else start + state.breaks_after
            self.wfile.write(state.content[start:end])
            self.close_connection = True

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}/file"
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_file_is_fetched_and_verified(server, tmp_path):
    told = []
    target = fetch_file(
        server.url, tmp_path / "new/net.onnx", SHA, len(CONTENT), lambda done, size: told.append((done, size))
    )
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in target.parent.iterdir()] == ["net.onnx"]


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    (tmp_path / "net").write_bytes(CONTENT)
    fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT))
    assert server.asked == []


def test_a_damaged_file_is_replaced(server, tmp_path):
    (tmp_path / "net").write_bytes(CONTENT[:-1] + b"!")
    assert compute_sha256(fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT))) == SHA


def test_an_interrupted_download_goes_on(server, tmp_path):
    server.breaks_after = 300_000
    with pytest.raises(FetchFailed, match="same command again"):
        fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT))
    assert not (tmp_path / "net").exists()
    server.breaks_after = None
    assert fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT)).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-"]


def test_a_server_without_ranges_sends_all_again(server, tmp_path):
    (tmp_path / "net.part").write_bytes(CONTENT[:1000])
    server.ranges = False
    assert fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT)).read_bytes() == CONTENT


def test_a_damaged_part_is_thrown_away(server, tmp_path):
    (tmp_path / "net.part").write_bytes(b"?" * 1000)
    assert fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT)).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-", None]


def test_a_whole_part_is_only_verified(server, tmp_path):
    (tmp_path / "net.part").write_bytes(CONTENT)
    assert fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT)).read_bytes() == CONTENT
    assert server.asked == []


def test_another_file_is_refused_and_nothing_kept(server, tmp_path):
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(FetchFailed, match="SHA-256"):
        fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_sends_too_much_is_cut_off(server, tmp_path):
    server.content = CONTENT * 2
    with pytest.raises(FetchFailed, match="larger"):
        fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_refusals_are_told(server, tmp_path, status):
    server.status = status
    with pytest.raises(FetchFailed, match="could not be fetched"):
        fetch_file(server.url, tmp_path / "net", SHA, len(CONTENT))


def test_redirections_are_followed(server, tmp_path):
    fetch_file(server.url.replace("/file", "/moved"), tmp_path / "net", SHA, len(CONTENT))
    assert compute_sha256(tmp_path / "net") == SHA


def test_nobody_there(tmp_path):
    with pytest.raises(FetchFailed, match="could not be fetched"):
        fetch_file("http://127.0.0.1:9/net", tmp_path / "net", SHA, 1)


def test_only_addresses_of_the_web_are_opened(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(CONTENT)
    with pytest.raises(FetchFailed, match="not an address"):
        fetch_file(secret.as_uri(), tmp_path / "net", SHA, len(CONTENT))
