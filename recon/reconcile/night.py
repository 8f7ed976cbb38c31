"""The match of one business date of a site: tables as of it, rules, last night's findings."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from recon.canonical.as_of import tables_as_of
from recon.canonical.describe import polars_schema
from recon.reconcile import MATCH_FOLDERS, three_way_match
from recon.reconcile.engine import Limits, Rows, tables_read
from recon.reconcile.results import Exception_
from recon.rules import load_all
from recon.site import Site

LAYER = "reconcile"


def inputs(site: Site, day: date) -> dict[str, Rows]:
    """What the match of ``day`` reads: canonical tables as of it, and last night's exceptions."""
    tables = tables_as_of(site, day, tables_read(MATCH_FOLDERS))
    return {**tables, "previous_exception": previous_exception(site, day)}


def previous_exception(site: Site, day: date) -> pl.DataFrame:
    """The exceptions of the newest business date before ``day``; none before the first."""
    before = [d for d in site.lake.days(LAYER, "exception") if d < day]
    rows = site.lake.read(LAYER, "exception", before[-1]) if before else None
    return rows if rows is not None else pl.DataFrame(schema=polars_schema(Exception_))


def reconcile(site: Site, day: date) -> dict[str, pl.DataFrame]:
    """Every result table of the three-way match as of ``day``."""
    return three_way_match(inputs(site, day), day, load_all(site.rules), limits(site))


def limits(site: Site) -> Limits:
    """What a site lets the engine take of its machine; beyond it, relations spill into the lake."""
    engine = site.config.engine
    return Limits(engine.memory_limit, engine.threads, site.lake.root / ".spill")


def results(site: Site, day: date, names: list[str]) -> Mapping[str, pl.DataFrame]:
    """Result tables as they were written for ``day``; a table not written is left out."""
    found = {name: site.lake.read(LAYER, name, day) for name in names}
    return {name: rows for name, rows in found.items() if rows is not None}
