"""The page about training names every file, and every command named anywhere exists."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "training/README.md"
NEEDS_TORCH = ("training.matting_network.learning.", "training.matting_network.export.")
PAGES = [ROOT / "CONTRIBUTING.md", README, *ROOT.glob("benchmarks/*.md"), ROOT / "idphoto/matting/MODEL_CARD.md"]
SOURCES = [path for folder in ("training", "benchmarks", "tools") for path in (ROOT / folder).rglob("*.py")]


def files() -> list[Path]:
    """Return every file of training/ that is not made by a tool."""
    found = (path for path in (ROOT / "training").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path for path in found if path.name not in ("__init__.py", "README.md"))


def commands() -> list[str]:
    """Return the module of every ``python -m`` command of training, benchmarks and tools."""
    text = "".join(path.read_text(encoding="utf-8") for path in (*PAGES, *SOURCES))
    return sorted(set(re.findall(r"python -m ((?:training|benchmarks|tools)\.[\w.]*\w)", text)))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_file_is_in_the_table_of_its_folder(path: Path) -> None:
    rows = README.read_text(encoding="utf-8").partition("## Files")[2].partition("\n## ")[0].splitlines()
    folder = f"{path.parent.relative_to(ROOT / 'training').as_posix()}/"
    start = next((i + 1 for i, row in enumerate(rows) if row.startswith(f"| **`{folder}`**")), 0)
    stop = next((i for i, row in enumerate(rows[start:], start) if row.startswith("| **")), len(rows))
    assert any(f"`{path.name}`" in row.split("|")[1] for row in rows[start:stop] if row.startswith("|")), path


def test_the_table_names_no_file_that_is_missing() -> None:
    table = README.read_text(encoding="utf-8").partition("## Files")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([\w]+\.\w+)`", table)) == {path.name for path in files()}


@pytest.mark.parametrize("module", commands())
def test_every_command_exists_and_explains_itself(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    assert any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in ast.parse(code).body)
    assert f"python -m {module}" in (ast.get_docstring(ast.parse(code)) or "")
    if "argparse" not in code:
        return
    if module.startswith(NEEDS_TORCH) and importlib.util.find_spec("torch") is None:
        pytest.skip("training needs PyTorch, which is no dependency of the package")
    monkeypatch.setattr("sys.argv", [module, "--help"])
    with pytest.raises(SystemExit) as end:
        importlib.import_module(module).main()
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize("path", [path for path in SOURCES if "def main(" in path.read_text(encoding="utf-8")], ids=str)
def test_every_command_of_training_is_in_the_page(path: Path) -> None:
    if "training" in path.relative_to(ROOT).parts:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert f"python -m {module}" in README.read_text(encoding="utf-8")
