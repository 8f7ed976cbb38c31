"""Workbooks: what a person sees in a cell, and containers that are not to be opened."""

import io
import time
import zipfile
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal

import openpyxl
import pytest

from recon.parse import workbook_zip
from recon.parse.spreadsheet import read_spreadsheet
from recon.site import Column, Contract, SpreadsheetFormat

CONTRACT = Contract(
    columns=[
        Column(name="item", header="Item No", required=True),
        Column(name="price", type="decimal", scale=4),
        Column(name="since", header="Valid From", type="date", date_format="%m/%d/%Y"),
        Column(name="note"),
    ]
)
HEADINGS = ["Item No", "Price", "Valid From", "Note"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook(rows, *, above=0, left=0, headings=HEADINGS):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Prices"
    for number, row in enumerate([headings, *rows], start=above + 1):
        for place, value in enumerate(row, start=left + 1):
            if value is not None:
                sheet.cell(number, place, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def edited(data, change, name="xl/worksheets/sheet1.xml"):
    """The workbook with one entry's bytes changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == name else content)
    return target.getvalue()


def parse(data, **format_):
    declared = SpreadsheetFormat(kind="spreadsheet", **{"sheet": "Prices", **format_})
    parsed = read_spreadsheet(data, declared, CONTRACT)
    assert parsed.records_in == parsed.records["record"].height + parsed.quarantined
    return parsed


def value(cell, column):
    parsed = parse(
        workbook(
            [
                {
                    "price": ["A", cell],
                    "note": ["A", None, None, cell],
                    "since": ["A", None, cell],
                    "item": [cell],
                }[column]
            ]
        )
    )
    assert parsed.rejects.is_empty(), parsed.rejects["reason"].to_list()
    return parsed.records["record"][column][0]


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        pytest.param(12.5, "12.5", id="plain"),
        pytest.param(0.1 + 0.2, "0.3", id="noise-of-doubles"),
        pytest.param(99999999999.99, "99999999999.99", id="large-with-cents"),
        pytest.param(12345678.89, "12345678.89", id="eight-digits-with-cents"),
        pytest.param(1e-4, "0.0001", id="small"),
        pytest.param(-4.35, "-4.35", id="negative"),
        pytest.param("1,234.50", "1234.50", id="typed-as-text"),
        pytest.param(7, "7", id="whole"),
    ],
)
def test_a_number_is_its_decimal_text(cell, seen):
    assert value(cell, "price") == Decimal(seen)


@pytest.mark.parametrize("cell", [1.00005, 1.5e-10, 1.0000000001, "12.34567"])
def test_more_decimals_than_the_scale_are_refused_however_small(cell):
    assert parse(workbook([["A", cell]])).rejects["rule"].to_list() == ["type:price"]


@pytest.mark.parametrize("cell", [1234567890123456, 123456789012345678, 1e15])
def test_a_number_too_long_for_a_sheet_is_refused(cell):
    parsed = parse(workbook([[cell], ["A"]]))
    assert parsed.rejects.select("source_record", "rule").rows() == [(2, "type:item")]
    assert "more than 15 digits" in parsed.rejects["reason"][0]


def test_a_number_at_which_the_reader_panics_refuses_the_file():
    parsed = parse(workbook([[-1e15], ["A"]]))
    assert parsed.rejects.select("source_record", "rule").rows() == [(0, "container")]


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        pytest.param(12345, "12345", id="an-id-typed-as-a-number"),
        pytest.param(12345.0, "12345", id="and-stored-with-a-fraction"),
        pytest.param("00123", "00123", id="leading-zeros-typed-as-text"),
        pytest.param(123456789012345, "123456789012345", id="fifteen-digits"),
        pytest.param("12345678901234567890", "12345678901234567890", id="twenty-digits-of-text"),
        pytest.param(
            "0.1234567890123456", "0.1234567890123456", id="text-that-looks-like-a-number"
        ),
        pytest.param("1e5", "1e5", id="text-that-looks-like-an-exponent"),
        pytest.param("  x ", "x", id="blanks-around"),
        pytest.param("a\nb", "a\nb", id="two-lines"),
        pytest.param(date(2026, 3, 1), "2026-03-01", id="a-date-as-text"),
        pytest.param("'=1+1", "'=1+1", id="text-that-looks-like-a-formula"),
        pytest.param(clock(14, 32), "14:32:00", id="a-time-of-day"),
        pytest.param(clock(0, 0), "00:00:00", id="midnight"),
    ],
)
def test_text_is_what_is_shown(cell, seen):
    assert value(cell, "item") == seen


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(date(2026, 3, 2), id="a-real-date"),
        pytest.param(datetime.fromisoformat("2026-03-02T14:30"), id="a-real-date-with-a-time"),
        pytest.param("03/02/2026", id="text-in-the-contracts-form"),
    ],
)
def test_dates_are_dates(cell):
    assert value(cell, "since") == date(2026, 3, 2)


@pytest.mark.parametrize("cell", [46083, "2026-03-02", "2026-03-02 00:00:00", True, clock(14, 32)])
def test_a_number_or_another_form_is_no_date(cell):
    assert parse(workbook([["A", 1, cell]])).rejects["rule"].to_list() == ["type:since"]


def test_a_day_after_the_last_that_excel_shows_is_no_date():
    assert parse(formatted(2958466, "yyyy-mm-dd", 3)).rejects["rule"].to_list() == ["type:since"]


def formatted(cell, code, column=1):
    book = openpyxl.load_workbook(io.BytesIO(workbook([["A", 1, None, "x"]])))
    book["Prices"].cell(2, column, cell).number_format = code
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("cell", "code", "seen"),
    [
        pytest.param(123, "00000", "00123", id="zeros"),
        pytest.param(123456789, "00000-0000-00", "00123-4567-89", id="an-ndc"),
        pytest.param(123456789, "00000\\-0000\\-00;@", "00123-4567-89", id="as-excel-writes-it"),
        pytest.param(123, "[Blue]00000_);[Red]-00000", "00123", id="coloured-and-padded"),
        pytest.param(123, '"PO-"00000\\A', "PO-00123A", id="between-letters"),
        pytest.param(1234567, '"PO-"00000', "PO-1234567", id="between-letters-and-longer"),
        pytest.param(123, '"10-"00000', "10-00123", id="behind-digits"),
        pytest.param(5, '0" dz"', "5", id="a-unit-behind-a-number"),
        pytest.param(123, "[<100]000;00000", "123", id="a-condition-is-not-read"),
        pytest.param(1234567, "00000", "1234567", id="longer-than-its-format"),
        pytest.param(1.5, "00000", "1.5", id="no-whole-number"),
        pytest.param("123", "00000", "123", id="text"),
        pytest.param(123, "#,##0.00", "123", id="another-format"),
    ],
)
def test_zeros_that_a_format_puts_before_an_id_are_read(cell, code, seen):
    assert parse(formatted(cell, code)).records["record"]["item"].to_list() == [seen]


def test_zeros_that_a_format_puts_before_a_number_change_no_number():
    prices = parse(formatted(12, "00000", column=2)).records["record"]["price"]
    assert prices.to_list() == [Decimal(12)]


def test_the_table_may_stand_anywhere_and_rows_keep_the_sheets_numbers():
    data = workbook([["A", 1], [], ["B", "x"], ["C", 3]], above=4, left=2)
    parsed = parse(data, header_row=5)
    assert parsed.records["record"].select("item", "source_record", "byte_offset").rows() == [
        ("A", 6, 0),
        ("C", 9, 0),
    ]
    assert parsed.rejects.select("source_record", "rule", "raw").rows() == [
        (8, "type:price", "B | x |  | ")
    ]
    assert parsed.records_in == 3


def test_headings_that_stand_again_on_each_page_are_no_record():
    parsed = parse(workbook([["A", 1], HEADINGS, ["B", 2], ["Item No", "x"]]))
    assert parsed.records["record"]["item"].to_list() == ["A", "B"]
    assert parsed.rejects.select("source_record", "rule").rows() == [(5, "type:price")]
    assert parsed.records_in == 3


def test_columns_are_matched_by_heading_in_any_order():
    parsed = parse(
        workbook([["n", "A", 2]], headings=["NOTE", " item\nno", "price", "valid\r\nfrom"])
    )
    assert parsed.records["record"].select("item", "price", "note").rows() == [
        ("A", Decimal(2), "n")
    ]


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["Item No", "Price", "Valid From"], "missing 'note'"),
        ([*HEADINGS, "Extra"], "unknown 'Extra'"),
        (["Item Nr", "Price", "Valid From", "Note"], "did you mean 'Item Nr'?"),
        ([*HEADINGS, "price"], "more than once"),
    ],
)
def test_headings_that_are_not_the_contracts_refuse_the_file(headings, said):
    parsed = parse(workbook([["A"], ["B"]], headings=headings))
    assert parsed.rejects.select("source_record", "rule", "records").rows() == [(0, "header", 2)]
    assert said in parsed.rejects["reason"][0]


def test_other_columns_are_not_read_where_the_feed_says_so():
    rows = [["A1", 1.5, date(2026, 3, 2), None, "hers"], ["A2", "x", date(2026, 3, 2), None, "his"]]
    data = workbook(rows, headings=[*HEADINGS, "Patient"])
    parsed = parse(data, other_columns="ignored")
    assert parsed.records["record"]["item"].to_list() == ["A1"]
    assert parsed.rejects["rule"].to_list() == ["type:price"]
    assert "his" not in parsed.rejects["raw"].item()
    strange = parse(workbook(rows, headings=list("ABCDE")), other_columns="ignored")
    (told,) = strange.rejects["reason"]
    assert "it has none of its columns, but 'A, A, A, A, A'" in told
    rows[0].append("beside")
    beside = parse(workbook(rows, headings=[*HEADINGS, "Patient"]), other_columns="ignored")
    assert beside.rejects["rule"].to_list() == ["fields", "type:price"]


def test_values_beside_the_table_refuse_their_row():
    parsed = parse(workbook([["A", 1, None, None, None, "stray"], ["B", 2]]))
    assert parsed.rejects.select("source_record", "rule").rows() == [(2, "fields")]


def test_an_error_cell_is_never_an_empty_one():
    parsed = parse(workbook([["A", "#N/A", None, "#REF!"], ["B", 1]]))
    assert parsed.records["record"]["item"].to_list() == ["B"]
    assert parsed.rejects.select("source_record", "rule", "reason").rows() == [
        (2, "type:price", "price shows the error #N/A; note shows the error #REF!")
    ]


def test_a_formula_without_a_stored_result_is_never_an_empty_cell():
    parsed = parse(workbook([["A", 1], ["B", "=1+1"], [None, "=2"]]))
    assert parsed.records["record"]["item"].to_list() == ["A"]
    assert parsed.rejects["source_record"].to_list() == [3, 4]
    assert "result was not saved" in parsed.rejects["reason"][0]


def test_a_formula_with_a_stored_result_is_its_result():
    data = edited(
        workbook([["A", "=1+1"]]),
        lambda xml: xml.replace(b"<v />", b"<v>2.5</v>").replace(b"<v></v>", b"<v>2.5</v>"),
    )
    assert parse(data).records["record"]["price"][0] == Decimal("2.5")


def whole(data, **format_):
    parsed = parse(data, **format_)
    (reject,) = parsed.rejects.rows(named=True)
    assert (reject["record"], reject["source_record"]) == ("file", 0)
    return reject["rule"], reject["reason"]


def test_a_missing_sheet_names_the_nearest():
    assert whole(workbook([]), sheet="Price") == (
        "sheet",
        "there is no sheet 'Price'; did you mean 'Prices'?",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "not a readable XLSX", id="empty"),
        pytest.param(b"a,b\n1,2\n", "not a readable XLSX", id="a-csv-named-xlsx"),
        pytest.param(
            OLE + b"x" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
            id="with-a-password",
        ),
        pytest.param(OLE + b"x" * 2000, "cannot be read", id="a-broken-xls"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_reason(data, said):
    rule, reason = whole(data)
    assert rule == "container"
    assert said in reason


def test_a_truncated_workbook_is_refused():
    data = workbook([["A", 1]] * 50)
    assert whole(data[: len(data) // 2])[0] == "container"


def test_a_workbook_with_a_flipped_bit_is_refused():
    data = bytearray(workbook([["A", 1]] * 50))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as book:
        entry = book.getinfo("xl/worksheets/sheet1.xml")
    data[entry.header_offset + 30 + len(entry.filename) + 40] ^= 4
    assert whole(bytes(data))[0] == "container"


def test_another_zip_is_no_workbook():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("readme.txt", "x")
    assert "no xl/workbook.xml" in whole(target.getvalue())[1]


def test_a_bomb_is_refused_by_what_it_unpacks_to():
    blanks = b" " * (workbook_zip.RATIO_COUNTS_FROM + 1)
    data = edited(
        workbook([["A", 1]]), lambda xml: xml.replace(b"<sheetData>", blanks + b"<sheetData>")
    )
    assert "times; it was not opened" in whole(data)[1]


def test_a_workbook_beyond_the_size_limit_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_zip, "MOST_BYTES", 1000)
    assert "more than 1,000" in whole(workbook([["A", 1]]))[1]


def test_too_many_entries_are_refused(monkeypatch):
    monkeypatch.setattr(workbook_zip, "MOST_ENTRIES", 3)
    assert "entries" in whole(workbook([["A", 1]]))[1]


def test_an_entry_that_lies_about_its_size_is_refused():
    data = bytearray(workbook([["A", 1]] * 200))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as book:
        size = book.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    at = data.rindex(size)  # the central directory stands behind the entries
    data[at : at + 4] = (100).to_bytes(4, "little")
    assert whole(bytes(data))[0] == "container"


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(b'<c r="A3"><f/>' + b" " * 100_000, id="blanks behind a formula"),
        pytest.param(b'<c r="A3" t="e">' + b" " * 100_000, id="blanks in a cell"),
        pytest.param(b"<c " * 20_000, id="cells that do not end"),
    ],
)
def test_a_small_sheet_that_is_spoilt_does_not_hold_the_night(spoilt):
    data = edited(workbook([]), lambda xml: xml.replace(b"</sheetData>", spoilt + b"</sheetData>"))
    began = time.process_time()
    workbook_zip.broken_cells(data, "Prices")
    assert time.process_time() - began < 2


def test_two_cells_in_opposite_corners_are_refused_before_room_is_made_for_all_between():
    book = openpyxl.Workbook()
    book.active.title = "Prices"
    book.active["A1"], book.active["XFD1048576"] = "Item No", "far"
    target = io.BytesIO()
    book.save(target)
    assert "1048576 rows and 16384 columns" in whole(target.getvalue())[1]


def test_an_empty_sheet_has_no_headings():
    book = openpyxl.Workbook()
    book.active.title = "Prices"
    target = io.BytesIO()
    book.save(target)
    assert whole(target.getvalue())[0] == "header"
