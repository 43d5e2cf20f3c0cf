"""Write the published JSON schemas of reports, documents in spec files, jobs and pipelines.

make schemas
"""

from __future__ import annotations

import json
from pathlib import Path

from idphoto import Job, Pipeline, Report, Spec

HOME = Path(__file__).parent
SCHEMAS = {"report": Report, "spec": Spec, "job": Job, "pipeline": Pipeline}


def build_schema(name: str) -> str:
    """Return the text of one schema."""
    model = SCHEMAS[name]
    mode = "serialization" if name == "report" else "validation"
    return json.dumps(model.model_json_schema(mode=mode), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write all schemas."""
    for name in SCHEMAS:
        (HOME / f"{name}.schema.json").write_text(build_schema(name), encoding="utf-8")


if __name__ == "__main__":
    main()
