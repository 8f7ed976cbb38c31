"""Acknowledgements: what is answered, by the standard's codes, in the partner's own delimiters."""

from datetime import UTC, datetime

import pytest

from recon.parse.x12 import read_x12
from recon.parse.x12.acks import ANSWERS, acknowledge
from recon.parse.x12.defects import KINDS
from recon.parse.x12.sets import SETS

MOMENT = datetime(2026, 3, 31, 7, 5, tzinfo=UTC)
ORDER = ["ST*850*0001", "BEG*00*SA*PO1**20260301", "PO1*1*2*EA*3.5**VC*A1", "CTT*1", "SE*5*0001"]
OTHER = ["ST*850*0002", "BEG*00*SA*PO2**20260301", "PO1*1*4*BX*9**VC*B2", "CTT*1", "SE*5*0002"]


def isa(control=7, ask="0", version="00401", repetition="U"):
    return (
        f"ISA*00*{'':10}*00*{'':10}*01*{'SUPPLIER':15}*ZZ*{'HOSPITAL':15}*260330*0102*{repetition}"
        f"*{version}*{control:09}*{ask}*T*>"
    )


def group(*sets, control="41", version="004010", code="PO", end=None):
    body = [segment for transaction in sets for segment in transaction]
    trailer = f"GE*{len(sets)}*{control}" if end is None else end
    header = f"GS*{code}*SUPDEPT*HOSPDEPT*20260330*0102*{control}*X*{version}"
    return [s for s in (header, *body, trailer) if s]


def interchange(*groups, header=None, trailer=None):
    body = [segment for segments in groups for segment in segments]
    end = f"IEA*{len(groups)}*000000007" if trailer is None else trailer
    return [s for s in (header or isa(), *body, end) if s]


def written(segments, terminator="~"):
    return "".join(segment + terminator for segment in segments).encode()


def answer(*segments, **how):
    """The segments of the answer to a file of these segments."""
    found = acknowledge(read_x12(written(segments)), moment=MOMENT, first_control_number=501, **how)
    return found.data.decode().split("~")[:-1]


def inside(segments):
    """What an answer says, without its envelopes."""
    return [s for s in segments if s[:2] in ("AK", "IK") or s.startswith("TA1")]


def test_two_good_sets_are_accepted():
    parties = f"ZZ*{'HOSPITAL':15}*01*{'SUPPLIER':15}"
    assert answer(*interchange(group(ORDER, OTHER))) == [
        f"ISA*00*{'':10}*00*{'':10}*{parties}*260331*0705*U*00401*000000501*0*T*>",
        "GS*FA*HOSPDEPT*SUPDEPT*20260331*0705*501*X*004010",
        "ST*997*0001",
        "AK1*PO*41",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK5*A",
        "AK9*A*2*2*2",
        "SE*8*0001",
        "GE*1*501",
        "IEA*1*000000501",
    ]


def test_from_release_5010_on_a_999_names_release_and_guide():
    order = ["ST*850*0001*GUIDE1", *ORDER[1:]]
    said = answer(
        *interchange(group(order, version="005010"), header=isa(version="00501", repetition="^"))
    )
    assert said[1:7] == [
        "GS*FA*HOSPDEPT*SUPDEPT*20260331*0705*501*X*005010X231A1",
        "ST*999*0001*005010X231A1",
        "AK1*PO*41*005010",
        "AK2*850*0001*GUIDE1",
        "IK5*A",
        "AK9*A*1*1*1",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param("997", ["AK1*PO*41", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"], id="997"),
        pytest.param("999", ["AK1*PO*41*004010", "AK2*850*0001", "IK5*A", "AK9*A*1*1*1"], id="999"),
        pytest.param("TA1", ["TA1*000000007*260330*0102*A*000"], id="TA1-without-being-asked"),
    ],
)
def test_the_form_can_be_chosen(form, said):
    assert inside(answer(*interchange(group(ORDER)), form=form)) == said


def test_a_refused_set_beside_a_good_one_makes_a_partly_accepted_group():
    wrong = [*OTHER[:-1], "SE*9*0002"]
    assert inside(answer(*interchange(group(ORDER, wrong)))) == [
        "AK1*PO*41",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK5*R*4",
        "AK9*P*2*2*1",
    ]


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        pytest.param(ORDER[:-1], ["AK5*R*2"], id="no-SE"),
        pytest.param([*ORDER[:-1], "SE*5*0009"], ["AK5*R*3"], id="another-control-number-in-SE"),
        pytest.param([*ORDER[:-1], "SE*6*0001"], ["AK5*R*4"], id="a-wrong-count-of-segments"),
        pytest.param(
            [*ORDER[:-1], "SE*6*0009"], ["AK5*R*3 4"], id="two-reasons-in-the-order-of-the-codes"
        ),
        pytest.param(
            [*ORDER[:2], "PO1*1*2O*EA*3.5**VC*A1", *ORDER[3:]],
            ["AK3*PO1*3**8", "AK4*2**6*2O", "AK5*R*5"],
            id="a-letter-in-a-number",
        ),
        pytest.param(
            [ORDER[0], "BEG*00*SA*PO1**20260231", *ORDER[2:]],
            ["AK3*BEG*2**8", "AK4*5**8*20260231", "AK5*R*5"],
            id="a-day-that-does-not-exist",
        ),
        pytest.param(
            [ORDER[0], "BEG*00*SA***20260301", *ORDER[2:]],
            ["AK3*BEG*2**8", "AK4*3**1", "AK5*R*5"],
            id="an-element-is-missing",
        ),
        pytest.param(
            [ORDER[0], *ORDER[2:-1], "SE*4*0001"],
            ["AK3*BEG*2**3", "AK5*R*5"],
            id="a-segment-is-missing-where-it-should-stand",
        ),
        pytest.param(
            [*ORDER[:3], "CTT*2", ORDER[4]],
            ["AK3*CTT*4**8", "AK4*1**7", "AK5*R*5"],
            id="a-wrong-count-of-lines",
        ),
        pytest.param(
            [*ORDER[:2], "?", *ORDER[2:-1], "SE*6*0001"],
            ["AK3*ZZZ*3**1", "AK5*R*5"],
            id="what-is-no-segment-is-not-repeated",
        ),
    ],
)
def test_a_set_is_refused_at_its_place_and_for_its_reason(segments, said):
    found = inside(answer(*interchange(group(segments))))
    expected = [s.replace(" ", "*") for s in said]
    assert found == ["AK1*PO*41", "AK2*850*0001", *expected, "AK9*R*1*1*0"]


def test_two_bad_elements_of_a_segment_stand_under_it_together():
    bad = [*ORDER[:2], "PO1*1*2O*EA*3..5**VC*A1", *ORDER[3:]]
    found = inside(answer(*interchange(group(bad))))
    assert found[2:5] == ["AK3*PO1*3**8", "AK4*2**6*2O", "AK4*4**6*3..5"]


def test_words_in_the_place_of_a_number_are_not_sent_back():
    bad = [*ORDER[:2], "PO1*1*JANE DOE*EA*3.5**VC*A1", *ORDER[3:]]
    assert inside(answer(*interchange(group(bad))))[2:4] == ["AK3*PO1*3**8", "AK4*2**6"]


def test_a_control_number_used_twice_in_a_group_is_noted():
    again = ["ST*850*0001", *OTHER[1:-1], "SE*5*0001"]
    assert inside(answer(*interchange(group(ORDER, again))))[1:] == [
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0001",
        "AK5*E*23",
        "AK9*E*2*2*2",
    ]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        pytest.param("", "AK9*R*1*1*0*3", id="no-GE"),
        pytest.param("GE*1*99", "AK9*R*1*1*0*4", id="another-control-number-in-GE"),
        pytest.param("GE*3*41", "AK9*R*3*1*0*5", id="a-wrong-count-of-sets"),
    ],
)
def test_a_set_is_refused_with_its_group(end, said):
    found = inside(answer(*interchange(group(ORDER, end=end))))
    assert found == ["AK1*PO*41", "AK2*850*0001", "AK5*R", said]


NAMELESS = ["ST*850*", *OTHER[1:-1], "SE*5*"]
KINDLESS = ["ST**0002", *OTHER[1:]]


@pytest.mark.parametrize("nameless", [NAMELESS, KINDLESS], ids=["no-number", "no-kind"])
def test_a_set_that_cannot_be_named_is_refused_and_counted(nameless):
    """AK2 needs both: it was accepted, in an AK2 that no reader takes."""
    x12 = read_x12(written(interchange(group(ORDER, nameless))))
    assert x12.transactions["accepted"].to_list() == [True, False]
    assert inside(answer(*interchange(group(ORDER, nameless)))) == [
        "AK1*PO*41",
        "AK2*850*0001",
        "AK5*A",
        "AK9*P*2*2*1",
    ]
    assert inside(answer(*interchange(group(nameless)))) == ["AK1*PO*41", "AK9*R*1*1*0"]


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"control": ""}, id="no-number"),
        pytest.param({"code": ""}, id="no-kind"),
    ],
)
def test_a_group_that_cannot_be_named_is_told_of_the_interchange(named):
    files = interchange(group(ORDER, **named), group(OTHER, control="42"))
    x12 = read_x12(written(files))
    assert x12.transactions["accepted"].to_list() == [False, True]
    assert inside(answer(*files)) == [
        "TA1*000000007*260330*0102*E*024",
        "AK1*PO*42",
        "AK2*850*0002",
        "AK5*A",
        "AK9*A*1*1*1",
    ]


def test_a_group_without_sets_is_accepted():
    assert inside(answer(*interchange(group()))) == ["AK1*PO*41", "AK9*A*0*0*0"]


@pytest.mark.parametrize(
    ("trailer", "said"),
    [
        pytest.param("", "TA1*000000007*260330*0102*R*023", id="no-IEA"),
        pytest.param("IEA*1*000000008", "TA1*000000007*260330*0102*R*001", id="another-number"),
        pytest.param("IEA*2*000000007", "TA1*000000007*260330*0102*R*021", id="a-wrong-count"),
        pytest.param("IEA*2*000000008", "TA1*000000007*260330*0102*R*001", id="the-worse-of-two"),
    ],
)
def test_an_interchange_in_error_is_refused_with_all_it_holds(trailer, said):
    assert inside(answer(*interchange(group(ORDER), trailer=trailer))) == [
        said,
        "AK1*PO*41",
        "AK2*850*0001",
        "AK5*R",
        "AK9*R*1*1*0",
    ]


def test_a_set_without_a_group_is_noted_of_the_interchange():
    said = inside(answer(*interchange(group(OTHER), ORDER, trailer="IEA*1*000000007")))
    assert said == [
        "TA1*000000007*260330*0102*E*024",
        "AK1*PO*41",
        "AK2*850*0002",
        "AK5*A",
        "AK9*A*1*1*1",
    ]


def test_a_ta1_comes_first_where_it_is_asked_for():
    said = answer(*interchange(group(ORDER), header=isa(ask="1")))
    assert [s.split("*")[0] for s in said[:3]] == ["ISA", "TA1", "GS"]
    assert said[1] == "TA1*000000007*260330*0102*A*000"
    assert said[-1] == "IEA*1*000000501"


def test_an_interchange_without_groups_that_asks_gets_its_ta1_alone():
    said = answer(isa(ask="1"), "IEA*0*000000007")
    assert said[1:] == ["TA1*000000007*260330*0102*A*000", "IEA*0*000000501"]


ACK = ["ST*997*0001", "AK1*PO*9", "AK9*A*1*1*1", "SE*4*0001"]


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param(interchange(group(ACK, code="FA"), header=isa(ask="1")), id="a-997"),
        pytest.param(
            interchange(group([*ACK[:-1], "SE*9*0001"], code="FA"), trailer=""), id="a-broken-997"
        ),
        pytest.param(interchange(group(ACK)), id="a-997-in-a-group-of-another-name"),
        pytest.param(
            [isa(ask="1"), "TA1*000000009*260329*0100*A*000", "IEA*0*000000007"], id="a-TA1"
        ),
    ],
)
@pytest.mark.parametrize("form", [None, "997", "TA1"])
def test_an_acknowledgement_is_not_acknowledged(segments, form):
    assert answer(*segments, form=form) == []


def test_what_stands_beside_an_acknowledgement_is_answered():
    said = answer(*interchange(group(ACK, code="FA", control="40"), group(ORDER)))
    assert inside(said) == ["AK1*PO*41", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]


def test_every_interchange_is_answered_in_its_own_delimiters():
    first = written(interchange(group(ORDER)))
    header = isa(8, version="00501", repetition="!")
    second = (
        written(interchange(group(OTHER, version="005010"), header=header), "\n")
        .replace(b"*", b"|")
        .replace(b"000000007", b"000000008")
    )
    found = acknowledge(read_x12(first + second), moment=MOMENT, first_control_number=501)
    one, two = found.data.split(b"IEA*1*000000501~")
    assert b"AK2*850*0001~AK5*A~" in one
    assert two.startswith(f"ISA|00|{'':10}|00|{'':10}|ZZ|".encode())
    assert b"|260331|0705|!|00501|000000502|0|T|>\nGS|FA|" in two
    assert b"AK2|850|0002\nIK5|A\n" in two


def test_a_bad_component_is_named_with_the_partners_own_separator():
    bill = [
        "ST*837*0001",
        "BHT*0019*00*1*20260301*1200*CH",
        "NM1*41*2*S*****46*1",
        "NM1*40*2*R*****46*2",
        "HL*1**20*1",
        "NM1*85*2*B*****XX*1234567893",
        "HL*2*1*22*0",
        "SBR*P*18*******CI",
        "NM1*IL*1*D*J****MI*1",
        "NM1*PR*2*P*****PI*1",
        "CLM*ACCOUNT1*much***11>B>1*Y*A*Y*Y",
        "HI*ABK>I10",
        "LX*1",
        "SV1*HC>99213*50*UN*1***1",
        "DTP*472*D8*20260301",
        "SE*16*0001",
    ]
    said = inside(answer(*interchange(group(bill, code="HC", version="004010X098A1"))))
    assert said[2:5] == ["AK3*CLM*11**8", "AK4*2**6", "AK5*R*5"]


PAID = [
    "ST*835*0001",
    "BPR*I*50*C*CHK************20260330",
    "TRN*1*TRACE1*1999999999",
    "LX*1",
    "CLP*ACCOUNT1*1*8O*50**12*CLAIM1",
    "SE*6*0001",
]


def test_no_value_of_a_set_about_patients_is_sent_back():
    said = inside(answer(*interchange(group(PAID, code="HP", version="004010X091A1"))))
    assert said[2:5] == ["AK3*CLP*5**8", "AK4*3**6", "AK5*R*5"]


@pytest.mark.parametrize("code", ["276", "277", "278", "835", "837"])
def test_all_sets_about_patients_are_known_as_such(code):
    assert SETS[code].about_persons


def test_a_value_that_would_break_the_answer_is_not_sent_back():
    bad = [*ORDER[:2], "PO1*1*2>3*EA*3.5**VC*A1", *ORDER[3:]]
    assert "AK4*2**6" in inside(answer(*interchange(group(bad))))


def test_without_arguments_numbers_and_moment_are_those_of_the_interchange_read():
    data = written(interchange(group(ORDER)))
    said = acknowledge(read_x12(data)).data.decode().split("~")
    assert "*260330*0102*U*00401*000000007*0*T*>" in said[0]
    assert said[1] == "GS*FA*HOSPDEPT*SUPDEPT*20260330*0102*7*X*004010"
    assert read_x12(data).acks() == acknowledge(read_x12(data)).data


def test_the_answers_say_under_which_numbers_they_are_sent():
    wrong = [*OTHER[:-1], "SE*9*0002"]
    data = written(
        interchange(group(ORDER), group(wrong, control="42"), header=isa(ask="1"))
    ) + written(interchange(group(ORDER), header=isa(8), trailer="IEA*1*000000008"))
    found = acknowledge(read_x12(data), first_control_number=501).answers
    assert found.drop("interchange_no").rows() == [
        ("interchange", None, None, "TA1", "A", "000", 501, None),
        ("group", 1, None, "997", "A", None, 501, 501),
        ("transaction", 1, 1, "997", "A", None, 501, 501),
        ("group", 2, None, "997", "R", None, 501, 502),
        ("transaction", 2, 2, "997", "R", "4", 501, 502),
        ("group", 3, None, "997", "A", None, 503, 503),
        ("transaction", 3, 3, "997", "A", None, 503, 503),
    ]


FILES = {
    "accepted": interchange(group(ORDER, OTHER)),
    "a-999": interchange(
        group(ORDER, version="005010"), header=isa(version="00501", repetition="^")
    ),
    "refused": interchange(group([*ORDER[:2], "PO1*1*two*EA*x**VC*A1", *ORDER[3:]])),
    "with-TA1": interchange(group(ORDER), group(OTHER, control="42"), header=isa(ask="1")),
    "TA1-alone": [isa(ask="1"), "IEA*0*000000007"],
    "a-set-without-a-number": interchange(group(ORDER, NAMELESS)),
    "a-group-without-a-number": interchange(group(ORDER, control="")),
    "a-terminator-in-an-id": interchange(
        group(ORDER), header=isa(ask="1").replace("SUPPLIER", "SUPPL~ER")
    ),
    "cut-off": interchange(group(ORDER[:-1], end=""), trailer=""),
}


@pytest.mark.parametrize("segments", FILES.values(), ids=FILES)
def test_our_own_reader_finds_nothing_wrong_with_what_is_written(segments):
    answered = read_x12(acknowledge(read_x12(written(segments))).data)
    assert answered.defects["message"].to_list() == []
    assert answered.interchanges.height == 1
    assert answered.transactions["accepted"].all()


def test_an_empty_file_is_not_answered():
    found = acknowledge(read_x12(b""))
    assert found.data == b""
    assert found.answers.is_empty()


def test_every_error_has_an_answer():
    told = {code for code, kind in KINDS.items() if kind.severity == "error"}
    # Without an interchange there is nobody to answer.
    assert told - set(ANSWERS) == {"no_isa", "data_outside"}
