"""From any portrait to a finished ID photo, a true-size print sheet and an honest report."""

__version__ = "0.1.0"
