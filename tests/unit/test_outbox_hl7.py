"""The outbox of HL7: whose messages are answered, what leaves the house, nights run again."""

from datetime import timedelta

import pytest
from exchange import FIRST, Partner, interchange

from recon.publish.outbox import answering

OR, LAB = "OR@NGH", "LAB@NGH"
CHARGE = "FT1|1|T1||20260301||CG|C100|||2"
# A date of birth and a name where the code should be: the charge is refused.
REFUSED = "FT1|1|T1||20260301||CG|DOE JANE|||2"


def message(name, *segments, sender="OR|NGH", kind="DFT^P03", at="20260301120000", rest=""):
    head = f"MSH|^~\\&|{sender}|FIN|SITE|{at}||{kind}|{name}|P|2.5.1{rest}"
    pid = "PID|1||4711^^^NGH^MR||DOE^JANE||19700101|F||||||||||A900"
    return "".join(f"{segment}\r" for segment in (head, pid, *(segments or (CHARGE,))))


@pytest.fixture
def partner(tmp_path):
    """A site whose HL7 feed ``charges`` is answered."""
    return Written(tmp_path, charges={"kind": "hl7", "acknowledge": "auto"})


class Written(Partner):
    def files(self):
        return {name: data.decode() for name, data in super().files().items()}


def name(partner, number, day=FIRST):
    return f"{partner}/{day}_{partner}_{number}.hl7"


def test_each_sender_gets_one_file_for_each_of_its_files(partner):
    mixed = [message("1"), message("2", sender="LAB|NGH"), message("3", at="20260301130000")]
    partner.night(charges={"a.hl7": mixed, "b.hl7": [message("4")]})
    rows = partner.answer()
    assert set(partner.files()) == {
        name(OR, 900_000_001),
        name(OR, 900_000_002),
        name(LAB, 900_000_001),
    }
    assert partner.files()[name(OR, 900_000_001)].split("\r") == [
        "MSH|^~\\&|FIN|SITE|OR|NGH|20260301120000||ACK^P03^ACK|1|P|2.5.1",
        "MSA|AA|1",
        "MSH|^~\\&|FIN|SITE|OR|NGH|20260301130000||ACK^P03^ACK|3|P|2.5.1",
        "MSA|AA|3",
        "",
    ]
    said = rows.select("partner", "transaction_no", "control_number", "answer").rows()
    assert sorted(said) == [
        (LAB, 2, "2", "AA"),
        (OR, 1, "1", "AA"),
        (OR, 1, "4", "AA"),
        (OR, 3, "3", "AA"),
    ]


def test_each_message_is_a_row_with_what_was_said_of_it(partner):
    cut = message("3", kind="")
    partner.night(charges={"a.hl7": [message("1"), message("2", REFUSED, REFUSED), cut]})
    told = ["interchange_no", "group_no", "code", "form", "answer", "error_codes"]
    assert partner.answer().select(*told).rows() == [
        (0, 0, "DFT^P03", "ACK", "AA", None),
        (0, 0, "DFT^P03", "ACK", "AE", "207"),
        (0, 0, None, "ACK", "AR", "101"),
    ]


def test_nothing_of_a_person_leaves_only_places_and_codes(partner):
    partner.night(charges={"a.hl7": [message("1", CHARGE, REFUSED)]})
    partner.answer()
    (text,) = partner.files().values()
    assert text.split("\r")[1:] == [
        "MSA|AE|1",
        "ERR||FT1^2^7|207^^HL70357|E|implausible",
        "",
    ]


def test_the_time_is_that_of_the_message_and_not_of_a_clock_or_the_night(partner):
    partner.night(charges={"a.hl7": [message("1")]})
    partner.answer()
    (text,) = partner.files().values()
    assert text.startswith("MSH|^~\\&|FIN|SITE|OR|NGH|20260301120000||ACK")


def test_a_feed_that_does_not_say_so_is_not_answered(tmp_path):
    silent = Written(tmp_path, charges={"kind": "hl7"})
    silent.night(charges={"a.hl7": [message("1")]})
    assert silent.answer().is_empty()
    assert silent.files() == {}
    assert answering(silent.site) == []


def test_what_asks_for_no_answer_and_what_is_one_gets_none(partner):
    unasked = message("1", rest="||||NE")
    answer = message("2", "MSA|AA|77", kind="ACK^P03")
    result = message("3", "MSA|AA|78", kind="ORR^O02")
    partner.night(charges={"a.hl7": [unasked, answer, result]})
    assert partner.answer().is_empty()
    assert partner.files() == {}


def test_one_that_names_no_sender_cannot_be_answered(partner):
    partner.night(charges={"a.hl7": [message("1", sender="|"), message("2", sender="|NGH")]})
    assert partner.answer()["partner"].to_list() == ["@NGH"]


def test_two_senders_never_share_a_folder(partner):
    long = "X" * 150
    senders = ["A-B|C", "A|B-C", "A@B|C", "A|B@C", "../x|y", f"{long}1|C", f"{long}2|C"]
    partner.night(charges={"a.hl7": [message(str(n), sender=s) for n, s in enumerate(senders)]})
    partners = partner.answer()["partner"].to_list()
    assert len(set(partners)) == len(senders)
    assert len(partner.files()) == len(senders)
    assert all("/" not in told and len(told) < 120 for told in partners)


def test_x12_and_hl7_of_one_site_are_answered_side_by_side(tmp_path):
    both = Written(
        tmp_path,
        charges={"kind": "hl7", "acknowledge": "auto"},
        mailbox={"acknowledge": "997"},
    )
    both.night(charges={"a.hl7": [message("1")]}, mailbox={"a.edi": [interchange(7)]})
    rows = both.answer()
    assert rows.select("feed", "form", "answer_interchange").rows() == [
        ("charges", "ACK", None),
        ("mailbox", "997", 900_000_001),
        ("mailbox", "997", 900_000_001),
    ]


def test_a_master_file_is_answered_record_by_record(partner):
    parts = ("MFI|CDM^Charges^HL70175||UPD|||AL", "MFE|MAD|E1||C100|CE", "CDM|C100||STENT")
    partner.night(charges={"a.hl7": [message("1", *parts, kind="MFN^M04^MFN_M04")]})
    assert partner.answer()["form"].to_list() == ["MFK"]
    assert "MFA|MAD|E1||S^^HL70181|C100|CE\r" in partner.files()[name(OR, 900_000_001)]


# --- nights that are run again --------------------------------------------------------------------


def test_a_night_that_is_run_again_writes_the_same_bytes(partner):
    partner.night(charges={"a.hl7": [message("1")], "b.hl7": [message("2", REFUSED)]})
    rows, files = partner.answer(), partner.files()
    partner.night(charges={"c.hl7": [message("3")]})
    partner.answer(FIRST + timedelta(days=1))
    assert partner.answer().equals(rows)
    assert files.items() <= partner.files().items()
    assert name(OR, 900_000_003, FIRST + timedelta(days=1)) in partner.files()


def test_what_was_sent_is_not_sent_twice_and_what_is_lost_is_written_again(partner):
    partner.night(charges={"a.hl7": [message("1")], "b.hl7": [message("2")]})
    partner.answer()
    partner.send()
    second = name(OR, 900_000_002)
    (partner.site.outbox / OR / "sent" / second.split("/")[1]).unlink()
    assert partner.states() == {name(OR, 900_000_001): "SENT", second: "LOST"}
    partner.answer()
    assert partner.states() == {name(OR, 900_000_001): "SENT", second: "WRITTEN"}


def test_an_answer_that_changed_since_it_was_sent_goes_out_under_a_new_number(partner):
    partner.night(charges={"a.hl7": [message("1", CHARGE.replace("|||2", ""))]})
    assert partner.answer()["answer"].to_list() == ["AE"]
    partner.send()
    profile = {"default_quantity": 1}
    partner.declare(charges={"kind": "hl7", "acknowledge": "auto", "profile": profile})
    assert partner.answer().select("answer", "outbox_file").rows() == [
        ("AA", name(OR, 900_000_002))
    ]
    assert partner.states() == {name(OR, 900_000_001): "SENT", name(OR, 900_000_002): "WRITTEN"}
