"""Names: which a feed takes, which date they hold, which are refused."""

import stat
from datetime import date

import pytest

from recon.land.arrival import LARGEST_FILE, Arrival, Listing, NamePattern, Waiting


@pytest.mark.parametrize(
    ("pattern", "name", "taken", "day"),
    [
        pytest.param("*.csv", "items.csv", True, None, id="plain-glob"),
        pytest.param("*.csv", "items.CSV", False, None, id="case-counts"),
        pytest.param("*.csv", ".items.csv", False, None, id="a-hidden-file-is-still-being-written"),
        pytest.param(
            "po_{date:%Y%m%d}.csv", "po_20260302.csv", True, date(2026, 3, 2), id="a-date"
        ),
        pytest.param(
            "po_{date:%Y%m%d}*.csv",
            "po_20260302_v2.csv",
            True,
            date(2026, 3, 2),
            id="and-a-glob-behind",
        ),
        pytest.param(
            "*_{date:%d-%b-%Y}.txt", "x_02-Mar-2026.txt", True, date(2026, 3, 2), id="month-by-name"
        ),
        pytest.param(
            "r{date:%y%j}.dat", "r26061.dat", True, date(2026, 3, 2), id="day-of-the-year"
        ),
        pytest.param("po_{date:%Y%m%d}.csv", "po_2026032.csv", False, None, id="a-digit-short"),
        pytest.param(
            "po_{date:%Y%m%d}.csv", "po_20260302.csv.tmp", False, None, id="something-behind"
        ),
        pytest.param("a[12]?.x12", "a2b.x12", True, None, id="classes-and-single-characters"),
        pytest.param(
            "a+b(1).csv", "a+b(1).csv", True, None, id="characters-that-mean-something-elsewhere"
        ),
    ],
)
def test_what_a_pattern_takes(pattern, name, taken, day):
    names = NamePattern(pattern)
    assert names.takes(name) is taken
    if taken:
        assert names.business_date(name) == day


def offer(name, pattern="*", size=1, mode=stat.S_IFREG):
    """What a listing makes of one directory entry; None where it passes it over."""
    listing = Listing(NamePattern(pattern))
    listing.add(name, mode, size, 1)
    return next(iter([*listing.arrivals, *listing.refused]), None)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../x.csv", id="up-and-out"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("..", id="the-parent"),
        pytest.param("", id="empty"),
        pytest.param("a\nb.csv", id="a-line-end"),
        pytest.param("a\x00.csv", id="a-nul"),
        pytest.param("a\x1b[2J.csv", id="a-terminal-escape"),
        pytest.param("a\u202evsc.exe", id="right-to-left-override"),
        pytest.param("c:\\x.csv", id="a-drive"),
        pytest.param("a\udcff.csv", id="bytes-that-are-not-text"),
        pytest.param(b"a\xff.csv", id="a-name-in-bytes"),
        pytest.param("é" * 128, id="too-long-in-bytes"),
    ],
)
def test_a_hostile_name_is_reported_in_plain_ascii(name):
    refused = offer(name)
    assert isinstance(refused, Waiting)
    assert str(refused).isascii()
    assert str(refused).isprintable()


def test_ordinary_names_in_other_scripts_pass():
    assert isinstance(offer("Lieferschein März 2026.csv"), Arrival)


def test_what_is_not_of_the_feed_is_nobodys_business():
    assert offer("readme.txt", "*.csv") is None


def test_a_link_and_a_folder_are_refused():
    assert "symbolic link" in str(offer("a.csv", mode=stat.S_IFLNK))
    assert "regular file" in str(offer("a.csv", mode=stat.S_IFDIR))


def test_a_file_too_large_to_be_read_whole_is_refused():
    assert isinstance(offer("a.csv", size=LARGEST_FILE), Arrival)
    assert "3,000,000,000 bytes, and a file is read whole" in str(offer("a.csv", size=3 * 10**9))


def test_a_date_that_is_none_is_reported():
    assert "holds no date" in str(offer("po_20261399.csv", "po_{date:%Y%m%d}.csv"))


def test_a_name_too_long_is_told_as_such():
    assert "more than 255 bytes" in offer("é" * 128).reason
