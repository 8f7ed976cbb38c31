"""What tests of several folders share: a real OpenSSH server on loopback."""

import gc
import getpass
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from recon.land.sftp import SftpSource
from recon.site import SftpConnector

# Thousands of collected tests live to the end: to go through them again and again for garbage
# was a tenth of the suite.
gc.set_threshold(100_000, 20, 100)
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
# Where OpenSSH, started as root, drops its privileges; its service makes the folder when it starts.
PRIVILEGE_SEPARATION = Path("/run/sshd")


class Server:
    """One sshd: its folder of files, its port, its host key."""

    def __init__(self, root: Path, extra: str = "") -> None:
        self.root = root
        self.data = root / "data"
        self.data.mkdir()
        for name in ("host", "client", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(root / name)]
            subprocess.run(command, check=True)
        shutil.copy(root / "client.pub", root / "authorized_keys")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = root / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {root}/host\nPidFile {root}/pid\n"
            f"AuthorizedKeysFile {root}/authorized_keys\nStrictModes no\nUsePAM no\n"
            f"PasswordAuthentication no\nPermitRootLogin prohibit-password\n"
            f"Subsystem sftp internal-sftp\nForceCommand internal-sftp -d {self.data}\n{extra}"
        )
        log = str(root / "log")
        self.process = subprocess.Popen([str(SSHD), "-D", "-f", str(config), "-E", log])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.05)

    def pin(self, key: str = "host") -> None:
        kind, value, *_ = (self.root / f"{key}.pub").read_text().split()
        (self.root / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {kind} {value}\n")

    def fingerprint(self, key: str = "host") -> str:
        command = ["ssh-keygen", "-lf", str(self.root / f"{key}.pub")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    def connector(self, **changes: object) -> SftpConnector:
        declared = {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "path": str(self.data),
            "pattern": "*.edi",
            "key_file": "client",
            "known_hosts_file": "known_hosts",
        }
        return SftpConnector.model_validate({**declared, **changes})

    def source(self, **changes: object) -> SftpSource:
        return SftpSource(self.connector(**changes), self.root)


@pytest.fixture
def start_server(tmp_path):
    """Starts an OpenSSH server, with these lines added to its configuration."""
    if SSHD is None:
        pytest.skip("no OpenSSH server (package openssh-server)")
    if os.geteuid() == 0:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    running = []

    def start(extra=""):
        root = tmp_path / f"server{len(running)}"
        root.mkdir()
        running.append(Server(root, extra))
        running[-1].pin()
        return running[-1]

    yield start
    for server in running:
        server.process.terminate()
        server.process.wait()


@pytest.fixture
def server(start_server):
    return start_server()
