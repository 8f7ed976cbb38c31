"""Who took what is restricted out of the lake: a log that can only grow (45 CFR 164.312(b)).

``<lake>/audit.jsonl`` holds one line per act: who, when, what, and the SHA-256 of the line before
it. A line that is changed, moved or taken out breaks the chain, and ``recon verify`` names it. The
last line has none behind it: the ledger is its anchor, which knows how many lines there are and the
hash of the last.

Whoever may write to both can rewrite both; that shows only beside the hash which ``recon verify``
prints, kept elsewhere.

What belongs here: the log. What does not: what is restricted (``parse/restricted.py``).
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from recon.errors import ConfigError, IntegrityError
from recon.land import Ledger
from recon.site import Site

FILE = "audit.jsonl"
_NONE = (0, "0" * 64)


def record(site: Site, who: str, at: datetime, act: str, about: Mapping[str, str]) -> None:
    """Enter an act before it is done: one that cannot be entered is not done.

    Args:
        site: whose log.
        who: the person's account on this machine.
        at: when, with a time zone.
        act: what, e.g. ``EXPORT``.
        about: of what; counts, names of files and dates, nothing of a person.

    Raises:
        IntegrityError: the log is broken.
        ConfigError: it, or the ledger, cannot be written.
        BusyError: another program holds the ledger.
    """
    path = site.lake.root / FILE
    with Ledger(site.ledger) as ledger:
        try:
            _append(path, {"who": who, "at": at.isoformat(), "act": act, **about}, ledger)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written ({error.strerror}), so this act cannot be recorded and "
                "nothing is shown. Make room, or let this account write there, and ask again."
            ) from error


def _append(path: Path, entry: Mapping[str, str], ledger: Ledger) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        count, previous = _last(log.read(), path, ledger.audit_head() or _NONE)
        line = json.dumps({**entry, "previous": previous}, sort_keys=True).encode() + b"\n"
        size = log.tell()
        try:
            log.write(line)
            log.flush()
            os.fsync(descriptor)
            _keep_name(path)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        # Last, and under the log's lock: the ledger never knows of a line that is not there. A
        # line of which a kill left it ignorant stays, for the next one to be anchored with.
        ledger.enter_audit_head(count + 1, hashlib.sha256(line).hexdigest())


def _keep_name(path: Path) -> None:
    """A new log's name is on the disk too, or a power cut would leave an anchor without a log."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def entries(site: Site) -> tuple[int, str, int]:
    """How many acts the log holds, the hash of the last, and how many of them the ledger knows.

    Checks every line.

    Raises:
        IntegrityError: names the first line that is not what was written.
    """
    known = _NONE
    if site.ledger.exists():
        # Before the log is read: an act that is entered meanwhile makes the log the longer one.
        with Ledger(site.ledger) as ledger:
            known = ledger.audit_head() or _NONE
    path = site.lake.root / FILE
    count, last = _last(path.read_bytes() if path.exists() else b"", path, known)
    return count, last, known[0]


def _last(log: bytes, path: Path, known: tuple[int, str]) -> tuple[int, str]:
    """Lines and the hash of the last, of a log that holds what the ledger knows of it."""
    hashes = [_NONE[1]]
    for number, line in enumerate(log.splitlines(keepends=True), start=1):
        try:
            sound = line.endswith(b"\n") and json.loads(line)["previous"] == hashes[-1]
        except (ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            raise _tampered(path, f"line {number} does not follow from the line before it")
        hashes.append(hashlib.sha256(line).hexdigest())
    count, (anchored, anchor) = len(hashes) - 1, known
    if count < anchored:
        raise _tampered(path, f"it has {count} lines, and the ledger knows of {anchored}")
    if hashes[anchored] != anchor:
        raise _tampered(path, f"line {anchored} is not the line that the ledger knows of")
    return count, hashes[-1]


def _tampered(path: Path, how: str) -> IntegrityError:
    return IntegrityError(
        f"{path} is not the log as it was written: {how}. Restore it from a backup, and find out "
        "who changed it."
    )
