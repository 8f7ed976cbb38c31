"""The exchange with partners through the real job: answers out, answers in, numbers."""

import fcntl
import hashlib
import shutil
from datetime import date

import dagster as dg
import pytest
from exchange import acknowledgement, group, interchange, order

from assets.automation import NIGHTLY
from assets.definitions import definitions
from assets.partitions import business_date
from recon.land import Ledger
from recon.site import Site

DAYS = ["2026-03-02", "2026-03-03"]
RECON = """
name: Exchange
first_business_date: 2026-03-02
facilities: [{id: A, name: A Hospital, time_zone: UTC}]
"""
FEED = """
owner: edi
connector: {kind: folder, path: inbox/%s, pattern: "{date:%%Y%%m%%d}_*", settle_seconds: 0}
format: {kind: %s}
extract: append
"""
FORMATS = {
    "sent": "x12, outbound: true",
    "mailbox": "x12, acknowledge: 997, control_numbers: reject",
    "charges": "hl7, acknowledge: auto",
}
CHARGES = (
    "MSH|^~\\&|OR|NGH|FIN|NGH|20260302100000||DFT^P03|C1|P|2.5.1\rPID|1||4711\r"
    "FT1|1|T1||20260301||CG|C100|||2\rFT1|2|T2||20260301||CG|DOE JANE|||2\r"
)


def invoice(number):
    body = [f"BIG*20260302*INV{number}**PO1", "IT1*1*2*EA*3.5**VC*A1", "TDS*700", "CTT*1"]
    return [f"ST*810*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Two nights of a small site: folder, and what the job said of each."""
    folder = tmp_path_factory.mktemp("exchange") / "site"
    ours = interchange(7, group(70, order(1), order(2, "PO2")), sender="HOSPITAL", receiver="ACME")
    billed = interchange(1, group(1, invoice(1), code="IN"))
    again = interchange(1, group(5, invoice(2), code="IN"))
    missing = interchange(4, group(6, invoice(3), code="IN"))
    verdict = acknowledgement("P", 70, "PO", ("850", "0002", "R*5"), received=2, accepted=1)
    answer = interchange(5, group(9, verdict, code="FA"))
    refused = interchange(6, sender="ACME", ta1=(900000001, "R", "006"))
    files = {
        "sent/20260302_orders.edi": ours,
        "mailbox/20260302_a.edi": billed,
        "mailbox/20260303_b.edi": again + missing + answer + refused,
        "charges/20260302_c.hl7": CHARGES,
    }
    (folder / "sources").mkdir(parents=True)
    (folder / "recon.yaml").write_text(RECON, encoding="utf-8")
    for feed, keys in FORMATS.items():
        (folder / "inbox" / feed).mkdir(parents=True)
        (folder / "sources" / f"{feed}.yaml").write_text(FEED % (feed, keys), encoding="utf-8")
    for name, text in files.items():
        (folder / "inbox" / name).write_bytes(text.encode())
    return folder, [run(folder, day) for day in DAYS]


def run(folder, day):
    job = definitions(Site.open(folder, {})).resolve_job_def(NIGHTLY)
    return job.execute_in_process(partition_key=day, raise_on_error=False)


def check(done, asset, name):
    key = dg.AssetKey(asset)
    (found,) = (
        c for c in done.get_asset_check_evaluations() if (c.asset_key, c.check_name) == (key, name)
    )
    return found.passed, {n: v.value for n, v in found.metadata.items()}


def outbox(folder):
    return {
        str(f.relative_to(folder / "outbox")): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted((folder / "outbox").rglob("*.*"))
    }


def test_a_night_holds_the_lake_between_its_steps_too(nights, tmp_path, monkeypatch):
    """`recon run` took it from a night that the UI closed, whose next step then failed."""
    folder = tmp_path / "site"
    shutil.copytree(nights[0], folder)
    free = []

    def asked(context):
        with (folder / "lake" / ".lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                free.append(False)
            else:
                free.append(True)
        return business_date(context)

    monkeypatch.setattr("assets.parse.business_date", asked)
    assert run(folder, DAYS[1]).success
    assert free == [False] * 3, "each feed is parsed in a step of its own"


def test_both_nights_are_closed_and_published(nights):
    folder, done = nights
    assert [d.success for d in done] == [True, True]
    assert all((folder / "published" / day / "manifest.json").exists() for day in DAYS)


def test_each_night_answers_what_it_read(nights):
    folder, _ = nights
    assert list(outbox(folder)) == [
        "OR@NGH/2026-03-02_OR@NGH_900000001.hl7",
        "ZZ-ACME/2026-03-02_ZZ-ACME_900000001.edi",
        "ZZ-ACME/2026-03-03_ZZ-ACME_900000002.edi",
    ]
    lake = Site.open(folder, {}).lake
    charges = lake.read("publish", "sent_acknowledgement", date(2026, 3, 2)).filter(feed="charges")
    assert charges.select("form", "control_number", "answer", "error_codes").rows() == [
        ("ACK", "C1", "AE", "207")
    ]
    said = lake.read("publish", "sent_acknowledgement", date(2026, 3, 3))
    assert said.select("form", "control_number", "answer").rows() == [
        ("TA1", "000000001", "R"),
        ("997", "5", "R"),
        ("997", "0002", "R"),
        ("997", "6", "A"),
        ("997", "0003", "A"),
    ]


def test_numbers_that_came_again_or_are_missing_are_told_with_the_feed(nights):
    _, done = nights
    passed, told = check(done[1], ["parse", "mailbox"], "nothing_refused")
    assert not passed
    assert (told["numbers_repeated"], told["numbers_left_out"]) == (1, 1)
    assert told["records_quarantined"] == 1


def test_the_evidence_counts_them(nights):
    folder, _ = nights
    page = (folder / "published" / "evidence" / DAYS[1] / "expectations.html").read_text()
    row = '<tr><td>mailbox</td><td>%s</td><td class="n">1</td></tr>'
    assert row % "interchanges whose number came before" in page
    assert row % "interchanges before which numbers were left out" in page


def test_what_we_sent_is_awaited_and_then_answered(nights):
    folder, done = nights
    lake = Site.open(folder, {}).lake
    states = [
        lake.read("publish", "sent_document_status", date.fromisoformat(day))
        .select("document_number", "state")
        .rows()
        for day in DAYS
    ]
    assert states == [
        [("PO1", "NO_ACK"), ("PO2", "NO_ACK")],
        [("PO1", "ACCEPTED"), ("PO2", "REJECTED")],
    ]
    passed, told = check(done[1], ["publish", "sent_document_status"], "answers_received")
    assert not passed
    assert told["refused_documents"] == ["850 PO2"]
    assert told["refused_and_not_awaited"] == ["ACME TA1 900000001"]


def test_a_lost_answer_is_told_and_its_night_writes_it_again(nights, tmp_path):
    folder = tmp_path / "site"
    shutil.copytree(nights[0], folder)
    before = outbox(folder)
    lost = next(iter(before))
    (folder / "outbox" / lost).unlink()
    passed, told = check(run(folder, DAYS[1]), ["publish", "sent_acknowledgement"], "answers_sent")
    assert not passed
    assert (told["lost"], told["nights_to_run_again"]) == ([lost], [DAYS[0]])
    passed, told = check(run(folder, DAYS[0]), ["publish", "sent_acknowledgement"], "answers_sent")
    assert passed
    assert told["waiting"] == 3
    assert outbox(folder) == before
    with Ledger(Site.open(folder, {}).ledger) as ledger:
        assert {a.state for a in ledger.answers()} == {"WRITTEN"}
