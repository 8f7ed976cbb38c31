"""FHIR of the charge side: implants as a record system exports them, one resource a line."""

import json
from datetime import date

from recon.sample.care.chart import Chart
from recon.sample.care.records import Row
from recon.sample.care.write_hl7 import use_feed
from recon.sample.files import File


def night_files(c: Chart, night: int, stamp: str) -> list[File]:
    """A night's devices and their uses (R4 Device, DeviceUseStatement), as NDJSON."""
    rows = [row for row in c.rows("use", night) if use_feed(row) == "usage_record"]
    if not rows:
        return []
    resources = [resource for row in rows for resource in (_device(row), _use(row))]
    text = "".join(f"{json.dumps(resource, separators=(',', ':'))}\n" for resource in resources)
    name = f"DEVICES_{stamp}.ndjson"
    return [File("usage_record", name, night, text.encode(), len(resources))]


def _device(row: Row) -> dict[str, object]:
    expires: date | None = row["expiry"]
    said = {
        "resourceType": "Device",
        "id": f"dev-{row['usage_no']}",
        "status": "active",
        "lotNumber": row["lot"],
        "serialNumber": row["serial"],
        "expirationDate": None if expires is None else expires.isoformat(),
        "partNumber": row["item_no"],
    }
    return {name: value for name, value in said.items() if value is not None}


def _use(row: Row) -> dict[str, object]:
    used: date = row["used_on"]
    return {
        "resourceType": "DeviceUseStatement",
        "id": str(row["usage_no"]),
        "status": "completed",
        "subject": {"identifier": {"value": row["mrn"]}},
        "context": {"identifier": {"value": row["visit"]}},
        "timingDateTime": used.isoformat(),
        "device": {"reference": f"Device/dev-{row['usage_no']}"},
    }
