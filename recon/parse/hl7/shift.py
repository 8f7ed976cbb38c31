"""Charges whose fields stand in the wrong place: the shift that explains it, the profile for it.

What belongs here: what may stand where a charge has its fields, and how they may have moved. What
does not: whether a charge is refused (``gate.py``).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from recon.parse.hl7.profile import Profile
from recon.parse.hl7.sets.charges import CHARGE
from recon.parse.spans import Flags

SUGGESTION = pl.Schema(
    {
        "sending_application": pl.String,
        "sending_facility": pl.String,
        "charges": pl.Int64,  # quarantined charges that it would let through
        "quarantined": pl.Int64,  # of so many
        "profile": pl.String,  # YAML, for `format:` of the feed
    }
)

# ROUND: a count or whole dollars, with two noughts behind the point. WORD: no charge code.
EMPTY, DATE, TYPE, COUNT, ROUND, NUMBER, AMOUNT, CODE, WORD, TEXT = range(10)
_NUMBERS = (COUNT, ROUND, NUMBER, AMOUNT)
WIDE = 17  # fields that are looked at


class Role(NamedTuple):
    """A field that is judged: its column, its name in a sentence, what may stand there."""

    column: str
    named: str
    fits: tuple[int, ...]


ROLES = (
    Role("service_date", "the date of service", (DATE,)),
    Role("posted_date", "the date of posting", (DATE, EMPTY)),
    Role("type", "the type", (TYPE,)),
    Role("code", "the code", (COUNT, NUMBER, CODE)),
    Role("quantity", "the quantity", _NUMBERS),
    Role("extended", "the extended amount", (*_NUMBERS, EMPTY)),
    Role("unit_amount", "the amount of one", (*_NUMBERS, EMPTY)),
)
_CODE = [r.column for r in ROLES].index("code")
QUANTITY = [r.column for r in ROLES].index("quantity")
_POSTED = [r.column for r in ROLES].index("posted_date")
_TYPE = [r.column for r in ROLES].index("type")
_SHIFTS = (-1, 1, -2, 2)
_FURTHER = (1, 2)  # of FT1-8 and FT1-9


class Shift(NamedTuple):
    """Fields from that of role ``first`` on stand ``by`` later than they should, or it alone.

    ``untyped``: and none of them is the type, which is not sent.
    ``further``: quantity and amounts stand so much earlier again, as a description is not sent.
    """

    first: int
    by: int
    alone: bool = False
    untyped: bool = False
    further: int = 0


def moved_to(bases: list[int], shift: Shift) -> list[int] | None:
    """Where each role then stands, 0 for the date of posting that is not sent; None: impossible."""
    last = shift.first if shift.alone else len(bases)
    moved = [at + shift.by if shift.first <= n <= last else at for n, at in enumerate(bases)]
    moved = [at - shift.further if n >= QUANTITY else at for n, at in enumerate(moved)]
    if shift.first > _POSTED and moved[shift.first] <= moved[_POSTED]:
        moved[_POSTED] = 0
    given = [at for at in moved if at]
    apart = all(a < b for a, b in pairwise(given))
    return moved if apart and given[0] > 1 and given[-1] < WIDE else None


def explained_by(kinds: npt.NDArray[np.int8], bases: list[int]) -> list[Shift | None]:
    """Per charge the one shift that makes it plausible, the smallest; None: none, or several."""
    size = kinds.shape[0]
    found: list[Shift | None] = [None] * size
    if not all(0 < at < WIDE for at in bases):
        return found
    decided = np.zeros(size, bool)
    # Where the quantity's own field is empty, it alone has moved; else what follows it has too.
    alone, every = kinds[:, bases[QUANTITY]] == EMPTY, np.ones(size, bool)
    for first in range(QUANTITY, -1, -1):
        fitting: list[tuple[Shift, Flags]] = []
        for by in _SHIFTS:
            if first == QUANTITY and by > 0:
                continue  # an amount would be taken for a quantity
            shifts = [
                (Shift(first, by, alone=True), alone if first == QUANTITY else None),
                (Shift(first, by), ~alone if first == QUANTITY else every),
            ]
            if first <= _CODE and by < 0:
                shifts += [(Shift(first, by, further=n), every) for n in _FURTHER]
            for shift, may in shifts:
                moved = moved_to(bases, shift)
                if may is not None and moved is not None:
                    fitting.append((shift, may & _fits(kinds, moved, shift)))
        count = np.sum([flags for _, flags in fitting], axis=0) if fitting else np.zeros(size)
        for shift, flags in fitting:
            for n in np.flatnonzero(flags & (count == 1) & ~decided).tolist():
                found[n] = shift
        decided |= count > 0
    # Without a type, all the rest must stand where one shift of all of it puts it.
    for by in _SHIFTS:
        shift = Shift(0, by, untyped=True)
        moved = moved_to(bases, shift)
        if moved is None:
            continue
        fits = _fits(kinds, moved, shift) & ~decided
        for n in np.flatnonzero(fits).tolist():
            found[n] = shift
        decided |= fits
    return found


def _fits(kinds: npt.NDArray[np.int8], moved: list[int], shift: Shift) -> Flags:
    good = np.ones(kinds.shape[0], bool)
    if shift.first <= _CODE and not shift.alone:
        # No description is a bare number: where one stands, the quantity does.
        between = kinds[:, moved[_CODE] + 1 : moved[QUANTITY]]
        good &= ~np.isin(between, (COUNT, ROUND)).any(axis=1)
    for n, (role, at) in enumerate(zip(ROLES, moved, strict=True)):
        if not at:
            continue
        if n == QUANTITY:
            certain = shift.first == QUANTITY or shift.untyped or shift.further
            fits: tuple[int, ...] = (COUNT, ROUND) if certain else (*_NUMBERS, EMPTY)
            if certain:  # whole dollars alone are an amount, and no quantity
                amounts = (kinds[:, moved[QUANTITY + 1 :]] != EMPTY).any(axis=1)
                good &= (kinds[:, at] != ROUND) | amounts
        elif n == _TYPE and shift.untyped:
            fits = (EMPTY,)
        else:
            fits = role.fits
        good &= np.isin(kinds[:, at], fits)
    # A small number alone is a quantity, and no code.
    good &= (kinds[:, moved[_CODE]] != COUNT) | (kinds[:, moved[QUANTITY]] != EMPTY)
    if not moved[_POSTED]:  # a date before that of service: both have moved
        good &= kinds[:, moved[0] - 1] != DATE
    return good


SENDER = ("sending_application", "sending_facility")


@dataclass(eq=False)
class Explained:
    """Charges that are refused.

    Attributes:
        senders: who sent each.
        kinds: what kind of thing stands in each field of the FT1: a row each, a column per field.
        bases: where each role should stand.
        shifts: the one that explains it; None: none, or several.
        odd: field beside these that holds a code -> charges in which, so moved, it holds none.
    """

    senders: pl.DataFrame
    kinds: npt.NDArray[np.int8]
    bases: list[int]
    shifts: list[Shift | None]
    odd: dict[str, Flags]


def moved_by(at: int, bases: list[int], shift: Shift) -> int:
    """Where a field of the FT1 then stands that is none of the roles'."""
    return at + shift.by if at > bases[shift.first] and not shift.alone else at


def suggestions(parts: list[Explained], profile: Profile) -> pl.DataFrame:
    """For each sender all of whose shifted charges one shift explains: its profile."""
    if not parts:
        return pl.DataFrame(schema=SUGGESTION)
    kinds, bases = np.concatenate([part.kinds for part in parts]), parts[0].bases
    explained = [shift for part in parts for shift in part.shifts]
    odd = {key: np.concatenate([part.odd[key] for part in parts]) for key in parts[0].odd}
    told = pl.concat([part.senders for part in parts]).with_row_index("n")
    found = []
    for (app, facility), rows in told.partition_by(
        *SENDER, as_dict=True, maintain_order=True
    ).items():
        index = rows["n"].to_list()
        shifts = {shift for n in index if (shift := explained[n]) is not None}
        if len(shifts) != 1:
            continue
        (shift,) = shifts
        own = [n for n in index if explained[n] == shift]
        none = {key for key, flags in odd.items() if flags[own].any()}
        lines = _yaml(kinds[own], bases, shift, none, profile)
        found.append((app, facility, len(own), len(index), lines))
    return pl.DataFrame(found, schema=SUGGESTION, orient="row")


def _yaml(
    kinds: npt.NDArray[np.int8], bases: list[int], shift: Shift, none: set[str], profile: Profile
) -> str:
    """The lines of ``format:`` that would read those charges right.

    ``none``: what a profile calls the codes in whose place something else stands.
    """
    moved = moved_to(bases, shift) or bases
    lines = ["profile:", "  positions:"]
    begin = bases[shift.first]
    amounts = bases[QUANTITY:]
    for column in CHARGE.columns:
        place = column.place
        at = profile.positions.get(column.key, place).field
        if column.key in none:
            lines.append(f"    {column.key}: 0  # something else stands there")
        elif place.segment != "FT1":
            continue
        elif column.key == "FT1.posted" and not moved[_POSTED]:
            lines.append(f"    {column.key}: 0  # not sent")
        elif at == begin or (at > begin and not shift.alone):
            further = shift.further if at in amounts else 0
            lines.append(f"    {column.key}: {at + shift.by - further}")
    lines = list(dict.fromkeys(lines))  # a date and a time are one field
    if shift.untyped and not profile.default_type:
        lines.append("  default_type: CG  # if no type means a charge")
    if (kinds[:, moved[QUANTITY]] == EMPTY).any():
        lines.append("  default_quantity: 1  # if an empty quantity means one")
    return "\n".join(lines) + "\n"
