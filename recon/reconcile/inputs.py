"""What a table that is handed to a reconciliation must look like, checked before anything runs.

What belongs here: the declared tables a statement may read, and the checks of a table against its
declaration. What does not: the declarations themselves (``canonical/tables.py``,
``rules/tables.py``, ``results.py``, ``optional_inputs.py``, ``simulated.py``).

The checks are queries, so a table of millions of rows is read once and never row by row.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from recon.canonical.describe import (
    ORIGIN,
    canonical_tables,
    natural_key,
    polars_schema,
    required_columns,
    table_name,
)
from recon.canonical.tables import Table
from recon.errors import InputError
from recon.reconcile.magnitude import example
from recon.reconcile.optional_inputs import OPTIONAL_INPUTS
from recon.reconcile.results import RESULTS, Exception_
from recon.reconcile.simulated import ChangeByNight, Stake, StakeChange
from recon.rules.tables import RULE_TABLES

Rows = pl.DataFrame | pl.LazyFrame | list[Path]

INTEGERS = {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
}
SQL_TYPES = {
    "String": "VARCHAR",
    "Date": "DATE",
    "Boolean": "BOOLEAN",
    "Int32": "INTEGER",
    "Int64": "BIGINT",
}


def declared_tables() -> dict[str, type[Table]]:
    """Name -> declaration, for every table that may be handed in."""
    listed = {table_name(t): t for t in [*RESULTS, *RULE_TABLES, *OPTIONAL_INPUTS]}
    simulated = {table_name(t): t for t in (StakeChange, ChangeByNight)}
    sides = {"stake_before": Stake, "stake_after": Stake}
    return {
        **canonical_tables(),
        **listed,
        **simulated,
        **sides,
        "previous_exception": Exception_,
    }


def bind_inputs(
    con: duckdb.DuckDBPyConnection, names: Sequence[str], tables: Mapping[str, Rows]
) -> None:
    """Make each named table readable under its name, with its declared columns and types.

    A table not handed in is empty; a column that may be empty and is absent is NULL; columns not
    declared are not seen. Whole numbers and decimals are cast where nothing is lost.

    Raises:
        InputError: every mistake of every table.
    """
    declared = declared_tables()
    unknown = sorted(set(names) - set(declared) - set(tables))
    mistakes = [
        f"{name}: a statement reads it, but it is neither a table nor one of our SQL files"
        for name in unknown
    ]
    for name in names:
        if name in declared:
            mistakes += _bind(con, name, declared[name], tables.get(name))
        elif name in tables:
            mistakes.append(f"{name}: no table of this name is declared; see the data dictionary")
    if mistakes:
        listed = "\n".join(f"  {m}" for m in mistakes)
        raise InputError(
            f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''} in the tables handed to "
            f"the reconciliation, nothing was computed:\n{listed}"
        )


def quoted(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def sql_type(dtype: pl.DataType) -> str:
    """How SQL writes a declared polars type."""
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    return SQL_TYPES[str(dtype)]


def _bind(
    con: duckdb.DuckDBPyConnection, name: str, table: type[Table], rows: Rows | None
) -> list[str]:
    """Create the view ``name``; what is wrong with its rows."""
    schema = {c: sql_type(t) for c, t in polars_schema(table).items() if c not in ORIGIN}
    if rows is None:
        columns = ", ".join(f'cast(null as {t}) as "{c}"' for c, t in schema.items())
        con.execute(f'create temp view "{name}" as select {columns} where false')
        return []
    given = f"given_{name}"
    try:
        if isinstance(rows, list):
            found = con.from_parquet(
                [str(p) for p in rows], hive_partitioning=False, union_by_name=True
            )
            found.create_view(given)
        else:
            con.register(given, rows)
        has = {c: t for c, t, *_ in con.sql(f"describe {given}").fetchall()}
    except duckdb.Error as error:
        return [f"{name}: cannot be read: {str(error).splitlines()[0]}"]
    required = [c for c in required_columns(table) if c in schema]
    mistakes = [
        f"{name}: column {c} is missing; every row needs it ({schema[c]})"
        for c in required
        if c not in has
    ]
    mistakes += [
        f"{name}: column {c} is {has[c]}, expected {schema[c]}; {_cure(has[c], schema[c])}"
        for c in schema
        if c in has and not _castable(has[c], schema[c], is_key=c in natural_key(table))
    ]
    if mistakes:
        return mistakes
    keys = [c for c in natural_key(table) if c in schema]
    mistakes = _value_mistakes(con, name, given, schema, has, required)
    mistakes += _size_mistakes(con, name, given, schema, has, keys, _counts(table))
    if keys and not mistakes:
        mistakes = _repeated_keys(con, name, given, keys)
    if not mistakes:
        columns = ", ".join(
            f'cast("{c}" as {t}) as "{c}"' if c in has else f'cast(null as {t}) as "{c}"'
            for c, t in schema.items()
        )
        con.execute(f'create temp view "{name}" as select {columns} from {given}')  # noqa: S608 - declared names only
    return mistakes


def _castable(found: str, wanted: str, *, is_key: bool) -> bool:
    """Whether every value that fits may be taken over without changing what it says."""
    if found in (wanted, '"NULL"'):
        return True
    number = found in INTEGERS or found.startswith("DECIMAL")
    # A line number is the same whether it was kept as text or as a number; a quantity is not.
    counted = (found in INTEGERS and wanted == "VARCHAR") or (
        is_key and found == "VARCHAR" and wanted in INTEGERS
    )
    return (
        (number and (wanted in INTEGERS or wanted.startswith("DECIMAL")))
        or counted
        or (wanted == "VARCHAR" and found.startswith("ENUM"))
    )


def _cure(found: str, wanted: str) -> str:
    if found in ("DOUBLE", "FLOAT") and wanted.startswith("DECIMAL"):
        return "a binary fraction cannot hold money: read it from its source as a decimal"
    return "convert it where the table is built"


def _value_mistakes(
    con: duckdb.DuckDBPyConnection,
    name: str,
    given: str,
    schema: Mapping[str, str],
    has: Mapping[str, str],
    required: Sequence[str],
) -> list[str]:
    """NULL where a value is required, texts for numbers: one reading for all columns."""
    counts = {
        f"{name}: column {c} is empty in {{}} rows; every row needs it": f'count(*) - count("{c}")'
        for c in required
    }
    counts |= {
        f"{name}: column {c} holds {{}} texts that are no plain whole number": f'count("{c}") '
        f'filter (where cast(try_cast("{c}" as {schema[c]}) as varchar) is distinct from "{c}")'
        for c, found in has.items()
        if found == "VARCHAR" and schema.get(c) in INTEGERS
    }
    if not counts:
        return []
    found = con.sql(f"select {', '.join(counts.values())} from {given}").fetchall()[0]  # noqa: S608 - declared names only
    return [said.format(n) for said, n in zip(counts, found, strict=True) if n]


def _counts(table: type[Table]) -> list[str]:
    """Columns that say how many, and must be whole and at least 1."""
    columns = table.to_schema().columns
    return [name for name, c in columns.items() if (c.metadata or {}).get("whole")]


def _size_mistakes(
    con: duckdb.DuckDBPyConnection,
    name: str,
    given: str,
    schema: Mapping[str, str],
    has: Mapping[str, str],
    keys: Sequence[str],
    whole: Sequence[str],
) -> list[str]:
    """Numbers that do not fit their column, and counts that are none: one reading for all."""
    # Compared in its own type: DuckDB would cast both to a third one, which may be too small.
    wrong = {
        f"{name}: column {c} holds {{}} values that do not fit {schema[c]} without rounding or "
        f"overflow, such as {{}}; deliver them with that scale": (
            c,
            f'cast(try_cast("{c}" as {schema[c]}) as {found}) is distinct from "{c}"',
        )
        for c, found in has.items()
        if c in schema and found not in (schema[c], "VARCHAR", '"NULL"') and "ENUM" not in found
    }
    wrong |= {
        f"{name}: column {c} holds {{}} values that are no whole number of 1 or more, such as "
        "{}; correct them at their source": (c, f'"{c}" < 1 or "{c}" <> floor("{c}")')
        for c in whole
        if c in has and has[c] != '"NULL"'
    }
    if not wrong:
        return []
    counted = ", ".join(f"count(*) filter (where {condition})" for _, condition in wrong.values())
    found = con.sql(f"select {counted} from {given}").fetchall()[0]  # noqa: S608 - declared names only
    held = [k for k in keys if k in has]
    return [
        said.format(n, example(con, given, held, column, condition))
        for n, (said, (column, condition)) in zip(found, wrong.items(), strict=True)
        if n
    ]


def _repeated_keys(
    con: duckdb.DuckDBPyConnection, name: str, given: str, keys: Sequence[str]
) -> list[str]:
    columns = ", ".join(f'"{c}"' for c in keys)
    repeated = con.sql(
        f"select {columns}, count(*) as n from {given} group by {columns} having n > 1"  # noqa: S608 - declared names only
    )
    examples = con.sql(
        f"select count(*) over () as keys, * from ({repeated.sql_query()}) order by all limit 1"  # noqa: S608 - declared names only
    ).fetchall()
    if not examples:
        return []
    keys_repeated, *values, times = examples[0]
    example = ", ".join(f"{c} = {v}" for c, v in zip(keys, values, strict=True))
    repeats = f"{keys_repeated} repeated key(s), such as {example} ({times} rows)"
    return [f"{name}: {repeats}; expected one row per {', '.join(keys)}: keep the latest version"]
