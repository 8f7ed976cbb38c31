"""How HL7 values are written: the zone of a timestamp in its forms, codes with subcomponents."""

from datetime import date, datetime

import pytest

from recon import read_hl7

HEAD = "MSH|^~\\&|OR|HOSP|FIN|HOSP|20260301120000||DFT^P03|C1|P|2.5.1\rPID|1\r"
# 04:30 in UTC on 2 March is 22:30 on 1 March in Chicago (six hours behind in winter).
NIGHT = datetime(2026, 3, 2, 4, 30)  # noqa: DTZ001  instants are UTC without a zone


def read(stamp, rest="", **profile):
    data = f"{HEAD}FT1|1|T1||{stamp}||CG|C100|||1{rest}\r".encode()
    return read_hl7(data, profile or None)


def charge(stamp, rest="", **profile):
    return read(stamp, rest, **profile).records["charge"].row(0, named=True)


@pytest.mark.parametrize(
    "stamp",
    [
        "202603012230-0600",
        "202603012230-06:00",
        "202603012230-06",
        "20260301223000-06:00",
        "20260301223000.0000-06:00",
        "20260301223000.00-06:00",
        "20260301223000123-0600",
    ],
)
def test_every_form_of_an_offset_gives_the_same_moment(stamp):
    row = charge(stamp)
    assert (row["service_date"], row["service_at"]) == (date(2026, 3, 1), NIGHT)


@pytest.mark.parametrize("zone", ["Z", "z", "+0000", "+00:00", "-00"])
def test_a_time_in_utc_is_of_the_day_that_it_is_where_the_sender_is(zone):
    row = charge(f"202603020430{zone}", time_zone="America/Chicago")
    assert (row["service_date"], row["service_at"]) == (date(2026, 3, 1), NIGHT)
    row = charge(f"202603020430{zone}")  # nobody says where that is: as it is written
    assert (row["service_date"], row["service_at"]) == (date(2026, 3, 2), NIGHT)


@pytest.mark.parametrize("sent", ["2026-03-01T12:00:00", "$3/1/2026", "202603"])
def test_a_message_that_does_not_say_when_it_was_sent_is_told(sent):
    data = f"{HEAD}FT1|1|T1||20260301||CG|C100|||1\r".replace("|20260301120000|", f"|{sent}|", 1)
    hl7 = read_hl7(data.encode())
    assert hl7.messages["message_at"].to_list() == [None]
    assert hl7.defects.select("code", "severity", "field").rows() == [("MSH07", "info", 7)]


def test_a_day_with_a_zone_is_that_day():
    row = charge("20260302Z", time_zone="America/Chicago")
    assert (row["service_date"], row["service_at"]) == (date(2026, 3, 2), None)


@pytest.mark.parametrize(
    "stamp",
    [
        *("202603012230+9900", "202603012230+0660", "2026030122-6", "202603012230X", "2026-03-01"),
        *("2026030122300012", "2026030122300012X", "2026030122300012.", "202603012230001234"),
    ],
)
def test_what_is_no_zone_is_no_date(stamp):
    assert read(stamp).defects["code"].to_list() == ["implausible"]


def test_a_code_of_a_public_list_is_the_first_subcomponent():
    rest = "|" * 15 + "C1874&Stent^Stent^HCPCS|LT&Left^Left~59&Distinct"
    row = charge("20260301", rest)
    assert (row["procedure"], row["modifiers"]) == ("C1874", "LT 59")


def test_a_charge_code_that_holds_a_subcomponent_may_be_an_unescaped_mark():
    # A1&B may be the sender's own code: to take A1 for it would be a guess.
    sent = f"{HEAD}FT1|1|T1||20260301||CG|A1&B|||1\r".encode()
    assert read_hl7(sent).defects["message"].to_list() == [
        "a word or two codes where the code should be (FT1-7)"
    ]


def refused(charge, **profile):
    hl7 = read_hl7(f"{HEAD}{charge}\r".encode(), profile or None)
    assert "charge" not in hl7.records
    return hl7.defects["message"].to_list()


def test_a_name_where_the_charge_code_should_be_is_refused_and_not_shown():
    (told,) = refused("FT1|1|T1||20260301||CG|SMITH|||1")
    assert told == (
        "a word where the code should be (FT1-7): if this sender's charge codes are words, the "
        "profile needs `code_pattern`"
    )


def test_a_sender_whose_charge_codes_are_words_says_what_they_look_like():
    profile = {"code_pattern": "^(LAB|XR)[A-Z]{2}$"}
    data = f"{HEAD}FT1|1|T1||20260301||CG|LABUA|||1\r".encode()
    assert read_hl7(data, profile).records["charge"]["code"].to_list() == ["LABUA"]
    assert refused("FT1|1|T1||20260301||CG|SMITH|||1", **profile)


@pytest.mark.parametrize(
    ("rest", "told", "key"),
    [
        ("|" * 15 + "SMITH", "FT1-25 is not a procedure code", "FT1.procedure"),
        ("|" * 16 + "LT~SMITH", "FT1-26 is not a modifier of two characters", "FT1.modifiers"),
        ("|" * 19 + "SMITH", "FT1-29 is not a drug code (NDC)", "FT1.ndc"),
        (
            "|" * 31 + "JOE",
            "FT1-41 is not a revenue code of three or four digits",
            "FT1.revenue_code",
        ),
        ("\rPR1|1||SMITH", "PR1-3 is not a procedure code", "PR1.pr1_procedure"),
        (
            "\rPR1|1" + "|" * 15 + "JOE",
            "PR1-16 is not a modifier of two characters",
            "PR1.pr1_modifiers",
        ),
    ],
)
def test_what_a_code_cannot_be_is_refused_field_by_field_with_the_cure(rest, told, key):
    sent = f"FT1|1|T1||20260301||CG|C100|||1{rest}"
    cure = f"if this sender means something else by it, the profile needs `positions: {{{key}: 0}}`"
    assert refused(sent) == [f"the value of {told}: {cure}"]
    cured = read_hl7(f"{HEAD}{sent}\r".encode(), {"positions": {key: 0}})
    assert cured.records["charge"]["code"].to_list() == ["C100"]


@pytest.mark.parametrize(
    "rest",
    [
        "|" * 15 + "C1874|LT~59",
        "|" * 15 + "37.22",
        "|" * 19 + "0182-1061-05",
        "|" * 31 + "0278",
        "|" * 15 + "02703DZ",
        "|" * 15 + "GZHZZZZ",  # group psychotherapy
    ],
)
def test_codes_of_public_lists_are_taken(rest):
    assert charge("20260301", rest)["code"] == "C100"
