"""What can be wrong with an X12 file, how serious each is, and whom it condemns: one table.

An ``error`` puts whatever its ``scope`` names into quarantine: the transaction set, every
transaction set of the group or interchange. An ``info`` is reported and changes nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.spans import Flags, Ints
from recon.parse.values import array, table
from recon.parse.x12.shown import figure

SCHEMA = pl.Schema(
    {
        "code": pl.String,
        "severity": pl.String,  # error or info
        "scope": pl.String,  # what an error condemns
        "segment_no": pl.Int64,  # from 1; null when it is not about a segment
        "byte_offset": pl.Int64,
        "interchange_no": pl.Int64,
        "group_no": pl.Int64,
        "transaction_no": pl.Int64,
        "tag": pl.String,  # of the segment
        "element": pl.Int64,  # from 1; null when the segment as a whole is meant
        "component": pl.Int64,  # from 1
        "found": pl.String,
        "expected": pl.String,
        "message": pl.String,
    }
)

# What the sender declared and what was found: every count and every sum, agreeing or not.
CONTROL = pl.Schema(
    {
        "control": pl.String,
        "transaction_no": pl.Int64,
        "source_record": pl.Int64,  # ordinal of the segment that declares it
        "byte_offset": pl.Int64,
        "declared": pl.String,
        "found": pl.String,
        "agrees": pl.Boolean,
    }
)


class Counts(NamedTuple):
    """Comparisons of one count: the columns of ``CONTROL``, ``found`` as a number still.

    ``declared`` is as the sender wrote it: what is no number may be anything.
    """

    control: str
    transaction_no: Ints | pa.Array
    source_record: Ints
    byte_offset: Ints
    declared: pa.Array
    found: Ints
    agrees: Flags


@dataclass(frozen=True)
class Kind:
    """One kind of defect; its message may use {found} and {expected}.

    Where those are ``figures`` the sender wrote, what is no figure is not quoted.
    """

    severity: str
    scope: str
    message: str
    figures: bool = False


KINDS: dict[str, Kind] = {
    # --- the file
    "no_isa": Kind(
        "error", "file", "no interchange: the file holds no readable ISA segment; {found}"
    ),
    "data_outside": Kind("error", "file", "segments are outside any interchange ({found})"),
    "text_outside": Kind("info", "file", "text outside any interchange was left out ({found})"),
    "bom": Kind("info", "file", "the file begins with a byte order mark"),
    "encoding": Kind("info", "file", "the file is not UTF-8; it was read as {found}"),
    # --- the interchange
    "isa_delimiters": Kind(
        "error",
        "interchange",
        "no segment terminator follows ISA16, so segments cannot be told apart: have it sent again",
    ),
    "isa_length": Kind("info", "interchange", "ISA has {found} characters, not {expected}"),
    "line_breaks": Kind("info", "interchange", "line breaks inside segments were taken out"),
    "no_final_terminator": Kind("info", "interchange", "the last segment has no terminator"),
    "IEA": Kind("error", "interchange", "the interchange has no IEA, it may be cut off: resend"),
    "IEA01": Kind(
        "error", "interchange", "IEA01 declares {expected} groups, {found} were found", figures=True
    ),
    "IEA02": Kind(
        "error", "interchange", "IEA02 is {found}, but ISA13 is {expected}", figures=True
    ),
    # --- the functional group
    "GS01": Kind("error", "group", "GS01, which says what the group holds, is missing"),
    "GS06": Kind("error", "group", "GS06, the control number, is missing"),
    "GE": Kind("error", "group", "the group has no GE, it may be cut off: resend"),
    "GE01": Kind(
        "error",
        "group",
        "GE01 declares {expected} transaction sets, {found} were found",
        figures=True,
    ),
    "GE02": Kind("error", "group", "GE02 is {found}, but GS06 is {expected}", figures=True),
    # --- the transaction set
    "ST01": Kind("error", "transaction", "ST01, which says what the set is, is missing"),
    "ST02": Kind("error", "transaction", "ST02, the control number, is missing"),
    "SE": Kind("error", "transaction", "the transaction set has no SE, it may be cut off: resend"),
    "SE01": Kind(
        "error",
        "transaction",
        "SE01 declares {expected} segments, {found} were found",
        figures=True,
    ),
    "SE02": Kind("error", "transaction", "SE02 is {found}, but ST02 is {expected}", figures=True),
    "GS": Kind("error", "transaction", "the transaction set is outside any functional group"),
    "segment_tag": Kind(
        "error", "transaction", "a segment begins with {found} that are not a segment identifier"
    ),
    "outside_transaction": Kind(
        "error", "segments", "segments are outside any transaction set; the first is here"
    ),
    # --- its content
    "CTT01": Kind(
        "error", "transaction", "CTT01 declares {expected} lines, {found} were found", figures=True
    ),
    "required": Kind("error", "transaction", "{expected} is missing"),
    "type": Kind("error", "transaction", "{found} is not {expected}"),
    "date_form": Kind("info", "transaction", "{found} is left out: it is not {expected}"),
    "code": Kind("info", "transaction", "{found} is not a code of {expected}"),
    "qualifier": Kind(
        "info",
        "transaction",
        "{expected} is no qualifier, which has two characters: products and numbers that are not "
        "behind their own qualifier are not read",
    ),
    "unnumbered": Kind(
        "info",
        "transaction",
        "no pair from {expected} on is a number of the item: what it is stands in no column",
    ),
    "second_lot": Kind(
        "info",
        "transaction",
        "{expected} is a second lot or serial number of one line and is not read: send a line for "
        "each, or each as REF (LT or SE)",
    ),
    "not_read": Kind(
        "info",
        "transaction",
        "{expected} is not read: what it says stands in no record ({found} in the set)",
    ),
    "repeated": Kind(
        "info",
        "transaction",
        "{expected} stands again where one is read: the first counts ({found} more in the set)",
    ),
    "charge_amount": Kind("info", "transaction", "SAC gives {found}: it counts as nothing"),
    "segment_missing": Kind("error", "transaction", "the segment {expected} is missing"),
    "misplaced": Kind("error", "transaction", "{found} is not read in this place: {expected}"),
    "level_total": Kind(
        "info",
        "transaction",
        "{found} is not read in this level: those of the levels in it, {expected}, are",
    ),
    "level_part": Kind(
        "info",
        "transaction",
        "{found} is not read in this level: that of the level around it, {expected}, is",
    ),
    "loop_repeats": Kind("error", "transaction", "{expected}, and this is number {found}"),
    "HL01": Kind("error", "transaction", "HL01 is {found}: {expected}"),
    "HL02": Kind("error", "transaction", "HL02 is {found}: {expected}"),
}


Cells: TypeAlias = pl.Series | pa.Array | Ints | Sequence[int | None] | Sequence[str]


class Defects:
    """Defects being collected; they become a frame once, when all of them are known."""

    def __init__(self) -> None:
        """Start with none."""
        self._parts: list[tuple[str, dict[str, pa.Array]]] = []

    def add(self, code: str, **columns: Cells) -> None:
        """Add one defect per row of ``columns``.

        Args:
            code: a kind of ``KINDS``, or the kind and a column: ``type:qty``.
            **columns: columns of ``SCHEMA``, of equal length; ``byte_offset`` at least.
        """
        if len(columns["byte_offset"]):
            self._parts.append((code, {n: _cells(n, given) for n, given in columns.items()}))

    def extend(self, found: "Defects") -> None:
        """Add what another collector has."""
        self._parts += found._parts

    def condemned(self, scope: str, place: str) -> Ints:
        """The numbers in column ``place`` of errors that condemn what ``scope`` names."""
        numbers = [
            cells[place].drop_null().to_numpy()
            for code, cells in self._parts
            if place in cells and (kind := _kind(code)).severity == "error" and kind.scope == scope
        ]
        return np.concatenate([_NONE, *numbers])

    def frame(self) -> pl.DataFrame:
        """All of them, in file order; what several rows read from one place is told once."""
        if not self._parts:
            return _EMPTY
        rows = _told(self._parts)
        if any(_kind(code).figures for code, _ in self._parts):
            rows = rows.with_columns(_FIGURES)
        said = rows.select(*SCHEMA.names()[:-1], _MESSAGE)
        return said.unique(maintain_order=True).sort("byte_offset", "code", maintain_order=True)


_NONE = np.zeros(0, np.int64)
_EMPTY = SCHEMA.to_frame()
# A message in pieces: text, the first cell it names, text, the second, text.
_PIECES = ("before", "first", "between", "second", "after")
# What is the same in each row of a part.
_SAID = pl.Schema(
    {
        **dict.fromkeys(("code", "severity", "scope", *_PIECES), pl.String()),
        "figures": pl.Boolean(),
    }
)
_CELLS = {
    name: pa.string_view() if dtype == pl.String else pa.int64()
    for name, dtype in SCHEMA.items()
    if name not in (*_SAID, "message")
}


def _cell(which: str) -> pl.Expr:
    """The cell that a message names there; an empty one reads as (blank)."""
    named = pl.col(which)
    found, expected = (pl.col(name).fill_null("(blank)") for name in ("found", "expected"))
    some = pl.when(named == "found").then(found).when(named == "expected").then(expected)
    return some.otherwise(pl.lit(""))


_MESSAGE = pl.concat_str("before", _cell("first"), "between", _cell("second"), "after").alias(
    "message"
)
_FIGURES = [
    pl.when("figures").then(figure(pl.col(name))).otherwise(name).alias(name)
    for name in ("found", "expected")
]


def _kind(code: str) -> Kind:
    return KINDS[code.partition(":")[0]]


@cache
def _said(code: str) -> tuple[str | bool, ...]:
    """The columns ``_SAID`` of a part."""
    kind = _kind(code)
    pieces = [*re.split(r"\{(\w+)\}", kind.message), "", "", "", ""]
    return (code, kind.severity, kind.scope, *pieces[: len(_PIECES)], kind.figures)


def _told(parts: Sequence[tuple[str, Mapping[str, pa.Array]]]) -> pl.DataFrame:
    """Parts one under the other, with what is said of each of them in all its rows."""
    sizes = [len(cells["byte_offset"]) for _, cells in parts]
    said = pl.DataFrame([_said(code) for code, _ in parts], schema=_SAID, orient="row")
    every = [
        pa.concat_arrays(
            [
                cells[name] if name in cells else pa.nulls(size, dtype)
                for size, (_, cells) in zip(sizes, parts, strict=True)
            ]
        )
        for name, dtype in _CELLS.items()
    ]
    return said[np.repeat(np.arange(len(parts)), sizes)].hstack(table(every, _CELLS))


def _cells(name: str, given: Cells) -> pa.Array:
    """Cells of the column ``name``."""
    if isinstance(given, pa.Array):
        return given
    if isinstance(given, pl.Series):
        return array(given)
    return pa.array(given, _CELLS[name])
