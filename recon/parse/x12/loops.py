"""Which loop each segment stands in, for the transaction sets of one kind in a piece.

Loops are found from the outside in. At each depth a table says, for the loop around and the
segment's tag, which loop begins there; what follows belongs to it until one begins again, the loop
around ends, or a segment comes that it cannot hold. No step looks at one segment at a time.

What belongs here: loops and the hierarchy that HL02 makes of them. What does not: columns.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from recon.parse.spans import Codes, Flags, Ints, code, true_at
from recon.parse.values import numbers, text
from recon.parse.x12.declare import Loop, TransactionSet
from recon.parse.x12.defects import Defects
from recon.parse.x12.shown import figure
from recon.parse.x12.structure import Structure
from recon.parse.x12.tokens import Tokens

Small = npt.NDArray[np.uint8]
_TABLE = 1 << 12


@dataclass(eq=False)
class Body:
    """The segments of all transaction sets of one kind, and the loops they make.

    A loop is a *place* in the order of ``rows`` where it begins. Loops are numbered after the
    transaction sets, so that a set is the outermost loop: units 0 up to ``sets.size`` are the
    sets, in order; those of a kind of loop follow one another in order.

    Attributes:
        tokens: the piece.
        where: its structure.
        sets: which transaction sets of the piece, from 0.
        rows: rows of their segments in ``tokens``.
        tag: tag of each.
        unit: the innermost unit each stands in.
        begin: for each unit, its first place.
        parent: for each unit, the one around it; -1 for a set, and for a level that HL02 ties
            to nothing.
        own: for each unit, the set it is in.
        units: for each kind of loop, its first unit and the one after its last; "" is the sets.
    """

    tokens: Tokens
    where: Structure
    sets: Ints
    rows: Ints
    tag: Codes
    unit: Ints
    begin: Ints
    parent: Ints
    own: Ints
    units: dict[str, tuple[int, int]]
    _tagged: dict[str, Ints] = field(default_factory=dict)
    _coded: dict[tuple[str, int], Codes] = field(default_factory=dict)
    _readers: dict[tuple[str, str], Ints] = field(default_factory=dict)
    _around: dict[str, Ints] = field(default_factory=dict)

    def tagged(self, tag: str) -> Ints:
        """Places of the segments with that tag."""
        if tag not in self._tagged:
            self._tagged[tag] = true_at(self.tag == code(tag))
        return self._tagged[tag]

    def coded(self, tag: str, element: int) -> Codes:
        """What that element of them holds, as codes."""
        key = (tag, element)
        if key not in self._coded:
            rows = self.rows[self.tagged(tag)]
            self._coded[key] = self.tokens.codes(self.tokens.element(rows, element))
        return self._coded[key]

    def readers(self, loop: str, tag: str) -> Ints:
        """For each of them, which unit of that kind reads it, from 0, or -1."""
        if (loop, tag) not in self._readers:
            (first, last), places = self.units[loop], self.tagged(tag)
            unit, begins = self.unit[places], self.begins[places]
            if begins.any():
                # Where a loop begins, what is around it reads the segment too, unless it is own.
                own = (unit >= first) & (unit < last)
                unit = np.where(begins & ~own, self.parent[unit], unit)
            read = (unit >= first) & (unit < last)
            self._readers[loop, tag] = np.where(read, unit - first, -1)
        return self._readers[loop, tag]

    @cached_property
    def tags(self) -> frozenset[int]:
        """The tags of its segments, as codes."""
        return frozenset(np.unique(self.tag).tolist())

    @cached_property
    def begins(self) -> Flags:
        """For each place, whether a loop begins there."""
        flags = np.zeros(self.rows.size, dtype=bool)
        flags[self.begin[self.sets.size :]] = True
        return flags

    def number_of(self, loop: str) -> Ints:
        """Loops of that kind in each set; ``HL`` stands for all segments HL."""
        if loop == "HL":
            return np.bincount(self.own[self.unit[self.tagged("HL")]], minlength=self.sets.size)
        first, last = self.units[loop]
        return np.bincount(self.own[first:last], minlength=self.sets.size)

    def around(self, loop: str) -> Ints:
        """For each unit, the nearest unit of that kind at or around it, or -1."""
        if loop not in self._around:
            first, last = self.units[loop]
            every = np.arange(self.begin.size)
            found = np.where((every >= first) & (every < last), every, -1)
            at = self.parent
            while True:
                open_ = true_at((found < 0) & (at >= 0))
                if not open_.size:
                    break
                hit = (at[open_] >= first) & (at[open_] < last)
                found[open_[hit]] = at[open_[hit]]
                at = np.where(at >= 0, self.parent[at], -1)
            self._around[loop] = found
        return self._around[loop]


def body(tokens: Tokens, where: Structure, declared: TransactionSet, sets: Ints) -> Body:
    """The segments of ``sets``, which are of the kind declared, and their loops."""
    first, last = where.st[sets], where.last_of_set[sets]
    size = last - first + 1
    begin = np.cumsum(size) - size
    owner = np.repeat(np.arange(sets.size), size)
    rows = np.arange(owner.size) + np.repeat(first - begin, size)
    tag = tokens.tag[rows]
    plan = _Plan.of(declared.loops, declared.summary)
    found = _Finder(plan, plan.symbols_of(tokens, rows, tag)).find(owner, begin)
    return Body(
        tokens=tokens,
        where=where,
        sets=sets,
        rows=rows,
        tag=tag,
        unit=found.unit,
        begin=found.begin,
        parent=found.parent,
        own=found.own,
        units=found.units,
    )


def check_hierarchy(of: Body, declared: TransactionSet, defects: Defects) -> None:
    """Set the parents of levels by HL02; report numbers used twice and parents that are not there.

    HL01 numbers the levels of one transaction set, HL02 names the level around: its place in the
    file says nothing (X12.6, HL segment).
    """
    kinds = [of.units[loop.name] for loop in declared.loops if loop.is_level]
    units = np.concatenate([np.zeros(0, np.int64), *(np.arange(*kind) for kind in kinds)])
    if not units.size:
        return
    units = units[np.argsort(of.begin[units], kind="stable")]
    rows, own = of.rows[of.begin[units]], of.own[units]
    number = numbers(of.tokens, of.tokens.element(rows, 1), 0)
    above = numbers(of.tokens, of.tokens.element(rows, 2), 0)
    # Two numbers in one: the set, and the level's number in it.
    limit = 1 << 31
    key = own * limit + np.clip(number.unscaled, 0, limit - 1)
    order = np.argsort(key, kind="stable")
    again = order[1:][key[order][1:] == key[order][:-1]]
    unreadable = true_at(~(number.given & number.readable))
    wrong = np.union1d(again, unreadable)
    _report(of, defects, "HL01", rows[wrong], 1, "each level needs a number of its own")

    wanted = own * limit + np.clip(above.unscaled, 0, limit - 1)
    at = np.minimum(np.searchsorted(key[order], wanted), order.size - 1)
    parent = order[at]
    there = above.given & above.readable & (key[parent] == wanted)
    # A level stands in one that came before it: so there is no circle.
    there &= of.begin[units[parent]] < of.begin[units]
    # Some write 0 where there is none.
    named = above.given & (there | ~above.readable | (above.unscaled != 0))
    of.parent[units] = np.where(there, units[parent], -1)
    # The outermost stands in the transaction set itself.
    of.parent[units[~named]] = own[~named]
    # Some leave HL02 out altogether: then a level stands in the last one before it of a kind that
    # is declared before its own, as an item in its order.
    kind = np.searchsorted([first for first, _ in kinds], units, side="right")
    for inner in np.unique(kind[~named]):
        outer = np.maximum.accumulate(np.where(kind < inner, np.arange(units.size), -1))
        at = true_at(~named & (kind == inner) & (outer >= 0))
        at = at[own[outer[at]] == own[at]]
        of.parent[units[at]] = units[outer[at]]
    lost = true_at(named & ~there)
    _report(of, defects, "HL02", rows[lost], 2, "no level before it has that number")


def _report(of: Body, defects: Defects, kind: str, rows: Ints, element: int, said: str) -> None:
    if not rows.size:
        return
    sent = text(of.tokens, of.tokens.element(rows, element))
    found = pl.select(figure(pl.lit(sent))).to_series()
    of.where.report(
        defects,
        kind,
        of.tokens,
        rows,
        element=np.full(rows.size, element),
        found=found,
        expected=[said] * rows.size,
    )


class _Units(NamedTuple):
    """The attributes of ``Body`` of the same names."""

    unit: Ints
    begin: Ints
    parent: Ints
    own: Ints
    units: dict[str, tuple[int, int]]


class _Finder:
    """Finds the loops of a body; see the module's description."""

    def __init__(self, plan: "_Plan", symbol: Small) -> None:
        self._plan = plan
        self.symbol = symbol

    def find(self, owner: Ints, begin: Ints) -> _Units:
        """The loops, from the outside in."""
        starts, deeper = self._plan.starts, self._plan.deeper
        symbol, sets = self.symbol, begin.size
        unit = owner
        begins, parents, owns, kinds = [begin], [np.full(sets, -1)], [np.arange(sets)], []
        count = sets
        event = np.zeros(symbol.size, dtype=bool)  # where a loop of this or an outer depth may end
        event[begin] = True
        kind = np.zeros(symbol.size, dtype=np.uint8)  # the loops of the depth before; 0: the set
        places = true_at(starts[0][symbol])
        while places.size:
            places, start, kind, at = self._begun(places, kind, event)
            begins.append(places)
            parents.append(unit[places])
            owns.append(owner[places])
            kinds.append(start[places])
            event[at] = True
            # The loop that began last, or what is around where an event began none.
            here = start[at] > 0
            now = np.where(here, count + np.cumsum(here) - 1, unit[at])
            unit = np.repeat(now, np.diff(at, append=symbol.size))
            count += places.size
            places = true_at(deeper[symbol])
            # A segment that begins a loop is not also the first loop inside it.
            places = places[(kind[places] > 0) & (start[places] == 0)]
            places = places[self._look(starts, kind, places) > 0]
        names = [loop.name for loop in self._plan.loops]
        return self._in_order(unit, begins, parents, owns, kinds, names)

    def _begun(self, places: Ints, around: Small, event: Flags) -> tuple[Ints, Small, Small, Ints]:
        """Which of ``places`` begin loops of one depth, and which loop of it each segment is in.

        A tag may begin a loop here or one inside a loop of this depth (N1 of the heading, N1 of a
        line). It begins the inner one where the loop it stands in has such a loop.

        Returns:
            The places; what begins at each segment, 0 for none; the loop each is in, 0 for none;
            where any of them begins or ends.
        """
        began = self._look(self._plan.starts, around, places)
        start = np.zeros(self.symbol.size, dtype=np.uint8)
        kind, at = start, true_at(event)
        for wave in self._plan.waves:
            mine = wave[began] & ~self._look(self._plan.inside, kind, places)
            if mine.any():
                start[places[mine]] = began[mine]
                kind, at = self._filled(start, event)
        return places[start[places] > 0], start, kind, at

    def _filled(self, start: Small, event: Flags) -> tuple[Small, Ints]:
        """The loop each segment is in, and where one begins or ends."""
        ending = event | (start > 0)
        at = true_at(ending)
        kind = np.repeat(start[at], np.diff(at, append=start.size))
        held = self._plan.holds.ravel()[kind.astype(np.uint16) * self._plan.width + self.symbol]
        if not held.all():
            ending |= ~held
            at = true_at(ending)
            kind = np.repeat(start[at], np.diff(at, append=start.size))
        return kind, at

    def _look(self, table: npt.NDArray[Any], kind: Small, places: Ints) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = table.ravel()[
            kind[places].astype(np.uint16) * self._plan.width + self.symbol[places]
        ]
        return found

    @staticmethod
    def _in_order(
        unit: Ints,
        begins: list[Ints],
        parents: list[Ints],
        owns: list[Ints],
        kinds: list[Small],
        names: list[str],
    ) -> _Units:
        """Number units by kind and place instead of depth and place."""
        sets = begins[0].size
        begin, parent, own = map(np.concatenate, (begins, parents, owns))
        kind = np.concatenate([np.zeros(sets, np.uint8), *kinds])
        order = np.lexsort((begin, kind))
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        edges = np.searchsorted(kind[order], np.arange(len(names) + 2)).tolist()
        units = {"": (0, sets)}
        units |= {name: (edges[n], edges[n + 1]) for n, name in enumerate(names, start=1)}
        return _Units(
            unit=rank[unit],
            begin=begin[order],
            parent=np.append(rank, -1)[parent[order]],
            own=own[order],
            units=units,
        )


class _Plan:
    """What of the loops the declaration alone decides: made once for each transaction set.

    Attributes:
        loops: the loops, numbered from 1; 0 is the transaction set.
        width: how many symbols there are.
        starts: by loop and symbol, the loop that begins there.
        holds: by loop and symbol, whether it may stand there.
        inside: by loop and symbol, whether it begins a loop somewhere inside.
        deeper: by symbol, whether it may begin a loop inside another.
        waves: see ``_in_waves``.
    """

    def __init__(self, loops: tuple[Loop, ...], summary: tuple[str, ...]) -> None:
        self.loops = loops
        tags = [*(tag for loop in self.loops for tag in (loop.tag, *loop.holds))]
        known = dict.fromkeys([*tags, *summary])
        self._symbols = {(name, 0, ""): at for at, name in enumerate(known, start=1)}
        self._lookup = _lookup({code(name): at for at, name in enumerate(known, start=1)})
        for loop in self.loops:
            for wanted in loop.codes:
                self._symbols.setdefault((loop.tag, loop.element, wanted), len(self._symbols) + 1)
        self._coded = sorted({(loop.tag, loop.element) for loop in self.loops if loop.codes})
        self.width = len(self._symbols) + 1
        self.starts, self.holds, self.inside = self._tables(summary)
        self.deeper: Flags = np.any(self.starts[1:] > 0, axis=0)
        self.waves = self._in_waves()

    @classmethod
    @cache
    def of(cls, loops: tuple[Loop, ...], summary: tuple[str, ...]) -> "_Plan":
        """The plan of those loops."""
        return cls(loops, summary)

    def symbols_of(self, tokens: Tokens, rows: Ints, tag: Codes) -> Small:
        """A small number for each segment: its tag, and its code where a loop asks for one."""
        symbol = self._lookup(tag)
        for name, element in self._coded:
            places = true_at(symbol == self._symbols[name, 0, ""])
            if not places.size:
                continue
            found = tokens.codes(tokens.element(rows[places], element))
            for (tag_, element_, wanted), at in self._symbols.items():
                if (tag_, element_) == (name, element) and wanted:
                    symbol[places[found == code(wanted)]] = at
        return symbol

    def _begins_with(self, loop: Loop) -> list[int]:
        if loop.codes:
            return [self._symbols[loop.tag, loop.element, wanted] for wanted in loop.codes]
        return [at for (tag, _, _), at in self._symbols.items() if tag == loop.tag]

    def _tables(self, summary: tuple[str, ...]) -> tuple[Small, Flags, Flags]:
        loops = self.loops
        shape = (len(loops) + 1, self.width)
        starts, holds = np.zeros(shape, dtype=np.uint8), np.ones(shape, dtype=bool)
        names = {"": 0} | {loop.name: n for n, loop in enumerate(loops, start=1)}
        for n, loop in reversed(list(enumerate(loops, start=1))):
            for outer in loop.within:
                # The first that is declared wins.
                starts[names[outer], self._begins_with(loop)] = n
        for n, loop in enumerate(loops, start=1):
            if loop.holds:
                holds[n] = False
                holds[n, self._held(loop)] = True
            holds[n, [self._symbols[tag, 0, ""] for tag in summary]] = False
        inside = starts > 0
        for _ in loops:
            for n, loop in enumerate(loops, start=1):
                for outer in loop.within:
                    inside[names[outer]] |= inside[n] & (names[outer] > 0)
        inside[0] = False  # in no loop of a depth: there is nothing inside
        return starts, holds, inside

    def _in_waves(self) -> list[Flags]:
        """Loops in the order they are opened: one that may stand inside another waits for it."""
        loops = self.loops
        left = set(range(1, len(loops) + 1))
        waves = []

        def may_hold(one: int, other: int) -> bool:
            begins = self._begins_with(loops[other - 1])
            beside = not set(loops[one - 1].within).isdisjoint(loops[other - 1].within)
            return one != other and beside and bool(self.inside[one, begins].any())

        while left:
            free = {n for n in left if not any(may_hold(m, n) for m in left)} or left
            waves.append(np.isin(np.arange(len(loops) + 1), list(free)))
            left = left - free
        return waves

    def _held(self, loop: Loop) -> list[int]:
        """Symbols that may stand in a loop that says what it holds: also those of loops in it."""
        tags = {tag for (tag, _, _) in self._symbols if tag in loop.holds}
        held = [at for (tag, _, _), at in self._symbols.items() if tag in tags]
        held += self._begins_with(loop)
        for inner in self.loops:
            if loop.name in inner.within:
                held += self._begins_with(inner) + (self._held(inner) if inner.holds else [])
        return held


def _lookup(wanted: dict[int, int]) -> Callable[[Codes], Small]:
    """Finds the small number of each tag, 0 for others, in a table where nothing collides."""
    keys = np.array(list(wanted), dtype=np.uint32)
    numbers_ = np.array(list(wanted.values()), dtype=np.uint8)
    for factor in range(2654435761, 2654435761 + 2000, 2):
        slot = (keys * np.uint32(factor % (1 << 32))) >> np.uint32(20)
        if np.unique(slot).size == slot.size:
            break
    table = np.zeros(_TABLE, dtype=np.uint32)
    result = np.zeros(_TABLE, dtype=np.uint8)
    table[slot], result[slot] = keys, numbers_

    def look(tag: Codes) -> Small:
        at = (tag * np.uint32(factor % (1 << 32))) >> np.uint32(20)
        return np.where(table[at] == tag, result[at], np.uint8(0))

    return look
