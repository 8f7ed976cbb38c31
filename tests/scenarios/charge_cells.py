"""What a scenario writes in a cell, as a value of a column."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


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


def messages(rows: list[dict[str, Any]], number: str, prefix: str) -> list[tuple[str, Any]]:
    """(message, row) of every row, its name from ``ctl`` or its place.

    A row that is another's double to the last cell, its ``ctl`` too, is read once; rows of one
    ``ctl`` and other contents are two messages.
    """
    said = [json.dumps(row, sort_keys=True) for row in rows]
    named = []
    for place, row in enumerate(rows):
        if "ctl" not in row:
            named.append((f"{prefix}{place}", row))
        elif said.index(said[place]) == place:
            key = row[number], row["ctl"]
            alike = {s for s, r in zip(said, rows, strict=True) if (r[number], r.get("ctl")) == key}
            after = f".{sorted(alike).index(said[place])}" if len(alike) > 1 else ""
            named.append((row["ctl"] + after, row))
    return named
