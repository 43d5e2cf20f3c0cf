"""The stage that takes a mask which was sent along, where a pipeline would cut out by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict

from idphoto.decode import Source
from idphoto.errors import InputError
from idphoto.report import Operation
from idphoto.resample import to_source, warp_mask
from idphoto.stages import Stage

if TYPE_CHECKING:
    from idphoto.photo import Photo

__all__ = ["OwnMask"]


class OwnMask(Stage):
    """Take the user's own mask: white, or opaque, where the person is.

    The stage ``cutout`` does the same with the path of a file; a server has only bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    stage: Literal["own-mask"] = "own-mask"
    mask: Source

    needs: ClassVar[frozenset[str]] = frozenset({"picture", "view"})
    gives: ClassVar[frozenset[str]] = frozenset({"alpha"})

    def __call__(self, photo: Photo) -> Photo:
        """Set `alpha`."""
        assert photo.view is not None
        mask, source = self.mask, photo.source
        if abs(mask.size.width / mask.size.height - source.size.width / source.size.height) > 0.01:
            raise InputError(
                f"The mask has {mask.size} pixels, the photo {source.size}.",
                "Send a mask of the same proportions as the photo.",
            )
        ratio = mask.size.width / source.size.width
        wanted = min(1.0, photo.view.scale / ratio)
        pixels, scale = mask.pixels(wanted)
        own = mask.alpha(wanted)
        values = pixels.mean(axis=2, dtype=np.float32) / np.float32(255) if own is None else own
        alpha = warp_mask(values, photo.view.matrix @ to_source(scale * ratio), photo.view.size)
        return photo.did(Operation(name="mask", detail="taken as given"), alpha=alpha)
