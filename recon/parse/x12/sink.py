"""Typed records to Parquet files while the X12 file is still being read.

A file is written under another name and takes its own when it is whole. A transaction set that its
group or interchange condemns in the end is taken out again.

What belongs here: writing records. What does not: reading them.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

_ROWS = 120_000  # of all records together: about what is held before it is written


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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, writer in self._writers.items():
            writer.close()
            self._part(name).unlink(missing_ok=True)

    def add(self, records: Mapping[str, pl.DataFrame]) -> None:
        """Take the records of a piece: whole transaction sets, in the order of the file."""
        for name, rows in records.items():
            self._waiting.setdefault(name, []).append(rows)
            self._rows += rows.height
        if self._rows >= _ROWS:
            self._flush()

    def finish(self, refused: pl.Series) -> None:
        """Write what is left, take out the transaction sets ``refused``, and name the files."""
        self._flush()
        for name, writer in self._writers.items():
            writer.close()
            part, path = self._part(name), self._folder / f"{name}.parquet"
            if refused.len():
                kept = pl.scan_parquet(part).filter(
                    pl.col("transaction_no").is_in(refused.implode()).not_().fill_null(value=True)
                )
                kept.sink_parquet(path)
                part.unlink()
            else:
                part.replace(path)
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
                self._writers[name] = pq.ParquetWriter(
                    self._part(name), table.schema, compression="zstd", compression_level=1
                )
            self._writers[name].write_table(table)
