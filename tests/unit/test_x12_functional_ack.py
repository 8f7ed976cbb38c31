"""997 and 999: what a partner says of a group, of each of its sets, and of every error in them."""

import pytest
from x12_written import interchange

from recon.parse.x12 import read_x12
from recon.parse.x12.private import PRIVATE

FUNCTIONAL = [
    "AK1*PO*70",
    "AK2*850*0001",
    "AK5*A",
    "AK2*850*0002",
    "AK3*PO1*14*PO1L*8",
    "AK4*2*330*1",
    "AK4*3>2*355*7*DOE",
    "AK3*REF*2**3",
    "AK5*R*5*3",
    "AK2*860*0003",
    "AK5*E*5",
    "AK9*P*3*2*1*5*6",
]
IMPLEMENTATION = [
    "AK1*HC*17456*005010X222A1",
    "AK2*837*0001*005010X222A1",
    "IK5*A",
    "AK2*837*0002*005010X222A1",
    "IK3*CLM*22*2300*8",
    "CTX*CLM01>ACC-9",
    "IK4*2*782*1",
    "IK4*5>1>1*1331*7*JANE DOE",
    "CTX*SITUATIONAL TRIGGER*CLM*43*2300*5>3*C023>1325",
    "IK5*R*5*I5",
    "AK9*P*2*2*1",
]


def read(code, segments):
    x12 = read_x12(interchange((code, segments)))
    assert x12.defects["code"].to_list() == []
    return x12.records


def columns(rows, *names):
    return rows.select(names).rows()


@pytest.mark.parametrize(
    ("code", "segments", "group", "counts", "errors"),
    [
        pytest.param("997", FUNCTIONAL, ("PO", "70", None, "P"), (3, 2, 1), ["5", "6"], id="997"),
        pytest.param(
            "999", IMPLEMENTATION, ("HC", "17456", "005010X222A1", "P"), (2, 2, 1), [], id="999"
        ),
    ],
)
def test_the_group(code, segments, group, counts, errors):
    found = read(code, segments)["functional_ack"]
    assert columns(found, "functional_code", "group_control_number_acked", "version", "code") == [
        group
    ]
    assert columns(found, "declared_count", "received_count", "accepted_count") == [counts]
    told = [f"error_code_{n}" for n in range(1, 6)]
    assert [code for code in found.select(told).row(0) if code] == errors


def test_its_sets():
    names = (
        *("set_code", "transaction_control_number_acked", "implementation", "code"),
        *("error_code_1", "error_code_2", "functional_code", "group_control_number_acked"),
    )
    assert columns(read("997", FUNCTIONAL)["functional_ack_set"], *names) == [
        ("850", "0001", None, "A", None, None, "PO", "70"),
        ("850", "0002", None, "R", "5", "3", "PO", "70"),
        ("860", "0003", None, "E", "5", None, "PO", "70"),
    ]
    guide = "005010X222A1"
    assert columns(read("999", IMPLEMENTATION)["functional_ack_set"], *names) == [
        ("837", "0001", guide, "A", None, None, "HC", "17456"),
        ("837", "0002", guide, "R", "5", "I5", "HC", "17456"),
    ]


def test_every_error_says_in_which_set_segment_and_element_it_is():
    names = (
        *("transaction_control_number_acked", "source", "segment_tag", "position", "loop_id"),
        *("element", "component", "repetition", "element_ref", "error_code"),
    )
    assert columns(read("997", FUNCTIONAL)["functional_ack_error"], *names) == [
        ("0002", "AK3", "PO1", 14, "PO1L", None, None, None, None, "8"),
        ("0002", "AK4", "PO1", 14, "PO1L", 2, None, None, "330", "1"),
        ("0002", "AK4", "PO1", 14, "PO1L", 3, 2, None, "355", "7"),
        ("0002", "AK3", "REF", 2, None, None, None, None, None, "3"),
    ]
    assert columns(read("999", IMPLEMENTATION)["functional_ack_error"], *names) == [
        ("0002", "IK3", "CLM", 22, "2300", None, None, None, None, "8"),
        ("0002", "IK4", "CLM", 22, "2300", 2, None, None, "782", "1"),
        ("0002", "IK4", "CLM", 22, "2300", 5, 1, 1, "1331", "7"),
    ]


def test_the_999_says_which_claim_an_error_is_in_and_what_asks_for_the_segment():
    found = read("999", IMPLEMENTATION)["functional_ack_context"]
    assert columns(
        found,
        *("set_code", "transaction_control_number_acked", "segment_tag", "position"),
        *("name", "number", "trigger_tag", "trigger_position", "trigger_loop_id"),
        *("trigger_element", "trigger_component"),
    ) == [
        ("837", "0002", "CLM", 22, "CLM01", "ACC-9", None, None, None, None, None),
        ("837", "0002", "CLM", 22, "SITUATIONAL TRIGGER", None, "CLM", 43, "2300", 5, 3),
    ]
    assert PRIVATE["functional_ack_context"] == {"number": "account"}


@pytest.mark.parametrize(
    ("code", "segments"),
    [pytest.param("997", FUNCTIONAL, id="997"), pytest.param("999", IMPLEMENTATION, id="999")],
)
def test_the_copy_of_a_bad_element_is_not_kept(code, segments):
    written = "".join(rows.write_csv() for rows in read(code, segments).values())
    assert "DOE" not in written


def test_a_group_may_be_acknowledged_without_its_sets():
    found = read("997", ["AK1*IN*9", "AK9*A*12*12*12"])
    assert columns(found["functional_ack"], "code", "accepted_count") == [("A", 12)]
    assert found["functional_ack_set"].height == 0


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        pytest.param(FUNCTIONAL[:-1], "required:code", id="no-verdict-of-the-group"),
        pytest.param([*FUNCTIONAL[:2], *FUNCTIONAL[3:]], "required:code", id="nor-of-a-set"),
        pytest.param(["AK1*PO", "AK9*A*1*1*1"], "required:group_control_number_acked", id="whose"),
    ],
)
def test_an_acknowledgement_that_does_not_say_what_it_must_is_refused(segments, code):
    x12 = read_x12(interchange(("997", segments)))
    assert x12.defects["code"].to_list() == [code]
    assert x12.transactions["accepted"].to_list() == [False]


def test_a_verdict_of_no_code_list_is_told_and_kept():
    x12 = read_x12(interchange(("997", ["AK1*PO*70", "AK2*850*0001", "AK5*Q", "AK9*A*1*1*1"])))
    assert columns(x12.defects, "code", "severity", "found") == [("code:code", "info", "Q")]
    assert x12.records["functional_ack_set"]["code"].to_list() == ["Q"]
