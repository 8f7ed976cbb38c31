"""Every SQL file says what it is, and its header tells the truth."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from recon.rules import load

HEADINGS = ["grain", "reads", "params", "money", "rule"]


def sql_files() -> dict[str, Path]:
    root = Path(str(files("recon")))
    folders = [root / "parse", root / "reconcile", root / "publish"]
    found = [file for folder in folders for file in sorted(folder.rglob("*.sql"))]
    return {str(f.relative_to(root)): f for f in found if f.name != "macros.sql"}


@cache
def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def heading(sql: str, name: str) -> str:
    """What the header says under ``name``, its further lines joined."""
    stated = re.search(rf"^-- {name} +(.*(?:\n-- {{6,}}.*)*)", sql, re.MULTILINE)
    return re.sub(r"\n-- +", " ", stated[1]) if stated else ""


def code_of(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)


def without_texts(code: str) -> str:
    return re.sub(r"'(?:[^']|'')*'", "''", code)


def relations_read(sql: str) -> set[str]:
    """What stands after FROM or JOIN, less the names of the statement's own CTEs."""
    code = without_texts(code_of(sql))
    # "is distinct from x" and "extract(day from x)" name no relation.
    code = re.sub(r"\bdistinct\s+from\b", "distinct_from", code)
    own = set(re.findall(r"(?:\bwith|,)\s+([a-z_0-9]+)\s+as\s+(?:materialized\s+)?\(", code))
    return set(re.findall(r"\b(?:from|join)\s+([a-z_][a-z_0-9]*)\b(?!\s*\()", code)) - own


@pytest.fixture(params=sql_files().values(), ids=sql_files().keys())
def file(request):
    return request.param


def test_it_opens_with_its_name_and_the_five_headings(file):
    sql = text_of(file)
    # In one line: it is what the generated pages say of the relation.
    assert re.match(rf"-- {file.stem}: \S.*[.?]\n--\n", sql)
    stated = re.findall(r"^-- ([a-z]+) {2,}\S", sql, re.MULTILINE)
    assert [name for name in stated if name in HEADINGS] == HEADINGS


def test_it_reads_what_its_header_says_and_nothing_else(file):
    sql = text_of(file)
    assert set(re.findall(r"[a-z_0-9]+", heading(sql, "reads"))) == relations_read(sql)


def test_it_uses_the_parameters_its_header_says_and_no_other(file):
    sql = text_of(file)
    stated = set(re.findall(r"\$([a-z_]+)", heading(sql, "params")))
    assert stated == set(re.findall(r"\$([a-z_]+)", code_of(sql)))


def test_it_is_one_select(file):
    code = code_of(text_of(file)).strip()
    assert re.match(r"(select|with)\b", code)
    assert ";" not in without_texts(code)


def test_it_keeps_to_decimal_and_to_its_inputs(file):
    code = without_texts(code_of(text_of(file)))
    for forbidden, why in {
        r"[^/]/[^/]": "/ of two decimals is a binary fraction",
        r"\bavg\b": "avg of decimals is a binary fraction",
        r"\b(double|float|real)\b": "no binary fraction near money",
        r"\b(current_date|current_timestamp|now|today|random|uuid)\b": "same inputs, same rows",
    }.items():
        assert not re.search(forbidden, code, re.IGNORECASE), why


def test_no_two_files_of_the_match_define_one_relation():
    names = [f.stem for key, f in sql_files().items() if key.startswith("reconcile")]
    assert sorted(names) == sorted(set(names))


def test_the_codes_that_statements_find_and_the_codes_that_are_explained_are_the_same():
    explained = {code for code in load("exception_code")["code"] if not code[-2:].isdigit()}
    statements = [code_of(text_of(f)) for k, f in sql_files().items() if "three_way_match" in k]
    written = {text for code in statements for text in re.findall(r"'([A-Z]+(?:_[A-Z]+)+)'", code)}
    # Texts of that form that are no codes: statuses, kinds and terms.
    other = {
        *("CREDIT_OPEN", "CREDIT_APPLIED", "MATCHED_TOL", "NON_PO", "AUTO_CLOSED"),
        *("QTY_RECEIVED", "QTY_ORDERED", "AMT_ORDERED", "HEADER_BALANCE", "FREIGHT"),
        *("IN_FORCE", "NOT_EFFECTIVE", "NOT_LOADED", "NO_UNIT"),
        *("BILL_ONLY", "DROP_SHIP", "PREPAID_ADD", "ORDER_DATE", "SHIP_DATE", "INVOICE_DATE"),
    }
    # A code may be put together of a stem and a standing that another statement found.
    stems = {stem for code in statements for stem in re.findall(r"'([A-Z]+_)' \|\|", code)}
    standings = {text for code in statements for text in re.findall(r"'([A-Z_]+)'", code)}
    written |= {stem + standing for stem in stems for standing in standings} & explained
    assert written - explained - other == set(), "a code is written that exception_code lacks"
    assert explained - written == set(), "a code is explained and never found"


def test_the_codes_of_use_and_charge_that_are_found_and_that_are_explained_are_the_same():
    explained = {code for code in load("exception_code")["code"] if code[-2:].isdigit()}
    statements = [code_of(text_of(f)) for k, f in sql_files().items() if "usage_charge" in k]
    written = {
        text for code in statements for text in re.findall(r"'((?:SC|S[PDIT]|D[NQ])\d\d)'", code)
    }
    # What an adjustment is, and which report rejects a claim, the rule tables say.
    written |= set(load("denial_code")["code"])
    assert written == explained
