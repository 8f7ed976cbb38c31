"""Every invariant can fail: a result that was tampered with is found out, and by which rows."""

from decimal import Decimal

import polars as pl
import pytest
from adapter import AS_OF, together
from collected import collected

from recon.errors import InputError
from recon.reconcile import invariants, three_way_match

CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def night():
    """S06 two invoices, S08 over-billed, S11 a pinned receipt, S23 price and quantity."""
    found = collected()
    given, rules = together([found[name] for name in ("S06", "S08", "S11", "S23")])
    return given, rules, three_way_match(given, AS_OF, rules)


def changed(rows: pl.DataFrame, where: pl.Expr, **columns: pl.Expr) -> pl.DataFrame:
    """The rows, with columns replaced where the condition holds, in their types."""
    assert rows.filter(where).height == 1
    return rows.with_columns(
        pl.when(where).then(new).otherwise(pl.col(name)).alias(name)
        for name, new in columns.items()
    ).cast(dict(rows.schema))


def line(invoice: str) -> pl.Expr:
    return pl.col("invoice_id") == invoice


def plus(column: str, amount: Decimal | int) -> dict[str, pl.Expr]:
    return {column: pl.col(column) + pl.lit(amount)}


def broken(night, **results: pl.DataFrame) -> dict[str, set[tuple[str, str]]]:
    """Invariant -> (what, document) of the rows that break it."""
    given, rules, result = night
    found = invariants(given, {**result, **results}, AS_OF, rules)
    return {
        n: set(rows.select("what", "document").rows()) for n, rows in found.items() if rows.height
    }


def test_what_the_match_returns_breaks_none(night):
    assert broken(night) == {}


def test_a_line_that_is_missing(night):
    rows = night[2]["invoice_line_result"].filter(~line("S11.V1"))
    found = broken(night, invoice_line_result=rows)
    assert found["line_amount"] == {("a billed line has not exactly one row", "S11.V1")}


@pytest.mark.parametrize("table", ["invoice_line_result", "allocation", "exception", "rni"])
def test_a_row_that_stands_twice(night, table):
    rows = night[2][table]
    with pytest.raises(InputError, match=f"{table}: 1 repeated key"):
        broken(night, **{table: pl.concat([rows, rows.head(1)])})


def test_a_line_that_nobody_billed(night):
    rows = night[2]["invoice_line_result"]
    more = pl.concat([rows, rows.filter(line("S11.V1")).with_columns(line_no=pl.lit(2, pl.Int32))])
    found = broken(night, invoice_line_result=more)
    assert found["line_amount"] == {("a billed line has not exactly one row", "S11.V1")}


def test_an_amount_that_is_not_the_one_stated(night):
    rows = night[2]["invoice_line_result"]
    more = changed(rows, line("S11.V1"), **plus("amount", CENT), **plus("supported", CENT))
    found = broken(night, invoice_line_result=more)
    assert found == {"line_amount": {("the amount is not the one stated", "S11.V1")}}


def test_a_cent_that_is_in_no_part(night):
    rows = changed(night[2]["invoice_line_result"], line("S11.V1"), **plus("supported", -CENT))
    found = broken(night, invoice_line_result=rows)
    what = "supported + tolerated + held + routed is not the amount"
    assert found == {"line_amount": {(what, "S11.V1")}}


def test_a_status_nobody_knows(night):
    rows = changed(night[2]["invoice_line_result"], line("S11.V1"), status=pl.lit("FINE"))
    found = broken(night, invoice_line_result=rows)
    assert found == {"line_amount": {("the status is not a known one", "S11.V1")}}


def test_a_held_cent_without_a_code(night):
    rows = changed(
        night[2]["invoice_line_result"],
        line("S08.V1"),
        **plus("held", CENT),
        **plus("supported", -CENT),
    )
    found = broken(night, invoice_line_result=rows)
    assert found == {"held_explained": {("held is not the sum of the holds", "S08.V1")}}


def test_a_dollar_in_two_codes(night):
    rows = night[2]["exception"]
    where = line("S23.V1") & (pl.col("code") == "PRICE_OVER")
    again = changed(rows, where, code=pl.lit("LINE_MATH"), exception_key=pl.lit("another"))
    both = pl.concat([rows, again.filter(pl.col("exception_key") == "another")])
    both = both.with_columns(
        queue=pl.when(pl.col("exception_key") == "another").then(pl.lit("AP")).otherwise("queue")
    )
    found = broken(night, exception=both)
    assert found == {"held_explained": {("held is not the sum of the holds", "S23.V1")}}


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        pytest.param(
            "queue", "BUY", "its code and queue are not in exception_code", id="wrong-queue"
        ),
        pytest.param("bucket", "121+", "its age is not in its bucket", id="wrong-bucket"),
        pytest.param("bucket", "never", "its age is not in its bucket", id="unknown-bucket"),
    ],
)
def test_an_exception_filed_where_no_total_finds_it(night, column, value, what):
    rows = changed(night[2]["exception"], line("S08.V1"), **{column: pl.lit(value)})
    filed = broken(night, exception=rows)["exception_filed"]
    assert [said for said, _ in filed] == [what]


def test_a_receipt_consumed_twice(night):
    rows = changed(night[2]["allocation"], line("S11.V1"), **plus("qty", 1))
    found = broken(night, allocation=rows)
    assert ("more is allocated than was received", "S11.R2/1") in found["receipt_consumed"]
    assert ("allocated + awaited is not what was received", "S11.R2/1") in found["receipt_consumed"]
    assert ("more is allocated than billed - credited", "S11.V1") in found["line_consumed"]
    assert ("allocated is not the lesser of supply and demand", "S11.P1/1") in found[
        "group_exhausted"
    ]


def test_goods_received_that_are_awaited_nowhere(night):
    found = broken(night, rni=night[2]["rni"].clear())
    what = "allocated + awaited is not what was received"
    assert found == {"receipt_consumed": {(what, "S11.R1/1")}}


def test_a_receipt_left_over_beside_a_line_that_wants_it(night):
    rows = night[2]["allocation"].filter(~line("S06.V2"))
    found = broken(night, allocation=rows)
    assert found["group_exhausted"] == {
        ("allocated is not the lesser of supply and demand", "S06.P1/1")
    }


def test_regions_that_do_not_add_up(night):
    rows = changed(night[2]["invoice_line_result"], line("S08.V1"), **plus("qty_d", 1))
    found = broken(night, invoice_line_result=rows)
    assert found == {"line_consumed": {("A + B + C + D is not billed - credited", "S08.V1")}}


def test_goods_called_received_that_were_not(night):
    rows = changed(
        night[2]["invoice_line_result"], line("S08.V1"), **plus("qty_d", -1), **plus("qty_a", 1)
    )
    found = broken(night, invoice_line_result=rows)
    assert found == {"line_consumed": {("A + C is not what is allocated", "S08.V1")}}


def test_two_currencies_in_one_sum(night):
    rows = changed(night[2]["invoice_line_result"], line("S11.V1"), currency=pl.lit("CAD"))
    found = broken(night, invoice_line_result=rows)
    assert found["currency_kept"] == {
        ("a result is not in the currency of its invoice", "S11.V1"),
        ("a line consumes a receipt of another currency", "S11.V1"),
    }


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("rni", "what is received and not invoiced is not in the currency of its order"),
        ("exception", "an exception is not in the currency of its invoice"),
    ],
)
def test_an_amount_in_another_currency(night, table, what):
    rows = night[2][table].with_columns(currency=pl.lit("CAD"))
    found = broken(night, **{table: rows})
    assert what in {said for said, _ in found["currency_kept"]}
