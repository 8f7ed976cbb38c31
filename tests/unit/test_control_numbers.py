"""Control numbers of X12: what comes again, what is left out, and what the policy makes of it."""

from datetime import timedelta

import polars as pl
import pytest
from exchange import FIRST, Exchange, group, interchange, order

from recon.land import Ledger
from recon.parse.x12 import RECORDS


@pytest.fixture
def close(tmp_path):
    """Parses a night's files (name -> interchanges) under a policy; each call is the next night."""
    mailbox = Exchange(tmp_path)

    def parsed(files, policy="warn", *, day=None):
        mailbox.declare(mailbox={} if policy is None else {"control_numbers": policy})
        return mailbox.night(day=day, mailbox=files)["mailbox"]

    return parsed


def told(parts):
    """What the numbers say: control, number as written, and what was found."""
    of_numbers = parts["control"].filter(pl.col("control").str.contains("^(ISA13|GS06)_"))
    assert not of_numbers["agrees"].any()
    return of_numbers.select("control", "declared", "found").rows()


def numbers_of_orders(parts):
    return parts["purchase_order"].select("po_number").to_series().to_list()


# --- repetitions -------------------------------------------------------------------------------


def test_a_number_of_an_earlier_night_is_a_repetition_and_names_the_first_file(close):
    close({"a.edi": [interchange(7)]})
    close({"b.edi": [interchange(8)]})
    again = close({"c.edi": [interchange(7, group(7, order(1, "PO2")))]})
    assert told(again) == [("ISA13_duplicate", "000000007", "came in a.edi of 2026-03-02 already")]
    assert numbers_of_orders(again) == ["PO2"]  # by default it is read all the same
    assert again["file"]["controls_failed"].to_list() == [1]
    assert again["reject"].is_empty()


def test_two_files_of_one_night_are_read_in_the_order_of_their_names(close):
    parts = close({"b.edi": [interchange(7, group(7, order(1, "B")))], "a.edi": [interchange(7)]})
    assert told(parts) == [("ISA13_duplicate", "000000007", "came in a.edi of 2026-03-02 already")]
    failed = parts["file"].select("file_name", "controls_failed").rows()
    assert failed == [("a.edi", 0), ("b.edi", 1)]


def test_one_file_may_repeat_itself(close):
    parts = close({"a.edi": [interchange(7), interchange(7, group(7, order(1, "PO2")))]})
    assert told(parts) == [("ISA13_duplicate", "000000007", "came in a.edi of 2026-03-02 already")]


def test_another_sender_has_numbers_of_its_own(close):
    close({"a.edi": [interchange(7)]})
    assert told(close({"b.edi": [interchange(7, sender="OTHER")]})) == []


def test_what_is_rejected_goes_to_quarantine_with_the_first_files_name(close):
    close({"a.edi": [interchange(7)]}, "reject")
    two = group(7, order(1, "PO2"), order(2, "PO3"))
    parts = close({"b.edi": [interchange(7, two), interchange(8)]}, "reject")
    assert numbers_of_orders(parts) == ["PO1"]
    rejected = parts["reject"].select("record", "rule", "source_record", "records").rows()
    assert rejected == [
        ("transaction", "ISA13_duplicate", 3, 1),
        ("transaction", "ISA13_duplicate", 7, 1),
    ]
    reason = parts["reject"]["reason"][0]
    assert "the interchange 000000007 came in a.edi of 2026-03-02 already" in reason
    ((state, records_in, accepted, quarantined),) = (
        parts["file"].select("state", "records_in", "accepted", "quarantined").rows()
    )
    assert (state, records_in, accepted, quarantined) == ("LANDED", 3, 1, 2)


def test_a_set_that_is_refused_for_itself_keeps_its_own_reason(close):
    close({"a.edi": [interchange(7)]}, "reject")
    again = group(7, order(1, "PO2"), order(2, ""))
    parts = close({"b.edi": [interchange(7, again)]}, "reject")
    assert parts["reject"]["rule"].to_list() == ["ISA13_duplicate", "required:po_number"]
    assert parts["file"]["quarantined"].to_list() == [2]


def test_what_was_refused_whole_may_come_again_under_its_number(close):
    cut_off = interchange(7, trailer=False)
    close({"a.edi": [cut_off]}, "reject")
    mended = close({"b.edi": [interchange(7)]}, "reject")
    assert told(mended) == []
    assert numbers_of_orders(mended) == ["PO1"]
    third = close({"c.edi": [interchange(7, group(7, order(1, "PO2")))]}, "reject")
    assert told(third) == [("ISA13_duplicate", "000000007", "came in b.edi of 2026-03-03 already")]


def test_off_follows_nothing(close):
    close({"a.edi": [interchange(7)]}, "off")
    assert told(close({"b.edi": [interchange(7), interchange(20)]}, "off")) == []


def test_a_feed_that_says_nothing_warns(close):
    close({"a.edi": [interchange(7)]}, None)
    assert len(told(close({"b.edi": [interchange(7)]}, None))) == 1


# --- groups ------------------------------------------------------------------------------------


def test_a_group_in_a_new_interchange_under_an_old_number_is_a_repetition(close):
    close({"a.edi": [interchange(7, group(70))]}, "reject")
    wrapped_anew = interchange(8, group(70, order(1, "PO2")), group(71, order(1, "PO3")))
    parts = close({"b.edi": [wrapped_anew]}, "reject")
    assert told(parts) == [("GS06_duplicate", "70", "came in a.edi of 2026-03-02 already")]
    assert numbers_of_orders(parts) == ["PO3"]
    assert parts["reject"]["rule"].to_list() == ["GS06_duplicate"]


def test_groups_of_another_kind_have_numbers_of_their_own(close):
    close({"a.edi": [interchange(7, group(70, code="PO"))]})
    assert told(close({"b.edi": [interchange(8, group(70, code="PC"))]})) == []


def test_groups_that_every_interchange_counts_from_one_are_not_compared(close):
    close({"a.edi": [interchange(7, group(1), group(2))]})
    assert told(close({"b.edi": [interchange(8, group(1), group(2))]})) == []


def test_one_number_twice_in_an_interchange_is_a_repetition(close):
    parts = close({"a.edi": [interchange(7, group(5), group(5, order(1, "PO2")))]})
    assert told(parts) == [("GS06_duplicate", "5", "came in a.edi of 2026-03-02 already")]


def test_the_groups_of_a_repeated_interchange_are_not_told_again(close):
    close({"a.edi": [interchange(7, group(70))]})
    again = close({"b.edi": [interchange(7, group(70, order(1, "PO2")))]})
    assert [control for control, _, _ in told(again)] == ["ISA13_duplicate"]


def test_groups_leave_numbers_out_without_a_word(close):
    close({"a.edi": [interchange(7, group(70))]})
    assert told(close({"b.edi": [interchange(8, group(90))]})) == []


# --- gaps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["warn", "reject"])
def test_numbers_left_out_are_told_and_refuse_nothing(close, policy):
    close({"a.edi": [interchange(7)]}, policy)
    parts = close({"b.edi": [interchange(11)]}, policy)
    assert told(parts) == [
        ("ISA13_gap", "000000011", "3 missing before it: 000000008 to 000000010")
    ]
    assert numbers_of_orders(parts) == ["PO1"]
    assert parts["reject"].is_empty()


def test_the_first_number_of_a_sender_is_no_gap(close):
    assert told(close({"a.edi": [interchange(4711)]})) == []


def test_a_gap_within_a_night_is_told_at_the_number_after_it(close):
    parts = close({"a.edi": [interchange(7), interchange(9)]})
    assert told(parts) == [
        ("ISA13_gap", "000000009", "1 missing before it: 000000008 to 000000008")
    ]


def test_files_whose_names_are_not_in_the_order_of_their_numbers_leave_no_gap(close):
    close({"a.edi": [interchange(7)]})
    parts = close(
        {"n10.edi": [interchange(10)], "n8.edi": [interchange(8)], "n9.edi": [interchange(9)]}
    )
    assert told(parts) == []


def test_a_number_that_arrives_late_is_neither_a_gap_nor_a_repetition(close):
    close({"a.edi": [interchange(7), interchange(9)]})
    late = close({"b.edi": [interchange(8)]})
    assert told(late) == []
    assert told(close({"c.edi": [interchange(10)]})) == []


def test_between_numbers_that_arrive_late_nothing_is_missed_again(close):
    close({"a.edi": [interchange(1), interchange(20)]})
    assert told(close({"b.edi": [interchange(5), interchange(9)]})) == []


def test_an_interchange_that_was_refused_is_not_missing(close):
    close({"a.edi": [interchange(7)]})
    close({"b.edi": [interchange(8, trailer=False)]})
    assert told(close({"c.edi": [interchange(9)]})) == []


# --- after the last number -----------------------------------------------------------------------


def test_after_the_last_number_comes_the_first(close):
    close({"a.edi": [interchange(999_999_998)]})
    parts = close({"b.edi": [interchange(999_999_999), interchange(1), interchange(2)]})
    assert told(parts) == []
    assert told(close({"c.edi": [interchange(3)]})) == []


def test_numbers_may_be_missing_around_the_end(close):
    close({"a.edi": [interchange(999_999_998)]})
    assert told(close({"b.edi": [interchange(2)]})) == [
        ("ISA13_gap", "000000002", "2 missing before it: 999999999 to 000000001")
    ]


def test_a_number_of_the_turn_before_is_no_repetition(close):
    close({"a.edi": [interchange(1)]})
    close({"b.edi": [interchange(999_999_999)]})
    assert told(close({"c.edi": [interchange(1, group(800_000_000))]})) == []


def test_the_last_of_a_turn_may_arrive_after_the_first_of_the_next(close):
    close({"a.edi": [interchange(999_999_998)]})
    close({"b.edi": [interchange(1)]})
    assert told(close({"c.edi": [interchange(999_999_999)]})) == []
    again = close({"d.edi": [interchange(999_999_999, group(5))]})
    assert [control for control, _, _ in told(again)] == ["ISA13_duplicate"]


# --- nights --------------------------------------------------------------------------------------


def test_a_night_that_is_run_again_says_the_same_whatever_came_after(close):
    nights = [{"a.edi": [interchange(7)]}, {"b.edi": [interchange(7, group(9)), interchange(10)]}]
    close(nights[0], "reject")
    once = close(nights[1], "reject")
    close({"c.edi": [interchange(8), interchange(9)]}, "reject")
    twice = close(nights[1], "reject", day=FIRST + timedelta(days=1))
    assert once.keys() == twice.keys()
    assert all(once[part].equals(twice[part]) for part in once)
    assert len(told(once)) == 2


def test_numbers_of_a_file_that_a_night_no_longer_has_are_forgotten(close, tmp_path):
    close({"a.edi": [interchange(7)]})
    close({"b.edi": [interchange(8)]}, day=FIRST)
    with Ledger(tmp_path / "lake" / "ledger.sqlite") as ledger:
        numbers = ledger.highest_numbers("mailbox", FIRST + timedelta(days=1))
    of_partner = "ZZ/ACME > ZZ/HOSPITAL"
    assert numbers == [("GS06", f"{of_partner} PO", 8), ("ISA13", of_partner, 8)]


def test_a_number_that_is_none_is_left_to_the_envelopes_own_checks(close):
    broken = interchange(7).replace("000000007", "00000000A")
    parts = close({"a.edi": [broken, interchange(8)]})
    assert told(parts) == []


def test_no_record_bears_the_name_of_a_part_that_every_x12_feed_has():
    assert RECORDS.keys().isdisjoint(
        {"interchange", "group", "transaction", "reject", "control", "file"}
    )
