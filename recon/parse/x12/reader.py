"""Read an X12 file: the frames, the typed records, and what was refused.

What belongs here: putting the parts together. What does not: any of the parts.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.parsed import Parsed
from recon.parse.x12 import envelope, extract, gaps, refuse
from recon.parse.x12.defects import Defects
from recon.parse.x12.delimiters import find_interchanges
from recon.parse.x12.sets import RECORDS, SETS
from recon.parse.x12.structure import Structure, ordinal, structure, without_trailing_text
from recon.parse.x12.text import Ints, read_text
from recon.parse.x12.tokens import Spans, Tokens, tokenise
from recon.parse.x12.values import text

_BATCH = 1 << 18


@dataclass(frozen=True, eq=False)
class X12:
    """An X12 file, read. Every number in the frames counts from 1, every byte offset from 0.

    Attributes:
        interchanges: one row per ISA, with its delimiters.
        groups: one row per GS.
        transactions: one row per ST; ``accepted`` says whether its records are in ``records``.
        defects: everything found wrong, see ``recon.parse.x12.defects``.
        controls: what the trailers declared and what was found.
        records: record name -> rows, for the transaction sets in the file that are declared.
        encoding: how the bytes were read as text.
        data: the bytes.
    """

    interchanges: pl.DataFrame
    groups: pl.DataFrame
    transactions: pl.DataFrame
    defects: pl.DataFrame
    controls: pl.DataFrame
    records: dict[str, pl.DataFrame]
    encoding: str
    data: bytes
    _tokens: Tokens
    _structure: Structure

    @cached_property
    def segments(self) -> pl.DataFrame:
        """One row per segment; ``elements`` holds element 01 and following, as sent."""
        tokens, where = self._tokens, self._structure
        size = len(tokens)
        count = tokens.count
        ends = np.cumsum(count)
        nth = np.arange(count.sum()) - np.repeat(ends - count, count)
        at = np.repeat(tokens.first, count) + nth
        start = tokens.positions[at] + np.repeat(tokens.width, count)
        is_last = nth == np.repeat(count, count) - 1
        after = tokens.positions[np.minimum(at + 1, tokens.positions.size - 1)]
        end = np.where(is_last, np.repeat(tokens.end, count), after)
        elements = text(tokens, Spans(start, end), keep_empty=True).to_arrow()
        offsets = pa.array(np.concatenate([np.zeros(1, np.int64), ends]))
        return pl.DataFrame(
            {
                "segment_no": np.arange(1, size + 1),
                "interchange_no": tokens.interchange + 1,
                "group_no": ordinal(where.group),
                "transaction_no": ordinal(where.transaction),
                "tag": text(tokens, tokens.tags(np.arange(size)), keep_empty=True),
                "elements": pl.Series(
                    values=pa.LargeListArray.from_arrays(offsets, elements),
                    dtype=pl.List(pl.String),
                ),
                "byte_offset": tokens.offset,
                "byte_length": tokens.length,
            }
        )

    @cached_property
    def gaps(self) -> pl.DataFrame:
        """The bytes that belong to no segment: ``byte_offset``, ``byte_length``, ``kind``."""
        marks = self.interchanges["terminator"].drop_nulls().unique()
        terminators = {mark.encode("utf-8") for mark in marks}
        return gaps.gaps(self.data, self._tokens.offset, self._tokens.length, terminators)


def read_x12(source: Path | str | bytes) -> X12:
    """Read an X12 file or its bytes.

    Whatever is wrong with it is a row of ``defects``, never an exception; only a file that cannot
    be opened raises, as ``OSError``.

    Example:
        >>> lines = read_x12("invoices.edi").records["invoice_line"]  # doctest: +SKIP
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    text_ = read_text(data)
    interchanges = find_interchanges(text_.data)
    tokens, dropped = without_trailing_text(tokenise(text_, interchanges))
    where = structure(tokens)
    defects = Defects()
    if text_.encoding not in ("ascii", "utf-8"):
        defects.add("encoding", byte_offset=[0], found=[text_.encoding])
    if not interchanges:
        defects.add("no_isa", byte_offset=[0])
    gaps.check_outside(text_, interchanges, dropped, defects)

    sets, groups, outer = envelope.levels(tokens, where)
    controls = [envelope.check(tokens, where, level, defects) for level in (sets, groups, outer)]
    envelope.check_segments(tokens, where, defects)
    envelope.check_isa(interchanges, text_, tokens.broken, defects)
    interchange = envelope.interchange_frame(interchanges, text_, tokens, where, outer)
    group = envelope.group_frame(tokens, where, groups)
    transactions = envelope.transaction_frame(tokens, where, sets)

    keys = _keys(interchange, group, transactions)
    records: dict[str, pl.DataFrame] = {}
    for code, declared in SETS.items():
        chosen = transactions["set_code"].eq_missing(code).arg_true().to_numpy().astype(np.int64)
        parts: dict[str, list[pl.DataFrame]] = {}
        for batch in _batches(chosen, transactions["segment_count"].to_numpy()):
            body = extract.body(tokens, where, declared, batch)
            for name, rows in extract.records(body, declared, keys[batch], defects).items():
                parts.setdefault(name, []).append(rows)
            controls.append(extract.check_lines(body, declared, defects))
        records |= {name: pl.concat(rows) for name, rows in parts.items()}

    found = defects.frame()
    accepted = refuse.accepted(transactions, found)
    transactions = transactions.with_columns(accepted=accepted)
    if not accepted.all():
        kept = transactions.filter("accepted").select("transaction_no")
        records = {
            name: rows.join(kept, on="transaction_no", how="semi", maintain_order="left")
            for name, rows in records.items()
        }
    return X12(
        interchanges=interchange,
        groups=group,
        transactions=transactions,
        defects=found,
        controls=pl.concat(controls).sort("source_record", "control"),
        records=records,
        encoding=text_.encoding,
        data=data,
        _tokens=tokens,
        _structure=where,
    )


def parse(data: bytes) -> Parsed:
    """Read an X12 file for the pipeline; the unit of counting is the transaction set.

    A transaction set that is not accepted is one reject. Whatever else is lost is one reject
    each: a file without ISA, an interchange or group that is refused and holds no transaction
    set, a run of segments outside any transaction set.
    """
    x12 = read_x12(data)
    first, last = x12._structure.stray
    begin, end = x12._tokens.offset, x12._tokens.offset + x12._tokens.length
    strays = pl.DataFrame(
        {
            "segment_no": first + 1,
            "byte_offset": begin[first],
            "byte_length": end[last] - begin[first],
        }
    )
    rejects = refuse.rejects(
        data=data,
        encoding=x12.encoding,
        interchanges=x12.interchanges,
        groups=x12.groups,
        transactions=x12.transactions,
        strays=strays,
        defects=x12.defects,
    )
    other = rejects.filter(pl.col("record") != "transaction").height
    return Parsed(
        records={
            name: x12.records.get(name, schema.to_frame()) for name, schema in RECORDS.items()
        },
        rejects=rejects,
        controls=x12.controls,
        records_in=x12.transactions.height + other,
        encoding=x12.encoding,
    )


def _batches(sets: Ints, sizes: Ints) -> list[Ints]:
    """``sets`` in batches of about ``_BATCH`` segments: what stays in the cache is quick."""
    batch = np.cumsum(sizes[sets]) // _BATCH
    return [b for b in np.split(sets, np.flatnonzero(np.diff(batch)) + 1) if b.size]


def _keys(
    interchanges: pl.DataFrame, groups: pl.DataFrame, transactions: pl.DataFrame
) -> pl.DataFrame:
    """For each transaction set, the columns of ``KEYS`` that it decides."""
    outer = interchanges.select(
        "interchange_no",
        "sender_id",
        "receiver_id",
        interchange_control_number=pl.col("control_number"),
    )
    group = groups.select("group_no", group_control_number=pl.col("control_number"))
    return (
        transactions.join(outer, on="interchange_no", how="left", maintain_order="left")
        .join(group, on="group_no", how="left", maintain_order="left")
        .select(
            "transaction_no",
            "sender_id",
            "receiver_id",
            "interchange_control_number",
            "group_control_number",
            transaction_control_number=pl.col("control_number"),
        )
    )
