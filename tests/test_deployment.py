"""The files and commands of docs/deploy.md are well formed, and keep what that page promises."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from idphoto.server.settings import Settings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_every_service_of_compose_has_limits_and_no_swap_and_no_public_port():
    for name, service in COMPOSE["services"].items():
        assert "image" in service or "build" in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        if name != "bucket":  # it ends at once
            assert service["mem_limit"] == service["memswap_limit"], name
        for other in service.get("depends_on", {}):
            assert other in COMPOSE["services"]
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        for config in service.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]
    scraped = yaml.safe_load(COMPOSE["configs"]["prometheus"]["content"])["scrape_configs"][0]
    assert scraped["static_configs"] == [{"targets": ["idphoto:8000"]}]


def test_every_variable_is_a_setting():
    texts = (
        PAGE + str(COMPOSE["services"]["idphoto"]["environment"]) + (ROOT / "Dockerfile").read_text(encoding="utf-8")
    )
    named = {name.lower() for name in re.findall(r"IDPHOTO_([A-Z_]+)", texts)}
    assert named <= set(Settings.model_fields)


def test_a_server_may_stop_longer_than_its_requests():
    seconds = Settings.model_fields["stop_seconds"].default
    assert int(re.findall(r"TimeoutStopSec=(\d+)", PAGE)[0]) > seconds
    assert int(re.findall(r"--stop-timeout (\d+)", PAGE)[0]) > seconds
    assert int(COMPOSE["services"]["idphoto"]["stop_grace_period"].rstrip("s")) > seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_accepted_by_systemd(tmp_path):
    unit = tmp_path / "idphoto.service"
    text = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)[0]
    unit.write_text(text.replace("/opt/idphoto/bin/idphoto", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert "idphoto.service" not in done.stderr, done.stderr
