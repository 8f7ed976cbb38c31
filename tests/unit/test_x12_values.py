"""Numbers and dates as X12 writes them: exact, or refused."""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.parse import values
from recon.parse.spans import code
from recon.parse.x12.delimiters import find_interchanges
from recon.parse.x12.text import read_text
from recon.parse.x12.tokenise import tokenise

ISA = (
    "ISA*00*          *00*          *ZZ*A              *ZZ*B              "
    "*260331*0102*U*00401*000000007*0*P*>~"
)


def elements(written):
    """The given texts as element 01 of one segment each."""
    text = read_text((ISA + "".join(f"AMT*{w}~" for w in written)).encode())
    tokens = tokenise(text, find_interchanges(text.data))
    return tokens, tokens.element(np.flatnonzero(tokens.tag == code("AMT")), 1)


def decimals(*given):
    array, bad, pointed = values.decimal_array(*given)
    return pl.Series(values=array), bad, pointed


def read(written, scale=2, implied=False):
    value, bad, pointed = decimals(*elements([written]), scale, np.array([implied]))
    return None if bad[0] else value[0], bool(pointed[0])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("12", "12", id="whole"),
        pytest.param("12.5", "12.5", id="decimals"),
        pytest.param("-12.50", "-12.5", id="negative"),
        pytest.param("+1", "1", id="plus"),
        pytest.param(".5", "0.5", id="nothing-before-the-point"),
        pytest.param("5.", "5", id="nothing-after-the-point"),
        pytest.param("-0.00", "0", id="minus-zero"),
        pytest.param("0000000000000000000012.30", "12.3", id="leading-zeros"),
        pytest.param("1.230000", "1.23", id="trailing-zeros-say-nothing"),
        pytest.param("9999999999999999.99", "9999999999999999.99", id="18-digits"),
        pytest.param(" 7 ", "7", id="blanks-around"),
    ],
)
def test_numbers_are_read_exactly(written, value):
    assert read(written)[0] == Decimal(value)


@pytest.mark.parametrize(
    "written",
    ["1.234", "10000000000000000", "1,000", "1 000", "1e3", "--1", "1-", "-", ".", "+.", "1.2.3",
     "abc", "1a", "$5", "(5)", "٣", "1" * 40, "99999999999999999999999999"],
)  # fmt: skip
def test_what_is_no_number_or_does_not_fit_is_refused(written):
    assert read(written)[0] is None


@pytest.mark.parametrize(
    ("written", "value", "pointed"),
    [
        pytest.param("9588", "95.88", False, id="two-decimals-implied"),
        pytest.param("7", "0.07", False, id="cents-only"),
        pytest.param("0", "0", False, id="zero"),
        pytest.param("-150", "-1.50", False, id="negative"),
        pytest.param("100.00", "100.00", True, id="a-point-is-taken-literally"),
        pytest.param("100.", "100", True, id="a-point-at-the-end-too"),
    ],
)
def test_n2_has_two_decimals_unless_there_is_a_point(written, value, pointed):
    assert read(written, implied=True) == (Decimal(value), pointed)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.decimals(-(10**11), 10**11, places=6), min_size=1, max_size=20))
def test_any_decimal_comes_back_as_it_was_written(numbers):
    value, bad, _ = decimals(*elements([f"{n:f}" for n in numbers]), 6)
    assert not bad.any()
    assert value.to_list() == numbers


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("0123456789.-+ eE", max_size=24), min_size=1, max_size=20))
def test_a_number_is_what_decimal_says_it_is_or_refused(written):
    value, bad, _ = decimals(*elements(written), 6)
    for text, found, refused in zip(written, value, bad, strict=True):
        plain = text.strip()
        if found is not None:
            assert found == Decimal(plain)
        elif not refused:
            assert plain == ""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("20260228", date(2026, 2, 28), id="eight-digits"),
        pytest.param("20240229", date(2024, 2, 29), id="leap-day"),
        pytest.param("000229", date(2000, 2, 29), id="six-digits-this-century"),
        pytest.param("991231", date(1999, 12, 31), id="six-digits-last-century"),
        pytest.param("19000101", date(1900, 1, 1), id="before-1970"),
    ],
)
def test_dates(written, value):
    found, bad = values.date_array(*elements([written]))
    assert (found.to_pylist(), bad.tolist()) == ([value], [False])


@pytest.mark.parametrize(
    "written",
    ["20260229", "20261301", "20260100", "20260132", "00000000", "2026030", "202603011", "2026-3-1",
     "-2603010", "+2603010", "260.0301", "tomorrow"],
)  # fmt: skip
def test_what_is_no_date_is_refused(written):
    found, bad = values.date_array(*elements([written]))
    assert (found.to_pylist(), bad.tolist()) == ([None], [True])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="*~\r\n", exclude_categories=["Cs"]))))
def test_any_text_comes_back_but_for_the_blanks_around_it(written):
    tokens, spans = elements([f"{w}" for w in written])
    blanks = " \t\x0b\x0c\x00\x1a"
    assert values.text(tokens, spans).to_list() == [w.strip(blanks) or None for w in written]
