"""X12 spoilt in every way there is: never an exception, never a hang, never a byte unaccounted for.

Inputs are made from `x12_documents.txt`, one number each, so that any of them can be made again:

    RECON_FUZZ=200000 python -m pytest -n 2 --dist load tests/faults/test_x12_fuzz.py   # hours
    RECON_FUZZ_ONE=4711 python -m pytest -n 0 tests/faults/test_x12_fuzz.py  # the one of them
    RECON_FUZZ_ONE=4711,4731 python -m pytest ...                            # two, as one file

Every twentieth input is a file of its own; the others stand in files of forty, one after another,
as an interchange that is whole has to be read behind one that is not.
"""

import os
import shutil
import signal
import traceback
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from x12_spoilt import DIALECTS, DOCUMENTS, interchange, spoilt

from recon.parse.x12 import parse, pieces, read_x12, reader, write_parquet
from recon.parse.x12.sets import SETS
from recon.parse.x12.text import decoded

INPUTS = int(os.environ.get("RECON_FUZZ", "5000"))
ONE = os.environ.get("RECON_FUZZ_ONE")
SHARES = 20
ALONE, TOGETHER = 20, 40
THOROUGH = INPUTS > 5000 or ONE
# Neither shares a divisor with SHARES, so that each share has some.
PARSED = 3
AGAIN = 63
SECONDS = 5  # of the processor, so that a busy machine is not taken for a hang
FRAMES = ("interchanges", "groups", "transactions", "segments", "defects", "controls", "gaps")
NO_BREAKS = dict.fromkeys(map(ord, "\r\n"))
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
    if THOROUGH or number % PARSED == 0:
        with monkeypatch.context() as patched:
            patched.setattr(reader, "read_x12", lambda _: x12)
            counted_once(parse(data), x12)
    if number % AGAIN and not ONE:
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
    frames = (x12.segments, x12.gaps)
    offsets = [frame["byte_offset"].to_numpy() for frame in frames]
    for each in offsets:
        assert (np.diff(each) > 0).all()
    offset = np.concatenate(offsets)
    length = np.concatenate([frame["byte_length"].to_numpy() for frame in frames])
    lie = np.argsort(offset)
    ends = (offset + length)[lie]
    assert np.array_equal(offset[lie], np.append(0, ends)[: lie.size])
    assert (length > 0).all()
    assert length.sum() == len(data)


def every_place_is_what_it_says(x12, data):
    """Each offset is that of its segment, and its segment begins with its tag."""
    segments = {}
    lies = (x12.segments[of] for of in ("segment_no", "byte_offset", "byte_length", "tag"))
    for number, offset, length, tag in zip(*lies, strict=True):
        # Lines may be broken within a tag, any number of times.
        there = decoded(data[offset : offset + length], x12.encoding).translate(NO_BREAKS)
        # Half a character stands in the tag as U+FFFD, and is none of the bytes' text.
        assert there.startswith(tag.partition("\ufffd")[0].translate(NO_BREAKS)), (offset, tag)
        segments[number] = offset, tag
    assert list(segments) == list(range(1, len(segments) + 1))
    for name, tags in (("interchanges", "ISA"), ("groups", "GS"), ("transactions", "ST")):
        points(getattr(x12, name), "segment_no", segments, {tags})
    points(x12.defects, "segment_no", segments)
    points(x12.controls, "source_record", segments)
    for name, rows in x12.records.items():
        points(rows, "source_record", segments, TAGS[name])


def points(rows, number, segments, tags=None):
    """Rows name a segment by number and by offset: the same one, with one of ``tags``."""
    for no, offset in zip(rows[number], rows["byte_offset"], strict=True):
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
        assert set(rows["transaction_no"]) <= kept | {None}


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


def smallest(data, number, wrong, failure):
    """A file without what its failure does not need."""
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


def files(numbers):
    """The inputs that each file is made of, by number."""
    alone = numbers[::ALONE]
    others = [number for number in numbers if number not in alone]
    together = [others[at : at + TOGETHER] for at in range(0, len(others), TOGETHER)]
    return [*([number] for number in alone), *together]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("share", [pytest.param(n, id=f"share-{n}") for n in range(SHARES)])
def test_whatever_is_done_to_a_document_it_is_read(share, failure):
    chosen = [[int(n) for n in ONE.split(",")]] if ONE else files(range(share, INPUTS, SHARES))
    failures = {}
    for numbers in chosen:
        data = b"".join(spoilt(number) for number in numbers)
        wrong = failure(data, numbers[0])
        if wrong:
            failures.setdefault(wrong, (numbers, data))
    told = [
        f"{','.join(map(str, numbers))}: {wrong}\n"
        f"  {smallest(data, numbers[0], wrong, failure)[:400]!r}"
        for wrong, (numbers, data) in failures.items()
    ]
    assert not told, "\n".join([*told, "again by: RECON_FUZZ_ONE=<the numbers before the colon>"])


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(67_425, id="the-terminator-holds-the-separator"),
        pytest.param(78_822, id="a-tag-ends-in-a-byte-of-nought"),
        pytest.param(131_665, id="marks-behind-a-segment-longer-than-any-terminator"),
    ],
)
def test_what_the_long_form_found_is_read(number, failure):
    assert failure(spoilt(number), number) == ""


def test_no_document_is_wrong_before_it_is_spoilt():
    for at, marks in enumerate(DIALECTS):
        x12 = read_x12(interchange(DOCUMENTS, marks, 1).encode())
        errors = x12.defects.filter(severity="error")
        assert errors.height == 0, f"dialect {at}: {errors['message'].to_list()}"
        assert x12.transactions["set_code"].to_list() == [code for code, *_ in DOCUMENTS]
