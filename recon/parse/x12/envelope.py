"""Interchanges, groups and transaction sets as frames, and whether their trailers agree.

A file is read in pieces. Each piece gives its transaction sets whole, and its headers and trailers
of groups and interchanges; those are put together when the last piece has been read.

What belongs here: ISA/IEA, GS/GE, ST/SE. What does not: anything between ST and SE.
"""

import numpy as np
import polars as pl

from recon.parse.spans import Ints, code
from recon.parse.values import constant, dates, nullable, numbers, table, text
from recon.parse.x12.declare import KEYS
from recon.parse.x12.defects import CONTROL, Defects
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
HEADER = pl.Schema(
    {
        "group_no": pl.Int64,
        "interchange_no": pl.Int64,
        "functional_code": pl.String,  # GS01
        "sender_code": pl.String,  # GS02
        "receiver_code": pl.String,  # GS03
        "group_date": pl.String,  # GS04
        "group_time": pl.String,  # GS05
        "control_number": pl.String,  # GS06
        "version": pl.String,  # GS08
        "segment_no": pl.Int64,
        "byte_offset": pl.Int64,
    }
)
# A trailer: which header it closes, what it counts and the control number it repeats.
TRAILER = pl.Schema(
    {
        "number": pl.Int64,  # of the group or interchange, from 1
        "segment_no": pl.Int64,
        "byte_offset": pl.Int64,
        "declared": pl.String,
        "control": pl.String,
    }
)
# What one piece holds of a group or interchange.
EXTENT = pl.Schema({"number": pl.Int64, "parts": pl.Int64, "segments": pl.Int64, "end": pl.Int64})
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


def transaction_frame(tokens: Tokens, where: Structure, defects: Defects) -> pl.DataFrame:
    """One row per ST; whether it is accepted is decided later. SE is compared with ST."""
    st, last = where.st, where.last_of_set
    group = where.group[st]
    size = last - st + 1
    closed = np.flatnonzero(tokens.tag[last] == SE)
    se = last[closed]
    where.report(defects, "SE", tokens, st[tokens.tag[last] != SE])
    where.report(defects, "GS", tokens, st[group < 0])
    declared = text(tokens, tokens.element(se, 1))
    read = numbers(tokens, tokens.element(se, 1), 0)
    agrees = read.given & read.readable & (read.unscaled == size[closed])
    wrong = np.flatnonzero(~agrees)
    if wrong.size:
        found = pl.Series(size[closed][wrong]).cast(pl.String)
        rows = se[wrong]
        where.report(defects, "SE01", tokens, rows, found=found, expected=declared[wrong])
    number = text(tokens, tokens.element(st, 2))
    header = number if closed.size == st.size else number[closed]
    trailer = text(tokens, tokens.element(se, 2))
    if not header.equals(trailer):
        wrong = np.flatnonzero(~header.eq_missing(trailer).to_numpy())
        rows = se[wrong]
        where.report(defects, "SE02", tokens, rows, found=trailer[wrong], expected=header[wrong])
    counts = np.full(st.size, -1)
    counts[closed] = np.where(read.given & read.readable, read.unscaled, -1)
    version = _of_group(tokens, where, 8, where.before.version)
    return table(
        [
            np.arange(1, st.size + 1) + where.before.transactions,
            tokens.interchange[st] + 1,
            ordinal(group),
            text(tokens, tokens.element(st, 1)),
            number,
            version,
            text(tokens, tokens.element(st, 3)),
            size,
            nullable(counts, counts >= 0),
            st + 1 + where.before.segments,
            tokens.offset[st],
            tokens.offset[last] + tokens.length[last] - tokens.offset[st],
        ],
        TRANSACTION,
    )


def set_controls(tokens: Tokens, where: Structure, transactions: pl.DataFrame) -> pl.DataFrame:
    """SE01 of every transaction set that has an SE: rows of ``CONTROL``."""
    closed = np.flatnonzero(tokens.tag[where.last_of_set] == SE)
    se = where.last_of_set[closed]
    sets = transactions if closed.size == where.st.size else transactions[closed]
    return table(
        [
            constant("SE01", se.size, pl.String()),
            sets["transaction_no"],
            pl.Series(se + 1 + where.before.segments, dtype=pl.Int64),
            pl.Series(tokens.offset[se], dtype=pl.Int64),
            text(tokens, tokens.element(se, 1)),
            sets["segment_count"].cast(pl.String),
            sets["segment_count"].to_numpy() == sets["declared_count"].to_numpy(),
        ],
        CONTROL,
    )


def check_segments(tokens: Tokens, where: Structure, defects: Defects) -> None:
    """Report segments outside a transaction set, and tags that are none."""
    first, _ = where.stray
    where.report(defects, "outside_transaction", tokens, first)
    untagged = np.flatnonzero(~tokens.tagged & (where.transaction >= 0))
    if untagged.size:
        where.report(defects, "segment_tag", tokens, untagged, found=_size(tokens, untagged))
    last = np.flatnonzero(~tokens.terminated)
    where.report(defects, "no_final_terminator", tokens, last)


def headers(tokens: Tokens, where: Structure) -> pl.DataFrame:
    """One row per GS of a piece."""
    gs = where.gs
    return table(
        [
            np.arange(1, gs.size + 1) + where.before.groups,
            tokens.interchange[gs] + 1,
            *(text(tokens, tokens.element(gs, n)) for n in (1, 2, 3, 4, 5, 6, 8)),
            gs + 1 + where.before.segments,
            tokens.offset[gs],
        ],
        HEADER,
    )


def trailers(tokens: Tokens, where: Structure) -> dict[str, pl.DataFrame]:
    """Rows of ``TRAILER`` of a piece: GE of groups, IEA of interchanges."""
    ge = np.flatnonzero((tokens.tag == GE) & (where.group >= 0))

    def rows(at: Ints, owner: Ints) -> pl.DataFrame:
        return table(
            [
                owner[at] + 1,
                at + 1 + where.before.segments,
                tokens.offset[at],
                text(tokens, tokens.element(at, 1)),
                text(tokens, tokens.element(at, 2)),
            ],
            TRAILER,
        )

    return {"GE": rows(ge, where.group), "IEA": rows(where.iea, tokens.interchange)}


def extents(tokens: Tokens, where: Structure) -> dict[str, pl.DataFrame]:
    """Rows of ``EXTENT`` of a piece, of groups and of interchanges."""

    def rows(owner: Ints, part: Ints) -> pl.DataFrame:
        inside = np.flatnonzero(owner >= 0)
        of = owner[inside]
        begin = np.flatnonzero(np.diff(of, prepend=-1) != 0)
        number = of[begin]
        last = inside[np.append(begin[1:], of.size)[: begin.size] - 1]
        counted = owner[part]
        within = np.searchsorted(number, counted[counted >= 0])
        return table(
            [
                number + 1,
                np.bincount(within, minlength=number.size).astype(np.int64),
                np.diff(np.append(begin, of.size)),
                tokens.offset[last] + tokens.length[last],
            ],
            EXTENT,
        )

    return {"GE": rows(where.group, where.st), "IEA": rows(tokens.interchange, where.gs)}


def keys(
    tokens: Tokens, where: Structure, interchanges: list[Interchange], transactions: pl.DataFrame
) -> pl.DataFrame:
    """For each transaction set of a piece, the columns of ``KEYS`` that it decides."""
    control = _of_group(tokens, where, 6, where.before.control)
    return pl.DataFrame(
        [
            transactions["transaction_no"],
            *_isa_columns(tokens.interchange[where.st], interchanges),
            control.alias("group_control_number"),
            transactions["control_number"].alias("transaction_control_number"),
        ]
    )


def _of_group(tokens: Tokens, where: Structure, element: int, open_: str | None) -> pl.Series:
    """That element of each transaction set's GS; ``open_`` is that of a group begun before."""
    read = text(tokens, tokens.element(where.gs, element))
    group = where.group[where.st]
    own = group - where.before.groups
    if own.size == read.len() and np.array_equal(own, np.arange(own.size)):
        return read
    every = pl.concat([pl.Series([None, open_], dtype=pl.String), read])
    return every[np.where(group < 0, 0, np.maximum(own + 2, 1))]


def interchange_acks(
    tokens: Tokens, where: Structure, interchanges: list[Interchange]
) -> pl.DataFrame | None:
    """The TA1 segments of a piece: rows of ``INTERCHANGE_ACK``; None: it has none."""
    ta1 = np.flatnonzero(tokens.tag == TA1)
    if not ta1.size:
        return None
    none = constant(None, ta1.size, pl.String())
    when, _ = dates(tokens, tokens.element(ta1, 2))
    return table(
        [
            pl.Series(ta1 + 1 + where.before.segments),
            pl.Series(tokens.offset[ta1]),
            none.cast(pl.Int64),
            *_isa_columns(tokens.interchange[ta1], interchanges),
            none,
            none,
            text(tokens, tokens.element(ta1, 1)),
            when,
            *(text(tokens, tokens.element(ta1, n)) for n in (3, 4, 5)),
        ],
        INTERCHANGE_ACK,
    )


def _isa_columns(number: Ints, interchanges: list[Interchange]) -> list[pl.Series]:
    """Sender, receiver and control number of the interchanges with those indexes."""
    names = {"sender_id": 6, "receiver_id": 8, "interchange_control_number": 13}
    distinct, which = np.unique(number, return_inverse=True)
    if distinct.size == 1:
        only = interchanges[int(distinct[0])].isa
        return [
            constant(only[n] or None, number.size, pl.String()).alias(name)
            for name, n in names.items()
        ]
    return [
        pl.Series(name, [interchanges[i].isa[n] or None for i in distinct], dtype=pl.String)[which]
        for name, n in names.items()
    ]


def _size(tokens: Tokens, rows: Ints) -> pl.Series:
    """How long the tags of segments are: what they say may be free text, so it is not shown."""
    spans = tokens.tags(rows)
    return pl.select(pl.format("{} bytes", pl.Series(spans.end - spans.start))).to_series()
