"""Recover near-exact mattes and foreground colours from portraits before a smooth blue backdrop.

    python -m training.matting_network.data.mattes ../shared/portraits/studio DATA/mattes

Each portrait is in effect a blue-screen shot: the backdrop is a smooth function of place, so it
can be fitted and subtracted, and what is left says how much of each pixel the person covers.

Steps: fit the backdrop (polynomial plus slow residual); pixels that equal it are background,
pixels well inside the person are foreground; in between, the closed-form Laplacian [1]_ with a
weak prior from the projection of each colour on the line between local foreground and backdrop
gives alpha; then colours are despilled and alpha is turned into coverage in linear light, which
is the space that composites are made in. Portraits whose own composite does not reproduce them,
or whose matte leaks, are left out.

Written per portrait: ``NAME.png``, RGBA, straight (not premultiplied) sRGB foreground.

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
    """A recovered matte and why it may be refused."""

    rgb: np.ndarray
    alpha: np.ndarray
    faults: list[str]


def fit_backdrop(rgb: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Smooth backdrop under the whole picture, from the pixels away from the person.

    A fourth-order polynomial per channel in five robust rounds, plus what it leaves behind,
    blurred; float32 in [0, 1].
    """
    height, width = person.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    basis = np.stack([x**i * y**j for i in range(5) for j in range(5 - i)], axis=-1)
    away = cv2.dilate((person > 0.15).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (29, 29))) == 0
    # The very edge of some scans is a dark rim.
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


def blueness(rgb: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """How blue each pixel is: 1 as the backdrop there, 0 if blue is not its largest channel."""
    bluish = rgb[..., 2] - np.maximum(rgb[..., 0], rgb[..., 1])
    most = np.maximum(backdrop[..., 2] - np.maximum(backdrop[..., 0], backdrop[..., 1]), 0.05)
    return np.clip(bluish / most, 0, 1)


def local_mean(values: np.ndarray, where: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean of `values` over the pixels in `where`, spread outwards where there are none."""
    total = np.zeros_like(values)
    weight = np.zeros((*values.shape[:2], 1), dtype=np.float32)
    for factor in (1, 2, 4, 8):
        blurred = cv2.GaussianBlur(where.astype(np.float32), (0, 0), sigma * factor)[..., None]
        share = np.maximum(1 - weight, 0) * np.minimum(blurred * 20, 1)
        sums = cv2.GaussianBlur(np.where(where[..., None], values, 0), (0, 0), sigma * factor).reshape(values.shape)
        total += share * sums / np.maximum(blurred, 1e-6)
        weight += share
    return total / np.maximum(weight, 1e-6)


def recover(bgr: np.ndarray, person: np.ndarray) -> Matte:
    """Matte of one portrait; `person` is a coarse probability of the same size."""
    from pymatting import cf_laplacian, cg, estimate_foreground_ml, ichol
    from scipy.sparse import diags

    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    backdrop = fit_backdrop(rgb, person)
    residual = np.abs(cv2.GaussianBlur(rgb - backdrop, (0, 0), 1.0)).max(axis=-1)
    far = cv2.dilate((person > 0.3).astype(np.uint8), np.ones((25, 25))) == 0
    noise = float(residual[far].std()) if far.sum() > 500 else 0.01

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (19, 19))
    inside = cv2.erode((person > 0.9).astype(np.uint8), disc, borderValue=1) > 0
    background = (residual < max(0.021, 2.6 * noise)) & (person < 0.7)
    # A key in its own right, safe where hair is not blue.
    key = 1 - blueness(rgb, backdrop)
    foreground = inside | ((residual > 0.25) & (key > 0.97) & (person > 0.5))
    foreground &= (key > 0.6) | (cv2.erode((person > 0.97).astype(np.uint8), disc, iterations=2, borderValue=1) > 0)
    foreground = cv2.erode(foreground.astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0
    background = cv2.erode(background.astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0

    solid = local_mean(rgb, foreground, 6)
    line = solid - backdrop
    projected = ((rgb - backdrop) * line).sum(axis=-1) / np.maximum((line**2).sum(axis=-1), 0.01)
    prior = np.clip(0.6 * key + 0.4 * np.clip(projected, 0, 1), 0, 1).ravel()
    known = (foreground | background).ravel()
    target = np.where(foreground.ravel(), 1.0, np.where(background.ravel(), 0.0, prior))
    weight = np.where(known, 100.0, 0.02)
    system = (cf_laplacian(rgb.astype(np.float64), epsilon=1e-6) + diags(weight)).tocsc()
    solved = cg(system, weight * target, x0=target, M=ichol(system), rtol=1e-6, maxiter=500)
    alpha = np.clip((solved.reshape(person.shape) - 0.03) / 0.94, 0, 1).astype(np.float32)

    # Only the one person: scraps that hang together with nothing are noise.
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.05).astype(np.uint8))
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
    stray = float(alpha[(labels != largest)].sum())
    alpha[labels != largest] = 0

    colours = estimate_foreground_ml(rgb.astype(np.float64), alpha.astype(np.float64)).astype(np.float32)
    colours = np.where((alpha >= 0.999)[..., None], rgb, np.clip(colours, 0, 1))
    edge = cv2.dilate(((alpha > 0) & (alpha < 1)).astype(np.uint8), np.ones((5, 5))) > 0
    excess = local_mean(np.maximum(rgb[..., 2:] - rgb[..., :2].max(axis=-1, keepdims=True), 0), foreground & ~edge, 6)[
        ..., 0
    ]
    blue_cap = colours[..., :2].max(axis=-1) + excess
    colours[..., 2] = np.where(edge, np.minimum(colours[..., 2], blue_cap), colours[..., 2])

    alpha = linear_coverage(rgb, colours, backdrop, alpha)
    return Matte((colours * 255).round().astype(np.uint8), alpha, faults(rgb, colours, backdrop, alpha, person, stray))


def linear_coverage(rgb: np.ndarray, colours: np.ndarray, backdrop: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Turn an alpha that explains sRGB codes into the share of light that explains them."""

    def linear(values: np.ndarray) -> np.ndarray:
        return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)

    line = linear(colours) - linear(backdrop)
    length = (line**2).sum(axis=-1)
    share = ((linear(rgb) - linear(backdrop)) * line).sum(axis=-1) / np.maximum(length, 1e-6)
    trust = np.clip(length / 0.02, 0, 1)
    mixed = trust * np.clip(share, 0, 1) + (1 - trust) * alpha
    return np.where((alpha <= 0) | (alpha >= 1), alpha, mixed).astype(np.float32)


def faults(
    rgb: np.ndarray, colours: np.ndarray, backdrop: np.ndarray, alpha: np.ndarray, person: np.ndarray, stray: float
) -> list[str]:
    """Reasons to leave a matte out."""
    codes = [(np.clip(values, 0, 1) * 255).round().astype(np.uint8) for values in (colours, backdrop)]
    again = composite(codes[0], alpha, codes[1]).astype(np.float32) / 255
    band = (alpha > 0.02) & (alpha < 0.98)
    found = []
    if band.any() and np.abs(again - rgb)[band].mean() > 0.045:
        found.append(f"does not reproduce its picture ({np.abs(again - rgb)[band].mean():.3f})")
    if stray > 0.004 * alpha.size:
        found.append(f"stray blobs ({stray:.0f} px)")
    leak = float(alpha[cv2.dilate((person > 0.2).astype(np.uint8), np.ones((41, 41))) == 0].sum())
    if leak > 60:
        found.append(f"leaks ({leak:.0f} px)")
    solid, coarse = alpha > 0.5, person > 0.5
    overlap = (solid & coarse).sum() / max((solid | coarse).sum(), 1)
    if overlap < 0.93:
        found.append(f"differs from the silhouette (IoU {overlap:.2f})")
    core = cv2.erode((person > 0.95).astype(np.uint8), np.ones((25, 25)), borderValue=1) > 0
    if core.any() and (alpha[core] < 0.95).mean() > 0.002:
        found.append(f"holes ({(alpha[core] < 0.95).mean():.4f})")
    return found


def _one(job: tuple[Path, Path]) -> tuple[str, list[str]]:
    source, folder = job
    from idphoto.segmentation import run_segmenter as segment

    bgr = cv2.imread(str(source))
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    person = segment(rgb, "selfie")
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
        results = dict(pool.map(_one, jobs, chunksize=4))
    kept = [name for name, reasons in results.items() if not reasons]
    (arguments.out / "refused.json").write_text(
        json.dumps({name: reasons for name, reasons in results.items() if reasons}, indent=1), encoding="utf-8"
    )
    print(f"{len(kept)} of {len(results)} mattes kept")


if __name__ == "__main__":
    main()
