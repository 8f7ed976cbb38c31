"""Gaps of the charge master: what would make a wrong claim, whether or not one was charged."""

from datetime import date

import polars as pl
import pytest

import recon
from recon.canonical.describe import canonical_tables, polars_schema

AS_OF = date(2026, 3, 31)


# What each row says beside that it is an implant without a HCPCS code, and what is found on it.
ROWS = [
    ({}, ["SP04"]),
    ({"hcpcs": "C1874"}, []),  # a stent under an implant's revenue code
    ({"revenue_code": "0275"}, ["SP04"]),
    ({"revenue_code": "0276"}, ["SP04"]),
    ({"revenue_code": "0272"}, []),  # a sterile supply needs none
    ({"revenue_code": None}, []),
    ({"hcpcs": "C1725"}, ["SD10"]),  # a balloon is no implant
    ({"hcpcs": "C1725", "revenue_code": "0272"}, []),
    ({"hcpcs": "C1874", "revenue_code": "0272"}, ["SP05"]),
    ({"hcpcs": "C1874", "revenue_code": None}, []),
    ({"valid_to": AS_OF}, ["SP04"]),
    ({"valid_to": date(2026, 3, 30)}, []),
    ({"valid_from": date(2026, 4, 1)}, []),
    ({"chargeable": False}, []),
    ({"facility_id": "*"}, ["SP04"]),
]


# A second row of the code, and what is found on both.
LATER = [
    ({"valid_from": date(2026, 2, 1), "hcpcs": "C1874"}, []),  # mended: the first has no end
    ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 31)}, []),  # deleted
    ({"valid_from": date(2026, 4, 1), "hcpcs": "C1874"}, ["SP04"]),  # not yet mended
    ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 2, 9)}, ["SP04"]),  # over
    ({"facility_id": "*", "hcpcs": "C1874"}, ["SP04"]),  # another hospital's
]


@pytest.fixture(scope="module")
def gaps():
    """All gaps of one charge master of these rows, each under a code of its own."""
    usual = {
        "facility_id": "H",
        "valid_from": date(2025, 1, 1),
        "description": "A thing",
        "revenue_code": "0278",
        "price": 10,
    }
    given = [{**usual, "cdm_code": f"C{n}", **row} for n, (row, _) in enumerate(ROWS)]
    given += [
        {**usual, "cdm_code": f"L{n}", **row}
        for n, (later, _) in enumerate(LATER)
        for row in ({}, later)
    ]
    schema = polars_schema(canonical_tables()["cdm"])
    names = [n for n in schema if not n.startswith(("source", "byte"))]
    rows = pl.DataFrame(
        [{n: row.get(n) for n in names} for row in given], schema={n: schema[n] for n in names}
    )
    return recon.usage_charge({"cdm": rows}, as_of=AS_OF)["cdm_gap"]


@pytest.mark.parametrize(("number", "codes"), [(n, codes) for n, (_, codes) in enumerate(ROWS)])
def test_a_row_of_the_charge_master(gaps, number, codes):
    assert gaps.filter(cdm_code=f"C{number}")["code"].to_list() == codes


@pytest.mark.parametrize(("number", "codes"), [(n, codes) for n, (_, codes) in enumerate(LATER)])
def test_of_several_rows_of_a_code_the_one_that_counts_is_judged(gaps, number, codes):
    assert gaps.filter(cdm_code=f"L{number}")["code"].to_list() == codes
