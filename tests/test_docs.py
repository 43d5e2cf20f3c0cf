"""Test that the documentation is true: commands and examples run, files exist, published schemas are current."""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image

import idphoto
from benchmarks.ink import draw_page
from docs import architecture, tables
from docs.schemas import SCHEMAS, build_schema
from idphoto import faces, matting, segmentation
from idphoto.cli import app
from idphoto.output.files import write_files
from idphoto.spec import load_spec, spec_ids

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("samples/*.md"), *ROOT.glob("benchmarks/*.md")])
PAGES_WITH_COMMANDS = [*PAGES, ROOT / "training/README.md"]

PARSED_ONLY = {
    "studio": "listens until it is stopped; tests/studio starts the same page",
    "serve": "listens until it is stopped; tests/server starts it",
    "watch": "runs until it is stopped; tests/batch/test_watch.py runs it",
    "models fetch": "downloads a network; tests/test_download.py fetches from a server of its own",
}
"""Commands that are not run, with the reason. Their flags are parsed."""

MISSING_MODEL = {"--matter modnet": 5}
"""Parts of commands that need a downloaded network, and the exit code that says that it is missing."""

OTHER_PROGRAMS = {
    "/opt/idphoto/bin/pip": "installs the package",
    "/opt/idphoto/bin/python": "installs the package",
    "cp": "copies a file of the training",
    "docker": "builds and runs a container",
    "export": "sets a variable for the lines below it",
    "pip": "installs the package",
    "python3": "makes a virtual environment",
}
"""First words of lines that no test runs, with what they do."""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def shell_lines() -> list[tuple[Path, str]]:
    """Every line of every shell block, without its comment; continued lines are joined."""
    return [
        (page, line)
        for page in PAGES_WITH_COMMANDS
        for block in blocks(page, "sh")
        for text in block.replace("\\\n", " ").splitlines()
        if (line := re.sub(r"(^|\s+)#.*$", "", text).strip())
    ]


def lines_of(program: str) -> list[tuple[str, str]]:
    """Name of the page and text of every line that calls a program."""
    return [(page.name, line) for page, line in shell_lines() if line.startswith(f"{program} ")]


def inline_commands() -> list[str]:
    """Every `idphoto ...` in running text, which may hold placeholders such as NAME."""
    found = set()
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        found.update(" ".join(command.split()) for command in re.findall(r"`idphoto ([a-z][^`]*)`", text))
    return sorted(found)


@pytest.fixture(scope="module")
def template(tmp_path_factory, sample):
    """A folder with the files that the documentation speaks of."""
    folder = tmp_path_factory.mktemp("template")
    for name in ("selfie.jpg", "group.jpg", "photos/one.jpg", "photos/two.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(sample, folder / name)
    for name in ("scans/sign.jpg", "scans/thumb.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(draw_page(0).rgb).save(folder / name)
    _, own_document, own_pipeline = blocks(ROOT / "README.md", "yaml")
    (folder / "my.yaml").write_text(own_document)
    (folder / "pipeline.yaml").write_text(own_pipeline)
    (folder / "job.yaml").write_text("spec: cn-1inch\n")
    for name, language in (("school.yaml", "yaml"), ("roster.csv", "csv")):
        (folder / name).write_text(blocks(ROOT / "docs/batch.md", language)[0], encoding="utf-8")
    (folder / "specs/countries").mkdir(parents=True)
    shutil.copy(ROOT / "specs/countries/nl.yaml", folder / "specs/countries")
    finished = idphoto.make(sample, "schengen-visa").files[".jpg"]
    write_files({folder / "a.jpg": finished, folder / "b.jpg": finished})
    return folder


@pytest.fixture
def desk(template, tmp_path, monkeypatch):
    """A copy of that folder, as the current one, without any downloaded model."""
    shutil.copytree(template, tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    monkeypatch.setenv("IDPHOTO_MODELS", str(tmp_path / "models"))
    return tmp_path / "desk"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; returns the exit code and what was written to standard error."""

    def call(words: list[str]) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["idphoto", *words])
        with pytest.raises(SystemExit) as caught:
            app.main()
        return int(caught.value.code or 0), capsys.readouterr().err

    return call


@pytest.mark.parametrize(("page", "command"), lines_of("idphoto"), ids=lambda value: value if " " in value else "")
def test_every_command_of_the_documentation_runs(desk, run, page, command):
    words = []
    for word in shlex.split(command)[1:]:
        words += sorted(str(path.relative_to(desk)) for path in desk.glob(word)) if "*" in word else [word]
    if any(command.startswith(f"idphoto {name}") for name in PARSED_ONLY):
        words.append("--help")
    expected = next((code for part, code in MISSING_MODEL.items() if part in command), None)
    code, err = run(words)
    assert code in ((0, 1) if expected is None else (expected,)), f"{page}: {err}"


@pytest.mark.parametrize("command", inline_commands())
def test_every_command_in_running_text_can_be_parsed(desk, run, command):
    code, err = run([*shlex.split(command), "--help"])
    assert code == 0, err


def test_no_shell_line_is_left_out():
    known = {"idphoto", "make", "python", "curl", *OTHER_PROGRAMS}
    for page, line in shell_lines():
        assert line.split()[0] in known or re.match(r"\w+=", line), f"{page}: {line}"


@pytest.mark.parametrize(("page", "command"), lines_of("make"))
def test_every_make_target_exists(page, command):
    target = command.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), page


@pytest.mark.parametrize("module", sorted({line.split()[2] for _, line in lines_of("python -m")}))
def test_every_module_of_a_command_exists_and_has_its_flags(module):
    file = ROOT / f"{module.replace('.', '/')}.py"
    assert file.is_file()
    code = file.read_text(encoding="utf-8")
    for _, line in lines_of(f"python -m {module}"):
        for flag in re.findall(r" (--[a-z-]+)", line):
            assert f'"{flag}"' in code, line


@pytest.mark.parametrize("page", [ROOT / "README.md"], ids=lambda page: page.name)
def test_python_examples_run(desk, page):
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})


def test_examples_of_the_service_run(desk):
    from tests.server.serving import serving

    page = ROOT / "docs/service.md"
    with serving(desk / "server") as server:
        for block in blocks(page, "python"):
            code = block.replace("idp_...", server.key).replace("http://127.0.0.1:8000", server.url)
            exec(compile(code, page.name, "exec"), {})
        if shutil.which("curl") is None:
            pytest.skip("curl is not installed")
        for _, line in lines_of("curl"):
            command = line.replace("localhost:8000", server.url).replace("curl ", "curl --fail --silent ", 1)
            done = subprocess.run(command, shell=True, env={**os.environ, "KEY": server.key}, capture_output=True)
            assert done.returncode == 0, f"{line}: {done.stderr.decode()}"


def test_yaml_examples_are_current(desk, tmp_path):
    from idphoto.matting.networks import all_networks

    quoted, *_ = blocks(ROOT / "README.md", "yaml")
    ((name, fields),) = yaml.safe_load(quoted).items()
    country = yaml.safe_load((ROOT / f"specs/countries/{name[:2]}.yaml").read_text(encoding="utf-8"))
    assert fields.items() <= country["documents"][name].items()
    (row,) = blocks(ROOT / "docs/backends.md", "yaml")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/networks.yaml").write_text(row)
    assert "mine" in all_networks()


def modules_with_examples() -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "idphoto").rglob("*.py"))
        if re.search(r"^\s*>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_of_docstrings_run(desk, name):
    module = importlib.import_module(name)
    assert "+SKIP" not in Path(module.__file__).read_text(encoding="utf-8")
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_specs_that_are_named_exist(page):
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
    assert (ROOT / f"docs/{name}.schema.json").read_text(encoding="utf-8") == build_schema(name), "run: make schemas"


@pytest.mark.parametrize("name", tables.PAGES)
def test_pages_of_tables_are_current(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == tables.PAGES[name](), "run: make schemas"


@pytest.mark.parametrize("name", tables.PAGES)
def test_generated_pages_show_no_internal_value_of_pydantic(name):
    assert not re.findall("Pydantic|Undefined", tables.PAGES[name]())


def test_the_picture_of_the_architecture_is_current():
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.draw(), "run: python -m docs.architecture"


def test_every_package_is_in_the_picture_and_imports_go_downwards():
    names = [name for band in architecture.BANDS.values() for name in band]
    there = {
        path.stem for path in (ROOT / "idphoto").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert sorted(names) == sorted(there - {"__init__"})
    bands = {name: number for number, band in enumerate(architecture.BANDS.values()) for name in band}
    for name, targets in architecture.read_imports(set(names)).items():
        assert all(bands[target] >= bands[name] for target in targets), name
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in names if name != "__main__")


def test_the_page_of_backends_names_all_of_them():
    page = (ROOT / "docs/backends.md").read_text(encoding="utf-8")
    for table in (faces.BACKENDS, segmentation.BACKENDS, matting.BACKENDS):
        assert all(f"`{name}`" in page for name in table.modules)


def test_nothing_names_a_registry_or_this_machine():
    for path in [*PAGES, ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "Makefile"]:
        text = path.read_text(encoding="utf-8")
        assert "pypi.org" not in text, path
        assert "--index-url" not in text, path
