"""SFTP against a real OpenSSH server on loopback: who it is, what it gives, what it may not do."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import paramiko
import pytest

from recon.errors import SourceError
from recon.land.arrival import ChangedWhileReading


def test_a_file_larger_than_one_window_arrives_whole(server):
    content = os.urandom(9 * 1024 * 1024 + 17)
    (server.data / "a.edi").write_bytes(content)
    (server.data / "empty.edi").write_bytes(b"")
    (server.data / "note.txt").write_bytes(b"not of this feed")
    with server.source() as source:
        files = source.listing().arrivals
        assert [(f.name, f.size) for f in files] == [("a.edi", len(content)), ("empty.edi", 0)]
        assert source.read(files[0]) == content
        assert source.read(files[1]) == b""


def test_an_unknown_host_is_refused_and_its_fingerprint_shown(server):
    (server.root / "known_hosts").write_text("")
    with pytest.raises(SourceError, match="is not in") as refusal, server.source():
        pass
    assert server.fingerprint() in str(refusal.value)


def test_a_changed_host_key_is_refused_with_both_fingerprints(server):
    server.pin("stranger")
    with pytest.raises(SourceError, match="has changed") as refusal, server.source():
        pass
    assert server.fingerprint("host") in str(refusal.value)
    assert server.fingerprint("stranger") in str(refusal.value)


def test_no_known_hosts_file_is_refused_before_connecting(server):
    (server.root / "known_hosts").unlink()
    with pytest.raises(SourceError, match="must be pinned"), server.source():
        pass


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("this is no key", id="other words"),
        pytest.param("[127.0.0.1]:22 ssh-ed25519 AAAAno+base64==", id="a key cut short"),
        pytest.param("[127.0.0.1]:22 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ==", id="another kind"),
    ],
)
def test_a_known_hosts_file_that_is_mistyped_is_told(server, line):
    (server.root / "known_hosts").write_text(line + "\n")
    with pytest.raises(SourceError, match="known_hosts cannot be used"), server.source():
        pass


def test_a_file_that_may_not_be_read_is_named_with_what_to_ask_for(start_server):
    server = start_server("Match all\n ForceCommand internal-sftp -P open")
    (server.data / "a.edi").write_bytes(b"x")
    with server.source() as source, pytest.raises(SourceError, match=r"read a\.edi\. Ask its"):
        source.read(source.listing().arrivals[0])


def test_only_the_key_of_the_site_is_offered(server):
    with (
        pytest.raises(SourceError, match="refused our key stranger"),
        server.source(key_file="stranger"),
    ):
        pass


@pytest.mark.parametrize("mode", [0o604, 0o602])
def test_a_private_key_that_everyone_may_read_or_change_is_not_used(server, mode):
    (server.root / "client").chmod(mode)
    with pytest.raises(SourceError, match=rf"open to everyone.*mode {mode:o}"), server.source():
        pass


def test_a_key_that_is_no_key_is_said_to_be(server):
    (server.root / "bad").write_text("not a key")
    with pytest.raises(SourceError, match="cannot be used"), server.source(key_file="bad"):
        pass
    with pytest.raises(SourceError, match="cannot be used"), server.source(key_file="absent"):
        pass


def test_a_stopped_server_is_unreachable(server):
    server.process.terminate()
    server.process.wait()
    told = r":\d+/outbound cannot be reached \(Unable to connect to port"
    _wait_until_refused(server.port)
    with pytest.raises(SourceError, match=told), server.source(path="outbound"):
        pass


def _wait_until_refused(port):
    """A child that sshd has just begun holds its port until it has closed what it does not need."""
    for _ in range(500):
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (None, "does not answer as an SSH server"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not answer as an SSH server"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "ended the connection"),
    ],
)
def test_a_port_without_an_ssh_server_is_told_without_a_trace(
    server, monkeypatch, caplog, sent, told
):
    monkeypatch.setattr("recon.land.sftp.REACH_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as port:
        place = port.getsockname()[1]
        pinned = server.root / "known_hosts"
        pinned.write_text(pinned.read_text().replace(str(server.port), str(place)))
        refusal = pytest.raises(SourceError, match=told)
        with ThreadPoolExecutor(1) as other:
            taken = other.submit(_answer, port, sent)
            with refusal, server.source(port=place):
                pass
            taken.result().close()
    assert caplog.records == []


def _answer(port, sent):
    caller, _ = port.accept()
    if sent is not None:
        caller.sendall(sent)
        caller.shutdown(socket.SHUT_WR)
    return caller


def test_a_server_with_old_algorithms_only_names_the_cure(start_server):
    old = start_server("KexAlgorithms diffie-hellman-group14-sha1\n")
    with pytest.raises(SourceError, match="no common algorithm"), old.source():
        pass


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(b"ISA*other*"), id="other-size"),
        pytest.param(lambda path: os.utime(path, (1, 1)), id="same-size-other-time"),
        pytest.param(lambda path: path.unlink(), id="taken-away"),
    ],
)
def test_a_file_replaced_after_listing_is_not_taken(server, change):
    path = server.data / "a.edi"
    path.write_bytes(b"ISA*")
    with server.source() as source:
        (file,) = source.listing().arrivals
        change(path)
        with pytest.raises(ChangedWhileReading):
            source.read(file)


def test_a_file_replaced_while_it_is_read_is_not_taken(server, monkeypatch):
    path = server.data / "a.edi"
    path.write_bytes(b"x" * 100)
    original = paramiko.SFTPFile.readv

    def readv(self, _, *args):
        path.write_bytes(b"y" * 50)
        return original(self, [(0, 50)], *args)

    monkeypatch.setattr(paramiko.SFTPFile, "readv", readv)
    with server.source() as source:
        (file,) = source.listing().arrivals
        with pytest.raises(ChangedWhileReading):
            source.read(file)


def test_a_young_file_is_not_settled(server):
    (server.data / "a.edi").write_bytes(b"ISA*")
    with server.source() as source:
        (file,) = source.listing().arrivals
    now = datetime.now(UTC)
    assert not file.settled(now, 60)
    assert file.settled(now + timedelta(seconds=61), 60)


def test_hostile_names_links_and_folders_are_reported_and_not_followed(server):
    (server.data / "good.edi").write_bytes(b"ISA*")
    (server.root / "secret.edi").write_bytes(b"secret")
    (server.data / "link.edi").symlink_to(server.root / "secret.edi")
    (server.data / "folder.edi").mkdir()
    os.mkfifo(server.data / "pipe.edi")
    (server.data / "new\nline.edi").write_bytes(b"x")
    (server.data / "back\\slash.edi").write_bytes(b"x")
    with open(os.fsencode(server.data) + b"/\xff\xfe.edi", "wb") as file:  # noqa: PTH123  a name that is not text
        file.write(b"x")
    with server.source() as source:
        listing = source.listing()
    assert [f.name for f in listing.arrivals] == ["good.edi"]
    reasons = {str(w) for w in listing.refused}
    assert len(reasons) == 6
    assert any("link.edi: refused: it is a symbolic link" in r for r in reasons)
    assert not any("\n" in r for r in reasons)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.edi", "/etc/x.edi", "..", "a/b.edi", "x" * 300 + ".edi"]
)
def test_names_only_a_hostile_server_would_send_are_refused(server, monkeypatch, name):
    entry = paramiko.SFTPAttributes()
    entry.filename, entry.st_mode, entry.st_size, entry.st_mtime = name, 0o100644, 1, 1
    monkeypatch.setattr(paramiko.SFTPClient, "listdir_attr", lambda *_: [entry])
    with server.source() as source:
        listing = source.listing()
    assert not listing.arrivals
    assert len(listing.refused) == 1


def test_a_missing_remote_folder_is_named(server):
    with server.source(path="/nowhere") as source, pytest.raises(SourceError, match="/nowhere"):
        source.listing()
