"""A rule table from its CSV file, every mistake with its line.

What belongs here: text to declared types, and what a single table's rows owe each other. What
does not: the declarations (``tables.py``).
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise

import polars as pl

from recon.canonical.describe import natural_key, polars_schema, required_columns, table_name
from recon.canonical.tables import Table
from recon.rules.tables import RULE_TABLES, ChargeSetting, Deadline, ToleranceRule

Row = dict[str, object]
Mistake = tuple[int, str]

# Values a policy may take; each is understood by a statement of the match.
POLICIES = {
    "price_po_stale": ("tolerate", "hold"),
    "pay": ("hold_whole", "supported"),
    "debit_memo": ("net", "overbill_only"),
}

# What a tolerance is for; the most specific case decides, so two rows of one case would tie.
CASE = ("check", "supplier_id", "category", "facility_id")

# Checks that have nothing to take a percentage of.
IN_DOLLARS = ("CONTRACT", "LINE_MATH", "HEADER_BALANCE", "FREIGHT")


def read_rules(name: str, data: bytes) -> tuple[pl.DataFrame, list[Mistake]]:
    """The rows of rule table ``name``, and what is wrong with them.

    Args:
        name: a rule table.
        data: CSV in UTF-8 with one heading line that names every declared column.

    Returns:
        The rows in declared columns and types, without the faulty ones, and (line, sentence) for
        each mistake, in line order.
    """
    rows, mistakes = read_rows(name, data)
    if not mistakes:
        mistakes = sorted(OF_WHOLE_TABLE.get(name, _nothing_more)(rows))
    return pl.DataFrame([row for _, row in rows], schema=rule_schema(name)), mistakes


def read_rows(name: str, data: bytes) -> tuple[list[tuple[int, Row]], list[Mistake]]:
    """(line, row) of a file that may hold some rows of rule table ``name`` only.

    Returns:
        What can be said without the rest of the table: typed rows, mistakes in line order.
    """
    table = {table_name(t): t for t in RULE_TABLES}[name]
    lines, mistakes = _lines(table, data)
    rows: list[tuple[int, Row]] = []
    for line, texts in lines:
        row, wrong = _typed(table, polars_schema(table), texts)
        mistakes += [(line, message) for message in wrong]
        if not wrong:
            rows.append((line, row))
    mistakes += repeated(rows, natural_key(table), "it is the name of the row")
    return rows, sorted(mistakes)


def rule_schema(name: str) -> pl.Schema:
    """Column names and types of rule table ``name``."""
    return polars_schema({table_name(t): t for t in RULE_TABLES}[name])


def _lines(
    table: type[Table], data: bytes
) -> tuple[list[tuple[int, dict[str, str]]], list[Mistake]]:
    """(line, column -> text) of every row; text is trimmed."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return [], [(line, "this is not UTF-8 text: save the file as CSV UTF-8")]
    if "\0" in text:  # a workbook begins so, and would be shown as columns that nobody knows
        return [], [(1, "this is not text: save the file as CSV UTF-8")]
    rows, unread = _cells(text)
    heading = [cell.strip() for cell in rows[0][1]] if rows else []
    if len(heading) == 1 and (other := re.search("[;\t|]", heading[0])):
        found = {"\t": "tabs", "|": "'|'", ";": "';'"}[other[0]]
        return [], [(1, f"the columns are separated by {found}: save the file with commas")]
    declared = list(polars_schema(table))
    if sorted(heading) != sorted(declared):
        missing = ", ".join(c for c in declared if c not in heading) or "none"
        unknown = ", ".join(c for c in heading if c not in declared) or "none"
        return [], [
            (1, f"columns missing: {missing}; unknown: {unknown}; expected {', '.join(declared)}")
        ]
    lines: list[tuple[int, dict[str, str]]] = []
    mistakes: list[Mistake] = unread
    for line, cells in rows[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heading):
            found = (
                f"{len(cells)} values for {len(heading)} columns; quote a value with a comma in it"
            )
            mistakes.append((line, found))
        else:
            lines.append((line, dict(zip(heading, map(str.strip, cells), strict=True))))
    return lines, mistakes


def _cells(text: str) -> tuple[list[tuple[int, list[str]]], list[Mistake]]:
    """(line, cells) of every row, and a mistake where the rest cannot be told apart."""
    # Strict: a quote that never closes would take every row after it into its own cell.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num, cells) for cells in reader)
    except csv.Error:
        at = rows[-1][0] + 1 if rows else 1
        return rows, [(at, "a quote is not closed here, or text follows it")]
    return rows, []


def _typed(table: type[Table], schema: pl.Schema, texts: dict[str, str]) -> tuple[Row, list[str]]:
    required = required_columns(table)
    said = {n: c.metadata or {} for n, c in table.to_schema().columns.items()}
    row: Row = {}
    wrong: list[str] = []
    for column, dtype in schema.items():
        text = texts[column]
        if not text:
            row[column] = None
            if column in required:
                wrong.append(f"{column} is empty; every row needs it")
            continue
        value = _value(text, dtype)
        allowed = said[column].get("values")
        least = said[column].get("least")
        if value is None:
            wrong.append(f"{column} is '{text}': expected {_expected(dtype)}")
        elif allowed is not None and value not in allowed:
            listed = ", ".join(str(v) for v in allowed)
            wrong.append(f"{column} is '{text}': expected one of {listed}")
        elif least is not None and isinstance(value, Decimal | int) and value < least:
            wrong.append(f"{column} is {text}: it must be {least} or more")
        elif column == "pct" and isinstance(value, Decimal) and value > 1:
            wrong.append(f"pct is {text}, which is {value:.0%}: it is a fraction, 0.02 is 2 %")
        row[column] = value
    return row, wrong


def _value(text: str, dtype: pl.DataType) -> object:
    """The text as that type, exactly; None when it is no such value."""
    if isinstance(dtype, pl.Decimal):
        whole = (dtype.precision or 38) - dtype.scale
        form = rf"-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{dtype.scale}}})?"
        return Decimal(text) if re.fullmatch(form, text) else None
    if dtype == pl.Int32:
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None
    if dtype == pl.Date:
        try:
            return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        except ValueError:
            return None
    return text


def _expected(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"a number with at most {dtype.scale} decimals, such as 0.02"
    return "a date, such as 2026-03-31" if dtype == pl.Date else "a whole number"


def repeated(rows: list[tuple[int, Row]], columns: Sequence[str], why: str) -> list[Mistake]:
    """A mistake for every row that agrees with an earlier one in all of ``columns``."""
    seen: dict[tuple[object, ...], int] = {}
    mistakes: list[Mistake] = []
    for line, row in rows:
        values = tuple(row[c] for c in columns)
        if values in seen:
            stated = ", ".join(f"{c} {'(any)' if row[c] is None else row[c]}" for c in columns)
            mistakes.append((line, f"{stated} is already on line {seen[values]}; {why}"))
        seen.setdefault(values, line)
    return mistakes


def _tolerance_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    mistakes = repeated(rows, [*CASE, "valid_from"], "two rows for one case would tie")
    mistakes += [
        (line, f"valid_to {row['valid_to']} is before valid_from {row['valid_from']}")
        for line, row in rows
        if row["valid_to"] is not None and str(row["valid_to"]) < str(row["valid_from"])
    ]
    mistakes += [
        (line, f"pct is {row['pct']}, but {row['check']} is limited in dollars: state abs instead")
        for line, row in rows
        if row["pct"] is not None and row["check"] in IN_DOLLARS
    ]
    general = {
        row["check"]
        for _, row in rows
        if row["supplier_id"] is None and row["category"] is None and row["facility_id"] is None
    }
    checks = (ToleranceRule.to_schema().columns["check"].metadata or {})["values"]
    told = (
        "without supplier, category and facility: add one for all others, as the shipped table has"
    )
    mistakes += [(1, f"no row for {check} {told}") for check in checks if check not in general]
    return mistakes


def _code_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    shipped = files("recon.rules").joinpath("exception_code.csv").read_text(encoding="utf-8")
    codes = [row["code"] for row in csv.DictReader(io.StringIO(shipped, newline=""))]
    own = {row["code"] for _, row in rows}
    return [
        (1, f"no row for {code}, which the match may find: copy it from the shipped table")
        for code in codes
        if code not in own
    ]


def _policy_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    for line, row in rows:
        allowed = POLICIES.get(str(row["policy"]))
        if allowed is None:
            mistakes.append((line, f"policy is '{row['policy']}': expected {', '.join(POLICIES)}"))
        elif row["value"] not in allowed:
            expected = ", ".join(allowed)
            mistakes.append((line, f"value is '{row['value']}': expected one of {expected}"))
    stated = {row["policy"] for _, row in rows}
    return mistakes + [(1, f"no row for the policy {p}") for p in POLICIES if p not in stated]


def _bucket_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    """Every age from 0 on must fall into exactly one bucket."""
    if not rows:
        return [(1, "there is no bucket")]
    in_order = sorted(rows, key=lambda r: int(str(r[1]["from_days"])))
    mistakes: list[Mistake] = []
    if in_order[0][1]["from_days"] != 0:
        mistakes.append((in_order[0][0], "the youngest bucket must start at 0 days"))
    for (_, younger), (line, older) in pairwise(in_order):
        ends = younger["to_days"]
        if ends is None or int(str(ends)) + 1 != older["from_days"]:
            mistakes.append(
                (line, f"it starts at {older['from_days']} days, the bucket before ends at {ends}")
            )
    if in_order[-1][1]["to_days"] is not None:
        mistakes.append((in_order[-1][0], "the oldest bucket must have no to_days"))
    return mistakes


def _deadline_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    waits = (Deadline.to_schema().columns["deadline"].metadata or {})["values"]
    stated = {row["deadline"] for _, row in rows}
    return [(1, f"no row for the deadline {wait}") for wait in waits if wait not in stated]


def _setting_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    settings = (ChargeSetting.to_schema().columns["setting"].metadata or {})["values"]
    stated = {row["setting"] for _, row in rows}
    whole = [
        (line, f"{row['setting']} is {row['value']}: days are counted whole")
        for line, row in rows
        if row["unit"] == "days" and Decimal(str(row["value"])) % 1 != 0
    ]
    return whole + [(1, f"no row for the setting {s}") for s in settings if s not in stated]


def _tier_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    """Every cost must fall into one tier of a schedule at most."""
    mistakes: list[Mistake] = []
    in_order = sorted(
        rows, key=lambda r: (str(r[1]["schedule_id"]), Decimal(str(r[1]["cost_from"])))
    )
    for (_, lower), (line, upper) in pairwise(in_order):
        ends = lower["cost_to"]
        if lower["schedule_id"] == upper["schedule_id"] and (
            ends is None or Decimal(str(ends)) > Decimal(str(upper["cost_from"]))
        ):
            mistakes.append(
                (
                    line,
                    f"it starts at {upper['cost_from']}, the tier below ends at {ends or 'none'}",
                )
            )
    estimating = sorted({str(r["schedule_id"]) for _, r in rows if r["for_estimates"] == "Y"})
    if len(estimating) > 1:
        listed = ", ".join(estimating)
        mistakes.append((1, f"for_estimates is Y in several schedules: {listed}; name one"))
    return mistakes


def _any_class_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    return _any_mistakes(rows, "patient_class")


def _any_payer_mistakes(rows: list[tuple[int, Row]]) -> list[Mistake]:
    return _any_mistakes(rows, "payer_class")


def _any_mistakes(rows: list[tuple[int, Row]], column: str) -> list[Mistake]:
    if any(row[column] == "*" for _, row in rows):
        return []
    return [(1, f"no row for {column} *: add one for all others")]


def _nothing_more(_: list[tuple[int, Row]]) -> list[Mistake]:
    return []


OF_WHOLE_TABLE: dict[str, Callable[[list[tuple[int, Row]]], list[Mistake]]] = {
    "tolerance_rule": _tolerance_mistakes,
    "exception_code": _code_mistakes,
    "policy": _policy_mistakes,
    "age_bucket": _bucket_mistakes,
    "deadline": _deadline_mistakes,
    "charge_age_bucket": _bucket_mistakes,
    "charge_setting": _setting_mistakes,
    "markup_tier": _tier_mistakes,
    "patient_class": _any_class_mistakes,
    "filing_limit": _any_payer_mistakes,
}
