"""The sample site's five nights: everything planted is found, nothing more, to the cent."""

import shutil

import answer_key as key
import openpyxl
import polars as pl
import pytest
from nights import ROOT, called, contents, recon

from recon.site import Site


@pytest.fixture(scope="module")
def differences(closed):
    return key.differences(closed[0])


@pytest.mark.parametrize(
    "table", ["exception", "quarantine", "file_control", "payment_result", "announced"]
)
def test_what_was_planted_is_found_and_nothing_more(differences, table):
    missing, extra = differences[table]
    assert missing.to_dicts() == []
    assert extra.to_dicts() == []


def test_every_exception_names_the_order_it_was_planted_on(closed):
    assert key.orders_differ(closed[0]).to_dicts() == []


def test_the_site_is_of_the_promised_size(closed):
    site = closed[0]
    parts = [
        pl.read_parquet(p, hive_partitioning=False)
        for p in sorted((site / "lake/canonical/item").glob("*03-02/item*.parquet"))
    ]
    assert sum(p.height for p in parts) >= 600
    codes = pl.read_csv(site / "answer_key" / "exception.csv")["code"].unique()
    assert codes.len() >= 35


def test_the_report_names_every_night_and_every_workbook(closed):
    site, _, printed = closed
    for day in ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"):
        assert day in printed
        books = sorted((site / "published" / day).glob("*.xlsx"))
        assert len(books) == 10  # four facilities and the network; charges for five offices
        assert all(book.name in printed for book in books)


def test_a_second_run_finds_nothing_new_and_changes_no_byte(closed):
    site = closed[0]
    before = contents(site)
    assert "Nothing new" in called("run", "--site", site).stdout
    assert contents(site) == before


def test_a_past_night_run_again_gives_the_same_bytes(closed, monkeypatch):
    """However many threads read: `make test` closes the nights with one."""
    site, home, _ = closed
    monkeypatch.setenv("POLARS_MAX_THREADS", "2")
    before = contents(site)
    late = site / "inbox" / "invoice_portal" / "PORTAL_20260303_LATE.csv"
    late.write_bytes((late.parent / "PORTAL_20260303.csv").read_bytes() + b"\n")
    printed = recon("run", "--site", site, "--night", "2026-03-03", home=home).stdout
    late.unlink()
    assert "for the next `recon run`: 1 (invoice_portal: PORTAL_20260303_LATE.csv)" in printed
    after = contents(site)
    changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    assert changed == []


def test_the_workbooks_dollars_are_those_of_the_lake(closed):
    site = closed[0]
    (book,) = (site / "published" / "2026-03-06").glob("*NETWORK*.xlsx")
    sheet = openpyxl.load_workbook(book, data_only=True)["Exceptions"]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(i for i, row in enumerate(rows) if row and "Exception id" in row)
    at = {name: place for place, name in enumerate(rows[head]) if name}
    exception = pl.read_parquet(
        next(
            (site / "lake/reconcile/exception/business_date=2026-03-06").glob("exception*.parquet")
        ),
        hive_partitioning=False,
    )
    listed = {row[at["Exception id"]] for row in rows[head + 1 :] if row[at["Exception id"]]}
    assert listed == set(exception.filter(pl.col("state") == "OPEN")["exception_key"])


def test_explain_walks_from_an_exception_to_the_bytes_it_came_from(closed):
    site = closed[0]
    exception = pl.read_parquet(
        next(
            (site / "lake/reconcile/exception/business_date=2026-03-06").glob("exception*.parquet")
        ),
        hive_partitioning=False,
    )
    one = (
        exception.filter((pl.col("code") == "PRICE_OVER") & (pl.col("state") == "OPEN"))
        .sort("exception_key")
        .row(0, named=True)
    )
    # As it may come out of a mail: in capitals, behind a blank.
    result = called("explain", f" {one['exception_key'].upper()}", "--site", site)
    assert result.stderr == "", "it is told of what was published"
    told = result.stdout
    invoice = (
        pl.concat(
            pl.read_parquet(p, hive_partitioning=False)
            for p in (site / "lake/canonical/invoice").rglob("invoice_*.parquet")
        )
        .filter(pl.col("invoice_id") == one["invoice_id"])
        .row(0, named=True)
    )
    start = invoice["byte_offset"]
    raw = Site.open(site).lake.raw(invoice["source_file_id"])
    assert invoice["source_file_id"] in told
    assert f"byte {invoice['byte_offset']}" in told
    assert raw[start : start + 9].decode() in told
    assert f"{abs(one['impact']):,.2f}" in told


def test_verify_finds_a_single_changed_bit(closed, tmp_path):
    copy = tmp_path / "site"
    shutil.copytree(closed[0], copy)
    assert "every byte as written" in called("verify", "--site", copy).stdout
    victim = sorted((copy / "lake/reconcile/rni").rglob("*.parquet"))[-1]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    done = called("verify", "--site", copy, code=7)
    assert victim.name in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", [1, 2], ids=["of the match", "of use against charge"])
def test_the_readmes_exception_is_told_as_the_readme_says(closed, place):
    site = closed[0]
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    block = page.split("$ recon explain ")[place].split("```")[0]
    identifier, *lines = block.splitlines()
    told = called("explain", identifier, "--site", site).stdout
    missing = [line for line in lines if line not in ("…", "") and line not in told]
    assert len(lines) > 9
    assert missing == []
