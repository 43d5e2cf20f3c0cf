"""Write ``constraints.txt`` with the versions that every supported Python would install today.

    python -m tools.pin python3.10 python3.11 python3.12 python3.13

A dry run of pip with each interpreter gives the versions. If all interpreters have the same version of a package, it is
pinned without a marker; otherwise each version gets a marker. No download address is recorded.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

PROJECT_WITH_EXTRAS = ".[all,test]"
HEADER = "# Pinned versions, made by `python -m tools.pin`; used by the Makefile.\n"


def resolve_packages(python: str) -> tuple[str, dict[str, str]]:
    """Return the Python version of an interpreter, and the versions of the packages that it would install."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        inner = str(Path(folder) / "bin/python")
        subprocess.run([inner, "-m", "pip", "install", "-q", "-U", "pip"], check=True)
        report = Path(folder) / "report.json"
        command = [inner, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--report", str(report)]
        subprocess.run([*command, "-e", PROJECT_WITH_EXTRAS], check=True)
        data = json.loads(report.read_text())
    version = data["environment"]["python_version"]
    packages = {
        row["metadata"]["name"].lower().replace("_", "-"): row["metadata"]["version"] for row in data["install"]
    }
    packages.pop("idphoto")
    return version, packages


def format_lines(resolved: dict[str, dict[str, str]]) -> list[str]:
    """Format one line for each package, or several lines with markers."""
    written = []
    for name in sorted({name for packages in resolved.values() for name in packages}):
        versions = defaultdict(list)
        for python, packages in resolved.items():
            if name in packages:
                versions[packages[name]].append(python)
        for version, pythons in versions.items():
            marker = ""
            if len(versions) > 1:
                marker = "; " + " or ".join(f"python_version == '{python}'" for python in pythons)
            written.append(f"{name}=={version}{marker}")
    return written


def main() -> None:
    """Write the file for all Python versions."""
    resolved = dict(resolve_packages(python) for python in sys.argv[1:])
    Path("constraints.txt").write_text(HEADER + "\n".join(format_lines(resolved)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
