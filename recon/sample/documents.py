"""The documents of a sample, before they are written in any format: frames of one row per line.

``flow.py`` makes the ordinary ones, ``book.py`` the planted ones; both fill the frames declared
here. Prices are whole ten-thousandths of a dollar, amounts whole cents, quantities whole units.
Nights count from 1. An invoice is known by ``doc`` until ``numbered`` gives it the identity
under which it will be loaded.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from recon.sample.habits import HABITS, STRANGER
from recon.sample.network import SUPPLIERS, UNKNOWN_SUPPLIER

ORDER = pl.Schema(
    {
        "night": pl.Int64,
        "facility_id": pl.String,
        "po_number": pl.String,
        "supplier_id": pl.String,
        "order_date": pl.Date,
        "type": pl.String,
        "freight_terms": pl.String,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
        "line_no": pl.Int64,
        "item_id": pl.String,
        "catalog_no": pl.String,
        "qty": pl.Int64,
        "uom": pl.String,
        "price": pl.Int64,
        "match_type": pl.String,
        "match_basis": pl.String,
        "limit_amount": pl.Int64,  # on an amount basis, the most that may be billed
        "line_status": pl.String,
        "until": pl.Int64,  # last night of this version; empty where it was never amended
        "flaw": pl.String,  # what is wrong with its record; empty for none
    }
)

RECEIPT = pl.Schema(
    {
        "night": pl.Int64,
        "file": pl.String,  # part of the file's name: the hospital, or what was sent apart
        "facility_id": pl.String,
        "po_number": pl.String,
        "po_line_no": pl.Int64,
        "receipt_id": pl.String,
        "line_no": pl.Int64,
        "kind": pl.String,
        "receipt_date": pl.Date,
        "qty": pl.Int64,
        "uom": pl.String,
        "accepted": pl.Int64,  # what passed inspection; empty where nobody inspects
        "packing_slip": pl.String,
        "ref_receipt_id": pl.String,
        "ref_line_no": pl.Int64,
        "status": pl.String,
    }
)

INVOICE = pl.Schema(
    {
        "doc": pl.Int64,
        "night": pl.Int64,
        "supplier_id": pl.String,
        "facility_id": pl.String,
        "invoice_number": pl.String,
        "doc_type": pl.String,
        "invoice_date": pl.Date,
        "currency": pl.String,
        "total": pl.Int64,
        "po_number": pl.String,
        "disc_pct": pl.Int64,  # whole percent; 0 for none
        "disc_days": pl.Int64,
        "by_portal": pl.Boolean,  # typed into the portal although the supplier sends X12
        "flaw": pl.String,  # what is wrong with its transmission; empty for none
    }
)

INVOICE_LINE = pl.Schema(
    {
        "doc": pl.Int64,
        "line_no": pl.Int64,
        "po_line_no": pl.Int64,  # empty where the supplier does not print it
        "catalog_no": pl.String,
        "gtin": pl.String,
        "item_id": pl.String,
        "qty": pl.Int64,
        "uom": pl.String,
        "price": pl.Int64,
        "amount": pl.Int64,
        "lot": pl.String,
        "packing_slip": pl.String,
        "ref_invoice_number": pl.String,
        "adj_kind": pl.String,
    }
)

CHARGE = pl.Schema(
    {
        "doc": pl.Int64,
        "charge_no": pl.Int64,
        "kind": pl.String,  # TAX, FREIGHT, SURCHARGE or MISC; taxes come first, as X12 has them
        "amount": pl.Int64,
    }
)

USAGE = pl.Schema(
    {
        "night": pl.Int64,
        "usage_id": pl.String,
        "facility_id": pl.String,
        "po_number": pl.String,
        "po_line_no": pl.Int64,
        "item_id": pl.String,
        "used_on": pl.Date,
        "qty": pl.Int64,  # eaches
        "lot": pl.String,
    }
)

SCHEMAS = {
    "order": ORDER,
    "receipt": RECEIPT,
    "invoice": INVOICE,
    "invoice_line": INVOICE_LINE,
    "charge": CHARGE,
    "usage": USAGE,
}


@dataclass(frozen=True)
class Documents:
    """One frame per kind, in the schemas above."""

    order: pl.DataFrame
    receipt: pl.DataFrame
    invoice: pl.DataFrame
    invoice_line: pl.DataFrame
    charge: pl.DataFrame
    usage: pl.DataFrame

    def __add__(self, other: "Documents") -> "Documents":
        """Both."""
        return Documents(
            **{name: pl.concat([getattr(self, name), getattr(other, name)]) for name in SCHEMAS}
        )


def night_date(first_night: date, night: int) -> date:
    """The business date of a night."""
    return first_night + timedelta(days=night - 1)


def habits() -> pl.DataFrame:
    """Who sends X12 and what decides how its transmissions are numbered."""
    return pl.DataFrame(
        [
            {
                "supplier_id": id_,
                "sender": h.sender,
                "file": "DIRECT" if h.direct else "MAILBOX" if h.mailbox else h.sender,
                "group_size": h.group_size,
            }
            for id_, h in [
                *zip([s.id for s in SUPPLIERS], HABITS, strict=False),
                (UNKNOWN_SUPPLIER, STRANGER),
            ]
        ]
    )


# Transactions in one interchange; a partner's larger night is several interchanges in one file.
INTERCHANGE_SIZE = 1_000


def numbered(invoice: pl.DataFrame, first_night: date) -> pl.DataFrame:
    """Invoices with the control numbers of their transmission and the identity that follows.

    Adds ``sender, file, interchange, group, transaction`` (X12; empty for the portal) and
    ``invoice_id``: sender, ISA13 and ST02 joined by dashes, or the portal's document id. Of one
    sender, what is sent later has the greater identity; the portal's sort after all others.
    """
    by_sender = (
        invoice.join(habits(), on="supplier_id", how="left")
        .with_columns(sender=pl.when(~pl.col("by_portal")).then("sender"))
        .sort("night", "doc")
    )
    per_interchange = ["night", "sender", "interchange_of_night"]
    edi = (
        by_sender.filter(pl.col("sender").is_not_null())
        .with_columns(position=pl.int_range(pl.len()).over("night", "sender", "facility_id"))
        .with_columns(batch=pl.col("position") // INTERCHANGE_SIZE)
        .sort("night", "sender", "facility_id", "batch", "doc")
        .with_columns(
            interchange_of_night=pl.struct("facility_id", "batch").rle_id().over("night", "sender")
        )
        .with_columns(transaction=pl.int_range(1, pl.len() + 1).over(per_interchange))
        .with_columns(
            # One after the other over the nights: no number is left out.
            interchange=1
            + pl.struct("night", "interchange_of_night").rle_id().over("sender").cast(pl.Int64),
            group=(pl.col("transaction") - 1) // pl.col("group_size") + 1,
        )
        .with_columns(
            invoice_id=pl.concat_str(
                "sender",
                pl.col("interchange").cast(pl.String).str.zfill(9),
                pl.col("transaction").cast(pl.String).str.zfill(4),
                separator="-",
            )
        )
    )
    stamp = (pl.lit(first_night) + pl.duration(days=pl.col("night") - 1)).dt.strftime("%y%m%d")
    portal = by_sender.filter(pl.col("sender").is_null()).with_columns(
        invoice_id=pl.concat_str(
            pl.lit("WEB-"),
            stamp,
            pl.lit("-"),
            pl.int_range(1, pl.len() + 1).over("night").cast(pl.String).str.zfill(6),
        )
    )
    columns = [
        *INVOICE.names(),
        "sender",
        "file",
        "interchange",
        "group",
        "transaction",
        "invoice_id",
    ]
    return pl.concat(
        [
            edi.select(columns),
            portal.select(
                [c if c in portal.columns else pl.lit(None, pl.Int64).alias(c) for c in columns]
            ),
        ]
    )
