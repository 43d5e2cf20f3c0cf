"""Find model files on disk. This module downloads nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from idphoto.errors import MissingModel

__all__ = ["MODELS_VARIABLE", "find_model", "models_folder"]

MODELS_VARIABLE = "IDPHOTO_MODELS"


def models_folder() -> Path:
    """Return the folder of model files: the one that ``IDPHOTO_MODELS`` names, or one in the user's cache."""
    named = os.environ.get(MODELS_VARIABLE, "")
    if named:
        return Path(named)
    if sys.platform == "win32":
        cache = os.environ.get("LOCALAPPDATA", "") or str(Path.home() / "AppData/Local")
    elif sys.platform == "darwin":
        cache = str(Path.home() / "Library/Caches")
    else:
        cache = os.environ.get("XDG_CACHE_HOME", "") or str(Path.home() / ".cache")
    return Path(cache) / "idphoto/models"


def find_model(names: tuple[str, ...], purpose: str) -> Path:
    """Find a model file that the user supplies.

    Parameters
    ----------
    names : tuple of str
        Accepted file names, such as ``face_landmarker.task``.
    purpose : str
        Name of the component that needs the file, as the subject of an error message.

    Raises
    ------
    MissingModel
        If the file is not in :func:`models_folder`.
    """
    found = [models_folder() / name for name in names if (models_folder() / name).is_file()]
    if not found:
        raise MissingModel(
            f"{purpose} needs the file {' or '.join(names)}, which is not in {models_folder()}.",
            f"Put it there, or into a folder of your own and set {MODELS_VARIABLE} to that folder.",
        )
    return found[0]
