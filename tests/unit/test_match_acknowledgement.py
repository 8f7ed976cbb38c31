"""What an acknowledgement (X12 855) says that the order does not, before any invoice arrives.

One order line unless stated: 10 EA of item A at 50.00, catalogue number AB-100.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.reconcile import three_way_match

AS_OF = date(2026, 3, 31)


def decimals(rows):
    return pl.DataFrame(
        [
            {
                name: Decimal(value) if name in ("qty", "price", "amount", "total") else value
                for name, value in row.items()
                if value is not None
            }
            for row in rows
        ],
        infer_schema_length=None,
    )


def ack(code, qty=None, price=None, **more):
    return {
        "po_id": "P1",
        "line_no": "1",
        "ack_seq": 1,
        "ack_code": code,
        "qty": qty,
        "price": price,
        **more,
    }


def match(*answers, order=None, receipts=(), bills=(), units=()):
    """The warnings about acknowledgements: (code, impact, qty)."""
    line = {"po_id": "P1", "line_no": "1", "item_id": "A", "catalog_no": "AB-100"}
    tables = {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"]}),
        "item": pl.DataFrame({"item_id": ["A"], "description": ["Item"], "base_uom": ["EA"]}),
        "item_uom": pl.DataFrame(
            [
                {"item_id": "A", "uom": uom, "to_base_num": n, "to_base_den": 1}
                for uom, n in [("EA", 1), *units]
            ]
        ),
        "purchase_order": pl.DataFrame(
            {
                "po_id": ["P1"],
                "po_number": ["P1"],
                "supplier_id": ["S1"],
                "facility_id": ["F1"],
                "order_date": [date(2026, 3, 1)],
            }
        ),
        "purchase_order_line": decimals(
            [{**line, "qty": "10", "uom": "EA", "price": "50.00", **(order or {})}]
        ),
        "po_ack_line": decimals(answers),
    }
    if receipts:
        tables["receipt_line"] = decimals(
            [
                {
                    "receipt_id": f"R{n}",
                    "line_no": "1",
                    "po_id": "P1",
                    "po_line_no": "1",
                    "receipt_date": date(2026, 3, 10),
                    "qty": qty,
                    "uom": "EA",
                }
                for n, qty in enumerate(receipts)
            ]
        )
    if bills:
        tables["invoice"] = decimals(
            [
                {
                    "invoice_id": f"V{n}",
                    "supplier_id": "S1",
                    "invoice_number": f"V{n}",
                    "invoice_date": date(2026, 3, 15),
                    "total": str(Decimal(qty) * 50),
                    "po_number_raw": "P1",
                }
                for n, qty in enumerate(bills)
            ]
        )
        tables["invoice_line"] = decimals(
            [
                {
                    "invoice_id": f"V{n}",
                    "line_no": 1,
                    "po_line_raw": "1",
                    "qty": qty,
                    "uom": "EA",
                    "price": "50.00",
                    "amount": str(Decimal(qty) * 50),
                }
                for n, qty in enumerate(bills)
            ]
        )
    found = three_way_match(tables, AS_OF)["exception"]
    assert not found.filter(pl.col("code").str.starts_with("ACK_"))["hold"].any()
    return [
        (code, str(impact), None if qty is None else int(qty))
        for code, impact, qty in found.filter(pl.col("code").str.starts_with("ACK_"))
        .sort("code")
        .select("code", "impact", "qty")
        .rows()
    ]


@pytest.mark.parametrize("code", ["IA", "AC", "SP", "DR"])
def test_what_is_accepted_is_no_finding_whatever_stands_beside_it(code):
    assert match(ack(code, "10", "52.00")) == []


@pytest.mark.parametrize(
    ("price", "impact"),
    [
        pytest.param("52.00", "20.00", id="two dollars more on ten"),
        pytest.param("49.99", "-0.10", id="a cent less"),
        pytest.param("50.00", None, id="the order's own price"),
        pytest.param(None, "0.00", id="no price stated"),
    ],
)
def test_a_changed_price_is_what_the_invoice_would_be_more(price, impact):
    wanted = [] if impact is None else [("ACK_PRICE_CHANGED", impact, 10)]
    assert match(ack("IP", "10", price)) == wanted


def test_a_price_is_counted_on_what_is_acknowledged_at_it():
    # 4 x 2.00; the other six stay at the order's price.
    answers = [ack("IA", "6", "50.00"), ack("IP", "4", "52.00", ack_seq=2)]
    assert match(*answers) == [("ACK_PRICE_CHANGED", "8.00", 4)]


def test_a_price_per_box_is_compared_through_the_unit():
    # 500.00 a box of ten is 50.00 each; 505.00 is 0.50 more on each of ten.
    box = {"uom": "BX"}
    assert match(ack("IP", "1", "500.00", **box), units=[("BX", 10)]) == []
    assert match(ack("IP", "1", "505.00", **box), units=[("BX", 10)]) == [
        ("ACK_PRICE_CHANGED", "5.00", 10)
    ]


def test_a_price_per_hundred_is_compared_with_the_orders_price_per_hundred():
    order = {"price": "5000.00", "price_per": Decimal(100)}
    # 5,000.00 a hundred is 50.00 each; 5,200.00 is 2.00 more on each of ten.
    assert match(ack("IP", "10", "5200.00"), order=order) == [("ACK_PRICE_CHANGED", "20.00", 10)]


def test_a_unit_that_cannot_be_converted_is_told_without_dollars():
    assert match(ack("IP", "1", "505.00", uom="DZ")) == [("ACK_PRICE_CHANGED", "0.00", 10)]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        pytest.param([("IQ", "6")], [("ACK_QTY_CHANGED", "-200.00", -4)], id="four fewer"),
        pytest.param([("IQ", "12")], [("ACK_QTY_CHANGED", "100.00", 2)], id="two more"),
        pytest.param([("IQ", "10")], [], id="as ordered"),
        pytest.param([("IQ", "6"), ("IA", "4")], [], id="in two parts"),
        pytest.param(
            [("IQ", "6"), ("IB", "4")], [("ACK_BACKORDER", "0.00", 4)], id="the rest back-ordered"
        ),
        pytest.param(
            [("IQ", "6"), ("IR", "4")],
            [("ACK_QTY_CHANGED", "-200.00", -4), ("ACK_REJECTED", "-200.00", -4)],
            id="the rest rejected",
        ),
    ],
)
def test_a_changed_quantity_is_that_of_all_answers_together(answers, found):
    rows = [ack(code, qty, ack_seq=n) for n, (code, qty) in enumerate(answers, start=1)]
    assert match(*rows) == found


def test_a_cancelled_part_is_not_missed():
    assert match(ack("IQ", "6"), order={"cancelled_qty": Decimal(4)}) == []


def test_accepted_with_changes_is_told_by_what_differs():
    assert match(ack("IC", "10", "50.00")) == []
    assert match(ack("IC", "8", "51.00")) == [
        ("ACK_PRICE_CHANGED", "8.00", 8),
        ("ACK_QTY_CHANGED", "-100.00", -2),
    ]


@pytest.mark.parametrize(
    ("item", "price", "found"),
    [
        pytest.param("B", None, [("ACK_SUBSTITUTED", "0.00", 10)], id="another item"),
        pytest.param("XY-9", "53.00", [("ACK_SUBSTITUTED", "30.00", 10)], id="at another price"),
        pytest.param("A", None, [], id="the order's item"),
        pytest.param("00ab.100", None, [], id="the order's catalogue number"),
    ],
)
def test_a_substitute_is_another_item_than_the_orders(item, price, found):
    assert match(ack("IS", "10", price, item_catalog_no=item)) == found


@pytest.mark.parametrize("code", ["IR", "R1", "R3", "ID"])
def test_what_is_rejected_will_not_be_billed(code):
    assert match(ack(code)) == [("ACK_REJECTED", "-500.00", -10)]
    assert match(ack(code, "0")) == [("ACK_REJECTED", "-500.00", -10)]
    assert match(ack(code, "3")) == [("ACK_REJECTED", "-150.00", -3)]
    assert match(ack(code), order={"status": "CANCELLED"}) == []


@pytest.mark.parametrize(
    ("receipts", "open_"),
    [
        pytest.param([], True, id="nothing received"),
        pytest.param(["6"], True, id="a part received"),
        pytest.param(["6", "4"], False, id="all received"),
    ],
)
def test_a_back_order_is_over_when_all_is_received(receipts, open_):
    found = match(ack("IA", "6"), ack("IB", "4", ack_seq=2), receipts=receipts)
    assert found == ([("ACK_BACKORDER", "0.00", 4)] if open_ else [])


@pytest.mark.parametrize("answer", [("IP", "10", "52.00"), ("IQ", "8"), ("IS", "10")])
def test_an_invoice_of_the_line_ends_the_warning(answer):
    assert match(ack(*answer)) != []
    assert match(ack(*answer), receipts=["2"], bills=["2"]) == []


@pytest.mark.parametrize("code", ["IB", "IR"])
def test_an_invoice_of_a_part_does_not_end_the_warning_about_the_rest(code):
    answers = [ack("IA", "6"), ack(code, "4", ack_seq=2)]
    assert len(match(*answers, receipts=["6"], bills=["6"])) == 1
    assert match(*answers, receipts=["6"], bills=["10"]) == []


def test_of_several_acknowledgements_the_newest_counts_whole():
    first = [
        ack("IA", "6", acknowledged_date=date(2026, 3, 2)),
        ack("IB", "4", ack_seq=2, acknowledged_date=date(2026, 3, 2)),
    ]
    second = ack("IA", "10", ack_seq=7, acknowledged_date=date(2026, 3, 4))
    assert match(*first) == [("ACK_BACKORDER", "0.00", 4)]
    assert match(*first, second) == []
    assert match(*first, {**second, "acknowledged_date": date(2026, 4, 1)}) != []  # not yet


def test_of_one_day_the_greater_identity_is_the_newer():
    day = {"acknowledged_date": date(2026, 3, 2)}
    old = ack("IB", "10", ack_id="S-000000001-0001", **day)
    new = ack("IA", "10", ack_seq=2, ack_id="S-000000001-0002", **day)
    assert match(new, old) == []


def test_a_line_number_is_the_same_with_leading_zeros():
    assert match(ack("IP", "10", "52.00", line_no="001")) == [("ACK_PRICE_CHANGED", "20.00", 10)]


def test_an_answer_to_a_line_that_is_not_ordered_is_no_finding():
    assert match(ack("IR", line_no="2")) == []
