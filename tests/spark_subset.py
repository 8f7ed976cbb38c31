"""What a statement may not do, so that DuckDB and Spark compute the same from it.

What belongs here: the rules, one function each, and what to write instead. What does not: types
(``sql_types.py``), what follows of a statement's rows (``sql_facts.py``), and which statements are
held to the rules (``unit/test_spark_subset.py``).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import sqlglot
from sql_facts import Facts, Rows, arguments, every_select, projections
from sql_types import MOST_DIGITS, Types, is_float, is_whole, shape_of
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

A_VALUE = {"DATE": "date '2026-03-31'", "INTEGER": "10"}
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv)
CHOICES = (exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif, exp.Case)
FRACTIONS = (exp.Avg, exp.Median, exp.Stddev, exp.Variance, exp.Quantile)
ONE_OF_MANY = (exp.First, exp.Last, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.Mode)
LISTS = (exp.ArrayAgg, exp.List, exp.Array)
CALENDAR = (exp.DayOfWeek, exp.DayOfWeekIso, exp.WeekOfYear, exp.Extract, exp.DateTrunc)
RANKS = (exp.Rank, exp.DenseRank)  # equal rows have equal ranks: no tie is broken
RUNNING = (exp.Sum, exp.Min, exp.Max, exp.Count, exp.LastValue)
NUMBERED = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
# Of these Spark gives the type that DuckDB gives, when what they are given has one.
TYPE_AS_GIVEN = (exp.Neg, exp.Abs, exp.Paren, exp.Min, exp.Max)

Found = Iterator[tuple[exp.Expression, str]]


@dataclass(frozen=True)
class Refusal:
    """One thing that Spark computes otherwise, or not at all."""

    rule: str
    line: int
    expression: str
    instead: str

    def __str__(self) -> str:
        """Where it is, what it is, what to write."""
        return f"line {self.line}: {self.rule}: {self.expression}: {self.instead}"


@dataclass(frozen=True)
class Statement:
    """A statement as the rules see it."""

    tree: exp.Expression
    types: Types
    selects: list[tuple[exp.Select, Rows]]
    unstated_nulls: list[exp.Ordered]


class NullsSmall(DuckDB):
    """DuckDB's SQL, with NULL before everything where the statement does not say."""

    NULL_ORDERING = "nulls_are_small"


class NullsLarge(DuckDB):
    """DuckDB's SQL, with NULL after everything where the statement does not say."""

    NULL_ORDERING = "nulls_are_large"


def bound(sql: str) -> str:
    """The statement with a value for each parameter, of the type that its header states."""
    stated = re.search(r"^-- params +(.*(?:\n-- {6,}.*)*)", sql, re.MULTILINE)
    for name, type_ in re.findall(r"\$([a-z_]+) +([A-Z]+)", stated[1] if stated else ""):
        sql = re.sub(rf"\${name}\b", A_VALUE[type_], sql)
    return sql


def for_spark(sql: str) -> str:
    """The statement in Spark's SQL.

    Raises:
        SqlglotError: Spark has no such thing.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    for whole in list(tree.find_all(exp.DataType)):
        if whole.this == exp.DataType.Type.INT128:
            whole.replace(exp.DataType.build("DECIMAL(38, 0)"))
    for part in tree.find_all(exp.CTE):
        # A word on cost that Spark does not know: the rows are the same without it.
        part.set("materialized", None)
    written = tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)
    sqlglot.parse_one(written, read="spark")
    return written


def refusals(sql: str, con: duckdb.DuckDBPyConnection, known: Mapping[str, Facts]) -> list[Refusal]:
    """Everything in a statement that is outside the subset, in the order of its lines.

    Args:
        sql: one SELECT in DuckDB's SQL.
        con: a connection in which every relation it reads exists; rows are not needed.
        known: what is known of the rows of those relations.
    """
    sql = bound(sql)
    tree = sqlglot.parse_one(sql, read="duckdb")
    statement = Statement(
        tree, Types(tree, con), list(every_select(tree, known)), list(_unstated_nulls(sql, tree))
    )
    found = [
        Refusal(rule.__name__.replace("_", " "), _line(node), node.sql("duckdb"), instead)
        for rule in RULES
        for node, instead in rule(statement)
    ]
    return sorted(found, key=lambda r: (r.line, r.rule, r.expression))


def division(statement: Statement) -> Found:
    """DuckDB gives DOUBLE for what Spark gives a DECIMAL."""
    for node in statement.tree.find_all(exp.Div):
        yield node, "compare by cross-multiplication: a / b > c is a > c * b"
    for node in statement.tree.find_all(exp.IntDiv):
        if any(not is_whole(statement.types.of(side)) for side in arguments(node)):
            yield node, "divide whole numbers: cast(x * 1000000 as hugeint) // n"


def average(statement: Statement) -> Found:
    """Averages are divisions."""
    for node in statement.tree.find_all(*FRACTIONS):
        yield node, "keep sum and count, and compare sum with limit * count"


def binary_fraction(statement: Statement) -> Found:
    """No cent is exact in binary."""
    for node in statement.tree.walk():
        said = isinstance(node, (exp.Div, exp.IntDiv, *FRACTIONS))
        said |= any(is_float(statement.types.of(part)) for part in arguments(node))
        if is_float(statement.types.of(node)) and not said:
            yield node, "cast to a DECIMAL that holds it, such as decimal(18, 6)"


def window_without_order(statement: Statement) -> Found:
    """Which row is first is then the engine's choice."""
    for node in statement.tree.find_all(exp.Window):
        if isinstance(node.this, (*NUMBERED, *RANKS)) and not _order_of(node):
            yield node, "say the order: over (partition by ... order by the key of the rows)"


def window_without_frame(statement: Statement) -> Found:
    """Without one, rows that tie are added together."""
    for node in statement.tree.find_all(exp.Window):
        spec = node.args.get("spec")
        by_rows = spec is not None and str(spec.args.get("kind")).lower() == "rows"
        if isinstance(node.this, RUNNING) and _order_of(node) and not by_rows:
            yield node, "write rows between unbounded preceding and current row"


def window_whose_rows_tie(statement: Statement) -> Found:
    """Ties are broken by where a row happens to be."""
    instead = "end its ORDER BY with the key of the rows, so that no two are alike"
    for select, rows in statement.selects:
        for node in (w for w in select.find_all(exp.Window) if w.parent_select is select):
            by = _order_of(node)
            told = rows.total([*by, *(node.args.get("partition_by") or [])])
            if by and not told and not isinstance(node.this, RANKS):
                yield node, instead


def unstated_null_order(statement: Statement) -> Found:
    """NULL is last in DuckDB, and first in Spark."""
    rows_of = {id(select): rows for select, rows in statement.selects}
    for key in statement.unstated_nulls:
        within = key.find_ancestor(exp.Window, exp.GroupConcat)
        if within and not rows_of[id(key.parent_select)].filled(key.this):
            yield key, "say nulls first or nulls last, or coalesce it to a value"


def qualify(statement: Statement) -> Found:
    """Spark has none."""
    for node in statement.tree.find_all(exp.Qualify):
        yield node, "number the rows in a CTE and choose in the next: where place = 1"


def table_function(statement: Statement) -> Found:
    """Sqlglot loses the name of its column, or the ON beside it."""
    for node in statement.tree.find_all(exp.From, exp.Join):
        named = isinstance(node.this, exp.Table) and not isinstance(node.this.this, exp.Func)
        if not named and not isinstance(node.this, exp.Subquery):
            yield node, "read it in a SELECT of its own: (select unnest(range(1, 40)) as i) as spot"


def ordered_list(statement: Statement) -> Found:
    """Spark gathers a list in any order, and counts no NULL."""
    for node in statement.tree.find_all(*LISTS):
        yield node, "keep rows, or string_agg(text, ' ' order by text)"


def any_one_of_many(statement: Statement) -> Found:
    """Which one is the engine's choice."""
    for node in statement.tree.find_all(*ONE_OF_MANY):
        yield node, "take min or max, or number the rows by a total key and keep the first"


def nested_result(statement: Statement) -> Found:
    """A result is a table that every tool reads."""
    for select in _outermost(statement.tree):
        for node in select.expressions:
            if statement.types.of(node.unalias()).endswith("]") or statement.types.of(
                node.unalias()
            ).startswith(("STRUCT", "MAP", "UNION")):
                yield node, "one row for each element, or one column for each field"


def text_read_as_a_value(statement: Statement) -> Found:
    """What is no number is NULL in one engine, an error in the other, rounded in a third way."""
    for node in statement.tree.find_all(exp.Cast, exp.TryCast):
        is_date = isinstance(node.this, exp.Literal) and statement.types.family(node) == "date"
        to = statement.types.family(node)
        if statement.types.family(node.this) == "text" and to != "text" and not is_date:
            yield node, "read it in the canonical layer: declare the column with its type"


def rounding_by_a_cast(statement: Statement) -> Found:
    """2.5 becomes 3 in DuckDB and 2 in Spark."""
    for node in statement.tree.find_all(exp.Cast):
        target = statement.types.of(node)
        if is_whole(target) and not _is_integral(node.this, statement.types):
            yield node, "round it first: cast(round(x, 0) as integer), or scale it: x * 1000000"


def mixed_types(statement: Statement) -> Found:
    """Each engine has its own way of making one type of two."""
    types = statement.types
    for node in statement.tree.find_all(*COMPARISONS, *ARITHMETIC, *CHOICES, exp.In, exp.Between):
        sides = _alternatives(node)
        families = {types.family(side) for side in sides} - {""}
        days_added = isinstance(node, exp.Add) and families == {"date", "number"}
        if len(families) > 1 and not days_added:
            yield node, f"cast one side, it is {' and '.join(sorted(families))}"
    for node in statement.tree.find_all(exp.DPipe, exp.Concat):
        if any(types.family(side) not in ("text", "") for side in arguments(node)):
            yield node, "cast(... as varchar) what is no text"


def more_than_38_digits(statement: Statement) -> Found:
    """Spark cuts decimals off what is compared, chosen from or put together."""
    types = statement.types
    for node in statement.tree.find_all(*COMPARISONS, *CHOICES, exp.In, exp.Between):
        shapes = [s for side in _alternatives(node) if (s := types.shape(side))]
        if len(shapes) > 1:
            wider = shapes[0]
            for shape in shapes[1:]:
                wider |= shape
            if wider.digits > MOST_DIGITS:
                yield node, "cast both sides to one type: whole numbers as hugeint, or a DECIMAL"


def product_that_is_cut(statement: Statement) -> Found:
    """Spark keeps six decimals of what exceeds 38 digits; DuckDB keeps all, and overflows."""
    types = statement.types
    for node in statement.tree.find_all(exp.Mul, exp.Add, exp.Sub):
        one, other = types.shape(node.this), types.shape(node.expression)
        if one is None or other is None:
            continue
        needs = one * other if isinstance(node, exp.Mul) else one + other
        if needs.kept_scale < needs.scale:
            lost = f"Spark keeps {needs.kept_scale} of {needs.scale} decimals"
            yield node, f"{lost}: cast its sides to fewer digits, such as decimal(19, 6)"
        given = shape_of(types.of(node))
        # DuckDB's product of two numbers of up to 18 digits has 18 digits, whatever it needs.
        if given and given.scale and given.digits < needs.digits - 1 < MOST_DIGITS:
            yield node, "it stops at an overflow of 18 digits: cast one side to decimal(19, ...)"


def days_between_dates(statement: Statement) -> Found:
    """Days in DuckDB, an interval in Spark; months and weekdays are counted otherwise."""
    for node in statement.tree.find_all(exp.Sub):
        if all(statement.types.family(side) == "date" for side in arguments(node)):
            yield node, "write date_diff('day', earlier, later)"
    for node in statement.tree.find_all(exp.DateDiff):
        if str(node.args.get("unit")).upper() != "DAY":
            yield node, "count days, or join a calendar table"
    for node in statement.tree.find_all(*CALENDAR):
        yield node, "join a calendar table"


def replacing_the_first_only(statement: Statement) -> Found:
    """DuckDB replaces the first, Spark all."""
    for node in statement.tree.find_all(exp.RegexpReplace):
        if "g" not in (node.args["modifiers"].name if node.args.get("modifiers") else ""):
            yield node, "end it with 'g', or clean the text in the canonical layer"


def engine_hash(statement: Statement) -> Found:
    """Each engine has its own."""
    for node in statement.tree.find_all(exp.Func):
        if "hash" in (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower():
            yield node, "md5 or sha256 of a stated text"


def edge_without_a_type(statement: Statement) -> Found:
    """A computed number that leaves a relation has the type that the engine gives it."""
    loose: dict[str, set[str]] = {}
    for select, rows in statement.selects:
        owner = _owner(select)
        for name, value in projections(select, rows):
            if not _has_stated_type(value, statement.types, rows, loose):
                if owner:
                    loose.setdefault(owner, set()).add(name)
                else:
                    yield value, "cast it where it leaves, such as cast(... as decimal(18, 2))"


RULES: list[Callable[[Statement], Found]] = [
    division,
    average,
    binary_fraction,
    window_without_order,
    window_without_frame,
    window_whose_rows_tie,
    unstated_null_order,
    qualify,
    table_function,
    ordered_list,
    any_one_of_many,
    nested_result,
    text_read_as_a_value,
    rounding_by_a_cast,
    mixed_types,
    more_than_38_digits,
    product_that_is_cut,
    days_between_dates,
    replacing_the_first_only,
    engine_hash,
    edge_without_a_type,
]


def _order_of(window: exp.Window) -> list[exp.Expression]:
    order = window.args.get("order")
    return [key.this for key in order.expressions] if order else []


def _line(node: exp.Expression) -> int:
    return next((part.meta["line"] for part in node.walk() if "line" in part.meta), 0)


def _outermost(query: exp.Expression) -> list[exp.Select]:
    """The SELECTs whose columns are the query's: several where UNION puts them together."""
    if isinstance(query, exp.SetOperation):
        return [*_outermost(query.this), *_outermost(query.expression)]
    return [query] if isinstance(query, exp.Select) else _outermost(query.this)


def _alternatives(node: exp.Expression) -> list[exp.Expression]:
    """What must be of one type: both sides, or everything that may be chosen."""
    if isinstance(node, exp.Case):
        results = [branch.args["true"] for branch in node.args["ifs"]]
        return [*results, *([node.args["default"]] if node.args.get("default") else [])]
    return arguments(node)


def _is_integral(node: exp.Expression, types: Types) -> bool:
    """Whether a number has no decimals other than zeros."""
    shape = types.shape(node)
    if shape is None or shape.scale == 0:
        return True
    if isinstance(node, exp.Round):
        return node.args.get("decimals") is None or node.args["decimals"].name == "0"
    if isinstance(node, exp.Mul):
        for scaled, by in ((node.this, node.expression), (node.expression, node.this)):
            scale = types.shape(scaled)
            if scale and by.is_int and int(by.name) % 10**scale.scale == 0:
                return True
    if isinstance(node, (exp.Floor, exp.Ceil, exp.Trunc)):
        return True
    parts = _alternatives(node)
    return isinstance(node, (exp.Paren, exp.Abs, exp.Neg, *ARITHMETIC, *CHOICES)) and all(
        _is_integral(part, types) for part in parts
    )


def _has_stated_type(
    node: exp.Expression, types: Types, rows: Rows, loose: Mapping[str, set[str]]
) -> bool:
    """Whether a number, if it is one, has the same type in both engines without being asked."""
    if isinstance(node, exp.Column):
        place = rows.place(node)
        return place is None or place[1] not in loose.get(rows.sources[place[0]].relation, ())
    if types.shape(node) is None or isinstance(node, (exp.Cast, exp.Count)):
        return True
    if isinstance(node, exp.Literal):
        return node.is_int
    parts = _alternatives(node)
    if isinstance(node, exp.Window):
        if not isinstance(node.this, (exp.Lag, exp.Lead, exp.FirstValue, exp.Min, exp.Max)):
            return False
        parts = [node.this.this]
    elif isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        # DECIMAL(38, 0) in Spark, whatever it is computed from.
        return types.of(node) == "HUGEINT"
    elif not isinstance(node, (*TYPE_AS_GIVEN, *CHOICES)):
        return False
    return len({types.of(part) for part in parts} - {""}) == 1 and all(
        _has_stated_type(part, types, rows, loose) for part in parts
    )


def _owner(select: exp.Select) -> str:
    """The name under which a SELECT's rows are read; empty where they are the statement's own."""
    above = select
    while isinstance(above.parent, (exp.SetOperation, exp.Paren)):
        above = above.parent
    return above.parent.alias if isinstance(above.parent, (exp.CTE, exp.Subquery)) else ""


def _unstated_nulls(sql: str, tree: exp.Expression) -> Iterator[exp.Ordered]:
    """The ORDER BY keys that do not say where NULL goes: it depends on how they are read."""
    small, large = (
        sqlglot.parse_one(sql, read=dialect).find_all(exp.Ordered)
        for dialect in (NullsSmall, NullsLarge)
    )
    for key, first, last in zip(tree.find_all(exp.Ordered), small, large, strict=True):
        if first.args.get("nulls_first") != last.args.get("nulls_first"):
            yield key
