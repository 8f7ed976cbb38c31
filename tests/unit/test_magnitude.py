"""Numbers too large: exact up to the limits, beyond them an error that names table, column, key.

One order of one line, one receipt and one invoice that agree in everything, of the sizes of each
test: so the whole amount is supported, or nothing is computed.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.errors import InputError
from recon.reconcile import three_way_match

MOST = Decimal("9999999999999999.99")


def matched(qty, price="1", unit=1, amount=None, **order):
    """The one line of the result, as (status, supported, tolerated, held)."""
    qty, price = Decimal(qty), Decimal(price)
    amount = qty * price if amount is None else Decimal(amount)
    day = date(2026, 3, 3)
    tables = {
        "supplier": {"supplier_id": "S1", "name": "Supplier"},
        "item": {"item_id": "A", "description": "Item", "base_uom": "EA"},
        "item_uom": {"item_id": "A", "uom": "BX", "to_base_num": unit, "to_base_den": 1},
        "purchase_order": {
            "po_id": "P1",
            "po_number": "P1",
            "supplier_id": "S1",
            "facility_id": "F1",
            "order_date": day,
        },
        "purchase_order_line": {
            "po_id": "P1",
            "line_no": "1",
            "item_id": "A",
            "qty": qty,
            "uom": "BX",
            "price": price,
            **order,
        },
        "receipt_line": {
            "receipt_id": "R1",
            "line_no": "1",
            "po_id": "P1",
            "po_line_no": "1",
            "receipt_date": day,
            "qty": qty,
            "uom": "BX",
        },
        "invoice": {
            "invoice_id": "V1",
            "supplier_id": "S1",
            "invoice_number": "1",
            "invoice_date": day,
            "total": amount,
            "po_number_raw": "P1",
        },
        "invoice_line": {
            "invoice_id": "V1",
            "line_no": 1,
            "po_line_raw": "1",
            "qty": qty,
            "uom": "BX",
            "price": price,
            "amount": amount,
        },
    }
    frames = {name: pl.DataFrame([row]) for name, row in tables.items()}
    result = three_way_match(frames, date(2026, 3, 31))
    return result["invoice_line_result"].select("status", "supported", "tolerated", "held").row(0)


@pytest.mark.parametrize(
    ("qty", "price", "unit"),
    [
        pytest.param("1000000000", "1", 1, id="a-quantity-of-10^9"),
        pytest.param("1000000000", "9999999", 1, id="and-a-price-of-10^7"),
        pytest.param("1", "10000000", 1, id="a-price-of-10^7"),
        pytest.param("999999", "9999999", 1000000, id="and-a-unit-of-10^6"),
        pytest.param("0.000001", "10000000", 1000000, id="the-smallest-quantity"),
        pytest.param("1", "999999999999.99", 1, id="the-largest-price"),
        pytest.param("999999999999", "1", 1, id="the-largest-quantity"),
    ],
)
def test_as_large_as_it_may_be_it_is_exact(qty, price, unit):
    amount = Decimal(qty) * Decimal(price)
    assert matched(qty, price, unit) == ("MATCHED", amount, 0, 0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(
            {"qty": "1000000000000"},
            r"purchase_order_line: column qty .* such as 1000000000000 \(po_id P1, line_no 1\)",
            id="a-quantity-beyond-its-column",
        ),
        pytest.param(
            {"qty": "1" + "0" * 30, "amount": "1"},
            r"invoice_line: column qty .* do not fit DECIMAL\(18,6\)",
            id="a-quantity-beyond-every-column",
        ),
        pytest.param(
            {"qty": "1", "price": "1000000000000", "amount": "1"},
            r"invoice_line: column price .* such as 1000000000000 \(invoice_id V1, line_no 1\)",
            id="a-price-beyond-its-column",
        ),
        pytest.param(
            {"qty": "1000000000", "price": "100000000", "amount": MOST},
            r"price = 100000000\.?0* \(invoice_id V1, line_no 1; limit 10,000,000\)",
            id="an-amount-beyond-its-column",
        ),
        pytest.param(
            {"qty": "100000000000", "price": "100000000000", "amount": "1"},
            r"purchase_order_line: price = 100000000000\.?0* \(po_id P1, line_no 1; limit",
            id="a-product-beyond-every-column",
        ),
        pytest.param(
            {"qty": "10", "unit": 10**18},
            r"item_uom: to_base_num = 10{18} \(item_id A, uom BX; limit 1,000,000\)",
            id="a-unit-of-10^18",
        ),
        pytest.param(
            {"qty": "10", "price_per": Decimal("0.5")},
            r"column price_per .* such as 0.5 \(po_id P1, line_no 1\)",
            id="a-price-for-half-a-unit",
        ),
        pytest.param(
            {"qty": "10", "price_per": Decimal(0)},
            r"column price_per .* such as 0 \(po_id P1, line_no 1\)",
            id="a-price-for-none",
        ),
    ],
)
def test_beyond_it_the_error_names_table_column_and_key(given, said):
    with pytest.raises(InputError, match=said):
        matched(**given)
