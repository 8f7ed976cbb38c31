"""The words in which a record of HL7 messages is declared (``sets/``).

A record stands on a segment: one row for each in the messages it is declared for. Its columns are
fields of that segment, of a segment before it in the message (the patient of a charge), or of the
first one under it (the device of a charge). Only what is declared is ever read: a name, a birth
date, an address has no column.

What belongs here: the vocabulary. What does not: any message, or how a column is read
(``extract.py``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Literal

import polars as pl

# A label's date may be a month: then it is the month's last day, as GS1 has it.
Type = Literal["text", "integer", "quantity", "amount", "date", "label_date", "instant"]

TYPES: dict[Type, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "quantity": pl.Decimal(18, 4),
    "amount": pl.Decimal(18, 4),
    "date": pl.Date(),
    "label_date": pl.Date(),
    "instant": pl.Datetime("us"),
}

# What every row says of where it is from, before its own columns.
KEYS = pl.Schema(
    {
        "source_record": pl.Int64(),  # ordinal of its segment in the file
        "byte_offset": pl.Int64(),
        "message_no": pl.Int64(),
        "message_id": pl.String(),  # MSH-10
        "message_type": pl.String(),  # MSH-9.1
        "event_code": pl.String(),  # MSH-9.2
        "sending_application": pl.String(),  # MSH-3.1
        "sending_facility": pl.String(),  # MSH-4.1
        "message_at": pl.Datetime("us"),  # MSH-7
    }
)

_PATH = re.compile(r"([A-Z][A-Z0-9]{2})-(\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True)
class Path:
    """Where a value stands: segment, field, component, subcomponent; 0 where all of it is meant."""

    segment: str
    field: int
    component: int
    subcomponent: int

    @classmethod
    @cache
    def parse(cls, written: str) -> "Path":
        """``PID-18.1``.

        Raises:
            ValueError: it is not written so.
        """
        found = _PATH.fullmatch(written)
        if not found or found[2] == "0":
            raise ValueError(f"'{written}' is not the place of a field, such as FT1-7 or PID-18.1")
        segment, number, component, sub = found.groups()
        return cls(segment, int(number), int(component or 0), int(sub or 0))

    def __str__(self) -> str:
        """As the standard writes it."""
        inner = "".join(f".{n}" for n in (self.component, self.subcomponent) if n)
        return f"{self.segment}-{self.field}{inner}"


@dataclass(frozen=True)
class Column:
    """One column of a record.

    Attributes:
        name: its name.
        path: where it stands by the standard; a profile may say otherwise.
        type: what it must be.
        private: what it identifies, a domain of ``parse/privacy.py``; "" for nothing.
        kinds: of a repeating identifier (CX, XPN ...): the type codes, component 5, of those that
            may be taken, best first; "" for one without. None: the first counts.
        every: all repetitions, blanks between.
    """

    name: str
    path: str
    type: Type = "text"
    private: str = ""
    kinds: tuple[str, ...] | None = None
    every: bool = False

    @cached_property
    def place(self) -> Path:
        """Its path, taken apart."""
        return Path.parse(self.path)

    @cached_property
    def key(self) -> str:
        """What a profile calls it: a date and a time of day are of one field."""
        return f"{self.place.segment}.{re.sub('_(?:date|at)$', '', self.name)}"


@dataclass(frozen=True)
class Record:
    """One kind of record.

    Attributes:
        name: its name.
        segment: what it stands on.
        messages: message types, or types and events (``ADT^A01``), that have it.
        columns: its columns.
        under: segments whose first after the record's own, before the next of ``ends``, is read;
            all others are read where they stand last before it.
        opens: tag of ``under`` -> message types in which it opens the group that the record stands
            in, and so is read where it stands last before it.
        ends: what ends a record, beside its own segment.
        udi: its column ``udi`` is read for its parts: columns ``udi_verdict``, ``udi_remark``.
        parent: it is a row only after a segment of this tag; column ``parent_record`` tells which.
        needs: it is a row only where one of these columns holds something.
        scopes: event -> what it is about: column ``scope``.
        into: the record that its rows are of, with the same columns; "" for its own.
        nulls: there is a column ``nulled``: what was emptied on purpose (``""``), blanks between.
    """

    name: str
    segment: str
    messages: tuple[str, ...]
    columns: tuple[Column, ...]
    under: tuple[str, ...] = ()
    opens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ends: tuple[str, ...] = ()
    udi: bool = False
    parent: str = ""
    needs: tuple[str, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    nulls: bool = False
    into: str = ""

    @property
    def schema(self) -> pl.Schema:
        """Its columns with their types."""
        own = {c.name: TYPES[c.type] for c in self.columns}
        parent = {"parent_record": pl.Int64()} if self.parent else {}
        udi = {"udi_verdict": pl.String(), "udi_remark": pl.String()} if self.udi else {}
        scope = {"scope": pl.String()} if self.scopes else {}
        nulled = {"nulled": pl.String()} if self.nulls else {}
        return pl.Schema({**KEYS, **parent, **own, **udi, **scope, **nulled})
