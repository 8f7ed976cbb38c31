"""X12 in UTF-16 and EBCDIC: the same records, and every place is a place in the file as it came."""

import pytest
from x12_written import interchange

from recon.parse.x12 import parse, read_x12

BODY = ["BIG*20260331*INV-1", "IT1*1*10*EA*1.5**VC*A1é", "TDS*1500"]
TEXT = interchange(("810", BODY), ("810", [*BODY, "CTT*7"])).decode()
PLAIN = read_x12(TEXT.encode())


def ebcdic(text, page="cp037"):
    return text.encode(page).replace(b"\x25", b"\x15")  # a mainframe's new line


FILES = [
    pytest.param(TEXT.encode("utf-16"), "utf-16-le", id="utf-16-with-its-mark"),
    pytest.param(TEXT.encode("utf-16-le"), "utf-16-le", id="utf-16-le"),
    pytest.param(("\r\n" + TEXT).encode("utf-16-be"), "utf-16-be", id="utf-16-be"),
    pytest.param(ebcdic(TEXT), "cp037", id="cp037"),
    pytest.param(ebcdic("  " + TEXT, "cp500"), "cp037", id="cp500"),
    pytest.param(ebcdic(TEXT.replace("\n", "")), "cp037", id="cp037-in-one-line"),
    pytest.param(ebcdic(TEXT.replace("~\n", "\n")), "cp037", id="cp037-ended-by-new-lines"),
    pytest.param(ebcdic(TEXT.replace("*", "|").replace(">", "!"), "cp500"), "cp037", id="marks"),
]


@pytest.mark.parametrize(("data", "encoding"), FILES)
def test_it_is_read_as_if_it_were_utf_8(data, encoding):
    x12 = read_x12(data)
    assert x12.encoding == encoding
    assert x12.transactions["accepted"].to_list() == [True, False]
    for name, rows in PLAIN.records.items():
        assert x12.records[name].drop("byte_offset").equals(rows.drop("byte_offset"))
    told = x12.defects.filter(code="encoding")
    assert told["message"].to_list() == [f"the file is not UTF-8; it was read as {encoding}"]


@pytest.mark.parametrize(("data", "encoding"), FILES)
def test_places_are_those_of_the_file(data, encoding):
    x12 = read_x12(data)
    wide = 2 if encoding.startswith("utf-16") else 1
    for tag, offset, length in x12.segments.select("tag", "byte_offset", "byte_length").rows():
        assert data[offset : offset + len(tag) * wide].decode(encoding) == tag
        assert length % wide == 0
    at = int(x12.defects.filter(code="CTT01")["byte_offset"][0])
    assert data[at:].decode(encoding).startswith("CTT")
    assert x12.segments["byte_length"].sum() + x12.gaps["byte_length"].sum() == len(data)
    assert set(x12.gaps["kind"]) <= {"blank", "bom"}
    (reject,) = parse(data).rejects.to_dicts()
    stretch = data[reject["byte_offset"] :][: reject["byte_length"]].decode(encoding)
    assert stretch.startswith("ST")
    assert "CTT" in stretch
    assert reject["raw"].startswith("ST")


def test_half_a_character_at_the_end_belongs_to_a_gap_or_a_segment():
    data = TEXT.encode("utf-16")[:-1]
    x12 = read_x12(data)
    assert x12.transactions.height == 2
    assert x12.segments["byte_length"].sum() + x12.gaps["byte_length"].sum() == len(data)


@pytest.mark.parametrize(("data", "encoding"), FILES)
def test_the_answer_is_in_the_encoding_of_the_sender(data, encoding):
    answer = read_x12(read_x12(data).acks())
    assert answer.encoding == encoding
    assert answer.transactions["set_code"].to_list() == ["997"]
