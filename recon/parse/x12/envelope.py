"""Interchanges, groups and transaction sets as frames, and whether their trailers agree.

What belongs here: ISA/IEA, GS/GE, ST/SE. What does not: anything between ST and SE.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.parse.parsed import CONTROL
from recon.parse.x12.defects import Defects
from recon.parse.x12.delimiters import ISA_LENGTH, Interchange
from recon.parse.x12.structure import GE, SE, Structure, ordinal
from recon.parse.x12.text import Ints, Text
from recon.parse.x12.tokens import Flags, Tokens
from recon.parse.x12.values import constant, nullable, numbers, text


@dataclass(frozen=True, eq=False)
class Level:
    """One level of the envelope.

    Attributes:
        trailer: tag of its trailer.
        headers: row of each header.
        trailers: row of each trailer, or -1.
        parts: what the trailer should count.
        control: element of the header that the trailer repeats.
    """

    trailer: str
    headers: Ints
    trailers: Ints
    parts: Ints
    control: int


def levels(tokens: Tokens, where: Structure) -> tuple[Level, Level, Level]:
    """Transaction sets, groups and interchanges with their trailers."""
    last = where.last_of_set
    sets = Level("SE", where.st, np.where(tokens.tag[last] == SE, last, -1), last - where.st + 1, 2)
    last = where.last_of_group
    sets_in = _count(where.group[where.st], where.gs.size)
    groups = Level("GE", where.gs, np.where(tokens.tag[last] == GE, last, -1), sets_in, 6)
    interchange = np.searchsorted(where.isa, where.gs, side="right") - 1
    return sets, groups, Level("IEA", where.isa, where.iea, _count(interchange, where.isa.size), 13)


def check(tokens: Tokens, where: Structure, level: Level, defects: Defects) -> pl.DataFrame:
    """Compare the trailers of a level with its headers.

    Returns:
        A row of ``CONTROL`` per trailer: its declared and found count.
    """
    where.report(defects, level.trailer, tokens, level.headers[level.trailers < 0])

    closed = level.trailers >= 0
    rows, parts = level.trailers[closed], level.parts[closed]
    declared, found = text(tokens, tokens.element(rows, 1)), pl.Series(parts).cast(pl.String)
    read = numbers(tokens, tokens.element(rows, 1), 0)
    agrees = read.given & read.readable & (read.unscaled == parts)
    wrong = np.flatnonzero(~agrees)
    code = f"{level.trailer}01"
    where.report(defects, code, tokens, rows[wrong], found=found[wrong], expected=declared[wrong])

    header = text(tokens, tokens.element(level.headers[closed], level.control))
    trailer = text(tokens, tokens.element(rows, 2))
    same = header.eq_missing(trailer)
    if level.trailer != "SE":  # numeric elements: leading zeros do not count
        same |= header.str.strip_chars_start("0").eq_missing(trailer.str.strip_chars_start("0"))
    wrong = np.flatnonzero(~same.to_numpy())
    where.report(
        defects,
        f"{level.trailer}02",
        tokens,
        rows[wrong],
        found=trailer[wrong],
        expected=header[wrong],
    )
    return control_rows(code, rows, declared, found, agrees)


def control_rows(
    control: str, rows: Ints, declared: pl.Series, found: pl.Series, agrees: Flags
) -> pl.DataFrame:
    """Rows of ``CONTROL`` for the segments ``rows``."""
    name = constant(control, rows.size, pl.String())
    record, agreed = pl.Series(rows + 1), pl.Series(agrees)
    return pl.DataFrame([name, record, declared, found, agreed], schema=CONTROL)


def check_segments(tokens: Tokens, where: Structure, defects: Defects) -> None:
    """Report transaction sets outside a group, segments outside a set, tags that are none."""
    where.report(defects, "GS", tokens, where.st[where.group[where.st] < 0])
    first, _ = where.stray
    found = _shown(tokens, first)
    where.report(defects, "outside_transaction", tokens, first, found=found)
    untagged = np.flatnonzero(~tokens.tagged & (where.transaction >= 0))
    found = _shown(tokens, untagged)
    where.report(defects, "segment_tag", tokens, untagged, found=found)
    last = where.last_of_interchange
    where.report(defects, "no_final_terminator", tokens, last[~tokens.terminated[last]])


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


def interchange_frame(
    interchanges: list[Interchange], source: Text, tokens: Tokens, where: Structure, level: Level
) -> pl.DataFrame:
    """One row per ISA."""
    size = len(interchanges)
    number = tokens.interchange[where.isa]
    groups, segments = np.zeros(size, np.int64), np.zeros(size, np.int64)
    groups[number] = level.parts
    segments[number] = where.last_of_interchange - where.isa + 1
    end = source.origin(np.array([i.end for i in interchanges], dtype=np.int64))
    offset = source.origin(np.array([i.start for i in interchanges], dtype=np.int64))
    end[number] = _end(tokens, where.last_of_interchange)
    unknown = constant(None, size, pl.Int64())
    declared = unknown.clone().scatter(number, _declared(tokens, level))
    first = unknown.clone().scatter(number, pl.Series(where.isa + 1, dtype=pl.Int64))

    def isa(n: int) -> pl.Series:
        return pl.Series([i.isa[n] or None for i in interchanges], dtype=pl.String)

    def mark(name: str) -> pl.Series:
        values = [getattr(i, name).decode() or None for i in interchanges]
        return pl.Series(values, dtype=pl.String)

    return pl.DataFrame(
        {
            "interchange_no": np.arange(1, size + 1),
            "sender_qualifier": isa(5),
            "sender_id": isa(6),
            "receiver_qualifier": isa(7),
            "receiver_id": isa(8),
            "interchange_date": isa(9),
            "interchange_time": isa(10),
            "version": isa(12),
            "control_number": isa(13),
            "usage": isa(15),
            "element_separator": mark("separator"),
            "component_separator": mark("component"),
            "repetition_separator": mark("repetition"),
            "terminator": mark("terminator"),
            "group_count": groups,
            "declared_count": declared,
            "segment_count": segments,
            "segment_no": first,
            "byte_offset": offset,
            "byte_length": end - offset,
        }
    )


def group_frame(tokens: Tokens, where: Structure, level: Level) -> pl.DataFrame:
    """One row per GS."""
    gs = where.gs
    names = {
        1: "functional_code",
        2: "sender_code",
        3: "receiver_code",
        4: "group_date",
        5: "group_time",
        6: "control_number",
        8: "version",
    }
    return pl.DataFrame(
        {
            "group_no": np.arange(1, gs.size + 1),
            "interchange_no": tokens.interchange[gs] + 1,
            **{name: text(tokens, tokens.element(gs, n)) for n, name in names.items()},
            "transaction_count": level.parts,
            "declared_count": _declared(tokens, level),
            "segment_no": gs + 1,
            "byte_offset": tokens.offset[gs],
            "byte_length": _end(tokens, where.last_of_group) - tokens.offset[gs],
        }
    )


def transaction_frame(tokens: Tokens, where: Structure, level: Level) -> pl.DataFrame:
    """One row per ST; whether it is accepted is decided later."""
    st, group = where.st, where.group[where.st]
    gs = np.where(group < 0, -1, np.append(where.gs, -1)[group])
    return pl.DataFrame(
        {
            "transaction_no": np.arange(1, st.size + 1),
            "interchange_no": tokens.interchange[st] + 1,
            "group_no": ordinal(group),
            "set_code": text(tokens, tokens.element(st, 1)),
            "control_number": text(tokens, tokens.element(st, 2)),
            "version": text(tokens, tokens.element(gs, 8)),
            "segment_count": level.parts,
            "declared_count": _declared(tokens, level),
            "segment_no": st + 1,
            "byte_offset": tokens.offset[st],
            "byte_length": _end(tokens, where.last_of_set) - tokens.offset[st],
        }
    )


def _declared(tokens: Tokens, level: Level) -> pl.Series:
    read = numbers(tokens, tokens.element(level.trailers, 1), 0)
    return nullable(read.unscaled, read.given & read.readable)


def _shown(tokens: Tokens, rows: Ints) -> pl.Series:
    return text(tokens, tokens.tags(rows)).str.slice(0, 40)


def _end(tokens: Tokens, rows: Ints) -> Ints:
    return tokens.offset[rows] + tokens.length[rows]


def _count(owner: Ints, size: int) -> Ints:
    return np.bincount(owner[owner >= 0], minlength=size).astype(np.int64)


def _from_one(indexes: list[int]) -> list[int]:
    return [n + 1 for n in indexes]
