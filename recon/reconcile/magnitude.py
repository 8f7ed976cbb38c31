"""What is said of numbers too large to compute with: which they are, where, and how large is safe.

What belongs here: the errors for values beyond a column's type, and for values that fit their
columns but whose product or sum does not fit any number. What does not: where they are raised
(``inputs.py`` before anything runs, ``engine.py`` when a statement overflows).

Nothing is ever rounded, cut or wrapped to make it fit: DuckDB refuses to, and here it is told.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import duckdb
import polars as pl

from recon.canonical.describe import (
    LARGEST_FACTOR,
    LARGEST_QUANTITY,
    ORIGIN,
    natural_key,
    polars_schema,
)
from recon.canonical.tables import Table
from recon.errors import InputError

# Up to these, and up to the largest that a feed may give, any one number is safe. Several as large
# on one line may still be too much: an amount has at most 16 digits before the cents.
SAFE_PRICE = Decimal(10) ** 7
SAFE_AMOUNT = Decimal(10) ** 13
SHOWN = 5


def example(rows: duckdb.DuckDBPyRelation, keys: Sequence[str], column: str, condition: str) -> str:
    """The value of one row that meets ``condition``, with its key: ``7 (po_id P1, line_no 1)``."""
    columns = ", ".join(f'"{c}"' for c in [column, *keys])
    value, *of = rows.filter(condition).project(columns).order("all").limit(1).fetchall()[0]
    return f"{value} ({_key(keys, of)})"


def too_large(
    con: duckdb.DuckDBPyConnection,
    inputs: Mapping[str, type[Table]],
    relation: str,
    reason: str,
) -> InputError:
    """The error for a statement that overflows: the largest numbers it may come from.

    Args:
        con: the connection in which the inputs can be read.
        inputs: name -> declaration of every table handed in.
        relation: what could not be computed.
        reason: the engine's own words.
    """
    largest = [found for name, table in inputs.items() for found in _largest(con, name, table)]
    largest.sort(key=lambda found: (-found[0], found[1]))
    listed = "\n".join(f"  {said}" for _, said in largest[:SHOWN])
    return InputError(
        f"A number in {relation} is too large to be held exactly, nothing was computed: {reason}. "
        "It is the product or the sum of numbers handed in; the largest of them, each with the "
        f"limit up to which it alone is safe:\n{listed}\n"
        "Correct the wrong one where it comes from, or leave its row out, and run again."
    )


def _largest(
    con: duckdb.DuckDBPyConnection, name: str, table: type[Table]
) -> list[tuple[Decimal, str]]:
    """(how many times its limit, sentence) of the largest number of every column of a table."""
    found = []
    keys = [c for c in natural_key(table) if c not in ORIGIN]
    for column, limit in _limits(table).items():
        columns = ", ".join(f'"{c}"' for c in [column, *keys])
        known = con.table(name).filter(f'"{column}" is not null').project(columns)
        largest = known.order(f'abs(cast("{column}" as decimal(38, 6))) desc, {columns}').limit(1)
        for value, *of in largest.fetchall():
            size = abs(Decimal(value))
            said = f"{name}: {column} = {Decimal(value):f} ({_key(keys, of)}; limit {limit:,f})"
            found.append((size / limit, said))
    return found


def _limits(table: type[Table]) -> dict[str, Decimal]:
    """Column -> the size up to which a value of it alone is safe."""
    said = {name: c.metadata or {} for name, c in table.to_schema().columns.items()}
    limits: dict[str, Decimal] = {}
    for column, dtype in polars_schema(table).items():
        if column in ORIGIN:
            continue
        if isinstance(dtype, pl.Decimal) and dtype.scale == 2:
            limits[column] = SAFE_AMOUNT
        elif isinstance(dtype, pl.Decimal):
            is_price = said[column].get("unit") in ("USD", "currency")
            limits[column] = SAFE_PRICE if is_price else Decimal(LARGEST_QUANTITY)
        elif dtype == pl.Int64:
            limits[column] = Decimal(LARGEST_FACTOR)
    return limits


def _key(keys: Sequence[str], values: Sequence[object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in zip(keys, values, strict=True))
