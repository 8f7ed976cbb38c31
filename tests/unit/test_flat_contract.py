"""The contract: which texts are numbers, dates, booleans, and which are refused, never rounded."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.parse.contract import contract_schema, typed
from recon.site import Column, Contract


def read(value, **column):
    """One value through a contract of one column: the typed value, or the reject."""
    contract = Contract(columns=[Column(name="v", **column)])
    origin = {"source_record": 7, "byte_offset": 70, "byte_length": 9, "raw": "raw\r\n"}
    texts = pl.DataFrame([{"v": value, **origin}], schema_overrides={"v": pl.String})
    rows, rejects = typed(texts, contract, shown=True)
    assert rows.height + rejects.height == 1
    assert dict(rows.schema) == {
        **contract_schema(contract),
        "source_record": pl.Int64,
        "byte_offset": pl.Int64,
    }
    return rows["v"][0] if rows.height else rejects.row(0, named=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1234.5", "1234.5", id="plain"),
        pytest.param("1,234.50", "1234.50", id="thousands"),
        pytest.param("1,234,567", "1234567", id="millions"),
        pytest.param("$12.34", "12.34", id="dollar"),
        pytest.param("-$ 12.34", "-12.34", id="minus-before-dollar"),
        pytest.param("$-12.34", "-12.34", id="minus-behind-dollar"),
        pytest.param("12.00-", "-12", id="trailing-minus"),
        pytest.param("12.00+", "12", id="trailing-plus"),
        pytest.param("(1,200.00)", "-1200", id="parentheses"),
        pytest.param("($5)", "-5", id="dollar-in-parentheses"),
        pytest.param("$(1,200.00)", "-1200", id="accounting-format-of-excel"),
        pytest.param(" $ (5.00)", "-5", id="accounting-format-with-blanks"),
        pytest.param("+3", "3", id="plus"),
        pytest.param(".00", "0", id="no-digit-before-the-point"),
        pytest.param("5.", "5", id="no-digit-behind-the-point"),
        pytest.param("  0012.500  ", "12.5", id="blanks-and-zeros-around"),
        pytest.param("0.1", "0.1", id="not-a-binary-fraction"),
        pytest.param("999999999999.999999", "999999999999.999999", id="all-eighteen-digits"),
        pytest.param("1.2345670000", "1.234567", id="zeros-beyond-the-scale-lose-nothing"),
        pytest.param("\u00a012.5", "12.5", id="a-no-break-space"),
        pytest.param("-0", "0", id="negative-zero"),
        pytest.param("\u221212.5", "-12.5", id="the-minus-of-a-typesetter"),
    ],
)
def test_numbers_that_are_read(text, value):
    assert read(text, type="decimal") == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1e5",
        "1.2E+05",
        "1,23",
        "1.234,50",
        "1,2345",
        "12,",
        ",123",
        "--5",
        "-5-",
        "-5+",
        "(5",
        "5)",
        "(-5)",
        "$($5)",
        "$(-5)",
        "-",
        "$",
        ".",
        "1 2",
        "1.2.3",
        "NaN",
        "inf",
        "0x10",
        "٣",
        "1234567890123",
        "1.2345678",
        "½",
        "12%",
        "1_000",
    ],
)
def test_texts_that_are_no_number_of_this_column(text):
    refused = read(text, type="decimal")
    assert refused["rule"] == "type:v"
    assert refused["reason"].startswith(f"v is '{text}': expected a number such as 12.5")


def test_more_decimals_than_the_scale_are_refused_not_rounded():
    assert read("1.005", type="decimal", scale=2)["rule"] == "type:v"
    assert read("1.00", type="decimal", scale=0) == Decimal("1")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1,000", 1000),
        ("12.00", 12),
        ("-7", -7),
        ("7-", -7),
        ("999999999999999999", 10**18 - 1),
    ],
)
def test_integers_that_are_read(text, value):
    assert read(text, type="integer") == value


@pytest.mark.parametrize("text", ["12.5", "1234567890123456789", "1e3", "x"])
def test_texts_that_are_no_integer(text):
    assert read(text, type="integer")["rule"] == "type:v"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", "12.34"),
        ("5", "0.05"),
        ("-5", "-0.05"),
        ("1234-", "-12.34"),
        ("1234+", "12.34"),
        ("000", "0"),
        ("+100", "1"),
    ],
)
def test_implied_decimals_put_the_point_in_by_the_scale(text, value):
    assert read(text, type="decimal", implied=True, scale=2) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00120{", "12.00"),
        ("0012A", "1.21"),
        ("0012I", "1.29"),
        ("00120}", "-12.00"),
        ("0012J", "-1.21"),
        ("R", "-0.09"),
        ("}", "0"),
        ("1234", "12.34"),
    ],
)
def test_a_zoned_last_digit_carries_the_sign(text, value):
    assert read(text, type="decimal", implied=True, scale=2, zoned=True) == Decimal(value)


@pytest.mark.parametrize("text", ["12{4", "12S", "-12", "12-", "12a", "1.2A", "{{", "12 A"])
def test_what_is_not_zoned_digits_is_refused(text):
    told = read(text, type="decimal", implied=True, scale=2, zoned=True)
    assert told["rule"] == "type:v"
    assert "expected digits, of which the last carries the sign" in told["reason"]
    assert read("12A", type="decimal", implied=True, scale=2)["rule"] == "type:v"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12,5", "12.5"),
        ("1.234,50", "1234.50"),
        ("1.234", "1234"),
        ("1.234.567", "1234567"),
        ("(12,00)", "-12"),
        ("0,75-", "-0.75"),
        ("48", "48"),
    ],
)
def test_a_decimal_comma_changes_places_with_the_point(text, value):
    assert read(text, type="decimal", decimal_comma=True) == Decimal(value)


@pytest.mark.parametrize("text", ["12.5", "1,234.50", "1.23,4", "1,2,3"])
def test_where_decimals_have_a_comma_a_point_stands_between_thousands_only(text):
    told = read(text, type="decimal", decimal_comma=True)
    assert told["rule"] == "type:v"
    assert "a number such as 12,5, with at most 6 decimals" in told["reason"]


@pytest.mark.parametrize(
    "text", ["12.34", "1,234", "$5", "(5)", "12 34", "-5-", "1234567890123456789"]
)
def test_implied_decimals_take_digits_only(text):
    assert read(text, type="decimal", implied=True, scale=2)["rule"] == "type:v"


@pytest.mark.parametrize(
    ("text", "format_", "day"),
    [
        pytest.param("2026-03-02", "%Y-%m-%d", date(2026, 3, 2), id="iso"),
        pytest.param("20260302", "%Y%m%d", date(2026, 3, 2), id="digits"),
        pytest.param("3/2/2026", "%m/%d/%Y", date(2026, 3, 2), id="no-leading-zeros"),
        pytest.param("03/02/26", "%m/%d/%y", date(2026, 3, 2), id="two-digit-year"),
        pytest.param("02-MAR-2026", "%d-%b-%Y", date(2026, 3, 2), id="month-in-capitals"),
        pytest.param(
            "2022-04-29 00:00:00.000", "%Y-%m-%d %H:%M:%S.%3f", date(2022, 4, 29), id="with-a-time"
        ),
        pytest.param("2024-02-29", "%Y-%m-%d", date(2024, 2, 29), id="leap-day"),
        pytest.param("9999-12-31", "%Y-%m-%d", date(9999, 12, 31), id="end-of-time"),
    ],
)
def test_dates_that_are_read(text, format_, day):
    assert read(text, type="date", date_format=format_) == day


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        pytest.param("2026-02-29", "%Y-%m-%d", id="no-such-day"),
        pytest.param("26-03-02", "%Y-%m-%d", id="the-year-26"),
        pytest.param("0026-03-02", "%Y-%m-%d", id="the-year-26-with-zeros"),
        pytest.param("2026115", "%Y%m%d", id="a-digit-short-could-be-two-days"),
        pytest.param("2026-03-02T00:00", "%Y-%m-%d", id="something-behind"),
        pytest.param("13/01/2026", "%m/%d/%Y", id="day-and-month-swapped"),
        pytest.param("00000000", "%Y%m%d", id="zeros"),
        pytest.param("46083", "%Y-%m-%d", id="a-spreadsheet-serial"),
        pytest.param("+10000-01-01", "%Y-%m-%d", id="after-the-last-day-of-a-calendar"),
    ],
)
def test_texts_that_are_no_date(text, format_):
    refused = read(text, type="date", date_format=format_)
    assert refused["rule"] == "type:v"
    assert f"expected a date written as {format_}" in refused["reason"]


def test_booleans_ignore_case_and_refuse_the_rest():
    assert [read(text, type="boolean") for text in ("y", "TRUE", "0", "No")] == [
        True,
        True,
        False,
        False,
    ]
    assert read("maybe", type="boolean")["rule"] == "type:v"
    assert read("oui", type="boolean", true_values=["OUI"], false_values=["NON"]) is True


def test_empty_is_null_unless_required():
    for kind in ("text", "integer", "decimal", "date", "boolean"):
        assert read("  ", type=kind) is None
        assert read("", type=kind, required=True)["rule"] == "required:v"
        assert read(None, type=kind, required=True)["reason"] == "v is empty and is required"


def test_values_outside_the_allowed_ones_are_refused():
    assert read(" EA ", allowed=["EA", "BX"]) == "EA"
    assert read("", allowed=["EA"]) is None
    assert read("ea", allowed=["EA", "BX"])["reason"] == "v is 'ea': expected one of EA, BX"


def test_a_record_that_breaks_several_rules_is_one_reject_that_names_all():
    contract = Contract(
        columns=[
            Column(name="po", required=True),
            Column(name="qty", type="integer"),
            Column(name="uom", allowed=["EA"]),
        ]
    )
    texts = pl.DataFrame(
        {
            "po": ["", "P2"],
            "qty": ["x", "1"],
            "uom": ["CS", "EA"],
            "source_record": [1, 2],
            "byte_offset": [0, 10],
            "byte_length": [10, 8],
            "raw": [",x,CS\r\n", "P2,1,EA"],
        }
    )
    rows, rejects = typed(texts, contract, shown=True)
    assert rows.rows() == [("P2", 1, "EA", 2, 10)]
    assert rejects.rows(named=True) == [
        {
            "record": "record",
            "source_record": 1,
            "byte_offset": 0,
            "byte_length": 10,
            "records": 1,
            "rule": "required:po",
            "reason": "po is empty and is required; qty is 'x': expected a number such as 12, "
            "without decimals and at most 18 digits; uom is 'CS': expected one of EA",
            "raw": ",x,CS",
        }
    ]


def test_no_rows_at_all_keep_their_types():
    contract = Contract(
        columns=[
            Column(name=kind, type=kind)
            for kind in ("text", "integer", "decimal", "date", "boolean")
        ]
    )
    texts = pl.DataFrame(
        schema={
            **{c.name: pl.String for c in contract.columns},
            "source_record": pl.Int64,
            "byte_offset": pl.Int64,
            "byte_length": pl.Int64,
            "raw": pl.String,
        }
    )
    rows, rejects = typed(texts, contract, shown=True)
    assert rows.is_empty()
    assert rejects.is_empty()
    assert rows.schema["decimal"] == pl.Decimal(18, 6)
