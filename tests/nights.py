"""Nights for tests: the real command in a process of its own, or the library without Dagster."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from typer.testing import CliRunner

from recon.canonical.build import build, file_control, filling, locations, quarantine
from recon.canonical.describe import canonical_tables
from recon.cli import app
from recon.land import Ledger, land
from recon.parse.feed import parse_feed
from recon.reconcile.night import reconcile
from recon.sample import generate
from recon.site import Site

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data_samples" / "site"
FEW = {
    *("supplier", "item", "item_uom", "purchase_order_erp", "receipt", "invoice_edi"),
    *("purchase_order_edi", "price_catalog_edi"),
    *("invoice_portal", "remittance_edi", "account_adt", "clinical_item", "charge_master"),
    *("item_cdm_map", "usage_or", "usage_record", "charge_dft", "claim_payment"),
}


def recon(*words, home, check=True, before=()):
    """Run the command line as a person does, with a Dagster home of its own, behind other words."""
    home.mkdir(exist_ok=True)
    shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
    done = subprocess.run(
        [*before, sys.executable, "-c", "from recon.cli import main; main()", *map(str, words)],
        # Compiled once, as on most machines: a start then takes seconds less.
        env={**os.environ, "DAGSTER_HOME": str(home), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if check:
        assert done.returncode in (0, 4), done.stderr + done.stdout
    return done


def called(*words, code=0):
    """Run a command that closes no night in this process: a start would take seconds more."""
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == code, done.stderr + done.stdout
    return done


def copy_of_sample(folder):
    """The sample site as it is in a fresh clone."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("lake", "published", "outbox"))
    return folder


def small_site(folder, **size):
    """Generate a site with a feed of each format and of both sides: a night is a step for each."""
    generate(folder, **size)
    keep_feeds(folder, FEW)


def keep_feeds(site, feeds):
    """Take every other feed out of a generated site."""
    for declared in (site / "sources").glob("*.yaml"):
        if declared.stem not in feeds:
            declared.unlink()
            shutil.rmtree(site / "inbox" / declared.stem, ignore_errors=True)


def contents(site):
    """Every byte a night leaves for others: tables, manifests, raw files, workbooks."""
    return {
        str(path.relative_to(site)): path.read_bytes()
        for root in ("lake", "published", "outbox")
        for path in sorted((site / root).rglob("*"))
        if path.is_file() and not path.name.startswith(("ledger.sqlite", ".lock"))
    }


def close(site: Site, day: date) -> dict:
    """Everything of one night up to the match, as the assets do it; the results by name."""
    lake = site.lake
    with Ledger(site.ledger) as ledger:
        for name, feed in site.feeds.items():
            landed = land(feed, site, ledger, day, datetime.now(UTC))
            assert landed.waiting == []
            lake.write("land", name, day, {"file": landed.files})
    for name, feed in site.feeds.items():
        lake.write("parse", name, day, parse_feed(site, feed, day))
    lake.write("canonical", "location", day, {"recon.yaml": locations(site)})
    for table in canonical_tables():
        if filling(site, table):
            lake.write("canonical", table, day, build(site, table, day).parts())
    lake.write("canonical", "file_control", day, {"file_control": file_control(site, day)})
    lake.write("canonical", "quarantine", day, {"quarantine": quarantine(site, day)})
    found = reconcile(site, day)
    for table, rows in found.items():
        lake.write("reconcile", table, day, {table: rows})
    return found
