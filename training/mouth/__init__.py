"""Portraits whose mouths were judged by eye, and how well the checks agree; see training/README.md."""
