"""Numbers behind tokens: kept apart and closed, opened on record; and the record itself."""

import json
import re
import shutil
import sqlite3
import traceback
from contextlib import closing
from datetime import UTC, date, datetime

import polars as pl
import pytest
from typer.testing import CliRunner

from recon import audit
from recon.cli import app
from recon.errors import ConfigError, IntegrityError, ReaderError
from recon.land import Ledger, land
from recon.parse.feed import parse_feed
from recon.parse.privacy import Tokens
from recon.parse.restricted import opened
from recon.site import Site

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
FEED = """\
owner: o
connector: {kind: folder, path: inbox/use, pattern: "*", settle_seconds: 0}
format: {kind: delimited}
extract: append
identifiers: {account: {strip_zeros: true}}
contract:
  columns:
    - {name: account, private: account}
    - {name: mrn, private: mrn}
    - {name: serial, private: serial}
"""
FILE = b"account,mrn,serial\n00PAT-1017,M1,SN-88231\nPAT-2,M2,S12345\nPAT-2,M2,\n"


@pytest.fixture
def site(tmp_path):
    def made(keep="[account, claim, serial]"):
        folder = tmp_path / "site"
        (folder / "sources").mkdir(parents=True)
        (folder / "inbox" / "use").mkdir(parents=True)
        (folder / "sources" / "use.yaml").write_text(FEED)
        (folder / "inbox" / "use" / "use.csv").write_bytes(FILE)
        (folder / "key").write_bytes(b"0123456789abcdef0123456789abcdef")
        (folder / "key").chmod(0o600)
        (folder / "recon.yaml").write_text(
            "name: t\nfirst_business_date: 2026-03-01\n"
            "facilities: [{id: A, name: A, time_zone: UTC}]\n"
            f"privacy: {{key_id: k1, key_file: key, keep: {keep}}}\n"
        )
        found = Site.open(folder)
        with Ledger(found.ledger) as ledger:
            landed = land(found.feeds["use"], found, ledger, DAY, datetime.now(UTC))
        found.lake.write("land", "use", DAY, {"file": landed.files})
        found.lake.write("parse", "use", DAY, parse_feed(found, found.feeds["use"], DAY))
        return found

    return made


def numbers(site, day=DAY):
    return opened(site, day, "jdoe", NOW, "EXPORT ANALYST", "a.xlsx")


def test_what_stands_behind_a_token_is_found_by_it(site):
    found = site()
    tokens = Tokens.open(found)
    rows = {(d, t): n for d, t, n in numbers(found).iter_rows()}
    account, other = tokens.column(pl.Series(["PAT-1017", "PAT-2"]), "account")
    serial, _ = tokens.column(pl.Series(["SN-88231", "S12345"]), "serial")
    # Of a serial number of six characters, four would tell nearly all.
    assert rows == {
        ("account", account): "PAT-1017",
        ("account", other): "PAT-2",
        ("serial", serial): "…8231",
    }
    assert numbers(found, date(2026, 3, 1)).height == 0, "of nights up to the one published"


def test_nothing_of_it_stands_in_the_open(site):
    found = site()
    stored = b"".join(p.read_bytes() for p in found.lake.root.rglob("*") if p.is_file())
    frames = [
        pl.read_parquet(p, hive_partitioning=False) for p in found.lake.root.rglob("*.parquet")
    ]
    told = stored + b"".join(
        str(value).encode() for frame in frames for row in frame.iter_rows() for value in row
    )
    assert frames
    for number in (b"PAT-1017", b"PAT-2", b"8231", b"S12345"):
        assert number not in told, number


def test_a_night_run_again_writes_the_same_bytes(site):
    found = site()
    before = {p: p.read_bytes() for p in (found.lake.root / "restricted").rglob("*.*")}
    parse_feed(found, found.feeds["use"], DAY)
    assert before == {p: p.read_bytes() for p in (found.lake.root / "restricted").rglob("*.*")}


def test_what_is_no_longer_to_be_kept_goes_when_the_night_is_run_again(site):
    found = site()
    declared = found.folder / "recon.yaml"
    declared.write_text(declared.read_text().replace("keep: [account, claim, serial]", "keep: []"))
    again = Site.open(found.folder)
    parse_feed(again, again.feeds["use"], DAY)
    assert again.lake.read("restricted", "use", DAY, "number").is_empty()
    assert len(list(again.lake.folder("restricted", "use", DAY).glob("*.parquet"))) == 1


def test_a_number_put_beside_another_token_does_not_open(site):
    found = site()
    rows = found.lake.read("restricted", "use", DAY, "number")
    swapped = rows.with_columns(token=pl.col("token").reverse())
    found.lake.write("restricted", "use", DAY, {"number": swapped})
    with pytest.raises(IntegrityError, match="cannot be decrypted"):
        numbers(found)


def test_a_mistake_of_ours_in_a_reader_tells_no_value(site, monkeypatch):
    """Libraries put the value into the message; Dagster keeps message, cause and context."""
    found = site()

    def stumbles(*_):
        raise ValueError("cannot read 'PAT-1017' of DOE, JANE")

    monkeypatch.setattr("recon.parse.feed.parse", stumbles)
    with pytest.raises(ReaderError) as told:
        parse_feed(found, found.feeds["use"], DAY)
    whole = "".join(traceback.format_exception(told.value))
    assert "PAT-1017" not in whole
    assert "DOE" not in whole
    assert re.search(
        r"ValueError on the file [0-9a-f]{64} \(.*test_restricted.py:\d+ stumbles", whole
    )


def test_a_site_that_declares_nothing_keeps_nothing(site):
    found = site(keep="[]")
    assert not (found.lake.root / "restricted").exists()
    with pytest.raises(ConfigError, match="keeps no numbers for analysts: declare"):
        numbers(found)
    assert audit.entries(found)[0] == 0


# --- the record -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["published/2026-03-02", "published", "outbox/x", "lake/land"])
def test_numbers_do_not_go_where_others_look(site, place):
    found = site()
    with pytest.raises(ConfigError, match="no place for account numbers"):
        opened(found, DAY, "jdoe", NOW, "EXPORT ANALYST", str(found.folder / place))
    assert not (found.lake.root / "audit.jsonl").exists()


def test_who_opens_numbers_is_on_record_before_they_are_opened(site):
    found = site()
    numbers(found)
    (line,) = (found.lake.root / "audit.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "who": "jdoe",
        "at": "2026-03-03T05:00:00+00:00",
        "act": "EXPORT ANALYST",
        "business_date": "2026-03-02",
        "files": "a.xlsx",
        "previous": "0" * 64,
    }


BROKEN = {
    "changed": lambda lines: [lines[0], lines[1].replace(b"jdoe", b"jroe"), lines[2]],
    "taken out": lambda lines: [lines[0], lines[2]],
    "in another order": lambda lines: [lines[1], lines[0], lines[2]],
    "the first taken out": lambda lines: lines[1:],
    "cut": lambda lines: [*lines[:2], lines[2][:-4]],
    "something else": lambda lines: [*lines, b"[]\n"],
}
FIRST = {"changed": 3, "taken out": 2, "in another order": 1, "the first taken out": 1}


@pytest.mark.parametrize("how", BROKEN)
def test_a_log_that_was_tampered_with_is_told_by_its_line_and_takes_no_more(site, how):
    found = site()
    for _ in range(3):
        numbers(found)
    path = found.lake.root / "audit.jsonl"
    path.write_bytes(b"".join(BROKEN[how](path.read_bytes().splitlines(keepends=True))))
    line = FIRST.get(how, 3 if how == "cut" else 4)
    with pytest.raises(IntegrityError, match=rf"audit\.jsonl is not the log.*line {line} does not"):
        found.verify()
    with pytest.raises(IntegrityError):
        numbers(found)


CUT = "has 2 lines, and the ledger knows of 3"
BEHIND = {
    "the last changed": (lambda log: log.replace(b"c.xlsx", b"d.xlsx"), "line 3 is not the line"),
    "the last taken off": (lambda log: log[: log.index(b"\n", log.index(b"b.xlsx")) + 1], CUT),
    "emptied": (lambda _: b"", "has 0 lines, and the ledger knows of 3"),
}


@pytest.mark.parametrize("how", BEHIND)
def test_the_end_of_the_log_is_held_by_the_ledger(site, how):
    found = site()
    for files in ("a.xlsx", "b.xlsx", "c.xlsx"):
        opened(found, DAY, "jdoe", NOW, "EXPORT ANALYST", files)
    harm, told = BEHIND[how]
    path = found.lake.root / "audit.jsonl"
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(IntegrityError, match=rf"audit\.jsonl is not the log.*{told}"):
        found.verify()
    with pytest.raises(IntegrityError, match=told):
        numbers(found)


def test_a_log_that_is_gone_is_not_begun_anew(site):
    found = site()
    numbers(found)
    (found.lake.root / "audit.jsonl").unlink()
    for _ in range(2):
        with pytest.raises(IntegrityError, match="has 0 lines, and the ledger knows of 1"):
            numbers(found)
        with pytest.raises(IntegrityError, match="has 0 lines, and the ledger knows of 1"):
            found.verify()


def test_an_entry_of_which_a_kill_left_the_ledger_ignorant_is_no_harm(site, monkeypatch):
    found = site()
    numbers(found)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "enter_audit_head", killed)
        with pytest.raises(KeyboardInterrupt):
            numbers(found)
    assert (audit.entries(found)[0], audit.entries(found)[2]) == (2, 1)
    verified = CliRunner().invoke(app, ["verify", "--site", str(found.folder)])
    assert verified.exit_code == 0
    assert "! the ledger knows only the first 1:" in verified.stdout
    numbers(found)
    assert (audit.entries(found)[0], audit.entries(found)[2]) == (3, 3)


def test_the_ledger_never_knows_of_a_line_that_is_not_on_the_disk(site, monkeypatch):
    found = site()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("recon.audit.os.fsync", full)
    with pytest.raises(ConfigError, match=r"audit\.jsonl cannot be written"):
        numbers(found)
    assert audit.entries(found)[::2] == (0, 0)


def test_a_log_of_an_older_version_is_anchored_with_its_next_entry(site):
    found = site()
    numbers(found)
    with closing(sqlite3.connect(found.ledger)) as older:
        older.execute("drop table audit_head")
    assert audit.entries(found)[::2] == (1, 0)
    numbers(found)
    assert audit.entries(found)[::2] == (2, 2)


def test_doctor_reads_the_old_keys_too(site):
    found = site()
    config = found.folder / "recon.yaml"
    config.write_text(
        config.read_text().replace("key_file: key", "key_file: key, old_keys: {k0: k0}")
    )
    told = CliRunner().invoke(app, ["doctor", "--site", str(found.folder)])
    assert told.exit_code == 2
    assert "k0 (privacy.old_keys of recon.yaml) cannot be read" in told.stderr


@pytest.mark.parametrize("written", ["", "2b57da32dd29", "../../../etc/passwd"])
def test_what_is_no_hash_is_no_damage_to_the_lake(site, written):
    found = site()
    told = CliRunner().invoke(app, ["raw", written, "--site", str(found.folder)])
    assert told.exit_code == 2
    assert told.stderr.startswith(f"error: '{written}' is not a SHA-256")
    assert not (found.lake.root / "audit.jsonl").exists()


def test_a_hash_that_never_arrived_is_no_damage_and_a_file_that_is_gone_is(site):
    found = site()
    told = CliRunner().invoke(app, ["raw", "f" * 64, "--site", str(found.folder)])
    assert told.exit_code == 2
    assert f"no file with the SHA-256 {'f' * 64} ever arrived" in told.stderr
    (here,) = found.lake.raw_files()
    found.lake.raw_path(here).unlink()
    told = CliRunner().invoke(app, ["raw", here, "--site", str(found.folder)])
    assert told.exit_code == 7
    assert "Restore it from a backup" in told.stderr
    verified = CliRunner().invoke(app, ["verify", "--site", str(found.folder)])
    assert f"no longer in {found.lake.root}/raw: 1 ({here})" in verified.stdout


def test_verify_does_not_call_an_empty_lake_sound(site):
    found = site()
    shutil.rmtree(found.lake.root)
    verified = CliRunner().invoke(app, ["verify", "--site", str(found.folder)])
    assert verified.stdout.startswith(f"Nothing is stored in {found.lake.root}: there is nothing")


def test_a_byte_behind_the_end_of_a_file_is_told(site):
    found = site()
    words = ["raw", found.lake.raw_files()[0], "--site", str(found.folder), "--at"]
    sizes = [len(found.lake.raw(sha256)) for sha256 in found.lake.raw_files()]
    last = CliRunner().invoke(app, [*words, str(sizes[0] - 1)])
    assert (last.exit_code, len(last.stdout_bytes)) == (0, 1)
    behind = CliRunner().invoke(app, [*words, str(sizes[0])])
    assert behind.exit_code == 2
    assert f"there is no byte {sizes[0]} in that file: it has {sizes[0]}, from 0" in behind.stderr


def test_what_cannot_be_put_on_record_is_not_shown(site):
    found = site()
    (found.lake.root / "audit.jsonl").mkdir()
    words = ["raw", found.lake.raw_files()[0], "--site", str(found.folder)]
    told = CliRunner().invoke(app, words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "audit.jsonl cannot be written (Is a directory)" in told.stderr


def test_a_wrong_key_is_told_by_doctor(site):
    found = site()
    (found.folder / "key").write_bytes(b"fedcba9876543210fedcba9876543210")
    told = CliRunner().invoke(app, ["doctor", "--site", str(found.folder)])
    assert told.exit_code == 2
    assert "the key 'k1' is not the one" in told.stderr


def test_verify_says_that_a_log_has_no_entries(site):
    found = site()
    verified = CliRunner().invoke(app, ["verify", "--site", str(found.folder)])
    assert verified.stdout.endswith("audit log: 0 entries.\n")


def test_a_hash_may_be_in_capitals(site):
    found = site()
    words = ["raw", found.lake.raw_files()[0].upper(), "--site", str(found.folder)]
    assert CliRunner().invoke(app, words).exit_code == 0


def test_the_commands(site):
    found = site()
    sha256 = found.lake.raw_files()[0]
    words = ["raw", sha256, "--site", str(found.folder), "--at", "19", "--length", "10"]
    shown = CliRunner().invoke(app, words)
    assert (shown.exit_code, shown.stdout) == (0, "00PAT-1017")
    (line,) = (found.lake.root / "audit.jsonl").read_text().splitlines()
    assert json.loads(line)["act"] == "RAW"
    verified = CliRunner().invoke(app, ["verify", "--site", str(found.folder)])
    assert verified.exit_code == 0
    assert f"audit log: 1 entries, the last {audit.entries(found)[1]}" in verified.stdout
    again = CliRunner().invoke(app, ["close-again", "--site", str(found.folder)])
    assert again.stdout == "0 raw files encrypted with the current key.\n"
