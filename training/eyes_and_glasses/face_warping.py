"""Warp faces: close eyes, open the mouth, turn the head. The right answer is known by construction."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from idphoto.faces import find_faces

Rgb = NDArray[np.uint8]
Points = NDArray[np.float64]

# MediaPipe's landmarks, left and right as seen in the picture.
UPPER_LIDS = ((246, 161, 160, 159, 158, 157, 173), (398, 384, 385, 386, 387, 388, 466))
LOWER_LIDS = ((7, 163, 144, 145, 153, 154, 155), (382, 381, 380, 374, 373, 390, 249))
INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)


def find_landmarks(rgb: Rgb) -> Points:
    """Find the mesh of the largest face, (478, 3), in pixels; IndexError if there is no face."""
    mesh = find_faces(rgb)[0].mesh
    assert mesh is not None
    return mesh.astype(np.float64)


def warp_face(rgb: Rgb, source: Points, target: Points) -> Rgb:
    """Move landmarks from `source` to `target`, (n, 2) in pixels; pixels between them move linearly in triangles."""
    height, width = rgb.shape[:2]
    x, y = (0.0, width / 2, width - 1.0), (0.0, height / 2, height - 1.0)
    frame = np.array([(x[i], y[j]) for i in range(3) for j in range(3) if (i, j) != (1, 1)])
    source, target = np.vstack([source, frame]), np.vstack([target, frame])
    plane = cv2.Subdiv2D((-10, -10, width + 20, height + 20))
    index: dict[tuple[float, float], int] = {}
    for number, point in enumerate(target):
        key = (float(np.float32(point[0])), float(np.float32(point[1])))
        if key not in index:
            index[key] = number
            plane.insert(key)
    result = rgb.copy()
    for six in plane.getTriangleList():
        corners = [(float(six[i]), float(six[i + 1])) for i in (0, 2, 4)]
        if not all(corner in index for corner in corners):
            continue
        numbers = [index[corner] for corner in corners]
        to, back = target[numbers].astype(np.float32), source[numbers].astype(np.float32)
        low = np.maximum(np.floor(to.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(to.max(axis=0)).astype(int) + 2, (width, height))
        box = slice(low[1], high[1]), slice(low[0], high[0])
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        if mask.size == 0:
            continue
        to -= low.astype(np.float32)
        cv2.fillConvexPoly(mask, np.rint(to).astype(np.int32), 1)
        matrix = cv2.getAffineTransform(to, back)
        moved = cv2.warpAffine(rgb, matrix, mask.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        result[box][mask > 0] = moved[mask > 0]
    return result


def close_eyes(rgb: Rgb, mesh: Points, share: float = 0.94) -> Rgb:
    """Move the upper lids by a share of the way to the lower ones."""
    mesh = mesh[:468, :2]
    target = mesh.copy()
    for upper, lower in zip(UPPER_LIDS, LOWER_LIDS, strict=True):
        target[list(upper)] = (1 - share) * mesh[list(upper)] + share * mesh[list(lower)]
    return warp_face(rgb, mesh, target)


def open_mouth(rgb: Rgb, mesh: Points, share: float = 0.3) -> Rgb:
    """Move the jaw down by a share of the distance from the eyes to the chin."""
    mesh = mesh[:468, :2]
    eyes, chin = mesh[[33, 133, 362, 263]].mean(axis=0), mesh[152]
    fall = share * float(np.linalg.norm(chin - eyes))
    middle = mesh[[13, 14]].mean(axis=0)[1]
    low = mesh[:, 1] > middle + 1
    low[list(INNER_LOWER_LIP[1:-1])] = True
    low[list(INNER_UPPER_LIP)] = False
    target = mesh.copy()
    target[low, 1] += fall * np.clip(1 - np.abs(mesh[low, 0] - face_middle_x(mesh)) / (1.2 * (chin[1] - eyes[1])), 0, 1)
    result = warp_face(rgb, mesh, target)
    mouth = np.vstack([target[list(INNER_UPPER_LIP)], target[list(INNER_LOWER_LIP)][::-1]])
    cv2.fillPoly(result, [np.rint(mouth).astype(np.int32)], (45, 15, 15), cv2.LINE_AA)
    return result


def face_middle_x(mesh: Points) -> float:
    """Return the column of the middle of the face."""
    return float(mesh[[33, 133, 362, 263], 0].mean())


def turn_head(rgb: Rgb, mesh: Points, degrees: float) -> Rgb:
    """Turn the face to the right of the picture about the vertical axis; the hair does not move."""
    mesh = mesh[:468]
    angle = np.radians(degrees)
    pivot = np.array([face_middle_x(mesh), 0, mesh[[234, 454], 2].mean()])
    away = mesh - pivot
    target = mesh[:, :2].copy()
    target[:, 0] = pivot[0] + np.cos(angle) * away[:, 0] - np.sin(angle) * away[:, 2]
    return warp_face(rgb, mesh[:, :2], target)
