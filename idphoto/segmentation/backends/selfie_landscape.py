"""Segment people with MediaPipe's selfie model for wide pictures, which sees 256x144 pixels."""

from __future__ import annotations

from idphoto.segmentation.backends.selfie import SolutionsSegmenter

__all__ = ["load"]


def load() -> SolutionsSegmenter:
    """Open the model (10 ms)."""
    return SolutionsSegmenter(landscape=True)
