"""Dates as UDI strings write them: two-digit years, days of the year, month without a day.

What belongs here: expressions that read such a text, null where there is no such day; and what
becomes of a day of making that lies in the future.
"""

from datetime import date

import polars as pl


def year_of(two_digits: pl.Expr, as_of: date) -> pl.Expr:
    """The year within 49 years before and 50 after ``as_of`` (GS1 General Specifications 7.12)."""
    year = two_digits.cast(pl.Int32, strict=False)
    ahead = year - as_of.year % 100
    century = as_of.year - as_of.year % 100
    moved = pl.when(ahead >= 51).then(-100).when(ahead <= -50).then(100).otherwise(0)
    return year + century + moved


def day(year: pl.Expr, month: pl.Expr, day_of_month: pl.Expr) -> pl.Expr:
    """A day; of a month whose day is written 00 the last one."""
    month_text = year.cast(pl.String).str.zfill(4) + month
    first = (month_text + "01").str.to_date("%Y%m%d", strict=False)
    written = (month_text + day_of_month).str.to_date("%Y%m%d", strict=False)
    return pl.when(day_of_month == "00").then(first.dt.month_end()).otherwise(written)


def yymmdd(text: pl.Expr, as_of: date) -> pl.Expr:
    """Six digits; the day may be 00."""
    year = year_of(text.str.slice(0, 2), as_of)
    return day(year, text.str.slice(2, 2), text.str.slice(4, 2))


def day_of_year(year: pl.Expr, days: pl.Expr) -> pl.Expr:
    """A day by its number in the year, from 001."""
    number = days.cast(pl.Int32, strict=False)
    first = (year.cast(pl.String).str.zfill(4) + "0101").str.to_date("%Y%m%d", strict=False)
    found = first + pl.duration(days=number - 1)
    return pl.when((number >= 1) & (found.dt.year() == year)).then(found)


def yyyjjj(text: pl.Expr, as_of: date) -> pl.Expr:
    """The last three digits of a year and a day of it: the year nearest to ``as_of`` (ISBT 128)."""
    digits = text.str.slice(0, 3).cast(pl.Int32, strict=False)
    year = digits + (as_of.year - as_of.year % 1000)
    moved = (
        pl.when(year > as_of.year + 500)
        .then(-1000)
        .when(year < as_of.year - 499)
        .then(1000)
        .otherwise(0)
    )
    return day_of_year(year + moved, text.str.slice(3, 3))


# A day of making this far ahead has a two-digit year of the last century (76 read as 2076 in
# 2026); one nearer is a wrong date, and no device in use is a hundred years old.
_CENTURY_SLIP_YEARS = 25


def made(found: pl.Expr, as_of: date) -> tuple[pl.Expr, pl.Expr]:
    """A day of making read with the century window: the day meant, and a remark if in the future.

    The window suits days of expiry. What it puts 25 years ahead or more is read a century earlier,
    with a remark; what it puts less far ahead stays as it is read, with a remark.
    """
    slipped = found.dt.year() >= as_of.year + _CENTURY_SLIP_YEARS
    remark = (
        pl.when(slipped)
        .then(
            pl.lit(
                "the date of manufacture would be in the future by the century window; it is read "
                "a century earlier"
            )
        )
        .when(found > as_of)
        .then(pl.lit("the date of manufacture is in the future"))
    )
    return pl.when(slipped).then(found.dt.offset_by("-100y")).otherwise(found), remark
