"""What every stage is: its own options, its needs and its gifts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from idphoto.photo import Photo

__all__ = ["Stage"]

_FIELDS = frozenset(field.name for field in fields(Photo))


class Stage(BaseModel):
    """One step ``Photo -> Photo``; a frozen model whose fields are its options.

    A subclass names the fields of :class:`~idphoto.photo.Photo` that it needs and gives, so that
    a pipeline in an impossible order is refused when it is loaded.

    Attributes
    ----------
    needs, gives : frozenset of str
        Fields of Photo that must be there before, and are there after.
    per_document : bool
        Whether the outcome depends on the document; if not, it is shared by all documents that
        are made from one photo.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: ClassVar[frozenset[str]] = frozenset()
    gives: ClassVar[frozenset[str]] = frozenset()
    per_document: ClassVar[bool] = True

    stage: str

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a misspelt field name when the class is defined."""
        super().__pydantic_init_subclass__(**kwargs)
        unknown = (cls.needs | cls.gives) - _FIELDS
        if unknown:
            raise TypeError(f"{cls.__name__} names fields that Photo does not have: {', '.join(sorted(unknown))}")

    def __call__(self, photo: Photo) -> Photo:
        """Do the step and return a new photo."""
        raise NotImplementedError
