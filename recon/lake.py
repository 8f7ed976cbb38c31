"""Where a table's bytes live, and how they get there whole or not at all.

A partition is the folder ``<root>/<layer>/<table>/business_date=YYYY-MM-DD/``. Its
``manifest.json`` names every file that belongs to it, with rows and SHA-256; a file's own name
carries the first twelve digits of that hash. A partition is replaced by writing the new files
beside the old and then renaming the new manifest over the old one: that rename is the only moment
at which anything changes for a reader. A kill at any other moment leaves the old partition as it
was, and stray files that the next write removes.

A lake is its owner's alone (folders 0700, files 0600), and its raw files are closed under the
site's key where there is one (``seal.py``).

What belongs here: paths, atomic writes, manifests, verification, the lock. What does not: what a
table means.
"""

import errno
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TextIO

import polars as pl

from recon.errors import BusyError, ConfigError, InputError, IntegrityError
from recon.seal import Seal, closed_under

MANIFEST = "manifest.json"

# What a kill in the middle of a write leaves behind; removed by the next write.
_TEMPORARY = re.compile(r"\..*\.tmp")

# How many raw files are opened to tell whether a key is the right one.
_FILES_TRIED = 5

# Lakes that this process holds for writing.
_HELD: set[str] = set()


@dataclass(frozen=True)
class Stored:
    """One file of a partition, as its manifest names it."""

    part: str
    path: Path
    rows: int
    sha256: str
    size: int


class Lake:
    """A folder of partitions.

    Args:
        root: the lake's folder; created on first write, for its owner alone.
        seal: closes the raw files; without one they are stored as they came.
    """

    def __init__(self, root: Path, seal: Seal | None = None) -> None:
        self.root = root
        self.seal = seal
        self._verified: set[tuple[str, int, int]] = set()
        self._key_checked = False

    def folder(self, layer: str, table: str, day: date) -> Path:
        """The folder of one partition, whether or not it exists."""
        return self.root / layer / table / f"business_date={day.isoformat()}"

    def write(self, layer: str, table: str, day: date, parts: Mapping[str, pl.DataFrame]) -> None:
        """Replace a partition by ``parts``: part name -> rows.

        Most tables have one part, named like the table. Parquet, zstd, byte-identical for equal
        rows in equal order.
        """
        encoded: dict[str, bytes] = {}
        for part, rows in sorted(parts.items()):
            buffer = io.BytesIO()
            rows.write_parquet(buffer, compression="zstd", statistics=True)
            encoded[part] = buffer.getvalue()
        self.commit(
            self.folder(layer, table, day),
            {f"{part}.parquet": data for part, data in encoded.items()},
            rows={f"{part}.parquet": frame.height for part, frame in parts.items()},
        )

    def commit(
        self,
        folder: Path,
        files: Mapping[str, bytes],
        rows: Mapping[str, int] | None = None,
        *,
        keep_names: bool = False,
    ) -> None:
        """Replace the contents of ``folder`` by ``files``, atomically.

        Args:
            folder: the partition's folder.
            files: file name -> bytes.
            rows: file name -> rows in it, for the manifest.
            keep_names: write under the names given, for people who look for them; by default the
                content's hash is in the name. A kill between two files then leaves some of either
                night, for the same command to mend. What people put beside the files stays.
        """
        inside = folder.is_relative_to(self.root)
        _make(folder, for_owner_alone=inside)
        mode = 0o600 if inside else None
        before = _named(folder) if keep_names else None
        entries = []
        for name, data in sorted(files.items()):
            digest = hashlib.sha256(data).hexdigest()
            stem, _, suffix = name.rpartition(".")
            stored = name if keep_names else f"{stem}.{digest[:12]}.{suffix}"
            target = folder / stored
            if not (target.exists() and _sha256(target) == digest):
                write_atomically(target, data, mode)
            entries.append(
                {
                    "part": stem,
                    "file": stored,
                    "rows": (rows or {}).get(name, 0),
                    "bytes": len(data),
                    "sha256": digest,
                }
            )
        manifest = json.dumps({"files": entries}, indent=1, sort_keys=True).encode() + b"\n"
        path = folder / MANIFEST
        if not (path.exists() and path.read_bytes() == manifest):
            write_atomically(path, manifest, mode)
        named = {entry["file"] for entry in entries} | {MANIFEST}
        for stray in sorted(folder.iterdir()):
            ours = before is None or stray.name in before or _TEMPORARY.fullmatch(stray.name)
            if ours and stray.name not in named and stray.is_file():
                stray.unlink()

    def stored(self, layer: str, table: str, day: date) -> list[Stored]:
        """The files of one partition, verified against their manifest; empty if there is none.

        Raises:
            IntegrityError: a file is missing or its bytes are not those that were written.
        """
        return self.committed(self.folder(layer, table, day))

    def committed(self, folder: Path) -> list[Stored]:
        """The files that ``folder``'s manifest names, verified; empty without a manifest.

        Raises:
            IntegrityError: the manifest cannot be read, a file is missing, or its bytes changed.
        """
        manifest = folder / MANIFEST
        if not manifest.exists():
            return []
        try:
            found = [
                Stored(e["part"], folder / e["file"], e["rows"], e["sha256"], e["bytes"])
                for e in json.loads(manifest.read_bytes())["files"]
            ]
        except (ValueError, KeyError, TypeError) as broken:
            raise IntegrityError(
                f"{manifest} is not a manifest as it was written ({broken}): the stored bytes "
                "changed. Delete it and run the night again; check the disk."
            ) from broken
        for file in found:
            self._verify(file)
        return found

    def read(
        self, layer: str, table: str, day: date, part: str | None = None
    ) -> pl.DataFrame | None:
        """One part of a partition (by default the one named like the table); None if absent."""
        for file in self.stored(layer, table, day):
            if file.part == (part or table):
                return pl.read_parquet(file.path, glob=False, hive_partitioning=False)
        return None

    def days(self, layer: str, table: str) -> list[date]:
        """Business dates for which the table has a partition, oldest first."""
        folder = self.root / layer / table
        return sorted(
            date.fromisoformat(manifest.parent.name.removeprefix("business_date="))
            for manifest in folder.glob(f"business_date=*/{MANIFEST}")
        )

    def _verify(self, file: Stored) -> None:
        try:
            status = file.path.stat()
        except FileNotFoundError:
            raise IntegrityError(
                f"{file.path} is named by the manifest beside it and is not there. "
                "Run the night again: every table can be rebuilt from the raw files."
            ) from None
        seen = (str(file.path), status.st_size, status.st_mtime_ns)
        if seen in self._verified:
            return
        if _sha256(file.path) != file.sha256:
            raise IntegrityError(
                f"{file.path} does not have the SHA-256 its manifest recorded ({file.sha256}): the "
                "stored bytes changed after they were written. Delete the file and run the night "
                "again; check the disk."
            )
        self._verified.add(seen)

    # --- raw files -------------------------------------------------------------------------

    def raw_path(self, sha256: str) -> Path:
        """Where the bytes with this hash are kept."""
        return self.root / "raw" / sha256[:2] / sha256

    def keep_raw(self, data: bytes) -> str:
        """Keep ``data`` for ever, read-only, closed where there is a key; return its SHA-256.

        The hash, which is also the name, is that of the bytes as they came.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.raw_path(sha256)
        if not path.exists():
            self.check_key()
            _make(path.parent, for_owner_alone=True)
            self._write_raw(path, data)
        return sha256

    def check_key(self) -> None:
        """The key in use opens what was closed under its name.

        Another key of the same name would close files that the right one does not open, and make
        tokens that meet none of those that are stored: every use would be one without a charge.

        Raises:
            ConfigError: it opens none of the files tried, or cannot be read.
        """
        if self.seal is None or self._key_checked:
            return
        key_id = self.seal.key_id
        under_it = (f for f in self.raw_files() if closed_under(_start(self.raw_path(f))) == key_id)
        # More than one: a file that rotted on the disk says nothing of the key.
        tried = list(islice(under_it, _FILES_TRIED))
        if tried and not any(map(self._opens, tried)):
            raise ConfigError(
                f"the key '{key_id}' is not the one that files in {self.root} were encrypted "
                "with, so its tokens would match none of those stored. Put back the right "
                "key; or, if it is a new one, give it a new key_id and name the old one in "
                "old_keys. If a file changed on the disk, `recon verify` names it."
            )
        self._key_checked = True

    def _opens(self, sha256: str) -> bool:
        try:
            self.raw(sha256)
        except IntegrityError:
            return False
        return True

    def close_again(self) -> int:
        """Close every raw file under the key in use that is not yet; how many were.

        Raises:
            ConfigError: there is no key, it is another one than before under its name, or an old
                one is not declared.
            IntegrityError: a file's bytes changed; those before it are closed.
        """
        if self.seal is None:
            raise ConfigError("recon.yaml declares no `privacy`, so there is no key: declare one.")
        self.check_key()
        left = [
            sha256
            for sha256 in self.raw_files()
            if closed_under(_start(self.raw_path(sha256))) != self.seal.key_id
        ]
        for sha256 in left:
            self._write_raw(self.raw_path(sha256), self.raw(sha256))
        return len(left)

    def _write_raw(self, path: Path, data: bytes) -> None:
        kept = data if self.seal is None else self.seal.closed(data, path.name)
        write_atomically(path, kept, mode=0o400)

    def raw_files(self) -> list[str]:
        """SHA-256 of every raw file kept, in order."""
        kept = (self.root / "raw").glob("??/*")
        return sorted(f.name for f in kept if not _TEMPORARY.fullmatch(f.name))

    def raw(self, sha256: str) -> bytes:
        """The bytes with this hash.

        Raises:
            IntegrityError: they are missing or changed.
            ConfigError: they are closed under a key that is not declared.
        """
        path = self.raw_path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise IntegrityError(
                f"the raw file {sha256} is not in {path.parent}. Restore it from a backup, or ask "
                "the sender for it again and drop it into its inbox."
            ) from None
        # A file that came before there was a key is in the open, whatever it begins with.
        if (key_id := closed_under(data)) and hashlib.sha256(data).hexdigest() != sha256:
            if self.seal is None:
                raise ConfigError(
                    f"{path} is encrypted with the key '{key_id}', and recon.yaml declares no "
                    "`privacy`: declare that key again."
                )
            data = self.seal.opened(data, sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise IntegrityError(
                f"{path} no longer has the bytes that were landed. Restore it from a backup."
            )
        return data

    # --- one writer ------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lake for writing; released when the process ends, however it ends.

        Raises:
            BusyError: another process holds it.
            ConfigError: it is no folder, or one that may not be written to.
        """
        mine = str(self.root.resolve())
        if mine in _HELD:  # a night holds it for the steps it is made of
            yield
            return
        with self._lock() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(
                    f"another run is writing to {self.root}. Wait for it to end, then run again."
                ) from None
            _HELD.add(mine)
            try:
                yield
            finally:
                _HELD.discard(mine)

    def _lock(self) -> TextIO:
        try:
            _for_owner_alone(self.root)
            mode = stat.S_IMODE(self.root.stat().st_mode)
            if mode & 0o007:  # by an older version, or by hand: a group's rights are left alone
                self.root.chmod(mode & ~0o007)
            descriptor = os.open(self.root / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigError(
                f"the lake {self.root} cannot be written to ({error.strerror}). It must be a "
                "folder that this account may write to; `lake` in recon.yaml names it."
            ) from error
        return os.fdopen(descriptor, "w")


def _named(folder: Path) -> set[str]:
    """Files that the folder's manifest names; none where it cannot be read."""
    try:
        return {e["file"] for e in json.loads((folder / MANIFEST).read_bytes())["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _make(folder: Path, *, for_owner_alone: bool) -> None:
    try:
        if for_owner_alone:
            _for_owner_alone(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error


def _for_owner_alone(folder: Path) -> None:
    """Make a folder and those above it that are not there; nobody else may enter them."""
    if not folder.exists():
        _for_owner_alone(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _start(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(64)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Same-folder temporary file, fsync, rename, fsync of the folder; open as that folder is.

    Raises:
        ConfigError: the disk is full, or the folder is not to be written to; what was there stays.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.unlink(missing_ok=True)  # a kill may have left one that is read-only
        # Nobody else's until it is whole, and no link that stands in its place is followed.
        made = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.chmod(path.parent.stat().st_mode & 0o666 if mode is None else mode)
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with suppress(OSError):  # half a file takes room that the next run needs
            temporary.unlink(missing_ok=True)
        free = shutil.disk_usage(path.parent).free
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        room = f": it needs {len(data):,} bytes, and {free:,} are free" if full else ""
        raise _not_written(path, error, room) from error


def _not_written(path: Path, error: OSError, room: str = "") -> ConfigError:
    return ConfigError(
        f"{path} cannot be written ({error.strerror}){room}. The file that was there is unchanged. "
        "Make room, or let this account write there, and run it again."
    )


def write_files(folder: Path, files: Mapping[str, bytes], mode: int | None = None) -> list[Path]:
    """Write files that no night owns; what else is in ``folder`` stays.

    Raises:
        InputError: ``folder`` cannot hold them.
        ConfigError: its disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in sorted(files.items()):
            write_atomically(folder / name, data, mode)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written to: {error.strerror}. Name another folder."
        ) from error
    return [folder / name for name in sorted(files)]
