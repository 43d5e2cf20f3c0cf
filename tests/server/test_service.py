"""The service as its operator sees it: commands, settings, health, metrics."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from idphoto.cli import app
from idphoto.errors import InputError
from idphoto.job import Job, bounds_of, option_of
from idphoto.server.access import AccessControl
from idphoto.server.capabilities import load_capabilities
from idphoto.server.cutouts import ROUTES
from idphoto.server.cutouts.envelope import CODE_MESSAGES, ENVELOPE_CODES
from idphoto.server.problems import PROBLEM_STATUSES
from idphoto.server.refusals import RefusalReason
from idphoto.server.request_job import STRICTER, RequestJob
from idphoto.server.settings import Settings
from tests.server.serving import KEY, create_key, wait_for

FACTS = "facts/cutout-api.md"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command of the command line; gives its exit code, output and errors."""

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["idphoto", *words])
        with pytest.raises(SystemExit) as caught:
            app.main()
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out.strip(), said.err

    return command


def test_keys_are_made_listed_recharged_and_disabled(run, tmp_path):
    data = ("--data", str(tmp_path / "data"))
    code, key, _ = run("keys", "create", "alice", "--credits", "10", *data)
    assert code == 0
    assert key.startswith("idp_")
    assert run("keys", "recharge", "alice", "5", *data)[1] == "common: 15"
    assert run("keys", "recharge", "alice", "2", "--for", "cutout_hair_extraction", *data)[1].endswith(": 2")
    (line,) = run("keys", "list", *data)[1].splitlines()
    assert "alice" in line
    assert "common 15 of 15" in line
    assert key not in line
    assert "locked" not in line
    assert run("keys", "disable", "alice", *data)[0] == 0
    assert run("keys", "list", *data)[1].endswith("locked")
    code, _, error = run("keys", "create", "alice", *data)
    assert code == 2
    assert "There is a key named 'alice' already." in error


def test_settings_that_cannot_be_are_explained(run, tmp_path):
    code, _, error = run("serve", "--no-auth", "--host", "0.0.0.0", "--data", str(tmp_path))
    assert code == 2
    assert "without keys" in error
    assert "port" in run("serve", "--data", str(tmp_path), "--port", "99999")[2]
    with pytest.raises(InputError, match="no rate"):
        AccessControl(Settings(rate="often"), None)


def test_the_environment_sets_what_flags_do_not(monkeypatch):
    monkeypatch.setenv("IDPHOTO_PORT", "1234")
    monkeypatch.setenv("IDPHOTO_CORS", "https://a.example,https://b.example")
    settings = Settings.load(port=None, workers=3)
    assert (settings.port, settings.workers) == (1234, 3)
    assert settings.cors == ("https://a.example", "https://b.example")
    monkeypatch.setenv("IDPHOTO_RESULT_SECONDS", "90000")
    with pytest.raises(InputError, match="result_seconds"):
        Settings.load()


def test_prices_and_limits_are_those_of_the_contract(shared):
    """The table of the facts file, row by row."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (shared / FACTS).read_text().splitlines()
        if line.startswith("|") and "`/api/" in line
    ]
    assert len(rows) == len(ROUTES)
    paths = {path: name for name, (_, path, _) in ROUTES.items()}
    for row in rows:
        capability = load_capabilities()[paths[row[1].split("`")[1]]]
        assert capability.credits == int(row[3]), row
        if "3 MB" in row[4]:
            assert (capability.megabytes, capability.sides[1]) == (3, 2000)
        if "40 MB" in row[4]:
            assert (capability.megabytes, capability.sides) == (40, (32, 6000))


def test_error_codes_are_those_of_the_contract(shared):
    text = (shared / FACTS).read_text().split("## Error codes to use")[1].split("\n## ")[0]
    wanted = set()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].isdigit():
            wanted |= {(int(cells[0]), code) for code in cells[1].split("`")[1::2]}
    assert len(wanted) >= 20
    assert wanted <= set(ENVELOPE_CODES.values())
    assert {code for _, code in ENVELOPE_CODES.values()} <= set(CODE_MESSAGES)


def test_both_faces_have_words_for_every_reason():
    assert set(ENVELOPE_CODES) == set(PROBLEM_STATUSES) == set(RefusalReason)


def test_free_text_is_bounded_more_strictly_in_a_request():
    """A field for a request either has few values, or bounds, or an entry in the table of stricter rules."""
    assert set(RequestJob.model_fields) == {name for name in Job.model_fields if option_of(name).http}
    for name in RequestJob.model_fields:
        text = any(kind in str(Job.model_fields[name].annotation) for kind in ("str", "dict", "tuple"))
        assert (
            not text
            or "pattern" in bounds_of(name)
            or "Literal" in str(Job.model_fields[name].annotation)
            or (name in STRICTER)
        ), name
    assert set(STRICTER) <= set(RequestJob.model_fields)


def test_the_command_line_stays_light():
    code = (
        "import sys, idphoto.cli; print([name for name in ('fastapi', 'sqlalchemy', 'uvicorn') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_health_and_readiness(server, tmp_path):
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "ok"}
    wait_for(lambda: httpx.get(f"{server.url}/readyz").status_code == 200)
    ready = httpx.get(f"{server.url}/readyz").json()
    assert ready == {"status": "ok", "workers": True, "ledger": True, "store": True}
    results = Path(server.settings["data"], "results")
    results.rename(tmp_path / "away")
    try:
        answer = httpx.get(f"{server.url}/readyz")
        assert answer.status_code == 503
        assert answer.json()["store"] is False
        assert answer.headers["retry-after"]
        assert httpx.get(f"{server.url}/healthz").status_code == 200
    finally:
        (tmp_path / "away").rename(results)


def test_a_worker_that_dies_in_its_sleep_costs_nobody_anything(server, small):
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: httpx.get(f"{server.url}/readyz").status_code == 503)
    path = "/api/cutout/portrait/portrait-background-removal"
    answer = httpx.post(server.url + path, headers={KEY: server.key}, files={"image": small}, timeout=300)
    assert answer.status_code == 200
    assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_a_worker_that_holds_too_much_is_replaced(strict, small):
    path = "/api/cutout/portrait/portrait-background-removal"
    wait_for(lambda: strict.metric("idphoto_workers_ready") == 1)
    before = strict.metric("idphoto_worker_events_total", event="worker-replaced")
    key = create_key(strict, "large", 5)
    # The worker of the test before may be about to be replaced: until then the service asks to come again.
    for _ in range(40):
        answer = httpx.post(strict.url + path, headers={KEY: key}, files={"image": small}, timeout=300)
        if answer.status_code != 503:
            break
        time.sleep(0.5)
    assert answer.status_code == 200
    wait_for(lambda: strict.metric("idphoto_worker_events_total", event="worker-replaced") > before)
    wait_for(lambda: strict.metric("idphoto_workers_ready") == 1)


def test_figures(server, small):
    before = server.metric("idphoto_credits_spent_total", capability="portrait")
    path = "/api/cutout/portrait/portrait-background-removal"
    assert httpx.post(server.url + path, headers={KEY: server.key}, files={"image": small}).status_code == 200
    assert httpx.post(server.url + path, headers={KEY: server.key}, files={"image": b"x"}).status_code == 415
    wait_for(lambda: server.metric("idphoto_credits_spent_total", capability="portrait") == before + 1)
    assert server.metric("idphoto_rejected_total", reason="unsupported_type") >= 1
    assert server.metric("idphoto_requests_total", route=path, status="415") >= 1
    for stage in ("queue", "load", "cutout", "form", "work"):
        assert server.metric("idphoto_stage_seconds_count", stage=stage) >= 1, stage
    assert server.metric("idphoto_request_seconds_count", route=path) >= 2
    assert server.metric("idphoto_workers_ready") == 1
    text = httpx.get(f"{server.url}/metrics").text
    for name in ("idphoto_queue_depth", "idphoto_jobs_running", "idphoto_upload_bytes_held"):
        assert f"\n{name} " in text


def test_figures_are_for_this_machine_or_for_the_token(server, strict):
    forwarded = {"x-forwarded-for": "203.0.113.9"}  # what a proxy on this machine says
    assert httpx.get(f"{server.url}/metrics", headers=forwarded).status_code == 403
    assert httpx.get(f"{strict.url}/metrics").status_code == 401
    got = httpx.get(f"{strict.url}/metrics", headers={"authorization": "Bearer sesame", **forwarded})
    assert got.status_code == 200
