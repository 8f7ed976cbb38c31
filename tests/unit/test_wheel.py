"""The wheel: three packages, with everything that is read at run time, and nothing else."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ_AT_RUN_TIME = {".sql", ".csv", ".yaml", ".md"}


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> set[str]:
    """Names in a wheel built from this checkout by what is installed: no network, no isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PIP_NO_INDEX": "1"},
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_its_top_level_is_the_three_packages(names):
    top = {name.split("/")[0] for name in names}
    (about,) = {name for name in top if name.endswith(".dist-info")}
    assert about.startswith("supply_recon-")
    assert top - {about} == {"recon", "assets", "checks"}


def test_it_holds_every_module_and_every_file_they_read(names):
    wanted = {
        str(file.relative_to(ROOT))
        for package in ("recon", "assets", "checks")
        for file in (ROOT / package).rglob("*")
        if file.suffix in READ_AT_RUN_TIME | {".py"} and "__pycache__" not in file.parts
    }
    assert wanted <= names
    for kind in READ_AT_RUN_TIME:
        assert any(name.startswith("recon/") and name.endswith(kind) for name in wanted), kind


def test_it_holds_nothing_left_behind_by_a_run(names):
    left = [
        n for n in names if "__pycache__" in n or "/lake/" in n or n.endswith((".pyc", ".sqlite"))
    ]
    assert left == []


def test_it_tells_a_type_checker_that_the_library_is_typed(names):
    assert "recon/py.typed" in names


def test_its_commands_and_licence_are_there(names):
    (about,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert f"{about}/entry_points.txt" in names
    assert any(name.startswith(f"{about}/licenses/LICENSE") for name in names)
