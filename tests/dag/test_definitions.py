"""What Dagster is told of a site, and that a night stops where it must.

`assets.txt` beside this file is every asset and check as Dagster knows it. A change of the graph
shows there, in the review: write it again with

    RECON_WRITE_SNAPSHOTS=1 python -m pytest tests/dag/test_definitions.py -k as_written_down
"""

import os
import shutil
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module
from nights import ROOT, SAMPLE, called, small_site
from openpyxl import load_workbook

from assets.automation import NIGHTLY
from assets.definitions import definitions
from assets.night import OVER, STARTED_BY, UNFINISHED, _end_killed_runs
from assets.progress import progress
from recon.canonical.describe import table_name
from recon.lake import MANIFEST
from recon.land import Ledger
from recon.publish.charge_workbook import charge_workbooks
from recon.publish.gather import gather
from recon.publish.workbook import workbooks
from recon.reconcile.results import CHARGE_RESULTS
from recon.site import Site

WRITTEN_DOWN = Path(__file__).with_name("assets.txt")
DAY = "2026-03-02"
ANSWERED = {"publish/sent_acknowledgement"}


@pytest.fixture(scope="module")
def graph():
    return definitions(Site.open(SAMPLE, {})).resolve_asset_graph()


@pytest.fixture(scope="module")
def closed_night(tmp_path_factory):
    """A small site and the result of its first night, in process."""
    # A name that would be a pattern to whatever expands one.
    folder = tmp_path_factory.mktemp("small") / "site [1]*"
    small_site(folder, seed=3, order_lines=60, nights=2)
    site = Site.open(folder, {})
    job = definitions(site).resolve_job_def(NIGHTLY)
    return site, job.execute_in_process(partition_key=DAY, raise_on_error=False)


@pytest.fixture
def site(closed_night, tmp_path):
    """A copy of the closed night, to break."""
    shutil.copytree(closed_night[0].folder, tmp_path / "site")
    return Site.open(tmp_path / "site", {})


def materialised(done):
    return {e.asset_key.to_user_string() for e in done.get_asset_materialization_events()}


def failed_checks(done):
    found = done.get_asset_check_evaluations()
    return {(c.asset_key.to_user_string(), c.check_name) for c in found if not c.passed}


def again(site, selection, night=DAY):
    """A part of the night over what stands in the lake, with the checks of that part."""
    job = dg.define_asset_job("again", selection=selection, executor_def=dg.in_process_executor)
    with_it = dg.Definitions.merge(definitions(site), dg.Definitions(jobs=[job]))
    return with_it.resolve_job_def("again").execute_in_process(
        partition_key=night, raise_on_error=False
    )


def why(done, step):
    event = next(e for e in done.all_events if e.is_step_failure and e.step_key == step)
    error = event.step_failure_data.error
    return (error.cause or error).message


# --- what is declared ------------------------------------------------------------------------


def test_the_code_server_finds_the_definitions_of_the_site_it_is_given(monkeypatch, tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "site", ignore=shutil.ignore_patterns("lake", "inbox"))
    (tmp_path / "site" / "sources" / "receipt.yaml").rename(
        tmp_path / "site" / "sources" / "goods_in.yaml"
    )
    monkeypatch.setenv("RECON_SITE", str(tmp_path / "site"))
    (target,) = loadable_targets_from_python_module("assets.definitions", str(tmp_path))
    assert target.attribute == "defs"
    names = {
        asset.key.to_user_string()
        for asset in target.target_definition().resolve_asset_graph().asset_nodes
    }
    assert "land/goods_in" in names
    assert "land/receipt" not in names


def test_every_asset_and_check_is_as_written_down(graph):
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        asset = graph.get(key)
        kept = {n: v for n, v in asset.tags.items() if not n.startswith("dagster/")}
        lines += [
            key.to_user_string(),
            f"  group {asset.group_name}, owners {', '.join(asset.owners)}",
            f"  kinds {', '.join(sorted(asset.kinds))}, version {asset.code_version}",
            "  tags " + ", ".join(f"{n}={v}" for n, v in sorted(kept.items())),
            f"  partitions {asset.partitions_def}",
            *(f"  from {parent.to_user_string()}" for parent in sorted(asset.parent_keys)),
            *(
                f"  check {check.name}{' (blocks)' if graph.get(check).blocking else ''}"
                for check in sorted(asset.check_keys)
            ),
        ]
    found = "\n".join(lines) + "\n"
    if os.environ.get("RECON_WRITE_SNAPSHOTS"):
        WRITTEN_DOWN.write_text(found, encoding="utf-8")
    assert found == WRITTEN_DOWN.read_text(encoding="utf-8")


def test_every_asset_says_what_it_is_whose_it_is_and_what_its_columns_are(graph):
    columns = "dagster/column_schema"
    for key in graph.get_all_asset_keys():
        asset = graph.get(key)
        assert asset.description, key
        # Shown as Markdown, to which four blanks in front begin a piece of code.
        assert "\n    " not in asset.description, key
        assert asset.owners, key
        assert asset.kinds, key
        assert asset.code_version, key
        # A standard brings its own columns.
        standard = key.path[0] == "parse" and asset.kinds & {"x12", "hl7", "json"}
        assert columns in asset.metadata or standard or key.path[0] == "publish", key


def test_the_graph_shows_which_feed_fills_which_table(graph):
    invoice = graph.get(dg.AssetKey(["canonical", "invoice"]))
    feeds = {"invoice_edi", "invoice_edi_direct", "invoice_portal"}
    assert invoice.parent_keys == {dg.AssetKey(["parse", feed]) for feed in feeds}


def test_a_match_waits_for_the_tables_that_it_reads_and_no_other(graph):
    def read(result):
        keys = graph.get(dg.AssetKey(["reconcile", result])).parent_keys
        return {key.path[-1] for key in keys if key.path[0] == "canonical"}

    match, charge = read("rni"), read("charge_line_result")
    assert {"invoice_line", "receipt_line", "shipment_line", "item"} <= match
    assert match.isdisjoint({"charge_event", "claim", "usage_event", "patient_account"})
    assert {"charge_event", "usage_event", "item", "quarantine"} <= charge
    assert charge.isdisjoint({"invoice_line", "receipt_line", "rebate_line"})


def test_the_instance_file_is_accepted_and_sends_nothing_home(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    shutil.copy(ROOT / "dagster_home" / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.run_retries_enabled
        assert not instance.run_retries_retry_on_asset_or_op_failure
        # One writer per lake: of two runs that people start, the second waits for the first.
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert instance.run_monitoring_enabled


# --- a night ---------------------------------------------------------------------------------


def test_a_night_writes_every_table_and_warnings_do_not_stop_it(closed_night):
    site, done = closed_night
    assert done.success
    graph = definitions(site).resolve_asset_graph()
    everything = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert materialised(done) == everything
    failed = failed_checks(done)
    # The sample plants bad records, and a catalogue that fills its cases otherwise.
    assert {check for _, check in failed} == {"nothing_refused", "announcements_kept"}


def test_figures_of_the_match_are_shown_with_it_and_no_row_of_it(closed_night):
    site, done = closed_night
    metadata = {
        e.asset_key.to_user_string(): e.materialization.metadata
        for e in done.get_asset_materialization_events()
    }
    told = metadata["reconcile/exception"]
    assert (Path(told["dagster/uri"].value) / MANIFEST).exists()
    assert told["held_by_code"].value.startswith("![held dollars by code](data:image/png;base64,")
    exceptions = site.lake.read("reconcile", "exception", datetime.fromisoformat(DAY).date())
    assert told["dagster/partition_row_count"].value == exceptions.height
    dollars = metadata["reconcile/invoice_line_result"]["dollars"].value["USD"]
    lines = site.lake.read("reconcile", "invoice_line_result", datetime.fromisoformat(DAY).date())
    usd = lines.filter(pl.col("currency") == "USD")
    assert dollars["held"] == str(usd["held"].sum())
    everything = str(metadata)
    assert not [i for i in exceptions["invoice_id"].drop_nulls() if f"'{i}'" in everything]


def test_a_table_that_is_not_as_declared_stops_the_match_and_nothing_else(site):
    day = datetime.fromisoformat(DAY).date()
    lines = site.lake.read("canonical", "invoice_line", day, "invoice_portal")
    twice = {"invoice_portal": pl.concat([lines, lines.head(1)])}
    site.lake.write("canonical", "invoice_line", day, twice)
    line = dg.AssetKey(["canonical", "invoice_line"])
    checked = dg.AssetSelection.checks(dg.AssetCheckKey(line, "conforms"))
    done = again(site, checked | dg.AssetSelection.groups("reconcile", "publish"))
    assert not done.success
    assert failed_checks(done) == {("canonical/invoice_line", "conforms")}
    # No charge is read from an invoice, and partners are answered for what was read; the workbooks
    # wait for both.
    charges = {f"reconcile/{table_name(t)}" for t in CHARGE_RESULTS}
    assert materialised(done) == charges | ANSWERED


def test_a_cent_too_much_stops_the_workbooks(site):
    day = datetime.fromisoformat(DAY).date()
    lines = site.lake.read("reconcile", "invoice_line_result", day)
    cent = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("0.01")).otherwise(pl.lit("0.00"))
    more = lines.with_columns(pl.col("held") + cent.cast(pl.Decimal(18, 2)))
    site.lake.write(
        "reconcile", "invoice_line_result", day, {"invoice_line_result": more.cast(lines.schema)}
    )
    before = sorted(p.name for p in (site.published / DAY).iterdir())
    result = dg.AssetKey(["reconcile", "invoice_line_result"])
    checked = dg.AssetSelection.checks(dg.AssetCheckKey(result, "invariants"))
    done = again(site, checked | dg.AssetSelection.groups("publish"))
    assert not done.success
    assert failed_checks(done) == {("reconcile/invoice_line_result", "invariants")}
    assert materialised(done) == ANSWERED
    assert sorted(p.name for p in (site.published / DAY).iterdir()) == before
    # Who publishes by hand without that check gets red workbooks, and is told.
    workbook = dg.AssetKey(["publish", "workbook"])
    by_hand = dg.AssetSelection.checks(dg.AssetCheckKey(workbook, "ties_out"))
    done = again(site, by_hand | dg.AssetSelection.assets(workbook))
    assert done.success
    (told,) = done.get_asset_check_evaluations()
    assert (told.check_name, told.passed) == ("ties_out", False)
    red = told.metadata["do_not_tie_out"].value
    assert 0 < len(red) < told.metadata["workbooks"].value
    assert any("NETWORK" in name for name in red)


def test_a_feed_that_did_not_come_is_named_on_every_first_sheet(site):
    day = datetime.fromisoformat(DAY).date()
    assert gather(site, day).missing == ()
    files = site.lake.read("canonical", "file_control", day)
    of_receipts = pl.col("feed") == "receipt"
    again = pl.when(of_receipts).then(pl.lit("DUPLICATE")).otherwise("state")
    for left in (files.filter(~of_receipts), files.with_columns(state=again)):
        site.lake.write("canonical", "file_control", day, {"file_control": left})
        night = gather(site, day)
        assert night.missing == ("receipt",)
    # One of each kind: writing all of them takes its time.
    books = charge_workbooks(night) | workbooks(replace(night, facilities=()))
    assert len(books) > 1
    for name, data in books.items():
        sheet = load_workbook(BytesIO(data), read_only=True)["Summary"]
        told = {cell for row in sheet.iter_rows(max_row=8, values_only=True) for cell in row}
        assert night.lacks[0] in told, name
    assert "of receipt: what came on nights before stands" in night.lacks[0]


def test_a_finding_is_told_by_the_rules_that_decided_it(site):
    found = site.lake.read("reconcile", "exception", datetime.fromisoformat(DAY).date())
    wanted = found.filter(code="PRICE_OVER")["exception_key"][0]
    ask = ("explain", wanted, "--site", site.folder, "--night", DAY)
    before = called(*ask)
    assert before.stderr == ""
    rules = site.rules / "tolerance_rule.csv"
    text = (ROOT / "recon" / "rules" / rules.name).read_text(encoding="utf-8")
    assert "AP Manager" in text
    rules.write_text(text.replace("AP Manager", "Somebody else"), encoding="utf-8")
    after = called(*ask)
    assert after.stdout == before.stdout
    assert "AP Manager" in after.stdout
    assert after.stderr.startswith("! rules changed since that night: tolerance_rule. ")


def test_a_table_materialised_by_hand_over_a_gap_says_what_is_missing(site):
    shutil.rmtree(site.lake.folder("parse", "item", datetime.fromisoformat(DAY).date()))
    done = again(site, dg.AssetSelection.assets(["canonical", "item"]))
    assert "has no parse/item yet" in why(done, "canonical__item")
    assert site.closing(date.fromisoformat(DAY)) in why(done, "canonical__item")


def test_a_file_that_was_landed_by_hand_is_not_marked_as_published_unread(site):
    known = next((site.folder / "inbox" / "invoice_portal").glob("*20260302*"))
    late = known.with_name(known.name.replace(".csv", "_late.csv"))
    late.write_bytes(known.read_bytes() + b"\n")
    shutil.copystat(known, late)  # settled
    assert again(site, dg.AssetSelection.assets(["land", "invoice_portal"])).success
    done = again(site, dg.AssetSelection.assets(["publish", "workbook"]))
    assert f"invoice_portal: {late.name} landed for the night {DAY}" in why(
        done, "publish__workbook"
    )
    with Ledger(site.ledger) as ledger:
        assert DAY in map(str, ledger.unpublished())


# --- when it runs ----------------------------------------------------------------------------


def tick(site, instance):
    sensor = definitions(site).get_repository_def().get_sensor_def("files_arrived")
    return sensor(dg.build_sensor_context(instance=instance))


def test_the_sensor_asks_for_a_night_once_until_something_changes(site):
    with dg.DagsterInstance.ephemeral() as instance:
        (first,) = tick(site, instance).run_requests
        (second,) = tick(site, instance).run_requests
        assert first.partition_key == "2026-03-03"  # the first night is closed
        assert second.run_key == first.run_key  # Dagster drops a run key that it knows
        known = next((site.folder / "inbox" / "invoice_portal").glob("*20260303*"))
        shutil.copy2(known, known.with_name(known.name.replace("20260303", "20260302")))
        (third,) = tick(site, instance).run_requests
        assert third.run_key != first.run_key


def test_the_sensor_waits_while_a_night_is_being_closed(site):
    with dg.DagsterInstance.ephemeral() as instance:
        instance.create_run_for_job(
            definitions(site).resolve_job_def(NIGHTLY), status=dg.DagsterRunStatus.STARTED
        )
        assert tick(site, instance).skip_reason.skip_message == "a night is being closed"


def test_the_sensor_is_quiet_when_everything_is_published(site):
    shutil.rmtree(site.folder / "inbox")
    for feed in site.feeds.values():
        (site.folder / feed.connector.path).mkdir(parents=True)
    with dg.DagsterInstance.ephemeral() as instance:
        assert tick(site, instance).skip_reason.skip_message == "nothing new has arrived"


def test_the_schedule_closes_the_date_of_its_time_zone(site):
    schedule = definitions(site).get_repository_def().get_schedule_def("close_of_night")
    assert (schedule.cron_schedule, schedule.execution_timezone) == (
        "30 4 * * *",
        "America/New_York",
    )
    asked = scheduled(site)
    assert asked == [("2026-07-01", "2026-07-01:2026-07-01")]


def test_the_schedule_finishes_the_nights_before_first(site):
    not_published(site)
    assert [night for night, _ in scheduled(site)] == [DAY, "2026-07-01"]


def test_a_night_is_not_matched_over_one_that_is_not_finished(site):
    not_published(site)
    done = again(site, dg.AssetSelection.groups("reconcile"), "2026-03-03")
    for step in ("three_way_match", "usage_charge"):
        assert f"the night {DAY} has files and is not published" in why(done, step)
        assert site.closing(date.fromisoformat(DAY)) in why(done, step)
    assert materialised(done) == set()


def scheduled(site):
    """Night and run key of what the schedule asks for; 08:30 UTC is 04:30 in New York in summer."""
    schedule = definitions(site).get_repository_def().get_schedule_def("close_of_night")
    moment = at("2026-07-01T08:30")
    asked = schedule(dg.build_schedule_context(scheduled_execution_time=moment))
    return [(request.partition_key, request.run_key) for request in asked]


def not_published(site):
    """As when a check has stopped the night after its files were landed."""
    with sqlite3.connect(site.ledger) as ledger:
        ledger.execute("update file set is_published = 0, state = 'LANDED'")


def test_nothing_starts_by_itself_until_somebody_turns_it_on(site):
    found = definitions(site).get_repository_def()
    assert found.get_schedule_def("close_of_night").default_status.value == "STOPPED"
    assert found.get_sensor_def("files_arrived").default_status.value == "STOPPED"


def at(moment):
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


# --- what a person is told --------------------------------------------------------------------


def test_an_error_of_ours_is_its_sentence_and_no_trace(site, capsys):
    victim = next(p for p in (site.lake.root / "raw").rglob("*") if p.is_file())
    victim.chmod(0o644)
    victim.write_bytes(b"changed")
    with Ledger(site.ledger) as ledger:
        seen = ledger.files(datetime.fromisoformat(DAY).date())
    feed = next(f.feed for f in seen if f.sha256 == victim.name)
    job = definitions(site).resolve_job_def(NIGHTLY)
    run_config = {"loggers": {"progress": {}}}
    done = job.execute_in_process(run_config, partition_key=DAY, raise_on_error=False)
    told = capsys.readouterr().err
    assert not done.success
    (line,) = [x for x in told.splitlines() if x.startswith("  x ")]
    assert line.startswith(f"  x parse/{feed}: {victim} no longer has the bytes that were landed.")
    assert "Traceback" not in told
    assert not (site.lake.root / "trace").exists()


def test_an_error_that_is_not_ours_is_one_line_and_names_its_trace(capsys, tmp_path):
    @dg.op
    def broken() -> None:
        raise ValueError("first line\nsecond line")

    @dg.job(logger_defs={"progress": progress(tmp_path / "trace")})
    def night() -> None:
        broken()

    night.execute_in_process({"loggers": {"progress": {}}}, raise_on_error=False)
    trace = tmp_path / "trace" / "broken.txt"
    assert capsys.readouterr().err.splitlines() == [
        "  x broken: ValueError: first line",
        f"    This looks like a mistake in the program: report it with {trace}",
    ]
    assert "second line" in trace.read_text()
    assert 'raise ValueError("first line' in trace.read_text()
    assert [stat.S_IMODE(p.stat().st_mode) for p in (trace.parent, trace)] == [0o700, 0o600]


def test_a_run_whose_process_was_killed_is_not_shown_as_running(site):
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions(site).resolve_job_def(NIGHTLY)
        here = {STARTED_BY: "recon run", OVER: str(site.lake.root.resolve())}
        killed = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=here)
        elsewhere = instance.create_run_for_job(
            job, status=dg.DagsterRunStatus.STARTED, tags={**here, OVER: "another"}
        )
        _end_killed_runs(instance, site)
        running = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
        assert [r.run_id for r in running] == [elsewhere.run_id]
        assert instance.get_run_by_id(killed.run_id).status == dg.DagsterRunStatus.FAILURE
