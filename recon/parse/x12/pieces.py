"""A file cut into pieces that can be read one after another, or side by side.

A piece ends where a transaction set begins, so that none is ever cut; several short interchanges
are one piece. Pieces are about equally long and even in number, so that two that are read side by
side end together. What belongs here: where to cut. What does not: reading a piece.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from recon.parse.x12.delimiters import Interchange
from recon.parse.x12.text import Bytes

SIZE = 1 << 23  # bytes: large enough that overhead is little, small enough to hold a few
_LEAST = 1 << 20  # bytes: one so short is read as quickly as it is cut in two


def pieces(data: Bytes, interchanges: list[Interchange]) -> Iterator[list[Interchange]]:
    """Readable interchanges, whole or in parts, in pieces of at most about ``SIZE`` bytes.

    Only a transaction set longer than that makes a larger piece.
    """
    readable = [i for i in interchanges if i.readable]
    whole = sum(i.end - i.start for i in readable)
    pairs = max(-(-whole // (2 * SIZE)), 1)
    size = max(-(-whole // (2 * pairs)), min(SIZE, _LEAST))
    piece: list[Interchange] = []
    held = 0
    for interchange in readable:
        rest = interchange
        # What is left over at the end is no piece of its own.
        while held + rest.end - rest.start > size + size // 4:
            at = _cut(data, rest, max(size - held, 1))
            if at == rest.end:
                break
            yield [*piece, replace(rest, end=at)]
            piece, held = [], 0
            rest = replace(rest, start=at)
        piece.append(rest)
        held += rest.end - rest.start
        if held >= size:
            yield piece
            piece, held = [], 0
    if piece:
        yield piece


def _cut(data: Bytes, part: Interchange, size: int) -> int:
    """Where a set begins: the last within ``size``, else the first after it, or the end."""
    begins = b"ST" + part.separator
    limit = min(part.start + size, part.end)
    for between in (b"", b"\r\n", b"\n"):
        found = data.rfind(part.terminator + between + begins, part.start, limit)
        if found >= 0:
            return found + len(part.terminator) + len(between)
    end = re.escape(part.terminator)
    # Of blanks that hold no terminator: where that is a line break, every pair of a run was tried.
    after = re.compile(end + rb"[^\S" + end + rb"]*" + re.escape(begins))
    match = after.search(data, limit, part.end)
    return match.end() - len(begins) if match else part.end
