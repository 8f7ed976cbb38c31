"""A file cut into pieces that can be read one after another, or side by side.

A piece begins with a message (MSH), so that none is ever cut. What belongs here: where to cut. What
does not: reading a piece.
"""

import re
from itertools import pairwise

SIZE = 1 << 23  # bytes: large enough that overhead is little, small enough to hold a few

# A header at the very beginning of its line; one that blanks precede is no place to cut at.
_HEADER = re.compile(rb"(?<=[\r\n\x0b\x1c])MSH[!-/:-@\[-`{-~]")
_FIRST = re.compile(rb"MSH|FHS|BHS")


def pieces(data: bytes) -> list[tuple[int, int]]:
    """Where each piece begins and ends: all of ``data``, in pieces of about ``SIZE`` bytes.

    Only a message longer than that makes a larger piece. The first header of a file is always in
    the first piece: what stands before it is read with its separator.
    """
    first = _FIRST.search(data)
    bounds = [0]
    while first is not None:
        found = _HEADER.search(data, max(bounds[-1] + SIZE, first.end()))
        if found is None:
            break
        bounds.append(found.start())
    return list(pairwise([*bounds, len(data)])) if data else [(0, 0)]
