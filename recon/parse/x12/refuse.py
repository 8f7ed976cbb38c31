"""What is quarantined: from defects to the transaction sets, and other stretches, they condemn.

What belongs here: the consequence of a defect. What does not: finding one (``envelope.py``,
``extract.py``) or how serious it is (``defects.py``).
"""

import polars as pl

from recon.parse.parsed import REJECT
from recon.parse.x12 import shown
from recon.parse.x12.text import Bytes

_SCOPES = {"transaction": "transaction_no", "group": "group_no", "interchange": "interchange_no"}


def accepted(transactions: pl.DataFrame, defects: pl.DataFrame) -> pl.Series:
    """For each transaction set, whether nothing condemns it, its group or its interchange."""
    if not (defects["severity"] == "error").any():
        return pl.Series([True]).new_from_index(0, transactions.height)
    bad = _reasons(transactions, defects)["transaction_no"]
    return ~transactions["transaction_no"].is_in(bad.implode())


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
    errors = defects.filter(pl.col("severity") == "error")
    if errors.is_empty():
        return pl.DataFrame(schema=REJECT)
    sets = _reasons(transactions, defects).join(transactions, on="transaction_no")
    empty_groups = _alone("group", "group_no", errors, groups, transactions)
    empty = interchanges.join(empty_groups, on="interchange_no", how="anti")
    empty_interchanges = _alone("interchange", "interchange_no", errors, empty, transactions)
    loose = errors.filter(pl.col("scope") == "segments").join(
        strays, on=["segment_no", "byte_offset"]
    )
    whole = errors.filter(pl.col("scope") == "file").with_columns(
        byte_length=pl.lit(len(data)) - pl.col("byte_offset")
    )
    parts = [
        frame.select(
            record=pl.lit(record),
            source_record=pl.col("segment_no").fill_null(0),
            byte_offset=pl.col("byte_offset"),
            byte_length=pl.col("byte_length"),
            rule=pl.col("code"),
            reason=pl.col("message"),
        )
        for record, frame in (
            ("transaction", sets),
            ("group", empty_groups),
            ("interchange", empty_interchanges),
            ("segments", loose),
            ("file", whole),
        )
    ]
    rows = pl.concat(parts).sort("byte_offset", "record", "rule")
    marks = interchanges["terminator"].drop_nulls().unique().sort().to_list()
    raw = [
        _shown(data, at, size, encoding, marks)
        for at, size in rows.select("byte_offset", "byte_length").rows()
    ]
    return rows.with_columns(
        records=pl.lit(1, pl.Int64), raw=pl.Series(raw, dtype=pl.String)
    ).select(pl.col(name).cast(dtype) for name, dtype in REJECT.items())


def _reasons(transactions: pl.DataFrame, defects: pl.DataFrame) -> pl.DataFrame:
    """Per refused transaction set: the first defect of its own, else its group's, else outer."""
    errors = defects.filter(pl.col("severity") == "error")
    places = transactions.select("transaction_no", "group_no", "interchange_no")
    found = []
    for scope, key in _SCOPES.items():
        first = (
            errors.filter(pl.col("scope") == scope, pl.col(key).is_not_null())
            .group_by(key, maintain_order=True)
            .agg(pl.first("code"), pl.first("message"), others=pl.len() - 1)
        )
        found.append(
            places.join(first, on=key, how="inner").select(
                "transaction_no", "code", "message", "others"
            )
        )
    reasons = pl.concat(found).unique("transaction_no", keep="first", maintain_order=True)
    more = pl.format("{}; and {} more", "message", "others")
    return reasons.with_columns(
        message=pl.when(pl.col("others") > 0).then(more).otherwise("message")
    ).select("transaction_no", "code", "message")


def _alone(
    scope: str, key: str, errors: pl.DataFrame, units: pl.DataFrame, transactions: pl.DataFrame
) -> pl.DataFrame:
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
