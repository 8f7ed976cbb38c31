"""What stands behind tokens, where a site keeps it: closed, apart, and opened only on record.

The partition ``restricted/<feed>`` holds a row per token that the feed's files of the night made of
a domain in ``privacy.keep``: account and claim numbers as they are compared (``Tokens.column``),
and of a serial number its last four characters. Each is closed under the site's key for its own
token, so that a row cannot be put beside another person's token.

What belongs here: keeping and opening numbers. What does not: who is shown them
(``publish/profile.py``), the log of it (``recon/audit.py``).
"""

from datetime import date, datetime
from pathlib import Path

import polars as pl

from recon import audit
from recon.errors import ConfigError
from recon.parse.privacy import Tokens
from recon.site import Feed, Site

LAYER, TABLE = "restricted", "number"
STORED = pl.Schema({"domain": pl.String, "token": pl.String, "closed": pl.Binary})
OPENED = pl.Schema({"domain": pl.String, "token": pl.String, "number": pl.String})
_SERIAL_SHOWN = 4


def keep(site: Site, feed: Feed, day: date, tokens: Tokens) -> None:
    """Write what stands behind the tokens that a feed's night made; nothing if nothing is kept.

    What was kept of the night before, when more was declared, is taken away.
    """
    seal, privacy = site.lake.seal, site.config.privacy
    if seal is None or privacy is None:
        return
    if not privacy.keep and day not in site.lake.days(LAYER, feed.name):
        return
    made = tokens.made().sort("domain", "token")
    last = pl.format("…{}", pl.col("number").str.tail(_SERIAL_SHOWN))
    # A number so short that four characters are most of it is not told at all.
    serial = pl.when(pl.col("number").str.len_chars() > 2 * _SERIAL_SHOWN - 2).then(last)
    shown = made.with_columns(
        number=pl.when(pl.col("domain") == "serial").then(serial).otherwise("number")
    ).drop_nulls()
    closed = [
        seal.closed(number.encode(), token)
        for token, number in shown.select("token", "number").iter_rows()
    ]
    rows = shown.select("domain", "token").with_columns(closed=pl.Series(closed, dtype=pl.Binary))
    site.lake.write(LAYER, feed.name, day, {TABLE: rows.cast(dict(STORED.items()))})


def opened(site: Site, day: date, who: str, at: datetime, act: str, files: str) -> pl.DataFrame:
    """Every number kept of the nights up to ``day``, entered into the audit log first.

    Args:
        site: whose.
        day: the business date that is published.
        who: the person's account on this machine.
        at: when, with a time zone.
        act: what they are opened for, e.g. ``EXPORT ANALYST``.
        files: the folder that will hold them.

    Returns:
        Rows of ``OPENED``, one per token.

    Raises:
        ConfigError: the site keeps no numbers, or the folder is one that others read.
        IntegrityError: the log or a partition is not what was written.
    """
    privacy, seal = site.config.privacy, site.lake.seal
    if privacy is None or seal is None or not privacy.keep:
        raise ConfigError(
            "recon.yaml keeps no numbers for analysts: declare `privacy: {…, keep: [account, "
            "claim, serial]}` and run the nights again."
        )
    for shared in (site.published, site.outbox, site.lake.root):
        if Path(files).resolve().is_relative_to(shared.resolve()):
            raise ConfigError(
                f"{files} is inside {shared}, which is no place for account numbers: name a folder "
                "outside the site that only analysts may read."
            )
    about = {"business_date": day.isoformat(), "files": files}
    audit.record(site, who, at, act, about)
    found = [pl.DataFrame(schema=STORED)]
    for feed in sorted(f.name for f in (site.lake.root / LAYER).glob("*") if f.is_dir()):
        for night in site.lake.days(LAYER, feed):
            rows = site.lake.read(LAYER, feed, night, TABLE) if night <= day else None
            found += [] if rows is None else [rows]
    kept = pl.concat(found).unique(["domain", "token"], maintain_order=True)
    kept = kept.filter(pl.col("domain").is_in(privacy.keep))
    numbers = [
        seal.opened(closed, token).decode()
        for token, closed in kept.select("token", "closed").iter_rows()
    ]
    return kept.select("domain", "token").with_columns(number=pl.Series(numbers, dtype=pl.String))
