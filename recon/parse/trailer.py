"""A trailer's count and total against what the file holds.

What belongs here: the comparison and its sentences. What does not: finding the trailer (``flat``).
"""

from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

import polars as pl

from recon.connection import reader
from recon.parse.contract import column_values, exact_number
from recon.parse.parsed import CONTROL
from recon.site import Column


@dataclass(frozen=True)
class Declared:
    """What a trailer says; None for what its format does not declare.

    Attributes:
        source_record: its place in the file.
        count: how many records the sender counted.
        total: what the sender summed.
        decimals: how many of the total's digits are; None where it is written as its column is.
    """

    source_record: int
    count: str | None
    total: str | None
    decimals: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The controls of one file; ``rule`` and ``reason`` are None where all of them agree."""

    controls: pl.DataFrame
    rule: str | None = None
    reason: str | None = None


def missing(found: str) -> Verdict:
    """A file whose last record is not its trailer.

    Args:
        found: what stands there instead, as a phrase.
    """
    row = {
        "control": "trailer_missing",
        "source_record": 0,
        "declared": "the last record",
        "found": found,
        "agrees": False,
    }
    reason = (
        f"the trailer should be the last record of the file; found: {found}. The file may have "
        "been cut, or two files joined: ask the sender to send it again."
    )
    return Verdict(pl.DataFrame([row], schema=CONTROL), "trailer_missing", reason)


def compared(
    declared: Declared, records: int, total_of: Column | None, texts: pl.Series, summed: int
) -> Verdict:
    """Compare a trailer with its file.

    Args:
        declared: the trailer.
        records: data records of the file, refused ones included.
        total_of: the column that the total sums.
        texts: that column of every record of the right shape, refused ones included: a sender
            sums what it sends.
        summed: how many records should have that column.
    """
    rows: list[dict[str, object]] = []
    sentences: list[str] = []
    if declared.count is not None:
        count = _exact(declared.count, Column(name="count", type="integer"))
        rows.append(_row("trailer_count", declared, declared.count, str(records), count == records))
        if count != records:
            sentences.append(
                f"the trailer declares {declared.count or 'no number of'} records, the file has "
                f"{records}"
            )
    if declared.total is not None and total_of is not None:
        values = column_values(texts, total_of)
        found = _total(values)
        shown = f"{found:f}".rstrip("0").rstrip(".") if "." in f"{found:f}" else f"{found:f}"
        written = total_of
        if declared.decimals is not None:
            written = Column(
                name="total",
                type="decimal",
                implied=True,
                scale=declared.decimals,
                zoned=total_of.zoned,
            )
        total = _exact(declared.total, written)
        agrees = total == found
        rows.append(_row("trailer_total", declared, declared.total, shown, agrees))
        if not agrees:
            unread = (
                summed
                - values.len()
                + int((values.is_null() & (texts.str.strip_chars() != "")).sum())
            )
            beside = f" ({unread} of them with no readable {total_of.name})" if unread else ""
            as_read = f" ({total:f})" if written is not total_of and total is not None else ""
            sentences.append(
                f"the trailer declares a total {total_of.name} of {declared.total or 'nothing'}"
                f"{as_read}, "
                f"the {summed} records hold {shown}{beside}"
            )
    controls = pl.DataFrame(rows, schema=CONTROL)
    if not sentences:
        return Verdict(controls)
    rule = next(str(row["control"]) for row in rows if not row["agrees"])
    reason = (
        "; ".join(sentences) + ". Nothing of the file is used: ask the sender to send it again."
    )
    return Verdict(controls, rule, reason)


def _row(
    control: str, declared: Declared, said: str, found: str, agrees: bool
) -> dict[str, object]:
    return {
        "control": control,
        "source_record": declared.source_record,
        "declared": said,
        "found": found,
        "agrees": agrees,
    }


def _exact(text: str, column: Column) -> Decimal | None:
    number = exact_number(pl.Series([text.strip()]), column)[0]
    return None if number is None else Decimal(number)


def _total(values: pl.Series) -> Decimal:
    query = files("recon.parse").joinpath("control_total.sql").read_text(encoding="utf-8")
    with reader().cursor() as con:
        con.register("amount", pl.DataFrame({"value": values}))
        return Decimal(con.sql(query).fetchall()[0][0])
