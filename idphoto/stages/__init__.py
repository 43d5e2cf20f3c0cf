"""The stages of a pipeline, each an adapter between a Photo and the algorithms, which take and return arrays.

To add a stage: write a file here with a subclass of :class:`~idphoto.stages.base.Stage`, and add its name to the union
below. Pipelines then accept it, with its options.
"""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from idphoto.stages.align import Align
from idphoto.stages.analyse import Analyse
from idphoto.stages.background import Background
from idphoto.stages.base import Stage
from idphoto.stages.check import CheckStage
from idphoto.stages.correct import Correct
from idphoto.stages.crop import Crop
from idphoto.stages.cutout import Cutout
from idphoto.stages.encode import Encode
from idphoto.stages.explain import Explain
from idphoto.stages.form import Form
from idphoto.stages.load import Load
from idphoto.stages.original import Original
from idphoto.stages.parts import Parts
from idphoto.stages.permit import Permit
from idphoto.stages.sheet import Sheet
from idphoto.stages.whole import Whole

__all__ = ["STAGES", "AnyStage", "Stage"]

AnyStage = Annotated[
    Load
    | Analyse
    | Correct
    | Permit
    | Align
    | Crop
    | Whole
    | Cutout
    | Background
    | Form
    | Encode
    | Original
    | CheckStage
    | Explain
    | Sheet
    | Parts,
    Field(discriminator="stage"),
]

STAGES: dict[str, type[Stage]] = {cls.model_fields["stage"].default: cls for cls in get_args(get_args(AnyStage)[0])}
"""Name of a stage to its class."""
