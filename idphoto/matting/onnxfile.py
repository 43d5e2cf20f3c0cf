"""Run ONNX files with onnxruntime, on the CPU, with a fixed number of threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from idphoto.errors import MissingExtra, MissingModel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["count_threads", "open_session"]


def count_threads() -> int:
    """Return the number of threads for a network: ``IDPHOTO_THREADS``, or the number of cores, at most 4."""
    wish = os.environ.get("IDPHOTO_THREADS", "")
    return int(wish) if wish.isdigit() and int(wish) > 0 else min(4, os.cpu_count() or 1)


def open_session(path: Path) -> Callable[..., list[NDArray[np.float32]]]:
    """Open a file and return a function that takes the inputs in order and returns the outputs.

    Raises
    ------
    MissingExtra
        If onnxruntime is not installed.
    MissingModel
        If the file is not there, or is no network that onnxruntime can run.
    """
    # Since 1.29 onnxruntime sends telemetry, unless that is disabled before it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as cause:
        raise MissingExtra("Networks need onnxruntime.", 'Install it with pip install "onnxruntime>=1.20".') from cause
    if not path.is_file():
        raise MissingModel(f"The file {path} is not there.", "Install idphoto again, or fetch the file.")
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = count_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # By default, threads wait for work in a loop. That doubles the processor time and slows down other work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        opened = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as cause:  # onnxruntime's errors have no base class of their own
        raise MissingModel(f"{path} is not a network that onnxruntime can run.", "Fetch that file again.") from cause
    names = [entry.name for entry in opened.get_inputs()]

    def run(*inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        return opened.run(None, dict(zip(names, inputs, strict=True)))

    return run
