"""Spans of text to typed columns: exact decimals, dates, text. No float anywhere.

What belongs here: what the readers of segments (X12, HL7) share in typing. What does not: what
one of them alone writes (``x12/values.py``, ``hl7/values.py``).
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from recon.parse.spans import Flags, Ints, Spans, skip, true_at, words_at

_PIVOT = 50  # a two-digit year below it is 20xx, as in ISA09; only releases before 004010 have one
_DIGITS = 18  # precision of every decimal of the toolkit
_BUFFER = 1 << 30  # a string view addresses 2 GiB per buffer
_ZERO = np.arange(256) == ord("0")
_LOW = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
_WORD = 8  # bytes
_HEAD = 4  # bytes of the length in a string view
_INLINE = 12  # the most bytes of text that stand beside it
# By its length, which bytes of a view are text.
_VIEW = np.array(
    [bytes(_HEAD) + b"\xff" * n + bytes(_INLINE - n) for n in range(_INLINE + 1)], dtype="V16"
)
_ARROW = pl.CompatLevel.newest()  # strings as views, as Polars holds them: they are not copied
_U = np.uint64
_SEVENS = _U(0x7F7F7F7F7F7F7F7F)
_PAIRS = _U(0x000000FF000000FF)
_TENS = 10 ** np.arange(_DIGITS + 1)
_MONTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_DAY_0 = 719_468  # days from the first of March of year 0 to 1970
_MOST = (_TENS[-1] - 1) // _TENS

# Of procedure codes (ICD-10-PCS) few have letters alone, and end as no name does: those of group
# psychotherapy and its likes (GZHZZZZ) and of some radiation.
PCS_OF_LETTERS = r"^[DG][A-HJ-NP-Z]{4}ZZ$"


# A column, as it is at hand.
Cells: TypeAlias = pl.Series | pa.Array | npt.NDArray[Any]
_Column = TypeVar("_Column", pa.Array, npt.NDArray[Any])


class Source(Protocol):
    """Text that spans point into: the segments of an X12 file, or of an HL7 one."""

    @property
    def text(self) -> bytes:
        """The text and a machine word more."""

    @property
    def raw(self) -> npt.NDArray[np.uint8]:
        """``text`` as numbers."""


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


def text(tokens: Source, spans: Spans, *, keep_empty: bool = False) -> pl.Series:
    """The spans as strings; an empty span is null, or "" when ``keep_empty``."""
    return pl.Series(values=text_array(tokens, spans, keep_empty=keep_empty), dtype=pl.String)


def text_array(tokens: Source, spans: Spans, *, keep_empty: bool = False) -> pa.Array:
    """As ``text``, for a ``table``."""
    start, length = spans.start, spans.end - spans.start
    if not keep_empty and not length.any():
        return nulls(start.size, pa.string_view())
    # Arrow string views of 16 bytes: the length, then up to 12 bytes of text; or its first 4,
    # which buffer it is in, and where. They are read from 4 bytes before the text, in which its
    # length is then written.
    source, at = tokens.text, start - _HEAD
    near = np.flatnonzero(at < 0)
    if length[near].any():
        source, at = bytes(_HEAD) + source, start
    else:
        at[near] = 0  # an empty one is anywhere
    views = words_at(source, at, 16).view("<u8")
    views &= _VIEW.take(np.minimum(length, _INLINE)).view("<u8")
    views.view("<u4")[::4] = length
    long = np.flatnonzero(length > _INLINE)
    buffers = []
    if long.size:
        whole, at = _long_texts(tokens, start[long], length[long])
        views[2 * long + 1] = (at // _BUFFER | at % _BUFFER << 32).astype(np.uint64)
        reach = 2 * _BUFFER - 1  # buffers overlap: a value may cross the end of its first half
        buffers = [whole[at : at + reach] for at in range(0, whole.size, _BUFFER)]
    return pa.Array.from_buffers(
        pa.string_view(),
        start.size,
        [None if keep_empty else _bitmap(length > 0), pa.py_buffer(views), *buffers],
    )


def text_arrays(tokens: Source, columns: Sequence[Spans]) -> list[pa.Array]:
    """Several columns of text, equally long, in one pass: for few rows that costs as one does."""
    size = columns[0].start.size
    start, end = (np.concatenate([spans[n] for spans in columns]) for n in (0, 1))
    whole = text_array(tokens, Spans(start, end))
    return [whole.slice(n * size, size) for n in range(len(columns))]


def _long_texts(tokens: Source, start: Ints, length: Ints) -> tuple[pa.Buffer, Ints]:
    """What holds texts that are too long for their views, and where in it each begins."""
    if length.sum() >= len(tokens.text) // 16:
        return pa.py_buffer(tokens.text), start
    # A few do not keep the whole text in memory: they are copied out of it.
    width = int(length.max())
    if width * length.size <= 2 * length.sum():
        begin = np.minimum(start, len(tokens.text) - width)
        copied = words_at(tokens.text, begin, width)
        return pa.py_buffer(copied.view(np.uint8)), np.arange(length.size) * width + start - begin
    within = np.cumsum(length) - length
    at = np.repeat(start - within, length) + np.arange(length.sum())
    return pa.py_buffer(tokens.raw[at]), within


def nulls(size: int, dtype: pa.DataType) -> pa.Array:
    """A column that is empty, of a type as wide as a string view at most.

    Most columns of a record are: all of them share one stretch of noughts.
    """
    noughts = _noughts((16 * size).bit_length())
    return pa.Array.from_buffers(dtype, size, [noughts, noughts], size)


@cache
def _noughts(bits: int) -> pa.Buffer:
    """Less than so many bits' worth of bytes."""
    return pa.py_buffer(bytes(1 << bits))


@lru_cache(maxsize=64)  # several records have equally many rows
def constant(value: str | None, size: int, dtype: pl.DataType) -> pl.Series:
    """``value``, ``size`` times."""
    return pl.Series([value], dtype=dtype).new_from_index(0, size)


def numbers(tokens: Source, spans: Spans, scale: int, implied: Flags | None = None) -> Numbers:
    """The spans as decimal numbers with ``scale`` decimals, never rounded.

    Args:
        tokens: where the spans point.
        spans: blanks trimmed.
        scale: decimals kept; a non-zero digit beyond them makes the number unreadable.
        implied: where true the element is of type N2: without a point its last two digits are
            decimals; with a point it is taken literally.
    """
    given = spans.end > spans.start
    sign = tokens.raw.take(spans.start)
    negative = given & (sign == ord("-"))
    start = spans.start + (negative | (given & (sign == ord("+"))))
    length = spans.end - start
    unscaled, after, pointed, bad = _short(tokens.text, start, length)
    long = true_at(length > _WORD)
    if long.size:
        some = Spans(start[long], spans.end[long])
        unscaled[long], after[long], pointed[long], bad[long] = _long(tokens.raw, some)
    bad &= given
    if implied is not None:
        after = np.where(implied & ~pointed, 2, after)
    kept = scale - after
    if (kept < 0).any():
        finer = _TENS.take(np.maximum(-kept, 0))
        bad |= unscaled % finer != 0
        unscaled = unscaled // finer
        kept = np.maximum(kept, 0)
    if long.size or scale > _DIGITS - _WORD:  # else none has too many digits
        bad |= unscaled > _MOST.take(kept)
    unscaled = unscaled * _TENS.take(kept)
    if bad.any():
        unscaled[bad] = 0
    if negative.any():
        unscaled[negative] *= -1
    return Numbers(unscaled, given, ~bad, pointed)


def _short(text: bytes, start: Ints, length: Ints) -> tuple[Ints, Ints, Flags, Flags]:
    """Up to eight characters each, all at once: a word holds them, one to a byte.

    Returns:
        The digits as a number, how many stand after the point, whether there is one, and whether
        it is no number; longer ones are whatever.
    """
    size = np.minimum(length, _WORD)
    word = words_at(text, start, _WORD).view("<u8") & _LOW.take(size)
    # 0x80 in the bytes that are a point: no carry runs from one byte into the next.
    other = word ^ _U(0x2E2E2E2E2E2E2E2E)
    points = ~(((other & _SEVENS) + _SEVENS) | other | _SEVENS)
    first = points & -points
    pointed = points != 0
    after = np.zeros_like(size)
    digits = size - pointed
    if pointed.any():
        before = (first >> _U(7)) - _U(1)  # the bytes before the point; all where there is none
        word = np.bitwise_or(word & before, word >> _U(8) & ~before)
        after = np.where(pointed, digits - (np.bitwise_count(before) >> 3), 0)
    shift = (8 * (_WORD - digits)).view(np.uint64)
    # The last digit goes to the last byte, and what is empty before the first becomes nought.
    word = (word ^ _U(0x3030303030303030)) << shift
    others = ((word + _U(0x7676767676767676)) | word) & _U(0x8080808080808080)
    bad = np.logical_or(others != 0, points != first) | (digits == 0)
    word = word * _U(10) + (word >> _U(8))
    pairs, odd = word & _PAIRS, word >> _U(16) & _PAIRS
    value = (pairs * _U(0x000F424000000064) + odd * _U(0x0000271000000001)) >> _U(32)
    return value.view(np.int64), after, pointed, bad


def _long(raw: npt.NDArray[np.uint8], spans: Spans) -> tuple[Ints, Ints, Flags, Flags]:
    """As ``_short`` for any number of characters: one character of all of them at a time."""
    start = spans.start
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
    bad |= (points > 1) | (length - points > _DIGITS) | (written == points)
    after = np.where(pointed & ~bad, length - point_at - 1, 0)
    return unscaled, after, pointed, bad


def decimal_array(
    tokens: Source, spans: Spans, scale: int, implied: Flags | None = None
) -> tuple[pa.Array, Flags, Flags]:
    """The spans as ``Decimal(18, scale)``, for a ``table``.

    Returns:
        The numbers, which of the spans were no such number, and which held a point.
    """
    found = numbers(tokens, spans, scale, implied)
    cells = np.empty((found.unscaled.size, 2), dtype="<i8")
    cells[:, 0] = found.unscaled
    cells[:, 1] = found.unscaled >> 63  # the high half of a 128-bit integer
    array = pa.Array.from_buffers(
        pa.decimal128(_DIGITS, scale),
        cells.shape[0],
        [_bitmap(found.given & found.readable), pa.py_buffer(cells)],
    )
    return array, found.given & ~found.readable, found.pointed


def integers(tokens: Source, spans: Spans) -> tuple[pl.Series, Flags]:
    """The spans as Int32, and which were no such number."""
    array, bad = integer_array(tokens, spans)
    return pl.Series(values=array), bad


def integer_array(tokens: Source, spans: Spans) -> tuple[pa.Array, Flags]:
    """As ``integers``, for a ``table``."""
    found = numbers(tokens, spans, 0)
    good = found.readable & (np.abs(found.unscaled) < 1 << 31)
    array = masked(found.unscaled.astype(np.int32), good & found.given)
    return array, found.given & ~good


def date_array(tokens: Source, spans: Spans) -> tuple[pa.Array, Flags]:
    """CCYYMMDD or YYMMDD as dates, for a ``table``, and which of the spans were no date."""
    since_1970, good, bad = days(tokens, spans)
    return masked(since_1970.astype(np.int32), good).view(pa.date32()), bad


def days(tokens: Source, spans: Spans) -> tuple[Ints, Flags, Flags]:
    """As ``date_array``: days since 1970, which of the spans were a date, and which were none."""
    length = spans.end - spans.start
    found = numbers(tokens, spans, 0)
    number = found.unscaled
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    year = np.where(length == 6, year + np.where(year < _PIVOT, 2000, 1900), year)
    signed = np.isin(tokens.raw[spans.start], [ord("-"), ord("+")])
    good = found.readable & ~found.pointed & ~signed & ((length == 8) | (length == 6))
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= day <= _MONTHS.take(np.clip(month, 0, 12)) + (leap & (month == 2))
    # The year begins in March, so that a leap day is its last.
    early = month <= 2
    year = year - early
    in_year = (153 * (month + 12 * early - 3) + 2) // 5 + day - 1
    since_0 = year * 365 + year // 4 - year // 100 + year // 400 + in_year
    return np.where(good, since_0 - _DAY_0, 0), good & found.given, found.given & ~good


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of the same columns, one under the other, as they lie.

    Polars' ``concat`` does the same with all its threads, which costs more than small frames hold.
    """
    whole = frames[0].clone()
    for frame in frames[1:]:
        whole.vstack(frame, in_place=True)
    return whole


def together(columns: Sequence[_Column]) -> _Column:
    """Columns of one type, one under the other."""
    if len(columns) == 1:
        return columns[0]
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    return pa.concat_arrays(columns)


def table(columns: Iterable[Cells], names: Iterable[str]) -> pl.DataFrame:
    """A frame of columns that have their types, under these names.

    They are handed over as one Arrow batch: Polars would look at each series by itself, which
    costs more than a small table holds.
    """
    arrays = [col if isinstance(col, pa.Array) else array(col) for col in columns]
    return pl.DataFrame(pa.RecordBatch.from_arrays(arrays, names=list(names)))


def taken(column: pa.Array, at: Ints) -> pa.Array:
    """The cells at the given places; null where one is negative."""
    none = at < 0
    some = none.any()
    if column.type != pa.string_view():
        return column.take(pa.array(at, mask=none) if some else pa.array(at))
    # Arrow does not take views of strings.
    if column.null_count == len(column):
        return nulls(at.size, pa.string_view())
    flags, views, *texts = column.buffers()
    own = slice(column.offset, column.offset + len(column))
    valid = ~none
    if column.null_count:
        there = np.unpackbits(np.frombuffer(flags, np.uint8), bitorder="little")
        valid &= there[own].view(bool)[at]
    bits = _bitmap(valid) if some or column.null_count else None
    picked = pa.py_buffer(np.frombuffer(views, "V16")[own][at])
    return pa.Array.from_buffers(pa.string_view(), at.size, [bits, picked, *texts])


def array(column: Cells) -> pa.Array:
    """A column as Arrow has it; nothing is copied but flags."""
    if isinstance(column, pl.Series):
        return column.to_arrow(compat_level=_ARROW)
    return pa.array(column) if isinstance(column, np.ndarray) else column


def nullable(values: npt.NDArray[np.generic], valid: Flags) -> pl.Series:
    """``values`` as a series of the same type, null where not ``valid``."""
    return pl.Series(values=masked(values, valid))


def masked(values: npt.NDArray[np.generic], valid: Flags) -> pa.Array:
    """As ``nullable``, for a ``table``."""
    return pa.array(values, mask=~valid)


def _bitmap(valid: Flags) -> pa.Buffer:
    return pa.py_buffer(np.packbits(valid, bitorder="little"))
