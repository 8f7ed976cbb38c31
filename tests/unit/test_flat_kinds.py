"""Flat files whose records are of several kinds: an order's header and its lines in one file."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

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


# Lines that do not name their order, and lots that name neither line nor order.
UNDER = Contract(
    kinds={
        "order": CONTRACT.kinds["order"],
        "line": RecordKind(
            mark="L",
            takes={"order": ["order_no", "day"]},
            columns=[Column(name="kind"), Column(name="line_no", type="integer")],
        ),
        "lot": RecordKind(
            mark="S",
            takes={"order": ["order_no"], "line": ["line_no"]},
            columns=[Column(name="kind"), Column(name="lot", required=True)],
        ),
    }
)
FIRST = "H|4501|20260302|0\nL|1\nS|A1\nS|A2\nL|2\n"
SECOND = "H|4502|20260303|0\nL|1\n"


def taken(parsed):
    lines = parsed.records["line"].select("order_no", "day", "line_no").rows()
    return lines, parsed.records["lot"].select("order_no", "line_no", "lot").rows()


def refused(parsed):
    return parsed.rejects.select("source_record", "rule", "reason").rows()


def test_a_record_takes_columns_of_the_records_above_it():
    parsed = parse(FIRST + SECOND, UNDER)
    second, third = date(2026, 3, 2), date(2026, 3, 3)
    assert taken(parsed) == (
        [("4501", second, 1), ("4501", second, 2), ("4502", third, 1)],
        [("4501", 1, "A1"), ("4501", 1, "A2")],
    )
    assert not refused(parsed)
    wanted = UNDER.by_record["line"]
    assert [column.name for column in wanted.columns] == ["kind", "line_no", "order_no", "day"]


def test_what_stands_below_a_refused_record_is_refused_and_the_next_order_goes_on():
    parsed = parse("H|4501|someday|0\nL|1\nS|A1\n" + SECOND, UNDER)
    assert taken(parsed) == ([("4502", date(2026, 3, 3), 1)], [])
    assert [row[:2] for row in refused(parsed)] == [(1, "type:day"), (2, "above"), (3, "above")]
    assert [row[2] for row in refused(parsed)[1:]] == [
        "the 'order' above it, record 1, was refused"
    ] * 2
    misshapen = parse("H|4501|20260302|0|0\nL|1\n" + SECOND, UNDER)
    assert [row[:2] for row in refused(misshapen)] == [(1, "fields"), (2, "above")]


def test_a_record_with_none_above_it_is_not_given_to_the_order_before():
    assert refused(parse("L|1\n" + SECOND, UNDER)) == [
        (1, "above", "no record of the kind 'order' stands above it")
    ]
    # The second order's lot has no line of that order above it, but one of the first.
    parsed = parse(FIRST + "H|4502|20260303|0\nS|B1\n", UNDER)
    assert refused(parsed) == [(7, "above", "no record of the kind 'line' stands above it")]


def test_behind_a_record_that_may_have_been_an_order_nothing_is_given():
    said = "record 2 above it could not be read and may be, or hold, its 'order'"
    assert refused(parse("H|4501|20260302|0\nX|4502\nL|1\n" + SECOND, UNDER))[1:] == [
        (3, "above", said)
    ]
    # A line end that was lost, and quotes that make a line and an order to a record of four fields.
    glued = "H|4501|20260302|0\nL|1H|4502|20260303|0\nL|1\n"
    assert refused(parse(glued, UNDER))[1:] == [(3, "above", said)]
    quotes = 'H|4501|20260302|0\nL|"1\nH"|4502|0\nL|1\n'
    assert refused(parse(quotes, UNDER, quote='"'))[1:] == [(3, "above", said)]
    # A byte that is no text spoils its own record: what kind it is of can still be told.
    raw = b"H|4501|20260302|0\nL|\xff\nL|2\nH|45\xff2|20260303|0\nL|1\n"
    parsed = read_delimited(raw, FORMAT, UNDER)
    assert taken(parsed)[0] == [("4501", date(2026, 3, 2), 2)]
    assert [row[:2] for row in refused(parsed)] == [(2, "encoding"), (4, "encoding"), (5, "above")]
    # A quote that is never closed swallows lines, and an order may be among them.
    quoted = 'H|4501|20260302|0\nL|"1\nL|2\n' + SECOND
    swallowed = read_delimited(quoted.encode(), FORMAT.model_copy(update={"quote": '"'}), UNDER)
    assert swallowed.records_in == swallowed.quarantined + 1


# Records that are good, of a wrong value, of a wrong shape and of no kind.
WRITTEN = {
    "H": "H|{no}|20260302|0",
    "h": "H|{no}|someday|0",
    "L": "L|{no}",
    "l": "L|{no}|more",
    "S": "S|A{no}",
    "s": "S|",
    "X": "X|{no}",
}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(list(WRITTEN)), max_size=60))
def test_whose_a_record_is_read_one_by_one(marks):
    order = line = None
    lines, lots = [], []
    for no, mark in enumerate(marks, 1):
        if mark in "Hh":
            order, line = (str(no) if mark == "H" else None), None
        elif mark in "lX":
            order = line = None
        elif mark == "L":
            line = no if order else None
            lines += [(order, no)] if order else []
        elif mark == "S" and order and line:
            lots.append((order, line, f"A{no}"))
    text = "".join(WRITTEN[mark].format(no=no) + "\n" for no, mark in enumerate(marks, 1))
    parsed = parse(text, UNDER)
    assert parsed.records["line"].select("order_no", "line_no").rows() == lines
    assert parsed.records["lot"].select("order_no", "line_no", "lot").rows() == lots


def test_of_fixed_width_too_and_private_columns_are_taken_with_what_they_identify():
    contract = Contract(
        kinds={
            "case": RecordKind(
                mark="1",
                columns=[Column(name="account", private="account", at=Span(start=2, width=4))],
            ),
            "use": RecordKind(
                mark="2",
                takes={"case": ["account"]},
                columns=[Column(name="item", at=Span(start=2, width=3))],
            ),
        }
    )
    parsed = read_fixed_width(
        b"17001\n2AAA\n2BBB\n", FixedWidthFormat(kind="fixed_width"), contract
    )
    assert parsed.records["use"].select("item", "account").rows() == [
        ("AAA", "7001"),
        ("BBB", "7001"),
    ]
    assert contract.by_record["use"].private == {"account": "account"}
