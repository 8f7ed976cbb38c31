"""`recon ui` as a person uses it: it says where to go, makes a table by hand, ends on Ctrl-C."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from nights import ROOT, keep_feeds

from recon.sample import generate

RECON = [sys.executable, "-c", "from recon.cli import main; main()"]
NIGHT = "2026-03-02"
PATIENCE = 240  # seconds; an idle machine needs a tenth

LAUNCH = """
mutation ($asked: ExecutionParams!) {
  launchPipelineExecution(executionParams: $asked) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
STATUS = """
query ($id: ID!) {
  runOrError(runId: $id) {
    ... on Run {
      status
      eventConnection { events {
        ... on ExecutionStepFailureEvent { error { message cause { message } } }
        ... on MessageEvent { message }
      } }
    }
  }
}
"""


class Ui:
    """The UI of one site, as a process with everything that it starts."""

    def __init__(self, site, home):
        home.mkdir()
        shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.out = (home / "out.txt").open("w+")
        self.process = subprocess.Popen(
            [*RECON, "ui", "--site", site.name, "--port", str(self.port)],
            cwd=site.parent,  # a relative site, from any folder
            env={**os.environ, "DAGSTER_HOME": str(home)},
            stdout=self.out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def said(self):
        self.out.seek(0)
        return self.out.read()

    def ask(self, query, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)["data"]

    def wait(self):
        for _ in range(PATIENCE):
            assert self.process.poll() is None, self.said()
            try:
                return self.ask("{ version }")
            except urllib.error.URLError:
                time.sleep(1)
        pytest.fail(f"not there after {PATIENCE} s: {self.said()}")

    def materialise(self, *path):
        """As the button does; status and messages of the run."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "assets.definitions",
            "pipelineName": "__ASSET_JOB",
            "assetSelection": [{"path": path}],
        }
        night = {"key": "dagster/partition", "value": NIGHT}
        asked = {"selector": selector, "mode": "default", "executionMetadata": {"tags": [night]}}
        launched = self.ask(LAUNCH, asked=asked)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        for _ in range(PATIENCE):
            run = self.ask(STATUS, id=launched["run"]["runId"])["runOrError"]
            if run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return run["status"], json.dumps(run["eventConnection"])
            time.sleep(1)
        return pytest.fail(f"still {run['status']} after {PATIENCE} s: {self.said()}")


@pytest.fixture(scope="module")
def ui(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ui")
    generate(folder / "site", seed=3, order_lines=60, nights=1)
    # Three for the tests; the invoices and orders read the two lookups that the site brings.
    read = {"supplier", "item", "clinical_item", "invoice_edi", "purchase_order_edi"}
    keep_feeds(folder / "site", read)
    opened = Ui(folder / "site", folder / "home")
    opened.site = folder / "site"
    opened.wait()
    yield opened
    if opened.process.poll() is None:
        os.killpg(opened.process.pid, signal.SIGKILL)
    opened.out.close()


def test_it_says_where_to_go(ui):
    assert f"The Dagster UI of Meridian Health Network opens at http://127.0.0.1:{ui.port}" in (
        ui.said()
    )
    assert "Warning" not in ui.said().split("Launching")[0]


def test_one_table_of_one_night_is_made_by_hand(ui):
    status, told = ui.materialise("land", "supplier")
    assert status == "SUCCESS", told
    assert (ui.site / "lake/land/supplier" / f"business_date={NIGHT}" / "manifest.json").exists()


def test_a_table_made_by_hand_over_a_gap_names_what_is_missing(ui):
    status, told = ui.materialise("canonical", "item")
    assert status == "FAILURE"
    needed = "parse/clinical_item, parse/item"
    assert f"the night {NIGHT} has no {needed} yet. Materialise that first" in told


def test_a_taken_port_is_told_before_anything_starts(ui):
    done = subprocess.run(
        [*RECON, "ui", "--site", str(ui.site), "--port", str(ui.port)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"error: port {ui.port} of this machine is taken; choose another: "
        f"recon ui --port {ui.port + 1}\n"
    )


def test_ctrl_c_ends_it_and_everything_it_started(ui):
    # The process of a run ends after the run has: interrupted in between it prints a trace.
    for _ in range(PATIENCE):
        running = ["pgrep", "-s", str(ui.process.pid), "-f", "spawn_main"]
        if not subprocess.run(running, capture_output=True, check=False).stdout:
            break
        time.sleep(1)
    # A terminal sends the interrupt to the whole group.
    os.killpg(ui.process.pid, signal.SIGINT)
    ui.process.wait(timeout=PATIENCE)
    for _ in range(30):
        left = subprocess.run(
            ["pgrep", "-s", str(ui.process.pid)], capture_output=True, text=True, check=False
        )
        if not left.stdout:
            break
        time.sleep(1)
    assert left.stdout == ""
    # The code server waits 30 s for the process that holds our definitions. On a machine that has
    # put idle memory aside, Python's own end takes longer, and the code server says so in a trace.
    late = "in wait_for_processes", "TimeoutExpired"
    traces = ui.said().split("Traceback")[1:]
    assert not [trace for trace in traces if not all(words in trace for words in late)]
