"""What a code of a charge can be, field by field: a name in its place is no code.

Codes of public lists have a form that no surname has: a digit, or two characters. A charge code is
the hospital's own; it has a digit, unless the profile says how its sender's codes look.

What belongs here: those forms. What does not: whether a charge is one (``gate.py``).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from recon.parse.spans import Flags
from recon.parse.values import PCS_OF_LETTERS


class Form(NamedTuple):
    """The form of a column's values: its column, its name in a sentence, what each must match."""

    column: str
    named: str
    patterns: tuple[str, ...]


_DIGIT = r"\d"
AMOUNT = r"^[+-]?\d+\.\d\d$"  # with its cents
_PROCEDURE = (r"^[0-9A-Za-z.-]{3,11}$", f"{_DIGIT}|{PCS_OF_LETTERS}")
_MODIFIERS = (r"^[0-9A-Za-z]{2}(?: [0-9A-Za-z]{2})*$",)
FORMS = (
    Form("procedure", "procedure code", _PROCEDURE),
    Form("modifiers", "modifier of two characters", _MODIFIERS),
    Form("ndc", "drug code (NDC)", (r"^(?:N4)?\d[\d-]{8,13}$",)),
    Form("revenue_code", "revenue code of three or four digits", (r"^\d{3,4}$",)),
    Form("pr1_procedure", "procedure code", _PROCEDURE),
    Form("pr1_modifiers", "modifier of two characters", _MODIFIERS),
)


def is_charge_code(code: pl.Expr, own: str | None) -> pl.Expr:
    """Whether it is a charge code, by the profile's own pattern; else it has a digit.

    Dollars and cents are none: no charge master numbers its charges so.
    """
    if own:
        return code.str.contains(own)
    return code.str.contains(_DIGIT) & ~code.str.contains(AMOUNT)


def odd(charges: pl.DataFrame) -> Iterator[tuple[Form, Flags]]:
    """Forms that some charges break, and which; judged once of values that repeat."""
    for form in FORMS:
        broken = breaking(form, charges[form.column])
        if broken.any():
            yield form, broken


def breaking(form: Form, column: pl.Series) -> Flags:
    """Which values break the form."""
    if column.null_count() == column.len():
        return np.zeros(column.len(), bool)
    every = pl.DataFrame({"value": column.drop_nulls().unique()})
    matches = pl.all_horizontal(pl.col("value").str.contains(each) for each in form.patterns)
    broken = every.filter(~matches).to_series()
    if broken.is_empty():
        return np.zeros(column.len(), bool)
    told = column.is_in(broken.implode()).fill_null(value=False)
    return np.asarray(told.to_numpy(), dtype=bool)
