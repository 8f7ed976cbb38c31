"""Third-party claims, remittances, statuses, acknowledgements: accepted, summed, anonymous."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from x12_corpus import CORPUS, MANIFEST, read
from x12_corpus import manifest as every_file
from x12_refused import OTHER_MARK, REFUSED

from recon.parse.x12 import read_x12
from recon.parse.x12.sets import SETS

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(), reason="the corpus of third-party X12 files is not here"
)

CODES = ("835", "837", "276", "277", "997", "999")
# What the authors of pyx12 refuse and we accept.
TOLERATED = {
    "837/azoner_pyx12__ele.edi": "blanks after control numbers",
    "837/azoner_pyx12__loop_counting.edi": "54 lines: a hospital's claim may have 999",
    "837/azoner_pyx12__loop_counting2.edi": "54 lines: a hospital's claim may have 999",
    "837/azoner_pyx12__trailing_terms.edi": "CLM18 is missing, which only release 004010 demands",
}
# De-identified by masking: every name is X, and so are codes.
MASKED = ("DeIdent", "Deidentified", "FromNth", "MultipleInterchanges", "Medicaid", "Batch")


def manifest():
    return [row for row in every_file() if row["file"].split("/")[0] in CODES]


def test_what_is_meant_to_be_valid_is_accepted():
    refused = {
        row["file"]
        for row in manifest()
        if row["ref_envelope"].startswith("ok")
        and row["fixture_intent"].startswith(("valid", "expected"))
        and not read(row["file"]).transactions["accepted"].all()
    }
    assert refused == set(REFUSED)


def test_what_the_golden_acknowledgements_refuse_is_refused():
    """pyx12's verdict on each of its own files, as its 997 reads with us, against ours."""
    different, compared = set(), 0
    for row in manifest():
        golden = CORPUS / "997" / f"{Path(row['file']).stem}.expected_ack.edi"
        if row["file"].startswith("99") or not golden.exists():
            continue
        verdicts = read(f"997/{golden.name}").records["functional_ack_set"]["code"].to_list()
        accepted = read(row["file"]).transactions["accepted"].to_list()
        compared += len(verdicts)
        if accepted != [verdict == "A" for verdict in verdicts]:
            different.add(row["file"])
    assert compared == 17
    # Its group and interchange are wrong too, and we refuse what they hold.
    assert different == {*TOLERATED, "837/azoner_pyx12__trailer_errors.edi"}


def disagreements(name):
    controls = read(name).controls
    return Counter(controls.filter(~pl.col("agrees"))["control"])


@pytest.mark.parametrize(
    ("name", "services", "claims"),
    [
        pytest.param("git-albertomarin_badX12__X221-era-sample.edi", 5, 1, id="dental"),
        pytest.param(
            "git-albertomarin_badX12__X221-multiple-claims-single-check.edi",
            33,
            9,
            id="nine-claims",
        ),
        pytest.param("LinuxForHealth_x12__medicare-part-a.835", 0, 2, id="without-services"),
        pytest.param("jdavisp3_TigerShark__5010-835-example-1.txt", 9, 3, id="another-author"),
    ],
)
def test_remittances_that_balance(name, services, claims):
    controls = Counter(read(f"835/{name}").controls["control"])
    assert (controls["SVC03"], controls["CLP04"], controls["BPR02"]) == (services, claims, 1)
    assert disagreements(f"835/{name}") == {}


def test_what_is_refused_for_its_mark_is_read_once_it_is_declared():
    for name in (name for name in OTHER_MARK if "LinuxForHealth" in name):
        data = (CORPUS / name).read_bytes()
        start = data.index(b"ISA")
        declared = data[: start + 104] + b">" + data[start + 105 :]
        assert read_x12(declared).transactions["accepted"].all(), name
        if name.endswith("secondary-payment.835"):
            controls = Counter(read_x12(declared).controls["control"])
            assert (controls["SVC03"], controls["CLP04"], controls["BPR02"]) == (2, 2, 1)


def test_remittances_that_do_not():
    # The nine claims come to 5.75; the provider's adjustment adds 1.27 that the payment leaves out.
    name = "835/Inteligenz_X12Parser__Example1_GripElements.txt"
    assert disagreements(name) == {"BPR02": 1}
    (payment,) = read(name).controls.filter(control="BPR02").rows(named=True)
    assert (Decimal(payment["declared"]), Decimal(payment["found"])) == (
        Decimal("5.75"),
        Decimal("7.02"),
    )
    # A cent of a service is not explained.
    assert disagreements("835/moov-io_x12__sample1.txt") == {"CLP04": 1, "CLP04 services": 1}


def test_claims_counted_by_hand():
    x12 = read("837/LinuxForHealth_x12__demo.drug.example10.2.837")
    (claim,) = x12.records["claim"].rows(named=True)
    assert (claim["account_number"], claim["charge"]) == ("CLMNO12345", Decimal("2232.93"))
    assert (claim["payer_id"], claim["billing_provider_id"]) == ("PLANID12345", "1234567893")
    lines = x12.records["claim_line"]
    assert lines.select("procedure_code", "charge", "ndc", "ndc_qty").rows() == [
        ("S9500", 1400, None, None),
        ("S5001", Decimal("682.5"), "00004196501", 7),
        ("S5000", Decimal("15.12"), "63323024910", 14),
        ("S5000", Decimal("67.69"), "00338004938", 7),
        ("S5000", Decimal("57.12"), "08290033010", 14),
        ("S5000", Decimal("10.5"), "08290038005", 7),
    ]
    x12 = read("837/azoner_pyx12__simple_837i.edi")
    assert x12.records["claim"]["original_claim_number"].to_list() == ["12522228"] * 2
    assert x12.records["claim_line"]["revenue_code"].to_list() == [
        *("0100", "0101", "0102"),
        *("0103", "0104", "0105"),
    ]


def test_statuses_counted_by_hand():
    rows = read("277/imsweb_x12-parser__x12_277CA_rejected.txt").records["claim_status"]
    names = ("level_code", "batch_number", "account_number", "category_code", "status_code")
    assert rows.select(names).rows() == [
        ("21", "11200001", None, "A1", "20"),
        ("PT", None, "3920394930203", "A7", "562"),
    ]
    rows = read("277/LinuxForHealth_x12__claim-level-status.277").records["claim_status"]
    assert rows.select("account_number", "service_no", "category_code", "paid").rows() == [
        ("SM123456", None, "P3", None),
        ("J0234567", None, "F0", 7599),
        ("MA345678", None, "F2", 0),
        ("MA345678", 1, "F2", None),
    ]


def persons(segments):
    """Names, birth dates and addresses of persons, as the file has them."""
    found = set()
    for tag, elements in segments.select("tag", "elements").rows():
        if tag == "NM1" and elements[1:2] == ["1"]:
            found.update(elements[2:5])
        elif tag == "N3":
            found.update(elements)
        elif tag == "DMG":
            found.update(elements[1:2])
    return {word.strip() for word in found if len(word.strip()) > 3}


def test_no_record_holds_a_name_a_birth_date_or_an_address():
    searched, told = 0, []
    for row in manifest():
        if any(mark in row["file"] for mark in MASKED):
            continue
        x12 = read(row["file"])
        words = persons(x12.segments)
        for code in {"835", "837", "276", "277"} & set(x12.transactions["set_code"]):
            for record in SETS[code].records:
                cells = x12.records[record.name].select(pl.col(pl.String, pl.Date).cast(pl.String))
                held = {cell for column in cells for cell in column.drop_nulls()}
                held |= {cell.replace("-", "") for cell in held}
                searched += len(words)
                told += [(row["file"], record.name, word) for word in sorted(words & held)]
    assert searched > 1000
    assert told == []
