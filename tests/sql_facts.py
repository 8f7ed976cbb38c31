"""What follows of a query's rows from the query alone: which columns are filled, what is a key.

What belongs here: reading that off a statement. What does not: what a statement may not do
(``spark_subset.py``).

A key is a set of columns on which no two different rows agree. What is known of a table comes from
its declaration, what is known of another file's relation from the grain in its header. Where
nothing follows, nothing is claimed: no key, not filled.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from sqlglot import exp

Place = tuple[str, str]  # the name a source has in FROM, and its column
Key = frozenset[Place]
AnyKey = TypeVar("AnyKey", Key, frozenset[str])

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.In, exp.Between)
NUMBERING = (exp.RowNumber, exp.Rank, exp.DenseRank)
# Filled whatever they are given.
ALWAYS_FILLED = (
    exp.Literal,
    exp.Boolean,
    exp.Is,
    exp.NullSafeNEQ,
    exp.NullSafeEQ,
    exp.Count,
    exp.Exists,
)
MOST_KEYS = 16  # what a query of ours has is far below; beyond it, combinations only repeat


@dataclass(frozen=True)
class Facts:
    """What is known of a relation: its columns, those that are never NULL, its keys."""

    columns: tuple[str, ...]
    filled: frozenset[str]
    keys: tuple[frozenset[str], ...]


NOTHING_KNOWN = Facts((), frozenset(), ())


@dataclass
class Source:
    """One relation of a FROM clause; ``outer`` where it may be missing beside the others."""

    relation: str
    facts: Facts
    outer: bool


class Rows:
    """The rows that one SELECT chooses from: its sources joined and filtered."""

    def __init__(self, select: exp.Select, known: Mapping[str, Facts]) -> None:
        """Read FROM, JOIN and WHERE of ``select``; ``known`` holds the relations it may name."""
        self.sources: dict[str, Source] = {}
        self.same: dict[Place, set[Place]] = {}
        self.fixed: set[Place] = set()
        self.present: set[Place] = set()
        self.keys: list[Key] = [frozenset()]
        where = list(conjuncts(select.args["where"].this)) if select.args.get("where") else []
        if select.args.get("from_"):
            self._join(select.args["from_"].this, "CROSS", where, known)
        for join in select.args.get("joins") or []:
            on = list(conjuncts(join.args["on"])) if join.args.get("on") else []
            side = (join.side or join.kind or "CROSS").upper()
            self._join(join.this, side, on if side in ("LEFT", "FULL") else [*on, *where], known)
        self._learn(where)
        self.keys = smallest(frozenset(p for p in k if p not in self.fixed) for k in self.keys)

    def place(self, column: exp.Column) -> Place | None:
        """Where a column of this SELECT comes from."""
        if column.table:
            return (column.table, column.name) if column.table in self.sources else None
        having = [name for name, s in self.sources.items() if column.name in s.facts.columns]
        return (having[0], column.name) if having else None

    def identities(self, node: exp.Expression) -> set[Place | str]:
        """What tells whether two expressions are the same: the column it is, else its text."""
        if isinstance(node, exp.Column) and (place := self.place(node)) is not None:
            return set(self.same.get(place, {place}))
        return {node.sql()}

    def filled(self, node: exp.Expression) -> bool:
        """Whether the expression is never NULL."""
        if isinstance(node, exp.Column):
            place = self.place(node)
            if place is None or place in self.present:
                return place is not None
            source = self.sources[place[0]]
            return place[1] in source.facts.filled and not source.outer
        if isinstance(node, ALWAYS_FILLED):
            return True
        if isinstance(node, (exp.Null, exp.Subquery, exp.Nullif, exp.Lag, exp.Lead)):
            return False
        if isinstance(node, (exp.Coalesce, exp.Greatest, exp.Least)):
            return any(self.filled(part) for part in arguments(node))
        if isinstance(node, exp.Case):
            results = [branch.args["true"] for branch in node.args["ifs"]]
            last = node.args.get("default")
            return last is not None and all(self.filled(part) for part in [*results, last])
        if isinstance(node, exp.Window):
            return isinstance(node.this, NUMBERING) or (
                self.filled(node.this) and "PRECEDING" not in end_of_frame(node)
            )
        if isinstance(node, exp.Filter):
            return isinstance(node.this, exp.Count)
        return all(self.filled(part) for part in arguments(node))

    def total(self, columns: Iterable[exp.Expression]) -> bool:
        """Whether no two different rows agree on these expressions."""
        covered = set(self.fixed)
        for column in columns:
            if isinstance(column, exp.Column) and (place := self.place(column)) is not None:
                covered |= self.same.get(place, {place})
        return any(key <= covered for key in self.keys)

    def _join(
        self,
        relation: exp.Expression,
        side: str,
        on: list[exp.Expression],
        known: Mapping[str, Facts],
    ) -> None:
        name = relation.alias_or_name
        inner = relation.this if isinstance(relation, exp.Subquery) else None
        facts = facts_of(inner, known) if inner else known.get(relation.name, NOTHING_KNOWN)
        before = list(self.sources)
        self.sources[name] = Source(relation.name or name, facts, side in ("LEFT", "FULL"))
        theirs = [frozenset((name, c) for c in key) for key in facts.keys]
        if side == "FULL":
            for other in before:
                self.sources[other].outer = True
            self.keys = []
            return
        ours = {p for left, right in self._equal(on) for p in left if not touches(right, {name})}
        pinned = {p for p in ours if p[0] == name}
        bound = {
            p
            for left, right in self._equal(on)
            for p in left
            if p[0] != name and all(q[0] == name for q in right)
        }
        found = [mine | (key - pinned) for mine, key in product(self.keys, theirs)]
        if side != "LEFT" and any(mine <= bound for mine in self.keys if mine):
            found += theirs
        self.keys = smallest(found)
        if side != "LEFT":
            self._learn(on)

    def _equal(self, conditions: list[exp.Expression]) -> Iterator[tuple[set[Place], set[Place]]]:
        """(a column, the columns of what it is equal to), both ways round."""
        for condition in conditions:
            if not isinstance(condition, exp.EQ):
                continue
            for one, other in (
                (condition.this, condition.expression),
                (condition.expression, condition.this),
            ):
                if isinstance(one, exp.Column) and (place := self.place(one)) is not None:
                    yield {place}, self._places(other)

    def _places(self, node: exp.Expression) -> set[Place]:
        found = (self.place(column) for column in node.find_all(exp.Column))
        return {place for place in found if place is not None}

    def _learn(self, conditions: list[exp.Expression]) -> None:
        """What holds of the rows for which all the conditions are true."""
        for condition in conditions:
            if isinstance(condition, COMPARISONS):
                for side in (condition.this, condition.args.get("expression")):
                    if isinstance(side, exp.Column) and (place := self.place(side)) is not None:
                        self.present.add(place)
            elif isinstance(condition, exp.Not) and isinstance(condition.this, exp.Is):
                self.present |= self._places(condition.this)
        for (one,), others in self._equal(conditions):
            if not others:
                self.fixed.add(one)
        for condition in conditions:
            if isinstance(condition, exp.EQ) and all(
                isinstance(side, exp.Column) for side in (condition.this, condition.expression)
            ):
                joined = self._places(condition)
                joined |= {q for p in joined for q in self.same.get(p, ())}
                for place in joined:
                    self.same[place] = joined


def facts_of(query: exp.Expression, known: Mapping[str, Facts]) -> Facts:
    """What is known of the rows of a query over relations of which ``known`` says what is known."""
    if isinstance(query, exp.Subquery):
        return facts_of(query.this, known)
    known = {**known, **ctes_of(query, known)}
    if isinstance(query, exp.SetOperation):
        left, right = facts_of(query.this, known), facts_of(query.expression, known)
        columns = dict(zip(left.columns, right.columns, strict=True))
        filled = frozenset(a for a, b in columns.items() if a in left.filled and b in right.filled)
        keys = [
            frozenset({label, *one, *(name for name, theirs in columns.items() if theirs in other)})
            for label in _labels(query, left.columns)
            for one, other in product(left.keys, right.keys)
        ]
        # Rows of UNION ALL that agree on every column are the same row twice. The smallest only: of
        # a dozen parts under one another each would multiply the keys of those before.
        keys = smallest([*keys, frozenset(left.columns)])
        return Facts(left.columns, filled, tuple(keys))
    return _facts_of_select(query, known)


def _labels(query: exp.SetOperation, columns: tuple[str, ...]) -> list[str]:
    """The columns in which each side of a union has literals of its own, as 'U' and 'C'."""
    sides = zip(columns, _literals(query.this), _literals(query.expression), strict=False)
    return [name for name, one, other in sides if one and other and not one & other]


def _literals(query: exp.Expression) -> list[set[str]]:
    """For each column the literals that it holds, none where it holds anything else."""
    if isinstance(query, exp.SetOperation):
        sides = zip(_literals(query.this), _literals(query.expression), strict=False)
        return [one | other if one and other else set() for one, other in sides]
    values = [] if query.is_star else [value.unalias() for value in query.selects]
    return [{value.sql()} if isinstance(value, exp.Literal) else set() for value in values]


def ctes_of(query: exp.Expression, known: Mapping[str, Facts]) -> dict[str, Facts]:
    """What is known of each relation in the WITH clause of a query."""
    found: dict[str, Facts] = {}
    if query.args.get("with_"):
        for cte in query.args["with_"].expressions:
            found[cte.alias] = facts_of(cte.this, {**known, **found})
    return found


def every_select(
    query: exp.Expression, known: Mapping[str, Facts]
) -> Iterator[tuple[exp.Select, Rows]]:
    """Each SELECT of a query, the innermost first, with the rows that it chooses from."""
    seen: dict[str, Facts] = {}
    if query.args.get("with_"):
        for cte in query.args["with_"].expressions:
            yield from every_select(cte.this, {**known, **seen})
            seen[cte.alias] = facts_of(cte.this, {**known, **seen})
    known = {**known, **seen}
    if isinstance(query, exp.Select):
        for part in query.iter_expressions():
            if not isinstance(part, exp.With):
                for inner in part.find_all(exp.Subquery):
                    if inner.parent_select is query:
                        yield from every_select(inner.this, known)
        yield query, Rows(query, known)
    else:
        for part in query.iter_expressions():
            if not isinstance(part, exp.With):
                yield from every_select(part, known)


def _facts_of_select(select: exp.Select, known: Mapping[str, Facts]) -> Facts:
    rows = Rows(select, known)
    named = dict(projections(select, rows))
    grouped = select.args.get("group")
    filled = frozenset(
        name
        for name, value in named.items()
        if rows.filled(value)
        and (grouped or isinstance(value, exp.Window) or not value.find(exp.Min, exp.Max, exp.Sum))
    )
    if select.find(exp.Unnest, exp.Explode):
        return Facts(tuple(named), filled, (frozenset(named),))
    shown: dict[Place | str, str] = {}
    for name, value in named.items():
        for identity in rows.identities(value):
            shown.setdefault(identity, name)

    def as_shown(parts: Iterable[exp.Expression]) -> list[frozenset[str]]:
        """The parts as a set of this SELECT's own columns, where all of them are shown."""
        found = [[shown[i] for i in rows.identities(part) if i in shown] for part in parts]
        return [frozenset(names[0] for names in found)] if all(found) else []

    if grouped:
        return Facts(tuple(named), filled, tuple(as_shown(grouped.expressions)))
    keys = [frozenset(shown[p] for p in k) for k in rows.keys if all(p in shown for p in k)]
    for name, value in named.items():
        if isinstance(value, exp.Window) and isinstance(value.this, exp.RowNumber):
            keys += [key | {name} for key in as_shown(value.args.get("partition_by") or [])]
    return Facts(tuple(named), filled, (*keys, frozenset(named)))


def projections(select: exp.Select, rows: Rows) -> Iterator[tuple[str, exp.Expression]]:
    """(name, expression) of every column of a SELECT, stars written out."""
    for value in select.expressions:
        if value.is_star:
            for source in [value.table] if isinstance(value, exp.Column) else list(rows.sources):
                for column in rows.sources[source].facts.columns:
                    yield column, exp.column(column, source)
        else:
            yield value.alias_or_name, value.unalias()


def conjuncts(condition: exp.Expression) -> Iterator[exp.Expression]:
    """The conditions that AND puts together."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from conjuncts(condition.this)
        yield from conjuncts(condition.expression)
    else:
        yield condition


def arguments(node: exp.Expression) -> list[exp.Expression]:
    """What an expression is computed from: its parts, less the names of types and units."""
    parts = node.iter_expressions()
    return [part for part in parts if not isinstance(part, (exp.DataType, exp.Var, exp.Identifier))]


def end_of_frame(window: exp.Window) -> str:
    """How far a window reaches: CURRENT ROW, or PRECEDING rows only; empty where it is not said."""
    spec = window.args.get("spec")
    return f"{spec.args.get('end') or ''} {spec.args.get('end_side') or ''}" if spec else ""


def touches(places: set[Place], sources: set[str]) -> bool:
    """Whether any of the columns is of one of the sources."""
    return any(place[0] in sources for place in places)


def smallest(keys: Iterable[AnyKey]) -> list[AnyKey]:
    """The keys that contain no other, shortest first."""
    kept: list[AnyKey] = []
    for key in sorted(set(keys), key=lambda k: (len(k), sorted(k))):
        if not any(other <= key for other in kept):
            kept.append(key)
    return kept[:MOST_KEYS]
