"""Spans of text to typed columns as HL7 writes them: timestamps with their zones, escapes.

What belongs here: how a value is written. What does not: which field has which type (``sets/``).
"""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from recon.parse import values
from recon.parse.hl7.segments import Delimiters
from recon.parse.spans import Flags, Ints, Spans, words_at
from recon.parse.values import Source

NO_OFFSET = np.int64(1 << 40)
_DAY = 86_400
_WORD = 8  # bytes
_FEW = 256  # timestamps that are quicker read than compared


class Moments(NamedTuple):
    """Timestamps. What follows in a message is mostly of the same day and hour: it is read once.

    Attributes:
        days: since 1970, the local date as written.
        dated: there is a date.
        seconds: of the day.
        timed: a time of day is told.
        offset: seconds east of Greenwich, or ``NO_OFFSET``.
        bad: something is written that is no date.
        first: of which of the spans each of these is, and of those up to the next.
        run: for each span, which of these it is; None: they are all.
    """

    days: Ints
    dated: Flags
    seconds: Ints
    timed: Flags
    offset: Ints
    bad: Flags
    first: Ints
    run: Ints | None

    def date(self, zone: str | None) -> pl.Series:
        """The local dates; null where there is none.

        As they are written, but for times in UTC where ``zone`` is known: an evening's is the next
        day there.
        """
        days = values.nullable(self.days.astype(np.int32), self.dated).cast(pl.Date)
        abroad = self.timed & self.dated & (self.offset == 0)
        if zone is not None and abroad.any():
            utc = (self.days * _DAY + self.seconds) * 1_000_000
            told = values.nullable(utc, abroad).cast(pl.Datetime("us", "UTC"))
            days = days.zip_with(pl.Series(~abroad), told.dt.convert_time_zone(zone).dt.date())
        return self.each(days)

    def each(self, found: pl.Series) -> pl.Series:
        """What was found of the timestamps, for each of the spans."""
        return found if self.run is None else found.gather(self.run)


def moments(source: Source, spans: Spans, within: Ints | None = None) -> Moments:
    """``YYYYMMDD[HH[MM[SS[.S]]]][+ZZZZ]``; a month or a year alone is no date.

    Senders also write the zone as ``Z``, ``+ZZ`` or ``+ZZ:ZZ``, and milliseconds without a point.

    Args:
        source: where the spans point.
        spans: blanks trimmed.
        within: their messages, in order; None: each is of its own.
    """
    few = within is None or spans.start.size < _FEW
    first = None if within is None or few else _first_of_each_run(source, spans, within)
    if first is None:
        every = np.arange(spans.start.size)
        return Moments(*_moments(source, spans), first=every, run=None)
    run = np.repeat(np.arange(first.size), np.diff(first, append=spans.start.size))
    return Moments(*_moments(source, spans.some(first)), first=first, run=run)


def month_ends(
    source: Source, spans: Spans, days: pl.Series, bad: Flags
) -> tuple[pl.Series, Flags]:
    """``days``, and what of them is ``bad``, where ``YYYYMM`` is the last day of that month."""
    six = spans.end - spans.start == len("YYYYMM")
    told = values.numbers(source, Spans(np.where(six, spans.start, spans.end), spans.end), 0)
    year, month = told.unscaled // 100, told.unscaled % 100
    good = six & told.readable & ~told.pointed
    good &= (month >= 1) & (month <= 12) & (year >= 1900) & (year < 2200)
    following = np.where(good, (year - 1970) * 12 + month, 0).astype("datetime64[M]")
    ends = values.nullable(following.astype("datetime64[D]").astype(np.int64) - 1, good)
    return days.zip_with(pl.Series(~good), ends.cast(pl.Int32).cast(pl.Date)), bad & ~good


def _first_of_each_run(source: Source, spans: Spans, within: Ints) -> Ints | None:
    """Where a value or its message differs from the one before; None where most do, or are odd."""
    start, end = spans
    length = end - start
    longest = int(length.max(initial=0))
    if longest > 3 * _WORD or ((length > 0) & (length < _WORD)).any():
        return None
    differs = np.ones(length.size, bool)
    differs[1:] = (length[1:] != length[:-1]) | (within[1:] != within[:-1])
    # Words that overlap hold all of it, and nothing else.
    last = [np.maximum(end - _WORD, 0)] if longest > _WORD else []
    middle = [start + _WORD] if longest > 2 * _WORD else []
    for at in (start, *last, *middle):
        inside = np.minimum(at, len(source.text) - _WORD)
        word = words_at(source.text, inside, _WORD).view("<u8")
        differs[1:] |= word[1:] != word[:-1]
    first = np.flatnonzero(differs)
    return first if 2 * first.size < length.size else None


def _moments(source: Source, spans: Spans) -> tuple[Ints, Flags, Ints, Flags, Ints, Flags]:
    start, end = spans
    raw = source.raw
    length = end - start
    zone = _zone_length(raw, end, length)
    zoned = zone > 0
    body = end - zone
    fraction = (body - start > 14) & (raw[np.minimum(start + 14, end)] == ord("."))
    run_on = (body - start == 17) & ~fraction
    if run_on.any():
        rest = Spans(np.where(run_on, start + 14, end), np.where(run_on, body, end))
        told = values.numbers(source, rest, 0)
        fraction |= run_on & told.readable & ~told.pointed
    clock = Spans(np.minimum(start + 8, body), np.where(fraction, start + 14, body))
    days, dated, bad = values.days(source, Spans(start, np.where(length >= 8, start + 8, end)))
    bad |= (length > 0) & (length < 8)
    written = clock.end - clock.start
    seconds, wrong = _seconds(source, clock, written) if written.any() else (written, bad)
    bad |= wrong
    offset = np.full(length.size, NO_OFFSET)
    if zoned.any():
        hours = values.numbers(
            source, Spans(np.where(zone > 1, body + 1, end), np.where(zone > 1, body + 3, end)), 0
        )
        minutes = values.numbers(source, Spans(np.where(zone > 3, end - 2, end), end), 0)
        bad |= ~hours.readable | (hours.unscaled > 14)
        bad |= ~minutes.readable | (minutes.unscaled > 59)
        east = (hours.unscaled * 60 + minutes.unscaled) * 60
        offset = np.where(zoned, np.where(raw[body] == ord("-"), -east, east), offset)
    bad &= length > 0
    timed = (written > 0) & ~bad
    return days, dated & ~bad, np.where(timed, seconds, 0), timed, offset, bad


def _seconds(source: Source, clock: Spans, written: Ints) -> tuple[Ints, Flags]:
    """``HH[MM[SS]]`` as seconds of the day; and which are no time."""
    told = values.numbers(source, clock, 0)
    number = told.unscaled * np.where(written == 2, 10_000, np.where(written == 4, 100, 1))
    hour, minute, second = number // 10_000, number // 100 % 100, number % 100
    bad = (written > 0) & ~((written == 2) | (written == 4) | (written == 6))
    bad |= (
        ~told.readable | told.pointed | (hour > 23) | (minute > 59) | (second > 60) | (number < 0)
    )
    return (hour * 60 + minute) * 60 + second, bad


def _zone_length(raw: npt.NDArray[np.uint8], end: Ints, length: Ints) -> Ints:
    """How many bytes at the end of each, behind a date, say the zone."""
    last = raw[np.maximum(end - 1, 0)]
    zone = np.where((length > 8) & np.isin(last, [ord("Z"), ord("z")]), 1, 0)
    for size in (3, 5, 6):
        sign = raw[np.maximum(end - size, 0)]
        signed = (length >= 8 + size) & ((sign == ord("+")) | (sign == ord("-")))
        if size == 6:
            signed &= raw[np.maximum(end - 3, 0)] == ord(":")
        zone = np.where(signed, size, zone)
    return zone


def instants(found: Moments, sender: Ints, zone: str | None) -> pl.Series:
    """The UTC instants of ``found``.

    Args:
        found: timestamps; one without a time of day is no instant.
        sender: for each, the offset that its message's MSH-7 has: it counts for all of the message.
        zone: for those with neither; without it they are null. An hour that comes twice is its
            first; one that a clock change leaves out is null.
    """
    offset = np.where(found.offset == NO_OFFSET, sender[found.first], found.offset)
    good = found.timed & found.dated
    known = offset != NO_OFFSET
    local = np.where(found.dated, found.days, 0) * _DAY + found.seconds
    utc = (local - np.where(known, offset, 0)) * 1_000_000
    series = values.nullable(utc, good & known).cast(pl.Datetime("us"))
    open_ = good & ~known
    if zone is None or not open_.any():
        return found.each(series)
    told = values.nullable(local * 1_000_000, open_).cast(pl.Datetime("us"))
    placed = (
        told.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
    )
    return found.each(series.zip_with(pl.Series(~open_), placed))


def unescaped(texts: pl.Series, delimiters: Delimiters) -> pl.Series:
    r"""``\F\ \S\ \T\ \R\ \E\ \X..\ \.br\`` as what they stand for; others stay as they are."""
    escape = delimiters.escape
    if not escape:
        return texts
    holding = texts.str.contains(escape, literal=True)
    if not holding.any():
        return texts
    escaped = texts.filter(holding).unique()
    mark = re.escape(escape)
    pattern = re.compile(f"{mark}([^{mark}]{{1,60}}){mark}")
    stands = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": escape,
        "H": "",  # highlighting on and off
        "N": "",
        ".br": "\n",
    }

    def meant(found: re.Match[str]) -> str:
        inner = found[1]
        if inner in stands:
            return stands[inner]
        if inner[0] == "X" and re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", inner):
            return bytes.fromhex(inner[1:]).decode("utf-8", errors="replace")
        return found[0]

    plain = [pattern.sub(meant, text) for text in escaped]
    return texts.replace(escaped, pl.Series(plain, dtype=pl.String))
