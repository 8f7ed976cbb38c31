"""The finding behind a denial: its remark code decides what is looked for."""

from decimal import Decimal
from importlib.resources import files

import duckdb
import polars as pl
import pytest

from recon.rules import load

# Open on the account: no device number (SD05), another revenue code (SP05), no HCPCS (SP04).
OPEN = [("K-SD05", "SD05"), ("K-SP05", "SP05"), ("K-SP04", "SP04")]


def root(code, remark, causes=OPEN):
    rows = [(key, 1, cause, Decimal(0), None) for key, cause in causes]
    denial = ("K-DENIAL", 1, code, Decimal(100), remark)
    schema = ["exception_key", "account_no", "code", "gross", "remark"]
    sql = files("recon.reconcile").joinpath("usage_charge", "charge_root.sql").read_text("utf-8")
    with duckdb.connect() as con:
        con.register("charge_keyed", pl.DataFrame([denial, *rows], schema=schema, orient="row"))
        con.register("denial_cause", load("denial_cause"))
        return dict(con.sql(sql).fetchall()).get("K-DENIAL")


@pytest.mark.parametrize(
    ("remark", "cause"),
    [
        pytest.param("16 M50", "K-SP05", id="revenue-code"),
        pytest.param("16 M20", "K-SP04", id="hcpcs"),
        pytest.param("16 M99", "K-SD05", id="serial-number"),
        pytest.param("16", "K-SD05", id="no-remark-code"),
        pytest.param("16 N232", "K-SD05", id="a-remark-without-causes-of-its-own"),
        pytest.param("16 M53", None, id="units-are-right"),
    ],
)
def test_what_a_remark_says_is_missing_is_what_is_looked_for(remark, cause):
    assert root("DN01", remark) == cause


def test_a_remark_counts_for_its_own_denial_only():
    assert root("DN03", "151 M50", [("K-SC04", "SC04"), ("K-SP05", "SP05")]) == "K-SC04"
