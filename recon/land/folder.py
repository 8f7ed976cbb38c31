"""Files dropped into a folder.

What belongs here: listing and reading a local folder safely. What does not: which files are new
(``ledger``).
"""

import os
from pathlib import Path

from recon.errors import SourceError
from recon.land.arrival import Arrival, ChangedWhileReading, Listing, NamePattern
from recon.site import FolderConnector


class FolderSource:
    """A folder below the site (or wherever its path leads).

    Args:
        connector: path and pattern.
        site_folder: what the path is relative to.
    """

    def __init__(self, connector: FolderConnector, site_folder: Path) -> None:
        self._folder = site_folder / connector.path
        self._pattern = NamePattern(connector.pattern)

    def __enter__(self) -> "FolderSource":
        return self

    def __exit__(self, *error: object) -> None:
        """A folder holds nothing open."""

    def listing(self) -> Listing:
        """Every file that the pattern takes, ordered by name.

        Raises:
            SourceError: the folder is missing or may not be read.
        """
        found = Listing(self._pattern)
        try:
            entries = sorted(os.scandir(self._folder), key=lambda entry: entry.name)
        except OSError as broken:
            mend = (
                "Let this account read it" if isinstance(broken, PermissionError) else "Create it"
            )
            raise SourceError(
                f"the folder {self._folder} cannot be listed ({broken.strerror}). {mend}, or "
                "mend `connector.path` of the feed."
            ) from None
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # taken away since the folder was listed
            found.add(entry.name, status.st_mode, status.st_size, status.st_mtime_ns)
        return found

    def read(self, arrival: Arrival) -> bytes:
        """The bytes of a listed file.

        Raises:
            ChangedWhileReading: size or time changed since it was listed.
            SourceError: it may not be read, or its name leads out of the folder.
        """
        path = self._folder / arrival.name
        inside = path.name == arrival.name and path.parent == self._folder and arrival.name != ".."
        if not inside:
            raise SourceError(
                f"the name {arrival.name!r} leads out of {self._folder}; it was not read"
            )
        try:
            # A link put in its place is not followed, and a pipe does not hold us up.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                before = os.fstat(file.fileno())
                data = file.read()
            after = path.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            raise ChangedWhileReading(arrival.name) from None
        except OSError as broken:
            raise SourceError(
                f"{path} cannot be read ({broken.strerror}). Give this user the right to read it."
            ) from None
        same = _identity(before) == _identity(after)
        if not same or (after.st_size, after.st_mtime_ns) != (arrival.size, arrival.modified_ns):
            raise ChangedWhileReading(arrival.name)
        if len(data) != arrival.size:
            raise ChangedWhileReading(arrival.name)
        return data


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
