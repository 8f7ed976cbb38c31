"""A feed's mapping, checked and run: records in, canonical rows and rejects out.

Its expressions are bound against an empty record when the site is opened, so that a wrong name or
type is a line of ``recon doctor`` and never a failed night.

What belongs here: how a mapping's expressions fill a table. What does not: a single expression
(``expression.py``), rows of one key (``build.py``).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from recon.canonical.describe import (
    LARGEST_FACTOR,
    LARGEST_QUANTITY,
    ORIGIN,
    allowed_words,
    beyond_limits,
    canonical_tables,
    polars_schema,
    required_columns,
    sql_text,
    sql_type,
)
from recon.canonical.expression import Scope, connected, joins, read_lookup, tried
from recon.errors import ConfigError
from recon.parse import fhir, hl7
from recon.parse.hl7.profile import mistakes
from recon.parse.parsed import REJECT
from recon.parse.udi.column import stored_schema
from recon.parse.x12.private import PRIVATE, STORED
from recon.site import Feed, Hl7Format, JsonFormat, Lookup, Mapping_, X12Format, nearest

Found = tuple[tuple[str | int, ...], str]

# The position of a record among the night's records; the name is no column's and no source's.
ORDER = "?position"


@dataclass(frozen=True)
class Mapped:
    """What one mapping made of one night's records.

    Attributes:
        rows: the canonical table's columns, origin included.
        rejects: ``REJECT`` columns and ``source_file_id``.
        not_selected: records that the mapping's ``where`` leaves to others, and those that state
            again what a row says, where the mapping ``repeats``.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    not_selected: int


def record_schemas(feed: Feed) -> dict[str, pl.Schema]:
    """Record name -> columns that a mapping of this feed may use."""
    if isinstance(feed.format, X12Format):
        return STORED
    if isinstance(feed.format, Hl7Format):
        return hl7.RECORDS
    if isinstance(feed.format, JsonFormat):
        return fhir.records_schema()
    origin = pl.Schema({"source_record": pl.Int64(), "byte_offset": pl.Int64()})
    return {
        name: pl.Schema(dict(stored_schema(contract)) | dict(origin))
        for name, contract in feed.contract.by_record.items()
    }


def mapped(feed: Feed, mapping: Mapping_, records: pl.DataFrame, rules: Path) -> Mapped:
    """Run one mapping; rows come in the order of their records.

    Args:
        feed: the feed it belongs to.
        mapping: which table, from which record, with which expressions.
        records: the record's columns, ``source_file_id`` and ``source_file_name``.
        rules: the folder of the site's lookup tables.

    A row is refused, with the rule's name, when an expression fails on it (``expression:<column>``,
    ``expression:where``, ``expression:<lookup>``), a required column comes out empty
    (``required:<column>``), a number does not fit its column without loss
    (``precision:<column>``), or a value is beyond what its column may hold (``limit:<column>``,
    ``allowed:<column>``): the match takes no table that holds one.
    """
    table = canonical_tables()[mapping.table]
    schema = polars_schema(table)
    required = required_columns(table)
    limits = {name: column.metadata or {} for name, column in table.to_schema().columns.items()}
    with connected() as con:
        origin = pl.lit(feed.name).alias("source_system")
        con.register("record", records.with_columns(origin).with_row_index(ORDER))
        for name, lookup in mapping.lookups.items():
            con.register(name, read_lookup(lookup.table, rules))
        con.register("mapped", con.sql(_select(mapping)).pl())
        # A join need not keep the order of its left side.
        typed = con.sql(_typed(mapping, schema, required, limits)).pl().sort(ORDER)
    refused = typed.filter(pl.col("rule").is_not_null())
    rejects = refused.select(
        record=pl.lit(mapping.table),
        source_record="source_record",
        byte_offset="byte_offset",
        byte_length=pl.lit(None, pl.Int64),
        records=pl.lit(1, pl.Int64),
        rule="rule",
        reason="reason",
        raw=pl.lit(None, pl.String),
        source_file_id="source_file_id",
    ).cast({**REJECT})
    rows = typed.filter(pl.col("rule").is_null()).select(
        (pl.col(name) if name in typed.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
    stated = rows.height
    if mapping.repeats:
        rows = _once(rows, mapping.sums)
    return Mapped(rows, rejects, records.height - typed.height + stated - rows.height)


def _once(rows: pl.DataFrame, sums: list[str]) -> pl.DataFrame:
    """One row of those of a file that say the same, with the sum of each column in ``sums``.

    Of records of which one states no amount there is no sum.
    """
    place = ["source_record", "byte_offset"]
    same = ", ".join(f'"{c}"' for c in rows.columns if c not in (*place, *sums))
    first = [f'arg_min("{c}", source_record) as "{c}"' for c in place]
    added = [f'case when count("{c}") = count(*) then sum("{c}") end as "{c}"' for c in sums]
    with connected() as con:
        con.register("stated", rows.with_row_index(ORDER))
        once: pl.DataFrame = con.sql(
            f"select {same}, {', '.join([*first, *added])} from stated "  # noqa: S608  columns of ours
            f'group by {same} order by min("{ORDER}")'
        ).pl()
    return once.select(pl.col(name).cast(dtype) for name, dtype in rows.schema.items())


def mapping_mistakes(feed: Feed, rules: Path) -> list[Found]:
    """Every mistake in a feed's mappings, each with its place in the YAML."""
    profile = feed.format.profile if isinstance(feed.format, Hl7Format) else None
    found: list[Found] = [
        (("format", "profile", "positions", name), told)
        for name, told in (mistakes(profile) if profile else ())
    ]
    with connected() as con:
        return found + [
            (("records", index, *place), message)
            for index, mapping in enumerate(feed.records)
            for place, message in _mistakes(con, mapping, record_schemas(feed), rules)
        ]


def unkeyed_mistakes(feed: Feed) -> list[Found]:
    """Each use of a column that is empty because the site has no key for tokens."""
    return [
        (("records", index, *place), _UNKEYED.format(name=name, domain=domain))
        for index, mapping in enumerate(feed.records)
        for name, domain in _private(feed, mapping.from_).items()
        for place, expression in _expressions(mapping)
        if _uses(expression, name)
    ]


def _private(feed: Feed, record: str) -> Mapping[str, str]:
    """Columns of a record that are tokens, and what each identifies."""
    if isinstance(feed.format, X12Format):
        return PRIVATE.get(record, {})
    if isinstance(feed.format, JsonFormat):
        return fhir.PRIVATE.get(record, {})
    if isinstance(feed.format, Hl7Format):
        return hl7.PRIVATE.get(record, {})
    contract = feed.contract.by_record.get(record)
    return contract.private if contract else {}


_UNKEYED = (
    "'{name}' identifies a person ({domain}) and is left empty without a key: declare `privacy: "
    "{{key_id: k1, key_file: <file>}}` in recon.yaml, or take it out"
)


def _expressions(mapping: Mapping_) -> Iterator[tuple[tuple[str, ...], str]]:
    if mapping.where:
        yield ("where",), mapping.where
    for name, expression in mapping.columns.items():
        yield ("columns", name), expression
    for name, lookup in mapping.lookups.items():
        for column, expression in lookup.on.items():
            yield ("lookups", name, "on", column), expression


def _uses(expression: str, column: str) -> bool:
    """Whether an expression reads the record's ``column``, and not a lookup's of that name."""
    code = re.sub(r"'(?:[^']|'')*'", "''", expression)
    pattern = rf'(?<![\w.])(?:record\s*\.\s*)?"?{column}\b'
    return re.search(pattern, code, re.IGNORECASE) is not None


def _mistakes(
    con: duckdb.DuckDBPyConnection,
    mapping: Mapping_,
    records: Mapping[str, pl.Schema],
    rules: Path,
) -> Iterator[Found]:
    tables = canonical_tables()
    columns = pl.Schema()
    if mapping.table in tables:
        columns = polars_schema(tables[mapping.table])
        yield from _column_mistakes(mapping, columns, required_columns(tables[mapping.table]))
    else:
        told = f"no canonical table '{mapping.table}'; {nearest(mapping.table, tables)}"
        yield ("table",), told
    lookups, broken = _lookups(mapping, rules)
    yield from broken
    if mapping.from_ in records:
        yield from _binding_mistakes(con, mapping, records[mapping.from_], columns, lookups)
    else:
        yield ("from",), f"no record '{mapping.from_}'; {nearest(mapping.from_, records)}"


def _column_mistakes(mapping: Mapping_, columns: pl.Schema, required: list[str]) -> Iterator[Found]:
    writable = [c for c in columns if c not in ORIGIN]
    for name in mapping.columns:
        if name not in writable:
            told = f"{mapping.table} has no column '{name}'; {nearest(name, writable)}"
            yield ("columns", name), told
    if mapping.sums and not mapping.repeats:
        yield ("sums",), "`sums` adds up a row that repeats: write `repeats: true` too"
    numbers = [c for c in mapping.columns if columns.get(c, pl.Null()).is_decimal()]
    for index, name in enumerate(mapping.sums):
        if name not in numbers:
            told = nearest(name, numbers, otherwise="it fills none")
            yield ("sums", index), f"'{name}' is no amount that the mapping fills; {told}"
    for name in required:
        if name not in mapping.columns and name not in ORIGIN:
            yield ("columns",), f"{mapping.table}.{name} is required and nothing fills it"


def _lookups(mapping: Mapping_, rules: Path) -> tuple[dict[str, pl.DataFrame], list[Found]]:
    """The lookup tables that can be joined, and what is wrong with the others."""
    usable: dict[str, pl.DataFrame] = {}
    found: list[Found] = []
    for name, lookup in mapping.lookups.items():
        try:
            rows = read_lookup(lookup.table, rules)
        except ConfigError as broken:
            found.append((("lookups", name, "table"), str(broken)))
            continue
        if rows is None:
            valid = [f.stem for f in rules.glob("*.csv")]
            told = f"no rule table rules/{lookup.table}.csv; {nearest(lookup.table, valid)}"
            found.append((("lookups", name, "table"), told))
            continue
        file = f"rules/{lookup.table}.csv"
        missing = [column for column in lookup.on if column not in rows.columns]
        found += [
            (("lookups", name, "on", column), f"{file} has no column '{column}'; {near}")
            for column in missing
            if (near := nearest(column, rows.columns))
        ]
        if missing:
            continue
        keys = rows.select(list(lookup.on)).drop_nulls()
        if keys.is_duplicated().any():
            shown = keys.filter(keys.is_duplicated()).row(0)
            told = f"{file} has several rows for {', '.join(lookup.on)} = {', '.join(shown)}"
            found.append((("lookups", name, "on"), f"{told}: a lookup must find one"))
        usable[name] = rows
    return usable, found


def _binding_mistakes(
    con: duckdb.DuckDBPyConnection,
    mapping: Mapping_,
    record: pl.Schema,
    columns: pl.Schema,
    tables: Mapping[str, pl.DataFrame],
) -> Iterator[Found]:
    """Bind each expression on its own, as it will be run, so that all mistakes are listed."""
    origin = dict.fromkeys(("source_file_id", "source_file_name", "source_system"), pl.String)
    con.register("record", pl.DataFrame(schema={**record, **origin}))
    scope = Scope(con, list(record))
    usable: dict[str, Lookup] = {}
    # What uses a lookup that is wrong itself is not judged.
    broken = set(mapping.lookups) - set(tables)
    for name, rows in tables.items():
        con.register(name, rows)
        keys = mapping.lookups[name].on
        alone = f"record {joins(usable)} left join {name} on true"
        faults: list[Found] = [
            (("lookups", name, "on", key), problem)
            for key, expression in keys.items()
            if not _mentions(expression, broken)
            and (problem := scope.problem(expression, alone, pl.String()))
        ]
        if not scope.binds(f"select 1 from {alone}"):  # noqa: S608  the site's own names
            faults = [(("lookups", name), f"'{name}' is a word of SQL: rename the lookup")]
        yield from faults
        if faults or any(_mentions(e, broken) for e in keys.values()):
            broken.add(name)
        else:
            usable[name] = mapping.lookups[name]
            scope.names += [f"{name}.{column}" for column in rows.columns]
    source = f"record {joins(usable)}"
    expressions: list[tuple[tuple[str, ...], str, pl.DataType | None]] = [
        (("columns", name), expression, columns.get(name))
        for name, expression in mapping.columns.items()
    ]
    if mapping.where:
        expressions.append((("where",), mapping.where, pl.Boolean()))
    if not broken and scope.fits([(sql, wanted) for _, sql, wanted in expressions], source):
        return
    for place, expression, wanted in expressions:
        if not _mentions(expression, broken):
            problem = scope.problem(expression, source, wanted)
            if problem:
                yield place, problem


def _mentions(expression: str, lookups: set[str]) -> bool:
    return any(re.search(rf"\b{name}\s*\.", expression) for name in lookups)


def _select(mapping: Mapping_) -> str:
    columns = [f'{tried(expression)} as "{name}"' for name, expression in mapping.columns.items()]
    columns += [f'{tried(e)} as "{name}"' for name, (_, e) in _conditions(mapping).items()]
    columns += [f"record.{name}" for name in [*ORIGIN, f'"{ORDER}"']]
    where = ""
    if mapping.where:
        # A record on which `where` fails is selected, to be refused with that reason.
        test = tried(mapping.where)
        where = f" where coalesce({test}[1], {test} is null)"
    return f"select {', '.join(columns)} from record {joins(mapping.lookups)}{where}"  # noqa: S608  the site's own expressions, in a sealed connection


def _conditions(mapping: Mapping_) -> dict[str, tuple[str, str]]:
    """Expressions that fill no column: name in ``mapped`` -> (name in the rule, expression)."""
    found = {"?where": ("where", mapping.where)} if mapping.where else {}
    return found | {
        f"?{name}.{column}": (name, expression)
        for name, lookup in mapping.lookups.items()
        for column, expression in lookup.on.items()
    }


def _typed(
    mapping: Mapping_,
    schema: pl.Schema,
    required: list[str],
    limits: Mapping[str, Mapping[str, object]],
) -> str:
    """Unpack the lists, cast to the declared types, and name the first rule a row breaks."""
    values, faults = [], []
    for column, (name, expression) in _conditions(mapping).items():
        faults.append((f'"{column}" is null', f"expression:{name}", _failed(name, expression)))
    for name, expression in mapping.columns.items():
        dtype = schema[name]
        value = f'"{name}"[1]'
        if isinstance(dtype, pl.String):
            value = f"nullif(trim(cast({value} as varchar)), '')"
        cast = f"try_cast({value} as {sql_type(dtype)})"
        values.append(f'{cast} as "{name}"')
        faults.append((f'"{name}" is null', f"expression:{name}", _failed(name, expression)))
        if isinstance(dtype, pl.Decimal) or dtype.is_integer():
            faults.append(
                (
                    f"{value} is not null and coalesce(try({cast} is distinct from {value}), true)",
                    f"precision:{name}",
                    f"'{name} = ' || {value} || ' does not fit {sql_type(dtype)} without loss'",
                )
            )
        if largest := _largest(dtype):
            told = f"{name} is beyond {largest:,}: is a barcode or another column in its field?"
            beyond = f"{cast} not between -{largest} and {largest}"
            faults.append((beyond, f"limit:{name}", sql_text(told)))
        if name in required:
            told = f"{name} is empty: {expression} gives nothing for this record"
            faults.append((f"{value} is null", f"required:{name}", sql_text(told)))
        faults += _beyond(name, cast, expression, limits[name])
        if isinstance(goes_back := limits[name].get("below_zero_in"), tuple):
            faults += _not_back(name, cast, mapping, *goes_back)
    rule = " ".join(f"when {test} then '{name}'" for test, name, _ in faults)
    reason = " ".join(f"when {test} then {text}" for test, _, text in faults)
    origin = ", ".join([*ORIGIN, f'"{ORDER}"'])
    verdict = f"case {rule} end as rule, case {reason} end as reason"
    return f"select {', '.join(values)}, {origin}, {verdict} from mapped"  # noqa: S608  names from the schema


def _largest(dtype: pl.DataType) -> int | None:
    """The size beyond which a value is refused, as one could stop the night; None: any is kept."""
    if dtype == pl.Decimal(18, 6):
        return LARGEST_QUANTITY
    return LARGEST_FACTOR if dtype == pl.Int64 else None


def _beyond(
    name: str, value: str, expression: str, limits: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """What a declaration allows a column: (test that a row fails, rule, reason)."""
    shown = f"{sql_text(f'{name} = ')} || {value} || "
    word = f"upper({value})" if limits.get("capitals") else value
    for limit, test in beyond_limits(word, limits).items():
        if limit == "values":
            # Without the value, which may be anybody's where the columns of a record have moved.
            told = f"{name} is none of {', '.join(allowed_words(limits))}: {expression}"
            yield test, f"allowed:{name}", sql_text(told)
        else:
            told = f" is less than {limits[limit]}" if limit == "least" else " is no whole number"
            yield test, f"limit:{name}", shown + sql_text(told)


def _not_back(
    name: str, value: str, mapping: Mapping_, column: str, word: str
) -> Iterator[tuple[str, str, str]]:
    """Goods that go back and are written above zero: as goods that came they would be paid."""
    if column in mapping.columns:
        told = f" is above zero in a row whose {column} is {word}: map what goes back below zero"
        is_back = f'upper(trim(cast("{column}"[1] as varchar))) = {sql_text(word)}'
        shown = f"{sql_text(f'{name} = ')} || {value} || {sql_text(told)}"
        yield f"{is_back} and {value} > 0", f"limit:{name}", shown


def _failed(name: str, expression: str) -> str:
    return sql_text(f"the expression for {name} fails on this record: {expression}")
