"""The view as of a date: what was in force then, whatever came later."""

from datetime import date

import polars as pl
import pytest

from recon.canonical.as_of import as_of, deliveries, tables_as_of
from recon.canonical.describe import canonical_tables, polars_schema
from recon.errors import IntegrityError
from recon.site import Feed, Site, SiteConfig

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
SCHEMA = polars_schema(canonical_tables()["supplier"])


class Nights:
    """A site with one feed of each kind, and what each delivered of `supplier`."""

    def __init__(self, root) -> None:
        facility = {"id": "A", "name": "A", "time_zone": "UTC"}
        config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=[facility])
        feeds = {kind: self.feed(kind) for kind in ("append", "delta", "snapshot")}
        self.site = Site(root, config, feeds)

    @staticmethod
    def feed(kind: str) -> Feed:
        return Feed.model_validate(
            {
                "name": kind,
                "owner": "x",
                "connector": {"kind": "folder", "path": ".", "pattern": "*"},
                "format": {"kind": "x12"},
                "extract": kind,
            }
        )

    def deliver(self, day: date, **parts: dict[str, str]) -> None:
        """Feed -> supplier_id -> name."""
        frames = {
            feed: pl.DataFrame(
                [
                    {
                        **dict.fromkeys(SCHEMA.names()),
                        "supplier_id": key,
                        "name": name,
                        "source_system": feed,
                    }
                    for key, name in sorted(rows.items())
                ],
                schema=SCHEMA,
            )
            for feed, rows in parts.items()
        }
        reject = pl.DataFrame({"rule": ["required:name"]})
        self.site.lake.write("canonical", "supplier", day, {**frames, "reject": reject})

    def seen(self, day: date) -> dict[str, str]:
        found = as_of(self.site, "supplier", day)
        rows = found if isinstance(found, pl.DataFrame) else pl.read_parquet(found)
        assert rows.schema == SCHEMA
        assert rows["supplier_id"].is_sorted()
        return dict(rows.select("supplier_id", "name").rows())


@pytest.fixture
def nights(tmp_path):
    return Nights(tmp_path)


def test_what_a_snapshot_no_longer_holds_has_ended(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one", "S2": "two"})
    nights.deliver(TUESDAY, snapshot={"S2": "two", "S3": "three"})
    assert nights.seen(MONDAY) == {"S1": "one", "S2": "two"}
    assert nights.seen(TUESDAY) == {"S2": "two", "S3": "three"}


def test_a_snapshot_stays_in_force_while_nothing_comes(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one"})
    nights.deliver(TUESDAY)
    assert nights.seen(WEDNESDAY) == {"S1": "one"}


def test_an_empty_snapshot_ends_every_row(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one"}, delta={"S9": "nine"})
    nights.deliver(TUESDAY, snapshot={})
    assert nights.seen(TUESDAY) == {"S9": "nine"}


@pytest.mark.parametrize("kind", ["delta", "append"])
def test_what_changed_replaces_its_former_self_and_the_rest_stays(nights, kind):
    nights.deliver(MONDAY, **{kind: {"S1": "one", "S2": "two"}})
    nights.deliver(TUESDAY, **{kind: {}})
    nights.deliver(WEDNESDAY, **{kind: {"S2": "zwei", "S3": "three"}})
    assert nights.seen(TUESDAY) == {"S1": "one", "S2": "two"}
    assert nights.seen(WEDNESDAY) == {"S1": "one", "S2": "zwei", "S3": "three"}


def test_later_nights_do_not_change_a_past_one(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one"}, delta={"S2": "two"})
    before = nights.seen(MONDAY)
    nights.deliver(TUESDAY, snapshot={"S1": "uno"}, delta={"S2": "due"}, append={"S3": "tre"})
    assert nights.seen(MONDAY) == before == {"S1": "one", "S2": "two"}


def test_a_past_night_run_again_is_seen_by_those_after_it(nights):
    nights.deliver(MONDAY, delta={"S1": "one"})
    nights.deliver(TUESDAY, delta={"S2": "two"})
    nights.deliver(MONDAY, delta={"S1": "corrected"})
    assert nights.seen(TUESDAY) == {"S1": "corrected", "S2": "two"}


def test_two_feeds_fill_one_table_each_by_its_own_rule(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one", "S2": "two"}, delta={"S8": "eight"})
    nights.deliver(TUESDAY, snapshot={"S2": "two"}, delta={"S9": "nine"})
    assert nights.seen(TUESDAY) == {"S2": "two", "S8": "eight", "S9": "nine"}


def test_of_one_key_in_two_feeds_the_newest_night_counts_then_the_last_name(nights):
    nights.deliver(MONDAY, delta={"S1": "delta"}, append={"S1": "append", "S2": "append"})
    assert nights.seen(MONDAY) == {"S1": "delta", "S2": "append"}
    nights.deliver(TUESDAY, append={"S1": "newer"})
    assert nights.seen(TUESDAY) == {"S1": "newer", "S2": "append"}


def test_what_a_retired_feed_delivered_stays(nights):
    nights.deliver(MONDAY, gone={"S1": "one"})
    nights.deliver(TUESDAY, gone={"S2": "two"})
    assert nights.seen(TUESDAY) == {"S1": "one", "S2": "two"}


def test_one_delivery_is_handed_on_as_its_file(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one"})
    (path,) = as_of(nights.site, "supplier", MONDAY)
    assert [(d, f) for d, f, _ in deliveries(nights.site, "supplier", MONDAY)] == [
        (MONDAY, "snapshot")
    ]
    assert path.name.startswith("snapshot.")


def test_a_table_that_nothing_filled_is_empty_and_typed(nights):
    found = tables_as_of(nights.site, MONDAY)
    assert found.keys() == canonical_tables().keys()
    assert found["supplier"].schema == SCHEMA
    assert all(rows.is_empty() for rows in found.values())


def test_locations_are_those_of_the_newest_night(nights):
    schema = polars_schema(canonical_tables()["location"])
    for day, facility in ((MONDAY, "OLD"), (TUESDAY, "NEW")):
        row = {**dict.fromkeys(schema.names()), "facility_id": facility, "location_id": facility}
        rows = pl.DataFrame([row], schema=schema)
        nights.site.lake.write("canonical", "location", day, {"recon.yaml": rows})
    (path,) = as_of(nights.site, "location", TUESDAY)
    assert pl.read_parquet(path)["facility_id"].to_list() == ["NEW"]


def test_a_changed_file_is_not_read(nights):
    nights.deliver(MONDAY, snapshot={"S1": "one"})
    folder = nights.site.lake.folder("canonical", "supplier", MONDAY)
    next(folder.glob("snapshot.*")).write_bytes(b"other")
    with pytest.raises(IntegrityError):
        nights.seen(MONDAY)
