"""When the night runs: a job, a schedule, and a sensor on arriving files.

Schedule and sensor are off until somebody turns them on in the UI: a site that is being tried out,
or is closed by `recon run` from cron, does not start working by itself.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from recon.land import Ledger, pending_nights, state_of_arrivals, unseen
from recon.site import Site

NIGHTLY = "nightly"

# What a run is called from the moment it is handed to a process until that process has ended it.
UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
UNDER_WAY = [dg.DagsterRunStatus.QUEUED, *UNFINISHED]

# What define_asset_job returns; Dagster does not export its class.
UnresolvedAssetJob = type(dg.define_asset_job("unused"))


def nightly_job() -> UnresolvedAssetJob:
    """Everything, for one business date, in one process: a process per step costs seconds each."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Land, parse, build, match and publish one business date.",
    )


def nightly_schedule(site: Site, job: UnresolvedAssetJob) -> dg.ScheduleDefinition:
    """Closes the business date at the site's hour, which its model keeps clear of clock changes.

    And before it every night that was landed and not published: each night reads the one before.
    """
    hour, minute = site.config.schedule.at.split(":")
    zone = site.config.time_zone

    @dg.schedule(
        name="close_of_night",
        job=job,
        cron_schedule=f"{int(minute)} {int(hour)} * * *",
        execution_timezone=zone,
        description="Closes the day's business date, and before it nights that were not finished.",
    )
    def close_of_night(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        day = context.scheduled_execution_time.astimezone(ZoneInfo(zone)).date().isoformat()
        with Ledger(site.ledger) as ledger:
            left = [night.isoformat() for night in ledger.unpublished()]
        # Runs wait in one queue, oldest first. The day is in the key: what fails today is tried
        # again tomorrow.
        return [
            dg.RunRequest(run_key=f"{night}:{day}", partition_key=night)
            for night in (*(n for n in left if n < day), day)
        ]

    return close_of_night


def arrival_sensor(site: Site, job: UnresolvedAssetJob) -> dg.SensorDefinition:
    """Runs the nights for which unseen, settled files stand in the inbox."""

    @dg.sensor(
        name="files_arrived",
        job=job,
        minimum_interval_seconds=120,
        description="Closes the oldest night for which new, settled files are in an inbox.",
    )
    def files_arrived(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        # A night that is being closed changes the ledger as it goes; what it leaves is asked next.
        if context.instance.get_runs(dg.RunsFilter(job_name=NIGHTLY, statuses=UNDER_WAY), limit=1):
            return dg.SensorResult(skip_reason="a night is being closed")
        now = datetime.now(UTC)
        today = now.astimezone(ZoneInfo(site.config.time_zone)).date()
        with Ledger(site.ledger) as ledger:
            # Once: Dagster gives a tick a minute, and a server that is down takes its time.
            arrivals = unseen(site, ledger, now)
            nights = pending_nights(site, ledger, arrivals, today)
            state = state_of_arrivals(ledger, arrivals)
        if not nights:
            return dg.SensorResult(skip_reason="nothing new has arrived")
        # The oldest only: each night reads the one before. Dagster remembers a run key for ever,
        # even of a failed run. This one changes when a file arrives, is landed or is published: a
        # failed night is tried once more with what it landed, then not before something arrives.
        oldest = nights[0].isoformat()
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=f"{oldest}:{state}", partition_key=oldest)]
        )

    return files_arrived
