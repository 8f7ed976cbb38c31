"""A feed's format decides who reads its files."""

from datetime import date

import pytest

from recon.parse import parse
from recon.parse.privacy import Tokens
from recon.site import Feed

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("format_", "data", "encoding"),
    [
        pytest.param({"kind": "delimited"}, b"a\n1\n", "utf-8", id="delimited"),
        pytest.param({"kind": "fixed_width"}, b"1\n", "utf-8", id="fixed-width"),
        pytest.param(
            {"kind": "spreadsheet", "sheet": "S"}, b"no workbook", "spreadsheet", id="spreadsheet"
        ),
        pytest.param({"kind": "x12"}, b"no interchange", "", id="x12"),
    ],
)
def test_every_format_has_a_reader_whose_counts_add_up(format_, data, encoding):
    feed = Feed.model_validate(
        {
            "name": "f",
            "owner": "x",
            "connector": {"kind": "folder", "path": ".", "pattern": "*"},
            "format": format_,
            "extract": "append",
            "contract": {"columns": [{"name": "a", "at": {"start": 1, "width": 1}}]},
        }
    )
    parsed = parse(feed, data, Tokens(), DAY)
    assert parsed.records_in == 1
    accepted = sum(rows.height for rows in parsed.records.values())
    assert accepted + parsed.quarantined == parsed.records_in
    assert encoding in parsed.encoding
