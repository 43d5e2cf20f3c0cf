"""Keep what was found in one picture, so that photos can be made of it again without finding it again.

An :class:`Analysis` can be packed into plain data and arrays of bytes, which travel between processes without
`pickle`: whoever receives them runs no code of the sender.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from idphoto.decode import Source
from idphoto.faces.head import measure_head_of_face
from idphoto.faces.preview import MIN_PERSON_SHARE
from idphoto.photo import Photo
from idphoto.portrait import Box, Face, PersonMask, Point, Preview
from idphoto.report import Finding, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idphoto.pipeline import Pipeline

__all__ = ["Analysis", "analysis_key"]

_POINTS = ("eye_left", "eye_right", "chin", "mouth", "hairline")
_NUMBERS = ("score", "roll", "yaw", "pitch")


def analysis_key(pipeline: Pipeline) -> str:
    """Return a text that is equal for pipelines whose first stages, those of the analysis, have equal options."""
    return repr([stage for stage in pipeline.stages if not stage.per_document])


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A photo after the stages that are the same for all documents.

    Attributes
    ----------
    key : str
        The stages and options of the analysis, see :func:`analysis_key`.
    photo : Photo
        With `preview`, and `face`, `others`, `person_mask` and `head` if the stages find them.
    """

    key: str
    photo: Photo

    @property
    def people(self) -> list[Box]:
        """Boxes of the faces that count as people, from left to right, as the option `face` numbers them."""
        boxes = [*([self.photo.face.box] if self.photo.face is not None else []), *self.photo.others]
        tallest = max((box.height for box in boxes), default=0.0)
        return sorted((box for box in boxes if box.height >= MIN_PERSON_SHARE * tallest), key=lambda box: box.x)

    def pack(self) -> tuple[dict[str, Any], list[bytes]]:
        """Return plain data for JSON, and the arrays as bytes. The source itself is not among them."""
        photo, blobs = self.photo, []

        def keep(array: np.ndarray[Any, Any]) -> list[int]:
            blobs.append(np.ascontiguousarray(array).tobytes())
            return list(array.shape)

        data: dict[str, Any] = {
            "key": self.key,
            "others": [list(box) for box in photo.others],
            "operations": [operation.model_dump(mode="json") for operation in photo.operations],
            "findings": [finding.model_dump(mode="json") for finding in photo.findings],
        }
        if photo.preview is not None:
            scale = photo.preview.scale
            opaque = photo.source.alpha(scale) is None
            data["preview"] = {"shape": keep(photo.preview.rgb), "scale": scale, "opaque": opaque}
        if photo.face is not None:
            face = photo.face
            data["face"] = {
                "box": list(face.box),
                "cheeks": [list(cheek) for cheek in face.cheeks],
                "mesh": None if face.mesh is None else keep(face.mesh.astype(np.float32)),
                **{name: list(getattr(face, name)) for name in _POINTS},
                **{name: getattr(face, name) for name in _NUMBERS},
            }
        if photo.person_mask is not None:
            mask = photo.person_mask
            data["person_mask"] = {
                "shape": keep(mask.probability.astype(np.float32)),
                "matrix": mask.matrix.tolist(),
            }
        return data, blobs

    @classmethod
    def unpack(cls, source: Source, data: Mapping[str, Any], blobs: Sequence[bytes]) -> Analysis:
        """Return the analysis of a source from what :meth:`pack` returned."""
        rest = iter(blobs)

        def take(shape: Sequence[int], kind: type) -> np.ndarray[Any, Any]:
            return np.frombuffer(next(rest), dtype=kind).reshape(tuple(shape))

        photo = Photo(
            source,
            others=tuple(Box(*box) for box in data["others"]),
            operations=tuple(Operation.model_validate(row) for row in data["operations"]),
            findings=tuple(Finding.model_validate(row) for row in data["findings"]),
        )
        if "preview" in data:
            preview = Preview(take(data["preview"]["shape"], np.uint8), data["preview"]["scale"])
            if data["preview"]["opaque"]:
                source.remember(preview.rgb, preview.scale)
            photo = replace(photo, preview=preview)
        face = None
        if "face" in data:
            row = data["face"]
            face = Face(
                box=Box(*row["box"]),
                cheeks=(Point(*row["cheeks"][0]), Point(*row["cheeks"][1])),
                mesh=None if row["mesh"] is None else take(row["mesh"], np.float32),
                **{
                    **{name: Point(*row[name]) for name in _POINTS},
                    **{name: row[name] for name in _NUMBERS},
                },
            )
        if "person_mask" in data:
            row = data["person_mask"]
            mask = PersonMask(take(row["shape"], np.float32), np.array(row["matrix"], dtype=np.float64))
            photo = replace(photo, person_mask=mask)
        if face is not None:
            photo = replace(photo, face=face, head=measure_head_of_face(face, photo.person_mask))
        return cls(data["key"], photo)
