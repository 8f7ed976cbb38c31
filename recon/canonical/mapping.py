"""A feed's mapping, checked and run: records in, canonical rows and rejects out.

The expressions of a feed's YAML are DuckDB SQL over the columns of one record, the columns of its
lookups and the macros of ``macros.sql``. They are bound against an empty record when the site is
opened, so that a wrong name or type is a line of ``recon doctor`` and never a failed night.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from recon.canonical.describe import (
    ORIGIN,
    canonical_tables,
    natural_key,
    polars_schema,
    required_columns,
)
from recon.parse import x12
from recon.parse.contract import contract_schema
from recon.parse.parsed import REJECT
from recon.site import Feed, Mapping_, X12Format, nearest

# An expression may read its record and its lookups: no files, no network, no Python variables.
SEALED: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "enable_external_access": False,
    "preserve_insertion_order": True,
}


@dataclass(frozen=True)
class Mapped:
    """What one mapping made of one night's records.

    Attributes:
        rows: the canonical table's columns, origin included.
        rejects: ``REJECT`` columns and ``source_file_id``.
        not_selected: records that the mapping's ``where`` leaves to others.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    not_selected: int


def record_schemas(feed: Feed) -> dict[str, pl.Schema]:
    """Record name -> columns that a mapping of this feed may use."""
    if isinstance(feed.format, X12Format):
        return x12.RECORDS
    columns = contract_schema(feed.contract)
    return {"record": pl.Schema({**columns, "source_record": pl.Int64, "byte_offset": pl.Int64})}


def read_lookup(name: str, rules: Path) -> pl.DataFrame | None:
    """A site's lookup table, every column as text; None where there is no such file."""
    file = rules / f"{name}.csv"
    return pl.read_csv(file, infer_schema=False) if file.exists() else None


def mapped(feed: Feed, mapping: Mapping_, records: pl.DataFrame, rules: Path) -> Mapped:
    """Run one mapping.

    Args:
        feed: the feed it belongs to.
        mapping: which table, from which record, with which expressions.
        records: the record's columns and ``source_file_id``.
        rules: the folder of the site's lookup tables.

    A row is refused, with the rule's name, when an expression fails on it (``expression:<column>``),
    a required column comes out empty (``required:<column>``), or a number does not fit its column
    without loss (``precision:<column>``).
    """
    table = canonical_tables()[mapping.table]
    schema = polars_schema(table)
    required = required_columns(table)
    with _connected() as con:
        con.register("record", records.with_columns(pl.lit(feed.name).alias("source_system")))
        for name, lookup in mapping.lookups.items():
            con.register(name, read_lookup(lookup.table, rules))
        raw = con.sql(_select(mapping, origin=True)).pl()
        con.register("mapped", raw)
        typed = con.sql(_typed(mapping, schema, required)).pl()
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
    return Mapped(rows, rejects, records.height - typed.height)


def mapping_mistakes(feed: Feed, rules: Path) -> list[tuple[tuple[str | int, ...], str]]:
    """Every mistake in a feed's mappings, each with its place in the YAML."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    tables = canonical_tables()
    schemas = record_schemas(feed)
    for index, mapping in enumerate(feed.records):
        here: tuple[str | int, ...] = ("records", index)
        if mapping.table not in tables:
            found.append(
                (
                    (*here, "table"),
                    f"no canonical table '{mapping.table}'; {nearest(mapping.table, tables)}",
                )
            )
            continue
        if mapping.from_ not in schemas:
            found.append(
                ((*here, "from"), f"no record '{mapping.from_}'; {nearest(mapping.from_, schemas)}")
            )
            continue
        found += [((*here, *place), message) for place, message in _lookup_mistakes(mapping, rules)]
        columns = polars_schema(tables[mapping.table])
        writable = [c for c in columns if c not in ORIGIN]
        found += [
            (
                (*here, "columns", name),
                f"{mapping.table} has no column '{name}'; {nearest(name, writable)}",
            )
            for name in mapping.columns
            if name not in writable
        ]
        found += [
            ((*here, "columns"), f"{mapping.table}.{name} is required and nothing fills it")
            for name in required_columns(tables[mapping.table])
            if name not in mapping.columns and name not in ORIGIN
        ]
        if not any(place[:2] == here for place, _ in found):
            found += [
                ((*here, *place), message)
                for place, message in _binding_mistakes(
                    mapping, schemas[mapping.from_], columns, rules
                )
            ]
    return found


def _lookup_mistakes(mapping: Mapping_, rules: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, lookup in mapping.lookups.items():
        rows = read_lookup(lookup.table, rules)
        place = ("lookups", name)
        if rows is None:
            valid = [f.stem for f in rules.glob("*.csv")]
            yield (
                (*place, "table"),
                f"no rule table rules/{lookup.table}.csv; {nearest(lookup.table, valid)}",
            )
            continue
        missing = [column for column in lookup.on if column not in rows.columns]
        for column in missing:
            yield (
                (*place, "on"),
                f"rules/{lookup.table}.csv has no column '{column}'; {nearest(column, rows.columns)}",
            )
        if not missing and rows.select(list(lookup.on)).is_duplicated().any():
            keys = ", ".join(lookup.on)
            yield (
                (*place, "on"),
                f"rules/{lookup.table}.csv has several rows for one ({keys}): a lookup must find one",
            )


def _binding_mistakes(
    mapping: Mapping_, record: pl.Schema, columns: pl.Schema, rules: Path
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Bind each expression on its own against an empty record, so that all mistakes are listed."""
    with _connected() as con:
        origin = {"source_file_id": pl.String, "source_system": pl.String}
        con.register("record", pl.DataFrame(schema={**record, **origin}))
        names = list(record)
        for name, lookup in mapping.lookups.items():
            rows = read_lookup(lookup.table, rules)
            if rows is not None:
                con.register(name, rows)
                names += [f"{name}.{column}" for column in rows.columns]
        joins = _joins(mapping)
        if joins:
            problem, _ = _bound(con, f"select 1 from record {joins}", names)
            if problem:
                yield ("lookups",), problem
                return
        if mapping.where:
            problem, dtype = _bound(con, f"select {mapping.where} as v from record {joins}", names)
            if problem or dtype != "BOOLEAN":
                yield ("where",), problem or f"`where` must be true or false; this gives {dtype}"
        for column, expression in mapping.columns.items():
            problem, dtype = _bound(con, f"select {expression} as v from record {joins}", names)
            if not problem and not _fits(dtype, columns[column]):
                problem = _misfit(dtype, columns[column])
            if problem:
                yield ("columns", column), problem


def _bound(con: duckdb.DuckDBPyConnection, sql: str, names: list[str]) -> tuple[str | None, str]:
    try:
        relation = con.sql(sql)
    except duckdb.Error as broken:
        text = str(broken).splitlines()[0]
        wrong = re.search(r'column "?([\w.]+)"? not found', text) or re.search(
            r'column named "?(\w+)"?', text
        )
        if wrong:
            return f"no column '{wrong[1]}'; {nearest(wrong[1], names)}", ""
        function = re.search(r"Function with name (\w+) does not exist", text)
        if function:
            return f"no function '{function[1]}'", ""
        return f"bad expression: {text}", ""
    return None, str(relation.types[0])


def _fits(found: str, wanted: pl.DataType) -> bool:
    integers = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
    if found == '"NULL"':
        return True
    if isinstance(wanted, pl.Decimal):
        return found.startswith("DECIMAL") or found in integers
    if wanted.is_integer():
        return found in integers
    return found == {pl.String: "VARCHAR", pl.Date: "DATE", pl.Boolean: "BOOLEAN"}.get(type(wanted))


def _misfit(found: str, wanted: pl.DataType) -> str:
    names = {pl.String: "text", pl.Date: "a date", pl.Boolean: "true or false"}
    want = (
        "a decimal" if isinstance(wanted, pl.Decimal) else names.get(type(wanted), "a whole number")
    )
    hint = ""
    if found == "DOUBLE":
        hint = ": division and floating-point literals lose cents; multiply by a decimal instead, e.g. price * 0.01"
    elif found == "VARCHAR":
        hint = (
            ": declare its type in the contract, so that a bad value is quarantined with its record"
        )
    return f"the column takes {want}, the expression gives {found}{hint}"


@contextmanager
def _connected() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config=SEALED) as con:
        con.execute(files("recon.canonical").joinpath("macros.sql").read_text(encoding="utf-8"))
        yield con


def _joins(mapping: Mapping_) -> str:
    return " ".join(
        f"left join {name} on " + " and ".join(f"{name}.{c} = ({e})" for c, e in lookup.on.items())
        for name, lookup in mapping.lookups.items()
    )


def _select(mapping: Mapping_, *, origin: bool) -> str:
    """Each expression in a one-element list: NULL where it failed, [NULL] where it is empty."""
    columns = [f'try([{expression}]) as "{name}"' for name, expression in mapping.columns.items()]
    if origin:
        columns += [f"record.{name}" for name in ORIGIN]
    where = f" where ({mapping.where})" if mapping.where else ""
    return f"select {', '.join(columns)} from record {_joins(mapping)}{where}"  # noqa: S608  the site's own expressions, in a sealed connection


def _typed(mapping: Mapping_, schema: pl.Schema, required: list[str]) -> str:
    """Unpack the lists, cast to the declared types, and name the first rule a row breaks."""
    values, faults = [], []
    for name, expression in mapping.columns.items():
        dtype = schema[name]
        value = f'"{name}"[1]'
        if isinstance(dtype, pl.String):
            value = f"nullif(trim({value}), '')"
        cast = f"try_cast({value} as {_sql_type(dtype)})"
        values.append(f'{cast} as "{name}"')
        shown = expression.replace("'", "''")
        faults.append(
            (
                f'"{name}" is null',
                f"expression:{name}",
                f"'the expression for {name} fails on this record: {shown}'",
            )
        )
        if isinstance(dtype, pl.Decimal) or dtype.is_integer():
            faults.append(
                (
                    f"{value} is not null and {cast} is distinct from {value}",
                    f"precision:{name}",
                    f"'{name} = ' || {value} || ' does not fit {_sql_type(dtype)} without loss'",
                )
            )
        if name in required:
            faults.append(
                (
                    f"{value} is null",
                    f"required:{name}",
                    f"'{name} is empty: {shown} gives nothing for this record'",
                )
            )
    rule = " ".join(f"when {test} then '{name}'" for test, name, _ in faults)
    reason = " ".join(f"when {test} then {text}" for test, _, text in faults)
    origin = ", ".join(ORIGIN)
    return f"select {', '.join(values)}, {origin}, case {rule} end as rule, case {reason} end as reason from mapped"  # noqa: S608  names from the schema


def _sql_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision}, {dtype.scale})"
    named = {
        pl.String: "varchar",
        pl.Date: "date",
        pl.Boolean: "boolean",
        pl.Int32: "integer",
        pl.Int64: "bigint",
    }
    return named[type(dtype)]
