"""What suppliers announced and is not so: shipments that do not come, catalogues that differ.

In every case 10 BX of item A are ordered: a box is ten, a case forty. All are matched in one run.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl
import pytest
from one_match import match_together

import recon

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


def back(kind):
    """Two of the boxes of R1 that go back, or that were never there."""
    return {"receipt_id": "B1", "qty": Decimal("-2"), "kind": kind, "ref_receipt_id": "R1"}


def tables(shipments, received, catalog, went_back=()):
    ten = [Decimal("10")]
    found = {
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
        found["shipment_line"] = pl.DataFrame(shipments)
    if received is not None:
        of_line = {"line_no": "1", "po_id": "P1", "po_line_no": "1", "uom": "BX"}
        came = {"receipt_id": "R1", "qty": Decimal(received), "kind": "RECEIPT"}
        day = {"receipt_date": date(2026, 3, 11)}
        found["receipt_line"] = pl.DataFrame(
            [{**of_line, **day, **event} for event in (came, *went_back)]
        )
    if catalog:
        found["catalog_unit"] = pl.DataFrame(
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
    return found


class Case(NamedTuple):
    """What was shipped, what came of it and what the catalogue says; what is found of it."""

    says: str
    found: list[tuple[str, str, str]]
    shipments: tuple[dict, ...] = ()
    received: str | None = None
    catalog: tuple[tuple[str, str], ...] = ()
    went_back: tuple[dict, ...] = ()


FIRST, SECOND = (LATE, "S-1", "1"), (LATE, "S-2", "1")


def _shipments():
    for says, expected, late in (
        ("a day beyond the two allowed", date(2026, 3, 28), [FIRST]),
        ("on the last day allowed", date(2026, 3, 29), []),
    ):
        yield Case(f"a shipment is missed: {says}", late, (shipped("20", expected),))
    left = shipped("20", None, ship_date=date(2026, 3, 28))
    yield Case("without an expected day the day it left counts", [FIRST], (left,))
    two = (shipped("20"), shipped("3", shipment="S-2", uom="BX", ship_date=date(2026, 3, 9)))
    for received, late in (("5", []), ("4", [SECOND]), ("1", [FIRST, SECOND])):
        says = f"what came is counted in the item's units, oldest shipment first: {received} boxes"
        yield Case(says, late, two, received)
    for kind, late in (("RETURN", [SECOND]), ("REVERSAL", [FIRST, SECOND])):
        says = f"what is returned did come, what is reversed did not: {kind}"
        yield Case(says, late, two, "2", went_back=(back(kind),))
    beyond = (back("RETURN"), {**back("RETURN"), "receipt_id": "B2"})
    yield Case("more cannot have come than did", [SECOND], two, "3", went_back=beyond)
    cancelled = shipped("20", status="CANCELLED")
    yield Case("a cancelled shipment is not awaited", [], (cancelled,))


def _catalogues():
    """A catalogue's ladder is compared with the item master's."""
    for says, ladder, differing in (
        ("all counted per case", [("CA", "1"), ("BX", "4"), ("EA", "40")], []),
        ("each per the next larger", [("CA", "1"), ("BX", "4"), ("EA", "10")], []),
        ("no case", [("BX", "1"), ("EA", "10")], []),
        ("six boxes a case", [("CA", "1"), ("BX", "6"), ("EA", "10")], ["BX"]),
        ("twelve in a box", [("CA", "1"), ("BX", "4"), ("EA", "12")], ["EA"]),
        ("a unit we do not have", [("PL", "1"), ("CA", "8")], ["PL"]),
    ):
        found = [(DIFFERS, "S1 AB1", uom) for uom in differing]
        yield Case(f"a catalogue: {says}", found, catalog=tuple(ladder))


CASES = [*_shipments(), *_catalogues()]


@pytest.fixture(scope="module")
def results():
    given = [tables(case.shipments, case.received, case.catalog, case.went_back) for case in CASES]
    return match_together(given, AS_OF)


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case.says for case in CASES])
def test_what_was_announced_and_is_not_so_is_found(results, n):
    told = results[n]["announced"].select("what", "document", "line")
    assert told.rows() == CASES[n].found


def test_what_is_missed_is_told_in_base_units_with_its_order(results):
    (n,) = (n for n, case in enumerate(CASES) if case.received == "1")
    told = results[n]["announced"].select("po_id", "po_line_no", "due_date", "shipped", "received")
    due = date(2026, 3, 10)
    # 20 each, then 3 boxes of 10; a box of 10 came.
    assert told.rows() == [
        ("P1", "1", due, Decimal(20), Decimal(10)),
        ("P1", "1", due, Decimal(50), Decimal(10)),
    ]


def test_of_an_order_with_lines_1_and_001_a_shipment_is_of_the_line_it_writes():
    given = tables((shipped("20", po_line_no="1"),), None, ())
    one = given["purchase_order_line"]
    given["purchase_order_line"] = pl.concat([one, one.with_columns(line_no=pl.lit("001"))])
    told = recon.three_way_match(given, as_of=AS_OF)["announced"]
    assert told.select("document", "po_line_no").rows() == [("S-1", "1")]
