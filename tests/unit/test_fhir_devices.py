"""Where the device of a record of FHIR is found: beside it, by its place in a Bundle, within it."""

import json
from datetime import date

import polars as pl
import pytest

from recon.parse.fhir import read_fhir

AS_OF = date(2026, 3, 31)
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


def found(parsed):
    return parsed.records["device_use"].select(OF_DEVICE).rows()


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
