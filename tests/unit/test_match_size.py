"""Large numbers are computed or refused by name, never an overflow.

Every case is an order of 2026-03-10, received and billed in full as ordered unless it says
otherwise. Those that are computed are matched in one run.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from one_match import match_together

from recon import rules
from recon.reconcile import three_way_match

DAY = date(2026, 3, 10)
QUANTITY, PRICE, MONEY = pl.Decimal(18, 6), pl.Decimal(18, 6), pl.Decimal(18, 2)


def decimal(value, dtype):
    return pl.Series([value if value is None else Decimal(value)], dtype=dtype)


def tables(qty, ordered, billed, amount, received=None, contract=None):
    goods = {"qty": decimal(qty, QUANTITY), "uom": ["EA"]}
    order = {"po_id": ["P1"], "po_number": ["P1"], "supplier_id": ["S1"], "facility_id": ["F1"]}
    found = {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"]}),
        "item": pl.DataFrame({"item_id": ["A"], "description": ["Item"], "base_uom": ["EA"]}),
        "purchase_order": pl.DataFrame({**order, "order_date": [DAY]}),
        "purchase_order_line": pl.DataFrame(
            {"po_id": ["P1"], "line_no": ["1"], "item_id": ["A"], **goods}
        ).with_columns(price=decimal(ordered, PRICE)),
        "receipt_line": pl.DataFrame(
            {
                "receipt_id": ["R1"],
                "line_no": ["1"],
                "po_id": ["P1"],
                "po_line_no": ["1"],
                "receipt_date": [DAY],
                **goods,
                "qty": decimal(received or qty, QUANTITY),
            }
        ),
        "invoice": pl.DataFrame(
            {"invoice_id": ["V1"], "supplier_id": ["S1"], "invoice_number": ["V1"]}
        ).with_columns(invoice_date=DAY, total=decimal(amount, MONEY), po_number_raw=pl.lit("P1")),
        "invoice_line": pl.DataFrame(
            {"invoice_id": ["V1"], "line_no": [1], "po_line_raw": ["1"], **goods}
        ).with_columns(price=decimal(billed, PRICE), amount=decimal(amount, MONEY)),
    }
    if contract is not None:
        found["contract_price"] = pl.DataFrame(
            {
                "contract_id": ["K1"],
                "item_id": ["A"],
                "facility_scope": ["*"],
                "tier": ["STANDARD"],
                "valid_from": [DAY],
                "supplier_id": ["S1"],
                "uom": ["EA"],
                "price": decimal(contract, PRICE),
                "markup_pct": decimal("0.05", pl.Decimal(9, 6)),
            }
        )
    return found


COMPUTED = {
    "a price": (("1", "9999999", "9999999", "9999999.00"), "9999999.00", {}),
    "a quantity": (("1e9", "1", "1", "1e9"), "1000000000.00", {}),
    "billed without a price": (("2e6", "3", None, "6e6"), "6000000.00", {}),
    "a contract price with its mark-up": (
        ("1", "9999999", "9999999", "9999999.00", None, "9000000"),
        "9999999.00",
        # The contract is cost plus 5 %: 9,450,000.
        {"PRICE_ABOVE_CONTRACT": "549999.00"},
    ),
    "a price variance": (
        ("2", "8000000", "9000000", "18000000.00"),
        "16000000.00",
        {"PRICE_OVER": "2000000.00"},
    ),
    "a millionth of the largest quantity is missing": (
        ("1000000000", "2", "2", "2000000000.00", "999999999.999999"),
        "2000000000.00",
        {},  # 0.000002 dollars are held: no cent
    ),
}


@pytest.fixture(scope="module")
def results():
    given = [tables(*given) for given, *_ in COMPUTED.values()]
    return dict(zip(COMPUTED, match_together(given, date(2026, 3, 31)), strict=True))


@pytest.mark.parametrize("case", COMPUTED)
def test_it_is_computed(results, case):
    (_, supported, codes), found = COMPUTED[case], results[case]
    assert found["invoice_line_result"]["supported"].to_list() == [Decimal(supported)]
    said = {
        code: str(impact) for code, impact in found["exception"].select("code", "impact").rows()
    }
    assert said == codes


def test_a_tolerance_as_large_as_money_can_be_is_one():
    most = pl.lit(Decimal("9999999999999999.99"), dtype=MONEY)
    widest = rules.load("tolerance_rule").with_columns(
        abs=most, pct=pl.lit(None, dtype=pl.Decimal(9, 6))
    )
    given = tables("100", "1", "2", "200.00", "1")
    found = three_way_match(given, date(2026, 3, 31), {"tolerance_rule": widest})
    assert found["invoice_line_result"]["held"].to_list() == [Decimal("0.00")]
