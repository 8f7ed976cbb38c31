"""The doctor of a site, and what every command owes the terminal it speaks to."""

import gc
import io
import os
import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from site_folder import Folder
from typer.testing import CliRunner

from recon.cli import app, main


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def doctor(folder: Folder, **environment: str):
    return CliRunner().invoke(app, ["doctor", "--site", str(folder.root)], env=environment)


def test_the_doctor_finds_nothing_and_shows_what_fills_what(folder):
    result = doctor(folder, SFTP_HOST="sftp.example")
    assert result.exit_code == 0, result.output
    assert "Test Network: 1 facility, 2 feeds, no mistakes." in result.output
    assert re.search(r"orders +sftp +x12 +delta +-> purchase_order", result.output)


def test_a_folder_that_is_not_there_is_told_before_the_night_it_would_end(folder):
    """The doctor was content, and the first night ended with 5 and published nothing."""
    told = doctor(folder, SFTP_HOST="sftp.example")
    inbox = folder.root / "inbox/item"
    assert (
        f"! item: the folder {inbox} cannot be listed (No such file or directory). Create it, or "
        "mend `connector.path` of the feed." in told.output.splitlines()
    )
    assert told.exit_code == 0
    inbox.mkdir(parents=True)
    assert "! item" not in doctor(folder, SFTP_HOST="sftp.example").output


def test_what_a_server_asks_of_this_machine_is_told_before_the_night_it_would_end(folder):
    """A key or known hosts that nobody had put there: the doctor found no mistakes."""
    (folder.root / "inbox/item").mkdir(parents=True)
    secrets = folder.root / "secrets"
    told = doctor(folder, SFTP_HOST="sftp.example").output
    assert f"! orders: there is no {secrets / 'known_hosts'}: the server's key must be" in told
    secrets.mkdir()
    (secrets / "known_hosts").touch()
    told = doctor(folder, SFTP_HOST="sftp.example").output
    assert f"! orders: the private key {secrets / 'key'} cannot be used" in told
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(secrets / "key")]
    subprocess.run(command, check=True)
    assert "!" not in doctor(folder, SFTP_HOST="sftp.example").output


def test_columns_of_fixed_width_that_share_characters_are_doubted_and_not_refused(folder):
    (folder.root / "sources/dock.yaml").write_text(
        """\
owner: receiving
connector: {kind: folder, path: ., pattern: "*.txt"}
format: {kind: fixed_width}
extract: append
contract:
  columns:
    - {name: qty, at: {start: 5, width: 4}, type: decimal}
    - {name: order_no, at: {start: 1, width: 4}}
    - {name: unit, at: {start: 8, width: 2}}
"""
    )
    told = doctor(folder, SFTP_HOST="sftp.example")
    assert told.exit_code == 0, told.output
    assert "! dock: the columns 'qty' (5-8) and 'unit' (8-9) share characters" in told.output
    assert told.output.count("share characters") == 1


def test_a_terminal_of_few_characters_ends_no_command(folder, monkeypatch):
    folder.edit("recon.yaml", "Test Network", "Szpital Łódź")
    monkeypatch.setenv("SFTP_HOST", "sftp.example")
    screen = io.TextIOWrapper(io.BytesIO(), "latin-1", write_through=True)
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)  # of the whole process
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "argv", ["recon", "doctor", "--site", str(folder.root)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert screen.buffer.getvalue().startswith(b"Szpital ?\xf3d?: 1 facility")


def test_a_reader_who_has_seen_enough_is_no_mistake(folder, monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setenv("SFTP_HOST", "sftp.example")
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["recon", "doctor", "--site", str(folder.root)])
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code


def test_the_version_is_that_of_the_distribution():
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.stdout) == (0, f"recon {version('supply-recon')}\n")


def test_the_doctor_lists_mistakes_and_exits_with_2(folder):
    folder.edit("recon.yaml", "engine:", "enginee:")
    folder.edit("sources/item.yaml", "count > 0", "cuont > 0")
    result = doctor(folder, SFTP_HOST="sftp.example")
    assert result.exit_code == 2
    assert "2 mistakes in the site" in result.output
    assert "recon.yaml:9:" in result.output
    assert "sources/item.yaml:21:" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"\x00\x01\x02", id="control characters"),
        pytest.param(b"a: &a [*a]\nowner: x\n", id="a list that holds itself"),
        pytest.param(b"owner: !!python/object:os.system x\n", id="a tag of another language"),
        pytest.param(b"? [a, b]\n: c\n", id="a key that is a list"),
        pytest.param(
            b"connector: 5\nformat: []\nrecords: {a: 1}\ncontract: no\n", id="wrong kinds"
        ),
        pytest.param(b"1: 2\nrecords: [1, null]\ncontract: {columns: [5]}\n", id="numbers"),
        pytest.param(b"a: b: c\n", id="two colons"),
        pytest.param(b"format: =\nextract: <<\n", id="signs YAML knows"),
    ],
)
def test_whatever_stands_in_a_file_the_doctor_does_not_fall_over(folder, broken):
    folder.write("sources/broken.yaml", broken)
    result = doctor(folder, SFTP_HOST="x")
    assert result.exit_code == 2, result.output
    assert "sources/broken.yaml:" in result.output
    assert isinstance(result.exception, SystemExit)
