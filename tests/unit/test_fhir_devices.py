"""What a device of FHIR is, and where a record finds its own: beside it, in a Bundle, within it."""

import json
from base64 import b64encode
from datetime import date

import polars as pl
import pytest

from recon.parse.fhir import read_fhir

AS_OF = date(2026, 3, 31)
HRF = "(01)00643169001763(17)280712(21)21A11F4855"
OF_DEVICE = ("device_id", "lot", "serial", "udi_di")


def device(**more):
    told = {"lotNumber": "L1", "serialNumber": "S1"}
    return {"resourceType": "Device", **told, **more}


def use(reference, **more):
    return {
        "resourceType": "DeviceUseStatement",
        "id": "u1",
        "status": "completed",
        "subject": {"reference": "Patient/1"},
        "device": {"reference": reference},
        "timingDateTime": "2026-03-02",
        **more,
    }


def bundle(*entries):
    return read({"resourceType": "Bundle", "type": "collection", "entry": list(entries)})


def read(document):
    return read_fhir(json.dumps(document).encode(), AS_OF)


def one(resource):
    """The one device of a document that holds nothing else."""
    parsed = read([resource])
    assert parsed.rejects.height == 0, parsed.rejects["reason"].to_list()
    (row,) = parsed.records["device"].to_dicts()
    return row


def found(parsed):
    return parsed.records["device_use"].select(OF_DEVICE).rows()


@pytest.mark.parametrize(
    ("carrier", "verdict"),
    [
        pytest.param({"deviceIdentifier": HRF}, "VALID", id="alone"),
        pytest.param({"deviceIdentifier": HRF, "carrierHRF": HRF}, "VALID", id="beside-itself"),
        pytest.param({"deviceIdentifier": "Pump No. 7/Doe"}, "MALFORMED", id="no-udi"),
    ],
)
def test_a_whole_udi_for_its_identifier_shows_no_serial_number(carrier, verdict):
    row = one({"resourceType": "Device", "udiCarrier": [carrier]})
    valid = verdict == "VALID"
    assert row["udi_di"] == ("00643169001763" if valid else None)
    assert row["serial"] == ("21A11F4855" if valid else None)
    assert (row["udi"], row["udi_verdict"]) == (carrier["deviceIdentifier"], verdict)
    assert row["udi_remark"].startswith("udi_di was more than a device identifier")


def wrapped(text):
    sent = b64encode(text.encode()).decode()
    return f"{sent[:20]}\r\n {sent[20:]}"


GS = "\x1d"
SCANNED = f"01006431690017631728071210L7{GS}21S9"


@pytest.mark.parametrize(
    ("written", "udi"),
    [
        pytest.param(b64encode(SCANNED.encode()).decode(), SCANNED, id="base64"),
        pytest.param(b64encode(f"]d2{SCANNED}".encode()).decode(), f"]d2{SCANNED}", id="a-symbol"),
        pytest.param(wrapped(SCANNED), SCANNED, id="in-lines"),
        pytest.param(SCANNED, SCANNED, id="without-base64"),
        # Every character of it is one of base64, too.
        pytest.param("01006431690017631728071210L721S9", None, id="without-separators"),
        pytest.param("00643169", None, id="no-udi"),
    ],
)
def test_a_udi_that_was_only_scanned_is_read_as_one_that_is_printed(written, udi):
    """Of a device with the machine's form alone neither the UDI nor its lot was known."""
    told = {"resourceType": "Device", "id": "d", "udiCarrier": [{"carrierAIDC": written}]}
    row = one(told)
    assert row["udi"] == (udi or written)
    if udi:
        parts = ("udi_di", "lot", "serial", "udi_verdict", "expiry_date")
        assert [row[p] for p in parts] == [
            *("00643169001763", "L7", "S9", "VALID"),
            date(2028, 7, 12),
        ]
    printed = one({**told, "udiCarrier": [{"carrierAIDC": written, "carrierHRF": HRF}]})
    assert (printed["udi"], printed["lot"]) == (HRF, None)


@pytest.mark.parametrize(
    ("place", "reference"),
    [
        pytest.param("urn:uuid:5d1f-77", "urn:uuid:5d1f-77", id="a place of the Bundle's own"),
        pytest.param("https://s.example/fhir/Device/5d1f-77", "Device/5d1f-77", id="a server's"),
    ],
)
def test_a_device_is_found_by_its_place_in_the_bundle(place, reference):
    parsed = bundle({"fullUrl": place, "resource": device()}, {"resource": use(reference)})
    assert found(parsed) == [("5d1f-77", "L1", "S1", None)]


def test_a_device_with_an_id_is_found_by_its_place_too():
    given = {"fullUrl": "urn:uuid:5d1f", "resource": device(id="D7")}
    parsed = bundle(given, {"resource": use("urn:uuid:5d1f")}, {"resource": use("Device/D7")})
    assert [lot for _, lot, *_ in found(parsed)] == ["L1", "L1"]


def test_a_device_within_the_record_is_of_that_record_only():
    parsed = read(
        [
            use("#d", contained=[device(id="d", udiCarrier=[{"deviceIdentifier": "00643169"}])]),
            use(
                "#d",
                contained=[{"resourceType": "Patient", "id": "p"}, device(id="d", lotNumber="L2")],
            ),
            use("#d"),
            use("Device/d"),
        ]
    )
    assert found(parsed) == [
        (None, "L1", "S1", "00643169"),
        (None, "L2", "S1", None),
        (None, None, None, None),
        ("d", None, None, None),
    ]
    assert parsed.records["device"].is_empty()


def test_two_devices_of_one_id_within_a_record_are_not_believed():
    within = [device(id="d"), device(id="d", lotNumber="L2")]
    assert found(read([use("#d", contained=within)])) == [(None, None, None, None)]


def test_a_person_within_a_record_is_no_number_of_theirs():
    person = {"resourceType": "Patient", "id": "p", "name": [{"family": "Meier"}]}
    parsed = read([use("#d", subject={"reference": "#p"}, contained=[person, device(id="d")])])
    assert parsed.records["device_use"]["patient"].to_list() == [None]


def test_a_record_whose_own_device_cannot_be_read_is_refused():
    parsed = read([use("#d", contained=[device(id="d", expirationDate="soon")])])
    assert found(parsed) == []
    assert parsed.rejects.select("source_record", "record", "rule").rows() == [
        (1, "device", "type:expiry")
    ]
    assert parsed.rejects.filter(pl.col("reason").str.contains("soon")).is_empty()


def test_two_devices_of_one_id_that_differ_are_not_believed():
    given = device(id="d1", lotNumber="L7")
    use = {
        "resourceType": "DeviceUsage",
        "id": "u1",
        "device": {"reference": {"reference": "Device/d1"}},
    }
    same = read([given, given, use]).records["device_use"]
    different = read([given, {**given, "lotNumber": "L8"}, use]).records["device_use"]
    assert (same.height, same["lot"].to_list()) == (1, ["L7"])
    assert (different.height, different["lot"].to_list()) == (1, [None])


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("2028-07-12", id="a-day"),
        pytest.param("2028-07-12T23:30:00-05:00", id="in-a-time-of-its-place"),
        pytest.param("2028-07-12T00:00:00Z", id="in-a-time-of-utc"),
    ],
)
def test_a_device_expires_on_the_day_that_is_written(written):
    """FHIR has a dateTime there: a device with a time was refused, and its UDI with it."""
    plain = {"resourceType": "Device", "id": "d1", "manufactureDate": written}
    found = one({**plain, "expirationDate": written})
    assert (found["made_date"], found["expiry_date"]) == (date(2028, 7, 12), date(2028, 7, 12))


@pytest.mark.parametrize(
    ("written", "day"),
    [("2028-02", date(2028, 2, 29)), ("2028-02-12", date(2028, 2, 12))],
)
def test_a_month_on_a_label_is_its_last_day(written, day):
    """FHIR takes a month for a date; the device was refused, and its lot with it."""
    row = one(device(expirationDate=written, manufactureDate=written))
    assert (row["expiry_date"], row["made_date"]) == (day, day)


@pytest.mark.parametrize("form", ["carrierHRF", "deviceIdentifier"])
def test_a_second_carrier_says_what_the_first_leaves_out(form):
    """A device whose UDI stood in its second carrier had none."""
    row = one(device(udiCarrier=[{"issuer": "http://hl7.org/fhir/NamingSystem/gs1"}, {form: HRF}]))
    assert (row["udi_di"], row["expiry_date"]) == ("00643169001763", date(2028, 7, 12))
    both = one(device(udiCarrier=[{form: HRF}, {form: "+H123ABC01234567890D"}]))
    assert both["udi_di"] == "00643169001763"


@pytest.mark.parametrize(
    "written", ["2028", "2028-13", "2028-07-32T00:00:00Z", "2028-07-12T10:00:00"]
)
def test_a_device_whose_day_is_none_is_refused(written):
    plain = {"resourceType": "Device", "id": "d1", "expirationDate": written}
    assert read([plain]).rejects["rule"].to_list() == ["type:expiry"]


def test_a_device_of_stu3_has_its_udi():
    """As the use of devices is still sent in STU3, so is the device it points at."""
    carrier = {"carrierHRF": HRF, "deviceIdentifier": "00643169001763"}
    found = one({"resourceType": "Device", "id": "d1", "udi": carrier, "model": "M-1"})
    assert (found["udi"], found["udi_verdict"], found["serial"]) == (HRF, "VALID", "21A11F4855")
    assert (found["udi_di"], found["catalog_no"]) == ("00643169001763", "M-1")


@pytest.mark.parametrize("place", ["", "https://ehr.example/r4/"])
def test_what_has_the_id_of_a_device_and_is_none_has_no_udi(place):
    parsed = read([device(id="17"), use(f"{place}Medication/17"), use(f"{place}Device/17")])
    assert found(parsed) == [(None, None, None, None), ("17", "L1", "S1", None)]


def test_a_donation_stands_elsewhere_in_r5():
    parsed = read([device(id="D1", biologicalSourceEvent={"value": "W4567"})])
    assert parsed.records["device"]["donation"].to_list() == ["W4567"]
