"""A closed night read back from the lake, for everything that publishes it."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl

from recon.canonical.as_of import deliveries, tables_as_of
from recon.canonical.describe import canonical_tables, table_name
from recon.errors import ConfigError
from recon.land import Ledger
from recon.parse.control_numbers import GAP, REPEATED
from recon.publish.night import Night
from recon.reconcile.charge_night import charging
from recon.reconcile.night import limits, results
from recon.reconcile.results import CHARGE_RESULTS, LAYER, RESULTS
from recon.reconcile.rules_kept import rules_of
from recon.rules import load_all
from recon.site import Hl7Format, JsonFormat, Site, X12Format

ACCOUNTS = ("file_control", "quarantine")


def gather(site: Site, day: date) -> Night:
    """The night ``day`` of a site.

    Raises:
        ConfigError: the night has not been closed, or not with all that the site declares now.
        IntegrityError: a stored file is not what was written.
    """
    wanted = _results(site)
    found = results(site, day, wanted)
    accounts = {name: site.lake.read("canonical", name, day) for name in ACCOUNTS}
    if len(found) < len(wanted) or any(rows is None for rows in accounts.values()):
        closed = site.lake.days(LAYER, "exception")
        if day in closed:
            # As where a site that matched invoices alone has learnt of use and charges since.
            read = {**dict.fromkeys(wanted), **accounts, **found}
            lacking = ", ".join(name for name, rows in read.items() if rows is None)
            raise ConfigError(
                f"the night {day} of {site.folder} was closed without {lacking}, which the site "
                f"declares now. Run it again: {site.closing(day)}"
            )
        nights = f"{len(closed)}, {closed[0]} to {closed[-1]}" if closed else "none yet"
        raise ConfigError(
            f"the night {day} is not closed in {site.folder} (closed: {nights}). Name one that is, "
            f"or run it first: {site.closing(day)}"
        )
    tables = {name: _rows(given) for name, given in tables_as_of(site, day).items()}
    rules = rules_of(site, day)
    return Night(
        day=day,
        network=site.config.name,
        facilities=tuple(site.config.facilities),
        tables={
            **tables,
            **found,
            **{n: r for n, r in accounts.items() if r is not None},
            "control_number": _control_numbers(site, day),
        },
        rules=rules,
        fingerprint=_fingerprint(site, day, rules),
        missing=_missing(site, accounts["file_control"]),
        limits=limits(site),
    )


def _missing(site: Site, files: pl.DataFrame | None) -> tuple[str, ...]:
    """Feeds of high criticality of which no file is new; a duplicate brings nothing."""
    new = [] if files is None else files.filter(pl.col("state") != "DUPLICATE")["feed"].to_list()
    needed = [name for name, feed in sorted(site.feeds.items()) if feed.criticality == "high"]
    return tuple(name for name in needed if name not in new)


def left_out(site: Site, night: Night, ledger: Ledger) -> list[str]:
    """Files that were landed for a night and that it was not made of, by name."""
    known = set(night.tables["file_control"].select("feed", "source_file_id").iter_rows())
    return [
        f"{file.feed}: {file.name}"
        for file in ledger.files(night.day)
        if file.feed in site.feeds and (file.feed, file.sha256) not in known
    ]


def is_as_published(site: Site, night: Night) -> bool:
    """Whether the workbooks that stand there, if any, were made of what the night has now."""
    made = [file.stem for file in (site.published / night.day.isoformat()).glob("AP_*.xlsx")]
    return not made or any(stem.endswith(f"_{night.run_id}") for stem in made)


def caveats(site: Site, night: Night) -> list[str]:
    """What a reader of the story of ``night`` must know of what has changed since."""
    told = []
    if not is_as_published(site, night):
        told.append(
            f"the rules or inputs of {night.day} are not those its workbooks were made of; this "
            f"story uses the present ones. To make new workbooks: {site.closing(night.day)}"
        )
    present = load_all(site.rules).items()
    if changed := [name for name, rows in present if not rows.equals(night.rules[name])]:
        told.append(
            f"rules changed since that night: {', '.join(changed)}. This story uses those that "
            "decided it."
        )
    return told


def _results(site: Site) -> list[str]:
    """The result tables that a night of this site writes."""
    return [table_name(t) for t in (*RESULTS, *(CHARGE_RESULTS if charging(site) else ()))]


def _control_numbers(site: Site, day: date) -> pl.DataFrame:
    """Per X12 feed whose control numbers are followed: how many of each finding there are."""
    findings = pl.DataFrame({"control": [*REPEATED, GAP]})
    found = [pl.DataFrame(schema={"control": pl.String, "count": pl.UInt32, "feed": pl.String})]
    for name, feed in sorted(site.feeds.items()):
        if not isinstance(feed.format, X12Format) or feed.format.control_numbers == "off":
            continue
        rows = site.lake.read("parse", name, day, "control")
        if rows is not None:
            counted = rows.group_by("control").agg(count=pl.len())
            found.append(
                findings.join(counted, on="control", how="left", maintain_order="left")
                .with_columns(pl.col("count").fill_null(0))
                .with_columns(feed=pl.lit(name))
            )
    return pl.concat(found)


def files_seen(site: Site, day: date) -> pl.DataFrame:
    """``file_control`` of every business date up to ``day``: documents are older than a night."""
    days = [d for d in site.lake.days("canonical", "file_control") if d <= day]
    found = [site.lake.read("canonical", "file_control", d) for d in days]
    return pl.concat(rows for rows in found if rows is not None)


def private_feeds(site: Site) -> set[str]:
    """Feeds whose records hold, as they were sent, what identifies a person."""
    return {
        name
        for name, feed in site.feeds.items()
        if feed.contract.is_private or isinstance(feed.format, Hl7Format | JsonFormat)
    }


def _rows(given: pl.DataFrame | list[Path]) -> pl.DataFrame:
    if isinstance(given, pl.DataFrame):
        return given
    return pl.concat([pl.read_parquet(path, glob=False, hive_partitioning=False) for path in given])


def _fingerprint(site: Site, day: date, rules: dict[str, pl.DataFrame]) -> str:
    """A hash over everything the night was computed from: a stored file's name carries its own."""
    digest = hashlib.sha256(day.isoformat().encode())
    for table in sorted(canonical_tables()):
        for delivered, _, path in deliveries(site, table, day):
            digest.update(f"{table} {delivered} {path.name}\n".encode())
    of_the_night = [("canonical", a) for a in ACCOUNTS] + [(LAYER, t) for t in _results(site)]
    for layer, table in of_the_night:
        for file in site.lake.stored(layer, table, day):
            digest.update(f"{table} {file.sha256}\n".encode())
    for name in sorted(rules):
        digest.update(f"{name}\n{rules[name].write_csv()}".encode())
    return digest.hexdigest()
