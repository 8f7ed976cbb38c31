"""Of one contract line in two periods that overlap (X12 832), the later one counts.

Every case is an order P1 of 2026-03-10 for 5 EA of item A; receipt and invoice agree with it in all
but price. All are matched in one run.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl
import pytest
from one_match import match_together

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


def tables(ordered, billed, prices):
    five = [Decimal(5)]
    line = {"qty": five, "uom": ["EA"]}
    amount = Decimal(billed) * 5
    return {
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


class Case(NamedTuple):
    """The prices of order, invoice and contracts, and what is found: (code, impact)."""

    says: str
    ordered: str
    billed: str
    prices: list[dict]
    found: list[tuple[str, str]]


RAISED = [price("100", JANUARY), price("110", MARCH)]
# 100 a case of ten is 10 each: the tier at 11 each is the dearer one.
TIERS = [
    price("100", JANUARY, contract="K1", uom="CS", tier="GOLD"),
    price("11", JANUARY, contract="K2", uom="EA", tier="SILVER"),
]


def _replaced():
    for says, prices, found in (
        ("the old price alone", [price("100", JANUARY)], []),
        (
            "cut before the order",
            [price("100", JANUARY), price("90", MARCH)],
            [("PRICE_ABOVE_CONTRACT", "50.00")],
        ),
        ("cut after the order", [price("100", JANUARY), price("90", APRIL)], []),
        (
            "cheaper on another contract, for which we may not be eligible",
            [price("100", JANUARY), price("90", MARCH, contract="K2")],
            [],
        ),
    ):
        says = f"a price that is replaced no longer counts: {says}"
        yield Case(says, "100", "100", prices, found)


def _scopes():
    for scope in ("*", "ALL", "all ", ""):
        wide = {**price("45", JANUARY), "facility_scope": scope}
        above = [("PRICE_ABOVE_CONTRACT", "25.00")]
        yield Case(f"a price for all facilities may say {scope!r}", "50", "50", [wide], above)
    other = {**price("45", JANUARY), "facility_scope": "F9"}
    yield Case("a price for another facility is not ours", "50", "50", [other], [])


CASES = [
    *_replaced(),
    Case(
        "a price that is raised explains a bill above the order",
        *("100", "110", RAISED, [("PRICE_PO_STALE", "50.00")]),
    ),
    Case(
        "a price that is not raised does not",
        *("100", "110", RAISED[:1], [("PRICE_OVER", "50.00")]),
    ),
    Case(
        "a new price in a unit that cannot be converted does not bring the old one back",
        *("100", "100", [price("90", JANUARY), price("1000", MARCH, uom="PL")], []),
    ),
    *(
        Case(
            f"the higher of two tiers is told whatever their units: {says}",
            *("20", "20", prices, [("PRICE_ABOVE_CONTRACT", "45.00")]),
        )
        for says, prices in (("dearer last", TIERS), ("dearer first", TIERS[::-1]))
    ),
    *_scopes(),
]


@pytest.fixture(scope="module")
def results():
    given = [tables(case.ordered, case.billed, case.prices) for case in CASES]
    return match_together(given, date(2026, 3, 31))


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case.says for case in CASES])
def test_the_later_of_two_prices_that_overlap_counts(results, n):
    found = results[n]["exception"].select("code", "impact").rows()
    assert [(code, str(impact)) for code, impact in found] == CASES[n].found
