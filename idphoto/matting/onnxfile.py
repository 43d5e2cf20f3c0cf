"""How ONNX files are run: by onnxruntime, on the CPU, with a set number of threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from idphoto.errors import MissingExtra, MissingModel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["session", "threads"]


def threads() -> int:
    """Threads that a network may use: ``IDPHOTO_THREADS``, or the cores there are, at most 4."""
    wish = os.environ.get("IDPHOTO_THREADS", "")
    return int(wish) if wish.isdigit() and int(wish) > 0 else min(4, os.cpu_count() or 1)


def session(path: Path) -> Callable[..., list[NDArray[np.float32]]]:
    """Open a file; what comes back takes its inputs in order and returns its outputs.

    Raises
    ------
    MissingExtra
        If onnxruntime is not installed.
    MissingModel
        If the file is not there or no network.
    """
    # Since 1.29 onnxruntime tells its makers what runs, unless it is forbidden before it is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as cause:
        raise MissingExtra("Networks need onnxruntime.", 'Install it with pip install "onnxruntime>=1.20".') from cause
    if not path.is_file():
        raise MissingModel(f"The file {path} is not there.", "Install idphoto again, or fetch the file.")
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait in a loop for work cost twice the time of a core, and slow down whatever else runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        opened = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as cause:  # onnxruntime's errors have no base but this one
        raise MissingModel(f"{path} is not a network that onnxruntime can run.", "Fetch that file again.") from cause
    names = [entry.name for entry in opened.get_inputs()]

    def run(*inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        return opened.run(None, dict(zip(names, inputs, strict=True)))

    return run
