"""The example site of claims over third-party remittances and claim statuses: YAML only.

The sums were added up by hand from the segments of the files.
"""

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from nights import close

from recon.canonical.as_of import as_of
from recon.canonical.build import file_control, quarantine
from recon.parse.privacy import Tokens
from recon.site import Site

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "claims"
X12 = ROOT / ".." / "shared" / "corpus" / "x12"
DAY = date(2026, 3, 2)
KEY = b"0123456789abcdef0123456789abcdef"
TABLES = [
    "remittance",
    "claim_payment",
    "service_payment",
    "claim_adjustment",
    "service_remark",
    "provider_adjustment",
    "claim_status",
]

pytestmark = pytest.mark.skipif(
    not (X12 / "MANIFEST.csv").exists(), reason="the corpus of third-party X12 files is not here"
)


class Claims:
    """The site after one night over every file that holds an 835 or a 277."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(EXAMPLE, folder)
        (folder / "secrets").mkdir()
        (folder / "secrets" / "token.key").write_bytes(KEY)
        (folder / "secrets" / "token.key").chmod(0o600)
        with (X12 / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for feed, code in (("remittance", "835"), ("claim_status", "277")):
            (folder / "inbox" / feed).mkdir(parents=True)
            for row in rows:
                if code in row["transaction_sets"].split():
                    target = folder / "inbox" / feed / row["file"].replace("/", "__")
                    shutil.copy(X12 / row["file"], target)
        self.site = Site.open(folder)
        close(self.site, DAY)
        self.files = file_control(self.site, DAY)
        self.quarantine = quarantine(self.site, DAY)

    def rows(self, table: str, file_name: str) -> pl.DataFrame:
        """A canonical table's rows that one file brought, in the order of the file."""
        found = as_of(self.site, table, DAY)
        if isinstance(found, list):
            found = pl.read_parquet(found[0], hive_partitioning=False)
        brought = self.files.filter(pl.col("file_name") == file_name)
        return found.join(brought, on="source_file_id", how="semi").sort("source_record")

    def token(self, number: str) -> str:
        return Tokens(KEY, "k1").column(pl.Series([number]), "account")[0]


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    return Claims(tmp_path_factory.mktemp("claims") / "site")


def test_every_file_is_accounted_for_and_what_is_refused_says_why(claims):
    files = claims.files
    assert dict(files.group_by("feed").len().rows()) == {"remittance": 33, "claim_status": 12}
    assert files.filter(
        pl.col("records_in") != pl.col("accepted") + pl.col("quarantined")
    ).is_empty()
    assert claims.quarantine["reason"].str.len_chars().min() > 10


def test_a_remittance_with_a_claim_taken_back_and_paid_anew(claims):
    name = "835__azoner_pyx12__835id.edi"
    (payment,) = claims.rows("remittance", name).to_dicts()
    assert (payment["amount"], payment["method_code"]) == (Decimal("5950.21"), "CHK")
    assert (payment["trace_number"], payment["payment_date"]) == ("0004926", date(2009, 2, 20))
    paid = claims.rows("claim_payment", name)
    assert paid.select("claim_no", "status_code", "charge", "paid").rows() == [
        (1, "22", Decimal("-310.00"), Decimal("-210.00")),
        (2, "1", Decimal("300.00"), Decimal("200.00")),
        (3, "22", Decimal("-500.25"), Decimal("-500.25")),
    ]
    again, other = claims.token("123839-24635"), claims.token("134158-27488")
    assert paid["account_key"].to_list() == [again, again, other]
    services = claims.rows("service_payment", name)
    assert services.select("claim_no", "line_no", "hcpcs", "mods", "paid", "qty").rows() == [
        (1, 1, "T1017", None, Decimal("-210.00"), 6),
        (2, 1, "T1017", None, Decimal("200.00"), 6),
        (3, 1, "T1017", "TG", Decimal("-500.25"), 6),
    ]
    adjusted = claims.rows("claim_adjustment", name)
    assert adjusted.select("claim_no", "line_no", "group_code", "carc", "amount").rows() == [
        (1, 1, "CR", "45", Decimal("-100.00")),
        (2, 1, "CR", "45", Decimal("100.00")),
    ]
    besides = claims.rows("provider_adjustment", name)
    assert sorted(besides["amount"]) == [Decimal("-1008.10"), Decimal("5.95"), Decimal("24.21")]


def test_a_check_for_many_claims(claims):
    """Charged 2,819.00 = paid 810.80 + patient 970.20 + contractual 1,038.00."""
    name = "835__git-albertomarin_badX12__X221-multiple-claims-single-check.edi"
    (payment,) = claims.rows("remittance", name).to_dicts()
    assert payment["amount"] == Decimal("810.80")
    paid = claims.rows("claim_payment", name)
    assert paid.height == 9
    assert paid.select(pl.sum("charge", "paid", "patient_responsibility")).row(0) == (
        Decimal("2819.00"),
        Decimal("810.80"),
        Decimal("970.20"),
    )
    services = claims.rows("service_payment", name)
    assert services.height == 33
    assert services.select(pl.sum("charge", "paid")).row(0) == (
        Decimal("2819.00"),
        Decimal("810.80"),
    )
    adjusted = claims.rows("claim_adjustment", name)
    assert adjusted.height == 39
    by_reason = adjusted.group_by("group_code", "carc").agg(pl.sum("amount"))
    assert sorted(by_reason.rows()) == [
        ("CO", "131", Decimal("1038.00")),
        ("PR", "3", Decimal("970.20")),
    ]


def test_an_acknowledgement_that_rejects_a_claim(claims):
    statuses = claims.rows("claim_status", "277__imsweb_x12-parser__x12_277CA_rejected.txt")
    columns = ["level_code", "category_code", "status_code", "charge", "bill_type", "service_from"]
    assert statuses.select(columns).rows() == [
        ("21", "A1", "20", Decimal("199.14"), None, None),  # the batch was received ...
        ("PT", "A7", "562", Decimal("199.14"), "731", date(2009, 3, 11)),  # ... the claim rejected
    ]
    assert statuses["account_key"].to_list() == [None, claims.token("3920394930203")]


def test_an_acknowledgement_with_three_statuses_a_claim(claims):
    """900 for all, 220 and 680 for a provider each, and three times 220, 340 and 340."""
    name = "277__Inteligenz_X12Parser__277_Deidentified_from_nth.txt"
    statuses = claims.rows("claim_status", name)
    by_level = statuses.group_by("level_code").agg(pl.len(), pl.sum("charge"))
    assert sorted(by_level.rows()) == [
        ("19", 2, Decimal("900.00")),
        ("21", 1, Decimal("900.00")),
        ("PT", 9, Decimal("2700.00")),
    ]
    assert statuses["status_no"].to_list() == list(range(1, 13))
    of_claims = statuses.filter(pl.col("level_code") == "PT")
    assert of_claims["account_key"].unique().to_list() == [claims.token("99999999-99999")]


def test_an_answer_about_claims_and_a_line(claims):
    statuses = claims.rows("claim_status", "277__LinuxForHealth_x12__demo.277")
    columns = ["category_code", "status_code", "charge", "paid", "line_no", "hcpcs", "bill_type"]
    assert statuses.select(columns).rows() == [
        ("P3", "317", Decimal("8513.88"), None, None, None, "111"),
        ("F0", "3", Decimal("7599.00"), Decimal("7599.00"), None, None, "111"),
        ("F2", "88", Decimal("150.00"), Decimal("0.00"), None, None, None),
        ("F2", "88", None, None, 1, "99203", None),
    ]
    assert statuses["account_key"][0] == claims.token("SM123456")


def test_no_number_of_a_person_is_in_the_open(claims):
    for table in TABLES:
        found = as_of(claims.site, table, DAY)
        if isinstance(found, list):
            found = pl.read_parquet(found[0], hive_partitioning=False)
        assert found.height, table
        for column in {"account_key", "claim_key"} & set(found.columns):
            bare = found[column].drop_nulls().str.contains(r"^k1:[A-Z2-7]{32}$").not_()
            assert not bare.any(), (table, column)
