"""The example sites of use, charges and charge masters over third-party files: YAML only.

The counts were taken from the files with a spreadsheet's filter, not from what is read here.
"""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from nights import close

import recon
from recon.canonical.as_of import as_of
from recon.canonical.build import file_control, quarantine
from recon.site import Site

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CORPUS = ROOT / ".." / "shared" / "corpus"
DAY = date(2026, 3, 2)

SYNTHEA = {
    feed: CORPUS / "synthea" / f"OHDSI_dbt-synthea__{file}.csv"
    for feed, file in {
        "supplies": "supplies",
        "devices": "devices",
        "encounters": "encounters",
        "charges": "claims_transactions",
    }.items()
}
MASTERS = {
    feed: CORPUS / "cdm" / f"vsoch_hospital-chargemaster__{file}"
    for feed, file in {
        "kennestone": "kennestone_WSProcedures.txt",
        "baptist": "nc-baptist_CMS_Pricing_WFB.csv",
        "atlanticare": "atlanticare.csv",
    }.items()
}
needs_synthea = pytest.mark.skipif(
    not all(f.exists() for f in SYNTHEA.values()), reason="the Synthea tables are not here"
)
needs_masters = pytest.mark.skipif(
    not all(f.exists() for f in MASTERS.values()), reason="the charge masters are not here"
)


class Closed:
    """A site after one night, and its use against its charges."""

    def __init__(
        self, example: str, folder: Path, inbox: dict[str, Path], tables: list[str]
    ) -> None:
        shutil.copytree(EXAMPLES / example, folder)
        key = folder / "secrets" / "token.key"
        key.parent.mkdir()
        key.write_bytes(b"0123456789abcdef0123456789abcdef")
        key.chmod(0o600)
        for feed, file in inbox.items():
            target = folder / "inbox" / feed / file.name
            target.parent.mkdir(parents=True)
            shutil.copy(file, target)
        self.folder = folder
        self.site = Site.open(folder)
        close(self.site, DAY)
        self.files = {row["feed"]: row for row in file_control(self.site, DAY).to_dicts()}
        self.quarantine = quarantine(self.site, DAY)
        self.tables = {name: self.rows(name) for name in tables}
        self.results = recon.usage_charge(self.tables, as_of=DAY)

    def rows(self, table: str) -> pl.DataFrame:
        found = as_of(self.site, table, DAY)
        if isinstance(found, list):
            found = pl.read_parquet(found[0], hive_partitioning=False)
        return found


@pytest.fixture(scope="module")
def synthea(tmp_path_factory):
    tables = ["usage_event", "charge_event", "patient_account"]
    return Closed("synthea", tmp_path_factory.mktemp("synthea") / "site", SYNTHEA, tables)


@needs_synthea
def test_every_row_of_synthea_is_read(synthea):
    read = {feed: (file["records_in"], file["accepted"]) for feed, file in synthea.files.items()}
    assert read == {
        "supplies": (72, 72),
        "devices": (3, 3),
        "encounters": (604, 604),
        "charges": (5228, 5228),
    }
    assert synthea.quarantine.height == 0
    assert synthea.tables["charge_event"].height == 1545  # of the type CHARGE


@needs_synthea
def test_72_supplies_and_3_devices_are_used_and_none_is_charged(synthea):
    use = synthea.results["usage_line_result"]
    assert use.filter(pl.col("usage_id").str.starts_with("supply")).height == 72
    assert use.filter(pl.col("usage_id").str.starts_with("device")).height == 3
    assert use["matched"].sum() == 0
    assert synthea.results["allocation"].height == 0
    # No item has a place in a charge master: each use is a finding, for the charge master.
    found = synthea.results["exception"]
    unmapped = found.filter(pl.col("code") == "SC09")
    assert sorted(unmapped["usage_id"]) == sorted(use["usage_id"])
    stated = pl.read_csv(SYNTHEA["supplies"], infer_schema=False)["QUANTITY"]
    assert unmapped["units"].sum() == sum(Decimal(q) for q in stated) + 3


@needs_synthea
def test_udi_strings_of_synthea_are_checked_and_their_parts_kept(synthea):
    devices = synthea.tables["usage_event"].filter(pl.col("udi_key").is_not_null()).sort("usage_id")
    assert devices["udi_verdict"].to_list() == ["CHECK_FAILED"] * 3
    assert devices.select("udi_di", "lot", "expiry_date").row(0) == (
        "13465995954590",
        "8477791433724820",
        date(2001, 7, 19),
    )
    assert devices["serial_key"].str.starts_with("k1:").all()
    invalid = synthea.results["exception"].filter(pl.col("code") == "SD06")
    assert sorted(invalid["usage_id"]) == ["device 1", "device 2", "device 3"]


@needs_synthea
def test_no_patient_encounter_or_serial_number_is_in_the_tables(synthea):
    patients = pl.read_csv(SYNTHEA["supplies"], infer_schema=False)
    telling = {*patients["PATIENT"], *patients["ENCOUNTER"], "488266988", "1465404547"}
    assert len(telling) == 4
    for frame in [*synthea.tables.values(), *synthea.results.values()]:
        texts = frame.select(pl.selectors.string()).unpivot()["value"].drop_nulls()
        assert not [t for t in telling if texts.str.contains(t, literal=True).any()]


@pytest.fixture(scope="module")
def masters(tmp_path_factory):
    return Closed("charge_master", tmp_path_factory.mktemp("cdm") / "site", MASTERS, ["cdm"])


@needs_masters
def test_every_row_of_the_charge_masters_is_read(masters):
    read = {feed: (file["records_in"], file["accepted"]) for feed, file in masters.files.items()}
    assert read == {
        "kennestone": (14563, 14563),
        "baptist": (17637, 17637),
        "atlanticare": (10500, 10499),
    }
    # The last line of that list is a comma: neither description nor charge.
    (refused,) = masters.quarantine.select("feed", "source_record", "rule").rows()
    assert refused == ("atlanticare", 10500, "required:description")


@needs_masters
def test_544_of_1171_implants_of_kennestone_have_no_hcpcs_code(masters):
    rows = masters.tables["cdm"].filter(pl.col("facility_id") == "KENN")
    assert rows.filter(pl.col("revenue_code").is_in(["0275", "0276", "0278"])).height == 1171
    gaps = masters.results["cdm_gap"].filter(pl.col("facility_id") == "KENN")
    by_code = dict(gaps.group_by("code").len().rows())
    # 17 have a code that is no implant; 3 devices stand outside of the revenue codes of implants.
    assert by_code == {"SP04": 544, "SD10": 17, "SP05": 3}
    assert gaps.filter(pl.col("code") == "SP04")["hcpcs"].null_count() == 544


@needs_masters
def test_a_price_list_without_codes_has_nothing_to_judge(masters):
    assert "ATLC" not in masters.results["cdm_gap"]["facility_id"]
