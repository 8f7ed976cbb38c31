"""Text to segments and elements: integer positions only, no Python object per segment.

What belongs here: finding separators and terminators, and the bounds of any element of any
segments. What does not: what a segment means.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recon.parse.x12.delimiters import BLANKS, Interchange
from recon.parse.x12.text import Ints, Text, rewrapped, unwrapped

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint32]

PAD = 16  # bytes after the text, so that a machine word can be read at any position in it
_CHUNK = 1 << 18
_LOW_BYTES = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], dtype=np.uint32)
NO_CODE = 0xFFFFFFFF


class Spans(NamedTuple):
    """Stretches of ``Tokens.text``; an empty one stands for nothing."""

    start: Ints
    end: Ints


def code(text: str) -> int:
    """A tag or qualifier of up to four ASCII characters as an integer, for fast comparison."""
    return int.from_bytes(text.encode("ascii"), "little")


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

    def __len__(self) -> int:
        return self.start.size

    @property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """``text`` as numbers."""
        return np.frombuffer(self.text, np.uint8)

    def element(self, rows: Ints, number: int | Ints) -> Spans:
        """Element ``number`` (from 1) of segments ``rows``, blanks trimmed.

        A row of -1 has no elements.
        """
        if not rows.size:
            return Spans(np.zeros(0, np.int64), np.zeros(0, np.int64))
        absent = np.flatnonzero((self.count[rows] < number) | (rows < 0))
        at = self.first[rows] + number
        at[absent] = 1
        end = self.positions[at]
        at -= 1
        start = self.positions[at]
        start += self.width[rows]
        start[absent] = end[absent] = 0
        return trimmed(self.bytes, start, end) if self.padded else Spans(start, end)

    def tags(self, rows: Ints) -> Spans:
        """The tags of segments ``rows``."""
        bare = self.count[rows] == 0
        end = np.where(bare, self.end[rows], self.positions[self.first[rows]])
        return Spans(self.start[rows], end)

    def codes(self, spans: Spans) -> Codes:
        """The text of each span as a ``code``; ``NO_CODE`` when longer than four bytes."""
        return _codes(self.text, spans.start, spans.end - spans.start)

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
        )


def trimmed(text: npt.NDArray[np.uint8], start: Ints, end: Ints) -> Spans:
    """Spans without the blanks and line breaks around them."""
    blank = np.zeros(256, dtype=bool)
    blank[[ord(c) for c in BLANKS]] = True
    start = skip(text, blank, start, end)
    return Spans(start, _skip_back(text, blank, start, end))


def tokenise(text: Text, interchanges: list[Interchange]) -> Tokens:
    """Split every readable interchange into segments.

    Interchanges with the same delimiters are split together, so that thousands of them cost no
    more than one.
    """
    alike: dict[tuple[bytes, bytes], list[int]] = {}
    for number, interchange in enumerate(interchanges):
        if interchange.readable:
            key = (interchange.separator, interchange.terminator)
            alike.setdefault(key, []).append(number)
    parts = [
        _split(text, [interchanges[n] for n in members], np.array(members), *key)
        for key, members in alike.items()
    ]
    if not parts:
        return _split(text, [], np.zeros(0, np.int64), b"*", b"~")
    tokens = _join(parts)
    return tokens if len(parts) == 1 else tokens.subset(np.argsort(tokens.offset))


def _split(
    text: Text, members: list[Interchange], numbers: Ints, separator: bytes, terminator: bytes
) -> Tokens:
    # A terminator is put after each interchange: what it left open is closed there, and nothing
    # runs on into the next. An empty segment is no segment, so the extra one does no harm.
    piece = b"".join(text.data[i.start : i.end] + terminator for i in members) + bytes(PAD)
    sizes = np.array([i.end - i.start + len(terminator) for i in members], dtype=np.int64)
    piece_start = np.cumsum(sizes) - sizes
    piece_end = piece_start + sizes - len(terminator)
    shift = np.array([i.start for i in members], dtype=np.int64) - piece_start

    breaks = inside = np.zeros(0, np.int64)
    cut = _cut(piece, separator, terminator)
    if cut.inner_breaks:
        # A line break between segments goes too: it was only skipped anyway.
        piece, breaks = unwrapped(piece[:-PAD])
        piece += bytes(PAD)
        cut = _cut(piece, separator, terminator)
        around = np.maximum(np.searchsorted(cut.start, breaks, side="right") - 1, 0)
        inside = around[(cut.start[around] < breaks) & (breaks < cut.end[around])]

    start = rewrapped(cut.start, breaks)
    stop = rewrapped(cut.stop, breaks)
    member = np.repeat(
        np.arange(len(members)),
        np.diff(np.searchsorted(start, piece_start), append=start.size),
    )
    terminated = stop < piece_end[member]
    stop += len(terminator)
    # Without a terminator of its own a segment ends with its last character, not with the blanks.
    open_ = np.flatnonzero(~terminated)
    stop[open_] = rewrapped(cut.end[open_] - 1, breaks) + 1
    offset = text.origin(start + shift[member])
    tag_end = np.where(cut.elements > 0, cut.positions[cut.first], cut.end)
    tag = _codes(piece, cut.start, tag_end - cut.start)
    around = np.searchsorted(cut.start, cut.padding, side="right") - 1
    padding = around[cut.padding <= cut.stop[around]] if around.size else around
    return Tokens(
        text=piece,
        positions=cut.positions,
        start=cut.start,
        end=cut.end,
        first=cut.first,
        count=cut.elements,
        width=np.broadcast_to(np.int64(len(separator)), cut.start.shape),
        tag=tag,
        tagged=_is_tag(tag, tag_end - cut.start),
        interchange=numbers[member],
        offset=offset,
        length=text.origin(stop + shift[member]) - offset,
        terminated=terminated,
        # ISA is padded always; its elements are read elsewhere.
        padded=bool(np.any(tag[padding] != code("ISA"))),
        broken=np.unique(numbers[member[inside]]).tolist(),
    )


class _Cut(NamedTuple):
    positions: Ints
    start: Ints
    end: Ints
    stop: Ints  # position of the terminator
    first: Ints
    elements: Ints  # how many
    padding: Ints  # positions of delimiters with a blank inside the segment beside them
    inner_breaks: bool


def _cut(piece: bytes, separator: bytes, terminator: bytes) -> _Cut:
    raw = np.frombuffer(piece, np.uint8)
    positions, last, padding, line_breaks = _delimiters(raw, separator, terminator)
    stop = positions[last]
    begin, first = np.zeros_like(stop), np.zeros_like(last)
    begin[1:], first[1:] = stop[:-1] + len(terminator), last[:-1] + 1

    blank = np.zeros(256, dtype=bool)
    blank[[ord(c) for c in BLANKS if c.encode() not in (separator, terminator)]] = True
    start = skip(raw, blank, begin, stop)
    breaks = 0
    if terminator not in (b"\n", b"\r") and line_breaks:
        breaks = line_breaks - _breaks_between(raw, begin, start)
    kept = np.flatnonzero(start < stop)
    end = _skip_back(raw, blank, start[kept], stop[kept])
    if kept.size < start.size:
        start, stop, first, last = start[kept], stop[kept], first[kept], last[kept]
    return _Cut(positions, start, end, stop, first, last - first, padding, breaks > 0)


def _delimiters(
    raw: npt.NDArray[np.uint8], separator: bytes, terminator: bytes
) -> tuple[Ints, Ints, Ints, int]:
    """Where separators and terminators stand; which of them are terminators.

    And where those stand that have a blank beside them, and how many line breaks there are.
    """
    positions, closing, padding = [], [], []
    widest = max(len(separator), len(terminator))
    found = line_breaks = 0
    for at in range(0, raw.size - PAD, _CHUNK):
        # Windows overlap by a character's width; a match is counted where it begins.
        size = min(_CHUNK, raw.size - PAD - at)
        window = raw[at : at + size + widest]
        between, after = _matches(window, separator, size), _matches(window, terminator, size)
        here = np.flatnonzero(between | after)
        # Up to 32 are blanks, or control characters that nobody means as data.
        blank = window <= 32
        beside = between & blank[len(separator) :][:size]
        beside[1:] |= (between | after)[1:] & blank[: size - 1]
        if at:
            beside[0] |= (between | after)[0] & (raw[at - 1] <= 32)
        if beside.any():
            padding.append(np.flatnonzero(beside) + at)
        plain = window[:size]
        line_breaks += int(np.count_nonzero(plain == 10) + np.count_nonzero(plain == 13))
        closing.append(np.flatnonzero(after[here]) + found)
        positions.append(here + at)
        found += here.size
    none = [np.zeros(0, np.int64)]
    return (
        np.concatenate(positions or none),
        np.concatenate(closing or none),
        np.concatenate(padding or none),
        line_breaks,
    )


def _matches(window: npt.NDArray[np.uint8], character: bytes, size: int) -> Flags:
    hit: Flags = window[:size] == character[0]
    for n in range(1, len(character)):
        hit &= window[n : n + size] == character[n]
    return hit


def _breaks_between(raw: npt.NDArray[np.uint8], begin: Ints, start: Ints) -> int:
    """Line breaks in the stretches between segments."""
    at, found = begin, 0
    for _ in range(8):
        open_ = np.flatnonzero(at < start)
        if not open_.size:
            return found
        at, start = at[open_], start[open_]
        byte = raw[at]
        found += int(np.count_nonzero((byte == 10) | (byte == 13)))
        at = at + 1
    breaks = np.flatnonzero((raw == 10) | (raw == 13))
    return found + int(np.sum(np.searchsorted(breaks, start) - np.searchsorted(breaks, at)))


def skip(raw: npt.NDArray[np.uint8], blank: Flags, start: Ints, end: Ints) -> Ints:
    """``start`` moved past blanks, at most to ``end``."""
    for _ in range(12):
        moving = np.flatnonzero(blank[raw[start]] & (start < end))
        if not moving.size:
            return start
        start = start.copy()
        start[moving] += 1
    solid = np.append(np.flatnonzero(~blank[raw]), raw.size)
    found: Ints = np.minimum(np.maximum(solid[np.searchsorted(solid, start)], start), end)
    return found


def _skip_back(raw: npt.NDArray[np.uint8], blank: Flags, start: Ints, end: Ints) -> Ints:
    """``end`` moved back before blanks, at most to ``start``."""
    for _ in range(12):
        moving = np.flatnonzero(blank[raw[end - 1]] & (start < end))
        if not moving.size:
            return end
        end = end.copy()
        end[moving] -= 1
    solid = np.concatenate([np.full(1, -1, np.int64), np.flatnonzero(~blank[raw])])
    before = solid[np.searchsorted(solid, end) - 1] + 1
    found: Ints = np.maximum(np.minimum(before, end), start)
    return found


def words_at(text: bytes, start: Ints, size: int) -> npt.NDArray[np.void]:
    """The ``size`` bytes at each position; quicker than reading integers that are not aligned."""
    every = np.ndarray((len(text) - size + 1,), dtype=f"V{size}", buffer=text, strides=(1,))
    return every[start]


def _codes(text: bytes, start: Ints, length: Ints) -> Codes:
    found = words_at(text, start, 4).view("<u4") & _LOW_BYTES[np.minimum(length, 4)]
    return np.where(length <= 4, found, np.uint32(NO_CODE))


def _is_tag(tag: Codes, length: Ints) -> Flags:
    def capital(at: int) -> Flags:
        return (tag >> at) % 256 - np.uint32(ord("A")) < 26  # unsigned: below A wraps round

    def digit(at: int) -> Flags:
        return (tag >> at) % 256 - np.uint32(ord("0")) < 10

    two = capital(0) & (capital(8) | digit(8))
    found: Flags = two & ((length == 2) | ((length == 3) & (capital(16) | digit(16))))
    return found


def _join(parts: list[Tokens]) -> Tokens:
    if len(parts) == 1:
        return parts[0]
    text_shift = np.cumsum([0, *(len(p.text) for p in parts)])
    index_shift = np.cumsum([0, *(p.positions.size for p in parts)])

    def moved(name: str, shift: Ints) -> Ints:
        arrays = [getattr(p, name) + by for p, by in zip(parts, shift, strict=False)]
        return np.concatenate(arrays)

    def together(name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(p, name) for p in parts])

    unmoved = ("count", "width", "tag", "tagged", "interchange", "offset", "length", "terminated")
    return Tokens(
        padded=any(p.padded for p in parts),
        text=b"".join(p.text for p in parts),
        positions=moved("positions", text_shift),
        start=moved("start", text_shift),
        end=moved("end", text_shift),
        first=moved("first", index_shift),
        broken=sorted(n for p in parts for n in p.broken),
        **{name: together(name) for name in unmoved},  # type: ignore[arg-type]  # seven arrays
    )
