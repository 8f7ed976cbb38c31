"""Carry out the declaration of a transaction set: segments to typed records.

What belongs here: choosing segments and pairs, for any declaration. What does not: knowledge of
any particular transaction set.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from recon.parse.x12 import declare, values
from recon.parse.x12.declare import Column, Kind, Record, Scope, Source, TransactionSet
from recon.parse.x12.defects import Defects
from recon.parse.x12.envelope import control_rows
from recon.parse.x12.structure import Structure
from recon.parse.x12.text import Ints
from recon.parse.x12.tokens import Codes, Flags, Spans, Tokens, code

_NEEDED = {
    Kind.DATE: "a date written CCYYMMDD",
    Kind.COUNT: "a whole number",
    Kind.QUANTITY: "a number of at most 12 digits and 6 decimals",
    Kind.MONEY: "an amount of at most 16 digits and 2 decimals",
}


@dataclass(eq=False)
class Body:
    """The segments of all transaction sets of one kind.

    Attributes:
        tokens: the file.
        where: its structure.
        sets: index of each of the transaction sets.
        rows: rows of their segments.
        owner: for each of ``rows``, which of ``sets`` it is in.
        line: for each of ``rows``, the line it is in, or -1; lines count through all sets.
        line_rows: row of each line.
        line_owner: which of ``sets`` each line is in.
        line_no: its number there, from 1.
        tag: tag of each of ``rows``.
    """

    tokens: Tokens
    where: Structure
    sets: Ints
    rows: Ints
    owner: Ints
    line: Ints
    line_rows: Ints
    line_owner: Ints
    line_no: Ints
    tag: Codes
    _tagged: dict[str, Ints] = field(default_factory=dict)

    def tagged(self, tag: str) -> Ints:
        """Places in ``rows`` of the segments with that tag."""
        if tag not in self._tagged:
            self._tagged[tag] = np.flatnonzero(self.tag == code(tag))
        return self._tagged[tag]

    def line_count(self) -> Ints:
        """Lines of each of ``sets``."""
        return np.bincount(self.line_owner, minlength=self.sets.size)


def body(tokens: Tokens, where: Structure, declared: TransactionSet, sets: Ints) -> Body:
    """The segments of ``sets``, which are transaction sets of the kind declared."""
    first, size = where.st[sets], where.last_of_set[sets] - where.st[sets] + 1
    owner = np.repeat(np.arange(sets.size), size)
    rows = np.arange(owner.size) + np.repeat(first - (np.cumsum(size) - size), size)
    tag = tokens.tag[rows]
    is_line = tag == code(declared.line)
    stop = np.diff(owner, prepend=-1) != 0
    for summary in declared.summary:
        stop |= tag == code(summary)
    change = np.flatnonzero(is_line | stop)
    within = np.where(is_line[change], np.cumsum(is_line[change]) - 1, -1)
    line_places = np.flatnonzero(is_line)
    line_owner = owner[line_places]
    first = np.searchsorted(line_owner, np.arange(sets.size))
    return Body(
        tokens=tokens,
        where=where,
        sets=sets,
        rows=rows,
        owner=owner,
        line=np.repeat(within, np.diff(change, append=rows.size)),
        line_rows=rows[line_places],
        line_owner=line_owner,
        line_no=np.arange(line_owner.size) - first[line_owner] + 1,
        tag=tag,
    )


def records(
    of: Body, declared: TransactionSet, keys: pl.DataFrame, defects: Defects
) -> dict[str, pl.DataFrame]:
    """The typed records of transaction sets, accepted or not.

    Args:
        of: the segments.
        declared: how to read them.
        keys: a row for each of ``of.sets`` with the columns of ``KEYS`` that it decides.
        defects: receives what cannot be read or is missing.
    """
    header, *others = declared.records
    found = {header.name: _record(of, header, keys, None, defects)}
    for record in others:
        found[record.name] = _record(of, record, keys, found[header.name], defects)
    return found


def check_lines(of: Body, declared: TransactionSet, defects: Defects) -> pl.DataFrame:
    """Compare the number of lines with what the sender declares; rows of ``CONTROL``."""
    source = Source.read(declared.lines_declared)
    places = of.tagged(source.tag)
    rows, counted = of.rows[places], of.line_count()[of.owner[places]]
    span = of.tokens.element(rows, source.element)
    given = np.flatnonzero(span.end > span.start)
    rows, counted, span = rows[given], counted[given], Spans(span.start[given], span.end[given])
    declared_, found = values.text(of.tokens, span), pl.Series(counted).cast(pl.String)
    read = values.numbers(of.tokens, span, 0)
    agrees = read.readable & (read.unscaled == counted)
    wrong = np.flatnonzero(~agrees)
    code = declared.lines_declared
    of.where.report(
        defects, code, of.tokens, rows[wrong], found=found[wrong], expected=declared_[wrong]
    )
    return control_rows(code, rows, declared_, found, agrees)


def _record(
    of: Body, record: Record, keys: pl.DataFrame, header: pl.DataFrame | None, defects: Defects
) -> pl.DataFrame:
    rows = _Rows.of(of, record)
    columns = [
        pl.Series("source_record", rows.first + 1, dtype=pl.Int64),
        pl.Series("byte_offset", of.tokens.offset[rows.first], dtype=pl.Int64),
        *keys[pl.Series(rows.set_of)].get_columns(),
    ]
    for column in record.columns:
        if column.counted:
            columns.append(_counted(of, rows, column).alias(column.name))
            continue
        value = _read(of, rows, column, defects)
        if column.inherit and header is not None:
            value = value.zip_with(value.is_not_null(), header[column.name][rows.set_of])
        columns.append(value.alias(column.name))
    return pl.DataFrame(columns, schema=record.schema())


@dataclass(eq=False)
class _Rows:
    """The rows of one record.

    Attributes:
        first: row of the segment that each begins with.
        set_of: which of the body's sets each is in.
        line_of: the line each is or stands under, or -1.
        owner: for each of the body's rows, which of these rows reads it, or -1.
    """

    first: Ints
    set_of: Ints
    line_of: Ints
    owner: Ints
    _chosen: dict[tuple[str, tuple[str, ...]], Ints] = field(default_factory=dict)
    _pairs: dict[tuple[str, int], "_Pairs"] = field(default_factory=dict)

    @classmethod
    def of(cls, of: Body, record: Record) -> "_Rows":
        if record.scope is Scope.HEADER:
            every = np.arange(of.sets.size)
            none = np.full(every.size, -1)
            return cls(of.where.st[of.sets], every, none, np.where(of.line < 0, of.owner, -1))
        if record.scope is Scope.LINE:
            return cls(of.line_rows, of.line_owner, np.arange(of.line_rows.size), of.line)
        places = np.sort(np.concatenate([of.tagged(tag) for tag in record.tags]))
        owner = np.full(of.rows.size, -1)
        owner[places] = np.arange(places.size)
        return cls(of.rows[places], of.owner[places], of.line[places], owner)

    def chosen(self, of: Body, tag: str, codes: tuple[str, ...]) -> Ints:
        """Row of the first segment with that tag, and the best of the qualifiers, or -1."""
        key = (tag, codes)
        if key not in self._chosen:
            places = of.tagged(tag)
            places = places[self.owner[places] >= 0]
            owner, rows = self.owner[places], of.rows[places]
            best = np.full(self.first.size, -1)
            if codes:
                qualifier = of.tokens.codes(of.tokens.element(rows, 1))
                for wanted in reversed(codes):
                    _first_wins(best, owner, rows, qualifier == code(wanted))
            else:
                _first_wins(best, owner, rows, np.ones(rows.size, bool))
            self._chosen[key] = best
        return self._chosen[key]

    def pairs(self, of: Body, tag: str, first: int) -> "_Pairs":
        """All pairs of qualifier and value in segments with that tag, from element ``first``."""
        key = (tag, first)
        if key not in self._pairs:
            places = of.tagged(tag)
            places = places[self.owner[places] >= 0]
            rows = of.rows[places]
            sizes = np.maximum(of.tokens.count[rows] - first + 1, 0) // 2
            nth = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            row, element = np.repeat(rows, sizes), first + 2 * nth
            qualifier = of.tokens.codes(of.tokens.element(row, element))
            value = of.tokens.element(row, element + 1)
            given = np.flatnonzero(value.end > value.start)
            self._pairs[key] = _Pairs(
                owner=np.repeat(self.owner[places], sizes)[given],
                row=row[given],
                qualifier=qualifier[given],
                start=value.start[given],
                end=value.end[given],
            )
        return self._pairs[key]


@dataclass(eq=False)
class _Pairs:
    owner: Ints
    row: Ints
    qualifier: Codes
    start: Ints
    end: Ints


def _first_wins(best: Ints, owner: Ints, value: Ints, where: Flags) -> None:
    """Set ``best[owner]`` to the value that stands first; of repeated indexes the last counts."""
    at = np.flatnonzero(where)[::-1]
    best[owner[at]] = value[at]


def _find(of: Body, rows: _Rows, source: Source) -> tuple[Spans, Ints]:
    """The source's text for each row, and the row of the segment it is in (or -1)."""
    if not source.pairs:
        chosen = rows.chosen(of, source.tag, source.codes)
        return of.tokens.element(chosen, source.element), chosen
    pairs = rows.pairs(of, source.tag, source.element)
    best = np.full(rows.first.size, -1)
    every = np.arange(pairs.owner.size)
    for wanted in reversed(source.codes):
        _first_wins(best, pairs.owner, every, pairs.qualifier == code(wanted))

    def pick(value: Ints, default: int) -> Ints:
        picked: Ints = np.append(value, default)[best]
        return picked

    return Spans(pick(pairs.start, 0), pick(pairs.end, 0)), pick(pairs.row, -1)


def _read(of: Body, rows: _Rows, column: Column, defects: Defects) -> pl.Series:
    size = rows.first.size
    start, end, at = np.zeros(size, np.int64), np.zeros(size, np.int64), np.full(size, -1)
    implied = np.zeros(size, bool)
    for source in column.sources:
        if not of.tagged(source.tag).size:
            continue
        span, row = _find(of, rows, source)
        take = (start == end) & (span.start < span.end)
        start, end = np.where(take, span.start, start), np.where(take, span.end, end)
        at = np.where(take, row, at)
        implied |= take & source.implied
    given = start < end
    if column.required and not given.all():
        missing = rows.first[~given]
        name = values.constant(_element_name(column), missing.size, pl.String())
        of.where.report(defects, f"required:{column.name}", of.tokens, missing, expected=name)
    if not given.any():
        return values.constant(None, size, column.kind.value)
    value, bad = _typed(of.tokens, Spans(start, end), column.kind, implied)
    wrong = np.flatnonzero(bad)
    if wrong.size:
        found = values.text(of.tokens, Spans(start[wrong], end[wrong]))
        needed = f"{_NEEDED[column.kind]}, as {_element_name(column)} must be"
        expected = values.constant(needed, wrong.size, pl.String())
        of.where.report(
            defects, f"type:{column.name}", of.tokens, at[wrong], found=found, expected=expected
        )
    return value


def _typed(tokens: Tokens, spans: Spans, kind: Kind, implied: Flags) -> tuple[pl.Series, Flags]:
    if kind is Kind.TEXT:
        return values.text(tokens, spans), np.zeros(0, bool)
    if kind is Kind.DATE:
        return values.dates(tokens, spans)
    if kind is Kind.COUNT:
        return values.integers(tokens, spans)
    if kind is Kind.POINTED:
        found = values.numbers(tokens, spans, 2, implied)
        return values.nullable(found.pointed | ~implied, found.given), np.zeros(0, bool)
    scale = 2 if kind is Kind.MONEY else 6
    value, bad, _ = values.decimals(tokens, spans, scale, implied)
    return value, bad


def _element_name(column: Column) -> str:
    """The column as the standard names its elements, for messages."""
    names = [f"{s.tag}{s.element:02d}" for s in column.sources]
    return f"{' or '.join(dict.fromkeys(names))} ({column.name})"


def _counted(of: Body, rows: _Rows, column: Column) -> pl.Series:
    if column.counted == declare.TAG:
        return values.text(of.tokens, of.tokens.tags(rows.first))
    if column.counted == declare.LINE_COUNT:
        numbers = of.line_count()[rows.set_of]
    elif column.counted == declare.LINE_NO:
        numbers = np.append(of.line_no, 0)[rows.line_of]
    else:
        first = np.searchsorted(rows.set_of, np.arange(of.sets.size))
        numbers = np.arange(rows.set_of.size) - first[rows.set_of] + 1
    return values.nullable(
        numbers.astype(np.int32), (numbers > 0) | (column.counted != declare.LINE_NO)
    )
