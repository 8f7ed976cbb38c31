"""The code location, top to bottom: a site's assets, checks, job, schedule and sensor."""

import os
from pathlib import Path

import dagster as dg

from assets.automation import arrival_sensor, nightly_job, nightly_schedule
from assets.canonical import canonical_assets
from assets.land import HELD, held, land_assets
from assets.parse import parse_assets
from assets.partitions import nights
from assets.progress import progress
from assets.publish import publish_assets
from assets.reconcile import reconcile_assets
from checks.conforms import conforms_checks
from checks.parse import parse_checks
from checks.publish import publish_checks
from checks.reconcile import reconcile_checks
from recon.site import Site

SAMPLE_SITE = Path(__file__).parents[1] / "data_samples" / "site"


def definitions(site: Site) -> dg.Definitions:
    """Everything Dagster needs to know about one site."""
    night = nights(site)
    job = nightly_job()
    return dg.Definitions(
        assets=[
            *land_assets(site, night),
            *parse_assets(site, night),
            *canonical_assets(site, night),
            *reconcile_assets(site, night),
            *publish_assets(site, night),
        ],
        asset_checks=[
            *parse_checks(site, night),
            *conforms_checks(site, night),
            *reconcile_checks(site, night),
            *publish_checks(site, night),
        ],
        jobs=[job],
        schedules=[nightly_schedule(site, job)],
        sensors=[arrival_sensor(site, job)],
        resources={HELD: held(site)},
        executor=dg.in_process_executor,
        loggers={"progress": progress(site.lake.root / "trace")},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The site named by RECON_SITE, or the sample site."""
    return definitions(Site.open(os.environ.get("RECON_SITE", SAMPLE_SITE), os.environ))
