"""The types of a statement's parts, as DuckDB binds them, and as Spark counts their digits.

What belongs here: asking DuckDB, and the arithmetic of types. What does not: what a statement may
not do (``spark_subset.py``).

Types are never guessed: each SELECT of a statement is bound over the relations it reads, and all of
its parts are described at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
from sqlglot import exp

# Whole numbers as Spark counts their digits; DECIMAL(38, 0) stands for those of 128 bits.
DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 20, "HUGEINT": 38}
MOST_DIGITS = 38
LEAST_SCALE = 6  # what Spark keeps of a scale when a result does not fit into 38 digits


@dataclass(frozen=True)
class Shape:
    """A number: how many digits, how many of them decimals."""

    digits: int
    scale: int

    def __mul__(self, other: "Shape") -> "Shape":
        """What a product needs, by Spark's count."""
        return Shape(self.digits + other.digits + 1, self.scale + other.scale)

    def __add__(self, other: "Shape") -> "Shape":
        """What a sum or difference needs."""
        wider = self | other
        return Shape(wider.digits + 1, wider.scale)

    def __or__(self, other: "Shape") -> "Shape":
        """What holds either."""
        scale = max(self.scale, other.scale)
        return Shape(max(self.digits - self.scale, other.digits - other.scale) + scale, scale)

    @property
    def kept_scale(self) -> int:
        """The decimals that Spark keeps."""
        over = self.digits - MOST_DIGITS
        return self.scale if over <= 0 else max(self.scale - over, min(self.scale, LEAST_SCALE))


class Types:
    """The type of every part of one statement."""

    def __init__(self, tree: exp.Expression, con: duckdb.DuckDBPyConnection) -> None:
        """Bind ``tree`` on a connection in which every relation that it reads exists."""
        self._found: dict[int, str] = {}
        for select in tree.find_all(exp.Select):
            parts = list(_parts(select))
            for grouped in (False, True):
                asked = [part for part in parts if _is_aggregate(part) is grouped]
                if asked:
                    types = [t for _, t, *_ in con.sql(_probe(select, asked, grouped)).fetchall()]
                    self._found |= {id(p): t for p, t in zip(asked, types, strict=True)}

    def of(self, node: exp.Expression) -> str:
        """The type of a part, as DuckDB writes it; empty for NULL and what has no type."""
        return "" if isinstance(node, exp.Null) else self._found.get(id(node), "")

    def family(self, node: exp.Expression) -> str:
        """text, number, date, truth, or the type itself."""
        found = self.of(node)
        if found in DIGITS or found.startswith("DECIMAL") or is_float(found):
            return "number"
        if found.startswith(("TIMESTAMP", "DATE", "TIME")):
            return "date"
        return {"VARCHAR": "text", "BOOLEAN": "truth"}.get(found, found)

    def shape(self, node: exp.Expression) -> Shape | None:
        """The digits of a number; None for what is none, or not exact."""
        if isinstance(node, exp.Literal) and node.is_number and "e" not in node.this.lower():
            whole, _, decimals = node.this.partition(".")
            return Shape(max(len(whole.lstrip("0") + decimals), len(decimals), 1), len(decimals))
        return shape_of(self.of(node))


def shape_of(type_: str) -> Shape | None:
    """The digits of a DuckDB type; None for what is no exact number."""
    if type_ in DIGITS:
        return Shape(DIGITS[type_], 0)
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", type_)
    return Shape(int(decimal[1]), int(decimal[2])) if decimal else None


def is_float(type_: str) -> bool:
    """Whether the type is a binary fraction."""
    return type_ in ("FLOAT", "DOUBLE")


def is_whole(type_: str) -> bool:
    """Whether the type is a whole number."""
    return type_ in DIGITS


def _parts(select: exp.Select) -> Iterator[exp.Expression]:
    """Every part of a SELECT that has a value, without those of SELECTs inside it."""
    places = [*select.expressions, *(select.args.get("joins") or [])]
    places += [p for name in ("where", "group", "having", "order") if (p := select.args.get(name))]
    for place in places:
        for node in place.walk(prune=lambda n: isinstance(n, exp.Query)):
            if isinstance(node, exp.Subquery):
                if not isinstance(node.parent, (exp.From, exp.Join)):
                    yield node
            elif (
                isinstance(node, exp.Condition)
                and not isinstance(node, (exp.If, exp.PropertyEQ, exp.Unnest, exp.Star, exp.Select))
                and not node.is_star
                and not (
                    isinstance(node.parent, (exp.Window, exp.Filter)) and node.arg_key == "this"
                )
                and not (isinstance(place, exp.Order) and isinstance(node, exp.Column))
            ):
                yield node


def _is_aggregate(node: exp.Expression) -> bool:
    """Whether a part only has a value beside GROUP BY."""
    return any(
        not isinstance(found.parent, exp.Window)
        and not (
            isinstance(found.parent, exp.Filter) and isinstance(found.parent.parent, exp.Window)
        )
        for found in node.walk(prune=lambda n: isinstance(n, exp.Query) and n is not node)
        if isinstance(found, exp.AggFunc)
    )


def _probe(select: exp.Select, asked: list[exp.Expression], grouped: bool) -> str:
    """A query whose columns are the parts of a SELECT, over the same relations."""
    columns = ", ".join(f"{part.sql('duckdb')} as c{n}" for n, part in enumerate(asked))
    kept = [select.args.get("from_"), *(select.args.get("joins") or [])]
    kept += [select.args.get("group")] if grouped else []
    sources = " ".join(part.sql("duckdb") for part in kept if part)
    with_ = ", ".join(cte.sql("duckdb") for cte in _visible(select))
    return f"describe {f'with {with_} ' if with_ else ''}select {columns} {sources}"


def _visible(select: exp.Select) -> list[exp.CTE]:
    """The CTEs that a SELECT may read, the outermost first."""
    found: list[exp.CTE] = []
    inside: exp.Expression = select
    while (around := inside.parent) is not None:
        if isinstance(around, exp.With):
            found = [*around.expressions[: around.expressions.index(inside)], *found]
        elif around.args.get("with_") and not isinstance(inside, exp.With):
            found = [*around.args["with_"].expressions, *found]
        inside = around
    own = select.args["with_"].expressions if select.args.get("with_") else []
    return [*found, *own]
