"""How many lines a transaction set says it has: CTT01.

What belongs here: CTT01. What does not: counts of segments, sets and groups, which stand in the
envelope, and sums (``balance``).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.spans import true_at
from recon.parse.values import numbers, text_array
from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.defects import Counts, Defects
from recon.parse.x12.loops import Body


def check_counts(
    of: Body, declared: TransactionSet, keys: Mapping[str, pa.Array], defects: Defects
) -> Counts | None:
    """Compare the number of lines with what the sender declares.

    Args:
        of: the transaction sets.
        declared: says which loops CTT01 may count.
        keys: their numbers, in order: ``transaction_no``.
        defects: receives what does not agree.

    Returns:
        Every CTT01 that is given; None: none is.
    """
    places = of.tagged("CTT") if declared.counts else np.zeros(0, np.int64)
    span = of.tokens.element(of.rows[places], 1)
    given = true_at(span.end > span.start)
    if not given.size:
        return None
    places, span = places[given], span.some(given)
    rows, owner = of.rows[places], of.own[of.unit[places]]
    read = numbers(of.tokens, span, 0)
    agrees, counted = np.zeros(rows.size, bool), np.zeros(rows.size, np.int64)
    for loop in reversed(declared.counts):
        number = of.number_of(loop)[owner]
        counted = np.where(agrees, counted, number)
        agrees |= read.readable & (read.unscaled == number)
    sent = text_array(of.tokens, span)
    wrong = true_at(~agrees)
    if wrong.size:
        found = pl.Series(counted[wrong]).cast(pl.String)
        expected = pl.Series(values=sent)[wrong]
        of.where.report(defects, "CTT01", of.tokens, rows[wrong], found=found, expected=expected)
    return Counts(
        control="CTT01",
        transaction_no=keys["transaction_no"].to_numpy()[owner],
        source_record=rows + 1 + of.where.before.segments,
        byte_offset=of.tokens.offset[rows],
        declared=sent,
        found=counted,
        agrees=agrees,
    )
