"""The life of an exception over the nights: first seen, again, answered, closed, found anew."""

from datetime import date
from decimal import Decimal
from hashlib import md5
from itertools import count

import polars as pl
import pytest

from recon.canonical.describe import polars_schema
from recon.canonical.tables import Disposition
from recon.reconcile.engine import run
from recon.reconcile.results import Exception_
from recon.rules import load_all

FINDING = """-- finding: what the test says was found.
-- reads     nothing_to_read
select
    code,
    cast(impact as decimal(18, 2)) as impact,
    cast(0 as decimal(18, 2)) as latent,
    cast(2 as decimal(18, 6)) as qty,
    'USD' as currency,
    'F1' as facility_id,
    'S1' as supplier_id,
    invoice_id,
    cast(1 as integer) as line_no,
    'P1' as po_id,
    cast(null as varchar) as po_line_no,
    'A' as item_id,
    cast(null as varchar) as related_document,
    'PRICE-01' as tolerance_rule_id,
    cast('2026-03-01' as date) as basis_date
from (values {rows}) as stated (code, invoice_id, impact)
"""
NOTHING = "-- reads     \nselect 1 as n"
CLOSING = """-- reads     nothing_to_read
select 'none' as exception_key, 'VOID' as kind, 'V9' as document from nothing_to_read"""


@pytest.fixture
def night(tmp_path):
    """Run the exceptions of one night over the findings given and the night before."""

    def of(day, findings, before=None, **rules):
        rows = ", ".join(f"('{code}', '{inv}', {impact})" for code, inv, impact in findings)
        none = not findings
        sql = FINDING.format(rows=rows or "('NO_PO', 'V0', 0)") + ("where false" if none else "")
        folder = tmp_path / str(next(nights))  # statements are read once from a folder
        folder.mkdir()
        (folder / "finding.sql").write_text(sql)
        (folder / "nothing_to_read.sql").write_text(NOTHING)
        (folder / "closing_document.sql").write_text(CLOSING)
        tables = {**load_all(), **rules}
        if before is not None:
            tables["previous_exception"] = before
        day = date.fromisoformat(day)
        return run(["exception", str(folder)], tables, {"as_of": day}, ["exception"])["exception"]

    nights = count()
    return of


def life(rows: pl.DataFrame) -> dict[str, tuple[object, ...]]:
    columns = ["invoice_id", "state", "first_seen", "times_seen", "age_days", "bucket"]
    return {invoice: tuple(rest) for invoice, *rest in rows.select(columns).rows()}


HELD = ("PRICE_OVER", "V1", "20.00")
WARNED = ("PRICE_UNDER", "V2", "-5.00")


def test_a_new_finding_is_first_seen_tonight_and_ages_from_its_own_date_if_it_holds(night):
    found = life(night("2026-03-09", [HELD, WARNED]))
    today = date(2026, 3, 9)
    assert found == {"V1": ("OPEN", today, 1, 8, "8-14"), "V2": ("OPEN", today, 1, 0, "0-7")}


def test_it_has_the_declared_columns_and_what_the_finding_and_the_code_say(night):
    found = night("2026-03-09", [HELD])
    assert found.schema == polars_schema(Exception_)
    row = found.row(0, named=True)
    assert (row["hold"], row["queue"], row["impact"]) == (True, "BUY", Decimal("20.00"))
    assert (row["qty"], row["tolerance_rule_id"]) == (Decimal(2), "PRICE-01")
    stable = md5(b"PRICE_OVER|V1|1|P1||", usedforsecurity=False).hexdigest()[:16]
    assert row["exception_key"] == stable


def test_seen_again_it_keeps_its_first_day_and_counts_the_nights(night):
    first = night("2026-03-09", [HELD, WARNED])
    second = night("2026-03-10", [HELD, WARNED], first)
    third = night("2026-03-12", [("PRICE_OVER", "V1", "35.00"), WARNED], second)
    start = date(2026, 3, 9)
    assert life(third) == {"V1": ("OPEN", start, 3, 11, "8-14"), "V2": ("OPEN", start, 3, 3, "0-7")}
    assert third.filter(pl.col("invoice_id") == "V1")["impact"].to_list() == [Decimal("35.00")]


def test_no_longer_found_it_closes_once_and_is_then_gone(night):
    first = night("2026-03-09", [HELD, WARNED])
    second = night("2026-03-10", [WARNED], first)
    closed = second.filter(pl.col("state") == "AUTO_CLOSED")
    assert life(closed) == {"V1": ("AUTO_CLOSED", date(2026, 3, 9), 1, 9, "8-14")}
    assert closed["impact"].to_list() == [Decimal("20.00")]
    third = night("2026-03-11", [WARNED], second)
    assert third["invoice_id"].to_list() == ["V2"]


def test_found_again_after_it_closed_it_starts_anew(night):
    first = night("2026-03-09", [HELD])
    second = night("2026-03-10", [], first)
    third = night("2026-03-11", [HELD], second)
    assert life(third) == {"V1": ("OPEN", date(2026, 3, 11), 1, 10, "8-14")}
    assert third["exception_key"].to_list() == first["exception_key"].to_list()


def test_a_date_still_to_come_is_age_zero(night):
    assert life(night("2026-02-20", [HELD]))["V1"][3:] == (0, "0-7")


def test_the_oldest_bucket_has_no_end(night):
    assert life(night("2029-01-01", [HELD]))["V1"][4] == "121+"


@pytest.mark.parametrize(("choice", "holds"), [("tolerate", False), ("hold", True)])
def test_a_stale_order_price_holds_money_where_policy_says_so(night, choice, holds):
    policy = load_all()["policy"].with_columns(value=pl.lit(choice))
    found = night("2026-03-09", [("PRICE_PO_STALE", "V1", "5.00"), HELD], policy=policy)
    assert dict(found.select("code", "hold").rows()) == {
        "PRICE_PO_STALE": holds,
        "PRICE_OVER": True,
    }


@pytest.mark.parametrize(
    ("deadlines", "day"),
    [
        pytest.param([("S1", 60), ("*", 90)], date(2026, 4, 21), id="the-supplier-s-own"),
        pytest.param([("S2", 60), ("*", 90)], date(2026, 5, 21), id="that-of-any-other"),
        pytest.param([("S2", 60)], None, id="none-is-stated"),
    ],
)
def test_a_claim_is_due_so_many_days_after_the_invoice_as_is_stated_for_its_supplier(
    night, deadlines, day
):
    stated = pl.DataFrame(deadlines, schema=["supplier_id", "days"], orient="row").with_columns(
        pl.lit("Buyer").alias("approved_by"), pl.lit("Contract 7").alias("source")
    )
    # Dated 20 February: 8 days of it are left, then 31 of March, and 21 of April make 60.
    invoice = pl.DataFrame(
        {
            "invoice_id": ["V1"],
            "supplier_id": ["S1"],
            "invoice_number": ["V1"],
            "invoice_date": [date(2026, 2, 20)],
            "total": [Decimal("20.00")],
        }
    )
    found = night("2026-03-09", [HELD, WARNED], claim_deadline=stated, invoice=invoice)
    # V2 is not among the invoices of this test.
    assert dict(found.select("invoice_id", "claim_due_date").rows()) == {"V1": day, "V2": None}


# --- what an analyst answers --------------------------------------------------------------------

FIRST = date(2026, 3, 9)


def answer(rows, word, *, at_stake=None, of_night=FIRST, assigned_to=None, resolve_by=None):
    """The one exception of ``rows``, sent back with an answer."""
    told = {
        "exception_key": rows["exception_key"].item(),
        "night": of_night,
        "impact": Decimal(at_stake or str(rows["impact"].item())),
        "disposition": word,
        "assigned_to": assigned_to,
        "resolve_by": resolve_by,
        "source_system": "returned_workbook",
        "source_file_id": "x",
        "source_record": 2,
        "byte_offset": 0,
    }
    return pl.DataFrame([told], schema=polars_schema(Disposition))


def said(rows):
    columns = ["state", "disposition", "was_accepted_at", "times_seen"]
    return rows.select(columns).row(0)


def test_what_is_accepted_stays_so_while_its_dollars_do(night):
    first = night("2026-03-09", [HELD])
    given = answer(first, "accepted", assigned_to="Ada")
    second = night("2026-03-10", [HELD], first, disposition=given)
    assert said(second) == ("OVERRIDDEN", "accepted", None, 2)
    assert second["assigned_to"].item() == "Ada"
    assert (second["hold"].item(), second["impact"].item()) == (True, Decimal("20.00"))
    third = night("2026-03-11", [HELD], second, disposition=given)
    assert said(third) == ("OVERRIDDEN", "accepted", None, 3)
    more = ("PRICE_OVER", "V1", "35.00")
    fourth = night("2026-03-12", [more], third, disposition=given)
    # No longer shown as the answer, or sent back as it is it would accept 35.00.
    assert said(fourth) == ("OPEN", None, Decimal("20.00"), 4)
    assert fourth["first_seen"].item() == FIRST


def test_what_is_overridden_closes_like_any_other_and_starts_anew_without_the_answer(night):
    first = night("2026-03-09", [HELD])
    given = answer(first, "accepted")
    second = night("2026-03-10", [HELD], first, disposition=given)
    third = night("2026-03-11", [], second, disposition=given)
    assert said(third) == ("AUTO_CLOSED", "accepted", None, 2)
    fourth = night("2026-03-12", [HELD], third, disposition=given)
    assert said(fourth) == ("OPEN", None, None, 1)
    again = answer(fourth, "accepted", of_night=date(2026, 3, 12))
    fifth = night("2026-03-13", [HELD], fourth, disposition=again)
    assert said(fifth) == ("OVERRIDDEN", "accepted", None, 2)


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        pytest.param(("DUP_EXACT", "V3", "40.00"), "OVERRIDDEN", id="a-duplicate"),
        pytest.param(HELD, "OPEN", id="what-is-none-anyway"),
    ],
)
def test_no_duplicate_is_an_answer_to_a_duplicate_only(night, finding, state):
    first = night("2026-03-09", [finding])
    second = night("2026-03-10", [finding], first, disposition=answer(first, "not duplicate"))
    assert said(second) == (state, "not duplicate", None, 2)


def test_what_is_snoozed_comes_back_on_the_day_stated(night):
    first = night("2026-03-09", [HELD])
    given = answer(first, "snoozed", resolve_by=date(2026, 3, 11))
    second = night("2026-03-10", [HELD], first, disposition=given)
    assert said(second) == ("OVERRIDDEN", "snoozed", None, 2)
    third = night("2026-03-11", [HELD], second, disposition=given)
    assert said(third) == ("OPEN", None, None, 3)
    without_a_day = answer(first, "snoozed")
    assert said(night("2026-03-10", [HELD], first, disposition=without_a_day))[0] == "OPEN"


@pytest.mark.parametrize("word", ["disputed", "resolved", "escalated", None])
def test_every_other_answer_is_kept_beside_what_stays_open(night, word):
    first = night("2026-03-09", [HELD])
    given = answer(first, word, assigned_to="Ada", resolve_by=date(2026, 3, 20))
    second = night("2026-03-10", [HELD], first, disposition=given)
    assert said(second) == ("OPEN", word, None, 2)
    assert second.select("assigned_to", "resolve_by").row(0) == ("Ada", date(2026, 3, 20))


def test_an_answer_to_other_dollars_accepts_nothing(night):
    first = night("2026-03-09", [HELD])
    second = night("2026-03-10", [HELD], first, disposition=answer(first, "accepted", at_stake="5"))
    assert said(second) == ("OPEN", None, Decimal("5.00"), 2)
