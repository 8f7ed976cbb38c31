"""UDI strings read into their parts and checked: GS1, HIBCC and ICCBBA.

What belongs here: which agency a string is of, and what every agency's reader gives. What does
not: the agencies' own rules (``gs1``, ``hibcc``, ``iccbba``), dates (``dates``), tokens in place of
serial and donation numbers (``parse/privacy.py``).

Sources: FDA, UDI formats by issuing agency, version 1.3 (2017-01-27); GS1 General Specifications;
HIBC Supplier Labeling Standard; ISBT 128.
"""

from datetime import date

import polars as pl

from recon.parse.udi import gs1, hibcc, iccbba

__all__ = ["UDI", "parse_udi", "whole_apart"]

# What stands in a column of UDI strings; ``udi`` is the original, to the byte.
UDI = pl.Schema(
    {
        "udi": pl.String,
        "issuer": pl.String,  # GS1, HIBCC or ICCBBA; null where it starts like none of them
        "di": pl.String,
        "lot": pl.String,
        "serial": pl.String,
        "donation": pl.String,
        "made_date": pl.Date,
        "expiry_date": pl.Date,
        "qty": pl.Int64,
        "verdict": pl.String,  # VALID, CHECK_FAILED, AMBIGUOUS, MALFORMED; null for null
        "remark": pl.String,  # what is wrong, without the numbers; null where nothing is
    }
)

# A device identifier by itself: GS1's number, HIBCC's or ICCBBA's letters and digits.
_DI = r"^(?:\d{1,14}|[A-Za-z][0-9A-Za-z.-]{0,22})$"

_READERS = {"GS1": gs1.read, "HIBCC": hibcc.read, "ICCBBA": iccbba.read}


def parse_udi(values: pl.Series, as_of: date) -> pl.DataFrame:
    """Read a column of UDI strings.

    A wrong check digit keeps the parts (CHECK_FAILED). What can be read in two ways is flagged
    (AMBIGUOUS): a variable field without a separator that may hold another one, a day of making
    after ``as_of``. What breaks its agency's form is MALFORMED and keeps the parts that are sound.
    Of two faults the graver is the verdict (MALFORMED, CHECK_FAILED, AMBIGUOUS), the remark names
    all. Escapes of HL7 are to be resolved before.

    Args:
        values: texts as scanned or printed; blanks at the ends do not count.
        as_of: the day from which two-digit years are read (49 years back, 50 on) and after which
            nothing is made yet.

    Returns:
        One row per value in its order, columns as in ``UDI``.
    """
    texts = pl.DataFrame({"udi": values.cast(pl.String)}).with_row_index("row")
    text = pl.col("udi").str.strip_chars()
    texts = texts.with_columns(
        issuer=pl.when(text.str.contains(r"^\*?\+"))
        .then(pl.lit("HIBCC"))
        .when(text.str.contains(r"^[=&]"))
        .then(pl.lit("ICCBBA"))
        .when(text.str.contains(gs1.START))
        .then(pl.lit("GS1"))
    )
    empty = (text == "").fill_null(True)
    nothing = pl.DataFrame(schema={"row": pl.UInt32(), **{c: UDI[c] for c in _PARTS}})
    read = [
        _READERS[issuer](texts.filter(pl.col("issuer") == issuer), as_of).select(nothing.columns)
        for issuer in texts["issuer"].drop_nulls().unique().sort()
    ]
    unknown = texts.filter(pl.col("issuer").is_null() & ~empty).select(
        "row",
        verdict=pl.lit("MALFORMED"),
        remark=pl.lit(
            "it does not start like a UDI: (01) or 01 for GS1, + for HIBCC, = or & for ICCBBA"
        ),
    )
    parts = pl.concat([nothing, *read, unknown], how="diagonal")
    found = texts.join(parts, on="row", how="left", maintain_order="left")
    return found.select(list(UDI)).cast(dict(UDI.items()))


_PARTS = [c for c in UDI if c not in ("udi", "issuer")]


def whole_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in which no whole UDI stands in the place of its device identifier.

    Senders put one there, and it may hold a serial number: it is the row's UDI where it has none.

    Args:
        rows: with the columns ``udi`` and ``udi_di``.

    Returns:
        The rows, and ``whole``: what is to be remarked of those that had one.
    """
    whole = ~pl.col("udi_di").str.contains(_DI)
    return rows.with_columns(
        udi=pl.coalesce("udi", pl.when(whole).then("udi_di")),
        udi_di=pl.when(~whole).then("udi_di"),
        whole=pl.when(whole).then(pl.lit("udi_di was more than a device identifier")),
    )
