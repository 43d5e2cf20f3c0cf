"""Parts of a person: the head with its hair, and the hair alone, from a matte and a face.

No network looks for hair here. What the face's contour and the colours of skin and hair tell is
enough for most heads; where it is not, see the notes of :mod:`idphoto.parts.hair`.
"""

from __future__ import annotations

from idphoto.parts.hair import hair_alpha
from idphoto.parts.head import head_alpha
from idphoto.parts.place import Place, place_of

__all__ = ["Place", "hair_alpha", "head_alpha", "place_of"]
