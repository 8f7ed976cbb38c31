"""What the charge master says of a code from day to day."""

from datetime import date
from decimal import Decimal

import polars as pl

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


def test_a_code_without_a_row_is_unknown_on_every_day():
    only = found("code_period", charge_event=[charge("C9")], cdm=[priced(1, date(2026, 1, 1))])
    assert only.select("from_day", "to_day", "standing").rows() == [
        (date(1, 1, 1), date(9999, 12, 31), "UNKNOWN")
    ]
