"""Remittances (X12 820): what was paid of each invoice, and what a paid invoice keeps.

Supplier S1 ships 10 EA at 50.00 on order P1; invoice V1, printed INV-00123, bills all of it.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.canonical.describe import polars_schema
from recon.reconcile import three_way_match
from recon.reconcile.results import PaymentResult

AS_OF = date(2026, 3, 31)


def rows(*given):
    money = {"amount_paid", "amount_invoiced", "discount_taken", "adjustment_amount"}
    money |= {"qty", "price", "amount", "total"}
    return pl.DataFrame(
        [
            {k: Decimal(v) if k in money else v for k, v in row.items() if v is not None}
            for row in given
        ],
        infer_schema_length=None,
    )


def paid(amount, number="123", line=1, payment="PAY1", day=date(2026, 3, 20), **more):
    return {
        "payment_id": payment,
        "line_no": line,
        "supplier_id": "S1",
        "payment_date": day,
        "invoice_number": number,
        "amount_paid": amount,
        **more,
    }


def invoice(id_, number, day, total="500.00", **more):
    return {
        "invoice_id": id_,
        "supplier_id": "S1",
        "invoice_number": number,
        "invoice_date": day,
        "total": total,
        "po_number_raw": "P1",
        **more,
    }


def match(*payments, more_invoices=(), received="10", price="50.00"):
    invoices = [invoice("V1", "INV-00123", date(2026, 3, 15)), *more_invoices]
    tables = {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"]}),
        "item": pl.DataFrame({"item_id": ["A"], "description": ["Item"], "base_uom": ["EA"]}),
        "purchase_order": pl.DataFrame(
            {
                "po_id": ["P1"],
                "po_number": ["P1"],
                "supplier_id": ["S1"],
                "facility_id": ["F1"],
                "order_date": [date(2026, 3, 1)],
            }
        ),
        "purchase_order_line": rows(
            {
                "po_id": "P1",
                "line_no": "1",
                "item_id": "A",
                "qty": "10",
                "uom": "EA",
                "price": price,
            }
        ),
        "receipt_line": rows(
            {
                "receipt_id": "R1",
                "line_no": "1",
                "po_id": "P1",
                "po_line_no": "1",
                "receipt_date": date(2026, 3, 10),
                "qty": received,
                "uom": "EA",
            }
        ),
        "invoice": rows(*invoices),
        "invoice_line": rows(
            *(
                {
                    "invoice_id": i["invoice_id"],
                    "line_no": 1,
                    "po_line_raw": "1",
                    "qty": "-2" if i.get("doc_type") == "CREDIT" else "10",
                    "uom": "EA",
                    "price": "50.00",
                    "amount": i["total"],
                }
                for i in invoices
            )
        ),
    }
    if payments:
        tables["payment_remittance"] = rows(*payments)
    return three_way_match(tables, AS_OF)


def told(result):
    """(status, paid, difference, beyond payable) of each document."""
    return [
        tuple(None if v is None else str(v) for v in row)
        for row in result["payment_result"]
        .select("status", "paid", "difference", "beyond_payable")
        .rows()
    ]


def test_without_remittances_there_is_nothing_to_compare_and_all_columns():
    found = match()["payment_result"]
    assert found.is_empty()
    assert found.schema == polars_schema(PaymentResult)


@pytest.mark.parametrize(
    ("payments", "found"),
    [
        pytest.param(
            [paid("500.00", amount_invoiced="500.00")],
            ("IN_FULL", "500.00", "0.00", "0.00"),
            id="in full",
        ),
        pytest.param(
            [paid("490.00", discount_taken="10.00")],
            ("IN_FULL", "490.00", "0.00", "0.00"),
            id="discount",
        ),
        pytest.param([paid("470.00")], ("SHORT", "470.00", "30.00", "0.00"), id="thirty short"),
        pytest.param([paid("500.01")], ("OVER", "500.01", "-0.01", "0.01"), id="a cent over"),
        pytest.param(
            [paid("470.00", adjustment_amount="-30.00")],
            ("ADJUSTED", "470.00", "0.00", "0.00"),
            id="short, with a reason",
        ),
        pytest.param(
            [paid("200.00"), paid("300.00", payment="PAY2")],
            ("IN_FULL", "500.00", "0.00", "0.00"),
            id="in two payments",
        ),
        pytest.param(
            [paid("500.00"), paid("-500.00", payment="PAY2")],
            ("SHORT", "0.00", "500.00", "0.00"),
            id="paid and taken back",
        ),
    ],
)
def test_paid_is_compared_with_invoiced(payments, found):
    assert told(match(*payments)) == [found]


def test_a_number_is_found_as_duplicates_are_and_under_the_suppliers_group_only():
    assert told(match(paid("500.00", number="INV123"))) == [("IN_FULL", "500.00", "0.00", "0.00")]
    for stranger in (paid("500.00", number="124"), paid("500.00", supplier_id="S9")):
        assert told(match(stranger)) == [("NOT_FOUND", "500.00", None, None)]


def test_another_currency_is_not_compared():
    assert told(match(paid("500.00", currency="CAD"))) == [("CURRENCY", "500.00", None, None)]


def test_a_payment_dated_later_is_not_seen():
    assert told(match(paid("500.00", day=date(2026, 4, 1)))) == []


def test_what_is_paid_although_held_is_told():
    # 6 of 10 received: 200.00 is held.
    result = match(paid("500.00"), received="6")
    assert told(result) == [("IN_FULL", "500.00", "0.00", "200.00")]
    assert told(match(paid("300.00"), received="6")) == [("SHORT", "300.00", "200.00", "0.00")]


def test_of_two_documents_of_one_number_the_one_of_the_stated_total_is_paid():
    again = invoice("V2", "123", date(2026, 3, 18), total="75.00")
    result = match(paid("75.00", amount_invoiced="75.00"), more_invoices=[again])
    (row,) = result["payment_result"].to_dicts()
    assert (row["invoice_id"], row["status"]) == ("V2", "IN_FULL")


def test_a_credit_is_what_takes_money_back():
    credit = invoice("C1", "123", date(2026, 3, 18), total="-100.00", doc_type="CREDIT")
    result = match(paid("500.00"), paid("-100.00", line=2), more_invoices=[credit])
    assert {r["invoice_id"]: r["status"] for r in result["payment_result"].to_dicts()} == {
        "V1": "IN_FULL",
        "C1": "IN_FULL",
    }


def held(result):
    return {
        r["invoice_id"]: str(r["held"])
        for r in result["invoice_line_result"].filter(pl.col("held") != 0).to_dicts()
    }


def test_a_paid_invoice_keeps_its_receipt_when_a_back_dated_one_arrives():
    """S77, with the payment known from a remittance instead of the invoice's status."""
    back_dated = invoice("V2", "4410", date(2026, 3, 12))
    assert held(match(more_invoices=[back_dated])) == {"V1": "500.00"}
    assert held(match(paid("500.00"), more_invoices=[back_dated])) == {"V2": "500.00"}
    taken_back = [paid("500.00"), paid("-500.00", payment="PAY2")]
    assert held(match(*taken_back, more_invoices=[back_dated])) == {"V1": "500.00"}


def test_a_paid_invoice_has_no_discount_at_risk():
    terms = {"disc_pct": Decimal("0.02"), "disc_days": 30}
    late = invoice("V2", "4410", date(2026, 3, 28), **terms)  # nothing left to support it

    def codes(*payments):
        found = match(*payments, more_invoices=[late])["exception"]
        return set(found.filter(pl.col("invoice_id") == "V2")["code"])

    assert "DISCOUNT_AT_RISK" in codes()
    assert "DISCOUNT_AT_RISK" not in codes(paid("490.00", number="4410"))
