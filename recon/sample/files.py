"""A file of the sample as it is dropped into an inbox, and what must become of it."""

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Refused:
    """Something in a file that must end in quarantine.

    Attributes:
        source_record: record of the file, from 1; 0 for the whole file. Of an X12 file, the
            number of the transaction set's first segment.
        rule: the rule it breaks.
        records: how many records it stands for.
        layer: where it is refused: ``parse``, or ``canonical`` when it can be read but not mapped.
    """

    source_record: int
    rule: str
    records: int = 1
    layer: str = "parse"


@dataclass(frozen=True)
class File:
    """One file: where and when it is dropped, its bytes, and what must become of it."""

    feed: str
    name: str
    night: int
    data: bytes
    records: int
    refused: list[Refused] = field(default_factory=list)
    state: str = "LANDED"


def decimal_text(value: pl.Expr, places: int) -> pl.Expr:
    """Whole units of ten to the minus ``places`` as a decimal number."""
    size = 10**places
    magnitude = value.abs()
    return pl.concat_str(
        pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        magnitude // size,
        pl.lit("."),
        (magnitude % size).cast(pl.String).str.zfill(places),
    )


def price_text(price: pl.Expr) -> pl.Expr:
    """A price in ten-thousandths with two decimals, or four where it has fractions of a cent."""
    return (
        pl.when(price % 100 == 0)
        .then(decimal_text(price // 100, 2))
        .otherwise(decimal_text(price, 4))
    )
