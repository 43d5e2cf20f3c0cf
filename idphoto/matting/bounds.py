"""What the colours of a pixel say about its alpha, where the wall behind the person is plain.

A pixel mixes the light of the person and that of the wall, and neither can be below nothing or
above white. Of a wall whose light is known, a pixel that is darker or brighter than it cannot
therefore show more than some share: dark hair that lets through a tenth of a blue wall is at least
nine tenths there. Mattes that show more of the wall than that turn orange on other colours, since
the wall's blue is taken out of hair which had none. This bound is as old as the blue screen (Smith
and Blinn, "Blue Screen Matting", SIGGRAPH 1996, who solve for alpha with constraints on colours).

The thresholds were chosen on validation composites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from idphoto.colour import to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.photo import Alpha, Rgb

__all__ = ["bounded"]

LOOK = 200  # pixels of the picture's height at which the wall is looked at
WINDOW = 0.08  # share of the height: the window in which the wall's light is averaged
NOBODY, ENOUGH = 0.02, 0.03  # alpha below which there is wall; share of the window that must be wall, at least
PLAIN = 12 / 255  # standard deviation of the wall (sRGB) up to which it is plain; at twice that it is not
NOISE = 0.003  # of linear light
SURE = 0.2  # alpha from which on the bound holds in full
ACROSS = 1024


def bounded(rgb: Rgb, alpha: Alpha) -> Alpha:
    """Raise alpha at the edge to what the pixel's colour demands.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        sRGB.
    alpha : ndarray of float32, shape (H, W)
        In [0, 1].

    Returns
    -------
    ndarray of float32, shape (H, W)
        Alpha, nowhere lower; where it was 0 or 1, the same.
    """
    rows, columns = np.nonzero((alpha > NOBODY) & (alpha < 1))
    if not len(rows):
        return alpha
    height, width = alpha.shape
    zoom = min(1.0, LOOK / height)
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    wall, trust = _wall(
        cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    )
    across, down = size[0] / width, size[1] / height
    seen = _at(np.dstack([wall, trust]), (columns + 0.5) * across - 0.5, (rows + 0.5) * down - 0.5)
    behind, trusted = seen[:, :3], seen[:, 3]
    light = to_linear(rgb[rows, columns][None])[0]
    darker = (behind - light - NOISE) / np.maximum(behind, 0.03)
    brighter = (light - behind - NOISE) / np.maximum(1 - behind, 0.1)
    least = np.clip(np.maximum(darker, brighter).max(axis=1), 0, 1) * trusted
    given = alpha[rows, columns]
    result = alpha.copy()
    result[rows, columns] = np.maximum(given, least * np.minimum(given / SURE, 1))
    return result


def _wall(rgb: Rgb, alpha: Alpha) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Linear light of the wall around each pixel of a reduced picture, and how far that may be relied on."""
    size = 2 * round(WINDOW * LOOK / 2) + 1
    share = (alpha < NOBODY).astype(np.float32)
    near = cv2.blur(share, (size, size))
    part = np.maximum(near, 1e-4)[..., None]

    def mean(layer: NDArray[np.float32]) -> NDArray[np.float32]:
        return cv2.blur(layer * share[..., None], (size, size)) / part

    shown = rgb.astype(np.float32) / 255
    spread = np.sqrt(np.maximum(mean(shown * shown) - mean(shown) ** 2, 0)).max(axis=2)
    trust = np.clip(2 - spread / PLAIN, 0, 1) * np.clip(near / ENOUGH - 1, 0, 1)
    return mean(to_linear(rgb)), trust.astype(np.float32)


def _at(layer: NDArray[np.float32], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    """A layer's values at places, interpolated. OpenCV wants them as a picture of less than 32,768 rows."""
    count = len(x)
    grid = np.zeros((2, -(-count // ACROSS), ACROSS), dtype=np.float32)
    for line, places in zip(grid.reshape(2, -1), (x, y), strict=True):
        line[:count] = places
    values = cv2.remap(layer, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(-1, layer.shape[2])[:count]
