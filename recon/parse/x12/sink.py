"""Typed records and controls to Parquet files while the X12 file is still being read.

A file is written under another name and takes its own when it is whole. A transaction set that its
group or interchange condemns in the end is taken out again; the controls of groups and interchanges
are put at their places.

What belongs here: writing what grows with the file. What does not: reading it.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from recon.parse.spans import Ints
from recon.parse.x12.closing import with_ends

_ROWS = 120_000  # of all tables together: about what is held before it is written
_CONTROLS = "controls"


class Sink:
    """Writes records to ``folder``; use it as a context manager.

    Args:
        folder: where ``<record>.parquet`` is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._rows = 0
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, *error: object) -> None:
        for name, writer in self._writers.items():
            writer.close()
            self._part(name).unlink(missing_ok=True)

    def add(self, records: Mapping[str, pl.DataFrame], controls: pl.DataFrame) -> None:
        """Take what a piece gives: whole transaction sets, in the order of the file."""
        for name, rows in (*records.items(), (_CONTROLS, controls)):
            self._waiting.setdefault(name, []).append(rows)
            self._rows += rows.height
        if self._rows >= _ROWS:
            self._flush()

    def finish(self, refused: Ints, ends: pl.DataFrame) -> None:
        """Write what is left, and name the files.

        Args:
            refused: transaction sets whose records are taken out.
            ends: the controls of groups and interchanges.
        """
        self._waiting.setdefault(_CONTROLS, []).append(ends.clear())  # a file without a piece
        self._flush()
        for name, writer in self._writers.items():
            writer.close()
            part, path = self._part(name), self._folder / f"{name}.parquet"
            if name == _CONTROLS:
                with pq.ParquetFile(part) as read, _writer(path, read.schema_arrow) as out:
                    pieces = (read.read_row_group(n) for n in range(read.num_row_groups))
                    for rows in with_ends(map(pl.DataFrame, pieces), ends):
                        out.write_table(rows.to_arrow())
            elif refused.size:
                gone = pl.col("transaction_no").is_in(pl.Series(refused).implode())
                kept = pl.scan_parquet(part, glob=False).filter(gone.not_().fill_null(value=True))
                kept.sink_parquet(path)
            else:
                part.replace(path)
            part.unlink(missing_ok=True)
        self._writers.clear()

    def _part(self, name: str) -> Path:
        return self._folder / f"{name}.parquet.part"

    def _flush(self) -> None:
        whole = {name: pl.concat(frames) for name, frames in self._waiting.items()}
        self._waiting.clear()
        self._rows = 0
        for name, rows in whole.items():
            table: pa.Table = rows.to_arrow()
            if name not in self._writers:
                self._writers[name] = _writer(self._part(name), table.schema)
            self._writers[name].write_table(table)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)
