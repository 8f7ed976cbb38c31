"""Tolerance rows as a caller hands them in: what they may leave unsaid, and what they may not."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

import recon
from recon.errors import InputError
from recon.rules import load
from recon.rules.stated import completed, ties

DAY = date(2026, 1, 1)
# Columns of the specification (three-way match 1.1).
SPECIFIED = {
    "check": pl.String,
    "supplier_id": pl.String,
    "category": pl.String,
    "facility_id": pl.String,
    "valid_from": pl.Date,
    "pct": pl.Decimal(9, 6),
    "abs": pl.Decimal(18, 2),
    "mode": pl.String,
    "valid_to": pl.Date,
    "approved_by": pl.String,
}


def stated(*rows) -> pl.DataFrame:
    """Rows of (check, supplier, category), of 5 % each."""
    of_all = {"valid_from": DAY, "pct": Decimal("0.05"), "approved_by": "AP Manager"}
    cases = [dict(zip(("check", "supplier_id", "category"), row, strict=True)) for row in rows]
    return pl.DataFrame([{**case, **of_all} for case in cases], schema=SPECIFIED)


def names(rows: pl.DataFrame) -> set[str]:
    return set(rows["rule_id"])


def test_the_columns_of_the_specification_are_enough():
    row = completed(stated(("PRICE", "S1", None))).row(0, named=True)
    assert (row["rule_id"], row["mode"], row["source"]) == (
        "PRICE/S1/*/*/2026-01-01",
        "ALL",
        "as handed in",
    )


def test_what_a_caller_does_not_state_is_as_shipped():
    shipped = names(load("tolerance_rule"))
    assert names(completed(stated(("PRICE", "S1", None)))) - shipped == {"PRICE/S1/*/*/2026-01-01"}
    assert shipped < names(completed(stated(("PRICE", "S1", None))))


def test_a_check_that_is_stated_for_all_is_the_caller_s_alone():
    rows = completed(stated(("PRICE", None, None)))
    assert rows.filter(check="PRICE").height == 1
    assert rows["check"].n_unique() == load("tolerance_rule")["check"].n_unique()


def test_of_one_case_the_caller_s_row_counts_whatever_its_capitals():
    rows = completed(stated(("PRICE", None, " IMPLANT")))
    assert set(rows.filter(check="PRICE")["category"]) == {" IMPLANT", None}


def test_a_whole_table_stays_as_it_is():
    assert completed(load("tolerance_rule")).equals(load("tolerance_rule"))


def test_rows_without_their_check_are_left_to_be_refused():
    rows = stated(("PRICE", "S1", None)).drop("check")
    assert completed(rows).equals(rows)
    assert ties(rows) == []
    assert ties(completed(pl.DataFrame())) == []


@pytest.mark.parametrize("value", [True, ["2026-01-01"], "2026-01-01", 0.02])
def test_values_of_another_type_are_left_to_be_refused(value):
    rows = stated(("PRICE", "S1", None)).with_columns(
        pl.Series("valid_from", [value]), pl.Series("pct", [value])
    )
    with pytest.raises(InputError, match="tolerance_rule: column valid_from is"):
        recon.three_way_match({}, DAY, {"tolerance_rule": rows})


def test_two_rows_for_one_case_would_tie():
    twice = stated(("PRICE", "S1", None), ("PRICE", "S1", None))
    [said] = ties(twice)
    case = "check PRICE, supplier_id S1, category (any), facility_id (any), valid_from 2026-01-01"
    assert said.startswith(
        f"tolerance_rule: 2 rows stand for one case and would tie, such as {case}: "
    )
    assert ties(stated(("PRICE", "S1", None), ("PRICE", "S2", None))) == []
