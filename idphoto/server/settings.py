"""How a server is set up: by flags of ``idphoto serve``, or by variables named ``IDPHOTO_...``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from typing_extensions import Self

from idphoto.errors import InputError
from idphoto.server.loopback import is_loopback

__all__ = ["DAY", "Settings"]

DAY = 24 * 60 * 60


class Settings(BaseSettings):
    """Everything about one server that somebody may want to choose."""

    model_config = SettingsConfigDict(env_prefix="IDPHOTO_", frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address to listen at.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen at.")
    public_url: str = Field(
        default="", description="What addresses of results begin with; as the request came if not given."
    )
    auth: bool = Field(default=True, description="Whether requests need a key. Without, only loopback is listened at.")

    data: Path = Field(default=Path("idphoto-data"), description="Folder of the ledger and of results.")
    database: str = Field(
        default="", description="SQLAlchemy address of the ledger; SQLite in the data folder if not given."
    )
    store: str = Field(default="", description="fsspec address of results, such as s3://bucket/results.")
    result_seconds: int = Field(default=DAY, ge=1, le=DAY, description="How long a result lives; a day at most.")

    workers: int = Field(default=0, ge=0, le=256, description="Worker processes; one per core if 0.")
    worker_memory_mb: int = Field(default=1500, ge=100, description="A worker that holds more is replaced.")
    queue: int = Field(default=64, ge=0, description="Requests that may wait for a worker.")
    queue_seconds: float = Field(default=30, gt=0, description="How long one may wait for a worker.")
    hd_at_once: int = Field(default=1, ge=1, description="HD pictures worked on at the same time; 1 GB each.")
    upload_memory_mb: int = Field(default=512, ge=1, description="Memory for all uploads together.")
    upload_seconds: float = Field(default=60, gt=0, description="How long one upload may take.")
    stop_seconds: int = Field(default=60, ge=0, description="How long a stopping server waits for what runs.")

    rate: str = Field(default="20/second; 600/minute", description="Requests per key, as the package limits writes it.")
    stranger_rate: str = Field(
        default="5/second; 60/minute", description="Requests without a good key per address, before they get a 429."
    )
    at_once: int = Field(default=64, ge=1, description="Requests of one key at the same time.")

    cors: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins whose pages may call this server; none."
    )
    metrics_token: str = Field(
        default="", description="Bearer token of /metrics; only loopback may read them if not given."
    )

    @model_validator(mode="before")
    @classmethod
    def _split(cls, values: dict[str, object]) -> dict[str, object]:
        """Let origins be given as one text, with commas."""
        cors = values.get("cors")
        return {**values, "cors": [origin for origin in cors.split(",") if origin]} if isinstance(cors, str) else values

    @model_validator(mode="after")
    def _alone(self) -> Self:
        if not self.auth and not is_loopback(self.host):
            raise ValueError("without keys, only 127.0.0.1, ::1 or localhost can be listened at")
        return self

    @classmethod
    def of(cls, **given: object) -> Settings:
        """Settings from what was given, then the environment, then the defaults.

        Raises
        ------
        InputError
            If one cannot have that value.
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
        """Where the ledger is."""
        return self.database or f"sqlite:///{(self.data / 'ledger.db').absolute()}"

    @property
    def store_url(self) -> str:
        """Where results are."""
        return self.store or f"file://{(self.data / 'results').absolute()}"

    @property
    def worker_count(self) -> int:
        """How many worker processes to run: as many as there are cores for us."""
        if self.workers:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
