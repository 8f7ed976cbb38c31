"""The answer key of the charge side: what must be found on each night, from what was planted."""

from pathlib import Path

import polars as pl

from recon.sample.care.chart import Chart
from recon.sample.care.records import Found
from recon.sample.files import decimal_text

EXCEPTION = pl.Schema(
    {
        "business_date": pl.Date,
        "state": pl.String,
        "code": pl.String,
        "facility_id": pl.String,
        "account": pl.String,
        "units": pl.Int64,
        "gross": pl.Int64,
        "at_risk": pl.Int64,
        "story": pl.String,
    }
)


def write(folder: Path, chart: Chart) -> None:
    """Write ``charge_exception.csv`` and ``charge_story.csv`` beside the key of the first part."""
    expected(chart).write_csv(folder / "charge_exception.csv")
    told = [
        {"story": story, "business_date": chart.day(night), "record": kind, "number": number}
        for story, kind, number, night in chart.log
        if night <= chart.nights
    ]
    pl.DataFrame(told).write_csv(folder / "charge_story.csv")


def expected(chart: Chart) -> pl.DataFrame:
    """Every finding of every night; one that closes appears once more, on the night it does."""
    rows = []
    for night in range(1, chart.nights + 1):
        for f in chart.found:
            closes = f.until == night and f.first < night
            if not (_open(f, night) or closes):
                continue
            rows.append(
                {
                    "business_date": chart.day(night),
                    "state": "AUTO_CLOSED" if closes else "OPEN",
                    "code": f.code,
                    "facility_id": f.facility,
                    "account": f.account,
                    "units": f.units,
                    "gross": f.gross,
                    "at_risk": f.at_risk,
                    "story": f.story,
                }
            )
    return (
        pl.DataFrame(rows, schema=EXCEPTION)
        .with_columns(
            pl.when(pl.col(c).is_not_null()).then(decimal_text(pl.col(c), 2)).alias(c)
            for c in ("gross", "at_risk")
        )
        .sort(pl.all(), nulls_last=False)
    )


def _open(f: Found, night: int) -> bool:
    return f.first <= night and (f.until is None or night < f.until)
