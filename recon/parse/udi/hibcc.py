"""HIBCC UDI strings: labeler, product and unit, then what a secondary code says of the one piece.

What belongs here: the forms of the secondary code. Source: ANSI/HIBC 2.6,
Supplier Labeling Standard.
"""

from datetime import date

import polars as pl

from recon.parse.udi import dates
from recon.parse.udi.hibcc_check import CHARACTERS, total, value_of_last
from recon.parse.udi.hibcc_labels import SECONDARY, one_label
from recon.parse.udi.verdict import fault, judged

_BLANK = CHARACTERS.index(" ")
_ANY = r"[^0-9A-Z\-. $/+%]"

_PRIMARY = r"^\+([A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9])(?:/|$)"

# Behind $$ (or $$+, where a serial number takes the place of the lot) a quantity may stand, then
# the date in one of seven forms, told by its first digit, then lot or serial number.
_QUANTITY = r"(?:8(?P<qty2>\d{2})|9(?P<qty5>\d{5}))?"
_WHEN = (
    r"(?:(?P<mmyy>[01]\d{3})|2(?P<mmddyy>\d{6})|3(?P<yymmdd>\d{6})|4(?P<yymmddhh>\d{8})"
    r"|5(?P<yyjjj>\d{5})|6(?P<yyjjjhh>\d{7})|(?P<undated>7))?"
)
_SECONDARY = rf"^\$\$(?P<plus>\+?){_QUANTITY}{_WHEN}(?P<rest>[^$+].*)?$"
_SHORT = r"^\$(?:\+(?P<serial>[^$+].*)|(?P<lot>[^$+].*))$"
_OLD = r"^(?P<yyjjj>\d{5})(?P<lot>.*)$"  # before the $ forms: day of the year, lot


def read(texts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The parts of HIBCC strings.

    Args:
        texts: columns ``row`` and ``udi``.
        as_of: as of ``parse_udi``.
    """
    # Printed between asterisks; a blank that is the check character is printed as _. HIBCC has no
    # small letters: they are capitals, from a keyboard or from a scanner that goes through one.
    printed = pl.col("udi").str.strip_chars().str.strip_chars("*").str.replace("_$", " ")
    labels = texts.with_columns(text=printed.str.to_uppercase())
    rows = (
        one_label(labels)
        .with_columns(padded=pl.col("udi").str.contains(" $"), total=total(pl.col("text")))
        .with_columns(
            body=pl.col("text").str.head(-1),
            check=value_of_last(pl.col("text")),
            strange=pl.col("text").str.contains(_ANY),
        )
    )
    before = pl.col("total") - pl.col("check")
    passes = (pl.col("check") == before % 43).fill_null(False) & ~pl.col("strange")
    passes |= pl.col("text").is_null()  # two labels, of which each passes
    # A blank as check character is what trimming takes away first.
    lost = ~passes & ~pl.col("strange") & (pl.col("total") % 43 == _BLANK)
    rows = rows.with_columns(passes=passes, lost=lost).with_columns(
        body=pl.when("lost").then("text").otherwise("body")
    )
    primary = pl.col("body").str.extract(_PRIMARY)
    # A secondary code on a label of its own starts with + and ends with a link to the primary.
    alone = pl.col("body").str.contains(SECONDARY)
    linked = pl.col("body").str.slice(1, pl.col("body").str.len_chars() - 2)
    tail = (
        pl.when(alone).then(linked).otherwise(pl.col("body").str.extract(r"^[^/]*/(.*)$"))
    ).str.split("/")
    rows = rows.with_columns(di=primary, piece=tail, alone=alone)
    first = pl.col("piece").list.first()
    is_secondary = first.str.contains(r"^(?:\$|\d{5})") & ~first.str.contains(r"^1[46]D\d")
    rows = rows.with_columns(
        first=pl.when(is_secondary).then(first),
        more=pl.when(is_secondary).then(pl.col("piece").list.slice(1)).otherwise("piece"),
    ).with_columns(
        long=pl.col("first").str.extract_groups(_SECONDARY),
        short=pl.col("first").str.extract_groups(_SHORT),
        old=pl.col("first").str.extract_groups(_OLD),
    )
    return _judged(rows.with_columns(**_supplements()), as_of)


def _supplements() -> dict[str, pl.Expr]:
    """Data identifiers behind the secondary code: /S, /14D, /16D, /Q."""
    piece = pl.element()
    return {
        name: pl.col("more").list.eval(piece.str.extract(form).drop_nulls()).list.first()
        for name, form in (
            ("S", r"^S(.+)$"),
            ("14D", r"^14D(.*)$"),
            ("16D", r"^16D(.*)$"),
            ("Q", r"^Q(\d{1,5})$"),
        )
    } | {
        "unread": pl.col("more")
        .list.eval(~piece.str.contains(r"^(?:S.+|1[46]D.*|Q\d{1,5})$"))
        .list.any()
    }


def _judged(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    def part(name: str) -> pl.Expr:
        return pl.col("long").struct.field(name)

    def year(text: pl.Expr, start: int) -> pl.Expr:
        return dates.year_of(text.str.slice(start, 2), as_of)

    month, us, hour = part("mmyy"), part("mmddyy"), part("yymmddhh")
    julian = pl.coalesce(
        part("yyjjj"), part("yyjjjhh").str.slice(0, 5), pl.col("old").struct.field("yyjjj")
    )
    supplied = pl.col("14D")
    written = pl.coalesce(month, us, part("yymmdd"), hour, julian)
    expiry = pl.coalesce(
        dates.day(year(month, 2), month.str.slice(0, 2), pl.lit("00")),
        dates.day(year(us, 4), us.str.slice(0, 2), us.str.slice(2, 2)),
        dates.yymmdd(part("yymmdd"), as_of),
        dates.yymmdd(hour.str.slice(0, 6), as_of),
        dates.day_of_year(year(julian, 0), julian.str.slice(2, 3)),
        _written_out(supplied),
    )
    made = _written_out(pl.col("16D"))
    serial_form = part("plus") == "+"
    rest = part("rest")
    rows = rows.with_columns(
        expiry_date=expiry,
        made_date=made,
        dated=pl.coalesce(written, supplied),
        lot=pl.coalesce(
            pl.when(~serial_form).then(rest),
            pl.col("short").struct.field("lot"),
            pl.col("old").struct.field("lot").replace("", None),
        ),
        serial=pl.coalesce(
            pl.col("S"), pl.when(serial_form).then(rest), pl.col("short").struct.field("serial")
        ),
        qty=pl.coalesce(part("qty2"), part("qty5"), "Q").cast(pl.Int64, strict=False),
    )
    unreadable = (
        pl.col("first").is_not_null()
        & part("plus").is_null()
        & pl.coalesce(
            pl.col("short").struct.field("lot"),
            pl.col("short").struct.field("serial"),
            pl.col("old").struct.field("yyjjj"),
        ).is_null()
    )
    too_long = pl.max_horizontal(pl.col("lot").str.len_chars(), pl.col("serial").str.len_chars())
    impossible = (pl.col("dated").is_not_null() & pl.col("expiry_date").is_null()) | (
        pl.col("16D").is_not_null() & pl.col("made_date").is_null()
    )
    said = [
        (
            "MALFORMED",
            fault(
                pl.col("di").is_null() & pl.col("text").is_not_null(),
                "there is no device identifier: + , labeler, product and unit of measure",
            ),
        ),
        ("MALFORMED", fault(unreadable, "the secondary code is in no form that HIBCC knows")),
        ("MALFORMED", fault(impossible, "a date in it does not exist")),
        ("MALFORMED", fault(too_long > 18, "lot or serial number is longer than 18 characters")),
        ("MALFORMED", fault(pl.col("unread"), "a supplement has no form that is read here")),
        (
            "CHECK_FAILED",
            fault(~pl.col("passes") & ~pl.col("lost"), "the check character is wrong"),
        ),
        (
            "AMBIGUOUS",
            fault(
                pl.col("lost") & ~pl.col("padded"),
                "the check character is wrong, or it is a blank that was cut off, as is read here",
            ),
        ),
        (
            "AMBIGUOUS",
            fault(
                pl.col("padded") & pl.col("passes") & (pl.col("total") % 43 == _BLANK),
                "the check character is the last letter, as is read here, or the blank after it",
            ),
        ),
        ("AMBIGUOUS", pl.col("several")),
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
        "made_date",
        "expiry_date",
        "qty",
        donation=pl.lit(None, dtype=pl.String),
        **judged(said),
    )


def _written_out(text: pl.Expr) -> pl.Expr:
    """YYYYMMDD."""
    eight = pl.when(text.str.contains(r"^\d{8}$")).then(text)
    return eight.str.to_date("%Y%m%d", strict=False)
