"""Flat files whose records are of several kinds: an order's header and its lines in one file."""

from datetime import date
from decimal import Decimal

from recon.parse.flat import read_delimited, read_fixed_width
from recon.site import (
    Column,
    Contract,
    DelimitedFormat,
    DelimitedTrailer,
    FixedWidthFormat,
    RecordKind,
    Span,
)

CONTRACT = Contract(
    kinds={
        "order": RecordKind(
            mark="H",
            columns=[
                Column(name="kind"),
                Column(name="order_no", required=True),
                Column(name="day", type="date", date_format="%Y%m%d"),
                Column(name="total", type="decimal", implied=True, scale=2),
            ],
        ),
        "line": RecordKind(
            mark="L",
            columns=[
                Column(name="kind"),
                Column(name="order_no", required=True),
                Column(name="qty", type="decimal", implied=True, scale=4),
            ],
        ),
    }
)
FORMAT = DelimitedFormat(kind="delimited", delimiter="|", quote=None, header=False)
ORDERS = "H|4501|20260302|0000120050-\nL|4501|0000200000 \nL|4501|0000005000-\n"


def parse(text, contract=CONTRACT, **format_):
    parsed = read_delimited(text.encode(), FORMAT.model_copy(update=format_), contract)
    accepted = sum(rows.height for rows in parsed.records.values())
    assert parsed.records_in == accepted + parsed.quarantined
    return parsed


def test_each_kind_has_columns_of_its_own_and_all_are_counted_together():
    parsed = parse(ORDERS)
    assert parsed.records["order"].drop("kind").rows() == [
        ("4501", date(2026, 3, 2), Decimal("-1200.50"), 1, 0)
    ]
    assert parsed.records["line"].drop("kind").rows() == [
        ("4501", Decimal("20"), 2, 28),
        ("4501", Decimal("-0.5"), 3, 47),
    ]
    assert parsed.rejects.is_empty()


def test_a_record_of_no_kind_is_refused_and_one_of_another_kinds_shape_too():
    parsed = parse(ORDERS + "C|4501|FRT|0000001850\nL|4501|20260302|0000000100\n")
    begins, kinds = "the record begins with 'C|4501|FRT|000000185'", "are marked H, L"
    assert parsed.rejects.select("source_record", "rule", "reason").rows() == [
        (4, "kind", f"{begins}, and the kinds of record that the contract has {kinds}"),
        (5, "fields", "the record has 4 fields, expected 3"),
    ]


def test_a_trailer_counts_records_of_all_kinds_and_sums_a_column_of_one():
    trailer = DelimitedTrailer(mark="T", count=2, total=3, total_of="total")
    assert parse(ORDERS + "T|3|120050-\n", trailer=trailer).controls["agrees"].to_list() == [
        True,
        True,
    ]
    refused = parse(ORDERS + "T|3|120051-\n", trailer=trailer)
    assert refused.rejects.select("rule", "records").rows() == [("trailer_total", 3)]
    assert refused.rejects["reason"][0].startswith(
        "the trailer declares a total total of 120051-, the 1 records hold -1200.5. Nothing"
    )
    assert {name: rows.height for name, rows in refused.records.items()} == {"order": 0, "line": 0}


def test_one_private_kind_keeps_the_values_of_all_from_being_shown():
    kinds = dict(CONTRACT.kinds)
    kinds["line"] = RecordKind(
        mark="L", columns=[*kinds["line"].columns, Column(name="account", private="account")]
    )
    parsed = parse("H|4501|someday|0\nL|4501|1|77812\nX|Jane Roe\n", contract=Contract(kinds=kinds))
    told = " ".join(parsed.rejects["reason"].to_list())
    assert parsed.rejects["rule"].to_list() == ["type:day", "kind"]
    assert "aaaaaaa" in told
    assert not {"someday", "Jane", "77812"} & {*told.replace("'", " ").split()}


def test_of_fixed_width_a_kind_is_what_the_record_starts_with():
    at = [Span(start=1, width=2), Span(start=3, width=5), Span(start=8, width=6)]
    contract = Contract(
        kinds={
            "order": RecordKind(
                mark="01",
                columns=[
                    Column(name="order_no", at=at[1]),
                    Column(name="day", type="date", date_format="%y%m%d", at=at[2]),
                ],
            ),
            "line": RecordKind(
                mark="02",
                columns=[
                    Column(name="order_no", at=at[1]),
                    Column(name="qty", type="integer", at=at[2]),
                ],
            ),
        }
    )
    parsed = read_fixed_width(
        b"01P1001260302\n02P1001000050\n02P10010000\n99P1001\n",
        FixedWidthFormat(kind="fixed_width"),
        contract,
    )
    assert parsed.records["order"].row(0) == ("P1001", date(2026, 3, 2), 1, 0)
    assert parsed.records["line"].row(0) == ("P1001", 50, 2, 14)
    assert parsed.rejects.select("source_record", "rule").rows() == [(3, "fields"), (4, "kind")]
