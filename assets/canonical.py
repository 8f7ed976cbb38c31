"""Canonical: one asset per table that everyone agrees on, and the two accounts of the night."""

import dagster as dg

from assets.describe import DOMAIN, column_schema, counts_by, stored
from assets.partitions import business_date, require
from recon.canonical.build import LAYER, build, file_control, filling, locations, quarantine
from recon.canonical.describe import canonical_tables, explained
from recon.canonical.tables import Canonical, FileControl, Quarantine
from recon.site import Site

OWNERS = ["team:data-engineering"]
KINDS = {"duckdb", "parquet"}


def canonical_assets(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """``canonical/<table>`` for every table that a feed fills, ``location`` and the accounts."""
    tables = [_built(site, n, t, night) for n, t in canonical_tables().items() if filling(site, n)]
    return [_location(site, night), *tables, *_accounts(site, night)]


def _built(
    site: Site, name: str, table: type[Canonical], night: dg.PartitionsDefinition
) -> dg.AssetsDefinition:
    parsed = [["parse", feed] for feed in filling(site, name)]

    @dg.asset(
        key=[LAYER, name],
        deps=parsed,
        group_name=LAYER,
        partitions_def=night,
        description=explained(table),
        owners=OWNERS,
        tags={"domain": DOMAIN},
        kinds=KINDS,
        metadata={"dagster/column_schema": column_schema(table), "dagster/table_name": name},
        code_version="1",
    )
    def built(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        require(site, day, parsed)
        with site.lake.locked():
            result = build(site, name, day)
            site.lake.write(LAYER, name, day, result.parts())
        return dg.MaterializeResult(
            metadata={
                **stored(site.lake.stored(LAYER, name, day)),
                "dagster/partition_row_count": result.rows.height,
                "records_in": result.records_in,
                "quarantined": result.rejects.height,
                "rows_by_feed": counts_by(result.rows, "source_system"),
            }
        )

    return built


def _location(site: Site, night: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=[LAYER, "location"],
        group_name=LAYER,
        partitions_def=night,
        owners=OWNERS,
        tags={"domain": DOMAIN},
        kinds={"yaml", "parquet"},
        metadata={"dagster/column_schema": column_schema(canonical_tables()["location"])},
        code_version="1",
    )
    def location(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        """The facilities of recon.yaml."""
        day = business_date(context)
        with site.lake.locked():
            site.lake.write(LAYER, "location", day, {"recon.yaml": locations(site)})
        return dg.MaterializeResult(metadata=stored(site.lake.stored(LAYER, "location", day)))

    return location


def _accounts(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    parsed = [["parse", feed] for feed in site.feeds]
    accounted = [
        [LAYER, "file_control"],
        *([LAYER, name] for name in canonical_tables() if filling(site, name)),
    ]

    @dg.asset(
        key=[LAYER, "file_control"],
        deps=parsed,
        group_name=LAYER,
        partitions_def=night,
        owners=OWNERS,
        tags={"domain": DOMAIN},
        kinds=KINDS,
        description=explained(FileControl),
        metadata={"dagster/column_schema": column_schema(FileControl)},
        code_version="1",
    )
    def file_control_(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        require(site, day, parsed)
        with site.lake.locked():
            rows = file_control(site, day)
            site.lake.write(LAYER, "file_control", day, {"file_control": rows})
        return dg.MaterializeResult(
            metadata={
                **stored(site.lake.stored(LAYER, "file_control", day)),
                "files_by_state": counts_by(rows, "state"),
            }
        )

    @dg.asset(
        key=[LAYER, "quarantine"],
        deps=accounted,
        group_name=LAYER,
        partitions_def=night,
        owners=OWNERS,
        tags={"domain": DOMAIN},
        kinds=KINDS,
        description=explained(Quarantine),
        metadata={"dagster/column_schema": column_schema(Quarantine)},
        code_version="1",
    )
    def quarantine_(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        require(site, day, accounted)
        with site.lake.locked():
            rows = quarantine(site, day)
            site.lake.write(LAYER, "quarantine", day, {"quarantine": rows})
        return dg.MaterializeResult(
            metadata={
                **stored(site.lake.stored(LAYER, "quarantine", day)),
                "rows_by_rule": counts_by(rows, "rule"),
            }
        )

    return [file_control_, quarantine_]
