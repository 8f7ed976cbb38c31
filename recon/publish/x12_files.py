"""X12 files outside any site: what each holds.

What belongs here: reading them, whole or piece by piece. What does not: which are meant
(``message_files.py``), how it is shown (``x12_report.py``, ``x12_text.py``).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recon.errors import InputError
from recon.parse.looks_like import BARE_X12, CUT_X12
from recon.parse.x12 import RECORDS, X12, read_x12, write_parquet
from recon.publish.message_files import STDIN, content, files_meant, unusable


@dataclass(frozen=True, eq=False)
class File:
    """A file, read.

    Attributes:
        name: as it was given, or its path in the folder that was given.
        size: its bytes.
        x12: what it holds.
        counts: rows of each record that it holds.
        checks: how many figures were compared.
        in_folder: it was found in a folder, and not named itself.
        in_pieces: it was read in pieces and none was kept: only checks that differ are.
    """

    name: str
    size: int
    x12: X12
    counts: dict[str, int]
    checks: int
    in_folder: bool
    in_pieces: bool = False

    @property
    def gaps(self) -> pl.DataFrame | None:
        """The bytes outside its segments, where they are still at hand."""
        return None if self.in_pieces else self.x12.gaps

    @property
    def is_other(self) -> bool:
        """Whether it is no X12 and nobody said it was: folders hold other files too."""
        if not self.in_folder or self.x12.interchanges.height:
            return False
        told = self.x12.defects.filter(pl.col("code") == "no_isa")["found"]
        return not told.is_in([CUT_X12, BARE_X12]).any()  # what is left of one, it is

    @property
    def is_refused(self) -> bool:
        """Whether anything of it was refused."""
        return bool((self.x12.defects["severity"] == "error").any())


def read(names: Sequence[str]) -> Iterator[File]:
    """The files, one after another.

    Raises:
        InputError: one cannot be read.
    """
    for name, in_folder in files_meant(names).items():
        data = content(name)
        x12 = read_x12(data)
        counts = {record: rows.height for record, rows in x12.records.items() if rows.height}
        yield File(name, len(data), x12, counts, x12.controls.height, in_folder)


def stored(names: Sequence[str], folder: Path) -> Iterator[File]:
    """The files, one after another, with all their tables written below ``folder`` as Parquet.

    One file's tables stand in ``folder``; of several, each has a folder there named as it is.

    Raises:
        InputError: one cannot be read.
    """
    meant = files_meant(names)
    if STDIN in meant:
        raise InputError("--parquet reads a file piece by piece: name a file, not standard input.")
    shared = os.path.commonpath([Path(name).parent.resolve() for name in meant])
    for name, in_folder in meant.items():
        own = folder / Path(name).resolve().relative_to(shared) if len(meant) > 1 else folder
        try:
            x12 = write_parquet(Path(name), own)
        except OSError as broken:
            raise unusable(broken.filename or name, broken) from None
        written = {file.stem: pl.scan_parquet(file, glob=False) for file in own.glob("*.parquet")}
        sizes = {table: rows.select(pl.len()).collect().item() for table, rows in written.items()}
        counts = {record: sizes[record] for record in RECORDS if sizes.get(record)}
        size = Path(name).stat().st_size
        yield File(name, size, x12, counts, sizes["controls"], in_folder, in_pieces=True)
