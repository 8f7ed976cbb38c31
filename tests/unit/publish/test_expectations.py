"""The audit page, the chart and the dictionary: what is said about the published tables."""

from dataclasses import replace

import polars as pl
import pytest

from recon.canonical.describe import canonical_tables, polars_schema
from recon.publish.dictionary import data_dictionary
from recon.publish.expectations import evidence
from recon.publish.held_by_code import held_by_code_png


def put(night, table: str, **changed: pl.Expr):
    rows = night.tables[table]
    cast = {name: value.cast(rows.schema[name]) for name, value in changed.items()}
    return replace(night, tables={**night.tables, table: rows.with_columns(**cast)})


@pytest.fixture(scope="module")
def good(night):
    return evidence(night)


def test_a_good_night_meets_every_expectation(good):
    assert good.passed
    assert (good.failed, good.errors) == ([], [])
    assert good.checked == 25


@pytest.mark.parametrize(
    ("table", "changed", "sentence"),
    [
        pytest.param(
            "exception",
            {"code": pl.lit("MADE_UP")},
            "exception: code is a code of rule table exception_code",
            id="unknown-code",
        ),
        pytest.param(
            "exception",
            {"exception_key": pl.lit("0" * 16)},
            "exception: exception_key names one exception only",
            id="repeated-key",
        ),
        pytest.param(
            "exception",
            {"times_seen": pl.lit(0)},
            "exception: times_seen is at least 1",
            id="never-seen",
        ),
        pytest.param(
            "exception",
            {"impact": pl.lit(None)},
            "exception: impact is never empty",
            id="no-impact",
        ),
        pytest.param(
            "file_control",
            {"accepted": pl.lit(7)},
            "file_control: records_in equals accepted + quarantined",
            id="a-record-lost",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(night, table, changed, sentence):
    found = evidence(put(night, table, **changed))
    assert not found.passed
    assert found.failed == [sentence]
    assert found.errors == []
    assert b"not met" in found.html


def test_what_cannot_be_checked_is_our_error_not_the_datas(night):
    lacking = night.tables["file_control"].drop("feed")
    found = evidence(replace(night, tables={**night.tables, "file_control": lacking}))
    assert not found.passed
    assert found.failed == []
    assert found.errors == ["file_control: feed is never empty"]


def test_an_empty_night_passes(night):
    tables = {**night.tables, "exception": night.tables["exception"].clear()}
    assert evidence(replace(night, tables=tables)).passed


def test_the_page_is_the_same_again_and_holds_no_row(night, good):
    assert evidence(night).html == good.html
    page = good.html.decode()
    assert "http" not in page
    for value in night.tables["exception"]["exception_key"]:
        assert value not in page


def test_the_chart_is_the_same_again(night):
    exceptions = night.tables["exception"]
    drawn = held_by_code_png(exceptions)
    assert drawn.startswith(b"\x89PNG")
    assert held_by_code_png(exceptions.reverse()) == drawn
    assert held_by_code_png(exceptions.clear()).startswith(b"\x89PNG")


def test_the_dictionary_has_every_column_of_every_table():
    text = data_dictionary()
    for name, table in canonical_tables().items():
        section = text.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]
        for column in polars_schema(table):
            assert f"`{column}`" in section or column in text.split("## Canonical", 1)[0]
    for name in ("invoice_line_result", "allocation", "exception", "rni", "file_control"):
        assert f"### {name}\n" in text
