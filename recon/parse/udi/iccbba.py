"""ICCBBA (ISBT 128) UDI strings: tissue and cells, and containers of blood.

Every field starts with its two characters of data identifier and has a fixed length; there is no
check character. Source: FDA, UDI formats by issuing agency, version 1.3; ISBT 128 Standard.
"""

from datetime import date

import polars as pl

from recon.parse.udi import dates
from recon.parse.udi.verdict import fault, judged

# Data identifier, and what follows it. Of a donation number the first character belongs to both.
_FIELDS = {
    "tissue": ("=/", "[0-9A-Z]{16}"),
    "bag": (r"=\)", "[0-9A-Z]{10}"),
    "serial": ("=,", "[0-9A-Z]{6}"),
    "expiry": ("[=&]>", r"\d{6}(?:\d{4})?"),  # with the hour and minute, of blood
    "made": (r"[=&]\}", r"\d{6}(?:\d{4})?"),
    "tissue_lot": ("&,1", "[0-9A-Z]{18}"),
    "bag_lot": (r"&\)", "[0-9A-Z]{10}"),
    "donation": ("=", "[0-9A-NP-Z][0-9A-Z]{14}"),
}
# What leads a two-dimensional symbol: how many fields follow, and the number of their sequence.
_COMPOUND = r"^=\+(\d\d)\d{3}"


def read(texts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The parts of ICCBBA strings.

    Args:
        texts: columns ``row`` and ``udi``.
        as_of: as of ``parse_udi``.
    """
    whole = pl.col("udi").str.strip_chars()
    text = whole.str.replace(_COMPOUND, "")
    fields = "|".join(identifier + form for identifier, form in _FIELDS.values())
    values = {
        name: pl.col("field")
        .list.eval(pl.element().str.extract(f"^{identifier}({form})$").drop_nulls())
        .list.first()
        for name, (identifier, form) in _FIELDS.items()
    }
    rows = texts.with_columns(
        text=text,
        field=text.str.extract_all(fields),
        announced=whole.str.extract(_COMPOUND).cast(pl.UInt32),
    ).with_columns(
        gap=pl.col("field").list.join("").str.len_chars() != pl.col("text").str.len_chars(),
        **values,
    )
    day = {name: dates.yyyjjj(pl.col(name).str.slice(0, 6), as_of) for name in ("made", "expiry")}
    rows = rows.with_columns(
        di=pl.coalesce("tissue", "bag"),
        lot=pl.coalesce("tissue_lot", "bag_lot"),
        made_date=day["made"],
        expiry_date=day["expiry"],
    )
    repeated = pl.col("field").list.len() > pl.sum_horizontal(
        pl.col(name).is_not_null().cast(pl.UInt32) for name in _FIELDS
    )
    said = [
        ("MALFORMED", fault(pl.col("di").is_null(), "there is no device identifier: =/ or =)")),
        ("MALFORMED", fault(pl.col("gap"), "a part of it belongs to no field that ISBT 128 knows")),
        ("MALFORMED", fault(repeated, "a field is in it more than once")),
        (
            "MALFORMED",
            fault(
                pl.col("announced") != pl.col("field").list.len(),
                "it does not hold as many fields as it announces",
            ),
        ),
        *(
            ("MALFORMED", fault(pl.col(n).is_not_null() & pl.col(f"{n}_date").is_null(), sentence))
            for n, sentence in (
                ("made", "the date of manufacture is not a date"),
                ("expiry", "the expiry date is not a date"),
            )
        ),
        (
            "AMBIGUOUS",
            fault(pl.col("made_date") > as_of, "the date of manufacture is in the future"),
        ),
    ]
    return rows.select(
        "row",
        "di",
        "lot",
        "serial",
        "donation",
        "made_date",
        "expiry_date",
        qty=pl.lit(None, dtype=pl.Int64),
        **judged(said),
    )
