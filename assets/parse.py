"""Parse: one asset per feed; its files read into records and rejects."""

import dagster as dg
import polars as pl

from assets.describe import DOMAIN, contract_schema, counts_by, stored, team
from assets.partitions import business_date, require
from recon.land import Ledger
from recon.parse.feed import parse_feed
from recon.site import Feed, Site


def parse_assets(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """``parse/<feed>`` for every feed."""
    return [_parsed(site, feed, night) for feed in site.feeds.values()]


def _parsed(site: Site, feed: Feed, night: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    landed = ["land", feed.name]
    how = "contract declares" if contract_schema(feed) else "standard has"

    @dg.asset(
        key=["parse", feed.name],
        deps=[landed],
        group_name="parse",
        partitions_def=night,
        description=f"Records of {feed.name} as its {how} them, and those it refused.",
        owners=[team(feed.owner)],
        kinds={feed.format.kind, "polars", "parquet"},
        tags={"domain": DOMAIN, "feed": feed.name, "criticality": feed.criticality},
        metadata=contract_schema(feed),
        code_version="1",
    )
    def parsed(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        require(site, day, [landed])
        with site.lake.locked():
            parts = parse_feed(site, feed, day)
            site.lake.write("parse", feed.name, day, parts)
            files = parts["file"]
            with Ledger(site.ledger) as ledger:
                for file in files.filter(pl.col("state") != "DUPLICATE").to_dicts():
                    ledger.counted(
                        feed.name,
                        file["source_file_id"],
                        day,
                        records_in=file["records_in"],
                        accepted=file["accepted"],
                        quarantined=file["quarantined"],
                        refused=file["reason"],
                    )
        return dg.MaterializeResult(
            metadata={
                **stored(site.lake.stored("parse", feed.name, day)),
                # Of the records alone: the partition also holds files, controls and rejects.
                "dagster/partition_row_count": int(files["accepted"].sum()),
                "records_in": int(files["records_in"].sum()),
                "quarantined": int(files["quarantined"].sum()),
                "quarantined_by_rule": counts_by(parts["reject"], "rule"),
            }
        )

    return parsed
