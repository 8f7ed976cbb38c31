"""Stretches of a text, many at a time: integer positions only, no Python object for any.

What belongs here: what the readers of segments (X12, HL7) share in finding them. What does not:
how a sender cuts them (``x12/tokens.py``, ``hl7/segments.py``), their values (``values.py``).
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint32]

PAD = 16  # bytes after the text, so that a machine word can be read at any position in it


class Spans(NamedTuple):
    """Stretches of a text; an empty one stands for nothing."""

    start: Ints
    end: Ints

    def some(self, at: Ints) -> "Spans":
        """Those at the given positions."""
        return Spans(self.start[at], self.end[at])


@cache
def code(text: str) -> int:
    """A tag or qualifier of up to four ASCII characters as an integer, for fast comparison."""
    return int.from_bytes(text.encode("ascii"), "little")


def true_at(flags: npt.NDArray[np.generic]) -> Ints:
    """Where they are true, or not 0: ``np.flatnonzero`` makes nine calls of it."""
    return flags.nonzero()[0]


def matches(window: npt.NDArray[np.uint8], sought: bytes, size: int) -> Flags:
    """Where, in the first ``size`` bytes, these one or more bytes begin."""
    hit: Flags = window[:size] == sought[0]
    for n in range(1, len(sought)):
        hit &= window[n : n + size] == sought[n]
    return hit


def run_begins(numbers: Ints) -> Ints:
    """Where each run of equal numbers begins."""
    begins = np.ones(numbers.size, bool)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return true_at(begins)


def skip(raw: npt.NDArray[np.uint8], blank: Flags, start: Ints, end: Ints) -> Ints:
    """``start`` moved past blanks, at most to ``end``."""
    for _ in range(12):
        moving = true_at(blank[raw[start]] & (start < end))
        if not moving.size:
            return start
        start = start.copy()
        start[moving] += 1
    solid = np.append(true_at(~blank[raw]), raw.size)
    found: Ints = np.minimum(np.maximum(solid[np.searchsorted(solid, start)], start), end)
    return found


def skip_back(raw: npt.NDArray[np.uint8], blank: Flags, start: Ints, end: Ints) -> Ints:
    """``end`` moved back before blanks, at most to ``start``."""
    for _ in range(12):
        moving = true_at(blank[raw[end - 1]] & (start < end))
        if not moving.size:
            return end
        end = end.copy()
        end[moving] -= 1
    solid = np.concatenate([np.full(1, -1, np.int64), true_at(~blank[raw])])
    before = solid[np.searchsorted(solid, end) - 1] + 1
    found: Ints = np.maximum(np.minimum(before, end), start)
    return found


def words_at(text: bytes, start: Ints, size: int) -> npt.NDArray[np.void]:
    """The ``size`` bytes at each position; quicker than reading integers that are not aligned."""
    every = np.ndarray((len(text) - size + 1,), dtype=f"V{size}", buffer=text, strides=(1,))
    return every[start]
