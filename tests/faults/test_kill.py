"""SIGKILL at any moment, then the same command again: the bytes of a night nobody disturbed.

RECON_KILLS=1000 is the long form of both tests; RECON_KILL_SEED draws other moments.
"""

import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from subprocess import TimeoutExpired

import dagster as dg
import pytest
from nights import recon

from assets.night import UNFINISHED

SEED = int(os.environ.get("RECON_KILL_SEED", "20260323"))
KILLS = int(os.environ.get("RECON_KILLS", "20"))
CALLS = int(os.environ.get("RECON_KILLS", "3"))
DURABLE = "fsync,rename,renameat,renameat2,unlink,unlinkat"


def test_killed_at_random_moments_it_ends_with_the_same_bytes(undisturbed, tmp_path):
    # Two sites beside each other: the moments are waited for, and a machine has two cores.
    halves = [(KILLS + 1) // 2, KILLS // 2]
    with ThreadPoolExecutor(2) as pool:
        told = pool.map(
            lambda half: _timed(undisturbed, tmp_path / str(half), SEED + half, halves[half]),
            range(2),
        )
        killed = [when for moments in told for when in moments]
    assert len(killed) == KILLS


def _timed(undisturbed, folder, seed, kills):
    """Kill successive runs of one site; whenever it gets through, compare and begin another."""
    chance = random.Random(seed)
    folder.mkdir()
    site, killed = undisturbed.copy(folder / "site0"), []
    while len(killed) < kills:
        # A third of them while it starts, a fifth of the whole; the others anywhere after.
        start = undisturbed.seconds / 5
        early = chance.random() < 1 / 3
        when = chance.uniform(0, start) if early else chance.uniform(start, undisturbed.seconds)
        running = undisturbed.start(site, folder / "home")
        try:
            running.process.wait(timeout=when)
        except TimeoutExpired:
            running.kill()
            killed.append(when)
            continue
        _finished(undisturbed, running, site, f"seed {seed}, after kills at {killed}")
        site = undisturbed.copy(folder / f"site{len(killed)}")
    running = undisturbed.start(site, folder / "home")
    _finished(undisturbed, running, site, f"seed {seed}, after kills at {killed}")
    verified = recon("verify", "--site", site, home=folder / "home")
    assert "every byte as written" in verified.stdout
    with dg.DagsterInstance.from_config(str(folder / "home")) as instance:
        still = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
        mine = [r for r in still if r.tags["recon/lake"] == str((site / "lake").resolve())]
    assert mine == [], "the UI would show a killed run as running"
    return killed


def _finished(undisturbed, running, site, story):
    code, out, err = running.end()
    assert code in (0, 4), f"{story}\n{err}{out}"
    assert undisturbed.differences(site) == [], story


def _strace_works():
    return shutil.which("strace") is not None


@pytest.mark.skipif(not _strace_works(), reason="no strace on this machine")
def test_killed_at_a_durable_call_it_ends_with_the_same_bytes(undisturbed, tmp_path):
    """At the k-th call that makes something durable, or that makes it visible or takes it away."""
    chance = random.Random(SEED)
    site = undisturbed.copy(tmp_path / "site")
    for count in range(CALLS):
        inject = f"inject={DURABLE}:signal=SIGKILL:when={chance.randint(1, 120)}"
        before = ("strace", "-f", "--seccomp-bpf", "-o", "/dev/null")
        before += ("-e", f"trace={DURABLE}", "-e", inject)
        running = undisturbed.start(site, tmp_path / "home", before)
        code, out, err = running.end()
        if code in (0, 4):
            assert undisturbed.differences(site) == []
            site = undisturbed.copy(tmp_path / f"site{count}")
        else:
            assert "Traceback" not in err, err
            assert code in (-9, 137), err + out
    code, out, err = undisturbed.start(site, tmp_path / "home").end()
    assert code in (0, 4), err + out
    assert undisturbed.differences(site) == []
