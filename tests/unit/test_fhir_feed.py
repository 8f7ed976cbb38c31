"""A feed of FHIR in a night: the mapping that the guide shows, from a Bundle to canonical rows."""

import json
import re
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from nights import close

from recon.canonical.build import file_control, quarantine
from recon.parse.privacy import Tokens
from recon.site import Site

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "writing-a-feed.md"
DAY = date(2026, 3, 2)
KEY = b"0123456789abcdef0123456789abcdef"
HRF = "(01)00643169001763(10)L7(17)280712(21)21A11F4855"

BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "P-1", "name": [{"family": "DOE"}]}},
        {"resource": {"resourceType": "Device", "id": "d1", "udiCarrier": [{"carrierHRF": HRF}]}},
        *(
            {
                "resource": {
                    "resourceType": "DeviceUsage",
                    "id": use,
                    "status": status,
                    "patient": {"reference": "Patient/P-1"},
                    "context": {"identifier": {"value": "V-9"}},
                    "device": {"reference": {"reference": "Device/d1"}},
                    "timingDateTime": when,
                }
            }
            for use, status, when in (
                ("u1", "completed", "2026-03-01T20:00:00-07:00"),
                ("u2", "entered-in-error", "2026-03-01"),
                ("u3", "not-done", "2026-03-01"),
                ("u4", "completed", "March 1"),
            )
        ),
    ],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fhir") / "site"
    section = GUIDE.read_text(encoding="utf-8").partition("\n## FHIR extracts\n")[2]
    (shown,) = re.findall(r"```yaml\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    for part in ("sources", "secrets", "inbox"):
        (folder / part).mkdir(parents=True)
    (folder / "recon.yaml").write_text(
        "name: FHIR\nfirst_business_date: 2026-03-02\n"
        "facilities: [{id: PVH, name: Pine Valley, time_zone: America/Denver}]\n"
        "privacy: {key_id: k1, key_file: secrets/token.key}\n"
    )
    connector = "connector: {kind: folder, path: inbox, pattern: '*.json', settle_seconds: 0}\n"
    (folder / "sources" / "devices.yaml").write_text("owner: OR\n" + connector + shown)
    (folder / "secrets" / "token.key").write_bytes(KEY)
    (folder / "secrets" / "token.key").chmod(0o600)
    (folder / "inbox" / "uses.json").write_text(json.dumps(BUNDLE, indent=1))
    opened = Site.open(folder)
    close(opened, DAY)
    return opened


def test_uses_become_canonical_rows(site):
    rows = pl.concat(site.lake.read("canonical", "usage_event", DAY, feed) for feed in site.feeds)
    columns = ["usage_id", "used_date", "used_at", "udi_di", "lot", "expiry_date", "status"]
    assert rows.sort("usage_id").select(columns).rows() == [
        (
            "u1",
            date(2026, 3, 1),
            datetime(2026, 3, 2, 3, 0),  # noqa: DTZ001  UTC without a zone, as stored
            "00643169001763",
            "L7",
            date(2028, 7, 12),
            "ACTIVE",
        ),
        ("u2", date(2026, 3, 1), None, "00643169001763", "L7", date(2028, 7, 12), "DELETED"),
    ]
    tokens = Tokens(KEY, "k1")
    for column, value, domain in (
        ("visit_key", "V-9", "visit"),
        ("serial_key", "21A11F4855", "serial"),
        ("udi_key", HRF, "udi"),
    ):
        assert set(rows[column]) == set(tokens.column(pl.Series([value]), domain))


def test_every_resource_is_accounted_for(site):
    (file,) = file_control(site, DAY).to_dicts()
    assert (file["records_in"], file["accepted"], file["quarantined"]) == (6, 5, 1)
    (refused,) = quarantine(site, DAY).to_dicts()
    assert (refused["source_record"], refused["rule"]) == (6, "type:used")
    text = json.dumps(BUNDLE, indent=1)
    assert json.JSONDecoder().raw_decode(text[refused["byte_offset"] :])[0] == BUNDLE["entry"][5]


def test_nothing_of_a_person_is_in_the_lake_as_it_was_sent(site):
    for file in (site.lake.root).rglob("*.parquet"):
        stored = pl.read_parquet(file, hive_partitioning=False).write_json()
        assert not [w for w in ("DOE", "P-1", "V-9", "21A11F4855", "March") if w in stored], file
