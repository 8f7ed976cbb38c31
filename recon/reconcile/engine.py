"""Run a set of named queries over named tables.

What belongs here: which statements exist, which reads which, the sealed connection they run in,
and in what order. What does not: what is computed (``<folder>/<relation>.sql``), and what a table
that is handed in must look like (``inputs.py``).

A statement is one file: its name is the relation it defines, its header says what it reads, and
those headers alone decide the order. Intermediate relations are tables, computed once, and
dropped when nothing reads them any more; one whose header says ``held  no`` is part of each
statement that reads it, for rows that cost more to keep than to compute again. Where several
relations follow from their rows by one rule, the header says ``through  NAME``: ``NAME.sql`` beside
it holds the rule, reads the rows as ``line``, and is no relation itself. A result is sorted by its
key; one whose header says ``sorted  yes`` is so by its own ORDER BY, of a shorter key.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from math import inf
from pathlib import Path

import duckdb
import polars as pl

from recon.canonical.describe import natural_key, sql_text
from recon.connection import own_folder
from recon.errors import ReconError
from recon.reconcile.inputs import Rows as Rows
from recon.reconcile.inputs import bind_inputs, call_mistakes, declared_tables, refuse
from recon.reconcile.magnitude import too_large


class StatementError(ReconError):
    """A SQL file of this package cannot be run: a mistake in it, not in the data's owner's work."""


@dataclass(frozen=True)
class Limits:
    """What a run may take of its machine; what is not stated is the engine's default.

    Attributes:
        memory_limit: as DuckDB writes it, such as ``4GB``; beyond it, relations spill to disk.
        threads: how many to use, if not one for little and all of the machine's for more. The
            results do not depend on it.
        temp_directory: where to spill; by default a folder of this process alone.
    """

    memory_limit: str | None = None
    threads: int | None = None
    temp_directory: Path | None = None


NO_LIMITS = Limits()
# Bytes handed in: of less, threads that wait for each other take longer than one.
_SMALL = 1_000_000
_THROUGH = re.compile(r"^-- through {2,}([a-z_]+)", re.MULTILINE)
_PARSED: dict[str, duckdb.Statement] = {}
Values = dict[str, object] | None


@dataclass(frozen=True)
class Statement:
    """One SQL file: ``relation`` is computed from the relations in ``reads``."""

    relation: str
    file: str
    sql: str
    reads: tuple[str, ...]

    @property
    def code(self) -> str:
        """The SQL without its comments."""
        return re.sub(r"--[^\n]*", "", self.sql)

    @property
    def params(self) -> set[str]:
        """Names of its ``$name`` placeholders."""
        return set(re.findall(r"\$([a-z_]+)", self.code))

    @property
    def is_held(self) -> bool:
        """Whether it is a table, computed once, unless somebody asks for it."""
        return not re.search(r"^-- held {2,}no\b", self.sql, re.MULTILINE)

    @property
    def in_order(self) -> str:
        """The SQL of its rows in the order of their key, which some statements give themselves."""
        if re.match(r"(?:--.*\n)*-- sorted {2,}yes\b", self.sql):
            return self.sql
        return f"from (\n{self.sql}) {_order_by(self.relation)}"


def run(
    folders: Sequence[str],
    tables: Mapping[str, Rows],
    params: Mapping[str, object],
    wanted: Sequence[str],
    limits: Limits = NO_LIMITS,
    mistakes: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """Compute the ``wanted`` relations from ``tables``, and only what they need.

    Args:
        folders: folders of this package whose statements may be used.
        tables: relation name -> rows, or the Parquet files that hold them. A table that is read,
            declared and not handed in is empty. A relation handed in is not computed.
        params: values of the ``$name`` placeholders.
        wanted: the relations to return.
        limits: what the run may take of its machine.
        mistakes: what the caller found wrong with the tables, to be said with all the rest.

    Returns:
        Relation name -> rows, sorted by their key, so equal inputs give equal frames.

    Raises:
        InputError: tables are not of their declared shape; lists every mistake of every table. Or
            numbers are too large to be computed with exactly; lists the largest.
        StatementError: a statement fails; names the relation, its file and the engine's reason.
    """
    found: dict[str, pl.DataFrame] = {}

    def take(con: duckdb.DuckDBPyConnection, relation: str, rows: str, used: Values) -> None:
        found[relation] = con.sql(_parsed(con, rows), params=used).pl()

    _run(folders, tables, params, wanted, limits, mistakes, take)
    return {relation: found[relation] for relation in wanted}


def write(
    folders: Sequence[str],
    tables: Mapping[str, Rows],
    params: Mapping[str, object],
    wanted: Sequence[str],
    target: Path,
    limits: Limits = NO_LIMITS,
    mistakes: Sequence[str] = (),
) -> dict[str, Path]:
    """As ``run``, with each relation written to ``target`` as it is known and not held in memory.

    Files take their names when all are whole.

    Returns:
        Relation name -> its Parquet file, rows in the order ``run`` gives them.

    Raises:
        InputError, StatementError: as ``run``.
        OSError: the folder cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = {relation: target / f"{relation}.parquet" for relation in wanted}
    parts = {relation: target / f".{relation}.tmp" for relation in wanted}

    def put(con: duckdb.DuckDBPyConnection, relation: str, rows: str, used: Values) -> None:
        path = sql_text(str(parts[relation]))
        # A dictionary pays for words that repeat: of names of records it is soon given up.
        how = "format parquet, compression zstd, dictionary_size_limit 10000, use_tmp_file false"
        con.execute(f"copy ({rows}) to {path} ({how})", used)

    _run(folders, tables, params, wanted, limits, mistakes, put, list(parts.values()))
    for relation, part in parts.items():
        part.replace(written[relation])
    return written


def _run(
    folders: Sequence[str],
    tables: Mapping[str, Rows],
    params: Mapping[str, object],
    wanted: Sequence[str],
    limits: Limits,
    mistakes: Sequence[str],
    finish: Callable[[duckdb.DuckDBPyConnection, str, str, Values], None],
    targets: Sequence[Path] = (),
) -> None:
    """Compute what is wanted, and ``finish`` each relation: before it is dropped, or as it is."""
    given = {s.relation: s for folder in folders for s in statements_of(folder)}
    ordered = [r for r in _order(given, tables, wanted) if r in given and r not in tables]
    statements = _with_passing({r: given[r] for r in ordered}, wanted)
    order = list(statements)
    read = {name for relation in order for name in statements[relation].reads} | set(wanted)
    inputs = sorted(read - set(order))
    with _sealed(tables, inputs, limits, targets) as con:
        called = [*mistakes, *call_mistakes(tables, params)]
        refuse([*called, *bind_inputs(con, inputs, tables)])
        for position, relation in enumerate(order):
            statement = statements[relation]
            used = {n: params[n] for n in statement.params if n in params}
            later = {name for r in order[position + 1 :] for name in statements[r].reads}
            done = sorted({*statement.reads, relation} & set(order[: position + 1]) - later)
            with _named(con, statement, inputs):
                if relation in wanted and relation in done:
                    # Nothing else reads it: its rows are sorted as they come, never kept.
                    finish(con, relation, statement.in_order, used or None)
                    done.remove(relation)
                else:
                    made = _parsed(con, f'create temp table "{relation}" as {statement.sql}')
                    con.execute(made, used or None)
            for name in done:
                if name in wanted:
                    finish(con, name, f'from "{name}" {_order_by(name)}', None)
                con.execute(f'drop table "{name}"')
        for relation in sorted(set(wanted) - set(order)):
            finish(con, relation, f'from "{relation}" {_order_by(relation)}', None)


def _parsed(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The statement, parsed once in a process: that is a fifth of a run of a few rows."""
    if sql not in _PARSED:
        (_PARSED[sql],) = con.extract_statements(sql)
    return _PARSED[sql]


@cache
def statements_of(folder: str) -> tuple[Statement, ...]:
    """Every statement of ``recon/reconcile/<folder>``, by name."""
    found = files("recon.reconcile").joinpath(folder).iterdir()
    named = {f.name.removesuffix(".sql"): f for f in found if f.name.endswith(".sql")}
    texts = {name: named[name].read_text(encoding="utf-8") for name in sorted(named)}
    rules = {name: rule[1] for name, sql in texts.items() if (rule := _THROUGH.search(sql))}
    return tuple(
        Statement(
            name,
            f"reconcile/{folder}/{name}.sql",
            _through(sql, texts[rules[name]]) if name in rules else sql,
            _reads(sql),
        )
        for name, sql in texts.items()
        if name not in rules.values()
    )


def tables_read(folders: Sequence[str]) -> set[str]:
    """Names that the statements of ``folders`` read and that none of them computes."""
    found = [statement for folder in folders for statement in statements_of(folder)]
    return {name for s in found for name in s.reads} - {s.relation for s in found}


def _through(sql: str, rule: str) -> str:
    """The rule over the rows of ``sql``, under the header of ``sql``."""
    header, body = _header_and_body(sql)
    # Not held, as in _with_passing: a rule that looks at one side at a time computes no other.
    return f"{header}with line as not materialized (\n{body})\nselect * from (\n{rule})"


def _header_and_body(sql: str) -> tuple[str, str]:
    body = re.sub(r"\A(?:--.*\n)*", "", sql)
    return sql.removesuffix(body), body


def _reads(sql: str) -> tuple[str, ...]:
    """The names on the header's ``reads`` line; a longer list goes on, further indented."""
    stated = re.search(r"^-- reads {2,}(.*(?:\n-- {6,}.*)*)", sql, re.MULTILINE)
    return tuple(re.findall(r"[a-z_0-9]+", stated[1])) if stated else ()


def _order(
    statements: Mapping[str, Statement], tables: Mapping[str, Rows], wanted: Sequence[str]
) -> list[str]:
    """The wanted relations and all they need, each after what it reads."""
    needs: dict[str, list[str]] = {}
    open_ = list(wanted)
    while open_:
        relation = open_.pop()
        if relation in needs:
            continue
        known = relation in statements and relation not in tables
        # Sorted, so that the order of execution is the same in every process.
        needs[relation] = sorted(statements[relation].reads) if known else []
        open_ += needs[relation]
    try:
        return list(TopologicalSorter(dict(sorted(needs.items()))).static_order())
    except CycleError as cycle:
        raise StatementError(
            f"These SQL files read each other in a circle: {' -> '.join(cycle.args[1])}. "
            "Mend the `reads` line, or the statement, of one of them."
        ) from cycle


def _with_passing(ordered: Mapping[str, Statement], wanted: Sequence[str]) -> dict[str, Statement]:
    """The statements to run, each with those that are not held written into it."""
    passing = {r for r, s in ordered.items() if not s.is_held and r not in wanted}
    whole: dict[str, Statement] = {}
    for relation, statement in ordered.items():
        inside = [r for r in statement.reads if r in passing]
        reads = {name for r in inside for name in whole[r].reads} | set(statement.reads)
        sql = statement.sql
        if inside:
            header, body = _header_and_body(sql)
            # As parts that the engine may not hold: each use of one takes the columns it needs.
            parts = ", ".join(f'"{r}" as not materialized (\n{whole[r].sql})' for r in inside)
            sql = f"{header}with {parts}\nselect * from (\n{body})"
        whole[relation] = replace(statement, sql=sql, reads=tuple(sorted(reads - passing)))
    return {r: s for r, s in whole.items() if r not in passing}


@contextmanager
def _sealed(
    tables: Mapping[str, Rows], inputs: Sequence[str], limits: Limits, targets: Sequence[Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees what it is handed: no Python variable, no other file, no network."""
    given = [path for name in inputs if isinstance(rows := tables.get(name), list) for path in rows]
    allowed = [str(path) for path in (*given, *targets)]
    with duckdb.connect(config={"python_enable_replacements": False}) as con:
        # The relations that leave this module are sorted; those inside need no order.
        con.execute("set preserve_insertion_order = false")
        if limits.memory_limit is not None:
            con.execute(f"set memory_limit = {sql_text(limits.memory_limit)}")
        is_small = sum(_bytes(tables.get(name)) for name in inputs) < _SMALL
        threads = 1 if limits.threads is None and is_small else limits.threads
        if threads is not None:
            con.execute(f"set threads = {int(threads)}")
        spill = limits.temp_directory or own_folder()
        con.execute(f"set temp_directory = {sql_text(str(spill))}")
        con.execute(f"set allowed_paths = [{', '.join(map(sql_text, allowed))}]")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        yield con


def _bytes(rows: Rows | None) -> float:
    """Of rows as they are handed in; what is yet to be computed may be of any size."""
    if isinstance(rows, list):
        there = [path for path in rows if isinstance(path, Path) and path.is_file()]
        return sum(path.stat().st_size for path in there)
    if isinstance(rows, pl.DataFrame):
        return rows.estimated_size()
    return 0 if rows is None else inf


@contextmanager
def _named(
    con: duckdb.DuckDBPyConnection, statement: Statement, inputs: Sequence[str]
) -> Iterator[None]:
    """Errors of a statement that say which it is, where and why."""
    try:
        yield
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        declared = {name: t for name, t in declared_tables().items() if name in inputs}
        reason = str(error).splitlines()[0]
        raise too_large(con, declared, statement.relation, reason) from error
    except duckdb.Error as error:
        raise StatementError(
            f"{statement.relation} cannot be computed: {statement.file}: "
            f"{str(error).splitlines()[0]}. This is a mistake in the program unless the line "
            "names a value of your data; please report it with this message."
        ) from error


def _order_by(relation: str) -> str:
    """By the declared key; the rows of a relation without declaration by all columns."""
    declared = declared_tables().get(relation)
    keys = [f'"{key}"' for key in natural_key(declared)] if declared else []
    return f"order by {', '.join(keys) or 'all'}"
