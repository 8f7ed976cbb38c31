"""What is compared: each way of reading an X12 file, run by itself in a process of its own.

    python contenders.py write_parquet FILE

It prints what it cost and what it found, as JSON. Opening and reading the file is part of the
cost, importing is not; counting what was found comes after the clock has stopped, and all that
was read is kept until then. Nothing is imported before it is needed: the interpreter that runs
pyx12 has no Polars.

What belongs here: one function per contender. What does not: what they are compared on
(``compare.py``).
"""

import gc
import io
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recon.parse.x12 import X12

Found = dict[str, int]
Work = Callable[[], Callable[[], Found]]  # reads, and gives what counts what was read
ENVELOPE = {"interchanges", "groups", "transactions", "defects", "controls"}


def split_loop(path: Path) -> Work:
    """``bytes.split`` by terminator, then by element.

    The garbage collector is off, which makes it three times as quick: it has nothing to find.
    """

    def work() -> Callable[[], Found]:
        gc.disable()
        segments = [segment.split(b"*") for segment in path.read_bytes().split(b"~")]
        return lambda: {"segments": sum(segment != [b""] for segment in segments)}

    return work


def floor(path: Path) -> Work:
    """A bare vectorised split by Polars: no envelope, no types, no check."""
    import polars as pl

    def work() -> Callable[[], Found]:
        segments = pl.read_csv(
            path,
            has_header=False,
            schema={"segment": pl.String},
            separator="\x1f",  # nothing holds one, so that every segment is one column
            quote_char=None,
            eol_char="~",
        ).select(pl.col("segment").str.split("*"))
        return lambda: {"segments": segments.height}

    return work


def pyx12(path: Path) -> Work:
    """Validation by pyx12, and its 999.

    It stops in the middle of the 999: it wants an ST03, which an 835 does not have.
    """
    from pyx12 import params, x12n_document

    settings = params.params()
    logging.disable()  # it logs where it stopped

    def work() -> Callable[[], Found]:
        valid = x12n_document.x12n_document(settings, str(path), io.StringIO(), None)
        sets = path.read_bytes().count(b"~ST*")
        return lambda: {"transactions": sets, "accepted": sets if valid else 0}

    return work


def read_x12(path: Path) -> Work:
    """``recon.read_x12``: the typed records of every set and all checks, in memory."""
    import recon

    def work() -> Callable[[], Found]:
        x12 = recon.read_x12(path)
        records = x12.records
        return lambda: {**_found(x12), "rows": sum(rows.height for rows in records.values())}

    return work


def write_parquet(path: Path) -> Work:
    """``recon.parse.x12.write_parquet``: the same, streamed into Parquet files beside the file."""
    import polars as pl

    from recon.parse import x12

    folder = path.with_suffix(".parquet")

    def told(read: "X12") -> Found:
        tables = {file.stem: pl.scan_parquet(file) for file in folder.glob("*.parquet")}
        sizes = {table: rows.select(pl.len()).collect().item() for table, rows in tables.items()}
        rows = sum(size for table, size in sizes.items() if table not in ENVELOPE)
        return {**_found(read), "controls": sizes["controls"], "rows": rows}

    def work() -> Callable[[], Found]:
        read = x12.write_parquet(path, folder)
        return lambda: told(read)

    return work


def _found(x12: "X12") -> Found:
    return {
        "segments": int(x12.interchanges["segment_count"].sum()),
        "transactions": x12.transactions.height,
        "accepted": int(x12.transactions["accepted"].sum()),
        "controls": x12.controls.height,
        "disagreeing": int((~x12.controls["agrees"]).sum()),
        "defects": x12.defects.height,
    }


CONTENDERS = {f.__name__: f for f in (split_loop, floor, pyx12, read_x12, write_parquet)}


def main() -> None:
    """Run the contender that is named on the file that is named."""
    work = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    count = work()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cost = {"wall": wall, "cpu": cpu, "peak": after.ru_maxrss * 1024}
    print(json.dumps({**cost, "found": count()}))


if __name__ == "__main__":
    main()
