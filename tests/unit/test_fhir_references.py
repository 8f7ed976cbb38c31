"""References of FHIR to persons and visits: by an id, or by an identifier to look for."""

import json
from datetime import date

from recon.parse.fhir import read_fhir

DELIVERY = {
    "resourceType": "SupplyDelivery",
    "id": "s1",
    "status": "completed",
    "suppliedItem": {
        "quantity": {"value": 1},
        "itemCodeableConcept": {"coding": [{"code": "I100"}]},
    },
    "occurrenceDateTime": "2026-03-02",
}


def the_one(record, resource):
    parsed = read_fhir(json.dumps([resource]).encode(), date(2026, 3, 31))
    assert parsed.rejects.height == 0, parsed.rejects["reason"].to_list()
    (found,) = parsed.records[record].to_dicts()
    return found


def test_a_reference_by_what_the_server_is_to_look_for_is_its_identifier():
    found = the_one(
        "device_use",
        {
            "resourceType": "DeviceUsage",
            "id": "u1",
            "status": "completed",
            "patient": {"reference": "Patient?identifier=http://h.example/mrn|4711"},
            "context": {"reference": "Encounter?identifier=V9"},
            "timingDateTime": "2026-03-02",
        },
    )
    assert (found["patient"], found["visit"]) == ("4711", "V9")


def test_a_group_is_no_patient():
    found = the_one("supply_delivery", {**DELIVERY, "patient": {"reference": "Group/p1"}})
    assert found["patient"] is None
