"""Sheets beside the exceptions: what is on each, and which is left out."""

import gc
import weakref
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.metadata import version

import polars as pl
from openpyxl import Workbook
from published import LUKE, MERCY, NETWORK, opened, rows, summary_text

from recon.publish import sheets, style, workbook
from recon.publish.night import CARE
from recon.publish.workbook import workbooks


def test_what_closed_tonight_is_on_its_own_sheet(made):
    book = opened(made[MERCY])
    shown = [(r["Invoice"], r["Closed by"]) for r in rows(book, "Closed tonight")]
    assert shown == [("INV-9", "receipt R9")]
    assert "INV-9" not in [r["Invoice"] for r in rows(book, "Exceptions")]


def test_what_closed_because_another_finding_took_its_line_does_not_say_what_nobody_did(night):
    """A bill was a copy; its order is now of another supplier: the copy was not voided."""
    exceptions = night.tables["exception"]
    mine = pl.col("invoice_id") == "I6"
    was = exceptions.filter(mine).with_columns(
        code=pl.lit("DUP_EXACT"),
        closed_by_kind=pl.lit(None, pl.String),
        closed_by=pl.lit(None, pl.String),
    )
    now = was.with_columns(
        exception_key=pl.lit("f" * 16),
        code=pl.lit("SUPPLIER_MISMATCH"),
        state=pl.lit("OPEN"),
        first_seen=pl.lit(night.day),
    )
    tables = {**night.tables, "exception": pl.concat([exceptions.filter(~mine), was, now])}
    book = opened(workbooks(replace(night, tables=tables))[NETWORK])
    (closed,) = rows(book, "Closed tonight")
    assert closed["Closed because"] == "Found in its place: SUPPLIER_MISMATCH."
    alone = {**night.tables, "exception": pl.concat([exceptions.filter(~mine), was])}
    (closed,) = rows(opened(workbooks(replace(night, tables=alone))[NETWORK]), "Closed tonight")
    assert closed["Closed because"] == "The copy is voided."


def test_documents_of_a_later_day_are_told_on_the_first_sheet(night):
    """A bill of the year 2062 was in no sum and on no sheet until that year."""
    tables = dict(night.tables)
    first = tables["invoice"].filter(pl.col("invoice_id") == "I1")
    later = first.with_columns(
        invoice_id=pl.lit("I99"), invoice_date=date(2062, 3, 2), facility_id=pl.lit("MERCY")
    )
    tables["invoice"] = pl.concat([tables["invoice"], later])
    tables["receipt_line"] = tables["receipt_line"].with_columns(receipt_date=date(2026, 3, 9))
    made = workbooks(replace(night, tables=tables))
    invoices = "Of a later day, so not in it yet: 1 invoice, dated until 2062-03-02"
    receipts = f"; {tables['receipt_line'].height} receipt lines, dated until 2026-03-09."
    assert invoices + receipts in summary_text(opened(made[NETWORK]))
    assert invoices + "." in summary_text(opened(made[MERCY]))
    assert "not in it yet" not in " ".join(map(str, summary_text(opened(made[LUKE]))))


def test_of_care_of_a_later_day_only_the_number_is_told(night):
    used = pl.DataFrame({"used_date": [date(2062, 3, 2), night.day]})
    made = pl.DataFrame({"post_date": [None, night.day], "service_date": [date(2062, 3, 2)] * 2})
    tables = {**night.tables, "usage_event": used, "charge_event": made}
    told = replace(night, tables=tables).later(CARE)
    assert told == ["Of a later day, so not in it yet: 1 use; 1 charge."]


def test_only_the_network_sees_the_text_of_refused_records(made):
    made = made
    assert rows(opened(made[NETWORK]), "Quarantine")[0]["Begins with"] == "=2+5;abc"
    assert "Begins with" not in rows(opened(made[MERCY]), "Quarantine")[0]


def test_what_may_be_paid_of_each_unpaid_document_is_on_its_own_sheet(made):
    shown = rows(opened(made[NETWORK]), "Payable")
    told = [(r["Invoice"], r["Amount"], r["Held"], r["Payable"], r["Debit memo"]) for r in shown]
    # I6 is paid; the largest stands first, a credit last.
    assert told == [
        ("00123456789012345678", 520, 20, 0, -20),
        ("E-1", 200, 200, 0, None),
        ("0007", 100, 40, 0, -40),
        ("=1+1", 75.1, 75.1, 0, None),
        ("CR-1", -12.5, -12.5, 0, None),
    ]
    assert [r["If paid in part"] for r in shown] == [500, 0, 60, 0, 0]
    # The documents leave their kind empty, and a filter by it would not find them.
    for sheet in (shown, rows(opened(made[NETWORK]), "All lines")):
        assert {r["Document"] for r in sheet} == {"INVOICE"}


def test_payments_that_are_not_as_invoiced_or_payable_are_on_their_own_sheet(made):
    shown = rows(opened(made[NETWORK]), "Payments")
    told = [(r["Invoice"], r["Status"], r["Beyond payable"], r["Still owed"]) for r in shown]
    assert told == [
        ("E-1", "IN_FULL", 200, 0),
        ("0007", "SHORT", 0, 30),
        ("X-404", "NOT_FOUND", None, None),
    ]
    of_mercy = rows(opened(made[MERCY]), "Payments")
    assert [r["Invoice"] for r in of_mercy] == ["E-1"]


def test_shipments_that_did_not_come_are_on_their_own_sheet(made):
    (late,) = rows(opened(made[LUKE]), "Late shipments")
    assert (late["Shipment"], late["PO"], late["Days late"]) == ("ASN-7", "000012", 10)
    assert (late["Shipped"], late["Received"], late["Tracking no."]) == (50, 30, "1Z999")
    # What a catalogue announces is no shipment.
    assert len(rows(opened(made[NETWORK]), "Late shipments")) == 1


def test_what_the_night_was_made_by_is_shown_with_every_tolerance_and_who_approved_it(night):
    rules = night.rules["tolerance_rule"]
    wide = {"rule_id": "WIDE", "pct": Decimal("0.5"), "abs": None, "approved_by": "=me"}
    wide = rules.head(1).with_columns(
        pl.lit(v).cast(rules.schema[n]).alias(n) for n, v in wide.items()
    )
    tables = {**night.rules, "tolerance_rule": pl.concat([rules, wide])}
    sheet = opened(workbooks(replace(night, rules=tables))[MERCY])["Run info"]
    said = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert any(night.fingerprint in str(text) for text in said)
    assert any(f"Made by recon {version('supply-recon')}:" in str(text) for text in said)
    assert {"PRICE-01", "PRICE-02"} <= said.keys()
    case, limits, (first, last, who) = (said["WIDE"][a:b] for a, b in ((0, 4), (4, 7), (7, 10)))
    assert case == ("PRICE", "any", "any", "any")
    assert limits == ("50%", "no limit", "ALL")
    assert (first.date(), last, who) == (date(2000, 1, 1), None, "=me")


def test_a_sheet_too_long_to_read_is_left_out_and_the_summary_says_so(night, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_LINES", 3)
    made = workbooks(night)
    book = opened(made[NETWORK])
    assert not {"All lines", "Payable"} & set(book.sheetnames)
    assert "Payable is left out: more than 3 rows." in summary_text(book)
    assert "All lines is left out: more than 3 rows." in summary_text(book)
    assert "Payable" in opened(made[LUKE]).sheetnames


def test_too_many_exceptions_go_into_a_csv_beside(night, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_EXCEPTIONS", 2)
    made = workbooks(night)
    stem = MERCY.removesuffix(".xlsx")
    book = opened(made[MERCY])
    assert "Exceptions" not in book.sheetnames
    assert any(f"{stem}.csv beside" in text for text in summary_text(book))
    lines = pl.read_csv(made[f"{stem}.csv"], infer_schema=False)
    assert lines.height == 4
    assert set(lines["Supplier"].str.slice(0, 2)) == {"'="}
    assert "-12.50" in lines["Held"].to_list()


def test_no_sheet_holds_more_rows_than_excel_opens(night, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    refused = pl.concat([night.tables["quarantine"].head(1)] * 4)
    many = replace(night, tables={**night.tables, "quarantine": refused})
    sheet = opened(workbooks(many)[NETWORK])["Quarantine"]
    assert [cell.value for cell in sheet["A"]][1:] == [
        "4 rows, too many for a sheet: read them in the tables of this night."
    ]
    assert not sheet.tables


def test_a_workbook_is_let_go_when_it_is_written():
    book = Workbook(write_only=True)
    sheets.styled(sheets.new_sheet(book, "Sheet", "footer"), "text", font=style.BOLD)
    kept = weakref.ref(book)
    del book
    gc.collect()
    assert kept() is None
