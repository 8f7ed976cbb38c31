"""Who encloses whom: segments to transaction sets, groups and interchanges.

What belongs here: the nesting of ISA, GS and ST. What does not: whether trailers agree.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recon.parse.spans import Flags, Ints, Spans, code, true_at
from recon.parse.values import masked, text_array
from recon.parse.x12.defects import Cells, Defects
from recon.parse.x12.tokens import Tokens

ISA, IEA, GS, GE, ST, SE = (code(tag) for tag in ("ISA", "IEA", "GS", "GE", "ST", "SE"))
# Besides the envelope itself these may stand outside a transaction set: interchange
# acknowledgements, security headers and trailers.
_OUTSIDE = [code(tag) for tag in ("TA1", "TA3", "ISB", "ISE", "S1S", "S1E", "S2S", "S2E", "SVA")]


@dataclass(frozen=True)
class Before:
    """What the pieces of a file before this one leave open; the defaults are those of its start.

    Attributes:
        segments: how many there were; likewise ``groups`` and ``transactions``.
        interchange: index of the last one.
        in_group: a group is open: the last one.
        after_iea: an IEA has closed the last interchange.
        control: control number (GS06) of the last group; ``version`` is its GS08.
    """

    segments: int = 0
    groups: int = 0
    transactions: int = 0
    interchange: int = -1
    in_group: bool = False
    after_iea: bool = False
    control: str | None = None
    version: str | None = None


@dataclass(frozen=True, eq=False)
class Structure:
    """Rows of ``Tokens`` and what they belong to: an index in the file, or -1 for nothing.

    Attributes:
        before: what came before.
        group: functional group of each segment.
        transaction: transaction set of each segment.
        isa: row of each ISA.
        gs: row of each GS.
        st: row of each ST.
        last_of_set: row of the last segment of each transaction set.
        iea: row of the first IEA of each interchange that has one here.
        stray: first and last row of each run of segments that belong to nothing.
    """

    before: Before
    group: Ints
    transaction: Ints
    isa: Ints
    gs: Ints
    st: Ints
    last_of_set: Ints
    iea: Ints
    stray: tuple[Ints, Ints]

    def after(self, tokens: Tokens) -> Before:
        """What the piece leaves to the one that follows."""
        if not len(tokens):
            return self.before
        control, version = self.before.control, self.before.version
        if self.gs.size:
            start, end = tokens.element(np.repeat(self.gs[-1], 2), np.array([6, 8]))
            control, version = (
                tokens.text[begin:stop].decode() or None
                for begin, stop in zip(start.tolist(), end.tolist(), strict=True)
            )
        number = int(tokens.interchange[-1])
        begun = int(np.argmax(tokens.interchange == number))
        ended = bool((tokens.tag[begun:] == IEA).any())
        same = number == self.before.interchange
        last = int(self.group[-1])
        return Before(
            segments=self.before.segments + len(tokens),
            groups=self.before.groups + self.gs.size,
            transactions=self.before.transactions + self.st.size,
            interchange=number,
            in_group=last >= 0 and tokens.tag[-1] != GE,
            after_iea=ended or (same and self.before.after_iea),
            control=control,
            version=version,
        )

    def report(
        self, defects: Defects, code: str, tokens: Tokens, rows: Ints, **columns: Cells
    ) -> None:
        """Add a defect at each of ``rows``; ``columns`` may give found and expected."""
        if rows.size:
            defects.add(
                code,
                byte_offset=tokens.offset[rows],
                segment_no=rows + 1 + self.before.segments,
                interchange_no=tokens.interchange[rows] + 1,
                group_no=ordinal(self.group[rows]),
                transaction_no=ordinal(self.transaction[rows]),
                tag=_tag(tokens, rows),
                **columns,
            )


def _tag(tokens: Tokens, rows: Ints) -> pa.Array:
    """The tags of segments; what is no tag may be free text, and is not shown."""
    start, end = tokens.tags(rows)
    return text_array(tokens, Spans(start, np.where(tokens.tagged[rows], end, start)))


def ordinal(index: Ints) -> pa.Array:
    """An index from 0, or -1 for none, as a number from 1, or null."""
    return masked(index + 1, index >= 0)


def without_trailing_text(tokens: Tokens, before: Before) -> tuple[Tokens, Tokens]:
    """The segments; and what follows an IEA and is no segment: comments, odd characters."""
    starts = _starts(tokens, before)
    trailing = _since(tokens.tag == IEA, starts, initially=before.after_iea) & ~tokens.tagged
    dropped = tokens.subset(true_at(trailing))
    return (tokens.subset(true_at(~trailing)) if len(dropped) else tokens), dropped


def structure(tokens: Tokens, before: Before) -> Structure:
    """Assign segments to groups and transaction sets.

    A transaction set runs from ST to SE; without SE it ends before the next ST or envelope
    segment. A group runs from GS to GE; without GE it ends before the next GS, IEA or ISA.
    """
    tag, starts = tokens.tag, _starts(tokens, before)
    is_iea = tag == IEA
    outer = starts | is_iea | (tag == ISA)
    closed = _since(is_iea, starts, initially=before.after_iea)
    is_gs = (tag == GS) & ~closed  # after IEA there can be no group
    is_st = tag == ST
    in_group = _since(is_gs, outer, closes_after=tag == GE, initially=before.in_group)
    in_set = _since(is_st, outer | (tag == GS) | (tag == GE), closes_after=tag == SE)
    group = np.where(in_group, before.groups + np.cumsum(is_gs) - 1, -1)
    transaction = np.where(in_set, before.transactions + np.cumsum(is_st) - 1, -1)
    gs, st = true_at(is_gs), true_at(is_st)
    # The IEA itself is not "since" an IEA only if it is the first of its interchange.
    iea = true_at(is_iea)
    again = true_at(is_iea & np.append(before.after_iea, closed[:-1])[: tag.size] & ~starts)
    iea = np.setdiff1d(iea, again, assume_unique=True)

    loose = true_at(transaction < 0)
    good = starts[loose] | is_gs[loose] | np.isin(tag[loose], _OUTSIDE)
    good |= (tag[loose] == GE) & (group[loose] >= 0) | np.isin(loose, iea)
    stray = loose[~good]
    new_run = (np.diff(stray, prepend=-2) != 1) | starts[stray]
    run = true_at(new_run)
    return Structure(
        before=before,
        group=group,
        transaction=transaction,
        isa=true_at(starts),
        gs=gs,
        st=st,
        last_of_set=_last(transaction - before.transactions, st.size),
        iea=iea,
        stray=(stray[run], stray[np.append(run[1:], stray.size)[: run.size] - 1]),
    )


def _starts(tokens: Tokens, before: Before) -> Flags:
    starts = np.empty(len(tokens), bool)
    starts[:1] = tokens.interchange[:1] != before.interchange
    np.not_equal(tokens.interchange[1:], tokens.interchange[:-1], out=starts[1:])
    return starts


def _since(
    opens: Flags, closes: Flags, closes_after: Flags | None = None, *, initially: bool = False
) -> Flags:
    """True from each row that opens up to the next that closes; ``closes_after`` is included."""
    change = opens | closes
    if closes_after is not None:
        change[1:] |= closes_after[:-1]
    rows = true_at(change)
    lengths = np.diff(rows, prepend=0, append=opens.size)
    return np.repeat(np.append(initially, opens[rows]), lengths)


def _last(owner: Ints, size: int) -> Ints:
    """The last row of each owner; owners own contiguous rows, in order."""
    rows = true_at(owner >= 0)
    return rows[np.searchsorted(owner[rows], np.arange(size), side="right") - 1]
