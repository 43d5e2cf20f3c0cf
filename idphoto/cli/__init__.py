"""The command line: parses, calls the library, presents. No logic lives here.

Exit codes: 0 made and compliant (or only warnings), 1 made but a check fails, 2 bad input, 3 bad
spec, 4 bad pipeline, 5 a backend is missing.
"""

from __future__ import annotations

from idphoto.cli.app import main

__all__ = ["main"]
