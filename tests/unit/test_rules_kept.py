"""Rules kept with a night: what decided it can be told when they have changed since."""

from datetime import date
from importlib.resources import files

import polars as pl
import pytest

from recon.reconcile.rules_kept import LAYER, TABLE, keep_rules, rules_of
from recon.rules import load_all
from recon.site import Site, SiteConfig

NIGHT, NEXT = date(2026, 3, 2), date(2026, 3, 3)
SHIPPED = files("recon.rules")


@pytest.fixture
def site(tmp_path):
    facility = {"id": "A", "name": "A", "time_zone": "UTC"}
    config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=[facility])
    (tmp_path / "rules").mkdir()
    return Site(tmp_path, config, {})


def change(site, table, old, new):
    """A person edits a rule table of the site."""
    text = SHIPPED.joinpath(f"{table}.csv").read_text(encoding="utf-8")
    assert old in text
    (site.rules / f"{table}.csv").write_text(text.replace(old, new), encoding="utf-8")


def test_a_night_has_the_rules_it_was_decided_by(site):
    before = keep_rules(site, NIGHT)
    change(site, "policy", "hold_whole", "supported")
    assert not load_all(site.rules)["policy"].equals(before["policy"])
    kept = rules_of(site, NIGHT)
    assert list(kept) == list(before)
    for name, rows in before.items():
        assert kept[name].equals(rows), name
        assert kept[name].schema == rows.schema, name
    # The night after, and this one once it is run again, go by the new ones.
    assert "supported" in keep_rules(site, NEXT)["policy"]["value"].to_list()
    keep_rules(site, NIGHT)
    assert rules_of(site, NIGHT)["policy"].equals(load_all(site.rules)["policy"])


def test_values_of_every_kind_come_back_as_they_were(site):
    quoted = 'Finance, "FP-12"'
    change(site, "tolerance_rule", "AP Manager", '"' + quoted.replace('"', '""') + '"')
    before = keep_rules(site, NIGHT)["tolerance_rule"]
    assert quoted in before["approved_by"].to_list()
    assert rules_of(site, NIGHT)["tolerance_rule"].equals(before)


def test_kept_again_they_are_the_same_bytes(site):
    keep_rules(site, NIGHT)
    (before,) = site.lake.stored(LAYER, TABLE, NIGHT)
    keep_rules(site, NIGHT)
    assert site.lake.stored(LAYER, TABLE, NIGHT) == [before]


def test_a_night_that_kept_none_has_those_of_the_site(site):
    change(site, "policy", "hold_whole", "supported")
    assert rules_of(site, NIGHT)["policy"].equals(load_all(site.rules)["policy"])


def test_a_code_that_is_new_since_then_does_not_undo_the_others(site):
    before = keep_rules(site, NIGHT)["exception_code"]
    smaller = before.head(3)
    assert smaller.height < before.height
    text = pl.Series([smaller.write_csv()])
    rows = site.lake.read(LAYER, TABLE, NIGHT)
    is_code = pl.col("rule_table") == "exception_code"
    older = rows.with_columns(csv=pl.when(is_code).then(text).otherwise("csv"))
    site.lake.write(LAYER, TABLE, NIGHT, {TABLE: older})
    assert rules_of(site, NIGHT)["exception_code"].equals(smaller)


def test_a_table_that_is_declared_otherwise_since_then_is_the_sites(site):
    keep_rules(site, NIGHT)
    rows = site.lake.read(LAYER, TABLE, NIGHT)
    narrower = rows.with_columns(pl.col("csv").str.replace("valid_to", "ends"))
    gone = pl.DataFrame({"rule_table": ["no_more"], "sha256": [""], "csv": ["a\n1\n"]})
    site.lake.write(LAYER, TABLE, NIGHT, {TABLE: pl.concat([narrower, gone])})
    found = rules_of(site, NIGHT)
    assert found["tolerance_rule"].equals(load_all(site.rules)["tolerance_rule"])
    assert "no_more" not in found
