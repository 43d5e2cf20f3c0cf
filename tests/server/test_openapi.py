"""The description of the service and the service itself, held against each other by schemathesis."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import httpx
import pytest

from idphoto.job import Job
from tests.server.serving import KEY

EXAMPLES = os.environ.get("IDPHOTO_SCHEMA_EXAMPLES", "8")  # per operation and phase; more on a quiet evening


def test_schemathesis_finds_nothing(server, tmp_path):
    before = len(server.log())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"),
            *("--header", f"{KEY}: {server.key}", "--seed", "1", "--max-examples", EXAMPLES),
            # Random bytes are no picture: a form that is right by its schema may well be refused.
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
            *("--phases", "examples,coverage,fuzzing", "--no-color"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert not [line for line in server.log()[before:] if line.get("event") in ("failed", "job-failed")]


def test_every_route_is_described_with_its_key(server):
    described = httpx.get(f"{server.url}/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            if path not in ("/healthz", "/readyz"):
                assert operation["security"] == [{"key": []}], (path, method)


def test_every_option_of_a_job_that_may_be_sent_is_described(server):
    described = httpx.get(f"{server.url}/openapi.json").json()
    form = described["paths"]["/v1/photos"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    # Strangers send no pipeline; form and blur are those of cutouts; the parts of an application are paths.
    unsent = {"pipeline", "form", "blur", "signature", "thumb", "declaration"}
    assert set(form["properties"]) == set(Job.model_fields) - unsent | {"photo"}
    assert form["properties"]["spec"]["examples"]


@pytest.mark.parametrize("path", ["/docs", "/static-offline-docs/swagger-ui.css", "/openapi.json"])
def test_the_pages_need_nothing_from_elsewhere(server, path):
    page = httpx.get(server.url + path)
    assert page.status_code == 200
    if path == "/docs":
        assert not re.search(r"(src|href)=.https?:", page.text)
        assert "https:" not in page.headers["content-security-policy"]
