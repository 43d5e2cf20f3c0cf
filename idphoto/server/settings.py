"""Read the settings of a server from flags of ``idphoto serve`` and from variables named ``IDPHOTO_...``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from typing_extensions import Self

from idphoto.errors import InputError
from idphoto.server.loopback import is_loopback

__all__ = ["MAX_RESULT_SECONDS", "Settings"]

MAX_RESULT_SECONDS = 24 * 60 * 60
"""The service promises that results are kept no longer than a day."""


class Settings(BaseSettings):
    """The settings of one server."""

    model_config = SettingsConfigDict(env_prefix="IDPHOTO_", frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 for a free one.")
    public_url: str = Field(
        default="", description="First part of the URLs of results; that of the request if not given."
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Addresses or networks of proxies whose X-Forwarded-For is believed."
    )
    connections: int = Field(default=1000, ge=1, description="Connections at the same time.")
    auth: bool = Field(default=True, description="Requests need a key. If False, the host must be loopback.")

    data: Path = Field(default=Path("idphoto-data"), description="Folder of the ledger and of the results.")
    database: str = Field(
        default="", description="SQLAlchemy URL of the ledger; SQLite in the data folder if not given."
    )
    store: str = Field(default="", description="fsspec URL of the results, such as s3://bucket/results.")
    result_seconds: int = Field(
        default=MAX_RESULT_SECONDS,
        ge=1,
        le=MAX_RESULT_SECONDS,
        description="Time for which a result is kept; a day at most.",
    )

    workers: int = Field(default=0, ge=0, le=256, description="Worker processes; one per core if 0.")
    worker_memory_mb: int = Field(
        default=1500, ge=100, description="Memory above which a worker is replaced after a job."
    )
    confine: bool = Field(
        default=True, description="Workers give up the network, and all files but programs and models."
    )
    job_memory_mb: int = Field(default=1000, ge=50, description="Memory that one job may use; the kernel refuses more.")
    hd_memory_mb: int = Field(default=2000, ge=50, description="The same for one HD picture.")
    queue: int = Field(default=64, ge=0, description="Requests that may wait for a worker.")
    queue_seconds: float = Field(default=30, gt=0, description="Time that a request may wait for a worker.")
    hd_at_once: int = Field(default=1, ge=1, description="HD pictures processed at the same time; each needs 1 GB.")
    upload_memory_mb: int = Field(default=512, ge=1, description="Memory for all uploads together.")
    upload_seconds: float = Field(default=60, gt=0, description="Time that one upload may take.")
    stop_seconds: int = Field(default=60, ge=0, description="Time that a stopping server waits for running requests.")

    sessions: int = Field(default=64, ge=1, description="Photos that the studio page may have open at the same time.")
    session_memory_mb: int = Field(default=1024, ge=1, description="Memory of all open photos together.")
    session_seconds: float = Field(
        default=600, gt=0, le=3600, description="Time without requests after which a photo is forgotten."
    )

    rate: str = Field(default="20/second; 600/minute", description="Requests per key, as the package limits writes it.")
    stranger_rate: str = Field(
        default="5/second; 60/minute", description="Requests without a valid key per address, in the same notation."
    )
    at_once: int = Field(default=64, ge=1, description="Requests of one key at the same time.")

    backends: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("auto", "mediapipe", "selfie", "hair", "guided"),
        description="Backends that a request may choose.",
    )
    failing_seconds: float = Field(
        default=120,
        gt=0,
        description="Work of one key that may have failed; half of the time that passes is taken off.",
    )

    cors: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins whose pages may call this server."
    )
    metrics_token: str = Field(
        default="", description="Bearer token of /metrics; if not given, only this machine may read them."
    )

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        """Split lists that are given as one text with commas."""
        lists = {name: values[name] for name in ("cors", "proxies", "backends") if isinstance(values.get(name), str)}
        return {
            **values,
            **{name: [part.strip() for part in str(text).split(",") if part.strip()] for name, text in lists.items()},
        }

    @model_validator(mode="after")
    def _require_keys_or_loopback(self) -> Self:
        if not self.auth and not is_loopback(self.host):
            raise ValueError("a server without keys can only listen on 127.0.0.1, ::1 or localhost")
        return self

    @classmethod
    def load(cls, **given: object) -> Settings:
        """Combine the given settings with the environment and the defaults, in this order of precedence.

        A setting that is None counts as not given.

        Raises
        ------
        InputError
            If a value is not allowed.
        """
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        except ValidationError as cause:
            faults = [
                f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg'].removeprefix('Value error, ')}"
                for fault in cause.errors(include_url=False)
            ]
            raise InputError(f"{'; '.join(faults)}.", "See 'idphoto serve --help'.") from cause

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return self.database or f"sqlite:///{(self.data / 'ledger.db').absolute()}"

    @property
    def store_url(self) -> str:
        """Fsspec URL of the results."""
        return self.store or f"file://{(self.data / 'results').absolute()}"

    @property
    def worker_count(self) -> int:
        """Number of worker processes: as set, or one per core that this process may use."""
        if self.workers:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
