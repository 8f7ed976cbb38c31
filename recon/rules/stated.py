"""Tolerance rows that a caller hands over as a frame, made a whole table.

What belongs here: what such rows may leave unsaid, and that two of them must not tie. What does
not: the declarations (``tables.py``); a site's CSV file, which says everything (``reading.py``).
"""

import polars as pl

from recon.rules import load
from recon.rules.reading import CASE

NAME = "tolerance_rule"
KEYS = CASE[1:]


def completed(stated: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``stated`` with what they leave unsaid, and the shipped ones beside them.

    The columns of the specification are enough (three-way match 1.1): a row without a name is
    named by its case, one without a mode is ``ALL``. A check without a row that holds for all
    suppliers, categories and facilities keeps its shipped rows, for the cases not stated. What is
    not of the declared shape stays as it is, to be refused with everything else.
    """
    if not {"check", "valid_from"} <= set(stated.columns):
        return stated
    try:
        return _beside_shipped(stated)
    except (pl.exceptions.SchemaError, pl.exceptions.InvalidOperationError):
        return stated


def _beside_shipped(stated: pl.DataFrame) -> pl.DataFrame:
    said = stated.with_columns(pl.lit(None, pl.String).alias(c) for c in _absent(stated, KEYS))
    case = [pl.col(c).cast(pl.String) for c in (*CASE, "valid_from")]
    unsaid = {
        "rule_id": pl.concat_str([c.fill_null("*") for c in case], separator="/"),
        "mode": pl.lit("ALL"),
        "source": pl.lit("as handed in"),
    }
    said = said.with_columns(unsaid[c].alias(c) for c in _absent(said, tuple(unsaid)))
    said = said.with_columns(pl.col("mode").cast(pl.String).fill_null("ALL"))
    general = said.filter(pl.all_horizontal(pl.col(c).is_null() for c in KEYS))
    shipped = load(NAME)
    kept = shipped.filter(~pl.col("check").is_in(general["check"].cast(pl.String).to_list()))
    kept = kept.join(said, on=_case(), how="anti", nulls_equal=True)
    return pl.concat([said, kept], how="diagonal_relaxed")


def ties(stated: pl.DataFrame) -> list[str]:
    """Rows for one case from one day on, in a sentence: nothing says which of them decides."""
    columns = [c for c in (*CASE, "valid_from") if c in stated.columns]
    if "check" not in columns:
        return []
    twice = stated.group_by(columns).len().filter(pl.col("len") > 1).sort(columns)
    if twice.is_empty():
        return []
    row = twice.row(0, named=True)
    case = ", ".join(f"{c} {'(any)' if row[c] is None else row[c]}" for c in columns)
    cure = "keep one, or give the later one a later valid_from"
    return [f"{NAME}: {row['len']} rows stand for one case and would tie, such as {case}: {cure}"]


def _case() -> list[pl.Expr]:
    """Check and keys as text; a category is the same in capitals."""
    text = [pl.col(c).cast(pl.String) for c in CASE]
    return [
        c.str.strip_chars().str.to_uppercase() if c.meta.output_name() == "category" else c
        for c in text
    ]


def _absent(rows: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return [c for c in columns if c not in rows.columns]
