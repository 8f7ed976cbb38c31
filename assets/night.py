"""`recon run` and `recon ui`: the job `nightly` for the nights that are due, and the UI over it."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from assets.automation import NIGHTLY
from assets.definitions import definitions
from recon.errors import ReconError
from recon.land import Ledger, pending_nights
from recon.publish.terminal import night_report
from recon.site import Site


class BlockedError(ReconError):
    """A step failed or a blocking check did not hold; what came before it is written."""

    exit_code = 3


def run(folder: Path, night: date | None = None) -> int:
    """Close one night, or every night that is due, oldest first.

    Args:
        folder: the site.
        night: a business date; by default every date for which unseen files have arrived or whose
            files are not yet published.

    Returns:
        An exit code: 0 done, 4 done with records in quarantine.

    Raises:
        BlockedError: a night could not be finished.
    """
    site = Site.open(folder, os.environ)
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(site.config.schedule.time_zone)).date()
    with site.lake.locked():
        with Ledger(site.ledger) as ledger:
            due = [night] if night else pending_nights(site, ledger, now, today)
        if not due:
            published = sorted(site.published.glob("*/manifest.json"))
            last = f"; the newest workbooks are in {published[-1].parent}" if published else ""
            sys.stdout.write(
                f"Nothing new: every file in the inbox has been landed and published{last}.\n"
            )
            return 0
        job = definitions(site).resolve_job_def(NIGHTLY)
        for count, day in enumerate(due, start=1):
            sys.stderr.write(f"night {day} ({count} of {len(due)})\n")
            _close(site, job, day)
    sys.stdout.write(night_report(site, due))
    quarantined = any(site.lake.read("canonical", "quarantine", day).height for day in due)
    return 4 if quarantined else 0


def _close(site: Site, job: dg.JobDefinition, day: date) -> None:
    config = {"loggers": {"progress": {}}}
    if os.environ.get("DAGSTER_HOME"):
        with dg.DagsterInstance.get() as instance:
            done = job.execute_in_process(
                run_config=config,
                instance=instance,
                partition_key=day.isoformat(),
                raise_on_error=False,
            )
    else:
        done = job.execute_in_process(
            run_config=config, partition_key=day.isoformat(), raise_on_error=False
        )
    if not done.success:
        raise BlockedError(
            f"the night {day} of {site.config.name} stopped: see the lines marked x above. What was "
            "written before stays; mend the cause and run the same command again."
        )


def ui(folder: Path, port: int) -> int:
    """Open the Dagster UI on a site, on this machine only."""
    environment = {**os.environ, "RECON_SITE": str(folder.resolve())}
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "assets.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    return subprocess.run(command, env=environment, check=False).returncode
