"""GS1 UDI strings: application identifiers in brackets, or bare as a scanner sends them.

Both forms become the same list of fields, each its application identifier and its value. What
belongs here: which identifiers there are, how long they are, and what a second reading would be.

Source: GS1 General Specifications, sections 3, 5.10.1 (element strings of predefined length),
7.9 (check digit), 7.11 (characters), 7.12 (years).
"""

from datetime import date

import polars as pl

from recon.parse.udi import dates
from recon.parse.udi.verdict import fault, judged

_FNC1 = "\x1d"

# What scanners and people print in place of the separator. None can stand in a GS1 value but the
# two in pointed brackets, which no lot number is known to hold.
_STAND_INS = r"<GS>|<FNC1>|\{GS\}|\{FNC1\}|\[GS\]|\[FNC1\]|\x{241D}|\^\]?"
_SYMBOLOGY = r"^\](?:C1|d2|Q3|e0|J1)"

# What a string of GS1 starts with: a bracket, a separator, the device identifier, or another field
# that leads up to one of these.
START = (
    rf"^(?:\(\d{{2,4}}\)|{_FNC1}|{_STAND_INS}|\](?:C1|d2|Q3|e0|J1)|0[0-3]\d{{14}}"
    rf"|(?:1[1-7]\d{{6}})+01\d{{14}}|(?:10|21).+(?:{_FNC1}|{_STAND_INS}))"
)

# Identifiers whose length is fixed by the standard: no separator follows. The others end with one.
_FIXED = {
    "00": 18,
    "0[123]": 14,
    "04": 16,
    "1[1-9]": 6,
    "20": 2,
    r"3[1-6]\d\d": 6,
    r"41\d": 13,
}
_VARIABLE = (
    r"10|21|22|30|37|9\d|235|24[0-3]|25[0-5]|39\d\d|"
    r"40[0-3]|42[0-7]|43\d\d|7[02]\d\d|71\d|8[012]\d\d"
)
_FIELD = (
    rf"{_FNC1}?(?:"
    + "|".join(f"{ai}[^{_FNC1}]{{{size}}}" for ai, size in _FIXED.items())
    + rf"|(?:{_VARIABLE})[^{_FNC1}]*)"
)
_BRACKETED = rf"\s*\(({'|'.join(_FIXED)}|{_VARIABLE})\)\s*"

# Fields that are read, and what they must look like: texts of up to 20 of the GS1 characters.
_TEXT = r"^[!-\"%-/0-9:-?A-Z_a-z]{1,20}$"
_FORMS = {
    "01": r"^\d{14}$",
    "10": _TEXT,
    "11": r"^\d{6}$",
    "17": r"^\d{6}$",
    "21": _TEXT,
    "30": r"^\d{1,8}$",
}
_NAMES = {
    "01": "device identifier (01)",
    "10": "lot (10)",
    "11": "day of making (11)",
    "17": "day of expiry (17)",
    "21": "serial number (21)",
    "30": "count (30)",
}
# What would be another field within a variable one whose separator was lost.
_DAY = r"\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
_HIDDEN = {
    "01": r"^..+01\d{14}",
    "10": r"^..+10.",
    "11": rf"^..+11{_DAY}",
    "17": rf"^..+17{_DAY}",
    "21": r"^..+21.",
    "30": r"^..+30\d{1,8}$",
}


def read(texts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The parts of GS1 strings.

    Args:
        texts: columns ``row`` and ``udi``.
        as_of: as of ``parse_udi``.
    """
    plain = pl.col("udi").str.strip_chars().str.replace(_SYMBOLOGY, "")
    plain = plain.str.replace_all(_STAND_INS, _FNC1)
    bracketed = pl.col("plain").str.contains(r"^\s*\(")
    marked = pl.col("plain").str.replace_all(_FNC1, "", literal=True)
    marked = marked.str.replace_all(_BRACKETED, _FNC1 + "$1")
    whole = pl.when("bracketed").then(marked).otherwise("plain")
    cut = (
        texts.with_columns(plain=plain)
        .with_columns(bracketed=bracketed)
        .with_columns(whole=whole)
        .with_columns(
            body=pl.col("whole").str.strip_chars(_FNC1).str.replace_all(f"{_FNC1}+", _FNC1)
        )
        .with_columns(
            # Matches of a bare string that leave nothing between them are its fields.
            field=pl.when("bracketed")
            .then(pl.col("body").str.split(_FNC1))
            .otherwise(pl.col("body").str.extract_all(_FIELD))
        )
    )
    covered = pl.col("field").list.join("").str.len_chars()
    gap = ~pl.col("bracketed") & (covered != pl.col("body").str.len_chars())
    headless = pl.col("bracketed") & ~pl.col("whole").str.starts_with(_FNC1)
    cut = cut.with_columns(
        gap=gap.fill_null(True) | headless,
        unseparated=~pl.col("bracketed")
        & ~pl.col("plain").str.strip_chars_start(_FNC1).str.contains(_FNC1, literal=True),
    )
    fields = cut.select("row", "field").explode("field", empty_as_null=True, keep_nulls=True)
    fields = fields.with_columns(pl.col("field").str.strip_chars_start(_FNC1))
    found = {ai: pl.col("field").str.extract(rf"^{ai}(.*)$").drop_nulls() for ai in _FORMS}
    by_row = fields.group_by("row").agg(
        **{ai: values.first() for ai, values in found.items()},
        **{f"n{ai}": values.len() for ai, values in found.items()},
        last=pl.col("field").last(),
    )
    return _judged(cut.join(by_row, on="row", how="left", maintain_order="left"), as_of)


def _judged(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    sound = {ai: pl.when(pl.col(ai).str.contains(form)).then(ai) for ai, form in _FORMS.items()}
    rows = rows.with_columns(
        **{f"s{ai}": value for ai, value in sound.items()},
    )
    made, in_the_future = dates.made(dates.yymmdd(pl.col("s11"), as_of), as_of)
    rows = rows.with_columns(
        made_date=made,
        late=in_the_future,
        expiry_date=dates.yymmdd(pl.col("s17"), as_of),
        qty=pl.col("s30").cast(pl.Int64, strict=False),
        expected=_check_digit(pl.col("s01")),
    )
    repeated = pl.any_horizontal(pl.col(f"n{ai}") > 1 for ai in _FORMS)
    # A part within the last field counts only where the field it would be is not there already.
    hidden = pl.any_horizontal(
        pl.col("last").str.contains(second) & (pl.col(f"n{ai}") == 0)
        for ai, second in _HIDDEN.items()
    )
    open_ended = pl.col("last").str.contains("^(?:10|21)")
    wrong = [
        ("MALFORMED", fault(pl.col(ai).is_not_null() & pl.col(value).is_null(), sentence))
        for ai, value, sentence in (
            ("01", "s01", "the device identifier (01) is not 14 digits"),
            ("10", "s10", "the lot (10) is not 1 to 20 characters of GS1"),
            ("21", "s21", "the serial number (21) is not 1 to 20 characters of GS1"),
            ("11", "made_date", "the date of manufacture (11) is not a date"),
            ("17", "expiry_date", "the expiry date (17) is not a date"),
            ("30", "qty", "the count (30) is not 1 to 8 digits"),
        )
    ]
    said = [
        *wrong,
        ("MALFORMED", fault(pl.col("n01") == 0, "there is no device identifier (01)")),
        ("MALFORMED", fault(pl.col("gap"), "a part of it belongs to no field that GS1 knows")),
        ("MALFORMED", fault(repeated, "a field is in it more than once")),
        (
            "CHECK_FAILED",
            fault(
                pl.col("expected") != pl.col("s01").str.slice(13, 1),
                "the check digit of the device identifier is wrong",
            ),
        ),
        (
            "AMBIGUOUS",
            fault(
                pl.col("unseparated") & open_ended & hidden,
                "the last field has no separator and may hold another one",
            ),
        ),
        ("AMBIGUOUS", pl.col("late")),
    ]
    return rows.select(
        "row",
        "made_date",
        "expiry_date",
        "qty",
        di="s01",
        lot="s10",
        serial="s21",
        donation=pl.lit(None, dtype=pl.String),
        **judged(said),
    )


def _check_digit(gtin: pl.Expr) -> pl.Expr:
    """What the fourteenth digit must be: 3 and 1 in turn from the right, up to the next ten."""
    digits = [gtin.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(13)]
    total = pl.sum_horizontal(
        digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits)
    )
    return ((10 - total % 10) % 10).cast(pl.String)
