"""What must hold of a feed's records before anything is built from them."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import polars as pl

from assets.partitions import business_date, require
from recon.parse.control_numbers import GAP, REPEATED
from recon.parse.parsed import FILE
from recon.site import Feed, Site, X12Format


def parse_checks(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetChecksDefinition]:
    """Per feed: every record accounted for (blocks), and whether there is anything to look at."""
    return [_feed_checks(site, feed, night) for feed in site.feeds.values()]


def _feed_checks(
    site: Site, feed: Feed, night: dg.PartitionsDefinition
) -> dg.AssetChecksDefinition:
    parsed = ["parse", feed.name]

    # One step tells both: a night of forty feeds has forty steps less.
    @dg.multi_asset_check(
        name=f"parse__{feed.name}__checks",
        specs=[
            dg.AssetCheckSpec(
                "records_accounted",
                asset=parsed,
                description="Records in = accepted + quarantined, per file.",
                blocking=True,
                partitions_def=night,
            ),
            dg.AssetCheckSpec(
                "nothing_refused",
                asset=parsed,
                description=(
                    "Files arrived, none was empty or refused, the sender's counts agree, nothing "
                    "is in quarantine; in X12, no control number was repeated or left out."
                ),
                partitions_def=night,
            ),
        ],
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        day = business_date(context)
        files = _files(site, feed, day)
        # The one that blocks ends the step, so the other comes first.
        yield _nothing_refused(site, feed, day, files)
        yield _records_accounted(files)

    return checks


def _records_accounted(files: pl.DataFrame) -> dg.AssetCheckResult:
    wrong = files.filter(pl.col("records_in") != pl.col("accepted") + pl.col("quarantined"))
    return dg.AssetCheckResult(
        check_name="records_accounted",
        passed=wrong.is_empty(),
        metadata={"files": files.height, "files_that_differ": wrong["file_name"].to_list()},
    )


def _nothing_refused(site: Site, feed: Feed, day: date, files: pl.DataFrame) -> dg.AssetCheckResult:
    found = {
        "files": files.height,
        "files_refused": files.filter(pl.col("state") == "QUARANTINED").height,
        "records_quarantined": int(files["quarantined"].sum()),
        "controls_failed": int(files["controls_failed"].sum()),
        **(_numbers(site, feed, day) if isinstance(feed.format, X12Format) else {}),
    }
    needed = feed.criticality == "high" or feed.extract == "snapshot"
    if needed and not isinstance(feed.format, X12Format):
        # An extract that failed leaves an empty file; an empty snapshot ends every row. Of X12
        # an empty file is refused, and one that holds a TA1 alone is an answer.
        empty = (pl.col("state") == "LANDED") & (pl.col("records_in") == 0)
        found["files_without_records"] = files.filter(empty).height
    # Master data comes when it changes; only a feed that the night cannot do without is missed.
    arrived = found["files"] > 0 or feed.criticality == "normal"
    passed = arrived and not any(n for name, n in found.items() if name != "files")
    return dg.AssetCheckResult(
        check_name="nothing_refused",
        passed=passed,
        # A late feed or a bad record is shown in the workbook; the night goes on without it.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={**found, "no_data": files.is_empty()},
    )


def _files(site: Site, feed: Feed, day: date) -> pl.DataFrame:
    require(site, day, [["parse", feed.name]])
    files = site.lake.read("parse", feed.name, day, "file")
    return files if files is not None else pl.DataFrame(schema=FILE)


def _numbers(site: Site, feed: Feed, day: date) -> dict[str, int]:
    """Control numbers that came again or were left out; the failed controls count them too."""
    controls = site.lake.read("parse", feed.name, day, "control")
    names = pl.Series([], dtype=pl.String) if controls is None else controls["control"]
    return {
        "numbers_repeated": int(names.is_in(list(REPEATED)).sum()),
        "numbers_left_out": int((names == GAP).sum()),
    }
