"""Find the parts of a head that a picture does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.portrait import Head, PersonMask
    from idphoto.units import Size

__all__ = ["find_cut_parts"]

BORDER_TOLERANCE = 0.02
"""Distance from the border at which a part still counts as cut, as a share of the distance from eyes to chin.

Where a picture ends inside a face, the landmarks beyond the border are pressed against it. On 20 portraits cut in
steps, the found chin of each cut just below the true one was at least 0.03 inside, of each cut at it at most 0.023."""
SIDE_LOW, SIDE_HIGH = -0.2, 1.0
"""Heights between which hair is looked for at the sides: from below the eyes, in eyes to chin, to the skull crown."""
SIDE_SHARE = 0.1  # of those heights that the person must touch at a side for the hair to count as cut


def find_cut_parts(head: Head, person_mask: PersonMask | None, size: Size) -> frozenset[str]:
    """Find the parts of a head that lie at or beyond the border of a picture.

    Parameters
    ----------
    head : Head
        In pixels of the picture.
    person_mask : PersonMask, optional
        Of the same picture.
    size : Size
        Of the picture, in pixels.

    Returns
    -------
    frozenset of str
        Of ``crown`` (top of the skull), ``chin``, ``left``, ``right`` (contour of the face) and ``hair`` (top or sides
        of the hair).
    """
    axis = np.array(head.axis)
    across = np.array([-axis[1], axis[0]])
    eyes = np.array(head.eyes)
    margin = BORDER_TOLERANCE * head.chin
    points = {
        "chin": eyes - axis * (head.chin + margin),
        "left": eyes - across * head.left,
        "right": eyes + across * head.right,
    }
    # Where a picture ends at the brows, the segmenter may take the hairline for the end of the head. Anatomy then
    # knows better, unless it is only a little higher than the border.
    certain_skull = max(head.skull + margin, head.anatomical_skull - 2 * head.skull_sd)
    points["crown"] = eyes + axis * certain_skull
    cut = {name for name, point in points.items() if not _is_inside(point, size)}
    if head.hair_cut or (person_mask is not None and _touches_side(head, person_mask, size)):
        cut.add("hair")
    return frozenset(cut)


def _is_inside(point: NDArray[np.float64], size: Size) -> bool:
    x, y = point
    return bool(-0.5 <= x <= size.width - 0.5 and -0.5 <= y <= size.height - 0.5)


def _touches_side(head: Head, person_mask: PersonMask, size: Size) -> bool:
    """Return True if the person touches the left or right border of the picture beside the upper head."""
    heights = np.linspace(SIDE_LOW * head.chin, SIDE_HIGH * head.skull, 60)
    rows = head.eyes.y + head.axis[1] * heights
    rows = rows[(rows >= 0) & (rows <= size.height - 1)]
    if len(rows) == 0:
        return False
    tall, wide = person_mask.probability.shape
    for x in (0.0, size.width - 1.0):
        place = person_mask.matrix @ np.stack([np.full_like(rows, x), rows, np.ones_like(rows)])
        column, row = np.rint(place[:2]).astype(int)
        seen = (column >= -2) & (column <= wide + 1) & (row >= 0) & (row < tall)
        person = person_mask.probability[np.clip(row[seen], 0, tall - 1), np.clip(column[seen], 0, wide - 1)] > 0.5
        if person.sum() >= SIDE_SHARE * len(heights):
            return True
    return False
