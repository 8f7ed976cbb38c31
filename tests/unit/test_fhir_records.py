"""Records of FHIR resources, R4 and R5: values by their paths, and devices beside their use."""

import json
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from recon.canonical.mapping import mapping_mistakes, unkeyed_mistakes
from recon.parse import parse
from recon.parse.fhir import PRIVATE, read_fhir, records_schema
from recon.parse.fhir.resources import RESOURCES, Kind
from recon.parse.privacy import DOMAINS, Tokens
from recon.site import Feed
from recon.site.consistency import feed_mistakes

AS_OF = date(2026, 3, 31)
TOKENS = Tokens(b"0123456789abcdef0123456789abcdef", "k1")


def read(*resources):
    return read_fhir(json.dumps(list(resources)).encode(), AS_OF)


def row(record, *resources):
    """The one row of a record, without its empty columns."""
    parsed = read(*resources)
    assert parsed.rejects.height == 0, parsed.rejects["reason"].to_list()
    (found,) = parsed.records[record].to_dicts()
    beside = ("source_record", "byte_offset", "line_no")
    return {n: v for n, v in found.items() if v is not None and n not in beside}


def concept(*codings):
    return {
        "coding": [{"system": s, "code": c, "display": "SECRET"} for s, c in codings],
        "text": "SECRET",
    }


SUPPLY = {
    "resourceType": "SupplyDelivery",
    "id": "s1",
    "identifier": [{"value": "SD-9"}],
    "status": "completed",
    "patient": {"reference": "Patient/p1", "display": "SECRET"},
    "basedOn": [{"reference": "SupplyRequest/r1"}],
    "suppliedItem": {
        "quantity": {"value": 2.5, "unit": "box", "code": "BX"},
        "itemCodeableConcept": concept(("urn:items", "I3")),
    },
    "occurrenceDateTime": "2026-03-02T23:30:00-05:00",
    "destination": {"reference": "Location/OR-1"},
}


def test_a_supply_delivery():
    assert row("supply_delivery", SUPPLY) == {
        "supply_id": "s1",
        "identifier": "SD-9",
        "status": "completed",
        "record_status": "ACTIVE",
        "patient": "p1",
        "order_id": "r1",
        "item_code": "I3",
        "item_code_system": "urn:items",
        "qty": Decimal("2.5"),
        "uom": "BX",
        # The day is the one at the place of use, the instant is in UTC.
        "occurrence_date": date(2026, 3, 2),
        "occurrence_at": datetime(2026, 3, 3, 4, 30),  # noqa: DTZ001  UTC without a zone, as stored
        "destination": "OR-1",
    }


def test_several_items_of_a_delivery_are_lines_of_it():
    items = [{"quantity": {"value": n}} for n in (1, 2, 3)]
    rows = read({**SUPPLY, "suppliedItem": items}).records["supply_delivery"]
    assert rows.select("source_record", "line_no", "qty").rows() == [
        (1, 1, Decimal(1)),
        (1, 2, Decimal(2)),
        (1, 3, Decimal(3)),
    ]


def test_a_charge_item_of_r4():
    charge = {
        "resourceType": "ChargeItem",
        "id": "c1",
        "status": "billable",
        "partOf": [{"reference": "ChargeItem/c0"}],
        "code": concept(("urn:cdm", "C100"), ("HCPCS", "C1874")),
        "subject": {"identifier": {"value": "MRN-7"}, "reference": "Patient/p1"},
        "context": {"reference": "https://fhir.example.org/r4/Encounter/e1/_history/2"},
        "account": [{"reference": "Account/a1"}],
        "occurrencePeriod": {"start": "2026-03-02"},
        "enteredDate": "2026-03-04T00:00:00Z",
        "quantity": {"value": 2},
        "factorOverride": 0.8,
        "priceOverride": {"value": 1899.99, "currency": "USD"},
        "costCenter": {"identifier": {"value": "CATH"}},
        "overrideReason": "SECRET",
        "note": [{"text": "SECRET"}],
        "productCodeableConcept": concept(("urn:items", "I1")),
    }
    assert row("charge_item", charge) == {
        "charge_id": "c1",
        "status": "billable",
        "record_status": "ACTIVE",
        "part_of": "c0",
        "code": "C100",
        "code_system": "urn:cdm",
        "code_2": "C1874",
        "code_2_system": "HCPCS",
        "patient": "MRN-7",
        "visit": "e1",
        "account": "a1",
        "occurrence_date": date(2026, 3, 2),
        "entered_date": date(2026, 3, 4),
        "entered_at": datetime(2026, 3, 4),  # noqa: DTZ001  UTC without a zone, as stored
        "qty": Decimal(2),
        "factor": Decimal("0.8"),
        "ext_amount": Decimal("1899.99"),
        "currency": "USD",
        "cost_center": "CATH",
        "product_code": "I1",
        "product_code_system": "urn:items",
    }


def test_a_charge_item_of_r5():
    charge = {
        "resourceType": "ChargeItem",
        "id": "c1",
        "status": "entered-in-error",
        "encounter": {"reference": "Encounter/e1"},
        "product": [{"reference": {"reference": "Device/d1"}}],
        "unitPriceComponent": {"type": "base", "amount": {"value": 10.25}},
        "totalPriceComponent": {"type": "base", "amount": {"value": 20.5, "currency": "USD"}},
    }
    assert row("charge_item", charge) == {
        "charge_id": "c1",
        "status": "entered-in-error",
        "record_status": "DELETED",
        "visit": "e1",
        "device_id": "d1",
        "unit_amount": Decimal("10.25"),
        "ext_amount": Decimal("20.5"),
        "currency": "USD",
    }


HRF = "(01)00643169001763(17)280712(21)21A11F4855"
DEVICE = {
    "resourceType": "Device",
    "id": "d1",
    "udiCarrier": [{"carrierHRF": HRF, "deviceIdentifier": "00643169001763"}],
    "lotNumber": "L7",
    "deviceName": [{"name": "SECRET"}],
    "partNumber": "P-1",
    "note": [{"text": "SECRET"}],
}
OF_DEVICE = {
    "device_id": "d1",
    "udi": HRF,
    "udi_di": "00643169001763",
    "udi_verdict": "VALID",
    "lot": "L7",
    "serial": "21A11F4855",
    "expiry_date": date(2028, 7, 12),
    "catalog_no": "P-1",
}


@pytest.mark.parametrize(
    "use",
    [
        {
            "resourceType": "DeviceUseStatement",
            "subject": {"reference": "Patient/p1"},
            "device": {"reference": "Device/d1"},
            "timingDateTime": "2026-03-02",
            "recordedOn": "2026-03-03",
        },
        {
            "resourceType": "DeviceUsage",
            "patient": {"reference": "Patient/p1"},
            "device": {"reference": {"reference": "urn:uuid:d1"}},
            "timingPeriod": {"start": "2026-03-02"},
            "dateAsserted": "2026-03-03",
        },
        {
            "resourceType": "DeviceUseStatement",  # STU3
            "subject": {"reference": "Patient/p1"},
            "device": {"reference": "Device/d1"},
            "whenUsed": {"start": "2026-03-02", "end": "2026-03-09"},
            "recordedOn": "2026-03-03",
        },
    ],
)
def test_a_device_used_has_its_device_beside_it(use):
    parsed = row("device_use", DEVICE, {"id": "u1", "status": "active", **use})
    assert parsed == {
        "use_id": "u1",
        "status": "active",
        "record_status": "ACTIVE",
        "patient": "p1",
        "used_date": date(2026, 3, 2),
        "recorded_date": date(2026, 3, 3),
        **OF_DEVICE,
    }


def test_devices_of_a_procedure_in_r4_and_r5():
    performed = {"resourceType": "Procedure", "id": "x1", "status": "completed"}
    parsed = read(
        {
            **performed,
            "encounter": {"reference": "Encounter/e1"},
            "performedDateTime": "2026-03-02",
            "focalDevice": [
                {"action": concept(("s", "explanted")), "manipulated": {"reference": "Device/d0"}}
            ],
            "usedReference": [{"reference": "Device/d1", "display": "SECRET"}],
            "usedCode": [concept(("s", "705643001"))],
        },
        {
            **performed,
            "used": [{"reference": {"reference": "Device/d2"}}, {"concept": concept(("s", "9"))}],
        },
        performed,
        DEVICE,
    )
    rows = parsed.records["procedure_device"]
    assert rows.select(
        "source_record", "line_no", "action_code", "device_id", "device_code"
    ).rows() == [
        (1, 1, "explanted", "d0", None),
        (1, 2, None, "d1", None),
        (1, 3, None, None, "705643001"),
        (2, 1, None, "d2", None),
        (2, 2, None, None, "9"),
    ]
    assert rows["serial"].to_list() == [None, "21A11F4855", None, None, None]
    # A procedure without a device is in order, and none of ours.
    assert parsed.records["other_resource"]["source_record"].to_list() == [3]


def test_counted_items_of_an_inventory_report():
    report = {
        "resourceType": "InventoryReport",
        "id": "r1",
        "status": "active",
        "countType": "snapshot",
        "reportedDateTime": "2026-03-02T01:00:00Z",
        "inventoryListing": [
            {
                "location": {"reference": "Location/OR-1"},
                "countingDateTime": "2026-03-01",
                "item": [
                    {"quantity": {"value": n}, "item": {"concept": concept(("s", code))}}
                    for code, n in (("I1", 3), ("I2", 0))
                ],
            },
            {"location": {"reference": "Location/OR-2"}, "item": [{"quantity": {"value": -2}}]},
        ],
    }
    rows = read(report).records["inventory_item"]
    columns = ["line_no", "location", "counted_date", "item_code", "qty"]
    assert rows.select(columns).rows() == [
        (1, "OR-1", date(2026, 3, 1), "I1", Decimal(3)),
        (2, "OR-1", date(2026, 3, 1), "I2", Decimal(0)),
        (3, "OR-2", date(2026, 3, 2), None, Decimal(-2)),
    ]


def test_a_price_for_each_alone_has_its_currency():
    price = {"type": "base", "amount": {"value": 3.5, "currency": "CAD"}}
    charge = {"resourceType": "ChargeItem", "id": "c1", "unitPriceComponent": price}
    found = row("charge_item", charge)
    assert (found["unit_amount"], found["currency"]) == (Decimal("3.5"), "CAD")


def test_a_device_that_contradicts_its_udi_is_told():
    device = {
        **DEVICE,
        "serialNumber": "OTHER",
        "udiCarrier": [{"carrierHRF": HRF.replace("763", "764")}],
    }
    found = row("device", device)
    assert (found["udi_verdict"], found["serial"]) == ("CHECK_FAILED", "OTHER")
    assert "serial is not the one of the UDI" in found["udi_remark"]
    assert "check digit" in found["udi_remark"]
    assert "OTHER" not in found["udi_remark"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"occurrenceDateTime": "2026-03"}, "type:occurrence"),
        ({"occurrenceDateTime": "2026-02-30"}, "type:occurrence"),
        ({"occurrenceDateTime": "2026-03-02T09:30:00"}, "type:occurrence"),  # no offset
        ({"occurrenceDateTime": "02.03.2026"}, "type:occurrence"),
        ({"suppliedItem": {"quantity": {"value": "two"}}}, "type:qty"),
        ({"suppliedItem": {"quantity": {"value": 12345678901234.5678}}}, "type:qty"),
        ({"suppliedItem": {"quantity": {"value": 0.00000012}}}, "type:qty"),
        ({"suppliedItem": []}, "empty"),
    ],
)
def test_what_cannot_be_typed_is_refused_without_its_value(change, rule):
    parsed = read(SUPPLY, {**SUPPLY, **change})
    (refused,) = parsed.rejects.to_dicts()
    assert (refused["source_record"], refused["rule"]) == (2, rule)
    assert (refused["record"], refused["raw"]) == ("supply_delivery", None)
    assert not any(
        word in refused["reason"] for word in ("two", "02.03", "2026-02-30", '09:30:00"')
    )
    assert parsed.records["supply_delivery"]["source_record"].to_list() == [1]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.10", "1.1"),
        ("1e2", "100"),
        ("-3", "-3"),
        ("0.000001", "0.000001"),
        ("123456789.25", "123456789.25"),
    ],
)
def test_numbers_are_exact(written, value):
    text = json.dumps([SUPPLY]).replace("2.5", written)
    parsed = read_fhir(text.encode(), AS_OF)
    assert parsed.records["supply_delivery"]["qty"].to_list() == [Decimal(value)]


def test_an_object_where_a_value_belongs_reaches_no_column():
    charge = {"resourceType": "ChargeItem", "id": {"name": "SECRET"}, "status": ["SECRET"]}
    assert row("charge_item", charge) == {"record_status": "ACTIVE"}


# --- privacy ------------------------------------------------------------------------------------


def feed(**more):
    connector = {"kind": "folder", "path": ".", "pattern": "*"}
    declared = {"name": "x", "owner": "x", "connector": connector, "extract": "append"}
    return Feed.model_validate({**declared, "format": {"kind": "json"}, **more})


def test_nothing_that_identifies_a_person_is_stored():
    use = {
        "resourceType": "DeviceUseStatement",
        "id": "u1",
        "subject": {"reference": "Patient/P-4711"},
        "device": {"reference": "Device/d1"},
    }
    patient = {"resourceType": "Patient", "id": "P-4711", "name": [{"family": "SECRET"}]}
    broken = {**SUPPLY, "patient": {"reference": "Patient/P-4711"}, "occurrenceDateTime": "SECRET"}
    data = json.dumps([DEVICE, use, patient, broken]).encode()
    parsed = parse(feed(), data, TOKENS, AS_OF)
    stored = "".join(f.write_json() for f in [*parsed.records.values(), parsed.rejects])
    assert [w for w in ("SECRET", "P-4711", "21A11F4855", HRF) if w in stored] == []
    use_row = parsed.records["device_use"].row(0, named=True)
    for column, value, domain in (
        ("patient", "P-4711", "mrn"),
        ("serial", "21A11F4855", "serial"),
        ("udi", HRF, "udi"),
    ):
        assert use_row[column] == TOKENS.column(pl.Series([value]), domain)[0]


def test_every_reference_to_a_person_is_declared_private():
    assert {d for columns in PRIVATE.values() for d in columns.values()} <= set(DOMAINS)
    for resource in RESOURCES:
        for column in resource.columns:
            telling = any(
                word in path
                for path in column.paths
                for word in (
                    "subject",
                    "patient",
                    "account",
                    "encounter",
                    "context",
                    "serial",
                    "HRF",
                )
            )
            assert bool(column.private) == (telling or column.name == "donation"), column


def test_a_mapping_is_checked_against_the_records(tmp_path):
    columns = {
        "system_id": "source_system",
        "usage_id": "supply_id",
        "message_id": "supply_id",
        "facility_id": "'H'",
        "used_date": "occurrence_date",
        "used_at": "occurrence_at",
        "account_key": "patient",
        "qty": "quantity",
    }
    declared = feed(
        records=[{"table": "usage_event", "from": "supply_delivery", "columns": columns}]
    )
    ((place, told),) = mapping_mistakes(declared, tmp_path)
    assert place == ("records", 0, "columns", "qty")
    assert "no column 'quantity'" in told
    ((place, told),) = unkeyed_mistakes(declared)
    assert place == ("records", 0, "columns", "account_key")


def test_a_feed_of_fhir_declares_no_columns():
    assert list(feed_mistakes(feed())) == []
    (place, told), *_ = feed_mistakes(feed(contract={"columns": [{"name": "a"}]}))
    assert place == ("contract", "columns")
    assert "a FHIR feed's columns are those of its resources" in told


def test_every_record_has_its_place_and_its_types():
    schemas = records_schema()
    assert set(schemas) == {r.record for r in RESOURCES} | {"other_resource"}
    for resource in RESOURCES:
        schema = schemas[resource.record]
        assert (schema["source_record"], schema["byte_offset"]) == (pl.Int64(), pl.Int64())
        for column in resource.columns:
            if column.kind == Kind.MOMENT:
                assert schema[f"{column.name}_date"] == pl.Date()
                assert schema[f"{column.name}_at"] == pl.Datetime("us")


def test_a_status_outside_its_value_set_is_refused_and_not_shown():
    parsed = read(SUPPLY | {"status": "QUIMBY"}, SUPPLY | {"id": "s2", "status": "abandoned"})
    assert parsed.records["supply_delivery"]["supply_id"].to_list() == ["s2"]
    (reject,) = parsed.rejects.to_dicts()
    assert (reject["source_record"], reject["rule"]) == (1, "code:status")
    assert reject["reason"] == (
        "status ($.status): expected one of in-progress, completed, abandoned, entered-in-error"
    )
