"""The locks are fresh, agree, are hashed, and name no address."""

import re

import lock
import pytest


@pytest.mark.parametrize("name", lock.LOCKS)
def test_a_lock_was_compiled_from_the_requirements_as_they_stand(name):
    first = (lock.ROOT / name).read_text().splitlines(keepends=True)[0]
    assert first == lock.header(lock.LOCKS[name]), f"{name} is stale: run `make lock` and commit it"


@pytest.mark.parametrize("name", lock.LOCKS)
def test_every_pin_has_a_hash_and_no_line_has_an_address(name):
    text = (lock.ROOT / name).read_text()
    pins = re.findall(r"^[a-z0-9._-]+(?:\[.*\])?==", text, flags=re.MULTILINE | re.IGNORECASE)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert len(pins) > 50
    assert len(blocks) == len(pins)
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_a_night_runs_on_the_versions_that_were_tested():
    pins = [
        set(re.findall(r"^[a-z0-9._-]+==[^ ]+", (lock.ROOT / name).read_text(), re.M))
        for name in ("requirements.txt", "requirements-dev.txt")
    ]
    assert pins[0] - pins[1] == set()
