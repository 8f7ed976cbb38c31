"""What follows from the table classes: names, keys, schemas, and how SQL writes them."""

import inspect
import re
from collections.abc import Mapping

import polars as pl

from recon.canonical import claims, masters, tables, usage
from recon.canonical.tables import Canonical, Table

ORIGIN = ["source_system", "source_file_id", "source_record", "byte_offset"]
# No quantity or price, and no factor of a unit, is meant to be larger. Larger ones fit their
# columns, but not their products.
LARGEST_QUANTITY = 10**9
LARGEST_FACTOR = 10**6

_SQL_TYPES = {
    pl.String: "VARCHAR",
    pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Datetime: "TIMESTAMP",
}


def table_name(table: type[Table]) -> str:
    """``PurchaseOrderLine`` -> ``purchase_order_line``; ``Exception_`` -> ``exception``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", table.__name__).lower().strip("_")


def explained(table: type[Table]) -> str:
    """What a table's class says of it, as Markdown: to that an indented line would be code."""
    return inspect.cleandoc(table.__doc__ or "")


def polars_schema(table: type[Table]) -> pl.Schema:
    """Column names and polars types, in declared order (origin columns last)."""
    found = {name: column.dtype.type for name, column in table.to_schema().columns.items()}
    ordered = [c for c in found if c not in ORIGIN] + [c for c in ORIGIN if c in found]
    return pl.Schema({name: found[name] for name in ordered})


def sql_type(dtype: pl.DataType) -> str:
    """A declared type as DuckDB names it."""
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    return _SQL_TYPES[type(dtype)]


def sql_text(text: str) -> str:
    """A text literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def natural_key(table: type[Table]) -> list[str]:
    """Columns declared with ``key(...)``."""
    return [n for n, c in table.to_schema().columns.items() if (c.metadata or {}).get("key")]


def required_columns(table: type[Table]) -> list[str]:
    """Columns that may not be null."""
    return [n for n, c in table.to_schema().columns.items() if not c.nullable]


def beyond_limits(value: str, limits: Mapping[str, object]) -> dict[str, str]:
    """The limits that a declaration sets to a column, and in SQL what is beyond each.

    Args:
        value: the column as an expression, in capitals where its words are.
        limits: the column's metadata.

    Returns:
        ``least``, ``whole``, ``values`` -> a test that holds of what the column may not hold.
    """
    tests = {}
    if "least" in limits:
        tests["least"] = f"{value} < {limits['least']}"
    if "whole" in limits:
        tests["whole"] = f"{value} <> round({value}, 0)"
    if words := allowed_words(limits):
        tests["values"] = f"{value} not in ({', '.join(map(sql_text, words))})"
    return tests


def allowed_words(limits: Mapping[str, object]) -> list[str]:
    """The words that a column may hold; none where it may hold any."""
    allowed = limits.get("values")
    return [str(word) for word in allowed] if isinstance(allowed, tuple) else []


def canonical_tables() -> dict[str, type[Canonical]]:
    """Table name -> class, for every canonical table."""
    declared = (t for module in (masters, tables, claims, usage) for t in vars(module).values())
    return {
        table_name(t): t
        for t in declared
        if isinstance(t, type) and issubclass(t, Canonical) and t is not Canonical
    }
