"""Two people press the button: one run works, the other says so and leaves."""

import time


def test_of_two_runs_at_once_one_works_and_the_other_leaves(undisturbed, tmp_path):
    site = undisturbed.copy(tmp_path / "site")
    both = [undisturbed.start(site, tmp_path / "home") for _ in range(2)]
    ended = [running.end() for running in both]
    worked, refused = sorted(ended, key=lambda end: end[0] == 6)
    assert worked[0] in (0, 4), worked[2]
    assert refused[0] == 6, refused[2]
    (sentence,) = refused[2].strip().splitlines()
    assert "another run is writing to" in sentence
    assert "Wait for it to end" in sentence
    assert refused[1] == ""
    assert undisturbed.differences(site) == []


def test_a_run_started_in_the_middle_of_another_leaves_too(undisturbed, tmp_path):
    site = undisturbed.copy(tmp_path / "site")
    first = undisturbed.start(site, tmp_path / "home")
    while not (site / "lake" / "parse").exists():
        assert first.process.poll() is None, first.end()
        time.sleep(0.1)
    assert undisturbed.start(site, tmp_path / "home").end()[0] == 6
    assert first.end()[0] in (0, 4)
    assert undisturbed.differences(site) == []
