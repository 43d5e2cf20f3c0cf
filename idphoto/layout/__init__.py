"""Impose photos on sheets of paper: places of photos, crop marks, a check ruler and a caption.

This package is pure geometry. All lengths are millimetres, counted from the top-left corner of the page,
x to the right and y down.
"""

from __future__ import annotations

from idphoto.layout.imposition import find_fuller_layout, impose
from idphoto.layout.sheet import Caption, Item, Label, Layout, Line, Page, Placed, Ruler

__all__ = ["Caption", "Item", "Label", "Layout", "Line", "Page", "Placed", "Ruler", "find_fuller_layout", "impose"]
