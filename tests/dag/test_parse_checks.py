"""What the night says of a feed's files before anything is built from them."""

from datetime import date
from types import SimpleNamespace

import dagster as dg
import polars as pl
import pytest

from checks import parse
from recon.parse.parsed import FILE
from recon.site import Feed


@pytest.mark.parametrize(
    ("criticality", "extract", "records", "state", "passed"),
    [
        pytest.param("high", "append", 0, "LANDED", False, id="nothing-of-what-is-needed"),
        pytest.param("normal", "snapshot", 0, "LANDED", False, id="every-row-ends"),
        pytest.param("normal", "append", 0, "LANDED", True, id="a-quiet-day"),
        pytest.param("high", "append", 1, "LANDED", True, id="a-record"),
        pytest.param("high", "append", 0, "DUPLICATE", True, id="a-copy-adds-nothing"),
    ],
)
def test_an_empty_file_is_told_where_it_is_no_quiet_day(
    monkeypatch, criticality, extract, records, state, passed
):
    feed = Feed.model_validate(
        {
            "name": "receipt",
            "owner": "x",
            "criticality": criticality,
            "connector": {"kind": "folder", "path": ".", "pattern": "*"},
            "format": {"kind": "delimited"},
            "extract": extract,
            "contract": {"columns": [{"name": "a"}]},
        }
    )
    counts = dict.fromkeys(("quarantined", "controls", "controls_failed"), 0)
    file = {"file_name": "R1", "state": state, "records_in": records, "accepted": records}
    files = pl.DataFrame([file | counts], schema_overrides=FILE)
    monkeypatch.setattr(parse, "_files", lambda *_: files)
    monkeypatch.setattr(parse, "business_date", lambda _: date(2026, 3, 2))
    night = dg.DailyPartitionsDefinition("2026-03-02")
    (checks,) = parse.parse_checks(SimpleNamespace(feeds={"receipt": feed}), night)
    told = {result.check_name: result for result in checks(dg.build_asset_check_context())}
    assert told["records_accounted"].passed
    found = told["nothing_refused"]
    assert found.passed is passed
    assert ("files_without_records" in found.metadata) is (
        criticality == "high" or extract == "snapshot"
    )
