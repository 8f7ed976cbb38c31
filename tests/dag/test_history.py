"""The history under our class: Dagster's own files, opened once, readable by its own class."""

import os
import shutil
import socket
from collections import Counter

import dagster as dg
import pytest
from nights import ROOT, copy_of_sample, small_site
from sqlalchemy import Engine, event
from typer.testing import CliRunner

from assets.history import History
from recon.cli import app


def _asset(number):
    name = f"table_{number}"

    @dg.asset(name=name, check_specs=[dg.AssetCheckSpec("holds", asset=name)])
    def table():
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])

    return table


ASSETS = [_asset(number) for number in range(8)]
KEYS = [asset.key for asset in ASSETS]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def opened():
    """How often each file was opened."""
    counted = Counter()

    def count(connection, _):
        ((_, _, path),) = connection.execute("pragma database_list").fetchall()
        counted[path] += 1

    event.listen(Engine, "connect", count)
    yield counted
    event.remove(Engine, "connect", count)


def _ours(home):
    shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
    return dg.DagsterInstance.get()


def _dagsters(home):
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return dg.DagsterInstance.get()


def _materialised(instance):
    return [instance.get_latest_materialization_event(key) is not None for key in KEYS]


def test_the_configuration_that_is_shipped_names_it(home):
    with _ours(home) as instance:
        named = instance.get_ref().storage_data
        assert (named.module_name, named.class_name) == (History.__module__, History.__name__)


def test_files_of_the_history_are_not_opened_for_each_event(home, opened):
    with _ours(home) as instance:
        dg.materialize(ASSETS[:1], instance=instance)
        opened.clear()
        run = dg.materialize(ASSETS, instance=instance)
        events = len(instance.all_logs(run.run_id))
    # Once to make its tables and once to write; the table of runs is another class's.
    history = {path: n for path, n in opened.items() if "/history/runs/" in path}
    assert events > 50
    assert sum(history.values()) <= 3, history


@pytest.mark.parametrize(("first", "second"), [(_ours, _dagsters), (_dagsters, _ours)])
def test_a_history_goes_on_under_either_class(home, first, second):
    with first(home) as instance:
        run = dg.materialize(ASSETS, instance=instance)
        told = [entry.dagster_event_type for entry in instance.all_logs(run.run_id)]
    with second(home) as instance:
        assert _materialised(instance) == [True] * len(KEYS)
        assert [e.dagster_event_type for e in instance.all_logs(run.run_id)] == told
        again = dg.materialize(ASSETS, instance=instance)
        assert len(instance.get_runs()) == 2
        # Back to the first run's file, whose place the second run's took.
        assert len(instance.all_logs(run.run_id)) == len(told)
        assert len(instance.all_logs(again.run_id)) >= len(told)


def test_after_a_wipe_it_writes_into_new_files(home):
    with _ours(home) as instance:
        dg.materialize(ASSETS, instance=instance)
        instance.wipe()
        assert _materialised(instance) == [False] * len(KEYS)
        dg.materialize(ASSETS, instance=instance)
        assert _materialised(instance) == [True] * len(KEYS)
    with _ours(home) as instance:
        assert _materialised(instance) == [True] * len(KEYS)


@pytest.mark.parametrize("command", ["run", "ui"])
@pytest.mark.parametrize("home", ["not/absolute", "/nowhere/at/all"])
def test_a_home_that_is_no_folder_is_told_before_anything_is_done(
    tmp_path, monkeypatch, command, home
):
    small_site(tmp_path / "site", order_lines=20, nights=1)
    monkeypatch.setenv("DAGSTER_HOME", home)
    done = CliRunner().invoke(app, [command, "--site", str(tmp_path / "site")])
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: DAGSTER_HOME is {home}, which is not the absolute path")
    assert not (tmp_path / "site" / "lake" / "raw").exists()


def test_the_ui_listens_on_this_machine_only_and_sends_nothing_home(tmp_path, monkeypatch):
    small_site(tmp_path / "site", order_lines=20, nights=1)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.delenv("DAGSTER_DISABLE_TELEMETRY", raising=False)
    started = []
    monkeypatch.setattr(os, "execve", lambda *what: started.append(what))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = str(probe.getsockname()[1])
    CliRunner().invoke(app, ["ui", "--site", str(tmp_path / "site"), "--port", free])
    ((_, words, environ),) = started
    assert words[-4:] == ["-h", "127.0.0.1", "-p", free]
    assert environ["DAGSTER_DISABLE_TELEMETRY"] == "yes"
    assert environ["RECON_SITE"] == str((tmp_path / "site").resolve())


@pytest.mark.parametrize("text", ["storage: [", "nosuch: 1"])
def test_a_history_that_is_set_up_wrongly_is_told_without_a_trace(tmp_path, monkeypatch, text):
    small_site(tmp_path / "site", order_lines=20, nights=1)
    (tmp_path / "dagster.yaml").write_text(text)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    done = CliRunner().invoke(app, ["run", "--site", str(tmp_path / "site")])
    assert done.exit_code == 2
    assert f"error: {tmp_path}/dagster.yaml cannot be used: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("night", ["2026-03-01", "9999-12-31"])
def test_a_night_that_the_site_does_not_have_is_told_without_a_trace(tmp_path, monkeypatch, night):
    small_site(tmp_path / "site", order_lines=20, nights=1)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    words = ["run", "--site", str(tmp_path / "site"), "--night", night]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: there is no night {night}: the nights of ")
    assert "from 2026-03-02 (first_business_date" in done.stderr
    assert not (tmp_path / "site" / "lake" / "raw").exists()


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--night", "2026-03-02"), 2)])
def test_a_site_whose_first_night_is_to_come_says_so(tmp_path, monkeypatch, words, code):
    site = copy_of_sample(tmp_path / "site")
    config = site / "recon.yaml"
    config.write_text(config.read_text().replace("date: 2026-03-02", "date: 2099-03-02"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    done = CliRunner().invoke(app, ["run", "--site", str(site), *words], catch_exceptions=False)
    assert done.exit_code == code
    assert "Network is still to come: 2099-03-02 (first_business_date in" in done.output


def test_a_file_that_waits_is_not_called_landed(tmp_path, monkeypatch):
    site = tmp_path / "site"
    small_site(site, order_lines=20, nights=1)
    for landed in (site / "inbox").glob("*/*"):
        landed.unlink()
    (site / "inbox" / "invoice_portal" / "PORTAL_20991231.csv").write_text("dated ahead")
    (site / "inbox" / "invoice_portal" / "PORTAL_20260230.csv").write_text("of no day")
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    done = CliRunner().invoke(app, ["run", "--site", str(site)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "waiting to settle or for their date: 1 (invoice_portal: PORTAL_2" in done.stdout
    assert (
        "cannot be taken: 1 (invoice_portal: PORTAL_20260230.csv: refused: its name holds no date"
        in done.stdout
    )
