"""Text to segments: where separators and terminators stand, and what lies between them.

What belongs here: cutting text into segments, wrapped lines included. What does not: finding an
element of a segment (``tokens.py``).
"""

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recon.parse.spans import PAD, Codes, Flags, Ints, code, matches, skip, skip_back, true_at
from recon.parse.x12.delimiters import BLANKS, Interchange
from recon.parse.x12.text import Text, rewrapped, unwrapped
from recon.parse.x12.tokens import Tokens, codes_of

_CHUNK = 1 << 16  # what stays in the nearest cache is quick


def tokenise(text: Text, interchanges: list[Interchange]) -> Tokens:
    """Split readable interchanges, or parts of them, into segments.

    Interchanges with the same delimiters are split together, so that thousands of them cost no
    more than one.
    """
    alike: dict[tuple[bytes, bytes], list[Interchange]] = {}
    for interchange in interchanges:
        if interchange.readable:
            key = (interchange.separator, interchange.terminator)
            alike.setdefault(key, []).append(interchange)
    parts = [_split(text, members, *key) for key, members in alike.items()]
    if not parts:
        return _split(text, [], b"*", b"~")
    tokens = _join(parts)
    return tokens if len(parts) == 1 else tokens.subset(np.argsort(tokens.offset))


def _split(text: Text, members: list[Interchange], separator: bytes, terminator: bytes) -> Tokens:
    numbers = np.array([i.number for i in members], dtype=np.int64)
    # A terminator is put after each interchange: what it left open is closed there, and nothing
    # runs on into the next. An empty segment is no segment, so the extra one does no harm.
    parts = [part for i in members for part in (text.data[i.start : i.end], terminator)]
    piece = b"".join([*parts, bytes(PAD)])
    sizes = np.array([i.end - i.start + len(terminator) for i in members], dtype=np.int64)
    piece_start = np.cumsum(sizes) - sizes
    piece_end = piece_start + sizes - len(terminator)
    shift = np.array([i.start for i in members], dtype=np.int64) - piece_start

    piece = _without_spelled(piece, terminator)
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
    open_ = true_at(~terminated)
    stop[open_] = rewrapped(cut.end[open_] - 1, breaks) + 1
    offset = text.origin(start + shift[member])
    tag_end = np.where(cut.elements > 0, cut.positions[cut.first], cut.end)
    tag = codes_of(piece, cut.start, tag_end - cut.start)
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
        parts=tuple(members),
    )


def _without_spelled(piece: bytes, terminator: bytes) -> bytes:
    r"""Blanks for the line breaks behind terminators that are written out (``~\n``).

    Logs and databases keep interchanges so.
    """
    # Most files have neither mark: one byte is looked for ten times quicker than two.
    if not any(mark in piece and terminator + mark in piece for mark in (b"\\", b"<")):
        return piece
    spelled = re.escape(terminator) + rb"(?:\\[rn]|<CR>|<LF>)+"
    return re.sub(spelled, lambda found: terminator.ljust(len(found[0])), piece)


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
    positions, last, padding = _delimiters(raw, separator, terminator)
    # Most files have none of one of them: looking for it is ten times quicker than counting it.
    line_breaks = sum(piece.count(mark) for mark in (b"\n", b"\r") if mark in piece)
    stop = positions[last]
    begin, first = np.zeros_like(stop), np.zeros_like(last)
    begin[1:], first[1:] = stop[:-1] + len(terminator), last[:-1] + 1

    blank = np.zeros(256, dtype=bool)
    blank[[ord(c) for c in BLANKS if c.encode() not in (separator, terminator)]] = True
    start = skip(raw, blank, begin, stop)
    breaks = 0
    if terminator not in (b"\n", b"\r") and line_breaks:
        breaks = line_breaks - _breaks_between(raw, begin, start)
    kept = true_at(start < stop)
    end = skip_back(raw, blank, start[kept], stop[kept])
    if kept.size < start.size:
        start, stop, first, last = start[kept], stop[kept], first[kept], last[kept]
    return _Cut(positions, start, end, stop, first, last - first, padding, breaks > 0)


def _delimiters(
    raw: npt.NDArray[np.uint8], separator: bytes, terminator: bytes
) -> tuple[Ints, Ints, Ints]:
    """Where separators and terminators stand; which of them are terminators.

    And where those stand that have a blank beside them.
    """
    positions, closing, padding = [], [], []
    widest = max(len(separator), len(terminator))
    found = 0
    for at in range(0, raw.size - PAD, _CHUNK):
        # Windows overlap by a character's width; a match is counted where it begins.
        size = min(_CHUNK, raw.size - PAD - at)
        window = raw[at : at + size + widest]
        between, after = matches(window, separator, size), matches(window, terminator, size)
        here = true_at(between | after)
        # Up to 32 are blanks, or control characters that nobody means as data.
        blank = window <= 32
        beside = between & blank[len(separator) :][:size]
        beside[1:] |= (between | after)[1:] & blank[: size - 1]
        if at:
            beside[0] |= (between | after)[0] & (raw[at - 1] <= 32)
        if beside.any():
            padding.append(true_at(beside) + at)
        closing.append(true_at(after[here]) + found)
        positions.append(here + at)
        found += here.size
    none = [np.zeros(0, np.int64)]
    return (
        np.concatenate(positions or none),
        np.concatenate(closing or none),
        np.concatenate(padding or none),
    )


def _breaks_between(raw: npt.NDArray[np.uint8], begin: Ints, start: Ints) -> int:
    """Line breaks in the stretches between segments."""
    at, found = begin, 0
    for _ in range(8):
        open_ = true_at(at < start)
        if not open_.size:
            return found
        at, start = at[open_], start[open_]
        byte = raw[at]
        found += int(np.count_nonzero((byte == 10) | (byte == 13)))
        at = at + 1
    breaks = true_at((raw == 10) | (raw == 13))
    return found + int(np.sum(np.searchsorted(breaks, start) - np.searchsorted(breaks, at)))


def _is_tag(tag: Codes, length: Ints) -> Flags:
    letters = tag.view(np.uint8).reshape(-1, 4)[:, :3].T.copy()  # of the first three, each in a row
    capital = letters - np.uint8(ord("A")) < 26  # unsigned: below A wraps round
    either = capital | (letters - np.uint8(ord("0")) < 10)
    found: Flags = capital[0] & either[1] & ((length == 2) | ((length == 3) & either[2]))
    return found


def _join(parts: list[Tokens]) -> Tokens:
    if len(parts) == 1:
        return parts[0]
    text_shift = np.cumsum([0, *(len(p.text) for p in parts)])
    index_shift = np.cumsum([0, *(p.positions.size for p in parts)])

    def moved(name: str, shift: Ints) -> Ints:
        arrays = [getattr(p, name) + by for p, by in zip(parts, shift, strict=False)]
        return np.concatenate(arrays)

    def together(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(p, name) for p in parts])

    return Tokens(
        text=b"".join(p.text for p in parts),
        positions=moved("positions", text_shift),
        start=moved("start", text_shift),
        end=moved("end", text_shift),
        first=moved("first", index_shift),
        count=together("count"),
        width=together("width"),
        tag=together("tag"),
        tagged=together("tagged"),
        interchange=together("interchange"),
        offset=together("offset"),
        length=together("length"),
        terminated=together("terminated"),
        padded=any(p.padded for p in parts),
        broken=sorted(n for p in parts for n in p.broken),
        parts=tuple(i for p in parts for i in p.parts),
    )
