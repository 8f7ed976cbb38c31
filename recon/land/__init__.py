"""Land: bytes are brought in exactly once and belong to one business date from then on.

A file is taken when it has settled, has not been seen, and its own date is not after the night.
Its bytes are kept first and the ledger is written second, so a kill in between loses nothing: the
next run finds the same file unseen and the same bytes already kept.
"""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from recon import layout
from recon.errors import SourceError
from recon.land.arrival import Arrival, ChangedWhileReading, NamePattern, Source, Waiting
from recon.land.folder import FolderSource
from recon.land.ledger import DUPLICATE, LANDED, Ledger
from recon.land.sftp import SftpSource
from recon.site import Connector, Feed, FolderConnector, SftpConnector, Site

__all__ = [
    "Arrival",
    "Landed",
    "Ledger",
    "Waiting",
    "gone",
    "land",
    "opened",
    "pending_nights",
    "refused",
    "retired",
    "state_of_arrivals",
    "unlisted",
    "unreachable",
    "unseen",
    "untaken",
    "waiting",
]

FILES = pl.Schema(
    {
        "feed": pl.String,
        "source_file_id": pl.String,
        "file_name": pl.String,
        "size_bytes": pl.Int64,
        "state": pl.String,
        "reason": pl.String,
    }
)


@dataclass(frozen=True)
class Landed:
    """A feed's files of one business date.

    Attributes:
        files: rows of ``FILES``, state ``LANDED`` or ``DUPLICATE``, ordered by name; the same when
            the night is run again.
        waiting: files not taken this time, and why.
    """

    files: pl.DataFrame
    waiting: list[Waiting]


def opened(connector: Connector, site_folder: Path) -> AbstractContextManager[Source]:
    """The place a feed's files come from, as a context manager."""
    if isinstance(connector, FolderConnector):
        return FolderSource(connector, site_folder)
    return SftpSource(connector, site_folder)


def land(feed: Feed, site: Site, ledger: Ledger, day: date, now: datetime) -> Landed:
    """Take every new file of a feed for one night.

    A night takes nothing new once a later one has been landed: what arrives late belongs to the
    next night that runs, and a past night can be run again with the same result.

    Args:
        feed: which feed.
        site: whose lake keeps the bytes.
        ledger: what has been seen.
        day: the business date that the files will belong to.
        now: the moment of the run, with a time zone; younger files than settle_seconds wait.

    Raises:
        SourceError: the source cannot be reached, refuses us, or is not who it was.
    """
    layout.enter(site.lake.root)
    last = ledger.last_day()
    left = [] if last is not None and last > day else _take(feed, site, ledger, day, now)
    rows = [
        {
            "feed": file.feed,
            "source_file_id": file.sha256,
            "file_name": file.name,
            "size_bytes": file.size,
            # What parsing and publishing enter later is theirs: this partition stays as it was.
            "state": DUPLICATE if file.duplicate_of is not None else LANDED,
            "reason": file.reason if file.duplicate_of is not None else None,
        }
        for file in ledger.files(day, feed.name)
    ]
    return Landed(pl.DataFrame(rows, schema=FILES), left)


def unseen(site: Site, ledger: Ledger, now: datetime) -> list[Arrival]:
    """Settled files that no night has landed; every source is asked once."""
    return [
        file
        for feed, file in _not_landed(site, ledger)
        if file.settled(now, feed.connector.settle_seconds)
    ]


def pending_nights(site: Site, ledger: Ledger, arrivals: list[Arrival], today: date) -> list[date]:
    """Business dates that have something to do, oldest first.

    Those landed and not yet published, and those of ``arrivals`` (what is ``unseen``): a file's own
    date. Where it has none, or its date has passed because a later night was landed, the oldest of
    these nights takes it; ``today`` if there is none. What is dated before the site's first night
    belongs to that one. No night closes before its own date: a file that is dated ahead waits, and
    a mistyped year closes nothing.

    A source that cannot be reached adds nothing here; the night's own run reports it.
    """
    nights = set(ledger.unpublished())
    last = ledger.last_day()
    first = site.config.first_business_date
    is_for_any = False
    for file in arrivals:
        own = file.business_date
        if own is None or (last is not None and own < last):
            is_for_any = True
        else:
            nights.add(max(own, first))
    due = sorted(night for night in nights if night <= today)
    # A night of its own beside one that takes the file would be empty, and close the other early.
    if is_for_any and not any(last is None or night >= last for night in due):
        due += [night for night in [max(today, first, last or first)] if night <= today]
    return due


def unreachable(site: Site) -> list[str]:
    """One sentence per source that cannot be listed now."""
    told: list[str] = []
    for name, feed in site.feeds.items():
        try:
            with opened(feed.connector, site.folder) as source:
                source.listing()
        except SourceError as error:
            told.append(f"{name}: {error}")
    return told


def state_of_arrivals(ledger: Ledger, arrivals: list[Arrival]) -> str:
    """Twelve digits that change when a file arrives, is landed, or a night is published."""
    digest = hashlib.sha256(ledger.fingerprint().encode())
    for file in arrivals:
        digest.update(f"{file.name}\n{file.size}\n{file.modified_at}\n".encode())
    return digest.hexdigest()[:12]


def waiting(site: Site, ledger: Ledger) -> list[str]:
    """Every file that no night has landed, ready or not, as feed and name."""
    return [f"{feed.name}: {file.name}" for feed, file in _not_landed(site, ledger)]


def refused(site: Site) -> list[str]:
    """Every file that no night takes although its feed's pattern does, as feed, name and reason."""
    told = []
    for name, feed in site.feeds.items():
        with suppress(SourceError), opened(feed.connector, site.folder) as source:
            told += [f"{name}: {file}" for file in source.listing().refused]
    return told


def untaken(site: Site, *, servers: bool = False) -> list[str]:
    """Files in the folders of feeds that no feed's pattern takes: a name or a pattern is mistyped.

    Hidden files are none of them. A folder that cannot be listed has none: the night reports it.

    Args:
        site: whose feeds.
        servers: whether servers are asked too; otherwise only this machine's folders are looked at.
    """
    taking: dict[Path, list[NamePattern]] = {}
    for feed in site.feeds.values():
        if isinstance(feed.connector, FolderConnector):
            folder = site.folder / feed.connector.path
            taking.setdefault(folder, []).append(NamePattern(feed.connector.pattern))
    found = []
    for folder, patterns in taking.items():
        with suppress(OSError):
            for file in folder.iterdir():
                shown = file.is_file() and not file.name.startswith(".")
                if shown and not any(p.takes(file.name) for p in patterns):
                    found.append(ascii(str(file))[1:-1])
    return sorted(found + (_untaken_on_servers(site) if servers else []))


def _untaken_on_servers(site: Site) -> list[str]:
    sharing: dict[str, list[SftpConnector]] = {}
    for at in (feed.connector for feed in site.feeds.values()):
        if isinstance(at, SftpConnector):
            sharing.setdefault(SftpSource(at, site.folder).place, []).append(at)
    found = []
    for place, connectors in sharing.items():
        patterns = [NamePattern(at.pattern) for at in connectors]
        with suppress(SourceError), opened(connectors[0], site.folder) as source:
            found += [
                f"{place.rstrip('/')}/{name}"
                for name in source.listing().others
                if not any(pattern.takes(name) for pattern in patterns)
            ]
    return found


def unlisted(site: Site) -> list[str]:
    """Every feed whose folder cannot be listed, with the reason: it would end the night.

    Of a server only what this machine must have is looked at: it is not called.
    """
    told = []
    for name, feed in sorted(site.feeds.items()):
        try:
            if isinstance(feed.connector, FolderConnector):
                FolderSource(feed.connector, site.folder).listing()
            else:
                SftpSource(feed.connector, site.folder).check()
        except SourceError as missing:
            told.append(f"{name}: {missing}")
    return told


def gone(site: Site) -> list[str]:
    """SHA-256 of every file that arrived and is no longer among the raw files."""
    if not site.ledger.exists():
        return []
    with Ledger(site.ledger) as ledger:
        return sorted(ledger.hashes().difference(site.lake.raw_files()))


def retired(site: Site) -> list[str]:
    """Feeds that brought files and are no longer declared: gone, or under another name now."""
    if not site.ledger.exists():
        return []
    with Ledger(site.ledger) as ledger:
        return [feed for feed in ledger.feeds() if feed not in site.feeds]


def _not_landed(site: Site, ledger: Ledger) -> Iterator[tuple[Feed, Arrival]]:
    """Files that no night has landed; a source that cannot be reached has none."""
    for feed in site.feeds.values():
        try:
            with opened(feed.connector, site.folder) as source:
                arrivals = source.listing().arrivals
        except SourceError:
            continue
        for file in sorted(arrivals, key=lambda f: f.name):
            if not ledger.seen(feed.name, file):
                yield feed, file


def _take(feed: Feed, site: Site, ledger: Ledger, day: date, now: datetime) -> list[Waiting]:
    settle = feed.connector.settle_seconds
    with opened(feed.connector, site.folder) as source:
        listing = source.listing()
        left = list(listing.refused)
        for file in sorted(listing.arrivals, key=lambda f: (f.business_date or day, f.name)):
            if ledger.seen(feed.name, file):
                continue
            if file.business_date is not None and file.business_date > day:
                if file.business_date > now.date() + timedelta(days=1):
                    left.append(
                        Waiting(
                            file.name, f"waits: it is dated {file.business_date}, in the future"
                        )
                    )
                continue
            if not file.settled(now, settle):
                why = f"it changed less than {settle} seconds ago and may still grow"
                if file.modified_at > now:
                    why = f"it changed at {file.modified_at:%Y-%m-%d %H:%M} UTC, which is in "
                    why += "the future: a clock is wrong, here or at the sender"
                left.append(Waiting(file.name, f"waits: {why}"))
                continue
            try:
                data = source.read(file)
            except ChangedWhileReading:
                left.append(
                    Waiting(file.name, "waits: it changed while it was read; the next run takes it")
                )
                continue
            ledger.add(feed, file, site.lake.keep_raw(data), day, now)
    return left
