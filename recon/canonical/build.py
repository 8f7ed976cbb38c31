"""One canonical table for one business date: mapped, one row per key, sorted.

A partition holds one part per feed that delivered, named after it, and a part ``reject``. Nothing
here looks at other business dates; ``as_of.py`` does.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.canonical.describe import (
    ORIGIN,
    canonical_tables,
    natural_key,
    polars_schema,
)
from recon.canonical.mapping import mapped
from recon.canonical.tables import FileControl, Quarantine
from recon.parse.parsed import REJECT
from recon.site import Site

LAYER = "canonical"
REJECTS = "reject"
SITE_FILE = "recon.yaml"  # the part of `location`, which the site's own file fills

# What a mapping refuses, with the feed and file it came from.
REFUSED = pl.Schema([*REJECT.items(), ("source_file_id", pl.String()), ("feed", pl.String())])
# A file that was read, and the name under which it arrived.
FILE_READ = ["source_system", "source_file_id", "source_file_name"]


@dataclass(frozen=True)
class Built:
    """One table, one business date.

    Attributes:
        rows: the table's rows of the day, sorted by natural key.
        rejects: ``REFUSED`` rows.
        records_in: records that the mappings selected; equals ``rows`` + ``rejects``.
        delivered: feeds of which a file was read, even if it holds no row of this table: an empty
            snapshot ends every row of the one before.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    records_in: int
    delivered: list[str]

    def parts(self) -> dict[str, pl.DataFrame]:
        """The partition's parts: one per feed that delivered, and the rejects."""
        by_feed = {
            str(feed): rows
            for (feed,), rows in self.rows.partition_by("source_system", as_dict=True).items()
        }
        nothing = dict.fromkeys(self.delivered, self.rows.clear())
        return {**nothing, **by_feed, REJECTS: self.rejects}


def filling(site: Site, table: str) -> list[str]:
    """Names of the feeds that fill a canonical table."""
    return sorted(n for n, f in site.feeds.items() if any(m.table == table for m in f.records))


def build(site: Site, table: str, day: date) -> Built:
    """Map the day's parsed records of every feed that fills ``table``.

    Two records of one key in one night: of two files the later, by name, counts (rule
    ``superseded``); within one file the same content is counted once (rule ``repeated``), and of
    differing contents neither is used (rule ``key_conflict``), for nothing says which is right.
    """
    declared = canonical_tables()[table]
    rows = [pl.DataFrame(schema=polars_schema(declared))]
    rejects = [pl.DataFrame(schema=REFUSED)]
    files = [pl.DataFrame(schema=dict.fromkeys(FILE_READ, pl.String))]
    records_in = 0
    for name in filling(site, table):
        read = _files_read(site, name, day)
        files.append(read)
        for mapping in site.feeds[name].records:
            if mapping.table != table:
                continue
            records = site.lake.read("parse", name, day, mapping.from_)
            if records is None or records.is_empty():
                continue
            named = records.join(
                read.drop("source_system"),
                on="source_file_id",
                how="left",
                maintain_order="left",
            )
            result = mapped(site.feeds[name], mapping, named, site.rules)
            records_in += records.height - result.not_selected
            rows.append(result.rows)
            refused = result.rejects.with_columns(pl.lit(name).alias("feed"))
            rejects.append(refused.select(REFUSED.names()))
    order = pl.concat(files)
    arrived = _as_arrived(pl.concat(rows), order)
    kept, shared = _one_per_key(arrived, table, natural_key(declared))
    return Built(
        rows=kept.sort(natural_key(declared)),
        rejects=pl.concat([*rejects, shared]).sort(
            ["feed", "source_file_id", "source_record", "byte_offset", "record", "rule"]
        ),
        records_in=records_in,
        delivered=order["source_system"].unique().sort().to_list(),
    )


def _files_read(site: Site, feed: str, day: date) -> pl.DataFrame:
    """The feed's files that could be read, in the order of their names."""
    files = site.lake.read("parse", feed, day, "file")
    if files is None:
        return pl.DataFrame(schema=dict.fromkeys(FILE_READ, pl.String))
    return (
        files.filter(pl.col("state") == "LANDED")
        .sort("file_name", "source_file_id")
        .select(
            pl.lit(feed).alias("source_system"),
            "source_file_id",
            pl.col("file_name").alias("source_file_name"),
        )
    )


def _as_arrived(rows: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    """Rows by feed, file name and place in the file, whichever mapping made them."""
    position = files.with_row_index("file_position")
    return (
        rows.join(position, on=["source_system", "source_file_id"], how="left")
        .sort("file_position", "source_record", "byte_offset", maintain_order=True)
        .drop("file_position", "source_file_name")
    )


def locations(site: Site) -> pl.DataFrame:
    """The ``location`` table: one row per facility of ``recon.yaml``, always in force."""
    file = site.folder / SITE_FILE
    schema = polars_schema(canonical_tables()["location"])
    sha256 = site.lake.keep_raw(file.read_bytes())
    rows = [
        {
            "facility_id": f.id,
            "location_id": f.id,
            "legal_entity": f.legal_entity,
            "tax_exempt": f.tax_exempt,
            "ship_to_gln": f.ship_to_gln,
            "bill_to": f.bill_to,
            "source_system": SITE_FILE,
            "source_file_id": sha256,
            "source_record": index,
            "byte_offset": 0,
        }
        for index, f in enumerate(site.config.facilities, start=1)
    ]
    return pl.DataFrame(rows, schema=schema).sort("facility_id")


def quarantine(site: Site, day: date) -> pl.DataFrame:
    """Everything refused on a business date, by either layer, with its file's name.

    A record that two mappings refuse in the same words is one row that stands for two records.
    """
    schema = polars_schema(Quarantine)
    found = [pl.DataFrame(schema=schema)]
    names = (
        file_control(site, day)
        .filter(pl.col("state") != "DUPLICATE")
        .select("feed", "source_file_id", "file_name")
    )
    refused = [
        rows.with_columns(pl.lit(name).alias("feed"), pl.lit("parse").alias("layer"))
        for name in sorted(site.feeds)
        if (rows := site.lake.read("parse", name, day, REJECTS)) is not None
    ]
    refused += [
        rows.with_columns(pl.lit("canonical").alias("layer"))
        for table in sorted(canonical_tables())
        if (rows := site.lake.read(LAYER, table, day, REJECTS)) is not None
    ]
    found += [
        rows.join(names, on=["feed", "source_file_id"], how="left")
        .select(schema.names())
        .cast(schema)
        for rows in refused
        if not rows.is_empty()
    ]
    told = [column for column in schema if column != "records"]
    counted = pl.concat(found).group_by(told).agg(pl.col("records").sum())
    return counted.select(schema.names()).sort(
        ["feed", "file_name", "source_record", "layer", "record", "rule", "byte_offset", "reason"]
    )


def file_control(site: Site, day: date) -> pl.DataFrame:
    """Every file of a business date with its counts, over all feeds."""
    found = [
        rows
        for name in sorted(site.feeds)
        if (rows := site.lake.read("parse", name, day, "file")) is not None
    ]
    schema = polars_schema(FileControl)
    return pl.concat(
        [pl.DataFrame(schema=schema), *(rows.select(schema.names()) for rows in found)]
    ).sort(["feed", "file_name", "source_file_id"])


def _one_per_key(
    rows: pl.DataFrame, table: str, keys: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows into one per key and what is refused for sharing a key."""
    none = pl.DataFrame(schema=REFUSED)
    ordered = rows.with_row_index("arrival")
    shared = ordered.filter(pl.struct(keys).is_duplicated())
    if shared.is_empty():
        return rows, none
    content = [c for c in rows.columns if c not in ORIGIN]
    judged = shared.with_columns(
        last_file=pl.col("source_file_id").last().over(keys, order_by="arrival"),
        copy=pl.struct([*content, "source_file_id"]).is_first_distinct().not_(),
    ).with_columns(
        versions=pl.struct(content).n_unique().over([*keys, "source_file_id"]),
        newest=pl.col("source_file_id") == pl.col("last_file"),
    )
    rule = (
        pl.when(pl.col("newest") & (pl.col("versions") > 1))
        .then(pl.lit("key_conflict"))
        .when(~pl.col("newest"))
        .then(pl.lit("superseded"))
        .when(pl.col("copy"))
        .then(pl.lit("repeated"))
    )
    told = {
        "key_conflict": "another record of this file has the same key with other values; neither "
        "is used: ",
        "superseded": "a later file of this night holds the same key; its row counts: ",
        "repeated": "the same record is earlier in this file; it is counted once: ",
    }
    named = pl.concat_str(
        [pl.format(f"{k} = {{}}", pl.col(k).cast(pl.String)) for k in keys], separator=", "
    )
    judged = judged.with_columns(rule=rule)
    refused = judged.filter(pl.col("rule").is_not_null())
    rejects = refused.select(
        record=pl.lit(table),
        source_record="source_record",
        byte_offset="byte_offset",
        byte_length=pl.lit(None, pl.Int64),
        records=pl.lit(1, pl.Int64),
        rule="rule",
        reason=pl.col("rule").replace_strict(told, return_dtype=pl.String) + named,
        raw=pl.lit(None, pl.String),
        source_file_id="source_file_id",
        feed="source_system",
    )
    kept = ordered.join(refused.select("arrival"), on="arrival", how="anti").drop("arrival")
    return kept, rejects.cast(REFUSED)
