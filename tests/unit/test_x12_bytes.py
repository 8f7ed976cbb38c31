"""Whatever the bytes: no exception, and every one of them is in a segment or a declared gap.

Few examples: `faults/test_x12_fuzz.py` asks the same of thousands of documents that were spoilt.
"""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from recon.parse.x12 import parse, read_x12

FIRST = (
    b"ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HOSPITAL       "
    b"*260331*0102*U*00401*000000007*0*P*>~\r\nGS*IN*S*H*20260331*0102*70*X*004010~\r\n"
    b"ST*810*0001~\r\nBIG*20260315*INV-1**PO-77~\r\nN1*ST*H\xc3\xb4pital ISA*UL*0012~\r\n"
    b"IT1*1*10*EA*1.5**VN*A1*UK*00387698433523~\r\nSAC*C*D240***1250~\r\nTDS*2750~\r\nCTT*1~\r\n"
    b"SE*8*0001~\r\nGE*1*70~\r\nIEA*1*000000007~\r\n"
)
SECOND = (
    b"ISA|00|          |00|          |ZZ|OTHER          |ZZ|HOSPITAL       "
    b"|260331|0102|^|00501|000000008|0|P|:\nGS|PO|S|H|20260331|0102|71|X|004010\nST|850|0001\n"
    b"BEG|00|SA|PO1||20260301\nPO1|1|2|EA|3.5||VC|A1\nCTT|1\nSE|5|0001\nGE|1|71\n"
    b"IEA|1|000000008\n"
)
STRAY = st.sampled_from(
    [
        *(
            b"*",
            b"~",
            b"|",
            b"\n",
            b"\r\n",
            b" ",
            b"~~",
            b"\xe2\x80\xa6",
            b"\xe9",
            b"\x1a",
            b"\x00",
        ),
        *(b"ISA", b"ISA*", b"GS*", b"ST*810*9~", b"SE*1*1~", b"GE*1*70~", b"IEA*1*7~"),
        *(b"\xef\xbb\xbf", b"  " * 20, b"\n" * 30, b"IT1*1*x~", b"BIG*1~", b"~\n-- note --\n"),
    ]
)


@st.composite
def files(draw):
    """Two good interchanges, cut, repeated, and sprinkled with what does harm."""
    data = draw(st.sampled_from([FIRST, SECOND, FIRST + SECOND, SECOND + FIRST, FIRST * 2]))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 60)))
        new = draw(st.one_of(STRAY, st.just(b""), st.binary(max_size=4), st.just(data[at:to] * 2)))
        data = data[:at] + new + data[to:]
    return data


@settings(max_examples=60, deadline=None)
@example(b"")
@example(FIRST + SECOND)
@given(files())
def test_every_byte_is_in_a_segment_or_a_declared_gap(data):
    x12 = read_x12(data)
    places = x12.segments.select("byte_offset", "byte_length", kind="tag")
    stretches = sorted(places.rows() + x12.gaps.rows())
    at = 0
    for offset, length, _ in stretches:
        assert offset == at
        assert length > 0
        at += length
    assert at == len(data)
    # And no text is left out without saying so.
    if "text" in x12.gaps["kind"].to_list():
        told = {"text_outside", "data_outside", "no_isa", "isa_delimiters"}
        assert told & set(x12.defects["code"])


@settings(max_examples=40, deadline=None)
@given(files())
def test_every_transaction_set_is_accepted_or_refused_once(data):
    parsed, x12 = parse(data), read_x12(data)
    kept = x12.transactions.filter("accepted")
    assert parsed.records_in == kept.height + parsed.quarantined
    refused = parsed.rejects.filter(record="transaction")
    assert refused["byte_offset"].is_unique().all()
    assert refused.height == x12.transactions.height - kept.height
    for rows in parsed.records.values():
        # A TA1 belongs to none.
        assert set(rows["transaction_no"].drop_nulls()) <= set(kept["transaction_no"])
    assert (parsed.rejects["reason"].str.len_chars() > 0).all()
