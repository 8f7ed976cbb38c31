"""Whole nights: the sample site, closed once through the real command, read by many tests."""

import pytest
from nights import contents, copy_of_sample, recon

__all__ = ["contents", "copy_of_sample", "recon"]


@pytest.fixture(scope="session")
def closed(tmp_path_factory):
    """The sample site after its five nights: (folder, Dagster home, what the command printed)."""
    folder = tmp_path_factory.mktemp("closed")
    site = copy_of_sample(folder / "site")
    done = recon("run", "--site", site, home=folder / "home")
    return site, folder / "home", done.stdout
