"""Where interchanges begin, and which characters delimit them.

Every ISA is read for itself: a file may hold interchanges of several partners, each with its own
separators. What belongs here: recognising an ISA and reading its sixteen elements. What does
not: any other segment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from recon.parse.spans import PAD, matches, true_at
from recon.parse.x12.text import WINDOW, Bytes, passed

# Between segments these carry nothing (0x1A: end of file on CP/M, DOS).
BLANKS = " \t\r\n\x0b\x0c\x00\x1a"
ISA_LENGTH = 106  # fixed by the standard, terminator included
_LONGEST = 35  # no ISA element is longer than 15; some senders do not keep to it
_WINDOW = 400
_CHUNK = 1 << 18  # what stays in the near cache is quick

# The lookbehind refuses LISA and VISA; what follows must be able to separate elements.
_ISA = re.compile(rb"ISA(?<![A-Za-z0-9]ISA)[^A-Za-z0-9 \r\n]")
# Files joined, the first without a last terminator: its IEA runs into the next ISA.
_AFTER_IEA = re.compile(rb"(?<![A-Za-z0-9])IEA([^A-Za-z0-9\s])\d{1,5}\1\d{1,9}$")
_NOT_ALNUM = re.compile(rb"[^A-Za-z0-9]*")
# An element that ends so runs into the next segment: ISA has too few.
_NEXT = re.compile(rb"[^A-Za-z0-9 ]\s*(?:GS|TA1|IEA|ST)$")
# Elements whose form is fixed: date, time, version, control number.
_FORMS = {
    9: re.compile(rb"\d{6}|\d{8}"),
    10: re.compile(rb"\d{4,8}"),
    12: re.compile(rb"\d{5}"),
    13: re.compile(rb"\d{1,10}"),
}


@dataclass(frozen=True)
class Interchange:
    """One ISA and the stretch of text up to the next, or a part of that stretch.

    Attributes:
        number: which interchange of the file it is, from 0.
        start: position of the ISA; of a later part, where the part begins.
        end: position of the next ISA, or the end of the text, or of the part.
        isa: its elements 01 to 15, trimmed; the first entry is the tag.
        separator: between elements.
        component: between components; empty when ISA16 is blank or missing.
        repetition: between repetitions; empty before version 00402.
        terminator: after segments; empty when there is none that could be one.
        length: characters from ISA to its terminator, line breaks inside not counted.
    """

    number: int
    start: int
    end: int
    isa: tuple[str, ...]
    separator: bytes
    component: bytes
    repetition: bytes
    terminator: bytes
    length: int

    @property
    def readable(self) -> bool:
        """Whether its segments can be told apart."""
        return bool(self.terminator) and self.separator not in self.terminator


def find_interchanges(data: Bytes) -> list[Interchange]:
    """Every interchange of ``data`` (UTF-8), in order; the letters ISA elsewhere are not one."""
    found = list(_scan(data))
    ends = [*(i.start for i in found[1:]), len(data)][: len(found)]
    return [
        replace(i, number=n, end=end) for n, (i, end) in enumerate(zip(found, ends, strict=True))
    ]


def _scan(data: Bytes) -> Iterator[Interchange]:
    terminator = b""
    for start in _letters_isa(data):
        # With the letter before it, which may make it the end of a word.
        before = min(start, 1)
        four = data[start - before : start + 4]
        if _ISA.match(four, before) or _ends_joined(data, start, four[:1]):
            found = _read_isa(data, start, terminator)
            if found is not None:
                terminator = found.terminator
                yield found


def _ends_joined(data: Bytes, start: int, before: bytes) -> bool:
    if not before.isalnum() or not _ISA.match(data[start : start + 4]):
        return False
    if data[max(0, start - 2) : start] in (b"\\n", b"\\r"):  # a line break that is written out
        return True
    tail = data[max(0, start - _LONGEST) : start].translate(None, b"\r\n")
    return _AFTER_IEA.search(tail) is not None


def _letters_isa(data: Bytes) -> Iterator[int]:
    """Where the letters ISA stand; ``bytes.find`` takes three times as long."""
    for at in range(0, len(data), _CHUNK):
        size = min(_CHUNK, len(data) - at - 2)
        if size > 0:
            window = np.frombuffer(data, np.uint8, size + 2, at)
            yield from (true_at(matches(window, b"ISA", size)) + at).tolist()
        if at % WINDOW == 0:
            passed(data, at)


def _read_isa(data: Bytes, start: int, previous_terminator: bytes) -> Interchange | None:
    window = data[start : start + _WINDOW]
    separator = _first_character(window[3:])
    parts = window.split(separator, 16)
    isa16_missing = len(parts) > 15 and re.match(
        # ISA15, a terminator, and already the next segment: ISA16 was left out altogether.
        rb"\s*[A-Za-z]?([^\sA-Za-z0-9]|\r?\n|\r)\s*(GS|TA1|IEA)$",
        parts[15],
    )
    if not isa16_missing and len(parts) < 17:
        return None
    plain = [part.translate(None, b"\r\n").strip(b" ") for part in parts[:16]]
    if isa16_missing:
        plain[15] = plain[15][:1] if plain[15][:1].isalpha() else b""
    if max(map(len, plain)) > _LONGEST or len(plain[15]) > 2:
        return None
    if not _well_formed(plain):
        swallowed = any(_NEXT.search(part) for part in parts[1:15])
        if swallowed or not _begins_a_segment(data, start, previous_terminator):
            return None
    if isa16_missing:
        component, terminator = b"", isa16_missing[1].strip(b"\r\n") or isa16_missing[1][-1:]
        head = len(separator.join(parts[:15])) + len(separator) + isa16_missing.start(1)
    else:
        head = len(separator.join(parts[:16])) + len(separator)
        component, terminator = _component_and_terminator(data, start + head, separator)
    version = plain[12]
    repetition = parts[11].translate(None, b"\r\n")
    repeats = version >= b"00402" and len(repetition.decode()) == 1 and not repetition.isalnum()
    before = window[:head].translate(None, b"\r\n").decode(errors="replace")
    return Interchange(
        number=0,
        start=start,
        end=start,
        isa=tuple(part.decode() for part in plain),
        separator=separator,
        component=component,
        repetition=repetition if repeats else b"",
        terminator=terminator,
        length=len(before) + bool(component) + bool(terminator),
    )


def _well_formed(isa: list[bytes]) -> bool:
    """Date, time, version and control number look like it; blank is allowed, not for all."""
    given = [(form, isa[n]) for n, form in _FORMS.items() if isa[n]]
    return len(given) >= 2 and all(form.fullmatch(value) for form, value in given)


def _begins_a_segment(data: Bytes, start: int, terminator: bytes) -> bool:
    before = data[max(0, start - _WINDOW) : start].rstrip(BLANKS.encode())
    at_top = start <= _WINDOW and before in (b"", b"\xef\xbb\xbf")
    return at_top or (bool(terminator.strip()) and before.endswith(terminator))


def _component_and_terminator(data: Bytes, at: int, separator: bytes) -> tuple[bytes, bytes]:
    """What stands at ISA16 and after it; an empty value where there is nothing usable.

    Position 105 alone is not to be trusted: ISA16 may be blank, the terminator may be a line
    break with blanks before it, or stand after a line break.
    """
    window = data[at : at + 2 * _WINDOW]
    following = _ISA.search(window)  # it may have other delimiters
    window = window[: following.start()] if following else window
    letter = window[:1] if window[:1].isalnum() else b""  # nobody should, some do
    run = _NOT_ALNUM.match(window, len(letter))
    gap = run[0].decode(errors="ignore") if run else ""
    shown = [c for c in gap if c not in BLANKS]
    line_break = b"\n" if "\n" in gap else b"\r" if "\r" in gap else b""
    if letter or not shown:
        return letter, shown[0].encode() if shown else line_break
    first = shown[0].encode()
    if first == separator:
        return b"", shown[1].encode() if len(shown) > 1 else line_break
    if len(shown) > 1 and shown[1].encode() != separator:
        second = shown[1].encode()
        if first == second:
            return b"", second
        after = window[len(gap.encode()) :]
        # Some end segments with two marks, some only ISA with one and all else with a line break.
        marks = "".join(shown[1:]).encode()
        together = len(set(shown[1:])) > 1 and marks.decode() in gap
        # A longer run is no terminator, and would be read beyond the end of the text.
        if together and len(marks) <= PAD and _closes(after, marks, separator):
            return first, marks
        breaks = line_break and not _closes(after, second, separator)
        return first, line_break if breaks and _closes(after, line_break, separator) else second
    if len(shown) > 1 and not line_break:
        return first, separator
    # One character: the component separator of a file ended by line breaks, or the terminator
    # after a blank ISA16. The end of the next segment tells.
    if _closes(window[len(first) + gap.encode().index(first) :], first, separator):
        return b"", first
    return first, line_break


def _closes(text: bytes, terminator: bytes, separator: bytes) -> bool:
    """Whether a segment in ``text`` ends with ``terminator``: the next one begins after it."""
    begins = re.escape(terminator) + rb"\s*(?:ST|GE|IEA|GS|TA1)" + re.escape(separator)
    return re.search(begins, text) is not None


def _first_character(data: bytes) -> bytes:
    """The first UTF-8 character of ``data``."""
    length = 1
    while length < len(data) and data[length] & 0xC0 == 0x80:
        length += 1
    return data[:length]
