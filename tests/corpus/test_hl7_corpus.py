"""Third-party HL7 files: every one is read, every byte accounted for, every charge judged.

The verdicts below were set by reading the files. A third of what public feeds send is positionally
wrong or leaves out what a charge needs; none of it may become a charge by itself.
"""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from recon import read_hl7

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
MANIFEST = CORPUS / "MANIFEST_healthcare.csv"

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(), reason="the corpus of third-party HL7 files is not here"
)

NO_QUANTITY = (
    "nothing where the quantity should be (FT1-10): if that means one, the profile needs "
    "`default_quantity: 1`"
)
XRAY = ("71045", Decimal(2), Decimal(100), Decimal(50))  # 100&USD, 50&USD

# File -> its charges as code, quantity, extended, of one; or why each is quarantined.
DFT = {
    # FT1-4 and -5 are right, -6 is CG, -7 a CPT code, and then nothing.
    "Balneario-de-Cofrentes_hl7v2__dft_p03": NO_QUANTITY,
    "Balneario-de-Cofrentes_hl7v2__dft_p11": NO_QUANTITY,
    # Two messages in one file; FT1-5 and every amount are empty.
    "MatthewVita_node-hl7-complete__dft-example": [
        ("73630", Decimal(1), None, None),
        ("76775", Decimal(1), None, None),
    ],
    "cosyte_hl7__canonical_dft-p03-charge": [
        ("80053", Decimal(1), Decimal(150), Decimal(150)),
        ("85025", Decimal(1), Decimal(45), Decimal(45)),
    ],
    # XRCHEST may be a code, and a name; the amounts are in the sender's own ZF1 and ZF2.
    "cosyte_hl7__vendor-shapes_meditech_dft-p03": (
        "a word where the code should be (FT1-7), nothing where the quantity should be (FT1-10): "
        "if this sender's charge codes are words, the profile needs `code_pattern`, and if that "
        "means one, the profile needs `default_quantity: 1`"
    ),
    "microsoft_FHIR-Converter__DFT-P03-01": [XRAY, ("626.2", Decimal(1), Decimal(120), None)],
    "microsoft_FHIR-Converter__DFT-P03-02": [XRAY, ("626.2", Decimal(1), Decimal(120), None)],
    "microsoft_FHIR-Converter__DFT-P11-01": [XRAY, ("92002", Decimal(1), Decimal(70), None)],
    "microsoft_FHIR-Converter__DFT-P11-02": [XRAY, ("92002", Decimal(1), Decimal(70), None)],
}


def files():
    return sorted((CORPUS / "hl7").glob("*")) if MANIFEST.exists() else []


def manifest():
    """File name -> messages, FT1 segments, as the manifest counts them."""
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row[0].startswith("hl7/")]
    return {row[0].removeprefix("hl7/"): row for row in rows}


def test_all_of_them_are_here():
    assert set(manifest()) == {file.name for file in files()}


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_every_byte_belongs_to_a_segment_or_a_gap(file):
    hl7 = read_hl7(file)
    frames = [hl7.segments.select("byte_offset", "byte_length"), hl7.gaps.drop("kind")]
    at = 0
    for offset, length in sorted(row for frame in frames for row in frame.rows()):
        assert offset == at
        at += length
    assert at == file.stat().st_size
    assert hl7.messages["accepted"].all()
    assert "text" not in hl7.gaps["kind"].to_list()


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_every_charge_segment_is_a_charge_or_has_its_reason(file):
    hl7 = read_hl7(file)
    sent = hl7.segments.filter(hl7.segments["segment"] == "FT1").height
    refused = hl7.defects.filter(
        hl7.defects["scope"] == "segment", hl7.defects["severity"] == "error"
    )
    read = hl7.records["charge"].height if "charge" in hl7.records else 0
    told = f"FT1={sent}"
    assert read + refused.height == sent
    assert told in manifest()[file.name][-2]


@pytest.mark.parametrize("name", DFT)
def test_verdict_of_each_dft(name):
    hl7 = read_hl7(CORPUS / "hl7" / f"{name}.hl7")
    errors = hl7.defects.filter(hl7.defects["severity"] == "error")["message"].to_list()
    if isinstance(DFT[name], str):
        assert errors == [DFT[name]]
        assert "charge" not in hl7.records
    else:
        found = hl7.records["charge"].select("code", "quantity", "extended", "unit_amount")
        assert (errors, found.rows()) == ([], DFT[name])
        assert set(hl7.records["charge"]["type"]) == {"CG"}


def test_no_dft_is_left_out():
    sent = {file.stem for file in files() if "DFT" in read_hl7(file).messages["message_type"]}
    assert sent == set(DFT)
