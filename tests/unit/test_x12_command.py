"""`recon x12`: what a person without a site sees of an X12 file, and what a program gets."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from recon.cli import app
from recon.parse.x12 import read_x12

RECON = Path(sys.executable).with_name("recon")
ISA = (
    f"ISA*00*{'':10}*00*{'':10}*ZZ*{'FALLOW':15}*ZZ*{'MERIDIAN':15}*260331*0102*U*00401*000000007"
    "*0*P*>"
)
INVOICE = [
    "ST*810*0001",
    "BIG*20260330*INV1**PO1",
    "IT1*1*2*EA*10**VC*A1",
    "TDS*2000",
    "CTT*1",
    "SE*6*0001",
]
MISCOUNTED = ["ST*810*0002", *INVOICE[1:-1], "SE*9*0002"]


def file_of(*sets, isa=ISA):
    body = [segment for transaction in sets for segment in transaction]
    segments = [
        isa,
        "GS*IN*FALLOW*MERIDIAN*20260331*0102*7*X*004010",
        *body,
        f"GE*{len(sets)}*7",
        "IEA*1*000000007",
    ]
    return "".join(f"{segment}~\n" for segment in segments).encode()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder, from which the command is given, with a good file and one half refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.edi").write_bytes(file_of(INVOICE))
    (tmp_path / "half.edi").write_bytes(file_of(INVOICE, MISCOUNTED))
    return tmp_path


def run(*words, given=None):
    return CliRunner().invoke(app, ["x12", *map(str, words)], input=given)


def lines(result):
    return [line.strip(" │├└─") for line in result.stdout.splitlines()]


def test_a_clean_file_is_shown_from_its_envelope_to_its_bytes():
    result = run("good.edi")
    told = lines(result)
    assert result.exit_code == 0
    assert told[0].startswith("good.edi")
    assert told[1].startswith("ISA 000000007  ZZ FALLOW to ZZ MERIDIAN  260331 0102  00401 P")
    assert told[2] == "GS IN 7  FALLOW to MERIDIAN  004010"
    assert told[3] == "ST 0001 810 Invoice, 6 segments  accepted"
    assert "Records: invoice 1, invoice_line 1" in told
    assert "Defects: none" in told
    # The line break after each of ten terminators.
    assert "Bytes outside segments: 10 blank in 10 places" in told


def test_of_many_defects_the_errors_are_shown_and_every_kind_is_counted(folder):
    # Of a list price, which is not sent: a note.
    noted = [*INVOICE[:3], "SAC*A*C310****1*5", *INVOICE[3:-1], "SE*7*0001"]
    (folder / "many.edi").write_bytes(file_of(*[noted] * 50, MISCOUNTED))
    told = lines(run("many.edi"))
    shown = [line for line in told if line.startswith(("error", "info"))]
    assert len(shown) == 40
    assert shown[0].split()[:3] == ["error", "810", "0002,"]
    assert "Errors: 1, notes: 50; 40 are shown. All of them: charge_amount 50, SE01 1" in told


def test_every_sum_is_shown_as_declared_and_as_found():
    rows = [line.split() for line in lines(run("good.edi"))]
    assert ["SE01", "8", "6", "6", "agrees"] in rows
    assert ["GE01", "9", "1", "1", "agrees"] in rows


def test_a_refused_set_is_named_with_place_and_reason_and_ends_with_4():
    result = run("half.edi")
    told = lines(result)
    assert result.exit_code == 4
    assert "ST 0001 810 Invoice, 6 segments  accepted" in told
    assert "ST 0002 810 Invoice, 6 segments  REFUSED" in told
    defect = next(line for line in told if line.startswith("error"))
    assert "810 0002, segment 6 SE" in defect
    assert defect.endswith("SE01 declares 9 segments, 6 were found")
    assert ["SE01", "14", "9", "6", "DIFFERS"] in [line.split() for line in told]


def test_many_sets_are_counted_and_the_refused_among_them_named(folder):
    many = [[s.replace("0001", f"{n:04}") for s in INVOICE] for n in range(1, 21)]
    (folder / "many.edi").write_bytes(file_of(*many, ["ST*810*0021", *MISCOUNTED[1:]]))
    told = lines(run("many.edi"))
    assert "21 ST 810 Invoice, 126 segments  20 accepted" in told
    assert [line for line in told if line.startswith("ST ")] == [
        "ST 0021 810 Invoice, 6 segments  REFUSED"
    ]


def test_a_set_outside_any_group_is_shown_there(folder):
    loose = "".join(f"{s}~" for s in (ISA, *INVOICE, "IEA*0*000000007"))
    (folder / "loose.edi").write_text(loose)
    told = lines(run("loose.edi"))
    assert told[2:4] == ["outside any group", "ST 0001 810 Invoice, 6 segments  REFUSED"]


def test_a_folder_is_read_without_what_is_hidden_or_no_x12(folder):
    (folder / "readme.txt").write_text("not an interchange")
    (folder / ".cache").write_text("hidden")
    result = run(folder)
    assert result.exit_code == 4
    heads = [line for line in lines(result) if "bytes, " in line]
    assert [Path(head.split()[0]).name for head in heads] == ["good.edi", "half.edi"]
    assert lines(result)[-1] == f"Passed over, no interchange in them: {folder / 'readme.txt'}"


def test_what_is_left_of_an_interchange_is_not_passed_over(folder):
    for name in ("good.edi", "half.edi"):
        (folder / name).unlink()
    (folder / "bare.edi").write_text("\n".join(f"{segment}~" for segment in INVOICE))
    (folder / "short.edi").write_text("ISA*00*00*ZZ*S~GS*IN*S*H*20260331~ST*810*0001~")
    result = run(folder)
    assert result.exit_code == 4
    assert "Passed over" not in result.stdout
    assert "it is X12 without its envelope" in " ".join(lines(result))
    assert "it begins like X12, perhaps cut short" in " ".join(lines(result))


def test_a_named_file_that_is_no_x12_is_refused(folder):
    (folder / "readme.txt").write_text("not an interchange")
    result = run("readme.txt")
    assert result.exit_code == 4
    assert "the file holds no readable ISA segment" in result.stdout


def test_standard_input_is_read():
    result = run("-", given=file_of(INVOICE))
    assert result.exit_code == 0
    assert "ST 0001 810 Invoice, 6 segments  accepted" in lines(result)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["gone.edi"], "there is no gone.edi", id="no-such-file"),
        pytest.param(["good.edi", "gone.edi"], "there is no gone.edi", id="one-of-two"),
        pytest.param(["good.edi", ""], "the name of a file is empty", id="a-variable-not-set"),
        pytest.param(["empty"], "the folder empty holds no file", id="an-empty-folder"),
        pytest.param(
            ["other"], "no interchange in other/0, other/1, other/2 and 1 more", id="none"
        ),
        pytest.param(["other", "--json"], "no interchange in other/0", id="none-as-json"),
        pytest.param(["other", "--ack", "auto"], "no interchange in", id="none-to-answer"),
        pytest.param(["other", "--records", "invoice"], "no interchange in", id="none-of-a-table"),
        pytest.param(["other", "--parquet", "out"], "no interchange in", id="none-to-store"),
        pytest.param(
            ["good.edi", "--records", "invoice_lin"],
            "did you mean invoice_line",
            id="no-such-table",
        ),
        pytest.param(["-", "--parquet", "out"], "name a file", id="standard-input-to-parquet"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence_and_ends_with_2(folder, words, told):
    (folder / "empty").mkdir()
    (folder / "other").mkdir()
    for number in range(4):
        (folder / "other" / str(number)).write_text("not an interchange")
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert told in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--json", "--ack", "997"], id="json-and-ack"),
        pytest.param(["--records", "invoice", "--json"], id="records-and-json"),
        pytest.param(["--parquet", "out", "--records", "invoice"], id="parquet-and-records"),
    ],
)
def test_two_forms_at_once_are_not_guessed_at(words):
    assert run("good.edi", *words).exit_code == 2


def test_a_folder_without_a_name_is_not_the_current_one(folder):
    before = sorted(folder.iterdir())
    result = run("good.edi", "--parquet", "")
    assert result.exit_code == 2
    assert "the folder's name is empty" in result.stderr
    assert sorted(folder.iterdir()) == before


def test_json_is_one_document_with_the_frames():
    result = run("good.edi", "half.edi", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 4
    assert [file["file"] for file in found["files"]] == ["good.edi", "half.edi"]
    half = found["files"][1]
    assert set(half) == {
        *("file", "size_bytes", "encoding", "is_refused", "records", "gaps"),
        *("interchanges", "groups", "transactions", "defects", "controls"),
    }
    assert half["is_refused"] is True
    assert half["records"] == {"invoice": 1, "invoice_line": 1}
    assert [s["accepted"] for s in half["transactions"]] == [True, False]
    assert half["defects"][0]["code"] == "SE01"
    assert half["interchanges"][0]["sender_id"] == "FALLOW"


def test_records_of_a_table_go_out_as_csv():
    result = run("half.edi", "--records", "invoice")
    rows = pl.read_csv(result.stdout_bytes)
    assert result.exit_code == 4
    assert rows.select("invoice_number", "po_number", "total").rows() == [("INV1", "PO1", 20.0)]


def test_records_of_several_files_say_which():
    rows = pl.read_csv(run("good.edi", "half.edi", "--records", "invoice").stdout_bytes)
    assert rows.select("file", "invoice_number").rows() == [
        ("good.edi", "INV1"),
        ("half.edi", "INV1"),
    ]


def test_a_table_that_a_file_does_not_have_is_a_heading():
    result = run("good.edi", "--records", "purchase_order")
    assert result.stdout.count("\n") == 1
    assert result.stdout.startswith("source_record,byte_offset")


@pytest.mark.parametrize(
    ("form", "tags"),
    [
        pytest.param("auto", ["AK1", "AK2", "AK5", "AK9"], id="auto"),
        pytest.param("997", ["AK1", "AK2", "AK5", "AK9"], id="997"),
        pytest.param("999", ["AK1", "AK2", "IK5", "AK9"], id="999"),
        pytest.param("TA1", ["TA1"], id="TA1"),
    ],
)
def test_the_acknowledgement_is_what_goes_out_and_nothing_else(form, tags):
    result = run("good.edi", "--ack", form)
    segments = read_x12(result.stdout_bytes).segments["tag"]
    envelope = ["ISA", "GS", "ST", "SE", "GE", "IEA"]
    assert [tag for tag in segments if tag not in envelope] == tags


def test_parquet_gets_every_table_of_one_file(folder):
    result = run("good.edi", "--parquet", "out")
    assert result.exit_code == 0
    assert "Records: invoice 1, invoice_line 1" in lines(result)
    assert pl.read_parquet(folder / "out" / "invoice_line.parquet")["qty"].to_list() == [2]
    assert (folder / "out" / "transactions.parquet").exists()


def test_parquet_goes_into_a_folder_of_any_name(folder):
    """A name that would be a pattern to whatever expands one."""
    assert run("half.edi", "--parquet", "out [1]*").exit_code == 4
    kept = pl.read_parquet(folder / "out [1]*" / "invoice_line.parquet", glob=False)
    assert kept.height == 1


def test_parquet_of_several_files_keeps_them_apart(folder):
    inner = folder / "inbox" / "one"
    inner.mkdir(parents=True)
    (inner / "good.edi").write_bytes(file_of(INVOICE))
    assert run("good.edi", "inbox", "--parquet", "out").exit_code == 0
    found = sorted(p.relative_to(folder / "out") for p in (folder / "out").rglob("invoice.parquet"))
    assert found == [Path("good.edi/invoice.parquet"), Path("inbox/one/good.edi/invoice.parquet")]


CLAIM = [
    "ST*835*0001",
    "BPR*I*50*C*CHK************20260330",
    "TRN*1*TRACE1*1999999999",
    "LX*1",
    "CLP*ACCOUNT77*1*80*50**12*PAYER88",
    "SVC*HC>99213*80*50",
    "SE*7*0001",
]


@pytest.fixture
def on_screen(folder):
    """Runs the program itself with a terminal for its output; gives what stands there."""

    def shown(*words):
        ours, theirs = pty.openpty()
        with subprocess.Popen([str(RECON), "x12", *words], stdout=theirs, cwd=folder) as process:
            os.close(theirs)
            text = b""
            while True:
                try:
                    part = os.read(ours, 4096)
                except OSError:  # how Linux says that nobody writes there any more
                    break
                if not part:
                    break
                text += part
            process.wait()
        os.close(ours)
        return text.decode()

    return shown


def test_on_a_screen_a_table_is_readable_and_without_what_identifies_a_person(folder, on_screen):
    (folder / "paid.edi").write_bytes(file_of(CLAIM))
    text = on_screen("paid.edi", "--records", "claim_payment")
    assert "TRACE1" in text
    assert "ACCOUNT77" not in text
    assert "PAYER88" not in text
    assert "account_number" in text  # among those it says it does not show
    piped = run("paid.edi", "--records", "claim_payment").stdout
    assert "ACCOUNT77" in piped


def test_what_a_file_holds_cannot_steer_the_terminal(folder):
    (folder / "odd.edi").write_bytes(file_of(INVOICE, isa=ISA.replace("FALLOW ", "\x1b[2JWOW")))
    assert "\x1b" not in run("odd.edi").stdout


def test_the_program_itself_ends_with_the_same_code():
    done = subprocess.run(
        [str(RECON), "x12", "-"], input=file_of(MISCOUNTED), capture_output=True, check=False
    )
    assert done.returncode == 4
