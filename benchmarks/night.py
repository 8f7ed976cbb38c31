"""What a night costs: seconds and peak memory per stage, and Dagster's own share.

    python benchmarks/night.py --order-lines 1000000

The sample generator writes one night of that many order lines with their receipts, invoices and
master data. Each stage then runs in a process of its own, so that its peak memory is its own, and
reads what the stage before wrote, as assets do. Last, the same night is closed once more through
`recon run`; what that takes beyond the stages and their start-up is Dagster's share.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

NIGHT = date(2026, 3, 2)
WORK = Path(__file__).parent / "work"
STAGES = ("land+parse", "canonical", "match", "publish")


def stage(name: str, folder: Path) -> None:
    """Run one stage over a site; print its seconds and peak memory as JSON."""
    from recon.canonical.build import build, file_control, filling, locations, quarantine
    from recon.canonical.describe import canonical_tables, table_name
    from recon.land import Ledger, land
    from recon.parse.feed import parse_feed
    from recon.publish.gather import gather
    from recon.publish.workbook import workbooks
    from recon.reconcile import invariants
    from recon.reconcile.night import inputs, reconcile, results
    from recon.reconcile.results import RESULTS
    from recon.rules import load_all
    from recon.site import Site

    site = Site.open(folder)
    lake = site.lake
    counts: dict[str, int] = {}
    started = time.perf_counter()
    if name == "land+parse":
        with Ledger(site.ledger) as ledger:
            for feed in site.feeds.values():
                landed = land(feed, site, ledger, NIGHT, datetime.now(UTC))
                lake.write("land", feed.name, NIGHT, {"file": landed.files})
                counts["bytes"] = counts.get("bytes", 0) + int(landed.files["size_bytes"].sum())
        for feed in site.feeds.values():
            lake.write("parse", feed.name, NIGHT, parse_feed(site, feed, NIGHT))
    elif name == "canonical":
        for table in canonical_tables():
            if filling(site, table):
                built = build(site, table, NIGHT)
                counts[table] = built.rows.height
                lake.write("canonical", table, NIGHT, built.parts())
        lake.write("canonical", "location", NIGHT, {"recon.yaml": locations(site)})
        lake.write("canonical", "file_control", NIGHT, {"file_control": file_control(site, NIGHT)})
        lake.write("canonical", "quarantine", NIGHT, {"quarantine": quarantine(site, NIGHT)})
    elif name == "match":
        found = reconcile(site, NIGHT)
        for table in RESULTS:
            result = table_name(table)
            lake.write("reconcile", result, NIGHT, {result: found[result]})
            counts[result] = found[result].height
        written = results(site, NIGHT, [table_name(t) for t in RESULTS])
        broken = invariants(inputs(site, NIGHT), written, NIGHT, load_all(site.rules))
        counts["invariants_broken"] = sum(rows.height for rows in broken.values())
    else:
        files = workbooks(gather(site, NIGHT))
        lake.commit(site.published / NIGHT.isoformat(), files, keep_names=True)
        counts["files"] = len(files)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "peak_gb": peak, "counts": counts}))


def main() -> None:
    """Generate, run the stages, run the night, print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--order-lines", type=int, default=1_000_000)
    arguments.add_argument("--stage", choices=STAGES)
    arguments.add_argument("--folder", type=Path)
    given = arguments.parse_args()
    if given.stage:
        stage(given.stage, given.folder)
        return
    from recon.sample import generate

    shutil.rmtree(WORK, ignore_errors=True)
    site, home = WORK / "site", WORK / "dagster_home"
    started = time.perf_counter()
    generate(site, seed=2026, order_lines=given.order_lines, nights=1)
    print(f"generated {given.order_lines:,} order lines in {time.perf_counter() - started:.1f} s")
    print(f"{'stage':<14}{'seconds':>9}{'peak GB':>9}  what")
    total = 0.0
    for name in STAGES:
        command = [sys.executable, __file__, "--stage", name, "--folder", str(site)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures = json.loads(done.stdout)
        total += figures["seconds"]
        told = ", ".join(f"{k} {v:,}" for k, v in figures["counts"].items())
        print(f"{name:<14}{figures['seconds']:>9.1f}{figures['peak_gb']:>9.2f}  {told}")
    print(f"{'all stages':<14}{total:>9.1f}")

    for written in ("lake", "published", "outbox"):
        shutil.rmtree(site / written, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "dagster_home" / "dagster.yaml", home)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from recon.cli import main; main()", "run", "--site", str(site)],
        env={**os.environ, "DAGSTER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    through = time.perf_counter() - started
    if done.returncode not in (0, 4):
        sys.exit(done.stderr)
    print(
        f"{'recon run':<14}{through:>9.1f}           start-up, every check, Great Expectations and "
        f"Dagster: {through - total:.1f} s ({(through - total) / through:.0%}) beyond the stages"
    )


if __name__ == "__main__":
    main()
