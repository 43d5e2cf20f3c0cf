"""Measure a finished file once, for all checks and for any number of documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from idphoto.geometry import find_cut_parts
from idphoto.quality.aligned import AlignedFace, align_face
from idphoto.quality.background import BackgroundMeasures, measure_background
from idphoto.quality.border import measure_border
from idphoto.quality.exposure import compute_luminance_histogram
from idphoto.quality.mouth import MIN_MOUTH_EYE_DISTANCE_PX, Mouth, measure_mouth
from idphoto.quality.sharpness import estimate_blur, estimate_jpeg_quality, measure_block_step, measure_fineness
from idphoto.quality.visibility import (
    can_judge_visibility,
    find_hidden_parts,
    find_unreliable_parts,
    score_hidden_parts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idphoto.decode import Source
    from idphoto.portrait import Alpha, Face, Finished, Head, PersonMask, Rgb
    from idphoto.units import Size

    Result = TypeVar("Result")

__all__ = ["Measurements"]

QUALITY_EYE_DISTANCE_PX = 150.0
"""Distance between the eyes at which quality is measured; more pixels would cost time and not change the results."""
SOURCE_EYE_DISTANCE_PX = 200.0
"""Distance between the eyes at which mouth and covers are judged on the source picture, if it has as many pixels."""


class Measurements:
    """Measurements of a finished file; each is taken when it is first read, and then kept.

    They do not depend on any document. Subjects of the same file therefore share one object.

    Parameters
    ----------
    finished : Finished
        The file, with the face, the head and the person mask that were found in it.
    alpha : ndarray of float32, shape (H, W), optional
        Alpha matte of the file.
    source : Source, optional
        The picture that the file was made from; the file itself, if not given. Small things, such as lips, are
        measured in it. So all documents that are made from one picture are told the same.
    source_face : Face, optional
        The face in pixels of `source`.
    """

    def __init__(
        self,
        finished: Finished,
        alpha: Alpha | None = None,
        source: Source | None = None,
        source_face: Face | None = None,
    ) -> None:
        self.finished = finished
        self.alpha = alpha
        if source is None or source_face is None:
            source, source_face = finished.source, finished.face
        self._source = source
        self._source_face = source_face
        self._of_face: dict[Callable[[AlignedFace], Any], Any] = {}

    @property
    def size(self) -> Size:
        """Width and height of the file in pixels."""
        return self.finished.source.size

    @property
    def face(self) -> Face | None:
        """The face in pixels of the file; None if there is none."""
        return self.finished.face

    @property
    def head(self) -> Head | None:
        """The head in pixels of the file; None if there is no face."""
        return self.finished.head

    @property
    def person_mask(self) -> PersonMask | None:
        """The person mask of the file; None if there is no face."""
        return self.finished.person_mask

    @cached_property
    def cut_parts(self) -> frozenset[str]:
        """Parts of the head that the file does not show, see :func:`idphoto.geometry.find_cut_parts`."""
        return frozenset() if self.head is None else find_cut_parts(self.head, self.person_mask, self.size)

    @cached_property
    def face_view(self) -> tuple[Rgb, NDArray[np.float32]] | None:
        """Pixels of the file at a scale that suffices for the face, and the mesh in them; None without a face."""
        return _view_face(self.finished.source, self.face, QUALITY_EYE_DISTANCE_PX)

    @cached_property
    def aligned(self) -> AlignedFace | None:
        """The face in the standard position for measures of quality; None without a face."""
        return None if self.face_view is None else align_face(*self.face_view)

    def of_face(self, measure: Callable[[AlignedFace], Result]) -> Result:
        """Apply a function of :mod:`idphoto.quality` to the aligned face and keep its result.

        Call it only where `aligned` is not None, that is, in a check that needs ``aligned``.
        """
        assert self.aligned is not None
        if measure not in self._of_face:
            self._of_face[measure] = measure(self.aligned)
        return self._of_face[measure]

    @cached_property
    def source_view(self) -> tuple[Rgb, NDArray[np.float32]] | None:
        """Pixels of the source picture, and the mesh in them; None without a face."""
        return _view_face(self._source, self._source_face, SOURCE_EYE_DISTANCE_PX)

    @cached_property
    def source_aligned(self) -> AlignedFace | None:
        """The face of the source picture in the standard position; None without a face."""
        return None if self.source_view is None else align_face(*self.source_view)

    @cached_property
    def hidden_log_odds(self) -> Mapping[str, float] | None:
        """Log odds that parts of the face are hidden; None without a face, or if it is too small or turned away."""
        face, aligned = self._source_face, self.source_aligned
        if face is None or aligned is None or not can_judge_visibility(face.eye_distance, face.yaw):
            return None
        return score_hidden_parts(aligned)

    @cached_property
    def hidden_parts(self) -> frozenset[str]:
        """Parts of the face that seem to be hidden."""
        return frozenset() if self.hidden_log_odds is None else find_hidden_parts(self.hidden_log_odds)

    @property
    def unreliable_parts(self) -> frozenset[str]:
        """Parts of the face on which nothing is measured, because they are hidden or among hidden ones."""
        return find_unreliable_parts(self.hidden_parts)

    @cached_property
    def mouth(self) -> Mouth | None:
        """Measures of the mouth in the source picture; None if it cannot be measured."""
        face, view, aligned = self._source_face, self.source_view, self.source_aligned
        if face is None or view is None or aligned is None or face.eye_distance < MIN_MOUTH_EYE_DISTANCE_PX:
            return None
        return measure_mouth(*view, aligned)

    @cached_property
    def luminance_histogram(self) -> NDArray[np.float64] | None:
        """Share of each level of linear luminance over the face, shape (256,); None without a face."""
        return None if self.aligned is None else compute_luminance_histogram(self.aligned)

    @cached_property
    def blur(self) -> float | None:
        """Blur of the face, in pixels at an eye distance of 113; None without a face."""
        return None if self.face_view is None else estimate_blur(measure_fineness(*self.face_view))

    @cached_property
    def background(self) -> BackgroundMeasures | None:
        """Measures of the background; None without a matte, and if there is too little background."""
        return None if self.alpha is None else measure_background(self.finished.source.pixels(1.0)[0], self.alpha)

    @cached_property
    def border_px(self) -> int:
        """Width of a frame that runs round the picture, in pixels; 0 if there is none."""
        return measure_border(self.finished.source.pixels(1.0)[0])

    @cached_property
    def jpeg_quality(self) -> int | None:
        """JPEG quality, 1..100, from the quantisation tables; None if the file is no JPEG."""
        return estimate_jpeg_quality(self.finished.source.quantisation)

    @cached_property
    def block_step(self) -> float:
        """Steps of grey at the edges of JPEG blocks over the steps elsewhere; 1 means no trace of blocks."""
        return measure_block_step(self.finished.source.pixels(1.0)[0])


def _view_face(source: Source, face: Face | None, eye_distance_px: float) -> tuple[Rgb, NDArray[np.float32]] | None:
    """Return pixels with at least that many between the eyes, if the picture has them, and the mesh in them."""
    if face is None or face.mesh is None:
        return None
    rgb, scale = source.pixels(min(1.0, eye_distance_px / max(face.eye_distance, 1.0)))
    mesh = (face.mesh * np.float32(scale)).astype(np.float32)
    mesh[:, :2] += np.float32(0.5 * scale - 0.5)
    return rgb, mesh
