"""Write the pages under docs/ that list what is in the code: checks, documents, fairness and stages.

Run ``make schemas`` to write them. A test compares the committed pages with what the functions here return.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from idphoto.checks import CHECKS
from idphoto.messages import catalogue
from idphoto.spec import Confidence, Spec, all_specs
from idphoto.spec.rulebook import count_levels
from idphoto.stages import STAGES

DOCS_FOLDER = Path(__file__).parent

CHECKS_INTRODUCTION = """# Checks

All checks measure the finished file, which is opened again. A check returns findings. A finding has a status (`pass`,
`skip`, `ask`, `warn` or `fail`), a stable code that begins with the name of the check, the measured value, the limit as
its source writes it, the place in the picture, and one thing to do. The status of the report is that of its worst
finding.

- A photo fails if it breaks a rule of the authority. If the rule comes from the standard (ICAO, ISO), it only warns.
- A value outside its limits by less than its own uncertainty only warns.
- A check that cannot measure says `skip`.
- Eyes, mouth, gaze, expression and the quality of the picture warn and never fail. Things that are worn are asked
  about. `--accept CHECK=REASON` lets such a finding pass; the report keeps the reason.
- No check judges the brightness of the skin. [Fairness](fairness.md) says how often each check warns, by skin tone.

Limits are those of the document (`idphoto specs show ID`). If no authority gives a number, the limit is idphoto's own,
and this page says so. Components are those of ISO/IEC 29794-5, by their names in its reference implementation OFIQ;
[quality](quality.md) says how they are measured and which are not. Fields of the document are those whose value or
source a check reads; the findings of a check that reads none are the same for every document.
"""

ALARMS_INTRODUCTION = """## False alarms

This table counts how often each check asks, warns or fails on {studio} official studio portraits. They were taken from
the front in even light, and checked as they are (`python -m benchmarks.checks`). Good checks warn about few of them,
except for `mouth` and `expression`: most of the people smile and show teeth. Those that `visibility` asks about, but
for one with an eye patch, are turned too far to tell.

**idphoto's own limits were set on these same portraits**, so that few of them are warned about, and the detectors of
glasses and of closed eyes were trained on them. The table is therefore no independent estimate. Expect more warnings on
other photos; no second set of portraits was kept aside to count them.
"""


def checks_page() -> str:
    """Return the page that describes every check: measure, limit, codes, and how often each one warns."""
    parts = [CHECKS_INTRODUCTION]
    for check in CHECKS:
        parts.append(f"## {check.id}\n\n{check.title}. {check.rationale}\n")
        component = f"; component {check.component}" if check.component else ""
        fields = _list_names(check.reads) if check.reads else "none"
        parts.append(
            f"Measured: {check.formula or 'see the limit'}.  \nLimit: {check.limit}{component}.  \n"
            f"Fields of the document: {fields}.\n"
        )
        codes = [code for code in catalogue().codes if code.startswith(f"{check.id}.")]
        parts.append("| code | says |\n|---|---|")
        parts += [f"| `{code}` | {_escape_cell(catalogue().codes[code].message)} |" for code in codes]
        parts.append("")
    parts.append(_alarms_section())
    return "\n".join(parts).rstrip() + "\n"


def _escape_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _read_counts() -> dict[str, Any]:
    """Return the counts on real portraits that benchmarks.checks wrote."""
    return json.loads((DOCS_FOLDER.parent / "benchmarks" / "checks.json").read_text(encoding="utf-8"))


def _alarms_section() -> str:
    counts = _read_counts()
    lines = [
        ALARMS_INTRODUCTION.format(studio=counts["studio"]),
        "| check | asks | warns | fails | cannot judge | warns or fails |",
        "|---|---|---|---|---|---|",
    ]
    for check, found in counts["alarms"].items():
        share = (found.get("warn", 0) + found.get("fail", 0)) / counts["studio"]
        cells = " | ".join(str(found.get(status, 0)) for status in ("ask", "warn", "fail", "skip"))
        lines.append(f"| `{check}` | {cells} | {share:.1%} |")
    return "\n".join(lines) + "\n"


def fairness_page() -> str:
    """Return the page that compares how often checks warn by skin lightness."""
    counts = _read_counts()
    text = (DOCS_FOLDER / "fairness.txt").read_text(encoding="utf-8")
    return text.format(
        photos=counts["photos"],
        studio=counts["studio"],
        others=counts["photos"] - counts["studio"],
        all=_table_by_skin(counts["all"]),
        even=_table_by_skin(counts["even"]),
    )


def _table_by_skin(counts: dict[str, Any]) -> str:
    groups = counts["groups"]
    head = " | ".join(f"{name} ({count})" for name, count in groups.items())
    lines = [f"| check | {head} |", "|---" * (len(groups) + 1) + "|"]
    for check, found in counts["spoken"].items():
        cells = []
        for name, count in groups.items():
            low, high = _wilson_interval(found[name], count)
            cells.append(f"{found[name] / count:.0%} ({low:.0%}–{high:.0%})" if count else "–")
        lines.append(f"| `{check}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of the share hits / count (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * (share * (1 - share) / count + z * z / (4 * count**2)) ** 0.5 / (1 + z * z / count)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def stages_page() -> str:
    """Return the page of stages: the parts of a Photo that each needs and gives, and its options."""
    parts = ["# Stages\n", "The steps of a pipeline, in their usual order, with their options.\n"]
    for name, stage in STAGES.items():
        parts.append(f"## {name}\n\n{inspect.cleandoc(stage.__doc__ or '')}\n")
        parts.append(f"needs {_list_names(stage.needs)}; gives {_list_names(stage.gives)}\n")
        options = {option: field for option, field in stage.model_fields.items() if option != "stage"}
        if options:
            parts.append("| option | default | meaning |\n|---|---|---|")
            for option, field in options.items():
                parts.append(f"| `{option}` | {_default_cell(field)} | {field.description or ''} |")
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _default_cell(field: FieldInfo) -> str:
    """Return the default as Python writes it, also where a factory makes it; "required" where there is none."""
    if field.is_required():
        return "required"
    return f"`{field.get_default(call_default_factory=True)!r}`"


def _list_names(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


DOCUMENTS_INTRODUCTION = """# Documents

All documents, in one table; search it with your browser. `idphoto specs list WORDS` finds them by the words that people
use, `idphoto specs show ID` gives each rule with its source, and `idphoto specs export --csv` all rules.

Rules says on what the document's own rules rest, from the most to the least reliable: **o** the authority's own text,
read for idphoto; **r** the authority's own page, read on that day by somebody whom the source names; **s** a copy or a
summary; **m** not found in writing. **Disputed** marks a document about which reliable sources contradict each other.
Read says when the oldest of these rules was read; after a year the report warns.
"""


def documents_page() -> str:
    """Return the page that lists every document with its size, its background, and how reliable its rules are."""
    specs = all_specs(variants=False)
    totals = dict.fromkeys(Confidence, 0)
    best = dict.fromkeys(Confidence, 0)
    rows = []
    for spec in specs:
        levels = count_levels(spec)
        for level, count in levels.items():
            totals[level] += count
        chief = max(levels, key=lambda level: levels[level])
        best[chief] += 1
        rows.append(_describe_document(spec, levels))
    rules = sum(totals.values())
    lines = [DOCUMENTS_INTRODUCTION, "| reliability | rules | documents that rest mostly on it |", "|---|---|---|"]
    for level in Confidence:
        shares = f"{totals[level]} ({totals[level] / rules:.0%}) | {best[level]} ({best[level] / len(specs):.0%})"
        lines.append(f"| {level.value} | {shares} |")
    lines += [
        "",
        "| id | country | document | size | head | background | editing | rules | read |",
        "|---|" + "---|" * 8,
    ]
    return "\n".join([*lines, *rows]) + "\n"


def _describe_document(spec: Spec, levels: dict[Confidence, int]) -> str:
    size = " / ".join(str(part) for part in (spec.size, spec.pixels, spec.bytes) if part is not None)
    rules = " ".join(f"{level.value[0]}{count}" for level, count in levels.items() if count)
    cells = (
        f"`{spec.id}`",
        spec.country_name,
        spec.title,
        size or spec.submit.value,
        f"{spec.head_height or ''} {'' if spec.crown == 'skull' else spec.crown}".strip(),
        " or ".join(spec.background.colours),
        spec.editing.allows.value,
        rules + (" **disputed**" if spec.disputed else ""),
        "" if spec.checked is None else spec.checked.isoformat(),
    )
    return "| " + " | ".join(_escape_cell(cell) for cell in cells) + " |"


PAGES = {
    "checks.md": checks_page,
    "documents.md": documents_page,
    "fairness.md": fairness_page,
    "stages.md": stages_page,
}


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (DOCS_FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
