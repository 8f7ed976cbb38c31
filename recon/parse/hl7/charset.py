"""The character sets that MSH-18 names (HL7 table 0211), and text in them as UTF-8.

Line breaks and delimiters are the same bytes in all of them, except that a character of two bytes
may hold one; so what is not UTF-8 is turned into it line by line, and a place in a file can be told
by its line.

What belongs here: encodings. What does not: segments.
"""

import re
from dataclasses import dataclass

import numpy as np

from recon.parse.spans import Flags, Ints

# Table 0211 -> Python's name. ASCII: what is not ASCII after all is read as UTF-8 where it is that,
# else as Windows-1252, which is what senders who declare nothing mostly send.
_CHARSETS = {
    "ASCII": "",
    "ISO IR6": "",
    "8859/1": "latin-1",
    "ISO IR100": "latin-1",
    **{f"8859/{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "GB 18030": "gb18030",
    "KS X 1001": "euc_kr",
    "CNS 11643-1992": "big5",
    "BIG-5": "big5",
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
}


def _squeezed(name: str) -> str:
    """As names are compared: senders write BIG5 for BIG-5 and ISO-8859-1 for 8859/1."""
    return re.sub(r"[^A-Z0-9]|^ISO(?=[^A-Z0-9]*8859)", "", name.upper())


_BY_NAME = {_squeezed(name): codec for name, codec in _CHARSETS.items()}


def encoding(declared: str) -> str | None:
    """Python's name of the encoding that MSH-18 declares.

    Of several sets the text switches between them by escape sequences; one that has such sequences
    reads ASCII as well.

    Args:
        declared: MSH-18, repetitions apart by ``~``.

    Returns:
        "" for ASCII or nothing; None where it names none that is known.
    """
    names = [name for each in declared.split("~") if (name := _squeezed(each))]
    known = [_BY_NAME[name] for name in names if name in _BY_NAME]
    switching = [codec for codec in known if codec.startswith("iso2022")]
    if not known:
        return None if names else ""
    return (switching or known)[0]


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of a file as UTF-8, and the way back.

    Attributes:
        text: the lines, as UTF-8.
        size: bytes of the file.
        start: where in ``text`` each line begins.
        origin: byte offset in the file of each line.
        exact: the line is in ``text`` as in the file.
        fallen: per line that was not what its message declares: how it was read.
    """

    text: bytes
    size: int
    start: Ints
    origin: Ints
    exact: Flags
    fallen: dict[int, str]


def as_utf8(data: bytes, bounds: list[tuple[int, int]], charsets: list[str]) -> Lines:
    """Each line of ``data`` as UTF-8.

    Args:
        data: the file.
        bounds: first and last byte of each line, its break included; together all of the file.
        charsets: Python's name of the encoding of each line; "" where none is declared.
    """
    parts, start, exact = [], [], []
    fallen: dict[int, str] = {}
    at = 0
    for n, ((begin, end), charset) in enumerate(zip(bounds, charsets, strict=True)):
        line = data[begin:end]
        same = line.isascii() and not charset.startswith("iso2022")
        if not same:
            text, used = _decoded(line, charset)
            if used not in (charset, "utf-8"):
                fallen[n] = used
            encoded = text.encode()
            same = encoded == line
            line = encoded
        parts.append(line)
        start.append(at)
        exact.append(same)
        at += len(line)
    origin = np.array([begin for begin, _ in bounds], dtype=np.int64)
    return Lines(
        text=b"".join(parts),
        size=len(data),
        start=np.array(start, np.int64),
        origin=origin,
        exact=np.array(exact, bool),
        fallen=fallen,
    )


def _decoded(line: bytes, charset: str) -> tuple[str, str]:
    for name in filter(None, (charset, "utf-8", "cp1252")):
        try:
            return line.decode(name), name
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1"), "latin-1"
