"""Whether an FT1 is a charge as its positions say: what stands where it does not belong.

A third of public feeds have fields in the wrong place, and a tolerant reader takes a date for a
code. So each charge is looked at: a date of service, a type of table 0017, a code that is neither,
a quantity and amounts that are numbers. What fails is quarantined with the reason; where one shift
explains it, the profile that would read it right is suggested and nothing is guessed.

What belongs here: that judgement. What does not: reading the fields (``extract.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from recon.parse import values
from recon.parse.hl7 import codes
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.profile import NO_CHARGES, TYPES, Profile
from recon.parse.hl7.read import Read
from recon.parse.hl7.segments import Level, Segments
from recon.parse.hl7.sets.charges import CHARGE
from recon.parse.hl7.shift import (
    AMOUNT,
    CODE,
    COUNT,
    DATE,
    EMPTY,
    NUMBER,
    QUANTITY,
    ROLES,
    ROUND,
    SENDER,
    TEXT,
    TYPE,
    WIDE,
    WORD,
    Explained,
    Shift,
    explained_by,
    moved_by,
)
from recon.parse.spans import Flags, Ints

_DATE = (
    r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2}|\d{4}|\d{6}(?:\.\d+|\d{3})?)?"
    r"(?:[Zz]|[+-]\d\d(?::?\d\d)?)?$"
)
_COUNT = r"^\d{1,4}(?:\.0*)?$"
# Charge masters write codes with these; a blank or a comma is a name's.
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._/*+#-]{0,29}$"
_NAMES = (
    *("nothing", "a date", "a transaction type", "a number", "an amount", "a number"),
    *("an amount", "a code", "a word", "text"),
)
# What looks like what belongs there and is refused all the same.
_NO_DAY = "a day or hour that does not exist"
_ODD = {"code": "a word or two codes", "service_date": _NO_DAY, "posted_date": _NO_DAY}
_WORDS = {1: "one", 2: "two", 3: "three", 4: "four"}
_BESIDE = ("unit_cost", "ndc_quantity")
# Columns of which the standard has one value.
_SINGLE = ("code", "quantity", "procedure", "ndc", "item")
# What a profile calls each column of a charge.
_KEY = {column.name: column.key for column in CHARGE.columns}


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
    faults["quantity"] |= _amounts(charges, found, segments, profile)
    passed = _no_charges(charges, faults)
    refused = np.logical_or.reduce(list(faults.values())) if charges.height else np.zeros(0, bool)
    refused &= ~passed
    odd = _odd_codes(charges, found, ~(refused | passed), defects)
    sound = ~(refused | passed | odd)
    _tell_left_out(found, sound, profile, defects)
    _tell_several(found, segments, sound, defects)
    if not refused.any():
        return Judged(charges, odd, passed, None)
    at = np.flatnonzero(refused)
    bases = [found.places[role.column] for role in ROLES]
    bases_at = [p.field if p.segment == "FT1" else 0 for p in bases]
    rows = found.rows[at]
    kinds, texts = _kinds(segments, rows, profile)
    explained = explained_by(kinds, bases_at)
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
    senders = charges.select(SENDER).filter(pl.Series(refused))
    beside = _odd_when_moved(charges.filter(pl.Series(refused)), found, segments, rows, explained)
    why = Explained(senders, kinds, bases_at, explained, beside)
    return Judged(charges, refused | odd, passed, why)


_PRIVATE = (
    "date of service, type and quantity are all not where a charge has them, and no single shift "
    "explains it: a record of another kind, or a layout whose fields the profile must name"
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
        told = (
            f"the value of {place.segment}-{place.field} is not a {form.named}: if this sender "
            f"means something else by it, the profile needs `positions: {{{_KEY[form.column]}: 0}}`"
        )
        field = place.field if place.segment == "FT1" else None
        defects.add("implausible", found.rows[at], field=field, found=[told] * at.size)
        odd[at] = True
    return odd


def _odd_when_moved(
    charges: pl.DataFrame,
    found: Read,
    segments: Segments,
    rows: Ints,
    explained: list[Shift | None],
) -> dict[str, Flags]:
    """What a profile calls a code -> charges in which it is none where their shift has it."""
    bases = [found.places[role.column].field for role in ROLES]
    view = segments.view(rows)
    owns = {
        shift: np.array([each == shift for each in explained])
        for shift in set(explained)
        if shift is not None
    }
    odd: dict[str, Flags] = {}
    for form in codes.FORMS:
        place = found.places[form.column]
        broken = codes.breaking(form, charges[form.column])
        for shift, own in owns.items() if place.segment == "FT1" and place.field else ():
            at = moved_by(place.field, bases, shift)
            text = values.text(segments, segments.value(view, at, 1, 1))
            broken = np.where(own, codes.breaking(form, text), broken)
        odd[_KEY[form.column]] = broken
    return odd


def _tell_left_out(found: Read, chosen: Flags, profile: Profile, defects: Defects) -> None:
    """Numbers beside a charge that are none, unless the profile has something else there."""
    placed = {key: (place.segment, place.field) for key, place in profile.positions.items()}
    for column in _BESIDE:
        place = found.places[column]
        others = {at for key, at in placed.items() if key != f"FT1.{column}"}
        if column not in found.bad or (place.segment, place.field) in others:
            continue
        if place.segment == "FT1":  # else its message is refused
            at = np.flatnonzero(found.bad[column] & chosen)
            told = [f"FT1-{place.field}"] * at.size
            defects.add("left_out", found.rows[at], field=place.field, found=told)


def _tell_several(found: Read, segments: Segments, chosen: Flags, defects: Defects) -> None:
    """Fields of which the first value alone is read, where there is a second, or a unit."""
    rows = found.rows[chosen]
    if not rows.size:
        return
    repeating = rows[segments.holding(rows, "repetition")]
    for column in _SINGLE:
        place = found.places[column]
        if place.segment != "FT1":
            continue
        at = _with_second(segments, repeating, place.field, "repetition")
        if column == "quantity":
            field = segments.field(rows, place.field)
            longer = rows[field.end - field.start > found.sizes[column][chosen]]
            at = np.union1d(at, _with_second(segments, longer, place.field, "component"))
        if at.size:
            told = [f"FT1-{place.field}"] * at.size
            defects.add("several_values", at, field=place.field, found=told)


def _with_second(segments: Segments, rows: Ints, number: int, level: Level) -> Ints:
    """Those of ``rows`` in which a field holds a second part."""
    if not rows.size:
        return rows
    start, end = segments.part(rows, segments.field(rows, number), level, 2)
    return rows[end > start]


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


def _amounts(charges: pl.DataFrame, found: Read, segments: Segments, profile: Profile) -> Flags:
    """Quantities that are amounts: dollars and cents, a count before them, no amount behind.

    So looks a charge whose quantity and amount stand one or two fields to the left.
    """
    amounts = np.zeros(charges.height, bool)
    code, quantity = found.places["code"], found.places["quantity"]
    if "FT1.quantity" in profile.positions or code.segment != "FT1":
        return amounts  # the sender's own word
    long = found.sizes["quantity"] > 3
    if not long.any():
        return amounts
    alone = (charges["extended"].is_null() & charges["unit_amount"].is_null()).to_numpy()
    at = np.flatnonzero(long & alone)
    if not at.size:
        return amounts
    view = segments.view(found.rows[at])

    def looks(number: int, pattern: str) -> Flags:
        text = values.text(segments, segments.value(view, number, 1, 1))
        told = text.str.contains(pattern).fill_null(value=False)
        return np.asarray(told.to_numpy(), dtype=bool)

    counted = [looks(number, _COUNT) for number in range(code.field + 1, quantity.field)]
    if counted:
        amounts[at] = looks(quantity.field, codes.AMOUNT) & np.logical_or.reduce(counted)
    return amounts


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
    kinds = np.zeros((rows.size, WIDE), dtype=np.int8)
    texts = [pl.Series([None] * rows.size, dtype=pl.String)]
    types = [*TYPES, *profile.type_aliases]
    view = segments.view(rows)
    for number in range(1, WIDE):
        text = values.text(segments, segments.value(view, number, 1, 1))
        texts.append(text)
        told = pl.select(
            pl.when(text.is_null() | (text == '""'))
            .then(EMPTY)
            .when(text.str.contains(_DATE))
            .then(DATE)
            .when(text.str.to_uppercase().is_in(types))
            .then(TYPE)
            .when(text.str.contains(r"^\d{1,4}\.00$"))
            .then(ROUND)
            .when(text.str.contains(_COUNT))
            .then(COUNT)
            .when(text.str.contains(codes.AMOUNT))
            .then(AMOUNT)
            .when(text.str.contains(r"^[+-]?\d+(?:\.\d*)?$"))
            .then(NUMBER)
            .when(text.str.contains(_CODE))
            .then(pl.when(_is_code(text, profile)).then(CODE).otherwise(WORD))
            .otherwise(TEXT)
        )
        kinds[:, number] = told.to_series().to_numpy()
    return kinds, texts


def _is_code(text: pl.Series, profile: Profile) -> pl.Series:
    own = profile.code_pattern
    coded = text.str.contains(r"\d")
    return coded | text.str.contains(own) if own else coded


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
        kind = kinds[n, at] if 0 < at < WIDE else None
        what = "something else" if kind is None else _NAMES[kind]
        if kind in ROLES[i].fits:
            what = _ODD.get(ROLES[i].column, what)
        told.append(f"{what} where {ROLES[i].named} should be (FT1-{at})")
    reason = ", ".join(told)
    if shift is not None:
        by = _WORDS[abs(shift.by)]
        whence = f"FT1-{bases[shift.first]}"
        which = f"in {whence} alone" if shift.alone else f"from {whence} on"
        if shift.further:
            more = _WORDS[abs(shift.by) + shift.further]
            which = f"{which}, and by {more} from FT1-{bases[QUANTITY]} to FT1-{bases[-1]}"
        return f"{reason}: this feed looks shifted by {by} {which}"
    if not all(0 < bases[i] < WIDE for i in broken):
        return reason
    hints = [
        _hint(ROLES[i].column, kinds[n, bases[i]], texts[bases[i]][n], elsewhere) for i in broken
    ]
    if not all(hints):
        return reason
    if [ROLES[i].column for i in broken] == ["type"] and (sent := texts[bases[broken[0]]][n]):
        reason = f"'{sent}' is not a transaction type (FT1-{bases[broken[0]]})"
    return f"{reason}: if {', and if '.join(hints)}"


def _hint(role: str, kind: int, sent: str | None, elsewhere: int) -> str:
    """What the profile needs if what stands there is meant; "" where nothing would help."""
    if role == "quantity" and kind == EMPTY:
        return "that means one, the profile needs `default_quantity: 1`"
    if role == "type" and sent is None:
        return "that means a charge, the profile needs `default_type: CG`"
    if role == "type" and sent is not None and len(sent) <= 2 and sent.isalnum():
        key = sent if sent.isalpha() else f'"{sent}"'  # YAML takes a bare digit for a number
        return f"it means a charge, the profile needs `type_aliases: {{{key}: CG}}`"
    if role == "code" and kind == EMPTY and elsewhere:
        # Offices that bill no facility charge send the procedure alone (FT1-25).
        needed = f"`positions: {{FT1.code: {elsewhere}}}`"
        return f"the procedure of FT1-{elsewhere} is what was charged, the profile needs {needed}"
    if role == "code" and kind == WORD and sent is not None and sent.isalpha():
        return "this sender's charge codes are words, the profile needs `code_pattern`"
    return ""
