"""Numbers that look random and are the same on every machine and in every version.

SplitMix64 over a counter: draw ``i`` of a named stream depends on the seed, the name and ``i``
only, so a change in one part of the generator does not move the draws of another.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

STEP = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB
WORD = (1 << 64) - 1

Whole = NDArray[np.int64]


class Chance:
    """One stream of draws.

    Args:
        seed: of the whole sample.
        name: of the stream; streams of different names are independent.
    """

    def __init__(self, seed: int, name: str) -> None:
        self.seed = seed
        self.name = name
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        self._start = int.from_bytes(digest[:8], "big")
        self._drawn = 0

    def stream(self, name: str) -> "Chance":
        """An independent stream below this one."""
        return Chance(self.seed, f"{self.name}/{name}")

    def one(self, low: int, high: int) -> int:
        """The next whole number from ``low`` to ``high``, both included."""
        self._drawn += 1
        z = (self._start + self._drawn * STEP) & WORD
        z = ((z ^ (z >> 30)) * FIRST) & WORD
        z = ((z ^ (z >> 27)) * SECOND) & WORD
        return low + (z ^ (z >> 31)) % (high - low + 1)

    def pick(self, among: Sequence[T]) -> T:
        """One of ``among``."""
        return among[self.one(0, len(among) - 1)]

    def many(self, name: str, count: int, low: int, high: int) -> Whole:
        """``count`` whole numbers from ``low`` to ``high``, both included, of stream ``name``."""
        start = np.uint64(self.stream(name)._start)
        z = start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(STEP)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(FIRST)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(SECOND)
        z = z ^ (z >> np.uint64(31))
        return (z % np.uint64(high - low + 1)).astype(np.int64) + low
