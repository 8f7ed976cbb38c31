"""The lake: a partition is whole or as it was, and never believed without its hash."""

import errno
import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from recon import lake as lake_module
from recon.errors import BusyError, ConfigError, IntegrityError
from recon.lake import MANIFEST, Lake, write_atomically, write_files
from recon.land import Ledger
from recon.site import Site, SiteConfig

DAY = date(2026, 3, 2)
OLD = pl.DataFrame({"a": [1, 2]})
NEW = pl.DataFrame({"a": [3]})


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def folder(lake: Lake) -> Path:
    return lake.folder("canonical", "item", DAY)


def write(lake: Lake, **parts: pl.DataFrame) -> None:
    lake.write("canonical", "item", DAY, parts)


def rows(lake: Lake, part: str) -> list[int] | None:
    found = lake.read("canonical", "item", DAY, part)
    return None if found is None else found["a"].to_list()


def everything(lake: Lake) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in folder(lake).iterdir()}


def test_what_was_written_is_read_by_part(lake):
    write(lake, item=OLD, reject=NEW)
    assert rows(lake, "item") == [1, 2]
    assert rows(lake, "reject") == [3]
    assert rows(lake, "other") is None
    stored = lake.stored("canonical", "item", DAY)
    assert [(f.part, f.rows) for f in stored] == [("item", 2), ("reject", 1)]
    assert lake.days("canonical", "item") == [DAY]


def test_nothing_is_there_before_the_first_write(lake):
    assert rows(lake, "item") is None
    assert lake.stored("canonical", "item", DAY) == []
    assert lake.days("canonical", "item") == []


def test_the_part_named_like_the_table_is_read_by_default(lake):
    write(lake, item=OLD, reject=NEW)
    assert lake.read("canonical", "item", DAY).equals(OLD)


def test_equal_rows_give_equal_bytes_and_touch_nothing(lake):
    write(lake, item=OLD)
    before, stamps = everything(lake), [f.stat().st_mtime_ns for f in folder(lake).iterdir()]
    write(lake, item=OLD.clone())
    assert everything(lake) == before
    assert [f.stat().st_mtime_ns for f in folder(lake).iterdir()] == stamps


def test_a_part_that_is_not_written_again_is_gone(lake):
    write(lake, item=OLD, reject=NEW)
    write(lake, item=NEW)
    assert len(everything(lake)) == 2  # one part and the manifest
    assert rows(lake, "reject") is None


def test_money_keeps_its_type(lake):
    money = pl.DataFrame({"a": ["1.10"]}).cast(pl.Decimal(18, 2))
    write(lake, item=money)
    assert lake.read("canonical", "item", DAY).schema == {"a": pl.Decimal(18, 2)}


class Killed(BaseException):
    """Stands for SIGKILL at one moment."""


@pytest.fixture
def kill_before(monkeypatch):
    """Raise just before the n-th file of a commit is renamed into place."""

    def armed(number: int) -> None:
        seen = iter(range(1, 100))
        replace = Path.replace

        def die(self, target):
            if next(seen) == number:
                raise Killed
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", die)

    return armed


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(1, id="before the first file"),
        pytest.param(2, id="between the files"),
        pytest.param(3, id="between the files and the manifest"),
    ],
)
def test_a_kill_leaves_the_old_partition_readable(lake, kill_before, monkeypatch, number):
    write(lake, item=OLD, reject=OLD)
    before = everything(lake)
    kill_before(number)
    with pytest.raises(Killed):
        write(lake, item=NEW, reject=NEW)
    monkeypatch.undo()
    again = Lake(lake.root)
    assert (rows(again, "item"), rows(again, "reject")) == ([1, 2], [1, 2])
    assert before.items() <= everything(lake).items()
    # The next write completes, and removes what the kill left.
    write(again, item=NEW, reject=NEW)
    assert rows(again, "item") == [3]
    assert len(everything(again)) == 3


def test_a_kill_after_the_manifest_leaves_the_new_partition(lake, monkeypatch):
    write(lake, item=OLD)
    unlink = Path.unlink

    def die(self, missing_ok=False):
        if not missing_ok:
            raise Killed
        unlink(self, missing_ok=True)

    monkeypatch.setattr(Path, "unlink", die)
    with pytest.raises(Killed):
        write(lake, item=NEW)
    monkeypatch.undo()
    assert rows(lake, "item") == [3]


def test_what_people_put_beside_a_workbook_stays(lake, tmp_path):
    published = tmp_path / "published"
    lake.commit(published, {"NGH.xlsx": b"one", "EMC.xlsx": b"two"}, keep_names=True)
    (published / "notes.txt").write_text("mine")
    lake.commit(published, {"NGH.xlsx": b"three"}, keep_names=True)
    found = {f.name: f.read_bytes() for f in published.iterdir() if f.name != MANIFEST}
    assert found == {"NGH.xlsx": b"three", "notes.txt": b"mine"}


# --- belief --------------------------------------------------------------------------------------


def only_part(lake: Lake) -> Path:
    return next(folder(lake).glob("*.parquet"))


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(
            lambda lake: flip_a_bit(only_part(lake)),
            "does not have the SHA-256",
            id="a flipped bit",
        ),
        pytest.param(lambda lake: only_part(lake).unlink(), "is not there", id="a missing file"),
        pytest.param(
            lambda lake: (folder(lake) / MANIFEST).write_text('{"files": [{'),
            "is not a manifest",
            id="a manifest cut short",
        ),
        pytest.param(
            lambda lake: (folder(lake) / MANIFEST).write_text("{}"),
            "is not a manifest",
            id="a manifest without files",
        ),
    ],
)
def test_changed_bytes_are_never_read(lake, harm, told):
    write(lake, item=OLD)
    harm(lake)
    with pytest.raises(IntegrityError, match=told):
        rows(Lake(lake.root), "item")


def test_a_file_that_changes_after_it_was_read_is_noticed(lake):
    write(lake, item=OLD)
    assert rows(lake, "item") == [1, 2]
    only_part(lake).write_bytes(b"something else")
    with pytest.raises(IntegrityError):
        rows(lake, "item")


def test_verifying_a_site_names_every_file_that_changed(tmp_path):
    facility = {"id": "A", "name": "A", "time_zone": "UTC"}
    config = SiteConfig(name="t", first_business_date="2026-03-01", facilities=[facility])
    site = Site(tmp_path, config, {})
    site.lake.write("canonical", "item", DAY, {"item": OLD, "reject": NEW})
    site.lake.commit(site.published / "2026-03-02", {"book.xlsx": b"x"}, keep_names=True)
    sha256 = site.lake.keep_raw(b"bytes")
    assert site.verify() == 4
    raw = site.lake.raw_path(sha256)
    raw.chmod(0o644)
    raw.write_bytes(b"other")
    (site.published / "2026-03-02" / "book.xlsx").write_bytes(b"y")
    with pytest.raises(IntegrityError, match=r"(?s)book\.xlsx.*no longer has the bytes"):
        site.verify()


@pytest.mark.parametrize(
    ("umask", "mode"),
    [pytest.param(0o077, 0o600, id="mine"), pytest.param(0o027, 0o640, id="ours")],
)
def test_what_is_published_is_open_to_whom_the_umask_lets_into_its_folder(
    lake, tmp_path, umask, mode
):
    before = os.umask(umask)
    try:
        lake.commit(tmp_path / "published" / "2026-03-02", {"a.xlsx": b"a"}, keep_names=True)
        write_files(tmp_path / "simulations", {"b.xlsx": b"b"})
    finally:
        os.umask(before)
    made = [*(tmp_path / "published").rglob("*.*"), *(tmp_path / "simulations").iterdir()]
    assert len(made) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {mode}


# --- raw files -----------------------------------------------------------------------------------


def test_raw_bytes_are_kept_once_and_read_only(lake):
    first = lake.keep_raw(b"bytes")
    assert lake.keep_raw(b"bytes") == first
    assert lake.raw(first) == b"bytes"
    assert lake.raw_path(first).stat().st_mode & 0o777 == 0o400
    assert lake.raw_files() == [first]


def test_raw_bytes_that_changed_or_went_are_told(lake):
    first, second = lake.keep_raw(b"one"), lake.keep_raw(b"two")
    lake.raw_path(first).chmod(0o644)
    lake.raw_path(first).write_bytes(b"eno")
    lake.raw_path(second).unlink()
    with pytest.raises(IntegrityError, match="no longer has the bytes that were landed"):
        lake.raw(first)
    with pytest.raises(IntegrityError, match="ask the sender for it again"):
        lake.raw(second)


def test_a_read_only_remainder_of_a_kill_does_not_stop_the_next_run(lake, kill_before, monkeypatch):
    kill_before(1)
    with pytest.raises(Killed):
        lake.keep_raw(b"bytes")
    monkeypatch.undo()
    assert lake.raw_files() == []
    assert lake.raw(lake.keep_raw(b"bytes")) == b"bytes"


# --- one writer ----------------------------------------------------------------------------------


def other_process(lake: Lake) -> subprocess.CompletedProcess:
    program = (
        "import sys; from pathlib import Path; from recon.lake import Lake\n"
        "from recon.errors import BusyError\n"
        "try:\n"
        "    with Lake(Path(sys.argv[1])).locked(): print('held')\n"
        "except BusyError as error: print(error); sys.exit(error.exit_code)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program, str(lake.root)], capture_output=True, text=True, check=False
    )


def test_a_second_process_is_told_to_wait(lake):
    with lake.locked(), Lake(lake.root).locked():  # steps of one night hold it together
        busy = other_process(lake)
    assert busy.returncode == BusyError.exit_code == 6
    assert "another run is writing" in busy.stdout
    assert other_process(lake).stdout.strip() == "held"


def test_the_lock_is_free_again_after_a_failure(lake):
    with pytest.raises(Killed), lake.locked():
        raise Killed
    assert not lake_module._HELD
    with lake.locked():
        pass


def test_a_lake_that_is_no_folder_is_told(tmp_path):
    (tmp_path / "lake").write_text("")
    lake = Lake(tmp_path / "lake")
    with pytest.raises(ConfigError, match="cannot be written to"), lake.locked():
        pass


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_and_leaves_what_was_there(lake, monkeypatch):
    write(lake, item=OLD)
    before = everything(lake)
    monkeypatch.setattr(os, "fsync", full)
    told = (
        r"\.parquet cannot be written \(No space left on device\): it needs \d+ bytes, and [\d,]+"
    )
    with pytest.raises(ConfigError, match=told):
        write(lake, item=NEW)
    assert everything(lake) == before


def test_a_file_where_a_folder_should_be_made_is_told(lake):
    folder(lake).parent.mkdir(parents=True)
    folder(lake).write_text("")
    with pytest.raises(
        ConfigError, match=r"business_date=2026-03-02 cannot be written \(File exists"
    ):
        write(lake, item=NEW)
    (lake.root / "raw").write_text("")
    with pytest.raises(ConfigError, match=r"raw/.. cannot be written \(Not a directory"):
        lake.keep_raw(b"x")


def test_the_lock_and_the_ledger_are_their_owners_alone(lake):
    with lake.locked(), Ledger(lake.root / "ledger.sqlite"):
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in lake.root.iterdir()}
    assert made.keys() >= {".lock", "ledger.sqlite", "ledger.sqlite-wal"}
    assert set(made.values()) == {0o600}


def test_what_a_kill_leaves_of_a_file_that_only_its_owner_may_read_is_the_owners(
    tmp_path, monkeypatch
):
    def kill(_):
        raise Killed

    monkeypatch.setattr(os, "fsync", kill)
    before = os.umask(0)
    try:
        with pytest.raises(Killed):
            write_files(tmp_path, {"accounts.xlsx": b"PAT-1017"}, mode=0o600)
    finally:
        os.umask(before)
    (left,) = tmp_path.iterdir()
    assert stat.S_IMODE(left.stat().st_mode) == 0o600


def test_a_link_that_is_put_where_a_file_is_being_written_is_not_followed(tmp_path, monkeypatch):
    other = tmp_path / "elsewhere"
    other.write_bytes(b"as it was")
    (tmp_path / ".accounts.xlsx.tmp").symlink_to(other)
    # As one that is made between taking away what stood there and opening.
    monkeypatch.setattr(type(tmp_path), "unlink", lambda _, **__: None)
    with pytest.raises(ConfigError, match="File exists"):
        write_atomically(tmp_path / "accounts.xlsx", b"PAT-1017")
    assert other.read_bytes() == b"as it was"
