"""What the service can be asked for, read from ``capabilities.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from idphoto import yamlfile
from idphoto.errors import InvalidPipeline

__all__ = ["COMMON", "FORMATS", "Capability", "capabilities"]

COMMON = "common"
"""Sign of the credits that every capability takes."""

FORMATS = ("jpeg", "png", "webp", "bmp", "tiff", "heic", "avif")
FIELDS = 64 * 1024  # bytes for all fields of a form that are no files


class Capability(BaseModel):
    """One thing that can be asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    sign: str = COMMON
    credits: int = Field(ge=0, description="Price of one success.")
    megabytes: int = Field(default=0, description="Longest file, in MiB; 0 for no upload.")
    files: int = Field(default=2, description="Files of one request: a photo and a mask, or several photos.")
    sides: tuple[int, int] = Field(default=(32, 2000), description="Shortest and longest side in pixels.")
    megapixels: float | None = None
    formats: tuple[str, ...] = FORMATS
    seconds: float = Field(default=60, description="How long the work may take.")
    heavy: bool = Field(default=False, description="Takes much memory: few at once.")

    @property
    def file_bytes(self) -> int:
        """Longest file in bytes."""
        return self.megabytes * 2**20

    @property
    def body_bytes(self) -> int:
        """Longest body. Twice the file, so that a file which is too long is refused as such, and not for its body."""
        return 2 * self.file_bytes * max(1, self.files // 2) + FIELDS

    @property
    def pixel_cap(self) -> int:
        """Most pixels of one picture."""
        return round(self.megapixels * 1e6) if self.megapixels else self.sides[1] ** 2


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    capabilities: dict[str, Capability]


@lru_cache(maxsize=1)
def capabilities() -> dict[str, Capability]:
    """Every capability by name."""
    path = Path(__file__).with_name("capabilities.yaml")
    data = yamlfile.load(path, InvalidPipeline)
    for name, row in data["capabilities"].items():
        row["name"] = name
    return yamlfile.parse(_Table, data, path, InvalidPipeline).capabilities
