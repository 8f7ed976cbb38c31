"""What should hold of what is published and exchanged; the night goes on where it does not."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import polars as pl

from assets.partitions import business_date, require
from recon.land import Ledger
from recon.land.ledger import LOST, WRITTEN
from recon.publish.archive import says
from recon.publish.blocks import DOES_NOT, TIES_OUT
from recon.publish.outbox import answering
from recon.publish.sent import outbound, sent_document_status
from recon.publish.tables import LAYER
from recon.rules import load
from recon.site import Site

# How many names are told; there may be thousands.
MOST = 20


def publish_checks(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetChecksDefinition]:
    """Workbooks tie out; our acknowledgements go out, and what we sent is acknowledged."""
    return [
        *_ties_out(site, night),
        *(_answers_sent(site, night) if answering(site) else ()),
        *(_answers_received(site, night) if outbound(site) else ()),
    ]


def _ties_out(site: Site, night: dg.PartitionsDefinition) -> Iterator[dg.AssetChecksDefinition]:
    @dg.asset_check(
        asset=[LAYER, "workbook"],
        name="ties_out",
        description="The Summary of every workbook, as published, says that its sheets add up.",
        partitions_def=night,
    )
    def ties_out(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        published = [
            file.path
            for file in site.lake.committed(site.published / day.isoformat())
            if file.path.suffix == ".xlsx"
        ]
        red = [path.name for path in published if not says(path, TIES_OUT, unless=DOES_NOT)]
        return dg.AssetCheckResult(
            passed=bool(published) and not red,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"workbooks": len(published), "do_not_tie_out": red[:MOST]},
        )

    yield ties_out


def _answers_sent(site: Site, night: dg.PartitionsDefinition) -> Iterator[dg.AssetChecksDefinition]:
    @dg.asset_check(
        asset=[LAYER, "sent_acknowledgement"],
        name="answers_sent",
        description="No answer of this or an earlier night is lost or waits too long to be sent.",
        partitions_def=night,
    )
    def answers_sent(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, [[LAYER, "sent_acknowledgement"]])
        with Ledger(site.ledger) as ledger:
            lost, waiting = ledger.answers(state=LOST), ledger.answers(state=WRITTEN)
        days = _days(site, "ANSWER_SENT")
        late = [a for a in waiting if (day - date.fromisoformat(a.business_date)).days > days]
        nights = sorted({a.business_date for a in lost})
        return dg.AssetCheckResult(
            passed=not lost and not late,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "waiting": len(waiting),
                "waiting_too_long": [a.path for a in late[:MOST]],
                "lost": [a.path for a in lost[:MOST]],
                # Each of these, run again, writes anew what is lost.
                "nights_to_run_again": nights,
            },
        )

    yield answers_sent


def _answers_received(
    site: Site, night: dg.PartitionsDefinition
) -> Iterator[dg.AssetChecksDefinition]:
    @dg.asset_check(
        asset=[LAYER, "sent_document_status"],
        name="answers_received",
        description="Partners acknowledged in time what we sent, and refused nothing tonight.",
        partitions_def=night,
    )
    def answers_received(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, [[LAYER, "sent_document_status"]])
        rows = site.lake.read(LAYER, "sent_document_status", day)
        refused = rows.filter(pl.col("state").is_in(["REJECTED", "PARTIAL"]))
        overdue = rows.filter("is_overdue")
        _, unmatched = sent_document_status(site, day)
        # As of what was accepted before, and of our own acknowledgements.
        besides = unmatched.filter(~pl.col("code").is_in(["A", "E"]))
        return dg.AssetCheckResult(
            passed=refused.is_empty() and overdue.is_empty() and besides.is_empty(),
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "refused": refused.height,
                "refused_documents": _documents(refused),
                "refused_and_not_awaited": _groups(besides),
                "overdue": overdue.height,
                "overdue_documents": _documents(overdue),
                "no_data": rows.is_empty(),
            },
        )

    yield answers_received


def _documents(rows: pl.DataFrame) -> list[str]:
    """``850 4500012``; where it has no number of its own, by group and set."""
    by_place = pl.format(
        "{} {}/{}", "set_code", "group_control_number", "transaction_control_number"
    )
    named = pl.coalesce(pl.format("{} {}", "set_code", "document_number"), by_place)
    return rows.head(MOST).select(named.fill_null("(unnumbered)")).to_series().to_list()


def _groups(rows: pl.DataFrame) -> list[str]:
    """``ACME PO 70``: partner, kind and number of the group, or of the interchange a TA1 names."""
    named = pl.format(
        "{} {} {}",
        *(pl.col(n).fill_null("?") for n in ("partner_id", "functional_code", "control_number")),
    )
    return rows.head(MOST).select(named).to_series().to_list()


def _days(site: Site, deadline: str) -> int:
    deadlines = load("deadline", site.rules)
    return int(deadlines.filter(pl.col("deadline") == deadline)["days"].item())
