"""Fixed-width text: columns counted in characters, lengths that are wrong, trailers."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.parse.flat import read_fixed_width
from recon.site import Column, Contract, FixedTrailer, FixedWidthFormat, Span

# 1-6 receipt, 7-12 quantity with two implied decimals, 13-20 date, 21-26 note
CONTRACT = Contract(
    columns=[
        Column(name="receipt", at=Span(start=1, width=6), required=True),
        Column(name="qty", type="decimal", scale=2, implied=True, at=Span(start=7, width=6)),
        Column(name="day", type="date", date_format="%Y%m%d", at=Span(start=13, width=8)),
        Column(name="note", at=Span(start=21, width=6)),
    ]
)
TRAILER = FixedTrailer(
    mark="TR", count=Span(start=3, width=5), total=Span(start=8, width=8), total_of="qty"
)


def parse(text, **format_):
    data = text if isinstance(text, bytes) else text.encode()
    parsed = read_fixed_width(data, FixedWidthFormat(kind="fixed_width", **format_), CONTRACT)
    assert parsed.records_in == parsed.records["record"].height + parsed.quarantined
    return parsed


def test_columns_are_cut_by_position_and_trimmed():
    parsed = parse("R1    00125020260302 ok   \nR2        -520260303note 2\n")
    assert parsed.records["record"].select("receipt", "qty", "note", "byte_offset").rows() == [
        ("R1", Decimal("12.50"), "ok", 0),
        ("R2", Decimal("-0.05"), "note 2", 27),
    ]


def test_positions_are_characters_whatever_the_encoding():
    text = "RÉÉ   00125020260302façade\nR2    00000120260303x\n"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        data = text.encode(encoding)
        rows = parse(data, encoding=encoding).records["record"]
        assert rows.select("receipt", "qty", "note").rows()[0] == (
            "RÉÉ",
            Decimal("12.50"),
            "façade",
        )
        second = data[rows["byte_offset"][1] :]
        assert second.decode("utf-16-le" if encoding == "utf-16" else encoding).startswith("R2")


@pytest.mark.parametrize(
    ("line", "accepted"),
    [
        pytest.param("R1    00125020260302ok", True, id="blanks-cut-behind-the-text"),
        pytest.param("R1    00125020260302", True, id="no-text-at-all"),
        pytest.param("R1    001250", True, id="ends-between-columns"),
        pytest.param("R1    0012502026030", False, id="ends-within-the-date"),
        pytest.param("R1    00125", False, id="ends-within-the-quantity"),
        pytest.param("R1    00125020260302ok       ", True, id="blanks-behind"),
        pytest.param("R1    00125020260302ok    X", False, id="something-behind"),
    ],
)
def test_lengths(line, accepted):
    parsed = parse(f"{line}\nR9    00000120260302\n")
    assert parsed.records["record"]["receipt"].to_list() == (["R1", "R9"] if accepted else ["R9"])
    if not accepted:
        assert parsed.rejects["rule"][0] == "fields"
        assert f"has {len(line)} characters, expected 26" in parsed.rejects["reason"][0]


def test_a_last_record_without_its_end_may_be_cut():
    parsed = parse("R1    00125020260302note 1\nR2    00125020260302no")
    assert parsed.records["record"]["receipt"].to_list() == ["R1"]
    assert "ends in the middle of a record" in parsed.rejects["reason"][0]
    whole = parse("R1    00125020260302note 1\nR2    00125020260302note 2")
    assert whole.records["record"].height == 2


def test_a_trailer_that_agrees():
    text = "R1    00125020260302\nR2    00005020260302\nTR0000200001300\n"
    parsed = parse(text, trailer=TRAILER)
    assert parsed.controls.select("control", "declared", "found", "agrees").rows() == [
        ("trailer_count", "00002", "2", True),
        ("trailer_total", "00001300", "13", True),
    ]
    assert parsed.records_in == 2


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("R1    00125020260302\nTR0000200001250\n", "trailer_count", id="count"),
        pytest.param("R1    00125020260302\nTR0000100001251\n", "trailer_total", id="a-cent"),
        pytest.param("R1    00125020260302\n", "trailer_missing", id="missing"),
        pytest.param("TR0000100001250\nR1    00125020260302\n", "trailer_missing", id="not-last"),
        pytest.param("R1    00125020260302\nTR00001\n", "trailer_total", id="cut-in-the-trailer"),
        pytest.param("", "trailer_missing", id="empty"),
    ],
)
def test_a_trailer_that_does_not_agree_refuses_the_file(text, rule):
    parsed = parse(text, trailer=TRAILER)
    assert parsed.rejects.select("source_record", "rule").rows() == [(0, rule)]
    assert not parsed.controls["agrees"].all()


def test_a_total_may_be_in_cents_where_its_column_has_a_comma():
    columns = [
        Column(name="receipt", at=Span(start=1, width=6)),
        Column(
            name="amount", type="decimal", decimal_comma=True, at=Span(start=7, width=9), scale=2
        ),
    ]
    trailer = TRAILER.model_copy(update={"total_of": "amount", "total_decimals": 2})
    format = FixedWidthFormat(kind="fixed_width", trailer=trailer)

    def read(total):
        text = f"R1     1.085,50\nR2       12,00-\nTR00002{total:08d}\n"
        return read_fixed_width(text.encode(), format, Contract(columns=columns))

    assert read(107350).controls["agrees"].to_list() == [True, True]
    assert (
        read(1073)
        .rejects["reason"][0]
        .startswith(
            "the trailer declares a total amount of 00001073 (10.73), the 2 records hold 1073.5"
        )
    )


def test_zoned_amounts_and_their_total_are_signed_by_their_last_digit():
    columns = [
        Column(name="receipt", at=Span(start=1, width=6)),
        Column(
            name="amount",
            type="decimal",
            implied=True,
            zoned=True,
            scale=2,
            at=Span(start=7, width=7),
        ),
    ]
    trailer = TRAILER.model_copy(update={"total_of": "amount", "total_decimals": 2})
    format = FixedWidthFormat(kind="fixed_width", trailer=trailer, encoding="cp037")
    text = "R1    000120{\nR2    001350R\nTR000020001230R\n".encode("cp037")
    parsed = read_fixed_width(text, format, Contract(columns=columns))
    assert parsed.records["record"]["amount"].to_list() == [Decimal("12.00"), Decimal("-135.09")]
    assert parsed.controls["agrees"].to_list() == [True, True]


def test_a_file_of_a_host_ends_its_lines_with_nel():
    line = "R1    00125020260302façade"
    data = "\x85".join([line, line.replace("R1", "R2"), ""]).encode("cp037")
    rows = parse(data, encoding="cp037").records["record"]
    assert data.count(b"\x15") == 2
    assert rows.select("receipt", "qty", "note", "byte_offset").rows() == [
        ("R1", Decimal("12.50"), "façade", 0),
        ("R2", Decimal("12.50"), "façade", len(line) + 1),
    ]


def test_an_ellipsis_of_cp1252_ends_no_line_of_latin_1():
    (row,) = parse(b"R1    00125020260302on\x85on\n", encoding="latin-1").records["record"].rows()
    assert row[3] == "on\x85on"


def test_a_header_record_is_recognised_by_its_mark_and_not_counted():
    parsed = parse("HD20260302\nR1    00125020260302\n", header_mark="HD")
    assert parsed.records["record"].select("receipt", "source_record", "byte_offset").rows() == [
        ("R1", 1, 11)
    ]
    missing = parse("R1    00125020260302\n", header_mark="HD")
    assert missing.rejects.select("rule", "records").rows() == [("header", 1)]
    assert "should start with 'HD'" in missing.rejects["reason"][0]


def test_bytes_that_are_not_text_refuse_their_record():
    parsed = parse(b"R1\xe9   00125020260302\nR2    00125020260302\n")
    assert parsed.rejects.select("source_record", "rule").rows() == [(1, "encoding")]
    assert "0xE9 at offset 2 " in parsed.rejects["reason"][0]


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from(list("R1 0T2é\n\r\x1a")), max_size=90), st.sampled_from([None, TRAILER])
)
def test_the_counts_add_up_whatever_comes(text, trailer):
    parsed = parse("R1    00125020260302\n" + text, trailer=trailer)
    assert (
        parsed.rejects["byte_offset"] + parsed.rejects["byte_length"] <= len(text.encode()) + 21
    ).all()
