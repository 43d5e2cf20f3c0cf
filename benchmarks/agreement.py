"""Compare what `match` foretells with what `make` does, and measure anew whether finished files keep every limit.

    python -m benchmarks.agreement FOLDER --photos 30 --share 6

Each photo is made for every `--share`-th document, each time beginning at another one, so that every document is made
of `--photos` / `--share` photos. Match and make disagree if one finds that the photo breaks a rule and the other does
not, or if one would paint the background and the other would not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import idphoto
from idphoto.errors import IdPhotoError
from idphoto.match import Fit, match_documents
from idphoto.photo import Photo
from idphoto.report import Status
from idphoto.spec import EditPermission, Submission, all_specs

FILE_CHECKS = {"file", "pixels", "resolution"}
"""Checks of limits that `make` alone decides; a finished file that fails one is a fault of idphoto."""


def main() -> None:
    """Make the photos, and print the counts and every disagreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--share", type=int, default=6)
    parser.add_argument("--out", type=Path, help="JSON of all counts")
    wanted = parser.parse_args()
    paths = sorted(path for path in wanted.folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    paths = paths[:: max(1, len(paths) // wanted.photos)][: wanted.photos]
    specs = [spec for spec in all_specs(variants=False) if spec.submit is not Submission.NOTHING]
    counts: Counter[str] = Counter()
    differing: list[str] = []
    broken: list[str] = []
    for number, path in enumerate(paths):
        chosen = specs[number % wanted.share :: wanted.share]
        foretold = {entry.spec: entry for entry in match_documents(path, chosen, job=idphoto.Job(face="largest"))}
        for spec, made in zip(chosen, idphoto.make_each(path, chosen, face="largest"), strict=True):
            if isinstance(made, IdPhotoError):
                counts["error"] += 1
                broken.append(f"{path.name} {spec.id}: {made.code}")
                continue
            assert isinstance(made, Photo)
            entry = foretold[spec.id]
            fails = sorted({item.check for item in made.report.findings if item.status is Status.FAIL})
            painted = any(operation.name == "background" for operation in made.operations)
            counts["made"] += 1
            counts[entry.fit.value] += 1
            if spec.editing.allows is EditPermission.UNSTATED:
                counts["unstated, painted" if painted else "unstated, kept"] += 1
            if painted and not spec.editing.allows.permits(EditPermission.BACKGROUND):
                broken.append(f"{path.name} {spec.id}: painted although it is forbidden")
            if (entry.fit is Fit.LACKS) != bool(fails) or (entry.steps and painted != ("background" in entry.steps)):
                said = sorted({item.check for item in entry.lacking})
                differing.append(f"{path.name} {spec.id}: match {said}, make {fails}, painted {painted}, {entry.steps}")
            if spec.submit is not Submission.ORIGINAL and set(fails) & FILE_CHECKS:
                broken.append(f"{path.name} {spec.id}: {sorted(set(fails) & FILE_CHECKS)}")
        sys.stderr.write(f"{number + 1}/{len(paths)} {dict(counts)} differing {len(differing)} broken {len(broken)}\n")
    result = {"photos": len(paths), "counts": dict(counts), "differing": differing, "broken": broken}
    if wanted.out is not None:
        wanted.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
