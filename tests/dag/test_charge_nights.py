"""The sample's nights on the charge side: what was planted is found, and the workbooks say so."""

import re
from decimal import Decimal

import answer_key as key
import openpyxl
import polars as pl
import pytest
from nights import ROOT, called

from recon.publish.charge_books import BOOKS, OWNERS
from recon.reconcile.charge_night import charging
from recon.rules import load
from recon.site import Site

LAST = "2026-03-06"
TOKEN = re.compile(r"[a-z0-9]{1,8}:[A-Z2-7]{32}")
DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


@pytest.fixture(scope="module")
def found(closed):
    """The open findings of the last night."""
    (file,) = (closed[0] / f"lake/reconcile/charge_exception/business_date={LAST}").glob(
        "*.parquet"
    )
    rows = pl.read_parquet(file, hive_partitioning=False)
    return rows.filter(pl.col("state") == "OPEN")


@pytest.fixture(scope="module")
def books(closed):
    """The last night's charge workbooks, read back: stem -> sheets as rows of values."""
    made = {}
    for of in BOOKS:
        (path,) = (closed[0] / "published" / LAST).glob(f"Charges_{of.stem}_SHARE_*.xlsx")
        book = openpyxl.load_workbook(path, data_only=True)
        made[of.stem] = {s.title: list(s.iter_rows(values_only=True)) for s in book.worksheets}
    return made


def test_what_was_planted_is_found_and_nothing_more(closed):
    missing, extra = key.charges_differ(closed[0])
    assert missing.to_dicts() == []
    assert extra.to_dicts() == []


def test_the_readme_says_what_the_last_night_found(found):
    page = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    lost = _missing(found)
    overcharged = -found.filter(pl.col("gross") < 0)["gross"].sum()
    assert (
        f"{found.height} open findings of {found['code'].n_unique()} codes: {lost:,} USD lost or "
        f"denied and {overcharged:,} USD charged too much (two sums, never offset), "
        f"{found['at_risk'].sum():,} USD at risk." in page
    )


def _missing(found):
    """Lost dollars: what a charge made late or outside the stay comes to is information."""
    gross = pl.col("gross")
    return found.filter(gross > 0, ~pl.col("code").str.starts_with("ST"))["gross"].sum()


def test_every_code_of_charges_has_a_workbook():
    codes = load("exception_code").filter(pl.col("code").str.contains("^[A-Z]{2}[0-9]{2}$"))
    queues = [queue for of in BOOKS for queue in of.queues]
    assert len(queues) == len(set(queues))
    assert set(codes["queue"]) == set(queues) == set(OWNERS)


@pytest.mark.parametrize("of", BOOKS, ids=lambda of: of.stem)
def test_a_workbook_holds_the_findings_and_dollars_of_its_queues(found, books, of):
    wanted = found.filter(pl.col("queue").is_in(list(of.queues)))
    head, *rows = books[of.stem]["Exceptions"]
    listed = [dict(zip(head, row, strict=True)) for row in rows if row[1] is not None]
    assert {row["Exception id"] for row in listed} == set(wanted["exception_key"])
    gross = wanted["gross"]
    for heading, dollars in (
        (of.lost[0], _missing(wanted)),
        (of.overcharged[0], -gross.filter(gross < 0).sum()),
    ):
        assert sum(Decimal(str(row[heading])) for row in listed) == Decimal(str(dollars or 0))
    assert any("TIES OUT" in row for row in books[of.stem]["Summary"])


def test_a_unit_factor_is_one_finding_with_its_lines_under_it(books):
    head, *rows = books["Charge_Master"]["Unit factors"]
    at = {name: place for place, name in enumerate(head)}
    box = [row for row in rows if row[at["Item no."]] == "S003"]
    assert [row[at["Row"]] for row in box] == ["FINDING"] + ["LINE"] * 5
    assert box[0][at["Factor"]] == 10
    assert box[0][at["Accounts"]] == 5
    assert box[0][at["Gross"]] == sum(row[at["Gross"]] for row in box[1:])


def test_why_a_claim_was_denied_ends_with_the_open_finding_behind_it(closed, found, books):
    head, *rows = books["Denials"]["Exceptions"]
    why = {row[head.index("Rule")]: row[head.index("Why")] for row in rows}
    denied = found.filter(pl.col("code") == "DN03")
    units = found.filter(pl.col("code") == "SC04").join(denied, on="account_key", how="semi")
    behind = units["exception_key"].item()
    cause = f"Likely cause: SC04, more units charged than used (finding {behind})."
    assert why["DN03"].endswith(f"(151). {cause}")
    told = called("explain", denied["exception_key"].item(), "--site", closed[0]).stdout
    assert cause in " ".join(told.split())
    assert why["DN07"].endswith("as filed too late (29).")  # nothing open is behind it


def test_a_shared_workbook_names_no_account_serial_number_or_day(closed, books):
    site = closed[0]
    planted = set(pl.read_csv(site / "answer_key/charge_story.csv", infer_schema=False)["number"])
    about_the_night = {"Run info", "Dictionary"}
    for stem, sheets in books.items():
        for title, rows in sheets.items():
            for value in (v for row in rows for v in row if v is not None):
                text = str(value)
                assert not TOKEN.search(text), (stem, title)
                assert text not in planted, (stem, title)
                if title not in about_the_night and LAST not in text:
                    assert not DAY.search(text), (stem, title, text)
                # With the night on the sheet, so many days from it are a day.
                assert not re.search(r"\(days\)|days since|^Days to", text), (stem, title, text)


def test_no_planted_number_of_a_person_reaches_a_table(closed):
    site = closed[0]
    told = pl.read_csv(site / "answer_key/charge_exception.csv", infer_schema=False)
    accounts = told["account"].drop_nulls().unique()
    assert accounts.len() > 40
    pattern = "|".join(accounts)
    for layer in ("parse", "canonical", "reconcile"):
        for file in (site / "lake" / layer).rglob("*.parquet"):
            rows = pl.read_parquet(file, hive_partitioning=False).select(pl.col(pl.String))
            hit = rows.select(pl.any_horizontal(pl.all().str.contains(pattern)).any())
            assert not (hit.width and hit.item()), file


def test_explain_walks_from_a_finding_to_its_records(closed, found):
    one = found.filter(pl.col("code") == "SC04").sort("exception_key").row(0, named=True)
    told = called("explain", one["exception_key"], "--site", closed[0]).stdout
    assert "SC04" in told
    assert f"{one['gross']:,} USD" in told
    # What is at stake is charged too often: the records of use are all supported.
    assert re.search(
        r"CHARGED charge_event, \d+ units at stake(\n.*){1,4}record \d+, byte \d+", told
    )
    assert not TOKEN.search(told)


def test_a_site_without_use_or_charges_has_nothing_of_them():
    site = Site.open(ROOT / "docs/examples/adventureworks")
    assert not charging(site)
