"""The sums a sender states, compared with what the document holds; one SQL file per document.

Each file reads the records of its transaction set and gives a row per comparison, agreeing or not:
control, transaction_no, source_record, byte_offset, declared, found, agrees. None refuses a set.

What belongs here: sums of money and quantities. What does not: counts of segments and lines, which
the envelope and the extraction compare.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl

from recon.parse.x12.declare import Record, TransactionSet
from recon.parse.x12.defects import CONTROL

# A query sees the records it is handed: no Python locals, no files, no network.
# One thread: pieces are compared side by side.
_SEALED: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "python_enable_replacements": False,
    "enable_external_access": False,
}


def controls(
    records: Mapping[str, pl.DataFrame], sets: Mapping[str, TransactionSet]
) -> pl.DataFrame:
    """Every comparison of ``records``: rows of ``CONTROL``. It may be called from any thread.

    Args:
        records: record name -> rows, of whole transaction sets.
        sets: the declarations, which name the SQL files.
    """
    present = [
        declared
        for declared in sets.values()
        # A set that is refused has no rows left; planning a statement takes longer than this.
        if declared.balances and _has_rows(records.get(declared.records[0].name))
    ]
    found = [pl.DataFrame(schema=CONTROL)]
    if not present:
        return found[0]
    cast = [pl.col(name).cast(dtype) for name, dtype in CONTROL.items()]
    with _opened().cursor() as con:
        for declared in present:
            for name in declared.balances:
                sql = _sql(name)
                for record, columns in _read_by(sql, declared):
                    rows = records.get(record.name)
                    rows = record.schema.to_frame() if rows is None else rows
                    con.register(record.name, rows.select(columns))
                found.append(con.sql(sql).pl().select(cast))
    return pl.concat(found)


def _has_rows(rows: pl.DataFrame | None) -> bool:
    return rows is not None and not rows.is_empty()


@cache
def _read_by(sql: str, declared: TransactionSet) -> list[tuple[Record, list[str]]]:
    """The records a statement reads, and the columns it names: handing one over copies it."""

    def named(words: Iterable[str]) -> list[str]:
        return [word for word in words if re.search(rf"\b{word}\b", sql)]

    return [(r, named(r.schema.names())) for r in declared.records if named([r.name])]


@cache
def _opened() -> duckdb.DuckDBPyConnection:
    """One database for the process, with the macros and no table: opening one takes a while."""
    con = duckdb.connect(config=_SEALED)
    con.execute(_sql("macros"))
    return con


@cache
def _sql(name: str) -> str:
    return files("recon.parse.x12.balance").joinpath(f"{name}.sql").read_text(encoding="utf-8")
