"""The bytes of a file that belong to no segment: none may go unmentioned."""

import numpy as np
import polars as pl

from recon.parse.hl7.tokenise import BOM
from recon.parse.spans import Ints

SCHEMA = pl.Schema({"byte_offset": pl.Int64, "byte_length": pl.Int64, "kind": pl.String})


def gaps(data: bytes, offset: Ints, length: Ints) -> pl.DataFrame:
    """Every stretch of ``data`` outside the segments at ``offset``.

    Returns:
        One row per stretch; ``kind`` is ``bom``, ``frame`` (VT, FS and the line breaks beside
        them), ``blank`` or ``text`` (anything else; a defect says why).
    """
    start = np.concatenate([np.zeros(1, np.int64), offset + length])
    end = np.append(offset, len(data))
    open_ = np.flatnonzero(start < end)
    kinds = {
        stretch: _kind(stretch)
        for stretch in {data[a:b] for a, b in zip(start[open_], end[open_], strict=True)}
    }
    kind = [kinds[data[a:b]] for a, b in zip(start[open_], end[open_], strict=True)]
    return pl.DataFrame(
        {"byte_offset": start[open_], "byte_length": (end - start)[open_], "kind": kind},
        schema=SCHEMA,
    )


def _kind(stretch: bytes) -> str:
    rest = stretch.replace(BOM, b"").translate(None, b" \t\r\n\0\x1a")
    if not rest:
        return "bom" if BOM in stretch else "blank"
    return "frame" if not rest.strip(b"\x0b\x1c") else "text"
