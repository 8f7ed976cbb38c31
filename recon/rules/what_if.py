"""Tolerance rows that somebody thinks of putting in force, laid over a site's own.

What belongs here: which rows of the site a file of changes replaces, and what is wrong with the
file. What does not: what the change does to invoices (``reconcile/simulate.py``).

A rule holds for invoices dated in its ``valid_from`` to ``valid_to``; a row that starts tomorrow
would decide nothing of the past. So the rows of the file count for every invoice, whatever their
dates, and no row of the site for the same case counts beside them.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from recon.errors import ConfigError, InputError
from recon.rules import load
from recon.rules.reading import CASE, OF_WHOLE_TABLE, Row, read_rows, repeated, rule_schema

NAME = "tolerance_rule"


@dataclass(frozen=True)
class ToleranceChange:
    """The tolerances of a site now, and as they would be.

    Attributes:
        now: every row of the site.
        then: every row of the replay: those of the file for invoices of any date, and the site's
            that stay.
        stated: the rows of the file that differ from the site's, as written.
        replaced: the site's rows that the stated ones take the place of.
    """

    now: pl.DataFrame
    then: pl.DataFrame
    stated: pl.DataFrame
    replaced: pl.DataFrame


def tolerance_change(file: Path, site_rules: Path | None) -> ToleranceChange:
    """Read a file of changed and added tolerance rows, in the form of ``tolerance_rule.csv``.

    A row replaces the site's row of its ``rule_id`` and every row of its case (check, supplier,
    category, facility), of whatever dates. One that is the site's to the letter changes nothing:
    its own dates go on to count.

    Raises:
        InputError: there is no such file.
        ConfigError: the file, or the table with it, breaks its declaration; lists every mistake.
    """
    if not file.is_file():
        raise InputError(
            f"{file} is not a file. It holds the changed rows of tolerance_rule.csv, with its "
            "heading line; start from a copy of the site's or the shipped table."
        )
    now = load(NAME, site_rules)
    rows, mistakes = read_rows(NAME, file.read_bytes())
    standing: list[Row] = now.to_dicts()
    stated = [(line, row) for line, row in rows if row not in standing]
    names = {row["rule_id"] for _, row in stated}
    cases = [_case(row) for _, row in stated]
    kept = [r for r in standing if r["rule_id"] not in names and _case(r) not in cases]
    if not rows and not mistakes:
        mistakes = [(1, "no row follows the heading: state at least one changed rule")]
    if not mistakes:
        why = "dates do not count here, so a case takes one row: leave out the one that ends"
        mistakes = repeated([(line, _case(row)) for line, row in stated], CASE, why)
    if not mistakes:
        mistakes = OF_WHOLE_TABLE[NAME]([*((1, row) for row in kept), *stated])
    if mistakes:
        listed = "\n".join(f"  {file}:{line}: {message}" for line, message in sorted(mistakes))
        raise ConfigError(f"The changed rules were not read, nothing was simulated:\n{listed}")
    schema = rule_schema(NAME)
    changed = [row for _, row in stated]
    always = [{**row, "valid_from": date.min, "valid_to": None} for row in changed]
    return ToleranceChange(
        now=now,
        then=pl.DataFrame([*kept, *always], schema=schema),
        stated=pl.DataFrame(changed, schema=schema),
        replaced=pl.DataFrame([row for row in standing if row not in kept], schema=schema),
    )


def _case(row: Row) -> Row:
    """Check and keys of a row; a category is the same in capitals, as the match compares it."""
    case = {column: row[column] for column in CASE}
    if row["category"] is not None:
        case["category"] = str(row["category"]).strip().upper()
    return case
