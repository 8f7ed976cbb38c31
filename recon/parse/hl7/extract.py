"""Declared records from segments: which segment each column reads, and its value.

What belongs here: turning a declaration into a frame. What does not: whether a charge is plausible
(``gate.py``).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from recon.parse import values
from recon.parse.hl7.declare import KEYS, TYPES, Column, Path, Record
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.read import Read
from recon.parse.hl7.segments import Segments, View
from recon.parse.hl7.sets import DECLARED
from recon.parse.hl7.values import Moments, instants, moments, month_ends, unescaped
from recon.parse.spans import Flags, Ints, Spans, code

_QUANTITY_SCALE = 4
_QUOTE = ord('"')
_EXPECTED = {
    "date": "a date",
    "label_date": "a date or a month",
    "instant": "a time",
    "integer": "a whole number",
}

# Segment -> its fields of which the first part is read.
_FIRST_PARTS: dict[str, set[int]] = {}
for _declared in DECLARED.values():
    for _column in _declared.columns:
        _place = _column.place
        _other = _column.every or _column.kinds is not None
        if not _other and _place.component < 2 and _place.subcomponent < 2:
            _FIRST_PARTS.setdefault(_place.segment, set()).add(_place.field)


class Cells(NamedTuple):
    """What one place holds, in every segment of its tag and, last, where there is no segment.

    Attributes:
        column: the values; None where all are null.
        size: how many bytes each value has.
        bad: it is not of its type; None where none is.
        nulls: it is emptied on purpose; None where none is.
    """

    column: values.Cells | None
    size: Ints
    bad: Flags | None = None
    nulls: Flags | None = None


class Extractor:
    """Reads records of one file.

    A field is read once in all segments of its tag, and each record takes from that what it needs:
    what is said of a patient once is told by each charge, and a device by two records.

    Args:
        segments: its segments.
        messages: see ``envelope.message_frame``.
        offset: seconds east of Greenwich of each of them, or ``NO_OFFSET``.
        positions: column, as ``FT1.code``, -> where it stands by the profile.
        zone: for instants that have no offset; None leaves them null.

    Attributes:
        unkind: place of an identifier -> segments in which none of those there is of its kinds.
    """

    def __init__(
        self,
        segments: Segments,
        messages: pl.DataFrame,
        offset: Ints,
        positions: Mapping[str, Path],
        zone: str | None,
    ) -> None:
        self._segments = segments
        self._keys = messages[list(KEYS)[2:]]
        self._positions = positions
        self._zone = zone
        self._offset = offset
        self._by_tag: dict[str, Ints] = {}
        self._views: dict[str, View] = {}
        self._spans: dict[tuple[Path, tuple[str, ...] | None], tuple[Spans, Flags | None]] = {}
        self._moments: dict[Path, Moments] = {}
        self._cells: dict[tuple[object, ...], Cells] = {}
        self._counts: dict[str, Ints] = {}
        self._limits: dict[tuple[str, ...], Ints] = {}
        self._of_devices: Ints | None = None
        self.unkind: dict[Path, Ints] = {}
        # Escapes are looked for only where there are any beside those of each MSH-2.
        declared = np.bincount(
            segments.kind[self.of("MSH")], minlength=len(segments.delimiters)
        ).tolist()
        marks: dict[str, int] = {}
        for delimiters, size in zip(segments.delimiters, declared, strict=True):
            if delimiters.escape:
                marks[delimiters.escape] = marks.get(delimiters.escape, 0) + size
        # Counted by NumPy, for ``bytes.count`` takes half as long again and holds the interpreter.
        self._escaped = any(
            np.count_nonzero(segments.raw == ord(mark)) > n for mark, n in marks.items()
        )
        self._quoted = _QUOTE in segments.text

    def of(self, tag: str) -> Ints:
        """The segments of a tag."""
        if tag not in self._by_tag:
            self._by_tag[tag] = np.flatnonzero(self._segments.tag == code(tag))
        return self._by_tag[tag]

    def read(self, declared: Record, in_message: Flags, defects: Defects) -> Read:
        """One record.

        Args:
            declared: which.
            in_message: per message, whether it is one that has this record.
            defects: gets what is not of its type.
        """
        segments = self._segments
        every = self.of(declared.segment)
        message = segments.message[every]
        own = np.flatnonzero((message >= 0) & in_message[message])
        parent = np.zeros(0, np.int64)
        if declared.parent:
            above = self._last(every[own], declared.parent)
            own, above = own[above >= 0], above[above >= 0]
            parent = self.of(declared.parent)[above]
        rows = every[own]
        found = Read(rows, pl.DataFrame())
        chosen = {declared.segment: own}
        columns = self._columns(declared, found, chosen)
        frame = values.table([rows + 1, segments.offset[rows]], list(KEYS)[:2]).hstack(
            [
                *self._keys[segments.message[rows]].get_columns(),
                *([pl.Series("parent_record", parent + 1)] if declared.parent else []),
                *columns,
            ]
        )
        if declared.scopes:
            scope = frame["event_code"].replace_strict(
                list(declared.scopes), list(declared.scopes.values()), default=None
            )
            frame = frame.with_columns(scope.cast(pl.String).alias("scope"))
        if declared.nulls:
            frame = frame.with_columns(self._nulled(found, rows.size))
        found.frame = frame
        if declared.needs:
            kept = frame.select(
                pl.any_horizontal(pl.col(c).is_not_null() for c in declared.needs)
            ).to_series()
            found.frame = frame.filter(kept)
            found.rows = rows[kept.to_numpy()]
        self._object(declared, found, chosen, defects)
        return found

    def _columns(self, declared: Record, found: Read, chosen: dict[str, Ints]) -> list[pl.Series]:
        """The record's columns; ``chosen`` gets, per tag, which of its segments each row reads."""
        size = found.rows.size
        columns: dict[str, pl.Series] = {}
        taken: dict[str, dict[str, values.Cells]] = {}
        for column in declared.columns:
            place = self._positions.get(column.key, column.place)
            found.places[column.name] = place
            tag = place.segment
            if tag not in chosen:
                chosen[tag] = self._rows_of(declared, tag, found.rows)
            at = chosen[tag]
            cells = self._cells_of(column, place)
            if column.type == "quantity":
                found.sizes[column.name] = cells.size[at]
            if cells.bad is not None:
                found.bad[column.name] = cells.bad[at]
            if cells.nulls is not None:
                found.nulls[column.key.split(".")[1]] = cells.nulls[at]
            if cells.column is None:
                nothing = values.constant(None, size, TYPES[column.type])
                columns[column.name] = nothing.alias(column.name)
            else:
                taken.setdefault(tag, {})[column.name] = cells.column
        for tag, named in taken.items():
            at, every = chosen[tag], self.of(tag).size
            frame = values.table(named.values(), named)
            # Mostly all segments of the record's own tag are rows of it.
            own = tag == declared.segment and at.size == every
            frame = frame.head(every) if own else frame[np.where(at < 0, every, at)]
            columns.update({one.name: one for one in frame.get_columns()})
        return [columns[column.name] for column in declared.columns]

    def _cells_of(self, column: Column, place: Path) -> Cells:
        key = (place, column.type, column.kinds, column.every)
        if key not in self._cells:
            self._cells[key] = self._read_cells(column, place)
        return self._cells[key]

    def _read_cells(self, column: Column, place: Path) -> Cells:
        segments = self._segments
        if place.segment not in self._views:
            rows = np.append(self.of(place.segment), -1)
            self._views[place.segment] = segments.view(rows, self._fields(place.segment))
        view = self._views[place.segment]
        number = place.field - (place.segment in ("MSH", "FHS", "BHS"))
        # Field 0: the profile says that it is not sent.
        if not place.field or number > view.most:
            return Cells(None, np.zeros_like(view.rows))
        if column.every:
            spans = segments.field(view, number)
            return Cells(self._every(view.rows, spans, place), spans.end - spans.start)
        spans, nulls = self._spans_of(view, number, column.kinds, place)
        size = spans.end - spans.start
        if not size.any():
            return Cells(None, size, None, nulls)
        found, bad = self._typed(column, view.rows, spans, place)
        return Cells(found, size, bad, nulls)

    def _fields(self, tag: str) -> set[int]:
        """The fields of a segment of which the first part is read."""
        moved = {place.field for place in self._positions.values() if place.segment == tag}
        return moved | _FIRST_PARTS.get(tag, set())

    def _spans_of(
        self, view: View, number: int, kinds: tuple[str, ...] | None, place: Path
    ) -> tuple[Spans, Flags | None]:
        """Where the values of a place stand; and which are emptied on purpose."""
        key = (place, kinds)
        if key not in self._spans:
            segments = self._segments
            if kinds is None:
                spans = segments.value(view, number, place.component, place.subcomponent)
            else:
                every = segments.field(view, number)
                spans = self._of_kind(view.rows, every, kinds)
                lost = (every.end > every.start) & (spans.end == spans.start)
                self.unkind[place] = view.rows[lost]
                spans = self._inner(view.rows, spans, place)
            self._spans[key] = self._without_null(spans)
        return self._spans[key]

    def _inner(self, rows: Ints, spans: Spans, place: Path) -> Spans:
        if place.component:
            spans = self._segments.part(rows, spans, "component", place.component)
        if place.subcomponent:
            spans = self._segments.part(rows, spans, "subcomponent", place.subcomponent)
        return spans

    def _without_null(self, spans: Spans) -> tuple[Spans, Flags | None]:
        """An explicit null is empty, and told."""
        if not self._quoted:
            return spans, None
        raw = self._segments.raw
        start, end = spans
        two = np.flatnonzero(end - start == 2)
        two = two[(raw[start[two]] == _QUOTE) & (raw[start[two] + 1] == _QUOTE)]
        if not two.size:
            return spans, None
        null = np.zeros(start.size, bool)
        null[two] = True
        return Spans(start, np.where(null, start, end)), null

    def _nulled(self, found: Read, size: int) -> pl.Series:
        told = [""] * size
        for name, flags in found.nulls.items():
            for n in np.flatnonzero(flags).tolist():  # few: a field emptied on purpose
                told[n] = f"{told[n]} {name}".strip()
        return pl.Series("nulled", [names or None for names in told], dtype=pl.String)

    def _typed(
        self, column: Column, rows: Ints, spans: Spans, place: Path
    ) -> tuple[values.Cells, Flags | None]:
        segments = self._segments
        match column.type:
            case "text":
                return self._text(rows, spans), None
            case "quantity" | "amount":
                number, bad, _ = values.decimal_array(segments, spans, _QUANTITY_SCALE)
                return number, bad
            case "integer":
                whole, bad = values.integers(segments, spans)
                return whole.cast(pl.Int64), bad
        message = segments.message[rows]
        if place not in self._moments:
            self._moments[place] = moments(segments, spans, message)
        moment = self._moments[place]
        if column.type in ("date", "label_date"):
            day = moment.date(self._zone)
            if not moment.bad.any():
                return day, None
            bad = moment.bad if moment.run is None else moment.bad[moment.run]
            return month_ends(segments, spans, day, bad) if column.type != "date" else (day, bad)
        sender = self._offset[np.maximum(message, 0)]
        return instants(moment, sender, self._zone), None

    def _text(self, rows: Ints, spans: Spans) -> values.Cells:
        if not self._escaped:
            return values.text_array(self._segments, spans)
        series = values.text(self._segments, spans)
        kinds = self._segments.delimiters
        if len(kinds) == 1:
            return unescaped(series, kinds[0])
        kind = pl.Series(self._segments.kind[rows])
        for n, delimiters in enumerate(kinds):
            series = unescaped(series, delimiters).zip_with(kind == n, series)
        return series

    def _every(self, rows: Ints, spans: Spans, place: Path) -> pl.Series:
        owner, each = self._segments.repetitions(rows, spans)
        inner = self._inner(rows[owner], each, place)
        told = values.table([owner, self._text(rows[owner], inner)], ["owner", "text"])
        joined = (
            told.filter(pl.col("text") != '""')  # an explicit null is empty
            .group_by("owner", maintain_order=True)
            .agg(pl.col("text").str.join(" "))
        )
        whole = pl.DataFrame({"owner": np.arange(rows.size)})
        return whole.join(joined, on="owner", how="left", maintain_order="left")["text"]

    def _of_kind(self, rows: Ints, spans: Spans, kinds: tuple[str, ...]) -> Spans:
        """Of a repeating identifier the repetition of the best kind."""
        segments = self._segments
        owner, each = segments.repetitions(rows, spans)
        kind = segments.part(rows[owner], each, "component", 5)
        told = values.text(segments, kind, keep_empty=True)
        start, end = np.zeros_like(rows), np.zeros_like(rows)
        for wanted in reversed(kinds):
            at = np.flatnonzero((told == wanted).to_numpy())[::-1]
            start[owner[at]], end[owner[at]] = each.start[at], each.end[at]
        return Spans(start, end)

    def _rows_of(self, declared: Record, tag: str, rows: Ints) -> Ints:
        """Which of the segments of ``tag`` each row reads; -1 for none."""
        if tag not in declared.under:
            return self._last(rows, tag)
        idx = self.of(tag)
        own_device = declared.segment == "FT1" and tag == "PRT"
        which = self._devices() if own_device else np.arange(idx.size)
        if not which.size or not rows.size:
            return np.full(rows.size, -1)
        limit = self._limit(rows, [*declared.ends, declared.segment])
        before = self._count("device" if own_device else tag, idx[which])
        at, until = before[rows + 1], before[limit]
        # Of several devices none is the charge's own.
        good = until - at == 1 if own_device else until > at
        found = np.where(good, which[np.minimum(at, which.size - 1)], -1)
        if tag in declared.opens:
            kind = self._keys["message_type"].gather(self._segments.message[rows])
            opened = kind.is_in(list(declared.opens[tag])).fill_null(value=False)
            found = np.where(opened.to_numpy(), self._last(rows, tag), found)
        return found

    def _limit(self, rows: Ints, ends: list[str]) -> Ints:
        """The segment before which what stands under each row ends; a message ends at MSH."""
        tags = tuple(sorted({*ends, "MSH"}))
        if tags not in self._limits:
            size = len(self._segments)
            stopping = np.zeros(size, bool)
            for tag in tags:
                stopping[self.of(tag)] = True
            stops = np.flatnonzero(stopping)
            every = np.cumsum(stopping)
            self._limits[tags] = np.append(stops, size)[every]
        return self._limits[tags][rows]

    def _count(self, name: str, some: Ints) -> Ints:
        """For each segment, and after the last, how many of ``some`` stand before it."""
        if name not in self._counts:
            flags = np.zeros(len(self._segments) + 1, bool)
            flags[some + 1] = True
            self._counts[name] = np.cumsum(flags)
        return self._counts[name]

    def _devices(self) -> Ints:
        """Participations (PRT) that hold a device, and no person: which of them."""
        if self._of_devices is None:
            view = self._segments.view(self.of("PRT"))
            spans = self._segments.part(view.rows, self._segments.field(view, 10), "component", 1)
            held = spans.end > spans.start
            for number in (16, 19, 20, 21):
                spans = self._segments.field(view, number)
                held |= spans.end > spans.start
            self._of_devices = np.flatnonzero(held)
        return self._of_devices

    def device_counts(self, rows: Ints) -> Ints:
        """How many devices stand under each FT1."""
        which = self._devices()
        if not which.size:
            return np.zeros_like(rows)
        return self._number_of("device", self.of("PRT")[which], rows, ["FT1", "PID"])

    def devices_apart(self) -> Ints:
        """Devices (PRT, DEV) that no charge (FT1) of their patient stands before."""
        prt = self.of("PRT")
        every = np.concatenate([prt[self._devices()] if prt.size else prt, self.of("DEV")])
        return np.sort(every[self._last(every, "FT1") < 0])

    def number_under(self, rows: Ints, tag: str, ends: list[str]) -> Ints:
        """How many segments of ``tag`` stand under each of ``rows``, up to one of ``ends``."""
        return self._number_of(tag, self.of(tag), rows, ends)

    def _number_of(self, name: str, which: Ints, rows: Ints, ends: list[str]) -> Ints:
        before = self._count(name, which)
        counted: Ints = before[self._limit(rows, ends)] - before[rows + 1]
        return counted

    def _last(self, rows: Ints, tag: str) -> Ints:
        """Which of the segments of ``tag`` is the last before each row, in its message; or -1.

        What stands before the row's PID or MFE and behind another one is of another patient, or of
        another entry of a master file.
        """
        idx = self.of(tag)
        if not idx.size or not rows.size:
            return np.full(rows.size, -1)
        at = self._count(tag, idx)[rows + 1] - 1
        message = self._segments.message
        found = idx[np.maximum(at, 0)]
        own = (at >= 0) & (message[found] == message[rows])
        for group in ("PID", "MFE"):
            begins = self.of(group)
            if (np.diff(message[begins]) == 0).any():
                number = self._count(group, begins)
                of_found = number[found + 1]
                inside = message[begins[np.maximum(of_found - 1, 0)]] == message[rows]
                own &= (of_found == number[rows + 1]) | (of_found == 0) | ~inside
        return np.where(own, at, -1)

    def _object(
        self, declared: Record, found: Read, chosen: dict[str, Ints], defects: Defects
    ) -> None:
        """A value that is not of its type condemns its message; of a charge the gate decides."""
        for column in declared.columns:
            bad = found.bad.get(column.name)
            place = found.places[column.name]
            if bad is None or not bad.any() or place.segment == "FT1":
                continue
            at = self.of(place.segment)[np.unique(chosen[place.segment][np.flatnonzero(bad)])]
            wanted = f"{_EXPECTED.get(column.type, 'a number')} ({place})"
            defects.add(
                "type",
                at,
                field=[place.field] * at.size,
                found=["text"] * at.size,
                expected=[wanted] * at.size,
            )
