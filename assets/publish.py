"""Publish: what people open in the morning."""

import dagster as dg

from assets.describe import DOMAIN
from assets.partitions import business_date, require
from recon.canonical.describe import table_name
from recon.land import Ledger
from recon.publish.gather import gather
from recon.publish.workbook import workbooks
from recon.reconcile.results import RESULTS
from recon.site import Site


def publish_assets(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """``publish/workbook``: one workbook per facility and one for the network."""
    closed = [
        ["canonical", "file_control"],
        ["canonical", "quarantine"],
        *(["reconcile", table_name(t)] for t in RESULTS),
    ]

    @dg.asset(
        key=["publish", "workbook"],
        deps=closed,
        group_name="publish",
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
            site.lake.commit(folder, workbooks(gather(site, day)), keep_names=True)
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

    return [workbook]
