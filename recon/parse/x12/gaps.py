"""The bytes of a file that belong to no segment: none may go unmentioned.

What belongs here: telling blanks, byte order mark, prose and lost segments apart. What does not:
segments.
"""

import re

import numpy as np
import polars as pl

from recon.parse.spans import Ints, Spans, true_at
from recon.parse.values import text
from recon.parse.x12.defects import Defects
from recon.parse.x12.delimiters import BLANKS
from recon.parse.x12.text import TRANSCODED, Text, decoded
from recon.parse.x12.tokens import Tokens

SCHEMA = pl.Schema({"byte_offset": pl.Int64, "byte_length": pl.Int64, "kind": pl.String})
BOM = b"\xef\xbb\xbf"
_BLANK = BLANKS.encode()
# Prose does not look like this; a piece of a transaction set or an envelope does, and HL7 does.
_DATA = rb"\b(?:GS|GE|IEA|ST|SE|BEG|BIG|MSH)[^\w\s,.;]"


def check_outside(source: Text, first: int, defects: Defects) -> None:
    """Report what stands before ``first``, where the first interchange begins."""
    before = source.data[:first]
    if before.startswith(BOM):
        defects.add("bom", byte_offset=[0])
        before = before[len(BOM) :]
    prose = before.strip(_BLANK)
    if prose:
        lost = re.search(_DATA, prose)
        kind = "data_outside" if lost else "text_outside"
        defects.add(kind, byte_offset=[0], found=[f"{len(prose)} bytes"])


def check_dropped(dropped: Tokens, defects: Defects) -> None:
    """Report what was dropped after an IEA."""
    if not len(dropped):
        return
    said = text(dropped, Spans(dropped.start, dropped.end))
    lost = said.str.contains(_DATA.decode()).to_numpy().astype(bool)
    size = dropped.end - dropped.start
    for code, rows in (("data_outside", lost), ("text_outside", ~lost)):
        at = true_at(rows)
        defects.add(
            code,
            byte_offset=dropped.offset[at],
            found=[f"{n} bytes" for n in size[at].tolist()],
        )


def gaps(
    data: bytes, encoding: str, offset: Ints, length: Ints, terminators: set[bytes]
) -> pl.DataFrame:
    """Every stretch of ``data`` outside the segments at ``offset``.

    Returns:
        One row per stretch; ``kind`` is ``bom``, ``blank``, ``empty`` (terminators with nothing
        before them) or ``text`` (anything else; a defect says why).
    """
    start = np.concatenate([np.zeros(1, np.int64), offset + length])
    end = np.append(offset, len(data))
    open_ = true_at(start < end)
    start, size = start[open_], (end - start)[open_]
    solid = ~np.isin(np.frombuffer(data, np.uint8), np.frombuffer(_BLANK, np.uint8))
    within = np.repeat(start - (np.cumsum(size) - size), size) + np.arange(size.sum())
    owner = np.repeat(np.arange(start.size), size)
    filled = true_at(np.bincount(owner[solid[within]], minlength=start.size))
    kind = np.full(start.size, "blank", dtype=object)
    for n in filled:  # few: between segments there is next to nothing
        stretch = data[start[n] : start[n] + size[n]]
        if encoding in TRANSCODED:
            stretch = decoded(stretch, encoding).encode()
        kind[n] = _kind(stretch, int(start[n]), terminators)
    return pl.DataFrame(
        {"byte_offset": start, "byte_length": size, "kind": kind.tolist()}, schema=SCHEMA
    )


def _kind(stretch: bytes, start: int, terminators: set[bytes]) -> str:
    if start == 0 and stretch.startswith(BOM):  # that of UTF-16 too, transcoded
        stretch = stretch[len(BOM) :]
        if not stretch.strip(_BLANK):
            return "bom"
    if not stretch.strip(_BLANK):
        return "blank"
    for terminator in terminators:
        stretch = stretch.replace(terminator, b"")
    return "text" if stretch.strip(_BLANK) else "empty"
