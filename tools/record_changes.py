"""Write down in ``specs/changes.yaml`` what changed in the rules since a commit.

    python -m tools.record_changes COMMIT

The rules of the commit are compared with those of today, document by document and field by field. A change has the day
on which this is run. Entries that are there already are not repeated.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[1]
HEADER = """# What changed in the rules, and from which source; written by `python -m tools.record_changes COMMIT`.
"""


def read_rules(specs: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Return for each document, and each field, its value and source, from a folder of spec files."""
    code = (
        "import json\n"
        "from idphoto.spec import all_specs\n"
        "from idphoto.spec.rulebook import list_rules\n"
        "print(json.dumps({spec.id: {rule.field: rule.model_dump(mode='json') for rule in list_rules(spec) "
        "if not rule.from_standard} for spec in all_specs()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "IDPHOTO_SPECS": str(specs)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, dict[str, str]]] = json.loads(done.stdout)
    return found


def compare_rules(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, str]]:
    """Return the changes from the old rules to the new ones."""
    today = date.today().isoformat()
    changes = []
    for document in sorted({*old, *new}):
        before, after = old.get(document, {}), new.get(document, {})
        if not before or not after:
            some = next(iter((after or before).values()))
            text = "new document" if after else "withdrawn"
            changes.append(_entry(today, document, "document", "", text, some))
            continue
        for field in [name for name in {**before, **after} if name in before or name in after]:
            was, now = before.get(field, {}).get("value", ""), after.get(field, {}).get("value", "")
            if was != now:
                rule = after.get(field, {})
                changes.append(_entry(today, document, field, was, now, rule))
    return changes


def _entry(day: str, document: str, field: str, before: str, after: str, rule: dict[str, str]) -> dict[str, str]:
    entry = {"day": day, "document": document, "field": field, "before": before, "after": after}
    entry |= {name: rule.get(name) or "" for name in ("source", "url", "confidence")}
    return {name: value for name, value in entry.items() if value}


def main() -> None:
    """Compare and write."""
    commit = sys.argv[1]
    path = REPOSITORY / "specs" / "changes.yaml"
    packed = subprocess.run(["git", "archive", commit, "specs"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        # Colours, papers and words are no rules, and their form may have changed since.
        for table in ("colours.yaml", "papers.yaml", "words.yaml"):
            shutil.copyfile(REPOSITORY / "specs" / table, Path(folder) / "specs" / table)
        changes = compare_rules(read_rules(Path(folder) / "specs"), read_rules(REPOSITORY / "specs"))
    known = yaml.safe_load(path.read_text(encoding="utf-8"))["changes"] if path.is_file() else []
    seen = {(entry["document"], entry["field"], entry.get("after", "")) for entry in known}
    fresh = [entry for entry in changes if (entry["document"], entry["field"], entry.get("after", "")) not in seen]
    text = yaml.safe_dump({"changes": [*known, *fresh]}, allow_unicode=True, sort_keys=False, width=118)
    path.write_text(HEADER + text, encoding="utf-8")
    sys.stdout.write(f"{len(fresh)} changes written to {path}\n")


if __name__ == "__main__":
    main()
