"""Of one contract line in two periods that overlap (X12 832), the later one counts.

Order P1 of 2026-03-10 is for 5 EA of item A; receipt and invoice agree with it in all but price.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.reconcile import three_way_match

JANUARY, MARCH, APRIL = date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1)


def price(amount, since, contract="K1", uom="EA", tier="STANDARD"):
    return {
        "contract_id": contract,
        "item_id": "A",
        "facility_scope": "*",
        "tier": tier,
        "valid_from": since,
        "supplier_id": "S1",
        "uom": uom,
        "price": Decimal(amount),
    }


def codes(ordered, billed, *prices):
    five = [Decimal(5)]
    line = {"qty": five, "uom": ["EA"]}
    amount = Decimal(billed) * 5
    tables = {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"]}),
        "item": pl.DataFrame({"item_id": ["A"], "description": ["Item"], "base_uom": ["EA"]}),
        "item_uom": pl.DataFrame(
            {"item_id": ["A"], "uom": ["CS"], "to_base_num": [10], "to_base_den": [1]}
        ),
        "contract_price": pl.DataFrame(prices),
        "purchase_order": pl.DataFrame(
            {
                "po_id": ["P1"],
                "po_number": ["P1"],
                "supplier_id": ["S1"],
                "facility_id": ["F1"],
                "order_date": [date(2026, 3, 10)],
            }
        ),
        "purchase_order_line": pl.DataFrame(
            {
                "po_id": ["P1"],
                "line_no": ["1"],
                "item_id": ["A"],
                **line,
                "price": [Decimal(ordered)],
            }
        ),
        "receipt_line": pl.DataFrame(
            {
                "receipt_id": ["R1"],
                "line_no": ["1"],
                "po_id": ["P1"],
                "po_line_no": ["1"],
                "receipt_date": [date(2026, 3, 11)],
                **line,
            }
        ),
        "invoice": pl.DataFrame(
            {
                "invoice_id": ["V1"],
                "supplier_id": ["S1"],
                "invoice_number": ["V1"],
                "invoice_date": [date(2026, 3, 12)],
                "total": [amount],
                "po_number_raw": ["P1"],
            }
        ),
        "invoice_line": pl.DataFrame(
            {
                "invoice_id": ["V1"],
                "line_no": [1],
                "po_line_raw": ["1"],
                **line,
                "price": [Decimal(billed)],
                "amount": [amount],
            }
        ),
    }
    found = three_way_match(tables, date(2026, 3, 31))["exception"]
    return [(code, str(impact)) for code, impact in found.select("code", "impact").rows()]


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        pytest.param([price("100", JANUARY)], [], id="the old price alone"),
        pytest.param(
            [price("100", JANUARY), price("90", MARCH)],
            [("PRICE_ABOVE_CONTRACT", "50.00")],
            id="cut before the order",
        ),
        pytest.param([price("100", JANUARY), price("90", APRIL)], [], id="cut after the order"),
        pytest.param(
            [price("100", JANUARY), price("90", MARCH, contract="K2")],
            [],
            id="cheaper on another contract, for which we may not be eligible",
        ),
    ],
)
def test_a_price_that_is_replaced_no_longer_counts(prices, found):
    assert codes("100", "100", *prices) == found


def test_a_price_that_is_raised_explains_a_bill_above_the_order():
    raised = [price("100", JANUARY), price("110", MARCH)]
    assert codes("100", "110", *raised) == [("PRICE_PO_STALE", "50.00")]
    assert codes("100", "110", raised[0]) == [("PRICE_OVER", "50.00")]


def test_a_new_price_in_a_unit_that_cannot_be_converted_does_not_bring_the_old_one_back():
    odd = [price("90", JANUARY), price("1000", MARCH, uom="PL")]
    assert codes("100", "100", *odd) == []


def test_the_higher_of_two_tiers_is_told_whatever_their_units():
    # 100 a case of ten is 10 each: the tier at 11 each is the dearer one.
    tiers = [
        price("100", JANUARY, contract="K1", uom="CS", tier="GOLD"),
        price("11", JANUARY, contract="K2", uom="EA", tier="SILVER"),
    ]
    for prices in (tiers, tiers[::-1]):
        assert codes("20", "20", *prices) == [("PRICE_ABOVE_CONTRACT", "45.00")]


@pytest.mark.parametrize("scope", ["*", "ALL", "all ", ""])
def test_a_price_for_all_facilities_may_say_so_in_several_ways(scope):
    wide = {**price("45", JANUARY), "facility_scope": scope}
    assert codes("50", "50", wide) == [("PRICE_ABOVE_CONTRACT", "25.00")]
    assert codes("50", "50", {**wide, "facility_scope": "F9"}) == []
