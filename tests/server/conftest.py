"""Servers and pictures that several test modules of the service share."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.server import postgres
from tests.server.serving import Running, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("server"), stranger_rate="1000/second") as running:
        yield running


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with narrow limits; tests bring a key of their own, since most limits are counted by key."""
    limits = {
        "rate": "5/minute",
        "stranger_rate": "5/minute",
        "at_once": "1",
        "queue": "0",
        "upload_seconds": "5",
        "upload_memory_mb": "4",
        "worker_memory_mb": "100",
        "cors": "https://shop.example",
        "metrics_token": "sesame",
    }
    with serving(tmp_path_factory.mktemp("strict"), **limits) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private PostgreSQL server; skips where it is not installed."""
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def portrait(sample: Path) -> bytes:
    return sample.read_bytes()


@pytest.fixture(scope="session")
def small(sample: Path) -> bytes:
    """A portrait that is worked on quickly."""
    return jpeg(Image.open(sample).resize((160, 160)))


@pytest.fixture(scope="session")
def nobody() -> bytes:
    """A picture without a person: a sky over a field."""
    rows = np.linspace(0, 1, 300)[:, None, None]
    sky, field = np.array([120, 170, 230.0]), np.array([90, 140, 60.0])
    noise = np.random.default_rng(1).normal(0, 6, (300, 400, 3))
    return jpeg(Image.fromarray(np.clip(np.where(rows < 0.55, sky + 60 * rows, field) + noise, 0, 255).astype("uint8")))


def jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()
