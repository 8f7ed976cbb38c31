"""A file of another kind is named for what it is, by either reader."""

import gzip

import pytest

from recon.parse.hl7 import read_hl7
from recon.parse.x12 import read_x12

TEXT = "MSH|^~\\&|A|B|||20260401||ADT^A01|1|P|2.3\r"
ISA = "ISA*00*          *00*          *ZZ*S              *ZZ*H              *260402*0102*U*00401*"

FILES = [
    pytest.param(b"", "it is empty: have it sent again", id="empty"),
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
    (message,) = read_x12(TEXT.encode()).defects.filter(code="no_isa")["message"]
    assert message.endswith("no readable ISA segment; it begins like HL7 v2, perhaps cut short")
    (message,) = read_hl7(ISA.encode()).defects.filter(code="no_msh")["message"]
    assert message.endswith("no readable MSH segment; it begins like X12, perhaps cut short")


def test_an_isa_that_runs_into_the_next_segment_is_none():
    defects = read_x12(b"ISA*00*00*ZZ*S~GS*SC*S*H*20260101~ST*832*0001~SE*2*0001~GE*1*1~IEA*1*1~")
    assert "it begins like X12, perhaps cut short" in defects.defects["message"][0]
