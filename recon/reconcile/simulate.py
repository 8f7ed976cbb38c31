"""Past nights under changed tolerances: what would have been held, tolerated, paid above contract.

What belongs here: the order of the steps. What is computed is in ``simulation/*.sql``; how a change
of rules is read, in ``rules/what_if.py``.

Both sides are matched anew, as of each night, from the tables that the lake holds: the rules as
the site has them now, and those with the change. Nothing is written to the lake.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.canonical.as_of import as_of, deliveries, tables_as_of
from recon.canonical.describe import canonical_tables
from recon.reconcile.engine import Limits, Rows, run, tables_read
from recon.reconcile.night import limits
from recon.reconcile.results import LAYER
from recon.rules import load_all
from recon.rules.what_if import NAME, ToleranceChange
from recon.site import Site

TOTALS = (
    "counted_change",
    "change_by_category",
    "change_by_supplier",
    "change_by_supplier_shown",
    "change_total",
    "change_measure",
    "change_tie_out",
    "rule_use",
)
# Suppliers that the terminal and the Summary name; the others stand there as one row.
MOST_SUPPLIERS = 12

SIMULATED = ("three_way_match", "simulation")

Rules = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Simulation:
    """What a change of rules would have done.

    Attributes:
        days: the nights replayed, oldest first.
        change: the rules, now and then.
        tables: name -> rows: ``change_by_night`` and every relation of ``TOTALS``.
        fingerprint: hexadecimal hash over nights, inputs and both sets of rules.
    """

    days: list[date]
    change: ToleranceChange
    tables: Mapping[str, pl.DataFrame]
    fingerprint: str

    @property
    def run_id(self) -> str:
        """The eight digits by which people name this simulation."""
        return self.fingerprint[:8]


def simulate(
    site: Site,
    change: ToleranceChange,
    days: list[date],
    told: Callable[[date], None] = lambda _: None,
) -> Simulation:
    """Replay nights under the rules as they are and under changed tolerances.

    Args:
        site: its lake is read only.
        change: the tolerances now and then.
        days: closed nights, oldest first.
        told: called with each night before it is replayed.

    Raises:
        IntegrityError: a stored file is not what was written.
    """
    now = load_all(site.rules)
    then = {**now, NAME: change.then}
    changes: list[pl.DataFrame] = []
    nights: list[pl.DataFrame] = []
    read = tables_read(SIMULATED)
    for day in days:
        told(day)
        tables = tables_as_of(site, day, read)
        before, after = (stakes(tables, day, rules, limits(site)) for rules in (now, then))
        published = site.lake.read(LAYER, "exception", day)
        found = compared(before, after, published, day, limits(site))
        # Of a night before the newest, only what differs is ever counted.
        change_of_night = found["stake_change"]
        is_newest = day == days[-1]
        changes.append(change_of_night if is_newest else change_of_night.filter("is_different"))
        nights.append(found["change_by_night"])
    newest = {table: as_of(site, table, days[-1]) for table in ("supplier", "item")}
    return Simulation(
        days=days,
        change=change,
        tables=totals(pl.concat(changes), pl.concat(nights), newest, days[-1], limits(site)),
        fingerprint=_fingerprint(site, days, now, then),
    )


def stakes(tables: Mapping[str, Rows], day: date, rules: Rules, limits: Limits) -> pl.DataFrame:
    """``stake`` of one night under one set of rules."""
    return run(SIMULATED, {**rules, **tables}, {"as_of": day}, ["stake"], limits)["stake"]


def compared(
    before: pl.DataFrame,
    after: pl.DataFrame,
    published: pl.DataFrame | None,
    day: date,
    limits: Limits,
) -> dict[str, pl.DataFrame]:
    """``stake_change`` and ``change_by_night`` of the stakes of one night under two sets of rules.

    Args:
        before: ``stake`` under the rules as they are.
        after: ``stake`` under the changed ones.
        published: ``exception`` as that night published it, if it did.
        day: the business date.
        limits: what the run may take of its machine.
    """
    given: dict[str, Rows] = {"stake_before": before, "stake_after": after}
    if published is not None:
        given["exception"] = published
    wanted = ["stake_change", "change_by_night"]
    return run(("simulation",), given, {"as_of": day}, wanted, limits)


def totals(
    changes: pl.DataFrame,
    nights: pl.DataFrame,
    names: Mapping[str, Rows],
    newest: date,
    limits: Limits,
) -> dict[str, pl.DataFrame]:
    """``change_by_night`` and every relation of ``TOTALS``, each stake counted once.

    Args:
        changes: ``stake_change`` of every night, whole of the newest.
        nights: ``change_by_night`` of every night.
        names: the tables ``supplier`` and ``item``.
        newest: the last night.
        limits: what the run may take of its machine.
    """
    given: dict[str, Rows] = {**names, "stake_change": changes, "change_by_night": nights}
    params = {"as_of": newest, "most": MOST_SUPPLIERS}
    found = run(("simulation",), given, params, TOTALS, limits)
    return {**found, "change_by_night": nights.sort("business_date", "currency")}


def _fingerprint(site: Site, days: list[date], now: Rules, then: Rules) -> str:
    """A hash over everything the simulation was computed from: a file's name carries its own."""
    digest = hashlib.sha256()
    for day in days:
        digest.update(f"{day.isoformat()}\n".encode())
        for table in sorted(canonical_tables()):
            for delivered, _, path in deliveries(site, table, day):
                digest.update(f"{table} {delivered} {path.name}\n".encode())
        for file in site.lake.stored(LAYER, "exception", day):
            digest.update(f"exception {file.sha256}\n".encode())
    for rules in (now, then):
        for name in sorted(rules):
            digest.update(f"{name}\n{rules[name].write_csv()}".encode())
    return digest.hexdigest()
