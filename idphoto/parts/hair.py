"""Find the hair of a head by colour.

Two colour models are fitted on the head itself: one of hair, from the places where hair is if there
is any, and one of everything else, from the middle of the face and from below the shoulders. A graph
cut puts the boundary along edges of the picture [1]_, and a guided filter makes it follow single locks.

A hat counts as hair. Hair that has the colour of the clothes it lies on, or of the skin (very fair or
very short hair), is found only in part.

References
----------
.. [1] Rother, Kolmogorov, Blake: GrabCut, ACM Transactions on Graphics 23 (2004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from idphoto.parts.place import HeadPlace
    from idphoto.portrait import Alpha, Rgb

__all__ = ["estimate_hair_alpha"]

GRAPH_CUT_SIDE_PX = 320  # longer side of the reduced picture on which the graph is cut
GRAPH_CUT_ROUNDS = 4  # times that colours are fitted and the graph is cut
MIN_HAIR_DISTANCE_LAB = 12.0  # a seed whose colour is nearer than this to that of the skin is not hair
# A pixel is plainly skin if its distance from the skin's colour is less than this share of its distance from the
# hair's colour: on the forehead, and elsewhere.
SKIN_DISTANCE_RATIOS = (0.75, 0.35)
LAB_WEIGHTS = (0.5, 1.0, 1.0)  # weights of L, a and b in such a distance: light and shade count less than hue
MIN_HAIR_AREA = 0.02  # least area of hair, in squares of `HeadPlace.size`; less is no hairstyle

Mask = NDArray[np.bool_]


def estimate_hair_alpha(rgb: Rgb, alpha: Alpha, place: HeadPlace) -> Alpha:
    """Estimate the share of hair in each pixel.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB; a window around the head.
    alpha : ndarray of float32, shape (H, W)
        Share of the person.
    place : HeadPlace
        The head in the window.

    Returns
    -------
    ndarray of float32, shape (H, W)
        In [0, 1], at most `alpha`; 0 everywhere for a head without hair.
    """
    zoom = min(1.0, GRAPH_CUT_SIDE_PX / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * zoom)), max(1, round(alpha.shape[0] * zoom)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    found = _cut_graph(small, person, place.in_window(0, 0, zoom))
    if found.sum() < MIN_HAIR_AREA * (place.size * zoom) ** 2:
        return np.zeros_like(alpha)
    wide = cv2.resize(found.astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    fine = cv2.ximgproc.guidedFilter(rgb, wide, max(2, round(0.06 * place.size)), 60.0)
    # Towards the background, the matte says best where hair ends; the filter only separates it from skin and clothes.
    inner = cv2.erode((alpha > 0.98).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    grown = cv2.dilate(wide, np.ones((3, 3), np.uint8), iterations=max(1, round(0.05 * place.size)))
    share = np.where(inner, np.clip(1.25 * fine - 0.125, 0, 1), grown)
    result: Alpha = np.minimum(share.astype(np.float32), 1.0) * alpha
    return result


def _cut_graph(rgb: Rgb, person: Alpha, place: HeadPlace) -> Mask:
    """Separate hair from everything else by a graph cut, at reduced size."""
    across, down = place.head_coordinates(rgb.shape)
    face, inner_face = place.draw_face(rgb.shape) > 0, place.draw_face(rgb.shape, 0.82) > 0
    is_person = person > 0.5
    # Hair is above the forehead and beside it, as far as the edge of the person, if there is any.
    seed = is_person & ~face & (down < -0.25)
    certain, bare = _seed_colours(rgb, place, seed, skin=inner_face & (down > -0.15))
    if not certain.any():
        return certain
    state = np.where(is_person, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    # Beside and below the face, hair is possible. Far below are clothes, unless they look much like the hair.
    state[is_person & ~face & (down < 1.4) & (np.abs(across) < 1.6)] = cv2.GC_PR_FGD
    state[certain] = cv2.GC_FGD
    state[seed & ~certain] = cv2.GC_PR_BGD
    state[face & (down < -0.1)] = cv2.GC_PR_BGD  # a fringe may hang down to the eyebrows
    state[(inner_face & (down > -0.2)) | (is_person & bare)] = cv2.GC_BGD
    throat = (np.abs(across) < 0.35) & (down > 1.0)
    state[throat] = cv2.GC_BGD
    state[(down > 3.0) & is_person] = cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    cv2.setRNGSeed(0)  # the initial clusters are drawn at random
    cv2.grabCut(bgr, state, None, *models, GRAPH_CUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    hair = (state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)
    return _keep_connected(hair, certain)


def _seed_colours(rgb: Rgb, place: HeadPlace, seed: Mask, skin: Mask) -> tuple[Mask, Mask]:
    """Return which pixels are certainly hair, none if there is too little, and which are plainly skin."""
    nothing = np.zeros(rgb.shape[:2], dtype=bool)
    if not skin.any():
        return nothing, nothing
    lab = cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), 1.0).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    from_skin = _distance(lab, np.median(lab[skin], axis=0))
    certain = seed & (from_skin > MIN_HAIR_DISTANCE_LAB)
    if certain.sum() < 0.25 * MIN_HAIR_AREA * place.size**2:
        return nothing, nothing
    # Foreheads shine, and high ones reach above the contour. They are told from hair by which colour is nearer.
    ratio = np.where(place.draw_face(rgb.shape, 1.08) > 0, *SKIN_DISTANCE_RATIOS)
    _, down = place.head_coordinates(rgb.shape)
    bare = (from_skin < ratio * _distance(lab, np.median(lab[certain], axis=0))) & (down < 0.2)
    return certain & ~bare, bare


def _distance(lab: NDArray[np.float32], colour: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the distance of each pixel from a colour, in CIE Lab weighted by `LAB_WEIGHTS`."""
    result: NDArray[np.float32] = np.linalg.norm((lab - colour) * np.array(LAB_WEIGHTS, np.float32), axis=-1)
    return result


def _keep_connected(hair: Mask, certain: Mask) -> Mask:
    """Keep the pieces that are connected with certain hair: a dark tie is not hair."""
    count, labels = cv2.connectedComponents(hair.astype(np.uint8), connectivity=4)
    keep = np.zeros(count, dtype=bool)
    keep[np.unique(labels[certain])] = True
    keep[0] = False
    kept: Mask = keep[labels]
    return kept
