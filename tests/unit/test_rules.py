"""Rule tables: what ships, what a site may put in its place, and what is said of a bad edit."""

import re
from datetime import date
from decimal import Decimal
from importlib.resources import files

import polars as pl
import pytest

from recon.canonical.describe import polars_schema, table_name
from recon.errors import ConfigError
from recon.rules import load, load_all, rule_mistakes
from recon.rules.tables import RULE_TABLES, ClaimDeadline, NetYield

# Codes of the specification, 1.4, with who works them and whether they hold money.
CHARGE_CODES = (
    "SC01 SC02 SC03 SC04 SC05 SC06 SC07 SC08 SC09 SC10 SC11 SC13 SP01 SP02 SP03 SP04 SP05 SP06 "
    "SD01 SD02 SD03 SD04 SD05 SD06 SD07 SD08 SD09 SD10 SI01 SI02 SI03 SI04 SI05 SI06 SI07 SI08 "
    "ST01 ST02 ST03 ST04 DN01 DN02 DN03 DN04 DN05 DN07 DQ01 DQ03 DQ04 DQ05 DQ06 DQ07"
)
HOLDS = {
    "AP": "PO_NOT_FOUND PO_LINE_NOT_FOUND PO_LINE_AMBIGUOUS SUPPLIER_MISMATCH CURRENCY_MISMATCH "
    "DUP_EXACT DUP_PROBABLE QTY_OVER_BILLED TAX_ON_EXEMPT CHARGE_UNCLASSIFIED LINE_MATH "
    "INVOICE_OUT_OF_BALANCE ERS_INVOICE_RECEIVED CREDIT_UNLINKED CREDIT_EXCEEDS_INVOICED",
    "BUY": "PO_LINE_CANCELLED BLANKET_EXPIRED ITEM_MISMATCH RECEIPT_REVERSED QTY_OVER_ORDERED "
    "PRICE_OVER FREIGHT_UNAUTHORISED FREIGHT_OVER_CAP",
    "REC": "QTY_NOT_RECEIVED QTY_NOT_ACCEPTED",
    "CON": "SURCHARGE_UNAUTHORISED",
    "ITM": "UOM_NO_CONVERSION UOM_SUSPECT",
    "OR": "BILL_ONLY_NO_USAGE BILL_ONLY_LOT_MISMATCH",
    "REQ": "NO_PO AMT_NOT_RECEIVED AMT_OVER_ORDERED",
}
WARNS = {
    "AP": "DUP_POSSIBLE INV_NUMBER_REUSED DISCOUNT_AT_RISK DISCOUNT_LOST",
    "BUY": "SUBSTITUTE_ACKNOWLEDGED OVER_RECEIPT PRICE_UNDER PRICE_RESOLVED_BY_CREDIT "
    "AFTER_THE_FACT_PO ACK_PRICE_CHANGED ACK_QTY_CHANGED ACK_SUBSTITUTED ACK_REJECTED "
    "ACK_BACKORDER",
    "REC": "CREDIT_NO_RETURN",
    "CON": "PRICE_PO_STALE PRICE_ABOVE_CONTRACT CONTRACT_EXPIRED CONTRACT_NOT_EFFECTIVE "
    "CONTRACT_NOT_LOADED",
    "REQ": "NON_PO_ROUTED",
}


@pytest.fixture
def site(tmp_path):
    """Put a rule table into a site's folder: the shipped one, with one text replaced."""

    def edited(name: str, old: str = "", new: str = ""):
        shipped = files("recon.rules").joinpath(f"{name}.csv").read_text(encoding="utf-8")
        assert old in shipped
        text = shipped.replace(old, new, 1) if old else shipped
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return edited


@pytest.mark.parametrize("table", RULE_TABLES, ids=table_name)
def test_every_shipped_table_is_as_declared(table):
    rows = load(table_name(table))
    # What is paid of a charge, and until when a claim is taken, nobody knows but the site.
    assert rows.height or table in (NetYield, ClaimDeadline)
    assert rows.schema == polars_schema(table)
    table.validate(rows, lazy=True)


def test_every_code_of_the_specification_is_there_in_its_queue():
    expected = {
        (code, hold, queue)
        for hold, queues in (("Y", HOLDS), ("N", WARNS))
        for queue, codes in queues.items()
        for code in codes.split()
    }
    rows = load("exception_code").filter(~pl.col("code").str.contains(r"^[A-Z]{2}\d\d$"))
    assert set(rows.select("code", "hold", "queue").rows()) == expected


def test_every_code_of_use_and_charge_is_there_and_holds_no_money():
    rows = load("exception_code").filter(pl.col("code").str.contains(r"^[A-Z]{2}\d\d$"))
    assert set(rows["code"]) == set(CHARGE_CODES.split())
    assert set(rows["hold"]) == {"N"}


def test_what_was_charged_at_the_wrong_time_is_in_no_sum():
    rows = load("exception_code").filter(pl.col("in_sums") == "N")
    assert rows["code"].to_list() == ["ST01", "ST02", "ST03", "ST04"]


def test_every_name_in_a_reason_is_one_the_workbook_can_fill():
    sql = files("recon.publish").joinpath("sql", "exception_detail.sql").read_text(encoding="utf-8")
    known = set(re.findall(r"'([a-z_]+)': ", sql))
    codes = load("exception_code")
    is_charge = codes["code"].str.contains(r"^[A-Z]{2}\d\d$")
    assert {
        n for r in codes.filter(~is_charge)["reason"] for n in re.findall(r"{(.*?)}", r)
    } <= known
    sql = files("recon.publish").joinpath("sql", "charge_finding.sql").read_text(encoding="utf-8")
    known = set(re.findall(r"'([a-z_]+)': ", sql))
    named = {n for r in codes.filter(is_charge)["reason"] for n in re.findall(r"{(.*?)}", r)}
    assert named == known, "a name that is filled and used by no reason is dead"


def test_the_shipped_tolerances_are_those_of_the_specification():
    rows = load("tolerance_rule").select("check", "category", "pct", "abs")
    limits = {(check, category): (pct, amount) for check, category, pct, amount in rows.rows()}
    assert limits == {
        ("PRICE", None): (Decimal("0.02"), Decimal("25.00")),
        ("PRICE", "implant"): (Decimal(0), Decimal(0)),
        ("QTY_RECEIVED", None): (Decimal(0), Decimal(0)),
        ("QTY_ORDERED", None): (Decimal(0), Decimal(0)),
        ("AMT_ORDERED", None): (Decimal(0), Decimal(0)),
        ("CONTRACT", None): (None, Decimal("0.01")),
        ("LINE_MATH", None): (None, Decimal("0.02")),
        ("HEADER_BALANCE", None): (None, Decimal("0.05")),
        ("FREIGHT", None): (None, Decimal("75.00")),
    }


def test_a_table_of_the_site_replaces_the_shipped_one_whole(site):
    folder = site("policy", "tolerate", "hold")
    assert load("policy", folder)["value"][0] == "hold"
    assert load_all(folder)["policy"]["value"][0] == "hold"
    assert load("policy")["value"][0] == "tolerate"


def test_a_lookup_of_the_site_is_not_a_rule_table(site):
    folder = site("policy")
    (folder / "unit_alias.csv").write_text("anything,at all\n1,2\n")
    assert rule_mistakes(folder) == []
    assert "unit_alias" not in load_all(folder)


def test_a_site_without_rules_has_the_shipped_ones(tmp_path):
    assert rule_mistakes(tmp_path / "none") == []
    assert load("age_bucket", tmp_path / "none").equals(load("age_bucket"))


def test_values_are_read_exactly_and_empty_is_not_zero(site):
    folder = site("tolerance_rule", ",0.02,25.00,ALL,2000-01-01,", ",0.000001,,ANY,2026-02-28,")
    row = load("tolerance_rule", folder).filter(pl.col("rule_id") == "PRICE-01").row(0, named=True)
    assert (row["pct"], row["abs"], row["mode"]) == (Decimal("0.000001"), None, "ANY")
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 2, 28), None)


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "said"),
    [
        pytest.param(
            "tolerance_rule", "0.02,25.00", "2 %,25.00", 2, "pct is '2 %'", id="a-percent-sign"
        ),
        pytest.param(
            "tolerance_rule",
            "0.02,25.00",
            "0.0200001,25.00",
            2,
            "at most 6",
            id="too-many-decimals",
        ),
        pytest.param(
            "tolerance_rule", "0.02,25.00", "-0.02,25.00", 2, "0 or more", id="below-zero"
        ),
        pytest.param(
            "tolerance_rule", "0.02,25.00", "2.00,25.00", 2, "which is 200%", id="two-for-2-percent"
        ),
        pytest.param(
            "tolerance_rule",
            "Shipped default: 2 %",
            '"Shipped default: 2 %',
            2,
            "quote",
            id="a-quote",
        ),
        pytest.param(
            "tolerance_rule", "25.00,ALL", "25.00,BOTH", 2, "one of ALL, ANY", id="an-unknown-mode"
        ),
        pytest.param(
            "tolerance_rule", "PRICE-02", "PRICE-01", 3, "already on line 2", id="a-name-twice"
        ),
        pytest.param(
            "tolerance_rule", ",implant,", ",,", 3, "would tie", id="two-rows-for-one-case"
        ),
        pytest.param(
            "tolerance_rule",
            "FREIGHT-01,FREIGHT,",
            "FREIGHT-01,FREIGHT,S1",
            1,
            "no row for FREIGHT without supplier, category and facility: add one for all "
            "others, as the shipped table has",
            id="a-check-without-a-general-row",
        ),
        pytest.param(
            "tolerance_rule",
            "2000-01-01,,AP",
            "2000-01-32,,AP",
            2,
            "expected a date",
            id="no-such-day",
        ),
        pytest.param(
            "tolerance_rule",
            "2000-01-01,,AP",
            "2000-01-02,2000-01-01,AP",
            2,
            "is before",
            id="ends-first",
        ),
        pytest.param(
            "tolerance_rule", "pct,abs", "percent,abs", 1, "unknown: percent", id="a-heading"
        ),
        pytest.param(
            "tolerance_rule", "2 % and $25.00", "2 %, and $25.00", 2, "13 values", id="a-bare-comma"
        ),
        pytest.param(
            "exception_code", "NO_PO,Y", "NO_P,Y", 1, "no row for NO_PO", id="a-code-is-gone"
        ),
        pytest.param(
            "exception_code", "NO_PO,Y,Y,2", "NO_PO,Y,Y,5", 2, "one of 1, 2", id="severity-five"
        ),
        pytest.param("policy", "tolerate", "ignore", 2, "tolerate, hold", id="an-unknown-choice"),
        pytest.param("age_bucket", "15-30,15", "15-30,16", 4, "ends at 14", id="a-gap-in-ages"),
        pytest.param("age_bucket", "0-7,0", "0-7,1", 2, "start at 0", id="no-bucket-for-today"),
        pytest.param(
            "age_bucket", "121+,121,", "121+,121,400", 8, "no to_days", id="an-end-of-ages"
        ),
        pytest.param(
            "deadline", "RECEIVED,2,", "RECEIVED,-2,", 2, "0 or more", id="late-before-it-is-due"
        ),
        pytest.param(
            "deadline",
            "SHIPMENT_RECEIVED",
            "SHIPPED",
            2,
            "one of SHIPMENT_RECEIVED",
            id="no-such-wait",
        ),
        pytest.param(
            "claim_deadline",
            "approved_by,source\n",
            "approved_by,source\nS1,-2,Buyer,Contract 7\n",
            2,
            "0 or more",
            id="over-before-it-is-billed",
        ),
    ],
)
def test_a_bad_edit_is_said_with_its_line(site, name, old, new, line, said):
    folder = site(name, old, new)
    mistakes = rule_mistakes(folder)
    assert [(file.name, at) for file, at, _ in mistakes] == [(f"{name}.csv", line)]
    assert said in mistakes[0][2]
    with pytest.raises(ConfigError, match=rf"{name}\.csv:{line}: "):
        load(name, folder)


def test_every_mistake_of_a_table_is_said_at_once(site):
    folder = site("tolerance_rule", "0.02,25.00,ALL", "x,y,z")
    assert [said.split()[0] for _, _, said in rule_mistakes(folder)] == ["abs", "mode", "pct"]


def test_a_table_that_is_not_utf_8_is_said_with_its_line(site):
    file = site("policy") / "policy.csv"
    file.write_bytes(file.read_bytes().replace(b"AP Manager", b"Andr\xe9"))
    assert [(line, "UTF-8" in said) for _, line, said in rule_mistakes(file.parent)] == [(2, True)]
