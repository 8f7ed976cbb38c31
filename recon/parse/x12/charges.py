"""What a charge or an allowance comes to that is sent as a rate or a percentage.

What belongs here: putting those amounts in their place, and saying which cannot be told. What does
not: how they follow from the segment (``balance/charge_amount.sql``).
"""

from collections.abc import Mapping

import polars as pl

from recon.parse.values import constant
from recon.parse.x12 import balance
from recon.parse.x12.defects import Defects

# The records of charges, and of the lines they may stand under.
_LINES = {
    "invoice_charge": "invoice_line",
    "purchase_order_charge": "purchase_order_line",
    "order_ack_charge": "order_ack_line",
    "order_change_charge": "order_change_line",
    "order_change_ack_charge": "order_change_ack_line",
}
_OPEN = pl.col("indicator").is_in(["A", "C"]) & pl.col("amount").is_null()


def with_amounts(
    records: Mapping[str, pl.DataFrame], transactions: pl.DataFrame, defects: Defects
) -> dict[str, pl.DataFrame]:
    """The records, their charges with every amount that can be told.

    Args:
        records: record name -> rows.
        transactions: the transaction sets, each with the group and interchange it is in.
        defects: receives the charges whose amount cannot be told.
    """
    known = dict(records)
    for name, lines in _LINES.items():
        rows = records.get(name)
        if rows is None or not rows["amount"].null_count() or rows.filter(_OPEN).is_empty():
            continue
        found = balance.rows_of("charge_amount", charge=rows, line=records[lines])
        known[name] = rows.update(
            found["source_record", "amount", "amount_from"], on="source_record", how="left"
        )
        untold = found.filter(pl.col("amount").is_null()).join(
            transactions["transaction_no", "group_no", "interchange_no"],
            on="transaction_no",
            maintain_order="left",
        )
        defects.add(
            "charge_amount",
            byte_offset=untold["byte_offset"],
            segment_no=untold["source_record"],
            interchange_no=untold["interchange_no"],
            group_no=untold["group_no"],
            transaction_no=untold["transaction_no"],
            tag=constant("SAC", untold.height, pl.String()),
            found=untold["sent"],
        )
    return known
