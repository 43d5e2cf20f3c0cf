"""Ink on paper: signatures, thumb prints and declarations from phone pictures.

``page`` evens the paper to white by the page's own light, ``strokes`` finds the ink, and ``part`` straightens, crops
and fits it to the size that a form asks for. Nothing is drawn: against its paper, a pixel only ever gets lighter.
"""

from __future__ import annotations

from idphoto.ink.part import InkPart, make_ink_part

__all__ = ["InkPart", "make_ink_part"]
