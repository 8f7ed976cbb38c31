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

import duckdb
import polars as pl

from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.defects import CONTROL

# A query sees the records it is handed: no Python locals, no files, no network.
_SEALED: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "enable_external_access": False,
}


def controls(
    records: Mapping[str, pl.DataFrame], sets: Mapping[str, TransactionSet]
) -> pl.DataFrame:
    """Every comparison of ``records``: rows of ``CONTROL``.

    Args:
        records: record name -> rows, of whole transaction sets.
        sets: the declarations, which name the SQL files.
    """
    found = [pl.DataFrame(schema=CONTROL)]
    present = [
        declared
        for declared in sets.values()
        if declared.balances and declared.records[0].name in records
    ]
    if not present:
        return found[0]
    with duckdb.connect(config=_SEALED) as con:
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


@cache
def _sql(name: str) -> str:
    return files("recon.parse.x12.balance").joinpath(f"{name}.sql").read_text(encoding="utf-8")
