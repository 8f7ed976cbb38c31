"""Bill-only use and the order it names."""

from datetime import date
from decimal import Decimal

import polars as pl

from recon.reconcile.charges import usage_charge

AS_OF = date(2026, 3, 31)
USE = {
    "system_id": "OR",
    "usage_id": "U1",
    "message_id": "1",
    "facility_id": "F1",
    "account_key": "A1",
    "item_id": "I1",
    "used_date": date(2026, 3, 2),
    "qty": Decimal(1),
    "uom": "EA",
    "mode": "BILL_ONLY",
    "unit_cost": Decimal(1800),
}


def order(po_id, number):
    header = {"po_id": po_id, "po_number": number, "supplier_id": f"S of {po_id}"}
    return header | {"facility_id": "F1", "order_date": date(2026, 3, 3)}


def line(po_id, item, qty=1):
    goods = {"po_id": po_id, "line_no": "1", "item_id": item, "uom": "EA"}
    return goods | {"qty": Decimal(qty), "price": Decimal(1800)}


def found(named, orders, lines):
    tables = {
        "usage_event": pl.DataFrame([USE | {"po_id": named}]),
        "purchase_order": pl.DataFrame(orders),
        "purchase_order_line": pl.DataFrame(lines),
    }
    rows = usage_charge(tables, as_of=AS_OF)["exception"].select("code", "units").rows()
    return sorted(row for row in rows if row[0].startswith("SI0"))


def test_of_two_orders_of_one_number_the_one_with_the_item_is_meant():
    orders = [order("A", "4501"), order("B", "4501")]
    assert found("4501", orders, [line("A", "I2"), line("B", "I1")]) == []
    assert found("4501", orders, [line("A", "I2"), line("B", "I3")]) == [("SI01", 1)]


def test_an_order_of_the_id_named_goes_before_one_of_that_number():
    orders = [order("A", "B"), order("B", "4501")]
    lines = [line("A", "I1", 3), line("B", "I1", 2)]
    assert found("B", orders, lines) == [("SI02", 1)]
