"""The command line: parse the arguments, call the library, print the results.

Exit codes: 0 made and compliant (or only warnings), 1 made but a check fails, 2 bad input, bad option or bad job file,
3 bad spec, 4 bad pipeline, 5 a backend is missing.

::

    arguments  all that is named is looked up before any work
    pictures   files, folders, patterns, standard streams
    app        the commands together, and the entry point
    flags      flags made from the fields of a job
    photos     make, run, check, cutout        sheets     sheet
    batches    batch                           watching   watch
    progress   a bar, or lines of JSON
    catalogue  specs, papers                   models     models
    rulebook   specs stale, changes, export
    service    serve, keys                     present    what is printed
"""

from __future__ import annotations

from idphoto.cli.app import main

__all__ = ["main"]
