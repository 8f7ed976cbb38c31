"""What a DuckDB connection of ours may touch, and where it puts what does not fit into memory.

By itself it reads any file, and Python variables by their names. It spills into the folder ``.tmp``
of wherever the process stands, makes it open to everyone, and leaves it there after a kill.

What belongs here: the settings that close it, a folder that only this account may enter, the
database that readers share. What does not: where a night's match spills, which is its lake
(``reconcile/night.py``).
"""

import atexit
import tempfile
from functools import cache

import duckdb

# A statement may touch the tables it is handed: no Python variables, no files, no network.
SEALED: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "enable_external_access": False,
}
# Readers spill nowhere: what they hold are the records as they were sent, before there are tokens.
SEALED_READER = {**SEALED, "temp_directory": ""}


@cache
def own_folder() -> str:
    """A folder of this process, below ``TMPDIR``; gone with it, and after a kill still closed."""
    made = tempfile.TemporaryDirectory(prefix="recon-spill-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    return made.name


@cache
def reader() -> duckdb.DuckDBPyConnection:
    """A database of this process without tables, of which the reading of a file takes a cursor.

    Opening one takes longer than reading a file of one message, and there may be thousands.
    """
    opened = duckdb.connect(config=SEALED_READER)
    # DuckDB complains on stderr of connections that the interpreter leaves behind.
    atexit.register(opened.close)
    return opened
