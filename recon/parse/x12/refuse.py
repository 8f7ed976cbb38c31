"""What is quarantined: from defects to the transaction sets, and other stretches, they condemn.

What belongs here: the consequence of a defect. What does not: finding one (``envelope.py``,
``extract.py``) or how serious it is (``defects.py``).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from recon.parse.parsed import REJECT
from recon.parse.spans import Flags, Ints
from recon.parse.x12 import shown
from recon.parse.x12.defects import Defects
from recon.parse.x12.text import Bytes

_SCOPES = {"transaction": "transaction_no", "group": "group_no", "interchange": "interchange_no"}


def accepted(transactions: pl.DataFrame, defects: Defects) -> Flags:
    """For each transaction set, whether nothing condemns it, its group or its interchange."""
    free = np.ones(transactions.height, bool)
    for scope, key in _SCOPES.items():
        numbers = defects.condemned(scope, key)
        if numbers.size:
            free &= ~np.isin(transactions[key].to_numpy(), numbers)
    return free


def without(records: Mapping[str, pl.DataFrame], refused: Ints) -> dict[str, pl.DataFrame]:
    """The records, less those of the transaction sets that are refused."""
    kept = dict(records)
    if not refused.size:
        return kept
    for name, rows in records.items():
        gone = np.isin(rows["transaction_no"].to_numpy(), refused)
        if gone.any():
            kept[name] = rows.clear() if gone.all() else rows.filter(~gone)
    return kept


def rejects(
    *,
    data: Bytes,
    encoding: str,
    interchanges: pl.DataFrame,
    groups: pl.DataFrame,
    transactions: pl.DataFrame,
    strays: pl.DataFrame,
    defects: pl.DataFrame,
) -> pl.DataFrame:
    """One row of ``REJECT`` for each transaction set, and each other stretch, that is refused.

    Args:
        data: the file.
        encoding: how its bytes are read as text.
        interchanges: as in ``X12``.
        groups: as in ``X12``.
        transactions: as in ``X12``.
        strays: runs of segments that belong to nothing: segment_no, byte_offset, byte_length.
        defects: as in ``X12``.
    """
    found = _errors(defects)
    if found.is_empty():
        return pl.DataFrame(schema=REJECT)
    # One query, of what there is: each that is run by itself costs as much as all of them.
    errors, held = found.lazy(), transactions.lazy()
    empty_groups = _alone("group", "group_no", errors, groups.lazy(), held)
    empty = interchanges.lazy().join(empty_groups, on="interchange_no", how="anti")
    scopes = _scopes(found)
    refused = {
        "group": empty_groups,
        "interchange": _alone("interchange", "interchange_no", errors, empty, held),
        "segments": errors.filter(pl.col("scope") == "segments").join(
            strays.lazy(), on=["segment_no", "byte_offset"]
        ),
        "file": errors.filter(pl.col("scope") == "file").with_columns(
            byte_length=pl.lit(len(data)) - pl.col("byte_offset")
        ),
    }
    refused = {record: frame for record, frame in refused.items() if record in scopes}
    if not scopes.isdisjoint(_SCOPES):
        refused["transaction"] = _reasons(held, errors, scopes).join(held, on="transaction_no")
    parts = [
        frame.select(
            record=pl.lit(record),
            source_record=pl.col("segment_no").fill_null(0),
            byte_offset=pl.col("byte_offset"),
            byte_length=pl.col("byte_length"),
            rule=pl.col("code"),
            reason=pl.col("message"),
        )
        for record, frame in refused.items()
    ]
    rows = pl.concat(parts).sort("byte_offset", "record", "rule").collect()
    marks = sorted(set(interchanges["terminator"].drop_nulls()))
    raw = [
        _shown(data, at, size, encoding, marks)
        for at, size in rows.select("byte_offset", "byte_length").rows()
    ]
    return rows.with_columns(
        records=pl.lit(1, pl.Int64), raw=pl.Series(raw, dtype=pl.String)
    ).select(pl.col(name).cast(dtype) for name, dtype in REJECT.items())


def _errors(defects: pl.DataFrame) -> pl.DataFrame:
    return defects.filter(pl.col("severity") == "error") if defects.height else defects


def _scopes(errors: pl.DataFrame) -> set[str]:
    return set(errors["scope"].unique())


def _reasons(transactions: pl.LazyFrame, errors: pl.LazyFrame, scopes: set[str]) -> pl.LazyFrame:
    """Per refused transaction set: the first defect of its own, else its group's, else outer."""
    places = transactions.select("transaction_no", "group_no", "interchange_no")
    reasons = []
    for scope in [scope for scope in _SCOPES if scope in scopes]:
        key = _SCOPES[scope]
        first = (
            errors.filter(pl.col("scope") == scope, pl.col(key).is_not_null())
            .group_by(key, maintain_order=True)
            .agg(pl.first("code"), pl.first("message"), others=pl.len() - 1)
        )
        reasons.append(
            places.join(first, on=key, how="inner").select(
                "transaction_no", "code", "message", "others"
            )
        )
    more = pl.format("{}; and {} more", "message", "others")
    only = pl.concat(reasons).unique("transaction_no", keep="first", maintain_order=True)
    return only.with_columns(
        message=pl.when(pl.col("others") > 0).then(more).otherwise("message")
    ).select("transaction_no", "code", "message")


def _alone(
    scope: str, key: str, errors: pl.LazyFrame, units: pl.LazyFrame, transactions: pl.LazyFrame
) -> pl.LazyFrame:
    """Units (groups, interchanges) that are refused and hold no transaction set to carry it."""
    first = (
        errors.filter(pl.col("scope") == scope)
        .select(key, "code", "message")
        .unique(key, keep="first", maintain_order=True)
    )
    return units.join(transactions, on=key, how="anti").join(first, on=key, how="inner")


def _shown(data: Bytes, offset: int, length: int, encoding: str, terminators: list[str]) -> str:
    # Four bytes per character at most; a character cut in two at the end is left out.
    stretch = data[offset : offset + min(length, 4 * shown.CHARACTERS)]
    return shown.leading(stretch.decode(encoding, errors="ignore"), terminators)
