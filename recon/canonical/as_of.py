"""The view "as of D": the latest version of every row over the business dates up to D.

Nothing is updated in place. A row of a ``snapshot`` feed is in force while the feed's newest
delivery holds it; a row of a ``delta`` or ``append`` feed, until a later row of its key.
"""

from datetime import date
from pathlib import Path

import polars as pl

from recon.canonical.build import LAYER, REJECTS, SITE_FILE
from recon.canonical.describe import canonical_tables, natural_key, polars_schema
from recon.site import Site


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
    files = deliveries(site, table, day)
    declared = canonical_tables()[table]
    if not files:
        return pl.DataFrame(schema=polars_schema(declared))
    if len(files) == 1:
        return [files[0][2]]
    keys = natural_key(declared)
    # In order of delivery, so that the last of a key is its newest version.
    rows = pl.concat([pl.read_parquet(path, hive_partitioning=False) for _, _, path in files])
    return rows.unique(subset=keys, keep="last", maintain_order=True).sort(keys)


def tables_as_of(site: Site, day: date) -> dict[str, pl.DataFrame | list[Path]]:
    """Every canonical table as of ``day``."""
    return {table: as_of(site, table, day) for table in sorted(canonical_tables())}
