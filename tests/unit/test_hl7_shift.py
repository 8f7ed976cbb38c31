"""Charges of HL7 whose fields have moved: the profile that is suggested reads them right."""

from datetime import date
from decimal import Decimal

import pytest
import yaml

from recon import read_hl7

HEAD = (
    "MSH|^~\\&|OR|HOSP|FIN|HOSP|20260301120000-0600||DFT^P03^DFT_P03|C1|P|2.5.1\r"
    "PID|1||4711^^^H^MR||Doe^Jane||19700101|F||||||||||A900\r"
)


def of(*segments):
    return (HEAD + "".join(f"{segment}\r" for segment in segments)).encode()


@pytest.mark.parametrize(
    "shifted",
    [
        pytest.param("FT1|1||20260301|20260302|CG|C100|||2|200.00|100.00|OR7", id="one-left"),
        pytest.param("FT1|1|20260301|20260302|CG|C100|||2|200.00|100.00|OR7", id="two-left"),
        pytest.param("FT1|1|T||20260301|CG|C100|||2|200.00|100.00|OR7", id="no-posting"),
        pytest.param("FT1|1|T|||20260301|20260302|CG|C100|||2|200.00|100.00|OR7", id="one-right"),
        pytest.param("FT1|1|T||20260301||CG|C100||2||200.00|100.00|OR7", id="quantity-in-9"),
        pytest.param("FT1|1|T||20260301||CG|C100|2|||200.00|100.00|OR7", id="quantity-in-8"),
        pytest.param("FT1|1|T|20260301|20260302|CG|C100||2|200.00|100.00||OR7", id="one-left-in-8"),
        pytest.param("FT1|1|20260301||CG|C100||2|200|100||OR7", id="two-left-in-7"),
        pytest.param("FT1|1|T|20260301|20260302|CG|C100|2|200.00|100.00|||OR7", id="one-left-in-7"),
        pytest.param("FT1|1|T|||20260301|||C100|||2|200.00|100.00|OR7", id="one-right-no-type"),
        pytest.param("FT1|1||20260301|||C100|||2.00|200.00|100.00|OR7", id="one-left-no-type"),
    ],
)
def test_the_suggested_profile_reads_the_charge_right(shifted):
    (told,) = read_hl7(of(shifted)).suggestions.to_dicts()
    assert (told["charges"], told["quarantined"]) == (1, 1)
    hl7 = read_hl7(of(shifted), yaml.safe_load(told["profile"])["profile"])
    row = hl7.records["charge"].row(0, named=True)
    assert row["service_date"] == date(2026, 3, 1)
    assert (row["type"], row["code"], row["quantity"]) == ("CG", "C100", Decimal(2))
    assert (row["extended"], row["unit_amount"]) == (Decimal(200), Decimal(100))
    assert row["dept"] == "OR7"


def test_the_first_number_behind_a_moved_code_is_the_quantity_and_no_description():
    (told,) = read_hl7(of("FT1|1||20260301|20260302|CG|C100|1|2|3")).suggestions.to_dicts()
    assert "FT1.quantity: 7" in told["profile"]


@pytest.mark.parametrize(
    ("rest", "key"),
    [
        pytest.param("|" * 13 + "C1713|K80.20^Stones", "FT1.modifiers", id="behind-the-shift"),
        pytest.param("\rPR1|1||SMITH", "PR1.pr1_procedure", id="of-a-procedure"),
    ],
)
def test_a_suggested_profile_leaves_out_what_it_would_refuse_the_charge_for(rest, key):
    shifted = f"FT1|1||20260301|20260302|CG|C100|||2|200.00|100.00{rest}"
    (told,) = read_hl7(of(shifted)).suggestions.to_dicts()
    profile = yaml.safe_load(told["profile"])["profile"]
    assert profile["positions"][key] == 0
    assert read_hl7(of(shifted), profile).records["charge"]["code"].to_list() == ["C100"]


def test_two_shifts_of_one_sender_suggest_nothing():
    one = "FT1|1||20260301|20260302|CG|C100|||2|200.00|100.00|OR7"
    two = "FT1|1|20260301|20260302|CG|C100|||2|200.00|100.00|OR7"
    assert read_hl7(of(one, two)).suggestions.is_empty()
