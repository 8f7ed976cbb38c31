"""What must hold of a canonical table before it is matched."""

from datetime import date

import dagster as dg
import polars as pl
from pandera.errors import SchemaErrors

from recon.canonical.build import LAYER, REJECTS, filling
from recon.canonical.describe import canonical_tables, natural_key
from recon.canonical.tables import Canonical
from recon.site import Site


def canonical_checks(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetChecksDefinition]:
    """Per table: types, nulls and keys are as declared (blocks)."""
    return [_conforms(site, n, t, night) for n, t in canonical_tables().items() if filling(site, n)]


def _conforms(
    site: Site, name: str, table: type[Canonical], night: dg.PartitionsDefinition
) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=[LAYER, name],
        name="conforms",
        description="Columns, types and required values as declared; one row per key.",
        blocking=True,
        partitions_def=night,
    )
    def conforms(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = date.fromisoformat(context.partition_key)
        parts = [f.path for f in site.lake.stored(LAYER, name, day) if f.part != REJECTS]
        # Read whole: pandera checks the dtypes of a LazyFrame and skips its values.
        rows = (
            pl.concat([pl.read_parquet(p, hive_partitioning=False) for p in parts])
            if parts
            else None
        )
        if rows is None:
            return dg.AssetCheckResult(passed=True, metadata={"rows": 0, "no_data": True})
        repeated = int(rows.select(pl.struct(natural_key(table)).is_duplicated().sum()).item())
        broken: dict[str, int] = {"key repeated": repeated} if repeated else {}
        try:
            table.validate(rows, lazy=True)
        except SchemaErrors as errors:
            # Counts only: failure_cases also holds the failing values, which may be private.
            cases = errors.failure_cases.group_by("column", "check").len()
            broken |= {f"{c}: {k}": n for c, k, n in cases.iter_rows()}
        return dg.AssetCheckResult(
            passed=not broken, metadata={"rows": rows.height, "broken": broken}
        )

    return conforms
