"""The base class of all stages: options, and the fields of a photo that a stage needs and gives."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from idphoto.photo import Photo

if TYPE_CHECKING:
    from idphoto.spec import Spec

__all__ = ["Stage"]

_PHOTO_FIELDS = frozenset(field.name for field in fields(Photo))


class Stage(BaseModel):
    """One step ``Photo -> Photo``; a frozen model whose fields are its options.

    A subclass names the fields of :class:`~idphoto.photo.Photo` that it needs and gives. A pipeline whose stages stand
    in an impossible order is therefore refused when it is loaded.

    Attributes
    ----------
    needs, gives : frozenset of str
        Fields of Photo that must be set before the stage runs, and that are set after it.
    per_document : bool
        True if the result depends on the document. Otherwise all documents that are made from one photo share it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    needs: ClassVar[frozenset[str]] = frozenset()
    gives: ClassVar[frozenset[str]] = frozenset()
    per_document: ClassVar[bool] = True

    stage: str

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a misspelt field name when the class is defined."""
        super().__pydantic_init_subclass__(**kwargs)
        unknown = (cls.needs | cls.gives) - _PHOTO_FIELDS
        if unknown:
            raise TypeError(f"{cls.__name__} names fields that Photo does not have: {', '.join(sorted(unknown))}")

    def find_idle_options(self, spec: Spec | None) -> dict[str, str]:  # noqa: ARG002 - for subclasses
        """Return the options that have no effect for a document, each with the reason as a clause."""
        return {}

    def check_options(self, spec: Spec | None) -> None:
        """Look up all that the options name, and refuse what cannot be done for a document, before any work.

        Raises
        ------
        IdPhotoError
            If an option cannot be used; the `option` of the error is its name.
        """

    def name_files(self, spec: Spec | None) -> tuple[str, ...]:  # noqa: ARG002 - for subclasses
        """Return the suffixes of the files that the stage makes, as far as they are known before it runs."""
        return ()

    def __call__(self, photo: Photo) -> Photo:
        """Do the step and return a new photo."""
        raise NotImplementedError
