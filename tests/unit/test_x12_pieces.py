"""How a large X12 file is cut, and who reads the pieces."""

import threading
import time
from dataclasses import replace

import pytest
from x12_spoilt import DIALECTS, DOCUMENTS, interchange

from recon.parse.x12 import pieces, read_x12, reader
from recon.parse.x12.delimiters import find_interchanges

ONE = interchange(DOCUMENTS[:1], DIALECTS[0], 1).encode()
SETS = 48
BEGIN, END = ONE.index(b"ST*"), ONE.index(b"GE*1*")
FILE = ONE[:BEGIN] + ONE[BEGIN:END] * SETS + ONE[END:].replace(b"GE*1*", b"GE*%d*" % SETS)


@pytest.fixture
def in_six(monkeypatch):
    monkeypatch.setattr(pieces, "SIZE", len(FILE) // 5)
    monkeypatch.setattr(pieces, "_LEAST", 64)
    monkeypatch.setattr(reader, "_WORKERS", max(2, reader._WORKERS))  # on one core too


@pytest.mark.usefixtures("in_six")
def test_pieces_are_even_in_number_and_about_equally_long():
    found = list(pieces.pieces(FILE, find_interchanges(FILE)))
    sizes = [sum(part.end - part.start for part in piece) for piece in found]
    assert len(sizes) == 6
    assert sum(sizes) == len(FILE)
    assert max(sizes) - min(sizes) < 6 * len(FILE) // SETS  # each is cut less than a set too early
    begins = [piece[0].start for piece in found]
    assert all(FILE[at:].startswith(b"ST*") for at in begins[1:])


def test_a_file_that_two_cores_gain_nothing_by_is_one_piece():
    assert len(list(pieces.pieces(FILE, find_interchanges(FILE)))) == 1


@pytest.mark.usefixtures("in_six")
def test_the_threads_that_read_one_file_read_the_next(monkeypatch):
    threads, tokenise = set(), reader.tokenise

    def told(*args):
        threads.add(threading.get_native_id())
        return tokenise(*args)

    monkeypatch.setattr(reader, "tokenise", told)
    for _ in range(4):
        assert read_x12(FILE).transactions.height == SETS
    assert threading.get_native_id() not in threads
    assert len(threads) <= reader._WORKERS


@pytest.mark.usefixtures("in_six")
def test_an_error_in_one_piece_leaves_no_other_at_work(monkeypatch):
    begun, ended, busy = [], [], threading.Event()

    def failing(_tokens, where, *_):
        before = where.before.segments
        if not before:
            busy.wait(10)
            raise MemoryError
        begun.append(before)
        busy.set()
        time.sleep(0.2)
        ended.append(before)

    monkeypatch.setattr(reader, "_read_piece", failing)
    with pytest.raises(MemoryError):
        read_x12(FILE)
    assert begun
    assert sorted(ended) == sorted(begun)
    monkeypatch.undo()
    assert read_x12(FILE).transactions["accepted"].all()


@pytest.mark.usefixtures("in_six")
def test_empty_lines_between_sets_are_cut_at_and_do_not_hold_the_night():
    lines = FILE.replace(b"~", b"\n")
    begin, second = lines.index(b"ST*"), lines.index(b"ST*", lines.index(b"ST*") + 1)
    blank = b"\n \t\n" * 40_000
    data = lines[:second] + blank + lines[second:]
    (part,) = find_interchanges(data)
    began = time.process_time()
    assert pieces._cut(data, replace(part, start=begin + 1), 40) == second + len(blank)
    assert pieces._cut(data[: second + len(blank)], replace(part, start=begin + 1), 40) == len(data)
    assert time.process_time() - began < 2
