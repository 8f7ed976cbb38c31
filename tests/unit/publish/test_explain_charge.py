"""``recon explain`` of findings that several records say together: denials, rejections, stock."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

import recon
from recon.canonical.claims import ClaimAdjustment, ClaimPayment, ClaimStatus
from recon.canonical.describe import polars_schema
from recon.canonical.masters import Item
from recon.canonical.usage import Cdm, InventoryBalance, PatientAccount
from recon.publish import query
from recon.publish.explain_charge import explain_charge
from recon.publish.night import Night
from recon.rules import load_all

DAY = date(2026, 3, 31)
FILES = pl.DataFrame(
    {
        "source_file_id": ["f1"],
        "file_name": ["payer.835"],
        "state": ["LANDED"],
        "encoding": ["ascii"],
    }
)


def frame(table, *rows):
    schema = polars_schema(table)
    origin = {"source_system": "remits", "source_file_id": "f1", "byte_offset": 40}
    whole = [
        dict.fromkeys(schema) | origin | {"source_record": 10 + n} | row
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(whole, schema=schema)


def adjusted(remittance, line_no, carc, amount, **more):
    ours = {"claim_no": 1, "facility_id": "F1", "account_key": "A1", "group_code": "CO"}
    told = {"remittance_id": remittance, "line_no": line_no, "carc": carc}
    return ours | told | {"adjustment_no": line_no or 9, "amount": Decimal(amount)} | more


def paid(remittance, claim_key):
    return {
        "remittance_id": remittance,
        "claim_no": 1,
        "facility_id": "F1",
        "account_key": "A1",
        "claim_key": claim_key,
        "status_code": "4",
        "charge": Decimal(0),
        "paid": Decimal(0),
    }


@pytest.fixture(scope="module")
def night():
    status = {"facility_id": "F1", "account_key": "A1", "charge": Decimal(1200)}
    stock = {"facility_id": "F1", "location_id": "ED", "item_id": "I1", "count_date": DAY}
    tables = {
        "claim_adjustment": frame(
            ClaimAdjustment,
            adjusted("R1", 1, "151", "500.00"),
            adjusted("R1", None, "29", "70.00"),
            adjusted("R2", 1, "45", "9.00"),
        ),
        "claim_payment": frame(ClaimPayment, paid("R1", "C1"), paid("R2", "C2")),
        "claim_status": frame(
            ClaimStatus,
            status | {"report_id": "S1", "status_no": 1, "category_code": "A7", "claim_key": "C3"},
            status | {"report_id": "S2", "status_no": 1, "category_code": "A2", "claim_key": "C4"},
            {"report_id": "S3", "status_no": 1, "category_code": "A1", "charge": Decimal(90)},
            {"report_id": "S3", "status_no": 2, "category_code": "A3", "charge": Decimal(80)},
            {"report_id": "S4", "status_no": 1, "category_code": "A7", "level_code": "PT"},
        ),
        "inventory_balance": frame(
            InventoryBalance,
            stock | {"lot": "L1", "on_hand": Decimal(-2)},
            stock | {"lot": "L2", "on_hand": Decimal(-1)},
        ),
    }
    found = recon.usage_charge(tables, DAY)
    results = {
        "charge_exception": found["exception"],
        "charge_exception_evidence": found["exception_evidence"],
        "unit_factor": found["unit_factor"],
        "item": frame(Item),
        "cdm": frame(Cdm),
    }
    return Night(DAY, "Network", (), {**tables, **results}, load_all(), "0" * 64)


@pytest.mark.parametrize(
    ("code", "records"),
    [
        pytest.param("DN03", ["record 10"], id="a line of a claim"),
        pytest.param("DN07", ["record 11"], id="a claim as a whole"),
        pytest.param("DN05", ["record 10"], id="a claim that was not taken in"),
        pytest.param("SI07", ["record 10", "record 11"], id="every lot of a place and item"),
    ],
)
def test_the_records_of_one_thing_are_told_with_their_place(night, code, records):
    is_code = (pl.col("code") == code) & pl.col("facility_id").is_not_null()
    rows = night.tables["charge_exception"].filter(is_code)
    told = explain_charge(night, rows["exception_key"].item(), FILES)
    lines = [line.strip() for line in told.splitlines() if "payer.835" in line]
    assert [f"payer.835 (feed remits), {r}, byte 40" for r in records] == lines


def test_a_report_that_refuses_all_that_was_sent_is_told_with_its_place(night):
    """It names no claim and no hospital: nobody saw that not one claim had come in."""
    whole = night.tables["charge_exception"].filter(pl.col("facility_id").is_null()).sort("gross")
    claim, sent = whole["exception_key"]
    assert "0.00 USD (A7, a claim without an account)." in explain_charge(night, claim, FILES)
    told = explain_charge(night, sent, FILES)
    assert "The payer did not accept the claim: 80.00 USD (A3, all that was sent)." in told
    assert "category_code A3" in told
    assert "category_code A1" not in told


def test_a_finding_that_has_closed_is_not_said_to_be_without_records(night):
    """Its evidence stands with the night on which it was found last."""
    found = night.tables["charge_exception"].filter(pl.col("code") == "DN03")
    gone = {
        "charge_exception": found.with_columns(state=pl.lit("AUTO_CLOSED")),
        "charge_exception_evidence": night.tables["charge_exception_evidence"].clear(),
    }
    closed = replace(night, tables={**night.tables, **gone})
    told = explain_charge(closed, found["exception_key"].item(), FILES)
    assert "It is no longer found; name the night before (--night)" in told
    assert "No record of this finding" not in told


def test_of_bills_of_one_day_those_come_first_that_must_be_filed_first(night):
    """Severity came before the day after which the payer takes no claim."""
    finding = night.tables["charge_exception"].filter(pl.col("code") == "DN03")
    rows = [
        finding.with_columns(
            exception_key=pl.lit(key),
            severity=pl.lit(severity, pl.Int32),
            bill_due_date=pl.lit(DAY),
            filing_due_date=pl.lit(DAY + timedelta(days=days), pl.Date),
        )
        for key, severity, days in (("late", 1, 365), ("soon", 2, 90), ("grave", 1, 90))
    ]
    tables = {**night.rules, **night.tables, "charge_exception": pl.concat(rows)}
    told = query.run(("charge_finding",), tables, night.day, night.limits)["charge_finding"]
    assert told["exception_key"].to_list() == ["grave", "soon", "late"]


def test_a_finding_without_dollars_says_so(night):
    """A heading with nothing below it looks like a story that was cut off."""
    finding = night.tables["charge_exception"].filter(pl.col("code") == "DN03")
    no_dollars = finding.with_columns(
        *(pl.lit(None, finding.schema[c]).alias(c) for c in ("units", "net", "at_risk")),
        *(pl.lit(None, pl.Date).alias(c) for c in ("bill_due_date", "filing_due_date")),
        gross=pl.lit(0, finding.schema["gross"]),
    )
    of_none = replace(night, tables={**night.tables, "charge_exception": no_dollars})
    told = explain_charge(of_none, finding["exception_key"].item(), FILES)
    assert "----------\n  No dollars are at stake.\n\nRecords\n" in told
    assert "\n\n\n" not in told


def test_what_was_charged_late_is_told_and_is_not_lost(night):
    finding = night.tables["charge_exception"].filter(pl.col("code") == "DN03")
    late = finding.with_columns(code=pl.lit("ST02"), gross=pl.lit(950, finding.schema["gross"]))
    of_late = replace(night, tables={**night.tables, "charge_exception": late})
    told = explain_charge(of_late, finding["exception_key"].item(), FILES)
    assert "  charged, not counted  950.00\n" in told
    assert "  lost" not in told


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param("ST04", True, id="outside the stay"),
        pytest.param("DN03", False, id="nothing that the stay decides"),
    ],
)
def test_a_charge_outside_the_stay_says_which_stay_it_is(night, code, told):
    finding = night.tables["charge_exception"].filter(pl.col("code") == "DN03")
    outside = finding.with_columns(code=pl.lit(code))
    own = {"facility_id": "F1", "account_key": "A1", "admit_date": date(2026, 3, 1)}
    accounts = frame(
        PatientAccount,
        own | {"message_id": "M1", "discharge_date": date(2026, 3, 5)},
        own | {"message_id": "M2", "account_key": "A2", "admit_date": date(2026, 2, 1)},
    )
    tables = {**night.tables, "charge_exception": outside, "patient_account": accounts}
    lines = explain_charge(replace(night, tables=tables), finding["exception_key"].item(), FILES)
    days = "  admitted              2026-03-01\n  discharged            2026-03-05\n"
    assert (days in lines) == told
    assert "final bill" not in lines


def test_a_denial_says_group_reason_and_amount(night):
    rows = night.tables["charge_exception"].filter(pl.col("code") == "DN03")
    told = explain_charge(night, rows["exception_key"].item(), FILES)
    assert "group_code CO, carc 151, amount 500.00" in told


def test_what_a_sender_wrote_does_not_steer_the_terminal(night):
    """A lot, a name of a file, the description of an item: all of them are somebody's words."""
    rows = night.tables["charge_exception"].filter(pl.col("code") == "SI07")
    stock = night.tables["inventory_balance"].with_columns(lot=pl.lit("L\x1b[2J1"))
    item = frame(Item, {"item_id": "I1", "description": "Stent \x1b]0;x\x07"})
    spoilt = replace(night, tables={**night.tables, "inventory_balance": stock, "item": item})
    told = explain_charge(
        spoilt, rows["exception_key"].item(), FILES.with_columns(file_name=pl.lit("a\x9b.csv"))
    )
    assert not [c for c in told if not c.isprintable() and c != "\n"]
    assert "Stent" in told
    assert r"a\x9b.csv" in told
