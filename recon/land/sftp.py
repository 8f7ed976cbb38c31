"""Files on an SFTP server whose host key is pinned.

What belongs here: connecting only to the server we know, listing and reading it within bounds.
What does not: which files are new (``ledger``).
"""

import logging
import stat
from pathlib import Path
from typing import Never

import paramiko
from paramiko import Message
from paramiko.hostkeys import InvalidHostKey
from paramiko.pkey import UnknownKeyType
from paramiko.sftp import CMD_NAME

from recon.errors import SourceError
from recon.land.arrival import Arrival, ChangedWhileReading, Listing, NamePattern
from recon.site import SftpConnector

# One window of requests at a time: paramiko's own download floods a server with requests for the
# whole file, and some drop the connection; 4 MiB costs no speed and bounds both sides.
WINDOW = 4 * 1024 * 1024
# A server that is there says so at once; one that is down must not take a minute of every feed.
REACH_SECONDS = 10
CONNECT_SECONDS = 30
TRANSFER_SECONDS = 120
# What paramiko says of a server that is connected and has sent nothing, or nothing of SSH.
SILENT = ("No existing session", "Error reading SSH protocol banner")
# Its own thread logs the stack of what is told here in a sentence; nobody else would print it.
logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)


class _Pinned(paramiko.RejectPolicy):
    """Refuses a server that is not in the known hosts, and shows the key it offered."""

    def __init__(self, known_hosts: Path) -> None:
        self._known_hosts = known_hosts

    def missing_host_key(
        self,
        client: paramiko.SSHClient,  # noqa: ARG002  paramiko's signature
        hostname: str,
        key: paramiko.PKey,
    ) -> Never:
        raise SourceError(
            f"{hostname} is not in {self._known_hosts}. It offered the key {key.get_name()} "
            f"{key.fingerprint}; pinned: none. Nothing was sent. Compare that fingerprint with "
            "the one its operator gives you by telephone; if they agree, add this line to the "
            "file:\n"
            f"  {hostname} {key.get_name()} {key.get_base64()}"
        )


class _Names(Message):
    """An answer whose names may be any bytes: those that are not UTF-8 are kept as surrogates."""

    def get_text(self) -> str:
        return self.get_string().decode(errors="surrogateescape")


class _Client(paramiko.SFTPClient):
    """Lists a folder even when a name in it is not UTF-8; paramiko's own gives up on all of it."""

    def _request(self, kind: int, *words: object) -> tuple[int, Message]:
        answer, message = super()._request(kind, *words)  # type: ignore[misc]  # private
        if answer == CMD_NAME:
            names = _Names(message.asbytes())
            names.get_int()  # the request's number, which paramiko has read already
            return answer, names
        return answer, message


class SftpSource:
    """A folder on a server, for as long as the context is open.

    Args:
        connector: host, user, key file, known hosts, path and pattern.
        site_folder: what the key file and the known hosts are relative to.
    """

    def __init__(self, connector: SftpConnector, site_folder: Path) -> None:
        self._at = connector
        self._site = site_folder
        self._pattern = NamePattern(connector.pattern)
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def __enter__(self) -> "SftpSource":
        """Connect.

        Raises:
            SourceError: the server is unreachable, unknown, changed, too old, or refuses our key.
        """
        client = paramiko.SSHClient()
        try:
            self._connect(client)
            sftp = self._session(client)
        except (paramiko.SSHException, OSError, EOFError) as broken:
            client.close()
            raise SourceError(self._sentence(broken)) from broken
        except SourceError:
            client.close()
            raise
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(TRANSFER_SECONDS)
        self._client, self._sftp = client, sftp
        return self

    def __exit__(self, *error: object) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._sftp = None

    def check(self) -> None:
        """Look at what this machine must have: the pinned hosts and our key; nothing is called.

        Raises:
            SourceError: a file is missing or cannot be used, or others may read the key.
        """
        self._prepare(paramiko.SSHClient())

    def listing(self) -> Listing:
        """Every file that the pattern takes, ordered by name.

        Raises:
            SourceError: the remote folder cannot be listed.
        """
        found = Listing(self._pattern)
        try:
            entries = self._open.listdir_attr(self._at.path)
        except (paramiko.SSHException, OSError, EOFError) as broken:
            raise SourceError(
                f"{self.place} cannot be listed ({_said(broken)}). Check `connector.path` and "
                "this user's rights there."
            ) from broken
        for entry in sorted(entries, key=lambda e: ascii(e.filename)):
            modified_ns = (entry.st_mtime or 0) * 1_000_000_000
            found.add(entry.filename, entry.st_mode or 0, entry.st_size or 0, modified_ns)
        return found

    def read(self, arrival: Arrival) -> bytes:
        """The bytes of a listed file; size and time are compared before and after.

        Raises:
            ChangedWhileReading: size or time are no longer those of the listing.
            SourceError: the connection broke, or the file may not be read.
        """
        path = f"{self._at.path.rstrip('/')}/{arrival.name}"
        try:
            self._unchanged(path, arrival)
            with self._open.open(path, "rb") as file:
                windows = [
                    b"".join(file.readv([(at, min(WINDOW, arrival.size - at))]))
                    for at in range(0, arrival.size, WINDOW)
                ]
            data = b"".join(windows)
            self._unchanged(path, arrival)
        except FileNotFoundError:
            raise ChangedWhileReading(arrival.name) from None
        except PermissionError:
            raise SourceError(
                f"{self.place} does not let us read {arrival.name}. Ask its operator to give this "
                "user the right to read it, or to take the file away."
            ) from None
        except (paramiko.SSHException, OSError, EOFError) as broken:
            raise SourceError(
                f"reading {arrival.name} from {self.place} failed "
                f"({_said(broken)}). Nothing of it was kept; the next run "
                "fetches it again."
            ) from broken
        if len(data) != arrival.size:
            raise ChangedWhileReading(arrival.name)
        return data

    def _unchanged(self, path: str, arrival: Arrival) -> None:
        status = self._open.lstat(path)
        now = (status.st_size or 0, (status.st_mtime or 0) * 1_000_000_000)
        if not stat.S_ISREG(status.st_mode or 0) or now != (arrival.size, arrival.modified_ns):
            raise ChangedWhileReading(arrival.name)

    @property
    def _open(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            raise SourceError(f"{self.place} is not connected: open the source in a `with` block")
        return self._sftp

    @property
    def place(self) -> str:
        """The folder, as messages name it."""
        path = self._at.path.removeprefix("/")
        return f"sftp://{self._at.user}@{self._at.host}:{self._at.port}/{path}"

    def _prepare(self, client: paramiko.SSHClient) -> paramiko.PKey:
        """Let the client know the pinned hosts, and no others; our key."""
        known_hosts = self._site / self._at.known_hosts_file
        key_file = self._site / self._at.key_file
        if not known_hosts.is_file():
            raise SourceError(
                f"there is no {known_hosts}: the server's key must be pinned there before we "
                "connect. Ask its operator for the line, or take it with `ssh-keyscan -p "
                f"{self._at.port} {self._at.host}` and compare the fingerprint by telephone."
            )
        try:
            client.load_host_keys(str(known_hosts))
        except (OSError, ValueError, InvalidHostKey) as broken:
            raise SourceError(
                f"{known_hosts} cannot be used ({broken}). Each line of it is a host, the kind of "
                "its key and the key; ask the server's operator for the line."
            ) from None
        client.set_missing_host_key_policy(_Pinned(known_hosts))
        try:
            mode = key_file.stat().st_mode
            key = paramiko.PKey.from_path(key_file)
        except (OSError, ValueError, TypeError, paramiko.SSHException, UnknownKeyType) as broken:
            raise SourceError(
                f"the private key {key_file} cannot be used ({broken}). It must be an unencrypted "
                "OpenSSH key (ed25519 is best) that this user can read."
            ) from None
        if mode & 0o007:
            raise SourceError(
                f"the private key {key_file} is open to everyone on this machine (mode "
                f"{mode & 0o777:o}): `chmod 600` it, and if another person may have read it, give "
                "the server's operator the public half of a new one."
            )
        return key

    def _connect(self, client: paramiko.SSHClient) -> None:
        key = self._prepare(client)
        client.connect(
            self._at.host,
            self._at.port,
            self._at.user,
            pkey=key,
            # Only the key that the site names: no agent, no keys of whoever runs this.
            allow_agent=False,
            look_for_keys=False,
            timeout=REACH_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
        )

    @staticmethod
    def _session(client: paramiko.SSHClient) -> paramiko.SFTPClient:
        transport = client.get_transport()
        session = None if transport is None else _Client.from_transport(transport)
        if session is None:
            raise paramiko.SSHException("the server offers no SFTP session")
        return session

    def _sentence(self, broken: Exception) -> str:
        match broken:
            case paramiko.BadHostKeyException(key=offered_key, expected_key=pinned):
                return (
                    f"the host key of {self.place} has changed. Offered: {offered_key.get_name()} "
                    f"{offered_key.fingerprint}; pinned: {pinned.get_name()} {pinned.fingerprint}. "
                    "Nothing was sent. Ask its operator whether the key was replaced; only then "
                    f"put the new one into {self._at.known_hosts_file}."
                )
            case paramiko.AuthenticationException():
                return (
                    f"{self.place} refused our key {self._at.key_file} ({broken}). Check "
                    "`connector.user`, or ask its operator to allow the public half for this user."
                )
        if isinstance(broken, paramiko.SSHException) and "acceptable" in str(broken):
            return (
                f"{self.place} and we have no common algorithm ({broken}). It offers only SHA-1 "
                "or older ones, or a host key of another kind than the one pinned. Have the server "
                "upgraded to offer rsa-sha2-256 or ed25519; until then fetch its files by other "
                "means into a folder feed."
            )
        if isinstance(broken, paramiko.SSHException) and str(broken) in SILENT:
            return (
                f"{self.place} takes our call and does not answer as an SSH server. It hangs, or "
                "another program has that port: check `connector.port` and ask its operator; other "
                "feeds go on."
            )
        if isinstance(broken, EOFError):
            return (
                f"{self.place} ended the connection. It may be at its limit of callers, starting "
                "anew, or let nobody in from here: run again later, or ask its operator; other "
                "feeds go on."
            )
        return (
            f"{self.place} cannot be reached ({_said(broken)}). Check host, port and the "
            "firewall; other feeds go on."
        )


def _said(broken: Exception) -> str:
    """What a library says of it, without the number of the system's error."""
    told = broken.strerror if isinstance(broken, OSError) else None
    return told or str(broken) or type(broken).__name__
