"""What stands where it may not: a segment outside the loop that reads it, a loop once too often.

What belongs here: these. What does not: what is missing (``extract.py``), nor a hierarchy that does
not hold together (``loops.py``).
"""

from recon.parse.spans import Ints, true_at
from recon.parse.x12.declare import Loop, Need, TransactionSet
from recon.parse.x12.defects import Defects
from recon.parse.x12.loops import Body
from recon.parse.x12.rows import nth_of


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

    for inner in map(Need.read, declared.only_in):
        places = of.tagged(inner.tag)
        lost = places[of.around(inner.loop)[of.unit[places]] < 0] if places.size else places
        if lost.size:
            (holder,) = (loop for loop in declared.loops if loop.name == inner.loop)
            expected = f"it belongs behind the {_begins(holder)} that begins its loop"
            report("misplaced", lost, [inner.tag] * lost.size, expected)
    for loop in declared.loops:
        if not loop.at_most:
            continue
        first, last = of.units[loop.name]
        nth = nth_of(of.parent[first:last])
        late = true_at(nth > loop.at_most)
        if late.size:
            expected = f"at most {loop.at_most} of {_begins(loop)} may stand here"
            found = [str(n) for n in nth[late].tolist()]
            report("loop_repeats", of.begin[first:last][late], found, expected)


def _begins(loop: Loop) -> str:
    codes = f" ({' or '.join(loop.codes)} in {loop.tag}{loop.element:02d})" if loop.codes else ""
    return loop.tag + codes
