"""How a transaction set is declared: which element, under which qualifier, fills which column.

A source is written as the standard writes it:

    "BEG03"          element 03 of BEG
    "REF02:CT|VC"    element 02 of the REF whose element 01 is CT, or else VC
    "PO106+:VN|VC"   PO1 holds pairs of qualifier and value from element 06 on: the value that
                     goes with VN, or else VC, wherever in the segment the pair stands
    "TDS01 N2"       a number of type N2: the last two digits are decimals unless it has a point

A column takes the first of its sources that holds anything. Where several segments qualify, the
first one in the transaction set counts.

What belongs here: the vocabulary. What does not: any transaction set (``sets/``), nor how
declarations are carried out (``extract.py``).
"""

import re
from dataclasses import dataclass, field
from enum import Enum

import polars as pl


class Kind(Enum):
    """What a column holds, and its type."""

    TEXT = pl.String()
    DATE = pl.Date()
    COUNT = pl.Int32()
    QUANTITY = pl.Decimal(18, 6)  # also prices and percentages
    MONEY = pl.Decimal(18, 2)
    POINTED = pl.Boolean()  # the number is written with its decimals, none are implied


# What the columns of no element hold.
LINE_NO = "line_no"  # the line it is, or stands under; from 1 within the transaction set
LINE_COUNT = "line_count"  # lines of the transaction set
CHARGE_NO = "charge_no"  # which of its kind in the transaction set; from 1
TAG = "tag"  # the segment's own tag


class Scope(Enum):
    """What one row of a record stands for, and which segments it reads."""

    HEADER = "one per transaction set; reads all its segments outside lines"
    LINE = "one per line; reads the line's segments"
    SEGMENT = "one per segment of the record's tags; reads that segment"


_SOURCE = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2}?)(?P<element>\d\d)(?P<pairs>\+)?"
    r"(:(?P<codes>[A-Z0-9|]+))?(?P<n2> N2)?"
)


@dataclass(frozen=True)
class Source:
    """One place a value may come from; see the module's description for the notation."""

    tag: str
    element: int
    codes: tuple[str, ...] = ()
    pairs: bool = False
    implied: bool = False

    @classmethod
    def read(cls, written: str) -> "Source":
        """The source that is written so."""
        match = _SOURCE.fullmatch(written)
        if match is None:
            raise ValueError(f"not a source: {written!r}")
        codes = tuple(match["codes"].split("|")) if match["codes"] else ()
        element = int(match["element"])
        return cls(match["tag"], element, codes, bool(match["pairs"]), bool(match["n2"]))


@dataclass(frozen=True)
class Column:
    """A column of a typed record.

    Attributes:
        name: its name.
        kind: what it holds.
        sources: where it is read from; see the module's description.
        required: the transaction set is refused without it.
        inherit: where empty it takes the value of the header's column of the same name.
        counted: instead of being read, one of LINE_NO, LINE_COUNT, CHARGE_NO, TAG.
    """

    name: str
    kind: Kind
    sources: tuple[Source, ...] = ()
    required: bool = False
    inherit: bool = False
    counted: str = ""


def column(
    name: str, kind: Kind, *sources: str, required: bool = False, inherit: bool = False
) -> Column:
    """A column read from elements."""
    return Column(name, kind, tuple(Source.read(s) for s in sources), required, inherit)


def counted(name: str, what: str) -> Column:
    """A column that holds LINE_NO, LINE_COUNT, CHARGE_NO or TAG."""
    return Column(name, Kind.TEXT if what == TAG else Kind.COUNT, counted=what)


def party(role: str, codes: str) -> tuple[Column, Column, Column]:
    """Name, qualifier and identification of the party whose N101 is one of ``codes``."""
    return (
        column(f"{role}_name", Kind.TEXT, f"N102:{codes}"),
        column(f"{role}_qualifier", Kind.TEXT, f"N103:{codes}"),
        column(f"{role}_id", Kind.TEXT, f"N104:{codes}"),
    )


@dataclass(frozen=True)
class Record:
    """A typed record: its name, what one row is, and its columns.

    Attributes:
        name: record name, as mappings call it.
        scope: what one row stands for.
        columns: its own columns; ``KEYS`` come before them.
        tags: for scope SEGMENT, the segments that make a row.
    """

    name: str
    scope: Scope
    columns: tuple[Column, ...]
    tags: tuple[str, ...] = ()

    def schema(self) -> pl.Schema:
        """Names and types of all its columns."""
        own = {c.name: c.kind.value for c in self.columns}
        return pl.Schema({**KEYS, **own})


@dataclass(frozen=True)
class TransactionSet:
    """A transaction set: how its segments fall into header, lines and summary, and its records.

    Attributes:
        code: ST01.
        title: what it is called.
        line: tag of the segment that begins a line.
        summary: tags that end the last line.
        lines_declared: where the sender states the number of lines.
        records: its records; the header record comes first.
    """

    code: str
    title: str
    line: str
    summary: tuple[str, ...]
    records: tuple[Record, ...]
    lines_declared: str = field(default="CTT01")


# Where a row came from and whose it is; every record begins with these.
KEYS = pl.Schema(
    {
        "source_record": pl.Int64,  # ordinal of its first segment in the file, from 1
        "byte_offset": pl.Int64,  # of that segment, from 0
        "transaction_no": pl.Int64,  # ordinal of its ST in the file, from 1
        "sender_id": pl.String,  # ISA06
        "receiver_id": pl.String,  # ISA08
        "interchange_control_number": pl.String,  # ISA13
        "group_control_number": pl.String,  # GS06
        "transaction_control_number": pl.String,  # ST02
    }
)
