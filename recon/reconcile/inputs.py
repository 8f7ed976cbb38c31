"""What a table that is handed to a reconciliation must look like, checked before anything runs.

What belongs here: the declared tables a statement may read, and the checks of a table against its
declaration. What does not: the declarations themselves (``canonical/tables.py``,
``rules/tables.py``, ``results.py``, ``optional_inputs.py``, ``simulated.py``).

The checks are queries, so a table of millions of rows is read once and never row by row.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

import duckdb
import polars as pl
import polars.selectors as cs

from recon.canonical.describe import (
    ORIGIN,
    allowed_words,
    beyond_limits,
    canonical_tables,
    natural_key,
    polars_schema,
    required_columns,
    sql_text,
    sql_type,
    table_name,
)
from recon.canonical.tables import Table
from recon.errors import InputError
from recon.reconcile.magnitude import example
from recon.reconcile.optional_inputs import OPTIONAL_INPUTS
from recon.reconcile.results import CHARGE_RESULTS, RESULTS, ChargeException, Exception_
from recon.reconcile.simulated import ChangeByNight, Stake, StakeChange
from recon.rules import load_all
from recon.rules.tables import RULE_TABLES

Rows = pl.DataFrame | pl.LazyFrame | list[Path]
Blank = Mapping[str, set[str]]  # Parquet file -> columns that may hold an empty text

INTEGERS = {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
}


def declared_tables() -> dict[str, type[Table]]:
    """Name -> declaration, for every table that may be handed in."""
    listed = {table_name(t): t for t in [*RESULTS, *CHARGE_RESULTS, *RULE_TABLES, *OPTIONAL_INPUTS]}
    simulated = {table_name(t): t for t in (StakeChange, ChangeByNight)}
    sides = {"stake_before": Stake, "stake_after": Stake}
    return {
        **canonical_tables(),
        **listed,
        **simulated,
        **sides,
        "previous_exception": Exception_,
        "previous_charge_exception": ChargeException,
    }


def bind_inputs(
    con: duckdb.DuckDBPyConnection, names: Sequence[str], tables: Mapping[str, Rows]
) -> list[str]:
    """Make each named table readable under its name, with its declared columns and types.

    A table not handed in is empty; a column that may be empty and is absent is NULL; columns not
    declared are not seen. What says the same in the declared type is cast: whole numbers and
    decimals that fit, days with midnight for a time. A text of nothing is NULL where it may be.

    Returns:
        What is wrong with the tables, one sentence each: none can be read unless it is empty.
    """
    declared = declared_tables()
    unknown = sorted(set(names) - set(declared) - set(tables))
    mistakes = [
        f"{name}: a statement reads it, but it is neither a table nor one of our SQL files"
        for name in unknown
    ]
    blank = _blank_in_files(con, [tables.get(name) for name in names if name in declared])
    shipped = load_all()
    for name in names:
        if name in shipped and tables.get(name) is shipped[name]:
            # Its mistakes were told when it was read: a small run would look for little else.
            con.register(name, shipped[name])
        elif name in declared:
            mistakes += _bind(con, name, declared[name], tables.get(name), blank)
    return mistakes


def call_mistakes(tables: Mapping[str, Rows], params: Mapping[str, object]) -> list[str]:
    """What is wrong with a call before any table is looked into: names and the business date."""
    names = list(declared_tables())
    mistakes = []
    for name in sorted(set(tables) - set(names)):
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else "the data dictionary lists the names"
        mistakes.append(f"{name}: there is no table of this name; {hint}")
    day = params.get("as_of")
    if "as_of" in params and (isinstance(day, datetime) or not isinstance(day, date)):
        cure = "as_of.date()" if isinstance(day, datetime) else "date(2026, 3, 31)"
        mistakes.append(f"as_of: it is a {type(day).__name__}, expected a date, such as {cure}")
    return mistakes


def by_name(tables: object) -> None:
    """Raise InputError where tables come without their names: a notebook is not type-checked."""
    if not isinstance(tables, Mapping):
        found = f"they are a {type(tables).__name__}, expected names with their rows"
        refuse([f"tables: {found}, such as {{'invoice': frame}}"])


def refuse(mistakes: Sequence[str]) -> None:
    """Raise InputError with every mistake, if there is any."""
    if mistakes:
        listed = "\n".join(f"  {m}" for m in mistakes)
        raise InputError(
            f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''} in the tables handed to "
            f"the reconciliation, nothing was computed:\n{listed}"
        )


def _bind(
    con: duckdb.DuckDBPyConnection,
    name: str,
    table: type[Table],
    rows: Rows | None,
    blank_in_files: Blank | None,
) -> list[str]:
    """Create the view ``name``; what is wrong with its rows."""
    wanted = {c: t for c, t in polars_schema(table).items() if c not in ORIGIN}
    schema = {c: sql_type(t) for c, t in wanted.items()}
    if rows is None:
        columns = ", ".join(f'cast(null as {t}) as "{c}"' for c, t in schema.items())
        con.execute(f'create temp view "{name}" as select {columns} where false')
        return []
    if not isinstance(rows, pl.DataFrame | pl.LazyFrame | list) or (
        isinstance(rows, list) and not all(isinstance(file, Path) for file in rows)
    ):
        module = type(rows).__module__.partition(".")[0]
        cure = "pl.from_pandas(frame)" if module == "pandas" else "pl.DataFrame(rows)"
        found = f"{module}.{type(rows).__name__}"
        return [f"{name}: it is a {found}, expected a polars frame or Parquet paths: {cure}"]
    if isinstance(rows, pl.DataFrame) and not rows.columns:
        return _mistakes(con, name, table, rows, wanted, {}, {})[0]
    given = f"given_{name}"
    try:
        if isinstance(rows, list):
            files = ", ".join(sql_text(str(file)) for file in rows)
            how = "hive_partitioning = false, union_by_name = true"
            con.execute(f'create temp view "{given}" as from read_parquet([{files}], {how})')
        else:
            con.register(given, rows)
        described = con.execute(f'from "{given}" limit 0').description or []
        has = {c: str(t) for c, t, *_ in described}
        spellings = _spellings(table, has)
        mistakes, respelt = _mistakes(con, name, table, rows, wanted, has, spellings)
    except duckdb.Error as error:
        return [f"{name}: cannot be read: {str(error).splitlines()[0]}"]
    if not mistakes:
        blank = _blank(rows, blank_in_files, set(has)) - set(required_columns(table))
        columns = ", ".join(
            f'{_filled(respelt.get(c) or _taken_over(c, has[c], t), t, c in blank)} as "{c}"'
            if c in has
            else f'cast(null as {t}) as "{c}"'
            for c, t in schema.items()
        )
        view = f'create temp view "{name}" as select {columns} from "{given}"'  # noqa: S608  declared names
        con.execute(view)
    return mistakes


def _mistakes(
    con: duckdb.DuckDBPyConnection,
    name: str,
    table: type[Table],
    rows: Rows,
    wanted: Mapping[str, pl.DataType],
    has: Mapping[str, str],
    spellings: Mapping[str, str],
) -> tuple[list[str], dict[str, str]]:
    """What is wrong with the columns, then with the values of those that are right.

    Returns:
        The mistakes, and those of ``spellings`` in which a column is not all written.
    """
    schema = {c: sql_type(t) for c, t in wanted.items()}
    required = [c for c in required_columns(table) if c in schema]
    keys = [c for c in natural_key(table) if c in schema]
    declared = table.to_schema().columns
    mistakes = []
    for column in (c for c in required if c not in has):
        near = get_close_matches(column, [c for c in has if c not in schema], n=1)
        hint = f"; is {near[0]} meant?" if near else ""
        meaning = str(declared[column].description).rstrip(".")
        mistakes.append(
            f"{name}: column {column} is missing; every row needs it, as "
            f"{polars_name(wanted[column])}: {meaning}{hint}"
        )
    right = {
        c: has[c]
        for c, t in schema.items()
        if c in has and _castable(has[c], t, is_key=c in natural_key(table))
    }
    wrong = [c for c in schema if c in has and c not in right]
    shown = con.sql(f'from "given_{name}" limit 0').pl().schema if wrong else {}
    mistakes += [
        f"{name}: column {c} is {polars_name(shown[c])}, expected {polars_name(wanted[c])}; "
        f"{_cure(c, shown[c], wanted[c])}"
        for c in wrong
    ]
    limits = {c: declared[c].metadata or {} for c in right}
    values, respelt = _value_mistakes(con, name, schema, right, required, limits, keys, spellings)
    if keys and not values and all(c in right for c in keys):
        own = {c: spelt for c, spelt in respelt.items() if c in keys}
        if own or not _is_unique(rows, keys):
            values = _repeated_keys(con, name, keys, own)
    return mistakes + values, respelt


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
        # pandas has no dates, only moments; in a time zone a moment is a day only there.
        or (wanted == "DATE" and _is_moment(found))
        # An instant is the same in every time zone and unit.
        or (wanted == "TIMESTAMP" and found.startswith("TIMESTAMP"))
    )


def _spellings(table: type[Table], has: Mapping[str, str]) -> dict[str, str]:
    """Columns that may be written in more ways than one, and the way they are read.

    Words of a list are in capitals, without blanks around them; a code of four digits has the zero
    in front that spreadsheets take away.
    """
    declared = table.to_schema().columns
    how = {c: declared[c].metadata or {} for c in has if c in declared}
    return {
        **{c: _capital(c) for c, said in how.items() if said.get("capitals")},
        **{c: _four_digits(c) for c, said in how.items() if said.get("four_digits")},
    }


def _capital(column: str) -> str:
    return f'upper(trim(cast("{column}" as varchar)))'


def _four_digits(column: str) -> str:
    text = f'cast("{column}" as varchar)'
    return f"case when regexp_full_match({text}, '[0-9]{{3}}') then '0' || {text} else {text} end"


def _taken_over(column: str, found: str, wanted: str) -> str:
    """The column as its wanted type; an instant of any time zone as that of UTC."""
    if wanted == "TIMESTAMP" and "ZONE" in found:
        return f'make_timestamp(epoch_us("{column}"))'
    return f'cast("{column}" as {wanted})'


def _filled(value: str, wanted: str, is_blank: bool) -> str:
    """An empty text is no text: two records without a serial number have none in common."""
    return f"nullif({value}, '')" if is_blank and wanted == "VARCHAR" else value


def _blank(rows: Rows, in_files: Blank | None, columns: set[str]) -> set[str]:
    """The columns that may hold an empty text: to ask for one in each costs a tenth of the run."""
    if isinstance(rows, pl.DataFrame):
        texts = rows.select(cs.string(include_categorical=True) | cs.enum())
        told = texts.select((pl.all().cast(pl.String) == "").any())
        return {column.name for column in told if column[0]}
    if isinstance(rows, pl.LazyFrame) or in_files is None:
        return columns
    return {column for file in rows for column in in_files.get(str(file), ())}


def _blank_in_files(con: duckdb.DuckDBPyConnection, tables: Sequence[Rows | None]) -> Blank | None:
    """The same of Parquet files, as their statistics have it; None where one cannot be read."""
    files = [str(file) for rows in tables if isinstance(rows, list) for file in rows]
    if not files:
        return {}
    listed = ", ".join(map(sql_text, files))
    blank = "coalesce(stats_min_value = '', stats_null_count is distinct from num_values)"
    query = (
        f"select distinct file_name, path_in_schema from parquet_metadata([{listed}]) where {blank}"  # noqa: S608  quoted
    )
    try:
        told = con.execute(query).fetchall()
    except duckdb.Error:
        return None
    found: dict[str, set[str]] = {}
    for file, column in told:
        found.setdefault(file, set()).add(column)
    return found


def _is_moment(found: str) -> bool:
    return found.startswith("TIMESTAMP") and "ZONE" not in found


def polars_name(dtype: pl.DataType) -> str:
    """A type as a reader of polars knows it."""
    if isinstance(dtype, pl.Decimal):
        return f"Decimal({dtype.precision}, {dtype.scale})"
    return type(dtype).__name__


def _cure(column: str, found: pl.DataType, wanted: pl.DataType) -> str:
    """How to get the wanted type, as it is typed."""
    col, cast = f'pl.col("{column}")', f".cast(pl.{polars_name(wanted)})"
    if found.is_float() and isinstance(wanted, pl.Decimal):
        return (
            "a binary fraction cannot hold cents exactly: read it from its source as text or "
            f"decimal, or take the nearest value, {col}{cast}"
        )
    if found.is_float() and wanted == pl.String:
        return f"write the whole number as text: {col}.cast(pl.Int64).cast(pl.String)"
    if found.is_float():
        return f"whole numbers became fractions, as pandas does beside an empty one: {col}{cast}"
    if found == pl.String and wanted == pl.Date:
        return f'read the text: {col}.str.to_date("%Y-%m-%d")'
    if found == pl.String and wanted == pl.Boolean:
        return f'say what means yes: {col} == "Y"'
    if found == pl.String and isinstance(wanted, pl.Datetime):
        return f"read the text, and say it in UTC: {col}.str.to_datetime()"
    if isinstance(found, pl.Datetime) and wanted == pl.Date:
        zone = '"America/Chicago"'
        return f"say in which time zone: {col}.dt.convert_time_zone({zone}).dt.date()"
    return f"convert it: {col}{cast}"


def _value_mistakes(
    con: duckdb.DuckDBPyConnection,
    name: str,
    schema: Mapping[str, str],
    right: Mapping[str, str],
    required: Sequence[str],
    limits: Mapping[str, Mapping[str, object]],
    keys: Sequence[str],
    spellings: Mapping[str, str],
) -> tuple[list[str], dict[str, str]]:
    """NULL where a value is required, and values that do not fit: one reading for all columns.

    Returns:
        The mistakes, and those of ``spellings`` in which a column is not all written.
    """
    checks: list[tuple[str, str, str]] = []  # column, what is wrong, of which values
    for column, found in right.items():
        target = f'try_cast("{column}" as {schema[column]})'
        if column in required:
            cure = f'fill it, or leave such rows out: {name}.drop_nulls("{column}")'
            said = f"is empty in {{n}} rows; every row needs it: {cure}"
            checks.append((column, said, f'"{column}" is null'))
        checks += [(column, said, where) for said, where in _beyond(column, right, limits)]
        if found in (schema[column], '"NULL"') or found.startswith("ENUM") or "ZONE" in found:
            continue
        if found == "VARCHAR":
            said = "holds {n} texts that are not plain whole numbers, such as '{example}'"
            target = f"cast({target} as varchar)"
        elif schema[column] == "DATE":
            cure = f'pl.col("{column}").dt.date()'
            said = f"holds {{n}} times of day, such as {{example}}, expected days: {cure}"
        else:
            said = (
                f"holds {{n}} values that do not fit {schema[column]} without rounding or "
                "overflow, such as {row}; deliver them with that scale"
            )
            # Compared in its own type: both would be cast to a third one, which may be too small.
            target = f"cast({target} as {found})"
        unlike = f'"{column}" is not null and {target} is distinct from "{column}"'
        checks.append((column, said, unlike))
    told = [f"count(*) filter (where {where})" for _, _, where in checks]
    told += [
        f'count(*) filter (where cast("{c}" as varchar) <> {spelt})'
        for c, spelt in spellings.items()
    ]
    if not told:
        return [], {}
    counted = f'select {", ".join(told)} from "given_{name}"'  # noqa: S608  declared names
    counts = con.execute(counted).fetchall()[0]
    mistakes = []
    for (column, said, where), n in zip(checks, counts, strict=False):
        if n:
            given = con.table(f"given_{name}")
            value = given.filter(where).aggregate(f'min("{column}")').fetchall()[0][0]
            row = example(given, [k for k in keys if k in right], column, where)
            mistakes.append(f"{name}: column {column} {said.format(n=n, example=value, row=row)}")
    counted_so = zip(spellings.items(), counts[len(checks) :], strict=True)
    return mistakes, {c: spelt for (c, spelt), n in counted_so if n}


def _beyond(
    column: str, has: Mapping[str, str], declared: Mapping[str, Mapping[str, object]]
) -> Iterator[tuple[str, str]]:
    """(what is wrong, of which values) for the limits that a declaration sets to a column."""
    limits = declared[column]
    words = ", ".join(allowed_words(limits))
    said = {
        "least": f"holds {{n}} values below {limits.get('least')}, such as {{row}}",
        "whole": "holds {n} values that are not whole numbers, such as {row}",
        "values": f"holds {{n}} values that are not one of {words}: {{example}}",
    }
    value = _capital(column) if limits.get("capitals") else f'"{column}"'
    for limit, test in beyond_limits(value, limits).items():
        yield said[limit], test
    if isinstance(back := limits.get("below_zero_in"), tuple) and back[0] in has:
        # Goods that go back and are written above zero would be paid as goods that came.
        kind, word = back[0], sql_text(back[1])
        minus = f'pl.when({kind}={word}).then(-pl.col("{column}").abs()).otherwise("{column}")'
        above = f"above zero in rows whose {kind} is {back[1]}, such as {{row}}"
        yield (
            f"holds {{n}} values {above}; write what goes back below zero: {minus}",
            f'{_capital(kind)} = {word} and "{column}" > 0',
        )


def _is_unique(rows: Rows, keys: Sequence[str]) -> bool:
    """Whether a frame is known to repeat no key: of a few rows a query costs several times that."""
    return isinstance(rows, pl.DataFrame) and rows.n_unique(keys) == rows.height


def _repeated_keys(
    con: duckdb.DuckDBPyConnection, name: str, keys: Sequence[str], respelt: Mapping[str, str]
) -> list[str]:
    columns = ", ".join(respelt.get(c, f'"{c}"') for c in keys)
    query = (
        f'select count(*) over () as keys, {columns}, count(*) as n from "given_{name}" '  # noqa: S608  declared names
        f"group by {columns} having count(*) > 1 order by all limit 1"
    )
    examples = con.execute(query).fetchall()
    if not examples:
        return []
    keys_repeated, *values, times = examples[0]
    example = ", ".join(f"{c} = {v}" for c, v in zip(keys, values, strict=True))
    repeats = f"{keys_repeated} repeated key(s), such as {example} ({times} rows)"
    by = ", ".join(f'"{c}"' for c in keys)
    cure = f'keep the latest version, such as by {name}.unique([{by}], keep="last")'
    return [f"{name}: {repeats}; expected one row per {', '.join(keys)}: {cure}"]
