"""Who encloses whom: segments to transaction sets, groups and interchanges.

What belongs here: the nesting of ISA, GS and ST. What does not: whether trailers agree.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.parse.x12.defects import Cells, Defects
from recon.parse.x12.text import Ints
from recon.parse.x12.tokens import Flags, Tokens, code
from recon.parse.x12.values import nullable

ISA, IEA, GS, GE, ST, SE = (code(tag) for tag in ("ISA", "IEA", "GS", "GE", "ST", "SE"))
# Besides the envelope itself these may stand outside a transaction set: interchange
# acknowledgements, security headers and trailers.
_OUTSIDE = [code(tag) for tag in ("TA1", "TA3", "ISB", "ISE", "S1S", "S1E", "S2S", "S2E", "SVA")]


@dataclass(frozen=True, eq=False)
class Structure:
    """Rows of ``Tokens`` and what they belong to: an index from 0, or -1 for nothing.

    Attributes:
        group: functional group of each segment.
        transaction: transaction set of each segment.
        isa: row of each readable interchange's ISA.
        gs: row of each GS.
        st: row of each ST.
        last_of_interchange: row of the last segment of each readable interchange.
        last_of_group: row of the last segment of each group.
        last_of_set: row of the last segment of each transaction set.
        iea: row of each readable interchange's IEA, or -1.
        stray: first and last row of each run of segments that belong to nothing.
    """

    group: Ints
    transaction: Ints
    isa: Ints
    gs: Ints
    st: Ints
    last_of_interchange: Ints
    last_of_group: Ints
    last_of_set: Ints
    iea: Ints
    stray: tuple[Ints, Ints]

    def report(
        self, defects: Defects, code: str, tokens: Tokens, rows: Ints, **columns: Cells
    ) -> None:
        """Add a defect at each of ``rows``; ``columns`` may give found and expected."""
        if rows.size:
            defects.add(
                code,
                byte_offset=tokens.offset[rows],
                segment_no=rows + 1,
                interchange_no=tokens.interchange[rows] + 1,
                group_no=ordinal(self.group[rows]),
                transaction_no=ordinal(self.transaction[rows]),
                **columns,
            )


def ordinal(index: Ints) -> pl.Series:
    """An index from 0, or -1 for none, as a number from 1, or null."""
    return nullable(index + 1, index >= 0)


def without_trailing_text(tokens: Tokens) -> tuple[Tokens, Tokens]:
    """The segments; and what follows an IEA and is no segment: comments, odd characters."""
    trailing = _since(tokens.tag == IEA, _starts(tokens)) & ~tokens.tagged
    dropped = tokens.subset(np.flatnonzero(trailing))
    return (tokens.subset(np.flatnonzero(~trailing)) if len(dropped) else tokens), dropped


def structure(tokens: Tokens) -> Structure:
    """Assign segments to groups and transaction sets.

    A transaction set runs from ST to SE; without SE it ends before the next ST or envelope
    segment. A group runs from GS to GE; without GE it ends before the next GS, IEA or ISA.
    """
    tag, starts = tokens.tag, _starts(tokens)
    isa = np.flatnonzero(starts)
    last_of_interchange = np.append(isa[1:], len(tokens))[: isa.size] - 1
    ends = np.flatnonzero(tag == IEA)
    iea = np.append(ends, -1)[np.searchsorted(ends, isa)]
    iea = np.where(iea <= last_of_interchange, iea, -1)

    outer = starts | (tag == IEA) | (tag == ISA)
    is_gs = (tag == GS) & ~_since(tag == IEA, starts)  # after IEA there can be no group
    is_st = tag == ST
    in_group = _since(is_gs, outer, closes_after=tag == GE)
    in_set = _since(is_st, outer | (tag == GS) | (tag == GE), closes_after=tag == SE)
    group = np.where(in_group, np.cumsum(is_gs) - 1, -1)
    transaction = np.where(in_set, np.cumsum(is_st) - 1, -1)
    gs, st = np.flatnonzero(is_gs), np.flatnonzero(is_st)

    loose = np.flatnonzero(transaction < 0)
    good = starts[loose] | is_gs[loose] | np.isin(tag[loose], _OUTSIDE)
    good |= (tag[loose] == GE) & (group[loose] >= 0) | np.isin(loose, iea)
    stray = loose[~good]
    new_run = (np.diff(stray, prepend=-2) != 1) | starts[stray]
    run = np.flatnonzero(new_run)
    return Structure(
        group=group,
        transaction=transaction,
        isa=isa,
        gs=gs,
        st=st,
        last_of_interchange=last_of_interchange,
        last_of_group=_last(group, gs.size),
        last_of_set=_last(transaction, st.size),
        iea=iea,
        stray=(stray[run], stray[np.append(run[1:], stray.size)[: run.size] - 1]),
    )


def _starts(tokens: Tokens) -> Flags:
    starts: Flags = np.diff(tokens.interchange, prepend=-1) != 0
    return starts


def _since(opens: Flags, closes: Flags, closes_after: Flags | None = None) -> Flags:
    """True from each row that opens up to the next that closes; ``closes_after`` is included."""
    change = opens | closes
    if closes_after is not None:
        change[1:] |= closes_after[:-1]
    rows = np.flatnonzero(change)
    lengths = np.diff(rows, prepend=0, append=opens.size)
    return np.repeat(np.append(False, opens[rows]), lengths)


def _last(owner: Ints, size: int) -> Ints:
    """The last row of each owner; owners own contiguous rows, in order."""
    rows = np.flatnonzero(owner >= 0)
    return rows[np.searchsorted(owner[rows], np.arange(size), side="right") - 1]
