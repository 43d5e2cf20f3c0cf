"""Declare what a batch asks for: people, documents, copies, names and pages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from idphoto import yamlfile
from idphoto.errors import InputError, InvalidJob
from idphoto.job import Job

__all__ = ["BatchJob", "DocumentOrder", "EngineName", "is_url"]

EngineName = Literal["local", "ray"]

OWN_FIELDS = {
    "spec": "documents",
    "size": "documents",
    "kb": "documents",
    "head": "documents",
    "pipeline": "documents",
    "sheet": "sheets",
    "mask": "photos",
    "form": "documents",
}
"""Fields of :class:`idphoto.Job` that a batch decides for each photo, and the field of the batch that does so."""


class DocumentOrder(BaseModel):
    """A document, and how many prints of it each person gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec: str = Field(description="Id of a document, such as schengen-visa.")
    copies: int = Field(default=1, ge=0, le=500, description="Prints on the sheets; 0 leaves the document out of them.")


def _read_order(value: object) -> object:
    return {"spec": value} if isinstance(value, str) else value


def _read_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class BatchJob(BaseModel):
    """A batch: who is photographed, for which documents, and what is made of it.

    Paths are relative to the job file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    photos: str = Field(description="Folder of the photos, or its URL.")
    out: str = Field(default="out", description="Folder for the results, or its URL.")
    roster: Path | None = Field(
        default=None, description="List of the people, CSV or XLSX; every photo of the folder is a person if not given."
    )
    columns: dict[Literal["id", "name", "file", "document", "copies"], str] = Field(
        default_factory=dict, description="Headings of the roster, where they differ from the names used here."
    )
    encoding: str | None = Field(default=None, description="Encoding of a CSV roster; UTF-8 if not given.")
    documents: Annotated[
        tuple[Annotated[DocumentOrder, BeforeValidator(_read_order)], ...], BeforeValidator(_read_list)
    ] = Field(default=(), description="Documents for everybody whose row names none.")
    names: str | None = Field(
        default=None,
        description="Template of the names of the results, such as '{id}_{spec}.jpg' or '{class}/{id}.{spec}'.",
    )
    sheets: Annotated[tuple[str, ...], BeforeValidator(_read_list)] = Field(
        default=(), description="Papers; for each, one PDF with the prints of everybody."
    )
    contact_sheet: str | None = Field(default=None, description="Paper of a contact sheet; none if not given.")
    options: Job = Field(default_factory=Job, description="Options of the photos, as of idphoto make.")
    strict: bool = Field(default=False, description="Stop at the first photo that cannot be made.")
    workers: int | None = Field(default=None, ge=1, le=1024, description="Worker processes; one per core if not given.")
    engine: EngineName = Field(default="local", description="Who does the work: local (this machine), or ray.")
    address: str | None = Field(default=None, description="Address of a Ray cluster; a local one if not given.")

    @model_validator(mode="after")
    def _leave_own_fields(self) -> BatchJob:
        for name, field in OWN_FIELDS.items():
            if getattr(self.options, name) not in (None, ()):
                raise ValueError(f"options.{name} has no effect in a batch; see {field}")
        return self

    @classmethod
    def load(cls, path: str | os.PathLike[str], **changes: Any) -> BatchJob:
        """Read a job from a YAML file.

        Parameters
        ----------
        path : path
            The file. Paths in it are relative to its folder.
        **changes
            Fields that win over those of the file.

        Raises
        ------
        InvalidJob
            If the file cannot be read or breaks the schema.
        """
        file = Path(path)
        data = yamlfile.load(file, InvalidJob)
        if isinstance(data, dict):
            for name in ("photos", "out", "roster"):
                if isinstance(data.get(name), str) and not is_url(data[name]):
                    data[name] = str(file.parent / data[name])
            data.setdefault("out", str(file.parent / "out"))
            options = {**(data.get("options") or {}), **changes.pop("options", {})}
            data |= {**changes, **({"options": options} if options else {})}
        return yamlfile.parse(cls, data, file, InvalidJob)

    def require_documents(self) -> None:
        """Check that each person gets a document.

        Raises
        ------
        InputError
            If there is no roster that could name documents, and the job names none.
        """
        if not self.documents and self.roster is None:
            raise InputError("No document was named.", "Name one with --spec, or under documents in the job file.")


def is_url(text: str) -> bool:
    """Return True for the URL of a store, such as ``s3://bucket/photos``."""
    return "://" in text
