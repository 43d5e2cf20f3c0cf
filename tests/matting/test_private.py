"""The network's runtime leaves no files and reports to nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import numpy as np
from idphoto import matting
backend = matting.BACKENDS.get("hair")
rgb = np.full((160, 128, 3), 200, np.uint8)
rgb[40:, 30:100] = (60, 40, 30)
coarse = np.zeros((160, 128), np.float32)
coarse[40:, 30:100] = 1
assert backend(rgb, coarse).max() == 1
"""


def test_no_file_is_left_and_no_report_is_sent(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    environment = kept | {
        "TMPDIR": str(tmp_path / "tmp"),
        "HOME": str(tmp_path / "home"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True, cwd=Path(__file__).parents[2])
    # onnxruntime's own telemetry would have left .ses where temporary files go.
    assert {path.name for path in tmp_path.rglob("*")} == {"tmp", "home"}
