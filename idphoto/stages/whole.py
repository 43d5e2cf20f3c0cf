"""Take the whole picture, at its own size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from idphoto.portrait import View
from idphoto.stages.base import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["Whole"]


class Whole(Stage):
    """Set the picture to the source itself, without crop, turn or scaling."""

    stage: Literal["whole"] = "whole"

    needs: ClassVar[frozenset[str]] = frozenset({"source"})
    gives: ClassVar[frozenset[str]] = frozenset({"view", "picture"})
    per_document: ClassVar[bool] = False

    def __call__(self, photo: Photo) -> Photo:
        """Set `view` and `picture`."""
        picture, _ = photo.source.pixels(1.0)
        return replace(photo, view=View(np.eye(3), photo.source.size), picture=picture)
