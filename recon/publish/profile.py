"""What a workbook shows of persons and devices: SHARE to everyone, ANALYST to who works accounts.

A column declares what its values are (``Column.holds``), and the profile decides what becomes of
it. Account numbers, service dates and serial numbers are protected health information however
well the name is hidden (45 CFR 164.514(b)(2)), so SHARE is the default and shows none of them:

====================  ============================  ==========================================
what it holds         SHARE                         ANALYST
====================  ============================  ==========================================
account, claim        numbered within the workbook  the number, where the site keeps it
serial                left out                      its last four characters
donation, udi         left out                      left out
case, member, mrn,    numbered within the workbook  numbered within the workbook
visit
record                numbered within the workbook  as the source system numbers it; a claim
                                                    that we did not send by the payer's number,
                                                    where the site keeps it; else numbered
any date              months before the night's     as it is
days                  left out                      as it is
calendar              as it is: nobody's date       as it is
free text             left out                      left out
====================  ============================  ==========================================

A count of days from the business date (``days``) is a date, told otherwise; so is a count of
nights, and a bucket of days tells it better than its month.

Numbers are given in the order of the tokens, so the same rows in any order show the same; the
token itself is in no workbook. Neither profile makes a workbook de-identified.

What belongs here: what a profile shows. What does not: which columns a sheet has (``columns.py``),
where the numbers behind tokens are kept (``parse/restricted.py``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

import polars as pl

from recon.errors import InputError
from recon.publish.columns import Column, Holds


class Profile(StrEnum):
    """For whom a workbook is."""

    SHARE = "SHARE"
    ANALYST = "ANALYST"


Sheets = Mapping[str, tuple[Sequence[Column], pl.DataFrame]]

_LEFT_OUT: dict[Profile, set[Holds]] = {
    Profile.SHARE: {"serial", "donation", "udi", "days", "free text"},
    Profile.ANALYST: {"donation", "udi", "free text"},
}
_NUMBERED = {
    Profile.SHARE: {"account", "claim", "case", "member", "mrn", "visit", "record"},
    Profile.ANALYST: {"case", "member", "mrn", "visit", "record"},
}
_LOOKED_UP = {Profile.SHARE: set[str](), Profile.ANALYST: {"account", "claim", "serial"}}

# As ``parse/privacy.py`` makes them, and a whole date as anybody writes it into a sentence.
_OF_TOKENS = r"\b[a-z0-9]{1,8}:[A-Z2-7]{32}\b"
_DATE = r"\b(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}\b"


def shown(
    sheets: Sheets,
    night: date,
    profile: Profile = Profile.SHARE,
    numbers: pl.DataFrame | None = None,
) -> dict[str, tuple[tuple[Column, ...], pl.DataFrame]]:
    """The sheets of one workbook as a profile shows them.

    Args:
        sheets: title -> columns, and rows that have every column that is no entry. Sheets of one
            workbook are given together: an account has one number in all of them.
        night: the business date, from which SHARE counts months.
        profile: for whom.
        numbers: for ANALYST, what stands behind the tokens (``restricted.opened``).

    Returns:
        title -> columns and rows, fewer where something is left out.

    Raises:
        InputError: a text holds a token, or in SHARE a whole date, and its column does not say
            so; nothing of it may be written.
    """
    surrogates = _surrogates(sheets, _NUMBERED[profile])
    made = {}
    for title, (columns, rows) in sheets.items():
        kept = tuple(c for c in columns if c.holds not in _LEFT_OUT[profile])
        names = [c.name for c in kept if c.name in rows.columns]
        rows = rows.select(names)
        values = {
            c.name: _shown(rows[c.name], c, profile, night, surrogates, numbers)
            for c in kept
            if c.name in names
        }
        headed = tuple(_headed(c, rows, profile) for c in kept)
        made[title] = headed, rows.with_columns(**values)
        _check(title, made[title][1], profile)
    return made


def shows(profile: Profile, holds: Holds) -> bool:
    """Whether such values stand in the workbooks of a profile, in whatever form."""
    return holds not in _LEFT_OUT[profile]


def _shown(
    values: pl.Series,
    column: Column,
    profile: Profile,
    night: date,
    surrogates: Mapping[str, pl.DataFrame],
    numbers: pl.DataFrame | None,
) -> pl.Series:
    if column.holds in _LOOKED_UP[profile]:
        behind = None if numbers is None else numbers.filter(pl.col("domain") == column.holds)
        return _replaced(values, behind)
    if column.holds == "record" and profile == Profile.ANALYST:
        return _told_as_numbered(values, surrogates["record"], numbers)
    if column.holds in surrogates:
        return _replaced(values, surrogates[column.holds])
    if _is_month(column, values.dtype, profile):
        months = (values.dt.year() - night.year) * 12 + values.dt.month() - night.month
        return months.cast(pl.Int32)
    return values


def _told_as_numbered(
    values: pl.Series, surrogates: pl.DataFrame, numbers: pl.DataFrame | None
) -> pl.Series:
    """Keys of records as their systems number them; tokens stand in some of what payers send."""
    written = values.cast(pl.String)
    claims = None if numbers is None else numbers.filter(pl.col("domain") == "claim")
    hidden = _replaced(values, claims).fill_null(_replaced(values, surrogates))
    return hidden.zip_with(written.str.contains(_OF_TOKENS).fill_null(value=False), written)


def _is_month(column: Column, dtype: pl.DataType, profile: Profile) -> bool:
    return profile == Profile.SHARE and dtype.is_temporal() and column.holds != "calendar"


def _headed(column: Column, rows: pl.DataFrame, profile: Profile) -> Column:
    """The column as it is headed and explained when months stand in it."""
    if column.name not in rows.columns or not _is_month(column, rows[column.name].dtype, profile):
        return column
    meaning = f"{column.meaning} In months before (-) or after the month of the business date."
    return replace(column, heading=f"{column.heading} (month)", kind="count", meaning=meaning)


def _surrogates(sheets: Sheets, domains: set[str]) -> dict[str, pl.DataFrame]:
    """Per domain: token -> its number within the workbook, in the order of the tokens."""
    found: dict[str, list[pl.Series]] = {}
    for columns, rows in sheets.values():
        for column in columns:
            if column.holds in domains and column.name in rows.columns:
                found.setdefault(column.holds, []).append(rows[column.name].cast(pl.String))
    made = {}
    for domain, values in found.items():
        token = pl.concat([v.alias("token") for v in values]).drop_nulls().unique().sort()
        number = pl.int_range(1, token.len() + 1, eager=True).cast(pl.String)
        width = len(str(token.len()))
        made[domain] = pl.DataFrame(
            {"token": token, "number": f"{domain} " + number.str.zfill(width)}
        )
    return made


def _replaced(values: pl.Series, behind: pl.DataFrame | None) -> pl.Series:
    """What stands for each value; null where nothing does."""
    if behind is None:
        return pl.repeat(None, values.len(), dtype=pl.String, eager=True).alias(values.name)
    return values.cast(pl.String).replace_strict(
        behind["token"], behind["number"], default=None, return_dtype=pl.String
    )


def _check(title: str, rows: pl.DataFrame, profile: Profile) -> None:
    """Hold what is about to be written to what the profile promises, whatever was declared."""
    forbidden = {"a token": _OF_TOKENS, **({"a whole date": _DATE} if profile == "SHARE" else {})}
    for column in rows.select(pl.col(pl.String)):
        for what, pattern in forbidden.items():
            if column.str.contains(pattern).any():
                raise InputError(
                    f"the sheet '{title}' was not written: its column '{column.name}' holds {what},"
                    f" which a {profile} workbook never shows. Declare what the column `holds`"
                    " (recon/publish/columns.py), or leave it out."
                )
