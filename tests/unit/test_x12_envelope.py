"""The X12 envelope: every ISA is read for itself, and what is wrong is a row."""

import pytest

from recon.parse.x12 import delimiters, parse, read_x12
from recon.parse.x12.delimiters import find_interchanges

ORDER = ["ST*850*0001", "BEG*00*SA*PO1**20260301", "PO1*1*2*EA*3.5**VC*A1", "CTT*1", "SE*5*0001"]
OTHER = ["ST*850*0002", "BEG*00*SA*PO2**20260301", "PO1*1*4*BX*9**VC*B2", "CTT*1", "SE*5*0002"]


def isa(control=1, sender="SUPPLIER", component=">", version="00401", repetition="U"):
    return (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{'HOSPITAL':15}*260331*0102*{repetition}"
        f"*{version}*{control:09}*0*P*{component}"
    )


def interchange(*sets, control=1, header=None, groups=1, trailer=True):
    """Segments of one interchange with one group, all counts right."""
    body = [segment for transaction in sets for segment in transaction]
    return [
        header or isa(control),
        f"GS*PO*SUPPLIER*HOSPITAL*20260331*0102*{control}*X*004010",
        *body,
        f"GE*{len(sets)}*{control}",
        *([f"IEA*{groups}*{control:09}"] if trailer else []),
    ]


def written(segments, separator="*", terminator="~", encoding="utf-8"):
    return "".join(s.replace("*", separator) + terminator for s in segments).encode(encoding)


def errors(x12):
    return x12.defects.filter(severity="error")["code"].to_list()


def infos(x12):
    return x12.defects.filter(severity="info")["code"].to_list()


def accepted(x12):
    return x12.transactions.filter("accepted")["control_number"].to_list()


def bytes_of(x12, data):
    """The file's bytes of every segment, by its offset and length."""
    places = x12.segments.select("byte_offset", "byte_length").rows()
    return [data[at : at + size] for at, size in places]


@pytest.mark.parametrize(
    ("separator", "terminator", "encoding"),
    [
        pytest.param("*", "~", "utf-8", id="the-usual"),
        pytest.param("*", "~\n", "utf-8", id="a-line-per-segment"),
        pytest.param("*", "~\r\n", "utf-8", id="a-dos-line-per-segment"),
        pytest.param("*", "\n", "utf-8", id="line-feed"),
        pytest.param("*", "\r\n", "utf-8", id="carriage-return-line-feed"),
        pytest.param("*", "\r", "utf-8", id="carriage-return"),
        pytest.param("*", " \r\n", "utf-8", id="blanks-before-the-line-end"),
        pytest.param("*", "\u2026", "utf-8", id="an-ellipsis-of-three-bytes"),
        pytest.param("\u00a6", "!", "utf-8", id="a-broken-bar-of-two-bytes"),
        pytest.param("\u00a6", "!", "cp1252", id="a-broken-bar-in-windows-1252"),
        pytest.param("\x1d", "\x1c", "utf-8", id="control-characters"),
        pytest.param("\t", "~\n", "utf-8", id="tabs"),
        pytest.param("|", "'\n\n   ", "utf-8", id="blank-lines-and-indents"),
        pytest.param("^", "*", "utf-8", id="the-usual-ones-mean-something-else"),
    ],
)
def test_delimiters_are_whatever_the_isa_says(separator, terminator, encoding):
    segments = interchange(ORDER, OTHER)
    data = written(segments, separator, terminator, encoding)
    x12 = read_x12(data)
    assert errors(x12) == []
    assert x12.segments["tag"].to_list() == [s.split("*")[0] for s in segments]
    assert x12.segments["elements"].to_list()[1:] == [s.split("*")[1:] for s in segments[1:]]
    assert accepted(x12) == ["0001", "0002"]
    mark = terminator.strip() or terminator.strip(" ")
    ends = [b.decode(encoding) for b in bytes_of(x12, data)]
    assert [e.rstrip(" \r\n").removesuffix(mark) for e in ends[1:]] == [
        s.replace("*", separator) for s in segments[1:]
    ]


def test_delimiters_change_with_every_interchange():
    data = (
        written(interchange(ORDER))
        + written(interchange(OTHER, control=2), "|", "'\n")
        + written(interchange(ORDER, control=3), "^", "\r\n")
        + written(interchange(OTHER, control=4))
    )
    x12 = read_x12(data)
    assert errors(x12) == []
    assert x12.interchanges["element_separator"].to_list() == ["*", "|", "^", "*"]
    assert x12.interchanges["control_number"].to_list() == [f"{n:09}" for n in range(1, 5)]
    assert x12.transactions["interchange_no"].to_list() == [1, 2, 3, 4]
    assert x12.records["purchase_order"]["po_number"].to_list() == ["PO1", "PO2", "PO1", "PO2"]
    assert x12.segments["byte_offset"].is_sorted()


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param(b"\xef\xbb\xbf", b"", "bom", id="byte-order-mark"),
        pytest.param(b"\r\n\r\n  ", b"", None, id="blank-lines-first"),
        pytest.param(b"Dear LISA, the ISA is below.\n", b"", "text_outside", id="a-letter-first"),
        pytest.param(b"", b"\x1a", None, id="end-of-file-mark"),
        pytest.param(b"", b"  \r\n \x00\x00\x00", None, id="padding"),
        pytest.param(b"", b"-- end of transmission --\n", "text_outside", id="a-remark-last"),
    ],
)
def test_what_surrounds_the_interchange_is_left_out_and_told(before, after, code):
    data = before + written(interchange(ORDER)) + after
    x12 = read_x12(data)
    assert errors(x12) == []
    assert infos(x12) == ([code] if code else [])
    assert x12.interchanges["byte_offset"].to_list() == [len(before)]
    assert accepted(x12) == ["0001"]
    assert x12.segments["byte_length"].sum() + x12.gaps["byte_length"].sum() == len(data)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["unix", "dos"])
def test_lines_of_80_columns_are_unwrapped_and_offsets_stay_those_of_the_file(line_end):
    plain = written(interchange(ORDER, OTHER)).decode()
    lines = [plain[at : at + 80] for at in range(0, len(plain), 80)]
    data = line_end.join(lines).encode()
    x12 = read_x12(data)
    assert errors(x12) == []
    assert infos(x12) == ["line_breaks"]
    assert (
        x12.segments["elements"].to_list()
        == read_x12(plain.encode()).segments["elements"].to_list()
    )
    unwrapped = [b.replace(line_end.encode(), b"").decode() for b in bytes_of(x12, data)]
    assert "".join(unwrapped) == plain


@pytest.mark.parametrize("spelled", ["\\n", "\\r\\n", "<CR><LF>"])
def test_line_breaks_that_are_written_out_are_none_of_a_segment(spelled):
    """As where it was copied from a log: it seemed to be cut off, and was to be sent again."""
    plain = interchange(ORDER) + interchange(OTHER, control=2)
    data = written(plain, terminator=f"~{spelled}")
    x12 = read_x12(data)
    assert (errors(x12), infos(x12), accepted(x12)) == ([], [], ["0001", "0002"])
    assert x12.segments["byte_length"].sum() + x12.gaps["byte_length"].sum() == len(data)
    elements = x12.segments["elements"].to_list()
    assert elements == read_x12(written(plain)).segments["elements"].to_list()


def test_the_last_segment_needs_no_terminator():
    data = written(interchange(ORDER)).removesuffix(b"~")
    x12 = read_x12(data)
    assert (errors(x12), infos(x12)) == ([], ["no_final_terminator"])
    assert accepted(x12) == ["0001"]


def test_an_unterminated_iea_does_not_swallow_the_next_interchange():
    first = written(interchange(ORDER)).removesuffix(b"~") + b"\r\n"
    x12 = read_x12(first + written(interchange(OTHER, control=2)))
    assert (errors(x12), infos(x12)) == ([], ["no_final_terminator"])
    assert accepted(x12) == ["0001", "0002"]


@pytest.mark.parametrize(
    ("header", "terminator", "component"),
    [
        pytest.param(isa(component=""), "~\r\n", None, id="isa16-blank"),
        pytest.param(isa(component="").removesuffix("*"), "~", None, id="isa16-missing"),
        pytest.param(isa(component="").removesuffix("*"), "\n", None, id="isa16-missing-lines"),
        pytest.param(isa(component=" "), "~", None, id="isa16-is-a-space"),
        pytest.param(
            "ISA*00**00**ZZ*SUPPLIER*ZZ*HOSPITAL*260331*0102*U*00401*000000001*0*P*>",
            "~\n",
            ">",
            id="fields-not-padded",
        ),
        pytest.param(
            "ISA******SUPPLIER**HOSPITAL*260331****1***>", "~", ">", id="fields-left-blank"
        ),
    ],
)
def test_a_short_isa_is_read_and_told(header, terminator, component):
    x12 = read_x12(written(interchange(ORDER, header=header), terminator=terminator))
    assert (errors(x12), infos(x12)) == ([], ["isa_length"])
    assert x12.interchanges["component_separator"].to_list() == [component]
    assert x12.interchanges["sender_id"].to_list() == ["SUPPLIER"]
    assert accepted(x12) == ["0001"]


@pytest.mark.parametrize(
    ("version", "sign", "repetition"),
    [
        pytest.param("00401", "U", None, id="before-00402-a-standards-id"),
        pytest.param("00501", "^", "^", id="from-00402-a-separator"),
        pytest.param("00501", "U", None, id="a-letter-separates-nothing"),
    ],
)
def test_isa11_is_a_repetition_separator_only_from_00402(version, sign, repetition):
    header = isa(version=version, repetition=sign)
    x12 = read_x12(written(interchange(ORDER, header=header)))
    assert x12.interchanges["repetition_separator"].to_list() == [repetition]


@pytest.mark.parametrize(
    "name",
    ["N1*ST*ISAAC HOSPITAL", "N1*ST*LISA*ISA*X", "N1*ISA*00*ISA", "MSG*VISA*ISA*1*2*3*4*5*6*7"],
)
def test_the_letters_isa_elsewhere_are_no_interchange(name):
    order = [*ORDER[:2], name, *ORDER[2:-1], "SE*6*0001"]
    x12 = read_x12(written(interchange(order, OTHER)))
    assert errors(x12) == []
    assert x12.interchanges.height == 1
    assert accepted(x12) == ["0001", "0002"]


def test_files_joined_without_their_last_terminator_are_told_apart():
    """The IEA of one ran into the ISA of the next, and both were refused."""
    one, two, three = (written(interchange(ORDER, control=n)).strip()[:-1] for n in (1, 2, 3))
    x12 = read_x12(one + two + three)
    assert errors(x12) == []
    assert infos(x12) == ["no_final_terminator"] * 3
    assert accepted(x12) == ["0001"] * 3
    assert x12.interchanges["byte_offset"].to_list() == [0, len(one), len(one + two)]
    # A reference that ends so is no interchange's end.
    order = [*ORDER[:2], "REF*ZZ*XIEA*1*1ISA*00*", *ORDER[2:-1], "SE*6*0001"]
    assert read_x12(written(interchange(order))).interchanges.height == 1


@pytest.mark.parametrize("chunk", [pytest.param(n, id=f"by-{n}") for n in (1, 2, 3, 64, 107)])
def test_an_isa_is_found_wherever_the_search_for_it_is_cut(monkeypatch, chunk):
    several = [s for n in (1, 2, 3) for s in interchange(ORDER, control=n)]
    data = written(several)
    found = find_interchanges(data)
    assert len(found) == 3
    monkeypatch.setattr(delimiters, "_CHUNK", chunk)
    assert find_interchanges(data) == found


def test_an_acknowledgement_may_stand_before_the_group():
    segments = interchange(ORDER)
    segments.insert(1, "TA1*000000905*260331*0102*A*000")
    x12 = read_x12(written(segments))
    assert errors(x12) == []
    assert x12.segments.row(1, named=True)["group_no"] is None
    assert x12.records["interchange_ack"].height == 1


def test_inside_a_transaction_set_it_acknowledges_nothing():
    segments = interchange(ORDER)
    segments.insert(4, "TA1*000000905*260331*0102*A*000")
    assert "interchange_ack" not in read_x12(written(segments)).records


@pytest.mark.parametrize(
    ("change", "code", "found", "expected", "refused"),
    [
        pytest.param(("SE*5*0001", "SE*9*0001"), "SE01", "5", "9", ["0001"], id="se01"),
        pytest.param(("SE*5*0001", "SE**0001"), "SE01", "5", None, ["0001"], id="se01-blank"),
        pytest.param(("SE*5*0001", "SE*5*1"), "SE02", "1", "0001", ["0001"], id="se02"),
        pytest.param(("GE*2*1", "GE*3*1"), "GE01", "2", "3", ["0001", "0002"], id="ge01"),
        pytest.param(("GE*2*1", "GE*2*7"), "GE02", "7", "1", ["0001", "0002"], id="ge02"),
        pytest.param(
            ("IEA*1*", "IEA*2*"), "IEA01", "1", "2", ["0001", "0002"], id="iea01-counts-groups"
        ),
        pytest.param(
            ("IEA*1*000000001", "IEA*1*000000009"),
            "IEA02",
            "000000009",
            "000000001",
            ["0001", "0002"],
            id="iea02",
        ),
        pytest.param(("~SE*5*0001", ""), "SE", None, None, ["0001"], id="no-se-before-the-next-st"),
        pytest.param(("~SE*5*0002", ""), "SE", None, None, ["0002"], id="no-se-before-ge"),
        pytest.param(("~GE*2*1", ""), "GE", None, None, ["0001", "0002"], id="no-ge"),
        pytest.param(
            ("~IEA*1*000000001", ""), "IEA", None, None, ["0001", "0002"], id="no-iea-cut-off"
        ),
        pytest.param(("PO1*1*2", "pO*1*2"), "segment_tag", "2 bytes", None, ["0001"], id="odd-tag"),
    ],
)
def test_a_disagreeing_trailer_condemns_what_it_closes(change, code, found, expected, refused):
    data = written(interchange(ORDER, OTHER)).replace(*(c.encode() for c in change))
    x12, parsed = read_x12(data), parse(data)
    defect = x12.defects.filter(code=code).row(0, named=True)
    assert (defect["severity"], defect["found"], defect["expected"]) == ("error", found, expected)
    kept = [n for n in ("0001", "0002") if n not in refused]
    assert accepted(x12) == kept
    assert x12.records["purchase_order"]["transaction_control_number"].to_list() == kept
    assert parsed.records_in == 2
    assert parsed.quarantined == len(refused)
    assert parsed.rejects["rule"].to_list() == [code] * len(refused)
    for number in (found, expected):
        assert number is None or number in parsed.rejects["reason"][0]


def test_a_defect_is_where_its_bytes_are():
    data = "Überschrift\n".encode("cp1252") + written(interchange(ORDER, OTHER))
    data = data.replace(b"SE*5*0002", b"SE*6*0002")
    defect = read_x12(data).defects.filter(code="SE01").row(0, named=True)
    assert defect["byte_offset"] == data.index(b"SE*6*0002")
    assert defect["segment_no"] == 12
    assert (defect["interchange_no"], defect["group_no"], defect["transaction_no"]) == (1, 1, 2)
    reject = parse(data).rejects.row(0, named=True)
    assert reject["byte_offset"] == data.index(b"ST*850*0002")
    assert reject["byte_length"] == len(written(OTHER))
    # What names the document, and nothing further: the rest may be about a person.
    assert reject["raw"] == "ST*850*0002~BEG*00*SA*PO2**20260301~"
    assert reject["source_record"] == 8


def test_control_numbers_of_groups_and_interchanges_are_numbers():
    data = written(interchange(ORDER)).replace(b"GE*1*1", b"GE*1*0001")
    assert errors(read_x12(data)) == []


def test_counts_are_reported_whether_they_agree_or_not():
    data = written(interchange(ORDER, OTHER)).replace(b"GE*2*1", b"GE*3*1")
    rows = parse(data).controls.select("control", "source_record", "declared", "found", "agrees")
    assert rows.rows() == [
        ("CTT01", 6, "1", "1", True),
        ("SE01", 7, "5", "5", True),
        ("CTT01", 11, "1", "1", True),
        ("SE01", 12, "5", "5", True),
        ("GE01", 13, "3", "2", False),
        ("IEA01", 14, "1", "1", True),
    ]


@pytest.mark.parametrize(
    ("data", "record", "rule"),
    [
        pytest.param(b"", "file", "no_isa", id="empty-file"),
        pytest.param(b"item,qty\nA1,3\n", "file", "no_isa", id="some-other-format"),
        pytest.param(written(ORDER), "file", "no_isa", id="a-fragment"),
        pytest.param(isa().encode(), "interchange", "isa_delimiters", id="isa-and-nothing-else"),
        pytest.param(
            "".join(interchange(ORDER)).encode(),
            "interchange",
            "isa_delimiters",
            id="no-terminator",
        ),
        pytest.param(written([isa(), "IEA*1*000000001"]), "interchange", "IEA01", id="empty"),
        pytest.param(written(interchange()).replace(b"GE*0", b"GE*4"), "group", "GE01", id="lost"),
        pytest.param(
            written([isa(), *ORDER[1:3], "IEA*0*000000001"]),
            "segments",
            "outside_transaction",
            id="segments-on-their-own",
        ),
        pytest.param(
            written(ORDER + interchange()), "file", "data_outside", id="a-set-before-the-isa"
        ),
    ],
)
def test_what_holds_no_transaction_set_is_refused_as_one(data, record, rule):
    parsed = parse(data)
    assert parsed.rejects.select("record", "rule", "records").rows() == [(record, rule, 1)]
    assert (parsed.records_in, parsed.quarantined) == (1, 1)
    assert {name: rows.height for name, rows in parsed.records.items() if rows.height} == {}


def test_a_set_outside_any_group_is_refused_and_its_neighbours_go_on():
    data = written([*interchange(ORDER)[:-1], *OTHER, "IEA*1*000000001"])
    x12 = read_x12(data)
    assert errors(x12) == ["GS"]
    assert accepted(x12) == ["0001"]


def test_what_follows_iea_is_not_part_of_the_interchange():
    data = written(interchange(ORDER) + interchange(OTHER, control=2)[1:])
    parsed = parse(data)
    assert parsed.rejects["rule"].to_list() == ["outside_transaction", "GS", "outside_transaction"]
    assert parsed.records["purchase_order"]["po_number"].to_list() == ["PO1"]
    assert parsed.records_in == 1 + parsed.quarantined


def test_an_undeclared_set_is_accepted_and_counted_without_records():
    note = ["ST*864*0001", "BMG*00", "SE*3*0001"]
    parsed = parse(written(interchange(note)))
    assert (parsed.records_in, parsed.quarantined) == (1, 0)
    assert read_x12(written(interchange(note))).records == {}


def test_thousands_of_interchanges_of_changing_partners():
    styles = [("*", "~"), ("|", "'\n"), ("^", "\r\n")]
    data = b"".join(written(interchange(ORDER, control=n), *styles[n % 3]) for n in range(1, 3001))
    x12 = read_x12(data)
    assert errors(x12) == []
    assert x12.interchanges.height == x12.transactions.height == 3000
    assert x12.transactions["interchange_no"].to_list() == list(range(1, 3001))


@pytest.mark.parametrize(
    ("end", "terminator"),
    [
        pytest.param("|~", "|~", id="two-marks"),
        pytest.param("~|\r\n", "~|", id="two-marks-and-a-line-break"),
        pytest.param("~~", "~", id="a-mark-twice"),
        pytest.param("~\x0c", "~", id="a-form-feed-after-it"),
        pytest.param("~\x0b", "~", id="a-vertical-tab-after-it"),
    ],
)
def test_a_segment_may_end_with_more_than_one_mark(end, terminator):
    x12 = read_x12("".join(f"{segment}{end}" for segment in interchange(ORDER)).encode())
    assert errors(x12) == []
    assert x12.interchanges["terminator"].to_list() == [terminator]
    assert x12.interchanges["component_separator"].to_list() == [">"]
    assert x12.records["purchase_order_line"].height == 1


def test_where_only_isa_has_the_mark_line_breaks_end_the_others():
    isa, *others = interchange(ORDER)
    x12 = read_x12(f"{isa}~\n{chr(10).join(others)}\n".encode())
    assert errors(x12) == []
    assert x12.interchanges["terminator"].to_list() == ["\n"]
    assert x12.records["purchase_order_line"].height == 1


def test_a_tag_with_a_byte_of_nought_is_another_tag():
    """Four bytes of a tag are compared as one number, in which what is missing is nought."""
    segments = interchange(ORDER)
    assert read_x12(written(segments)).groups.height == 1
    x12 = read_x12(written([segments[0], segments[1].replace("GS*", "GS\x00*"), *segments[2:]]))
    assert x12.groups.height == 0
    assert x12.segments["tag"].to_list()[1] == "GS\x00"
