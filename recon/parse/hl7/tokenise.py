"""Bytes to segments: line breaks, framing, delimiters, messages.

A segment ends at CR, LF or both; VT and FS frame a message on the wire (MLLP) and stay in files
that were recorded there. What belongs here: cutting. What does not: what a segment means, and
whether an envelope is whole (``envelope.py``).
"""

import re
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recon.parse.hl7.charset import Lines, as_utf8, encoding
from recon.parse.hl7.segments import Delimiters, Places, Segments
from recon.parse.spans import PAD, Codes, Flags, Ints, code, skip, words_at

CR, LF, VT, FS, SPACE = 13, 10, 11, 28, 32
BOM = b"\xef\xbb\xbf"
_BOM_CODE = int.from_bytes(BOM, "little")
_CLOSING = b"\r" + bytes(PAD)
_CHUNK = 1 << 17  # what stays in the nearest cache is quick
_BREAK = np.isin(np.arange(256), [CR, LF, VT, FS])
# What may delimit: no letter, no digit, and no byte of a longer character.
_MARK = np.array([33 <= n < 127 and not chr(n).isalnum() for n in range(256)])
_BLANK = np.isin(np.arange(256), [32, 9, 0, 0x1A])
_HEADER = re.compile(
    rb"(?:^|[\r\n\x0b\x1c])[ \t]*(?:\xef\xbb\xbf)?(?:MSH|FHS|BHS)([!-/:-@\[-`{-~])"
)
_HEADERS = [code(tag) for tag in ("MSH", "FHS", "BHS")]
_TRAILERS = [code(tag) for tag in ("BTS", "FTS")]
_THREE = np.uint32(0xFFFFFF)
# Before a tag that does not stand at the beginning of its line: a blank, or a line break that was
# written out (\r, \n, <CR>).
_BEFORE = np.isin(np.arange(256), [ord(c) for c in " \trn>|"])
# The segments that are looked for there; others are too likely a value of a field.
JOINED = (
    *("MSH", "EVN", "PID", "PV1", "PV2", "FT1", "PRT", "PR1", "ORC", "OBR", "OBX", "NTE", "DG1"),
    *("IN1", "GT1", "MRG", "MFI", "MFE", "RQD", "AL1", "NK1"),
)
_JOINED = np.array([code(tag) for tag in JOINED], dtype=np.uint32)


class Split(NamedTuple):
    """A file or a piece of one, cut.

    Attributes:
        segments: its segments.
        fallen: per segment that was not in the character set its message declares: how it was read.
        charsets: Python's names of the character sets that its messages declare.
    """

    segments: Segments
    fallen: dict[int, str]
    charsets: set[str]


def tokenise(data: bytes, start: int, end: int, *, transcode: bool) -> Split:
    """The segments of a file, or of a piece of it that begins with MSH.

    Args:
        data: the file.
        start: where the piece begins.
        end: and where it ends.
        transcode: turn it into UTF-8, line by line, from what each message declares.
    """
    piece = memoryview(data)[start:end]
    first = _segments(_closed(piece), None)
    charsets = _charsets(first)
    if not transcode:
        return Split(_moved(first, start), {}, set(charsets))
    split = _transcoded(bytes(piece), first, charsets)
    return split._replace(segments=_moved(split.segments, start))


def _closed(text: bytes | memoryview) -> bytes:
    """The text as ``Segments`` hold it: its last line is ended."""
    return b"".join([text, _CLOSING])


def _moved(segments: Segments, by: int) -> Segments:
    return replace(segments, offset=segments.offset + by, _found={}) if by else segments


def _transcoded(data: bytes, first: Segments, charsets: list[str]) -> Split:
    """As ``tokenise``, of a file that is not UTF-8."""
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(_BREAK[raw]) + 1
    bounds = np.unique(np.concatenate([[0], ends, [len(data)]]))
    begins = first.offset[np.flatnonzero(first.tag == code("MSH"))]
    of = np.searchsorted(begins, bounds[:-1], side="right") - 1
    each = [charsets[n] if n >= 0 else "" for n in of.tolist()]
    lines = as_utf8(data, list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)), each)
    found = _segments(_closed(lines.text), lines)
    line = np.searchsorted(lines.origin, found.offset, side="right") - 1
    fallen = {n: lines.fallen[at] for n, at in enumerate(line.tolist()) if at in lines.fallen}
    return Split(found, fallen, set(charsets))


def _charsets(segments: Segments) -> list[str]:
    """Python's name of each message's encoding; "" where MSH-18 says nothing that is known."""
    rows = np.flatnonzero(segments.tag == code("MSH"))
    spans = segments.field(rows, 17)
    if not (spans.end > spans.start).any():
        return [""] * rows.size
    bounds = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    told = [segments.text[a:b] for a, b in bounds]
    named = {each: encoding(each.decode("latin-1")) or "" for each in set(told)}
    return [named[each] for each in told]


def _segments(text: bytes, lines: Lines | None) -> Segments:
    raw = np.frombuffer(text, np.uint8)
    size = len(text) - PAD
    header = _HEADER.search(text)
    separator = header[1][0] if header else ord("|")
    begun = header.end() if header else 0
    guess = _inner(text[begun : min(begun + 4, size - 1)], separator) if header else b"^~&"
    positions, byte, parts, padded = _delimiters(raw, size, separator, guess)
    is_break = byte != separator
    begin = 3 if text.startswith(BOM) else 0
    start, stop, first, last, head = _cut(text, positions, is_break, begin)
    others = _other_separators(head, start, stop, separator)
    if others is not None:
        positions, is_break = _by_separator(raw, size, start, stop, others)
        start, stop, first, last, head = _cut(text, positions, is_break, begin)
    joined = np.zeros(start.size, bool)
    separators = [separator] if others is None else np.unique(others).tolist()
    split = _inner_tags(text, size, separators, positions, is_break, lines)
    if split.size:
        text = _without_spelled(text, split)
        raw = np.frombuffer(text, np.uint8)
        at = np.searchsorted(positions, split)
        positions = np.insert(positions, at, split)
        is_break = np.insert(is_break, at, values=True)
        start, stop, first, last, head = _cut(text, positions, is_break, begin)
        ends = np.isin(stop, split)
        joined = np.concatenate([np.zeros(1, bool), ends[:-1]])
        padded = True  # blanks stand before a tag, or for what was spelled out
    count = last - first
    tag_end = np.where(count > 0, positions[first], stop)
    tag = head & _THREE
    tagged = _is_tag(tag) & (tag_end - start == 3)
    message = np.cumsum((tag == code("MSH")) & tagged) - 1
    offset, length, exact = _places(raw[:size], lines, start, stop, split)
    segments = Segments(
        text=text,
        positions=positions,
        start=start,
        end=stop,
        first=first,
        count=count,
        tag=np.where(tagged, tag, np.uint32(0)),
        tagged=tagged,
        message=message,
        delimiters=(Delimiters("|", "^", "~", "\\", "&"),),
        kind=np.zeros(start.size, np.int64),
        offset=offset,
        length=length,
        exact=exact,
        joined=joined,
        parts=None,
        padded=True,
    )
    segments = _with_delimiters(segments)
    declared = {frozenset(_marks(d)) for d in segments.delimiters}
    if others is not None or len(segments.delimiters) > 1 or declared != {frozenset(guess)}:
        return segments
    if any(mark <= FS for mark in guess):
        return segments
    # What was looked for is what the messages declare.
    if split.size:
        parts = np.minimum(np.insert(parts, at, split), np.append(positions[1:], size))
    return replace(segments, parts=parts, padded=padded, _found={})


def _inner(declared: bytes, separator: int) -> bytes:
    """What delimits within fields, by the beginning of the field after a header's separator."""
    return _marks(_declared(declared.ljust(7, b"\0") + bytes([separator])))


def _marks(declared: Delimiters) -> bytes:
    inner = declared.component + declared.repetition + declared.subcomponent
    return inner.encode()


class _Delimiters(NamedTuple):
    """Field separators and line breaks.

    Attributes:
        positions: where each stands.
        byte: which character it is.
        parts: where the next delimiter of any level stands.
        padded: a blank stands beside a delimiter.
    """

    positions: Places
    byte: npt.NDArray[np.uint8]
    parts: Places
    padded: bool


def _delimiters(raw: npt.NDArray[np.uint8], size: int, separator: int, inner: bytes) -> _Delimiters:
    """Field separators and line breaks; ``inner`` delimits within fields."""
    kind = np.int32 if size < 1 << 31 else np.int64
    positions: list[Places] = []
    bytes_: list[npt.NDArray[np.uint8]] = []
    parts: list[Places] = []
    padded = False
    for at in range(0, size, _CHUNK):
        window = raw[at : min(at + _CHUNK, size) + 1]
        hits = window <= FS
        for mark in (separator, *inner):
            hits |= window == mark
        if not padded:
            blank = window == SPACE
            padded = bool((hits[:-1] & blank[1:]).any() or (blank[:-1] & hits[1:]).any())
        here = hits[:-1].nonzero()[0]
        byte = window.take(here)
        field = byte <= FS
        odd = field & (byte != CR)
        if odd.any():
            odd &= (byte != LF) & (byte != VT) & (byte != FS)
        if odd.any():  # a tab is a blank too; it and other bytes below it are rare
            here, byte, field, padded = here[~odd], byte[~odd], field[~odd], True
        if not here.size:
            continue
        here = here.astype(kind)
        here += at
        if parts:
            parts[-1][-1:] = np.minimum(parts[-1][-1:], here[0])
        field |= byte == separator
        which = field.nonzero()[0]
        positions.append(here.take(which))
        bytes_.append(byte.take(which))
        following: Places = np.append(here[1:], kind(size))
        parts.append(following.take(which))
    return _Delimiters(
        np.concatenate(positions), np.concatenate(bytes_), np.concatenate(parts), padded
    )


def _cut(
    text: bytes, positions: Places, is_break: Flags, begin: int
) -> tuple[Ints, Ints, Ints, Ints, Codes]:
    """Where segments begin and stop, the indexes of their first and last delimiter, four bytes."""
    raw = np.frombuffer(text, np.uint8)
    last = np.flatnonzero(is_break)
    stop = positions[last].astype(np.int64)
    start, first = np.zeros_like(stop), np.zeros_like(last)
    start[0] = begin
    start[1:], first[1:] = stop[:-1] + 1, last[:-1] + 1
    start = skip(raw, _BLANK, np.minimum(start, stop), stop)
    kept = np.flatnonzero(start < stop)
    start, stop = start[kept], stop[kept]
    head = words_at(text, start, 4).view("<u4")
    marked = (head & _THREE) == _BOM_CODE
    if marked.any():  # files that were joined, each with its own
        start[marked] = skip(raw, _BLANK, np.minimum(start[marked] + 3, stop[marked]), stop[marked])
        filled = start < stop
        start, stop, kept = start[filled], stop[filled], kept[filled]
        head = words_at(text, start, 4).view("<u4")
    return start, stop, first[kept], last[kept], head


def _other_separators(head: Codes, start: Ints, stop: Ints, separator: int) -> Ints | None:
    """For each segment the separator its header declares, where they are not all the same."""
    mark = head >> np.uint32(24)
    marked = (stop - start > 3) & _MARK[mark]
    declares = marked & np.isin(head & _THREE, _HEADERS)
    known = np.unique(mark[declares])
    if (known == separator).all():
        return None
    # A trailer is written as the header of its batch, and not as the message before it.
    declares |= marked & np.isin(head & _THREE, _TRAILERS) & np.isin(mark, [ord("|"), *known])
    heads = np.flatnonzero(declares)
    owner = np.searchsorted(heads, np.arange(start.size), side="right") - 1
    found: Ints = mark[heads][np.maximum(owner, 0)].astype(np.int64)
    return found


def _by_separator(
    raw: npt.NDArray[np.uint8], size: int, start: Ints, stop: Ints, separators: Ints
) -> tuple[Ints, Flags]:
    breaks = np.flatnonzero(_BREAK[raw[:size]])
    found = [breaks]
    for separator in np.unique(separators):
        hits = np.flatnonzero(raw[:size] == separator)
        owner = np.searchsorted(start, hits, side="right") - 1
        own = (owner >= 0) & (hits < stop[owner]) & (separators[owner] == separator)
        found.append(hits[own])
    positions = np.unique(np.concatenate(found))
    return positions, np.isin(positions, breaks)


def _inner_tags(
    text: bytes,
    size: int,
    separators: list[int],
    positions: Ints,
    is_break: Flags,
    lines: Lines | None,
) -> Ints:
    """Where a segment begins inside a line: the place of the blank, or whatever, before its tag."""
    raw = np.frombuffer(text, np.uint8)
    at: Ints = _after_capitals(raw, size, separators)
    at = at[_BEFORE.take(raw.take(at - 4))]
    three = words_at(text, at - 4, 4).view("<u4") >> np.uint32(8)
    which = np.isin(three, _JOINED)
    at, three = at[which], three[which]
    # As wide as the positions, of which else a wider copy would be made.
    index = np.searchsorted(positions, at.astype(positions.dtype))
    own = (positions[index] == at) & ~is_break[index]
    at, index, three = at[own], index[own], three[own]
    if not at.size:
        return at
    before = raw[at - 4]
    blank = (before == 32) | (before == 9)
    # `\r` or `\n` written out, `<CR>`; else an empty field's separator, with a set id after the tag
    written = np.isin(before, [ord("r"), ord("n")]) & (raw[at - 5] == ord("\\"))
    written |= (before == ord(">")) & np.isin(raw[at - 5], [ord("R"), ord("F")])
    following = positions[np.minimum(index + 1, positions.size - 1)]
    numbered = (before == raw[at]) & (following - at == 2) & (raw[at + 1] == ord("1"))
    numbered &= np.isin(three, [code(t) for t in ("PID", "PV1", "FT1", "DG1", "IN1")])
    good = blank | written | numbered
    if lines is not None:
        line = np.searchsorted(lines.start, at, side="right") - 1
        good &= lines.exact[line]
    found: Ints = at[good] - 4
    return found


# A line break written out, as in a log or a program's source; its last character is the split.
_SPELLED = re.compile(rb"(?:\\[rn]|<CR>|<LF>)*(?:\\[rn]|<(?:CR|LF)>)\Z")
_SPELLED_ANYWHERE = re.compile(rb"(?:\\[rn]|<CR>|<LF>)+[ \t]*")
_LONGEST = 16  # bytes


def _without_spelled(text: bytes, split: Ints) -> bytes:
    """``text`` with blanks for the line breaks that are spelled out.

    They stand where it is split, and then at the end of a line as well.
    """
    some = split[np.isin(np.frombuffer(text, np.uint8)[split], [ord(c) for c in "rn>"])]
    if not some.size:
        return text
    blanked = bytearray(text)
    for at in some.tolist():  # few: it is no sender's habit
        spelled = _SPELLED.search(text, max(at + 1 - _LONGEST, 0), at + 1)
        if spelled:
            blanked[spelled.start() : at] = b" " * (at - spelled.start())
    for spelled in _SPELLED_ANYWHERE.finditer(text):
        if _BREAK[text[spelled.end()]]:
            blanked[spelled.start() : spelled.end()] = b" " * len(spelled[0])
    return bytes(blanked)


def _after_capitals(raw: npt.NDArray[np.uint8], size: int, separators: list[int]) -> Ints:
    """Where, from the sixth byte on, a separator stands after two capitals and one byte more."""
    found = []
    for at in range(2, size, _CHUNK):
        window = raw[at : min(at + _CHUNK + 3, size)]
        capital = window - np.uint8(ord("A")) < 26  # unsigned: below A wraps round
        ends = window[3:] == separators[0]
        for separator in separators[1:]:
            ends |= window[3:] == separator
        ends &= capital[:-3]
        ends &= capital[1:-2]
        found.append(np.flatnonzero(ends) + (at + 3))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _places(
    raw: npt.NDArray[np.uint8], lines: Lines | None, start: Ints, stop: Ints, split: Ints
) -> tuple[Ints, Ints, Flags]:
    """Offset and length in the file of each segment, its line break included."""
    last = raw.size - 1  # the break that ends the text is none of the file
    ending = raw.take(stop)
    own = ((ending == CR) | (ending == LF)) & (stop < last)
    if split.size:
        own &= ~np.isin(stop, split)
    end = stop + own
    end += own & (ending == CR) & (raw.take(np.minimum(end, last)) == LF)
    exact = np.ones(start.size, bool)
    if lines is None:
        return start, end - start, exact
    line = np.searchsorted(lines.start, start, side="right") - 1
    exact = lines.exact[line]
    within = lines.origin[line] + (start - lines.start[line])
    offset = np.where(exact, within, lines.origin[line])
    # An inexact line is one segment: it ends where its line does; a CRLF's LF is a line of its own.
    closing = np.searchsorted(lines.start, end - 1, side="right") - 1
    text_end = np.append(lines.start[1:], len(lines.text))
    rest = text_end[closing] - end
    after = np.append(lines.origin[1:], lines.size)
    stop_at = np.where(
        lines.exact[closing],
        lines.origin[closing] + end - lines.start[closing],
        after[closing] - rest,
    )
    return offset, stop_at - offset, exact


def _with_delimiters(segments: Segments) -> Segments:
    """The same, with what each message's MSH-1 and MSH-2 declare."""
    rows = np.flatnonzero(segments.tag == code("MSH"))
    if not rows.size:
        return segments
    spans = segments.field(rows, 1)
    size = np.minimum(spans.end - spans.start, 7)
    low = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
    word = words_at(segments.text, spans.start, 8).view("<u8") & low[size]
    word |= segments.raw[segments.start[rows] + 3].astype(np.uint64) << np.uint64(56)
    distinct, which = np.unique(word, return_inverse=True)
    kinds = [_declared(int(value).to_bytes(8, "little")) for value in distinct]
    kind = which[np.maximum(segments.message, 0)]
    return replace(segments, delimiters=tuple(kinds), kind=kind.astype(np.int64), _found={})


def _declared(word: bytes) -> Delimiters:
    marks = [chr(b) if b else "" for b in word]
    # A character that is a letter, a digit or the field separator declares nothing.
    inner = [m if m and not m.isalnum() and m.isascii() and m != marks[7] else "" for m in marks]
    return Delimiters(marks[7], inner[0], inner[1], inner[2], inner[3])


def _is_tag(tag: npt.NDArray[np.uint32]) -> Flags:
    def capital(at: int) -> Flags:
        return (tag >> at) % 256 - np.uint32(ord("A")) < 26  # unsigned: below A wraps round

    def digit(at: int) -> Flags:
        return (tag >> at) % 256 - np.uint32(ord("0")) < 10

    found: Flags = capital(0) & (capital(8) | digit(8)) & (capital(16) | digit(16))
    return found
