"""The one partition of everything, the business date, and what must stand in it before a step."""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from recon.errors import ConfigError
from recon.lake import MANIFEST
from recon.land import Ledger
from recon.site import Site


def nights(site: Site) -> dg.DailyPartitionsDefinition:
    """Business dates of a site, from its first to today (a night closes on its own date)."""
    return dg.DailyPartitionsDefinition(
        start_date=site.config.first_business_date.isoformat(),
        timezone=site.config.time_zone,
        end_offset=1,
    )


def business_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    """The business date that a step was asked for."""
    return date.fromisoformat(context.partition_key)


def require_in_order(site: Site, day: date) -> None:
    """Refuse to match a night while an earlier one was landed and is not finished.

    Its documents would be missing, and nothing would add them once it is.

    Raises:
        ConfigError: names the earliest of them.
    """
    with Ledger(site.ledger) as ledger:
        open_ = [night for night in ledger.unpublished() if night < day]
    if open_:
        raise ConfigError(
            f"the night {open_[0]} has files and is not published, and what {day} is matched from "
            f"would lack them. Finish that first: {site.closing(open_[0])}"
        )


def require(site: Site, day: date, keys: Sequence[Sequence[str]]) -> None:
    """Refuse to work on a night of which an earlier table was never written.

    Materialised by hand over a gap, a table would come out empty and look like a quiet night.

    Raises:
        ConfigError: names every table that is missing.
    """
    missing = [
        f"{layer}/{table}"
        for layer, table in keys
        if not (site.lake.folder(layer, table, day) / MANIFEST).exists()
    ]
    if missing:
        raise ConfigError(
            f"the night {day} has no {', '.join(missing)} yet. Materialise that first, or the "
            f"whole night: {site.closing(day)}"
        )
