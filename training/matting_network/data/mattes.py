"""Recover nearly exact mattes and foreground colours from portraits before a smooth blue background.

    python -m training.matting_network.data.mattes ../shared/portraits/studio DATA/mattes

Each portrait is in effect a blue-screen picture: the background is a smooth function of place. It can be fitted and
subtracted, and the rest tells how much of each pixel the person covers. The steps are:

1. Fit the background with a polynomial and a slowly varying residual.
2. Pixels that equal it are background, pixels well inside the person are foreground.
3. Between them, the closed-form Laplacian [1]_ gives alpha. A weak prior is the projection of each colour on the line
   between the foreground nearby and the background.
4. Blue light is removed from the colours of the edge.
5. Alpha is converted to coverage in linear light, in which composites are made.

A portrait is refused if its composite does not reproduce it, or if its matte has other faults.

For each portrait ``NAME.png`` is written: RGBA, straight (not premultiplied) sRGB foreground. ``refused.json`` has the
reasons of those that were refused.

References
----------
.. [1] Levin, Lischinski, Weiss: A closed-form solution to natural image matting, PAMI 30 (2008).
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from idphoto.colour import composite


@dataclass
class Matte:
    """A recovered matte.

    Attributes
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        Foreground colours.
    alpha : ndarray of float32, shape (H, W)
        Coverage in linear light.
    faults : list of str
        Reasons to refuse it.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    faults: list[str]


def fit_background(rgb: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Fit a smooth background to the pixels away from the person; return it for the whole picture.

    It is a fourth-order polynomial for each channel, fitted in five robust rounds, plus the blurred residual.

    Parameters
    ----------
    rgb : ndarray of float32, shape (H, W, 3)
        sRGB in [0, 1].
    person : ndarray of float32, shape (H, W)
        Person mask.

    Returns
    -------
    ndarray of float32, shape (H, W, 3)
        sRGB in [0, 1].
    """
    height, width = person.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    basis = np.stack([x**i * y**j for i in range(5) for j in range(5 - i)], axis=-1)
    away = cv2.dilate((person > 0.15).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (29, 29))) == 0
    # The outermost pixels of some scans are dark.
    away[:3], away[-3:], away[:, :3], away[:, -3:] = False, False, False, False
    away &= (rgb[..., 2] > rgb[..., 0] + 0.04) & (rgb[..., 2] > rgb[..., 1])
    use = away.copy()
    smooth = np.zeros_like(rgb)
    for _ in range(5):
        coefficients, *_ = np.linalg.lstsq(basis[use], rgb[use], rcond=None)
        smooth = basis @ coefficients
        error = np.abs(rgb - smooth).max(axis=-1)
        use = away & (error < max(0.02, 3 * float(np.median(error[use]))))
    weight = cv2.GaussianBlur(use.astype(np.float32), (0, 0), 12)[..., None]
    slow = cv2.GaussianBlur(np.where(use[..., None], rgb - smooth, 0).astype(np.float32), (0, 0), 12)
    return np.clip(smooth + slow / np.maximum(weight, 0.05) * np.minimum(weight / 0.2, 1), 0, 1).astype(np.float32)


def measure_blueness(rgb: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Measure how blue each pixel is: 1 as the background there, 0 if blue is not its largest channel."""
    bluish = rgb[..., 2] - np.maximum(rgb[..., 0], rgb[..., 1])
    most = np.maximum(background[..., 2] - np.maximum(background[..., 0], background[..., 1]), 0.05)
    return np.clip(bluish / most, 0, 1)


def local_mean(values: np.ndarray, where: np.ndarray, sigma: float) -> np.ndarray:
    """Compute the Gaussian mean of the values at the pixels in `where`.

    Where there are no such pixels nearby, the mean is taken over a wider area, up to eight times `sigma`.
    """
    total = np.zeros_like(values)
    weight = np.zeros((*values.shape[:2], 1), dtype=np.float32)
    for factor in (1, 2, 4, 8):
        blurred = cv2.GaussianBlur(where.astype(np.float32), (0, 0), sigma * factor)[..., None]
        share = np.maximum(1 - weight, 0) * np.minimum(blurred * 20, 1)
        sums = cv2.GaussianBlur(np.where(where[..., None], values, 0), (0, 0), sigma * factor).reshape(values.shape)
        total += share * sums / np.maximum(blurred, 1e-6)
        weight += share
    return total / np.maximum(weight, 1e-6)


def mark_trimap(
    rgb: np.ndarray, person: np.ndarray, background: np.ndarray, key: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mark the pixels that are certainly foreground and those that are certainly background.

    Parameters
    ----------
    rgb, person, background : ndarray
        Picture, person mask, and fitted background.
    key : ndarray
        1 minus the blueness: a first estimate of alpha that is right where hair is not blue.
    """
    residual = np.abs(cv2.GaussianBlur(rgb - background, (0, 0), 1.0)).max(axis=-1)
    far = cv2.dilate((person > 0.3).astype(np.uint8), np.ones((25, 25))) == 0
    noise = float(residual[far].std()) if far.sum() > 500 else 0.01

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (19, 19))
    inside = cv2.erode((person > 0.9).astype(np.uint8), disc, borderValue=1) > 0
    sure_background = (residual < max(0.021, 2.6 * noise)) & (person < 0.7)
    foreground = inside | ((residual > 0.25) & (key > 0.97) & (person > 0.5))
    foreground &= (key > 0.6) | (cv2.erode((person > 0.97).astype(np.uint8), disc, iterations=2, borderValue=1) > 0)
    foreground = cv2.erode(foreground.astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0
    sure_background = cv2.erode(sure_background.astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0
    return foreground, sure_background


def solve_alpha(
    rgb: np.ndarray, background: np.ndarray, key: np.ndarray, trimap: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Solve the closed-form Laplacian for alpha, with a weak prior where the trimap leaves it open."""
    from pymatting import cf_laplacian, cg, ichol
    from scipy.sparse import diags

    foreground, sure_background = trimap
    line = local_mean(rgb, foreground, 6) - background
    projected = ((rgb - background) * line).sum(axis=-1) / np.maximum((line**2).sum(axis=-1), 0.01)
    prior = np.clip(0.6 * key + 0.4 * np.clip(projected, 0, 1), 0, 1).ravel()
    known = (foreground | sure_background).ravel()
    target = np.where(foreground.ravel(), 1.0, np.where(sure_background.ravel(), 0.0, prior))
    weight = np.where(known, 100.0, 0.02)
    system = (cf_laplacian(rgb.astype(np.float64), epsilon=1e-6) + diags(weight)).tocsc()
    solved = cg(system, weight * target, x0=target, M=ichol(system), rtol=1e-6, maxiter=500)
    return np.clip((solved.reshape(key.shape) - 0.03) / 0.94, 0, 1).astype(np.float32)


def keep_largest_piece(alpha: np.ndarray) -> tuple[np.ndarray, float]:
    """Set alpha to 0 outside the largest connected piece; return it and the sum of the alpha removed."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.05).astype(np.uint8))
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
    stray = float(alpha[(labels != largest)].sum())
    return np.where(labels == largest, alpha, 0).astype(np.float32), stray


def estimate_colours(rgb: np.ndarray, alpha: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """Estimate the foreground colours; at the edge, blue does not exceed what it has inside the person nearby."""
    from pymatting import estimate_foreground_ml

    colours = estimate_foreground_ml(rgb.astype(np.float64), alpha.astype(np.float64)).astype(np.float32)
    colours = np.where((alpha >= 0.999)[..., None], rgb, np.clip(colours, 0, 1))
    edge = cv2.dilate(((alpha > 0) & (alpha < 1)).astype(np.uint8), np.ones((5, 5))) > 0
    excess = np.maximum(rgb[..., 2:] - rgb[..., :2].max(axis=-1, keepdims=True), 0)
    most_blue = colours[..., :2].max(axis=-1) + local_mean(excess, foreground & ~edge, 6)[..., 0]
    colours[..., 2] = np.where(edge, np.minimum(colours[..., 2], most_blue), colours[..., 2])
    return colours


def recover(bgr: np.ndarray, person: np.ndarray) -> Matte:
    """Recover the matte of one portrait.

    Parameters
    ----------
    bgr : ndarray of uint8, shape (H, W, 3)
        The portrait, as OpenCV reads it.
    person : ndarray of float32, shape (H, W)
        Person mask in [0, 1].
    """
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    background = fit_background(rgb, person)
    key = 1 - measure_blueness(rgb, background)
    trimap = mark_trimap(rgb, person, background, key)
    alpha, stray = keep_largest_piece(solve_alpha(rgb, background, key, trimap))
    colours = estimate_colours(rgb, alpha, trimap[0])
    alpha = linear_coverage(rgb, colours, background, alpha)
    faults = find_faults(rgb, colours, background, alpha, person, stray)
    return Matte((colours * 255).round().astype(np.uint8), alpha, faults)


def linear_coverage(rgb: np.ndarray, colours: np.ndarray, background: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Convert an alpha of sRGB levels into the share of linear light that explains the same picture.

    Where foreground and background are nearly alike, the alpha given is kept.
    """

    def linear(values: np.ndarray) -> np.ndarray:
        return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)

    line = linear(colours) - linear(background)
    length = (line**2).sum(axis=-1)
    share = ((linear(rgb) - linear(background)) * line).sum(axis=-1) / np.maximum(length, 1e-6)
    trust = np.clip(length / 0.02, 0, 1)
    mixed = trust * np.clip(share, 0, 1) + (1 - trust) * alpha
    return np.where((alpha <= 0) | (alpha >= 1), alpha, mixed).astype(np.float32)


def find_faults(
    rgb: np.ndarray, colours: np.ndarray, background: np.ndarray, alpha: np.ndarray, person: np.ndarray, stray: float
) -> list[str]:
    """List the reasons to refuse a matte."""
    levels = [(np.clip(values, 0, 1) * 255).round().astype(np.uint8) for values in (colours, background)]
    again = composite(levels[0], alpha, levels[1]).astype(np.float32) / 255
    band = (alpha > 0.02) & (alpha < 0.98)
    found = []
    if band.any() and np.abs(again - rgb)[band].mean() > 0.045:
        found.append(f"does not reproduce its picture ({np.abs(again - rgb)[band].mean():.3f})")
    if stray > 0.004 * alpha.size:
        found.append(f"stray blobs ({stray:.0f} px)")
    leak = float(alpha[cv2.dilate((person > 0.2).astype(np.uint8), np.ones((41, 41))) == 0].sum())
    if leak > 60:
        found.append(f"leaks ({leak:.0f} px)")
    found_person, mask = alpha > 0.5, person > 0.5
    overlap = (found_person & mask).sum() / max((found_person | mask).sum(), 1)
    if overlap < 0.93:
        found.append(f"differs from the person mask (IoU {overlap:.2f})")
    core = cv2.erode((person > 0.95).astype(np.uint8), np.ones((25, 25)), borderValue=1) > 0
    if core.any() and (alpha[core] < 0.95).mean() > 0.002:
        found.append(f"holes ({(alpha[core] < 0.95).mean():.4f})")
    return found


def write_matte(job: tuple[Path, Path]) -> tuple[str, list[str]]:
    """Recover a portrait and write its matte to a folder unless it is refused; return its name and the reasons."""
    source, folder = job
    from idphoto.segmentation import run_segmenter

    bgr = cv2.imread(str(source))
    person = run_segmenter(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), "selfie")
    matte = recover(bgr, person)
    if not matte.faults:
        rgba = np.dstack([matte.rgb[..., ::-1], (matte.alpha * 255).round().astype(np.uint8)])
        cv2.imwrite(str(folder / f"{source.stem}.png"), rgba)
    return source.stem, matte.faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    jobs = [(path, arguments.out) for path in sorted(arguments.portraits.glob("*.jpg"))[: arguments.limit]]
    with ProcessPoolExecutor(arguments.workers) as pool:
        results = dict(pool.map(write_matte, jobs, chunksize=4))
    kept = [name for name, reasons in results.items() if not reasons]
    (arguments.out / "refused.json").write_text(
        json.dumps({name: reasons for name, reasons in results.items() if reasons}, indent=1), encoding="utf-8"
    )
    print(f"{len(kept)} of {len(results)} mattes kept")


if __name__ == "__main__":
    main()
