"""One feed, one night: every file of it is read or refused, and accounted for."""

from datetime import date

import polars as pl
import pytest

from recon.canonical.describe import polars_schema
from recon.canonical.tables import FileControl
from recon.parse.feed import parse_feed
from recon.parse.parsed import FILE
from recon.site import Feed, Site, SiteConfig

DAY = date(2026, 3, 2)
LANDED = {"feed": "item", "state": "LANDED", "reason": None}
COLUMNS = [{"name": "item_no", "required": True}, {"name": "qty", "type": "integer"}]
FLAT = {"kind": "delimited"}


@pytest.fixture
def night(tmp_path):
    """Land the files given (name -> bytes, or name -> (bytes, changes)) and parse them."""

    def parsed(files: dict, format_=FLAT, columns=COLUMNS) -> dict[str, pl.DataFrame]:
        feed = Feed.model_validate(
            {
                "name": "item",
                "owner": "x",
                "connector": {"kind": "folder", "path": ".", "pattern": "*"},
                "format": format_,
                "extract": "append",
                "contract": {"columns": columns},
            }
        )
        facility = {"id": "A", "name": "A", "time_zone": "UTC"}
        config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=[facility])
        site = Site(tmp_path, config, {"item": feed})
        rows = []
        for name, given in files.items():
            data, changes = given if isinstance(given, tuple) else (given, {})
            kept = {"source_file_id": site.lake.keep_raw(data), "size_bytes": len(data)}
            rows.append({**LANDED, "file_name": name, **kept, **changes})
        order = ["feed", "source_file_id", "file_name", "size_bytes", "state", "reason"]
        landed = pl.DataFrame(rows, schema_overrides={"reason": pl.String}).select(order)
        site.lake.write("land", "item", DAY, {"file": landed})
        return parse_feed(site, feed, DAY)

    return parsed


def account(parts: dict[str, pl.DataFrame]) -> list[tuple]:
    columns = ["file_name", "state", "records_in", "accepted", "quarantined"]
    return parts["file"].select(columns).rows()


def test_the_declared_columns_of_a_file_are_those_of_file_control():
    assert dict(polars_schema(FileControl)) == dict(FILE)


def test_records_and_rejects_carry_their_file(night):
    parts = night({"a.csv": b"item_no,qty\nA,1\nB,x\n", "b.csv": b"item_no,qty\nC,3\n"})
    ids = dict(parts["file"].select("file_name", "source_file_id").rows())
    assert parts["record"].select("item_no", "source_file_id").rows() == [
        ("A", ids["a.csv"]),
        ("C", ids["b.csv"]),
    ]
    assert parts["reject"].select("source_record", "rule", "source_file_id").rows() == [
        (2, "type:qty", ids["a.csv"])
    ]
    assert account(parts) == [("a.csv", "LANDED", 2, 1, 1), ("b.csv", "LANDED", 1, 1, 0)]


@pytest.mark.parametrize(
    ("data", "format_", "rule"),
    [
        pytest.param(
            b"no workbook", {"kind": "spreadsheet", "sheet": "S"}, None, id="not a workbook"
        ),
        pytest.param(b"item_no,quantity\nA,1\n", FLAT, "header", id="another header"),
        pytest.param(b"no interchange", {"kind": "x12"}, None, id="not X12"),
        pytest.param(
            b"item_no,qty\nA,1\nTRL,2\n",
            {"kind": "delimited", "trailer": {"mark": "TRL", "count": 2}},
            "trailer_count",
            id="a trailer that counts otherwise",
        ),
    ],
)
def test_a_file_refused_whole_is_one_reject_and_the_others_go_on(night, data, format_, rule):
    parts = night({"bad": data}, format_)
    ((name, state, records_in, accepted, quarantined),) = account(parts)
    assert (name, state, accepted) == ("bad", "QUARANTINED", 0)
    assert records_in == quarantined == parts["reject"]["records"].sum() > 0
    assert parts["reject"].height == 1
    assert rule is None or parts["reject"]["rule"].to_list() == [rule]
    assert parts["file"]["reason"][0] == parts["reject"]["reason"][0]


def test_a_bad_file_does_not_stop_the_good_one(night):
    parts = night({"bad.csv": b"nothing,known\n1,2\n", "good.csv": b"item_no,qty\nA,1\n"})
    assert account(parts) == [("bad.csv", "QUARANTINED", 1, 0, 1), ("good.csv", "LANDED", 1, 1, 0)]
    assert parts["record"]["item_no"].to_list() == ["A"]


def test_a_duplicate_is_listed_and_counts_nothing(night):
    data = b"item_no,qty\nA,1\n"
    told = {"state": "DUPLICATE", "reason": "the bytes of a.csv"}
    parts = night({"a.csv": data, "again.csv": (data, told)})
    assert account(parts) == [("a.csv", "LANDED", 1, 1, 0), ("again.csv", "DUPLICATE", 0, 0, 0)]
    assert parts["file"]["reason"].to_list() == [None, "the bytes of a.csv"]
    assert parts["record"].height == 1


def test_files_are_read_in_the_order_of_their_names(night):
    one, two = b"item_no,qty\nA,1\n", b"item_no,qty\nB,1\n"
    forth = night({"1.csv": one, "2.csv": two})
    back = night({"2.csv": two, "1.csv": one})
    assert all(forth[part].equals(back[part]) for part in forth)


def test_a_night_without_files_has_its_parts_and_no_row(tmp_path):
    facility = {"id": "A", "name": "A", "time_zone": "UTC"}
    config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=[facility])
    parts = parse_feed(Site(tmp_path, config, {}), Feed.model_construct(name="item"), DAY)
    assert {name: rows.height for name, rows in parts.items()} == {
        "reject": 0,
        "control": 0,
        "file": 0,
    }
    assert parts["file"].schema == FILE


ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    "*260302*0000*U*00401*{:09d}*0*P*>~"
)


def interchange(number: int, count: int = 3) -> str:
    return (
        ISA.format(number)
        + f"GS*PO*S*R*20260302*0000*{number}*X*004010~"
        + f"ST*850*0001~BEG*00*SA*PO{number}**20260302~SE*{count}*0001~"
        + f"GE*1*{number}~IEA*1*{number:09d}~"
    )


def test_a_transaction_set_that_is_refused_leaves_the_file_landed(night):
    data = (interchange(1) + interchange(2, count=9)).encode()
    parts = night({"po.edi": data}, {"kind": "x12"}, [])
    assert account(parts) == [("po.edi", "LANDED", 2, 1, 1)]
    assert parts["purchase_order"]["po_number"].to_list() == ["PO1"]
    failed = parts["control"].filter(~pl.col("agrees")).select("control", "declared", "found")
    assert failed.rows() == [("SE01", "9", "3")]


def test_a_stretch_before_the_first_interchange_does_not_refuse_the_file(night):
    data = ("ST*850*0001~SE*2*0001~\n" + interchange(1)).encode()
    parts = night({"po.edi": data}, {"kind": "x12"}, [])
    assert account(parts) == [("po.edi", "LANDED", 2, 1, 1)]
    assert parts["file"]["reason"].to_list() == [None]
    assert parts["reject"].select("source_record", "rule").rows() == [(0, "data_outside")]
