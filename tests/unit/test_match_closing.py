"""An exception that closes by itself names the document that closed it.

Every case is one order line unless stated: 10 EA of item A at 50.00 on order P1, billed by V1,
matched on two nights: first without the document, then with it. All are matched in one run a night.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl
import pytest
from one_match import apart, joined

from recon.canonical.describe import canonical_tables, polars_schema
from recon.reconcile import three_way_match

FIRST, SECOND = date(2026, 3, 30), date(2026, 3, 31)
DECIMALS = ("qty", "price", "amount", "total")

ORDER = {"po_id": "P1", "line_no": "1", "item_id": "A", "qty": 10, "uom": "EA", "price": "50.00"}
BILL = {"invoice_id": "V1", "line_no": 1, "po_line_raw": "1", "item_id": "A", "uom": "EA"}


def receipt(name, qty, day, **more):
    return {
        "receipt_id": name,
        "line_no": "1",
        "po_id": "P1",
        "po_line_no": "1",
        "receipt_date": date(2026, 3, day),
        "qty": qty,
        "uom": "EA",
        **more,
    }


def document(name, total, day=15, **more):
    return {
        "invoice_id": name,
        "supplier_id": "S1",
        "invoice_number": name,
        "invoice_date": date(2026, 3, day),
        "total": total,
        "po_number_raw": "P1",
        **more,
    }


def bill(qty="10", price="50.00", amount="500.00", **more):
    return {**BILL, "qty": qty, "price": price, "amount": amount, **more}


NIGHT = {
    "supplier": [{"supplier_id": "S1", "name": "Supplier"}],
    "item": [{"item_id": "A", "description": "Item", "base_uom": "EA"}],
    "purchase_order": [
        {
            "po_id": "P1",
            "po_number": "P1",
            "supplier_id": "S1",
            "facility_id": "F1",
            "order_date": date(2026, 3, 1),
        }
    ],
    "purchase_order_line": [ORDER],
    "receipt_line": [receipt("R1", 10, 10)],
    "invoice": [document("V1", "500.00")],
    "invoice_line": [bill()],
}


def frames(tables):
    """Tables of those rows, with the types of their columns; columns nobody fills are left out."""
    return {
        name: pl.DataFrame(
            [
                {c: Decimal(v) if c in DECIMALS and v is not None else v for c, v in row.items()}
                for row in rows
            ],
            schema_overrides={
                c: t
                for c, t in polars_schema(canonical_tables()[name]).items()
                if any(c in row for row in rows)
            },
            infer_schema_length=None,
        )
        for name, rows in tables.items()
    }


class Case(NamedTuple):
    """What differs from the night above, before and after, and what closes: code -> document.

    ``among`` others where they are not the subject.
    """

    says: str
    before: dict[str, list[dict]]
    after: dict[str, list[dict]]
    closed: dict[str, tuple]
    among: bool = False


PART = [receipt("R1", 6, 10)]
REST = receipt("R2", 4, 12)
DEAR = {"invoice": [document("V1", "600.00")], "invoice_line": [bill("10", "60.00", "600.00")]}


def _goods():
    yield Case(
        "awaited goods are closed by the receipt that brought the last of them",
        {"receipt_line": PART},
        {"receipt_line": [*PART, REST]},
        {"QTY_NOT_RECEIVED": ("RECEIPT", "R2")},
    )
    credit = bill("-4", "50.00", "-200.00", invoice_id="C1", ref_invoice_number="V1")
    yield Case(
        "or by the credit that asks no longer for them",
        {"receipt_line": PART},
        {
            "invoice": [*NIGHT["invoice"], document("C1", "-200.00", 20, doc_type="CREDIT")],
            "invoice_line": [bill(), credit],
        },
        {"QTY_NOT_RECEIVED": ("CREDIT", "C1")},
        among=True,
    )
    credit = bill(None, None, "-5.00", invoice_id="C1", ref_invoice_number="V1", adj_kind="PRICE")
    yield Case(
        "a credit of the price brings no goods",
        {"receipt_line": PART},
        {
            "receipt_line": [*PART, REST],
            "invoice": [*NIGHT["invoice"], document("C1", "-5.00", 20, doc_type="CREDIT")],
            "invoice_line": [bill(), credit],
        },
        {"QTY_NOT_RECEIVED": ("RECEIPT", "R2")},
        among=True,
    )
    much = [receipt("R1", 12, 10)]
    back = receipt("R2", -2, 20, kind="RETURN", ref_receipt_id="R1")
    yield Case(
        "more than was ordered is put right by goods that went back",
        {"receipt_line": much},
        {"receipt_line": [*much, back]},
        {"OVER_RECEIPT": ("RETURN", "R2")},
    )


def _price():
    change = {
        "change_id": "P1-C2",
        "change_no": 1,
        "po_id": "P1",
        "line_no": "001",
        "change_date": SECOND,
        "price": "60.00",
    }
    # Known before the price was found: it did not put it right.
    older = {**change, "change_id": "P1-C1", "change_date": date(2026, 3, 2)}
    for says, changes, found in (
        ("a price is put right by a change of the order", [older, change], ("CHANGE", "P1-C2")),
        ("by none that was known before", [older], (None, None)),
    ):
        ordered = [{**ORDER, "price": "60.00"}]
        after = {"purchase_order_line": ordered, "purchase_order_change": changes}
        yield Case(says, DEAR, after, {"PRICE_OVER": found})
    for says, adj_kind, qty, price, amount in (
        ("of the price", "PRICE", None, None, "-100.00"),
        ("of all the goods", "QTY", "-10", "60.00", "-600.00"),
    ):
        named = {"invoice_id": "C1", "ref_invoice_number": "V1", "adj_kind": adj_kind}
        after = {
            "invoice": [*DEAR["invoice"], document("C1", amount, 20, doc_type="CREDIT")],
            "invoice_line": [*DEAR["invoice_line"], bill(qty, price, amount, **named)],
        }
        says = f"a price is put right by a credit {says}"
        yield Case(says, DEAR, after, {"PRICE_OVER": ("CREDIT", "C1")}, among=True)


def _freight():
    for says, kind, named in (
        ("freight is closed by the credit of freight that names its invoice", "FREIGHT", "V1"),
        ("freight is closed by a credit of freight that names no invoice", "FREIGHT", None),
        ("handling is freight, and closed by its credit", "HANDLING", "V1"),
    ):
        charge = {"invoice_id": "V1", "line_no": 2, "line_type": kind, "amount": "30.00"}
        before = {"invoice": [document("V1", "530.00")], "invoice_line": [bill(), charge]}
        back = {**charge, "invoice_id": "C1", "line_no": 1, "amount": "-30.00"}
        back |= {"line_type": "FREIGHT", "ref_invoice_number": named}
        after = {
            "invoice": [*before["invoice"], document("C1", "-30.00", 20, doc_type="CREDIT")],
            "invoice_line": [*before["invoice_line"], back],
        }
        yield Case(says, before, after, {"FREIGHT_UNAUTHORISED": ("CREDIT", "C1")})


CASES = [
    *_goods(),
    *_price(),
    *_freight(),
    Case(
        "an order that was not known closes it by being found",
        # Dated on the second night, it is not seen on the first.
        {"purchase_order": [{**NIGHT["purchase_order"][0], "order_date": SECOND}]},
        {},
        {"PO_NOT_FOUND": ("ORDER", "P1")},
    ),
    Case(
        "an invoice that is voided closes all that is found on it",
        DEAR,
        {"invoice": [document("V1", "600.00", status="VOID")]},
        {"PRICE_OVER": ("VOID", "V1")},
    ),
    Case(
        "a receipt booked late closes it, not the line of the invoice that takes two of ten back",
        {
            "receipt_line": [],
            "invoice": [document("V1", "400.00")],
            "invoice_line": [bill(), bill("-2", amount="-100.00", line_no=2)],
        },
        {"receipt_line": [receipt("R1", 8, 10)]},
        {"QTY_NOT_RECEIVED": ("RECEIPT", "R1")},
    ),
    Case(
        "what no document tells is left open to question",
        DEAR,
        # The lines of the invoice were corrected: the document is the same.
        {"invoice": NIGHT["invoice"], "invoice_line": NIGHT["invoice_line"]},
        {"PRICE_OVER": (None, None)},
    ),
]


@pytest.fixture(scope="module")
def second_night():
    before = joined([frames({**NIGHT, **case.before}) for case in CASES])
    first = three_way_match(before, FIRST)["exception"]
    after = joined([frames({**NIGHT, **case.before, **case.after}) for case in CASES])
    second = three_way_match({**after, "previous_exception": first}, SECOND)
    return apart(second, len(CASES))


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case.says for case in CASES])
def test_what_closes_names_the_document_that_closed_it(second_night, n):
    found, case = second_night[n]["exception"], CASES[n]
    still_open = found.filter(pl.col("state") == "OPEN")
    assert set(still_open["closed_by_kind"]) | set(still_open["closed_by"]) <= {None}
    gone = found.filter(pl.col("state") == "AUTO_CLOSED")
    told = {
        code: by for code, *by in gone.select("code", "closed_by_kind", "closed_by").iter_rows()
    }
    if case.among:
        told = {code: by for code, by in told.items() if code in case.closed}
    assert told == {code: [*by] for code, by in case.closed.items()}
