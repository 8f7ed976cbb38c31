"""What each profile of a workbook shows; expectations by hand from usage-charge.md section 5."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from recon.errors import InputError
from recon.parse.privacy import Tokens
from recon.publish.charge_columns import FINDINGS
from recon.publish.columns import Column
from recon.publish.profile import Profile, shown

NIGHT = date(2026, 3, 5)
TOKENS = Tokens(b"0123456789abcdef0123456789abcdef", "k1")
COLUMNS = (
    Column("account_key", "Account", "id", 10, "Account.", holds="account"),
    Column("mrn_key", "Patient", "id", 10, "Patient.", holds="mrn"),
    Column("serial_key", "Serial", "id", 10, "Serial.", holds="serial"),
    Column("udi_key", "UDI", "id", 10, "UDI.", holds="udi"),
    Column("usage_id", "Usage", "id", 10, "Usage.", holds="record"),
    Column("note", "Note", "text", 10, "Note.", holds="free text"),
    Column("service_date", "Service date", "date", 10, "Day of service."),
    Column("used_at", "Used at", "date", 10, "When."),
    Column("recall_date", "Recalled", "date", 10, "Day of the recall.", holds="calendar"),
    Column("age_days", "Age (days)", "count", 10, "Days since service.", holds="days"),
    Column("gross", "Gross", "money", 10, "Dollars."),
    Column("disposition", "Disposition", "entry", 10, "Yours."),
)


def token(value, domain):
    return TOKENS.column(pl.Series([value]), domain)[0]


def row(account, serial="SN-88231", usage="U-1", day=date(2026, 2, 27)):
    return {
        "account_key": token(account, "account"),
        "mrn_key": token("M1", "mrn"),
        "serial_key": token(serial, "serial"),
        "udi_key": token("(01)x", "udi"),
        "usage_id": usage,
        "note": "JANE DOE",
        "service_date": day,
        "used_at": datetime(2025, 12, 31, 23, 0, tzinfo=UTC),
        "recall_date": date(2026, 1, 7),
        "age_days": (NIGHT - day).days,
        "gross": 5,
    }


ROWS = pl.DataFrame([row("PAT-1"), row("PAT-2", usage="U-2"), row("PAT-1", day=date(2026, 3, 1))])
NUMBERS = pl.DataFrame(
    {
        "domain": ["account", "serial"],
        "token": [token("PAT-1", "account"), token("SN-88231", "serial")],
        "number": ["PAT-1", "…8231"],
    }
)


def test_share_has_no_column_that_counts_from_the_day_of_service():
    every = {c.name: [None] for c in FINDINGS if c.kind not in ("entry", "due")}
    rows = pl.DataFrame(every, schema=dict.fromkeys(every, pl.String))
    columns, _ = shown({"S": (FINDINGS, rows)}, NIGHT)["S"]
    counted = {"age_days", "bucket", "times_seen", "days_to_bill", "days_to_filing"}
    assert counted <= set(every)
    assert not counted & {c.name for c in columns}


def test_share_is_the_default_and_shows_no_token_serial_or_full_date():
    columns, rows = shown({"S": (COLUMNS, ROWS)}, NIGHT)["S"]
    assert rows.columns == [
        *("account_key", "mrn_key", "usage_id", "service_date", "used_at", "recall_date", "gross")
    ]
    first, second = sorted([token("PAT-1", "account"), token("PAT-2", "account")])
    numbered = {first: "account 1", second: "account 2"}
    pat1, pat2 = numbered[token("PAT-1", "account")], numbered[token("PAT-2", "account")]
    assert rows["account_key"].to_list() == [pat1, pat2, pat1]
    assert rows["mrn_key"].unique().to_list() == ["mrn 1"]
    assert rows["usage_id"].to_list() == ["record 1", "record 2", "record 1"]
    assert rows["service_date"].to_list() == [-1, -1, 0]
    assert rows["used_at"].to_list() == [-3, -3, -3]
    assert rows["recall_date"].to_list() == [date(2026, 1, 7)] * 3
    heads = {c.name: (c.heading, c.kind) for c in columns}
    assert heads["service_date"] == ("Service date (month)", "count")
    assert heads["recall_date"] == ("Recalled", "date")
    assert heads["disposition"] == ("Disposition", "entry")
    # The night is on every sheet: so many days before it is a whole date.
    assert not {"serial_key", "udi_key", "note", "age_days"} & set(heads)


def test_an_analyst_sees_what_opens_the_account_and_no_more():
    columns, rows = shown({"S": (COLUMNS, ROWS)}, NIGHT, Profile.ANALYST, NUMBERS)["S"]
    # PAT-2 is not kept: nothing stands for it, least of all its token.
    assert rows["account_key"].to_list() == ["PAT-1", None, "PAT-1"]
    assert rows["serial_key"].to_list() == ["…8231"] * 3
    assert rows["mrn_key"].unique().to_list() == ["mrn 1"]
    assert rows["usage_id"].to_list() == ["U-1", "U-2", "U-1"]
    assert rows["service_date"][0] == date(2026, 2, 27)
    assert rows["age_days"][0] == 6
    assert not {"udi_key", "note"} & {c.name for c in columns}


def test_a_claim_that_was_not_sent_has_the_payers_number_or_none():
    """Its only number is a token: of a claim sent before the site began, every denial is one."""
    claims = [token("C1", "claim"), token("C2", "claim")]
    columns = (
        Column("claim_id", "Claim", "id", 10, "Claim.", holds="record"),
        Column("row_key", "Record", "id", 10, "Key.", holds="record"),
    )
    rows = pl.DataFrame({"claim_id": [*claims, "837-1", None]})
    rows = rows.with_columns(row_key="NGH|" + pl.col("claim_id"))
    kept = pl.DataFrame({"domain": ["claim"], "token": claims[:1], "number": ["C1"]})
    _, rows = shown({"S": (columns, rows)}, NIGHT, Profile.ANALYST, kept)["S"]
    known, *others = rows["claim_id"].to_list()
    assert known == "C1"
    assert others[0].startswith("record ")
    assert others[1:] == ["837-1", None]
    assert [k if k is None else k.split()[0] for k in rows["row_key"]] == [
        *("record", "record", "NGH|837-1", None)
    ]


def test_an_analyst_of_a_site_that_keeps_no_numbers_sees_none():
    _, rows = shown({"S": (COLUMNS, ROWS)}, NIGHT, Profile.ANALYST)["S"]
    assert rows["account_key"].to_list() == [None] * 3


def test_a_person_has_one_number_in_all_sheets_whatever_the_order_of_rows():
    def numbers(rows, other):
        sheets = shown({"S": (COLUMNS, rows), "T": (COLUMNS, other)}, NIGHT)
        return {
            (u, a)
            for _, frame in sheets.values()
            for u, a in zip(frame["service_date"], frame["account_key"], strict=True)
        }

    many = pl.DataFrame([row(f"P{n}", day=date(2025, 1 + n % 12, 1)) for n in range(12)])
    assert numbers(many, many.head(3)) == numbers(many.reverse(), many.head(3).reverse())
    made = {a for _, a in numbers(many, many.head(3))}
    assert made == {f"account {n:02}" for n in range(1, 13)}


@pytest.mark.parametrize("profile", Profile)
def test_a_token_in_an_undeclared_column_stops_the_workbook(profile):
    column = (Column("reason", "Reason", "prose", 10, "Why."),)
    rows = pl.DataFrame({"reason": ["on account " + token("PAT-1", "account") + "."]})
    with pytest.raises(InputError, match="'S' was not written: its column 'reason' holds a token"):
        shown({"S": (column, rows)}, NIGHT, profile)


def test_a_date_in_a_sentence_stops_what_is_shared_and_not_an_analysts_workbook():
    column = (Column("reason", "Reason", "prose", 10, "Why."),)
    rows = pl.DataFrame({"reason": ["used on 2026-02-27, charged never"]})
    with pytest.raises(InputError, match="holds a whole date"):
        shown({"S": (column, rows)}, NIGHT)
    assert shown({"S": (column, rows)}, NIGHT, Profile.ANALYST)["S"][1].equals(rows)


def test_no_rows_are_no_rows():
    _, rows = shown({"S": (COLUMNS, ROWS.clear())}, NIGHT)["S"]
    assert rows.height == 0
