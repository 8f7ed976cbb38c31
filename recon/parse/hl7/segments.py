"""The segments of an HL7 v2 file: integer positions only, no Python object per segment.

What belongs here: the bounds of any field, repetition, component of any segments. What does not:
finding the segments (``tokenise.py``); what a field means (``sets/``).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from recon.parse.spans import Codes, Flags, Ints, Spans, skip, skip_back, words_at

Level = Literal["repetition", "component", "subcomponent"]

# Of the many delimiters of a text: of 32 bits, if they suffice, for the passes through memory are
# what most of reading costs.
Places = npt.NDArray[np.signedinteger[Any]]

_SPACE = 32
_WORDS = 4
_BLOCK = 1 << 10  # segments whose positions stay in the nearest caches
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


class First(NamedTuple):
    """The first part of a field of several segments; where there is no such field it is empty.

    Attributes:
        start: where it begins.
        end: and where the delimiter stands that ends it, as ``Segments.parts`` has it.
        mark: that delimiter.
    """

    start: Ints
    end: Ints
    mark: npt.NDArray[np.uint8]


class View(NamedTuple):
    """Segments of which several fields are read.

    Attributes:
        rows: which; -1 for none.
        first: index in ``Segments.positions`` of the first separator of each.
        size: how many fields each has.
        most: the most that any has.
        least: the fewest.
        firsts: field number -> its first part.
    """

    rows: Ints
    first: Ints
    size: Ints
    most: int
    least: int
    firsts: Mapping[int, First]


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
        parts: beside ``positions``: where the next delimiter of any level stands, which ends the
            first part of the field between; None where messages delimit in several ways.
        padded: blanks may stand beside delimiters.
    """

    text: bytes
    positions: Places
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
    parts: Places | None
    padded: bool
    _found: dict[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.start.size

    @property
    def raw(self) -> npt.NDArray[np.uint8]:
        """``text`` as numbers."""
        return np.frombuffer(self.text, np.uint8)

    def view(self, rows: Ints, fields: Collection[int] = ()) -> "View":
        """Segments ``rows``, to read several fields of; a row of -1 has none.

        Args:
            rows: which.
            fields: those of which the first part will be read: quicker together than one by one.
        """
        if not len(self) or not rows.size:
            none = np.zeros_like(rows)
            return View(rows, none, none, 0, 0, {})
        count = self.count[rows]
        if rows.min() < 0:
            count[rows < 0] = 0
        first, most = self.first[rows], int(count.max())
        some = np.array(sorted(n for n in fields if 0 < n <= most), np.int64)
        firsts = {} if self.parts is None else self._firsts(self.parts, first, count, some)
        return View(rows, first, count, most, int(count.min()), firsts)

    def _firsts(self, parts: Places, first: Ints, count: Ints, fields: Ints) -> dict[int, First]:
        """See ``View.firsts``: block by block, for a segment's positions stand side by side."""
        starts = np.empty((fields.size, first.size), np.int64)
        ends = np.empty_like(starts)
        marks = np.empty(starts.shape, np.uint8)
        for at in range(0, first.size, _BLOCK):
            rows = slice(at, at + _BLOCK)
            index = first[rows] + (fields[:, None] - 1)
            absent = count[rows] < fields[:, None]
            lacking = absent.any()
            if lacking:
                index[absent] = 0
            np.add(self.positions.take(index), 1, out=starts[:, rows])
            end = parts.take(index)
            ends[:, rows] = end
            marks[:, rows] = self.raw.take(end)
            if lacking:
                starts[:, rows][absent] = ends[:, rows][absent] = marks[:, rows][absent] = 0
        each = zip(starts, ends, marks, strict=True)
        return {number: First(*first) for number, first in zip(fields.tolist(), each, strict=True)}

    def field(self, of: "Ints | View", number: int) -> Spans:
        """Field ``number`` of segments (or their rows), without blanks around it.

        Of MSH, FHS and BHS it is the field after: MSH-3 is number 2 of them.
        """
        return self.trimmed(self._field(of if isinstance(of, View) else self.view(of), number))

    def value(self, of: "View", field: int, component: int, subcomponent: int) -> Spans:
        """The first repetition of a field, or of it a component or subcomponent (0: all of it)."""
        if field in of.firsts and component < 2 and subcomponent < 2:
            by = self.delimiters[0]
            ending = [by.repetition, by.component if component else ""]
            ending += [by.subcomponent] if subcomponent else []
            return self.trimmed(self._up_to(of, field, [one for one in ending if one]))
        spans = self.part(of.rows, self._field(of, field), "repetition", 1)
        if component:
            spans = self.part(of.rows, spans, "component", component)
        if subcomponent:
            spans = self.part(of.rows, spans, "subcomponent", subcomponent)
        return spans

    def _field(self, of: "View", number: int) -> Spans:
        if number > of.most or number < 1:
            none = np.zeros_like(of.first)
            return Spans(none, none)
        at = of.first + (number - 1)  # of the separator before it
        absent = np.flatnonzero(of.size < number) if of.least < number else at[:0]
        if absent.size:
            at[absent] = 0
        start = self.positions.take(at).astype(np.int64) + 1
        end = self.positions.take(at + 1).astype(np.int64)
        if absent.size:
            start[absent] = end[absent] = 0
        return Spans(start, end)

    def _up_to(self, of: "View", number: int, ending: list[str]) -> Spans:
        """Of a field whose first part was read what comes before the first mark of ``ending``."""
        start, end, mark = of.firsts[number]
        by = self.delimiters[0]
        inner = {by.component, by.subcomponent} - {*ending, ""}
        if inner:
            going_on = np.logical_or.reduce([mark == ord(one) for one in inner])
            further = np.flatnonzero(going_on)
            if further.size:
                ends = self.positions[of.first[further] + number].astype(np.int64)
                some = Spans(start[further], ends)
                end = end.copy()
                end[further] = self._first_end(some, ending)
        return Spans(start, end)

    def trimmed(self, spans: Spans) -> Spans:
        """Spans without the blanks around them."""
        if not self.padded:
            return spans
        start, end = spans
        raw = self.raw
        if (raw[start] <= _SPACE).any():  # a line break too: where a span is empty
            start = skip(raw, _BLANK, start, end)
        if (raw[end - 1] <= _SPACE).any():
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
                end[chosen] = self._first_end(some, [mark])
            else:
                start[chosen], end[chosen] = self._nth(some, mark, number)
        return self.trimmed(Spans(start, end))

    def holding(self, rows: Ints, level: Level) -> Flags:
        """Whether what separates such parts stands anywhere in each of the segments."""
        found = np.zeros(rows.size, bool)
        for mark, chosen in self._by_mark(rows, level):
            if mark:
                marks, some = self._marks(mark), rows[chosen]
                found[chosen] = marks[np.searchsorted(marks, self.start[some])] < self.end[some]
        return found

    def repetitions(self, rows: Ints, spans: Spans) -> tuple[Ints, Spans]:
        """Each repetition of the fields, and which of ``spans`` it is in."""
        owner, starts, ends = [], [], []
        for mark, chosen in self._by_mark(rows, "repetition"):
            first, last = spans.start[chosen], spans.end[chosen]
            if not mark or (self._first_end(Spans(first, last), [mark]) == last).all():
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
        return every[order], self.trimmed(Spans(begin, stop))

    def _first_end(self, spans: Spans, marks: list[str]) -> Ints:
        """Where the first part of each ends: quick, for most are short."""
        if not marks:
            return spans.end
        start, end = spans
        found = end.copy()
        left = np.arange(start.size)
        at = start
        for _ in range(_WORDS):  # eight bytes of all of them at a time
            size = np.minimum(end - at, 8)
            word = words_at(self.text, at, 8).view("<u8")
            hits = _hits(word, marks[0])
            for mark in marks[1:]:
                hits |= _hits(word, mark)
            hits &= _LOW[size]
            here = hits != 0
            before = (hits & -hits) - _U(1)
            where = at + (np.bitwise_count(before) >> 3)
            found[left[here]] = where[here]
            more = np.flatnonzero(~here & (end - at > 8))
            if not more.size:
                return found
            left, at, end = left[more], at[more] + 8, end[more]
        for mark in marks:
            every = self._marks(mark)
            found[left] = np.minimum(every[np.searchsorted(every, at)], found[left])
        return found

    def _nth(self, spans: Spans, mark: str, number: int) -> Spans:
        start, end = spans
        for _ in range(number - 1):
            start = np.minimum(self._first_end(Spans(start, end), [mark]) + 1, end)
        return Spans(start, self._first_end(Spans(start, end), [mark]))

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


def _hits(word: npt.NDArray[np.uint64], mark: str) -> npt.NDArray[np.uint64]:
    """0x80 in the bytes that are the mark: no carry runs from one byte into the next."""
    other = word ^ _U(ord(mark) * _ONES)
    found: npt.NDArray[np.uint64] = ~(((other & _SEVENS) + _SEVENS) | other | _SEVENS)
    return found
