"""Bytes of a file as UTF-8 text, with the way back from every position to its byte.

What belongs here: encodings, and undoing line wrapping. What does not: anything about segments.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Text:
    """A file as UTF-8.

    Attributes:
        data: the text, valid UTF-8.
        encoding: how the file's bytes were read: ascii, utf-8, cp1252 or latin-1.
    """

    data: bytes
    encoding: str

    def origin(self, positions: Ints) -> Ints:
        """Byte offsets in the file of ``positions`` in ``data``."""
        if self.encoding in ("ascii", "utf-8"):
            return positions
        # One byte of the file became one character; the others of its UTF-8 form are extra.
        extra = np.flatnonzero((np.frombuffer(self.data, np.uint8) & 0xC0) == 0x80)
        return positions - np.searchsorted(extra, positions)


def read_text(data: bytes) -> Text:
    """``data`` as UTF-8; what is not valid UTF-8 is read as Windows-1252, else as Latin-1."""
    if data.isascii():
        return Text(data, "ascii")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return Text(data.decode("cp1252").encode(), "cp1252")
        except UnicodeDecodeError:
            return Text(data.decode("latin-1").encode(), "latin-1")
    return Text(data, "utf-8")


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
