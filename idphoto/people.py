"""Find everybody in a picture: their faces, and the person mask of all of them together.

A segmenter sees 256 pixels of whatever it is shown, and is best where one person fills the view. So it looks at the
whole picture, then at each piece of the first mask and at each face's head and body in a window of its own, and the
mean of these looks is the mask. Two models look, a square and a wide one, since each alone takes other things for
people: trees, tables, a helmet for the background. Windows without a face are searched for one again.

A mask is found in every picture, also of a barn or two parrots. Only pieces that hang together with a face or that are
certain to be a body are people.

The numbers were chosen on the tuning half of the pictures that ``benchmarks/people.py`` measures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from idphoto import segmentation
from idphoto.backends.table import AUTO
from idphoto.errors import BackendError, NoPerson
from idphoto.faces import BACKENDS, find_faces
from idphoto.faces.preview import choose_face
from idphoto.portrait import Box, People, move_face
from idphoto.resample import shrink_to_side, to_source_matrix
from idphoto.segmentation import run_segmenter
from idphoto.segmentation.person import segment_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from idphoto.portrait import Alpha, Face, Rgb

__all__ = ["choose_person", "find_people"]

MASK_SIDE_PX = 1280  # longer side of the mask
LOOK_SIDE_PX = 320  # longer side of what a segmenter is shown
WIDEST_LOOK = 2.0  # proportions from which on a picture is looked at in several parts
PART_SHARE = 1.5  # length of such a part, by the shorter side; parts overlap by half
FADE_SHARE = 0.12  # width over which the weight of a look falls to 0 at its border, by the length of its side
PIECE_MARGINS = 0.15, 0.08  # space around a piece of the mask, to the sides and up and down, by its height and width
HEAD_WINDOW = 1.6, 0.9, 2.6  # reach of a head's window: to the sides, above the face's top, below it; in face heights
BODY_WINDOW = 3.0, 1.0, 8.5  # the same for the window of a body
GROUP_FACE_WINDOW = (
    1.2,
    0.7,
    1.7,
)  # the same for the window in which a face that a part of the picture shows is measured
MIN_WINDOW_PIECE_SHARE = 0.003  # share of the picture from which on a piece has a window of its own

PORTRAIT_FRAME = 3.5, 4.2  # width and height up to which a picture of one face is a portrait, in face heights
PORTRAIT_BREADTH = 1.2  # width of a portrait by its height, at most

SHARED_EDGE = 0.15  # width over which one person's mask passes into the neighbour's, in face heights

MIN_PIECE_PROBABILITY = 0.5  # pixels from this probability on form pieces
MIN_FACE_SCORE = 0.7  # from this score on, a face is a person; parrots reach 0.52
MIN_DOUBTED_FACE_SCORE, MIN_MASK_UNDER_FACE = 0.45, 0.85  # a face of less is one where the mask says so, too
MIN_BODY_SHARE, MIN_BODY_PROBABILITY = 0.01, 0.85  # share of the picture and mean probability of a body without a face
MIN_BODY_OF_LARGEST = 1 / 20  # share of the largest person's area from which on a body counts beside others


class _Look(NamedTuple):
    """A part of the picture, and the mask that was seen in it."""

    window: tuple[slice, slice]
    mask: Alpha


def find_people(picture: Rgb, *, segmenter: str = AUTO, detector: str = AUTO) -> People:
    """Find everybody in a picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W, 3)
        sRGB.
    segmenter, detector : str
        Names of the backends.

    Returns
    -------
    People
        Everybody, with a mask whose longer side has at most `MASK_SIDE_PX`.

    Raises
    ------
    NoPerson
        If there is nobody.
    """
    small, zoom = shrink_to_side(picture, MASK_SIDE_PX)
    matrix = to_source_matrix(zoom)
    faces = _find_faces(small, detector)
    if _is_portrait(small, faces):
        return People(segment_person(small, segmenter), (move_face(faces[0], matrix),), is_portrait=True)
    if len(faces) > 1:
        faces += _find_more_faces(small, detector, faces)
    looks = [_look(small, window, segmenter) for window in _parts(small.shape)]
    mask = _join(looks, small.shape)
    windows = [_around(face.box, reach, mask.shape) for face in faces for reach in (HEAD_WINDOW, BODY_WINDOW)]
    for window in _piece_windows(mask):
        windows.append(window)
        if not any(_holds(window, face) for face in faces):
            faces += _find_faces_within(small, window, detector, faces)
    looks += [_look(small, window, segmenter) for window in windows]
    mask = _join(looks, small.shape)
    faces = [face for face in faces if _is_certain(face, mask)]
    for face in faces:
        mask = _with_face(mask, face)
    mask = _keep_people(mask, faces)
    if not (mask > MIN_PIECE_PROBABILITY).any():
        raise NoPerson("Nobody was found in the picture.", "Use a picture in which a person is seen well.")
    return People(mask, tuple(move_face(face, matrix) for face in faces))


def choose_person(people: People, wanted: str, width: int, name: str) -> People:
    """Return one of the people alone.

    Where people touch, each pixel goes to the person whose body, taken as a line down from the face, is nearest.

    Parameters
    ----------
    people : People
        Everybody, as `find_people` finds them.
    wanted : str
        ``all``, or as :func:`idphoto.faces.preview.choose_face` takes it.
    width : int
        Width of the picture in pixels.
    name : str
        Name of the picture, for the error.

    Raises
    ------
    SeveralFaces
        If there are several people and none is chosen.
    """
    if wanted == "all" or not people.faces:
        return people
    faces = sorted(people.faces, key=lambda face: -face.box.height)
    chosen = choose_face(faces, wanted, name)
    zoom = people.mask.shape[1] / width
    rows, columns = np.mgrid[: people.mask.shape[0], : people.mask.shape[1]].astype(np.float32)

    def distance(face: Face) -> NDArray[np.float32]:
        unit, eyes = face.box.height * zoom, np.multiply(face.eyes, zoom)
        below = np.clip(rows - np.float32(eyes[1]), 0, np.float32(BODY_WINDOW[2] * unit))
        return np.hypot(columns - np.float32(eyes[0]), rows - np.float32(eyes[1]) - below) / np.float32(unit)

    own = distance(chosen)
    others = [distance(face) for face in faces if face is not chosen]
    mask = people.mask
    if others:
        nearer = np.clip(0.5 + (np.minimum.reduce(others) - own) / SHARED_EDGE, 0, 1)
        mask = mask * nearer
    box = chosen.box
    _, labels = cv2.connectedComponents((mask > MIN_PIECE_PROBABILITY).astype(np.uint8))
    left, top, right, bottom = (zoom * edge for edge in (box.x, box.y, box.x + box.width, box.y + box.height))
    spot = _window(left, top, right, bottom, mask.shape)
    own_pieces = np.isin(labels, np.setdiff1d(labels[spot], [0]))
    reach = 2 * max(1, round(0.1 * box.height * zoom)) + 1
    return People(mask * cv2.dilate(own_pieces.astype(np.uint8), np.ones((reach, reach), np.uint8)), (chosen,))


def _is_portrait(rgb: Rgb, faces: list[Face]) -> bool:
    """Return whether one person's head and shoulders fill the picture."""
    if len(faces) != 1 or faces[0].score < MIN_FACE_SCORE:
        return False
    width, height = (side * faces[0].box.height for side in PORTRAIT_FRAME)
    return rgb.shape[1] <= min(width, PORTRAIT_BREADTH * rgb.shape[0]) and rgb.shape[0] <= height


def _find_faces(rgb: Rgb, detector: str) -> list[Face]:
    """Find faces; none if no face model can run here, since bodies can be found without."""
    try:
        return [face for part in _parts(rgb.shape) for face in _find_faces_within(rgb, part, detector, [])]
    except BackendError:
        return []


def _find_more_faces(rgb: Rgb, detector: str, known: list[Face]) -> list[Face]:
    """Find the faces of a group that are too small in the whole picture, in nine overlapping parts of it."""
    found: list[Face] = []
    height, width = rgb.shape[:2]
    for place in range(9):
        top, left = place // 3 * height // 4, place % 3 * width // 4
        part = np.ascontiguousarray(rgb[top : top + height // 2, left : left + width // 2])
        for seen in BACKENDS.get(detector).detect(part):
            box = Box(seen.box.x + left, seen.box.y + top, seen.box.width, seen.box.height)
            if seen.score >= MIN_FACE_SCORE and not any(_same_place(box, face.box) for face in [*known, *found]):
                window = _around(box, GROUP_FACE_WINDOW, rgb.shape)
                near = _find_faces_within(rgb, window, detector, [*known, *found])
                found += [face for face in near if face.score >= MIN_FACE_SCORE]
    return found


def _find_faces_within(rgb: Rgb, window: tuple[slice, slice], detector: str, known: list[Face]) -> list[Face]:
    """Find the faces in a part of the picture that are not known yet."""
    try:
        found = find_faces(np.ascontiguousarray(rgb[window]), detector)
    except BackendError:
        return []
    corner = np.array([[1, 0, window[1].start], [0, 1, window[0].start], [0, 0, 1.0]])
    moved = [move_face(face, corner) for face in found]
    return [face for face in moved if not any(_same_place(face.box, other.box) for other in known)]


def _same_place(one: Box, other: Box) -> bool:
    """Return whether the middle of one box lies in the other."""
    return (
        other.x <= one.x + one.width / 2 <= other.x + other.width
        and other.y <= one.y + one.height / 2 <= other.y + other.height
    )


def _parts(shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Return the whole picture; if it is very long, parts of it that overlap by half."""
    extents = shape[:2]
    if max(extents) <= WIDEST_LOOK * min(extents):
        return [(slice(0, extents[0]), slice(0, extents[1]))]
    axis = int(np.argmax(extents))
    length = round(PART_SHARE * min(extents))
    count = int(np.ceil(2 * (extents[axis] - length) / length)) + 1
    starts = [round(i * (extents[axis] - length) / (count - 1)) for i in range(count)]
    across = slice(0, extents[1 - axis])
    spans = [slice(start, start + length) for start in starts]
    return [(span, across) if axis == 0 else (across, span) for span in spans]


def _look(rgb: Rgb, window: tuple[slice, slice], segmenter: str) -> _Look:
    """Segment a part of the picture with every model that there is."""
    part = np.ascontiguousarray(rgb[window])
    seen = shrink_to_side(part, LOOK_SIDE_PX)[0]
    masks = [run_segmenter(seen, name) for name in segmentation.models_of(segmenter)]
    mask = np.mean(masks, axis=0, dtype=np.float32)
    size = (part.shape[1], part.shape[0])
    return _Look(window, np.clip(cv2.resize(mask, size, interpolation=cv2.INTER_CUBIC), 0, 1))


def _join(looks: list[_Look], shape: tuple[int, ...]) -> Alpha:
    """Return the mean of all looks at each pixel; a look weighs less near those of its borders that cut the picture."""
    total, weights = np.zeros(shape[:2], np.float32), np.full(shape[:2], 1e-6, np.float32)
    for window, mask in looks:
        rows, columns = (_fade(part, extent) for part, extent in zip(window, shape[:2], strict=True))
        weight = rows[:, None] * columns[None]
        total[window] += weight * mask
        weights[window] += weight
    return total / weights


def _fade(part: slice, extent: int) -> NDArray[np.float32]:
    """Return the weight of a look along one axis."""
    place = np.arange(part.start, part.stop, dtype=np.float32) + 0.5
    weight, margin = np.ones(len(place), np.float32), FADE_SHARE * (part.stop - part.start)
    if part.start > 0:
        weight = np.minimum(weight, (place - part.start) / margin)
    if part.stop < extent:
        weight = np.minimum(weight, (part.stop - place) / margin)
    return weight


def _window(left: float, top: float, right: float, bottom: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the part of the picture within these bounds."""
    return (
        slice(max(0, int(top)), max(1, min(shape[0], int(bottom) + 1))),
        slice(max(0, int(left)), max(1, min(shape[1], int(right) + 1))),
    )


def _around(box: Box, reach: tuple[float, float, float], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the window around a face that reaches so many face heights aside, above and below its top."""
    middle, unit = box.x + box.width / 2, box.height
    beside, above, below = (share * unit for share in reach)
    return _window(middle - beside, box.y - above, middle + beside, box.y + below, shape)


def _piece_windows(mask: Alpha) -> Iterator[tuple[slice, slice]]:
    """Yield a window around each large piece of the mask."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((mask > MIN_PIECE_PROBABILITY).astype(np.uint8))
    for left, top, width, height, area in stats[1:count]:
        if area >= MIN_WINDOW_PIECE_SHARE * mask.size:
            aside, along = PIECE_MARGINS[0] * width + 0.05 * height, PIECE_MARGINS[1] * height
            yield _window(left - aside, top - along, left + width + aside, top + height + along, mask.shape)


def _holds(window: tuple[slice, slice], face: Face) -> bool:
    """Return whether the middle of the face lies in the window."""
    x, y = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    return window[0].start <= y < window[0].stop and window[1].start <= x < window[1].stop


def _is_certain(face: Face, mask: Alpha) -> bool:
    """Return whether a face belongs to a person, and not to a parrot or a picture on the wall."""
    if face.score >= MIN_FACE_SCORE:
        return True
    box = face.box
    under = mask[_window(box.x, box.y, box.x + box.width, box.y + box.height, mask.shape)]
    return face.score >= MIN_DOUBTED_FACE_SCORE and bool(under.size) and float(under.mean()) >= MIN_MASK_UNDER_FACE


def _with_face(mask: Alpha, face: Face) -> Alpha:
    """Return the mask with the whole of a face, of which no doubt is left, so that no body loses its head."""
    if face.mesh is None:
        return mask
    inside = np.zeros(mask.shape, np.uint8)
    outline = cv2.convexHull(np.ascontiguousarray(face.mesh[:468, :2], dtype=np.float32))
    cv2.fillConvexPoly(inside, np.rint(outline).astype(np.int32), 1)
    return np.maximum(mask, inside.astype(np.float32))


def _keep_people(mask: Alpha, faces: list[Face]) -> Alpha:
    """Return the mask without the pieces that are nobody."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > MIN_PIECE_PROBABILITY).astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    sums = np.bincount(labels.ravel(), weights=mask.ravel(), minlength=count)
    keep = (areas >= MIN_BODY_SHARE * mask.size) & (sums >= MIN_BODY_PROBABILITY * areas)
    for face in faces:
        box = face.box
        inside = labels[_window(box.x, box.y, box.x + box.width, box.y + box.height, mask.shape)]
        keep[np.unique(inside)] = True
    keep[0] = False
    if not keep.any():
        return np.zeros_like(mask)
    keep &= areas >= MIN_BODY_OF_LARGEST * areas[keep].max()
    nobody = ~keep
    nobody[0] = False
    if not nobody.any():
        return mask
    # The soft edge of a piece goes with it: each pixel belongs to the nearest piece.
    to_people, to_nobody = (
        cv2.distanceTransform((~which[labels]).astype(np.uint8), cv2.DIST_L2, 3) for which in (keep, nobody)
    )
    return np.where(to_people <= to_nobody, mask, np.float32(0))
