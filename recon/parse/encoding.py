"""Bytes as text: which encoding, which bytes are not text in it, and the way back.

Readers work on UTF-8; every offset they report is an offset into the bytes as they arrived.
What belongs here: encodings, byte-order marks, offsets. What does not: lines and fields.
"""

import codecs
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from recon.errors import ConfigError

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

# The mark, what it declares, and how the rest is read. It overrides the declared encoding: a
# sender that writes one knows what it wrote.
BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
]
_CONTINUATION, _LEAD_OF_FOUR = 0x80, 0xF0


@dataclass(frozen=True)
class Text:
    """A file as UTF-8.

    Attributes:
        utf8: valid UTF-8; what could not be decoded stands as ``?`` or U+FFFD.
        encoding: what the bytes were read as; ``utf-8-sig`` where a byte-order mark said so.
        undecodable: positions in ``utf8`` of what could not be decoded, sorted.
    """

    utf8: bytes
    encoding: str
    undecodable: Offsets
    _unit: Literal[0, 1, 2]  # bytes per character as it arrived; 0 where it arrived as UTF-8
    _skipped: int  # bytes of the byte-order mark
    _size: int  # bytes of the whole file

    def original(self, positions: Offsets) -> Offsets:
        """Offsets in the file as it arrived, of characters at these positions in ``utf8``."""
        if self._unit == 0:
            return positions + self._skipped
        characters = positions - np.searchsorted(self._continuations, positions)
        found = characters * self._unit + self._skipped
        if self._unit == 2:  # beyond U+FFFF: two units of UTF-16
            found += 2 * np.searchsorted(self._leads_of_four, positions)
        # Half a character at the end of UTF-16 stands for one byte, not two.
        offsets: Offsets = np.minimum(found, self._size)
        return offsets

    @cached_property
    def _continuations(self) -> Offsets:
        return np.flatnonzero((np.frombuffer(self.utf8, np.uint8) & 0xC0) == _CONTINUATION)

    @cached_property
    def _leads_of_four(self) -> Offsets:
        return np.flatnonzero(np.frombuffer(self.utf8, np.uint8) >= _LEAD_OF_FOUR)


def decode(data: bytes, declared: str) -> Text:
    """``data`` as UTF-8.

    Args:
        data: the file.
        declared: a Python codec name: UTF-8, UTF-16 (LE or BE) or any single-byte encoding.

    Raises:
        ConfigError: the encoding is unknown, or is none of these.
    """
    for mark, name, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], codec, name, len(mark))
    codec = codec_of(declared)
    if codec == "utf-16":
        # Without a mark the byte order shows in the zero half of the first ASCII character.
        codec = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    return _decoded(data, codec, codec, 0)


def codec_of(declared: str) -> str:
    """The codec of an encoding in which a record's place can be told.

    Raises:
        ConfigError: there is no such encoding, or it is none of these.
    """
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        raise ConfigError(
            f"'{declared}' is not an encoding. Write `encoding: utf-8`, cp1252, latin-1 or utf-16."
        ) from None
    name = name.removesuffix("-sig")
    name = "utf-8" if name == "ascii" else name
    if name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be") or _single_byte(name):
        return name
    raise ConfigError(
        f"the encoding '{declared}' uses a varying number of bytes per character, so a record's "
        "place in the file could not be told. Use utf-8, utf-16 or a single-byte encoding such as "
        "cp1252."
    )


def _single_byte(codec: str) -> bool:
    try:
        return len(bytes(range(256)).decode(codec, errors="replace")) == 256
    except (UnicodeError, LookupError):
        return False


def _decoded(data: bytes, codec: str, name: str, skipped: int) -> Text:
    size = len(data) + skipped
    if codec == "utf-8":
        utf8, bad = _utf8(data)
        return Text(utf8, name, bad, 0, skipped, size)
    if codec.startswith("utf-16"):
        return Text(*_utf16(data, codec, name), 2, skipped, size)
    text = data.decode(codec, errors="replace")
    if b"\x15".decode(codec, errors="replace") == "\x85":
        # EBCDIC, whose line end is NEL. Not so in ISO 8859: there 0x85 is most often an ellipsis
        # of cp1252.
        text = text.replace("\x85", "\n")
    utf8 = text.encode()
    return Text(utf8, name, _replaced(utf8), 1, skipped, size)


def _utf8(data: bytes) -> tuple[bytes, Offsets]:
    array = np.frombuffer(data, np.uint8)
    try:
        data.decode()
    except UnicodeDecodeError:
        bad = _not_utf8(array)
        mended = array.copy()
        mended[bad] = ord("?")
        return mended.tobytes(), np.union1d(bad, _zeros(array))
    return data, _zeros(array)


def _zeros(array: Bytes) -> Offsets:
    """NUL is never text: it is UTF-16 read as bytes, or the hole a broken upload left."""
    return np.flatnonzero(array == 0).astype(np.int64)


def _replaced(utf8: bytes) -> Offsets:
    """Where U+FFFD (EF BF BD) or NUL stands."""
    array = np.frombuffer(utf8, np.uint8)
    lead = np.flatnonzero(array == 0xEF)
    lead = lead[lead + 2 < array.size]
    mark = lead[(array[lead + 1] == 0xBF) & (array[lead + 2] == 0xBD)].astype(np.int64)
    return np.union1d(mark, _zeros(array))


def _not_utf8(array: Bytes) -> Offsets:
    """Every byte that is in no well-formed sequence (Unicode 15, table 3-7)."""
    high = np.flatnonzero(array >= 0x80)
    padded = np.concatenate((array, np.zeros(3, np.uint8)))
    b0, b1, b2, b3 = (padded[high + k] for k in range(4))

    def follows(byte: Bytes) -> npt.NDArray[np.bool_]:
        continues: npt.NDArray[np.bool_] = (byte & 0xC0) == _CONTINUATION
        return continues

    two = (b0 >= 0xC2) & (b0 <= 0xDF) & follows(b1)
    three = (b0 >= 0xE0) & (b0 <= 0xEF) & follows(b1) & follows(b2)
    three &= ~((b0 == 0xE0) & (b1 < 0xA0)) & ~((b0 == 0xED) & (b1 > 0x9F))
    four = (b0 >= 0xF0) & (b0 <= 0xF4) & follows(b1) & follows(b2) & follows(b3)
    four &= ~((b0 == 0xF0) & (b1 < 0x90)) & ~((b0 == 0xF4) & (b1 > 0x8F))
    good = np.zeros(array.size, np.bool_)
    for length, leads in ((2, high[two]), (3, high[three]), (4, high[four])):
        for k in range(length):
            good[leads + k] = True
    return high[~good[high]].astype(np.int64)


def _utf16(data: bytes, codec: str, name: str) -> tuple[bytes, str, Offsets]:
    # An odd last byte is half a character: completed to U+FFFD, and so reported.
    odd = len(data) % 2
    order = "<" if codec.endswith("le") else ">"
    units = np.frombuffer(data[: len(data) - odd], np.dtype(f"{order}u2")).astype(np.uint16)
    high = (units & 0xFC00) == 0xD800
    low = (units & 0xFC00) == 0xDC00
    paired_high = high & np.append(low[1:], False)
    paired_low = low & np.append(False, high[:-1])
    lone = (high & ~paired_high) | (low & ~paired_low)
    units[lone] = 0xFFFD
    if odd:
        units = np.append(units, np.uint16(0xFFFD))
    utf8 = units.astype("<u2").tobytes().decode("utf-16-le").encode()
    return utf8, name, _replaced(utf8)
