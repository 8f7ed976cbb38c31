"""The house: who may import whom, and what every module says of itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import assets
import checks
import recon

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {package.__name__: package for package in (recon, assets, checks)}
MODULES = sorted(file for name in PACKAGES for file in (ROOT / name).rglob("*.py"))


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("name", PACKAGES)
def test_the_package_imported_is_the_one_of_this_project(name):
    """`assets` and `checks` are common words; an installed package may bear them too."""
    assert Path(PACKAGES[name].__file__).resolve() == ROOT / name / "__init__.py"


def test_the_import_contracts_hold():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_library_needs_no_orchestrator_and_brings_nothing_heavy_in():
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in MODULES
        if file.is_relative_to(ROOT / "recon")
    ]
    program = (
        "import importlib, sys\n"
        "for name in ('dagster', 'assets', 'checks'): sys.modules[name] = None\n"
        "import recon\n"
        "print(sorted({n.split('.')[0] for n, m in sys.modules.items() if m is not None}))\n"
        f"for name in {names}: importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(ast.literal_eval(done.stdout))
    # Great Expectations, plots and workbooks are imported where they are used.
    assert loaded.isdisjoint({"great_expectations", "matplotlib", "openpyxl", "dagster"})


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for_and_stays_small(file):
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "no docstring"
    assert text.count("\n") <= 450, "too long: split it"
    futures = [
        n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "__future__"
    ]
    assert not futures, "Dagster reads annotations at run time; write them natively"


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "util", "common", "helpers", "helper", "base", "misc"}
    found = [name_of(f) for f in MODULES if drawers & {*f.relative_to(ROOT).with_suffix("").parts}]
    assert found == []
