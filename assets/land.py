"""Land: one asset per feed of the site; its files, brought in exactly once.

And the hold on the lake that a run which lands keeps to its end.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from assets.describe import DOMAIN, schema_of, team
from assets.partitions import business_date
from recon.land import FILES, Ledger, land
from recon.site import Feed, SftpConnector, Site

# A network hiccup deserves another try; a refused host key does not become right by trying again,
# but three short tries cost little and the error stands in the log each time.
NETWORK = dg.RetryPolicy(
    max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)


# Between two steps of a night that the UI closed `recon run` took the lake, closed the same night,
# and the next step failed.
HELD = "lake_held"


def held(site: Site) -> dg.ResourceDefinition:
    """The lake of a site, held for writing as long as a run lasts."""

    @dg.resource(description="The lake, held for writing from the first step to the last.")
    def lake_held(_: dg.InitResourceContext) -> Iterator[None]:
        with site.lake.locked():
            yield

    return lake_held


def land_assets(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """``land/<feed>`` for every feed."""
    return [_landed(site, feed, night) for feed in site.feeds.values()]


def _landed(site: Site, feed: Feed, night: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    remote = isinstance(feed.connector, SftpConnector)

    @dg.asset(
        key=["land", feed.name],
        group_name="land",
        partitions_def=night,
        description=feed.description or f"Files of the feed {feed.name}.",
        owners=[team(feed.owner)],
        kinds={feed.connector.kind},
        tags={"domain": DOMAIN, "feed": feed.name, "criticality": feed.criticality},
        metadata={"dagster/column_schema": schema_of(FILES)},
        required_resource_keys={HELD},
        retry_policy=NETWORK if remote else None,
        code_version="1",
    )
    def landed(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        day = business_date(context)
        with site.lake.locked(), Ledger(site.ledger) as ledger:
            result = land(feed, site, ledger, day, datetime.now(UTC))
            site.lake.write("land", feed.name, day, {"file": result.files})
        for waiting in result.waiting:
            context.log.warning(f"{feed.name}: {waiting}")
        return dg.MaterializeResult(
            metadata={
                "dagster/partition_row_count": result.files.height,
                "bytes": int(result.files["size_bytes"].sum()),
                "files": dg.MetadataValue.json(result.files["file_name"].to_list()[:20]),
                "waiting": dg.MetadataValue.json(list(map(str, result.waiting))[:20]),
            }
        )

    return landed
