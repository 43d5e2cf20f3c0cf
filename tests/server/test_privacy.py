"""Who may read what is stored, who may ask, and how failures of the server itself are answered."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from idphoto.server.access import AccessControl
from idphoto.server.app import make_asgi_app
from idphoto.server.context import ServerContext
from idphoto.server.settings import Settings
from tests.server.serving import KEY, Running, create_key, serving


def cut_out(server: Running, portrait: bytes, key: str = "", **data: str) -> httpx.Response:
    headers = {KEY: key or server.key}
    return httpx.post(f"{server.url}/v1/cutouts", headers=headers, files={"photo": portrait}, data=data, timeout=300)


def test_nobody_else_on_the_machine_may_read_what_is_stored(server, portrait):
    assert cut_out(server, portrait).status_code == 200
    data = Path(server.settings["data"])
    modes = {path.relative_to(data): path.stat().st_mode & 0o777 for path in data.rglob("*")}
    assert modes
    open_to_others = {str(path): oct(mode) for path, mode in modes.items() if mode & 0o077}
    assert not open_to_others


def test_a_result_can_be_deleted_early(server, portrait):
    url = cut_out(server, portrait).json()["files"][0]["url"]
    assert httpx.get(url).status_code == 200
    assert httpx.delete(url).status_code == 204
    assert httpx.get(url).status_code == 404
    assert httpx.delete(url).status_code == 204  # a repeated request is no error
    assert httpx.delete(f"{server.url}/results/ledger.db").status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/metrics", "/readyz", "/healthz", "/v1/specs", "/none"]
)
def test_a_server_without_keys_answers_only_its_own_machine(tmp_path_factory, keyless, path):
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        answer = httpx.get(keyless.url + path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "request.forbidden")
    assert httpx.get(keyless.url + path).status_code == (404 if path == "/none" else 200)


@pytest.fixture(scope="module")
def keyless(tmp_path_factory) -> Any:
    with serving(tmp_path_factory.mktemp("keyless"), "--no-auth") as running:
        yield running


def test_locked_keys_count_as_strangers():
    class Locked:
        def find(self, _: str) -> Any:
            from idphoto.server.ledger import ApiKey

            return ApiKey("a", "a", 0, 1)

    access = AccessControl(Settings(stranger_rate="3/minute"), Locked())  # type: ignore[arg-type]
    reasons = []
    for _ in range(5):
        try:
            asyncio.run(access.check_key(httpx.Headers({KEY: "idp_a_b"}), "192.0.2.1"))  # type: ignore[arg-type]
        except Exception as refusal:
            reasons.append(refusal.reason.name)  # type: ignore[attr-defined]
    assert reasons == ["LOCKED_KEY"] * 3 + ["TOO_MANY_REQUESTS"] * 2


def test_an_address_is_believed_of_named_proxies_alone(tmp_path):
    def ask(server: Running, address: str) -> int:
        return httpx.get(f"{server.url}/v1/specs", headers={KEY: "wrong", "x-forwarded-for": address}).status_code

    with serving(tmp_path / "direct", stranger_rate="2/minute") as server:
        assert [ask(server, f"192.0.2.{number}") for number in range(3)] == [401, 401, 429]
        assert httpx.get(f"{server.url}/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 403
    with serving(tmp_path / "proxied", stranger_rate="2/minute", proxies="127.0.0.1") as server:
        assert [ask(server, f"192.0.2.{number}") for number in range(3)] == [401, 401, 401]
        assert [ask(server, "192.0.2.9") for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize(("path", "field"), [("/v1/specs", "code"), ("/api/common/query-credits", "error_code_str")])
def test_a_bug_is_answered_in_the_form_of_the_api(tmp_path, path, field):
    context = ServerContext(Settings(data=tmp_path))
    context.access.check_key = lambda *_: 1 / 0  # type: ignore[method-assign]

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_asgi_app(context), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            return await client.get(path)

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.json()[field] in ("request.failed", "PROCESSING_FAILURE")
    assert answer.headers["x-request-id"] in answer.text
    assert "ZeroDivision" not in answer.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_a_full_disk_is_answered_with_503_and_costs_nothing(tmp_path, portrait):
    store = tmp_path / "small"
    store.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=70m", "tmpfs", store], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with serving(tmp_path / "server", amount=5, store=f"file://{store}/results") as server:
            assert cut_out(server, portrait).status_code == 200
            with (store / "filler").open("wb") as filler:
                try:
                    for _ in range(80):
                        filler.write(bytes(2**20))
                        filler.flush()
                except OSError:
                    pass
            answer = cut_out(server, portrait)
            assert (answer.status_code, answer.json()["code"]) == (503, "request.overloaded")
            assert answer.headers["retry-after"]
            assert server.balance() == 4
            ready = httpx.get(f"{server.url}/readyz")
            assert (ready.status_code, ready.json()["store"]) == (503, False)
            (store / "filler").unlink()
            assert cut_out(server, portrait).status_code == 200
            assert httpx.get(f"{server.url}/readyz").status_code == 200
    finally:
        subprocess.run(["umount", "-l", store], check=True)


def test_backends_that_are_not_allowed_or_not_installed_are_refused(server, portrait, tmp_path):
    key = create_key(server, "backends", 5)
    for matter in ("birefnet-portrait", "closed-form", "nonsense"):
        answer = cut_out(server, portrait, key, matter=matter)
        assert (answer.status_code, answer.json()["code"]) == (422, "backend.not-allowed")
    assert cut_out(server, portrait, key, matter="guided").status_code == 200
    with serving(tmp_path, backends="auto,modnet,nonsense") as another:
        answer = cut_out(another, portrait, matter="nonsense")
        assert (answer.status_code, answer.json()["code"]) == (422, "backend.unknown")
