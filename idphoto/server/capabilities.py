"""Read the prices and limits of everything that can be requested from ``capabilities.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from idphoto import yamlfile
from idphoto.errors import InvalidPipeline

__all__ = ["COMMON_SIGN", "MAX_FORM_FIELDS_BYTES", "UPLOAD_FORMATS", "Capability", "load_capabilities"]

COMMON_SIGN = "common"
"""Sign of the credits that can pay for every capability."""

UPLOAD_FORMATS = ("jpeg", "png", "webp", "bmp", "tiff", "heic", "avif")
MAX_FORM_FIELDS_BYTES = 64 * 1024
"""Limit of all fields of a form together, files not counted."""


class Capability(BaseModel):
    """One thing that can be requested, with its price and its limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    sign: str = COMMON_SIGN
    credits: int = Field(ge=0, description="Price of one success.")
    at_least: int = Field(default=1, ge=0, description="Number of times that the price is due for every success.")
    megabytes: int = Field(default=0, description="Size limit of a file in MiB; 0 if no file is taken.")
    files: int = Field(default=2, description="Number of files in one request: a photo and a mask, or several photos.")
    sides: tuple[int, int] = Field(default=(32, 2000), description="Shortest and longest side in pixels.")
    megapixels: float | None = Field(
        default=None,
        description="Limit of the pixels to decode; a JPEG of more is decoded at half of its size, and the sides are "
        "those of that half. Without it, only the sides are limited, and they are those in the file.",
    )
    formats: tuple[str, ...] = UPLOAD_FORMATS
    seconds: float = Field(default=60, description="Limit of the computing time of the work.")
    heavy: bool = Field(default=False, description="Needs much memory, so that only few run at the same time.")

    @property
    def max_file_bytes(self) -> int:
        """Size limit of one file in bytes."""
        return self.megabytes * 2**20

    @property
    def max_body_bytes(self) -> int:
        """Size limit of the body in bytes.

        It allows twice the size of the files. So a file that is a little too large is refused as a file, with
        the error code that says so, and not as a body.
        """
        return 2 * self.max_file_bytes * max(1, self.files // 2) + MAX_FORM_FIELDS_BYTES

    @property
    def max_pixels(self) -> int:
        """Limit of the pixels of one picture."""
        return round(self.megapixels * 1e6) if self.megapixels else self.sides[1] ** 2

    @property
    def may_halve(self) -> bool:
        """Whether a JPEG of more pixels is taken, and decoded at half of its size."""
        return self.megapixels is not None


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    capabilities: dict[str, Capability]


@lru_cache(maxsize=1)
def load_capabilities() -> dict[str, Capability]:
    """Return every capability by name."""
    path = Path(__file__).with_name("capabilities.yaml")
    data = yamlfile.load(path, InvalidPipeline)
    for name, row in data["capabilities"].items():
        row["name"] = name
    return yamlfile.parse(_Table, data, path, InvalidPipeline).capabilities
