"""Every file of a folder that is a table stands in it, and every line of a table leads somewhere."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

from idphoto import checks, faces, matting, segmentation, stages
from idphoto.checks import CHECKS, Check
from idphoto.stages import STAGES, Stage

HELPERS = {"checks": {"base", "components", "measurements", "reported_measures", "subject"}, "stages": {"base"}}


def files(package: ModuleType) -> set[str]:
    name = package.__name__.rpartition(".")[2]
    return {info.name for info in pkgutil.iter_modules(package.__path__)} - HELPERS[name]


def test_every_check_stands_in_the_table() -> None:
    for name in files(checks):
        module = importlib.import_module(f"idphoto.checks.{name}")
        own = [value for value in vars(module).values() if isinstance(value, Check)]
        own += list(getattr(module, "FRAMING_CHECKS", ()))
        assert own, name
        assert all(check in CHECKS for check in own), name


def test_checks_have_names_of_their_own() -> None:
    names = [check.id for check in CHECKS]
    assert len(names) == len(set(names))


def test_every_stage_stands_in_the_union() -> None:
    for name in files(stages):
        module = importlib.import_module(f"idphoto.stages.{name}")
        own = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Stage) and value.__module__ == module.__name__
        ]
        assert own, name
        assert all(stage in STAGES.values() for stage in own), name


@pytest.mark.parametrize("package", [faces, segmentation, matting], ids=lambda package: package.__name__)
def test_every_backend_stands_in_its_table(package: ModuleType) -> None:
    folder = importlib.import_module(f"{package.__name__}.backends")
    listed = {module.rpartition(".")[2] for module in package.BACKENDS.modules.values()}
    assert {info.name for info in pkgutil.iter_modules(folder.__path__)} == listed
    for module in package.BACKENDS.modules.values():
        assert callable(importlib.import_module(module).load)
