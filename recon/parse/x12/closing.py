"""Groups and interchanges of a whole file, once its last piece has been read.

What belongs here: putting together what pieces hold of one group or interchange, and whether its
trailer agrees. What does not: transaction sets, which no piece cuts (``envelope.py``).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.spans import Flags, Ints, true_at
from recon.parse.values import constant, masked, stacked, table
from recon.parse.x12 import envelope
from recon.parse.x12.defects import CONTROL, Defects
from recon.parse.x12.delimiters import ISA_LENGTH, Interchange
from recon.parse.x12.shown import figure
from recon.parse.x12.text import Text


def check_isa(
    interchanges: list[Interchange], source: Text, broken: list[int], defects: Defects
) -> None:
    """Report ISA segments of the wrong length or without delimiters, and wrapped lines."""
    offsets = source.origin(np.array([i.start for i in interchanges], dtype=np.int64))
    unreadable = [n for n, i in enumerate(interchanges) if not i.readable]
    defects.add(
        "isa_delimiters", byte_offset=offsets[unreadable], interchange_no=_from_one(unreadable)
    )
    odd = [n for n, i in enumerate(interchanges) if i.readable and i.length != ISA_LENGTH]
    defects.add(
        "isa_length",
        byte_offset=offsets[odd],
        interchange_no=_from_one(odd),
        found=[str(interchanges[n].length) for n in odd],
        expected=[str(ISA_LENGTH)] * len(odd),
    )
    defects.add("line_breaks", byte_offset=offsets[broken], interchange_no=_from_one(broken))


def group_frame(headers: pl.DataFrame, trailer: pl.DataFrame, extent: pl.DataFrame) -> pl.DataFrame:
    """One row per GS of the file."""
    held = _held(headers.height, trailer, extent)
    *told, segment_no, byte_offset = headers.get_columns()
    length = held.end - byte_offset.to_numpy()
    return table(
        [
            *told,
            held.parts,
            held.declared,
            segment_no,
            byte_offset,
            masked(length, held.end >= 0),
        ],
        _GROUP,
    )


_GROUP = [
    *envelope.HEADER.names()[:-2],
    *("transaction_count", "declared_count", "segment_no", "byte_offset", "byte_length"),
]


def interchange_frame(
    interchanges: list[Interchange],
    first: Mapping[int, int],
    source: Text,
    trailer: pl.DataFrame,
    extent: pl.DataFrame,
) -> pl.DataFrame:
    """One row per ISA of the file; ``first`` gives the ordinal of its first segment."""
    offset = source.origin(np.array([i.start for i in interchanges], dtype=np.int64))
    end = source.origin(np.array([i.end for i in interchanges], dtype=np.int64))

    def isa(n: int) -> pa.Array:
        return pa.array([i.isa[n] or None for i in interchanges], pa.string_view())

    def mark(name: str) -> pa.Array:
        values = [getattr(i, name).decode() or None for i in interchanges]
        return pa.array(values, pa.string_view())

    size = len(interchanges)
    held = _held(size, trailer, extent)
    columns = {
        "interchange_no": np.arange(1, size + 1),
        "sender_qualifier": isa(5),
        "sender_id": isa(6),
        "receiver_qualifier": isa(7),
        "receiver_id": isa(8),
        "interchange_date": isa(9),
        "interchange_time": isa(10),
        "version": isa(12),
        "control_number": isa(13),
        "ack_requested": isa(14),
        "usage": isa(15),
        "element_separator": mark("separator"),
        "component_separator": mark("component"),
        "repetition_separator": mark("repetition"),
        "terminator": mark("terminator"),
        "group_count": held.parts,
        "declared_count": held.declared,
        "segment_count": held.segments,
        "segment_no": pa.array([first.get(n) for n in range(size)], pa.int64()),
        "byte_offset": offset,
        # One that cannot be read reaches to the next.
        "byte_length": np.where(held.end < 0, end, held.end) - offset,
    }
    return table(columns.values(), columns)


def check_trailers(
    tag: str, units: pl.DataFrame, control: str, trailer: pl.DataFrame, defects: Defects
) -> pl.DataFrame:
    """Compare the trailers of a level with its headers.

    Args:
        tag: GE or IEA.
        units: the frame of groups or interchanges.
        control: name of its column of found parts.
        trailer: rows of ``TRAILER``.
        defects: receives what does not agree.

    Returns:
        A row of ``CONTROL`` per trailer.
    """
    trailer = _firsts(trailer)
    owner = trailer["number"].to_numpy() - 1
    places = ["group_no", "interchange_no"] if tag == "GE" else ["interchange_no"]

    def report(kind: str, rows: pl.DataFrame, **columns: str) -> None:
        given = {place: rows[place] for place in places}
        given |= {name: rows[column] for name, column in columns.items()}
        defects.add(
            kind,
            byte_offset=rows["byte_offset"],
            segment_no=rows["segment_no"],
            tag=[tag] * rows.height,
            **given,
        )

    if owner.size < units.height:
        open_ = units[np.setdiff1d(np.arange(units.height), owner)]
        report(tag, open_.filter(pl.col("segment_no").is_not_null()))
    if owner.size < units.height or not np.array_equal(owner, np.arange(owner.size)):
        units = units[owner]
    count = units[control].cast(pl.String).alias("found")
    both = trailer.hstack([*(units[name] for name in (*places, "control_number")), count])
    agrees = _same(both["declared"], count)
    same = _same(both["control"], both["control_number"])
    if not agrees.all():
        report(f"{tag}01", both[true_at(~agrees)], found="found", expected="declared")
    if not same.all():
        wrong = both[true_at(~same)]
        report(f"{tag}02", wrong, found="control", expected="control_number")
    return table(
        [
            constant(f"{tag}01", both.height, pl.String()),
            constant(None, both.height, pl.Int64()),
            *(both[name] for name in ("segment_no", "byte_offset", "declared", "found")),
            agrees,
        ],
        CONTROL,
    )


def in_order(counts: Iterable[pl.DataFrame], sums: Iterable[pl.DataFrame] = ()) -> pl.DataFrame:
    """Controls in the order of the file.

    Args:
        counts: with figures as the sender wrote them: what is no number may be anything, and is
            not shown.
        sums: with figures of our own.
    """
    counted, summed = _rows_of(counts), _rows_of(sums)
    if not counted and not summed:
        return _NO_CONTROL
    if counted:
        counted = [_shown(stacked(counted))]
    whole = stacked([*counted, *summed])
    if not (np.diff(whole["source_record"].to_numpy()) > 0).all():
        whole = whole.sort("source_record", "control", maintain_order=True)
    return whole.shrink_to_fit()


_NO_CONTROL = CONTROL.to_frame()
_FIGURE = figure(pl.col("declared"))
_LONG = 10**12  # no figure is as long


def _shown(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts without what is no figure; one written as we write it needs no closer look."""
    declared = counts["declared"]
    read = declared.cast(pl.Int64, strict=False)
    short = (read < _LONG).all() and (read > -_LONG).all()
    if short and read.cast(pl.String).equals(declared):
        return counts
    return counts.with_columns(_FIGURE)


def _rows_of(frames: Iterable[pl.DataFrame]) -> list[pl.DataFrame]:
    return [rows for rows in frames if rows.height]


def differing(controls: pl.DataFrame) -> pl.DataFrame:
    """Those that do not agree."""
    return controls.filter(~pl.col("agrees"))


def with_ends(controls: Iterable[pl.DataFrame], ends: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The controls of all pieces, with those of trailers, which are of no piece, at their places.

    Args:
        controls: of each piece, in order.
        ends: of GE and IEA, in order.
    """
    at = ends["source_record"].to_numpy()
    for piece in controls:
        if not piece.height:
            continue
        own = int(np.searchsorted(at, piece["source_record"][-1]))
        yield in_order((), sums=(piece, ends[:own])) if own else piece
        ends, at = ends[own:], at[own:]
    yield ends


class _Held(NamedTuple):
    """For each group or interchange, what all pieces hold of it and what its trailer declares."""

    parts: Ints
    segments: Ints
    end: Ints  # -1 where there is nothing of it
    declared: pa.Array


def _held(size: int, trailer: pl.DataFrame, extent: pl.DataFrame) -> _Held:
    """Units are numbered from 1 without a gap, so that their numbers are places."""
    at = extent["number"].to_numpy() - 1
    parts, segments, end = np.zeros(size, np.int64), np.zeros(size, np.int64), np.full(size, -1)
    np.add.at(parts, at, extent["parts"].to_numpy())
    np.add.at(segments, at, extent["segments"].to_numpy())
    np.maximum.at(end, at, extent["end"].to_numpy())
    trailer = _firsts(trailer)
    written = trailer["declared"]
    told = written.cast(pl.Int64, strict=False)
    if told.null_count() > written.null_count():  # blanks around it do no harm
        told = written.str.strip_chars().cast(pl.Int64, strict=False)
    if told.null_count():
        readable = told.is_not_null()
        trailer, told = trailer.filter(readable), told.filter(readable)
    at = trailer["number"].to_numpy() - 1
    declared, there = np.zeros(size, np.int64), np.zeros(size, bool)
    declared[at], there[at] = told.to_numpy(), True
    return _Held(parts, segments, end, masked(declared, there))


def _firsts(trailer: pl.DataFrame) -> pl.DataFrame:
    """The first trailer of each unit, in order."""
    number, first = np.unique(trailer["number"].to_numpy(), return_index=True)
    return trailer if number.size == trailer.height else trailer[np.sort(first)]


def _same(one: pl.Series, other: pl.Series) -> Flags:
    """Where two numeric elements are the same number: leading zeros do not count."""
    if one.equals(other):
        return np.ones(one.len(), bool)
    return pl.select(_plain(one).eq_missing(_plain(other))).to_series().to_numpy()


def _plain(numbers: pl.Series) -> pl.Expr:
    """Without leading zeros; zero itself stays."""
    return pl.lit(numbers).str.strip_chars_start("0").replace("", "0")


def _from_one(indexes: list[int]) -> list[int]:
    return [n + 1 for n in indexes]
