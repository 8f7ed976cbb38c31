"""The match of one business date of a site: what it reads, and which dates have been matched."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from recon.canonical.as_of import tables_as_of
from recon.canonical.describe import polars_schema, table_name
from recon.canonical.tables import Table
from recon.errors import ConfigError
from recon.reconcile import MATCH_FOLDERS, three_way_match
from recon.reconcile.engine import Limits, Rows, tables_read
from recon.reconcile.results import LAYER, Exception_
from recon.reconcile.rules_kept import rules_of
from recon.site import Site


def inputs(site: Site, day: date) -> dict[str, Rows]:
    """What the match of ``day`` reads: canonical tables as of it, and last night's exceptions."""
    tables = tables_as_of(site, day, tables_read(MATCH_FOLDERS))
    return {**tables, "previous_exception": previous(site, day, Exception_)}


def previous(site: Site, day: date, table: type[Table]) -> pl.DataFrame:
    """A result table of the newest business date before ``day``; no rows before the first."""
    name = table_name(table)
    before = [d for d in site.lake.days(LAYER, name) if d < day]
    rows = site.lake.read(LAYER, name, before[-1]) if before else None
    return rows if rows is not None else pl.DataFrame(schema=polars_schema(table))


def reconcile(site: Site, day: date) -> dict[str, pl.DataFrame]:
    """Every result table of the three-way match as of ``day``, under the rules of that night."""
    return three_way_match(inputs(site, day), day, rules_of(site, day), limits(site))


def limits(site: Site) -> Limits:
    """What a site lets the engine take of its machine; beyond it, relations spill into the lake."""
    engine = site.config.engine
    return Limits(engine.memory_limit, engine.threads, site.lake.root / ".spill")


def results(site: Site, day: date, names: list[str]) -> Mapping[str, pl.DataFrame]:
    """Result tables as they were written for ``day``; a table not written is left out."""
    found = {name: site.lake.read(LAYER, name, day) for name in names}
    return {name: rows for name, rows in found.items() if rows is not None}


def closed_nights(site: Site, first: date | None = None, last: date | None = None) -> list[date]:
    """The nights of a site that are closed, from ``first`` to ``last``, both included.

    Raises:
        ConfigError: there is none; it names those there are.
    """
    closed = site.lake.days(LAYER, "exception")
    if not closed:
        raise ConfigError(f"no night is closed in {site.folder} yet. Run one: {site.closing()}")
    found = [d for d in closed if (first or d) <= d <= (last or d)]
    if not found:
        asked = f"from {first or closed[0]} to {last or closed[-1]}"
        raise ConfigError(
            f"no night {asked} is closed in {site.folder}; there are {len(closed)}, "
            f"{closed[0]} to {closed[-1]}. Ask for some of those with --from and --to."
        )
    return found
