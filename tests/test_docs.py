"""The documents tell the truth: every command runs, every file exists, every schema is current."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from docs import tables
from docs.schemas import SCHEMAS, schema
from idphoto.cli import app
from idphoto.spec import load_spec, spec_ids

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("samples/*.md"), *ROOT.glob("benchmarks/*.md")])


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Every `idphoto ...` line of every page, without its comment."""
    found = []
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.splitlines():
                text = re.sub(r"\s+#.*$", "", line).strip()
                if text.startswith("idphoto ") and not re.search("serve|models fetch|--matter modnet", text):
                    found.append((page.name, text))
    return found


@pytest.fixture
def desk(tmp_path, sample, monkeypatch):
    """A folder with the files that the documents speak of."""
    for name in ("selfie.jpg", "a.jpg", "b.jpg", "photos/one.jpg", "photos/two.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(sample, tmp_path / name)
    shutil.copy(ROOT / "samples/pipeline.yaml", tmp_path / "pipeline.yaml")
    (tmp_path / "job.yaml").write_text("spec: cn-1inch\n")
    shutil.copy(ROOT / "specs/countries/fr.yaml", tmp_path / "my.yaml")
    (tmp_path / "specs/countries").mkdir(parents=True)
    shutil.copy(ROOT / "specs/countries/nl.yaml", tmp_path / "specs/countries")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("page", "command"), commands(), ids=lambda value: value if " " in value else "")
def test_every_command_of_the_documents_runs(desk, monkeypatch, capsys, page, command):
    from idphoto import make
    from idphoto.output.files import write_files

    if command.startswith("idphoto sheet"):
        for name in ("a.jpg", "b.jpg"):
            write_files({desk / name: make(desk / name, "schengen-visa").files[".jpg"]}, force=True)
    words = []
    for word in shlex.split(command)[1:]:
        words += sorted(str(path.relative_to(desk)) for path in desk.glob(word)) if "*" in word else [word]
    monkeypatch.setattr(sys, "argv", ["idphoto", *words])
    with pytest.raises(SystemExit) as caught:
        app.main()
    said = capsys.readouterr()
    assert (caught.value.code or 0) in (0, 1), said.err


def test_the_python_of_the_readme_runs(desk):
    for block in blocks(ROOT / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documents_that_are_named_exist(page):
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"--spec ([\w:,.-]+)", text):
        for single in name.split(","):
            if not single.endswith(".yaml"):
                load_spec(single)


def test_the_readme_counts_right():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{len(spec_ids(variants=False))} documents" in text


@pytest.mark.parametrize("name", SCHEMAS)
def test_published_schemas_are_current(name):
    assert (ROOT / f"docs/{name}.schema.json").read_text(encoding="utf-8") == schema(name), "run: make schemas"


@pytest.mark.parametrize("name", tables.PAGES)
def test_pages_of_tables_are_current(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == tables.PAGES[name](), "run: make schemas"


@pytest.mark.parametrize("name", tables.PAGES)
def test_generated_pages_show_no_internal_value_of_pydantic(name):
    assert not re.findall("Pydantic|Undefined", tables.PAGES[name]())


def test_nothing_names_a_registry_or_this_machine():
    for path in [*PAGES, ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "Makefile"]:
        text = path.read_text(encoding="utf-8")
        assert "pypi.org" not in text, path
        assert "--index-url" not in text, path
