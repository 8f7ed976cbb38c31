"""What a scenario writes in a cell, as a value of a column."""

from datetime import date, datetime
from decimal import Decimal


def codes(value: object) -> str | None:
    """Codes with blanks between, from a list of them or of rows that hold one, or as they are."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        return " ".join(value) or None
    assert isinstance(value, list)
    return (
        " ".join(str(v.get("code", "")) if isinstance(v, dict) else str(v) for v in value) or None
    )


def decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text[:10])


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
