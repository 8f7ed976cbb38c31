"""A workbook comes back with answers: the next night reads them, and what was accepted stays so."""

import io
import os
import shutil
import time
from datetime import date
from decimal import Decimal

import openpyxl
import polars as pl
import pytest
from nights import close

from recon.canonical.as_of import as_of
from recon.canonical.build import quarantine
from recon.publish.charge_workbook import charge_workbooks
from recon.publish.gather import gather
from recon.publish.workbook import workbooks
from recon.reconcile.charge_night import reconcile_charges
from recon.site import Site

LAST = "2026-03-06"
MONDAY = date(2026, 3, 9)
BY = date(2026, 3, 20)


def sent_back(site, stem, answers):
    """Fill in one of the last workbooks, row by row from the top, and drop it into the inbox."""
    (path,) = (site / "published" / LAST).glob(f"{stem}_*.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Exceptions"]
    place = {cell.value: cell.column for cell in sheet[1]}
    for row, told in enumerate(answers, start=2):
        for heading, value in told.items():
            sheet.cell(row, place[heading]).value = value
    dropped = site / "inbox" / "returned_workbook" / f"{path.stem} (1).xlsx"
    book.save(dropped)
    os.utime(dropped, (time.time() - 60,) * 2)
    return [sheet.cell(row, place["Exception id"]).value for row in range(2, len(answers) + 2)]


@pytest.fixture(scope="module")
def monday(closed, tmp_path_factory):
    """(site, ids answered, results) of the night after the sample's last."""
    folder = shutil.copytree(closed[0], tmp_path_factory.mktemp("returned") / "site")
    answers = [
        {"Disposition": "accepted", "Assigned to": "Ada", "Notes": "her name is Grace"},
        {"Disposition": "disputed", "Resolve by": BY},
        {"Disposition": "perhaps"},
    ]
    ids = sent_back(folder, "AP_Exceptions_NETWORK", answers)
    charges = [{"Disposition": "accepted", "Assigned to": "Bo"}, {"Disposition": "perhaps"}]
    ids += sent_back(folder, "Charges_Revenue_Integrity_SHARE", charges)
    site = Site.open(folder, os.environ)
    found = close(site, MONDAY)
    charged = reconcile_charges(site, MONDAY)
    for table, rows in charged.items():
        site.lake.write("reconcile", table, MONDAY, {table: rows})
    return site, ids, {**found, **charged}


def of(rows, key, *columns):
    return rows.filter(pl.col("exception_key") == key).select(columns).row(0)


def test_only_what_was_filled_in_is_read_and_a_word_that_is_none_is_quarantined(monday):
    site, ids, _ = monday
    read = as_of(site, "disposition", MONDAY)
    read = read if isinstance(read, pl.DataFrame) else pl.read_parquet(read)
    told = ["exception_key", "disposition", "assigned_to", "resolve_by"]
    assert sorted(read.select(told).rows()) == sorted(
        [
            (ids[0], "accepted", "Ada", None),
            (ids[1], "disputed", None, BY),
            (ids[3], "accepted", "Bo", None),
        ]
    )
    refused = quarantine(site, MONDAY).filter(pl.col("feed").str.starts_with("returned"))
    assert refused.select("feed", "source_record", "rule").sort("feed").rows() == [
        ("returned_charge_workbook", 3, "allowed:disposition"),
        ("returned_workbook", 4, "allowed:disposition"),
    ]
    # Of the charge side's rows no text is kept: an ANALYST workbook has account numbers in them.
    kept = dict(refused.select("feed", "raw").rows())
    assert kept["returned_charge_workbook"] is None
    assert ids[2] in kept["returned_workbook"]


def test_an_accepted_exception_is_overridden_and_its_dollars_stay_held(monday):
    _, ids, found = monday
    rows = found["exception"]
    shown = ["state", "disposition", "assigned_to"]
    assert of(rows, ids[0], *shown) == ("OVERRIDDEN", "accepted", "Ada")
    assert of(rows, ids[1], *shown) == ("OPEN", "disputed", None)
    assert of(rows, ids[2], *shown) == ("OPEN", None, None)
    assert of(rows, ids[0], "hold")[0]


def test_the_next_workbook_ties_out_has_the_answers_and_lists_what_is_overridden_last(monday):
    site, ids, found = monday
    rows = found["exception"]
    made = workbooks(gather(site, MONDAY))
    for data in made.values():
        pages = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        assert "TIES OUT" in [v for row in pages["Summary"].values for v in row]
    (name,) = (name for name in made if "NETWORK" in name)
    (site.folder / name).write_bytes(made[name])
    book = openpyxl.load_workbook(site.folder / name)
    heads, *body = book["Exceptions"].iter_rows(values_only=True)
    sheet = [dict(zip(heads, row, strict=True)) for row in body]
    last = sheet[-1]
    assert (last["Exception id"], last["State"]) == (ids[0], "OVERRIDDEN")
    assert (last["Disposition"], last["Assigned to"], last["Notes"]) == ("accepted", "Ada", None)
    (disputed,) = (row for row in sheet if row["Exception id"] == ids[1])
    assert (disputed["Disposition"], disputed["Resolve by"].date()) == ("disputed", BY)
    held = rows.filter(pl.col("hold") & (pl.col("state") != "AUTO_CLOSED"))["impact"].sum()
    assert sum(Decimal(str(row["Held"] or 0)) for row in sheet) == held
    summary = [str(v) for row in book["Summary"].iter_rows(values_only=True) for v in row if v]
    assert any("1 overridden by your answers, still held" in text for text in summary)


def test_an_answer_to_a_finding_on_charges_holds_too_and_its_dollars_stay_lost(monday):
    site, ids, found = monday
    rows = found["charge_exception"]
    assert of(rows, ids[3], "state", "disposition", "assigned_to") == (
        *("OVERRIDDEN", "accepted"),
        "Bo",
    )
    assert of(rows, ids[4], "state", "disposition") == ("OPEN", None)
    made = charge_workbooks(gather(site, MONDAY))
    for data in made.values():
        pages = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        assert "TIES OUT" in [v for row in pages["Summary"].values for v in row]
    (data,) = (data for name, data in made.items() if "Revenue_Integrity" in name)
    book = openpyxl.load_workbook(io.BytesIO(data))
    heads, *body = book["Exceptions"].iter_rows(values_only=True)
    sheet = [dict(zip(heads, row, strict=True)) for row in body]
    last = sheet[-1]
    assert (last["Exception id"], last["State"]) == (ids[3], "OVERRIDDEN")
    assert (last["Disposition"], last["Assigned to"]) == ("accepted", "Bo")
    assert last["Business date"].date() == MONDAY
    assert sum(Decimal(str(row["Lost"])) for row in sheet) == (
        rows.filter(
            pl.col("queue").is_in(["DEPT", "PFS", "HIM", "COMP", "CODING", "FEED"]),
            pl.col("state") != "AUTO_CLOSED",
            pl.col("gross") > 0,
            ~pl.col("code").str.starts_with("ST"),  # charged late or outside the stay: not lost
        )["gross"].sum()
    )
    summary = [str(v) for row in book["Summary"].iter_rows(values_only=True) for v in row if v]
    assert any("1 overridden by your answers, still counted" in text for text in summary)
