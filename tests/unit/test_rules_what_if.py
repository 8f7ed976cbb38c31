"""A file of changed tolerances: what it replaces, and what is said of a bad one."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.errors import ConfigError, InputError
from recon.rules import load
from recon.rules.what_if import tolerance_change

HEAD = "rule_id,check,supplier_id,category,facility_id,pct,abs,mode,valid_from,valid_to,"
HEAD += "approved_by,source\n"


@pytest.fixture
def changed(tmp_path):
    """Read these rows as a file of changes over the shipped table, or over a site's."""

    def read(*rows: str, site: str = "", head: str = HEAD):
        file = tmp_path / "what_if.csv"
        file.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        if site:
            shipped = load("tolerance_rule").write_csv(null_value="")
            (tmp_path / "tolerance_rule.csv").write_text(shipped + site, encoding="utf-8")
        return tolerance_change(file, tmp_path)

    return read


def row(rule_id="PRICE-01", check="PRICE", category="", pct="0.03", **more):
    dates = more.get("dates", "2026-04-01,")
    supplier, mode = more.get("supplier", ""), more.get("mode", "ALL")
    return f"{rule_id},{check},{supplier},{category},,{pct},50.00,{mode},{dates},Controller,Try"


def ids(frame):
    return sorted(frame["rule_id"])


def test_a_row_of_the_same_name_replaces_and_counts_for_every_date(changed):
    change = changed(row())
    (now,) = change.replaced.to_dicts()
    assert (now["rule_id"], now["pct"], now["valid_from"]) == (
        "PRICE-01",
        Decimal("0.02"),
        date(2000, 1, 1),
    )
    (stated,) = change.stated.to_dicts()
    assert (stated["pct"], stated["valid_from"]) == (Decimal("0.03"), date(2026, 4, 1))
    (then,) = [r for r in change.then.to_dicts() if r["rule_id"] == "PRICE-01"]
    assert (then["pct"], then["abs"]) == (Decimal("0.03"), Decimal("50.00"))
    assert then["valid_from"] < date(1900, 1, 1)
    assert then["valid_to"] is None
    assert change.now.equals(load("tolerance_rule"))
    assert ids(change.then) == ids(change.now)


def test_a_row_of_a_new_name_adds(changed):
    change = changed(row("PRICE-09", category="LAB"))
    assert ids(change.then) == sorted([*ids(change.now), "PRICE-09"])
    assert change.replaced.is_empty()


def test_a_row_takes_the_place_of_every_row_of_its_case_whatever_its_name(changed):
    old = "LAB-1,PRICE,,LAB,,0.01,5.00,ALL,2024-01-01,2024-12-31,AP,x\n"
    new = "LAB-2,PRICE,,LAB,,0.02,9.00,ALL,2025-01-01,,AP,x\n"
    change = changed(row("LAB-3", category="LAB", dates="2027-01-01,"), site=old + new)
    assert ids(change.replaced) == ["LAB-1", "LAB-2"]
    assert {"LAB-3"} == {i for i in ids(change.then) if i.startswith("LAB")}


def test_a_category_in_other_capitals_is_the_same_case(changed):
    # The site's row would decide otherwise, wherever the item writes its category as that row does.
    change = changed(row("PRICE-09", category="Implant"))
    assert ids(change.replaced) == ["PRICE-02"]
    assert change.then.filter(check="PRICE")["category"].to_list() == [None, "Implant"]


def test_a_row_that_moves_to_another_case_leaves_its_own(changed):
    change = changed(row("PRICE-02", category="LAB"))
    assert [r["category"] for r in change.replaced.to_dicts()] == ["implant"]
    assert "implant" not in change.then["category"].to_list()


def test_rows_that_are_the_sites_to_the_letter_change_nothing(changed):
    shipped = load("tolerance_rule").write_csv(null_value="").splitlines()
    change = changed(*shipped[1:])
    assert change.then.equals(change.now)
    assert change.stated.is_empty()
    assert change.replaced.is_empty()


def test_a_whole_table_with_one_row_changed_changes_that_row(changed):
    shipped = load("tolerance_rule").write_csv(null_value="").splitlines()
    change = changed(row(), *shipped[2:])
    assert ids(change.stated) == ["PRICE-01"]
    assert ids(change.replaced) == ["PRICE-01"]
    others = pl.col("rule_id") != "PRICE-01"
    assert change.then.filter(others).equals(change.now.filter(others))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([row(pct="3 %")], ["2: pct is '3 %'"], id="a-percent-sign"),
        pytest.param(
            [row(pct="-1"), row("X", mode="SOME"), row("Y", check="PRIZE")],
            ["2: pct is -1", "3: mode is 'SOME'", "4: check is 'PRIZE'"],
            id="every-bad-row-at-once",
        ),
        pytest.param([row(), row()], ["3: rule_id PRICE-01 is already on line 2"], id="name-twice"),
        pytest.param(
            [row(dates="2000-01-01,2026-03-31"), row("PRICE-09")],
            ["3: check PRICE", "leave out the one that ends"],
            id="the-row-that-ends-and-the-row-that-follows",
        ),
        pytest.param(
            [row("A", category="LAB"), row("B", category="Lab")],
            ["3: check PRICE", "category LAB", "leave out the one that ends"],
            id="one-case-in-two-spellings",
        ),
        pytest.param(
            [row(dates="2026-04-01,2026-03-31")], ["2: valid_to 2026-03-31"], id="ends-first"
        ),
        pytest.param(
            [row("BALANCE-01", category="LAB")],
            ["1: no row for HEADER_BALANCE"],
            id="nothing-left-for-the-rest",
        ),
        pytest.param([], ["1: no row follows"], id="no-row"),
    ],
)
def test_what_is_said_of_a_bad_file(changed, rows, said):
    with pytest.raises(ConfigError) as error:
        changed(*rows)
    assert "nothing was simulated" in str(error.value)
    for text in said:
        assert text in str(error.value)
        assert not text[0].isdigit() or f"what_if.csv:{text}" in str(error.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(
            HEAD.replace(",", ";").encode(), "are separated by ';': save", id="semicolons"
        ),
        pytest.param(HEAD.replace(",", "\t").encode(), "are separated by tabs: save", id="tabs"),
        pytest.param(b"PK\x03\x04\x14\x00\x00", "this is not text: save", id="a-workbook"),
    ],
)
def test_what_a_spreadsheet_saves_otherwise_is_told(tmp_path, data, said):
    file = tmp_path / "what_if.csv"
    file.write_bytes(data + b"\n")
    with pytest.raises(ConfigError, match=f"what_if.csv:1: .*{said} the file"):
        tolerance_change(file, None)


def test_a_heading_of_another_table_is_told(changed):
    with pytest.raises(ConfigError, match=r"what_if.csv:1: columns missing: .*pct"):
        changed(row(), head=HEAD.replace("pct", "percent"))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv is not a file"):
        tolerance_change(tmp_path / "none.csv", None)
