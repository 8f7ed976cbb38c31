"""What must hold of every table that has a class: its columns, its types, its key."""

from datetime import date

import dagster as dg
import polars as pl
from pandera.errors import SchemaErrors

from assets.partitions import business_date, require
from recon.canonical.build import LAYER as CANONICAL
from recon.canonical.build import REJECTS, filling
from recon.canonical.describe import canonical_tables, natural_key, table_name
from recon.canonical.tables import FileControl, Quarantine, Table
from recon.publish.outbox import answering
from recon.publish.sent import outbound
from recon.publish.tables import LAYER as PUBLISH
from recon.publish.tables import SentAcknowledgement, SentDocumentStatus
from recon.reconcile.charge_night import charging
from recon.reconcile.results import CHARGE_RESULTS, RESULTS
from recon.reconcile.results import LAYER as RECONCILE
from recon.site import Site


def conforms_checks(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetChecksDefinition]:
    """Per table with a class: as declared, or nothing is built on it."""
    exchanged = [
        *([SentAcknowledgement] if answering(site) else []),
        *([SentDocumentStatus] if outbound(site) else []),
    ]
    filled = [t for n, t in canonical_tables().items() if n == "location" or filling(site, n)]
    results = [*RESULTS, *(CHARGE_RESULTS if charging(site) else ())]
    return [
        *(_conforms(site, CANONICAL, t, night) for t in [*filled, FileControl, Quarantine]),
        *(_conforms(site, RECONCILE, t, night) for t in results),
        *(_conforms(site, PUBLISH, t, night) for t in exchanged),
    ]


def _conforms(
    site: Site, layer: str, table: type[Table], night: dg.PartitionsDefinition
) -> dg.AssetChecksDefinition:
    name = table_name(table)

    @dg.asset_check(
        asset=[layer, name],
        name="conforms",
        description="Columns, types and required values as declared; one row per key.",
        blocking=True,
        partitions_def=night,
    )
    def conforms(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, [[layer, name]])
        rows, broken = _judged(site, layer, table, day)
        return dg.AssetCheckResult(
            passed=not broken,
            metadata={"rows": rows, "no_data": rows == 0, **({"broken": broken} if broken else {})},
        )

    return conforms


def _judged(site: Site, layer: str, table: type[Table], day: date) -> tuple[int, dict[str, int]]:
    """Rows of a partition, and for each thing wrong with them in how many rows."""
    stored = site.lake.stored(layer, table_name(table), day)
    parts = [
        # Read whole: pandera checks the dtypes of a LazyFrame and skips its values.
        pl.read_parquet(file.path, glob=False, hive_partitioning=False)
        for file in stored
        if file.part != REJECTS
    ]
    if not parts:
        return 0, {}
    rows = pl.concat(parts)
    broken: dict[str, int] = {}
    try:
        table.validate(rows, lazy=True)
    except SchemaErrors as errors:
        # Counts only: failure_cases also holds the failing values, which may be private.
        cases = errors.failure_cases.group_by("column", "check").len().sort("column", "check")
        broken = {
            f"{column or table.__name__} {check}": n for column, check, n in cases.iter_rows()
        }
    key = [column for column in natural_key(table) if column in rows.columns]
    repeated = int(rows.select(pl.struct(key).is_duplicated().sum()).item()) if key else 0
    return rows.height, broken | ({"key repeated": repeated} if repeated else {})
