"""Reconcile: the three-way match, and use against charge; each writes one table per result."""

import base64
from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from assets.describe import DOMAIN, column_schema, counts_by, stored
from assets.partitions import business_date, require, require_in_order
from recon.canonical.build import filling
from recon.canonical.describe import canonical_tables, explained, table_name
from recon.canonical.tables import Table
from recon.reconcile import MATCH_FOLDERS
from recon.reconcile.charge_night import charging, reconcile_charges
from recon.reconcile.charges import CHARGE_FOLDERS
from recon.reconcile.engine import tables_read
from recon.reconcile.night import reconcile
from recon.reconcile.results import CHARGE_RESULTS, LAYER, RESULTS
from recon.reconcile.rules_kept import keep_rules
from recon.site import Site


def reconcile_assets(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """``reconcile/<table>`` for every result of the match, and of use against charge."""
    inputs = _read_by(MATCH_FOLDERS, site)

    @dg.multi_asset(
        name="three_way_match",
        specs=[_spec(t, inputs, night, "team:procure-to-pay") for t in RESULTS],
    )
    def three_way_match(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """Purchase order, receipt and invoice, matched as of the business date."""
        day = business_date(context)
        require_in_order(site, day)
        require(site, day, inputs)
        with site.lake.locked():
            keep_rules(site, day)
            found = reconcile(site, day)
            for table in RESULTS:
                name = table_name(table)
                site.lake.write(LAYER, name, day, {name: found[name]})
        for table in RESULTS:
            name = table_name(table)
            yield dg.MaterializeResult(
                asset_key=[LAYER, name],
                metadata={
                    **stored(site.lake.stored(LAYER, name, day)),
                    **_figures(name, found[name]),
                },
            )

    return [three_way_match, *([_usage_charge(site, night)] if charging(site) else [])]


def _read_by(folders: Sequence[str], site: Site) -> list[list[str]]:
    """The canonical tables of a site that statements read: no other can stop them."""
    read = tables_read(folders)
    filled = [t for t in canonical_tables() if t == "location" or filling(site, t)]
    return [["canonical", name] for name in filled if name in read]


def _usage_charge(site: Site, night: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    # Charges that were held back are told from the quarantine.
    inputs = [*_read_by(CHARGE_FOLDERS, site), ["canonical", "quarantine"]]

    @dg.multi_asset(
        name="usage_charge",
        specs=[_spec(t, inputs, night, "team:revenue-integrity") for t in CHARGE_RESULTS],
    )
    def usage_charge(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """What was used on patients against what was charged, as of the business date."""
        day = business_date(context)
        require_in_order(site, day)
        require(site, day, inputs)
        names = [table_name(table) for table in CHARGE_RESULTS]
        with site.lake.locked():
            rules = keep_rules(site, day)
            found = reconcile_charges(site, day)
            for name in names:
                site.lake.write(LAYER, name, day, {name: found[name]})
        for name in names:
            yield dg.MaterializeResult(
                asset_key=[LAYER, name],
                metadata={
                    **stored(site.lake.stored(LAYER, name, day)),
                    **_charge_figures(name, found[name], rules["exception_code"]),
                },
            )

    return usage_charge


def _spec(
    table: type[Table], inputs: list[list[str]], night: dg.PartitionsDefinition, owner: str
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=[LAYER, table_name(table)],
        deps=[*inputs, *_last_night(table)],
        group_name=LAYER,
        description=explained(table),
        owners=[owner],
        kinds={"duckdb", "parquet"},
        tags={"domain": DOMAIN},
        metadata={
            "dagster/column_schema": column_schema(table),
            "dagster/table_name": table_name(table),
        },
        code_version="1",
        partitions_def=night,
    )


def _last_night(table: type[Table]) -> list[dg.AssetDep]:
    """Exception tables read their own partition of the night before: first seen, times seen."""
    if table_name(table) not in ("exception", "charge_exception"):
        return []
    return [
        dg.AssetDep(
            [LAYER, table_name(table)],
            partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1),
        )
    ]


def _figures(name: str, rows: pl.DataFrame) -> dict[str, object]:
    match name:
        case "invoice_line_result":
            money = ["amount", "supported", "tolerated", "held", "routed", "leak"]
            return {
                "dollars": _by_currency(rows, money),
                "lines_by_status": counts_by(rows, "status"),
            }
        case "exception":
            # Here, because it brings matplotlib: a second that every start would pay.
            from recon.publish.held_by_code import held_by_code_png

            open_ = rows.filter(pl.col("state") == "OPEN")
            return {
                "open": open_.height,
                "overridden": rows.filter(pl.col("state") == "OVERRIDDEN").height,
                "closed_tonight": rows.filter(pl.col("state") == "AUTO_CLOSED").height,
                "held_by_code": dg.MetadataValue.md(_picture(held_by_code_png(rows))),
                "open_by_code": counts_by(open_, "code"),
            }
        case "rni":
            return {"dollars": _by_currency(rows, ["value"])}
    return {}


def _charge_figures(name: str, rows: pl.DataFrame, codes: pl.DataFrame) -> dict[str, object]:
    """Lost and overcharged dollars apart, as text, which keeps the cents exact."""
    if name != "charge_exception":
        return {}
    open_ = rows.filter(pl.col("state") != "AUTO_CLOSED")
    summed = codes.filter(pl.col("in_sums") == "Y")
    gross = open_.join(summed, on="code", how="semi")["gross"]
    return {
        "open": open_.height,
        "of_them_overridden": open_.filter(pl.col("state") == "OVERRIDDEN").height,
        "closed_tonight": rows.height - open_.height,
        "lost_usd": str(gross.filter(gross > 0).sum()),
        "overcharged_usd": str(-gross.filter(gross < 0).sum()),
        "open_by_code": counts_by(open_, "code"),
    }


def _by_currency(rows: pl.DataFrame, money: Sequence[str]) -> dg.JsonMetadataValue:
    """Sums as text, which keeps the cents exact; currencies are never added up."""
    sums = rows.group_by("currency").agg(pl.col(money).sum()).sort("currency")
    return dg.MetadataValue.json(
        {row["currency"]: {m: str(row[m]) for m in money} for row in sums.to_dicts()}
    )


def _picture(png: bytes) -> str:
    return f"![held dollars by code](data:image/png;base64,{base64.b64encode(png).decode()})"
