"""Reading pictures: look at them small, resample them once, and let no file do harm."""

from idphoto.decode.source import PIXEL_CAP, Source

__all__ = ["PIXEL_CAP", "Source"]
