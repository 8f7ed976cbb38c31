"""The sums a sender states, compared with what the document holds; one SQL file per document.

Each file reads the records of its transaction set and gives a row per comparison, agreeing or not:
control, transaction_no, source_record, byte_offset, declared, found, agrees. None refuses a set.
One compares nothing: ``charge_amount`` works out what a rate or a percentage comes to.

What belongs here: sums of money and quantities. What does not: counts of segments and lines, which
the envelope and the extraction compare.
"""

import atexit
import re
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl

from recon.connection import SEALED_READER
from recon.parse.x12.declare import Record, TransactionSet
from recon.parse.x12.defects import CONTROL

# Rows of records: a comparison of so few is fetched row by row. As Arrow it is read by a second
# statement, whose fixed cost is that of hundreds of rows.
_FEW = 500


def controls(
    records: Mapping[str, pl.DataFrame], sets: Mapping[str, TransactionSet]
) -> list[pl.DataFrame]:
    """Every comparison of ``records``: rows of ``CONTROL``. It may be called from any thread.

    Args:
        records: record name -> rows, of whole transaction sets.
        sets: the declarations, which name the SQL files.
    """
    return [
        _compared(name, declared, records)
        for declared in sets.values()
        # A set that is refused has no rows left.
        if declared.balances and _has_rows(records.get(declared.records[0].name))
        for name in declared.balances
    ]


def rows_of(name: str, **relations: pl.DataFrame) -> pl.DataFrame:
    """The rows of an SQL file that compares nothing, of relations handed to it by name."""
    con = _opened().cursor()
    for relation, rows in relations.items():
        con.register(relation, rows)
    found: pl.DataFrame = con.sql(_sql(name)).pl()
    return found


def _has_rows(rows: pl.DataFrame | None) -> bool:
    return rows is not None and not rows.is_empty()


def _compared(
    name: str, declared: TransactionSet, records: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    idle = _IDLE.setdefault(name, deque())
    try:
        statement = idle.pop()
    except IndexError:  # none is, or the others are at work in other threads
        statement = _Statement(name, declared)
    found = statement.run(records)
    idle.append(statement)
    return found


class _Handed:
    """A relation of a statement: whatever rows it is given, of columns that stay the same."""

    def __init__(self, empty: pl.DataFrame) -> None:
        self._empty = self._rows = empty
        self._columns = empty.columns

    def hold(self, rows: pl.DataFrame | None) -> None:
        """From now on it has these rows; None: no row."""
        if rows is not None:
            rows = pl.DataFrame([rows.get_column(column) for column in self._columns])
        self._rows = self._empty if rows is None else rows

    @property
    def height(self) -> int:
        """How many rows it has."""
        return self._rows.height

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


class _Statement:
    """One of the SQL files, planned: planning takes longer than comparing a small file."""

    def __init__(self, name: str, declared: TransactionSet) -> None:
        sql = _sql(name)
        self._con = _opened().cursor()
        self._handed = {
            record.name: _Handed(pl.Schema({c: record.schema[c] for c in columns}).to_frame())
            for record, columns in _read_by(sql, declared)
        }
        for relation, handed in self._handed.items():
            self._con.register(relation, handed)
        self._con.execute(f"prepare compared as {sql}")

    def run(self, records: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Its rows for these records."""
        for relation, handed in self._handed.items():
            handed.hold(records.get(relation))
        few = sum(handed.height for handed in self._handed.values()) <= _FEW
        found = self._fetched() if few else self._compared()
        for handed in self._handed.values():
            handed.hold(None)  # nothing of a file outlives its reading
        return found

    def _compared(self) -> pl.DataFrame:
        found: pl.DataFrame = self._con.sql("execute compared").pl()
        return pl.DataFrame([found.get_column(name).cast(dtype) for name, dtype in CONTROL.items()])

    def _fetched(self) -> pl.DataFrame:
        rows = self._con.execute("execute compared").fetchall()
        shown = [(*keys, _figure(one), _figure(two), ok) for *keys, one, two, ok in rows]
        return pl.DataFrame(shown, CONTROL, orient="row")


def _figure(value: Decimal | int | None) -> str | None:
    """As Polars writes it: a decimal with all its places, never with an exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else None if value is None else str(value)


# By file, those that no thread is using: a connection serves one thread at a time.
_IDLE: dict[str, deque[_Statement]] = {}
# DuckDB complains on stderr of connections that are still there when the interpreter has ended.
atexit.register(_IDLE.clear)


def _read_by(sql: str, declared: TransactionSet) -> list[tuple[Record, list[str]]]:
    """The records a statement reads, and the columns it names: handing one over copies it."""
    words = set(re.findall(r"\w+", sql))
    return [
        (record, [column for column in record.schema if column in words])
        for record in declared.records
        if record.name in words
    ]


@cache
def _opened() -> duckdb.DuckDBPyConnection:
    """One database for the process, with the macros and no table: opening one takes a while."""
    # One thread: pieces are compared side by side.
    con = duckdb.connect(config={**SEALED_READER, "threads": 1})
    con.execute(_sql("macros"))
    return con


@cache
def _sql(name: str) -> str:
    return files("recon.parse.x12.balance").joinpath(f"{name}.sql").read_text(encoding="utf-8")
