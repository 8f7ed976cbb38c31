"""What a night of use against charge reads: tokens of one key."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.canonical.describe import canonical_tables, polars_schema
from recon.errors import ConfigError
from recon.reconcile.charge_night import reconcile_charges
from recon.site import Site

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
FEED = """\
owner: o
connector: {kind: folder, path: inbox, pattern: "*"}
format: {kind: delimited}
extract: append
contract: {columns: [{name: txn_id}, {name: account, private: account}]}
records: [{table: charge_event, columns: {system_id: "'S'", txn_id: txn_id, message_id: txn_id,
  facility_id: "'A'", account_key: account, cdm_code: "'C1'", qty: "1",
  service_date: "date '2026-03-01'"}}]
"""


@pytest.fixture
def site(tmp_path):
    """Two nights closed, the first under the key k1; the key in use is k2."""

    def made(old_keys):
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "charge.yaml").write_text(FEED)
        (tmp_path / "recon.yaml").write_text(
            "name: t\nfirst_business_date: 2026-03-01\n"
            "facilities: [{id: A, name: A, time_zone: UTC}]\n"
            f"privacy: {{key_id: k2, key_file: key, old_keys: {old_keys}}}\n"
        )
        found = Site.open(tmp_path)
        schema = polars_schema(canonical_tables()["charge_event"])
        for day, key_id in ((MONDAY, "k1"), (TUESDAY, "k2")):
            row = {"account_key": f"{key_id}:A", "txn_id": key_id, "facility_id": "A"}
            row |= {"system_id": "S", "message_id": key_id, "cdm_code": "C1", "qty": Decimal(1)}
            rows = pl.DataFrame([{**row, "service_date": MONDAY}], schema_overrides=schema)
            rows = rows.match_to_schema(schema, missing_columns="insert")
            found.lake.write("canonical", "charge_event", day, {"charge": rows})
            found.lake.write("canonical", "location", day, {})
        return found

    return made


def test_a_night_over_tokens_of_two_keys_stops_and_says_what_to_run(site):
    found = site("{k1: old}")
    told = "of 2026-03-03 hold tokens of the key 'k1', .* of 'k2': .* --night 2026-03-02"
    with pytest.raises(ConfigError, match=told):
        reconcile_charges(found, TUESDAY)
    found.lake.write("canonical", "charge_event", MONDAY, {})
    assert reconcile_charges(found, TUESDAY)["charge_line_result"].height == 1


def test_what_a_lost_key_made_stops_no_night(site):
    assert reconcile_charges(site("{}"), TUESDAY)["charge_line_result"].height == 2
