"""Two people press the button: one run works, the other says so and leaves."""

import time


def test_one_run_works_and_every_other_leaves_with_a_sentence(undisturbed, tmp_path):
    site = undisturbed.copy(tmp_path / "site")
    both = [undisturbed.start(site, tmp_path / "home") for _ in range(2)]
    while not (site / "lake" / "parse").exists():
        assert any(running.process.poll() is None for running in both)
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
