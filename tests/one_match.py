"""Separate cases in one match, which costs half a second however few rows it has.

What belongs here: how the rows of one case are kept from those of another. Facilities and what is
printed on documents stay as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from recon.reconcile import three_way_match

Tables = Mapping[str, pl.DataFrame]

IDS = {
    *("supplier_id", "item_id", "contract_id", "po_id", "po_number", "po_number_raw"),
    *("receipt_id", "ref_receipt_id", "invoice_id", "payment_id", "shipment_id", "change_id"),
}
# By one of these a row of a result is known.
KNOWN_BY = ["supplier_id", "invoice_id", "receipt_id", "document"]


def joined(cases: Sequence[Tables]) -> dict[str, pl.DataFrame]:
    """Tables of all cases as those of one night: every id gets its case before it, ``C7.V1``."""
    frames: dict[str, list[pl.DataFrame]] = {}
    for number, tables in enumerate(cases):
        for name, rows in tables.items():
            ids = [pl.format(f"C{number}.{{}}", pl.col(c)).alias(c) for c in IDS & {*rows.columns}]
            frames.setdefault(name, []).append(rows.with_columns(ids))
    return {name: pl.concat(rows, how="diagonal_relaxed") for name, rows in frames.items()}


def apart(result: Tables, cases: int) -> list[dict[str, pl.DataFrame]]:
    """What came out of each case, with its ids as the case has them."""
    found: list[dict[str, pl.DataFrame]] = [{} for _ in range(cases)]
    for name, rows in result.items():
        known_by = pl.col([c for c in KNOWN_BY if c in rows.columns])
        for number in range(cases):
            before = f"C{number}."
            own = rows.filter(pl.any_horizontal(known_by.str.starts_with(before)))
            found[number][name] = own.with_columns(pl.col(pl.String).str.strip_prefix(before))
        assert sum(of_case[name].height for of_case in found) == rows.height, f"{name} of no case"
    return found


def match_together(cases: Sequence[Tables], as_of: date) -> list[dict[str, pl.DataFrame]]:
    """The result of each case, of one match of all."""
    return apart(three_way_match(joined(cases), as_of), len(cases))
