"""How an asset presents itself: owner, kinds, column schema, counts. Never a row's values."""

import re

import dagster as dg
import polars as pl

from recon.canonical.describe import polars_schema
from recon.canonical.tables import Table
from recon.lake import Stored
from recon.site import Feed

# What the assets of this distribution are about; a site that runs others beside them filters by it.
DOMAIN = "supply-chain"


def team(owner: str) -> str:
    """``Supply Chain`` -> ``team:supply-chain``, the form Dagster accepts."""
    return "team:" + re.sub(r"[^a-z0-9]+", "-", owner.lower()).strip("-")


def column_schema(table: type[Table]) -> dg.TableSchema:
    """A table's columns with types and descriptions, for the UI."""
    columns = table.to_schema().columns
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=str(dtype),
                description=columns[name].description,
                constraints=dg.TableColumnConstraints(nullable=columns[name].nullable),
            )
            for name, dtype in polars_schema(table).items()
        ]
    )


def schema_of(columns: pl.Schema) -> dg.TableSchema:
    """Columns that no table class declares, for the UI."""
    return dg.TableSchema([dg.TableColumn(name, str(dtype)) for name, dtype in columns.items()])


def contract_schema(feed: Feed) -> dict[str, dg.TableSchema]:
    """The columns of a feed's contract, for the UI; X12 brings its own and declares none."""
    declared = [
        (f"{record}.{column.name}" if feed.contract.kinds else column.name, column)
        for record, contract in feed.contract.by_record.items()
        for column in contract.columns
    ]
    if not declared:
        return {}
    columns = [
        dg.TableColumn(
            name,
            column.type,
            description=column.header,
            constraints=dg.TableColumnConstraints(nullable=not column.required),
        )
        for name, column in declared
    ]
    return {"dagster/column_schema": dg.TableSchema(columns)}


def counts_by(rows: pl.DataFrame, column: str) -> dg.TableMetadataValue:
    """A preview that cannot hold private values: rows per value of a code column."""
    counted = (
        rows.group_by(column).len("rows").sort("rows", column, descending=[True, False]).head(20)
    )
    return dg.MetadataValue.table(
        [dg.TableRecord({column: str(r[column]), "rows": r["rows"]}) for r in counted.to_dicts()],
        schema=dg.TableSchema([dg.TableColumn(column, "string"), dg.TableColumn("rows", "int")]),
    )


def stored(files: list[Stored]) -> dict[str, dg.MetadataValue]:
    """Where a partition was written, and what it holds."""
    return {
        **({"dagster/uri": dg.MetadataValue.text(str(files[0].path.parent))} if files else {}),
        "dagster/partition_row_count": dg.MetadataValue.int(sum(f.rows for f in files)),
        "bytes": dg.MetadataValue.int(sum(f.size for f in files)),
        "sha256": dg.MetadataValue.json({f.path.name: f.sha256 for f in files}),
    }
