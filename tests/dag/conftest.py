"""Whole nights: the sample site, closed once through the real command, read by many tests."""

import fcntl

import pytest
from nights import copy_of_sample, recon


@pytest.fixture(scope="session")
def closed(tmp_path_factory, worker_id):
    """The sample site after its five nights: (folder, Dagster home, what the command printed).

    Closed once for all workers: who comes second waits and reads.
    """
    if worker_id == "master":
        return _close(tmp_path_factory.mktemp("closed"))
    shared = tmp_path_factory.getbasetemp().parent / "closed"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "printed").exists():
            shared.mkdir()
            return _close(shared)
    return shared / "site", shared / "home", (shared / "printed").read_text(encoding="utf-8")


def _close(folder):
    site = copy_of_sample(folder / "site")
    printed = recon("run", "--site", site, home=folder / "home").stdout
    (folder / "printed").write_text(printed, encoding="utf-8")
    return site, folder / "home", printed
