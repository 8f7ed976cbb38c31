"""The sums a sender states, compared with what the document holds; one SQL file per document.

Each file reads the records of its transaction set and gives a row per comparison, agreeing or not:
control, transaction_no, source_record, byte_offset, declared, found, agrees. None refuses a set.

What belongs here: sums of money and quantities. What does not: counts of segments and lines, which
the envelope and the extraction compare.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from threading import Lock
from types import TracebackType

import duckdb
import polars as pl

from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.defects import CONTROL

# A query sees the records it is handed: no Python locals, no files, no network.
# One thread: pieces are compared side by side.
_SEALED: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "python_enable_replacements": False,
    "enable_external_access": False,
}


class Balances:
    """Compares the sums of pieces of a file, from any thread; use it as a context manager.

    Args:
        sets: the declarations, which name the SQL files.
    """

    def __init__(self, sets: Mapping[str, TransactionSet]) -> None:
        self._sets = sets
        self._con: duckdb.DuckDBPyConnection | None = None
        self._lock = Lock()

    def __enter__(self) -> "Balances":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._con is not None:
            self._con.close()

    def controls(self, records: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """Every comparison of ``records``, of whole transaction sets: rows of ``CONTROL``."""
        found = [pl.DataFrame(schema=CONTROL)]
        present = [
            declared
            for declared in self._sets.values()
            if declared.balances and declared.records[0].name in records
        ]
        if not present:
            return found[0]
        with self._cursor() as con:
            for declared in present:
                for name in declared.balances:
                    sql = _sql(name)
                    for record in declared.records:
                        rows = records.get(record.name, record.schema.to_frame())
                        # Handing a column over copies it: only those the statement names.
                        named = [c for c in rows.columns if re.search(rf"\b{c}\b", sql)]
                        con.register(record.name, rows.select(named))
                    found.append(con.sql(sql).pl())
        cast = [pl.col(name).cast(dtype) for name, dtype in CONTROL.items()]
        return pl.concat([rows.select(cast) for rows in found])

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        # Opening costs some milliseconds, and most small files have no sums to compare.
        with self._lock:
            if self._con is None:
                self._con = duckdb.connect(config=_SEALED)
            return self._con.cursor()


@cache
def _sql(name: str) -> str:
    return files("recon.parse.x12.balance").joinpath(f"{name}.sql").read_text(encoding="utf-8")
