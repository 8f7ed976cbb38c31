"""A file cut into pieces that can be read one after another, or side by side.

A piece begins with a message (MSH), so that none is ever cut. What belongs here: where to cut. What
does not: reading a piece.
"""

import re
from itertools import pairwise

SIZE = 1 << 23  # bytes: large enough that overhead is little, small enough to hold a few
_LEAST = 1 << 20  # bytes: one so short is read as quickly as it is cut in two

# A header at the very beginning of its line; one that blanks precede is no place to cut at.
_HEADER = re.compile(rb"(?<=[\r\n\x0b\x1c])MSH[!-/:-@\[-`{-~]")
_FIRST = re.compile(rb"MSH|FHS|BHS")


def pieces(data: bytes) -> list[tuple[int, int]]:
    """Where each piece begins and ends: all of ``data``, in pieces of at most about ``SIZE`` bytes.

    They are an even number and equally long, so that no core waits for the other's last. Only a
    message longer than that makes a larger piece. The first header of a file is always in the first
    piece: what stands before it is read with its separator.
    """
    pairs = max(-(-len(data) // (2 * SIZE)), 1)
    size = max(-(-len(data) // (2 * pairs)), min(SIZE, _LEAST))
    first = _FIRST.search(data)
    bounds = [0]
    least = first.end() if first else len(data)
    for at in range(size, len(data), size):
        if at <= bounds[-1]:
            continue
        found = _HEADER.search(data, max(at, least))
        if found is None:
            break
        bounds.append(found.start())
    return list(pairwise([*bounds, len(data)])) if data else [(0, 0)]
