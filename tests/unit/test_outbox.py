"""The outbox: what is answered, in which file, under which number, and what became of it."""

import dataclasses
import hashlib
import os
from datetime import timedelta

import pytest
from exchange import FIRST, Partner, acknowledgement, group, interchange, order

import recon.publish.outbox as outbox
from recon.lake import write_atomically
from recon.land import Ledger
from recon.parse.x12 import read_x12
from recon.publish.outbox import FIRST_NUMBER

ACME = "ZZ-ACME"


@pytest.fixture
def partner(tmp_path):
    """A site whose feed ``mailbox`` is answered with 997; ``answer`` writes a night's answers."""
    return Partner(tmp_path, mailbox={"acknowledge": "997"})


def name(number, day=FIRST, partner=ACME):
    return f"{partner}/{day}_{partner}_{number}.edi"


def verdicts(rows):
    return rows.select("form", "code", "control_number", "answer", "error_codes").rows()


# --- what is answered ----------------------------------------------------------------------------


def test_a_partner_gets_one_file_for_each_of_its_files(partner):
    partner.night(mailbox={"a.edi": [interchange(7), interchange(8)], "b.edi": [interchange(9)]})
    rows = partner.answer()
    assert list(partner.files()) == [name(900_000_001), name(900_000_003)]
    read = read_x12(partner.files()[name(900_000_001)])
    assert read.interchanges["control_number"].to_list() == ["900000001", "900000002"]
    assert read.interchanges["receiver_id"].to_list() == ["ACME", "ACME"]
    answered = read.records["functional_ack"]["group_control_number_acked"].to_list()
    assert answered == ["7", "8"]
    assert set(rows.select("outbox_file", "sha256").rows()) == {
        (path, hashlib.sha256(data).hexdigest()) for path, data in partner.files().items()
    }


def test_each_group_and_set_is_a_row_with_what_was_said_of_it(partner):
    partner.night(mailbox={"a.edi": [interchange(7, group(70, order(1), order(2, po="")))]})
    rows = partner.answer()
    assert verdicts(rows) == [
        ("997", "PO", "70", "P", None),
        ("997", "850", "0001", "A", None),
        ("997", "850", "0002", "R", "5"),
    ]
    assert rows["outbox_file"].unique().to_list() == [name(900_000_001)]
    assert rows["answer_interchange"].unique().to_list() == [900_000_001]


def test_partners_of_one_mailbox_get_a_folder_and_numbers_each(partner):
    partner.night(mailbox={"a.edi": [interchange(7), interchange(1, sender="O/ther.")]})
    partner.answer()
    assert list(partner.files()) == [
        name(900_000_001),
        name(900_000_001, partner="ZZ-O%2Fther."),
    ]


def test_it_is_dated_by_the_night_and_not_by_a_clock(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    (data,) = partner.files().values()
    assert read_x12(data).interchanges["interchange_date"].to_list() == ["260302"]
    assert read_x12(data).interchanges["interchange_time"].to_list() == ["0430"]


def test_a_feed_that_does_not_say_so_is_not_answered(tmp_path):
    silent = Partner(tmp_path, mailbox={})
    silent.night(mailbox={"a.edi": [interchange(7)]})
    assert silent.answer().is_empty()
    assert silent.files() == {}


@pytest.mark.parametrize(
    ("told", "release", "form"),
    [
        pytest.param("auto", "004010", "997", id="auto-is-997-before-5010"),
        pytest.param("auto", "005010", "999", id="auto-is-999-from-5010-on"),
        pytest.param("997", "005010", "997", id="always-997"),
        pytest.param("999", "004010", "999", id="always-999"),
    ],
)
def test_the_form_is_the_one_the_feed_declares(tmp_path, told, release, form):
    partner = Partner(tmp_path, mailbox={"acknowledge": told})
    partner.night(mailbox={"a.edi": [interchange(7, group(70, version=release))]})
    assert set(partner.answer()["form"]) == {form}


def test_acknowledgements_are_not_acknowledged(partner):
    answer = group(1, acknowledgement("A", 5, "IN"), code="FA")
    partner.night(mailbox={"a.edi": [interchange(7, answer), interchange(8, ta1=(5, "A", "000"))]})
    assert partner.answer().is_empty()
    assert partner.files() == {}


def test_a_number_that_the_night_refuses_as_a_repetition_is_refused_to_the_sender(tmp_path):
    partner = Partner(tmp_path, mailbox={"acknowledge": "997", "control_numbers": "reject"})
    partner.night(mailbox={"a.edi": [interchange(7)]})
    again = interchange(7, group(70, order(1, "PO2")))
    new = interchange(8, group(7, order(1, "PO3")), group(80, order(1, "PO4")))
    partner.night(mailbox={"b.edi": [again, new]})
    rows = partner.answer(FIRST + timedelta(days=1))
    assert verdicts(rows) == [
        ("TA1", None, "000000007", "R", "025"),
        ("997", "PO", "70", "R", None),
        ("997", "850", "0001", "R", None),
        ("997", "PO", "7", "R", "19"),
        ("997", "850", "0001", "R", None),
        ("997", "PO", "80", "A", None),
        ("997", "850", "0001", "A", None),
    ]


# --- numbers, and nights that are run again ------------------------------------------------------


def test_the_numbers_go_on_from_night_to_night(partner):
    partner.night(mailbox={"a.edi": [interchange(7), interchange(8)]})
    partner.answer()
    second = partner.next
    partner.night(mailbox={"b.edi": [interchange(9)]})
    partner.answer(second)
    assert list(partner.files()) == [name(900_000_001), name(900_000_003, second)]


def test_a_night_that_is_run_again_writes_the_same_bytes(partner):
    partner.night(mailbox={"a.edi": [interchange(7)], "b.edi": [interchange(8)]})
    rows, files = partner.answer(), partner.files()
    second = partner.next
    partner.night(mailbox={"c.edi": [interchange(9)]})
    partner.answer(second)
    assert partner.answer().equals(rows)
    assert files.items() <= partner.files().items()
    assert len(partner.files()) == 3


def test_a_file_that_stands_as_it_was_written_is_not_touched(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    path = partner.site.outbox / name(FIRST_NUMBER)
    before = path.stat().st_ino
    partner.answer()
    assert path.stat().st_ino == before


def test_what_was_sent_is_not_sent_twice(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    rows = partner.answer()
    partner.send()
    assert partner.answer().equals(rows)
    assert list(partner.files()) == [f"{ACME}/sent/{FIRST}_{ACME}_{FIRST_NUMBER}.edi"]


def test_an_answer_that_changed_since_it_was_sent_goes_out_under_a_new_number(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    partner.send()
    partner.declare(mailbox={"acknowledge": "999"})
    assert set(partner.answer()["outbox_file"]) == {name(900_000_002)}
    assert partner.states() == {name(900_000_001): "SENT", name(900_000_002): "WRITTEN"}
    again = partner.files()
    assert set(partner.answer()["outbox_file"]) == {name(900_000_002)}
    assert partner.files() == again


def test_an_answer_that_changed_before_it_was_sent_takes_the_place_of_the_old(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    partner.declare(mailbox={"acknowledge": "999"})
    partner.answer()
    ((path, data),) = partner.files().items()
    assert path == name(900_000_001)
    assert b"ST*999*" in data


def test_what_the_night_no_longer_answers_is_taken_back_unless_it_was_sent(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    partner.send()
    second = partner.next
    partner.night(mailbox={"b.edi": [interchange(8)]})
    partner.answer(second)
    partner.declare(mailbox={})
    for day in (FIRST, second):
        assert partner.answer(day).is_empty()
    assert list(partner.files()) == [f"{ACME}/sent/{FIRST}_{ACME}_{FIRST_NUMBER}.edi"]
    assert partner.states() == {name(900_000_001): "SENT"}


# --- what became of them --------------------------------------------------------------------------


def test_it_is_written_then_sent(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    assert partner.states() == {name(900_000_001): "WRITTEN"}
    partner.send()
    assert partner.states() == {name(900_000_001): "SENT"}


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda path: path.unlink(), id="gone"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-1]), id="cut off"),
        pytest.param(lambda path: path.rename(path.with_suffix(".bak")), id="renamed"),
    ],
)
def test_one_that_is_gone_or_changed_before_it_was_sent_is_lost_and_can_be_written_again(
    partner, harm
):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    path = partner.site.outbox / name(900_000_001)
    whole = path.read_bytes()
    harm(path)
    assert partner.states() == {name(900_000_001): "LOST"}
    partner.answer()
    assert path.read_bytes() == whole
    assert partner.states() == {name(900_000_001): "WRITTEN"}


def test_what_was_sent_stays_sent_when_the_transport_clears_its_folder(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    partner.send()
    assert partner.states() == {name(900_000_001): "SENT"}
    for file in partner.site.outbox.rglob("*.edi"):
        file.unlink()
    assert partner.states() == {name(900_000_001): "SENT"}


# --- kills ----------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_kill_between_any_two_files_is_mended_by_the_same_night(partner, monkeypatch, after):
    partner.night(mailbox={f"{n}.edi": [interchange(n)] for n in (7, 8, 9)})
    with monkeypatch.context() as patched:
        written = []

        def write(path, data):
            if len(written) == after:
                raise Killed
            written.append(path)
            write_atomically(path, data)

        patched.setattr(outbox, "write_atomically", write)
        with pytest.raises(Killed):
            partner.answer()
    assert len(partner.files()) == after
    partner.answer()
    killed = partner.files()
    untouched = Partner(partner.folder / "untouched", mailbox={"acknowledge": "997"})
    untouched.night(mailbox={f"{n}.edi": [interchange(n)] for n in (7, 8, 9)})
    untouched.answer()
    assert killed == untouched.files()


def test_a_file_is_never_seen_half_written(partner, monkeypatch):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    with monkeypatch.context() as patched:

        def kill(_):
            raise Killed

        patched.setattr(os, "fsync", kill)
        with pytest.raises(Killed):
            partner.answer()
    assert [f for f in partner.files() if f.endswith(".edi")] == []
    partner.answer()
    assert list(partner.files()) == [name(900_000_001)]


def test_a_number_that_is_in_the_ledger_is_given_once(partner):
    partner.night(mailbox={"a.edi": [interchange(7)]})
    partner.answer()
    with Ledger(partner.site.ledger) as ledger:
        (first,) = ledger.answers()
        ledger.enter_answers([dataclasses.replace(first, last_number=900_000_005)])
    second = partner.next
    partner.night(mailbox={"b.edi": [interchange(8)]})
    assert set(partner.answer(second)["outbox_file"]) == {name(900_000_006, second)}
