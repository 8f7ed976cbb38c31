"""Where records and fields of a text begin and end, found in a few passes over its bytes.

Quotes follow RFC 4180: a field is quoted when a quote is its first character, a doubled quote
stands for one, and a quoted field may hold delimiters and line ends. A quote inside an unquoted
field is a character like any other (5" TUBE). What cannot be read so is a fault of its record.

What belongs here: structure. What does not: what the fields mean (``flat``).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from recon.parse.encoding import Bytes, Offsets

Mask = npt.NDArray[np.bool_]
_LF, _CR, _CTRL_Z = 10, 13, b"\x1a"


@dataclass(frozen=True)
class Scan:
    """The records of a text, blank lines left out.

    Attributes:
        start: where each record begins, in bytes of the text.
        end: where the next line begins.
        first: index in ``cells`` of each record's first field.
        fields: how many fields it has.
        lines: how many non-blank lines it spans; more than one only within quotes.
        quote_fault: where a quote of the record is wrong; -1 where none is.
        ended: whether the last record has a line end.
        cells: every field of the text with the separator behind it.
        raw: the text of each record.
    """

    start: Offsets
    end: Offsets
    first: Offsets
    fields: Offsets
    lines: Offsets
    quote_fault: Offsets
    ended: bool
    cells: pl.Series
    raw: pl.Series

    def record_of(self, positions: Offsets) -> Offsets:
        """Index of the record that holds each position."""
        return np.minimum(np.searchsorted(self.end, positions, side="right"), self.end.size - 1)


def scan(utf8: bytes, delimiter: str | None, quote: str | None) -> Scan:
    """Find the records and fields of a text.

    Args:
        utf8: the text; a Ctrl-Z that ends it, as DOS wrote, is left out.
        delimiter: one character; None where a line is one field.
        quote: one ASCII character; None where there is no quoting.
    """
    utf8 = _without_end_mark(utf8)
    array = np.frombuffer(utf8, np.uint8)
    newline = array == _LF
    carriage = array == _CR
    if carriage.any():
        # CR LF ends a line once; a CR alone ends it too.
        newline |= carriage & ~np.append(newline[1:], False)
    separator = newline.copy()
    stop = newline | carriage
    if delimiter is not None:
        closing_bytes = _delimiters(array, delimiter.encode())
        separator |= closing_bytes
        stop |= np.roll(closing_bytes, 1 - len(delimiter.encode()))
    at = np.flatnonzero(separator)
    faults = np.empty(0, np.int64)
    quoted = quote is not None and quote.encode() in utf8
    if quoted and quote is not None:
        at, faults = _outside_quotes(array, at, separator, stop, ord(quote))
    last = newline[at]
    ends = at + 1
    ended = array.size == 0 or bool(last.size and last[-1] and ends[-1] == array.size)
    if not ended:
        ends, last = np.append(ends, array.size), np.append(last, True)
    closing = np.flatnonzero(last)
    end = ends[closing]
    start = np.concatenate((np.zeros(min(1, end.size), np.int64), end[:-1]))
    fields = np.diff(closing, prepend=-1)
    first = closing - fields + 1
    cells = _pieces(utf8, ends)
    raw = _pieces(utf8, end)
    lines = _lines(array, newline, start, end) if quoted else np.ones(end.size, np.int64)
    fault = np.full(end.size, -1, np.int64)
    # The first fault of a record is the one to show: written last, it stays.
    owner = np.searchsorted(end, faults[::-1], side="right")
    fault[owner] = faults[::-1]
    kept = _not_blank(raw, fields)
    return Scan(
        start[kept],
        end[kept],
        first[kept],
        fields[kept],
        lines[kept],
        fault[kept],
        ended,
        cells,
        raw.filter(pl.Series(kept)),
    )


def _without_end_mark(utf8: bytes) -> bytes:
    tail = len(utf8.rstrip(_CTRL_Z + b"\r\n"))
    mark = utf8.find(_CTRL_Z, tail)
    return utf8 if mark < 0 else utf8[:mark]


def _delimiters(array: Bytes, delimiter: bytes) -> Mask:
    """The last byte of every delimiter."""
    found: Mask = array == delimiter[-1]
    for back, byte in enumerate(reversed(delimiter[:-1]), start=1):
        found[:back] = False
        found[back:] &= array[:-back] == byte
    return found


def _outside_quotes(
    array: Bytes, at: Offsets, separator: Mask, stop: Mask, quote: int
) -> tuple[Offsets, Offsets]:
    """The separators that are not quoted, and where quoting is wrong.

    Take each run of quotes as one event. Whether it stands behind a separator and whether its
    length is odd says what it does: an even run changes nothing (escapes, or an empty field); an
    odd run behind a separator opens outside and closes inside; any other odd run closes inside
    and is a plain character outside. So: nothing, toggle, or reset; and the state after an event
    is the parity of the toggles since the last reset, which needs no loop.
    """
    quotes = np.flatnonzero(array == quote)
    opens_run = np.diff(quotes, prepend=-2) != 1
    run = quotes[opens_run]
    length = np.diff(np.append(np.flatnonzero(opens_run), quotes.size))
    behind = (run == 0) | separator[run - 1]
    before_edge = np.append(stop, True)[run + length]
    odd = length % 2 == 1
    toggles = np.cumsum(odd & behind)
    reset = np.maximum.accumulate(np.where(odd & ~behind, np.arange(run.size), -1))
    base = np.where(reset >= 0, toggles[reset], 0)
    inside = (toggles - base) % 2 == 1
    was_inside = np.append(False, inside[:-1])
    closes_badly = ((was_inside & odd) | (~was_inside & ~odd & behind)) & ~before_edge
    # `"a", "b"`: a blank before a quote makes it a plain character, which nobody means.
    blank = (run > 1) & np.isin(array[run - 1], (32, 9)) & separator[np.maximum(run - 2, 0)]
    after_blank = ~was_inside & ~behind & blank
    wrong = closes_badly | after_blank
    if inside.size and inside[-1]:
        opened = int(np.flatnonzero(inside & ~was_inside)[-1])
        wrong[opened] = True
    event = np.searchsorted(run, at) - 1
    quoted = (event >= 0) & inside[np.maximum(event, 0)]
    return at[~quoted], run[wrong]


def _pieces(utf8: bytes, ends: Offsets) -> pl.Series:
    """The text cut at ``ends``, without copying it."""
    offsets = np.concatenate((np.zeros(1, np.int64), ends))
    array = pa.LargeStringArray.from_buffers(ends.size, pa.py_buffer(offsets), pa.py_buffer(utf8))
    return pl.Series(pl.from_arrow(array), dtype=pl.String)


def _lines(array: Bytes, newline: Mask, start: Offsets, end: Offsets) -> Offsets:
    stop = np.flatnonzero(newline) + 1
    if not stop.size or stop[-1] != array.size:
        stop = np.append(stop, array.size)
    length = np.diff(stop, prepend=0)
    last = newline[stop - 1]
    crlf = (length == 2) & (array[stop - 1] == _LF) & (array[stop - 2] == _CR)
    written = np.append(0, np.cumsum(~((length == 1) & last) & ~crlf))
    until = np.searchsorted(stop, end, side="left") + 1
    since = np.searchsorted(stop, start, side="right")
    lines: Offsets = np.maximum(written[until] - written[since], 1)
    return lines


def _not_blank(raw: pl.Series, fields: Offsets) -> Mask:
    kept: Mask = np.ones(fields.size, np.bool_)
    single = np.flatnonzero(fields == 1)
    if single.size:
        kept[single] = (raw.gather(single).str.strip_chars() != "").to_numpy()
    return kept
