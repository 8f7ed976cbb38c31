"""What stands where it may not: a segment, a loop once too often, a lot before its quantity.

What belongs here: these, and pairs whose qualifier is none or that hold no number. What does not:
what is missing (``extract.py``), nor a hierarchy that does not hold together (``loops.py``).
"""

from collections.abc import Mapping

import numpy as np

from recon.parse.spans import Flags, Ints, Spans, code, true_at
from recon.parse.x12.declare import Loop, Need, TransactionSet, item_ids
from recon.parse.x12.defects import Defects
from recon.parse.x12.loops import Body
from recon.parse.x12.rows import Pairs, nth_of

_ONE_PAIR = "PKL"  # measures stand behind it
# Of a line, one of these is enough: the commonest come first.
_NUMBERS = [code(c) for column in item_ids("LIN02") for s in column.sources for c in s.codes]
_LOTS = [code(qualifier) for qualifier in ("LT", "B8", "SN")]
_CODES = 1 << 32  # more than there are
# What begins the lines of these sets stands in no other: there it would be lost. (An 820 has IT1.)
LINES = {
    "PO1": "an 850 or 855",
    "POC": "an 860 or 865",
    "RCD": "an 861",
    "RMR": "an 820",
    "CLP": "an 835",
}


def check_places(of: Body, declared: TransactionSet, defects: Defects) -> None:
    """Report them.

    Args:
        of: transaction sets of one kind.
        declared: says what is read in one loop only, and which loops may not be repeated at will.
        defects: receives them.
    """

    def report(code: str, places: Ints, found: list[str], expected: str) -> None:
        rows, said = of.rows[places], [expected] * places.size
        of.where.report(defects, code, of.tokens, rows, found=found, expected=said)

    def late_in(places: Ints, holder: Ints, most: int, named: str) -> None:
        nth = nth_of(holder)
        late = true_at(nth > most)
        if late.size:
            expected = f"at most {most} of {named} may stand here"
            report("loop_repeats", places[late], [str(n) for n in nth[late].tolist()], expected)

    for inner in map(Need.read, declared.only_in):
        places = of.tagged(inner.tag)
        stray = of.around(inner.loop)[of.unit[places]] < 0 if places.size else np.zeros(0, bool)
        lost = places[stray]
        if lost.size:
            (holder,) = (loop for loop in declared.loops if loop.name == inner.loop)
            if holder.is_level:
                total = _levels_around(of, of.unit[places[~stray]])[of.unit[lost]]
                report("level_total", lost[total], [inner.tag] * int(total.sum()), _begins(holder))
                lost = lost[~total]
        if lost.size:
            expected = f"it belongs behind the {_begins(holder)} that begins its loop"
            report("misplaced", lost, [inner.tag] * lost.size, expected)
    for inner in map(Need.read, declared.of_level):
        places = _coded(of, inner)
        if not places.size:
            continue
        unit, (first, last) = of.unit[places], of.units[inner.loop]
        around, level = of.around(inner.loop)[unit], _levels(of, declared, unit)
        (holder,) = (loop for loop in declared.loops if loop.name == inner.loop)
        found = {"level_part": (around >= 0) & (level != around)}
        if inner.codes:  # a lot is that of what the level holds; a product may be the level itself
            holds = _levels_around(of, np.arange(first, last))
            found["level_total"] = (level >= 0) & holds[level]
        for kind, told in found.items():
            odd = places[told]
            if odd.size:
                report(kind, odd, [inner.named] * odd.size, _begins(holder))
    for inner in map(Need.read, declared.once):
        places, (first, last) = of.tagged(inner.tag), of.units[inner.loop]
        unit = of.unit[places]  # a level inside has its own
        if not inner.loop:
            unit = of.own[unit]
        own = (unit >= first) & (unit < last)
        late_in(places[own], unit[own], 1, inner.tag)
    begun = {loop.tag for loop in declared.loops}
    for tag, named in LINES.items():
        lost = of.tagged(tag) if tag not in begun else np.zeros(0, np.int64)
        if lost.size:
            report("misplaced", lost, [tag] * lost.size, f"it begins a line of {named}")
    for loop in declared.loops:
        if not loop.at_most:
            continue
        first, last = of.units[loop.name]
        late_in(of.begin[first:last], of.parent[first:last], loop.at_most, _begins(loop))


def check_lots(of: Body, defects: Defects) -> None:
    """Report lots that may each be of the quantity before or behind them.

    By the standard a lot is of the quantity that it follows. Some write it in front: then the item
    has one before its first quantity and the last quantity has none.

    Args:
        of: transaction sets of one kind; only loops ``quantity`` are looked at.
        defects: receives them.
    """
    if "quantity" not in of.units or code("LS") in of.tags:  # LS begins what is the quantity's
        return
    lots = _coded(of, Need.read("line.REF01:LT"))
    (line, end), (first, last) = of.units["line"], of.units["quantity"]
    unit = of.unit[lots]
    front = np.unique(unit[(unit >= line) & (unit < end)])
    behind = (unit >= first) & (unit < last)
    both = np.isin(of.parent[unit[behind]], front)
    if not both.any():
        return
    places = lots[behind][both]
    of_line = of.parent[np.arange(first, last)]
    newest = np.zeros(of.begin.size, np.int64)
    newest[of_line] = np.arange(first, last)  # the last one counts
    open_ = ~np.isin(newest[of.parent[of.unit[places]]], of.unit[places])
    odd = places[open_]
    if odd.size:
        rows = of.rows[odd]
        expected = [
            "lots stand before the item's quantities and between them, none behind the last"
        ]
        found = ["REF (LT)"] * odd.size
        of.where.report(
            defects, "misplaced", of.tokens, rows, found=found, expected=expected * odd.size
        )


def check_pairs(of: Body, pairs: Pairs, tag: str, known: set[int], defects: Defects) -> None:
    """Report the first pair of a segment whose qualifier is none: its pairs are out of step.

    Of lots and serial numbers a line has one each: the second pair of one kind is told too.

    Args:
        of: transaction sets of one kind.
        pairs: those of its segments with that ``tag``.
        tag: of the segments.
        known: segments that are reported already; gets those that are now.
        defects: receives them.
    """
    several = true_at(np.isin(pairs.qualifier, _LOTS))[::-1]
    several = several[nth_of(pairs.unit[several] * _CODES + pairs.qualifier[several]) > 1]
    if several.size:
        row = pairs.row[several]
        element = of.tokens.numbers(row, Spans(pairs.start[several], pairs.end[several]))
        said = [f"{tag}{number:02d}" for number in element.tolist()]
        of.where.report(defects, "second_lot", of.tokens, row, element=element, expected=said)
    odd = true_at(~pairs.qualified())[::-1]  # in a segment the first pair comes last
    if not odd.size or tag == _ONE_PAIR:
        return
    row, at = np.unique(pairs.row[odd], return_index=True)
    new = ~np.isin(row, list(known))
    row, first = row[new], odd[at[new]]
    known.update(row.tolist())
    element = of.tokens.numbers(row, Spans(pairs.start[first], pairs.end[first])) - 1
    said = [f"{tag}{number:02d}" for number in element.tolist()]
    of.where.report(defects, "qualifier", of.tokens, row, element=element, expected=said)


def check_numbers(
    of: Body, found: Mapping[tuple[str, str, int], Pairs], known: set[int], defects: Defects
) -> None:
    """Report the segments of items that have pairs, and in none of them a number of the item.

    Args:
        of: transaction sets of one kind.
        found: by loop, tag and first element, the pairs of its segments.
        known: segments whose pairs are reported already.
        defects: receives them.
    """
    for loop in {loop for loop, _, _ in found}:
        first, last = of.units[loop]
        several = {place[1:]: pairs for place, pairs in found.items() if place[0] == loop}
        open_ = np.zeros(last - first, bool)
        for pairs in several.values():
            open_[pairs.unit] = True
        for number in _NUMBERS:
            if not open_.any():
                break
            for pairs in several.values():
                open_[pairs.unit[pairs.qualifier == number]] = False
        for (tag, element), pairs in several.items():
            row = np.setdiff1d(pairs.row[open_[pairs.unit]], list(known))
            if row.size and tag != _ONE_PAIR:
                elements, said = np.full(row.size, element), [f"{tag}{element:02d}"] * row.size
                of.where.report(
                    defects, "unnumbered", of.tokens, row, element=elements, expected=said
                )


def _levels_around(of: Body, units: Ints) -> Flags:
    """For each unit of the body, whether it is a loop around any of ``units``."""
    around = np.zeros(of.begin.size, bool)
    while (units := np.unique(of.parent[units])).size:
        units = units[units >= of.sets.size]
        around[units] = True
    return around


def _coded(of: Body, need: Need) -> Ints:
    """Places of the segments that the need names."""
    places = of.tagged(need.tag)
    if not (need.codes and places.size):
        return places
    held = of.coded(need.tag, need.code_at)
    return places[np.isin(held, [code(c) for c in need.codes])]


def _levels(of: Body, declared: TransactionSet, units: Ints) -> Ints:
    """For each of ``units``, the level that it is or stands in, or -1."""
    kinds = [of.units[loop.name] for loop in declared.loops if loop.is_level]
    level = units.copy()
    while True:
        found = np.logical_or.reduce([(level >= first) & (level < last) for first, last in kinds])
        open_ = true_at(~found & (level >= 0))
        if not open_.size:
            return level
        level[open_] = of.parent[level[open_]]


def _begins(loop: Loop) -> str:
    codes = f" ({' or '.join(loop.codes)} in {loop.tag}{loop.element:02d})" if loop.codes else ""
    return loop.tag + codes
