"""Landmarks of MediaPipe's face mesh (478 points) by the parts of the face that they lie on.

Numbers are indices of points in the mesh. Left and right are as seen in the picture.
"""

from __future__ import annotations

__all__ = [
    "CHIN",
    "FACE_HULL",
    "HAIRLINE",
    "INNER_LIP_PAIRS",
    "LEFT_EYE_CONTOUR",
    "LEFT_EYE_CORNERS",
    "LEFT_FACE_EDGE",
    "LEFT_IRIS_CENTRE",
    "LEFT_IRIS_RING",
    "LEFT_LID_PAIRS",
    "MOUTH_CORNERS",
    "NOSE_TIP",
    "RIGHT_EYE_CONTOUR",
    "RIGHT_EYE_CORNERS",
    "RIGHT_FACE_EDGE",
    "RIGHT_IRIS_CENTRE",
    "RIGHT_IRIS_RING",
    "RIGHT_LID_PAIRS",
]

LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS = (33, 133), (362, 263)
LEFT_EYE_CONTOUR = (33, 160, 159, 158, 133, 153, 145, 144)
RIGHT_EYE_CONTOUR = (362, 385, 386, 387, 263, 373, 374, 380)
# Pairs of a point on the upper lid and the point below it on the lower lid.
LEFT_LID_PAIRS = ((160, 144), (159, 145), (158, 153))
RIGHT_LID_PAIRS = ((385, 380), (386, 374), (387, 373))
LEFT_IRIS_CENTRE, RIGHT_IRIS_CENTRE = 468, 473
LEFT_IRIS_RING, RIGHT_IRIS_RING = (469, 470, 471, 472), (474, 475, 476, 477)

NOSE_TIP = 1
MOUTH_CORNERS = (61, 291)
# Pairs of a point on the upper lip and the point below it on the lower lip; the second pair is in the middle.
INNER_LIP_PAIRS = ((82, 87), (13, 14), (312, 317))

CHIN, HAIRLINE = 152, 10
LEFT_FACE_EDGE, RIGHT_FACE_EDGE = 234, 454
# Contour of the face from the temples down, and the brows: the convex hull of the 98 landmarks that OFIQ uses.
FACE_HULL = (
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
)  # fmt: skip
