"""What does not fit into memory: never in the folder that the process happens to stand in."""

import os
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from recon.canonical.expression import connected
from recon.parse import trailer
from recon.parse.fhir import read_fhir
from recon.parse.x12 import balance
from recon.publish import query
from recon.reconcile.engine import NO_LIMITS, Limits


def spills_to(con: duckdb.DuckDBPyConnection) -> str:
    return con.execute("select current_setting('temp_directory')").fetchall()[0][0]


@pytest.mark.parametrize("connection", [connected, lambda: query._macros(NO_LIMITS).cursor()])
def test_tables_spill_to_a_folder_that_their_owner_alone_may_enter(connection):
    with connection() as con:
        folder = Path(spills_to(con))
    assert folder.is_absolute()
    assert folder.stat().st_uid == os.getuid()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_night_is_published_within_the_limits_of_its_site(tmp_path):
    limits = Limits("300MB", 1, tmp_path / "spill")
    with query._macros(limits).cursor() as con:
        names = ("memory_limit", "threads", "temp_directory")
        asked = ", ".join(f"current_setting('{name}')" for name in names)
        assert con.execute(f"select {asked}").fetchall() == [
            ("286.1 MiB", 1, str(tmp_path / "spill"))
        ]


def test_records_as_they_were_sent_are_spilled_nowhere(monkeypatch):
    assert spills_to(balance._opened()) == ""
    told = []
    open_ = duckdb.connect

    def watched(**how):
        told.append(spills_to(con := open_(**how)))
        return con

    monkeypatch.setattr(duckdb, "connect", watched)
    read_fhir(b"[]", date(2026, 3, 2))
    trailer._total(pl.Series([Decimal(1)]))
    assert told == ["", ""]
