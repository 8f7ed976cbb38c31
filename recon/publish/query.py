"""The SQL of this folder, run over a night.

What belongs here: which statement reads which, and the sealed connection they run in. What does
not: what is computed (``sql/*.sql``).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl

from recon.connection import SEALED, own_folder
from recon.errors import InputError
from recon.publish.night import Night
from recon.reconcile.engine import NO_LIMITS, Limits

DETAIL = (
    "received",
    "acknowledged",
    "price_variance",
    "exception_documents",
    "exception_detail",
    "line_detail",
    "rni_detail",
    "payable_detail",
    "payment_detail",
    "shipment_detail",
)
TOTALS = (
    "summary_by_code",
    "summary_by_supplier",
    "summary_by_queue",
    "summary_by_bucket",
    "summary_total",
    "waterfall",
    "tie_out",
)


def detail(night: Night) -> dict[str, pl.DataFrame]:
    """What the sheets of the network's workbook list, each ``<sheet>_detail`` in its order."""
    found = run(DETAIL, {**night.rules, **night.tables}, night.day, night.limits)
    return {name: found[name] for name in DETAIL if name.endswith("_detail")}


def of_facility(details: Mapping[str, pl.DataFrame], facility_id: str) -> dict[str, pl.DataFrame]:
    """The rows of one hospital."""
    return {
        name: rows.filter(pl.col("facility_id") == facility_id) for name, rows in details.items()
    }


def totals(details: Mapping[str, pl.DataFrame], night: Night) -> dict[str, pl.DataFrame]:
    """Summaries, waterfall and tie-out of the details given."""
    tables = {**details, "age_bucket": night.rules["age_bucket"]}
    return run(TOTALS, tables, night.day, night.limits)


def run(
    names: Sequence[str],
    tables: Mapping[str, pl.DataFrame],
    day: date | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, pl.DataFrame]:
    """Run ``sql/<name>.sql`` in the order given; each may read the tables and those before it.

    Args:
        names: the statements.
        tables: relation name as written in the SQL -> rows.
        day: the ``$business_date`` of those that ask for it.
        limits: what they may take of the machine.

    Raises:
        InputError: a statement needs a table that was not passed; it names both.
    """
    statements = {name: _statement(name) for name in names}
    # A night has sixty tables, which the engine takes over one by one: of a few rows, that was a
    # seventh of the time.
    read = {word for sql in statements.values() for word in re.findall(r"\w+", sql)}
    found: dict[str, pl.DataFrame] = {}
    # What is registered on a cursor goes with it: nothing to lock, nothing left behind.
    with _macros(limits).cursor() as con:
        for table in sorted(read & tables.keys()):
            con.register(table, tables[table])
        for name, sql in statements.items():
            try:
                rows = con.sql(
                    sql, params={"business_date": day} if "$business_date" in sql else None
                ).pl()
            except duckdb.CatalogException as missing:
                raise InputError(
                    f"publish/sql/{name}.sql reads a table that this night does not have: "
                    f"{str(missing).splitlines()[0]}. Pass it in Night.tables or Night.rules."
                ) from missing
            found[name] = rows
            con.register(name, rows)
    return found


@cache
def _statement(name: str) -> str:
    return files("recon.publish").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")


@cache
def _macros(limits: Limits) -> duckdb.DuckDBPyConnection:
    """The macros alone, in memory: made once, for a night asks some forty times."""
    config = {**SEALED, "temp_directory": str(limits.temp_directory or own_folder())}
    if limits.memory_limit is not None:
        config["memory_limit"] = limits.memory_limit
    if limits.threads is not None:
        config["threads"] = limits.threads
    con = duckdb.connect(config=config)
    con.execute(files("recon.publish").joinpath("sql/macros.sql").read_text(encoding="utf-8"))
    return con
