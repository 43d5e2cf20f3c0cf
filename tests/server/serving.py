"""A real server in a process of its own, as users start it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

KEY = "ailabapi-api-key"


@dataclass
class Running:
    """A server that has been started."""

    process: subprocess.Popen[bytes]
    log_file: Path
    folder: Path
    url: str = ""
    key: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines() if line.startswith("{")]

    def workers(self) -> list[int]:
        """Process ids of its workers, by the kernel."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children]

    def metric(self, name: str, **labels: str) -> float:
        """Value of a figure; 0 where it was never counted."""
        wanted = "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}" if labels else ""
        token = {"authorization": f"Bearer {self.settings.get('metrics_token', 'none')}"}
        for line in httpx.get(f"{self.url}/metrics", headers=token).text.splitlines():
            if line.startswith(f"{name}{wanted} "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def balance(self) -> int:
        answer = httpx.get(f"{self.url}/api/common/query-credits", headers={KEY: self.key}).json()
        return int(answer["data"][0]["balance"])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def resident_bytes(pid: int) -> int:
    """Memory of a process, as the kernel counts it."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def wait_for(happened: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def launch(folder: Path, *flags: str, **settings: str) -> Running:
    """Start a server on a free port and wait until it can take work."""
    folder.mkdir(exist_ok=True)
    settings = {"data": str(folder / "data"), "workers": "1", "rate": "1000/second", "queue_seconds": "300", **settings}
    log_file = folder / f"server-{time.monotonic_ns()}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "idphoto", "serve", "--port", "0", *flags],
            env={**os.environ, **{f"IDPHOTO_{name.upper()}": value for name, value in settings.items()}},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    running = Running(process, log_file, folder, settings=settings)

    def ready() -> bool:
        assert process.poll() is None, log_file.read_text()
        port = next((line["port"] for line in running.log() if line.get("event") == "listening"), None)
        if port is None:
            return False
        running.url = f"http://127.0.0.1:{port}"
        try:
            return httpx.get(f"{running.url}/readyz", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(ready, 180)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return running


@contextmanager
def serving(folder: Path, *flags: str, amount: int = 100_000, **settings: str) -> Iterator[Running]:
    """Start a server with one key; kill whatever is left of it in the end."""
    server = launch(folder, *flags, **settings)
    try:
        if "--no-auth" not in flags:
            server.key = create_key(server, "tests", amount)
        yield server
    finally:
        server.kill()


def create_key(server: Running, name: str, amount: int) -> str:
    """Make a key as ``idphoto keys create`` does, without a process for it."""
    from idphoto.server.ledger import KeyStore, open_database
    from idphoto.server.settings import Settings

    settings = {name: value for name, value in server.settings.items() if name in ("data", "database")}
    engine = open_database(Settings(**settings).database_url)  # type: ignore[arg-type]
    try:
        return KeyStore(engine).create(name, amount)[1]
    finally:
        engine.dispose()
