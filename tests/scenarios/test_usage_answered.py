"""What an analyst answers to a finding of use against charge, over the nights that follow."""

import json
from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl
import pytest
from charge_adapter import charge_tables
from collected import HERE

import recon
from recon.canonical.describe import polars_schema
from recon.canonical.tables import Disposition

SCENARIOS = {
    s["id"]: s for s in json.loads((HERE / "usage_charge.json").read_text(encoding="utf-8"))
}
# One valve used and not charged, 6,400.00; and one charge of 480.00 that is made twice.
LOST, TWICE = (charge_tables([SCENARIOS[name]]) for name in ("S02", "S16"))
FIRST = date(2026, 3, 20)


def night(given, day, before=None, answers=None):
    """The one finding of a night."""
    known = {} if before is None else {"previous_charge_exception": before}
    answered = {} if answers is None else {"disposition": answers}
    return recon.usage_charge({**given, **known, **answered}, day)["exception"]


@cache  # most tests begin with the same night, and a night costs a second
def first_night(of):
    return night({"LOST": LOST, "TWICE": TWICE}[of], FIRST)


def day(number):
    return date(2026, 3, number)


def answer(rows, word, *, at_stake, of_night=FIRST, resolve_by=None):
    told = {
        "exception_key": rows["exception_key"].item(),
        "night": of_night,
        "impact": Decimal(at_stake),
        "disposition": word,
        "assigned_to": "Ada",
        "resolve_by": resolve_by,
        "source_system": "returned_charge_workbook",
        "source_file_id": "x",
        "source_record": 2,
        "byte_offset": 0,
    }
    return pl.DataFrame([told], schema=polars_schema(Disposition))


def said(rows):
    columns = ["state", "disposition", "was_accepted_at", "assigned_to", "times_seen"]
    return rows.select(columns).row(0)


def test_what_is_accepted_stays_so_while_its_dollars_do():
    first = first_night("LOST")
    assert said(first) == ("OPEN", None, None, None, 1)
    given = answer(first, "accepted", at_stake="6400.00")
    second = night(LOST, day(21), first, given)
    assert said(second) == ("OVERRIDDEN", "accepted", None, "Ada", 2)
    # An override changes no dollar.
    assert second["gross"].to_list() == first["gross"].to_list() == [Decimal("6400.00")]
    third = night(LOST, day(22), second, given)
    assert said(third) == ("OVERRIDDEN", "accepted", None, "Ada", 3)
    dearer = LOST["cdm"].with_columns(price=pl.col("price") + 100)
    fourth = night({**LOST, "cdm": dearer}, day(23), third, given)
    # No longer shown as the answer, or sent back as it is it would accept 6,500.00.
    assert said(fourth) == ("OPEN", None, Decimal("6400.00"), "Ada", 4)
    assert (fourth["gross"].item(), fourth["first_seen"].item()) == (Decimal("6500.00"), FIRST)


def test_what_is_overridden_closes_like_any_other_and_starts_anew_without_the_answer():
    first = first_night("LOST")
    given = answer(first, "accepted", at_stake="6400.00")
    second = night(LOST, day(21), first, given)
    nothing_used = {**LOST, "usage_event": LOST["usage_event"].clear()}
    third = night(nothing_used, day(22), second, given)
    assert said(third) == ("AUTO_CLOSED", "accepted", None, "Ada", 2)
    fourth = night(LOST, day(23), third, given)
    assert said(fourth) == ("OPEN", None, None, None, 1)


def test_what_is_snoozed_comes_back_on_the_day_stated():
    first = first_night("LOST")
    given = answer(first, "snoozed", at_stake="1", resolve_by=day(22))
    second = night(LOST, day(21), first, given)
    assert said(second) == ("OVERRIDDEN", "snoozed", None, "Ada", 2)
    assert said(night(LOST, day(22), second, given)) == ("OPEN", None, None, "Ada", 3)


def test_no_duplicate_is_an_answer_to_a_second_charge_only():
    first = first_night("TWICE")
    assert first["code"].to_list() == ["SC08"]
    given = answer(first, "not duplicate", at_stake=str(first["gross"].item()))
    assert said(night(TWICE, day(21), first, given))[:2] == ("OVERRIDDEN", "not duplicate")
    lost = first_night("LOST")
    given = answer(lost, "not duplicate", at_stake="6400.00")
    assert said(night(LOST, day(21), lost, given))[:2] == ("OPEN", "not duplicate")


@pytest.mark.parametrize("word", ["disputed", "resolved", "escalated", None])
def test_every_other_answer_is_kept_beside_what_stays_open(word):
    first = first_night("LOST")
    given = answer(first, word, at_stake="6400.00")
    assert said(night(LOST, day(21), first, given)) == ("OPEN", word, None, "Ada", 2)
