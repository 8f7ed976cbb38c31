"""A column of the type ``udi`` in a delimited, fixed-width or spreadsheet feed: its parts stand."""

import io
from datetime import date

import openpyxl
import polars as pl
import pytest

from recon.canonical.mapping import mapping_mistakes, record_schemas, unkeyed_mistakes
from recon.parse import parse
from recon.parse.privacy import Tokens
from recon.site import Feed
from recon.site.consistency import feed_mistakes

DAY = date(2026, 3, 2)
TOKENS = Tokens(b"0123456789abcdef0123456789abcdef", "k1")
HRF = "(01)00643169001763(10)L7(17)280712(21)21A11F4855"
WRONG = "(01)00643169001764(21)S-77"
TISSUE = "=/A9999XYZ100T0944=,000025=A99971312345600=>028032"
COLUMNS = [{"name": "id"}, {"name": "scan", "type": "udi"}]


def feed(format=None, columns=None, **more):
    connector = {"kind": "folder", "path": ".", "pattern": "*"}
    declared = {"name": "x", "owner": "x", "connector": connector, "extract": "append"}
    shape = {"format": format or {"kind": "delimited"}, "contract": {"columns": columns or COLUMNS}}
    return Feed.model_validate({**declared, **shape, **more})


def token(value, domain):
    return TOKENS.column(pl.Series([value]), domain)[0]


def sheet():
    book = openpyxl.Workbook()
    book.active.title = "S"
    for line in (("id", "scan"), ("1", HRF), ("2", WRONG), ("3", TISSUE), ("4", None)):
        book.active.append(line)
    book.active["B4"].data_type = "s"  # a text that begins with = is no formula
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def written(shape):
    lines = [("1", HRF), ("2", WRONG), ("3", TISSUE), ("4", "")]
    match shape:
        case "delimited":
            return feed(), ("id,scan\n" + "".join(f'{n},"{u}"\n' for n, u in lines)).encode()
        case "fixed_width":
            spans = [{"start": 1, "width": 2}, {"start": 3, "width": 60}]
            columns = [{**c, "at": at} for c, at in zip(COLUMNS, spans, strict=True)]
            text = "".join(f"{n:<2}{u:<60}\n" for n, u in lines)
            return feed({"kind": "fixed_width"}, columns), text.encode()
    return feed({"kind": "spreadsheet", "sheet": "S"}), sheet()


@pytest.mark.parametrize("shape", ["delimited", "fixed_width", "spreadsheet"])
def test_the_parts_stand_in_place_of_the_string(shape):
    declared, data = written(shape)
    parsed = parse(declared, data, TOKENS, DAY)
    assert parsed.quarantined == 0
    rows = parsed.records["record"]
    assert "scan" not in rows.columns
    assert {n: d for n, d in rows.schema.items() if n != "source_file_id"} == {
        **record_schemas(declared)["record"]
    }
    assert rows.drop("source_record", "byte_offset").to_dicts() == [
        {
            "id": "1",
            "scan_di": "00643169001763",
            "scan_lot": "L7",
            "scan_serial": token("21A11F4855", "serial"),
            "scan_donation": None,
            "scan_made_date": None,
            "scan_expiry_date": date(2028, 7, 12),
            "scan_verdict": "VALID",
            "scan_key": token(HRF, "udi"),
        },
        {
            "id": "2",
            "scan_di": "00643169001764",
            "scan_lot": None,
            "scan_serial": token("S-77", "serial"),
            "scan_donation": None,
            "scan_made_date": None,
            "scan_expiry_date": None,
            "scan_verdict": "CHECK_FAILED",
            "scan_key": token(WRONG, "udi"),
        },
        {
            "id": "3",
            "scan_di": "A9999XYZ100T0944",
            "scan_lot": None,
            "scan_serial": token("000025", "serial"),
            "scan_donation": token("A99971312345600", "donation"),
            "scan_made_date": None,
            "scan_expiry_date": date(2028, 2, 1),
            "scan_verdict": "VALID",
            "scan_key": token(TISSUE, "udi"),
        },
        {
            "id": "4",
            **dict.fromkeys(c for c in rows.columns if c.startswith("scan_")),
        },
    ]


def test_a_refused_record_shows_nothing_of_its_serial_number():
    columns = [*COLUMNS, {"name": "qty", "type": "decimal"}]
    parsed = parse(feed(columns=columns), f'id,scan,qty\n1,"{HRF}",x\n'.encode(), TOKENS, DAY)
    assert parsed.quarantined == 1
    assert "21A11F4855" not in parsed.rejects.write_json()


def test_a_required_udi_that_is_missing_is_refused():
    columns = [{"name": "id"}, {"name": "scan", "type": "udi", "required": True}]
    parsed = parse(feed(columns=columns), b"id,scan\n1,\n", TOKENS, DAY)
    assert parsed.rejects["rule"].to_list() == ["required:scan"]


def test_years_are_read_from_the_business_date():
    data = b'id,scan\n1,"(01)08717648200274(17)760131"\n'
    for day, year in ((date(2026, 3, 2), 2076), (date(2025, 3, 2), 1976)):
        rows = parse(feed(), data, TOKENS, day).records["record"]
        assert rows["scan_expiry_date"].to_list() == [date(year, 1, 31)]


def test_mappings_name_the_parts(tmp_path):
    columns = {
        "system_id": "source_system",
        "usage_id": "id",
        "message_id": "id",
        "facility_id": "'H'",
        "used_date": "date '2026-03-01'",
        "qty": 1,
        "serial_key": "scan_serial",
        "udi_di": "scan",
    }
    declared = feed(records=[{"table": "usage_event", "columns": columns}])
    ((place, told),) = mapping_mistakes(declared, tmp_path)
    assert place == ("records", 0, "columns", "udi_di")
    assert "no column 'scan'" in told
    assert [place[-1] for place, _ in unkeyed_mistakes(declared)] == ["serial_key"]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ([{"name": "scan", "type": "udi", "private": "serial"}], "is private"),
        ([{"name": "scan", "type": "udi", "allowed": ["a"]}], "`allowed`"),
        ([{"name": "scan", "type": "udi"}, {"name": "scan_lot"}], "'scan_lot'"),
    ],
)
def test_what_a_udi_column_cannot_be(columns, told):
    ((_, message),) = feed_mistakes(feed(columns=columns))
    assert told in message
