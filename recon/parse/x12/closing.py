"""Groups and interchanges of a whole file, once its last piece has been read.

What belongs here: putting together what pieces hold of one group or interchange, and whether its
trailer agrees. What does not: transaction sets, which no piece cuts (``envelope.py``).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from recon.parse.spans import Ints
from recon.parse.values import constant, nullable
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
    place = [headers["segment_no"], headers["byte_offset"]]
    length = held.end - headers["byte_offset"].to_numpy()
    return pl.DataFrame(
        [
            *headers.get_columns()[:-2],
            pl.Series("transaction_count", held.parts),
            held.declared,
            *place,
            nullable(length, held.end >= 0).alias("byte_length"),
        ]
    )


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

    def isa(n: int) -> pl.Series:
        return pl.Series([i.isa[n] or None for i in interchanges], dtype=pl.String)

    def mark(name: str) -> pl.Series:
        values = [getattr(i, name).decode() or None for i in interchanges]
        return pl.Series(values, dtype=pl.String)

    held = _held(len(interchanges), trailer, extent)
    return pl.DataFrame(
        {
            "interchange_no": np.arange(1, len(interchanges) + 1),
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
            "segment_no": pl.Series(
                [first.get(n) for n in range(len(interchanges))], dtype=pl.Int64
            ),
            "byte_offset": offset,
            # One that cannot be read reaches to the next.
            "byte_length": np.where(held.end < 0, end, held.end) - offset,
        }
    )


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
    trailer = trailer[_firsts(trailer)]
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
    units = units[owner]
    count = units[control].cast(pl.String).alias("found")
    both = trailer.hstack([*units.select(*places, "control_number"), count]).with_columns(
        # Numeric elements: leading zeros do not count.
        agrees=_plain("declared").eq_missing(_plain("found")),
        same=_plain("control").eq_missing(_plain("control_number")),
    )
    if not both["agrees"].all():
        report(f"{tag}01", both.filter(~pl.col("agrees")), found="found", expected="declared")
    if not both["same"].all():
        wrong = both.filter(~pl.col("same"))
        report(f"{tag}02", wrong, found="control", expected="control_number")
    return pl.DataFrame(
        [
            constant(f"{tag}01", both.height, pl.String()),
            constant(None, both.height, pl.Int64()),
            *both.select("segment_no", "byte_offset", "declared", "found", "agrees"),
        ],
        schema=CONTROL,
    )


def in_order(*counts: pl.DataFrame, sums: pl.DataFrame | None = None) -> pl.DataFrame:
    """Controls in the order of the file.

    Args:
        counts: with figures as the sender wrote them: what is no number may be anything, and is
            not shown.
        sums: with figures of our own.
    """
    counted = pl.concat(counts).with_columns(figure(pl.col("declared")))
    whole = counted if sums is None else pl.concat([counted, sums])
    return _in_order(whole).shrink_to_fit()


def _in_order(controls: pl.DataFrame) -> pl.DataFrame:
    return controls.sort("source_record", "control", maintain_order=True)


def differing(controls: pl.DataFrame) -> pl.DataFrame:
    """Those that do not agree."""
    return controls.filter(~pl.col("agrees"))


def with_ends(controls: Iterable[pl.DataFrame], ends: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The controls of all pieces, with those of trailers, which are of no piece, at their places.

    Args:
        controls: of each piece, in order.
        ends: of GE and IEA, in order.
    """
    yield pl.DataFrame(schema=CONTROL)
    for piece in controls:
        last = piece["source_record"].max()
        own = ends.filter(pl.col("source_record") < last) if last else ends.clear()
        ends = ends.slice(own.height)
        yield _in_order(pl.concat([piece, own])) if own.height else piece
    yield ends


class _Held(NamedTuple):
    """For each group or interchange, what all pieces hold of it and what its trailer declares."""

    parts: Ints
    segments: Ints
    end: Ints  # -1 where there is nothing of it
    declared: pl.Series


def _held(size: int, trailer: pl.DataFrame, extent: pl.DataFrame) -> _Held:
    """Units are numbered from 1 without a gap, so that their numbers are places."""
    at = extent["number"].to_numpy() - 1
    parts, segments, end = np.zeros(size, np.int64), np.zeros(size, np.int64), np.full(size, -1)
    np.add.at(parts, at, extent["parts"].to_numpy())
    np.add.at(segments, at, extent["segments"].to_numpy())
    np.maximum.at(end, at, extent["end"].to_numpy())
    closed = _firsts(trailer)
    told = trailer[closed].select(
        pl.col("declared").str.strip_chars().str.to_integer(strict=False), pl.col("number") - 1
    )
    told = told.drop_nulls()
    declared, there = np.zeros(size, np.int64), np.zeros(size, bool)
    declared[told["number"].to_numpy()] = told["declared"].to_numpy()
    there[told["number"].to_numpy()] = True
    return _Held(parts, segments, end, nullable(declared, there).alias("declared_count"))


def _firsts(trailer: pl.DataFrame) -> Ints:
    """The first trailer of each unit, in order."""
    _, first = np.unique(trailer["number"].to_numpy(), return_index=True)
    return np.sort(first)


def _plain(name: str) -> pl.Expr:
    """A numeric element without leading zeros; zero itself stays."""
    return pl.col(name).str.strip_chars_start("0").replace("", "0")


def _from_one(indexes: list[int]) -> list[int]:
    return [n + 1 for n in indexes]
