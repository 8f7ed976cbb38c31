"""A file of another kind is named for what it is, by either reader."""

import gzip

import pytest

from recon.parse.hl7 import read_hl7
from recon.parse.x12 import read_x12

TEXT = "MSH|^~\\&|A|B|||20260401||ADT^A01|1|P|2.3\r"
ISA = "ISA*00*          *00*          *ZZ*S              *ZZ*H              *260402*0102*U*00401*"

FILES = [
    pytest.param(b"", "it is empty: have it sent again", id="empty"),
    pytest.param(b" \r\n\0\0", "it begins with nothing but blanks or zero bytes", id="blanks"),
    pytest.param(gzip.compress(b"ISA"), "it is compressed (gzip): unpack it first", id="gzip"),
    pytest.param(b"%PDF-1.4\n", "it is a PDF: ask for the data it was printed from", id="pdf"),
    pytest.param(b"PK\x03\x04\x14", "it is a zip archive or a workbook", id="zip"),
    pytest.param(TEXT.encode("cp037"), "it is EBCDIC", id="hl7-as-ebcdic"),
    pytest.param(b"GS*SH*S*H*20260401*0102*70*X*004010~", "without its envelope", id="bare-group"),
    pytest.param(b"\n ST*856*0001~BSN*00", "without its envelope", id="bare-set"),
    pytest.param(b"STORE*8 1/2~", "that this is the file that was meant", id="no-bare-set"),
    pytest.param(b"UNB+UNOA:2+S:14+H:14", "it is EDIFACT, which is not read", id="edifact"),
    pytest.param(b"UNA:+.? 'UNB+UNOA:2+S", "it is EDIFACT, which is not read", id="edifact-una"),
    pytest.param(b"STX=ANA:1+5000", "it is TRADACOMS, which is not read", id="tradacoms"),
    pytest.param(b"DXS*925123*DX*004010UCS*1", "it is a DEX file", id="dex"),
    pytest.param(b"-----BEGIN PGP MESSAGE-----\n", "it is encrypted (PGP): decrypt", id="pgp"),
    pytest.param(ISA.lower().encode(), "it is in small letters: X12", id="x12-in-small-letters"),
    pytest.param(TEXT.lower().encode(), "it is in small letters: X12", id="hl7-in-small-letters"),
    pytest.param(b"\xef\xbb\xbf {}", "it looks like JSON", id="json"),
    pytest.param(b"\n<html>", "it looks like XML or a web page", id="html"),
    pytest.param(b"\x89PNG", "check that this is the file that was meant", id="anything-else"),
]


@pytest.mark.parametrize(("data", "said"), FILES)
@pytest.mark.parametrize("read", [read_x12, read_hl7], ids=["x12", "hl7"])
def test_a_file_of_another_kind_is_named(read, data, said):
    defects = read(data).defects
    (message,) = defects.filter(defects["code"].is_in(["no_isa", "no_msh"]))["message"]
    assert said in message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp037"])
def test_what_is_no_text_in_ascii_is_named_for_what_it_says(encoding):
    (message,) = read_x12(ISA.encode(encoding)).defects.filter(code="no_isa")["message"]
    assert "it begins like X12, perhaps cut short" in message


def test_each_kind_of_messages_is_told_from_the_other():
    """A whole file of the other kind was called cut short."""
    (message,) = read_x12(TEXT.encode()).defects.filter(code="no_isa")["message"]
    assert "begins like HL7 v2: that is for `recon hl7`, or a feed of `kind: hl7`" in message
    (message,) = read_hl7(ISA.encode()).defects.filter(code="no_msh")["message"]
    assert "begins like X12: that is for `recon x12`, or a feed of `kind: x12`" in message
    (message,) = read_hl7(b"BHS|^~").defects.filter(code="no_msh")["message"]
    assert message.endswith("no readable MSH segment; it begins like HL7 v2, perhaps cut short")


@pytest.mark.parametrize("x12_first", [True, False])
def test_of_a_file_of_both_kinds_each_reader_refuses_what_it_does_not_read(x12_first):
    """The other kind was left out as if it were prose, with a note."""
    order = [f"{ISA}000000001*0*P*>", "GS*PO*S*H*20260402*0102*1*X*004010", "GE*0*1", "IEA*1*1"]
    x12 = "".join(f"{segment}~\n" for segment in order)
    hl7 = f"{TEXT}PID|1\r"
    both = (x12 + hl7 if x12_first else hl7 + x12).encode()
    told = read_x12(both).defects.filter(severity="error")
    assert told.select("code", "scope").rows() == [("data_outside", "file")]
    told = read_hl7(both).defects.filter(severity="error")["code"].unique().to_list()
    assert told == (["stray"] if x12_first else ["segment_tag"])


def test_an_isa_that_runs_into_the_next_segment_is_none():
    defects = read_x12(b"ISA*00*00*ZZ*S~GS*SC*S*H*20260101~ST*832*0001~SE*2*0001~GE*1*1~IEA*1*1~")
    assert "it begins like X12, perhaps cut short" in defects.defects["message"][0]
