"""What was found for columns of one kind, to their values: several columns in one pass.

A pass costs the same for three rows as for three thousand, and a record has a dozen columns of
text.

What belongs here: which kind is read how. What does not: how text becomes a number or a date
(``values.py``), nor where a column's text stands (``extract.py``).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse import values
from recon.parse.spans import Flags, Ints, Spans, true_at
from recon.parse.x12.declare import Form, Kind
from recon.parse.x12.tokens import TOGETHER, Tokens
from recon.parse.x12.values import Forms, codes, day, period

_NONE = np.zeros(0, bool)
# How a sender is told what it should have written.
NEEDED = {
    Kind.CODE: "a code of at most 7 characters, one a digit if over 3, or of 11 to 14 digits",
    Kind.QUALIFIER: "a qualifier of a few letters or digits (where it runs on, components are "
    "separated by another mark than ISA16 says: the sender is to declare that one)",
    Kind.DATE: "a date written CCYYMMDD",
    Kind.PERIOD_START: "a date or a period written CCYYMMDD-CCYYMMDD",
    Kind.PERIOD_END: "a date or a period written CCYYMMDD-CCYYMMDD",
    Kind.COUNT: "a whole number",
    Kind.QUANTITY: "a number of at most 12 digits and 6 decimals",
    Kind.MONEY: "an amount of at most 16 digits and 2 decimals",
}


class Found(NamedTuple):
    """Where a column's text stands, for each row.

    Attributes:
        spans: the text; empty where there is none.
        at: row of the segment, or -1.
        given: there is text.
        form: how it is written, a ``Form``.
    """

    spans: Spans
    at: Ints
    given: Flags
    form: Forms


class Placed(NamedTuple):
    """Where a source's text stands, for each row, and the row of its segment, or -1."""

    spans: Spans
    at: Ints


def first_given(sources: Sequence[tuple[Placed, Form]], *, there_is: bool = False) -> Found:
    """A column takes the first of its sources that holds anything, in the form of that one.

    ``there_is``: it takes the first whose segment is there, whatever it holds.
    """
    (((start, end), at), first), *others = sources
    given = end > start
    form = np.full(at.size, first, np.uint8)
    for (spans, row), other in others:
        there = spans.end > spans.start
        take = there & (at < 0 if there_is else ~given)
        at = np.where(take | (at < 0), row, at)
        if take.any():
            start, end = np.where(take, spans.start, start), np.where(take, spans.end, end)
            form[take] = other
            given = given | there
    return Found(Spans(start, end), at, given, form)


def nothing(kind: Kind, size: int) -> pa.Array:
    """A column that is empty."""
    return values.nulls(size, _type(kind))


@cache
def _type(kind: Kind) -> pa.DataType:
    """As Arrow has it."""
    return values.array(pl.Series(dtype=kind.dtype)).type


def typed(tokens: Tokens, kind: Kind, columns: Sequence[Found]) -> Iterator[tuple[pa.Array, Ints]]:
    """For each of ``columns``, which have equally many rows: its values, and which are none."""
    size = columns[0].at.size
    batch = max(TOGETHER // max(size, 1), 1)
    for begin in range(0, len(columns), batch):
        some = columns[begin : begin + batch]
        if len(some) == 1:
            value, bad = _read(tokens, kind, some[0].spans, some[0].form)
        else:
            start, end = (np.concatenate([f.spans[n] for f in some]) for n in (0, 1))
            form = np.concatenate([f.form for f in some])
            value, bad = _read(tokens, kind, Spans(start, end), form)
        for n in range(len(some)):
            begins = n * size
            yield value.slice(begins, size), true_at(bad[begins : begins + size])


def _read(tokens: Tokens, kind: Kind, spans: Spans, form: Forms) -> tuple[pa.Array, Flags]:
    if kind is Kind.TEXT:
        return values.text_array(tokens, spans), _NONE
    if kind in (Kind.CODE, Kind.QUALIFIER):
        return codes(tokens, spans)
    if kind is Kind.DATE:
        return day(tokens, spans, form)
    if kind in (Kind.PERIOD_START, Kind.PERIOD_END):
        return period(tokens, spans, form, end=kind is Kind.PERIOD_END)
    if kind is Kind.COUNT:
        return values.integer_array(tokens, spans)
    implied = form == Form.N2
    if kind is Kind.POINTED:
        found = values.numbers(tokens, spans, 2, implied)
        return values.masked(found.pointed | ~implied, found.given), _NONE
    scale = 2 if kind is Kind.MONEY else 6
    value, bad, _ = values.decimal_array(tokens, spans, scale, implied)
    return value, bad
