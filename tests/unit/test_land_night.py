"""Landing: every file once, for one night, whatever happens in between."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from recon.errors import ConfigError, IntegrityError
from recon.land import Ledger, land, pending_nights, retired, unseen, untaken
from recon.land import folder as folder_module
from recon.land import ledger as ledger_module
from recon.land.arrival import ChangedWhileReading
from recon.land.ledger import _SCHEMA, WRITTEN, Answer
from recon.site import DelimitedFormat, Feed, FolderConnector, Site, SiteConfig

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OLD = NOW - timedelta(hours=1)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
TODAY = NOW.date()


class Night:
    """A site with two feeds, one of dated names and one without, and its ledger."""

    def __init__(self, root: Path) -> None:
        feeds = {
            "dated": "po_{date:%Y%m%d}*.csv",
            "plain": "*.csv",
        }
        self.site = Site(
            root,
            SiteConfig(
                name="t",
                first_business_date="2026-03-01",
                facilities=[{"id": "A", "name": "A", "time_zone": "UTC"}],
            ),
            {name: self.feed(name, pattern) for name, pattern in feeds.items()},
        )
        for name in feeds:
            (root / name).mkdir(exist_ok=True)
        self.ledger = Ledger(self.site.ledger)

    @staticmethod
    def feed(name: str, pattern: str) -> Feed:
        return Feed(
            name=name,
            owner="x",
            connector=FolderConnector(kind="folder", path=name, pattern=pattern),
            format=DelimitedFormat(kind="delimited"),
            extract="append",
        )

    def drop(self, feed: str, name: str, content: bytes, at: datetime = OLD) -> Path:
        path = self.site.folder / feed / name
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def land(self, feed: str, day: date, now: datetime = NOW):
        return land(self.site.feeds[feed], self.site, self.ledger, day, now)

    def names(self, feed: str, day: date) -> list[tuple[str, str]]:
        return self.land(feed, day).files.select("file_name", "state").rows()

    def pending(self, today: date = TODAY) -> list[date]:
        arrivals = unseen(self.site, self.ledger, NOW)
        return pending_nights(self.site, self.ledger, arrivals, today)


@pytest.fixture
def night(tmp_path):
    made = Night(tmp_path)
    yield made
    made.ledger.close()


def test_a_night_takes_its_own_files_and_late_ones(night):
    night.drop("dated", "po_20260302.csv", b"monday")
    night.drop("dated", "po_20260303.csv", b"tuesday")
    night.drop("dated", "po_20260304.csv", b"wednesday")
    assert night.names("dated", TUESDAY) == [
        ("po_20260302.csv", "LANDED"),
        ("po_20260303.csv", "LANDED"),
    ]
    assert night.names("dated", WEDNESDAY) == [("po_20260304.csv", "LANDED")]


def test_a_lake_says_how_it_is_laid_out_before_anything_is_in_it(night):
    night.land("dated", MONDAY)
    (said,) = night.site.lake.root.glob("layout")
    assert said.read_text() == "1\n"
    # Of a version that reads this layout and says so otherwise: it is not written over.
    said.write_text("1")
    night.land("dated", MONDAY)
    assert said.read_text() == "1"


def test_files_that_no_pattern_takes_are_named(night):
    night.drop("dated", "po_20260302.csv", b"x")
    night.drop("dated", ".po_20260302.csv.part", b"x")
    night.drop("dated", "PO_20260302.CSV", b"x")
    night.drop("dated", "po_2026\n.xlsx", b"x")
    (night.site.folder / "plain").rmdir()
    assert untaken(night.site) == [
        str(night.site.folder / "dated" / name) for name in ("PO_20260302.CSV", r"po_2026\n.xlsx")
    ]


def test_a_file_from_the_future_waits_and_is_not_called_young(night):
    path = night.drop("plain", "a.csv", b"x")
    ahead = NOW + timedelta(days=365)
    os.utime(path, (ahead.timestamp(), ahead.timestamp()))
    (left,) = night.land("plain", MONDAY).waiting
    assert "waits: it changed at 2027-03-10 12:00 UTC, which is in the future" in left.reason


def test_a_feed_that_brought_files_and_is_gone_is_named(night):
    night.drop("dated", "po_20260302.csv", b"x")
    night.land("dated", MONDAY)
    night.land("plain", MONDAY)
    assert retired(night.site) == []
    assert retired(replace(night.site, feeds={})) == ["dated"]


def test_landing_again_gives_the_same_rows(night):
    night.drop("plain", "b.csv", b"b")
    night.drop("plain", "a.csv", b"a")
    night.drop("plain", "c.csv", b"a")
    first = night.land("plain", MONDAY).files
    night.ledger.counted(
        "plain", first["source_file_id"][0], MONDAY, records_in=1, accepted=1, quarantined=0
    )
    night.ledger.publish(MONDAY)
    again = night.land("plain", MONDAY).files
    assert again.equals(first)
    assert first["file_name"].to_list() == ["a.csv", "b.csv", "c.csv"]


def test_raw_bytes_are_kept_read_only(night):
    night.drop("plain", "a.csv", b"content")
    sha256 = night.land("plain", MONDAY).files["source_file_id"][0]
    path = night.site.lake.raw_path(sha256)
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o222 == 0


def test_raw_bytes_that_are_gone_are_kept_again_when_the_file_is_sent_again(night):
    night.drop("plain", "a.csv", b"content")
    sha256 = night.land("plain", MONDAY).files["source_file_id"][0]
    night.site.lake.raw_path(sha256).unlink()
    night.drop("plain", "a.csv", b"content", at=OLD + timedelta(minutes=1))
    assert night.land("plain", TUESDAY).files["state"].to_list() == ["DUPLICATE"]
    assert night.site.lake.raw(sha256) == b"content"


def test_the_same_bytes_under_another_name_are_a_duplicate(night):
    night.drop("plain", "a.csv", b"same")
    night.land("plain", MONDAY)
    night.drop("plain", "b.csv", b"same")
    files = night.land("plain", TUESDAY).files
    assert files.select("file_name", "state").rows() == [("b.csv", "DUPLICATE")]
    assert "'a.csv' for 2026-03-02" in files["reason"][0]


def test_the_same_bytes_sent_again_under_their_name_are_a_duplicate_of_the_later_night(night):
    night.drop("plain", "a.csv", b"same")
    night.land("plain", MONDAY)
    night.drop("plain", "a.csv", b"same", at=OLD + timedelta(minutes=5))
    assert night.names("plain", TUESDAY) == [("a.csv", "DUPLICATE")]
    assert night.names("plain", MONDAY) == [("a.csv", "LANDED")]


def test_a_snapshot_that_says_again_what_it_said_before_another_is_landed(night):
    for feed in ("dated", "plain"):
        night.site.feeds[feed] = night.site.feeds[feed].model_copy(update={"extract": "snapshot"})
    for day, said in ((2, b"ten"), (3, b"twelve"), (4, b"ten")):
        for feed, name in (("dated", "po_2026030{}.csv"), ("plain", "a.csv")):
            night.drop(feed, name.format(day), said, at=OLD + timedelta(minutes=day))
            assert night.names(feed, date(2026, 3, day)) == [(name.format(day), "LANDED")]
    # The newest bytes once more add nothing; nor do old files that were touched or copied.
    for name, said in (("5", b"ten"), ("3", b"twelve"), ("3_copy", b"twelve")):
        night.drop("dated", f"po_2026030{name}.csv", said)
    assert [state for _, state in night.names("dated", date(2026, 3, 5))] == ["DUPLICATE"] * 3
    night.drop("plain", "b.csv", b"eleven")
    night.land("plain", date(2026, 3, 5))
    night.drop("plain", "a.csv", b"ten")
    assert night.names("plain", date(2026, 3, 6)) == [("a.csv", "DUPLICATE")]


def test_touching_a_file_on_its_own_night_changes_nothing(night):
    night.drop("plain", "a.csv", b"same")
    night.land("plain", MONDAY)
    night.ledger.publish(MONDAY)
    night.drop("plain", "a.csv", b"same", at=OLD + timedelta(minutes=5))
    assert night.names("plain", MONDAY) == [("a.csv", "LANDED")]
    assert night.pending() == []


def test_the_same_name_with_other_bytes_is_a_new_version_and_both_are_kept(night):
    night.drop("plain", "a.csv", b"first")
    night.land("plain", MONDAY)
    night.drop("plain", "a.csv", b"second", at=OLD + timedelta(minutes=5))
    assert night.names("plain", MONDAY) == [("a.csv", "LANDED"), ("a.csv", "LANDED")]
    raw = {night.site.lake.raw(sha) for sha in night.land("plain", MONDAY).files["source_file_id"]}
    assert raw == {b"first", b"second"}


def test_feeds_do_not_share_duplicates(night):
    night.drop("plain", "a.csv", b"same")
    night.drop("dated", "po_20260302.csv", b"same")
    assert night.names("plain", MONDAY) == [("a.csv", "LANDED")]
    assert night.names("dated", MONDAY) == [("po_20260302.csv", "LANDED")]


def test_a_young_file_waits_and_is_taken_when_it_has_settled(night):
    night.drop("plain", "a.csv", b"growing", at=NOW - timedelta(seconds=59))
    landed = night.land("plain", MONDAY)
    assert landed.files.is_empty()
    assert "less than 60 seconds ago" in str(landed.waiting[0])
    assert night.land("plain", MONDAY, NOW + timedelta(seconds=1)).files.height == 1


def test_a_file_that_changes_under_our_hands_waits(night, monkeypatch):
    night.drop("plain", "a.csv", b"a")
    night.drop("plain", "b.csv", b"b")
    real = folder_module.FolderSource.read

    def read(self, arrival):
        if arrival.name == "a.csv":
            raise ChangedWhileReading(arrival.name)
        return real(self, arrival)

    monkeypatch.setattr(folder_module.FolderSource, "read", read)
    landed = night.land("plain", MONDAY)
    assert landed.files["file_name"].to_list() == ["b.csv"]
    assert [w.name for w in landed.waiting] == ["a.csv"]


def test_a_past_night_takes_nothing_new(night):
    night.drop("plain", "a.csv", b"a")
    night.land("plain", MONDAY)
    night.drop("plain", "b.csv", b"b")
    night.land("plain", TUESDAY)
    night.drop("dated", "po_20260302.csv", b"late")
    assert night.names("dated", MONDAY) == []
    assert night.names("plain", MONDAY) == [("a.csv", "LANDED")]
    assert night.names("dated", TUESDAY) == [("po_20260302.csv", "LANDED")]


def test_a_file_dated_in_the_future_waits_and_is_reported(night):
    night.drop("dated", "po_20360302.csv", b"mistyped year")
    landed = night.land("dated", TODAY)
    assert landed.files.is_empty()
    assert "in the future" in str(landed.waiting[0])
    assert night.pending() == []


def test_a_file_dated_tomorrow_is_due_tomorrow(night):
    tomorrow = TODAY + timedelta(days=1)
    night.drop("dated", f"po_{tomorrow:%Y%m%d}.csv", b"sent before midnight")
    assert night.pending() == []
    assert night.pending(today=tomorrow) == [tomorrow]


def test_nothing_is_due_before_the_first_night_of_a_site(night):
    night.drop("dated", "po_20260220.csv", b"sent ahead")
    assert night.pending(today=date(2026, 2, 28)) == []
    assert night.pending(today=date(2026, 3, 1)) == [date(2026, 3, 1)]


def test_pending_nights_are_those_of_unseen_and_of_unpublished_files(night):
    night.drop("dated", "po_20260303.csv", b"t")
    night.drop("dated", "po_20260302.csv", b"m")
    assert night.pending() == [MONDAY, TUESDAY]
    night.land("dated", MONDAY)
    assert night.pending() == [MONDAY, TUESDAY]
    night.ledger.publish(MONDAY)
    assert night.pending() == [TUESDAY]
    night.land("dated", TUESDAY)
    night.ledger.publish(TUESDAY)
    assert night.pending() == []


def test_a_night_of_nothing_but_duplicates_is_due_until_it_is_published(night):
    night.drop("plain", "a.csv", b"same")
    night.land("plain", MONDAY)
    night.ledger.publish(MONDAY)
    night.drop("plain", "b.csv", b"same")
    night.land("plain", TUESDAY)
    assert night.pending() == [TUESDAY]


def test_an_undated_file_is_due_today(night):
    night.drop("plain", "a.csv", b"a")
    assert night.pending() == [TODAY]


def test_a_late_file_is_due_on_the_night_that_can_take_it(night):
    night.drop("dated", "po_20260303.csv", b"t")
    night.land("dated", TUESDAY)
    night.ledger.publish(TUESDAY)
    night.drop("dated", "po_20260302.csv", b"late monday")
    (due,) = night.pending()
    assert due == TODAY
    assert night.names("dated", due) == [("po_20260302.csv", "LANDED")]


def test_a_late_file_makes_no_night_of_its_own_beside_one_that_takes_it(night):
    """It would be empty, and what then comes for the other night would be late in its turn."""
    night.drop("dated", "po_20260302.csv", b"m")
    night.land("dated", MONDAY)
    night.ledger.publish(MONDAY)
    night.drop("dated", "po_20260301.csv", b"late sunday")
    night.drop("plain", "a.csv", b"undated")
    night.drop("dated", "po_20260303.csv", b"t")
    assert night.pending() == [TUESDAY]
    assert night.names("plain", TUESDAY) == [("a.csv", "LANDED")]
    taken = [("po_20260301.csv", "LANDED"), ("po_20260303.csv", "LANDED")]
    assert night.names("dated", TUESDAY) == taken
    assert night.pending(today=date(2026, 3, 9)) == [TUESDAY]


def test_what_is_older_than_the_site_is_due_on_its_first_night(night):
    night.drop("dated", "po_20251231.csv", b"history")
    (due,) = night.pending()
    assert due == night.site.config.first_business_date
    assert night.names("dated", due) == [("po_20251231.csv", "LANDED")]


def test_an_unsettled_file_is_not_due(night):
    night.drop("plain", "a.csv", b"a", at=NOW)
    assert night.pending() == []


def test_a_source_out_of_reach_does_not_hide_the_others(night):
    (night.site.folder / "dated").rmdir()
    night.drop("plain", "a.csv", b"a")
    assert night.pending() == [TODAY]


def test_the_fingerprint_changes_with_what_is_entered_and_published(night):
    prints = [night.ledger.fingerprint()]
    night.drop("plain", "a.csv", b"a")
    night.land("plain", MONDAY)
    prints.append(night.ledger.fingerprint())
    night.ledger.publish(MONDAY)
    prints.append(night.ledger.fingerprint())
    assert len(set(prints)) == 3
    night.land("plain", MONDAY)
    assert night.ledger.fingerprint() == prints[-1]


# For every folder a process is forked that lands one night and kills itself before the n-th line of
# ours; prints how many lines there are, or the signal that ended it. Forked from a process of its
# own, which has imported everything and started no threads.
KILLED = """
import os, signal, sys
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from test_land_night import MONDAY, Night

def landed(root, fatal):
    count = 0
    def trace(frame, event, arg):
        nonlocal count
        if os.sep + "recon" + os.sep not in frame.f_code.co_filename:
            return None
        count += event == "line"
        if event == "line" and count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    Night(root).land("plain", MONDAY)
    sys.settrace(None)
    print(count, flush=True)
    os._exit(0)

for argument in sys.argv[3:]:
    folder, _, fatal = argument.partition("@")
    child = os.fork()
    if child == 0:
        landed(Path(folder), int(fatal))
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        print(-os.WTERMSIG(status), flush=True)
"""


def killed(points: dict[Path, int]) -> list[int]:
    """Land in each folder with a kill at that line (0: none): lines run, or minus the signal."""
    project = str(Path(__file__).resolve().parents[2])
    arguments = [f"{folder}@{at}" for folder, at in points.items()]
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), project, *arguments]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [int(line) for line in printed.splitlines()]


def test_a_kill_at_any_line_loses_nothing_and_doubles_nothing(tmp_path):
    def dropped(name: str) -> Path:
        (tmp_path / name).mkdir()
        made = Night(tmp_path / name)
        for file, content in (("a.csv", b"one"), ("b.csv", b"two"), ("c.csv", b"one")):
            made.drop("plain", file, content)
        made.ledger.close()
        return made.site.folder

    undisturbed = dropped("undisturbed")
    (lines,) = killed({undisturbed: 0})
    expected = Night(undisturbed).land("plain", MONDAY).files
    assert expected["state"].to_list() == ["LANDED", "LANDED", "DUPLICATE"]
    points = {dropped(f"killed_{at}"): at for at in range(1, lines, max(1, lines // 40))}
    assert set(killed(points)) == {-signal.SIGKILL}
    for folder in points:
        again = Night(folder)
        assert again.land("plain", MONDAY).files.equals(expected)
        assert {again.site.lake.raw(sha) for sha in expected["source_file_id"]} == {b"one", b"two"}
        again.ledger.close()


def test_a_file_that_is_no_ledger_is_refused(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database, but long enough to look at" * 10)
    with pytest.raises(IntegrityError, match="not a ledger"):
        Ledger(tmp_path / "ledger.sqlite")


def test_a_ledger_on_a_full_disk_is_not_a_broken_one(tmp_path, monkeypatch):
    full = r"ledger\.sqlite cannot be written \(database or disk is full\)"
    answer = Answer("ZZ-ACME", 1, 1, "f", "a" * 64, "2026-03-02", "p" * 9_999, "b" * 64, WRITTEN)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger._con.execute("pragma max_page_count = 1")  # that is: no page more than there are
        with pytest.raises(ConfigError, match=full):
            ledger.enter_answers([answer])
        assert ledger.answers() == []
    monkeypatch.setattr(ledger_module, "_SCHEMA", f"pragma max_page_count = 1; {_SCHEMA}")
    (tmp_path / "new").mkdir()
    with pytest.raises(ConfigError, match=full):
        Ledger(tmp_path / "new" / "ledger.sqlite")


def test_two_ledgers_of_one_site_see_each_other(night):
    night.drop("plain", "a.csv", b"a")
    with Ledger(night.site.ledger) as other:
        night.land("plain", MONDAY)
        assert [f.name for f in other.files(MONDAY)] == ["a.csv"]
        assert other.last_day() == MONDAY


def test_the_counts_of_a_file_are_entered_and_a_refused_file_says_why(night):
    night.drop("plain", "a.csv", b"a")
    sha256 = night.land("plain", MONDAY).files["source_file_id"][0]
    night.ledger.counted("plain", sha256, MONDAY, records_in=3, accepted=2, quarantined=1)
    (file,) = night.ledger.files(MONDAY)
    assert (file.state, file.records_in, file.accepted, file.quarantined) == ("LANDED", 3, 2, 1)
    night.ledger.publish(MONDAY)
    assert night.ledger.files(MONDAY)[0].state == "PUBLISHED"
    night.ledger.counted(
        "plain", sha256, MONDAY, records_in=3, accepted=0, quarantined=3, refused="no trailer"
    )
    (file,) = night.ledger.files(MONDAY)
    assert (file.state, file.reason) == ("QUARANTINED", "no trailer")
