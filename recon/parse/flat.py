"""Delimited and fixed-width files as records and rejects.

Every line is a record, a header, a trailer or blank; every record is accepted or refused, and the
counts add up. What belongs here: cutting records into the contract's columns. What does not:
bytes and quotes (``encoding``, ``scan``), types (``contract``), control totals (``trailer``), what
becomes of a record once it is cut (``flat_file``).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.errors import ConfigError
from recon.parse import trailer
from recon.parse.contract import header_problem, heading, reject
from recon.parse.encoding import Offsets, decode
from recon.parse.flat_file import Cut, FlatFile, over_lines
from recon.parse.parsed import Parsed
from recon.parse.scan import Mask, Scan, scan
from recon.site import (
    Column,
    Contract,
    DelimitedFormat,
    FixedTrailer,
    FixedWidthFormat,
    Span,
    one_line,
)

# A text as Excel marks it, and as exports do for Excel's sake: '00123, '+H123; not 's-Gravenhage.
_MARKED_TEXT = r"^'([0-9=+@-][^\s']*)$"


def read_delimited(data: bytes, format: DelimitedFormat, contract: Contract) -> Parsed:
    """Read text with a delimiter.

    Args:
        data: the file.
        format: delimiter, quote, header and its row, other columns, encoding, trailer.
        contract: its columns; matched by heading in any order, by position without a header.

    Returns:
        Records of the kind ``record``, or of the contract's kinds. Rules of rejects: ``kind``,
        ``above``, ``encoding``, ``quote``, ``fields`` and those of the contract; for the whole
        file ``header``, ``trailer_missing``, ``trailer_count``, ``trailer_total``.

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
    top = format.header_row - 1
    first = cut.record(top) if format.header and found.start.size > top else []
    headings = [one_line(text) for text in first]
    ignored = format.other_columns == "ignored"
    file = FlatFile(data, text, found, contract, len(headings) if ignored else None)
    records = np.arange(found.start.size)
    order: list[int] | None = None
    if format.header:
        if not records.size:
            return file.refused(
                "header",
                "the file is empty: not even a header. Ask the sender whether that is meant.",
                0,
            )
        if records.size <= top:
            reason = f"row {top + 1} should hold the headings; the file has {records.size} rows"
            return file.refused("header", reason, file.count(records))
        problem = header_problem(headings, contract, format.other_columns)
        if problem or file.faulty()[top]:
            shown = problem or f"the header cannot be read: {file.shown(', '.join(headings))}"
            return file.refused("header", shown, file.count(records[top + 1 :]))
        places = {said.casefold(): place for place, said in enumerate(headings)}
        order = [places[heading(column)] for column in contract.columns]
        records = records[top + 1 :]
        records = records[~_same_as(top, found)[records]]
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
            format.trailer.total_decimals,
        )
    begin = cut.column(records, 0) if contract.kinds else None
    cuts = [
        _delimited_cut(file, cut, records, name, kind, of_kind, order)
        for name, kind, of_kind in file.by_kind(records, begin, whole_field=True)
    ]
    total_of = format.trailer.total_of if format.trailer else None
    return file.parsed(records, cuts, declared, total_of)


def _delimited_cut(
    file: FlatFile,
    cut: "_Fields",
    records: Offsets,
    name: str,
    kind: Contract,
    of_kind: Offsets,
    order: list[int] | None,
) -> Cut:
    """The records of one kind; ``order`` says where each column stands, if not in its own place."""
    width = len(kind.columns) if file.width is None else file.width
    right = cut.found.fields[of_kind] == width
    whole, misshapen = of_kind[right], of_kind[~right]
    texts = pl.DataFrame(
        [
            cut.column(whole, place).alias(column.name)
            for column, place in zip(kind.columns, order or range(len(kind.columns)), strict=True)
        ]
    )
    fields = (
        pl.lit("the record has ")
        + pl.col("fields").cast(pl.String)
        + pl.lit(f" fields, expected {width}")
    )
    refused = reject(
        file.origin(records, misshapen).with_columns(fields=pl.Series(cut.found.fields[misshapen])),
        "fields",
        fields + over_lines(),
        pl.col("lines"),
    )
    return Cut(name, kind, of_kind, whole, texts, refused)


def read_fixed_width(data: bytes, format: FixedWidthFormat, contract: Contract) -> Parsed:
    """Read text with columns at fixed positions, counted in characters.

    A record may lack blanks at its end, where a text column stands; one that ends within a number
    or a date is refused (rule ``fields``), because a number cut short still looks like a number.

    Args:
        data: the file.
        format: encoding, header mark, trailer.
        contract: its columns; each has ``at``.

    Returns:
        As ``read_delimited``; there is no rule ``quote``.

    Raises:
        ConfigError: the encoding is not one, or a column has no ``at``.
    """
    text = decode(data, format.encoding)
    found = scan(text.utf8, None, None)
    file = FlatFile(data, text, found, contract)
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
    begin = lines.gather(records) if contract.kinds else None
    cuts = [
        _fixed_cut(file, lines, records, name, kind, of_kind)
        for name, kind, of_kind in file.by_kind(records, begin, whole_field=False)
    ]
    total_of = format.trailer.total_of if format.trailer else None
    return file.parsed(records, cuts, declared, total_of)


def _fixed_cut(
    file: FlatFile,
    lines: pl.Series,
    records: Offsets,
    name: str,
    kind: Contract,
    sound: Offsets,
) -> Cut:
    """The records of one kind."""
    found = file.found
    spans = [(column, _span(column)) for column in kind.columns]
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
    return Cut(name, kind, sound, whole, texts, refused)


@dataclass(frozen=True)
class _Fields:
    """The fields of a scan, without their separators and quotes."""

    found: Scan
    delimiter: str
    quote: str | None

    def column(self, records: Offsets, place: int) -> pl.Series:
        """The field at one place (from 0) of records that have it."""
        text = self._plain(self.found.cells.gather(self.found.first[records] + place))
        marked = text.str.starts_with("'")
        if not marked.any():
            return text
        return text.scatter(marked.arg_true(), text.filter(marked).str.replace(_MARKED_TEXT, "$1"))

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


def _same_as(header: int, found: Scan) -> Mask:
    """Records that say what the header says: files that were joined to one have theirs each."""
    size = found.end - found.start
    same: Mask = abs(size - size[header]) <= len("\r\n\ufeff".encode())
    like = found.raw.filter(pl.Series(same)).str.strip_chars_start("\ufeff")
    ended = like.str.strip_chars_end("\r\n") == found.raw[header].strip("\r\n")
    same[same] = ended.to_numpy()
    return same


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

    return trailer.Declared(number, at(declared.count), at(declared.total), declared.total_decimals)


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
