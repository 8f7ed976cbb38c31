"""The rows of a change of rules and what they measure, for people to read: now beside what if.

What belongs here: how a tolerance is written (*Run info* of a workbook shows them so too), which
row stands beside which, and what sheet and terminal say alike. What does not: how any of them shows
it.
"""

from decimal import Decimal

import polars as pl

from recon.reconcile.simulate import Simulation

ANY = "any"
NO_LIMIT = "no limit"
CASE = ("supplier_id", "category", "facility_id")


def rule_rows(simulation: Simulation) -> pl.DataFrame:
    """The rows stated and those that give way to them, with how many differences each decides.

    A row ``now`` is one that the change replaces, or one that decides today what a stated row
    would.
    """
    change, use = simulation.change, simulation.tables["rule_use"]
    counted = simulation.tables["counted_change"]
    of_stated = counted.filter(pl.col("rule_after").is_in(change.stated["rule_id"].to_list()))
    given_way = change.replaced["rule_id"].to_list() + of_stated["rule_before"].to_list()
    sides = [
        rows.join(
            use.select("rule_id", decides=pl.col(column)), on="rule_id", how="left"
        ).with_columns(stands=pl.lit(stands), decides=pl.col("decides").fill_null(0))
        for rows, stands, column in (
            (change.now.filter(pl.col("rule_id").is_in(given_way)), "now", "decided_before"),
            (change.stated, "what if", "decided_after"),
        )
    ]
    rows = pl.concat(sides).sort("check", "stands", *CASE, "valid_from", "rule_id")
    return as_written(rows)


def as_written(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``tolerance_rule`` with their case and limits as people write them."""
    return rows.with_columns(
        pl.col(CASE).fill_null(ANY),
        pct=pl.Series([percent(p) for p in rows["pct"]], dtype=pl.String),
        abs=pl.Series([amount(a) for a in rows["abs"]], dtype=pl.String),
    )


def limits(row: dict[str, object]) -> str:
    """What a row of ``rule_rows`` allows, as people say it."""
    stated = [str(row[c]) for c in ("pct", "abs") if row[c] != NO_LIMIT]
    return (" and " if row["mode"] == "ALL" else " or ").join(stated) or NO_LIMIT


def measure_text(row: dict[str, object]) -> str:
    """The name of a row of ``change_measure``; a part stands in from what it is a part of."""
    return f"    {row['measure']}" if row["is_part"] else str(row["measure"])


def percent(limit: Decimal | None) -> str:
    """A fraction as people write it: 0.02 is 2%."""
    if limit is None:
        return NO_LIMIT
    return f"{limit:.4%}".removesuffix("%").rstrip("0").rstrip(".") + "%"


def amount(limit: Decimal | None) -> str:
    """Dollars, or base units, with two decimals."""
    return NO_LIMIT if limit is None else f"{limit:,.2f}"
