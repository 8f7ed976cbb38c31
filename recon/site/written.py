"""What the models of a site have in common, and texts that are more than any text.

What belongs here: a name, a time zone, an expression, the form of a date. What does not: the keys
that hold them (``declared``).
"""

import re
import zoneinfo
from datetime import UTC, date, datetime
from typing import Annotated

import polars as pl
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from recon.site.words import nearest


class Declared(BaseModel):
    """Unknown keys are mistakes, not extensions."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _named(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"'{name}' is not a valid name: small letters, digits, _, a letter first")
    return name


def _known_zone(zone: str) -> str:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones
        near = nearest(zone, zoneinfo.available_timezones(), otherwise="e.g. America/Chicago")
        raise ValueError(f"'{zone}' is not an IANA time zone; {near}") from None
    return zone


def _tells_a_day(form: str) -> str:
    moment = datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC)
    written = pl.lit(moment).dt.to_string(form)
    try:
        read = pl.select(
            pl.coalesce(
                written.str.to_datetime(form, strict=False).dt.date(),
                written.str.to_date(form, strict=False),
            )
        ).item()
    except pl.exceptions.PolarsError:
        read = None
    if read != moment.date():
        raise ValueError(f"'{form}' is not a whole date; write year, month and day as in %m/%d/%Y")
    return form


def _compiled(pattern: str) -> str:
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except pl.exceptions.ComputeError:
        told = f"'{pattern}' is not a regular expression; one is e.g. ^[A-Z]{{3,8}}$"
        raise ValueError(told) from None
    return pattern


def _written(expression: object) -> object:
    """YAML reads ``qty: 1`` as a number; an expression, or a code, is text all the same."""
    literal = isinstance(expression, int)
    return str(expression).lower() if literal else expression


def _a_day(day: object) -> date:
    # Pydantic takes a number for seconds since 1970, and speaks of times of day.
    try:
        return day if isinstance(day, date) else datetime.strptime(str(day), "%Y-%m-%d").date()  # noqa: DTZ007  a day in no zone
    except ValueError:
        raise ValueError(f"'{day}' is not a day such as 2026-03-02") from None


Name = Annotated[str, AfterValidator(_named)]
Pattern = Annotated[str, AfterValidator(_compiled)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Expression = Annotated[str, BeforeValidator(_written)]
Day = Annotated[date, BeforeValidator(_a_day)]
DateFormat = Annotated[str, AfterValidator(_tells_a_day)]
Code = BeforeValidator(_written)
