"""The segments of an HL7 v2 file: integer positions only, no Python object per segment.

What belongs here: the bounds of any field, repetition, component of any segments. What does not:
finding the segments (``tokenise.py``); what a field means (``sets/``).
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from recon.parse.x12.text import Ints
from recon.parse.x12.tokens import Codes, Flags, Spans, skip, skip_back, words_at

Level = Literal["repetition", "component", "subcomponent"]

_BLANK = np.isin(np.arange(256), [32, 9])
_U = np.uint64
_ONES = 0x0101010101010101
_SEVENS = _U(0x7F7F7F7F7F7F7F7F)
_LOW = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)


class Delimiters(NamedTuple):
    """What MSH-1 and MSH-2 of a message declare; "" where it declares none."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of a file, in its order, as arrays of equal length.

    Attributes:
        text: the text, UTF-8, and ``PAD`` more bytes.
        positions: where in ``text`` each field separator stands, and each end of a segment.
        start: where the segment's tag begins.
        end: where its last field ends.
        first: index in ``positions`` of its first separator.
        count: how many fields it has (of MSH: MSH-1, the separator, is not counted).
        tag: its tag as a ``code``.
        tagged: its tag is three capital letters or digits, a letter first.
        message: index of its message; -1 outside any.
        delimiters: of the file's messages, each combination once.
        kind: per segment, index in ``delimiters``.
        offset: byte offset in the file.
        length: bytes in the file, the line break included.
        exact: it is in ``text`` as in the file, so that a place within it can be told.
        joined: it stands on one line with the segment before it.
    """

    text: bytes
    positions: Ints
    start: Ints
    end: Ints
    first: Ints
    count: Ints
    tag: Codes
    tagged: Flags
    message: Ints
    delimiters: tuple[Delimiters, ...]
    kind: Ints
    offset: Ints
    length: Ints
    exact: Flags
    joined: Flags
    _found: dict[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.start.size

    @property
    def raw(self) -> npt.NDArray[np.uint8]:
        """``text`` as numbers."""
        return np.frombuffer(self.text, np.uint8)

    def field(self, rows: Ints, number: int) -> Spans:
        """Field ``number`` of segments ``rows``, without blanks around it; a row of -1 has none.

        Of MSH, FHS and BHS it is the field after: MSH-3 is number 2 of them.
        """
        if not len(self) or not rows.size:
            return Spans(np.zeros_like(rows), np.zeros_like(rows))
        absent = np.flatnonzero((self.count[rows] < number) | (rows < 0))
        if absent.size == rows.size:
            return Spans(np.zeros_like(rows), np.zeros_like(rows))
        at = self.first[rows] + number
        if absent.size:
            at[absent] = 1 if self.positions.size > 1 else 0
        end = self.positions[at]
        start = self.positions[at - 1] + 1
        if absent.size:
            start[absent] = end[absent] = 0
        return self.trimmed(start, end)

    def trimmed(self, start: Ints, end: Ints) -> Spans:
        """Spans without the blanks around them."""
        given = end > start
        raw = self.raw
        if _BLANK[raw[start[given]]].any():
            start = skip(raw, _BLANK, start, end)
        if _BLANK[raw[end[given] - 1]].any():
            end = skip_back(raw, _BLANK, start, end)
        return Spans(start, end)

    def part(self, rows: Ints, spans: Spans, level: Level, number: int) -> Spans:
        """Repetition, component or subcomponent ``number`` (from 1) of what ``spans`` hold."""
        if number == 1 and not (spans.end > spans.start).any():
            return spans
        start, end = spans.start.copy(), spans.end.copy()
        for mark, chosen in self._by_mark(rows, level):
            some = Spans(spans.start[chosen], spans.end[chosen])
            if not mark:
                if number > 1:
                    start[chosen] = end[chosen]
            elif number == 1:
                end[chosen] = self._first_end(some, mark)
            else:
                start[chosen], end[chosen] = self._nth(some, mark, number)
        return self.trimmed(start, end)

    def repetitions(self, rows: Ints, spans: Spans) -> tuple[Ints, Spans]:
        """Each repetition of the fields, and which of ``spans`` it is in."""
        owner, starts, ends = [], [], []
        for mark, chosen in self._by_mark(rows, "repetition"):
            first, last = spans.start[chosen], spans.end[chosen]
            if not mark:
                owner.append(chosen)
                starts.append(first)
                ends.append(last)
                continue
            marks = self._marks(mark)
            low = np.searchsorted(marks, first)
            size = np.searchsorted(marks, last) - low + 1
            row = np.repeat(np.arange(chosen.size), size)
            nth = np.arange(row.size) - np.repeat(np.cumsum(size) - size, size)
            at = low[row] + nth
            owner.append(chosen[row])
            starts.append(np.where(nth == 0, first[row], marks[at - 1] + 1))
            ends.append(np.minimum(marks[np.minimum(at, marks.size - 1)], last[row]))
        every = np.concatenate(owner) if owner else np.zeros(0, np.int64)
        order = np.argsort(every, kind="stable")
        begin = np.concatenate(starts)[order] if owner else every
        stop = np.concatenate(ends)[order] if owner else every
        return every[order], self.trimmed(begin, stop)

    def _first_end(self, spans: Spans, mark: str) -> Ints:
        """Where the first part of each ends: quick, for most are short."""
        start, end = spans
        length = end - start
        size = np.minimum(length, 8)
        word = words_at(self.text, start, 8).view("<u8")
        other = word ^ _U(ord(mark) * _ONES)
        hits = ~(((other & _SEVENS) + _SEVENS) | other | _SEVENS) & _LOW[size]
        before = (hits & -hits) - _U(1)
        found = np.where(hits != 0, start + (np.bitwise_count(before) >> 3), end)
        open_ = np.flatnonzero((hits == 0) & (length > 8))
        if open_.size:
            marks = self._marks(mark)
            at = np.searchsorted(marks, start[open_])
            found[open_] = np.minimum(marks[at], end[open_])
        return found

    def _nth(self, spans: Spans, mark: str, number: int) -> Spans:
        marks = self._marks(mark)
        final = marks.size - 1
        at = np.searchsorted(marks, spans.start) + (number - 1)
        before = marks[np.minimum(at - 1, final)] + 1
        start = np.minimum(before, spans.end)
        return Spans(start, np.maximum(start, np.minimum(marks[np.minimum(at, final)], spans.end)))

    def _marks(self, mark: str) -> Ints:
        """Where a separator inside fields stands; the end of the text is the last."""
        if mark not in self._found:
            hits = np.flatnonzero(self.raw == ord(mark))
            self._found[mark] = np.append(hits, len(self.text))
        return self._found[mark]

    def _by_mark(self, rows: Ints, level: Level) -> list[tuple[str, Ints]]:
        """The rows, by what separates such parts in their message."""
        marks = [getattr(d, level) for d in self.delimiters]
        if len(set(marks)) == 1:
            return [(marks[0], np.arange(rows.size))]
        kind = self.kind[rows]
        return [
            (mark, np.flatnonzero(np.isin(kind, [n for n, m in enumerate(marks) if m == mark])))
            for mark in sorted(set(marks))
        ]
