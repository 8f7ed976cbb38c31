"""A small site, the nights of it that nothing disturbed, and `recon run` as a process to end."""

import multiprocessing
import os
import shutil
import sqlite3
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from nights import ROOT, contents, small_site

from recon.cli import main

LEDGER = (
    "select feed, name, size, sha256, modified_ns, state, business_date, duplicate_of, records_in, "
    "accepted, quarantined, reason, is_published from file order by feed, name, business_date"
)


# Forked from a process that has imported what a night imports: half of a small night is imports,
# and a kill during one says nothing. The traced nights and those of `tests/dag` start like any.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["assets.night", "recon.cli", "great_expectations.expectations"])


class Running:
    """`recon run` on a site, in a process of its own."""

    def __init__(self, site: Path, home: Path) -> None:
        home.mkdir(exist_ok=True)
        shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
        told = [home / f"{site.name}.{uuid.uuid4().hex}.{name}" for name in ("out", "err")]
        self._told = told
        self.process = FORKED.Process(target=_run, args=(site, home, *told))
        self.process.start()

    def kill(self) -> None:
        """SIGKILL; nobody gets to clean up."""
        self.process.kill()
        self.process.join()

    def end(self) -> tuple[int, str, str]:
        """Wait; exit code, standard output, standard error."""
        self.process.join()
        out, err = (file.read_text(encoding="utf-8") for file in self._told)
        return self.process.exitcode, out, err


def _run(site: Path, home: Path, out: Path, err: Path) -> None:
    os.environ["DAGSTER_HOME"] = str(home)
    for file, stream in ((out, sys.stdout), (err, sys.stderr)):
        with file.open("wb") as opened:
            os.dup2(opened.fileno(), stream.fileno())
    sys.argv = ["recon", "run", "--site", str(site)]
    main()


@dataclass(frozen=True)
class Undisturbed:
    """A site whose nights were closed in one go."""

    inbox: Path  # the site before any night
    site: Path
    seconds: float

    def copy(self, folder: Path) -> Path:
        """The same site, no night closed."""
        return shutil.copytree(self.inbox, folder)  # with times: the ledger knows files by them

    def start(self, site: Path, home: Path) -> Running:
        return Running(site, home)

    def differences(self, site: Path) -> list[str]:
        """Names of files that differ or that only one has, and whether the ledgers differ."""
        mine, theirs = contents(site), contents(self.site)
        files = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
        return sorted(files) + (["ledger"] if _ledger(site) != _ledger(self.site) else [])


def _ledger(site: Path) -> list[tuple]:
    """What the ledger says, without the moments at which it was told."""
    with sqlite3.connect(site / "lake" / "ledger.sqlite") as con:
        return con.execute(LEDGER).fetchall()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    inbox, site = folder / "inbox", folder / "site"
    # The long form crosses from one night into the next; the suite has the time of one.
    nights = 2 if "RECON_KILLS" in os.environ else 1
    small_site(inbox, seed=11, order_lines=300, nights=nights)
    shutil.copytree(inbox, site)
    started = time.monotonic()
    code, _, err = Running(site, folder / "home").end()
    assert code in (0, 4), err
    return Undisturbed(inbox, site, time.monotonic() - started)
