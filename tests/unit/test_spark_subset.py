"""Every statement of the reconciliation stays inside the SQL that DuckDB and Spark compute alike.

A site that outgrows one machine runs the same files in Spark, through sqlglot: there is no second
set. The rules, and what to write instead, are in ``tests/spark_subset.py``.
"""

import re
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
import sqlglot
from spark_subset import RULES, Refusal, bound, for_spark, refusals
from sql_facts import Facts, facts_of

from recon.canonical.describe import natural_key, polars_schema, required_columns, sql_type
from recon.reconcile.engine import Statement, statements_of
from recon.reconcile.inputs import bind_inputs, declared_tables

FOLDERS = sorted({file.parent.name for file in Path(str(files("recon.reconcile"))).glob("*/*.sql")})
STATEMENTS = {s.relation: s for folder in FOLDERS for s in statements_of(folder)}

# (relation, rule) that a statement may break, and why obeying would make it worse.
EXCEPTIONS = {
    ("line_cent", "unstated null order"): "worth is a sum of prices, and matched_line has one for "
    "every line without a code: of a kit, its components' amounts",
}


@cache
def engine() -> tuple[duckdb.DuckDBPyConnection, dict[str, Facts]]:
    """Every table and every relation, empty, and what is known of their rows."""
    con = duckdb.connect()
    declared = declared_tables()
    assert bind_inputs(con, list(declared), {}) == []
    known = {
        name: Facts(
            tuple(polars_schema(table)),
            frozenset(required_columns(table)),
            (frozenset(natural_key(table)),),
        )
        for name, table in declared.items()
    }
    reads = {name: sorted(s.reads) for name, s in sorted(STATEMENTS.items())}
    for name in TopologicalSorter(reads).static_order():
        if name not in declared:
            sql = bound(STATEMENTS[name].sql)
            con.execute(f'create temp table "{name}" as {sql}')
            follows = facts_of(sqlglot.parse_one(sql, read="duckdb"), known)
            known[name] = Facts(
                follows.columns, follows.filled, (grain(STATEMENTS[name]), *follows.keys)
            )
    return con, known


def grain(statement: Statement) -> frozenset[str]:
    """The key that the header states."""
    stated = re.search(r"^-- grain +(.*)$", statement.sql, re.MULTILINE)
    assert stated, statement.file
    return frozenset(re.findall(r"[a-z_]+", stated[1]))


def found(sql: str) -> list[Refusal]:
    return refusals(sql, *engine())


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_stays_inside_the_subset(name):
    statement = STATEMENTS[name]
    broken = [r for r in found(statement.sql) if (name, r.rule) not in EXCEPTIONS]
    assert not broken, "\n".join(f"recon/{statement.file} {refusal}" for refusal in broken)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_can_be_written_in_spark_s_sql(name):
    assert "INT128" not in for_spark(STATEMENTS[name].sql)


@pytest.mark.parametrize(("name", "rule"), EXCEPTIONS)
def test_an_exception_is_still_needed(name, rule):
    assert rule in {refusal.rule for refusal in found(STATEMENTS[name].sql)}


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) & set(declared_tables())))
def test_a_result_leaves_with_its_declared_columns_and_types(name):
    sql = bound(STATEMENTS[name].sql)
    described = {c: t for c, t, *_ in engine()[0].sql(f"describe {sql}").fetchall()}
    declared = polars_schema(declared_tables()[name])
    assert described == {column: sql_type(dtype) for column, dtype in declared.items()}


def test_a_refusal_says_which_line_and_what():
    sql = "-- a: b\nselect\n    invoice_id\nfrom invoice_line\nwhere amount / 2 > 1\n"
    assert [str(refusal) for refusal in found(sql)] == [
        "line 5: division: amount / 2: compare by cross-multiplication: a / b > c is a > c * b"
    ]


def test_whole_numbers_of_128_bits_are_decimals_in_spark():
    assert for_spark("select cast(a as hugeint) // 2 as n from t") == (
        "SELECT CAST(a AS DECIMAL(38, 0)) DIV 2 AS n FROM t"
    )


def cases(name: str) -> list[tuple[str, str]]:
    """(what its heading says, statement) of a file of small statements beside this one."""
    text = (Path(__file__).parent / "spark_subset" / name).read_text(encoding="utf-8")
    parts = re.findall(r"^-- (.+)\n((?:(?!--).*\n)+)", text, re.MULTILINE)
    assert len(parts) == text.count(";") > 10
    return [(heading, sql.strip().removesuffix(";")) for heading, sql in parts]


@pytest.mark.parametrize(("rule_and_cure", "sql"), cases("refused.sql"))
def test_what_is_refused_and_what_to_write_instead(rule_and_cure, sql):
    rule, cure = rule_and_cure.split(": ", 1)
    said = [refusal for refusal in found(sql) if refusal.rule == rule]
    assert len(said) == 1
    assert cure in said[0].instead


def test_every_rule_has_a_statement_that_it_refuses():
    shown = {heading.split(": ")[0] for heading, _ in cases("refused.sql")}
    assert shown == {rule.__name__.replace("_", " ") for rule in RULES}


@pytest.mark.parametrize(("_", "sql"), cases("accepted.sql"))
def test_what_is_not_refused(_, sql):
    assert [str(refusal) for refusal in found(sql)] == []
