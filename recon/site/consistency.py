"""What the keys of one site owe each other, beyond each being valid by itself.

What belongs here: contradictions within ``recon.yaml``, within one feed, and between files of the
folder. What does not: expressions (``canonical/mapping.py``), rule values (``rules``).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

from recon import layout
from recon.errors import ConfigError
from recon.site.declared import (
    RECORD,
    UDI_PARTS,
    Column,
    DelimitedFormat,
    Feed,
    FixedWidthFormat,
    RecordKind,
    SiteConfig,
    X12Format,
)
from recon.site.reading import Mistake
from recon.site.words import closest, in_file_name, nearest, one_line
from recon.site.yaml_file import Place

# Columns that every record has beside its own, and names that stand for more than a column.
RESERVED = {
    *("source_system", "source_file_id", "source_file_name", "source_record"),
    *("byte_offset", "byte_length", "raw"),
}
# Stands in a workbook's name where that of a hospital would.
NETWORK = "NETWORK"

Found = tuple[Place, str]


def facility_mistakes(config: SiteConfig) -> Iterator[Found]:
    """Two hospitals of one id, or whose workbooks would be one file: one would be lost."""
    ids = [facility.id for facility in config.facilities]
    written = [in_file_name(name) for name in (NETWORK, *ids)]
    for index, name in enumerate(ids):
        place: Place = ("facilities", index, "id")
        first = written.index(written[index + 1])
        if ids.index(name) != index:
            yield place, f"facility '{name}' is declared twice"
        elif first == 0:
            yield place, f"'{name}' names the workbook of all hospitals: choose another id"
        elif first != index + 1:
            other = ids[first - 1]
            yield place, f"'{name}' and '{other}' would name the same workbook: change one"


def place_mistakes(folder: Path, config: SiteConfig) -> Iterator[Found]:
    """A file where the night would make a folder; workbooks where only the night may read.

    And a lake that a newer version wrote.
    """
    lake = (folder / config.lake).resolve()
    for name in ("published", "outbox"):
        path = (folder / getattr(config, name)).resolve()
        if path.is_relative_to(lake) or lake.is_relative_to(path):
            told = (
                f"{name} and the lake must be apart: the lake is for the account of the night alone"
            )
            yield (name,), told
    for name in ("lake", "published", "outbox"):
        path = folder / getattr(config, name)
        if path.exists() and not path.is_dir():
            yield (name,), f"{path} is not a folder; name one, or remove that file"
    if newer := layout.unknown(lake):
        yield ("lake",), newer


def feed_mistakes(feed: Feed) -> Iterator[Found]:
    """Contradictions between a feed's connector, format, contract and mappings."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", feed.name) or feed.name == "reject":
        told = "rename the file: small letters, digits and _, a letter first, and not 'reject'"
        yield (), f"'{feed.name}' cannot name a feed; {told}"
    yield from _pattern_mistakes(feed.connector.pattern)
    yield from _contract_mistakes(feed)
    yield from _format_mistakes(feed)
    for index, mapping in enumerate(feed.records):
        for name in mapping.lookups:
            if name == RECORD:
                place: Place = ("records", index, "lookups", name)
                yield place, "a lookup cannot be named 'record': that name is the record itself"


# What a person saves a table as.
_TABLES = (".csv", ".tsv", ".txt", ".xls", ".xlsx")


def folder_mistakes(folder: Path, feeds: Mapping[str, Feed], tables: list[str]) -> list[Mistake]:
    """Files that a person put into the folder and that nothing reads, or that two feeds read alike.

    Args:
        folder: the site.
        feeds: its feeds.
        tables: names of the rule tables that a site may replace.
    """
    found = [
        Mistake(file, 1, f"not read: rename it to {file.stem}.yaml")
        for file in (folder / "sources").glob("*.yml")
    ]
    used = {
        lookup.table
        for feed in feeds.values()
        for m in feed.records
        for lookup in m.lookups.values()
    }
    found += [
        Mistake(file, 1, f"not read: save it as {file.stem}.csv, CSV in UTF-8")
        for file in (folder / "rules").glob("*.*")
        if file.suffix != ".csv"
        and file.suffix.lower() in _TABLES
        and file.stem in {*tables, *used}
    ]
    for file in (folder / "rules").glob("*.csv"):
        meant = closest(file.stem, tables)
        if file.stem not in tables and file.stem not in used and meant is not None:
            told = f"not read: no rule table or lookup has this name; did you mean '{meant}.csv'?"
            found.append(Mistake(file, 1, told))
    names = sorted(feeds)
    for at, name in enumerate(names):
        for other in names[:at]:
            one, two = feeds[other], feeds[name]
            if (one.connector, one.format) == (two.connector, two.format):
                told = f"takes the same files as {other}.yaml: every record would be read twice"
                found.append(Mistake(folder / "sources" / f"{name}.yaml", 1, told))
    return found


def _pattern_mistakes(pattern: str) -> Iterator[Found]:
    from recon.land.arrival import NamePattern  # it knows the models of this package

    place = ("connector", "pattern")
    try:
        form = NamePattern(pattern).date_format
    except (ConfigError, ValueError, re.error) as broken:
        yield place, f"'{pattern}' cannot be read: {broken}"
        return
    if re.search(r"[{}]", re.sub(r"\{date:[^{}]+\}", "", pattern, count=1)):
        told = "mark the date once, as in {date:%Y%m%d}, and use no other braces"
        yield place, f"'{pattern}' cannot be read: {told}"
    elif form and not _tells_a_month(form):
        yield place, f"'{pattern}' gives no year and month: write the date as in {{date:%Y%m%d}}"


def _tells_a_month(form: str) -> bool:
    day = date(2024, 2, 29)
    try:
        # A name's date is a day in no zone, as ``NamePattern`` reads it.
        read = datetime.strptime(day.strftime(form), form)  # noqa: DTZ007  it may hold none
    except ValueError:
        return False
    return (read.year, read.month) == (day.year, day.month)


def _contract_mistakes(feed: Feed) -> Iterator[Found]:
    contract = feed.contract
    yield from _column_mistakes(feed, contract.columns, ("contract", "columns"))
    for name, kind in contract.kinds.items():
        within = ("contract", "kinds", name, "columns")
        yield from _column_mistakes(feed, kind.columns, within)
    if contract.kinds:
        yield from _kind_mistakes(feed)
    if feed.format.kind in _STRUCTURED:
        if contract.columns:
            told = f"{_STRUCTURED[feed.format.kind]}: remove those declared here"
            yield ("contract", "columns"), told
    elif not contract.columns and not contract.kinds:
        yield ("contract",), "the contract declares no columns"


# Parts of a feed's night that hold no records.
_PARTS = {"reject", "control", "file"}


def _kind_mistakes(feed: Feed) -> Iterator[Found]:
    """Kinds of record that could not be told apart, or that the format does not have."""
    kinds, here = feed.contract.kinds, ("contract", "kinds")
    if feed.contract.columns:
        yield here, "a contract has either `columns` or `kinds`, each with columns of its own"
    if not isinstance(feed.format, DelimitedFormat | FixedWidthFormat):
        yield here, "kinds of record are for delimited and fixed-width files"
        return
    if isinstance(feed.format, DelimitedFormat) and feed.format.header:
        yield here, "records of several kinds have no common header: write `header: false`"
    fixed = isinstance(feed.format, FixedWidthFormat)
    trailer = feed.format.trailer
    marks = {name: kind.mark for name, kind in kinds.items()}
    for name, mark in marks.items():
        if name in _PARTS:
            yield (*here, name), f"'{name}' cannot name a kind of record: choose another name"
        others = [m for n, m in marks.items() if n != name] + ([trailer.mark] if trailer else [])
        same = [m for m in others if m == mark or (fixed and mark.startswith(m))]
        if same:
            told = f"the mark '{mark}' could be that of another kind or of the trailer"
            yield (*here, name, "mark"), f"{told} ('{same[0]}'): make it longer"
        yield from _taken_mistakes(kinds, name, (*here, name, "takes"))


def _taken_mistakes(kinds: dict[str, RecordKind], name: str, here: Place) -> Iterator[Found]:
    """Columns that a record takes from one above it, and that are not there to take."""
    before = list(kinds)[: list(kinds).index(name)]
    own = {column.name for column in kinds[name].columns}
    for kind, columns in kinds[name].takes.items():
        if kind not in before:
            told = f"; declared before '{name}': {', '.join(before)}" if before else ""
            yield (*here, kind), f"no kind '{kind}' stands before '{name}' in the contract{told}"
            continue
        there = {c.name for c in kinds[kind].columns if c.private != "drop"}
        for column in columns:
            if column not in there:
                yield (*here, kind), f"'{kind}' has no column '{column}' that is kept"
            elif column in own:
                yield (*here, kind), f"'{name}' has a column '{column}' already"
            own.add(column)


def _column_mistakes(feed: Feed, columns: list[Column], within: Place) -> Iterator[Found]:
    names = [column.name for column in columns]
    heads = [one_line(column.heading).casefold() for column in columns]
    fixed = isinstance(feed.format, FixedWidthFormat)
    for index, column in enumerate(columns):
        here: Place = (*within, index)
        if names.index(column.name) != index:
            yield here, f"column '{column.name}' is declared twice"
        elif not fixed and heads.index(heads[index]) != index:
            yield here, f"two columns have the heading '{column.heading}'"
        if column.name in RESERVED or column.name == RECORD:
            yield here, f"'{column.name}' is a reserved name: give the column another, and `header`"
        if fixed and column.at is None:
            told = "needs `at: {start: , width: }` in a fixed-width feed"
            yield here, f"column '{column.name}' {told}"
        if not fixed and column.at is not None:
            yield (*here, "at"), f"column '{column.name}': `at` is for fixed-width feeds only"
        if column.scale is not None and column.type not in ("decimal", "integer"):
            told = f"`scale` is for numbers with decimals, this is {column.type}"
            yield (*here, "scale"), f"column '{column.name}': {told}: add `type: decimal`"
        if column.implied and column.scale is None:
            yield here, f"column '{column.name}': `implied` needs a `scale`"
        if column.zoned and not column.implied:
            told = "`zoned` says how `implied` digits are signed: add `implied: true`"
            yield (*here, "zoned"), f"column '{column.name}': {told}"
        if column.decimal_comma and column.implied:
            told = "`implied` are digits alone: leave `decimal_comma` out"
            yield (*here, "decimal_comma"), f"column '{column.name}': {told}"
        elif column.decimal_comma and feed.format.kind == "spreadsheet":
            told = "the cells of a spreadsheet hold numbers: leave `decimal_comma` out"
            yield (*here, "decimal_comma"), f"column '{column.name}': {told}"
        yield from _private_mistakes(column, here)
        yield from _udi_mistakes(column, names, here)


def overlapping(feeds: Mapping[str, Feed]) -> list[str]:
    """Columns of fixed width that share characters: meant where one is a part of another."""
    told = []
    for name, feed in sorted(feeds.items()):
        kinds = feed.contract.kinds.values()
        for columns in (feed.contract.columns, *(kind.columns for kind in kinds)):
            at = sorted((c.at.start, c.at.start + c.at.width - 1, c.name) for c in columns if c.at)
            told += [
                f"{name}: the columns '{one}' ({start}-{end}) and '{other}' ({begins}-{ends}) share"
                " characters; if neither is meant to hold the other's, mend `start` or `width`"
                for (start, end, one), (begins, ends, other) in combinations(at, 2)
                if begins <= end
            ]
    return told


_STRUCTURED = {
    "x12": "an X12 feed's columns are those of its transaction sets",
    "hl7": "an HL7 feed's columns are those of its messages",
    "json": "a FHIR feed's columns are those of its resources",
}


def _private_mistakes(column: Column, here: Place) -> Iterator[Found]:
    if column.private is None:
        return
    if column.type != "text":
        told = "is private, so it cannot be a number, date or boolean: leave `type` out"
        yield (*here, "type"), f"column '{column.name}' {told}"
    if column.allowed is not None:
        told = "is private: `allowed` would write its values down"
        yield (*here, "allowed"), f"column '{column.name}' {told}"


def _udi_mistakes(column: Column, names: list[str], here: Place) -> Iterator[Found]:
    if column.type != "udi":
        return
    if column.allowed is not None:
        told = "is a UDI: `allowed` would write serial numbers down"
        yield (*here, "allowed"), f"column '{column.name}' {told}"
    for part in UDI_PARTS:
        if f"{column.name}_{part}" in names:
            told = f"gives a column '{column.name}_{part}', which is declared too: rename one"
            yield here, f"column '{column.name}' {told}"


def _format_mistakes(feed: Feed) -> Iterator[Found]:
    from recon.parse.encoding import codec_of  # reading knows the models of this package

    x12 = feed.format if isinstance(feed.format, X12Format) else None
    if x12 is not None and x12.outbound and x12.acknowledge != "none":
        told = "an `outbound` feed holds what we sent; receivers acknowledge it: leave this out"
        yield ("format", "acknowledge"), told
    if isinstance(feed.format, DelimitedFormat) and not feed.format.header:
        for key in sorted({"header_row", "other_columns"} & feed.format.model_fields_set):
            yield ("format", key), f"a file without headings (`header: false`) has no `{key}`"
    encoding = getattr(feed.format, "encoding", "utf-8")
    try:
        codec_of(encoding)
    except (ConfigError, ValueError) as broken:
        yield ("format", "encoding"), str(broken)
    trailer = getattr(feed.format, "trailer", None)
    if trailer is None:
        return
    here: Place = ("format", "trailer")
    kinds = feed.contract.kinds.values()
    columns = [c for kind in kinds for c in kind.columns] or feed.contract.columns
    names = [column.name for column in columns]
    if (trailer.total is None) != (trailer.total_of is None):
        yield here, "`total` and `total_of` belong together"
    elif trailer.total is None and trailer.total_decimals is not None:
        yield here, "`total_decimals` says how a `total` is written: name its place"
    elif trailer.total_of is not None and trailer.total_of not in names:
        told = f"no column '{trailer.total_of}'; {nearest(trailer.total_of, names)}"
        yield (*here, "total_of"), told
    elif names.count(trailer.total_of) > 1:
        told = f"several kinds of record have a column '{trailer.total_of}': rename all but one"
        yield (*here, "total_of"), told
    elif any(c.private and c.name == trailer.total_of for c in columns):
        told = f"column '{trailer.total_of}' is private: its sum would be stored"
        yield (*here, "total_of"), told
