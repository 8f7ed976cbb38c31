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


def test_a_day_with_a_zone_is_that_day():
    row = charge("20260302Z", time_zone="America/Chicago")
    assert (row["service_date"], row["service_at"]) == (date(2026, 3, 2), None)


@pytest.mark.parametrize(
    "stamp",
    ["202603012230+9900", "202603012230+0660", "2026030122-6", "202603012230X", "2026-03-01"],
)
def test_what_is_no_zone_is_no_date(stamp):
    assert read(stamp).defects["code"].to_list() == ["implausible"]


def test_a_code_of_a_public_list_is_the_first_subcomponent():
    rest = "|" * 15 + "C1874&Stent^Stent^HCPCS|LT&Left^Left~59&Distinct"
    row = charge("20260301", rest)
    assert (row["procedure"], row["modifiers"]) == ("C1874", "LT 59")


def test_a_charge_code_that_holds_a_subcomponent_may_be_an_unescaped_mark():
    # A&B may be the sender's own code: to take A for it would be a guess.
    sent = f"{HEAD}FT1|1|T1||20260301||CG|A&B|||1\r".encode()
    (told,) = read_hl7(sent).defects["message"].to_list()
    assert told.startswith("a code and a subcomponent (or a mark that should be escaped) where the")
