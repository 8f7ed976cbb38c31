"""An exception that closes by itself names the document that closed it.

One order line unless stated: 10 EA of item A at 50.00 on order P1, billed by V1, matched on two
nights: first without the document, then with it.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

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


def closed(before, after):
    """Of what is open with ``before`` and not with ``after``: code -> kind and document."""
    first = three_way_match(frames({**NIGHT, **before}), FIRST)["exception"]
    given = {**frames({**NIGHT, **before, **after}), "previous_exception": first}
    second = three_way_match(given, SECOND)["exception"]
    still_open = second.filter(pl.col("state") == "OPEN")
    assert set(still_open["closed_by_kind"]) | set(still_open["closed_by"]) <= {None}
    gone = second.filter(pl.col("state") == "AUTO_CLOSED")
    return {code: (kind, name) for code, kind, name in gone.select(CLOSED_BY).rows()}


CLOSED_BY = ["code", "closed_by_kind", "closed_by"]


def test_goods_that_were_awaited_are_closed_by_the_receipt_that_brought_the_last_of_them():
    part = [receipt("R1", 6, 10)]
    assert closed({"receipt_line": part}, {"receipt_line": [*part, receipt("R2", 4, 12)]}) == {
        "QTY_NOT_RECEIVED": ("RECEIPT", "R2")
    }


def test_or_by_the_credit_that_asks_no_longer_for_them():
    part = {"receipt_line": [receipt("R1", 6, 10)]}
    credit = bill("4", "50.00", "-200.00", invoice_id="C1", ref_invoice_number="V1")
    after = {
        "invoice": [*NIGHT["invoice"], document("C1", "-200.00", 20, doc_type="CREDIT")],
        "invoice_line": [bill(), {**credit, "qty": "-4"}],
    }
    assert closed(part, after)["QTY_NOT_RECEIVED"] == ("CREDIT", "C1")


def test_a_credit_of_the_price_brings_no_goods():
    part = [receipt("R1", 6, 10)]
    credit = bill(None, None, "-5.00", invoice_id="C1", ref_invoice_number="V1", adj_kind="PRICE")
    after = {
        "receipt_line": [*part, receipt("R2", 4, 12)],
        "invoice": [*NIGHT["invoice"], document("C1", "-5.00", 20, doc_type="CREDIT")],
        "invoice_line": [bill(), credit],
    }
    assert closed({"receipt_line": part}, after)["QTY_NOT_RECEIVED"] == ("RECEIPT", "R2")


DEAR = {"invoice": [document("V1", "600.00")], "invoice_line": [bill("10", "60.00", "600.00")]}


def test_a_price_is_put_right_by_a_change_of_the_order():
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
    after = {
        "purchase_order_line": [{**ORDER, "price": "60.00"}],
        "purchase_order_change": [older, change],
    }
    assert closed(DEAR, after) == {"PRICE_OVER": ("CHANGE", "P1-C2")}
    only_older = {**after, "purchase_order_change": [older]}
    assert closed(DEAR, only_older) == {"PRICE_OVER": (None, None)}


@pytest.mark.parametrize(
    ("adj_kind", "qty", "document_named"),
    [
        pytest.param("PRICE", None, ("CREDIT", "C1"), id="of-the-price"),
        pytest.param("QTY", "-10", ("CREDIT", "C1"), id="of-all-the-goods"),
    ],
)
def test_a_price_is_put_right_by_a_credit(adj_kind, qty, document_named):
    amount = "-100.00" if qty is None else "-600.00"
    price = None if qty is None else "60.00"
    credit = bill(qty, price, amount, invoice_id="C1", ref_invoice_number="V1", adj_kind=adj_kind)
    after = {
        "invoice": [*DEAR["invoice"], document("C1", amount, 20, doc_type="CREDIT")],
        "invoice_line": [*DEAR["invoice_line"], credit],
    }
    assert closed(DEAR, after)["PRICE_OVER"] == document_named


def test_more_than_was_ordered_is_put_right_by_goods_that_went_back():
    much = [receipt("R1", 12, 10)]
    back = receipt("R2", -2, 20, kind="RETURN", ref_receipt_id="R1")
    assert closed({"receipt_line": much}, {"receipt_line": [*much, back]}) == {
        "OVER_RECEIPT": ("RETURN", "R2")
    }


def test_an_order_that_was_not_known_closes_it_by_being_found():
    # Dated on the second night, it is not seen on the first.
    late = [{**NIGHT["purchase_order"][0], "order_date": SECOND}]
    assert closed({"purchase_order": late}, {}) == {"PO_NOT_FOUND": ("ORDER", "P1")}


def test_an_invoice_that_is_voided_closes_all_that_is_found_on_it():
    void = {"invoice": [document("V1", "600.00", status="VOID")]}
    assert closed(DEAR, void) == {"PRICE_OVER": ("VOID", "V1")}


def test_freight_is_closed_by_the_credit_of_freight_that_names_its_invoice():
    freight = {"invoice_id": "V1", "line_no": 2, "line_type": "FREIGHT", "amount": "30.00"}
    before = {
        "invoice": [document("V1", "530.00")],
        "invoice_line": [bill(), freight],
    }
    back = {**freight, "invoice_id": "C1", "line_no": 1, "amount": "-30.00"}
    after = {
        "invoice": [*before["invoice"], document("C1", "-30.00", 20, doc_type="CREDIT")],
        "invoice_line": [*before["invoice_line"], {**back, "ref_invoice_number": "V1"}],
    }
    assert closed(before, after) == {"FREIGHT_UNAUTHORISED": ("CREDIT", "C1")}


def test_what_no_document_tells_is_left_open_to_question():
    # The lines of the invoice were corrected: the document is the same.
    assert closed(DEAR, {"invoice": NIGHT["invoice"], "invoice_line": NIGHT["invoice_line"]}) == {
        "PRICE_OVER": (None, None)
    }
