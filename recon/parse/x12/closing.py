"""Groups and interchanges of a whole file, once its last piece has been read.

What belongs here: putting together what pieces hold of one group or interchange, and whether its
trailer agrees. What does not: transaction sets, which no piece cuts (``envelope.py``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.spans import Flags, Ints, true_at
from recon.parse.values import Cells, array, constant, masked, stacked, table, together
from recon.parse.x12.defects import CONTROL, Counts, Defects
from recon.parse.x12.delimiters import ISA_LENGTH, Interchange
from recon.parse.x12.envelope import Extents, Headers, Trailers
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


def group_frame(headers: Headers, trailer: Trailers, extent: Extents) -> pl.DataFrame:
    """One row per GS of the file."""
    held = _held(headers.group_no.size, trailer, extent)
    *told, segment_no, byte_offset = headers
    length = masked(held.end - byte_offset, held.end >= 0)
    return table([*told, held.parts, held.declared, segment_no, byte_offset, length], _GROUP)


_GROUP = [
    *Headers._fields[:-2],
    *("transaction_count", "declared_count", "segment_no", "byte_offset", "byte_length"),
]


def interchange_frame(
    interchanges: list[Interchange],
    first: Mapping[int, int],
    source: Text,
    trailer: Trailers,
    extent: Extents,
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
    tag: str, units: pl.DataFrame, control: str, trailer: Trailers, defects: Defects
) -> Counts:
    """Compare the trailers of a level with its headers.

    Args:
        tag: GE or IEA.
        units: the frame of groups or interchanges.
        control: name of its column of found parts.
        trailer: of all pieces.
        defects: receives what does not agree.
    """
    trailer = _firsts(trailer)
    places = ["group_no", "interchange_no"] if tag == "GE" else ["interchange_no"]

    def report(
        kind: str, of: pl.DataFrame, segment_no: Cells, byte_offset: Cells, **said: pl.Series
    ) -> None:
        defects.add(
            kind,
            byte_offset=byte_offset,
            segment_no=segment_no,
            tag=[tag] * of.height,
            **{place: of[place] for place in places},
            **said,
        )

    if trailer.unit.size < units.height:
        open_ = units[np.setdiff1d(np.arange(units.height), trailer.unit)]
        open_ = open_.filter(pl.col("segment_no").is_not_null())
        report(tag, open_, open_["segment_no"], open_["byte_offset"])
    if not np.array_equal(trailer.unit, np.arange(units.height)):
        units = units[trailer.unit]

    def compare(kind: str, told: pl.Series, held: pl.Series, **said: pl.Series) -> Flags:
        same = _same(told, held)
        wrong = true_at(~same)
        if wrong.size:
            at = trailer.segment_no[wrong], trailer.byte_offset[wrong]
            report(kind, units[wrong], *at, **{name: cells[wrong] for name, cells in said.items()})
        return same

    count, declared = units[control].cast(pl.String), pl.Series(values=trailer.declared)
    agrees = compare(f"{tag}01", declared, count, found=count, expected=declared)
    number, told = units["control_number"], pl.Series(values=trailer.control)
    compare(f"{tag}02", told, number, found=told, expected=number)
    return Counts(
        control=f"{tag}01",
        transaction_no=pa.nulls(agrees.size, pa.int64()),
        source_record=trailer.segment_no,
        byte_offset=trailer.byte_offset,
        declared=trailer.declared,
        found=units[control].to_numpy(),
        agrees=agrees,
    )


def in_order(counts: Sequence[Counts], sums: Iterable[pl.DataFrame] = ()) -> pl.DataFrame:
    """Rows of ``CONTROL`` in the order of the file.

    Args:
        counts: with figures as the sender wrote them: what is no figure is not shown.
        sums: rows of ``CONTROL``, with figures of our own.
    """
    frames = [rows for rows in sums if rows.height]
    if any(count.agrees.size for count in counts):
        frames = [_shown(counts), *frames]
    if not frames:
        return _NO_CONTROL
    return _sorted(stacked(frames)).shrink_to_fit()


def _sorted(controls: pl.DataFrame) -> pl.DataFrame:
    """By segment and control: most segments have one, and most of them are in order already."""
    record = controls["source_record"].to_numpy()
    if (np.diff(record) > 0).all():
        return controls
    order = np.argsort(record, kind="stable")
    again = true_at(np.diff(record[order]) == 0)
    if again.size:
        name = controls["control"]
        if (name[order[again]] > name[order[again + 1]]).any():
            return controls.sort("source_record", "control", maintain_order=True)
    return controls[order]


_NO_CONTROL = CONTROL.to_frame()
_FIGURE = figure(pl.col("declared"))


def _shown(counts: Sequence[Counts]) -> pl.DataFrame:
    """The counts, without what is no figure; where all are what we found, they are figures."""
    names = [array(constant(count.control, count.agrees.size, pl.String())) for count in counts]
    _, *places, found, agrees = zip(*counts, strict=True)
    told = pl.Series(together(found)).cast(pl.String)
    whole = table([*map(together, (names, *places)), told, together(agrees)], CONTROL)
    return whole if whole["declared"].equals(told) else whole.with_columns(_FIGURE)


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


def _held(size: int, trailer: Trailers, extent: Extents) -> _Held:
    """Units are numbered without a gap, so that their numbers are places."""
    parts, segments, end = np.zeros(size, np.int64), np.zeros(size, np.int64), np.full(size, -1)
    np.add.at(parts, extent.unit, extent.parts)
    np.add.at(segments, extent.unit, extent.segments)
    np.maximum.at(end, extent.unit, extent.end)
    trailer = _firsts(trailer)
    written = pl.Series(values=trailer.declared)
    told = written.cast(pl.Int64, strict=False)
    if told.null_count() > written.null_count():  # blanks around it do no harm
        told = written.str.strip_chars().cast(pl.Int64, strict=False)
    at = trailer.unit
    if told.null_count():
        readable = told.is_not_null()
        at, told = at[readable.to_numpy()], told.filter(readable)
    declared, there = np.zeros(size, np.int64), np.zeros(size, bool)
    declared[at], there[at] = told.to_numpy(), True
    return _Held(parts, segments, end, masked(declared, there))


def _firsts(trailer: Trailers) -> Trailers:
    """The first trailer of each unit, in order."""
    unit, first = np.unique(trailer.unit, return_index=True)
    if unit.size == trailer.unit.size:
        return trailer
    kept = np.sort(first)
    *numbers, declared, control = trailer
    texts = (array(pl.Series(values=text)[kept]) for text in (declared, control))
    return Trailers(*(column[kept] for column in numbers), *texts)


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
