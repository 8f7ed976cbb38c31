"""The one partition of everything: the business date."""

from datetime import date

import dagster as dg

from recon.site import Site


def nights(site: Site) -> dg.DailyPartitionsDefinition:
    """Business dates of a site, from its first to today (a night closes on its own date)."""
    return dg.DailyPartitionsDefinition(
        start_date=site.config.first_business_date.isoformat(),
        timezone=site.config.schedule.time_zone,
        end_offset=1,
    )


def business_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    """The business date that a step was asked for."""
    return date.fromisoformat(context.partition_key)
