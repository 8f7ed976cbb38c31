"""What we sent: acknowledged, refused, or never heard of again."""

from datetime import timedelta

import pytest
from exchange import FIRST, Exchange, acknowledgement, group, interchange, order

from recon.publish.sent import TABLE, sent_document_status
from recon.publish.tables import LAYER

OURS = "HOSPITAL"


@pytest.fixture
def loop(tmp_path):
    return Loop(tmp_path, orders={"outbound": True}, mailbox={})


class Loop(Exchange):
    def close(self, *, day=None, **feeds):
        """A night with its table; (document, state, answer, error codes, age in days) of each."""
        night = day or self.next
        self.night(day=day, **feeds)
        self.rows, self.unmatched = sent_document_status(self.site, night)
        self.site.lake.write(LAYER, TABLE, night, {TABLE: self.rows})
        columns = ["document_number", "state", "answer", "error_codes", "age_days"]
        return self.rows.sort("sent_date", "document_number").select(columns).rows()


def ours(number, *groups):
    """An interchange that we sent to ACME."""
    return interchange(number, *groups, sender=OURS, receiver="ACME")


def theirs(number, *acknowledgements, sender="ACME"):
    """An interchange of functional acknowledgements from a partner."""
    return interchange(number, group(number, *acknowledgements, code="FA"), sender=sender)


@pytest.fixture
def sent(loop):
    """Two orders in group 70 of interchange 7, sent on the first night."""
    two = ours(7, group(70, order(1, "PO1"), order(2, "PO2")))
    assert loop.close(orders={"o.edi": [two]}) == [
        ("PO1", "NO_ACK", None, None, 0),
        ("PO2", "NO_ACK", None, None, 0),
    ]
    return loop


# --- answers -------------------------------------------------------------------------------------


def test_a_group_that_is_accepted_accepts_its_sets(sent):
    answer = acknowledgement("A", 70, "PO", received=2, accepted=2)
    assert sent.close(mailbox={"a.edi": [theirs(1, answer)]}) == [
        ("PO1", "ACCEPTED", "A", None, 1),
        ("PO2", "ACCEPTED", "A", None, 1),
    ]
    assert sent.close() == []  # answered once, it is not told again


@pytest.mark.parametrize("form", ["997", "999"])
def test_a_set_takes_the_verdict_it_is_given_itself(sent, form):
    sets = (("850", "0001", "A"), ("850", "0002", "R*5"))
    answer = acknowledgement("P", 70, "PO", *sets, form=form, received=2, accepted=1)
    assert sent.close(mailbox={"a.edi": [theirs(1, answer)]}) == [
        ("PO1", "ACCEPTED", "A", None, 1),
        ("PO2", "REJECTED", "R", "5", 1),
    ]


def test_a_group_that_is_refused_refuses_its_sets(sent):
    answer = acknowledgement("R", 70, "PO", received=2, accepted=0)
    told = sent.close(mailbox={"a.edi": [theirs(1, answer)]})
    assert [(document, state) for document, state, *_ in told] == [
        ("PO1", "REJECTED"),
        ("PO2", "REJECTED"),
    ]


def test_accepted_with_errors_is_accepted(sent):
    answer = acknowledgement("E", 70, "PO", received=2, accepted=2)
    told = sent.close(mailbox={"a.edi": [theirs(1, answer)]})
    assert {state for _, state, *_ in told} == {"ACCEPTED"}


def test_sets_that_a_part_accepted_group_does_not_list_are_accepted_if_all_refused_are_listed(sent):
    answer = acknowledgement("P", 70, "PO", ("850", "0002", "R"), received=2, accepted=1)
    assert sent.close(mailbox={"a.edi": [theirs(1, answer)]}) == [
        ("PO1", "ACCEPTED", "P", None, 1),
        ("PO2", "REJECTED", "R", None, 1),
    ]


def test_a_group_accepted_in_part_without_saying_which_leaves_its_sets_open_to_question(sent):
    answer = acknowledgement("P", 70, "PO", received=2, accepted=1)
    told = sent.close(mailbox={"a.edi": [theirs(1, answer)]})
    assert {state for _, state, *_ in told} == {"PARTIAL"}


def test_an_interchange_that_is_refused_refuses_its_sets(sent):
    ta1 = interchange(1, sender="ACME", ta1=(7, "R", "025"))
    assert sent.close(mailbox={"a.edi": [ta1]}) == [
        ("PO1", "REJECTED", "R", "025", 1),
        ("PO2", "REJECTED", "R", "025", 1),
    ]


def test_an_interchange_that_is_accepted_says_nothing_of_its_sets(sent):
    ta1 = interchange(1, sender="ACME", ta1=(7, "A", "000"))
    told = sent.close(mailbox={"a.edi": [ta1]})
    assert {state for _, state, *_ in told} == {"NO_ACK"}


def test_of_two_answers_a_refusal_counts(sent):
    accepted = acknowledgement("A", 70, "PO", received=2, accepted=2)
    refused = acknowledgement("R", 70, "PO", received=2, accepted=0)
    told = sent.close(mailbox={"a.edi": [theirs(1, accepted)], "b.edi": [theirs(2, refused)]})
    assert {state for _, state, *_ in told} == {"REJECTED"}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(acknowledgement("A", 71, "PO"), id="another group"),
        pytest.param(acknowledgement("A", 70, "PC"), id="another kind of group"),
    ],
)
def test_what_is_answered_is_the_group_by_kind_and_number(sent, answer):
    told = sent.close(mailbox={"a.edi": [theirs(1, answer)]})
    assert {state for _, state, *_ in told} == {"NO_ACK"}
    assert sent.unmatched["code"].to_list() == ["A"]


def test_what_is_refused_after_it_was_accepted_is_told_apart(sent):
    accepted = acknowledgement("A", 70, "PO", received=2, accepted=2)
    sent.close(mailbox={"a.edi": [theirs(1, accepted)]})
    assert sent.unmatched.is_empty()
    refused = acknowledgement("R", 70, "PO", received=2, accepted=0)
    assert sent.close(mailbox={"b.edi": [theirs(2, refused)]}) == []
    columns = ["partner_id", "functional_code", "control_number", "code"]
    assert sent.unmatched.select(columns).rows() == [("ACME", "PO", "70", "R")]


def test_a_ta1_that_refuses_what_is_not_awaited_is_told_apart(sent):
    ta1s = [
        interchange(n, sender="ACME", ta1=(n + 90, code, "000")) for n, code in ((1, "R"), (2, "A"))
    ]
    sent.close(mailbox={"a.edi": ta1s})
    assert sent.unmatched.select("functional_code", "control_number", "code").rows() == [
        ("TA1", "000000091", "R")
    ]


def test_another_partner_does_not_answer_for_it(sent):
    answer = acknowledgement("A", 70, "PO", received=2, accepted=2)
    told = sent.close(mailbox={"a.edi": [theirs(1, answer, sender="OTHER")]})
    assert {state for _, state, *_ in told} == {"NO_ACK"}


def test_leading_zeros_do_not_count(sent):
    answer = acknowledgement("A", "000000070", "PO", received=2, accepted=2)
    told = sent.close(mailbox={"a.edi": [theirs(1, answer)]})
    assert {state for _, state, *_ in told} == {"ACCEPTED"}


def test_a_number_used_twice_is_answered_for_what_was_sent_last(sent):
    sent.close(orders={"p.edi": [ours(8, group(70, order(1, "PO3")))]})
    told = sent.close(mailbox={"a.edi": [theirs(1, acknowledgement("A", 70, "PO"))]})
    assert [(document, state) for document, state, *_ in told] == [
        ("PO1", "NO_ACK"),
        ("PO2", "NO_ACK"),
        ("PO3", "ACCEPTED"),
    ]


def test_an_answer_of_the_same_night_counts(loop):
    sent = {"o.edi": [ours(7, group(70, order(1, "PO1")))]}
    answer = {"a.edi": [theirs(1, acknowledgement("A", 70, "PO"))]}
    assert loop.close(orders=sent, mailbox=answer) == [("PO1", "ACCEPTED", "A", None, 0)]


def test_acknowledgements_that_we_sent_await_none(loop):
    assert (
        loop.close(orders={"o.edi": [ours(7, group(5, acknowledgement("A", 1, "IN"), code="FA"))]})
        == []
    )


def test_an_order_that_we_could_not_read_was_sent_all_the_same(loop):
    told = loop.close(orders={"o.edi": [ours(7, group(70, order(1, "")))]})
    assert told == [(None, "NO_ACK", None, None, 0)]


# --- waiting -------------------------------------------------------------------------------------


def test_one_that_is_never_acknowledged_becomes_overdue(sent):
    overdue = {}
    for age in range(1, 6):
        sent.close()
        overdue[age] = sent.rows["is_overdue"].unique().to_list()
    # The shipped deadline is 3 days.
    assert overdue == {1: [False], 2: [False], 3: [False], 4: [True], 5: [True]}
    assert sent.rows["sent_date"].unique().to_list() == [FIRST]


def test_an_answer_ends_the_wait_however_late(sent):
    for _ in range(5):
        sent.close()
    answer = acknowledgement("A", 70, "PO", received=2, accepted=2)
    told = sent.close(mailbox={"a.edi": [theirs(1, answer)]})
    assert told[0] == ("PO1", "ACCEPTED", "A", None, 6)
    assert not sent.rows["is_overdue"].any()


@pytest.mark.parametrize(("age", "still"), [(30, True), (31, False)])
def test_after_its_last_deadline_nothing_more_is_said(sent, age, still):
    sent.close(day=FIRST + timedelta(days=age))
    assert (sent.rows.height == 2) == still


def test_a_site_states_its_own_deadlines(sent):
    rules = sent.site.rules
    rules.mkdir()
    shipped = ["SHIPMENT_RECEIVED,2", "ANSWER_GIVEN_UP,30", "ANSWER_SENT,3", "ANSWER_RECEIVED,0"]
    lines = ["deadline,days,approved_by,source", *(f"{row},me,here" for row in shipped)]
    (rules / "deadline.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sent.close()
    assert sent.rows["is_overdue"].all()


def test_a_night_that_is_run_again_says_the_same(sent):
    answer = {"a.edi": [theirs(1, acknowledgement("A", 70, "PO", received=2, accepted=2))]}
    sent.close(mailbox=answer)
    once = sent.rows
    sent.close()
    sent.close(day=FIRST + timedelta(days=1), mailbox=answer)
    assert sent.rows.equals(once)
