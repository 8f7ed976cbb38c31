"""Bytes of a file as UTF-8 text, with the way back from every position to its byte.

What belongs here: encodings, and undoing line wrapping. What does not: anything about segments.
"""

import codecs
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recon.parse import encoding as transcoded
from recon.parse.spans import Ints

Bytes = bytes | mmap.mmap  # a file that is large is mapped, not read
WINDOW = 1 << 24  # of it, looked through at once

_HEAD = 64  # bytes that tell an encoding in which ISA are not the letters' ASCII bytes
_WIDE = re.compile(
    rb"\xff\xfe|\xfe\xff|(?:[\t\r\n ]\x00)*I\x00S\x00A\x00|(?:\x00[\t\r\n ])*\x00I\x00S\x00A"
)
# Of a mainframe: blanks and line ends, then ISA. Its new line has no ASCII character of its own.
_EBCDIC = re.compile(rb"[\x40\x15\x25\x0d\x00]*\xc9\xe2\xc1[^\xc1-\xc9\xd1-\xd9\xe2-\xe9\xf0-\xf9]")
_MAINFRAME = "cp037"
# Encodings in which a byte is not the character that it is in ASCII.
TRANSCODED = ("utf-16-le", "utf-16-be", _MAINFRAME)
_EBCDIC_NEW_LINE = bytes.maketrans(b"\x15", b"\x25")


@dataclass(frozen=True)
class Text:
    """A file as UTF-8.

    Attributes:
        data: the text, valid UTF-8.
        encoding: how the file's bytes were read: ascii, utf-8, cp1252, latin-1, utf-16-le,
            utf-16-be or cp037 (EBCDIC).
    """

    data: Bytes
    encoding: str
    _transcoded: transcoded.Text | None = None

    @cached_property
    def _extra(self) -> Ints:
        # One byte of the file became one character; the others of its UTF-8 form are extra.
        return np.flatnonzero((np.frombuffer(self.data, np.uint8) & 0xC0) == 0x80)

    def origin(self, positions: Ints) -> Ints:
        """Byte offsets in the file of ``positions`` in ``data``."""
        if self.encoding in ("ascii", "utf-8"):
            return positions
        if self._transcoded:
            return self._transcoded.original(positions)
        return positions - np.searchsorted(self._extra, positions)


def read_text(data: Bytes) -> Text:
    """``data`` as UTF-8; what is not valid UTF-8 is read as Windows-1252, else as Latin-1.

    What begins with a mark of UTF-16, or with ISA in UTF-16 or EBCDIC, is read as that. The code
    pages of EBCDIC differ in a few marks only, and whichever of them separates is read from ISA.

    UTF-8 stays where it is; any other encoding is held in memory, once as it is and once as UTF-8.
    """
    head = data[:_HEAD]
    if _WIDE.match(head):
        return _of(transcoded.decode(data[:], "utf-16"))
    if _EBCDIC.match(head):
        return _of(transcoded.decode(data[:].translate(_EBCDIC_NEW_LINE), _MAINFRAME))
    if all(window.isascii() for window in _windows(data)):
        return Text(data, "ascii")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for window in _windows(data):
            decoder.decode(window)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        try:
            return Text(data[:].decode("cp1252").encode(), "cp1252")
        except UnicodeDecodeError:
            return Text(data[:].decode("latin-1").encode(), "latin-1")
    return Text(data, "utf-8")


def _of(read: transcoded.Text) -> Text:
    return Text(read.utf8, read.encoding, read)


def decoded(stretch: bytes, encoding: str) -> str:
    """Some bytes of a file that was read in ``encoding``; what is cut in two is left out."""
    if encoding == _MAINFRAME:
        stretch = stretch.translate(_EBCDIC_NEW_LINE)
    return stretch.decode(encoding, errors="ignore")


def _windows(data: Bytes) -> Iterator[bytes]:
    for at in range(0, len(data), WINDOW):
        yield data[at : at + WINDOW]
        passed(data, at + WINDOW)


def passed(data: Bytes, end: int) -> None:
    """What stands before ``end`` has been gone through: mapped, it need not stay in memory."""
    if isinstance(data, mmap.mmap):
        whole = min(end, len(data)) // mmap.PAGESIZE * mmap.PAGESIZE
        if whole:
            data.madvise(mmap.MADV_DONTNEED, 0, whole)


def unwrapped(data: bytes) -> tuple[bytes, Ints]:
    """``data`` without its line breaks, and where in ``data`` each was taken from.

    Mainframe exports break lines every 80 columns, inside segments and inside elements. The
    second value is made for ``rewrapped``: positions in the result just after which breaks stood.
    """
    raw = np.frombuffer(data, np.uint8)
    removed = np.flatnonzero((raw == 10) | (raw == 13))
    return data.translate(None, b"\r\n"), removed - np.arange(removed.size)


def rewrapped(positions: Ints, breaks: Ints) -> Ints:
    """Positions in unwrapped text as positions in the text it was made from."""
    if not breaks.size:
        return positions.copy()
    return positions + np.searchsorted(breaks, positions, side="right")
