"""What the charge master says of a code from day to day, and the item master of a device."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.reconcile.engine import run

AS_OF = date(2026, 3, 31)


def found(relation, **tables):
    frames = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}
    return run(("usage_charge",), frames, {"as_of": AS_OF}, [relation])[relation]


def charge(code):
    return {
        "system_id": "BILL",
        "txn_id": code,
        "message_id": "1",
        "facility_id": "F1",
        "cdm_code": code,
        "service_date": date(2026, 3, 1),
        "qty": Decimal(1),
    }


def priced(price, first, last=None, facility="F1"):
    return {
        "facility_id": facility,
        "cdm_code": "C1",
        "description": "Screw",
        "price": Decimal(price),
        "valid_from": first,
        "valid_to": last,
    }


def test_the_stretches_of_a_code_hold_every_day_once_and_say_what_is_in_force():
    rows = [
        priced(1, date(2026, 1, 1), facility="*"),
        priced(2, date(2026, 2, 1), date(2026, 2, 28)),
        priced(3, date(2026, 2, 10), date(2026, 2, 19)),
    ]
    stretches = found("code_period", charge_event=[charge("C1")], cdm=rows).sort("from_day")
    said = stretches.select("from_day", "to_day", "price", "standing").rows()
    assert said == [
        (date(1, 1, 1), date(2025, 12, 31), 3, "RETIRED"),
        (date(2026, 1, 1), date(2026, 1, 31), 1, "IN_FORCE"),
        (date(2026, 2, 1), date(2026, 2, 9), 2, "IN_FORCE"),
        (date(2026, 2, 10), date(2026, 2, 19), 3, "IN_FORCE"),
        (date(2026, 2, 20), date(2026, 2, 28), 2, "IN_FORCE"),
        (date(2026, 3, 1), date(9999, 12, 31), 1, "IN_FORCE"),
    ]


def test_a_code_that_was_deleted_is_retired_from_that_day():
    """It was a code that may not be charged: its uses were asked for no charge."""
    rows = [
        priced(1, date(2026, 1, 1)),
        priced(9, date(2026, 3, 1), date(2026, 2, 28)),
        priced(2, date(2026, 5, 1)),
    ]
    stretches = found("code_period", charge_event=[charge("C1")], cdm=rows).sort("from_day")
    assert stretches.select("from_day", "price", "standing").rows() == [
        (date(1, 1, 1), 2, "RETIRED"),
        (date(2026, 1, 1), 1, "IN_FORCE"),
        (date(2026, 3, 1), 1, "RETIRED"),
        (date(2026, 5, 1), 2, "IN_FORCE"),
    ]


def test_a_code_without_a_row_is_unknown_on_every_day():
    only = found("code_period", charge_event=[charge("C9")], cdm=[priced(1, date(2026, 1, 1))])
    assert only.select("from_day", "to_day", "standing").rows() == [
        (date(1, 1, 1), date(9999, 12, 31), "UNKNOWN")
    ]


def used(usage_id, **more):
    own = {"system_id": "OR", "usage_id": usage_id, "message_id": "1", "facility_id": "F1"}
    stated = {"item_id": None, "udi_di": None, "lot": "L9", "account_key": "A1"}
    return {**own, **stated, "used_date": date(2026, 3, 2), "qty": Decimal(1), "uom": "EA"} | more


def packaged(item, gtin=None, hibcc=None):
    base = {"item_id": item, "uom": "EA", "to_base_num": 1, "to_base_den": 1}
    return {**base, "gtin": gtin, "hibcc": hibcc}


STENT, SCREW = "00812345678906", "H123ABC01234567890"


def test_a_device_is_known_by_a_gtin_without_its_zeros_and_by_a_hibc():
    known = found(
        "use_known",
        usage_event=[
            used("U1", udi_di=STENT),
            used("U2", udi_di=SCREW),
            used("U3", udi_di="812345678906"),
            used("U4", udi_di="0999999999994"),
        ],
        item_uom=[
            packaged("I1", gtin="812345678906"),
            packaged("I2", hibcc=f"+{SCREW}"),
            packaged("I3", gtin="00999999999994"),
        ],
    )
    assert sorted(known.select("usage_id", "item_id").rows()) == [
        ("U1", "I1"),
        ("U2", "I2"),
        ("U3", "I1"),
        ("U4", "I3"),
    ]


def test_an_item_is_known_by_its_makers_number_however_it_is_written():
    """A label says AB-100 and a log ab 100; a spreadsheet loses the zeros in front."""
    numbers = {"I1": "AB-100", "I2": "0012345", "I3": "X-1", "I4": "X1"}
    written = ["ab 100", "12345", "X-1", "x.1", "99"]
    known = found(
        "use_known",
        usage_event=[used(f"U{n}", catalog_no=text) for n, text in enumerate(written)],
        item=[
            {"item_id": item, "description": item, "base_uom": "EA", "mfr_part_no": number}
            for item, number in numbers.items()
        ],
    )
    assert known.sort("usage_id")["item_id"].to_list() == ["I1", "I2", "I3", None, None]


def recalled(di):
    given = {"recall_id": "RC1", "line_no": 1, "recall_date": date(2026, 1, 1)}
    return [{**given, "udi_di": di, "lot_from": "L9"}]


@pytest.mark.parametrize("written", [STENT, "812345678906"])
def test_a_recall_of_a_device_identifier_means_the_item_it_stands_for(written):
    uses = [
        used("U1", item_id="I1"),
        used("U2", udi_di=STENT),
        used("U3", item_id="I1", udi_di="00999999999994"),  # another model of the item
        used("U4", item_id="I1", lot="L8"),
        used("U5", udi_di="812345678906"),
        used("U6", item_id="I1", lot="l9"),
    ]
    told = found(
        "charge_finding",
        usage_event=uses,
        item_uom=[packaged("I1", STENT)],
        recall=recalled(written),
    ).filter(code="SD08")
    named = found("use_known", usage_event=uses).join(told, on="use_no")
    assert sorted(named["usage_id"]) == ["U1", "U2", "U5", "U6"]
