"""Delimited and fixed-width files as records and rejects.

Every line is a record, a header, a trailer or blank; every record is accepted or refused, and the
counts add up. What belongs here: cutting records into the contract's columns. What does not:
bytes and quotes (``encoding``, ``scan``), types (``contract``), control totals (``trailer``).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.errors import ConfigError
from recon.parse import trailer
from recon.parse.contract import (
    RAW_CHARACTERS,
    contract_schema,
    header_problem,
    heading,
    reject,
    typed,
)
from recon.parse.encoding import Offsets, Text, decode
from recon.parse.form import form_of
from recon.parse.parsed import CONTROL, REJECT, Parsed
from recon.parse.scan import Mask, Scan, scan
from recon.site import (
    Column,
    Contract,
    DelimitedFormat,
    FixedTrailer,
    FixedWidthFormat,
    Span,
)

RECORD = "record"


def read_delimited(data: bytes, format: DelimitedFormat, contract: Contract) -> Parsed:
    """Read text with a delimiter.

    Args:
        data: the file.
        format: delimiter, quote, header and its row, encoding, trailer.
        contract: its columns; matched by heading in any order, by position without a header.

    Returns:
        Records of the kind ``record``. Rules of rejects: ``encoding``, ``quote``, ``fields`` and
        those of the contract; for the whole file ``header``, ``trailer_missing``,
        ``trailer_count``, ``trailer_total``.

    Raises:
        ConfigError: the encoding is not one, or the quote is not an ASCII character.
    """
    if format.quote is not None and not format.quote.isascii():
        raise ConfigError(
            f"the quote {format.quote!r} is not an ASCII character; leave it out or use '\"'"
        )
    text = decode(data, format.encoding)
    found = scan(text.utf8, format.delimiter, format.quote)
    cut = _Fields(found, format.delimiter, format.quote)
    file = _File(data, text, found, contract)
    records = np.arange(found.start.size)
    order = list(range(len(contract.columns)))
    if format.header:
        if not records.size:
            return file.refused(
                "header",
                "the file is empty: not even a header. Ask the sender whether that is meant.",
                0,
            )
        top = format.header_row - 1
        if records.size <= top:
            reason = f"row {top + 1} should hold the headings; the file has {records.size} rows"
            return file.refused("header", reason, file.count(records))
        headings = cut.record(top)
        problem = header_problem(headings, contract)
        if problem or file.faulty()[top]:
            shown = problem or f"the header cannot be read: {file.shown(', '.join(headings))}"
            return file.refused("header", shown, file.count(records[top + 1 :]))
        places = {said.casefold(): place for place, said in enumerate(headings)}
        order = [places[heading(column)] for column in contract.columns]
        records = records[top + 1 :]
    declared: trailer.Declared | None = None
    if format.trailer is not None:
        marked = (cut.column(records, 0) == format.trailer.mark).fill_null(False).to_numpy()
        marked &= ~file.faulty()[records]
        place = _only_last(marked)
        if place is not None:
            return file.untrailed(records, marked, place)
        said = dict(enumerate(cut.record(int(records[-1])), start=1))
        records = records[:-1]
        declared = trailer.Declared(
            file.count(records) + 1,
            said.get(format.trailer.count, "") if format.trailer.count else None,
            said.get(format.trailer.total, "") if format.trailer.total else None,
        )
    wrong_width = found.fields[records] != len(contract.columns)
    whole = records[~wrong_width & ~file.faulty()[records]]
    texts = pl.DataFrame(
        [
            cut.column(whole, place).alias(c.name)
            for c, place in zip(contract.columns, order, strict=True)
        ]
    )
    fields = (
        pl.lit("the record has ")
        + pl.col("fields").cast(pl.String)
        + pl.lit(f" fields, expected {len(contract.columns)}")
    )
    misshapen = records[wrong_width & ~file.faulty()[records]]
    refused = reject(
        file.origin(records, misshapen).with_columns(fields=pl.Series(found.fields[misshapen])),
        "fields",
        fields + _over_lines(),
        pl.col("lines"),
    )
    total_of = format.trailer.total_of if format.trailer else None
    return file.parsed(records, whole, texts, refused, declared, total_of)


def read_fixed_width(data: bytes, format: FixedWidthFormat, contract: Contract) -> Parsed:
    """Read text with columns at fixed positions, counted in characters.

    A record may lack blanks at its end, where a text column stands; one that ends within a number
    or a date is refused (rule ``fields``), because a number cut short still looks like a number.

    Args:
        data: the file.
        format: encoding, header mark, trailer.
        contract: its columns; each has ``at``.

    Returns:
        Records of the kind ``record``; rules as for ``read_delimited``, without ``quote``.

    Raises:
        ConfigError: the encoding is not one, or a column has no ``at``.
    """
    text = decode(data, format.encoding)
    found = scan(text.utf8, None, None)
    file = _File(data, text, found, contract)
    lines = found.raw.str.strip_chars_end("\r\n")
    records = np.arange(lines.len())
    if format.header_mark is not None:
        if not records.size or not lines[0].startswith(format.header_mark):
            start = f"'{file.shown(lines[0][:40])}'" if records.size else "an empty file"
            reason = f"the first record should start with '{format.header_mark}'; found: {start}"
            return file.refused("header", reason, file.count(records))
        records = records[1:]
    declared: trailer.Declared | None = None
    if format.trailer is not None:
        marked = lines.gather(records).str.starts_with(format.trailer.mark).to_numpy()
        place = _only_last(marked)
        if place is not None:
            return file.untrailed(records, marked, place)
        declared = _fixed_trailer(lines[int(records[-1])], format.trailer, records.size)
        records = records[:-1]
    spans = [(column, _span(column)) for column in contract.columns]
    sound = records[~file.faulty()[records]]
    misfit = _misfit(lines.gather(sound), spans)
    if not found.ended and sound.size and sound[-1] == found.start.size - 1:
        width = max(span.start + span.width - 1 for _, span in spans)
        final = lines[int(sound[-1])]
        if len(final) < width:
            reason = (
                f"the file ends in the middle of a record: {len(final)} of {width} characters, no "
                "line end"
            )
            misfit = (
                misfit.to_frame("m")
                .with_row_index("i")
                .select(pl.when(pl.col("i") == sound.size - 1).then(pl.lit(reason)).otherwise("m"))
                .to_series()
            )
    fits = misfit.is_null().to_numpy()
    whole, misshapen = sound[fits], sound[~fits]
    kept = lines.gather(whole)
    texts = pl.DataFrame([kept.str.slice(s.start - 1, s.width).alias(c.name) for c, s in spans])
    refused = reject(
        file.origin(records, misshapen).with_columns(said=misfit.drop_nulls()),
        "fields",
        pl.col("said"),
    )
    total_of = format.trailer.total_of if format.trailer else None
    return file.parsed(records, whole, texts, refused, declared, total_of)


@dataclass(frozen=True)
class _Fields:
    """The fields of a scan, without their separators and quotes."""

    found: Scan
    delimiter: str
    quote: str | None

    def column(self, records: Offsets, place: int) -> pl.Series:
        """The field at one place (from 0) of records that have it."""
        return self._plain(self.found.cells.gather(self.found.first[records] + place))

    def record(self, record: int) -> list[str]:
        """All fields of one record, trimmed."""
        first = int(self.found.first[record])
        return (
            self._plain(self.found.cells.slice(first, int(self.found.fields[record])))
            .str.strip_chars()
            .to_list()
        )

    def _plain(self, cells: pl.Series) -> pl.Series:
        bare = cells.str.strip_chars_end(self.delimiter).str.strip_chars_end("\r\n")
        if self.quote is None:
            return bare.str.strip_chars()
        quoted = cells.str.starts_with(self.quote)
        if not quoted.any():
            return bare.str.strip_chars()
        pair = self.quote * 2
        inner = pl.col("bare").str.slice(1, pl.col("bare").str.len_chars() - 2)
        return (
            pl.DataFrame({"bare": bare, "quoted": quoted})
            .select(
                pl.when("quoted")
                .then(inner.str.replace_all(pair, self.quote, literal=True))
                .otherwise("bare")
                .str.strip_chars()
            )
            .to_series()
        )


class _File:
    """One file under way: which records are refused for what, and how the counts add up."""

    def __init__(self, data: bytes, text: Text, found: Scan, contract: Contract) -> None:
        self.data, self.text, self.found, self.contract = data, text, found, contract
        size = found.start.size
        self.undecodable = np.full(size, -1, np.int64)
        bad = text.undecodable
        bad = bad[bad < (found.end[-1] if size else 0)]
        if size and bad.size:
            owner = found.record_of(bad)
            self.undecodable[owner[::-1]] = bad[::-1]
        # A record of wrong shape may be several that a quote swallowed: it stands for its lines.
        misshapen = found.quote_fault >= 0
        misshapen |= found.fields != len(contract.columns)
        self.weight = np.where(misshapen, found.lines, 1)

    def faulty(self) -> Mask:
        """Records with bytes that are not text, or a wrong quote."""
        return (self.undecodable >= 0) | (self.found.quote_fault >= 0)

    def shown(self, text: str) -> str:
        """A stretch of the file, or its form where it may hold a person's number or name."""
        return form_of(text) if self.contract.is_private else text

    def count(self, records: Offsets) -> int:
        return int(self.weight[records].sum())

    def origin(self, records: Offsets, wanted: Offsets) -> pl.DataFrame:
        """``ORIGIN`` columns (and ``lines``) of some of the file's records."""
        number = np.zeros(self.found.start.size, np.int64)
        number[records] = np.cumsum(self.weight[records]) - self.weight[records] + 1
        start = self.text.original(self.found.start[wanted])
        return pl.DataFrame(
            {
                "source_record": number[wanted],
                "byte_offset": start,
                "byte_length": self.text.original(self.found.end[wanted]) - start,
                "raw": self.found.raw.gather(wanted),
                "lines": self.weight[wanted],
            }
        )

    def parsed(
        self,
        records: Offsets,
        whole: Offsets,
        texts: pl.DataFrame,
        misshapen: pl.DataFrame,
        declared: trailer.Declared | None,
        total_of: str | None,
    ) -> Parsed:
        """Type what has the right shape, add what was refused, compare the trailer."""
        controls = pl.DataFrame(schema=CONTROL)
        count = self.count(records)
        if declared is not None:
            column = next((c for c in self.contract.columns if c.name == total_of), None)
            verdict = trailer.compared(
                declared, count, column, texts[total_of] if total_of else pl.Series(dtype=pl.String)
            )
            if verdict.rule is not None:
                return self.refused(verdict.rule, verdict.reason or "", count, verdict.controls)
            controls = verdict.controls
        rows, mistyped = typed(
            texts.hstack(self.origin(records, whole).drop("lines")), self.contract
        )
        rejects = pl.concat([self._faults(records), misshapen, mistyped]).sort("source_record")
        return Parsed({RECORD: rows}, rejects, controls, count, self.text.encoding)

    def refused(
        self, rule: str, reason: str, records: int, controls: pl.DataFrame | None = None
    ) -> Parsed:
        """The whole file as one reject that stands for all its records."""
        row = {
            "record": "file",
            "source_record": 0,
            "byte_offset": 0,
            "byte_length": len(self.data),
            "records": records,
            "rule": rule,
            "reason": reason,
            "raw": self.text.utf8[: RAW_CHARACTERS * 4].decode(errors="ignore")[:RAW_CHARACTERS],
        }
        origin = {"source_record": pl.Int64(), "byte_offset": pl.Int64()}
        empty = pl.Schema({**contract_schema(self.contract), **origin})
        return Parsed(
            {RECORD: pl.DataFrame(schema=empty)},
            pl.DataFrame([row], schema=REJECT),
            pl.DataFrame(schema=CONTROL) if controls is None else controls,
            records,
            self.text.encoding,
        )

    def untrailed(self, records: Offsets, marked: Mask, place: int) -> Parsed:
        """The whole file refused, because its trailer is not its last record."""
        if not marked.any():
            last = (
                f"'{self.shown(self.found.raw[int(records[-1])].strip()[:40])}'"
                if records.size
                else "no record at all"
            )
            verdict = trailer.missing(last)
        else:
            number = self.count(records[:place]) + 1
            verdict = trailer.missing(f"it is record {number} of {self.count(records)}")
        counted = self.count(records[~marked])
        return self.refused(verdict.rule or "", verdict.reason or "", counted, verdict.controls)

    def _faults(self, records: Offsets) -> pl.DataFrame:
        undecodable = records[self.undecodable[records] >= 0]
        at = self.undecodable[undecodable]
        offset = self.text.original(at)
        values = np.frombuffer(self.data, np.uint8)[np.minimum(offset, len(self.data) - 1)]
        encoding = reject(
            self.origin(records, undecodable).with_columns(
                at=pl.Series(offset), value=pl.Series([f"{v:02X}" for v in values], dtype=pl.String)
            ),
            "encoding",
            pl.lit("byte 0x")
            + pl.col("value")
            + pl.lit(" at offset ")
            + pl.col("at").cast(pl.String)
            + pl.lit(
                f" is not text in {self.text.encoding}; if the sender writes another encoding, "
                "declare it"
            ),
            pl.col("lines"),
        )
        misquoted = records[
            (self.found.quote_fault[records] >= 0) & (self.undecodable[records] < 0)
        ]
        at = self.text.original(self.found.quote_fault[misquoted])
        quote = reject(
            self.origin(records, misquoted).with_columns(at=pl.Series(at)),
            "quote",
            pl.lit("the quote at offset ")
            + pl.col("at").cast(pl.String)
            + pl.lit(" neither begins nor ends a field, or is never closed")
            + _over_lines(),
            pl.col("lines"),
        )
        return pl.concat([encoding, quote])


def _over_lines() -> pl.Expr:
    swallowed = (
        pl.lit("; it spans ") + pl.col("lines").cast(pl.String) + pl.lit(" lines, all refused")
    )
    return pl.when(pl.col("lines") > 1).then(swallowed).otherwise(pl.lit(""))


def _only_last(marked: Mask) -> int | None:
    """None where the last record, and no other, is a trailer; else where the first one stands."""
    places = np.flatnonzero(marked)
    if places.size == 1 and places[0] == marked.size - 1:
        return None
    return int(places[0]) if places.size else -1


def _span(column: Column) -> Span:
    if column.at is None:
        raise ConfigError(
            f"column '{column.name}' needs `at: {{start: , width: }}` in a fixed-width feed"
        )
    return column.at


def _fixed_trailer(line: str, declared: FixedTrailer, number: int) -> trailer.Declared:
    def at(span: Span | None) -> str | None:
        return None if span is None else line[span.start - 1 : span.start - 1 + span.width].strip()

    return trailer.Declared(number, at(declared.count), at(declared.total))


def _misfit(lines: pl.Series, spans: list[tuple[Column, Span]]) -> pl.Series:
    """Why a record's length is wrong; null where it is right."""
    width = max(span.start + span.width - 1 for _, span in spans)
    line = pl.col("line")
    length = line.str.len_chars()
    has = (
        pl.lit("the record has ")
        + length.cast(pl.String)
        + pl.lit(f" characters, expected {width}")
    )
    beyond = pl.when((length > width) & (line.str.slice(width).str.strip_chars() != "")).then(
        has + pl.lit("; what follows them is not in the contract")
    )
    cut = [
        pl.when((length >= span.start) & (length < span.start + span.width - 1)).then(
            has + pl.lit(f"; it ends within {column.name}, which may be cut short")
        )
        for column, span in spans
        if column.type != "text"
    ]
    return (
        pl.DataFrame({"line": lines})
        .select(pl.coalesce([beyond, *cut, pl.lit(None, pl.String)]))
        .to_series()
    )
