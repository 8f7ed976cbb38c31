"""The segments of an X12 file and their elements: integer positions only, no object per segment.

What belongs here: the bounds of any element, component and repetition of any segments. What does
not: finding the segments (``tokenise.py``), what one means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recon.parse.spans import (
    PAD,
    Codes,
    Flags,
    Ints,
    Spans,
    matches,
    skip,
    skip_back,
    true_at,
    words_at,
)
from recon.parse.x12.delimiters import BLANKS, Interchange

_CHUNK = 1 << 16  # what stays in the nearest cache is quick
NO_CODE = 0xFFFFFFFF
# By how many bytes there are, five standing for more: which of a word are theirs, and the least
# number that they are. A last byte of nought would make a shorter code of them.
_LOW_BYTES = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF], dtype=np.uint32)
_LEAST = np.array([0, 1, 1 << 8, 1 << 16, 1 << 24, NO_CODE], dtype=np.uint32)
TOGETHER = 1 << 14  # spans: more than that are no quicker together, they leave the nearest cache


class Cuts(NamedTuple):
    """Elements that one mark cuts into components.

    Attributes:
        mark: the separator; empty where there is none.
        chosen: which of the elements.
        first: where each begins, and ``last`` where it ends.
        low: index of the first mark in or after each.
    """

    mark: bytes
    chosen: Ints
    first: Ints
    last: Ints
    low: Ints


@dataclass(frozen=True, eq=False)
class Segments:
    """Some segments, with what finding any of their elements needs.

    Attributes:
        row: which they are; -1 stands for none.
        first: index of each one's first separator.
        size: how many elements each has; -1 for none.
        width: bytes of a separator.
        bounds: where the separator stands that is so many after the first, once it has been
            asked for: an element ends where the next one begins.
    """

    row: Ints
    first: Ints
    size: Ints
    width: Ints | int
    bounds: dict[int, Ints] = field(default_factory=dict)

    @cached_property
    def least(self) -> int:
        """No segment has fewer elements."""
        return int(self.size.min(initial=0))

    @cached_property
    def most(self) -> int:
        """No segment has more elements."""
        return int(self.size.max(initial=0))

    @cached_property
    def none(self) -> bool:
        """There is no segment at all."""
        return not self.row.size or bool(self.row.max() < 0)

    @classmethod
    def together(cls, parts: Sequence["Segments"]) -> "Segments":
        """Segments of one file, one after another."""
        row, first, size = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("row", "first", "size")
        )
        width = parts[0].width
        if not isinstance(width, int):
            width = np.concatenate([part.width for part in parts])
        return cls(row, first, size, width)

    def some(self, at: Ints) -> "Segments":
        """Those at the given positions."""
        width = self.width if isinstance(self.width, int) else self.width[at]
        return Segments(self.row[at], self.first[at], self.size[at], width)


class Wanted(NamedTuple):
    """An element of segments, to be looked up together with others."""

    segments: Segments
    element: int | Ints


@dataclass(frozen=True, eq=False)
class Tokens:
    """The segments of a file, in file order, as arrays of equal length.

    Attributes:
        text: the text of all interchanges, one after another, and ``PAD`` more bytes.
        positions: where in ``text`` each separator or terminator stands.
        start: where in ``text`` the segment's tag begins.
        end: where its last element ends, trailing blanks left out.
        first: index in ``positions`` of its first separator.
        count: how many elements it has.
        width: bytes in its element separator.
        tag: its tag as a ``code``; ``NO_CODE`` when longer than four characters.
        tagged: its tag is two or three capital letters or digits, the first a letter.
        interchange: index of its interchange.
        offset: byte offset in the file.
        length: bytes in the file, terminator included.
        terminated: a terminator follows it.
        padded: blanks stand beside a separator somewhere, so that elements must be trimmed.
        broken: indexes of interchanges that have line breaks inside segments.
        parts: the interchanges, or parts of them, that the text was taken from.
    """

    text: bytes
    positions: Ints
    start: Ints
    end: Ints
    first: Ints
    count: Ints
    width: Ints
    tag: Codes
    tagged: Flags
    interchange: Ints
    offset: Ints
    length: Ints
    terminated: Flags
    padded: bool
    broken: list[int]
    parts: tuple[Interchange, ...]
    _marks: dict[bytes, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.start.size

    @cached_property
    def raw(self) -> npt.NDArray[np.uint8]:
        """``text`` as numbers."""
        return np.frombuffer(self.text, np.uint8)

    def segments(self, rows: Ints) -> Segments:
        """Segments ``rows``, to read several elements of; a row of -1 has none."""
        if not len(self):
            none = np.zeros_like(rows)
            return Segments(rows, none, none, 1)
        count = self.count[rows]
        if rows.size and rows.min() < 0:
            count[rows < 0] = -1
        width = self._one_width or self.width[rows]
        return Segments(rows, self.first[rows], count, width)

    @cached_property
    def _one_width(self) -> int:
        """Bytes of a separator, where all are of one width; else 0."""
        widths = {len(i.separator) for i in self.parts}
        return widths.pop() if len(widths) == 1 else 0

    def element(self, of: Ints | Segments, number: int | Ints) -> Spans:
        """Element ``number`` (from 1) of segments (or their rows), blanks trimmed."""
        segments = of if isinstance(of, Segments) else self.segments(of)
        if not segments.row.size:
            return Spans(np.zeros(0, np.int64), np.zeros(0, np.int64))
        end = self._bound(segments, number)
        start = self._bound(segments, number - 1) + segments.width
        if not isinstance(number, int) or segments.least < number:
            absent = true_at(segments.size < number)
            if absent.size:
                end = end.copy()
                start[absent] = end[absent] = 0
        return trimmed(self.raw, start, end) if self.padded else Spans(start, end)

    def elements(self, wanted: Sequence[Wanted]) -> Iterator[Spans]:
        """``element`` for each, of equally many segments: of few segments, all in one pass."""
        each = wanted[0].segments.row.size if wanted else 0
        if len(wanted) * each > TOGETHER or not each:
            yield from (self.element(*one) for one in wanted)  # none is held for longer than used
            return
        number = np.empty((len(wanted), each), np.int64)
        for n, one in enumerate(wanted):
            number[n] = one.element
        every = Segments.together([one.segments for one in wanted])
        bounds = (bound.reshape(number.shape) for bound in self.element(every, number.ravel()))
        yield from (Spans(start, end) for start, end in zip(*bounds, strict=True))

    def numbers(self, rows: Ints, spans: Spans) -> Ints:
        """Which element of segments ``rows`` each of the spans is of, from 1."""
        return np.searchsorted(self.positions, spans.start) - self.first[rows]

    def _bound(self, segments: Segments, number: int | Ints) -> Ints:
        """Where the separator or terminator after that element stands; 0 is the tag."""
        if not isinstance(number, int):
            return self.positions.take(segments.first + number, mode="clip")
        if number not in segments.bounds:
            # Of a segment that lacks the element it is anything.
            at = segments.first + number
            segments.bounds[number] = self.positions.take(at, mode="clip")
        return segments.bounds[number]

    def components(self, rows: Ints, spans: Spans) -> list["Cuts"]:
        """Where elements of segments ``rows`` are cut into components: see ``component``."""
        cuts = []
        for mark, chosen in self._by_mark(rows, "component"):
            first, last = spans.start[chosen], spans.end[chosen]
            at = np.searchsorted(self._positions(mark), first) if mark else first
            cuts.append(Cuts(mark, chosen, first, last, at))
        return cuts

    def component(self, cuts: list["Cuts"], number: int) -> Spans:
        """Component ``number`` (from 1) of elements that ``components`` has cut, trimmed."""
        size = sum(cut.chosen.size for cut in cuts)
        start, end = np.zeros(size, np.int64), np.zeros(size, np.int64)
        for mark, chosen, first, last, low in cuts:
            if not mark:
                if number == 1:
                    start[chosen], end[chosen] = first, last
                continue
            marks = self._positions(mark)
            at = low + (number - 1)
            final = marks.size - 1
            before = marks[np.minimum(at - 1, final)] + len(mark)
            start[chosen] = first if number == 1 else np.minimum(before, last)
            end[chosen] = np.minimum(marks[np.minimum(at, final)], last)
        return trimmed(self.raw, start, np.maximum(start, end))

    def repetitions(self, rows: Ints, spans: Spans) -> tuple[Ints, Spans]:
        """Each repetition of elements of segments ``rows``, and which of the spans it is in."""
        index, starts, ends = [], [], []
        for mark, chosen in self._by_mark(rows, "repetition"):
            first, last = spans.start[chosen], spans.end[chosen]
            if not mark:
                index.append(chosen)
                starts.append(first)
                ends.append(last)
                continue
            marks = self._positions(mark)
            low = np.searchsorted(marks, first)
            size = np.searchsorted(marks, last) - low + 1
            row = np.repeat(np.arange(chosen.size), size)
            nth = np.arange(row.size) - np.repeat(np.cumsum(size) - size, size)
            at = low[row] + nth
            index.append(chosen[row])
            starts.append(np.where(nth == 0, first[row], marks[at - 1] + len(mark)))
            ends.append(np.minimum(marks[np.minimum(at, marks.size - 1)], last[row]))
        if not index:
            none = np.zeros(0, np.int64)
            return none, Spans(none, none)
        every = np.concatenate(index)
        order = np.argsort(every, kind="stable")
        start, end = np.concatenate(starts)[order], np.concatenate(ends)[order]
        return every[order], Spans(start, end)

    def _by_mark(self, rows: Ints, name: str) -> list[tuple[bytes, Ints]]:
        """The rows, by what separates components or repetitions in their interchange."""
        marks = {i.number: getattr(i, name) for i in self.parts}
        distinct = sorted(set(marks.values()))
        if len(distinct) == 1:
            return [(distinct[0], np.arange(rows.size))]
        which = self.interchange[rows]
        return [
            (mark, true_at(np.isin(which, [n for n, m in marks.items() if m == mark])))
            for mark in distinct
        ]

    def _positions(self, mark: bytes) -> Ints:
        """Where a separator inside elements stands; the end of the text is the last."""
        if mark not in self._marks:
            size = len(self.text) - PAD
            hits = true_at(matches(self.raw, mark, size))
            self._marks[mark] = np.append(hits, size)
        return self._marks[mark]

    def tags(self, rows: Ints) -> Spans:
        """The tags of segments ``rows``."""
        bare = self.count[rows] == 0
        end = np.where(bare, self.end[rows], self.positions[self.first[rows]])
        return Spans(self.start[rows], end)

    def codes(self, spans: Spans) -> Codes:
        """The text of each span as a ``code``; ``NO_CODE`` when longer than four bytes."""
        return codes_of(self.text, spans.start, spans.end - spans.start)

    def subset(self, rows: Ints) -> "Tokens":
        """Some of the segments, in the given order."""
        return Tokens(
            text=self.text,
            positions=self.positions,
            start=self.start[rows],
            end=self.end[rows],
            first=self.first[rows],
            count=self.count[rows],
            width=self.width[rows],
            tag=self.tag[rows],
            tagged=self.tagged[rows],
            interchange=self.interchange[rows],
            offset=self.offset[rows],
            length=self.length[rows],
            terminated=self.terminated[rows],
            padded=self.padded,
            broken=self.broken,
            parts=self.parts,
        )


def trimmed(text: npt.NDArray[np.uint8], start: Ints, end: Ints) -> Spans:
    """Spans without the blanks and line breaks around them."""
    blank = np.zeros(256, dtype=bool)
    blank[[ord(c) for c in BLANKS]] = True
    start = skip(text, blank, start, end)
    return Spans(start, skip_back(text, blank, start, end))


def codes_of(text: bytes, start: Ints, length: Ints) -> Codes:
    """Each stretch of text as a ``code``; ``NO_CODE`` if over four bytes, or the last is nought."""
    size = np.minimum(length, 5)
    found = words_at(text, start, 4).view("<u4") & _LOW_BYTES.take(size)
    return np.where(found >= _LEAST.take(size), found, np.uint32(NO_CODE))
