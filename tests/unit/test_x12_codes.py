"""Codes of sets about persons: what is no code is refused, as it may name one, and never shown."""

import re

import pytest

import recon

HEAD = (
    "ISA*00*          *00*          *ZZ*S              *ZZ*R              "
    "*260302*1200*^*00501*000000001*0*P*:~GS*HP*S*R*20260302*1200*1*X*005010X221A1~ST*835*0001~"
)
BODY = (
    "BPR*I*80*C*ACH*CCP*01*011*DA*0*1512345678**01*012*DA*0*20260302~TRN*1*T-9*1512345678~"
    "N1*PR*SOME PAYER*XV*12345~N1*PE*NORTHFIELD*XX*1234567893~LX*1~"
    "CLP*A1*1*100*80*20*12*C1*11*1~SVC*HC:C1785:59*100*80*0278~DTM*472*20260301~"
    "CAS*CO*45*20~LQ*HE*MA130~"
)
TAIL = "SE*12*0001~GE*1*1~IEA*1*000000001~"


def read(was: str = "", now: str = ""):
    assert was in BODY
    return recon.read_x12((HEAD + BODY.replace(was, now, 1) + TAIL).encode())


@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param("", "", id="as it stands"),
        pytest.param("HC:C1785", "N4:50458058530", id="an NDC"),
        pytest.param("HC:C1785", "UK:00643169007222", id="a GTIN"),
        pytest.param("CO*45", "CO*B22", id="a letter and digits"),
        pytest.param("MA130", "N522", id="a remark"),
        pytest.param("HC:C1785", "HP:ZZZZZ", id="an assessment not made"),
        pytest.param("HC:C1785", "ZZ:GZHZZZZ", id="group psychotherapy"),
    ],
)
def test_codes_of_the_standard_are_taken(was, now):
    assert read(was, now).transactions["accepted"].to_list() == [True]


@pytest.mark.parametrize(
    ("was", "now", "where"),
    [
        pytest.param("CLP*A1*1*", "CLP*A1*QUIMBY*", "CLP02 (status_code)", id="name as status"),
        pytest.param("C1785", "QUIMBY", "SVC01-2 (procedure_code)", id="name as procedure"),
        pytest.param("C1785", "GONZALZ", "SVC01-2 (procedure_code)", id="a name of seven letters"),
        pytest.param("C1785", "078051120", "SVC01-2 (procedure_code)", id="a social security no"),
        pytest.param("C1785", "5550137999", "SVC01-2 (procedure_code)", id="a telephone number"),
        pytest.param(":59*", ":JANE*", "SVC01-3 (modifier_1)", id="name as modifier"),
        pytest.param("*0278", "*19570413", "SVC04 (revenue_code)", id="a date as revenue code"),
        pytest.param("CO*45", "CO*A. DOE 1", "CAS02 (reason_code)", id="blanks between"),
        pytest.param("MA130", "BEDRIDDEN1", "LQ02 (remark_code)", id="a long word with a digit"),
    ],
)
def test_what_is_no_code_is_refused_and_not_shown(was, now, where):
    found = read(was, now)
    assert found.transactions["accepted"].to_list() == [False]
    (said,) = found.defects.filter(found.defects["severity"] == "error")["message"]
    assert said.endswith(
        f" characters is not a code of at most 7 characters, one a digit if over 3, or of 11 to "
        f"14 digits, as {where} must be"
    )
    assert (
        re.search("QUIMBY|GONZALZ|078051120|5550137999|JANE|19570413|DOE|BEDRIDDEN", said) is None
    )


@pytest.mark.parametrize(
    ("was", "now", "where"),
    [
        pytest.param("HC:C1785:59", "HC>C1785>59", "SVC01-1 (procedure_qualifier)", id="a mark"),
        pytest.param("HC:C1785", "QUIMBY:C1785", "SVC01-1 (procedure_qualifier)", id="a name"),
        pytest.param("LQ*HE", "LQ*QUIMBY", "LQ01 (code_list)", id="a name as list"),
    ],
)
def test_what_names_no_list_is_refused_with_what_is_to_be_done(was, now, where):
    found = read(was, now)
    assert found.transactions["accepted"].to_list() == [False]
    (said,) = found.defects.filter(found.defects["severity"] == "error")["message"]
    assert said.endswith(
        " characters is not a qualifier of a few letters or digits (where it runs on, components "
        "are separated by another mark than ISA16 says: the sender is to declare that one), as "
        f"{where} must be"
    )
    assert "QUIMBY" not in said


def test_a_code_with_a_mark_in_it_is_two_values_and_no_code():
    found = read("SVC*HC:C1785:59", "SVC*HC:C17>85:59")
    assert found.transactions["accepted"].to_list() == [False]
