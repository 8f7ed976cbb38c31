"""Segments of which nothing is read: what they say is told, unless it is left out on purpose.

What belongs here: which tags a declaration reads. What does not: the reading (``extract.py``), nor
a segment that is read elsewhere and stands where it may not (``places.py``).
"""

from functools import cache

import numpy as np

from recon.parse.spans import code, true_at
from recon.parse.values import text
from recon.parse.x12.declare import Counted, TransactionSet
from recon.parse.x12.defects import Defects
from recon.parse.x12.loops import Body
from recon.parse.x12.places import LINES

# Of every set: free text and what heads it, addresses, how to reach people, attachments, the marks
# around a run of segments.
_WORDS = "MSG NTE PID MTX N9 PWK N2 N3 N4 NX2 PER LS LE"
_FRAME = "ST SE HL CTT"
# Of sets about persons: those without a digit. Three letters more may be a name that a terminator
# within a text has made a segment of.
_OF_CLAIMS = {code(tag) for tag in ("AMT", "CAS", "CTP", "DTM", "DTP", "HCP", "LIN", "QTY", "REF")}


def check_unread(of: Body, declared: TransactionSet, defects: Defects) -> None:
    """Report, once for each transaction set and tag, the segments of which nothing is read."""
    if declared.ignored is None:
        return
    for tag in sorted(of.tags - _known(declared)):
        places = true_at(of.tag == tag)
        if declared.about_persons and _may_be_a_name(tag):
            continue
        places = places[of.tokens.tagged[of.rows[places]]]  # what is no tag is told as such
        own = of.own[of.unit[places]]
        _, first, count = np.unique(own, return_index=True, return_counts=True)
        rows = of.rows[places[first]]
        if rows.size:
            named = text(of.tokens, of.tokens.tags(rows))
            found = [str(n) for n in count.tolist()]
            of.where.report(defects, "not_read", of.tokens, rows, found=found, expected=named)


def _may_be_a_name(tag: int) -> bool:
    letters = tag.to_bytes(4, "little").rstrip(b"\0").isalpha()
    return letters and tag not in _OF_CLAIMS


@cache
def _known(declared: TransactionSet) -> frozenset[int]:
    """Tags of the segments that are read or left out on purpose, as numbers."""
    columns = [c for r in (*declared.records, *declared.checked) for c in r.columns]
    sources = [source for column in columns for source in column.sources]
    left_out = f"{_FRAME} {_WORDS} {declared.ignored}".split()
    tags = {
        *(*left_out, *declared.summary, *LINES),
        *(loop.tag for loop in declared.loops),
        *(tag for record in declared.records for tag in record.tags),
        *(tag for source in sources for tag in (source.tag, source.inside) if tag),
        *(column.loop[:-4] for column in columns if column.counted is Counted.LISTED),
    }
    return frozenset(code(tag) for tag in tags)
