"""One supplier's invoices over SFTP instead of a folder: the same tables, to the byte."""

import os
import re
import shutil
from datetime import date

import dagster as dg
import pytest
import yaml
from nights import contents, copy_of_sample

import assets.land
from assets.failure import Failure, failure
from assets.parse import parse_assets
from assets.partitions import nights
from recon.errors import SourceError
from recon.land import untaken
from recon.land.sftp import SftpSource
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


def test_a_feed_over_sftp_lands_and_parses_as_from_the_folder(over_sftp, tmp_path):
    """What comes after reads these two partitions and the raw file, and nothing else of a feed."""
    folder = copy_of_sample(tmp_path / "folder")
    written, tries = [], []
    for place in (folder, over_sftp):
        site = Site.open(place, os.environ)
        every = [*assets.land.land_assets(site, nights(site)), *parse_assets(site, nights(site))]
        of_the_feed = [asset for asset in every if asset.key.path[-1] == FEED]
        lake = {assets.land.HELD: assets.land.held(site)}
        assert dg.materialize(of_the_feed, partition_key=NIGHT, resources=lake).success
        tries.append(of_the_feed[0].op.retry_policy)
        written.append(contents(place))
    assert tries == [None, assets.land.NETWORK], "only a network hiccup is tried again"
    for layer in ("land", "parse", "raw"):
        assert any(name.startswith(f"lake/{layer}/") for name in written[1])
    assert sorted(written[0]) == sorted(written[1])
    assert [name for name in written[1] if written[1][name] != written[0][name]] == []

    (landed,) = site.lake.read("land", FEED, date.fromisoformat(NIGHT), "file").to_dicts()
    sent = over_sftp.parent / "server0" / "data" / landed["file_name"]
    assert site.lake.raw(landed["source_file_id"]) == sent.read_bytes()


def test_a_file_on_a_server_that_no_pattern_takes_is_told_when_nothing_is_due(over_sftp, server):
    """Of a folder it was told, of a server it lay there for ever."""
    (server.data / "HOLME_20260302.EDI").write_bytes(b"ISA")
    (server.data / ".HOLME_20260302.edi.part").write_bytes(b"ISA")
    site = Site.open(over_sftp, os.environ)
    assert untaken(site) == [], "the doctor calls no server"
    place = SftpSource(site.feeds[FEED].connector, over_sftp).place
    assert untaken(site, servers=True) == [f"{place}/HOLME_20260302.EDI"]


def test_an_unknown_host_key_stops_that_feed_and_no_other(over_sftp, server, monkeypatch):
    (over_sftp / "secrets" / "known_hosts").write_text("")
    # Dagster's own waiting between tries is not under test.
    monkeypatch.setattr(assets.land, "NETWORK", dg.RetryPolicy(max_retries=0))
    site = Site.open(over_sftp, {"HOLME_SFTP_HOST": "127.0.0.1"})
    done = dg.materialize(
        assets.land.land_assets(site, nights(site)),
        partition_key=NIGHT,
        resources={assets.land.HELD: assets.land.held(site)},
        raise_on_error=False,
    )
    (failed,) = done.get_step_failure_events()
    assert failed.step_key == f"land__{FEED}"
    cause = failed.step_failure_data.error.cause
    assert cause.cls_name == "SourceError"
    assert "is not in" in cause.message
    assert server.fingerprint() in cause.message
    landed = {path.name for path in (over_sftp / "lake" / "land").iterdir()}
    assert landed == set(site.feeds) - {FEED}


def test_an_error_of_ours_is_told_with_its_own_code_whatever_caused_it():
    """A changed host key comes to us as an error of the library: the mistake is not ours."""

    @dg.asset
    def refused():
        try:
            raise OSError("the library's word")
        except OSError as cause:
            raise SourceError("the host key has changed") from cause

    done = dg.materialize([refused], raise_on_error=False)
    (failed,) = done.get_step_failure_events()
    assert failure(failed) == Failure("refused", "the host key has changed", SourceError.exit_code)
