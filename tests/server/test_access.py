"""Nobody gets in: hostile bodies, hostile pictures, strangers, other people's pages."""

from __future__ import annotations

import socket
import struct
import time
import zlib
from io import BytesIO
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from idphoto.errors import InputError
from idphoto.server.settings import Settings
from tests.server.conftest import jpeg
from tests.server.serving import KEY, Running, create_key, serving, wait_for

PORTRAIT = "/api/cutout/portrait/portrait-background-removal"


def post(server: Running, image: bytes, **headers: str) -> httpx.Response:
    return httpx.post(server.url + PORTRAIT, headers={KEY: server.key, **headers}, files={"image": image}, timeout=300)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error_detail"]["code"])


def raw(server: Running, head: str, body: bytes = b"", more: bytes = b"", pieces: int = 0) -> tuple[bytes, int]:
    """Send bytes as they are; returns the answer, and how many of the further pieces could be sent."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as link:
        link.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        sent = 0
        try:
            for _ in range(pieces):
                link.sendall(more)
                sent += 1
        except OSError:
            pass
        answer = b""
        try:
            while chunk := link.recv(65536):
                answer += chunk
        except OSError:
            pass
    return answer, sent


def form(server: Running, length: int, *, key: str | None = None) -> str:
    return (
        f"POST {PORTRAIT} HTTP/1.1\nhost: {urlsplit(server.url).netloc}\n{KEY}: {server.key if key is None else key}\n"
        f"content-type: multipart/form-data; boundary=x\ncontent-length: {length}"
    )


PART = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'


def test_a_body_that_says_it_is_too_long_is_not_read(server):
    answer, sent = raw(server, form(server, 10**10), PART, bytes(2**20), 2000)
    assert b" 413 " in answer
    assert b"ERROR_REQUEST_BODY_TOO_LARGE" in answer
    assert b"connection: close" in answer.lower()
    assert sent < 200  # of 2000 MB


def test_a_file_that_grows_too_long_is_cut_off(server):
    before = server.metric("idphoto_received_bytes_total")
    chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
    head = form(server, 0).replace("content-length: 0", "transfer-encoding: chunked")
    answer, sent = raw(server, head, f"{len(PART):x}\r\n".encode() + PART + b"\r\n", chunk, 2000)
    assert b"FILE_SIZE_EXCEEDS_LIMIT" in answer
    assert sent < 200
    assert server.metric("idphoto_received_bytes_total") == before
    assert server.metric("idphoto_upload_bytes_held") == 0


def test_without_a_good_key_no_byte_of_a_body_is_kept(server):
    before = server.metric("idphoto_upload_bytes_held")
    answer, sent = raw(server, form(server, 10**10, key="nobody"), PART, bytes(2**20), 2000)
    assert b" 401 " in answer
    assert sent < 200
    assert server.metric("idphoto_upload_bytes_held") == before


def test_an_upload_that_dawdles_is_ended(strict):
    begun = time.monotonic()
    answer, _ = raw(strict, form(strict, 10**6, key=create_key(strict, "slow", 5)), PART)
    assert b" 408 " in answer
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        PART,
        PART + b"\r\n--x",
        b"--x\r\n\r\nno headers\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n",
        b"--x\r\n" + b"A: " + b"b" * 10_000 + b"\r\n\r\n\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 200 + b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"b" * 70_000 + b"\r\n--x--\r\n",
    ],
    ids=[
        "empty",
        "nonsense",
        "open",
        "half-closed",
        "no-headers",
        "no-name",
        "long-header",
        "many-parts",
        "long-field",
    ],
)
def test_broken_forms_are_refused(server, body):
    answer, _ = raw(server, form(server, len(body)) + "\nconnection: close", body)
    status = int(answer.split(b" ", 2)[1])
    assert status in (400, 413), answer
    assert b'"error_code"' in answer


def bomb() -> bytes:
    """A PNG of a few kilobytes that claims 1999 x 1999 pixels, and holds zeros without end."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(60_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1999, 1999, 8, 6, 0, 0, 0)) + chunk(
        b"IDAT", rows
    ) + chunk(b"IEND", b"")  # fmt: skip


def giant() -> bytes:
    """A PNG whose header claims more pixels than there is memory."""
    small = BytesIO()
    Image.new("RGB", (64, 64)).save(small, "PNG")
    data = bytearray(small.getvalue())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def test_decompression_bombs_do_no_harm(server):
    assert code(post(server, giant())) == "FILE_RESOLUTION_EXCEEDS_LIMITS"
    workers = server.workers()
    answer = post(server, bomb())
    assert answer.status_code in (413, 422)
    assert server.workers() == workers  # nobody died of it


@pytest.mark.parametrize(
    "head",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"%!PS\n",
        b"MZ",
        b"#!/bin/sh\n",
    ],
)
def test_polyglots_are_refused_by_their_first_bytes(server, small, head):
    assert code(post(server, head + small)) == "UNSUPPORTED_FILE_TYPES"


def test_what_hides_behind_a_picture_is_not_handed_on(server, small):
    script = b"<script>alert(1)</script>"
    answer = post(server, small + script)
    made = httpx.get(answer.json()["data"]["image_url"])
    assert script not in made.content
    assert made.headers["content-type"] == "image/png"
    assert made.headers["x-content-type-options"] == "nosniff"


def test_no_address_is_fetched(server):
    for name in ("image", "image_url", "url"):
        answer = httpx.post(
            server.url + PORTRAIT, headers={KEY: server.key}, files={name: (None, f"{server.url}/healthz")}
        )
        assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/v1/papers", "/results/x", PORTRAIT, "/nothing"])
def test_every_answer_has_safe_headers(server, path):
    headers = httpx.get(server.url + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert len(headers["x-request-id"]) == 32


def test_no_other_page_may_call_unless_it_is_named(server, strict):
    page = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    asked = httpx.options(server.url + PORTRAIT, headers=page)
    assert "access-control-allow-origin" not in asked.headers
    asked = httpx.options(strict.url + PORTRAIT, headers=page)
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    key = {KEY: create_key(strict, "shop", 5)}
    answer = httpx.get(f"{strict.url}/v1/papers", headers={**key, "origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    other = httpx.options(strict.url + PORTRAIT, headers={**page, "origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_rates_are_counted_by_key_and_strangers_use_up_nobodys(strict):
    hasty, other = create_key(strict, "hasty", 1), create_key(strict, "other", 1)

    def ask(key: str) -> httpx.Response:
        return httpx.get(f"{strict.url}/api/common/query-credits", headers={KEY: key})

    public = hasty.rpartition("_")[0]
    assert [ask(f"{public}_guess{number}").status_code for number in range(7)] == [401] * 5 + [429] * 2
    assert [ask(hasty).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert code(ask(hasty)) == "EXCEEDING_LIMITS"
    assert 1 <= int(ask(hasty).headers["retry-after"]) <= 60
    assert ask(other).status_code == 200


def test_without_keys_only_this_machine_is_listened_to(tmp_path, small):
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.org"):
        with pytest.raises(InputError, match="without keys"):
            Settings.load(auth=False, host=host)
    with serving(tmp_path, "--no-auth") as server:
        answer = httpx.post(server.url + PORTRAIT, files={"image": small}, timeout=300)
        assert answer.status_code == 200
        assert httpx.get(f"{server.url}/api/common/query-credits").json()["data"] == []
        # A page of somebody else's, or a name of somebody else's that leads here, gets nothing.
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"host": "evil.example"}):
            assert httpx.post(server.url + PORTRAIT, files={"image": small}, headers=headers).status_code == 403
        same = httpx.post(server.url + PORTRAIT, files={"image": small}, headers={"origin": server.url}, timeout=300)
        assert same.status_code == 200
        assert httpx.get(f"{server.url}/metrics").status_code == 200


def test_too_much_for_one_key_at_once(strict):
    key = create_key(strict, "greedy", 5)

    def ask() -> httpx.Response:
        return httpx.get(f"{strict.url}/api/common/query-credits", headers={KEY: key})

    address = urlsplit(strict.url)
    with socket.create_connection((address.hostname, address.port)) as link:
        head = form(strict, 10**6, key=key).replace("\n", "\r\n") + "\r\n\r\n"
        link.sendall(head.encode() + PART + bytes(100_000))
        wait_for(lambda: strict.metric("idphoto_upload_bytes_held") > 50_000, 5)
        assert code(ask()) == "EXCEEDING_LIMITS"
    wait_for(lambda: strict.metric("idphoto_upload_bytes_held") == 0)
    assert ask().status_code == 200  # its place is free again, for the first has left


def test_large_pictures_are_refused_by_their_header(server):
    assert code(post(server, jpeg(Image.new("RGB", (2001, 300))))) == "FILE_RESOLUTION_EXCEEDS_LIMITS"
