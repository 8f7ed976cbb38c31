"""What a sender of HL7 is told: AA, AE, AR."""

import pytest

from recon import read_hl7

GOOD = "FT1|1|T1||20260301||CG|C100|||2"


def answer(charge=GOOD, head="|^~\\&|OR|HOSP|FIN|SITE|20260301120000||DFT^P03|C1|P|2.5.1", **asked):
    hl7 = read_hl7(f"MSH{head}\rPID|1||4711\r{charge}\r".encode())
    return hl7.acks(**asked).decode().split("\r")


def test_what_was_read_is_accepted_and_sender_and_receiver_change_places():
    assert answer() == [
        "MSH|^~\\&|FIN|SITE|OR|HOSP|20260301120000||ACK^P03^ACK|C1|P|2.5.1",
        "MSA|AA|C1",
        "",
    ]


def test_a_refused_charge_is_an_error_with_its_place():
    assert answer(GOOD.replace("C100", "20260301"))[1:] == [
        "MSA|AE|C1|a date where the code should be (FT1-7)",
        "ERR||FT1^1^7|207^^HL70357|E|implausible|||a date where the code should be (FT1-7)",
        "",
    ]


def test_which_of_several_segments_is_told():
    told = answer(f"{GOOD}\r{GOOD.replace('C100', '20260301')}")
    assert told[2].startswith("ERR||FT1^2^7|")


def test_a_message_that_could_not_be_looked_at_is_rejected():
    told = answer(head="|^~\\&|OR|HOSP|FIN|SITE|20260301120000|||C1|P|2.5.1")
    assert told[1].startswith("MSA|AR|C1|MSH-9")


def test_the_answer_is_in_the_delimiters_of_the_message():
    data = b"MSH#:*!$#OR#HOSP#FIN#SITE#20260301##ADT:A08#C1#P#2.3\rPID#1\r"
    assert read_hl7(data).acks().startswith(b"MSH#:*!$#FIN#SITE#OR#HOSP#20260301##ACK:A08:ACK#C1#")


def test_the_time_is_the_given_one():
    assert "|20260302040000||ACK" in answer(moment="20260302040000")[0]


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [("AL", 1, 1), ("NE", 0, 0), ("ER", 0, 1), ("SU", 1, 0), ("", 1, 1)],
)
def test_an_answer_that_is_not_wanted_is_not_given(wanted, good, bad):
    head = f"|^~\\&|OR|HOSP|FIN|SITE|20260301||DFT^P03|C1|P|2.5.1||||{wanted}"
    assert "\r".join(answer(head=head)).count("MSA") == good
    assert "\r".join(answer("FT1|1", head=head)).count("MSA") == bad


def master_answer(level, price="950"):
    data = (
        "MSH|^~\\&|CDM|HOSP|RECON|SITE|20260302||MFN^M04^MFN_M04|77|P|2.5.1\r"
        f"MFI|CDM^Charges^HL70175||UPD|||{level}\r"
        "MFE|MAD|E1|20260302|C100^STENT|CE\rCDM|C100^STENT||STENT\r"
        f"PRC|C100^STENT||||{price}\r"
        "MFE|MDC|E2|20260302|C101|CE\rCDM|C101||BALLOON\r"
    )
    return read_hl7(data.encode()).acks().decode().split("\r")


def test_a_master_file_is_answered_record_by_record():
    assert master_answer("AL") == [
        "MSH|^~\\&|RECON|SITE|CDM|HOSP|20260302||MFK^M04^MFK_M01|77|P|2.5.1",
        "MSA|AA|77",
        "MFI|CDM^Charges^HL70175||UPD|||AL",
        "MFA|MAD|E1||S^^HL70181|C100^STENT|CE",
        "MFA|MDC|E2||S^^HL70181|C101|CE",
        "",
    ]


@pytest.mark.parametrize(
    ("level", "good", "bad"), [("AL", 2, 2), ("NE", 0, 0), ("ER", 0, 2), ("SU", 2, 0), ("", 2, 2)]
)
def test_records_of_a_master_file_are_answered_as_it_asks(level, good, bad):
    assert sum(line.startswith("MFA") for line in master_answer(level)) == good
    told = master_answer(level, price="nine")
    assert told[1].startswith("MSA|AE|77|")
    assert sum(line.startswith("MFA") for line in told) == bad
    assert not any("|S^^HL70181" in line for line in told)


@pytest.mark.parametrize("kind", ["ACK^P03", "ACK", "MFK^M04"])
def test_an_answer_is_not_answered(kind):
    head = f"|^~\\&|OR|HOSP|FIN|SITE|20260301||{kind}|C1|P|2.5.1"
    assert answer("MSA|AA|77", head=head) == [""]
    assert answer("ZZZ|1", head=head) == [""]


def test_an_answer_is_known_by_its_msa():
    head = "|^~\\&|OR|HOSP|FIN|SITE|20260301||ORR^O02|C1|P|2.5.1"
    assert answer("MSA|AA|77", head=head) == [""]
    assert answer("ZZZ|1", head=head)[1] == "MSA|AA|C1"
