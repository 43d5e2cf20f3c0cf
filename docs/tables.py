"""Write the pages that are tables of what is in the code.

make schemas
"""

from __future__ import annotations

from pathlib import Path

from idphoto.checks import CHECKS
from idphoto.stages import STAGES

HOME = Path(__file__).parent


def checks() -> str:
    """The page of checks."""
    rows = "\n".join(f"| `{check.id}` | {check.title} | {check.rationale} |" for check in CHECKS)
    return f"""# Checks

Every check opens the finished file and measures there. A finding has a status (`pass`, `skip`, `ask`, `warn`,
`fail`), a stable code that begins with the check's name, what was measured, the limit as its source writes it, and
one thing to do. The report is as bad as its worst finding.

- A rule of the authority fails a photo; a rule that comes from the standard (ICAO, ISO) only warns.
- Outside a band by less than the measurement's own uncertainty is a warning.
- What cannot be assessed says `skip`, never nothing.

| check | what | why |
|---|---|---|
{rows}

The bands are those of the document (`idphoto specs show ID`). idphoto's own limits, where no authority gives a number:

| limit | value | where |
|---|---|---|
| background, unevenness (warn / fail) | 7 / 14 CIELAB units, 90th percentile from the median | `checks/background.py` |
| background, texture (warn / fail) | 2.5 / 6 L* root mean square | `checks/background.py` |
| background, shadow (warn) | 9 L* between left, top and right | `checks/background.py` |
| colour names | regions of CIELAB | `specs/colours.yaml` |
| exact values such as "5 mm" | 1.5 % of the photo's height | `checks/base.py` |
"""


def stages() -> str:
    """The page of stages and their options."""
    parts = ["# Stages\n", "The steps of a pipeline, in their usual order, with their options.\n"]
    for name, stage in STAGES.items():
        parts.append(f"## {name}\n\n{(stage.__doc__ or '').strip()}\n")
        parts.append(f"needs {_list(stage.needs)}; gives {_list(stage.gives)}\n")
        options = {option: field for option, field in stage.model_fields.items() if option != "stage"}
        if options:
            parts.append("| option | default | meaning |\n|---|---|---|")
            for option, field in options.items():
                parts.append(f"| `{option}` | `{field.default!r}` | {field.description or ''} |")
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _list(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


PAGES = {"checks.md": checks, "stages.md": stages}


def main() -> None:
    """Write all of them."""
    for name, page in PAGES.items():
        (HOME / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
