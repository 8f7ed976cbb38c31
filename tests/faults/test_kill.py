"""SIGKILL at any moment, then the same command again: the bytes of a night nobody disturbed.

RECON_KILLS=1000 is the long form of both tests; RECON_KILL_SEED draws other moments.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import dagster as dg
import pytest
from nights import recon

from assets.night import UNFINISHED

SEED = int(os.environ.get("RECON_KILL_SEED", "20260323"))
KILLS = int(os.environ.get("RECON_KILLS", "4"))
CALLS = int(os.environ.get("RECON_KILLS", "2"))
DURABLE = "fsync,rename,renameat,renameat2,unlink,unlinkat"
# A night makes some hundreds; the k-th is counted for each kind of call and each thread by itself.
MOST_CALLS = 250 if "RECON_KILLS" in os.environ else 60


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
    # One in each part of the night, in any order: a few then leave no part out.
    parts = [(part + chance.random()) / kills for part in range(kills)]
    chance.shuffle(parts)
    folder.mkdir()
    site, killed, through = undisturbed.copy(folder / "site0"), [], 0
    while len(killed) < kills:
        # Squared, because early moments are cheap: half of them fall in the first quarter, where it
        # starts and lands, and the last is the end. The second night alone takes about two thirds.
        left = undisturbed.seconds * (2 / 3 if any(site.glob("published/*/manifest.json")) else 1)
        when = left * (parts.pop() if parts else chance.random()) ** 2
        running = undisturbed.start(site, folder / "home")
        running.process.join(timeout=when)
        if running.process.exitcode is None:
            running.kill()
            killed.append(when)
            continue
        _finished(undisturbed, running, site, f"seed {seed}, after kills at {killed}")
        through += 1
        site = undisturbed.copy(folder / f"site{through}")
    running = undisturbed.start(site, folder / "home")
    _finished(undisturbed, running, site, f"seed {seed}, after kills at {killed}")
    verified = recon("verify", "--site", site, home=folder / "home")
    assert "every byte as written" in verified.stdout
    with (
        mock.patch.dict(os.environ, DAGSTER_HOME=str(folder / "home")),
        dg.DagsterInstance.get() as instance,
    ):
        still = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
        mine = [r for r in still if r.tags["recon/lake"] == str((site / "lake").resolve())]
    assert mine == [], "the UI would show a killed run as running"
    return killed


def _finished(undisturbed, running, site, story):
    code, out, err = running.end()
    assert code in (0, 4), f"{story}\n{err}{out}"
    assert undisturbed.differences(site) == [], story


def _strace_works():
    if shutil.which("strace") is None:
        return False
    tried = ["strace", "-f", "-o", "/dev/null", "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _strace_works(), reason="no strace here, or none that may trace")
def test_killed_at_a_durable_call_it_ends_with_the_same_bytes(undisturbed, tmp_path):
    """At the k-th call that makes something durable, or that makes it visible or takes it away."""
    chance = random.Random(SEED)
    site = undisturbed.copy(tmp_path / "site")
    killed, through = 0, 0
    while killed < CALLS:
        # Not with --seccomp-bpf, which is faster and delivers no signal.
        inject = f"inject={DURABLE}:signal=SIGKILL:when={chance.randint(1, MOST_CALLS)}"
        before = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={DURABLE}", "-e", inject)
        done = recon("run", "--site", site, home=tmp_path / "home", before=before, check=False)
        if done.returncode in (0, 4):
            assert undisturbed.differences(site) == []
            through += 1
            assert through <= killed + 2, "no call is reached: nothing is killed"
            site = undisturbed.copy(tmp_path / f"site{through}")
        else:
            dead = (-signal.SIGKILL, 128 + signal.SIGKILL)
            assert done.returncode in dead, done.stderr + done.stdout
            killed += 1
    code, out, err = undisturbed.start(site, tmp_path / "home").end()
    assert code in (0, 4), err + out
    assert undisturbed.differences(site) == []


# --- two people press the button ---------------------------------------------------------------


def test_one_run_works_and_every_other_leaves_with_a_sentence(undisturbed, tmp_path):
    site = undisturbed.copy(tmp_path / "site")
    both = [undisturbed.start(site, tmp_path / "home") for _ in range(2)]
    while not (site / "lake" / "parse").exists():
        assert any(running.process.exitcode is None for running in both)
        time.sleep(0.1)
    in_the_middle = undisturbed.start(site, tmp_path / "home")
    ended = [running.end() for running in (*both, in_the_middle)]
    worked, *refused = sorted(ended, key=lambda end: end[0] == 6)
    assert worked[0] in (0, 4), worked[2]
    for code, out, err in refused:
        assert code == 6, err
        (sentence,) = err.strip().splitlines()
        assert "another run is writing to" in sentence
        assert "Wait for it to end" in sentence
        assert out == ""
    assert undisturbed.differences(site) == []
