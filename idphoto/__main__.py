"""``python -m idphoto``: the command line."""

from __future__ import annotations

from idphoto.cli import main

main()
