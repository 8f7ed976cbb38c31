"""Remittances (X12 820): what was paid of each invoice, and what a paid invoice keeps.

In every case supplier S1 ships 10 EA at 50.00 on order P1; invoice V1, printed INV-00123, bills all
of it. All are matched in one run.
"""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl
import pytest
from one_match import match_together

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


def tables(payments, more_invoices=(), received="10"):
    invoices = [invoice("V1", "INV-00123", date(2026, 3, 15)), *more_invoices]
    found = {
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
                "price": "50.00",
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
        found["payment_remittance"] = rows(*payments)
    return found


def told(result):
    """(status, paid, difference, beyond payable) of each document."""
    return [
        tuple(None if v is None else str(v) for v in row)
        for row in result["payment_result"]
        .select("status", "paid", "difference", "beyond_payable")
        .rows()
    ]


def statuses(result):
    """Invoice -> what its payment is."""
    return dict(result["payment_result"].select("invoice_id", "status").rows())


def held(result):
    return {
        r["invoice_id"]: str(r["held"])
        for r in result["invoice_line_result"].filter(pl.col("held") != 0).to_dicts()
    }


def at_risk(result):
    """Whether the discount of V2 is."""
    found = result["exception"].filter(pl.col("invoice_id") == "V2")
    return "DISCOUNT_AT_RISK" in found["code"]


class Case(NamedTuple):
    """Payments, what else differs from the night above, and what is asked of the result."""

    says: str
    payments: list[dict]
    found: Any
    asked: Any = told
    more_invoices: tuple[dict, ...] = ()
    received: str = "10"


def _compared():
    for says, payments, found in (
        (
            "in full",
            [paid("500.00", amount_invoiced="500.00")],
            ("IN_FULL", "500.00", "0.00", "0.00"),
        ),
        (
            "discount",
            [paid("490.00", discount_taken="10.00")],
            ("IN_FULL", "490.00", "0.00", "0.00"),
        ),
        ("thirty short", [paid("470.00")], ("SHORT", "470.00", "30.00", "0.00")),
        ("a cent over", [paid("500.01")], ("OVER", "500.01", "-0.01", "0.01")),
        (
            "short, with a reason",
            [paid("470.00", adjustment_amount="-30.00")],
            ("ADJUSTED", "470.00", "0.00", "0.00"),
        ),
        (
            "in two payments",
            [paid("200.00"), paid("300.00", payment="PAY2")],
            ("IN_FULL", "500.00", "0.00", "0.00"),
        ),
        ("paid and taken back", TAKEN_BACK, ("SHORT", "0.00", "500.00", "0.00")),
    ):
        yield Case(f"paid is compared with invoiced: {says}", payments, [found])


def _found():
    in_full = [("IN_FULL", "500.00", "0.00", "0.00")]
    not_found = [("NOT_FOUND", "500.00", None, None)]
    yield Case("a number is found as duplicates are", [paid("500.00", number="INV123")], in_full)
    yield Case("another number is not", [paid("500.00", number="124")], not_found)
    yield Case(
        "nor is one of a supplier of another group",
        [paid("500.00", supplier_id="S9")],
        not_found,
    )
    yield Case(
        "another currency is not compared",
        [paid("500.00", currency="CAD")],
        [("CURRENCY", "500.00", None, None)],
    )
    yield Case("a payment dated later is not seen", [paid("500.00", day=date(2026, 4, 1))], [])


def _held():
    # 6 of 10 received: 200.00 is held.
    for says, amount, found in (
        ("what is paid although held is told", "500.00", ("IN_FULL", "500.00", "0.00", "200.00")),
        ("what is not held may be paid", "300.00", ("SHORT", "300.00", "200.00", "0.00")),
    ):
        yield Case(says, [paid(amount)], [found], received="6")


def _two_documents():
    again = invoice("V2", "123", date(2026, 3, 18), total="75.00")
    yield Case(
        "of two documents of one number the one of the stated total is paid",
        [paid("75.00", amount_invoiced="75.00")],
        {"V2": "IN_FULL"},
        statuses,
        more_invoices=(again,),
    )
    short = {"discount_taken": "1.50", "adjustment_amount": "-3.50"}
    for says, payment in (("paid whole", paid("75.00")), ("settled", paid("70.00", **short))):
        yield Case(
            f"of two documents of one number the one that is {says} is paid",
            [payment],
            {"V2": "IN_FULL" if says == "paid whole" else "ADJUSTED"},
            statuses,
            more_invoices=(again,),
        )
    last_year = invoice("V0", "123", date(2025, 2, 1))
    yield Case(
        "of two of one number and total, a year apart, each is paid on its day",
        [paid("500.00"), paid("500.00", payment="PAY0", day=date(2025, 3, 1))],
        {"V0": "IN_FULL", "V1": "IN_FULL"},
        statuses,
        more_invoices=(last_year,),
    )
    credit = invoice("C1", "123", date(2026, 3, 18), total="-100.00", doc_type="CREDIT")
    yield Case(
        "a credit is what takes money back",
        [paid("500.00"), paid("-100.00", line=2)],
        {"V1": "IN_FULL", "C1": "IN_FULL"},
        statuses,
        more_invoices=(credit,),
    )


def _keeps_its_receipt():
    """S77, with the payment known from a remittance instead of the invoice's status."""
    back_dated = invoice("V2", "4410", date(2026, 3, 12))
    for says, payments, found in (
        ("an invoice loses its receipt to a back-dated one", [], {"V1": "500.00"}),
        ("a paid invoice keeps it", [paid("500.00")], {"V2": "500.00"}),
        ("one whose payment is taken back does not", TAKEN_BACK, {"V1": "500.00"}),
    ):
        yield Case(says, payments, found, held, more_invoices=(back_dated,))


def _is_no_copy():
    """1.2 step 2: of two that are one bill the paid one is the first, as its status would say."""
    copy = invoice("V2", "123A", date(2026, 3, 12))
    for says, payments, found in (
        ("of two copies the one dated first stays", [], {"V1": "500.00"}),
        ("the one that is paid stays", [paid("500.00")], {"V2": "500.00"}),
        ("one whose payment is taken back does not", TAKEN_BACK, {"V1": "500.00"}),
    ):
        yield Case(says, payments, found, held, more_invoices=(copy,))


def _discount():
    terms = {"disc_pct": Decimal("0.02"), "disc_days": 30}
    late = invoice("V2", "4410", date(2026, 3, 28), **terms)  # nothing left to support it
    for says, payments, found in (
        ("a discount is at risk", [], True),
        ("a paid invoice has none at risk", [paid("490.00", number="4410")], False),
    ):
        yield Case(says, payments, found, at_risk, more_invoices=(late,))


TAKEN_BACK = [paid("500.00"), paid("-500.00", payment="PAY2")]
CASES = [
    *_compared(),
    *_found(),
    *_held(),
    *_two_documents(),
    *_keeps_its_receipt(),
    *_is_no_copy(),
    *_discount(),
]


@pytest.fixture(scope="module")
def results():
    given = [tables(case.payments, case.more_invoices, case.received) for case in CASES]
    return match_together(given, AS_OF)


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case.says for case in CASES])
def test_what_was_paid_is_compared(results, n):
    assert CASES[n].asked(results[n]) == CASES[n].found


def test_without_remittances_there_is_nothing_to_compare_and_all_columns():
    found = three_way_match(tables([]), AS_OF)["payment_result"]
    assert found.is_empty()
    assert found.schema == polars_schema(PaymentResult)
