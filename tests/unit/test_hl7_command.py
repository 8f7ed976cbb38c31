"""`recon hl7`: what a person without a site sees of an HL7 file, and never a patient's value."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recon.cli import app

PRIVATE = ("4711", "A900", "V77", "SER1", "Doe", "19700101", "DON7")
HEAD = (
    "MSH|^~\\&|OR|HOSP|FIN|HOSP|20260301120000-0600||DFT^P03^DFT_P03|{id}|P|2.5.1\r"
    "PID|1||4711^^^H^MR||Doe^Jane||19700101|F||||||||||A900\rPV1|1|I|||||||||||||||||V77\r"
)
GOOD = HEAD.format(id="C1") + (
    "FT1|1|T1||20260301|20260302|CG|C100^Stent|||2|200.00|100.00|OR7\r"
    "PRT|1||||||||||||||||||L1|SER1|DON7\r"
)
SHIFTED = HEAD.format(id="C2") + "FT1|1||20260301|20260302|CG|C100|||2|200.00|100.00|OR7\r"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.hl7").write_bytes(GOOD.encode())
    (tmp_path / "both.hl7").write_bytes((GOOD + SHIFTED).encode())
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "a.hl7").write_bytes(GOOD.encode())
    (tmp_path / "mixed" / "notes.txt").write_bytes(b"nothing")


def run(*words):
    return CliRunner().invoke(app, ["hl7", *words])


@pytest.mark.parametrize("words", [[], ["--json"], ["--ack"], ["--records", "charge"]])
@pytest.mark.parametrize("file", ["good.hl7", "both.hl7"])
def test_no_private_value_is_printed(file, words):
    told = run(file, *words)
    assert told.exit_code == (4 if file == "both.hl7" else 0)
    assert [value for value in PRIVATE if value in told.output] == []


def test_messages_defects_and_the_profile_that_fits_are_shown():
    told = run("both.hl7").stdout
    assert "DFT^P03 C1  OR HOSP  2.5.1  delimiters |^~\\&, 5 segments  accepted" in told
    assert "Records: charge 1, charge_device 1" in told
    assert "5 segments  accepted\n" in told
    assert "4 segments  accepted, but 1 of its charges REFUSED\n" in told
    assert "this feed looks shifted by" in told
    assert "1 of 1 quarantined charges of OR HOSP would be read with this" in told
    assert "      FT1.code: 6\n" in told


def test_records_number_the_persons():
    rows = list(csv.DictReader(io.StringIO(run("good.hl7", "mixed", "--records", "charge").stdout)))
    assert [row["file"] for row in rows] == ["good.hl7", "mixed/a.hl7"]
    assert [row["account"] for row in rows] == ["account 1", "account 1"]
    assert [row["code"] for row in rows] == ["C100", "C100"]


def test_json_holds_every_frame():
    (file,) = json.loads(run("both.hl7", "--json").stdout)["files"]
    assert file["records"] == {"charge": 1, "charge_device": 1}
    assert [m["accepted"] for m in file["messages"]] == [True, True]
    assert [d["code"] for d in file["defects"]] == ["implausible"]
    assert len(file["suggestions"]) == 1


def test_an_answer_for_each_message():
    assert run("both.hl7", "--ack").stdout.count("MSA|A") == 2


def test_what_holds_no_message_is_passed_over_in_folders():
    assert "Passed over, no message in them: mixed/notes.txt" in run("mixed").stdout


@pytest.mark.parametrize("how", [[], ["--json"], ["--ack"], ["--records", "charge"]])
def test_a_folder_without_any_message_is_a_wrong_argument(how):
    Path("other").mkdir()
    Path("other", "notes.txt").write_text("nothing\n")
    result = run("other", *how)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no message in other/notes.txt: name a file or folder" in result.stderr


def test_what_is_left_of_a_message_is_not_passed_over():
    Path("mixed", "b.hl7").write_bytes(b"BHS|^~\\&|A\r")
    told = run("mixed").stdout
    assert "Passed over, no message in them: mixed/notes.txt\n" in told
    assert "it begins like HL7 v2, perhaps cut short" in " ".join(told.split())


def test_mistakes_are_told():
    assert run("good.hl7", "--records", "chrage").exit_code != 0
    assert "charge" in run("good.hl7", "--records", "chrage").output
    assert run("good.hl7", "--json", "--ack").exit_code == 2
    assert run("none.hl7").exit_code != 0


def test_one_person_has_one_number_in_every_column_of_a_table(tmp_path):
    merge = (
        "MSH|^~\\&|ADT|H|MPI|H|20260406080000||ADT^A40|M1|P|2.5\r"
        "EVN|A40|20260406080000\rPID|||100^^^H^MR\rMRG|200^^^H^MR\r"
    )
    back = (
        merge.replace("M1", "M2").replace("100^", "x^").replace("200^", "100^").replace("x", "200")
    )
    (tmp_path / "merge.hl7").write_bytes((merge + back).encode())
    told = run("merge.hl7", "--records", "account_merge").stdout
    rows = list(csv.DictReader(io.StringIO(told)))
    assert [(row["mrn"], row["prior_mrn"]) for row in rows] == [
        ("mrn 1", "mrn 2"),
        ("mrn 2", "mrn 1"),
    ]
