"""The checks of a night keep to the memory and threads of its site, as the match does."""

from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from checks import reconcile
from recon.reconcile.night import limits
from recon.site import Site

SAMPLE = Path(__file__).parents[2] / "data_samples" / "site"
NOTHING = pl.DataFrame(schema={"what": pl.String, "document": pl.String, "line": pl.String})


@pytest.mark.parametrize(
    ("check", "computed", "found"),
    [
        ("invariants", "invariants", {}),
        ("charge_invariants", "charge_invariants", {}),
        ("documents_whole", "orphans", NOTHING),
    ],
)
def test_a_check_keeps_to_the_limits_of_its_site(monkeypatch, check, computed, found):
    site = Site.open(SAMPLE)
    given = []
    for name in ("inputs", "charge_inputs", "results"):
        monkeypatch.setattr(reconcile, name, lambda *_: {})
    monkeypatch.setattr(reconcile, "require", lambda *_: None)
    monkeypatch.setattr(reconcile, "business_date", lambda _: date(2026, 3, 2))
    monkeypatch.setattr(reconcile, computed, lambda *asked: given.append(asked[-1]) or found)
    night = dg.DailyPartitionsDefinition("2026-03-02")
    checks = {d.check_key.name: d for d in reconcile.reconcile_checks(site, night)}
    assert checks[check](dg.build_asset_check_context()).passed
    assert given == [limits(site)]
