"""Declared records from segments: which segment each column reads, and its value.

What belongs here: turning a declaration into a frame. What does not: whether a charge is plausible
(``gate.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from recon.parse import values
from recon.parse.hl7.declare import KEYS, TYPES, Column, Path, Record
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.segments import Segments, View
from recon.parse.hl7.values import Moments, instants, moments, unescaped
from recon.parse.spans import Flags, Ints, Spans, code

_QUANTITY_SCALE = 4
_QUOTE = ord('"')
_EXPECTED = {"date": "a date", "instant": "a time", "integer": "a whole number"}


@dataclass(eq=False)
class Read:
    """A record, read.

    Attributes:
        rows: the segment each row stands on.
        frame: its columns.
        spans: column -> where each row's value stands.
        bad: column -> rows whose value is not of its type.
        nulls: column -> rows where it is emptied on purpose.
        places: column -> segment and field it was read from.
    """

    rows: Ints
    frame: pl.DataFrame
    spans: dict[str, Spans] = field(default_factory=dict)
    bad: dict[str, Flags] = field(default_factory=dict)
    nulls: dict[str, Flags] = field(default_factory=dict)
    places: dict[str, Path] = field(default_factory=dict)


class Extractor:
    """Reads records of one file.

    Args:
        segments: its segments.
        keys: ``KEYS`` of every message, by its ordinal, and ``sender_offset``.
        positions: column, as ``FT1.code``, -> where it stands by the profile.
        zone: for instants that have no offset; None leaves them null.
    """

    def __init__(
        self,
        segments: Segments,
        keys: pl.DataFrame,
        positions: Mapping[str, Path],
        zone: str | None,
    ) -> None:
        self._segments = segments
        self._keys = keys
        self._positions = positions
        self._zone = zone
        self._offset = keys["sender_offset"].to_numpy() if keys.height else np.zeros(0, np.int64)
        self._by_tag: dict[str, Ints] = {}
        self._moments: dict[str, Moments] = {}
        self._values: dict[str, Spans] = {}
        # Escapes are looked for only where there are any beside those of each MSH-2.
        declared = np.bincount(
            segments.kind[self.of("MSH")], minlength=len(segments.delimiters)
        ).tolist()
        marks: dict[str, int] = {}
        for delimiters, size in zip(segments.delimiters, declared, strict=True):
            if delimiters.escape:
                marks[delimiters.escape] = marks.get(delimiters.escape, 0) + size
        self._escaped = any(segments.text.count(m.encode()) > n for m, n in marks.items())

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
        rows = self.of(declared.segment)
        if rows.size:
            message = segments.message[rows]
            rows = rows[(message >= 0) & in_message[np.maximum(message, 0)]]
        parent = self._before(rows, declared.parent) if declared.parent else rows
        if declared.parent:
            rows, parent = rows[parent >= 0], parent[parent >= 0]
        found = Read(rows, pl.DataFrame())
        self._moments.clear()
        sources = {declared.segment: segments.view(rows)}
        self._values.clear()
        columns = [self._column(declared, column, found, sources) for column in declared.columns]
        message = segments.message[rows]
        keys = [self._keys[name].gather(message).alias(name) for name in list(KEYS)[2:]]
        frame = pl.DataFrame(
            [
                pl.Series("source_record", rows + 1),
                pl.Series("byte_offset", segments.offset[rows]),
                *keys,
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
        self._object(declared, found, sources, defects)
        return found

    def _column(
        self, declared: Record, column: Column, found: Read, sources: dict[str, View]
    ) -> pl.Series:
        place = self._positions.get(column.key, column.place)
        if not place.field:  # the profile says that it is not sent
            none = np.zeros_like(found.rows)
            found.places[column.name], found.spans[column.name] = place, Spans(none, none)
            return values.constant(None, none.size, TYPES[column.type]).alias(column.name)
        if place.segment not in sources:
            chosen = self._rows_of(declared, place.segment, found.rows)
            sources[place.segment] = self._segments.view(chosen)
        view = sources[place.segment]
        rows = view.rows
        found.places[column.name] = place
        segments = self._segments
        header = place.segment in ("MSH", "FHS", "BHS")
        number = place.field - header
        if number > view.most:
            none = np.zeros_like(rows)
            found.spans[column.name] = Spans(none, none)
            return values.constant(None, rows.size, TYPES[column.type]).alias(column.name)
        if column.every:
            return self._every(rows, segments.field(view, number), place).alias(column.name)
        if column.kinds is not None:
            spans = self._of_kind(rows, segments.field(view, number), column.kinds)
            spans = self._inner(rows, spans, place)
        elif (key := str(place)) in self._values:
            spans = self._values[key]
        else:
            spans = segments.value(view, number, place.component, place.subcomponent)
            self._values[key] = spans
        if not (spans.end > spans.start).any():
            found.spans[column.name] = spans
            return values.constant(None, rows.size, TYPES[column.type]).alias(column.name)
        spans = self._without_null(column.key.split(".")[1], spans, found)
        found.spans[column.name] = spans
        series, bad = self._typed(column, rows, spans, place)
        if bad is not None:
            found.bad[column.name] = bad
        return series.alias(column.name)

    def _inner(self, rows: Ints, spans: Spans, place: Path) -> Spans:
        if place.component:
            spans = self._segments.part(rows, spans, "component", place.component)
        if place.subcomponent:
            spans = self._segments.part(rows, spans, "subcomponent", place.subcomponent)
        return spans

    def _without_null(self, name: str, spans: Spans, found: Read) -> Spans:
        """An explicit null is empty, and remembered."""
        raw = self._segments.raw
        start, end = spans
        two = np.flatnonzero(end - start == 2)
        two = two[(raw[start[two]] == _QUOTE) & (raw[start[two] + 1] == _QUOTE)]
        if not two.size:
            return spans
        null = np.zeros(start.size, bool)
        null[two] = True
        found.nulls[name] = null
        return Spans(start, np.where(null, start, end))

    def _nulled(self, found: Read, size: int) -> pl.Series:
        told = [""] * size
        for name, flags in found.nulls.items():
            for n in np.flatnonzero(flags).tolist():  # few: a field emptied on purpose
                told[n] = f"{told[n]} {name}".strip()
        return pl.Series("nulled", [names or None for names in told], dtype=pl.String)

    def _typed(
        self, column: Column, rows: Ints, spans: Spans, place: Path
    ) -> tuple[pl.Series, Flags | None]:
        segments = self._segments
        match column.type:
            case "text":
                return self._text(rows, spans), None
            case "quantity" | "amount":
                series, bad, _ = values.decimals(segments, spans, _QUANTITY_SCALE)
                return series, bad
            case "integer":
                number, bad = values.integers(segments, spans)
                return number.cast(pl.Int64), bad
        key = str(place)
        if key not in self._moments:
            self._moments[key] = moments(segments, spans)
        moment = self._moments[key]
        if column.type == "date":
            return moment.date, moment.bad
        message = segments.message[rows]
        sender = self._offset[np.maximum(message, 0)]
        return instants(moment, sender, self._zone), None

    def _text(self, rows: Ints, spans: Spans) -> pl.Series:
        series = values.text(self._segments, spans)
        if not self._escaped:
            return series
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
        told = pl.DataFrame({"owner": owner, "text": self._text(rows[owner], inner)})
        joined = (
            told.drop_nulls("text")
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
        """The segment of ``tag`` that each row reads; -1 for none."""
        if tag not in declared.under:
            return self._before(rows, tag)
        idx = self.of(tag)
        ends = [*declared.ends, declared.segment]
        if declared.segment == "FT1" and tag == "PRT":
            idx = self._devices()
        if not idx.size or not rows.size:
            return np.full(rows.size, -1)
        at = np.searchsorted(idx, rows, side="right")
        limit = self._limit(rows, ends)
        found = idx[np.minimum(at, idx.size - 1)]
        good = (at < idx.size) & (found < limit)
        if declared.segment == "FT1" and tag == "PRT":
            good &= np.searchsorted(idx, limit) - at == 1  # of several none is the charge's own
        return np.where(good, found, -1)

    def _limit(self, rows: Ints, ends: list[str]) -> Ints:
        """The segment before which what stands under each row ends; a message ends at MSH."""
        stopping = np.zeros(len(self._segments), bool)
        for tag in {*ends, "MSH"}:
            stopping[self.of(tag)] = True
        stops = np.append(np.flatnonzero(stopping), len(self._segments))
        limit: Ints = stops[np.searchsorted(stops, rows, side="right")]
        return limit

    def _devices(self) -> Ints:
        """Participations (PRT) that hold a device, and no person."""
        rows = self.of("PRT")
        held = np.zeros(rows.size, bool)
        for number in (16, 19, 20, 21):
            spans = self._segments.field(rows, number)
            held |= spans.end > spans.start
        spans = self._segments.part(rows, self._segments.field(rows, 10), "component", 1)
        return rows[held | (spans.end > spans.start)]

    def device_counts(self, rows: Ints) -> Ints:
        """How many devices stand under each FT1."""
        idx = self._devices()
        if not idx.size:
            return np.zeros_like(rows)
        limit = self._limit(rows, ["FT1", "PID"])
        counted: Ints = np.searchsorted(idx, limit) - np.searchsorted(idx, rows, side="right")
        return counted

    def _before(self, rows: Ints, tag: str) -> Ints:
        idx = self.of(tag)
        if not idx.size or not rows.size:
            return np.full(rows.size, -1)
        at = np.searchsorted(idx, rows, side="right") - 1
        found = idx[np.maximum(at, 0)]
        message = self._segments.message
        return np.where((at >= 0) & (message[found] == message[rows]), found, -1)

    def _object(
        self, declared: Record, found: Read, sources: dict[str, View], defects: Defects
    ) -> None:
        """A value that is not of its type condemns its message; of a charge the gate decides."""
        for column in declared.columns:
            bad = found.bad.get(column.name)
            place = found.places[column.name]
            if bad is None or not bad.any() or place.segment == "FT1":
                continue
            at = np.unique(sources[place.segment].rows[np.flatnonzero(bad)])
            wanted = f"{_EXPECTED.get(column.type, 'a number')} ({place})"
            defects.add(
                "type",
                at,
                field=[place.field] * at.size,
                found=["text"] * at.size,
                expected=[wanted] * at.size,
            )
