"""Train the detector of covered parts of a face.

    python -m training.covered_faces.train_covers ../shared/portraits

Writes ``idphoto/quality/visibility.npz``, or the file given by ``--out``, when everything has been computed.

Nobody covers their face in official portraits. Masks, scarves, hands, glare and dark lenses are therefore drawn over
them. The face is then searched again in the new picture, as it is when the detector is used. A part counts as hidden if
half of it is, and as seen if a tenth is hidden at most; what lies between is left out.

Only the tuning half of the portraits (``training/mouth/labels.csv``) is learnt from.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from scipy.optimize import minimize

from idphoto.colour import to_linear, to_srgb
from idphoto.faces import find_faces
from idphoto.quality.aligned import align_face
from idphoto.quality.visibility import MODEL_FILE as SHIPPED_FILE
from idphoto.quality.visibility import PARTS, expand_features, extract_part_features, score_features
from training.covered_faces import draw_covers
from training.eyes_and_glasses import face_warping
from training.eyes_and_glasses.logistic import save_arrays
from training.mouth.labels import read_halves

COVERS_PER_PORTRAIT = 12
UNCOVERED_PER_PORTRAIT = 12  # one as it is; the others move and light the face, and are taken with other cameras
HIDDEN, SEEN = 0.5, 0.1
RIDGE = 5e-5

COLOURS = (
    (160, 200, 225), (240, 240, 242), (25, 25, 28), (120, 120, 125), (160, 40, 45), (30, 90, 60), (30, 40, 90),
    (215, 185, 155), (150, 110, 85), (90, 60, 45), (225, 200, 60), (230, 150, 170), (90, 60, 120),
)  # fmt: skip


class Sample(NamedTuple):
    """One picture: what covers it, its features by part, and how much of each part is hidden."""

    name: str
    kind: str
    varied: bool
    features: dict[str, np.ndarray]
    hidden: dict[str, float]


def draw_random_cover(rgb: np.ndarray, mesh: np.ndarray, rng: np.random.Generator) -> tuple[str, draw_covers.Covered]:
    """Draw something over a face by chance; return its kind and the picture."""
    seed = int(rng.integers(1 << 30))
    colour = COLOURS[rng.integers(len(COLOURS))]
    if rng.random() < 0.25:  # cloth of the person's own skin colour is the hardest
        x, y = np.rint(mesh[50, :2]).astype(int)
        colour = tuple(float(v) for v in np.median(rgb[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3), axis=0))
    jittered = tuple(float(v) for v in np.clip(np.array(colour) + rng.normal(0, 15, 3), 0, 255))
    pattern = str(rng.choice(("plain", "plain", "plain", "pleats", "stripes", "checks", "dots", "knit", "floral")))
    kind = str(rng.choice(("mask", "mask", "scarf", "hand", "glare", "glare", "glasses", "glasses", "patch")))
    if kind == "mask":
        return kind, draw_covers.wear_mask(
            rgb, mesh, jittered, pattern, rng.uniform(0.1, 1.25), rng.uniform(0.6, 1.05), seed
        )
    if kind == "scarf":
        return kind, draw_covers.wear_scarf(rgb, mesh, jittered, pattern, rng.uniform(-1.2, 0.5), seed)
    if kind == "hand":
        place = (rng.uniform(-0.9, 0.9), rng.uniform(0.0, 1.4))
        return kind, draw_covers.lay_hand(rgb, mesh, place, rng.uniform(-1.2, 1.2), seed)
    if kind == "glare":
        strength = float(rng.choice((rng.uniform(0.5, 1.0), rng.uniform(0.05, 0.1))))
        white = np.array((250.0, 250.0, 255.0))
        hue = np.array(((90, 230, 150), (120, 150, 255), (190, 120, 255), (120, 230, 230), (255, 240, 200))[seed % 5])
        glow = white + rng.choice((0.0, rng.uniform(0, 1))) * (hue - white)
        eyes = ((0, 1), (0,), (1,))[int(rng.integers(3))]
        return kind, draw_covers.add_glare(
            rgb,
            mesh,
            strength,
            tuple(float(v) for v in glow),
            (rng.uniform(0.45, 0.75), rng.uniform(0.25, 0.5)),
            bool(rng.random() < 0.5),
            eyes,
            rng.uniform(0.01, 0.08),
            (rng.uniform(-0.06, 0.06), rng.uniform(-0.05, 0.05)),
            float(rng.choice((0.0, rng.uniform(0.0, 0.5)))),
        )
    if kind == "glasses":
        density = float(rng.choice((rng.uniform(0.5, 1.0), rng.uniform(0.0, 0.1))))
        tint = tuple(float(v) for v in rng.uniform(20, 255, 3))
        rim = None if rng.random() < 0.3 else tuple(float(v) for v in rng.uniform(0, 160, 3))
        size = (rng.uniform(0.6, 0.85), rng.uniform(0.4, 0.65))
        return kind, draw_covers.wear_glasses(rgb, mesh, density, tint, size, bool(rng.random() < 0.5), rim)
    return kind, draw_covers.cover_eye(rgb, mesh, jittered, int(rng.integers(2)), pattern)


def move(rgb: np.ndarray, mesh: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Open the mouth, close the eyes or turn the head by chance, which covers nothing."""
    chance = rng.random()
    if chance < 0.3:
        return face_warping.open_mouth(rgb, mesh, rng.uniform(0.05, 0.4))
    if chance < 0.45:
        return face_warping.close_eyes(rgb, mesh, rng.uniform(0.3, 0.95))
    if chance < 0.7:
        return face_warping.turn_head(rgb, mesh, rng.uniform(-18, 18))
    return rgb


def cast_shadows(rgb: np.ndarray, mesh: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light the face from one side, or from above so that the brows shade the eyes, by chance; covers nothing."""
    frame, (height, width) = draw_covers.FaceFrame(mesh), rgb.shape[:2]
    gain = np.ones((height, width), np.float32)
    if rng.random() < 0.35:
        angle, ratio = rng.uniform(0, 2 * np.pi), rng.uniform(1.3, 8.0)
        y, x = np.mgrid[:height, :width]
        middle = frame.to_picture(frame.points[draw_covers.NOSE_TIP])
        across = ((x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle)) / frame.eye_distance
        gain *= ratio ** -(1 / (1 + np.exp(-(across - rng.uniform(-0.3, 0.3)) / rng.uniform(0.05, 0.4)))).astype(
            np.float32
        )
    if rng.random() < 0.25:
        for corners in draw_covers.EYE_CORNERS:
            x0, y0 = frame.points[list(corners)].mean(axis=0)
            angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            socket = np.stack([x0 + 0.36 * np.cos(angles), y0 - 0.03 + 0.2 * np.sin(angles)], axis=1)
            gain *= 1 - rng.uniform(0.2, 0.7) * frame.draw_polygon(socket, rgb.shape, 0.1)
    return to_srgb((to_linear(rgb) * gain[..., None]).astype(np.float32))


def vary(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Take the picture with another camera: other light, sharpness, smoothing, proportions and size."""
    height, width = rgb.shape[:2]
    if rng.random() < 0.4:
        stretch = rng.uniform(0.88, 1.1)
        rgb = cv2.resize(rgb, (round(width * stretch), height), interpolation=cv2.INTER_AREA)
    chance = rng.random()
    if chance < 0.25:
        rgb = cv2.bilateralFilter(rgb, 7, rng.uniform(15, 50), 3)
    elif chance < 0.5:
        share = rng.uniform(0.6, 0.9)
        rgb = cv2.resize(rgb, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    elif chance < 0.7:
        rgb = cv2.addWeighted(rgb, 1.6, cv2.GaussianBlur(rgb, (0, 0), 1.2), -0.6, 0)
    if rng.random() < 0.5:
        levels = np.linspace(0, 1, 256)[:, None] ** rng.uniform(0.75, 1.35) * rng.uniform(0.9, 1.1, 3) * 255
        rgb = cv2.LUT(rgb, np.clip(levels, 0, 255).astype(np.uint8)[None])
    return np.ascontiguousarray(rgb)


def make_samples(path: Path) -> list[Sample]:
    """Make the samples of one portrait: uncovered, and with things over it; none if no face is found."""
    rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    rng = np.random.default_rng(int.from_bytes(path.stem.encode(), "little") % 2**32)
    faces = find_faces(rgb)
    if not faces or faces[0].mesh is None:
        return []
    mesh = faces[0].mesh.astype(np.float64)
    pictures = [("none", draw_covers.Covered(rgb, np.zeros(rgb.shape[:2], np.float32)))]
    pictures += [draw_random_cover(rgb, mesh, rng) for _ in range(COVERS_PER_PORTRAIT)]
    samples = []
    for kind, covered in pictures:
        hidden = covered.hidden_shares(mesh)
        for number in range(UNCOVERED_PER_PORTRAIT if kind == "none" else 1):
            varied = number > 0 or kind != "none"
            moved = covered.rgb
            if varied and kind == "none":
                moved = cast_shadows(move(moved, mesh, rng), mesh, rng)
            taken = vary(moved, rng) if varied else moved
            found = find_faces(taken)
            if not found or found[0].mesh is None:
                continue
            features = extract_part_features(align_face(taken, found[0].mesh))
            samples.append(Sample(path.stem, kind, varied, features, hidden))
    return samples


def make_all_samples(paths: list[Path], processes: int) -> list[Sample]:
    """Make the samples of all portraits."""
    if processes < 2:
        return [sample for path in paths for sample in make_samples(path)]
    with ProcessPoolExecutor(processes) as pool:
        return [sample for samples in pool.map(make_samples, paths, chunksize=8) for sample in samples]


def gather(samples: list[Sample], model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, whether hidden, and whether the picture is uncovered, of all parts that share a model."""
    x, hidden, plain = [], [], []
    for sample in samples:
        for name, features in sample.features.items():
            share = sample.hidden[name]
            if PARTS[name].model == model and (share >= HIDDEN or share <= SEEN):
                x.append(features)
                hidden.append(share >= HIDDEN)
                plain.append(sample.kind == "none")
    return np.array(x), np.array(hidden), np.array(plain)


def fit(x: np.ndarray, hidden: np.ndarray, plain: np.ndarray) -> dict[str, np.ndarray]:
    """Fit the model of one part; returns its mean, spread, weights and bias."""
    mean = x[plain].mean(axis=0)
    spread = np.maximum(x[plain].std(axis=0), 0.02)
    features = expand_features(x, mean, spread) / np.sqrt(2 * x.shape[1])
    y = hidden.astype(np.float64)
    weight = np.where(hidden, 0.5 / y.mean(), 0.5 / (1 - y.mean())) / len(y)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        odds = features @ parameters[:-1] + parameters[-1]
        value = weight @ (np.logaddexp(0, odds) - y * odds) + RIDGE / 2 * parameters[:-1] @ parameters[:-1]
        error = weight * (1 / (1 + np.exp(-odds)) - y)
        return value, np.append(features.T @ error + RIDGE * parameters[:-1], error.sum())

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    weights = found[:-1] / np.sqrt(2 * x.shape[1])
    return {"mean": mean, "spread": spread, "weights": weights, "bias": found[-1]}


def score_sample(sample: Sample) -> dict[str, float]:
    """Return the log odds of the shipped detector that each part of a sample is hidden."""
    return {name: score_features(name, features) for name, features in sample.features.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path, help="folder that contains studio/ and scenes/")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=SHIPPED_FILE, help="file to write (default: the shipped one)")
    arguments = parser.parse_args()
    halves = read_halves()
    paths = [path for path in sorted(arguments.portraits.glob("s*/*.jpg")) if halves.get(path.stem) == "tuning"]
    samples = make_all_samples(paths, arguments.processes)
    arrays = {}
    for model in dict.fromkeys(part.model for part in PARTS.values()):
        x, hidden, plain = gather(samples, model)
        print(f"{model}: {hidden.sum()} hidden, {(~hidden).sum()} seen", flush=True)
        fitted = fit(x, hidden, plain)
        arrays |= {f"{model}-{name}": np.asarray(value, np.float32) for name, value in fitted.items()}
    save_arrays(arguments.out, arrays)


if __name__ == "__main__":
    main()
