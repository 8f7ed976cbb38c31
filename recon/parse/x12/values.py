"""Spans of text to typed columns: exact decimals, dates, text. No float anywhere.

What belongs here: how X12 writes numbers and dates. What does not: which element has which type
(``sets/``).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from recon.parse.x12.text import Ints
from recon.parse.x12.tokens import Flags, Spans, Tokens, skip, words_at

_DIGITS = 18  # precision of every decimal of the toolkit
_PIVOT = 50  # a two-digit year below it is 20xx, as in ISA09; only releases before 004010 have one
_BUFFER = 1 << 30  # a string view addresses 2 GiB per buffer
_ZERO = np.arange(256) == ord("0")
_LOW = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)


class Numbers(NamedTuple):
    """Numbers read from text.

    Attributes:
        unscaled: the value times ``10 ** scale``; 0 where unreadable or empty.
        given: there was text.
        readable: it was a number that fits; true where there was no text.
        pointed: it held a decimal point.
    """

    unscaled: Ints
    given: Flags
    readable: Flags
    pointed: Flags


def text(tokens: Tokens, spans: Spans, *, keep_empty: bool = False) -> pl.Series:
    """The spans as strings; an empty span is null, or "" when ``keep_empty``."""
    start, length = spans.start, spans.end - spans.start
    if not keep_empty and not length.any():
        return constant(None, start.size, pl.String())
    # Arrow string views of 16 bytes: the length, then up to 12 bytes of text; or its first 4,
    # which buffer it is in, and where.
    words = words_at(tokens.text, start, 16).view("<u8").reshape(-1, 2)
    views = np.empty((start.size, 2), dtype="<u8")
    head = words[:, 0] & _LOW[np.minimum(length, 4)]
    tail = words[:, 0] >> np.uint64(32) | words[:, 1] << np.uint64(32)
    views[:, 0] = length.astype(np.uint64) | (head << np.uint64(32))
    views[:, 1] = tail & _LOW[np.clip(length - 4, 0, 8)]
    long = np.flatnonzero(length > 12)
    at = start[long]
    views[long, 1] = (at // _BUFFER | at % _BUFFER << 32).astype(np.uint64)
    whole = pa.py_buffer(tokens.text)
    reach = 2 * _BUFFER - 1  # buffers overlap: a value may cross the end of its first half
    buffers = [whole[at : at + reach] for at in range(0, whole.size, _BUFFER)]
    array = pa.Array.from_buffers(
        pa.string_view(),
        start.size,
        [None if keep_empty else _bitmap(length > 0), pa.py_buffer(views), *buffers],
    )
    return pl.Series(values=array, dtype=pl.String)


def constant(value: str | None, size: int, dtype: pl.DataType) -> pl.Series:
    """``value``, ``size`` times."""
    return pl.Series([value], dtype=dtype).new_from_index(0, size)


def numbers(tokens: Tokens, spans: Spans, scale: int, implied: Flags | None = None) -> Numbers:
    """The spans as decimal numbers with ``scale`` decimals, never rounded.

    Args:
        tokens: where the spans point.
        spans: blanks trimmed.
        scale: decimals kept; a non-zero digit beyond them makes the number unreadable.
        implied: where true the element is of type N2: without a point its last two digits are
            decimals; with a point it is taken literally.
    """
    raw, given = tokens.bytes, spans.end > spans.start
    sign = raw[spans.start]
    negative = given & (sign == ord("-"))
    start = spans.start + (negative | (given & (sign == ord("+"))))
    written = spans.end - start
    if np.any(written > _DIGITS):
        start = skip(raw, _ZERO, start, spans.end)
    length = spans.end - start
    bad = length > _DIGITS + 1
    unscaled, points, point_at = np.zeros_like(length), np.zeros_like(length), length
    for at in range(min(int(length.max(initial=0)), _DIGITS + 1)):
        inside = at < length
        byte = raw[np.where(inside, start + at, 0)]
        digit = byte - np.uint8(48)  # wraps round: what is no digit becomes more than 9
        is_digit, is_point = inside & (digit <= 9), inside & (byte == ord("."))
        unscaled = np.where(is_digit, unscaled * 10 + digit, unscaled)
        bad |= inside & ~is_digit & ~is_point
        if is_point.any():
            points += is_point
            point_at = np.where(is_point, at, point_at)
    pointed = points > 0
    bad |= (points > 1) | (length - points > _DIGITS) | given & (written == points)
    after = np.where(pointed & ~bad, length - point_at - 1, 0)
    if implied is not None:
        after = np.where(implied & ~pointed, 2, after)
    finer = 10 ** np.maximum(after - scale, 0)
    coarser = 10 ** np.maximum(scale - after, 0)
    bad |= (unscaled % finer != 0) | (unscaled // finer > (10**_DIGITS - 1) // coarser)
    unscaled = np.where(bad, 0, unscaled // finer * coarser)
    return Numbers(np.where(negative, -unscaled, unscaled), given, ~bad, pointed)


def decimals(
    tokens: Tokens, spans: Spans, scale: int, implied: Flags | None = None
) -> tuple[pl.Series, Flags, Flags]:
    """The spans as ``Decimal(18, scale)``; which were no such number; which held a point."""
    found = numbers(tokens, spans, scale, implied)
    cells = np.empty((found.unscaled.size, 2), dtype="<i8")
    cells[:, 0] = found.unscaled
    cells[:, 1] = found.unscaled >> 63  # the high half of a 128-bit integer
    array = pa.Array.from_buffers(
        pa.decimal128(_DIGITS, scale),
        cells.shape[0],
        [_bitmap(found.given & found.readable), pa.py_buffer(cells)],
    )
    series = pl.Series(values=array, dtype=pl.Decimal(_DIGITS, scale))
    return series, found.given & ~found.readable, found.pointed


def integers(tokens: Tokens, spans: Spans) -> tuple[pl.Series, Flags]:
    """The spans as Int32, and which were no such number."""
    found = numbers(tokens, spans, 0)
    good = found.readable & (np.abs(found.unscaled) < 1 << 31)
    series = nullable(found.unscaled.astype(np.int32), good & found.given)
    return series, found.given & ~good


def dates(tokens: Tokens, spans: Spans) -> tuple[pl.Series, Flags]:
    """CCYYMMDD or YYMMDD as dates, and which of the spans were no date."""
    length = spans.end - spans.start
    found = numbers(tokens, spans, 0)
    number = found.unscaled
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    year = np.where(length == 6, year + np.where(year < _PIVOT, 2000, 1900), year)
    signed = np.isin(tokens.bytes[spans.start], [ord("-"), ord("+")])
    good = found.readable & ~found.pointed & ~signed & ((length == 8) | (length == 6))
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[D]").astype(np.int64)
    good &= day <= following - first
    days = np.where(good, first + day - 1, 0).astype(np.int32)
    return nullable(days, good & found.given).cast(pl.Date), found.given & ~good


def nullable(values: npt.NDArray[np.generic], valid: Flags) -> pl.Series:
    """``values`` as a series of the same type, null where not ``valid``."""
    return pl.Series(values=pa.array(values, mask=~valid))


def _bitmap(valid: Flags) -> pa.Buffer:
    return pa.py_buffer(np.packbits(valid, bitorder="little"))
