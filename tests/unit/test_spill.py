"""What does not fit into memory: never in the folder that the process happens to stand in."""

import os
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import polars as pl
import pytest

from recon.canonical.expression import connected
from recon.connection import reader
from recon.parse import trailer
from recon.parse.fhir import read_fhir
from recon.parse.fhir import reading as fhir_reading
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
    assert spills_to(reader()) == ""
    taken = []

    def watched():
        taken.append(reader().cursor())
        return SimpleNamespace(cursor=lambda: taken[-1])

    monkeypatch.setattr(fhir_reading, "reader", watched)
    monkeypatch.setattr(trailer, "reader", watched)
    read_fhir(b"[]", date(2026, 3, 2))
    trailer._total(pl.Series([Decimal(1)]))
    assert len(taken) == 2


def test_nothing_of_one_file_is_there_for_the_next():
    with reader().cursor() as con:
        con.register("amount", pl.DataFrame({"value": [1]}))
        con.execute("create temp table kept as from amount")
    with reader().cursor() as con:
        assert con.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]
        assert con.execute("select count(*) from duckdb_views() where not internal").fetchall() == [
            (0,)
        ]
