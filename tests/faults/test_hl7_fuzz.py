"""HL7 files broken in every way: no exception, every byte accounted for, nothing counted twice.

RECON_FUZZ=200000 breaks as many; by default seventy-two: each is read several times.
"""

import os
import random
from datetime import date

import pytest
from polars.testing import assert_frame_equal

from recon.parse.hl7 import Hl7, parse, pieces, read_hl7

MESSAGES = int(os.environ.get("RECON_FUZZ", "72"))

CHARGES = (
    b"MSH|^~\\&|OR|HOSP|FIN|HOSP|20260301120000-0600||DFT^P03^DFT_P03|C1|P|2.5.1|||||||8859/1\r"
    b"EVN|P03|20260301120000\rPID|1||4711^^^H^MR~078-05-1120^^^SSA^SS||D\xf6e^Jane||19700101|F\r"
    b"PV1|1|I|||||||||||||||||V77\rFT1|1|T1||20260301103000|20260302|CG|C100^Stent|||2|200&USD\r"
    b"PRT|1|||||||||=/W4146XB00000500=,000025\\T\\,1||||||0064|20260101|20280101|L1|S1\r"
    b"FT1|2|T2||20260301|20260302|CD|C101|||1|||\rZZ1|free|text\r"
)
ACCOUNT = (
    b"\x0bMSH#:*!$#ADT#HOSP#FIN#HOSP#20260301##ADT:A08#C2#P#2.3\r\nEVN##20260301\r\n"
    b'PID###12!F!7######""########A9\r\nPV1##O\r\n\x1c\r'
)
ITEMS = (
    b"FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|MM|HOSP|||20260301||MFN^M16|C3|P|2.6\n"
    b"MFE|MAD||20260301|I1\nITM|I1|Screw|A||||ACME||C|LIC|Y|C102|480.00\n"
    b"IVT|1|OR1|||||||||Y|C102|500\nPCE|1|77|C102|9\nBTS|1\rFTS|1\r"
)
GOOD = [CHARGES, ACCOUNT, ITEMS]
PIECES = [
    b"|",
    b"^",
    b"~",
    b"\\",
    b"&",
    b"\r",
    b"\n",
    b"\x0b",
    b"\x1c",
    b"MSH|",
    b'""',
    b"\xff",
    b"\0",
]
PIECES += [b" PID|", b"\\X0D\\", b"FT1|1|", b"BTS|9\r", b"\xe2\x82", b"\xef\xbb\xbf", b"20269999"]


def broken(chance: random.Random) -> bytes:
    data = b"".join(chance.choices(GOOD, k=chance.randint(1, 4)))
    for _ in range(chance.randint(1, 6)):
        at, size = chance.randrange(len(data) + 1), chance.choice([0, 0, 1, 1, 3, 40])
        data = data[:at] + chance.choice([b"", *PIECES]) + data[at + size :]
    return data


def assert_accounted_for(data: bytes) -> None:
    hl7 = read_hl7(data)
    frames = [hl7.segments.select("byte_offset", "byte_length"), hl7.gaps.drop("kind")]
    spans = sorted(row for frame in frames for row in frame.rows())
    at = 0
    for offset, length in spans:
        assert (offset, length > 0) == (at, True)
        at = offset + length
    assert at == len(data)
    found = parse(data, None, date(2026, 3, 1))
    refused = hl7.messages.filter(~hl7.messages["accepted"])
    assert 0 <= found.quarantined <= found.records_in
    assert found.rejects.filter(found.rejects["record"] == "message").height == refused.height
    assert hl7.acks().count(b"MSA") <= hl7.messages.height
    own = {n for rows in hl7.records.values() for n in rows["message_no"]}
    assert not own & set(refused["message_no"])
    if (charges := hl7.records.get("charge")) is not None:
        assert not charges["quantity"].null_count()


FRAMES = ("messages", "defects", "controls", "suggestions", "segments", "gaps")


def assert_same(whole: Hl7, cut: Hl7) -> None:
    assert (cut.encoding, cut.acks()) == (whole.encoding, whole.acks())
    for name in FRAMES:
        assert_frame_equal(getattr(cut, name), getattr(whole, name))
    assert list(cut.records) == list(whole.records)
    for name, rows in whole.records.items():
        assert_frame_equal(cut.records[name], rows)


@pytest.mark.parametrize("part", range(6))
def test_whole_and_in_tiny_pieces_it_is_the_same(part, monkeypatch):
    chance = random.Random(100 + part)
    for n in range(MESSAGES // 18):  # a message in pieces of a byte is many reads
        data = broken(chance)
        monkeypatch.setattr(pieces, "SIZE", len(data))
        whole = read_hl7(data)
        told = parse(data, None, date(2026, 3, 1))
        assert len(pieces.pieces(data)) == 1
        monkeypatch.setattr(pieces, "SIZE", chance.choice([1, 200, 900]))
        try:
            assert_same(whole, read_hl7(data))
            found = parse(data, None, date(2026, 3, 1))
            assert_frame_equal(found.rejects, told.rejects)
            assert found.records_in == told.records_in
        except Exception as failed:
            raise AssertionError(f"part {part}, number {n}: {data!r}") from failed


def test_a_piece_begins_with_a_message(monkeypatch):
    monkeypatch.setattr(pieces, "SIZE", 1)
    data = CHARGES + b"MSHX|no header\r \tMSH|^~\\&|blanks before\r" + CHARGES + ITEMS + ACCOUNT
    begins = [start for start, _ in pieces.pieces(data)]
    assert begins == [0, *(n for n in range(1, len(data)) if data[n - 1 : n + 4] in HEADS)]


@pytest.mark.parametrize(("messages", "cut"), [(1, 1), (20, 2), (80, 2), (100, 4), (999, 26)])
def test_pieces_are_equally_long_and_an_even_number(messages, cut, monkeypatch):
    size = len(CHARGES)
    monkeypatch.setattr(pieces, "SIZE", 40 * size)
    monkeypatch.setattr(pieces, "_LEAST", size)
    held = [(end - start) / size for start, end in pieces.pieces(CHARGES * messages)]
    assert len(held) == cut
    assert max(held) - min(held) <= 2, "a message is not cut"


def test_a_short_file_is_one_piece():
    assert len(pieces.pieces(CHARGES * 1000)) == 1


HEADS = (b"\rMSH|", b"\nMSH|", b"\x0bMSH#")


@pytest.mark.parametrize("part", range(6))
def test_no_byte_is_lost_and_nothing_raises(part):
    chance = random.Random(part)
    for n in range(MESSAGES // 6):
        data = broken(chance)
        try:
            assert_accounted_for(data)
        except Exception as failed:
            raise AssertionError(f"part {part}, number {n}: {data!r}") from failed


def test_the_good_messages_are_good():
    for data in GOOD:
        hl7 = read_hl7(data)
        assert hl7.messages["accepted"].all(), hl7.defects.to_dicts()
        assert hl7.records
        assert_accounted_for(data)
