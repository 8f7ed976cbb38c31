"""A small night written by hand: two hospitals, nine findings, every dollar known.

``night`` is the whole of it. Its documents arrived in two files whose bytes are ``X12_BYTES`` and
``CSV_BYTES``; record numbers and offsets below point into them.
"""

from datetime import date

import pytest
from night_rows import (
    CSV_BYTES,
    CSV_ID,
    DAY,
    EVIL,
    RAW,
    X12_BYTES,
    X12_ID,
    finding,
    frame,
    invoice_line,
    line_result,
    payable,
    payment,
)

from recon.canonical import masters
from recon.canonical import tables as canonical
from recon.publish.night import Night
from recon.publish.workbook import workbooks
from recon.reconcile import results
from recon.rules import load_all
from recon.site import Facility

MERCY = {"facility_id": "MERCY", "supplier_id": "0042"}
LUKE = {"facility_id": "ST-LUKE", "supplier_id": "S2"}

EXCEPTIONS = (
    finding(
        "PRICE_OVER",
        "20.00",
        **MERCY,
        invoice_id="I1",
        line_no=1,
        po_id="MERCY-PO-77",
        po_line_no="1",
        item_id="I-001",
        qty="10",
        tolerance_rule_id="PRICE-01",
    ),
    finding(
        "PRICE_ABOVE_CONTRACT",
        "5.00",
        **MERCY,
        invoice_id="I1",
        line_no=1,
        po_id="MERCY-PO-77",
        po_line_no="1",
        item_id="I-001",
        hold=False,
        queue="CON",
        related_document="C-9",
    ),
    finding(
        "QTY_NOT_RECEIVED",
        "40.00",
        **LUKE,
        invoice_id="I2",
        line_no=1,
        po_id="LUKE-000012",
        po_line_no="1",
        item_id="I-001",
        qty="20",
        queue="REC",
        age_days=40,
        bucket="31-60",
    ),
    finding("INVOICE_OUT_OF_BALANCE", "0.10", **LUKE, invoice_id="I2", queue="AP"),
    finding("PO_NOT_FOUND", "75.10", supplier_id="S3", invoice_id="I3", line_no=1, queue="AP"),
    finding("CREDIT_UNLINKED", "-12.50", **MERCY, invoice_id="I4", line_no=1, queue="AP"),
    finding(
        "CURRENCY_MISMATCH",
        "200.00",
        **MERCY,
        invoice_id="I5",
        line_no=1,
        queue="AP",
        currency="EUR",
    ),
    finding(
        "QTY_NOT_RECEIVED",
        "30.00",
        **MERCY,
        invoice_id="I6",
        line_no=1,
        po_id="MERCY-PO-77",
        po_line_no="1",
        queue="REC",
        state="AUTO_CLOSED",
        closed_by_kind="RECEIPT",
        closed_by="R9",
    ),
)


@pytest.fixture(scope="session")
def night() -> Night:
    """The night of 2 March 2026."""
    tables = {
        "supplier": frame(
            masters.Supplier,
            {"supplier_id": "0042", "name": EVIL},
            {"supplier_id": "S2", "name": "Northgate Medical"},
            {"supplier_id": "S3", "name": "+Plus Co"},
        ),
        "item": frame(
            masters.Item,
            {"item_id": "I-001", "description": "@Gloves, nitrile", "base_uom": "EA"},
        ),
        "item_uom": frame(
            masters.ItemUom,
            {"item_id": "I-001", "uom": "EA", "to_base_num": 1, "to_base_den": 1},
            {"item_id": "I-001", "uom": "BX", "to_base_num": 10, "to_base_den": 1},
        ),
        "contract_price": frame(
            masters.ContractPrice,
            {
                "contract_id": "C-9",
                "item_id": "I-001",
                "facility_scope": "*",
                "tier": "1",
                "supplier_id": "0042",
                "uom": "BX",
                "price": "495.00",
                "valid_from": date(2026, 1, 1),
            },
        ),
        "purchase_order": frame(
            canonical.PurchaseOrder,
            {
                "po_id": "MERCY-PO-77",
                "po_number": "PO-77",
                "supplier_id": "0042",
                "facility_id": "MERCY",
                "order_date": date(2026, 2, 20),
                "buyer": "-Ann",
            },
            {
                "po_id": "LUKE-000012",
                "po_number": "000012",
                "supplier_id": "S2",
                "facility_id": "ST-LUKE",
                "order_date": date(2026, 1, 5),
            },
        ),
        "purchase_order_line": frame(
            canonical.PurchaseOrderLine,
            {
                "po_id": "MERCY-PO-77",
                "line_no": "1",
                "item_id": "I-001",
                "qty": "10",
                "uom": "EA",
                "price": "50.00",
            },
            {
                "po_id": "LUKE-000012",
                "line_no": "1",
                "item_id": "I-001",
                "qty": "5",
                "uom": "BX",
                "price": "20.00",
                "source_record": 2,
                "byte_offset": CSV_BYTES.index(b"000012"),
            },
        ),
        "purchase_order_change": frame(canonical.PurchaseOrderChange),
        "po_ack_line": frame(canonical.PoAckLine),
        "receipt_line": frame(
            canonical.ReceiptLine,
            {
                "receipt_id": "22E1",
                "line_no": "1",
                "po_id": "MERCY-PO-77",
                "po_line_no": "1",
                "receipt_date": date(2026, 2, 25),
                "qty": "10",
                "uom": "EA",
            },
            {
                "receipt_id": "R-2",
                "line_no": "1",
                "po_id": "LUKE-000012",
                "po_line_no": "1",
                "receipt_date": date(2026, 1, 20),
                "qty": "3",
                "uom": "BX",
            },
        ),
        "invoice": frame(
            canonical.Invoice,
            *(
                {
                    "invoice_id": i,
                    "supplier_id": s,
                    "invoice_number": n,
                    "invoice_date": date(2026, 2, 28),
                    "total": t,
                }
                for i, s, n, t in (
                    ("I1", "0042", "00123456789012345678", "520.00"),
                    ("I2", "S2", "0007", "100.10"),
                    ("I3", "S3", "=1+1", "75.10"),
                    ("I4", "0042", "CR-1", "-12.50"),
                    ("I5", "0042", "E-1", "200.00"),
                    ("I6", "0042", "INV-9", "30.00"),
                )
            ),
        ),
        "invoice_line": frame(
            canonical.InvoiceLine,
            invoice_line(
                "I1",
                "10",
                "EA",
                "52.00",
                "520.00",
                source_file_id=X12_ID,
                byte_offset=X12_BYTES.index(b"IT1"),
            ),
            invoice_line("I2", "50", "EA", "2.00", "100.00"),
            invoice_line("I3", "1", "EA", "75.10", "75.10", po_number_raw="\t=cmd|calc"),
            invoice_line("I4", "-1", "EA", "12.50", "-12.50"),
            invoice_line("I5", "1", "EA", "200.00", "200.00"),
            invoice_line("I6", "1", "EA", "30.00", "30.00"),
        ),
        "invoice_line_result": frame(
            results.InvoiceLineResult,
            line_result(
                "I1",
                "520.00",
                "500.00",
                "20.00",
                **MERCY,
                po_id="MERCY-PO-77",
                po_line_no="1",
                leak="5.00",
                item_id="I-001",
                qty_a="10",
            ),
            line_result(
                "I2",
                "100.00",
                "60.00",
                "40.00",
                **LUKE,
                po_id="LUKE-000012",
                po_line_no="1",
                item_id="I-001",
                qty_a="30",
                qty_b="20",
            ),
            line_result("I3", "75.10", "0.00", "75.10", supplier_id="S3", status="UNMATCHED"),
            line_result("I4", "-12.50", "0.00", "-12.50", **MERCY, status="CREDIT_OPEN"),
            line_result(
                "I5", "200.00", "0.00", "200.00", **MERCY, currency="EUR", status="BLOCKED"
            ),
            line_result("I6", "30.00", "30.00", "0.00", **MERCY, status="MATCHED"),
        ),
        "allocation": frame(results.Allocation),
        "exception": frame(results.Exception_, *EXCEPTIONS),
        "rni": frame(
            results.Rni,
            {
                "receipt_key": "R-9|1",
                "receipt_id": "R-9",
                "receipt_line_no": "1",
                "facility_id": "MERCY",
                "supplier_id": "0042",
                "po_id": "MERCY-PO-77",
                "po_line_no": "1",
                "item_id": "I-001",
                "receipt_date": date(2026, 2, 27),
                "qty": "4",
                "price": "50.00",
                "value": "200.00",
                "currency": "USD",
                "age_days": 3,
                "bucket": "0-7",
            },
        ),
        "invoice_payable": frame(
            results.InvoicePayable,
            payable("I1", "520.00", "20.00", "500.00", **MERCY),
            payable("I2", "100.00", "40.00", "60.00", **LUKE),
            payable("I3", "75.10", "75.10", "0.00", supplier_id="S3"),
            payable("I4", "-12.50", "-12.50", "0.00", **MERCY),
            payable("I5", "200.00", "200.00", "0.00", **MERCY, currency="EUR"),
            payable("I6", "30.00", "0.00", "30.00", **MERCY, is_paid=True),
        ),
        "debit_memo": frame(
            results.DebitMemo,
            *(
                {"invoice_id": i, "currency": "USD", "memo_type": "NET", "amount": amount, **whose}
                for i, amount, whose in (("I1", "-20.00", MERCY), ("I2", "-40.00", LUKE))
            ),
        ),
        "shipment_line": frame(
            canonical.ShipmentLine,
            {
                "shipment_id": "ASN-7",
                "line_no": 2,
                "supplier_id": "S2",
                "po_id": "LUKE-000012",
                "po_line_no": "1",
                "qty": "2",
                "uom": "BX",
                "tracking_number": "1Z999",
            },
        ),
        "announced": frame(
            results.Announced,
            {
                "what": "shipped, not received",
                "document": "ASN-7",
                "line": "2",
                **LUKE,
                "po_id": "LUKE-000012",
                "po_line_no": "1",
                "item_id": "I-001",
                "due_date": date(2026, 2, 20),
                "shipped": "50",
                "received": "30",
            },
            {
                "what": "catalogue unit that differs from the item master",
                "document": "S2 GL1",
                "line": "CA",
                "supplier_id": "S2",
                "item_id": "I-001",
            },
        ),
        "payment_result": frame(
            results.PaymentResult,
            payment("I2", "0007", "SHORT", "70.10", "100.10", "30.00", "0.00", **LUKE),
            payment("I5", "E-1", "IN_FULL", "200.00", "200.00", "0.00", "200.00", **MERCY),
            payment("I6", "INV-9", "IN_FULL", "30.00", "30.00", "0.00", "0.00", **MERCY),
            payment(None, "X-404", "NOT_FOUND", "9.00", None, None, None, supplier_id="S3"),
        ),
        "file_control": frame(
            canonical.FileControl,
            {
                "feed": "invoice_edi",
                "source_file_id": X12_ID,
                "file_name": "ACME_810.edi",
                "size_bytes": len(X12_BYTES),
                "state": "LANDED",
                "encoding": "ascii",
                "records_in": 1,
                "accepted": 1,
                "quarantined": 0,
                "controls": 2,
                "controls_failed": 0,
            },
            {
                "feed": "purchase_order_erp",
                "source_file_id": CSV_ID,
                "file_name": "PO_20260302.csv",
                "size_bytes": len(CSV_BYTES),
                "state": "LANDED",
                "encoding": "cp1252",
                "records_in": 3,
                "accepted": 2,
                "quarantined": 1,
                "controls": 0,
                "controls_failed": 0,
            },
        ),
        "quarantine": frame(
            canonical.Quarantine,
            {
                "feed": "purchase_order_erp",
                "file_name": "PO_20260302.csv",
                "source_file_id": CSV_ID,
                "layer": "parse",
                "record": "record",
                "source_record": 3,
                "byte_offset": 92,
                "byte_length": 12,
                "records": 1,
                "rule": "type:qty",
                "reason": "qty is 'abc': expected a number.",
                "raw": "=2+5;abc",
            },
        ),
    }
    rules = load_all()
    facilities = (
        Facility(id="MERCY", name="Mercy General", time_zone="America/Chicago"),
        Facility(id="ST-LUKE", name="St. Luke", time_zone="America/New_York"),
    )
    return Night(DAY, "Example Health", facilities, tables, rules, "1a2b3c4d" + "0" * 56)


@pytest.fixture(scope="session")
def raw() -> dict[str, bytes]:
    """SHA-256 -> bytes of the files the night came from."""
    return RAW


@pytest.fixture(scope="session")
def made(night: Night) -> dict[str, bytes]:
    """The workbooks of that night."""
    return workbooks(night)
