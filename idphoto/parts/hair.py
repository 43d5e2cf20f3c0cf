"""The hair of a head, told from skin and clothes by colour.

Two colour models are fitted on the head itself: hair from where there is always hair if there is
any, and everything else from the middle of the face and from below the shoulders. A graph cut
puts the boundary where the picture has one [1]_, and a guided filter lets it follow locks.

A hat counts as hair. Hair of the colour of the clothes it lies on, or of the skin (very fair,
very short), is found only in part.

References
----------
.. [1] Rother, Kolmogorov, Blake: GrabCut, ACM Transactions on Graphics 23 (2004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.parts.place import Place
    from idphoto.portrait import Alpha, Rgb

__all__ = ["hair_alpha"]

LOOK = 320  # pixels of the longer side that the graph cut sees
ROUNDS = 4  # of fitting colours and cutting
BALD = 12.0  # CIE Lab: a seed whose colour is nearer than this to the skin's is no hair
CLEARLY = (0.75, 0.35)  # how much nearer to the skin's colour than to the hair's skin is, on the forehead and beyond
LIGHT = (0.5, 1.0, 1.0)  # weights of lightness and of both hues in such a difference
LEAST = 0.02  # of a square of the head's unit: less is no hairstyle


def hair_alpha(rgb: Rgb, alpha: Alpha, place: Place) -> Alpha:
    """Share of hair in each pixel.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB; a window around the head.
    alpha : ndarray of float32, shape (H, W)
        Share of the person.
    place : Place
        The head in the window.

    Returns
    -------
    ndarray of float32, shape (H, W)
        In [0, 1], at most `alpha`; 0 everywhere for a head without hair.
    """
    zoom = min(1.0, LOOK / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * zoom)), max(1, round(alpha.shape[0] * zoom)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    found = _cut(small, person, place.moved(0, 0, zoom))
    if found.sum() < LEAST * (place.size * zoom) ** 2:
        return np.zeros_like(alpha)
    wide = cv2.resize(found.astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    fine = cv2.ximgproc.guidedFilter(rgb, wide, max(2, round(0.06 * place.size)), 60.0)
    # Outwards the matte knows best where hair ends; this filter only draws the line to skin and clothes.
    inner = cv2.erode((alpha > 0.98).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    grown = cv2.dilate(wide, np.ones((3, 3), np.uint8), iterations=max(1, round(0.05 * place.size)))
    share = np.where(inner, np.clip(1.25 * fine - 0.125, 0, 1), grown)
    result: Alpha = np.minimum(share.astype(np.float32), 1.0) * alpha
    return result


def _cut(rgb: Rgb, person: Alpha, place: Place) -> NDArray[np.bool_]:
    """Graph cut between hair and everything else, at reduced size."""
    across, down = place.frame(rgb.shape)
    face, inner = place.face(rgb.shape) > 0, place.face(rgb.shape, 0.82) > 0
    is_person = person > 0.5
    lab = cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), 1.0).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    skin = inner & (down > -0.15)
    if not skin.any():
        return np.zeros(rgb.shape[:2], dtype=bool)
    tone = np.median(lab[skin], axis=0)
    # Where hair is if there is any: over the forehead, and beside it, out to the edge of the person.
    seed = is_person & ~face & (down < -0.25)
    from_skin = _distance(lab, tone)
    sure = seed & (from_skin > BALD)
    if sure.sum() < 0.25 * LEAST * place.size**2:
        return np.zeros(rgb.shape[:2], dtype=bool)
    # Foreheads shine, and high ones reach over the contour: what is plainly nearer to skin than to hair is skin.
    clearly = np.where(place.face(rgb.shape, 1.08) > 0, *CLEARLY)
    bare = (from_skin < clearly * _distance(lab, np.median(lab[sure], axis=0))) & (down < 0.2)
    sure &= ~bare
    state = np.where(is_person, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    # Beside and below the face: perhaps. Far below: clothes, unless they look quite like the hair.
    state[is_person & ~face & (down < 1.4) & (np.abs(across) < 1.6)] = cv2.GC_PR_FGD
    state[sure] = cv2.GC_FGD
    state[seed & ~sure] = cv2.GC_PR_BGD
    state[face & (down < -0.1)] = cv2.GC_PR_BGD  # a fringe may hang down to the eyebrows
    state[(inner & (down > -0.2)) | (is_person & bare)] = cv2.GC_BGD
    throat = (np.abs(across) < 0.35) & (down > 1.0)
    state[throat] = cv2.GC_BGD
    state[(down > 3.0) & is_person] = cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    cv2.setRNGSeed(0)  # the first clusters are drawn by chance
    cv2.grabCut(bgr, state, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    hair = (state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)
    return _joined(hair, sure)


def _distance(lab: NDArray[np.float32], tone: NDArray[np.float32]) -> NDArray[np.float32]:
    """Difference from a colour, in which light and shade count less than hue."""
    result: NDArray[np.float32] = np.linalg.norm((lab - tone) * np.array(LIGHT, np.float32), axis=-1)
    return result


def _joined(hair: NDArray[np.bool_], sure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the pieces that hang together with what is sure: a dark tie is no lock."""
    count, labels = cv2.connectedComponents(hair.astype(np.uint8), connectivity=4)
    keep = np.zeros(count, dtype=bool)
    keep[np.unique(labels[sure])] = True
    keep[0] = False
    kept: NDArray[np.bool_] = keep[labels]
    return kept
