"""What is quarantined: from defects to the transaction sets, and other stretches, they condemn.

What belongs here: the consequence of a defect. What does not: finding one (``envelope.py``,
``extract.py``) or how serious it is (``defects.py``).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from recon.parse.parsed import REJECT
from recon.parse.spans import Flags, Ints, true_at
from recon.parse.values import array, constant, stacked, table
from recon.parse.x12 import shown
from recon.parse.x12.defects import Defects
from recon.parse.x12.text import Bytes, decoded

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
    wrong = true_at((defects["severity"] == "error").to_numpy())
    if not wrong.size:
        return pl.DataFrame(schema=REJECT)
    errors = defects[wrong]
    of_sets, others = np.full(transactions.height, -1), np.zeros(transactions.height, np.int64)
    for scope, key in _SCOPES.items():
        firsts = _firsts(errors, scope, key)
        place = firsts.place(transactions[key])
        new = true_at((of_sets < 0) & (place >= 0))
        of_sets[new], others[new] = firsts.at[place[new]], firsts.others[place[new]]
    of_groups = _alone("group", groups, transactions, errors)
    of_outer = _alone("interchange", interchanges, transactions, errors)
    told = groups["interchange_no"].to_numpy()[of_groups >= 0]  # by the group that it holds
    of_outer[np.isin(interchanges["interchange_no"].to_numpy(), told)] = -1
    of_strays = _firsts(errors, "segments", "segment_no").row(strays["segment_no"])
    of_file = true_at((errors["scope"] == "file").to_numpy())
    whole = errors[of_file]
    length = pl.Series("byte_length", len(data) - whole["byte_offset"].to_numpy())
    refused = [
        _rows("transaction", transactions, of_sets, errors, others),
        _rows("group", groups, of_groups, errors),
        _rows("interchange", interchanges, of_outer, errors),
        _rows("segments", strays, of_strays, errors),
        _rows("file", whole.hstack([length]), of_file, errors),
    ]
    rows = stacked(refused).sort("byte_offset", "record", "rule")
    marks = sorted(set(interchanges["terminator"]) - {None})
    raw = [
        _shown(data, at, size, encoding, marks)
        for at, size in zip(rows["byte_offset"], rows["byte_length"], strict=True)
    ]
    return rows.hstack([pl.Series("raw", raw, dtype=pl.String)])[REJECT.names()]


class _Firsts(NamedTuple):
    """The units of a scope that errors condemn.

    Attributes:
        number: of each, in order.
        at: row of its first error.
        others: how many more it has.
    """

    number: Ints
    at: Ints
    others: Ints

    def place(self, units: pl.Series) -> Ints:
        """Which of them each of ``units`` is, by number; -1: none."""
        if not self.number.size:
            return np.full(units.len(), -1)
        own = _numbers(units)
        place = np.minimum(np.searchsorted(self.number, own), self.number.size - 1)
        return np.where(self.number[place] == own, place, -1)

    def row(self, units: pl.Series) -> Ints:
        """The row of the first error of each of ``units``, or -1."""
        return np.append(self.at, -1)[self.place(units)]


def _firsts(errors: pl.DataFrame, scope: str, key: str) -> _Firsts:
    own = _numbers(errors[key])
    rows = true_at((errors["scope"] == scope).to_numpy() & (own > 0))
    number, first, count = np.unique(own[rows], return_index=True, return_counts=True)
    return _Firsts(number, rows[first], count - 1)


def _alone(
    scope: str, units: pl.DataFrame, transactions: pl.DataFrame, errors: pl.DataFrame
) -> Ints:
    """The error of each unit that is refused and holds no transaction set to carry it, or -1."""
    key = _SCOPES[scope]
    row = _firsts(errors, scope, key).row(units[key])
    row[np.isin(units[key].to_numpy(), _numbers(transactions[key]))] = -1
    return row


def _rows(
    record: str,
    units: pl.DataFrame,
    row: Ints,
    errors: pl.DataFrame,
    others: Ints | None = None,
) -> pl.DataFrame:
    """Rows of ``REJECT``, less what is shown, of the units whose error is that row of ``errors``.

    ``others`` is how many more errors each has, where that is told.
    """
    which = true_at(row >= 0)
    if not which.size:
        return _NO_ROW
    said, place = errors[row[which]], units[which]
    reason = said["message"]
    if others is not None and others[which].any():
        more = pl.lit(pl.Series(others[which]))
        several = pl.format("{}; and {} more", reason, more)
        reason = pl.select(pl.when(more > 0).then(several).otherwise(reason)).to_series()
    return table(
        [
            constant(record, which.size, pl.String()),
            _numbers(place["segment_no"]),
            place["byte_offset"],
            place["byte_length"],
            np.ones(which.size, np.int64),
            said["code"],
            reason,
        ],
        _NO_ROW.columns,
    )


_NO_ROW = pl.DataFrame(schema={name: t for name, t in REJECT.items() if name != "raw"})


def _numbers(ordinals: pl.Series) -> Ints:
    """Ordinals, which begin at 1; 0 where there is none."""
    # Polars would plan a query for that.
    return array(ordinals).fill_null(0).to_numpy() if ordinals.null_count() else ordinals.to_numpy()


def _shown(data: Bytes, offset: int, length: int, encoding: str, terminators: list[str]) -> str:
    # Four bytes per character at most; a character cut in two at the end is left out.
    stretch = data[offset : offset + min(length, 4 * shown.CHARACTERS)]
    return shown.leading(decoded(stretch, encoding), terminators)
