"""Publish: what people open in the morning."""

import dagster as dg

from assets.describe import DOMAIN, column_schema, counts_by, stored
from assets.partitions import business_date, require
from recon.canonical.describe import explained, table_name
from recon.errors import ConfigError
from recon.land import Ledger
from recon.publish.charge_workbook import charge_workbooks
from recon.publish.gather import gather, left_out
from recon.publish.outbox import acknowledged, answering
from recon.publish.sent import inbound, outbound, sent_document_status
from recon.publish.tables import LAYER, SentAcknowledgement, SentDocumentStatus
from recon.publish.workbook import workbooks
from recon.reconcile.charge_night import charging
from recon.reconcile.results import CHARGE_RESULTS, RESULTS
from recon.site import Site


def publish_assets(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The exchange with partners where a feed declares it; then ``publish/workbook``."""
    exchanged = [
        *([_sent_acknowledgement(site, night)] if answering(site) else []),
        *([_sent_document_status(site, night)] if outbound(site) else []),
    ]
    # Last, for with the workbooks the night is marked as published and is not run again by itself.
    return [*exchanged, _workbook(site, night, [list(asset.key.path) for asset in exchanged])]


def _sent_acknowledgement(site: Site, night: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    parsed = [["parse", feed] for feed in answering(site)]

    @dg.asset(
        key=[LAYER, "sent_acknowledgement"],
        deps=parsed,
        group_name=LAYER,
        partitions_def=night,
        description=explained(SentAcknowledgement),
        owners=["team:data-engineering"],
        kinds={"parquet", *(site.feeds[feed].format.kind for feed in answering(site))},
        tags={"domain": DOMAIN},
        metadata={"dagster/column_schema": column_schema(SentAcknowledgement)},
        code_version="1",
    )
    def sent_acknowledgement(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        require(site, day, parsed)
        with site.lake.locked(), Ledger(site.ledger) as ledger:
            rows = acknowledged(site, ledger, day)
            site.lake.write(LAYER, "sent_acknowledgement", day, {"sent_acknowledgement": rows})
        return dg.MaterializeResult(
            metadata={
                **stored(site.lake.stored(LAYER, "sent_acknowledgement", day)),
                "files": rows["outbox_file"].n_unique(),
                "by_form": counts_by(rows, "form"),
                "by_answer": counts_by(rows, "answer"),
                "outbox": dg.MetadataValue.path(str(site.outbox)),
            }
        )

    return sent_acknowledgement


def _sent_document_status(site: Site, night: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    parsed = [["parse", feed] for feed in (*outbound(site), *inbound(site))]
    before = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @dg.asset(
        key=[LAYER, "sent_document_status"],
        # It reads its own partition of the night before: what still waits.
        deps=[
            *parsed,
            dg.AssetDep([LAYER, "sent_document_status"], partition_mapping=before),
        ],
        group_name=LAYER,
        partitions_def=night,
        description=explained(SentDocumentStatus),
        owners=["team:data-engineering"],
        kinds={"duckdb", "parquet"},
        tags={"domain": DOMAIN},
        metadata={"dagster/column_schema": column_schema(SentDocumentStatus)},
        code_version="1",
    )
    def sent_document_status_(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        require(site, day, parsed)
        with site.lake.locked():
            rows, unmatched = sent_document_status(site, day)
            site.lake.write(LAYER, "sent_document_status", day, {"sent_document_status": rows})
        return dg.MaterializeResult(
            metadata={
                **stored(site.lake.stored(LAYER, "sent_document_status", day)),
                "by_state": counts_by(rows, "state"),
                "overdue": int(rows["is_overdue"].sum()),
                "answers_not_awaited": unmatched.height,
            }
        )

    return sent_document_status_


def _workbook(
    site: Site, night: dg.PartitionsDefinition, exchanged: list[list[str]]
) -> dg.AssetsDefinition:
    closed = [
        ["canonical", "file_control"],
        ["canonical", "quarantine"],
        *(["reconcile", table_name(t)] for t in RESULTS),
        *(["reconcile", table_name(t)] for t in (CHARGE_RESULTS if charging(site) else ())),
        *exchanged,
    ]

    @dg.asset(
        key=[LAYER, "workbook"],
        deps=closed,
        group_name=LAYER,
        partitions_def=night,
        owners=["team:accounts-payable"],
        kinds={"excel"},
        tags={"domain": DOMAIN},
        code_version="1",
    )
    def workbook(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        """Exception workbooks, ready to forward; the night's files are then marked as published."""
        day = business_date(context)
        require(site, day, closed)
        folder = site.published / day.isoformat()
        with site.lake.locked(), Ledger(site.ledger) as ledger:
            closed_night = gather(site, day)
            if left := left_out(site, closed_night, ledger):
                raise ConfigError(
                    f"{', '.join(left)} landed for the night {day} since its tables were made, and "
                    "would be marked as published without having been read. Run the whole night: "
                    f"{site.closing(day)}"
                )
            made = workbooks(closed_night) | charge_workbooks(closed_night)
            site.lake.commit(folder, made, keep_names=True)
            ledger.publish(day)
        files = site.lake.committed(folder)
        return dg.MaterializeResult(
            metadata={
                "dagster/partition_row_count": len(files),
                "bytes": sum(f.size for f in files),
                "files": dg.MetadataValue.json({f.path.name: f.sha256 for f in files}),
                "folder": dg.MetadataValue.path(str(folder)),
            }
        )

    return workbook
