"""Cut out parts of a person from a matte and a face: the head with its hair, or the hair alone.

Hair is found by the contour of the face and the colours of skin and hair, without a network. This is
enough for most heads; :mod:`idphoto.parts.hair` names the exceptions.
"""

from __future__ import annotations

from idphoto.parts.hair import estimate_hair_alpha
from idphoto.parts.head import estimate_head_alpha
from idphoto.parts.place import HeadPlace, locate_head

__all__ = ["HeadPlace", "estimate_hair_alpha", "estimate_head_alpha", "locate_head"]
