"""Delimited text: every line accounted for, every refusal with its place and its reason."""

import csv
import io
import time
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.errors import ConfigError
from recon.parse.flat import read_delimited
from recon.site import Column, Contract, DelimitedFormat, DelimitedTrailer

ABQ = Contract(columns=[Column(name="a"), Column(name="b"), Column(name="q", type="decimal")])


def parse(data, contract=ABQ, **format_):
    """Read and check what always holds: the counts add up, every offset points at its record."""
    declared = DelimitedFormat(kind="delimited", **format_)
    parsed = read_delimited(data if isinstance(data, bytes) else data.encode(), declared, contract)
    rows = parsed.records["record"]
    assert parsed.records_in == rows.height + parsed.quarantined
    return parsed


def rows(parsed):
    return parsed.records["record"].select("a", "b", "q").rows()


def refused(parsed):
    return parsed.rejects.select("source_record", "rule", "records").rows()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize(
    "tail", ["", "END", "END\x1a", "END\x1aEND"], ids=["cut", "ended", "ctrl-z", "ctrl-z-line"]
)
def test_every_kind_of_line_end(end, tail):
    text = "a,b,q\n1,x,1.5\n\n2,y,2\n   \n3,z,3".replace("\n", end) + tail.replace("END", end)
    parsed = parse(text)
    assert [r[0] for r in rows(parsed)] == ["1", "2", "3"]
    assert parsed.records_in == 3
    assert parsed.records["record"]["source_record"].to_list() == [1, 2, 3]
    offsets = parsed.records["record"]["byte_offset"].to_list()
    assert [text[o] for o in offsets] == ["1", "2", "3"]


def test_a_delimiter_that_ends_each_record_makes_a_column_without_a_heading():
    columns = [*ABQ.columns, Column(name="end", header="")]
    parsed = parse("a;b;q;\n1;x;1.5;\n2;y;2\n", Contract(columns=columns), delimiter=";")
    assert rows(parsed) == [("1", "x", Decimal("1.5"))]
    assert refused(parsed) == [(2, "fields", 1)]
    told = parse("a;b;q;\n1;x;1.5;\n", delimiter=";").rejects["reason"][0]
    assert "a column without a heading (where each record ends with it: `header: ''`)" in told


def test_columns_are_matched_by_heading_in_any_order():
    contract = Contract(
        columns=[Column(name="po_id", header="PO Number"), Column(name="qty", type="integer")]
    )
    for heading in ("po number", '"PO\r\nNumber"', "po  number", "PO Number\u200b"):
        parsed = parse(f"\ufeff\ufeff QTY ,{heading}\n3,P1\n", contract)
        assert parsed.records["record"].select("po_id", "qty").rows() == [("P1", 3)]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        pytest.param("a,b", "missing 'q'", id="missing"),
        pytest.param("a,b,q,r", "unknown 'r'", id="added"),
        pytest.param("a,bb,q", "missing 'b' (did you mean 'bb'?)", id="renamed"),
        pytest.param("a,b,q,Q", "more than once", id="twice"),
        pytest.param("a,b,q,", "a column without a heading", id="no-heading"),
        pytest.param('a,"b,q', "missing 'b'", id="broken-quote"),
        pytest.param("1,x,2", "it has none of its columns, but '1, x, 2'", id="no-header"),
        pytest.param("a;b;q", "but 'a;b;q'", id="another-delimiter"),
        pytest.param("a\0,\0b\0,\0q\0", "but 'a?, ?b?, ?q?'", id="utf-16-without-its-mark"),
        pytest.param("a,c,x", "missing 'b'; missing 'q'; unknown 'c'", id="hints-at-nothing-near"),
    ],
)
def test_a_header_that_is_not_the_contracts_refuses_the_file(header, said):
    parsed = parse(f"{header}\n1,x,2\n\n2,y,3\n")
    (reject,) = parsed.rejects.rows(named=True)
    assert (reject["rule"], reject["record"], reject["source_record"]) == ("header", "file", 0)
    assert said in reject["reason"]
    assert reject["records"] == parsed.records_in
    if "quote" not in reject["reason"] and '"' not in header:
        assert parsed.records_in == 2
    assert parsed.records["record"].is_empty()


def test_of_thousands_of_headings_that_are_not_the_contracts_the_first_are_named():
    wanted = Contract(columns=[Column(name=f"column_{n}") for n in range(2000)])
    header = ",".join(["column_0"] + [f"column_{n}x" for n in range(2000)])
    began = time.process_time()
    (told,) = parse(f"{header}\n", wanted).rejects["reason"]
    assert time.process_time() - began < 10
    assert "missing 'column_1' (did you mean 'column_1x'?)" in told
    assert "; 1,979 more missing; " in told
    assert "; 1,980 more unknown. " in told
    assert len(told) < 3000


def test_the_header_of_a_file_that_was_joined_behind_is_no_record():
    texts = Contract(columns=[Column(name="a"), Column(name="b")])
    parsed = parse("a,b\r\n1,x\r\n\ufeffa,b\n2,y\nb,a\na,b", texts)
    assert parsed.records["record"].select("source_record", "a", "b").rows() == [
        (1, "1", "x"),
        (2, "2", "y"),
        (3, "b", "a"),
    ]
    assert (parsed.records_in, refused(parsed)) == (3, [])


def test_an_empty_file_has_no_header():
    parsed = parse("")
    assert refused(parsed) == [(0, "header", 0)]
    assert "empty" in parsed.rejects["reason"][0]


def test_what_stands_above_the_row_of_headings_is_not_read():
    text = 'hospital,"as, of"\n\nAlpha,2026-07-01,3.0\na,b,q\n1,x,2\n1,x,y\n'
    parsed = parse(text, header_row=3)
    assert rows(parsed) == [("1", "x", 2)]
    assert parsed.records["record"]["byte_offset"].to_list() == [text.index("1,x,2")]
    assert refused(parsed) == [(2, "type:q", 1)]
    (told,) = parse(text, header_row=7).rejects["reason"]
    assert told == "row 7 should hold the headings; the file has 5 rows"


def test_a_header_alone_is_a_file_without_records():
    parsed = parse("a,b,q\n")
    assert (parsed.records_in, refused(parsed)) == (0, [])


def test_without_a_header_columns_go_by_position():
    assert [r[0] for r in rows(parse("1,x,1\n2,y,2", header=False))] == ["1", "2"]


def test_quoted_fields_hold_delimiters_quotes_and_line_ends():
    parsed = parse('a,b,q\n"x, ""y""\r\nz","",1\n"""","a""",2\n')
    assert [r[:2] for r in rows(parsed)] == [('x, "y"\r\nz', None), ('"', 'a"')]
    assert parsed.records_in == 2


def test_a_quote_inside_an_unquoted_field_is_a_character():
    assert [r[:2] for r in rows(parse('a,b,q\n5" TUBE,1/4" X 3",1\nx,y,2\n'))] == [
        ('5" TUBE', '1/4" X 3"'),
        ("x", "y"),
    ]


def test_characters_that_nobody_sees_are_no_part_of_a_value():
    text = "1,x,1\n2,\u200ey\u202c,\u200b2\n" + "\ufeff3, \u200b ,3\n4,a\u200db,4\n"
    assert rows(parse(text, header=False)) == [
        ("1", "x", 1),
        ("2", "y", 2),
        ("3", None, 3),
        ("4", "a\u200db", 4),
    ]


def test_what_is_wrapped_for_excel_is_the_text_within():
    text = 'a,b,q\n="00123",="",="12.50"\n"=""0""""4""","=""A, B""",1\n="5" x",=A1,1\n'
    assert rows(parse(text)) == [
        ("00123", None, Decimal("12.5")),
        ('0"4', "A, B", 1),
        ('="5" x"', "=A1", 1),
    ]


def test_what_is_marked_as_text_for_excel_is_the_text_behind_the_mark():
    text = "a,b,q\n'00123,'+H123ABC,'-12.50\n\"'=/A1\",'s-Gravenhage,1\n'1',' 1,1\n"
    assert rows(parse(text)) == [
        ("00123", "+H123ABC", Decimal("-12.5")),
        ("=/A1", "'s-Gravenhage", 1),
        ("'1'", "' 1", 1),
    ]


@pytest.mark.parametrize(
    ("record", "lines"),
    [
        pytest.param('"5" TUBE,x,1', 1, id="text-behind-a-closing-quote"),
        pytest.param('"",""x,1', 1, id="text-behind-an-empty-quoted-field"),
        pytest.param('a, "b",1', 1, id="a-blank-before-the-quote"),
        pytest.param('"open,x,1\n8,x,1\n9,"y",1', 3, id="never-closed-until-the-next-quote"),
    ],
)
def test_a_wrong_quote_refuses_its_record_and_the_rest_goes_on(record, lines):
    parsed = parse(f"a,b,q\n1,x,1\n{record}\n2,y,2\n")
    assert refused(parsed) == [(2, "quote", lines)]
    assert [r[0] for r in rows(parsed)] == ["1", "2"]
    assert parsed.records["record"]["source_record"].to_list() == [1, 2 + lines]


def test_a_quote_that_is_never_closed_says_how_many_lines_it_swallowed():
    text = 'a,b,q\n1,x,1\n2,"open,1\n3,x,1\n\n4,x,1\n'
    parsed = parse(text)
    (reject,) = parsed.rejects.rows(named=True)
    assert (reject["rule"], reject["records"], parsed.records_in) == ("quote", 3, 4)
    assert f"offset {text.index(chr(34))}" in reject["reason"]
    assert "3 lines" in reject["reason"]
    assert text.encode()[reject["byte_offset"] :][: reject["byte_length"]].startswith(b'2,"open')


def test_a_wrong_number_of_fields_names_both_numbers():
    parsed = parse("a,b,q\n1,x\n2,y,2,extra\n3,z,3\n")
    assert refused(parsed) == [(1, "fields", 1), (2, "fields", 1)]
    assert "2 fields, expected 3" in parsed.rejects["reason"][0]
    assert "4 fields, expected 3" in parsed.rejects["reason"][1]


def test_one_bad_record_in_many_is_one_reject_at_its_place():
    lines = [f"{i},name {i},{i}.25" for i in range(5000)]
    lines[3210] = "3210,name,abc"
    text = "a,b,q\n" + "\n".join(lines) + "\n"
    parsed = parse(text)
    (reject,) = parsed.rejects.rows(named=True)
    assert (parsed.records["record"].height, reject["source_record"], reject["rule"]) == (
        4999,
        3211,
        "type:q",
    )
    assert text[reject["byte_offset"] :][: reject["byte_length"]] == "3210,name,abc\n"


@pytest.mark.parametrize("delimiter", ["\t", "|", ";", "~", "\x1f", "¦", " "], ids=repr)
def test_other_delimiters(delimiter):
    text = "a,b,q\n1,x,1.5\n,,2\n".replace(",", delimiter)
    assert [r[:2] for r in rows(parse(text, delimiter=delimiter))] == [("1", "x"), (None, None)]


def test_without_quoting_a_quote_is_a_character():
    assert rows(parse('a,b,q\n"x,y",1\n', quote=None))[0][:2] == ('"x', 'y"')


@pytest.mark.parametrize(
    ("encoding", "declared", "used"),
    [
        ("utf-8", "utf-8", "utf-8"),
        ("utf-8-sig", "cp1252", "utf-8-sig"),
        ("utf-16", "utf-8", "utf-16-le"),
        ("utf-16-le", "utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16", "utf-16-be"),
        ("cp1252", "cp1252", "cp1252"),
        ("latin-1", "latin-1", "iso8859-1"),
    ],
)
def test_encodings_are_read_and_offsets_are_those_of_the_file(encoding, declared, used):
    text = "a,b,q\né,ü,1\nñ,x,bad\nz,ß,2\n"
    data = text.encode(encoding)
    parsed = parse(data, encoding=declared)
    assert [r[:2] for r in rows(parsed)] == [("é", "ü"), ("z", "ß")]
    assert parsed.encoding == used
    plain = encoding.replace("-sig", "") if encoding != "utf-16" else "utf-16-le"
    reject = parsed.rejects.row(0, named=True)
    record = data[reject["byte_offset"] :][: reject["byte_length"]]
    assert record.decode(plain) == "ñ,x,bad\n"
    starts = parsed.records["record"]["byte_offset"].to_list()
    assert [data[s:].decode(plain)[0] for s in starts] == ["é", "z"]


def test_characters_beyond_the_basic_plane_keep_offsets_right():
    data = "a,b,q\n😀€é,x,1\n2,y,bad\n".encode("utf-16")
    reject = parse(data).rejects.row(0, named=True)
    assert data[reject["byte_offset"] :][: reject["byte_length"]].decode("utf-16-le") == "2,y,bad\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(b"a,b,q\n1,caf\xe9,1\n2,y,2\n", "utf-8", id="cp1252-in-utf-8"),
        pytest.param(b"a,b,q\n1,caf\x81,1\n2,y,2\n", "cp1252", id="undefined-in-cp1252"),
        pytest.param(b"a,b,q\n1,caf\x00,1\n2,y,2\n", "utf-8", id="a-hole-of-nul"),
        pytest.param(
            "a,b,q\n1,cafX,1\n2,y,2\n".encode("utf-16-le").replace(b"X\x00", b"\x00\xd8"),
            "utf-16-le",
            id="half-a-pair",
        ),
    ],
)
def test_bytes_that_are_not_text_refuse_their_record_only(data, encoding):
    parsed = parse(data, encoding=encoding)
    assert refused(parsed) == [(1, "encoding", 1)]
    assert [r[0] for r in rows(parsed)] == ["2"]
    at = data.index(b"caf") + 3 if encoding != "utf-16-le" else data.index(b"\x00\xd8")
    assert f"offset {at} " in parsed.rejects["reason"][0]


def test_mixed_encodings_never_become_other_letters():
    data = "a,b,q\né,x,1\n".encode() + "é,y,2\n".encode("cp1252") + "ü,z,3\n".encode()
    parsed = parse(data)
    assert [r[0] for r in rows(parsed)] == ["é", "ü"]
    assert refused(parsed) == [(2, "encoding", 1)]


@pytest.mark.parametrize("encoding", ["klingon", "big5", "utf-7", "base64"])
def test_an_encoding_we_cannot_keep_offsets_in_is_a_mistake_of_the_site(encoding):
    with pytest.raises(ConfigError, match=encoding):
        parse("a,b,q\n", encoding=encoding)


TRAILER = DelimitedTrailer(mark="T", count=2, total=3, total_of="q")


def test_a_trailer_that_agrees_is_two_controls():
    parsed = parse('a,b,q\n1,x,1.10\n2,y,"2,000.05"\nT,2,2001.15\n', trailer=TRAILER)
    assert parsed.controls.rows() == [
        ("trailer_count", 3, "2", "2", True),
        ("trailer_total", 3, "2001.15", "2001.15", True),
    ]
    assert (parsed.records_in, parsed.quarantined) == (2, 0)


@pytest.mark.parametrize(
    ("text", "rule", "records", "said"),
    [
        pytest.param(
            "1,x,1\n2,y,2\nT,3,3\n", "trailer_count", 2, ["declares 3 records", "has 2"], id="count"
        ),
        pytest.param(
            "1,x,1\n2,y,2\nT,2,3.01\n", "trailer_total", 2, ["3.01", "hold 3"], id="a-cent"
        ),
        pytest.param(
            "1,x,1\n2,y,2\nT,5,9\n", "trailer_count", 2, ["declares 5", "of 9"], id="both"
        ),
        pytest.param("1,x,1\n2,y,2\n", "trailer_missing", 2, ["'2,y,2'"], id="missing"),
        pytest.param(
            "1,x,1\nT,1,1\n2,y,2\n", "trailer_missing", 2, ["record 2 of 3"], id="not-last"
        ),
        pytest.param(
            "1,x,1\nT,1,1\n2,y,2\nT,1,2\n",
            "trailer_missing",
            2,
            ["record 2 of 4"],
            id="two-files-joined",
        ),
        pytest.param(
            "1,x,1\n2,y,2\nT\n", "trailer_count", 2, ["no number"], id="cut-in-the-trailer"
        ),
        pytest.param(
            "1,x,1\n2,y,2\nT,two,3\n", "trailer_count", 2, ["declares two"], id="unreadable-count"
        ),
        pytest.param("", "trailer_missing", 0, ["no record"], id="nothing-at-all"),
        pytest.param(
            '1,x,1\n2,"y,2\nT,2,3\n', "trailer_missing", 3, ["'2,"], id="swallowed-by-a-quote"
        ),
        pytest.param(
            "1,x,1\n2,y,two\nT,2,3\n",
            "trailer_total",
            2,
            ["hold 1 (1 of them with no readable q)"],
            id="unreadable-amount",
        ),
    ],
)
def test_a_trailer_that_does_not_agree_refuses_the_file_with_both_numbers(
    text, rule, records, said
):
    parsed = parse("a,b,q\n" + text, trailer=TRAILER)
    assert refused(parsed) == [(0, rule, records)]
    assert all(words in parsed.rejects["reason"][0] for words in said)
    assert not parsed.controls["agrees"].all()
    assert parsed.records["record"].is_empty()


def test_refused_records_count_in_the_trailers_numbers():
    contract = Contract(
        columns=[
            Column(name="a", required=True),
            Column(name="b"),
            Column(name="q", type="decimal"),
        ]
    )
    parsed = parse("a,b,q\n,x,1\n2,y,2\nT,2,3\n", contract, trailer=TRAILER)
    assert refused(parsed) == [(1, "required:a", 1)]
    assert parsed.controls["agrees"].to_list() == [True, True]


CELL = st.text(st.sampled_from(list('ab1é€", \n\r;')), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, st.integers(-999, 999)), max_size=8),
    st.sampled_from(["\r\n", "\n"]),
)
def test_what_a_writer_quotes_is_read_back(table, end):
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator=end)
    writer.writerow(["a", "b", "q"])
    writer.writerows(table)
    parsed = parse(written.getvalue())
    expected = [(a.strip() or None, b.strip() or None, q) for a, b, q in table]
    assert rows(parsed) == expected


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=80)
    | st.text(st.sampled_from(list('1,"\n\r\x1a Té')), max_size=60).map(str.encode),
    st.booleans(),
    st.sampled_from(["utf-8", "cp1252", "utf-16-le"]),
    st.sampled_from([None, TRAILER]),
)
def test_no_bytes_break_the_count_and_every_place_is_within_the_file(
    data, header, encoding, trailer
):
    head = "a,b,q\n1,x,1\n".encode(encoding) if header else b""
    data = head + data
    parsed = parse(data, header=header, encoding=encoding, trailer=trailer)
    places = pl.concat(
        [
            parsed.records["record"].select("source_record", "byte_offset"),
            parsed.rejects.select("source_record", "byte_offset"),
        ]
    ).sort("source_record")
    assert places["byte_offset"].is_sorted()
    assert places["source_record"].is_unique().all()
    assert (parsed.rejects["byte_offset"] + parsed.rejects["byte_length"] <= len(data)).all()
    assert (parsed.rejects["reason"].str.len_chars() > 10).all()


def test_columns_beside_the_contracts_are_not_read_where_the_feed_says_so():
    text = 'q,Patient,b,Note,Note,a\n1.5,her,x,,"two\nlines",1\n'
    text += "few,his,y,,,2\n3,hers,z,,3\n4,us,w,n,m,4\n"
    assert "unknown 'Patient'" in parse(text).rejects["reason"][0]
    parsed = parse(text, other_columns="ignored")
    assert rows(parsed) == [("1", "x", Decimal("1.5")), ("4", "w", Decimal("4"))]
    assert parsed.rejects.select("source_record", "rule", "raw").rows() == [
        (2, "type:q", None),
        (3, "fields", None),
    ]
    reasons = parsed.rejects["reason"].to_list()
    assert reasons[1] == "the record has 5 fields, expected 6"


def test_of_ignored_columns_nothing_is_told_but_a_heading_that_may_be_meant():
    near = parse("a,bb,q,Patient\n1,x,2,Jane\n", other_columns="ignored").rejects
    assert near["rule"].to_list() == ["header"]
    assert "missing 'b' (did you mean 'bb'?)" in near["reason"][0]
    headless = parse("1,Jane Roe,2,1957\n2,John Roe,3,1961\n", other_columns="ignored").rejects
    assert "Jane" not in "".join(map(str, headless.row(0)))
    assert headless["raw"].to_list() == [None]
    short = parse("Jane Roe\n", other_columns="ignored", header_row=3).rejects
    assert short.select("rule", "raw").rows() == [("header", None)]
    trailer = DelimitedTrailer(mark="T", count=2)
    cut_off = parse("a,b,q,Who\n1,x,2,Jane\n", other_columns="ignored", trailer=trailer).rejects
    assert cut_off["rule"].to_list() == ["trailer_missing"]
    assert "Jane" not in "".join(map(str, cut_off.row(0)))
