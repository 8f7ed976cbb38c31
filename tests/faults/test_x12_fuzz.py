"""X12 spoilt in every way there is: never an exception, never a hang, never a byte unaccounted for.

Inputs are made from `x12_documents.txt`, one number each, so that any of them can be made again:

    RECON_FUZZ=200000 python -m pytest -n 2 --dist load tests/faults/test_x12_fuzz.py   # hours
    RECON_FUZZ_ONE=4711 python -m pytest -n 0 tests/faults/test_x12_fuzz.py  # the one of them
"""

import os
import random
import re
import shutil
import signal
import traceback
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from recon.parse.x12 import parse, pieces, read_x12, reader, write_parquet
from recon.parse.x12.sets import SETS

INPUTS = int(os.environ.get("RECON_FUZZ", "5000"))
ONE = os.environ.get("RECON_FUZZ_ONE")
SHARES = 20
EVERY = 21  # shares no divisor with SHARES, so that each share has some
SECONDS = 5  # of the processor, so that a busy machine is not taken for a hang
FRAMES = ("interchanges", "groups", "transactions", "segments", "defects", "controls", "gaps")


# --- documents ----------------------------------------------------------------------------------


class Dialect(NamedTuple):
    """The marks of one partner, and what follows its terminator."""

    element: str
    component: str
    repetition: str
    terminator: str
    after: str = ""


DIALECTS = [
    *(Dialect("*", ":", "^", "~", after) for after in ("", "\n", "\r\n", " \n", "\n\n")),
    Dialect("*", ">", "^", "~"),
    Dialect("|", "^", "!", "~", "\r\n"),
    Dialect("*", ":", "^", "\n"),
    Dialect("*", ":", "^", "\r"),
    Dialect("+", ":", "^", "'"),
    Dialect("*", "<", "^", "…"),
    Dialect("\x1d", "\x1f", "\x1e", "\x1c"),
    Dialect("§", ":", "^", "¶", "\n"),
    Dialect("*", ":", "^", "\x85"),
]


def documents():
    """Code, functional group, release and segments of every set of the file."""
    text = Path(__file__).with_name("x12_documents.txt").read_text(encoding="ascii")
    for written in text.strip().split("\n\n"):
        head, *segments = written.splitlines()
        yield (*head.split(), segments)


DOCUMENTS = list(documents())


def interchange(chosen, marks, number):
    """Sets, each in a group of its own, as one interchange."""
    release = "00501" if any(release > "005" for _, _, release, _ in chosen) else "00401"
    repetition = marks.repetition if release == "00501" else "U"
    head = "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HOSPITAL       *260331*0102"
    lines = [f"{head}*{repetition}*{release}*{number:09}*0*P*:"]
    for at, (code, group, release, segments) in enumerate(chosen, start=1):
        lines += [f"GS*{group}*S*H*20260331*0102*{at}*X*{release}", f"ST*{code}*{at:04}", *segments]
        lines += [f"SE*{len(segments) + 2}*{at:04}", f"GE*1*{at}"]
    lines += [f"IEA*{len(chosen)}*{number:09}"]
    table = str.maketrans({"*": marks.element, ":": marks.component, "^": marks.repetition})
    return "".join(line.translate(table) + marks.terminator + marks.after for line in lines)


# --- what is done to them -----------------------------------------------------------------------

NASTY = [
    *(b"\x00", b"\x1a", b"\x1a" * 40, b"\x00" * 300, b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80"),
    *(b"\xc3", b"\xe2\x80", b"\xe9", b"\x85", "\u2028".encode(), "é".encode(), b"\r", b"\n"),
    *(b"\r\n\r\n", b"\t", b" ", b" " * 90, b"\n" * 40, b"~", b"~~~~", b"*", b"***", b"*" * 3000),
    *(b":", b"^", b":::", b"~\n-- a note --\n", b"ISA", b"ISA*", b"ISA*00*", b"~ISA~", b"~GS~"),
    *(b"~ST*810*9~", b"~SE*1*9~", b"~SE~", b"~GE*1*1~", b"~IEA*1*1~", b"~TA1*000000001*260331~"),
    *(b"~ST~", b"~ST*~", b"~ST*810~", b"~HL*1*1*O~", b"~HL*9*9*9~", b"~CTT*99999999999~"),
    *(b"A" * 20_000, b"9" * 60, b"-", b".", b"~\x1a", b"Dear partner,\n", b"\\", b'"', b"'"),
]
NUMBERS = [
    *(b"", b"0", b"-1", b"00", b"9" * 40, b"-" + b"9" * 19, b"1e9", b"1.2.3", b".", b"-", b"0.1"),
    *(b"+5", b"99999999999999999.99", b"0." + b"0" * 30 + b"1", b"1,5", b" 7 ", b"20269999"),
    *(b"9223372036854775808", b"2147483648", b"NaN", b"inf", "٣".encode()),
]


def spoilt(number):
    """The input of that number."""
    chance = random.Random(number)
    parts = []
    for at in range(chance.choice([1, 1, 1, 1, 2, 3])):
        marks = chance.choice(DIALECTS)
        chosen = chance.sample(DOCUMENTS, chance.choice([1, 1, 1, 2, 3]))
        encoding = "utf-8" if chance.random() < 0.8 else "cp1252"
        data = interchange(chosen, marks, at + 1).encode(encoding, errors="replace")
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            data = chance.choice(BY_STRUCTURE)(data, marks, chance)
        parts.append(data)
    data = chance.choice([b"", b"", b"\n", b"\xef\xbb\xbf", b"-- next --\n"]).join(parts)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        data = chance.choice(BY_BYTES)(data, chance)
    return data


def _segments(data, marks):
    return data.split(marks.terminator.encode())


def _again(segments, marks):
    return marks.terminator.encode().join(segments)


def double_a_segment(data, marks, chance):
    segments = _segments(data, marks)
    at = chance.randrange(len(segments))
    return _again(segments[: at + 1] + segments[at:], marks)


def drop_a_segment(data, marks, chance):
    segments = _segments(data, marks)
    del segments[chance.randrange(len(segments))]
    return _again(segments, marks)


def swap_segments(data, marks, chance):
    segments = _segments(data, marks)
    one, other = chance.randrange(len(segments)), chance.randrange(len(segments))
    segments[one], segments[other] = segments[other], segments[one]
    return _again(segments, marks)


def repeat_a_run(data, marks, chance):
    segments = _segments(data, marks)
    begin = chance.randrange(len(segments))
    run = segments[begin : begin + chance.randint(1, 12)]
    return _again(segments[:begin] + run * chance.randint(2, 40) + segments[begin:], marks)


def change_a_mark(data, marks, chance):
    """Everywhere, or from somewhere on, so that the ISA says another."""
    old = chance.choice(marks[:4]).encode()
    new = chance.choice(["*", "~", "|", "\n", "\r", "\r\n", "…", "é", "A", "0", " ", "\x00", "~~"])
    at = chance.choice([0, 0, 3, 104, 106, chance.randrange(len(data) + 1)])
    return data[:at] + data[at:].replace(old, new.encode())


def shorten_isa(data, marks, chance):
    """Without padding, with blank or missing elements."""
    separator = marks.element.encode()
    elements = data.split(separator, 16)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(1, len(elements)) if len(elements) > 1 else 0
        elements[at] = chance.choice([b"", b" ", elements[at].strip(), elements[at][:1], b"X" * 30])
    if chance.random() < 0.3 and len(elements) > 2:
        del elements[chance.randrange(1, len(elements))]
    return separator.join(elements)


def nest_an_isa(data, _marks, chance):
    other = interchange(DOCUMENTS[:1], chance.choice(DIALECTS), 99).encode()
    at = chance.randrange(len(data) + 1)
    return data[:at] + other[: chance.choice([3, 4, 50, 105, 106, 107, len(other)])] + data[at:]


def spoil_a_number(data, _marks, chance):
    """A count, a control number, a quantity, a date."""
    runs = list(re.finditer(rb"(?<![0-9])[0-9.]+(?![0-9])", data))
    if not runs:
        return data
    run = chance.choice(runs)
    return data[: run.start()] + chance.choice(NUMBERS) + data[run.end() :]


def spoil_an_element(data, marks, chance):
    separator = marks.element.encode()
    elements = data.split(separator)
    at = chance.randrange(len(elements))
    inside = marks.component.encode() * chance.choice([1, 3, 2000])
    old = elements[at]
    wider = [b" " + old + b" ", old * 50, inside, separator * 4000]
    elements[at] = chance.choice([b"", *wider, old.lower(), old[::-1], chance.choice(NUMBERS)])
    return separator.join(elements)


def wrap(data, _marks, chance):
    width, end = chance.choice([80, 80, 72, 7, 1]), chance.choice([b"\n", b"\r\n", b"\r"])
    return end.join(data[at : at + width] for at in range(0, len(data), width))


def cut_off(data, chance):
    return data[: chance.randrange(len(data) + 1)]


def cut_off_the_front(data, chance):
    return data[chance.randrange(min(len(data), 300) + 1) :]


def flip_bits(data, chance):
    flipped = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 30])):
        if flipped:
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def put_in(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(NASTY) + data[at:]


def put_in_front_or_after(data, chance):
    new = chance.choice(NASTY)
    return new + data if chance.random() < 0.5 else data + new


def put_in_noise(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.choice([1, 4, 64, 500])) + data[at:]


def write_over(data, chance):
    at, size = chance.randrange(len(data) + 1), chance.choice([1, 2, 20, 200])
    return (
        data[:at]
        + chance.choice([b"", b"\x00", b" ", b"~", b"*", b"\xff"]) * size
        + data[at + size :]
    )


def repeat_bytes(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at : at + chance.choice([1, 3, 106, 400])] * 3 + data[at:]


def in_another_encoding(data, chance):
    text = data.decode("latin-1")
    return text.encode(chance.choice(["utf-16", "utf-16-le", "utf-8", "utf-8-sig", "utf-32"]))


def nothing_but_noise(_data, chance):
    return chance.randbytes(chance.choice([0, 1, 3, 106, 1000]))


def other_line_ends(data, chance):
    new = chance.choice([b"", b"\r", b"\r\n", b"\n\n", b" \n"])
    return data.replace(b"\n", new)


BY_STRUCTURE = [
    *(double_a_segment, drop_a_segment, swap_segments, repeat_a_run, change_a_mark, shorten_isa),
    *(nest_an_isa, spoil_a_number, spoil_a_number, spoil_an_element, wrap),
]
BY_BYTES = [
    *[cut_off, flip_bits, put_in, put_in_front_or_after, put_in_noise, write_over] * 6,
    *[repeat_bytes, other_line_ends] * 6,
    *[cut_off_the_front, in_another_encoding, nothing_but_noise],
]


# --- what must hold -----------------------------------------------------------------------------


TAGS = {"interchange_ack": {"TA1"}}
for declared in SETS.values():
    for record in declared.records:
        begin = {loop.tag for loop in declared.loops if loop.name == record.loop}
        TAGS.setdefault(record.name, set()).update(record.tags or begin or {"ST"})


def holds(data, number, folder, monkeypatch):
    """Everything this file is about, of one input; what reads it again, of some."""
    x12 = read_x12(data)
    every_byte_is_accounted_for(x12, data)
    every_place_is_what_it_says(x12, data)
    with monkeypatch.context() as patched:
        patched.setattr(reader, "read_x12", lambda _: x12)
        counted_once(parse(data), x12)
    if number % EVERY and not ONE:
        return
    path = folder / "one.edi"
    path.write_bytes(data)
    with monkeypatch.context() as patched:
        patched.setattr(pieces, "SIZE", max(len(data) // 6, 64))
        counted_once(parse(data), x12)
        same(read_x12(path), x12)
        written_is_read(path, folder / "tables", x12)


def every_byte_is_accounted_for(x12, data):
    """Segments and gaps lie side by side from the first byte to the last."""
    for frame in (x12.segments, x12.gaps):
        assert frame["byte_offset"].is_sorted()
    lie = pl.concat(
        frame.select("byte_offset", "byte_length") for frame in (x12.segments, x12.gaps)
    )
    lie = lie.sort("byte_offset")
    ends = lie["byte_offset"] + lie["byte_length"]
    assert lie["byte_offset"].to_list() == [0, *ends][: lie.height]
    assert (lie["byte_length"] > 0).all()
    assert lie["byte_length"].sum() == len(data)


def every_place_is_what_it_says(x12, data):
    """Each offset is that of its segment, and its segment begins with its tag."""
    segments = dict(
        zip(
            x12.segments["segment_no"],
            x12.segments.select("byte_offset", "tag").rows(),
            strict=True,
        )
    )
    assert list(segments) == list(range(1, len(segments) + 1))
    for offset, tag in segments.values():
        there = data[offset : offset + 4 * len(tag) + 200].translate(None, b"\r\n")
        assert there.startswith(tag.encode(x12.encoding).translate(None, b"\r\n")), (offset, tag)
    for name, tags in (("interchanges", "ISA"), ("groups", "GS"), ("transactions", "ST")):
        points(getattr(x12, name), "segment_no", segments, {tags})
    points(x12.defects, "segment_no", segments)
    points(x12.controls, "source_record", segments)
    for name, rows in x12.records.items():
        points(rows, "source_record", segments, TAGS[name])


def points(rows, number, segments, tags=None):
    """Rows name a segment by number and by offset: the same one, with one of ``tags``."""
    for no, offset in rows.select(number, "byte_offset").rows():
        if no is not None:
            at, tag = segments[no]
            assert offset == at
            assert tags is None or tag in tags


def same(one, other):
    """Two readings of the same bytes."""
    for name in FRAMES:
        assert_frame_equal(getattr(one, name), getattr(other, name))
    assert set(one.records) == set(other.records)
    for name, rows in one.records.items():
        assert_frame_equal(rows, other.records[name])


def written_is_read(path, folder, x12):
    """What is streamed to Parquet is what is read in memory."""
    found = write_parquet(path, folder)
    for name in ("interchanges", "groups", "transactions", "defects"):
        assert_frame_equal(getattr(found, name), getattr(x12, name))
    assert_frame_equal(found.controls, x12.controls.filter(~pl.col("agrees")))
    written = {file.stem: pl.read_parquet(file) for file in folder.iterdir()}
    for name in ("interchanges", "groups", "transactions", "defects", "controls"):
        assert_frame_equal(written.pop(name), getattr(x12, name))
    for name, rows in x12.records.items():
        assert_frame_equal(written.pop(name, rows.clear()), rows)
    assert not any(rows.height for rows in written.values())
    shutil.rmtree(folder)


def counted_once(parsed, x12):
    """A transaction set is accepted or it is refused, and what is accepted is what is read."""
    accepted = x12.transactions.filter("accepted")
    refused = parsed.rejects.filter(record="transaction")
    assert accepted.height + refused.height == x12.transactions.height
    assert parsed.records_in == accepted.height + parsed.quarantined
    kept = set(accepted["transaction_no"])
    assert_frame_equal(parsed.controls, x12.controls.select(parsed.controls.columns))
    for name, rows in x12.records.items():
        assert_frame_equal(rows, parsed.records[name])
        assert set(rows["transaction_no"].drop_nulls()) <= kept


# --- the test -----------------------------------------------------------------------------------


class TooLongError(Exception):
    """An input took more than ``SECONDS``."""


def out_of_time(*_):
    raise TooLongError


@pytest.fixture
def failure(tmp_path, monkeypatch):
    """What does not hold of an input, in one line; "" when everything does."""
    signal.signal(signal.SIGPROF, out_of_time)

    def told(data, number):
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            holds(data, number, tmp_path, monkeypatch)
        except (Exception, pl.exceptions.PanicException) as wrong:
            return f"{type(wrong).__name__} at {place(wrong)}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return ""

    return told


def place(wrong):
    """The last line of ours it passed through."""
    frames = traceback.extract_tb(wrong.__traceback__)
    ours = [f for f in frames if f.filename == __file__ or "recon" in Path(f.filename).parts]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}: {ours[-1].line}"


def smallest(number, wrong, failure):
    """The input of that number without what its failure does not need."""
    data = spoilt(number)
    size = len(data)
    while size:
        at = 0
        while at < len(data):
            less = data[:at] + data[at + size :]
            if failure(less, number) == wrong:
                data = less
            else:
                at += size
        size //= 2
    return data


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("share", [pytest.param(n, id=f"share-{n}") for n in range(SHARES)])
def test_whatever_is_done_to_a_document_it_is_read(share, failure):
    failures = {}
    for number in [int(ONE)] if ONE else range(share, INPUTS, SHARES):
        wrong = failure(spoilt(number), number)
        if wrong:
            failures.setdefault(wrong, number)
    told = [
        f"input {number}: {wrong}\n  {smallest(number, wrong, failure)[:400]!r}"
        for wrong, number in failures.items()
    ]
    assert not told, "\n".join([*told, "again by: RECON_FUZZ_ONE=<number of the input>"])


def test_no_document_is_wrong_before_it_is_spoilt():
    for at, marks in enumerate(DIALECTS):
        x12 = read_x12(interchange(DOCUMENTS, marks, 1).encode())
        errors = x12.defects.filter(severity="error")
        assert errors.height == 0, f"dialect {at}: {errors['message'].to_list()}"
        assert x12.transactions["set_code"].to_list() == [code for code, *_ in DOCUMENTS]
