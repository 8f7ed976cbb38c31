"""What a source offers: which names a feed takes, and what is refused before it is touched.

What belongs here: names, dates in names, what a connector gives back. What does not: talking to a
folder or a server (``folder``, ``sftp``).
"""

import fnmatch
import re
import stat
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

# What each directive of a date in a name looks like.
DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": r"\d{2}",
    "d": r"\d{2}",
    "j": r"\d{3}",
    "b": "[A-Za-z]{3}",
}
DIRECTIVES |= dict.fromkeys("HMS", r"\d{2}")
LONGEST_NAME = 255
# A file is read whole; and what closes it (AES-SIV of the library `cryptography`) takes no more.
LARGEST_FILE = 2**31 - 1


@dataclass(frozen=True)
class Arrival:
    """A file that stands ready at a source.

    Attributes:
        name: its name in the folder, checked.
        size: in bytes.
        modified_ns: nanoseconds since 1970, as the source tells them.
        business_date: the date in its name; None where the pattern has none.
    """

    name: str
    size: int
    modified_ns: int
    business_date: date | None = None

    @property
    def modified_at(self) -> datetime:
        """When it was last changed, UTC, to the second."""
        return datetime.fromtimestamp(self.modified_ns // 1_000_000_000, UTC)

    def settled(self, now: datetime, settle_seconds: int) -> bool:
        """Whether it is old enough not to be growing; 0 seconds means at once."""
        return settle_seconds == 0 or now - self.modified_at >= timedelta(seconds=settle_seconds)


@dataclass(frozen=True)
class Waiting:
    """A file that is not taken this time, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class NamePattern:
    """A feed's pattern: a glob in which ``{date:%Y%m%d}`` marks the business date.

    As in a shell, ``*`` does not take a name that starts with a dot.
    """

    def __init__(self, pattern: str) -> None:
        before, format_, after = self._split(pattern)
        self.date_format = format_
        if others := set(re.findall("%(.)", format_ or "")) - set(DIRECTIVES):
            told = ", ".join(f"%{letter}" for letter in sorted(others))
            raise ValueError(
                f"a date in a name cannot have {told}; it has of %{' %'.join(DIRECTIVES)}"
            )
        dated = "".join(
            DIRECTIVES[token[1]] if token.startswith("%") else re.escape(token)
            for token in re.findall(r"%.|[^%]+", format_ or "")
        )
        middle = f"(?P<date>{dated})" if format_ else ""
        self._regex = re.compile(_glob(before) + middle + _glob(after), re.DOTALL)
        self._hidden = pattern.startswith(".")

    @staticmethod
    def _split(pattern: str) -> tuple[str, str | None, str]:
        mark = re.fullmatch(r"(?s)(.*?)\{date:(.*?)\}(.*)", pattern)
        return (mark[1], mark[2], mark[3]) if mark else (pattern, None, "")

    def takes(self, name: str) -> bool:
        """Whether a name is of this feed."""
        return (self._hidden or not name.startswith(".")) and self._regex.fullmatch(
            name
        ) is not None

    def business_date(self, name: str) -> date | None:
        """The date in a name; None where the pattern has none.

        Raises:
            ValueError: what stands in the date's place is not one.
        """
        if self.date_format is None:
            return None
        match = self._regex.fullmatch(name)
        if match is None:
            raise ValueError(name)
        return datetime.strptime(match["date"], self.date_format).replace(tzinfo=UTC).date()


@dataclass
class Listing:
    """What a source holds for a feed.

    Attributes:
        pattern: the names that are the feed's.
        arrivals: files that stand ready.
        refused: files of the feed that are not taken, and why.
        others: names of files that the pattern does not take; hidden ones are left out.
    """

    pattern: NamePattern
    arrivals: list[Arrival] = field(default_factory=list)
    refused: list[Waiting] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def add(self, name: str | bytes, mode: int, size: int, modified_ns: int) -> None:
        """Enter a directory entry: as an arrival, as refused, or not at all if it is not ours."""
        if isinstance(name, bytes) or _hostile(name):
            shown = ascii(name)[:80]
            told = "a file name may not hold path separators or control characters, nor more than"
            self._refuse(shown, f"{told} {LONGEST_NAME} bytes")
            return
        if not self.pattern.takes(name):
            if stat.S_ISREG(mode) and not name.startswith("."):
                self.others.append(name)
            return
        if stat.S_ISLNK(mode):
            self._refuse(name, "it is a symbolic link; put the file itself there")
        elif not stat.S_ISREG(mode):
            self._refuse(name, "it is not a regular file")
        elif size > LARGEST_FILE:
            self._refuse(
                name,
                f"it has {size:,} bytes, and a file is read whole: no more than "
                f"{LARGEST_FILE:,}. Ask its sender for it in parts",
            )
        else:
            try:
                own = self.pattern.business_date(name)
            except ValueError:
                told = f"its name holds no date of the form {self.pattern.date_format}"
                self._refuse(name, told)
                return
            self.arrivals.append(Arrival(name, size, modified_ns, own))

    def _refuse(self, name: str, reason: str) -> None:
        self.refused.append(Waiting(name, f"refused: {reason}"))


class ChangedWhileReading(Exception):  # noqa: N818  not an error: the file is taken the next time
    """A file was replaced or went on growing while it was read."""


class Source(Protocol):
    """A place that files come from, opened."""

    def listing(self) -> Listing:
        """Every file that the feed's pattern takes, ordered by name, and every one refused."""

    def read(self, arrival: Arrival) -> bytes:
        """The bytes of a listed file.

        Raises:
            ChangedWhileReading: size or time are no longer those of the listing.
            SourceError: it cannot be read.
        """


def _hostile(name: str) -> bool:
    return (
        name in ("", ".", "..")
        or "/" in name
        or "\\" in name
        or not name.isprintable()
        or len(name.encode(errors="surrogateescape")) > LONGEST_NAME
    )


def _glob(pattern: str) -> str:
    return fnmatch.translate(pattern).removeprefix("(?s:").removesuffix(r")\Z")
