"""A contract applied: the texts of a flat file or sheet become typed columns, or rejects.

What belongs here: what a text must look like to be a number, a date, a boolean. What does not:
how the texts were cut out of a file (``flat``, ``spreadsheet``).
"""

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from recon.parse.form import form, form_of
from recon.parse.parsed import REJECT
from recon.site import Column, Contract, OtherColumns, closest, one_line

# What stands beside the contract's columns: where a record comes from.
ORIGIN = pl.Schema(
    {
        "source_record": pl.Int64,
        "byte_offset": pl.Int64,
        "byte_length": pl.Int64,
        "raw": pl.String,
    }
)
DECIMAL_DIGITS = 18
DEFAULT_SCALE = 6
RAW_CHARACTERS = 200
MOST_SAID = 20  # headings that a reason names of each sort

# One sign at most: before the number, behind it (as mainframes print it), or parentheses (as
# accountants do). Thousands only in groups of three: `1,23` may be a European decimal.
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?"
_NUMBER = (
    rf"^(?:[-+]?\s*\$?\s*{_DIGITS}|\$\s*[-+]\s*{_DIGITS}"
    rf"|\$?\s*{_DIGITS}\s*[-+]|\(\s*\$?\s*{_DIGITS}\s*\)|\$\s*\(\s*{_DIGITS}\s*\))$"
)
_MINUS = "\u2212"  # as a typesetter and some exports write it
_NEGATIVE = list("}JKLMNOPQR")
_ZONED = {
    mark: str(digit) for marks in ("{ABCDEFGHI", _NEGATIVE) for digit, mark in enumerate(marks)
}
_IMPLIED = r"^(?:[-+]?[0-9]+|[0-9]+[-+])$"
# What exports write to keep Excel from taking an id for a number: ="00123", in it a quote doubled.
_FORMULA_TEXT = r'(?s)^="((?:[^"]|"")*)"$'
# Characters without width: a file joined behind another has a byte-order mark in its first value,
# and what is copied from a page or a dialog brings marks of direction with it.
_UNSEEN = "[\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
_ENDS = rf"^(?:\s|{_UNSEEN})+|(?:\s|{_UNSEEN})+$"
_TIME_PARTS = re.compile(r"%[-0-9.]*[HIMSfpTRsXLc]")
EARLIEST_YEAR, LATEST_YEAR = 1900, 9999


def contract_schema(contract: Contract) -> pl.Schema:
    """Column name -> polars type of an accepted record; what is dropped is not among them."""
    return pl.Schema({column.name: _dtype(column) for column in _kept(contract)})


def typed(
    texts: pl.DataFrame, contract: Contract, *, shown: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Type every column; a row that cannot be typed becomes one reject.

    Args:
        texts: the contract's columns, all String, and the columns of ``ORIGIN``.
        contract: what the columns must be.
        shown: whether a reason may show a value that is refused, or its form alone.

    Returns:
        The accepted rows (``contract_schema``, ``source_record``, ``byte_offset``), and the rows of
        ``REJECT``: the rule is the first that the record breaks (``required:<column>``,
        ``type:<column>``, ``allowed:<column>``), the reason names all.
    """
    found = [_Typed.of(texts[column.name], column) for column in _kept(contract)]
    bad = pl.repeat(False, texts.height, dtype=pl.Boolean, eager=True)
    for column in found:
        for broken, _ in column.broken.values():
            bad = bad | broken
    origin = texts.select("source_record", "byte_offset")
    rows = pl.DataFrame([column.values for column in found]).hstack(origin)
    if not bad.any():
        return rows, pl.DataFrame(schema=REJECT)
    return rows.filter(~bad), _rejects(texts, found, bad, shown=shown)


def reject(
    records: pl.DataFrame, rule: pl.Expr | str, reason: pl.Expr | str, count: pl.Expr | int = 1
) -> pl.DataFrame:
    """``REJECT`` rows for records that have the columns of ``ORIGIN``.

    Args:
        records: what is refused.
        rule: the rule broken, as text or an expression over ``records``.
        reason: the sentence, likewise.
        count: how many records each row stands for.
    """

    def expr(value: pl.Expr | str | int) -> pl.Expr:
        return value if isinstance(value, pl.Expr) else pl.lit(value)

    return records.select(
        record=pl.lit("record"),
        source_record=pl.col("source_record"),
        byte_offset=pl.col("byte_offset"),
        byte_length=pl.col("byte_length"),
        records=expr(count),
        rule=expr(rule),
        reason=expr(reason),
        raw=pl.col("raw").str.strip_chars_end("\r\n").str.slice(0, RAW_CHARACTERS),
    ).cast(dict(REJECT.items()))


def exact_number(text: pl.Series, column: Column) -> pl.Series:
    """Numbers as plain decimal text (``-1234.5``); null where the text is not one.

    ``$``, thousands separators, a trailing sign and parentheses are read; an exponent is not: a
    spreadsheet that writes ``1.2E+05`` has already rounded. Zeros behind the last decimal are cut.
    With ``implied`` the text is digits only and the point is put in by the column's scale; with
    ``zoned`` the last of them carries the sign; with ``decimal_comma`` comma and point change
    places.
    """
    text = text.str.replace(_MINUS, "-", literal=True)
    if column.implied:
        return _implied(_unzoned(text) if column.zoned else text, _scale(column))
    if column.decimal_comma:
        text = text.str.replace_many({".": ",", ",": "."})
    t = pl.col("t")
    digits = t.str.replace_all(r"[^\d.]", "")
    cut = (
        digits.str.replace(r"(\.\d*?)0+$", "$1").str.strip_chars_end(".").str.replace(r"^\.", "0.")
    )
    plain = pl.when(cut == "").then(pl.lit("0")).otherwise(cut)
    signed = pl.when(t.str.contains(r"[-(]")).then("-" + plain).otherwise(plain)
    number = t.str.contains(_NUMBER) & t.str.contains(r"[0-9]")
    return pl.DataFrame({"t": text}).select(pl.when(number).then(signed)).to_series()


def heading(column: Column) -> str:
    """How a column is headed, as it is compared: on one line, case ignored."""
    return one_line(column.heading).casefold()


def header_problem(headings: list[str], contract: Contract, others: OtherColumns) -> str | None:
    """What is wrong with a header, in a sentence; None where every column is there once.

    A file that lost its header begins with a record: where that may be a person's, or hold what the
    contract does not name, its form is told alone. ``headings`` are on ``one_line`` each.
    """
    wanted = {heading(column): column.heading for column in contract.columns}
    near = [text for text in headings if text.casefold() not in wanted]
    if others == "ignored":
        headings = [text for text in headings if text.casefold() in wanted] or headings
    is_ours = any(text.casefold() in wanted for text in headings)
    hidden = contract.is_private or (others == "ignored" and not is_ours)
    found = Counter(text.casefold() for text in headings)
    missing = [name for key, name in wanted.items() if key not in found]
    unknown = [text for text in headings if text.casefold() not in wanted]
    twice = sorted({text for text in headings if found[text.casefold()] > 1})
    if not (missing or unknown or twice):
        return None
    hints = [] if hidden else near[:RAW_CHARACTERS]
    close = {name: closest(name, hints) for name in missing[:MOST_SAID]}
    is_text = "\0" not in "".join(headings)  # UTF-16 without its mark resembles every heading
    if len(missing) == len(wanted) and not (is_text and any(close.values())):
        first = ", ".join(unknown)[:RAW_CHARACTERS]
        shown = "".join(mark if mark.isprintable() else "?" for mark in first)
        return (
            "the header is not the contract's: it has none of its columns, but "
            f"'{form_of(first) if hidden else shown}'. Nothing of the file is used: "
            "check whether this is the file that was meant, and whether its delimiter, encoding "
            "and row of headings are as declared."
        )
    if hidden:
        unknown, twice = [form_of(t) for t in unknown], [form_of(t) for t in twice]
    unknown, twice = ([text[:RAW_CHARACTERS] for text in texts] for texts in (unknown, twice))
    nameless = "a column without a heading (where each record ends with it: `header: ''`)"
    hint = {name: f" (did you mean '{near_to}'?)" for name, near_to in close.items() if near_to}
    said = [
        *_first([f"missing '{name}'{hint.get(name, '')}" for name in missing], "missing"),
        *_first(
            [f"unknown '{text}'" if text else nameless for text in unknown],
            "unknown",
        ),
        *_first(
            [f"'{text}' is there more than once" for text in twice],
            "there more than once",
        ),
    ]
    return (
        "the header is not the contract's: "
        + "; ".join(said)
        + ". Nothing of the file is used: ask the "
        "sender what changed, or change the contract's columns."
    )


def _first(said: list[str], what: str) -> list[str]:
    """The first few, and how many more there are."""
    more = len(said) - MOST_SAID
    return [*said[:MOST_SAID], f"{more:,} more {what}"] if more > 0 else said


def column_values(text: pl.Series, column: Column) -> pl.Series:
    """One column typed: null where a text is empty or is not a value of its type."""
    return _values(_trimmed(text), column)[0]


@dataclass(frozen=True)
class _Typed:
    """One column's values, and for each rule which rows break it and what to say."""

    column: Column
    values: pl.Series
    broken: dict[str, tuple[pl.Series, str]]

    @classmethod
    def of(cls, text: pl.Series, column: Column) -> "_Typed":
        text = _trimmed(text)
        values, reason = _values(text, column)
        broken: dict[str, tuple[pl.Series, str]] = {}
        wrong = values.is_null() & text.is_not_null()
        if column.required and text.null_count():
            broken["required"] = (text.is_null(), "is empty and is required")
        if wrong.any():
            broken["type"] = (wrong, reason)
        if column.allowed is not None:
            outside = (text.is_not_null() & ~text.is_in(column.allowed) & ~wrong).fill_null(False)
            if outside.any():
                broken["allowed"] = (outside, "expected one of " + ", ".join(column.allowed))
        return cls(column, values.alias(column.name), broken)


def _kept(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if column.private != "drop"]


def _rejects(
    texts: pl.DataFrame, found: list[_Typed], bad: pl.Series, *, shown: bool
) -> pl.DataFrame:
    refused = texts.filter(bad)
    rules, reasons = [], []
    for column in found:
        name = column.column.name
        if shown:
            said = " is '" + pl.col(name).str.strip_chars().str.slice(0, 60) + "'"
        else:
            said = " has the form '" + form(pl.col(name)) + "'"
        for rule, (broken, expectation) in column.broken.items():
            mask = pl.lit(broken.filter(bad))
            sentence = (
                pl.lit(f"{name} {expectation}")
                if rule == "required"
                else pl.lit(name) + said + pl.lit(f": {expectation}")
            )
            rules.append(pl.when(mask).then(pl.lit(f"{rule}:{name}")))
            reasons.append(pl.when(mask).then(sentence))
    return reject(
        refused, pl.coalesce(rules), pl.concat_str(reasons, separator="; ", ignore_nulls=True)
    )


def _trimmed(text: pl.Series) -> pl.Series:
    text = text.str.strip_chars()
    # Most columns have a byte to a character, and none of these: to look for them takes seven times
    # as long.
    if text.str.len_bytes().sum() != text.str.len_chars().sum():
        unseen = text.str.contains(_UNSEEN).fill_null(False)
        seen = text.filter(unseen).str.replace_all(_ENDS, "")
        text = text.clone().scatter(unseen.arg_true(), seen)
    formula = text.str.starts_with('="').fill_null(False)
    if formula.any():
        meant = text.filter(formula).str.extract(_FORMULA_TEXT).str.replace_all('""', '"')
        bare = meant.str.strip_chars().fill_null(text.filter(formula))
        text = text.clone().scatter(formula.arg_true(), bare)
    empty = text == ""
    return text.set(empty, None) if empty.any() else text


def _scale(column: Column) -> int:
    return DEFAULT_SCALE if column.scale is None else column.scale


def _dtype(column: Column) -> pl.DataType:
    match column.type:
        case "integer":
            return pl.Int64()
        case "decimal":
            return pl.Decimal(DECIMAL_DIGITS, _scale(column))
        case "date":
            return pl.Date()
        case "boolean":
            return pl.Boolean()
        case "text" | "udi":
            return pl.String()


def _values(text: pl.Series, column: Column) -> tuple[pl.Series, str]:
    """The typed values (null where the text is not one), and what was expected of a bad one."""
    match column.type:
        case "decimal" | "integer":
            scale = 0 if column.type == "integer" else _scale(column)
            number = _fitting(text, column, scale)
            whole = column.type == "integer"
            return number.cast(_dtype(column), strict=False), _number_expected(column, scale, whole)
        case "date":
            return _dates(
                text, column.date_format
            ), f"expected a date written as {column.date_format}"
        case "boolean":
            upper = text.str.to_uppercase()
            true = upper.is_in([v.upper() for v in column.true_values])
            false = upper.is_in([v.upper() for v in column.false_values])
            values = pl.select(pl.when(true).then(True).when(false).then(False)).to_series()
            words = ", ".join([*column.true_values, *column.false_values])
            return values, f"expected one of {words}"
        case "text" | "udi":
            return text, ""


def _fitting(text: pl.Series, column: Column, scale: int) -> pl.Series:
    """Texts that cast to the column's type without loss; null where one does not."""
    decimals = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    fits = rf"^-?0*[0-9]{{1,{DECIMAL_DIGITS - scale}}}{decimals}$"
    unlike = column.implied or column.decimal_comma  # 1.234 may be 1234
    odd = text.is_not_null() if unlike else ~text.str.contains(fits).fill_null(True)
    if not odd.any():
        return text
    number = exact_number(text.filter(odd), column)
    number = number.set(~number.str.contains(fits).fill_null(False), None)
    return text.clone().scatter(odd.arg_true(), number)


def _number_expected(column: Column, scale: int, whole: bool) -> str:
    if column.implied:
        only = "digits, of which the last carries the sign" if column.zoned else "digits only"
        return (
            f"expected {only}, at most {DECIMAL_DIGITS}, the last {scale} of them decimals, "
            f"such as {'1' + '0' * scale} for 1"
        )
    if whole:
        return f"expected a number such as 12, without decimals and at most {DECIMAL_DIGITS} digits"
    such, point = ("12,5", "comma") if column.decimal_comma else ("12.5", "point")
    return (
        f"expected a number such as {such}, with at most {scale} decimals and at most "
        f"{DECIMAL_DIGITS - scale} digits before the {point}"
    )


def _unzoned(text: pl.Series) -> pl.Series:
    """Digits with their sign in front; null where the text is not digits, the last one zoned.

    COBOL's display form, ``SIGN TRAILING``: the zone of the last digit is the sign, and the two
    print as a letter or a brace. Digits alone have no sign.
    """
    t = pl.col("t")
    last = t.str.tail(1)
    digits = t.str.head(-1) + last.replace(_ZONED)
    signed = pl.when(last.is_in(_NEGATIVE)).then("-" + digits).otherwise(digits)
    whole = t.str.contains(r"^[0-9]*[0-9{}A-R]$")
    return pl.DataFrame({"t": text}).select(pl.when(whole).then(signed)).to_series()


def _implied(text: pl.Series, scale: int) -> pl.Series:
    frame = pl.DataFrame({"t": text})
    valid = pl.col("t").str.contains(_IMPLIED)
    digits = pl.col("t").str.replace_all(r"[-+]", "").str.pad_start(scale + 1, "0")
    pointed = digits.str.replace(rf"(\d{{{scale}}})$", ".$1") if scale else digits
    negative = pl.col("t").str.contains("-", literal=True)
    signed = pl.when(negative).then("-" + pointed).otherwise(pointed)
    return frame.select(pl.when(valid).then(signed).otherwise(None)).to_series()


def _dates(text: pl.Series, date_format: str) -> pl.Series:
    """Dates; null where the text is not exactly one in this format.

    The parser underneath takes `2026115` for %Y%m%d and the year 26 for %Y. So what it found must
    print as the text again; leading zeros may be missing only where separators tell parts apart.
    """
    if text.null_count() == text.len():
        return text.cast(pl.Date)
    timed = _TIME_PARTS.search(date_format) is not None
    if timed:
        moments = text.str.to_datetime(date_format, strict=False)
        printed, dates = moments.dt.to_string(date_format), moments.dt.date()
    else:
        dates = text.str.to_date(date_format, strict=False)
        printed = dates.dt.to_string(date_format)
    same = printed.str.to_lowercase() == text.str.to_lowercase()
    if not same.all() and re.search(r"%-?[a-zA-Z]%", date_format) is None:
        without = r"\b0+(\d)"
        same = same | (
            printed.str.replace_all(without, "$1").str.to_lowercase()
            == text.str.replace_all(without, "$1").str.to_lowercase()
        )
    good = (same & dates.dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR)).fill_null(False)
    return dates if good.all() else dates.set(~good, None)
