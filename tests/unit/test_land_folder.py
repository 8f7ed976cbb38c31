"""Files dropped into a folder: what is listed, what is read, what is left alone."""

import os

import pytest

from recon.errors import SourceError
from recon.land.arrival import Arrival, ChangedWhileReading
from recon.land.folder import FolderSource
from recon.site import FolderConnector


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "site" / "inbox"
    folder.mkdir(parents=True)
    return folder


def source(inbox, pattern="*.csv"):
    connector = FolderConnector(kind="folder", path="inbox", pattern=pattern)
    return FolderSource(connector, inbox.parent)


def test_files_are_listed_by_name_and_read_whole(inbox):
    (inbox / "b.csv").write_bytes(b"bb")
    (inbox / "a.csv").write_bytes(b"a\x00")
    (inbox / "c.txt").write_bytes(b"c")
    files = source(inbox).listing().arrivals
    assert [(f.name, f.size) for f in files] == [("a.csv", 2), ("b.csv", 2)]
    assert [source(inbox).read(f) for f in files] == [b"a\x00", b"bb"]


def test_links_folders_and_pipes_are_refused_and_never_opened(inbox):
    (inbox.parent / "secret.csv").write_bytes(b"secret")
    (inbox / "link.csv").symlink_to(inbox.parent / "secret.csv")
    (inbox / "folder.csv").mkdir()
    os.mkfifo(inbox / "pipe.csv")
    listing = source(inbox).listing()
    assert not listing.arrivals
    assert sorted(w.name for w in listing.refused) == ["folder.csv", "link.csv", "pipe.csv"]


def test_a_link_put_in_the_place_of_a_listed_file_is_not_followed(inbox):
    path = inbox / "a.csv"
    path.write_bytes(b"secret")
    (file,) = source(inbox).listing().arrivals
    (inbox.parent / "secret.csv").write_bytes(b"secret")
    os.utime(inbox.parent / "secret.csv", ns=(file.modified_ns, file.modified_ns))
    path.unlink()
    path.symlink_to(inbox.parent / "secret.csv")
    with pytest.raises((SourceError, ChangedWhileReading)):
        source(inbox).read(file)


@pytest.mark.parametrize("name", ["../secret.csv", "sub/a.csv", ".."])
def test_a_name_that_leads_out_is_not_read(inbox, name):
    (inbox.parent / "secret.csv").write_bytes(b"secret")
    with pytest.raises(SourceError, match="leads out"):
        source(inbox).read(Arrival(name, 6, 1))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(b"longer than it was"), id="grew"),
        pytest.param(lambda path: os.utime(path, (5, 5)), id="same-size-other-time"),
        pytest.param(lambda path: path.unlink(), id="taken-away"),
    ],
)
def test_a_file_that_changed_since_listing_is_not_taken(inbox, change):
    path = inbox / "a.csv"
    path.write_bytes(b"first")
    (file,) = source(inbox).listing().arrivals
    change(path)
    with pytest.raises(ChangedWhileReading):
        source(inbox).read(file)


def test_a_file_swapped_while_open_is_not_taken(inbox, monkeypatch):
    path = inbox / "a.csv"
    path.write_bytes(b"first")
    (file,) = source(inbox).listing().arrivals
    real = os.fdopen

    def swapped(*args):
        other = inbox / "other"
        other.write_bytes(b"secon")
        os.utime(other, ns=(file.modified_ns, file.modified_ns))
        other.replace(path)
        return real(*args)

    monkeypatch.setattr(os, "fdopen", swapped)
    with pytest.raises(ChangedWhileReading):
        source(inbox).read(file)


def test_a_missing_folder_says_what_to_do(tmp_path):
    connector = FolderConnector(kind="folder", path="nowhere", pattern="*")
    with pytest.raises(SourceError, match=r"nowhere cannot be listed .*connector\.path"):
        FolderSource(connector, tmp_path).listing()


def test_a_folder_that_may_not_be_read_is_not_to_be_created(tmp_path, monkeypatch):
    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    connector = FolderConnector(kind="folder", path="ours", pattern="*")
    with pytest.raises(SourceError, match=r"Permission denied\)\. Let this account read it, or"):
        FolderSource(connector, tmp_path).listing()
