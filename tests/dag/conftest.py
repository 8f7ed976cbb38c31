"""Whole nights: the sample site, closed once through the real command, read by many tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data_samples" / "site"


def recon(*words, home, check=True):
    """Run the command line as a person does, with a Dagster home of its own."""
    home.mkdir(exist_ok=True)
    shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
    done = subprocess.run(
        [sys.executable, "-c", "from recon.cli import main; main()", *map(str, words)],
        env={**os.environ, "DAGSTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if check:
        assert done.returncode in (0, 4), done.stderr + done.stdout
    return done


def copy_of_sample(folder):
    """The sample site as it is in a fresh clone."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("lake", "published"))
    return folder


def contents(site):
    """Every byte a night leaves for others: tables, manifests, raw files, workbooks."""
    return {
        str(path.relative_to(site)): path.read_bytes()
        for root in ("lake", "published")
        for path in sorted((site / root).rglob("*"))
        if path.is_file() and not path.name.startswith(("ledger.sqlite", ".lock"))
    }


@pytest.fixture(scope="session")
def closed(tmp_path_factory):
    """The sample site after its five nights: (folder, Dagster home, what the command printed)."""
    folder = tmp_path_factory.mktemp("closed")
    site = copy_of_sample(folder / "site")
    done = recon("run", "--site", site, home=folder / "home")
    return site, folder / "home", done.stdout
