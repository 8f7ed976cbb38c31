"""Whether an FT1 is a charge as its positions say: what stands where it does not belong.

A third of public feeds have fields in the wrong place, and a tolerant reader takes a date for a
code. So each charge is looked at: a date of service, a type of table 0017, a code that is neither,
a quantity and amounts that are numbers. What fails is quarantined with the reason; where one shift
explains it, the profile that would read it right is suggested and nothing is guessed.

What belongs here: that judgement. What does not: reading the fields (``extract.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from recon.parse import values
from recon.parse.hl7 import codes
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.extract import Read
from recon.parse.hl7.profile import NO_CHARGES, TYPES, Profile
from recon.parse.hl7.segments import Segments
from recon.parse.hl7.sets.charges import CHARGE
from recon.parse.spans import Flags, Ints

SUGGESTION = pl.Schema(
    {
        "sending_application": pl.String,
        "sending_facility": pl.String,
        "charges": pl.Int64,  # quarantined charges that it would let through
        "quarantined": pl.Int64,  # of so many
        "profile": pl.String,  # YAML, for `format:` of the feed
    }
)

_DATE = (
    r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2}|\d{4}|\d{6}(?:\.\d+)?)?"
    r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)?$"
)
# Charge masters write codes with these; a blank or a comma is a name's.
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._/*+#-]{0,29}$"
EMPTY, DATE, TYPE, COUNT, NUMBER, CODE, TEXT = range(7)
_NAMES = ("nothing", "a date", "a transaction type", "a number", "a number", "a code", "text")
_WIDE = 17  # fields that are looked at


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
    Role("quantity", "the quantity", (COUNT, NUMBER)),
    Role("extended", "the extended amount", (COUNT, NUMBER, EMPTY)),
    Role("unit_amount", "the amount of one", (COUNT, NUMBER, EMPTY)),
)
_QUANTITY = [r.column for r in ROLES].index("quantity")
_POSTED = [r.column for r in ROLES].index("posted_date")
_SHIFTS = (-1, 1, -2, 2)
_WORDS = {1: "one", 2: "two"}


@dataclass(eq=False)
class Judged:
    """What was found.

    Attributes:
        charges: the charges, types and quantities as the profile says, and all of them.
        refused: which of them are not plausible.
        passed: which of them are no charges, as their type says.
        explained: what explains each of those; None where there is none.
    """

    charges: pl.DataFrame
    refused: Flags
    passed: Flags
    explained: "Explained | None"


def judge(found: Read, segments: Segments, profile: Profile, defects: Defects) -> Judged:
    """Judge every charge; the defects say why one is refused."""
    charges = _as_meant(found.frame, profile)
    faults = _faults(charges, found, profile)
    passed = _no_charges(charges, faults)
    refused = np.logical_or.reduce(list(faults.values())) if charges.height else np.zeros(0, bool)
    refused &= ~passed
    odd = _odd_codes(charges, found, ~(refused | passed), defects)
    if not refused.any():
        return Judged(charges, odd, passed, None)
    at = np.flatnonzero(refused)
    bases = [found.places[role.column] for role in ROLES]
    bases_at = [p.field if p.segment == "FT1" else 0 for p in bases]
    rows = found.rows[at]
    kinds, texts = _kinds(segments, rows, profile)
    explained = _explained(kinds, bases_at)
    known = np.array([row is not None for row in explained])
    private = ~known & faults["service_date"][at] & faults["type"][at] & faults["quantity"][at]
    reasons, fields = [], []
    procedure = found.places["procedure"]
    coded = charges["procedure"].gather(at).is_not_null() & (procedure.segment == "FT1")
    for n, row in enumerate(at.tolist()):  # of what is refused only
        broken = [i for i, role in enumerate(ROLES) if faults[role.column][row]]
        fields.append(bases_at[broken[0]] or bases[broken[0]].field)
        elsewhere = procedure.field if coded[n] else 0
        told = _reason(broken, n, kinds, texts, bases_at, explained[n], elsewhere)
        reasons.append(_PRIVATE if private[n] else told)
    for code, chosen in (("implausible", ~private), ("not_a_charge", private)):
        some = np.flatnonzero(chosen)
        defects.add(
            code,
            rows[some],
            field=[fields[n] for n in some.tolist()],
            found=[reasons[n] for n in some.tolist()],
        )
    senders = charges.select(_SENDER).filter(pl.Series(refused))
    return Judged(charges, refused | odd, passed, Explained(senders, kinds, bases_at, explained))


_PRIVATE = (
    "neither a date of service nor a type nor a quantity stands where a charge has them, shifted "
    "or not: a private record, no charge"
)


def _as_meant(charges: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Types and quantities as the profile says they are meant."""
    sent = charges["type"].unique().drop_nulls().to_list()  # few
    meant = {kind: profile.type_aliases.get(kind.upper(), kind.upper()) for kind in sent}
    meant = {kind: told for kind, told in meant.items() if told != kind}
    columns = [pl.col("type").replace(meant)] if meant else []
    if profile.default_type:
        kind = columns[0] if columns else pl.col("type")
        columns = [kind.fill_null(profile.default_type)]
    if profile.default_quantity is not None:
        default = pl.lit(profile.default_quantity, charges.schema["quantity"])
        columns.append(pl.col("quantity").fill_null(default))
    return charges.with_columns(columns) if columns else charges


def _odd_codes(charges: pl.DataFrame, found: Read, chosen: Flags, defects: Defects) -> Flags:
    """Of the chosen charges those in which a code is none; the defects say which."""
    odd = np.zeros(charges.height, bool)
    for form, broken in codes.odd(charges):
        at = np.flatnonzero(broken & chosen)
        place = found.places[form.column]
        told = f"what stands in {place.segment}-{place.field} is no {form.named}"
        field = place.field if place.segment == "FT1" else None
        defects.add("implausible", found.rows[at], field=field, found=[told] * at.size)
        odd[at] = True
    return odd


def _faults(charges: pl.DataFrame, found: Read, profile: Profile) -> dict[str, Flags]:
    """Column -> charges in which something else stands there."""
    size = charges.height

    def bad(column: str) -> Flags:
        return found.bad.get(column, np.zeros(size, bool))

    def empty(column: str) -> Flags:
        series = charges[column]
        if not series.null_count():
            return np.zeros(size, bool)
        return np.asarray(series.is_null().to_numpy(), dtype=bool)

    def other(column: str, wrong: pl.Expr) -> Flags:
        """Empty, or ``wrong``; judged once of values that repeat."""
        every = charges[column].drop_nulls().unique()
        faulty = every.filter(every.to_frame().select_seq(wrong).to_series())
        if faulty.is_empty():
            return empty(column)
        told = charges[column].is_in(faulty.implode()).fill_null(value=False).to_numpy()
        either: Flags = empty(column) | told.astype(bool)
        return either

    code, kind = pl.col("code"), pl.col("type")
    date = (code.str.len_chars() >= 8) & code.str.contains(_DATE)
    of_sender = codes.is_charge_code(code, profile.code_pattern)
    long = found.sizes["quantity"] > 7  # a date, or a number of a person: no quantity
    return {
        "service_date": empty("service_date"),
        "posted_date": bad("posted_date"),
        "type": other("type", ~kind.is_in(TYPES)),
        "code": other("code", code.is_in(TYPES) | date | ~code.str.contains(_CODE) | ~of_sender),
        "quantity": empty("quantity") | bad("quantity") | _dates(charges, long),
        "extended": bad("extended"),
        "unit_amount": bad("unit_amount"),
    }


def _no_charges(charges: pl.DataFrame, faults: Mapping[str, Flags]) -> Flags:
    """Those that a day and a type say to be payments, adjustments or co-payments."""
    told = charges["type"].is_in(list(NO_CHARGES)).fill_null(value=False).to_numpy()
    dated: Flags = told.astype(bool) & ~faults["service_date"]
    return dated


def _dates(charges: pl.DataFrame, long: Flags) -> Flags:
    at = np.flatnonzero(long)
    if at.size:
        whole = charges["quantity"].gather(at).cast(pl.String).str.replace(r"\.0*$", "")
        dates = whole.str.contains(_DATE).fill_null(value=False).to_numpy().astype(bool)
        long = np.zeros(long.size, bool)
        long[at[dates]] = True
    return long


def _kinds(
    segments: Segments, rows: Ints, profile: Profile
) -> tuple[npt.NDArray[np.int8], list[pl.Series]]:
    """What kind of thing stands in each field of the FT1s: a row each, a column per field."""
    kinds = np.zeros((rows.size, _WIDE), dtype=np.int8)
    texts = [pl.Series([None] * rows.size, dtype=pl.String)]
    types = [*TYPES, *profile.type_aliases]
    view = segments.view(rows)
    for number in range(1, _WIDE):
        text = values.text(segments, segments.value(view, number, 1, 1))
        texts.append(text)
        told = pl.select(
            pl.when(text.is_null() | (text == '""'))
            .then(EMPTY)
            .when(text.str.contains(_DATE))
            .then(DATE)
            .when(text.str.to_uppercase().is_in(types))
            .then(TYPE)
            .when(text.str.contains(r"^\d{1,4}(?:\.0*)?$"))
            .then(COUNT)
            .when(text.str.contains(r"^[+-]?\d+(?:\.\d*)?$"))
            .then(NUMBER)
            .when(text.str.contains(_CODE))
            .then(CODE)
            .otherwise(TEXT)
        )
        kinds[:, number] = told.to_series().to_numpy()
    return kinds, texts


class Shift(NamedTuple):
    """Fields from that of role ``first`` on stand ``by`` later than they should, or it alone."""

    first: int
    by: int
    alone: bool = False


def _moved(bases: list[int], shift: Shift) -> list[int] | None:
    """Where each role then stands, 0 for the date of posting that is not sent; None: impossible."""
    last = shift.first if shift.alone else len(bases)
    moved = [at + shift.by if shift.first <= n <= last else at for n, at in enumerate(bases)]
    if shift.first > _POSTED and moved[shift.first] <= moved[_POSTED]:
        moved[_POSTED] = 0
    given = [at for at in moved if at]
    apart = all(a < b for a, b in pairwise(given))
    return moved if apart and given[0] > 1 and given[-1] < _WIDE else None


def _explained(kinds: npt.NDArray[np.int8], bases: list[int]) -> list[Shift | None]:
    """Per charge the one shift that makes it plausible, the smallest; None: none, or several."""
    size = kinds.shape[0]
    found: list[Shift | None] = [None] * size
    if not all(0 < at < _WIDE for at in bases):
        return found
    decided = np.zeros(size, bool)
    # Where the quantity's own field is empty, it alone has moved; else what follows it has too.
    alone = kinds[:, bases[_QUANTITY]] == EMPTY
    for first in range(_QUANTITY, -1, -1):
        fitting: list[tuple[Shift, Flags]] = []
        for by in _SHIFTS:
            if first == _QUANTITY and by > 0:
                continue  # an amount would be taken for a quantity
            for shift, may in (
                (Shift(first, by, alone=True), alone if first == _QUANTITY else None),
                (Shift(first, by), ~alone if first == _QUANTITY else np.ones(size, bool)),
            ):
                moved = _moved(bases, shift)
                if may is not None and moved is not None:
                    fitting.append((shift, may & _fits(kinds, moved, first)))
        count = np.sum([flags for _, flags in fitting], axis=0) if fitting else np.zeros(size)
        for shift, flags in fitting:
            for n in np.flatnonzero(flags & (count == 1) & ~decided).tolist():
                found[n] = shift
        decided |= count > 0
    return found


def _fits(kinds: npt.NDArray[np.int8], moved: list[int], first: int) -> Flags:
    good = np.ones(kinds.shape[0], bool)
    for n, (role, at) in enumerate(zip(ROLES, moved, strict=True)):
        if not at:
            continue
        if n == _QUANTITY:
            fits: tuple[int, ...] = (COUNT,) if first == _QUANTITY else (COUNT, NUMBER, EMPTY)
        else:
            fits = role.fits
        good &= np.isin(kinds[:, at], fits)
    if not moved[_POSTED]:  # a date before that of service: both have moved
        good &= kinds[:, moved[0] - 1] != DATE
    return good


def _reason(
    broken: list[int],
    n: int,
    kinds: npt.NDArray[np.int8],
    texts: list[pl.Series],
    bases: list[int],
    shift: Shift | None,
    elsewhere: int,
) -> str:
    """In plain words, without a value of the patient; ``elsewhere``: the field of a procedure."""
    told = []
    for i in broken:
        at = bases[i]
        kind = kinds[n, at] if 0 < at < _WIDE else None
        what = "something else" if kind is None else _NAMES[kind]
        if ROLES[i].column == "code" and kind in ROLES[i].fits:
            what = "a word or two codes"
        told.append(f"{what} where {ROLES[i].named} should be (FT1-{at})")
    reason = ", ".join(told)
    if shift is not None:
        by = _WORDS[abs(shift.by)]
        whence = f"FT1-{bases[shift.first]}"
        which = f"in {whence} alone" if shift.alone else f"from {whence} on"
        return f"{reason}: this feed looks shifted by {by} {which}"
    if not all(0 < bases[i] < _WIDE for i in broken):
        return reason
    hints = [
        _hint(ROLES[i].column, kinds[n, bases[i]], texts[bases[i]][n], elsewhere) for i in broken
    ]
    if not all(hints):
        return reason
    if [ROLES[i].column for i in broken] == ["type"] and (sent := texts[bases[broken[0]]][n]):
        reason = f"'{sent}' is no transaction type (FT1-{bases[broken[0]]})"
    return f"{reason}: if {', and if '.join(hints)}"


def _hint(role: str, kind: int, sent: str | None, elsewhere: int) -> str:
    """What the profile needs if what stands there is meant; "" where nothing would help."""
    if role == "quantity" and kind == EMPTY:
        return "that means one, the profile needs `default_quantity: 1`"
    if role == "type" and sent is None:
        return "that means a charge, the profile needs `default_type: CG`"
    if role == "type" and sent is not None and len(sent) <= 2 and sent.isalpha():
        return f"it means a charge, the profile needs `type_aliases: {{{sent}: CG}}`"
    if role == "code" and kind == EMPTY and elsewhere:
        # Offices that bill no facility charge send the procedure alone (FT1-25).
        needed = f"`positions: {{FT1.code: {elsewhere}}}`"
        return f"the procedure of FT1-{elsewhere} is what was charged, the profile needs {needed}"
    if role == "code" and kind == CODE and sent is not None and sent.isalpha():
        return "this sender's charge codes are words, the profile needs `code_pattern`"
    return ""


_SENDER = ("sending_application", "sending_facility")


@dataclass(eq=False)
class Explained:
    """Charges that are refused.

    Attributes:
        senders: who sent each.
        kinds: see ``_kinds``.
        bases: where each role should stand.
        shifts: the one that explains it; None: none, or several.
    """

    senders: pl.DataFrame
    kinds: npt.NDArray[np.int8]
    bases: list[int]
    shifts: list[Shift | None]


def suggestions(parts: list[Explained], profile: Profile) -> pl.DataFrame:
    """For each sender all of whose shifted charges one shift explains: its profile."""
    if not parts:
        return pl.DataFrame(schema=SUGGESTION)
    kinds, bases = np.concatenate([part.kinds for part in parts]), parts[0].bases
    explained = [shift for part in parts for shift in part.shifts]
    told = pl.concat([part.senders for part in parts]).with_row_index("n")
    found = []
    for (app, facility), rows in told.partition_by(
        *_SENDER, as_dict=True, maintain_order=True
    ).items():
        index = rows["n"].to_list()
        shifts = {shift for n in index if (shift := explained[n]) is not None}
        if len(shifts) != 1:
            continue
        (shift,) = shifts
        own = [n for n in index if explained[n] == shift]
        found.append(
            (app, facility, len(own), len(index), _yaml(kinds[own], bases, shift, profile))
        )
    return pl.DataFrame(found, schema=SUGGESTION, orient="row")


def _yaml(kinds: npt.NDArray[np.int8], bases: list[int], shift: Shift, profile: Profile) -> str:
    """The lines of ``format:`` that would read those charges right."""
    moved = _moved(bases, shift) or bases
    lines = ["profile:", "  positions:"]
    begin = bases[shift.first]
    for column in CHARGE.columns:
        place = column.place
        if place.segment != "FT1":
            continue
        at = profile.positions.get(column.key, place).field
        if column.key == "FT1.posted" and not moved[_POSTED]:
            lines.append(f"    {column.key}: 0  # not sent")
        elif at == begin or (at > begin and not shift.alone):
            lines.append(f"    {column.key}: {at + shift.by}")
    lines = list(dict.fromkeys(lines))  # a date and a time are one field
    if (kinds[:, moved[_QUANTITY]] == EMPTY).any():
        lines.append("  default_quantity: 1  # if an empty quantity means one")
    return "\n".join(lines) + "\n"
