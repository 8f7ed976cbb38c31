"""Read an X12 file: the frames, the typed records, and what was refused.

The file is read in pieces, of which two or more may be in hand at once; what each gives is put
together in the order of the file, so that the result does not depend on how it was cut.

What belongs here: putting the parts together. What does not: any of the parts.
"""

import mmap
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.looks_like import CUT_X12, HEAD, looks_like
from recon.parse.parsed import CONTROL as PARSED_CONTROL
from recon.parse.parsed import Envelope, Parsed
from recon.parse.spans import Ints, Spans, code, true_at
from recon.parse.values import stacked, table, taken, text
from recon.parse.x12 import (
    acks,
    balance,
    charges,
    closing,
    envelope,
    gaps,
    loops,
    pieces,
    places,
    refuse,
)
from recon.parse.x12.counts import check_counts
from recon.parse.x12.defects import Defects
from recon.parse.x12.delimiters import Interchange, find_interchanges
from recon.parse.x12.extract import Extractor
from recon.parse.x12.sets import RECORDS, SETS
from recon.parse.x12.sink import Sink
from recon.parse.x12.structure import Before, Structure, ordinal, structure, without_trailing_text
from recon.parse.x12.text import TRANSCODED, Bytes, Text, passed, read_text
from recon.parse.x12.tokenise import tokenise
from recon.parse.x12.tokens import Tokens
from recon.parse.x12.unread import check_unread

_BATCH = 1 << 18  # segments of a kind read at once
_WORKERS = min(4, os.cpu_count() or 1)
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, eq=False)
class X12:
    """An X12 file, read. Every number in the frames counts from 1, every byte offset from 0.

    Attributes:
        interchanges: one row per ISA, with its delimiters.
        groups: one row per GS.
        transactions: one row per ST; ``accepted`` says whether its records are in ``records``.
        defects: everything found wrong, see ``recon.parse.x12.defects``.
        controls: what the sender declared and what was found: counts and sums, agreeing or not.
        records: record name -> rows, for the transaction sets in the file that are declared.
        encoding: how the bytes were read as text.
        data: the bytes.
    """

    interchanges: pl.DataFrame
    groups: pl.DataFrame
    transactions: pl.DataFrame
    defects: pl.DataFrame
    controls: pl.DataFrame
    records: dict[str, pl.DataFrame]
    encoding: str
    data: bytes
    _strays: pl.DataFrame

    @cached_property
    def segments(self) -> pl.DataFrame:
        """One row per segment; ``elements`` holds element 01 and following, as sent."""
        source = read_text(self.data)
        cut = pieces.pieces(source.data, find_interchanges(source.data))
        found = [_segments(tokens, where) for tokens, where, _ in _structured(source, cut)]
        return pl.concat([pl.DataFrame(schema=_SEGMENT), *found])

    @cached_property
    def gaps(self) -> pl.DataFrame:
        """The bytes that belong to no segment: ``byte_offset``, ``byte_length``, ``kind``."""
        terminators = {mark.encode() for mark in set(self.interchanges["terminator"]) - {None}}
        offset = self.segments["byte_offset"].to_numpy()
        length = self.segments["byte_length"].to_numpy()
        return gaps.gaps(self.data, self.encoding, offset, length, terminators)

    def acks(
        self, moment: datetime | None = None, first_control_number: int | None = None
    ) -> bytes:
        """TA1, 997 and 999 for what was read, in the partner's delimiters.

        Args:
            moment: when they are made; by default the date and time of each interchange read.
            first_control_number: ISA13 of the first; by default that of the interchange read.
        """
        answered = acks.acknowledge(self, moment=moment, first_control_number=first_control_number)
        return answered.data


_SEGMENT = pl.Schema(
    [
        ("segment_no", pl.Int64()),
        ("interchange_no", pl.Int64()),
        ("group_no", pl.Int64()),
        ("transaction_no", pl.Int64()),
        ("tag", pl.String()),
        ("elements", pl.List(pl.String)),
        ("byte_offset", pl.Int64()),
        ("byte_length", pl.Int64()),
    ]
)


def read_x12(source: Path | str | bytes) -> X12:
    """Read an X12 file or its bytes.

    Whatever is wrong with it is a row of ``defects``, never an exception; only a file that cannot
    be opened raises, as ``OSError``.

    Example:
        >>> lines = read_x12("invoices.edi").records["invoice_line"]  # doctest: +SKIP
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    return _read(data, None)


def write_parquet(source: Path | str, folder: Path) -> X12:
    """Read an X12 file piece by piece and write it to ``folder``, a Parquet file a table.

    Records and comparisons are written as they are read. What stays in memory until the end are
    the envelope's frames, which grow with the number of documents.

    Args:
        source: the file.
        folder: gets ``<record>.parquet`` for every record found, and interchanges, groups,
            transactions, defects and controls.

    Returns:
        The envelope's frames; ``records`` is empty, ``controls`` has what does not agree.

    Raises:
        OSError: the file cannot be opened or the folder not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*RECORDS, *_FRAMES, "controls"):  # what an earlier file had and this one has not
        (folder / f"{name}.parquet").unlink(missing_ok=True)
    with _mapped(Path(source)) as data, Sink(folder) as sink:
        found = _read(data, sink)
        for name in _FRAMES:
            getattr(found, name).write_parquet(folder / f"{name}.parquet")
    return found


def parse(data: bytes) -> Parsed:
    """Read an X12 file for the pipeline; the unit of counting is the transaction set.

    A transaction set that is not accepted is one reject. Whatever else is lost is one reject
    each: a file without ISA, an interchange or group that is refused and holds no transaction
    set, a run of segments outside any transaction set.
    """
    x12 = read_x12(data)
    rejects = refuse.rejects(
        data=data,
        encoding=x12.encoding,
        interchanges=x12.interchanges,
        groups=x12.groups,
        transactions=x12.transactions,
        strays=x12._strays,
        defects=x12.defects,
    )
    other = rejects.height - x12.transactions.height + int(x12.transactions["accepted"].sum())
    return Parsed(
        records=x12.records,
        rejects=rejects,
        controls=x12.controls[PARSED_CONTROL.names()],
        records_in=x12.transactions.height + other,
        encoding=x12.encoding,
        envelope=Envelope(x12.interchanges, x12.groups, x12.transactions),
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    """What one piece gives; see the functions that make each."""

    transactions: pl.DataFrame
    headers: envelope.Headers
    trailers: dict[str, envelope.Trailers]
    extents: dict[str, envelope.Extents]
    first: dict[int, int]
    strays: Ints
    defects: Defects
    controls: pl.DataFrame
    records: dict[str, pl.DataFrame]
    broken: list[int]


def _read(data: Bytes, sink: Sink | None) -> X12:
    source = read_text(data)
    interchanges = find_interchanges(source.data)
    found: list[_Piece] = []
    records: dict[str, list[pl.DataFrame]] = {}
    for piece in _pieces_of(source, interchanges):
        if sink is None:
            for name, rows in piece.records.items():
                records.setdefault(name, []).append(rows)
        else:
            sink.add(piece.records, piece.controls)
            piece = replace(piece, records={}, controls=closing.differing(piece.controls))
        found.append(piece)

    defects = Defects()
    if source.encoding not in ("ascii", "utf-8"):
        defects.add("encoding", byte_offset=[0], found=[source.encoding])
    if not interchanges:
        text = source.data if source.encoding in TRANSCODED else data
        said = looks_like(text[:HEAD], CUT_X12)
        defects.add("no_isa", byte_offset=[0], found=[said])
    gaps.check_outside(source, interchanges[0].start if interchanges else 0, defects)
    broken = sorted({n for piece in found for n in piece.broken})
    closing.check_isa(interchanges, source, broken, defects)
    joined = envelope.joined
    trailers = {t: joined([p.trailers[t] for p in found], envelope.NO_TRAILER) for t in _OUTER}
    extents = {t: joined([p.extents[t] for p in found], envelope.NO_EXTENT) for t in _OUTER}
    headers = joined([p.headers for p in found], envelope.NO_HEADER)
    groups = closing.group_frame(headers, trailers["GE"], extents["GE"])
    first = {n: row for piece in reversed(found) for n, row in piece.first.items()}
    outer = closing.interchange_frame(interchanges, first, source, trailers["IEA"], extents["IEA"])
    ends = closing.in_order(
        [
            closing.check_trailers("GE", groups, "transaction_count", trailers["GE"], defects),
            closing.check_trailers("IEA", outer, "group_count", trailers["IEA"], defects),
        ]
    )
    controls = [piece.controls for piece in found]
    for piece in found:
        defects.extend(piece.defects)
    transactions = stacked([p.transactions for p in found]) if found else _TRANSACTION
    accepted = refuse.accepted(transactions, defects)
    transactions = transactions.hstack([pl.Series("accepted", accepted)])
    refused = transactions["transaction_no"].to_numpy()[~accepted]
    if sink is not None:
        sink.finish(refused, ends)
        ends = closing.differing(ends)
    whole = {name: stacked(records[name]) for name in RECORDS if name in records}
    return X12(
        interchanges=outer,
        groups=groups,
        transactions=transactions,
        defects=defects.frame(),
        controls=stacked(list(closing.with_ends(controls, ends))),
        records=refuse.without(whole, refused),
        encoding=source.encoding,
        data=data if isinstance(data, bytes) else b"",
        _strays=table(np.concatenate([_NO_STRAY, *(p.strays for p in found)]).T, _STRAY),
    )


_OUTER = ("GE", "IEA")
_FRAMES = ("interchanges", "groups", "transactions", "defects")
# What a file without a piece has.
_TRANSACTION = envelope.TRANSACTION.to_frame()
_STRAY = ("segment_no", "byte_offset", "byte_length")
_NO_STRAY = np.zeros((0, len(_STRAY)), np.int64)


def _structured(
    source: Text, cut: Iterable[list[Interchange]], pool: ThreadPoolExecutor | None = None
) -> Iterator[tuple[Tokens, Structure, Tokens]]:
    """The segments of each piece, what they belong to, and what is none."""
    before = Before()
    for split in _ahead(pool, lambda piece: tokenise(source, piece), cut):
        tokens, dropped = without_trailing_text(split, before)
        where = structure(tokens, before)
        yield tokens, where, dropped
        before = where.after(tokens)
        passed(source.data, min(part.start for part in tokens.parts) if tokens.parts else 0)


def _pieces_of(source: Text, interchanges: list[Interchange]) -> Iterator[_Piece]:
    cut = list(pieces.pieces(source.data, interchanges))

    def read(found: tuple[Tokens, Structure, Tokens]) -> _Piece:
        return _read_piece(*found, interchanges)

    if len(cut) < 2 or _WORKERS < 2:
        yield from map(read, _structured(source, cut))
        return
    yield from _ahead(_pool(), read, _structured(source, cut, _pool()))


@cache
def _pool() -> ThreadPoolExecutor:
    """One for the process: what a thread has freed is kept for that thread."""
    return ThreadPoolExecutor(_WORKERS)


def _ahead(
    pool: ThreadPoolExecutor | None, work: Callable[[_T], _R], items: Iterable[_T]
) -> Iterator[_R]:
    """``map`` with a few items in hand at a time, in order."""
    if pool is None:
        yield from map(work, items)
        return
    in_hand: deque[Future[_R]] = deque()
    try:
        for item in items:
            in_hand.append(pool.submit(work, item))
            if len(in_hand) > _WORKERS:
                yield in_hand.popleft().result()
        while in_hand:
            yield in_hand.popleft().result()
    finally:  # whoever stops early, by an error too, leaves nothing at work on its file
        wait([left for left in in_hand if not left.cancel()])


def _read_piece(
    tokens: Tokens,
    where: Structure,
    dropped: Tokens,
    interchanges: list[Interchange],
) -> _Piece:
    defects = Defects()
    gaps.check_dropped(dropped, defects)
    headers = envelope.headers(tokens, where, defects)
    transactions, of_sets = envelope.transaction_frames(tokens, where, headers, defects)
    envelope.check_segments(tokens, where, defects)
    keys = envelope.keys(tokens, where, interchanges, headers, transactions)
    counts = [of_sets]
    found: dict[str, list[pl.DataFrame]] = {}
    answers = envelope.interchange_acks(tokens, where, interchanges)
    if answers is not None:
        found["interchange_ack"] = [answers]
    codes = tokens.codes(tokens.element(where.st, 1))
    sizes = where.last_of_set - where.st + 1
    there = set(codes.tolist()) if codes.size else set()
    for declared in SETS.values():
        if code(declared.code) not in there:
            continue
        chosen = true_at(codes == code(declared.code))
        for batch in _batches(chosen, sizes):
            body = loops.body(tokens, where, declared, batch)
            loops.check_hierarchy(body, declared, defects)
            whole = batch.size == where.st.size
            own = keys if whole else {name: taken(cells, batch) for name, cells in keys.items()}
            extractor = Extractor(body, declared, own, defects)
            extractor.check_needs()
            places.check_places(body, declared, defects)
            places.check_lots(body, defects)
            check_unread(body, declared, defects)
            for name, rows in extractor.records().items():
                found.setdefault(name, []).append(rows)
            counted = check_counts(body, declared, own, defects)
            if counted is not None:
                counts.append(counted)
    # Some records are shared by two sets (997 and 999): in the order of the file, not of the sets.
    records = {
        name: frames[0] if len(frames) == 1 else stacked(frames).sort("source_record")
        for name, frames in found.items()
    }
    # What its own content condemns is left out here; its group or interchange may do it yet.
    records = refuse.without(records, defects.condemned("transaction", "transaction_no"))
    records = charges.with_amounts(records, transactions, defects)
    first, last = where.stray
    begin, end = tokens.offset, tokens.offset + tokens.length
    return _Piece(
        transactions=transactions,
        headers=headers,
        trailers=envelope.trailers(tokens, where),
        extents=envelope.extents(tokens, where),
        first=dict(
            zip(
                tokens.interchange[where.isa].tolist(),
                (where.isa + 1 + where.before.segments).tolist(),
                strict=True,
            )
        ),
        strays=np.column_stack(
            [first + 1 + where.before.segments, begin[first], end[last] - begin[first]]
        ),
        defects=defects,
        controls=closing.in_order(counts, sums=balance.controls(records, SETS)),
        records=records,
        broken=tokens.broken,
    )


def _segments(tokens: Tokens, where: Structure) -> pl.DataFrame:
    size = len(tokens)
    count = tokens.count
    ends = np.cumsum(count)
    nth = np.arange(count.sum()) - np.repeat(ends - count, count)
    at = np.repeat(tokens.first, count) + nth
    start = tokens.positions[at] + np.repeat(tokens.width, count)
    is_last = nth == np.repeat(count, count) - 1
    after = tokens.positions[np.minimum(at + 1, tokens.positions.size - 1)]
    end = np.where(is_last, np.repeat(tokens.end, count), after)
    elements = text(tokens, Spans(start, end), keep_empty=True).to_arrow()
    offsets = pa.array(np.concatenate([np.zeros(1, np.int64), ends]))
    return pl.DataFrame(
        [
            np.arange(1, size + 1) + where.before.segments,
            tokens.interchange + 1,
            ordinal(where.group),
            ordinal(where.transaction),
            text(tokens, tokens.tags(np.arange(size)), keep_empty=True),
            pl.Series(
                values=pa.LargeListArray.from_arrays(offsets, elements), dtype=pl.List(pl.String)
            ),
            tokens.offset,
            tokens.length,
        ],
        schema=_SEGMENT,
    )


def _batches(sets: Ints, sizes: Ints) -> list[Ints]:
    """``sets`` in batches of about ``_BATCH`` segments."""
    batch = np.cumsum(sizes[sets]) // _BATCH
    return [b for b in np.split(sets, true_at(np.diff(batch)) + 1) if b.size]


@contextmanager
def _mapped(path: Path) -> Iterator[Bytes]:
    """A file's bytes, mapped; an empty file cannot be."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
