"""What suppliers announced and is not so: shipments that do not come, catalogues that differ."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.reconcile import announcements

AS_OF = date(2026, 3, 31)
LATE = "shipped, not received"
DIFFERS = "catalogue unit that differs from the item master"


def shipped(qty, expected=date(2026, 3, 10), shipment="S-1", uom="EA", **more):
    return {
        "shipment_id": shipment,
        "line_no": 1,
        "supplier_id": "S1",
        "po_id": "P1",
        "po_line_no": "01",
        "qty": Decimal(qty),
        "uom": uom,
        "ship_date": date(2026, 3, 8),
        "expected_date": expected,
        **more,
    }


def found(shipments=(), received=None, catalog=(), **rules):
    ten = [Decimal("10")]
    tables = {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"]}),
        "item": pl.DataFrame({"item_id": ["A"], "description": ["Item"], "base_uom": ["EA"]}),
        "item_uom": pl.DataFrame(
            {
                "item_id": ["A", "A", "A"],
                "uom": ["EA", "BX", "CA"],
                "to_base_num": [1, 10, 40],
                "to_base_den": [1, 1, 1],
            }
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
        "purchase_order_line": pl.DataFrame(
            {
                "po_id": ["P1"],
                "line_no": ["1"],
                "item_id": ["A"],
                "qty": ten,
                "uom": ["BX"],
                "price": ten,
            }
        ),
    }
    if shipments:
        tables["shipment_line"] = pl.DataFrame(shipments)
    if received is not None:
        tables["receipt_line"] = pl.DataFrame(
            {
                "receipt_id": ["R1"],
                "line_no": ["1"],
                "po_id": ["P1"],
                "po_line_no": ["1"],
                "receipt_date": [date(2026, 3, 11)],
                "qty": [Decimal(received)],
                "uom": ["BX"],
            }
        )
    if catalog:
        tables["catalog_unit"] = pl.DataFrame(
            [
                {
                    "supplier_id": "S1",
                    "catalog_no_norm": "AB1",
                    "level_no": level,
                    "item_id": "A",
                    "uom": uom,
                    "qty": Decimal(qty),
                }
                for level, (uom, qty) in enumerate(catalog, start=1)
            ]
        )
    return announcements(tables, AS_OF, rules or None).rows()


@pytest.mark.parametrize(
    ("expected", "late"),
    [
        pytest.param(date(2026, 3, 28), True, id="a day beyond the two allowed"),
        pytest.param(date(2026, 3, 29), False, id="on the last day allowed"),
    ],
)
def test_a_shipment_is_missed_two_days_after_it_should_have_come(expected, late):
    assert found([shipped("20", expected)]) == ([(LATE, "S-1", "1")] if late else [])


def test_without_an_expected_day_the_day_it_left_counts():
    left = shipped("20", None, ship_date=date(2026, 3, 28))
    assert found([left]) == [(LATE, "S-1", "1")]


def test_what_came_is_counted_in_the_items_units_oldest_shipment_first():
    two = [shipped("20"), shipped("3", shipment="S-2", uom="BX", ship_date=date(2026, 3, 9))]
    assert found(two, received="5") == []
    assert found(two, received="4") == [(LATE, "S-2", "1")]
    assert found(two, received="1") == [(LATE, "S-1", "1"), (LATE, "S-2", "1")]


def test_a_cancelled_shipment_is_not_awaited():
    assert found([shipped("20", status="CANCELLED")]) == []


@pytest.mark.parametrize(
    ("ladder", "differing"),
    [
        pytest.param([("CA", "1"), ("BX", "4"), ("EA", "40")], [], id="all counted per case"),
        pytest.param([("CA", "1"), ("BX", "4"), ("EA", "10")], [], id="each per the next larger"),
        pytest.param([("BX", "1"), ("EA", "10")], [], id="no case"),
        pytest.param([("CA", "1"), ("BX", "6"), ("EA", "10")], ["BX"], id="six boxes a case"),
        pytest.param([("CA", "1"), ("BX", "4"), ("EA", "12")], ["EA"], id="twelve in a box"),
        pytest.param([("PL", "1"), ("CA", "8")], ["PL"], id="a unit we do not have"),
    ],
)
def test_a_catalogues_ladder_is_compared_with_the_item_masters(ladder, differing):
    assert found(catalog=ladder) == [(DIFFERS, "S1 AB1", uom) for uom in differing]
