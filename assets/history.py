"""The history that the UI shows, in Dagster's SQLite files, each opened once and not per event.

Dagster opens a file anew for every event, compiles its statements anew, and by closing the file
has SQLite copy its log into it: of some thousand events a night, that was half of the night's time.
The files and their tables are Dagster's own, so a history goes on under either class.

What belongs here: how the files are opened. What is in them is Dagster's affair.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

# Seconds to wait for another process that writes: the daemon, the UI.
PATIENCE = 30

INDEX = "index"


class History(DagsterSqliteStorage):
    """Dagster's storage on one machine; named in ``dagster.yaml``.

    Args:
        base_dir: the folder of the history, usually DAGSTER_HOME itself.
        inst_data: what Dagster was configured with.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = _Events(str(Path(base_dir) / "history" / "runs"))

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: dict[str, str]
    ) -> "History":
        """Called by Dagster with the ``config`` of ``dagster.yaml``."""
        return cls.from_local(inst_data=inst_data, **config_value)


class _Events(SqliteEventLogStorage):
    """The index of all runs and one run's file are kept open; another run's takes its place."""

    def __init__(self, base_dir: str) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            # After a wipe or a migration Dagster forgets which files it has initialised.
            if shard not in self._engines or shard not in self._initialized_dbs:
                self._open(shard)
            with self._engines[shard].begin() as connection:
                yield connection

    def _open(self, shard: str) -> None:
        for other in [name for name in self._engines if name == shard or name != INDEX]:
            self._engines.pop(other).dispose()
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=QueuePool,
            pool_size=1,
            connect_args={"timeout": PATIENCE},
        )
        event.listen(engine, "connect", _spare_the_disk)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines[shard] = engine

    def has_table(self, table_name: str) -> bool:
        """Asked before every check that is stored; a table, once there, stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()


def _spare_the_disk(connection: sqlite3.Connection, _: object) -> None:
    """A kill loses nothing; a power cut may lose the last events, never the file.

    The lake and its ledger, which a night is made of, are written through by their own means.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
