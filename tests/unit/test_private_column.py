"""A private column of a flat file or sheet: a token in every row, and nothing of it elsewhere."""

import io
from datetime import date
from typing import get_args

import openpyxl
import polars as pl
import pytest

from recon.canonical.mapping import unkeyed_mistakes
from recon.parse import parse
from recon.parse.form import form_of
from recon.parse.privacy import DOMAINS, Tokens
from recon.site import Domain, Feed, read_site

DAY = date(2026, 3, 2)

TOKENS = Tokens(b"0123456789abcdef0123456789abcdef", "k1")
COLUMNS = [
    {"name": "patient", "header": "Patient", "private": "drop"},
    {"name": "account", "header": "Acct", "private": "account", "required": True},
    {"name": "mrn", "header": "MRN", "private": "mrn"},
    {"name": "qty", "header": "Qty", "type": "decimal"},
    {"name": "day", "header": "Day", "type": "date"},
    {"name": "kind", "header": "Kind", "allowed": ["USED", "WASTED"]},
]
HEADER = "Patient,Acct,MRN,Qty,Day,Kind\n"
GOOD = '"DOE, JANE",PAT-1017,00445566,2,2026-03-01,USED\n'
TELLING = ["DOE", "JANE", "PAT-1017", "445566", "123-45-6789", "1957", "5550137"]


def feed(format=None, columns=None, **more):
    connector = {"kind": "folder", "path": ".", "pattern": "*"}
    declared = {"name": "x", "owner": "x", "connector": connector, "extract": "append"}
    contract = {"columns": columns or COLUMNS}
    shape = format or {"kind": "delimited"}
    return Feed.model_validate({**declared, "format": shape, "contract": contract, **more})


def token(value, domain="account"):
    return TOKENS.column(pl.Series([value]), domain)[0]


def stored(parsed):
    frames = [*parsed.records.values(), parsed.rejects, parsed.controls]
    return "\n".join(frame.write_json() for frame in frames).upper()


def told(parsed):
    return [word for word in TELLING if word in stored(parsed)]


def test_the_value_becomes_a_token_and_a_dropped_column_is_nowhere():
    parsed = parse(feed(), (HEADER + GOOD).encode(), TOKENS, DAY)
    assert parsed.quarantined == 0
    row = parsed.records["record"].row(0, named=True)
    assert "patient" not in row
    assert row["account"] == token("PAT-1017")
    assert row["mrn"] == token("00445566", "mrn")
    assert told(parsed) == []


def test_without_a_key_the_row_stays_and_its_numbers_are_empty():
    parsed = parse(feed(), (HEADER + GOOD).encode(), Tokens(), DAY)
    row = parsed.records["record"].row(0, named=True)
    assert (row["account"], row["mrn"], str(row["qty"])) == (None, None, "2.000000")


def test_a_feed_without_private_columns_shows_what_it_refuses_as_before():
    plain = feed(columns=[{"name": "qty", "type": "decimal"}])
    reject = parse(plain, b"qty\n4 boxes\n", TOKENS, DAY).rejects.row(0, named=True)
    assert reject["raw"] == "4 boxes"
    assert reject["reason"].startswith("qty is '4 boxes': expected a number")


BAD = {
    "a shifted record": 'PAT-1017,00445566,"DOE, JANE",123-45-6789,1957-04-13,5550137\n',
    "a name where the amount should be": 'x,PAT-1017,00445566,"DOE, JANE",2026-03-01,USED\n',
    "a birth date in the wrong form": "x,PAT-1017,00445566,2,13/04/1957,USED\n",
    "a word that is not allowed": '"DOE, JANE",PAT-1017,00445566,2,2026-03-01,JANE DOE\n',
    "no account": '"DOE, JANE",,00445566,2,2026-03-01,USED\n',
    "a field too many": '"DOE, JANE",PAT-1017,00445566,2,2026-03-01,USED,5550137\n',
    "a quote that never ends": '"DOE, JANE,PAT-1017,00445566,2,2026-03-01,USED\n',
    "bytes that are no text": 'x,PAT-1017,00445566,2\xff,2026-03-01,"DOE\n',
}


@pytest.mark.parametrize("bad", BAD)
def test_nothing_of_a_refused_record_is_shown(bad):
    data = (HEADER + GOOD + BAD[bad]).encode("latin-1")
    parsed = parse(feed(), data, TOKENS, DAY)
    assert parsed.quarantined > 0
    assert parsed.rejects["raw"].to_list() == [None] * parsed.rejects.height
    assert told(parsed) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD, id="no header"),
        pytest.param("DOE,DOE,Acct\n" + GOOD, id="a name twice in the header"),
        pytest.param('"DOE\n' + GOOD, id="a header that cannot be read"),
        pytest.param("", id="nothing at all"),
    ],
)
def test_nothing_of_a_refused_file_is_shown(data):
    parsed = parse(feed(), data.encode(), TOKENS, DAY)
    assert parsed.rejects["record"].to_list() == ["file"]
    assert told(parsed) == []


def test_a_refusal_tells_the_form_of_a_value():
    refused = parse(feed(), (HEADER + BAD["a shifted record"]).encode(), TOKENS, DAY).rejects
    (reason,) = refused["reason"]
    assert reason.startswith("qty has the form '999-99-9999': expected a number such as 12.5")
    assert "kind has the form '9999999': expected one of USED, WASTED" in reason


def test_letters_of_every_script_are_hidden_by_the_form():
    assert form_of(" Zoë 田中 4-x\t") == "Aaa aa 9-a"
    assert form_of("a\x00b☺") == "a?a?"
    # A capital is shown as one: no other fault of `Accepted` is there where `accepted` is allowed.
    assert form_of("ÀB Accepted") == "AA Aaaaaaaa"


def test_a_trailer_that_is_missing_is_told_without_the_last_record():
    trailed = feed(format={"kind": "delimited", "trailer": {"mark": "T", "count": 2}})
    parsed = parse(trailed, (HEADER + GOOD).encode(), TOKENS, DAY)
    assert parsed.rejects["rule"].to_list() == ["trailer_missing"]
    assert told(parsed) == []


def test_fixed_width():
    columns = [
        {"name": "account", "private": "account", "at": {"start": 1, "width": 8}},
        {"name": "qty", "type": "decimal", "at": {"start": 9, "width": 8}},
    ]
    fixed = feed(format={"kind": "fixed_width"}, columns=columns)
    parsed = parse(fixed, b"PAT-1017       2\nPAT-1017JANE DOE\n", TOKENS, DAY)
    assert parsed.records["record"]["account"].to_list() == [token("PAT-1017")]
    assert parsed.rejects["rule"].to_list() == ["type:qty"]
    assert told(parsed) == []
    marked = feed(format={"kind": "fixed_width", "header_mark": "HDR"}, columns=columns)
    refused = parse(marked, b"PAT-1017JANE DOE\n", TOKENS, DAY)
    assert refused.rejects["rule"].to_list() == ["header"]
    assert told(refused) == []


def test_spreadsheet():
    book = openpyxl.Workbook()
    book.active.title = "S"
    book.active.append(HEADER.strip().split(","))
    book.active.append(["DOE, JANE", "PAT-1017", "00445566", 2, "2026-03-01", "USED"])
    book.active.append(["x", "PAT-1017", "00445566", "JANE DOE", "2026-03-01", "USED"])
    book.active.append(["x", "PAT-1017", "00445566", 1, "2026-03-01", "USED", "DOE"])
    held = io.BytesIO()
    book.save(held)
    parsed = parse(feed(format={"kind": "spreadsheet", "sheet": "S"}), held.getvalue(), TOKENS, DAY)
    assert parsed.records["record"]["account"].to_list() == [token("PAT-1017")]
    assert parsed.rejects["rule"].to_list() == ["type:qty", "fields"]
    assert told(parsed) == []


def test_a_sheet_may_be_named_after_a_patient():
    book = openpyxl.Workbook()
    book.active.title = "DOE, JANE"
    held = io.BytesIO()
    book.save(held)
    parsed = parse(feed(format={"kind": "spreadsheet", "sheet": "S"}), held.getvalue(), TOKENS, DAY)
    assert parsed.rejects["reason"].to_list() == [
        "there is no sheet 'S'; the file has 1, of other names"
    ]
    assert told(parsed) == []


# --- how a source writes its numbers --------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "sent", "same_as"),
    [
        pytest.param({}, "00445566", "00445566", id="as sent"),
        pytest.param({"strip_zeros": True}, "00445566", "445566", id="zeros in front"),
        pytest.param({"strip_zeros": True}, "0004055", "4055", id="a zero inside stays"),
        pytest.param({"strip_zeros": True}, "000", "0", id="nothing but zeros"),
        pytest.param({"strip_blanks": True}, "44 55 66", "445566", id="blanks inside"),
        pytest.param({"strip_blanks": True, "strip_zeros": True}, "0 0 7", "7", id="both"),
    ],
)
def test_a_source_says_what_of_its_numbers_does_not_count(declared, sent, same_as):
    source = feed(identifiers={"mrn": declared})
    row = f"x,0017,{sent},2,2026-03-01,USED\n"
    record = parse(source, (HEADER + row).encode(), TOKENS, DAY).records["record"]
    assert record["mrn"].to_list() == [token(same_as, "mrn")]
    assert record["account"].to_list() == [token("0017")], "what is declared of mrn is mrn's alone"


# --- declarations ---------------------------------------------------------------------------------


def test_every_domain_may_be_declared_and_is_explained():
    assert sorted(get_args(Domain)) == sorted(DOMAINS)


def test_a_mapping_of_a_private_column_needs_a_key():
    mapping = {"table": "t", "columns": {"account_key": "account", "qty": "qty"}}
    ((place, told),) = unkeyed_mistakes(feed(records=[mapping]))
    assert place == ("records", 0, "columns", "account_key")
    assert told.startswith("'account' identifies a person (account) and is left empty without a")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("private: acount", "'acount' is not a valid private; did you mean 'account'?"),
        ("private: mrn, type: integer", "is private, so it cannot be a number, date or boolean"),
        ("private: mrn, allowed: [A]", "is private: `allowed` would write its values down"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, column, said):
    (tmp_path / "sources").mkdir()
    (tmp_path / "recon.yaml").write_text(
        "name: t\nfirst_business_date: 2026-03-01\nfacilities: [{id: A, name: A, time_zone: UTC}]\n"
    )
    (tmp_path / "sources" / "a.yaml").write_text(
        "owner: o\nconnector: {kind: folder, path: a, pattern: '*'}\nformat: {kind: delimited}\n"
        f"extract: append\ncontract:\n  columns:\n    - {{name: n, {column}}}\n"
    )
    _, mistakes = read_site(tmp_path, {})
    assert any(m.line == 7 and said in m.message for m in mistakes), list(map(str, mistakes))
