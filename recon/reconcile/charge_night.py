"""Use against charge on one business date of a site that brings either: inputs, results.

What belongs here: what a night adds to ``recon.usage_charge``. What does not: the match of orders
and invoices (``night.py``).
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from recon.canonical.as_of import tables_as_of
from recon.canonical.build import filling
from recon.canonical.describe import polars_schema
from recon.errors import ConfigError
from recon.reconcile.charges import CHARGE_FOLDERS, CHARGE_RELATIONS, usage_charge
from recon.reconcile.engine import Rows, tables_read
from recon.reconcile.night import limits, previous
from recon.reconcile.optional_inputs import ShiftedFields
from recon.reconcile.results import ChargeException
from recon.reconcile.rules_kept import rules_of
from recon.site import Site

# What the gate of charges (parse/hl7/gate.py) says of a charge that a shift would explain.
SHIFTED = "looks shifted by"


def charging(site: Site) -> bool:
    """Whether a feed of the site brings what is used on patients, charged, or stands on shelves."""
    return any(filling(site, t) for t in ("usage_event", "charge_event", "inventory_balance"))


def charge_inputs(site: Site, day: date) -> dict[str, Rows]:
    """Canonical tables as of ``day``, charges held back, and the findings of the night before."""
    return {
        **tables_as_of(site, day, tables_read(CHARGE_FOLDERS)),
        "shifted_fields": _shifted(site, day),
        "previous_charge_exception": previous(site, day, ChargeException),
    }


def reconcile_charges(site: Site, day: date) -> dict[str, pl.DataFrame]:
    """Every result table of use against charge as of ``day``, under the rules of that night.

    Raises:
        ConfigError: nights before were closed under an old key and can be run again under the new.
    """
    tables = charge_inputs(site, day)
    _under_one_key(site, day, tables)
    found = usage_charge(tables, day, rules_of(site, day), limits(site))
    return {CHARGE_RELATIONS[name]: rows for name, rows in found.items()}


def _under_one_key(site: Site, day: date, tables: Mapping[str, Rows]) -> None:
    """Tokens of two keys never meet: each use of before would be lost, each charge one too many.

    What an old key that is declared no more made stays as it is: it cannot be made again.
    """
    privacy = site.config.privacy
    if privacy is None or not privacy.old_keys:
        return
    made: set[str] = set()
    for rows in tables.values():
        frame = pl.scan_parquet(rows, glob=False) if isinstance(rows, list) else rows.lazy()
        tokens = [c for c in frame.collect_schema() if c.endswith("_key")]
        under = frame.select(pl.col(tokens).str.extract(r"^([a-z0-9]{1,8}):")).unique().collect()
        made.update(key_id for column in under for key_id in column.drop_nulls())
    if old := sorted(made & privacy.old_keys.keys()):
        first = site.lake.days("canonical", "location")[0]
        raise ConfigError(
            f"the tables as of {day} hold tokens of the key '{old[0]}', which never match those of "
            f"'{privacy.key_id}': run the nights again, oldest first and up to this one, beginning "
            f"with: {site.closing(first)}"
        )


def _shifted(site: Site, day: date) -> pl.DataFrame:
    """Charges in quarantine because their fields stand in the wrong place, by file."""
    shifted = (pl.col("rule") == "implausible") & pl.col("reason").str.contains(SHIFTED)
    kept = [
        rows.filter(shifted)
        for night in site.lake.days("canonical", "quarantine")
        if night <= day and (rows := site.lake.read("canonical", "quarantine", night)) is not None
    ]
    schema = polars_schema(ShiftedFields)
    if not kept:
        return pl.DataFrame(schema=schema)
    return (
        pl.concat(kept)
        .sort("feed", "file_name", "source_file_id", "source_record")
        .group_by("feed", "file_name", maintain_order=True)
        .agg(pl.col("records").sum(), pl.col("reason").first())
        .with_columns(facility_id=pl.lit(None, pl.String))
        .select(schema.names())
    )
