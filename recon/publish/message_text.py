"""Parts of what ``recon x12`` and ``recon hl7`` tell a person at a terminal.

What belongs here: what both tell alike, and how it looks. What does not: what a file holds
(``x12_text.py``, ``hl7_text.py``).
"""

from io import StringIO

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table

WIDTH = 118
MOST = 40  # rows told one by one; what there is more of is counted
MANY = 12  # kinds of defects that are counted one by one


def told_first(defects: pl.DataFrame) -> pl.DataFrame:
    """The defects told one by one: all in their order or, of many, the errors before the notes."""
    if defects.height <= MOST:
        return defects
    return defects.sort("severity", maintain_order=True).head(MOST)  # error, info


def rest_told(defects: pl.DataFrame) -> str:
    """How many of each kind there are, where not all are told one by one."""
    if defects.height <= MOST:
        return ""
    kinds = defects.group_by("code").len().sort("len", "code", descending=[True, False])
    told = ", ".join(f"{code} {size:,}" for code, size in kinds.head(MANY).rows())
    more = f" and {kinds.height - MANY} kinds more" if kinds.height > MANY else ""
    return f"; {MOST} are shown. All of them: {told}{more}"


def gaps_told(gaps: pl.DataFrame) -> str:
    """How many bytes of each kind stand outside segments, and in how many places."""
    kinds = gaps.group_by("kind").agg(pl.len(), pl.col("byte_length").sum()).sort("kind")
    told = [f"{size:,} {kind} in {places:,} places" for kind, places, size in kinds.iter_rows()]
    return ", ".join(told) or "none"


def plain(value: object) -> str:
    """A value from the file, which may hold anything, without what would steer a terminal."""
    text = "-" if value is None else str(value)
    return "".join(c if c.isprintable() else "?" for c in text)


def ruled(*heads: str, title: str | None = None) -> Table:
    """A table whose columns are as wide as they must be; only the last is wrapped."""
    table = Table(*heads, box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in table.columns[:-1]:
        column.no_wrap = True
    return table


def printed(*parts: RenderableType) -> str:
    """The parts one after another, without blanks at the ends of lines."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, markup=False, no_color=True)
    for part in parts:
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
