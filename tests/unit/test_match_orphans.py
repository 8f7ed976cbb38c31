"""Lines without their document are named, not dropped without a word."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.reconcile import orphans

DAY = date(2026, 3, 31)
ORDER = {
    "po_id": ["P1"],
    "po_number": ["P1"],
    "supplier_id": ["S1"],
    "facility_id": ["F1"],
    "order_date": [date(2026, 3, 1)],
}


def order_line(po_id):
    ten = [Decimal("10")]
    return pl.DataFrame(
        {"po_id": [po_id], "line_no": ["1"], "qty": ten, "uom": ["EA"], "price": ten}
    )


def receipt(po_line_no, day):
    return pl.DataFrame(
        {
            "receipt_id": ["R1"],
            "line_no": ["1"],
            "po_id": ["P1"],
            "po_line_no": [po_line_no],
            "receipt_date": [day],
            "qty": [Decimal("1")],
            "uom": ["EA"],
        }
    )


def test_a_receipt_of_a_line_that_was_never_ordered_is_named():
    tables = {
        "purchase_order": pl.DataFrame(ORDER),
        "purchase_order_line": order_line("P1"),
        "receipt_line": receipt("7", date(2026, 3, 10)),
    }
    assert orphans(tables, DAY).rows() == [("receipt without its order line", "R1", "1")]
    tables["receipt_line"] = receipt("1", date(2026, 3, 10))
    assert orphans(tables, DAY).is_empty()
    tables["receipt_line"] = receipt("7", date(2026, 4, 1))  # not yet
    assert orphans(tables, DAY).is_empty()


def test_a_line_without_its_order_or_invoice_is_named():
    line = pl.DataFrame({"invoice_id": ["V1"], "line_no": [2], "amount": [Decimal("5.00")]})
    found = orphans({"purchase_order_line": order_line("P9"), "invoice_line": line}, DAY)
    assert found.rows() == [
        ("invoice line without its invoice", "V1", "2"),
        ("order line without its order", "P9", "1"),
    ]


def test_what_is_said_of_a_line_that_no_order_has_is_named():
    ten = [Decimal("10")]
    change = {"change_id": ["C1"], "change_no": [1], "po_id": ["P1"], "line_no": ["7"]}
    ack = {"po_id": ["P1"], "line_no": ["7"], "ack_seq": [1], "ack_code": ["IA"]}
    shipped = {
        "shipment_id": ["S1"],
        "line_no": [1],
        "supplier_id": ["S1"],
        "po_id": ["P1"],
        "po_line_no": ["7"],
        "qty": ten,
        "uom": ["EA"],
    }
    tables = {
        "purchase_order": pl.DataFrame(ORDER),
        "purchase_order_line": order_line("P1"),
        "purchase_order_change": pl.DataFrame(change),
        "po_ack_line": pl.DataFrame(ack),
        "shipment_line": pl.DataFrame(shipped),
    }
    assert orphans(tables, DAY).rows() == [
        ("acknowledgement without its order line", "P1", "7"),
        ("change without its order line", "C1", "7"),
        ("shipment without its order line", "S1", "1"),
    ]
    known = {
        "purchase_order_change": pl.DataFrame({**change, "line_no": ["*"]}),
        "po_ack_line": pl.DataFrame({**ack, "line_no": ["001"]}),
        "shipment_line": pl.DataFrame({**shipped, "po_line_no": ["01"]}),
    }
    assert orphans({**tables, **known}, DAY).is_empty()
    unknown = pl.DataFrame({**change, "po_id": ["P9"], "line_no": ["*"]})
    found = orphans({**tables, **known, "purchase_order_change": unknown}, DAY)
    assert found.rows() == [("change without its order line", "C1", "*")]


def test_a_use_of_a_line_that_was_never_ordered_is_named():
    use = {"usage_id": ["U1"], "po_id": ["P1"], "po_line_no": ["7"], "qty": [Decimal("1")]}
    tables = {
        "purchase_order": pl.DataFrame(ORDER),
        "purchase_order_line": order_line("P1"),
        "usage_line": pl.DataFrame({**use, "case_date": [date(2026, 3, 10)]}),
    }
    assert orphans(tables, DAY).rows() == [("use without its order line", "U1", None)]
    tables["usage_line"] = pl.DataFrame({**use, "case_date": [date(2026, 4, 1)]})  # not yet
    assert orphans(tables, DAY).is_empty()
    of_line = {**use, "po_line_no": ["001"], "case_date": [date(2026, 3, 10)]}
    assert orphans({**tables, "usage_line": pl.DataFrame(of_line)}, DAY).is_empty()


def test_a_number_that_two_lines_of_the_order_bear_is_neither_unless_it_is_written_so():
    change = {"change_id": ["C1"], "change_no": [1], "po_id": ["P1"]}
    tables = {
        "purchase_order": pl.DataFrame(ORDER),
        "purchase_order_line": pl.concat(
            [order_line("P1"), order_line("P1").with_columns(line_no=pl.lit("001"))]
        ),
        "receipt_line": receipt("01", date(2026, 3, 10)),
        "purchase_order_change": pl.DataFrame({**change, "line_no": ["01"]}),
    }
    assert orphans(tables, DAY).rows() == [
        ("change without its order line", "C1", "01"),
        ("receipt without its order line", "R1", "1"),
    ]
    tables["receipt_line"] = receipt("001", date(2026, 3, 10))
    tables["purchase_order_change"] = pl.DataFrame({**change, "line_no": ["1"]})
    assert orphans(tables, DAY).is_empty()


def test_a_change_finds_its_line_with_zeros_in_front_or_without():
    change = {"change_id": ["C1"], "change_no": [1], "po_id": ["P1"], "line_no": ["001"]}
    tables = {
        "purchase_order": pl.DataFrame(ORDER),
        "purchase_order_line": order_line("P1"),
        "purchase_order_change": pl.DataFrame(change),
    }
    assert orphans(tables, DAY).is_empty()


@pytest.mark.parametrize(("day", "told"), [(date(2026, 4, 1), False), (date(2062, 3, 10), True)])
def test_what_is_dated_after_the_business_date_waits_and_is_named(day, told):
    one = [Decimal("1")]
    use = {"usage_id": ["U1"], "po_id": ["P1"], "po_line_no": ["1"], "qty": one}
    invoice = {"invoice_id": ["V1"], "supplier_id": ["S1"], "invoice_number": ["1"], "total": one}
    tables = {
        "purchase_order": pl.DataFrame({**ORDER, "order_date": [day]}),
        "purchase_order_line": order_line("P1"),
        "receipt_line": receipt("1", day),
        "usage_line": pl.DataFrame({**use, "case_date": [day]}),
        "invoice": pl.DataFrame({**invoice, "invoice_date": [day]}),
    }
    named = [
        ("invoice dated after the business date", "V1", None),
        ("order dated after the business date", "P1", None),
        ("receipt dated after the business date", "R1", "1"),
        ("use dated after the business date", "U1", None),
    ]
    assert orphans(tables, DAY).rows() == (named if told else [])
