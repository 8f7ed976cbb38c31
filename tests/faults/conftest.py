"""A small site, the nights of it that nothing disturbed, and `recon run` as a process to end."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from nights import ROOT, contents, keep_feeds

from recon.sample import generate

RUN = "from recon.cli import main; main()"
# A feed of each format and of both sides.
FEEDS = {
    *("supplier", "item", "item_uom", "purchase_order_erp", "receipt", "invoice_edi"),
    "purchase_order_edi",
    *("invoice_portal", "remittance_edi", "account_adt", "clinical_item", "charge_master"),
    *("item_cdm_map", "usage_or", "usage_record", "charge_dft", "claim_payment"),
}
LEDGER = (
    "select feed, name, size, sha256, modified_ns, state, business_date, duplicate_of, records_in, "
    "accepted, quarantined, reason, is_published from file order by feed, name, business_date"
)


class Running:
    """`recon run` on a site, in a process group of its own as a terminal would start it."""

    def __init__(self, site: Path, home: Path, before: tuple[str, ...] = ()) -> None:
        home.mkdir(exist_ok=True)
        shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
        self.process = subprocess.Popen(
            [*before, sys.executable, "-c", RUN, "run", "--site", str(site)],
            # Compiled once, as on most machines: twenty starts are waited for.
            env={**os.environ, "DAGSTER_HOME": str(home), "PYTHONDONTWRITEBYTECODE": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kill(self) -> None:
        """SIGKILL to the whole group; nobody gets to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def end(self) -> tuple[int, str, str]:
        """Wait; exit code, standard output, standard error."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err


@dataclass(frozen=True)
class Undisturbed:
    """A site whose nights were closed in one go."""

    inbox: Path  # the site before any night
    site: Path
    seconds: float

    def copy(self, folder: Path) -> Path:
        """The same site, no night closed."""
        return shutil.copytree(self.inbox, folder)  # with times: the ledger knows files by them

    def start(self, site: Path, home: Path, before: tuple[str, ...] = ()) -> Running:
        return Running(site, home, before)

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
    generate(inbox, seed=11, order_lines=300, nights=nights)
    keep_feeds(inbox, FEEDS)
    shutil.copytree(inbox, site)
    started = time.monotonic()
    code, _, err = Running(site, folder / "home").end()
    assert code in (0, 4), err
    return Undisturbed(inbox, site, time.monotonic() - started)
