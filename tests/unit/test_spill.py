"""What does not fit into memory: never in the folder that the process happens to stand in."""

import os
import stat
from datetime import date
from pathlib import Path

import duckdb
import pytest

from recon.canonical.expression import connected
from recon.parse.fhir import read_fhir
from recon.parse.x12 import balance
from recon.publish import query


def spills_to(con: duckdb.DuckDBPyConnection) -> str:
    return con.execute("select current_setting('temp_directory')").fetchall()[0][0]


@pytest.mark.parametrize("connection", [connected, lambda: query._macros().cursor()])
def test_tables_spill_to_a_folder_that_their_owner_alone_may_enter(connection):
    with connection() as con:
        folder = Path(spills_to(con))
    assert folder.is_absolute()
    assert folder.stat().st_uid == os.getuid()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_records_as_they_were_sent_are_spilled_nowhere(monkeypatch):
    assert spills_to(balance._opened()) == ""
    told = []
    open_ = duckdb.connect

    def watched(**how):
        told.append(spills_to(con := open_(**how)))
        return con

    monkeypatch.setattr(duckdb, "connect", watched)
    read_fhir(b"[]", date(2026, 3, 2))
    assert told == [""]
