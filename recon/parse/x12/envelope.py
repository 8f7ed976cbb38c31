"""Interchanges, groups and transaction sets as frames, and whether their trailers agree.

A file is read in pieces. Each piece gives its transaction sets whole, and its headers and trailers
of groups and interchanges; those are put together when the last piece has been read.

What belongs here: ISA/IEA, GS/GE, ST/SE. What does not: anything between ST and SE.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.spans import Ints, code, run_begins, true_at
from recon.parse.values import (
    array,
    date_array,
    masked,
    nulls,
    numbers,
    table,
    taken,
    text_arrays,
    together,
)
from recon.parse.x12.declare import KEYS
from recon.parse.x12.defects import Counts, Defects
from recon.parse.x12.delimiters import Interchange
from recon.parse.x12.structure import GE, SE, Structure, ordinal
from recon.parse.x12.tokens import Tokens

TA1 = code("TA1")

TRANSACTION = pl.Schema(
    {
        "transaction_no": pl.Int64,
        "interchange_no": pl.Int64,
        "group_no": pl.Int64,
        "set_code": pl.String,  # ST01
        "control_number": pl.String,  # ST02
        "version": pl.String,  # GS08
        "implementation": pl.String,  # ST03
        "segment_count": pl.Int64,
        "declared_count": pl.Int64,  # SE01
        "segment_no": pl.Int64,
        "byte_offset": pl.Int64,
        "byte_length": pl.Int64,
    }
)


class Headers(NamedTuple):
    """GS segments: columns of the frame of groups."""

    group_no: Ints
    interchange_no: Ints
    functional_code: pa.Array  # GS01
    sender_code: pa.Array  # GS02
    receiver_code: pa.Array  # GS03
    group_date: pa.Array  # GS04
    group_time: pa.Array  # GS05
    control_number: pa.Array  # GS06
    version: pa.Array  # GS08
    segment_no: Ints
    byte_offset: Ints


class Trailers(NamedTuple):
    """GE or IEA: which header each closes, what it counts and the control number it repeats.

    Attributes:
        unit: index of the group or interchange.
        segment_no: its number in the file, from 1.
        byte_offset: of the segment.
        declared: GE01 or IEA01.
        control: GE02 or IEA02.
    """

    unit: Ints
    segment_no: Ints
    byte_offset: Ints
    declared: pa.Array
    control: pa.Array


class Extents(NamedTuple):
    """What one piece holds of groups or interchanges.

    Attributes:
        unit: index of the group or interchange.
        parts: transaction sets, or groups, that begin in it.
        segments: its segments.
        end: where the last of them ends in the file.
    """

    unit: Ints
    parts: Ints
    segments: Ints
    end: Ints


_Parts = TypeVar("_Parts", Headers, Trailers, Extents)
_NONE = np.zeros(0, np.int64)
_NO_TEXT = pa.array([], pa.string_view())
NO_HEADER = Headers._make([_NONE, _NONE, *[_NO_TEXT] * 7, _NONE, _NONE])
NO_TRAILER = Trailers(_NONE, _NONE, _NONE, _NO_TEXT, _NO_TEXT)
NO_EXTENT = Extents(_NONE, _NONE, _NONE, _NONE)
_OF_SETS = [name for name in KEYS if name not in ("source_record", "byte_offset")]
INTERCHANGE_ACK = pl.Schema(
    [
        *KEYS.items(),
        ("acknowledged_control_number", pl.String),  # TA101
        ("acknowledged_date", pl.Date),  # TA102
        ("acknowledged_time", pl.String),  # TA103
        ("ack_code", pl.String),  # TA104: A accepted, E accepted with errors, R rejected
        ("note_code", pl.String),  # TA105
    ]
)


def joined(parts: Sequence[_Parts], nothing: _Parts) -> _Parts:
    """What the pieces of a file give, put together; ``nothing`` where there is no piece."""
    return type(nothing)._make(map(together, zip(*parts, strict=True))) if parts else nothing


def texts(tokens: Tokens, rows: Ints, *elements: int) -> list[pa.Array]:
    """The text of several elements of the same segments."""
    segments = tokens.segments(rows)
    return text_arrays(tokens, [tokens.element(segments, n) for n in elements])


def transaction_frames(
    tokens: Tokens, where: Structure, headers: Headers, defects: Defects
) -> tuple[pl.DataFrame, Counts]:
    """One row per ST; whether it is accepted is decided later. SE is compared with ST.

    And SE01 of every transaction set that has an SE.
    """
    st, last = where.st, where.last_of_set
    group = where.group[st]
    size = last - st + 1
    no = np.arange(1, st.size + 1) + where.before.transactions
    is_closed = tokens.tag[last] == SE
    closed = true_at(is_closed)
    se = last[closed]
    where.report(defects, "SE", tokens, st[~is_closed])
    where.report(defects, "GS", tokens, st[group < 0])
    code_, number, implementation = texts(tokens, st, 1, 2, 3)
    _report_missing(tokens, where, defects, st, {"ST01": code_, "ST02": number})
    declared, trailer = texts(tokens, se, 1, 2)
    read = numbers(tokens, tokens.element(se, 1), 0)
    counts = np.where(read.given & read.readable, read.unscaled, -1)
    agrees = counts == size[closed]
    wrong = true_at(~agrees)
    if wrong.size:
        found = pl.Series(size[closed][wrong]).cast(pl.String)
        said = pl.Series(values=declared)[wrong]
        where.report(defects, "SE01", tokens, se[wrong], found=found, expected=said)
    header = pl.Series(values=number)[closed]
    given = pl.Series(values=trailer)
    if not header.equals(given):
        wrong = true_at(~header.eq_missing(given).to_numpy())
        rows = se[wrong]
        where.report(defects, "SE02", tokens, rows, found=given[wrong], expected=header[wrong])
    every = np.full(st.size, -1)
    every[closed] = counts
    frame = table(
        [
            no,
            tokens.interchange[st] + 1,
            ordinal(group),
            code_,
            number,
            _of_group(where, headers.version, where.before.version),
            implementation,
            size,
            masked(every, every >= 0),
            st + 1 + where.before.segments,
            tokens.offset[st],
            tokens.offset[last] + tokens.length[last] - tokens.offset[st],
        ],
        TRANSACTION,
    )
    counted = Counts(
        control="SE01",
        transaction_no=no[closed],
        source_record=se + 1 + where.before.segments,
        byte_offset=tokens.offset[se],
        declared=declared,
        found=size[closed],
        agrees=agrees,
    )
    return frame, counted


def check_segments(tokens: Tokens, where: Structure, defects: Defects) -> None:
    """Report segments outside a transaction set, and tags that are none."""
    first, _ = where.stray
    where.report(defects, "outside_transaction", tokens, first)
    untagged = true_at(~tokens.tagged & (where.transaction >= 0))
    if untagged.size:
        where.report(defects, "segment_tag", tokens, untagged, found=_size(tokens, untagged))
    last = true_at(~tokens.terminated)
    where.report(defects, "no_final_terminator", tokens, last)


def headers(tokens: Tokens, where: Structure, defects: Defects) -> Headers:
    """The GS segments of a piece; without what tells a group from others it is in error."""
    gs = where.gs
    found = Headers._make(
        [
            np.arange(1, gs.size + 1) + where.before.groups,
            tokens.interchange[gs] + 1,
            *texts(tokens, gs, 1, 2, 3, 4, 5, 6, 8),
            gs + 1 + where.before.segments,
            tokens.offset[gs],
        ]
    )
    told = {"GS01": found.functional_code, "GS06": found.control_number}
    _report_missing(tokens, where, defects, gs, told)
    return found


def _report_missing(
    tokens: Tokens, where: Structure, defects: Defects, rows: Ints, elements: dict[str, pa.Array]
) -> None:
    """Report elements that segments lack and that no acknowledgement can do without."""
    for name, given in elements.items():
        if given.null_count:
            lacking = pl.Series(values=given).is_null().to_numpy()
            where.report(defects, name, tokens, rows[lacking])


def trailers(tokens: Tokens, where: Structure) -> dict[str, Trailers]:
    """GE of the groups of a piece, IEA of its interchanges."""
    ge = true_at((tokens.tag == GE) & (where.group >= 0))

    def rows(at: Ints, owner: Ints) -> Trailers:
        declared, control = texts(tokens, at, 1, 2)
        segment_no = at + 1 + where.before.segments
        return Trailers(owner[at], segment_no, tokens.offset[at], declared, control)

    return {"GE": rows(ge, where.group), "IEA": rows(where.iea, tokens.interchange)}


def extents(tokens: Tokens, where: Structure) -> dict[str, Extents]:
    """What a piece holds of groups (``GE``) and of interchanges (``IEA``)."""

    def rows(owner: Ints, part: Ints) -> Extents:
        inside = true_at(owner >= 0)
        of = owner[inside]
        begin = run_begins(of)
        number = of[begin]
        ends = np.append(begin[1:], of.size)[: begin.size]
        last = inside[ends - 1]
        counted = owner[part]
        within = np.searchsorted(number, counted[counted >= 0])
        parts = np.bincount(within, minlength=number.size)
        return Extents(number, parts, ends - begin, tokens.offset[last] + tokens.length[last])

    return {"GE": rows(where.group, where.st), "IEA": rows(tokens.interchange, where.gs)}


def keys(
    tokens: Tokens,
    where: Structure,
    interchanges: list[Interchange],
    headers: Headers,
    transactions: pl.DataFrame,
) -> dict[str, pa.Array]:
    """For each transaction set of a piece, the columns of ``KEYS`` that it decides."""
    decided = [
        array(transactions["transaction_no"]),
        *_isa_columns(tokens.interchange[where.st], interchanges),
        _of_group(where, headers.control_number, where.before.control),
        array(transactions["control_number"]),
    ]
    return dict(zip(_OF_SETS, decided, strict=True))


def _of_group(where: Structure, read: pa.Array, open_: str | None) -> pa.Array:
    """What is ``read`` of each transaction set's GS; ``open_``: of a group begun before."""
    group = where.group[where.st]
    own = group - where.before.groups
    if own.size == len(read) and np.array_equal(own, np.arange(own.size)):
        return read
    every = pa.concat_arrays([pa.array([open_], pa.string_view()), read])
    return taken(every, np.where(group < 0, -1, np.maximum(own + 1, 0)))


def interchange_acks(
    tokens: Tokens, where: Structure, interchanges: list[Interchange]
) -> pl.DataFrame | None:
    """The TA1 segments of a piece: rows of ``INTERCHANGE_ACK``; None: it has none.

    Inside a transaction set it answers nothing.
    """
    ta1 = true_at((tokens.tag == TA1) & (where.transaction < 0))
    if not ta1.size:
        return None
    none = nulls(ta1.size, pa.string_view())
    when, _ = date_array(tokens, tokens.element(ta1, 2))
    number, *others = texts(tokens, ta1, 1, 3, 4, 5)
    return table(
        [
            ta1 + 1 + where.before.segments,
            tokens.offset[ta1],
            nulls(ta1.size, pa.int64()),
            *_isa_columns(tokens.interchange[ta1], interchanges),
            none,
            none,
            number,
            when,
            *others,
        ],
        INTERCHANGE_ACK,
    )


def _isa_columns(number: Ints, interchanges: list[Interchange]) -> list[pa.Array]:
    """Sender, receiver and control number of the interchanges with those indexes."""
    distinct, which = np.unique(number, return_inverse=True)
    told = [interchanges[n].isa for n in distinct.tolist()]
    return [
        taken(pa.array([isa[element] or None for isa in told], pa.string_view()), which)
        for element in (6, 8, 13)
    ]


def _size(tokens: Tokens, rows: Ints) -> pl.Series:
    """How long the tags of segments are: what they say may be free text, so it is not shown."""
    spans = tokens.tags(rows)
    return pl.select(pl.format("{} bytes", pl.Series(spans.end - spans.start))).to_series()
