"""A story on a terminal: its state in words, its sections, and the file that a record is from.

What belongs here: what the stories of an exception on invoices (``explain.py``) and of a finding on
charges (``explain_charge.py``) tell alike. What does not: what either of them tells.
"""

import textwrap
from collections.abc import Mapping

import polars as pl

WIDTH = 100

Row = Mapping[str, object]


def state_told(row: Row) -> str:
    """Whether it is open, overridden or closed, and for how long it was found."""
    state = "closed tonight"
    if row["state"] == "OPEN":
        state = f"open, {_counted(row['age_days'], 'day')} old"
    if row["state"] == "OVERRIDDEN":
        state = f"overridden ({row['disposition']}), {_counted(row['age_days'], 'day')} old"
    seen = f"first seen {row['first_seen']}, found on {_counted(row['times_seen'], 'night')}"
    return f"{state}; queue {row['queue']}; {seen}"


def _counted(number: object, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def landed_as(files: pl.DataFrame, sha256: str) -> tuple[str, str | None]:
    """Name and encoding of a file by its hash.

    The same bytes may have come under several names; the first that landed them counts.
    """
    known = files.filter(pl.col("source_file_id") == sha256).sort(pl.col("state") != "LANDED")
    if known.is_empty():
        return "a file of an earlier night", None
    return str(known["file_name"][0]), known["encoding"][0]


def section(title: str, lines: list[str]) -> list[str]:
    """Lines under a heading."""
    return ["", title, "-" * len(title), *lines]


def printable(text: str) -> str:
    """A sender's text for a terminal: what would steer that appears as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def wrapped(text: object, indent: str) -> list[str]:
    """A text in lines of ``WIDTH`` that do not steer the terminal; at least one, be it empty."""
    said = "not stated" if text is None else printable(str(text))
    return textwrap.wrap(
        said, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    ) or [indent]
