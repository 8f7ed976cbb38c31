"""The view "as of D": the latest version of every row over the business dates up to D.

Nothing is updated in place. A row of a ``snapshot`` feed is in force while the feed's newest
delivery holds it; a row of a ``delta`` or ``append`` feed, until a later row of its key. A change
document (X12 860) names only what changes: it is laid over the order's newest version, and an
order that is delivered whole again after it has the last word. An order that comes once, later than
a change of it, is changed: its file was late, or refused and sent again.
"""

from collections.abc import Collection
from datetime import date
from pathlib import Path

import polars as pl

from recon.canonical.build import LAYER, REJECTS, SITE_FILE
from recon.canonical.describe import (
    ORIGIN,
    canonical_tables,
    natural_key,
    polars_schema,
    required_columns,
)
from recon.site import Site

CHANGES = "purchase_order_change"
# Tables that change documents change, and the `line_no` of the changes that are about them.
CHANGED = {
    "purchase_order": pl.col("line_no") == "*",
    "purchase_order_line": pl.col("line_no") != "*",
}


def deliveries(site: Site, table: str, day: date) -> list[tuple[date, str, Path]]:
    """(business date, feed, file) of every part that can still be in force on ``day``.

    Raises:
        IntegrityError: a file is not what its manifest says.
    """
    found: list[tuple[date, str, Path]] = []
    newest: dict[str, date] = {}
    for delivered in reversed([d for d in site.lake.days(LAYER, table) if d <= day]):
        for file in site.lake.stored(LAYER, table, delivered):
            if file.part == REJECTS:
                continue
            if (
                _is_snapshot(site, file.part)
                and newest.setdefault(file.part, delivered) != delivered
            ):
                continue
            if file.rows:
                found.append((delivered, file.part, file.path))
    return sorted(found)


def _is_snapshot(site: Site, part: str) -> bool:
    """Whether a later delivery ends what it does not hold."""
    if part == SITE_FILE:
        return True
    # What a feed delivered that the site no longer has stays in force, row by row.
    feed = site.feeds.get(part)
    return feed is not None and feed.extract == "snapshot"


def as_of(site: Site, table: str, day: date) -> pl.DataFrame | list[Path]:
    """A canonical table as of ``day``: rows, or the Parquet file that already is the answer.

    One row per natural key; of several, the newest business date wins, then the feed last in
    the alphabet.
    """
    declared = canonical_tables()[table]
    files = deliveries(site, table, day)
    changes = deliveries(site, CHANGES, day) if table in CHANGED else []
    if not files and not changes:
        return pl.DataFrame(schema=polars_schema(declared))
    if len(files) == 1 and not changes:
        return [files[0][2]]
    keys = natural_key(declared)
    rows = _delivered(files, polars_schema(declared))
    if changes:
        rows = rows.with_columns(since=_since(site, files))
    # In order of delivery, so that the last of a key is its newest version.
    rows = rows.unique(subset=keys, keep="last", maintain_order=True)
    if changes:
        declared_changes = polars_schema(canonical_tables()[CHANGES])
        about = _delivered(changes, declared_changes).filter(CHANGED[table])
        if "line_no" in keys:
            about = _as_ordered(about, rows)
        rows = _laid_over(rows, about, keys, required_columns(declared))
    return rows.drop("delivered").sort(keys)


def _delivered(files: list[tuple[date, str, Path]], schema: pl.Schema) -> pl.DataFrame:
    """The rows of all files, each with the business date on which it was delivered."""
    days = {str(path): day for day, _, path in files}
    if not days:
        return pl.DataFrame(schema={**schema, "delivered": pl.Date})
    read = pl.read_parquet(
        list(days), glob=False, hive_partitioning=False, include_file_paths="delivered"
    )
    return read.with_columns(pl.col("delivered").replace_strict(days, return_dtype=pl.Date))


def _since(site: Site, files: list[tuple[date, str, Path]]) -> pl.Expr:
    """The delivery of a row that has the last word over the changes before it, if one has."""
    snapshots = {feed for _, feed, _ in files if _is_snapshot(site, feed)}
    delivered = pl.col("delivered")
    knows = pl.col("source_system").is_in(snapshots).any().over("po_id") | (
        delivered.min().over("po_id") < delivered.max().over("po_id")
    )
    return pl.when(knows).then(delivered)


def order_line_number(written: pl.Expr) -> pl.Expr:
    """What is compared of an order line's number: documents write 001 and 1 for one line."""
    return written.str.strip_chars().str.to_uppercase().str.strip_chars_start("0")


def _as_ordered(changes: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Changes with the line number as the order writes it: 001 is 1, unless the order has both.

    A line that no order has is one line, however the changes that add it write its number.
    """
    number = order_line_number(pl.col("line_no"))
    known = rows.group_by("po_id", number.alias("number")).agg(
        pl.first("line_no").alias("ordered"), pl.len().alias("lines")
    )
    told = changes.with_columns(number=number).join(
        known, on=["po_id", "number"], how="left", maintain_order="left"
    )
    ordered = (
        pl.when(pl.col("lines") == 1)
        .then("ordered")
        .when(pl.col("lines").is_null())
        .then(pl.col("line_no").min().over("po_id", "number"))
        .otherwise("line_no")
    )
    return told.with_columns(line_no=ordered).select(changes.columns)


def _laid_over(
    rows: pl.DataFrame, changes: pl.DataFrame, keys: list[str], required: list[str]
) -> pl.DataFrame:
    """Rows with what changes say of them; a change of a row that is not there adds one if it can.

    Of several changes the newest that says anything counts, column by column: by its own date,
    which is at the latest that of its delivery. A row keeps its own origin: what changed it stands
    in the table of changes.
    """
    said = [c for c in changes.columns if c in rows.columns and c not in (*keys, *ORIGIN)]
    said.remove("delivered")
    newest = (
        changes.join(rows.select(*keys, "since"), on=keys, how="left")
        # Delivered whole again after the change, a row has the last word.
        .filter(pl.col("since").is_null() | (pl.col("delivered") >= pl.col("since")))
        .sort(pl.min_horizontal("change_date", "delivered"), "delivered", "change_id", "change_no")
        .group_by(keys, maintain_order=True)
        .agg(*(pl.col(c).drop_nulls().last() for c in said), *(pl.col(c).last() for c in ORIGIN))
    )
    changed = rows.join(newest, on=keys, how="left", suffix="_now", maintain_order="left")
    changed = changed.with_columns(pl.coalesce(f"{c}_now", c).alias(c) for c in said)
    added = newest.join(rows, on=keys, how="anti")
    whole = [pl.col(c).is_not_null() if c in added.columns else pl.lit(False) for c in required]
    rows_and_added = [changed.select(rows.columns), added.filter(*whole)]
    return pl.concat(rows_and_added, how="diagonal").drop("since")


def tables_as_of(
    site: Site, day: date, read: Collection[str] | None = None
) -> dict[str, pl.DataFrame | list[Path]]:
    """Every canonical table as of ``day``, or those that are ``read``: no other can stop it."""
    names = canonical_tables() if read is None else set(read) & set(canonical_tables())
    return {table: as_of(site, table, day) for table in sorted(names)}
