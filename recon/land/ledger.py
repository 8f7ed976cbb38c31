"""What has been seen and what has been answered, in one SQLite file.

Every file: its bytes, its business date, what became of it. Of X12 also the control numbers seen,
and every acknowledgement written into the outbox; and where the audit log ends. A row is written in
one transaction, after the bytes are safe in the lake; a kill at any moment leaves the row or no
row. Times are handed in by the caller.

What belongs here: what a later night must know of earlier ones, night by night, so that a night
that is run again enters the same. What does not: looking for files (``land``), what a control
number says (``parse/control_numbers.py``), what is answered (``publish/outbox.py``).
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from recon.errors import BusyError, ConfigError, IntegrityError, ReconError
from recon.land.arrival import Arrival
from recon.site import Feed

LANDED, PUBLISHED, QUARANTINED, DUPLICATE = "LANDED", "PUBLISHED", "QUARANTINED", "DUPLICATE"
WRITTEN, SENT, LOST = "WRITTEN", "SENT", "LOST"

# `is_published` is the night's state, beside the file's own: a night on which nothing but a
# duplicate arrived has to be published all the same.
_SCHEMA = """
create table if not exists file (
    id integer primary key,
    feed text not null,
    name text not null,
    size integer not null,
    sha256 text not null,
    modified_ns integer not null,
    modified_at text not null,
    first_seen_at text not null,
    state text not null check (state in ('LANDED', 'PUBLISHED', 'QUARANTINED', 'DUPLICATE')),
    business_date text not null,
    duplicate_of text,
    records_in integer,
    accepted integer,
    quarantined integer,
    reason text,
    is_published integer not null default 0,
    unique (feed, name, sha256, business_date)
);
create index if not exists file_by_content on file (feed, sha256);
create index if not exists file_by_night on file (business_date);

create table if not exists control_number (
    feed text not null,
    element text not null check (element in ('ISA13', 'GS06')),
    sequence text not null,
    position integer not null,
    business_date text not null,
    file_name text not null,
    is_taken integer not null,
    primary key (feed, element, sequence, position, business_date)
) without rowid;
create index if not exists control_number_by_night on control_number (feed, business_date);

create table if not exists answer (
    partner text not null,
    first_number integer not null,
    last_number integer not null,
    feed text not null,
    source_file_id text not null,
    business_date text not null,
    path text not null,
    sha256 text not null,
    state text not null check (state in ('WRITTEN', 'SENT', 'LOST')),
    primary key (partner, first_number)
) without rowid;
create index if not exists answer_by_night on answer (business_date);
create index if not exists answer_by_state on answer (state);

create table if not exists audit_head (
    id integer primary key check (id = 1),
    entries integer not null,
    sha256 text not null
);
"""
# Errors of SQLite for which the file is not to blame.
_OF_THE_DISK = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY),
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
)
_COLUMNS = (
    "feed, name, size, sha256, modified_at, first_seen_at, state, business_date, duplicate_of, "
    "records_in, accepted, quarantined, reason"
)


@dataclass(frozen=True)
class LedgerFile:
    """One row: a file as it was seen on one business date.

    Attributes:
        duplicate_of: name of the file that brought the same bytes first.
        records_in: records it held, once it has been read; likewise ``accepted``, ``quarantined``.
    """

    feed: str
    name: str
    size: int
    sha256: str
    modified_at: str
    first_seen_at: str
    state: str
    business_date: str
    duplicate_of: str | None
    records_in: int | None
    accepted: int | None
    quarantined: int | None
    reason: str | None


@dataclass(frozen=True)
class Number:
    """A control number as it was seen.

    Attributes:
        element: ISA13 or GS06.
        sequence: whose numbers it is one of: sender, receiver and, for a group, its kind.
        position: the number, counted on where the sequence began again after its last one.
        file_name: the file that held it.
        is_taken: something of what it numbers was accepted; what was refused whole may come again.
    """

    element: str
    sequence: str
    position: int
    file_name: str
    is_taken: bool


@dataclass(frozen=True)
class Answer:
    """An acknowledgement in the outbox: one file, which answers one file of one partner.

    Attributes:
        partner: qualifier and id of the sender that is answered, as ``ZZ-ACME``.
        first_number: ISA13 of its first interchange; no two answers to a partner share one.
        last_number: the last control number in it.
        feed: the feed that brought what is answered.
        source_file_id: SHA-256 of that file.
        business_date: the night that answered.
        path: within the outbox.
        sha256: of the bytes written.
        state: WRITTEN, SENT or LOST; see ``publish/outbox.py``.
    """

    partner: str
    first_number: int
    last_number: int
    feed: str
    source_file_id: str
    business_date: str
    path: str
    sha256: str
    state: str


class Ledger:
    """The ledger of a site; use it as a context manager.

    Args:
        path: the SQLite file; created with its folder when it is not there.

    Raises:
        IntegrityError: the file is not a ledger.
        ConfigError: its disk is full or not to be written to.
        BusyError: another program holds it for longer than half a minute.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # SQLite would leave it to the umask, and its journal does the same
        self._path = path
        # 30 seconds: the arrival sensor reads while a run writes.
        self._con = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            self._con.execute("pragma journal_mode = wal")
            self._con.execute("pragma synchronous = full")
            self._con.executescript(_SCHEMA)
        except sqlite3.DatabaseError as broken:
            self._con.close()
            raise _not_the_file(path, broken) or IntegrityError(
                f"{path} is not a ledger of this toolkit ({broken}). Restore it from a backup; "
                "without it every file still in the inboxes would be landed again."
            ) from None

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._con.close()

    def seen(self, feed: str, arrival: Arrival) -> bool:
        """Whether this file, with this size and time, is in the ledger."""
        query = "select 1 from file where feed = ? and name = ? and size = ? and modified_ns = ?"
        row = (feed, arrival.name, arrival.size, arrival.modified_ns)
        return self._con.execute(query, row).fetchone() is not None

    def add(self, feed: Feed, arrival: Arrival, sha256: str, day: date, now: datetime) -> None:
        """Enter a file whose bytes are safe.

        The same bytes under any name are a ``DUPLICATE``; the same name with other bytes is a new
        version beside the old. The same file seen again for the same date changes nothing. A
        snapshot that says after another one what it said before (``_is_so_again``) is landed.
        """
        first = """
            select name, business_date from file
            where feed = ? and sha256 = ? and duplicate_of is null order by business_date desc
        """
        insert = """
            insert into file (feed, name, size, sha256, modified_ns, modified_at, first_seen_at,
                              state, business_date, duplicate_of, reason)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (feed, name, sha256, business_date)
            do update set modified_ns = excluded.modified_ns
        """
        with self._transaction() as con:
            known = con.execute(first, (feed.name, sha256)).fetchone()
            snapshot = feed.extract == "snapshot"
            if known and snapshot and self._is_so_again(feed.name, arrival, sha256, known[1]):
                known = None
            reason = (
                known
                and f"the same bytes were landed as '{known[0]}' for {known[1]}: nothing was added"
            )
            what = (feed.name, arrival.name, arrival.size, sha256, arrival.modified_ns)
            when = (_utc(arrival.modified_at), _utc(now))
            fate = (DUPLICATE if known else LANDED, day.isoformat(), known and known[0], reason)
            con.execute(insert, (*what, *when, *fate))

    def _is_so_again(self, feed: str, arrival: Arrival, sha256: str, before: str) -> bool:
        """Whether bytes landed ``before`` come after others, and not as an old file found again."""
        others = """
            select max(business_date) from file
            where feed = ? and business_date > ? and sha256 <> ? and duplicate_of is null
        """
        same_name = "select sha256 from file where feed = ? and name = ? order by id desc"
        (newest,) = self._con.execute(others, (feed, before, sha256)).fetchone()
        last = self._con.execute(same_name, (feed, arrival.name)).fetchone()
        own = arrival.business_date
        return bool(newest) and last != (sha256,) and (own is None or own.isoformat() > newest)

    def files(self, day: date, feed: str | None = None) -> list[LedgerFile]:
        """The files of one business date, ordered by feed, name and hash."""
        query = f"select {_COLUMNS} from file where business_date = ? and feed = coalesce(?, feed) "  # noqa: S608  a constant list of columns
        query += "order by feed, name, sha256"
        return [LedgerFile(*row) for row in self._con.execute(query, (day.isoformat(), feed))]

    def counted(
        self,
        feed: str,
        sha256: str,
        day: date,
        *,
        records_in: int,
        accepted: int,
        quarantined: int,
        refused: str | None = None,
    ) -> None:
        """Enter what reading a file gave; ``refused`` says why the whole file is in quarantine."""
        update = """
            update file set records_in = ?, accepted = ?, quarantined = ?, reason = ?,
                state = case when ? is not null then 'QUARANTINED'
                             when is_published then 'PUBLISHED' else 'LANDED' end
            where feed = ? and sha256 = ? and business_date = ? and duplicate_of is null
        """
        with self._transaction() as con:
            told = (records_in, accepted, quarantined, refused, refused)
            con.execute(update, (*told, feed, sha256, day.isoformat()))

    def publish(self, day: date) -> None:
        """Mark a business date as published."""
        update = """
            update file set is_published = 1,
                state = case state when 'LANDED' then 'PUBLISHED' else state end
            where business_date = ?
        """
        with self._transaction() as con:
            con.execute(update, (day.isoformat(),))

    def unpublished(self) -> list[date]:
        """Business dates with files and no publication since, oldest first."""
        query = "select distinct business_date from file where not is_published order by 1"
        return [date.fromisoformat(day) for (day,) in self._con.execute(query)]

    def feeds(self) -> list[str]:
        """Every feed that ever brought a file."""
        return [f for (f,) in self._con.execute("select distinct feed from file order by 1")]

    def hashes(self) -> set[str]:
        """SHA-256 of every file that ever arrived."""
        return {s for (s,) in self._con.execute("select distinct sha256 from file")}

    def last_day(self) -> date | None:
        """The latest business date for which anything was landed."""
        (day,) = self._con.execute("select max(business_date) from file").fetchone()
        return None if day is None else date.fromisoformat(day)

    def fingerprint(self) -> str:
        """Twelve digits that change with every file entered and every night published."""
        query = (
            "select feed, name, sha256, business_date, state, is_published from file order by id"
        )
        digest = hashlib.sha256()
        for row in self._con.execute(query):
            digest.update(repr(row).encode())
        return digest.hexdigest()[:12]

    # --- control numbers of X12 ----------------------------------------------------------------

    def highest_numbers(self, feed: str, before: date) -> list[tuple[str, str, int]]:
        """(element, sequence, highest position) over the nights before a date."""
        query = """
            select element, sequence, max(position) from control_number
            where feed = ? and business_date < ? group by element, sequence
        """
        return self._con.execute(query, (feed, before.isoformat())).fetchall()

    def numbers_taken(
        self, feed: str, before: date, numbers: Iterable[tuple[str, str, int]]
    ) -> list[tuple[str, str, int, str, str]]:
        """Of ``numbers`` those that an earlier night has taken, each with its first file.

        Args:
            feed: which feed.
            before: nights before this date count.
            numbers: (element, sequence, position).

        Returns:
            (element, sequence, position, file name, business date).
        """
        # `cross join`: SQLite then looks each wanted number up, and not the other way round.
        query = """
            select seen.element, seen.sequence, seen.position, file_name, min(business_date)
            from wanted cross join control_number as seen
            where seen.feed = ? and seen.element = wanted.element
                and seen.sequence = wanted.sequence and seen.position = wanted.position
                and business_date < ? and is_taken
            group by seen.element, seen.sequence, seen.position
        """
        with self._transaction() as con:
            con.execute("create temp table wanted (element text, sequence text, position integer)")
            con.executemany("insert into wanted values (?, ?, ?)", numbers)
            found = con.execute(query, (feed, before.isoformat())).fetchall()
            con.execute("drop table wanted")
        return found

    def enter_numbers(self, feed: str, day: date, numbers: Iterable[Number]) -> None:
        """Enter the numbers a feed brought on a business date, in place of those entered before."""
        rows = [
            (feed, n.element, n.sequence, n.position, day.isoformat(), n.file_name, n.is_taken)
            for n in numbers
        ]
        with self._transaction() as con:
            con.execute(
                "delete from control_number where feed = ? and business_date = ?",
                (feed, day.isoformat()),
            )
            con.executemany("insert into control_number values (?, ?, ?, ?, ?, ?, ?)", rows)

    # --- answers in the outbox -----------------------------------------------------------------

    def answers(self, day: date | None = None, state: str | None = None) -> list[Answer]:
        """Answers of one night, or in one state, or all, in the order of partner and number."""
        query = """
            select * from answer
            where business_date = coalesce(?, business_date) and state = coalesce(?, state)
            order by partner, first_number
        """
        on = None if day is None else day.isoformat()
        return [Answer(*row) for row in self._con.execute(query, (on, state))]

    def last_answer_number(self, partner: str) -> int | None:
        """The highest control number used in answers to a partner."""
        query = "select max(last_number) from answer where partner = ?"
        (number,) = self._con.execute(query, (partner,)).fetchone()
        return None if number is None else int(number)

    def enter_answers(self, answers: Iterable[Answer], withdrawn: Iterable[Answer] = ()) -> None:
        """Enter answers, or what became of them, by partner and first number."""
        gone = [(a.partner, a.first_number) for a in withdrawn]
        with self._transaction() as con:
            con.executemany("delete from answer where partner = ? and first_number = ?", gone)
            con.executemany(
                "insert or replace into answer values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [astuple(a) for a in answers],
            )

    # --- the audit log -------------------------------------------------------------------------

    def audit_head(self) -> tuple[int, str] | None:
        """How many entries the audit log had, and the hash of the last; None before the first."""
        row = self._con.execute("select entries, sha256 from audit_head").fetchone()
        return None if row is None else (int(row[0]), str(row[1]))

    def enter_audit_head(self, entries: int, sha256: str) -> None:
        """Enter where the audit log ends, once its last line is on the disk."""
        with self._transaction() as con:
            con.execute("insert or replace into audit_head values (1, ?, ?)", (entries, sha256))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        # IMMEDIATE: the write lock first, so that look-up and insert are one step.
        try:
            self._con.execute("begin immediate")
            yield self._con
            self._con.execute("commit")
        except sqlite3.OperationalError as broken:
            if told := _not_the_file(self._path, broken):
                raise told from broken
            raise
        finally:
            if self._con.in_transaction:
                self._con.execute("rollback")


def _not_the_file(path: Path, broken: sqlite3.DatabaseError) -> ReconError | None:
    """What to say where the file is sound: to restore a backup would forget files that landed."""
    code = broken.sqlite_errorcode & 0xFF  # the primary code
    if code == sqlite3.SQLITE_BUSY:
        return BusyError(f"another program holds {path}. Wait for it to end, then run again.")
    if code in _OF_THE_DISK:
        return ConfigError(
            f"{path} cannot be written ({broken}). Its contents are unchanged. Make room, or "
            "let this account write there, and run it again."
        )
    return None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
