"""The finding behind a denial: its line and its remark code decide what is looked for."""

from datetime import date
from decimal import Decimal
from importlib.resources import files

import duckdb
import polars as pl
import pytest

from recon.rules import load

DAY = date(2026, 3, 2)
# Open on the account: no device number (SD05), another revenue code (SP05), no HCPCS (SP04).
OPEN = [("K-SD05", "SD05"), ("K-SP05", "SP05"), ("K-SP04", "SP04")]
# Charge-master code -> its HCPCS code and revenue code.
CODES = {"SCREW": ("C1713", "0278"), "BALLOON": ("C1725", "0272"), "SUTURE": (None, "0272")}


def root(code, remark, causes=OPEN, line=None):
    """The cause of a denial.

    A cause is key, code, and where stated charge-master code and remark; a line is its HCPCS code
    and its revenue code.
    """
    rows = []
    for key, cause, *of in causes:
        cdm, said = [*of, None, None][:2]
        rows.append((key, 1, cause, Decimal(0), said, "F", cdm, DAY, None, None))
    told = ("claim_adjustment", "F|A|N|2")
    denial = ("K-DENIAL", 1, code, Decimal(100), remark, "F", None, None, *told)
    schema = ["exception_key", "account_no", "code", "gross", "remark", "facility_id", "cdm_code"]
    schema += ["service_date", "record_table", "record_key"]
    paid = {"remittance_id": "R", "claim_no": 1, "facility_id": "F", "account_key": "A"}
    hcpcs, revenue_code = line or (None, None)
    text = pl.String
    tables = {
        "charge_keyed": pl.DataFrame([denial, *rows], schema=schema, orient="row"),
        "denial_cause": load("denial_cause"),
        "claim_payment": pl.DataFrame([{**paid, "claim_key": "N"}]),
        "service_payment": pl.DataFrame(
            [
                paid
                | {"line_no": 2, "billed_hcpcs": None, "hcpcs": hcpcs, "revenue_code": revenue_code}
            ],
            schema_overrides={"billed_hcpcs": text, "hcpcs": text, "revenue_code": text},
        ),
        "code_period": pl.DataFrame(
            [(n, "F", c, h, r, DAY, DAY) for n, (c, (h, r)) in enumerate(CODES.items())],
            schema=[
                "period_no",
                "facility_id",
                "cdm_code",
                "hcpcs",
                "revenue_code",
                "from_day",
                "to_day",
            ],
            orient="row",
        ),
    }
    sql = files("recon.reconcile").joinpath("usage_charge", "charge_root.sql").read_text("utf-8")
    with duckdb.connect() as con:
        for name, frame in tables.items():
            con.register(name, frame)
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


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        pytest.param(("C1713", "0278"), "K-2", id="by-hcpcs"),
        pytest.param(("C1725", "0272"), "K-1", id="by-hcpcs-of-the-other"),
        pytest.param((None, "0278"), "K-2", id="by-revenue-code"),
        pytest.param(("C9999", "0278"), "K-1", id="hcpcs-of-none-of-them"),
        pytest.param(None, "K-1", id="line-not-known"),
    ],
)
def test_what_the_denied_line_names_goes_before_the_likelier_cause(line, cause):
    causes = [("K-1", "SC04", "BALLOON"), ("K-2", "SC05", "SCREW")]
    assert root("DN03", "151", causes, line) == cause


def test_a_procedure_that_is_denied_is_explained_by_its_missing_device():
    causes = [("K-1", "SD05", "SCREW"), ("K-2", "SD01", None, "33208")]
    assert root("DN01", "16", causes, ("33208", "0361")) == "K-2"
    assert root("DN01", "16", causes, ("33249", "0361")) == "K-1"
