"""Where model files are looked for. Nothing is ever downloaded without an order."""

from __future__ import annotations

import os
from pathlib import Path

from idphoto.errors import MissingModel

__all__ = ["VARIABLE", "find_model"]

VARIABLE = "IDPHOTO_MODELS"


def find_model(names: tuple[str, ...], purpose: str) -> Path:
    """Path of a model file that the user supplies.

    Parameters
    ----------
    names : tuple of str
        File names that will do, such as ``face_landmarker.task``.
    purpose : str
        What it is for, as the subject of an error message.

    Raises
    ------
    MissingModel
        If the folder named by the environment variable ``IDPHOTO_MODELS`` does not hold it.
    """
    folder = os.environ.get(VARIABLE, "")
    found = [Path(folder) / name for name in names if folder and (Path(folder) / name).is_file()]
    if not found:
        raise MissingModel(
            f"{purpose} needs the file {' or '.join(names)}, which is not in the folder that {VARIABLE} names.",
            f"Put it into a folder of your own and set {VARIABLE} to that folder.",
        )
    return found[0]
