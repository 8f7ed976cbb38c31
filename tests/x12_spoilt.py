"""X12 documents of every set we read, in many dialects, and every way of spoiling one.

What belongs here: an input for every number, the same one every time. What does not: what must hold
of it (``faults/test_x12_fuzz.py``).
"""

import random
import re
from pathlib import Path
from typing import NamedTuple


class Dialect(NamedTuple):
    """The marks of one partner, and what follows its terminator."""

    element: str
    component: str
    repetition: str
    terminator: str
    after: str = ""


DIALECTS = [
    *(Dialect("*", ":", "^", "~", after) for after in ("", "\n", "\r\n", " \n", "\n\n")),
    Dialect("*", ">", "^", "~"),
    Dialect("|", "^", "!", "~", "\r\n"),
    Dialect("*", ":", "^", "\n"),
    Dialect("*", ":", "^", "\r"),
    Dialect("+", ":", "^", "'"),
    Dialect("*", "<", "^", "…"),
    Dialect("\x1d", "\x1f", "\x1e", "\x1c"),
    Dialect("§", ":", "^", "¶", "\n"),
    Dialect("*", ":", "^", "\x85"),
]


def documents():
    """Code, functional group, release and segments of every set of the file."""
    text = (Path(__file__).parent / "faults" / "x12_documents.txt").read_text(encoding="ascii")
    for written in text.strip().split("\n\n"):
        head, *segments = written.splitlines()
        yield (*head.split(), segments)


DOCUMENTS = list(documents())


def interchange(chosen, marks, number):
    """Sets, each in a group of its own, as one interchange."""
    release = "00501" if any(release > "005" for _, _, release, _ in chosen) else "00401"
    repetition = marks.repetition if release == "00501" else "U"
    head = "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HOSPITAL       *260331*0102"
    lines = [f"{head}*{repetition}*{release}*{number:09}*0*P*:"]
    for at, (code, group, release, segments) in enumerate(chosen, start=1):
        lines += [f"GS*{group}*S*H*20260331*0102*{at}*X*{release}", f"ST*{code}*{at:04}", *segments]
        lines += [f"SE*{len(segments) + 2}*{at:04}", f"GE*1*{at}"]
    lines += [f"IEA*{len(chosen)}*{number:09}"]
    table = str.maketrans({"*": marks.element, ":": marks.component, "^": marks.repetition})
    return "".join(line.translate(table) + marks.terminator + marks.after for line in lines)


# --- what is done to them -----------------------------------------------------------------------

NASTY = [
    *(b"\x00", b"\x1a", b"\x1a" * 40, b"\x00" * 300, b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80"),
    *(b"\xc3", b"\xe2\x80", b"\xe9", b"\x85", "\u2028".encode(), "é".encode(), b"\r", b"\n"),
    *(b"\r\n\r\n", b"\t", b" ", b" " * 90, b"\n" * 40, b"~", b"~~~~", b"*", b"***", b"*" * 3000),
    *(b":", b"^", b":::", b"~\n-- a note --\n", b"ISA", b"ISA*", b"ISA*00*", b"~ISA~", b"~GS~"),
    *(b"~ST*810*9~", b"~SE*1*9~", b"~SE~", b"~GE*1*1~", b"~IEA*1*1~", b"~TA1*000000001*260331~"),
    *(b"~ST~", b"~ST*~", b"~ST*810~", b"~HL*1*1*O~", b"~HL*9*9*9~", b"~CTT*99999999999~"),
    *(b"A" * 20_000, b"9" * 60, b"-", b".", b"~\x1a", b"Dear partner,\n", b"\\", b'"', b"'"),
]
NUMBERS = [
    *(b"", b"0", b"-1", b"00", b"9" * 40, b"-" + b"9" * 19, b"1e9", b"1.2.3", b".", b"-", b"0.1"),
    *(b"+5", b"99999999999999999.99", b"0." + b"0" * 30 + b"1", b"1,5", b" 7 ", b"20269999"),
    *(b"9223372036854775808", b"2147483648", b"NaN", b"inf", "٣".encode()),
]


def spoilt(number):
    """The input of that number."""
    chance = random.Random(number)
    parts = []
    for at in range(chance.choice([1, 1, 1, 1, 2, 3])):
        marks = chance.choice(DIALECTS)
        chosen = chance.sample(DOCUMENTS, chance.choice([1, 1, 1, 2, 3]))
        encoding = "utf-8" if chance.random() < 0.8 else "cp1252"
        data = interchange(chosen, marks, at + 1).encode(encoding, errors="replace")
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            data = chance.choice(BY_STRUCTURE)(data, marks, chance)
        parts.append(data)
    data = chance.choice([b"", b"", b"\n", b"\xef\xbb\xbf", b"-- next --\n"]).join(parts)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        data = chance.choice(BY_BYTES)(data, chance)
    return data


def _segments(data, marks):
    return data.split(marks.terminator.encode())


def _again(segments, marks):
    return marks.terminator.encode().join(segments)


def double_a_segment(data, marks, chance):
    segments = _segments(data, marks)
    at = chance.randrange(len(segments))
    return _again(segments[: at + 1] + segments[at:], marks)


def drop_a_segment(data, marks, chance):
    segments = _segments(data, marks)
    del segments[chance.randrange(len(segments))]
    return _again(segments, marks)


def swap_segments(data, marks, chance):
    segments = _segments(data, marks)
    one, other = chance.randrange(len(segments)), chance.randrange(len(segments))
    segments[one], segments[other] = segments[other], segments[one]
    return _again(segments, marks)


def repeat_a_run(data, marks, chance):
    segments = _segments(data, marks)
    begin = chance.randrange(len(segments))
    run = segments[begin : begin + chance.randint(1, 12)]
    return _again(segments[:begin] + run * chance.randint(2, 40) + segments[begin:], marks)


def change_a_mark(data, marks, chance):
    """Everywhere, or from somewhere on, so that the ISA says another."""
    old = chance.choice(marks[:4]).encode()
    new = chance.choice(["*", "~", "|", "\n", "\r", "\r\n", "…", "é", "A", "0", " ", "\x00", "~~"])
    at = chance.choice([0, 0, 3, 104, 106, chance.randrange(len(data) + 1)])
    return data[:at] + data[at:].replace(old, new.encode())


def shorten_isa(data, marks, chance):
    """Without padding, with blank or missing elements."""
    separator = marks.element.encode()
    elements = data.split(separator, 16)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(1, len(elements)) if len(elements) > 1 else 0
        elements[at] = chance.choice([b"", b" ", elements[at].strip(), elements[at][:1], b"X" * 30])
    if chance.random() < 0.3 and len(elements) > 2:
        del elements[chance.randrange(1, len(elements))]
    return separator.join(elements)


def nest_an_isa(data, _marks, chance):
    other = interchange(DOCUMENTS[:1], chance.choice(DIALECTS), 99).encode()
    at = chance.randrange(len(data) + 1)
    return data[:at] + other[: chance.choice([3, 4, 50, 105, 106, 107, len(other)])] + data[at:]


def spoil_a_number(data, _marks, chance):
    """A count, a control number, a quantity, a date."""
    runs = list(re.finditer(rb"(?<![0-9])[0-9.]+(?![0-9])", data))
    if not runs:
        return data
    run = chance.choice(runs)
    return data[: run.start()] + chance.choice(NUMBERS) + data[run.end() :]


def spoil_an_element(data, marks, chance):
    separator = marks.element.encode()
    elements = data.split(separator)
    at = chance.randrange(len(elements))
    inside = marks.component.encode() * chance.choice([1, 3, 2000])
    old = elements[at]
    wider = [b" " + old + b" ", old * 50, inside, separator * 4000]
    elements[at] = chance.choice([b"", *wider, old.lower(), old[::-1], chance.choice(NUMBERS)])
    return separator.join(elements)


def wrap(data, _marks, chance):
    width, end = chance.choice([80, 80, 72, 7, 1]), chance.choice([b"\n", b"\r\n", b"\r"])
    return end.join(data[at : at + width] for at in range(0, len(data), width))


def cut_off(data, chance):
    return data[: chance.randrange(len(data) + 1)]


def cut_off_the_front(data, chance):
    return data[chance.randrange(min(len(data), 300) + 1) :]


def flip_bits(data, chance):
    flipped = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 30])):
        if flipped:
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def put_in(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(NASTY) + data[at:]


def put_in_front_or_after(data, chance):
    new = chance.choice(NASTY)
    return new + data if chance.random() < 0.5 else data + new


def put_in_noise(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.choice([1, 4, 64, 500])) + data[at:]


def write_over(data, chance):
    at, size = chance.randrange(len(data) + 1), chance.choice([1, 2, 20, 200])
    return (
        data[:at]
        + chance.choice([b"", b"\x00", b" ", b"~", b"*", b"\xff"]) * size
        + data[at + size :]
    )


def repeat_bytes(data, chance):
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at : at + chance.choice([1, 3, 106, 400])] * 3 + data[at:]


def in_another_encoding(data, chance):
    text = data.decode("latin-1")
    return text.encode(chance.choice(["utf-16", "utf-16-le", "utf-8", "utf-8-sig", "utf-32"]))


def nothing_but_noise(_data, chance):
    return chance.randbytes(chance.choice([0, 1, 3, 106, 1000]))


def other_line_ends(data, chance):
    new = chance.choice([b"", b"\r", b"\r\n", b"\n\n", b" \n"])
    return data.replace(b"\n", new)


BY_STRUCTURE = [
    *(double_a_segment, drop_a_segment, swap_segments, repeat_a_run, change_a_mark, shorten_isa),
    *(nest_an_isa, spoil_a_number, spoil_a_number, spoil_an_element, wrap),
]
BY_BYTES = [
    *[cut_off, flip_bits, put_in, put_in_front_or_after, put_in_noise, write_over] * 6,
    *[repeat_bytes, other_line_ends] * 6,
    *[cut_off_the_front, in_another_encoding, nothing_but_noise],
]
