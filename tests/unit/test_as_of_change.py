"""Orders as of a date, with the change documents (X12 860) that had arrived by then."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.canonical.as_of import as_of
from recon.canonical.describe import canonical_tables, natural_key, polars_schema
from recon.site import Feed, Site, SiteConfig

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


def feed(name: str, extract: str) -> Feed:
    return Feed.model_validate(
        {
            "name": name,
            "owner": "x",
            "connector": {"kind": "folder", "path": ".", "pattern": "*"},
            "format": {"kind": "x12"},
            "extract": extract,
        }
    )


class Orders:
    """A site with orders from an ERP snapshot and as X12, and changes of both."""

    def __init__(self, root) -> None:
        facility = {"id": "A", "name": "A", "time_zone": "UTC"}
        config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=[facility])
        feeds = {"erp": feed("erp", "snapshot"), "edi": feed("edi", "delta")}
        self.site = Site(root, config, {**feeds, "change": feed("change", "append")})

    def deliver(self, day, table, source, *rows):
        declared = canonical_tables()[table]
        schema = polars_schema(declared)
        origin = {"source_system": source, "source_file_id": f"{source} of {day}"}
        origin |= {"source_record": 1, "byte_offset": 0}
        frame = pl.DataFrame(
            [
                {
                    c: Decimal(v) if c in ("qty", "price") else v
                    for c, v in {**origin, **row}.items()
                }
                for row in rows
            ],
            schema=schema,
        ).sort(natural_key(declared))
        self.site.lake.write("canonical", table, day, {source: frame})

    def lines(self, day):
        found = as_of(self.site, "purchase_order_line", day)
        rows = found if isinstance(found, pl.DataFrame) else pl.read_parquet(found)
        assert rows.schema == polars_schema(canonical_tables()["purchase_order_line"])
        return rows

    def seen(self, day):
        return {
            r["line_no"]: (int(r["qty"]), str(r["price"].normalize()), r["item_id"], r["status"])
            for r in self.lines(day).to_dicts()
        }


def line(number, **more):
    return {
        "po_id": "P1",
        "line_no": number,
        "item_id": "A",
        "qty": 10,
        "uom": "EA",
        "price": 5,
    } | more


def change(number, no=1, document="C1", **more):
    return {"change_id": document, "change_no": no, "po_id": "P1", "line_no": number, **more}


@pytest.fixture
def orders(tmp_path):
    found = Orders(tmp_path)
    found.deliver(MONDAY, "purchase_order_line", "edi", line("1"), line("2"))
    return found


AS_ORDERED = (10, "5", "A", None)


def test_a_change_is_laid_over_the_line_it_names_and_says_nothing_of_the_rest(orders):
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("2", qty=8))
    assert orders.seen(MONDAY) == {"1": AS_ORDERED, "2": AS_ORDERED}
    assert orders.seen(TUESDAY) == {"1": AS_ORDERED, "2": (8, "5", "A", None)}
    assert orders.seen(WEDNESDAY) == orders.seen(TUESDAY)


def test_a_change_names_a_line_with_zeros_in_front_or_without(orders):
    orders.deliver(MONDAY, "purchase_order_line", "edi", line("1"), line("002"))
    changes = [change("001", qty=7), change("2", 2, qty=8)]
    orders.deliver(TUESDAY, "purchase_order_change", "change", *changes)
    assert orders.seen(TUESDAY) == {"1": (7, "5", "A", None), "002": (8, "5", "A", None)}


def test_where_an_order_has_both_numbers_each_is_its_own(orders):
    orders.deliver(MONDAY, "purchase_order_line", "edi", line("1"), line("001"))
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("001", qty=7))
    assert orders.seen(TUESDAY) == {"1": AS_ORDERED, "001": (7, "5", "A", None)}


def test_a_line_taken_out_keeps_what_was_ordered(orders):
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("2", status="CANCELLED"))
    assert orders.seen(TUESDAY)["2"] == (10, "5", "A", "CANCELLED")


def test_a_changed_line_keeps_its_own_origin(orders):
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("2", qty=8))
    assert set(orders.lines(TUESDAY)["source_file_id"]) == {"edi of 2026-03-02"}


def test_of_several_changes_the_newest_that_says_anything_counts(orders):
    orders.deliver(
        TUESDAY,
        "purchase_order_change",
        "change",
        change("1", 1, qty=8, price=6),
        change("1", 2, qty=9),
        change("1", 1, "C2", item_id="B"),
    )
    orders.deliver(WEDNESDAY, "purchase_order_change", "change", change("1", 1, "B9", price=7))
    assert orders.seen(TUESDAY)["1"] == (9, "6", "B", None)
    assert orders.seen(WEDNESDAY)["1"] == (9, "7", "B", None)


def test_of_two_changes_the_later_dated_counts_whatever_they_are_named(orders):
    nine = change("1", 1, "C9", qty=8, change_date=MONDAY)
    ten = change("1", 1, "C10", qty=7, change_date=TUESDAY)
    orders.deliver(TUESDAY, "purchase_order_change", "change", nine, ten)
    assert orders.seen(TUESDAY)["1"] == (7, "5", "A", None)


def test_a_change_that_comes_late_takes_nothing_from_a_newer_one(orders):
    newer = change("1", 1, "C2", qty=8, change_date=TUESDAY)
    older = change("1", 1, "C1", qty=7, price=6, change_date=MONDAY)
    orders.deliver(TUESDAY, "purchase_order_change", "change", newer)
    orders.deliver(WEDNESDAY, "purchase_order_change", "change", older)
    assert orders.seen(WEDNESDAY)["1"] == (8, "6", "A", None)


def test_a_date_in_the_future_makes_no_change_the_last_for_ever(orders):
    ahead = change("1", 1, "C1", qty=7, change_date=date(2062, 3, 2))
    orders.deliver(MONDAY, "purchase_order_change", "change", ahead)
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("1", 1, "C2", qty=8))
    assert orders.seen(TUESDAY)["1"] == (8, "5", "A", None)


def test_an_order_that_comes_late_and_once_has_the_changes_that_came_before_it(orders):
    orders.deliver(MONDAY, "purchase_order_change", "change", change("1", qty=8) | {"po_id": "P2"})
    orders.deliver(TUESDAY, "purchase_order_line", "edi", line("1") | {"po_id": "P2"})
    assert orders.lines(TUESDAY).filter(po_id="P2")["qty"].to_list() == [8]
    orders.deliver(WEDNESDAY, "purchase_order_line", "edi", line("1", qty=9) | {"po_id": "P2"})
    assert orders.lines(WEDNESDAY).filter(po_id="P2")["qty"].to_list() == [9]


def test_a_snapshot_knows_the_changes_that_came_before_it(orders):
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("1", qty=8) | {"po_id": "P2"})
    orders.deliver(WEDNESDAY, "purchase_order_line", "erp", line("1") | {"po_id": "P2"})
    assert orders.lines(WEDNESDAY).filter(po_id="P2")["qty"].to_list() == [10]


def test_changed_on_the_night_it_was_placed_it_is_changed(orders):
    orders.deliver(MONDAY, "purchase_order_change", "change", change("1", qty=8))
    assert orders.seen(MONDAY)["1"] == (8, "5", "A", None)


def test_an_order_delivered_whole_again_has_the_last_word(orders):
    orders.deliver(MONDAY, "purchase_order_change", "change", change("1", qty=8))
    orders.deliver(TUESDAY, "purchase_order_line", "edi", line("1", qty=11))
    assert orders.seen(TUESDAY) == {"1": (11, "5", "A", None), "2": AS_ORDERED}


def test_a_line_that_was_not_there_is_added_if_the_change_says_all_of_it(orders):
    whole = change("3", item_id="C", qty=1, uom="EA", price=9)
    orders.deliver(TUESDAY, "purchase_order_change", "change", whole, change("4", 2, qty=1))
    assert orders.seen(TUESDAY).keys() == {"1", "2", "3"}
    assert orders.seen(TUESDAY)["3"] == (1, "9", "C", None)
    assert orders.lines(TUESDAY).filter(line_no="3")["source_system"].to_list() == ["change"]


def test_an_added_line_is_one_however_changes_write_its_number(orders):
    whole = change("003", item_id="C", qty=1, uom="EA", price=9)
    orders.deliver(TUESDAY, "purchase_order_change", "change", whole)
    orders.deliver(WEDNESDAY, "purchase_order_change", "change", change("3", 1, "C2", qty=2))
    assert orders.seen(WEDNESDAY)["003"] == (2, "9", "C", None)


def test_a_change_of_the_whole_order_changes_its_header_and_no_line(orders):
    header = {
        "po_id": "P1",
        "po_number": "1",
        "supplier_id": "S1",
        "facility_id": "A",
        "order_date": MONDAY,
    }
    orders.deliver(MONDAY, "purchase_order", "edi", header)
    orders.deliver(TUESDAY, "purchase_order_change", "change", change("*", status="CANCELLED"))
    (row,) = as_of(orders.site, "purchase_order", TUESDAY).to_dicts()
    assert (row["status"], row["supplier_id"]) == ("CANCELLED", "S1")
    assert orders.seen(TUESDAY) == {"1": AS_ORDERED, "2": AS_ORDERED}
