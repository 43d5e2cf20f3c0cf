"""The version of the package, in a module of its own that any other module may import."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
