"""The simulator on the sample site's five nights: the command, its workbook, what it leaves alone.

What is expected comes from what the nights published, never from the simulator.
"""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from nights import ROOT, called, contents, copy_of_sample

HEAD = (
    "rule_id,check,supplier_id,category,facility_id,pct,abs,mode,valid_from,valid_to,"
    "approved_by,source\n"
)
PRICES = ("PRICE_OVER", "UOM_SUSPECT")
LAST = "2026-03-06"
PAGE = (ROOT / "docs/tolerance-simulator.md").read_text(encoding="utf-8")


def price_rows(pct, limit):
    """Both shipped price rules with these limits, from a day on that none of the nights reaches."""
    return HEAD + "".join(
        f"{rule},PRICE,,{category},,{pct},{limit},ALL,2027-01-01,,Controller,What if\n"
        for rule, category in (("PRICE-01", ""), ("PRICE-02", "implant"))
    )


def of_the_page():
    """The rules that the page tries, on all nights."""
    return PAGE.split("```csv\n")[1].split("```")[0]


@pytest.fixture(scope="module")
def simulated(closed, tmp_path_factory):
    """Run the command on rows of rules; (what it printed, its workbook, the file)."""
    site = closed[0]
    made: dict[tuple, tuple] = {}

    def run(rules: str, *options: str):
        if (rules, options) not in made:
            folder = tmp_path_factory.mktemp("what_if")
            (folder / "rules.csv").write_text(rules, encoding="utf-8")
            words = ["--site", site, "--rules", folder / "rules.csv", "--out", folder / "out"]
            done = called("simulate-tolerance", *words, *options)
            (file,) = (folder / "out").iterdir()
            made[rules, options] = done.stdout, openpyxl.load_workbook(file), file
        return made[rules, options]

    return run


def listed(book):
    """The rows of the sheet Lines, heading -> value."""
    heads, *rows = book["Lines"].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows if row[1] is not None or row[2]]


def section(book, title):
    """The rows of a sheet that is one section, and its totals: heading -> value."""
    _, _, heads, *rows = book[title].iter_rows(values_only=True)
    found = [dict(zip(heads, row, strict=True)) for row in rows if row[0] is not None]
    totals = [r for r in found if r[heads[0]] == "Total"]
    return [r for r in found if r not in totals], totals


def money(value):
    return Decimal(str(value)).quantize(Decimal("0.01"))


def published(site, table, day="*"):
    """The rows of every night, each with its business date."""
    found = []
    for file in sorted((Path(site) / f"lake/reconcile/{table}").glob(f"*={day}/{table}*.parquet")):
        night = file.parent.name.removeprefix("business_date=")
        rows = pl.read_parquet(file, hive_partitioning=False)
        found.append(rows.with_columns(night=pl.lit(night)))
    return pl.concat(found)


def price_holds(site, day):
    """(invoice id, line) -> code and dollars of every price hold that was published."""
    holds = published(site, "exception", day).filter(
        pl.col("hold") & (pl.col("state") == "OPEN") & pl.col("code").is_in(PRICES)
    )
    return {(r["invoice_id"], r["line_no"]): (r["code"], r["impact"]) for r in holds.to_dicts()}


def printed_number(site):
    invoices = pl.concat(
        pl.read_parquet(p, hive_partitioning=False).select("invoice_id", "invoice_number")
        for p in sorted((Path(site) / "lake/canonical/invoice").rglob("invoice_*.parquet"))
    )
    return dict(invoices.rows())


def test_without_a_limit_every_price_hold_is_released_and_nothing_else(closed, simulated):
    site = closed[0]
    numbers = printed_number(site)
    expected = sorted(
        (numbers[invoice], line, code, impact)
        for (invoice, line), (code, impact) in price_holds(site, LAST).items()
    )
    lines = listed(simulated(price_rows("", ""), "--from", LAST)[1])
    assert {line["Check"] for line in lines} == {"PRICE"}
    found = [(i["Invoice"], i["Line"], i["Finding now"], money(i["Released"])) for i in lines]
    assert len(expected) > 20
    assert sorted(found) == expected
    assert {money(line["Held what if"]) for line in lines} == {Decimal("0.00")}


def test_a_hundred_percent_leaves_only_orders_without_a_price_and_wrong_units(closed, simulated):
    site = closed[0]
    numbers = printed_number(site)
    results = published(site, "invoice_line_result", LAST)
    orders = pl.concat(
        pl.read_parquet(p, hive_partitioning=False).select("po_id", "line_no", "price")
        for p in sorted((site / "lake/canonical/purchase_order_line").rglob("purchase*.parquet"))
    ).unique(["po_id", "line_no"], keep="last")
    free = {
        (invoice, line)
        for invoice, line in results.join(
            orders.filter(pl.col("price") == 0),
            left_on=["po_id", "po_line_no"],
            right_on=["po_id", "line_no"],
        )
        .select("invoice_id", "line_no")
        .rows()
    }
    over = {key for key, (code, _) in price_holds(site, LAST).items() if code == "PRICE_OVER"}
    assert over & free
    lines = listed(simulated(price_rows("1", ""), "--from", LAST)[1])
    assert {(line["Check"], line["Finding now"]) for line in lines} == {("PRICE", "PRICE_OVER")}
    found = {(line["Invoice"], line["Line"]) for line in lines}
    assert found == {(numbers[invoice], line) for invoice, line in over - free}


def test_every_sum_of_the_workbook_foots_with_its_lines(simulated):
    _, book, _ = simulated(price_rows("", ""), "--from", LAST)
    lines = listed(book)
    for line in lines:
        assert money(line["Released"]) == money(line["Held now"]) - money(line["Held what if"])
        added = money(line["Tolerated what if"]) - money(line["Tolerated now"])
        assert money(line["Tolerated added"]) == added
    for title in ("By category", "By supplier"):
        rows, totals = section(book, title)
        for total in totals:
            of_currency = [r for r in rows if r["Currency"] == total["Currency"]]
            listed_ = [line for line in lines if line["Currency"] == total["Currency"]]
            for heading in total:
                if heading not in (next(iter(total)), "Currency"):
                    assert sum(money(r[heading]) for r in of_currency) == money(total[heading])
            assert sum(money(i["Released"]) for i in listed_) == money(total["Dollars released"])
            held = money(total["Held now"]) - money(total["Held what if"])
            assert held == money(total["Dollars released"])
            for heading in ("Tolerated added", "Leak added"):
                assert sum(money(i[heading]) for i in listed_) == money(total[heading])
    words = [cell.value for row in book["Summary"].iter_rows() for cell in row]
    assert "TIES OUT" in words


def test_each_night_now_is_what_it_published(closed, simulated):
    holds = published(closed[0], "exception").filter(pl.col("hold") & (pl.col("state") == "OPEN"))
    expected = {
        (night, currency): money(held)
        for night, currency, held in holds.group_by("night", "currency")
        .agg(pl.col("impact").sum())
        .rows()
    }
    nights, totals = section(simulated(of_the_page())[1], "By night")
    assert {(n["Night"], n["Currency"]): money(n["Held now"]) for n in nights} == expected
    assert all(n["Held now"] == n["Held as published"] for n in nights)
    assert totals == []  # nights do not add up


def test_the_rules_as_they_are_differ_in_nothing(simulated):
    shipped = (ROOT / "recon/rules/tolerance_rule.csv").read_text(encoding="utf-8")
    printed, book, _ = simulated(shipped, "--from", LAST)
    assert "Nothing would have been treated differently" in printed
    assert "No row differs from the rules as they are" in printed
    assert listed(book) == []
    assert book["Lines"]["A2"].value == "No line is treated differently."
    for title in ("By category", "By supplier", "By night"):
        rows, totals = section(book, title)
        for row in (*rows, *totals):
            changes = ("Dollars released", "Tolerated added", "Leak added", "Released", "New")
            assert {money(row[heading]) for heading in changes} == {Decimal("0.00")}


def test_the_same_question_gives_the_same_bytes_and_touches_nothing(closed, simulated, tmp_path):
    site = closed[0]
    _, _, first = simulated(price_rows("", ""), "--from", LAST)
    before = contents(site)
    (tmp_path / "same.csv").write_text(price_rows("", ""), encoding="utf-8")
    words = ["--site", site, "--rules", tmp_path / "same.csv", "--from", LAST]
    called("simulate-tolerance", *words, "--out", tmp_path / "again")
    (again,) = (tmp_path / "again").iterdir()
    assert again.name == first.name
    assert again.read_bytes() == first.read_bytes()
    assert contents(site) == before


def test_the_chart_draws_what_the_sheet_says(simulated):
    _, book, file = simulated(price_rows("", ""), "--from", LAST)
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        charts = [n for n in archive.namelist() if n.startswith("xl/charts/chart")]
        drawn = "".join(archive.read(name).decode() for name in charts)
    assert len(charts) == 2
    heads = [cell.value for cell in book["By category"][3]]
    letter = "ABCDEFGHIJKLMNOP"[heads.index("Dollars released")]
    differing = sum(r["Dollars released"] != 0 for r in section(book, "By category")[0])
    assert f"'By category'!${letter}$4:${letter}${3 + differing}" in drawn
    names = [book["By category"].cell(4 + n, 1).value for n in range(differing)]
    assert len(set(names)) == differing > 2


def test_nights_may_be_chosen(simulated):
    night = ("--from", "2026-03-03", "--to", "2026-03-03")
    printed, book, file = simulated(price_rows("", ""), *night)
    assert "1 night replayed, 2026-03-03 to 2026-03-03" in printed
    assert {n["Night"] for n in section(book, "By night")[0]} == {"2026-03-03"}
    assert "_2026-03-03_2026-03-03_" in file.name


def refused(closed, tmp_path, rules, *options, site=None):
    (tmp_path / "rules.csv").write_text(rules, encoding="utf-8")
    words = ["--site", site or closed[0], "--rules", tmp_path / "rules.csv"]
    out = ["--out", tmp_path / "out"]
    done = called("simulate-tolerance", *words, *out, *options, code=2)
    assert not (tmp_path / "out").exists()
    return done.stderr


def test_a_night_that_is_not_closed_is_named_with_those_that_are(closed, tmp_path):
    told = refused(closed, tmp_path, price_rows("1", ""), "--from", "2026-04-01")
    assert "no night from 2026-04-01" in told
    assert "2026-03-02 to 2026-03-06" in told


def test_a_site_that_has_never_run_says_so(closed, tmp_path):
    fresh = copy_of_sample(tmp_path / "fresh")
    told = refused(closed, tmp_path, price_rows("1", ""), site=fresh)
    assert "no night is closed" in told


def test_every_bad_row_of_the_file_is_told(closed, tmp_path):
    told = refused(closed, tmp_path, price_rows("2 %", "-1"))
    for line in (2, 3):
        assert f"rules.csv:{line}: pct is '2 %'" in told
        assert f"rules.csv:{line}: abs is -1" in told


def test_the_page_shows_what_the_command_prints(simulated):
    shown = PAGE.split("$ recon simulate-tolerance")[1].split("```")[0].splitlines()[1:]
    printed, _, _ = simulated(of_the_page())
    missing = [line for line in shown if line.strip() not in ("", "…") and line not in printed]
    assert len(shown) > 20
    assert missing == [], "the sample has changed: put what the command prints onto the page"
