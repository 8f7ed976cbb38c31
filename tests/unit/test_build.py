"""One canonical table, one night: one row per key, everything else refused with a reason."""

from datetime import date

import polars as pl
import pytest

from recon.canonical.build import build, file_control, locations, quarantine
from recon.canonical.describe import natural_key, polars_schema
from recon.canonical.tables import FileControl, Quarantine
from recon.parse.parsed import FILE, REJECT
from recon.site import Feed, Site, SiteConfig

DAY = date(2026, 3, 2)
RECORD = {
    "supplier_no": pl.String,
    "label": pl.String,
    "source_record": pl.Int64,
    "byte_offset": pl.Int64,
    "source_file_id": pl.String,
}
FILLS = {"supplier_id": "supplier_no", "name": "label"}


class Night:
    """A site whose feeds fill `supplier`, and what was parsed for one night."""

    def __init__(self, root, feeds: dict[str, list[dict]] | None = None) -> None:
        facilities = [
            {"id": "NGH", "name": "N", "time_zone": "UTC", "tax_exempt": False},
            {"id": "EMC", "name": "E", "time_zone": "UTC", "legal_entity": "Inc."},
        ]
        config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=facilities)
        mappings = feeds or {"vendors": [{"table": "supplier", "columns": FILLS}]}
        self.site = Site(root, config, {n: self.feed(n, m) for n, m in mappings.items()})

    @staticmethod
    def feed(name: str, mappings: list[dict]) -> Feed:
        return Feed.model_validate(
            {
                "name": name,
                "owner": "x",
                "connector": {"kind": "folder", "path": ".", "pattern": "*"},
                "format": {"kind": "delimited"},
                "extract": "append",
                "contract": {"columns": [{"name": "supplier_no"}, {"name": "label"}]},
                "records": mappings,
            }
        )

    def parsed(self, files: dict[str, list[tuple]], feed: str = "vendors", shuffle=False) -> None:
        """Write a feed's parse partition: file name -> (supplier_no, label) of each record."""
        rows = [
            {
                "supplier_no": key,
                "label": label,
                "source_record": number,
                "byte_offset": number * 10,
                "source_file_id": f"sha of {name}",
            }
            for name, records in files.items()
            for number, (key, label) in enumerate(records, start=1)
        ]
        accounts = [
            {
                **dict.fromkeys(FILE.names()),
                "feed": feed,
                "source_file_id": f"sha of {name}",
                "file_name": name,
                "size_bytes": 1,
                "state": "LANDED",
                **dict.fromkeys(["controls", "controls_failed", "quarantined"], 0),
                **dict.fromkeys(["records_in", "accepted"], len(records)),
            }
            for name, records in files.items()
        ]
        if shuffle:
            rows, accounts = rows[::-1], accounts[::-1]
        none = pl.DataFrame(schema={**REJECT, "source_file_id": pl.String})
        self.site.lake.write(
            "parse",
            feed,
            DAY,
            {
                "record": pl.DataFrame(rows, schema=RECORD),
                "reject": none,
                "file": pl.DataFrame(accounts, schema=FILE),
            },
        )

    def built(self):
        return build(self.site, "supplier", DAY)


@pytest.fixture
def night(tmp_path):
    return Night(tmp_path)


def kept(built) -> list[tuple]:
    return built.rows.select("supplier_id", "name").rows()


def refused(built) -> list[tuple]:
    return built.rejects.select("source_file_id", "source_record", "rule").rows()


def test_rows_are_sorted_by_key_and_the_account_adds_up(night):
    night.parsed({"a": [("S2", "two"), (None, "nobody"), ("S1", "one"), ("S3", None)]})
    built = night.built()
    assert kept(built) == [("S1", "one"), ("S2", "two")]
    assert refused(built) == [
        ("sha of a", 2, "required:supplier_id"),
        ("sha of a", 4, "required:name"),
    ]
    assert built.records_in == 4 == built.rows.height + built.rejects["records"].sum()
    assert built.rejects["feed"].unique().to_list() == ["vendors"]


def test_the_same_record_twice_in_a_file_is_counted_once(night):
    night.parsed({"a": [("S1", "one"), ("S1", "one"), ("S2", "two"), ("S1", "one")]})
    built = night.built()
    assert kept(built) == [("S1", "one"), ("S2", "two")]
    assert built.rows["source_record"].to_list() == [1, 3]
    assert refused(built) == [("sha of a", 2, "repeated"), ("sha of a", 4, "repeated")]
    assert built.rejects["reason"][0] == (
        "the same record is earlier in this file; it is counted once: supplier_id = S1"
    )
    assert built.records_in == 4


def test_two_contents_of_one_key_in_a_file_are_both_refused(night):
    night.parsed({"a": [("S1", "one"), ("S2", "two"), ("S1", "uno"), ("S1", "one")]})
    built = night.built()
    assert kept(built) == [("S2", "two")]
    assert refused(built) == [("sha of a", n, "key_conflict") for n in (1, 3, 4)]
    assert built.rejects["reason"][0] == (
        "another record of this file has the same key with other values; neither is used: "
        "supplier_id = S1"
    )
    assert built.records_in == 4


def test_a_row_stated_on_every_line_is_no_row_in_quarantine(tmp_path):
    feeds = {"vendors": [{"table": "supplier", "columns": FILLS, "repeats": True}]}
    files = {
        "a": [("S1", "one"), ("S1", "one"), ("S2", "two"), ("S2", "too")],
        "b": [("S1", "one"), ("S1", "one")],
    }
    told = []
    for shuffle in (False, True):
        night = Night(tmp_path / str(shuffle), feeds)
        night.parsed(files, shuffle=shuffle)
        built = night.built()
        assert built.records_in == built.rows.height + built.rejects.height
        told.append((built.rows.select("supplier_id", "source_record").rows(), refused(built)))
    stated_otherwise = [("sha of a", 3, "key_conflict"), ("sha of a", 4, "key_conflict")]
    assert told[0] == ([("S1", 1)], [("sha of a", 1, "superseded"), *stated_otherwise])
    assert told[1] == told[0]


def test_of_two_files_the_later_by_name_counts(night):
    night.parsed(
        {"1_late": [("S1", "new"), ("S3", "new")], "0_early": [("S1", "old"), ("S2", "old")]}
    )
    built = night.built()
    assert kept(built) == [("S1", "new"), ("S2", "old"), ("S3", "new")]
    assert refused(built) == [("sha of 0_early", 1, "superseded")]
    assert built.rejects["reason"][0] == (
        "a later file of this night holds the same key; its row counts: supplier_id = S1"
    )


def test_a_row_may_be_named_after_the_file_that_brought_it(tmp_path):
    """Of versions without a time the later file's counts: a hash says nothing of which is later."""
    columns = FILLS | {"supplier_id": "source_file_name || '-' || source_record"}
    night = Night(tmp_path, {"vendors": [{"table": "supplier", "columns": columns}]})
    night.parsed({"LOG_0302": [("S1", "old"), ("S2", "old")], "LOG_0303": [("S1", "new")]})
    assert kept(night.built()) == [
        ("LOG_0302-1", "old"),
        ("LOG_0302-2", "old"),
        ("LOG_0303-1", "new"),
    ]


def test_a_conflict_in_the_later_file_does_not_revive_the_earlier(night):
    night.parsed({"0": [("S1", "old")], "1": [("S1", "new"), ("S1", "newer")]})
    built = night.built()
    assert kept(built) == []
    assert refused(built) == [
        ("sha of 0", 1, "superseded"),
        ("sha of 1", 1, "key_conflict"),
        ("sha of 1", 2, "key_conflict"),
    ]


def test_the_later_file_counts_whichever_mapping_made_its_row(tmp_path):
    """Mappings run one after the other; what they make of one file stays together."""
    night = Night(
        tmp_path,
        {
            "vendors": [
                {"table": "supplier", "where": "label = 'new'", "columns": FILLS},
                {"table": "supplier", "where": "label = 'old'", "columns": FILLS},
            ]
        },
    )
    night.parsed({"0": [("S1", "old")], "1": [("S1", "new")]})
    assert kept(night.built()) == [("S1", "new")]


def test_two_feeds_fill_one_table_and_the_last_in_the_alphabet_counts(tmp_path):
    mapping = [{"table": "supplier", "columns": FILLS}]
    night = Night(tmp_path, {"b_portal": mapping, "a_erp": mapping})
    night.parsed({"9": [("S1", "erp"), ("S2", "erp")]}, "a_erp")
    night.parsed({"1": [("S1", "portal")]}, "b_portal")
    built = night.built()
    assert built.rows.select("supplier_id", "source_system").rows() == [
        ("S1", "b_portal"),
        ("S2", "a_erp"),
    ]
    assert sorted(built.parts()) == ["a_erp", "b_portal", "reject"]
    assert built.records_in == 3


def test_records_left_to_others_are_not_counted_in(tmp_path):
    mapping = [{"table": "supplier", "where": "label <> 'skip'", "columns": FILLS}]
    night = Night(tmp_path, {"vendors": mapping})
    night.parsed({"a": [("S1", "one"), ("S2", "skip"), (None, "x")]})
    built = night.built()
    assert (built.records_in, built.rows.height, built.rejects.height) == (2, 1, 1)


def test_a_file_without_a_row_is_a_delivery_all_the_same(night):
    night.parsed({"a": []})
    assert night.built().parts()["vendors"].schema == polars_schema_of_supplier()
    assert night.built().parts()["vendors"].is_empty()


def test_a_night_without_a_file_is_no_delivery(night):
    night.parsed({})
    assert list(night.built().parts()) == ["reject"]
    assert night.built().records_in == 0


def polars_schema_of_supplier() -> pl.Schema:
    from recon.canonical.describe import canonical_tables

    return polars_schema(canonical_tables()["supplier"])


def test_the_order_in_which_records_and_files_come_changes_no_byte(tmp_path):
    files = {
        "0": [(f"S{n}", "old") for n in range(50)],
        "1": [("S7", "new"), ("S8", "new"), ("S8", "new"), ("S9", "x"), ("S9", "y")],
        "2": [(None, "nobody"), ("S7", "newest")],
    }
    stored = []
    for shuffle in (False, True):
        night = Night(tmp_path / str(shuffle))
        night.parsed(files, shuffle=shuffle)
        night.site.lake.write("canonical", "supplier", DAY, night.built().parts())
        folder = night.site.lake.folder("canonical", "supplier", DAY)
        stored.append({f.name: f.read_bytes() for f in folder.iterdir()})
    assert stored[0] == stored[1]


# --- the accounts --------------------------------------------------------------------------------


def test_the_quarantine_holds_what_either_layer_refused(night):
    night.parsed({"a.csv": [(None, "nobody")]})
    lake = night.site.lake
    parsed = {p: lake.read("parse", "vendors", DAY, p) for p in ("record", "file")}
    reject = {
        "record": "record",
        "source_record": 2,
        "byte_offset": 20,
        "byte_length": 5,
        "records": 1,
        "rule": "type:label",
        "reason": "wrong",
        "raw": "S9,?",
        "source_file_id": "sha of a.csv",
    }
    rejects = pl.DataFrame([reject], schema={**REJECT, "source_file_id": pl.String})
    lake.write("parse", "vendors", DAY, {**parsed, "reject": rejects})
    lake.write("canonical", "supplier", DAY, night.built().parts())
    found = quarantine(night.site, DAY)
    assert found.schema == polars_schema(Quarantine)
    assert found.select("file_name", "layer", "source_record", "rule").rows() == [
        ("a.csv", "canonical", 1, "required:supplier_id"),
        ("a.csv", "parse", 2, "type:label"),
    ]
    Quarantine.validate(found, lazy=True)


def test_what_several_mappings_make_of_one_record_is_told_once_for_each(tmp_path):
    """Two extracts in one night; each record fills two tables, and one of them twice."""
    other = {"supplier_id": "'X' || supplier_no", "name": "label"}
    location = {"facility_id": "supplier_no", "location_id": "label"}
    night = Night(
        tmp_path,
        {
            "vendors": [
                {"table": "supplier", "columns": FILLS},
                {"table": "supplier", "columns": other},
                {"table": "supplier", "where": "label = 'nobody'", "columns": FILLS},
                {"table": "location", "columns": location},
            ]
        },
    )
    night.parsed({"0": [("S1", "one"), (None, "nobody")], "1": [("S1", "one")]})
    for table in ("supplier", "location"):
        night.site.lake.write("canonical", table, DAY, build(night.site, table, DAY).parts())
    found = quarantine(night.site, DAY)
    assert found.select("source_record", "record", "rule", "records").rows() == [
        (1, "location", "superseded", 1),
        (1, "supplier", "superseded", 1),
        (1, "supplier", "superseded", 1),
        (2, "location", "required:facility_id", 1),
        (2, "supplier", "required:supplier_id", 1),
        (2, "supplier", "required:supplier_id", 2),
    ]
    assert found["reason"].str.extract("supplier_id = (.*)")[1:3].to_list() == ["S1", "XS1"]
    assert not found.select(natural_key(Quarantine)).is_duplicated().any()


def test_a_file_and_its_copy_are_two_lines_and_its_rejects_are_listed_once(night):
    night.parsed({"b.csv": [(None, "nobody")]})
    lake = night.site.lake
    parts = {p: lake.read("parse", "vendors", DAY, p) for p in ("record", "reject", "file")}
    copy = parts["file"].with_columns(
        file_name=pl.lit("a copy.csv"), state=pl.lit("DUPLICATE"), records_in=pl.lit(0, pl.Int64)
    )
    lake.write("parse", "vendors", DAY, {**parts, "file": pl.concat([parts["file"], copy])})
    lake.write("canonical", "supplier", DAY, night.built().parts())
    files = file_control(night.site, DAY)
    assert files.select("file_name", "state").rows() == [
        ("a copy.csv", "DUPLICATE"),
        ("b.csv", "LANDED"),
    ]
    assert files.schema == polars_schema(FileControl)
    assert quarantine(night.site, DAY)["file_name"].to_list() == ["b.csv"]


def test_locations_are_the_facilities_of_the_site_with_its_file_as_origin(night):
    (night.site.folder / "recon.yaml").write_bytes(b"name: t\n")
    found = locations(night.site)
    assert found.select("facility_id", "location_id", "legal_entity", "tax_exempt").rows() == [
        ("EMC", "EMC", "Inc.", True),
        ("NGH", "NGH", None, False),
    ]
    assert night.site.lake.raw(found["source_file_id"][0]) == b"name: t\n"
