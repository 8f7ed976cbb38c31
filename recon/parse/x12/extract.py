"""Carry out the declaration of a transaction set: segments to typed records.

What belongs here: choosing segments, pairs and parts. What does not: loops, and any one set.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse import values
from recon.parse.spans import Ints, Spans, code, true_at
from recon.parse.x12.declare import (
    Column,
    Counted,
    Form,
    Kind,
    Need,
    Record,
    Source,
    TransactionSet,
)
from recon.parse.x12.defects import Cells, Defects
from recon.parse.x12.kinds import NEEDED, Found, Placed, first_given, nothing, typed
from recon.parse.x12.loops import Body
from recon.parse.x12.places import check_numbers, check_pairs
from recon.parse.x12.rows import Held, Pairs, Rows, nth_of, picked
from recon.parse.x12.shown import nearly
from recon.parse.x12.tokens import Cuts, Segments, Wanted

_GROUPS = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2}?)(?P<element>\d\d)\+(?P<size>\d)")
_REPEATS = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2}?)(?P<element>\d\d)\^")


class Extractor:
    """Reads the records of transaction sets of one kind, accepted or not.

    Args:
        of: their segments and loops.
        declared: how to read them.
        keys: for each of ``of.sets``, the columns of ``KEYS`` that it decides.
        defects: receives what cannot be read or is missing.
    """

    def __init__(
        self,
        of: Body,
        declared: TransactionSet,
        keys: Mapping[str, pa.Array],
        defects: Defects,
    ) -> None:
        self._of = of
        self._declared = declared
        self._keys = keys
        self._defects = defects
        self._read_by: dict[tuple[str, str], Held] = {}
        self._first: dict[tuple[str, str, tuple[str, ...], int], Segments] = {}
        self._pairs: dict[tuple[str, str, int], Pairs] = {}
        self._out_of_step: set[int] = set()
        self._cuts: dict[tuple[str, Source], list[Cuts]] = {}
        self._loop_values: dict[str, pa.Array] = {}
        self._of_sets: dict[str, values.Cells] = {}  # the first record's columns

    def records(self) -> dict[str, pl.DataFrame]:
        """Record name -> rows."""
        found = {record.name: self._record(record) for record in self._declared.records}
        for record in self._declared.checked:
            self._record(record)
        check_numbers(self._of, self._pairs, self._out_of_step, self._defects)
        return found

    def check_needs(self) -> None:
        """Report segments that are missing."""
        of = self._of
        for need in map(Need.read, self._declared.needs):
            first, last = of.units[need.loop]
            there = self._first_of(need.loop, need.tag, need.codes, need.code_at).row
            missing = of.rows[of.begin[first:last][there < 0]]
            if missing.size:
                self._report("segment_missing", missing, expected=[need.named] * missing.size)

    # --- records

    def _record(self, record: Record) -> pl.DataFrame:
        of = self._of
        rows = self._rows(record)
        if not rows.place.size:
            # What a loop would hand down is checked all the same; text cannot be wrong.
            self._values(rows, [c for c in record.columns if c.around and c.kind is not Kind.TEXT])
            return record.empty
        first = of.rows[rows.place]
        read = self._values(rows, [column for column in record.columns if not column.counted])
        columns: dict[str, values.Cells] = dict(read)
        inherit = {c.name: c for c in record.columns if c.inherit and read[c.name].null_count}
        above = {n: values.array(self._of_sets[n]) for n in inherit if n in self._of_sets}
        above = {name: cells for name, cells in above.items() if cells.null_count < len(cells)}
        for name, cells in zip(above, rows.from_sets(above.values()), strict=True):
            if read[name].null_count < len(cells) or inherit[name].beside:
                own = pl.Series(values=read[name])
                kept = pl.Series(values=read[inherit[name].beside or name]).is_not_null()
                columns[name] = own.zip_with(kept, pl.Series(values=cells))
            else:
                columns[name] = cells
        columns |= {c.name: self._counted(rows, c) for c in record.columns if c.counted}
        if record is self._declared.records[0]:
            self._of_sets = columns
        return values.table(
            [
                first + (1 + of.where.before.segments),
                of.tokens.offset[first],
                *rows.from_sets(self._keys.values()),
                *(columns[column.name] for column in record.columns),
            ],
            record.schema,
        )

    def _values(self, rows: Rows, columns: list[Column]) -> dict[str, pa.Array]:
        """The columns' values, before any is inherited; columns of one kind are read together."""
        read: dict[str, pa.Array] = {}
        own: list[Column] = []
        above: dict[str, list[Column]] = {}
        for column in columns:
            read[column.name] = nothing(column.kind, rows.place.size)
            if not column.required and self._of.tags.isdisjoint(column.tags):
                continue
            if column.around not in ("", rows.loop) and not column.required:
                above.setdefault(column.around, []).append(column)
            else:
                own.append(column)
        found = self._found(rows, own)
        for loop, handed in above.items():
            read |= self._handed_down(rows, loop, handed)
        for kind, alike in found.items():
            read |= self._typed(kind, alike)
        return read

    def _handed_down(self, rows: Rows, loop: str, columns: list[Column]) -> dict[str, pa.Array]:
        """Columns that are read in one loop around the rows: read there once, and handed down."""
        of, read = self._of, self._loop_values
        first, last = of.units[loop]
        new = [column for column in columns if column.read_as not in read]
        if new:
            own = Rows(loop, np.arange(first, last), of.own[first:last], of.begin[first:last])
            found = self._values(own, new)
            read |= {column.read_as: found[column.name] for column in new}
        above = {column.name: read[column.read_as] for column in columns}
        given = {name: value for name, value in above.items() if value.null_count < len(value)}
        if not given:
            return {}
        at = of.around(loop)[rows.unit]
        which = np.where(at >= 0, at - first, -1)
        return {name: values.taken(value, which) for name, value in given.items()}

    def _rows(self, record: Record) -> Rows:
        of = self._of
        if not record.tags:
            first, last = of.units[record.loop]
            unit = np.arange(first, last)
            return Rows(record.loop, unit, of.own[first:last], of.begin[first:last])
        places = np.concatenate([of.tagged(tag) for tag in record.tags])
        if len(record.tags) > 1:
            places = np.sort(places)
        unit = of.unit[places]
        mixed = len(record.tags) > 1
        return self._parts(Rows(None, unit, of.own[unit], places, mixed=mixed), record.each)

    def _parts(self, rows: Rows, each: str) -> Rows:
        """A row for each part of the segments that holds something; "": each segment whole."""
        if not each:
            return rows
        tokens, segment = self._of.tokens, self._of.rows[rows.place]
        if match := _GROUPS.fullmatch(each):
            begin, size = int(match["element"]), int(match["size"])
            number = np.maximum(tokens.count[segment] - begin + size, 0) // size
            row = np.repeat(np.arange(segment.size), number)
            nth = nth_of(row) - 1
            filled = np.zeros(row.size, bool)
            for element in range(size):
                span = tokens.element(segment[row], begin + element + nth * size)
                filled |= span.end > span.start
            row, nth = row[filled], nth[filled]
            return rows.chosen(row, part=(match["tag"], begin, nth * size))
        match = _REPEATS.fullmatch(each)
        if match is None:
            raise ValueError(f"not a repeated part: {each!r}")
        element = int(match["element"])
        row, part = tokens.repetitions(segment, tokens.element(segment, element))
        filled = part.end > part.start
        row = row[filled]
        spans = Spans(part.start[filled], part.end[filled])
        return rows.chosen(row, repeat=(match["tag"], element, spans))

    # --- columns

    def _found(self, rows: Rows, columns: list[Column]) -> dict[Kind, list[tuple[Column, Found]]]:
        """Where the text of each column stands that has any, by kind."""
        found: dict[Kind, list[tuple[Column, Found]]] = {}
        sources = [self._places(rows, column) for column in columns]
        wanted = [place for of in sources for place, _ in of if isinstance(place, Wanted)]
        spans = self._of.tokens.elements(wanted)
        for column, places in zip(columns, sources, strict=True):
            placed = [
                (Placed(next(spans), at.segments.row) if isinstance(at, Wanted) else at, form)
                for at, form in places
            ]
            here = first_given(placed, there_is=bool(column.beside)) if placed else None
            if column.required:
                self._check_given(rows, column, here)
            if here and here.given.any():
                found.setdefault(column.kind, []).append((column, here))
        return found

    def _places(self, rows: Rows, column: Column) -> list[tuple[Wanted | Placed, Form]]:
        """Where each source of a column is that any row has, and how it is written."""
        sources = [source for source in column.sources if source.tag_code in self._of.tags]
        places = ((self._find(rows, source), source.form) for source in sources)
        return [(place, form) for place, form in places if place is not None]

    def _check_given(self, rows: Rows, column: Column, found: Found | None) -> None:
        """A column that must hold something is missed where its segment, or its row, begins."""
        row = self._of.rows[rows.place]
        if found:
            row = np.where(found.at >= 0, found.at, row)[~found.given]
        if row.size:
            self._report_element("required", column, row)

    def _typed(self, kind: Kind, alike: list[tuple[Column, Found]]) -> dict[str, pa.Array]:
        """Values of columns of one kind; what is none, or no code it should be, is reported."""
        read = {}
        results = typed(self._of.tokens, kind, [found for _, found in alike])
        for (column, found), (value, wrong) in zip(alike, results, strict=True):
            if wrong.size:
                in_06 = found.form[wrong] >= Form.DTM06
                for defect, some in (("type", wrong[~in_06]), ("date_form", wrong[in_06])):
                    spans = found.spans.some(some)
                    self._report_element(defect, column, found.at[some], spans, NEEDED[kind])
            if column.codes:
                written = self._of.tokens.codes(found.spans)
                known = np.isin(written, [code(c) for c in column.codes])
                odd = true_at(~known & found.given)
                if odd.size:
                    self._report_element("code", column, found.at[odd], found.spans.some(odd))
            read[column.name] = value
        return read

    def _find(self, rows: Rows, source: Source) -> Wanted | Placed | None:
        """The source's place for each row; None: no row has such a segment."""
        of = self._of
        if rows.loop is None and not source.loop and not source.inside:
            return self._in_itself(rows, source)
        # The kind of unit that reads it, and for each row which unit of that kind; None: in order.
        kind, unit = source.loop or rows.loop or "", None
        if kind != rows.loop:
            at = of.around(kind)[rows.unit]
            unit = np.where(at >= 0, at - of.units[kind][0], -1)
        if source.inside:
            return self._inside(kind, unit, source)
        if source.pairs:
            pairs = self._all_pairs(kind, source.tag, source.element)
            best = picked(pairs.best(source.codes, *of.units[kind]), unit)
            if not best.size or best.max() < 0:
                return None
            row = picked(pairs.row, best)
            spans = Spans(picked(pairs.start, best), picked(pairs.end, best))
            return Placed(self._component(source, spans, row), row)
        found = self._first_of(kind, source.tag, source.codes, source.code_at)
        if found.none:
            return None
        if unit is not None:
            found = of.tokens.segments(picked(found.row, unit))
        if source.component and unit is None:
            # Several columns read components of one element.
            key = (kind, replace(source, component=0))
            if key not in self._cuts:
                whole = of.tokens.element(found, source.element)
                self._cuts[key] = of.tokens.components(found.row, whole)
            return Placed(of.tokens.component(self._cuts[key], source.component), found.row)
        return self._element(source, found, source.element)

    def _inside(self, kind: str, unit: Ints | None, source: Source) -> Wanted | Placed | None:
        """The source in the loop that begins, inside the row's, with the segment ``>`` names."""
        of = self._of
        opening = picked(self._first_of(kind, source.inside, source.inside_codes, 1).row, unit)
        place = np.where(opening >= 0, np.searchsorted(of.rows, opening), 0)
        inner = np.where((opening >= 0) & of.begins[place], of.unit[place], -1)
        row = np.full(inner.size, -1)
        for loop in self._declared.loops:
            first, last = of.units[loop.name]
            here = true_at((inner >= first) & (inner < last))
            if here.size:
                found = self._first_of(loop.name, source.tag, source.codes, source.code_at).row
                row[here] = found[inner[here] - first]
        return self._element(source, of.tokens.segments(row), source.element)

    def _in_itself(self, rows: Rows, source: Source) -> Wanted | Placed | None:
        """The source in the row's own segment, or in its own part of it."""
        of = self._of
        segments = rows.read(of, source.tag)
        row = segments.row
        if rows.repeat and rows.repeat[:2] == (source.tag, source.element):
            return Placed(self._component(source, rows.repeat[2], row), row)
        if source.pairs:
            return Placed(self._own_pair(row, source), row)
        if source.codes:
            held = of.tokens.codes(of.tokens.element(segments, source.code_at))
            row = np.where(np.isin(held, [code(c) for c in source.codes]), row, -1)
            segments = of.tokens.segments(row)
        element: int | Ints = source.element
        if rows.part and rows.part[0] == source.tag and source.element >= rows.part[1]:
            element = source.element + rows.part[2]
        return self._element(source, segments, element)

    def _own_pair(self, row: Ints, source: Source) -> Spans:
        """The best pair of each of ``row`` itself."""
        pairs = Pairs.of(self._of.tokens, np.arange(row.size), np.maximum(row, 0), source.element)
        best = np.where(row >= 0, pairs.best(source.codes, 0, row.size), -1)
        return Spans(picked(pairs.start, best), picked(pairs.end, best))

    def _element(self, source: Source, of: Segments, element: int | Ints) -> Wanted | Placed | None:
        if source.form >= Form.DTM06 and of.most < source.element:
            return None
        if not source.component:
            return Wanted(of, element)
        spans = self._of.tokens.element(of, element)
        return Placed(self._component(source, spans, of.row), of.row)

    def _component(self, source: Source, spans: Spans, row: Ints) -> Spans:
        if not source.component:
            return spans
        tokens = self._of.tokens
        return tokens.component(tokens.components(row, spans), source.component)

    def _held(self, loop: str, tag: str) -> Held:
        key = (loop, tag)
        if key not in self._read_by:
            self._read_by[key] = Held.of(self._of, loop, tag)
        return self._read_by[key]

    def _first_of(self, loop: str, tag: str, codes: tuple[str, ...], code_at: int) -> Segments:
        """For each unit of a kind, its first segment with that tag and the best code."""
        key = (loop, tag, codes, code_at)
        if key not in self._first:
            first, last = self._of.units[loop]
            held = self._held(loop, tag)
            best = np.full(last - first, -1)
            # Of repeated indexes the last assignment counts: the first segment in the file.
            if codes:
                written = held.codes(self._of, code_at)
                for wanted in reversed(codes):
                    at = true_at(written == code(wanted))
                    best[held.unit[at]] = held.row[at]
            else:
                best[held.unit] = held.row
            self._first[key] = self._of.tokens.segments(best)
        return self._first[key]

    def _all_pairs(self, loop: str, tag: str, first: int) -> Pairs:
        """All pairs that units of a kind read in segments with that tag, from element ``first``."""
        key = (loop, tag, first)
        if key not in self._pairs:
            held = self._held(loop, tag)
            self._pairs[key] = Pairs.of(self._of.tokens, held.unit, held.row, first)
            check_pairs(self._of, self._pairs[key], tag, self._out_of_step, self._defects)
        return self._pairs[key]

    # --- counting

    def _counted(self, rows: Rows, column: Column) -> values.Cells:
        of = self._of
        if column.counted is Counted.TAG:
            return values.text_array(of.tokens, of.tokens.tags(of.rows[rows.place]))
        if column.counted is Counted.LISTED:
            return self._listed(rows, column)
        if column.counted is Counted.NUMBER_OF:
            return of.number_of(column.loop)[rows.own].astype(np.int32)
        if not column.loop:
            # Counted among the rows themselves, in the set or in the loop around them.
            outer = of.around(column.within)[rows.unit] if column.within else rows.own
            return values.masked(nth_of(outer).astype(np.int32), outer >= 0)
        first, last = of.units[column.loop]
        every = np.arange(first, last)
        outer = of.around(column.within)[every] if column.within else of.own[every]
        nth = nth_of(outer)
        at = of.around(column.loop)[rows.unit]
        number = np.append(nth, 0)[np.where(at >= 0, at - first, -1)]
        return values.masked(number.astype(np.int32), at >= 0)

    def _listed(self, rows: Rows, column: Column) -> pl.Series:
        of = self._of
        tag, element = column.loop[:-4], column.loop[-4:-2]
        places = of.tagged(tag)
        unit = of.unit[places]
        parts = self._parts(Rows(None, unit, of.own[unit], places), column.loop)
        pair = [
            Column(name, Kind.TEXT, (Source.read(f"{tag}{element}-{n}"),))
            for n, name in enumerate(("list", "code"), start=1)
        ]
        read = self._values(parts, pair)
        at = of.around(rows.loop or "")[parts.unit]
        found = (
            values.table([at, *read.values()], ["unit", *read])
            .filter(pl.col("list").is_in(list(column.codes)))
            .group_by("unit", maintain_order=True)
            .agg(pl.col("code").str.join(" "))
        )
        wanted = pl.DataFrame({"unit": rows.unit})
        return wanted.join(found, on="unit", how="left", maintain_order="left")["code"]

    # --- defects

    def _report(self, kind: str, rows: Ints, **columns: Cells) -> None:
        self._of.where.report(self._defects, kind, self._of.tokens, rows, **columns)

    def _report_element(
        self, kind: str, column: Column, rows: Ints, spans: Spans | None = None, needed: str = ""
    ) -> None:
        """A defect of the column's element at each of ``rows``; content is quoted where it may be.

        What a set about persons holds, and what may identify one, is not quoted.
        """
        source = column.sources[0]
        said = f"{needed}, as {column.written} must be" if needed else column.written
        columns: dict[str, Cells] = {"expected": [said] * rows.size}
        columns["element"] = np.full(rows.size, source.element)
        if source.component:
            columns["component"] = np.full(rows.size, source.component)
        if spans is not None:
            columns["element"] = self._of.tokens.numbers(rows, spans)
            quoted = not (self._declared.about_persons or column.private)
            sent = values.text(self._of.tokens, spans)
            columns["found"] = (
                pl.select(nearly(pl.lit(sent))).to_series()
                if quoted
                else [f"a value of {n} characters" for n in spans.end - spans.start]
            )
        self._report(f"{kind}:{column.name}", rows, **columns)
