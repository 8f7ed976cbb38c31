"""The rows of a typed record, and the segments and pairs that they read.

What belongs here: what one row stands for, and which segment or pair of several counts. What does
not: turning a declaration's columns into values (``extract.py``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa

from recon.parse.spans import Codes, Flags, Ints, Spans, code, true_at
from recon.parse.values import taken
from recon.parse.x12.loops import Body
from recon.parse.x12.tokens import Segments, Tokens

_USUAL_PAIRS = 16  # no segment of the standard has more: LIN has fifteen
_BLOCK = 1 << 18


@dataclass(eq=False)
class Rows:
    """The rows of one record.

    Attributes:
        loop: the kind of loop they are, "" for transaction sets; None: each is a segment, and
            reads that segment.
        unit: the innermost unit each is, or stands in.
        own: which of the sets each is in.
        place: place of the segment that each begins with.
        mixed: they are segments of several tags.
        part: tag, first element and, for each row, by how much later its part begins.
        repeat: tag, element and, for each row, the repetition it is.
    """

    loop: str | None
    unit: Ints
    own: Ints
    place: Ints
    mixed: bool = False
    part: tuple[str, int, Ints] | None = None
    repeat: tuple[str, int, Spans] | None = None
    _read: dict[str, Segments] = field(default_factory=dict)

    def read(self, of: Body, tag: str) -> Segments:
        """The rows' own segments, where they have that tag."""
        tag = tag if self.mixed else ""
        if tag not in self._read:
            row = of.rows[self.place]
            if tag:
                row = np.where(of.tag[self.place] == code(tag), row, -1)
            self._read[tag] = of.tokens.segments(row)
        return self._read[tag]

    def chosen(
        self,
        row: Ints,
        part: tuple[str, int, Ints] | None = None,
        repeat: tuple[str, int, Spans] | None = None,
    ) -> "Rows":
        """Some of the rows, some of them several times."""
        unit, own, place = self.unit[row], self.own[row], self.place[row]
        return Rows(None, unit, own, place, mixed=self.mixed, part=part, repeat=repeat)

    def from_sets(self, columns: Iterable[pa.Array]) -> Iterator[pa.Array]:
        """Values of the transaction set, for each row."""
        return (column if self.loop == "" else taken(column, self.own) for column in columns)


@dataclass(eq=False)
class Held:
    """Segments of one tag, read by units of one kind, the last in the file first.

    Attributes:
        tag: the tag.
        unit: which unit of the kind, from 0.
        row: the segment.
        nth: which of all segments with that tag it is, from the last, 0.
    """

    tag: str
    unit: Ints
    row: Ints
    nth: Ints
    _codes: dict[int, Codes] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Body, loop: str, tag: str) -> "Held":
        """Those of a body."""
        unit = body.readers(loop, tag)[::-1]
        here = true_at(unit >= 0)
        return cls(tag, unit[here], body.rows[body.tagged(tag)[::-1][here]], here)

    def codes(self, of: Body, element: int) -> Codes:
        """What that element holds, as codes."""
        if element not in self._codes:
            self._codes[element] = of.coded(self.tag, element)[::-1][self.nth]
        return self._codes[element]


@dataclass(eq=False)
class Pairs:
    """Pairs of qualifier and value: which unit reads each, its segment, and where the value is."""

    unit: Ints
    row: Ints
    qualifier: Codes
    start: Ints
    end: Ints

    @classmethod
    def of(cls, tokens: Tokens, unit: Ints, rows: Ints, first: int) -> "Pairs":
        """All pairs of segments ``rows`` from element ``first``."""
        segments = tokens.segments(rows)
        sizes = np.maximum(segments.size - first + 1, 0) // 2
        most = int(sizes.max(initial=0))
        parts = []
        # What has more pairs than any segment may is damaged, and may have millions.
        usual = range(min(most, _USUAL_PAIRS))
        for low, high in pairwise([*usual, *range(_USUAL_PAIRS, most, _BLOCK), most]):
            at = true_at(sizes > low)
            nth: int | Ints = low
            if high > low + 1:
                number = np.minimum(sizes[at], high) - low
                at = np.repeat(at, number)[::-1]
                nth = low + number.sum() - 1 - np.arange(at.size)
                nth -= np.repeat(np.cumsum(number) - number, number)[::-1]
            some = segments.some(at)
            value = tokens.element(some, first + 2 * nth + 1)
            given = true_at(value.end > value.start)
            at, kind = at[given], nth if isinstance(nth, int) else nth[given]
            qualifier = tokens.codes(tokens.element(some.some(given), first + 2 * kind))
            parts.append((unit[at], rows[at], qualifier, value.start[given], value.end[given]))
        if not parts:
            none = np.zeros(0, np.int64)
            return cls(none, none, none.astype(np.uint32), none, none)
        # Later pairs of a segment first: of repeated indexes the last assignment counts.
        every = [np.concatenate(column) for column in zip(*reversed(parts), strict=True)]
        if np.bincount(unit).max() > 1:  # a unit reads several segments: later ones first
            order = np.argsort(-every[1], kind="stable")
            every = [column[order] for column in every]
        return cls(*every)

    def qualified(self) -> Flags:
        """Which have a qualifier of two characters, as every one has (element 235)."""
        two: Flags = (self.qualifier > 0xFF) & (self.qualifier <= 0xFFFF)
        return two

    def best(self, codes: tuple[str, ...], first: int, last: int) -> Ints:
        """For each unit from ``first`` to ``last``, its first pair with the best code, or -1."""
        best = np.full(last - first, -1)
        for wanted in reversed(codes):
            at = true_at(self.qualifier == code(wanted))
            best[self.unit[at]] = at
        return best


def picked(found: Ints, index: Ints | None) -> Ints:
    """``found[index]``, and what stands for none where the index is -1."""
    if index is None:
        return found
    if not found.size:
        return np.full(index.size, -1)
    picked: Ints = found[index]
    picked[index < 0] = -1
    return picked


def nth_of(group: Ints) -> Ints:
    """Which of its group each is, from 1, in the order given."""
    order = np.argsort(group, kind="stable")
    begin = true_at(np.diff(group[order], prepend=-2) != 0)
    size = np.diff(begin, append=group.size)
    nth = np.empty(group.size, np.int64)
    nth[order] = np.arange(group.size) - np.repeat(begin, size) + 1
    return nth
