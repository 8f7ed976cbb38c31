"""What is printed when the nights are closed."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import polars as pl

from recon.canonical.describe import polars_schema
from recon.publish.query import run
from recon.publish.terminal import _charges, night_report
from recon.reconcile.engine import Limits
from recon.reconcile.results import ChargeException, InvoiceLineResult
from recon.rules import load


def test_a_name_in_brackets_is_shown_and_ends_nothing():
    site = SimpleNamespace(config=SimpleNamespace(name="Mercy [North] [/closed]"))
    assert "Mercy [North] [/closed]: 0 nights closed" in night_report(site, [])


def test_a_refused_file_is_one_of_the_files_whose_records_are_counted_and_a_duplicate_is_none():
    arrived = pl.DataFrame(
        {
            "state": ["LANDED", "QUARANTINED", "DUPLICATE"],
            "records_in": [5, 40, 0],
        }
    )
    tables = {
        "file_control": arrived,
        "quarantine": pl.DataFrame({"records": [1, 40]}),
        "invoice_line_result": pl.DataFrame(schema=polars_schema(InvoiceLineResult)),
    }
    (told,) = run(("night_total",), tables, date(2026, 3, 2))["night_total"].to_dicts()
    assert (told["documents"], told["records_in"], told["quarantined"]) == (2, 45, 41)


def test_a_finding_that_an_answer_overrides_is_not_called_open_and_still_counts():
    schema = polars_schema(ChargeException)
    rows = [
        dict.fromkeys(schema)
        | {"code": "SC04", "gross": Decimal("-10.00"), "severity": 2, "state": state}
        for state in ("OPEN", "OVERRIDDEN", "AUTO_CLOSED")
    ]
    found = pl.DataFrame(rows, schema=schema)
    told = _charges(found, load("exception_code"), date(2026, 3, 2), Limits())
    assert "charge: 1 open finding, 1 overridden by an answer, 0 severe;" in told
    assert "charged too much 20.00 USD" in told


def test_a_charge_that_was_made_late_is_not_lost():
    """Of two missing charges (950.00 and 480.00) one was made since: late, outside the stay."""
    schema = polars_schema(ChargeException)
    rows = [
        dict.fromkeys(schema)
        | {"code": code, "gross": Decimal(gross), "severity": 2, "state": state}
        for code, gross, state in (
            ("SC01", "950.00", "OPEN"),
            ("SC01", "480.00", "AUTO_CLOSED"),
            ("ST01", "42.50", "OPEN"),
            ("ST02", "480.00", "OPEN"),
            ("ST03", "6400.00", "OPEN"),
            ("ST04", "480.00", "OPEN"),
            ("SC08", "-42.50", "OPEN"),
        )
    ]
    tables = {"charge_exception": pl.DataFrame(rows, schema=schema)}
    tables["exception_code"] = load("exception_code")
    (told,) = run(("night_charges",), tables, date(2026, 3, 2))["night_charges"].to_dicts()
    assert (told["lost"], told["overcharged"]) == (Decimal("950.00"), Decimal("42.50"))
    # The hospital's table says it, not the letters of a code.
    none = {**tables, "exception_code": load("exception_code").with_columns(in_sums=pl.lit("N"))}
    (told,) = run(("night_charges",), none, date(2026, 3, 2))["night_charges"].to_dicts()
    assert (told["lost"], told["overcharged"]) == (0, 0)
