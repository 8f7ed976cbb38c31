"""`recon run` and `recon ui`: the job `nightly` for the nights that are due, and the UI over it."""

import os
import socket
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import dagster as dg
import yaml

from assets.automation import NIGHTLY, UNFINISHED
from assets.definitions import definitions
from assets.failure import INTERRUPTED, failure
from recon.errors import ConfigError, InputError, ReconError, SourceError
from recon.land import Ledger, pending_nights, refused, unreachable, unseen, untaken, waiting
from recon.parse.privacy import Tokens
from recon.publish.terminal import night_report
from recon.site import Site

# By these the runs of this command over this lake are found again.
STARTED_BY = "recon/started_by"
OVER = "recon/lake"


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
        BlockedError: a night could not be finished; its exit code is that of the step's error.
        BusyError: another run holds the lake.
        ConfigError: the site has mistakes, its key cannot be used, or the history cannot be kept
            where DAGSTER_HOME says.
        InputError: the site has no such night.
        SourceError: no night is due and a source cannot be asked.
    """
    site = Site.open(folder, os.environ)
    home = _history()
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(site.config.time_zone)).date()
    first = site.config.first_business_date
    if night and not first <= night <= today:
        raise InputError(f"there is no night {night}: {_nights_of(site, folder, today)}")
    if first > today:
        sys.stdout.write(f"Nothing to close: {_nights_of(site, folder, today)}\n")
        return 0
    with site.lake.locked():
        with Ledger(site.ledger) as ledger:
            arrivals = [] if night else unseen(site, ledger, now)
            due = [night] if night else pending_nights(site, ledger, arrivals, today)
            # Of a past night the terminal would look as if it had read them.
            last = ledger.last_day()
            is_past = night is not None and last is not None and last > night
            left = waiting(site, ledger) if is_past or not due else []
        if not due:
            # A source that is down must not look like a quiet night.
            if down := unreachable(site):
                raise SourceError("nothing is due, but sources failed:\n  " + "\n  ".join(down))
            sys.stdout.write(_nothing_new(site, left))
            return 0
        Tokens.open(site)  # a key that cannot be used is said once, and not by every feed
        job = definitions(site).resolve_job_def(NIGHTLY)
        with _instance(home) as instance:
            _end_killed_runs(instance, site)
            for count, day in enumerate(due, start=1):
                sys.stderr.write(f"night {day} ({count} of {len(due)})\n")
                _close(site, job, instance, day)
    sys.stdout.write(night_report(site, due))
    if left:
        sys.stdout.write(
            f"\nThe night {night} took no new files, because a later night has been landed. In the "
            f"inbox, for the next `recon run`: {len(left)} ({_some(left)}).\n"
        )
    quarantined = any(site.lake.read("canonical", "quarantine", day).height for day in due)
    return 4 if quarantined else 0


def _nights_of(site: Site, folder: Path, today: date) -> str:
    """Which nights a site has, in a sentence."""
    first, zone = site.config.first_business_date, site.config.time_zone
    name = site.config.name
    stated = f"{first} (first_business_date in {folder}/recon.yaml)"
    if first > today:
        return f"the first night of {name} is still to come: {stated}; today is {today} in {zone}."
    return f"the nights of {name} are those from {stated} to {today}, which is today in {zone}."


def _nothing_new(site: Site, left: list[str]) -> str:
    """What to say where no night is due: which files of the inbox no night has taken, and why."""
    apart = {
        "waiting to settle or for their date": left,
        "cannot be taken": refused(site),
        "match no feed's pattern": untaken(site, servers=True),
    }
    told = [f"{why}: {len(names)} ({_some(names)})" for why, names in apart.items() if names]
    told.append("every other file" if told else "every file")
    published = sorted(site.published.glob("*/manifest.json"))
    last = f"; the newest workbooks are in {published[-1].parent}" if published else ""
    return f"Nothing new: {'; '.join(told)} in the inbox has been landed and published{last}.\n"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _history() -> str | None:
    """The folder DAGSTER_HOME, where Dagster keeps the history; None where it is not set.

    Raises:
        ConfigError: it is no folder.
    """
    home = os.environ.get("DAGSTER_HOME") or None
    if home and not (Path(home).is_absolute() and Path(home).is_dir()):
        raise ConfigError(
            f"DAGSTER_HOME is {home}, which is not the absolute path of a folder. Make that folder "
            "and put a copy of dagster_home/dagster.yaml into it, or leave DAGSTER_HOME unset."
        )
    return home


def _instance(home: str | None) -> dg.DagsterInstance:
    """The history for the UI; without a folder for it, a history that ends with the run."""
    if home is None:
        return dg.DagsterInstance.ephemeral()
    try:
        return dg.DagsterInstance.get()
    except (dg.DagsterError, yaml.YAMLError) as wrong:
        said = " ".join(str(wrong).split())
        raise ConfigError(f"{home}/dagster.yaml cannot be used: {said}") from wrong


def _end_killed_runs(instance: dg.DagsterInstance, site: Site) -> None:
    """Runs of this command that a kill left as started: whoever holds the lake knows them dead.

    Otherwise the UI shows them as running, and lets nothing queue past them, for hours.
    """
    left = dg.RunsFilter(tags=_tags(site), statuses=UNFINISHED)
    for killed in instance.get_runs(left):
        instance.report_run_failed(killed, message="The process that ran it was killed.")


def _tags(site: Site) -> dict[str, str]:
    return {STARTED_BY: "recon run", OVER: str(site.lake.root.resolve())}


def _close(site: Site, job: dg.JobDefinition, instance: dg.DagsterInstance, day: date) -> None:
    done = job.execute_in_process(
        run_config={"loggers": {"progress": {}}},
        instance=instance,
        partition_key=day.isoformat(),
        tags=_tags(site),
        raise_on_error=False,
    )
    if done.success:
        return
    failures = [failure(e) for e in done.all_events if e.is_step_failure]
    code = next((f.exit_code for f in failures if f), BlockedError.exit_code)
    cause = "was interrupted" if code == INTERRUPTED else "stopped: see the lines marked x above"
    blocked = BlockedError(
        f"the night {day} of {site.config.name} {cause}. What it wrote before is kept, and nothing "
        "is half written. Once the cause is mended, run the same command again."
    )
    blocked.exit_code = code
    raise blocked


def ui(folder: Path, port: int) -> NoReturn:
    """Open the Dagster UI on a site, on this machine only; this process becomes Dagster's.

    Raises:
        ConfigError: the site has mistakes, the port is taken, or DAGSTER_HOME is no folder.
    """
    site = Site.open(folder, os.environ)
    kept = _history()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ConfigError(
                f"port {port} of this machine is taken; choose another: recon ui --port {port + 1}"
            ) from None
    sys.stderr.write(
        f"The Dagster UI of {site.config.name} opens at http://127.0.0.1:{port} in a few seconds; "
        "Ctrl-C ends it.\n"
        + ("" if kept else "DAGSTER_HOME is not set: the history ends with this session.\n")
    )
    sys.stderr.flush()
    # Dagster advises its own users to install `dg` in place of this command; ours cannot act on it.
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    command = [sys.executable, *quiet, "-m", "dagster", "dev", "-m", "assets.definitions"]
    os.execve(  # noqa: S606  words of our own, no shell; Ctrl-C then reaches Dagster alone
        sys.executable,
        [*command, "-h", "127.0.0.1", "-p", str(port)],
        {
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "PYTHONSAFEPATH": "1",  # a gql.py in the current folder would be taken for the library
            **os.environ,
            "RECON_SITE": str(folder.resolve()),
        },
    )
