"""The engine's exceptions, quarantine and files against the key the generator wrote."""

import polars as pl

from recon.parse.privacy import Tokens
from recon.site import Site

EXCEPTION = ["business_date", "state", "code", "facility_id", "invoice_id", "line_no", "impact"]
QUARANTINE = ["business_date", "feed", "file_name", "layer", "source_record", "rule", "records"]
FILE = ["business_date", "feed", "file_name", "state", "records_in", "accepted", "quarantined"]
PAYMENT = [
    *("business_date", "supplier_id", "invoice_number", "status"),
    *("paid", "difference", "beyond_payable"),
]
ANNOUNCED = ["business_date", "what", "document", "line"]
KEY_FILES = {"file_control": "file", "payment_result": "payment"}


def differences(folder):
    """What is in one and not in the other, over all nights: name -> (missing, extra)."""
    site = Site.open(folder)
    days = site.lake.days("reconcile", "exception")
    found = {}
    for name, layer, columns in (
        ("exception", "reconcile", EXCEPTION),
        ("quarantine", "canonical", QUARANTINE),
        ("file_control", "canonical", FILE),
        ("payment_result", "reconcile", PAYMENT),
        ("announced", "reconcile", ANNOUNCED),
    ):
        nights = {day: site.lake.read(layer, name, day) for day in days}
        found[name] = _compared(folder, KEY_FILES.get(name, name), nights, columns)
    return found


def _compared(folder, key_file, nights, columns):
    key = pl.read_csv(folder / "answer_key" / f"{key_file}.csv", infer_schema=False)
    assert key.height > 0
    key = _as_text(key, columns)
    engine = pl.concat(
        _as_text(rows.with_columns(business_date=pl.lit(day)), columns)
        for day, rows in nights.items()
    )
    on = key.columns
    return key.join(engine, on=on, how="anti"), engine.join(key, on=on, how="anti")


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


CHARGED = ["business_date", "state", "code", "facility_id", "account", "units", "gross", "at_risk"]


def charges_differ(folder):
    """Findings on charges that are in one and not in the other, over all nights: (missing, extra).

    The key names accounts; the engine knows their tokens. Empty and zero at risk are one.
    """
    site = Site.open(folder)
    key = pl.read_csv(folder / "answer_key" / "charge_exception.csv", infer_schema=False)
    assert key.height > 0
    key = key.with_columns(account=Tokens.open(site).column(key["account"], "account"))
    found = pl.concat(
        site.lake.read("reconcile", "charge_exception", day).with_columns(
            business_date=pl.lit(day), account=pl.col("account_key")
        )
        for day in site.lake.days("reconcile", "charge_exception")
    )
    key, found = (_as_text(_plain(rows), CHARGED) for rows in (key, found))
    on = key.columns
    return key.join(found, on=on, how="anti"), found.join(key, on=on, how="anti")


def _plain(rows):
    """Numbers without zeros that say nothing, so that texts compare."""
    units = pl.col("units").cast(pl.String).str.replace(r"\.0+$", "")
    risk = pl.col("at_risk").cast(pl.String).replace("0.00", None)
    return rows.with_columns(units, risk)
