"""Rule tables of the charge side that a caller hands over as frames, made whole.

What belongs here: what such rows may leave unsaid. What does not: those of the match
(``stated.py``); a site's CSV file, which says everything (``reading.py``).
"""

from collections.abc import Mapping

import polars as pl

from recon.rules import load
from recon.rules.reading import OF_WHOLE_TABLE

# Rule table -> the column whose values are its cases: without a row for one, findings are lost.
CASES = {
    "charge_setting": "setting",
    "exception_code": "code",
    "filing_limit": "payer_class",
    "patient_class": "patient_class",
}
BUCKET = "charge_age_bucket"
_UNSAID = ("approved_by", "source")


def completed(stated: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with the shipped rows of every case that they do not state.

    Who approved a row, and its source, may be left out. What is not of the declared shape stays as
    it is, to be refused with everything else.
    """
    return {
        name: _whole(rows, load(name), case)
        if isinstance(rows, pl.DataFrame) and (case := CASES.get(name)) in rows.columns
        else rows
        for name, rows in stated.items()
    }


def _whole(rows: pl.DataFrame, shipped: pl.DataFrame, case: str) -> pl.DataFrame:
    said = rows.with_columns(
        pl.lit("as handed in").alias(c)
        for c in _UNSAID
        if c in shipped.columns and c not in rows.columns
    )
    known = [c for c in said.columns if c in shipped.columns]
    alike = all(
        said.schema[c] == shipped.schema[c]
        or (said.schema[c].is_numeric() and shipped.schema[c].is_numeric())
        for c in known
    )
    if not alike or len(known) < shipped.width:
        return rows
    kept = shipped.filter(~pl.col(case).is_in(said[case].to_list()))
    return pl.concat([said, kept], how="diagonal_relaxed")


def bucket_mistakes(stated: Mapping[str, pl.DataFrame]) -> list[str]:
    """Ages that no bucket of the frame handed over holds: their findings would be lost."""
    rows = stated.get(BUCKET)
    shipped = load(BUCKET)
    if not isinstance(rows, pl.DataFrame) or not set(shipped.columns) <= set(rows.columns):
        return []
    days = rows.select("from_days", "to_days")
    if not all(t.is_integer() for t in days.dtypes) or days["from_days"].null_count():
        return []
    numbered = list(enumerate(rows.iter_rows(named=True), start=1))
    return [f"{BUCKET}: {said}" for _, said in OF_WHOLE_TABLE[BUCKET](numbered)]
