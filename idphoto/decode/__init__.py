"""Decode pictures of any size, at the scale that is needed, safely also from hostile files."""

from idphoto.decode.source import PIXEL_CAP, Source

__all__ = ["PIXEL_CAP", "Source"]
