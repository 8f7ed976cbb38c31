"""The engine's exceptions, quarantine and files against the key the generator wrote."""

import polars as pl

from recon.site import Site

EXCEPTION = ["business_date", "state", "code", "facility_id", "invoice_id", "line_no", "impact"]
QUARANTINE = ["business_date", "feed", "file_name", "layer", "source_record", "rule", "records"]
FILE = ["business_date", "feed", "file_name", "state", "records_in", "accepted", "quarantined"]


def differences(folder):
    """What is in one and not in the other, over all nights: name -> (missing, extra)."""
    site = Site.open(folder)
    days = site.lake.days("reconcile", "exception")
    found = {}
    for name, layer, columns in (
        ("exception", "reconcile", EXCEPTION),
        ("quarantine", "canonical", QUARANTINE),
        ("file_control", "canonical", FILE),
    ):
        key_file = folder / "answer_key" / f"{'file' if name == 'file_control' else name}.csv"
        key = _as_text(pl.read_csv(key_file, infer_schema=False), columns)
        engine = pl.concat(
            _as_text(
                site.lake.read(layer, name, day).with_columns(business_date=pl.lit(day)), columns
            )
            for day in days
        )
        on = key.columns
        found[name] = (key.join(engine, on=on, how="anti"), engine.join(key, on=on, how="anti"))
        assert key.height > 0
    return found


def orders_differ(folder):
    """Exceptions whose order or order line is another than the one planted."""
    site = Site.open(folder)
    key = pl.read_csv(folder / "answer_key" / "exception.csv", infer_schema=False)
    wanted = [
        "business_date",
        "state",
        "code",
        "invoice_id",
        "line_no",
        "impact",
        "order",
        "po_line_no",
    ]
    planted = key.with_columns(order=pl.col("facility_id") + "-" + pl.col("po_number"))
    days = site.lake.days("reconcile", "exception")
    engine = pl.concat(
        site.lake.read("reconcile", "exception", day)
        .filter(pl.col("po_id").is_not_null())
        .with_columns(business_date=pl.lit(day), order=pl.col("po_id"))
        for day in days
    )
    return _as_text(engine, wanted).join(
        _as_text(planted, wanted), on=[*wanted, "copy"], how="anti"
    )


def _as_text(rows, columns):
    texts = rows.select(pl.col(c).cast(pl.String).fill_null("") for c in columns)
    # Equal rows are told apart by number, so that one found twice and planted once is a difference.
    return texts.with_columns(copy=pl.int_range(pl.len()).over(columns))
