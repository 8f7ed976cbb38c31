"""Who took what is restricted out of the lake: a log that can only grow (45 CFR 164.312(b)).

``<lake>/audit.jsonl`` holds one line per act: who, when, what, and the SHA-256 of the line before
it. A line that is changed, moved or taken out breaks the chain, and ``recon verify`` names it. That
the last line was changed, or lines are missing at the end, only the last hash shows, which ``recon
verify`` prints: keep it elsewhere.

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

FILE = "audit.jsonl"
_FIRST = "0" * 64


def record(root: Path, who: str, at: datetime, act: str, about: Mapping[str, str]) -> None:
    """Enter an act before it is done: one that cannot be entered is not done.

    Args:
        root: the lake's.
        who: the person's account on this machine.
        at: when, with a time zone.
        act: what, e.g. ``EXPORT``.
        about: of what; counts, names of files and dates, nothing of a person.

    Raises:
        IntegrityError: the log is broken.
        ConfigError: it cannot be written.
    """
    try:
        _append(root / FILE, {"who": who, "at": at.isoformat(), "act": act, **about})
    except OSError as error:
        raise ConfigError(
            f"{root / FILE} cannot be written ({error.strerror}), and what is not on record is not "
            "shown. Make room, or let this account write there, and ask again."
        ) from error


def _append(path: Path, entry: Mapping[str, str]) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        previous = _last(log.read(), path)[1]
        line = json.dumps({**entry, "previous": previous}, sort_keys=True).encode() + b"\n"
        size = log.tell()
        try:
            log.write(line)
            log.flush()
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise


def entries(root: Path) -> tuple[int, str]:
    """How many acts the log holds, and the hash of the last; checks every line.

    Raises:
        IntegrityError: names the first line that is not what was written.
    """
    path = root / FILE
    return _last(path.read_bytes(), path) if path.exists() else (0, _FIRST)


def _last(log: bytes, path: Path) -> tuple[int, str]:
    previous, number = _FIRST, 0
    for number, line in enumerate(log.splitlines(keepends=True), start=1):
        try:
            sound = line.endswith(b"\n") and json.loads(line)["previous"] == previous
        except (ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            raise IntegrityError(
                f"{path} is not the log as it was written: line {number} does not follow from the "
                "line before it. Restore it from a backup, and find out who changed it."
            )
        previous = hashlib.sha256(line).hexdigest()
    return number, previous
