"""Spans of text to periods and codes, as X12 writes them.

What belongs here: these. What does not: numbers, dates and text (``parse/values.py``), which
element has which type (``sets/``).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from recon.parse.spans import Flags, Spans, true_at
from recon.parse.values import PCS_OF_LETTERS, Source, date_array, days, masked, text_array
from recon.parse.x12.declare import Form

Forms: TypeAlias = npt.NDArray[np.uint8]  # of each span, a ``Form``

# Of codes longer than three characters. HCPCS, revenue, adjustment, remark, diagnosis and procedure
# codes have up to seven and a digit; a product is named by its NDC or GTIN. A surname has no digit,
# a date, a telephone and a social security number have eight to ten. A mark in one is a separator
# that ISA16 does not declare.
_SHORT_CODE = 3
_CODE = r"^(?:[0-9A-Za-z.-]{4,7}|\d{11,14})$"
# Few codes have letters alone: beside those of procedures the HIPPS code of an assessment not made.
_OF_LETTERS = rf"{PCS_OF_LETTERS}|^ZZZZZ$"


def codes(tokens: Source, spans: Spans) -> tuple[pa.Array, Flags]:
    """The spans as strings, and which of them are too long for a code or no code."""
    array = text_array(tokens, spans)
    long = true_at(spans.end - spans.start > _SHORT_CODE)
    bad = np.zeros(len(array), bool)
    if long.size:
        some = pl.lit(pl.Series(values=array)[long])
        good = pl.select(
            some.str.contains(_CODE) & some.str.contains(rf"\d|{_OF_LETTERS}")
        ).to_series()
        bad[long] = ~good.to_numpy()
    return array, bad


def day(tokens: Source, spans: Spans, form: Forms) -> tuple[pa.Array, Flags]:
    """A date; in DTM06 it is one of CCYYMMDD (D8) or CCYYMMDDHHMM (DT)."""
    in_06 = form >= Form.DTM06
    if not in_06.any():
        return date_array(tokens, spans)
    length = spans.end - spans.start
    end = np.where(in_06 & (length == 12), spans.start + 8, spans.end)
    since_1970, good, bad = days(tokens, Spans(spans.start, end))
    short = in_06 & (length == 6)  # a time of day, as likely
    array = masked(since_1970.astype(np.int32), good & ~short).view(pa.date32())
    return array, bad | short


def period(tokens: Source, spans: Spans, form: Forms, *, end: bool) -> tuple[pa.Array, Flags]:
    """First or last day of CCYYMMDD-CCYYMMDD; a date alone, as ``day`` has it, is both."""
    is_range = spans.end - spans.start == 17
    is_range &= tokens.raw[np.minimum(spans.start + 8, spans.end)] == ord("-")
    start = np.where(is_range & end, spans.start + 9, spans.start)
    stop = np.where(is_range & (not end), spans.start + 8, spans.end)
    stop = np.where((form == Form.RD8) & ~is_range, start, stop)
    return day(tokens, Spans(start, stop), form)
