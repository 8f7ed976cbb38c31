"""One supplier's invoices over SFTP instead of a folder: the same night, to the byte."""

import re
import shutil
from datetime import date

import dagster as dg
import pytest
import yaml
from nights import contents, copy_of_sample, recon

import assets.land
from assets.partitions import nights
from recon.site import Site

FEED = "invoice_edi_direct"
NIGHT = "2026-03-02"


@pytest.fixture
def over_sftp(server, tmp_path, monkeypatch):
    """The sample site with the connector that its YAML offers in a comment; its inbox is gone."""
    site = copy_of_sample(tmp_path / "site")
    file = site / "sources" / f"{FEED}.yaml"
    text = file.read_text()
    (offered,) = re.findall(r"(?m)^# connector:\n(?:^# .*\n)+", text)
    connector = re.sub(r"(?m)^# ", "", offered)
    user, port, path = server.connector().user, server.port, server.data
    # What differs at a test: our own user, a port that is free, the place of the files.
    here = connector.replace("user: meridian", f"user: {user}\n  port: {port}")
    here = here.replace("path: outbound", f"path: {path}")
    text, switched = re.subn(r"(?m)^connector: .*kind: folder.*\n", here, text)
    assert switched == 1
    file.write_text(text)
    declared = yaml.safe_load(connector)["connector"]

    shutil.copytree(site / "inbox" / FEED, server.data, dirs_exist_ok=True)
    shutil.rmtree(site / "inbox" / FEED)
    (site / "secrets").mkdir()
    shutil.copy(server.root / "client", site / declared["key_file"])
    shutil.copy(server.root / "known_hosts", site / declared["known_hosts_file"])
    monkeypatch.setenv("HOLME_SFTP_HOST", "127.0.0.1")
    return site


def test_a_night_over_sftp_equals_the_night_from_the_folder(closed, over_sftp, tmp_path):
    recon("run", "--site", over_sftp, "--night", NIGHT, home=tmp_path / "home")

    def of_the_night(site):
        return {n: d for n, d in contents(site).items() if NIGHT in n}

    folder, sftp = of_the_night(closed[0]), of_the_night(over_sftp)
    assert any(name.startswith(f"lake/land/{FEED}/") for name in sftp)
    assert any(name.startswith(f"lake/parse/{FEED}/") for name in sftp)
    assert sorted(sftp) == sorted(folder)
    assert [name for name in sftp if sftp[name] != folder[name]] == []

    site = Site.open(over_sftp, {"HOLME_SFTP_HOST": "127.0.0.1"})
    (landed,) = site.lake.read("land", FEED, date.fromisoformat(NIGHT), "file").to_dicts()
    sent = over_sftp.parent / "server0" / "data" / landed["file_name"]
    assert site.lake.raw(landed["source_file_id"]) == sent.read_bytes()


def test_an_unknown_host_key_stops_that_feed_and_no_other(over_sftp, server, monkeypatch):
    (over_sftp / "secrets" / "known_hosts").write_text("")
    # Dagster's own waiting between tries is not under test.
    monkeypatch.setattr(assets.land, "NETWORK", dg.RetryPolicy(max_retries=0))
    site = Site.open(over_sftp, {"HOLME_SFTP_HOST": "127.0.0.1"})
    done = dg.materialize(
        assets.land.land_assets(site, nights(site)), partition_key=NIGHT, raise_on_error=False
    )
    (failed,) = done.get_step_failure_events()
    assert failed.step_key == f"land__{FEED}"
    cause = failed.step_failure_data.error.cause
    assert cause.cls_name == "SourceError"
    assert "is not in" in cause.message
    assert server.fingerprint() in cause.message
    landed = {path.name for path in (over_sftp / "lake" / "land").iterdir()}
    assert landed == set(site.feeds) - {FEED}
