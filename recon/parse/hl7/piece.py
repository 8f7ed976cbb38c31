"""One piece of a file, read: what it gives, counted from its own beginning.

What belongs here: the steps of reading a piece. What does not: any of them; what can be said of the
file as a whole only (``reader.py``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from recon.parse import values
from recon.parse.hl7 import envelope, gate, shift
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.device import with_dev
from recon.parse.hl7.extract import Extractor
from recon.parse.hl7.profile import Profile
from recon.parse.hl7.segments import Segments
from recon.parse.hl7.sets import DECLARED
from recon.parse.hl7.sets.accounts import MERGE
from recon.parse.hl7.sets.charges import CHARGE, DEV, MESSAGES
from recon.parse.hl7.sets.masters import CHARGE_MASTER, CHARGE_PRICE, INVENTORY, ITEM
from recon.parse.hl7.tokenise import tokenise
from recon.parse.hl7.visit import check_visits
from recon.parse.spans import Flags, Ints, code

# message_no, and how many charges (FT1) it has.
CHARGES = pl.Schema({"message_no": pl.Int64, "charges": pl.Int64})
REFUSED = pl.Schema({"segment_no": pl.Int64, "byte_length": pl.Int64})
# How many FT1 of a type are no charges, and where the first stands.
PASSED = pl.Schema({"type": pl.String, "records": pl.UInt32, "byte_offset": pl.Int64})
# Columns that count from the beginning of a piece.
_SEGMENT_NUMBERS = ("segment_no", "source_record", "parent_record")


class Counted(NamedTuple):
    """How many segments and messages stand before a piece."""

    segments: int
    messages: int


@dataclass(frozen=True, eq=False)
class Piece:
    """What one piece gives.

    Attributes:
        size: how many segments it has.
        messages: see ``envelope.message_frame``.
        newest: the newest day of its MSH-7.
        outline: see ``envelope.outline``.
        defects: see ``defects.py``.
        records: record name -> rows; charges that are not plausible, or none, are left out.
        charges: rows of ``CHARGES``.
        refused: rows of ``REFUSED``: the charges that are not plausible.
        passed: rows of ``PASSED``: payments and the like.
        explained: what explains each of those.
        charsets: the character sets its messages declare, Python's names.
        fallen: what parts of it were read as that were not in the declared set.
    """

    size: int
    messages: pl.DataFrame
    newest: date | None
    outline: pl.DataFrame
    defects: pl.DataFrame
    records: dict[str, pl.DataFrame]
    charges: pl.DataFrame
    refused: pl.DataFrame
    passed: pl.DataFrame
    explained: shift.Explained | None
    charsets: set[str]
    fallen: set[str]


def after(rows: pl.DataFrame, before: Counted) -> pl.DataFrame:
    """``rows`` of a piece, counted from the beginning of the file."""
    if not before.segments:
        return rows
    shifts = dict.fromkeys(_SEGMENT_NUMBERS, before.segments) | {"message_no": before.messages}
    return rows.with_columns(
        pl.col(name) + by for name, by in shifts.items() if name in rows.columns
    )


def counted(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces in the order of the file, each counted from its beginning."""
    before = Counted(0, 0)
    for piece in pieces:
        yield replace(
            piece,
            messages=after(piece.messages, before),
            outline=after(piece.outline, before),
            defects=after(piece.defects, before),
            records={name: after(rows, before) for name, rows in piece.records.items()},
            charges=after(piece.charges, before),
            refused=after(piece.refused, before),
        )
        before = Counted(before.segments + piece.size, before.messages + piece.messages.height)


def read_piece(data: bytes, start: int, end: int, *, transcode: bool, profile: Profile) -> Piece:
    """The piece of ``data`` from ``start`` to ``end``.

    Args:
        data: the file.
        start: where the piece begins.
        end: and where it ends.
        transcode: it is to be turned into UTF-8, by what its messages declare.
        profile: of its sender.
    """
    split = tokenise(data, start, end, transcode=transcode)
    segments = split.segments
    defects = Defects(segments)
    messages, sent = envelope.message_frame(segments, profile.time_zone, defects)
    envelope.check_lines(segments, split.fallen, defects)
    envelope.check_headers(segments, defects)
    if end == len(data):
        envelope.check_end(data, segments, defects)
    extractor = Extractor(segments, messages, sent.offset, profile.positions, profile.time_zone)
    records: dict[str, pl.DataFrame] = {}
    charges, refused = pl.DataFrame(schema=CHARGES), pl.DataFrame(schema=REFUSED)
    passed, left_out = pl.DataFrame(schema=PASSED), pl.Series("segment_no", [], pl.Int64)
    explained = None
    kinds = envelope.kinds(messages)
    _check_lost(extractor, segments, messages, kinds, defects)
    for event, record in _ENTRIES.items():
        _check_entries(extractor, segments, kinds.among([event]), record, defects)
    patients = np.zeros(messages.height, bool)
    for name, declared in DECLARED.items():
        among = kinds.among(declared.messages)
        if not among.any() or not extractor.of(declared.segment).size:
            continue
        read = extractor.read(declared, among, defects)
        patients |= among
        rows = read.frame
        if declared is CHARGE:
            judged = gate.judge(read, segments, profile, defects)
            devices = extractor.device_counts(read.rows)
            dev = extractor.number_under(read.rows, "DEV", ["FT1", "PID"])
            _tell_several("devices", read.rows, np.where(devices > 0, devices, dev), defects)
            charges = _counted(segments.message[read.rows] + 1)
            at = np.flatnonzero(judged.refused)
            refused = pl.DataFrame(
                [read.rows[at] + 1, segments.length[read.rows[at]]], schema=REFUSED
            )
            rows, out = judged.charges, judged.refused | judged.passed
            if out.any():
                passed = _passed(rows.filter(pl.Series(judged.passed, dtype=pl.Boolean)))
                rows = rows.filter(pl.Series(~out, dtype=pl.Boolean))
                left_out = pl.Series("segment_no", read.rows[out] + 1)
            explained = judged.explained
        elif declared.parent == CHARGE.segment and left_out.len():
            rows = rows.filter(~pl.col("parent_record").is_in(left_out.implode()))
        for tag, several in _SEVERAL.get(name, {}).items():
            number = extractor.number_under(read.rows, tag, [*declared.ends, declared.segment])
            _tell_several(several, read.rows, number, defects)
        if rows.height and declared is DEV:
            with_dev(records, rows)
        elif rows.height:
            records[name] = rows
    newest = sent.date(profile.time_zone).max()
    visits = extractor.of("PV1")
    visits = visits[segments.message[visits] >= 0]
    visits = visits[patients[segments.message[visits]]]
    check_visits(visits, segments, profile, defects)
    for place, at in extractor.unkind.items():
        at = at[patients[segments.message[at]]]
        told = [f"{place.segment}-{place.field}"] * at.size
        defects.add("unkind", at, field=place.field, found=told)
    return Piece(
        size=len(segments),
        messages=messages,
        newest=newest if isinstance(newest, date) else None,
        outline=envelope.outline(segments),
        defects=defects.frame(),
        records=records,
        charges=charges,
        refused=refused,
        passed=passed,
        explained=explained,
        charsets=split.charsets,
        fallen=set(split.fallen.values()),
    )


def _counted(number: Ints) -> pl.DataFrame:
    """Rows of ``CHARGES``, of the message of each charge."""
    first = np.flatnonzero(np.diff(number, prepend=0))
    return pl.DataFrame([number[first], np.diff(first, append=number.size)], schema=CHARGES)


def _passed(rows: pl.DataFrame) -> pl.DataFrame:
    told = rows.group_by("type").agg(pl.len().alias("records"), pl.col("byte_offset").min())
    return told.cast(dict(PASSED.items()))


def _tell_several(code: str, rows: Ints, counts: Ints, defects: Defects) -> None:
    several = np.flatnonzero(counts > 1)
    defects.add(code, rows[several], found=[str(n) for n in counts[several].tolist()])


# Record -> segments under it of which it has the first alone, and what is told of several.
_SEVERAL = {
    "charge": {"PR1": "procedures"},
    "account": {"PV1": "visits"},
    "case": {"AIS": "services"},
}
# Records that are told where a message of another kind holds them.
_TOLD = (CHARGE, MERGE, CHARGE_MASTER, CHARGE_PRICE, ITEM, INVENTORY)
_READ = sorted({c.place.segment for record in DECLARED.values() for c in record.columns})


def _check_lost(
    extractor: Extractor,
    segments: Segments,
    messages: pl.DataFrame,
    kinds: envelope.Kinds,
    defects: Defects,
) -> None:
    """Records in messages that carry none; and what ADD adds to the segment before it."""
    for declared in _TOLD:
        rows = extractor.of(declared.segment)
        rows = rows[segments.message[rows] >= 0]
        if rows.size:
            told = ~kinds.among(declared.messages)
            told &= messages["message_type"].is_not_null().to_numpy()
            lost = rows[told[segments.message[rows]]]
            if declared is not CHARGE:  # of a master file one note is enough
                lost = lost[np.diff(segments.message[lost], prepend=-1) > 0]
            defects.add("unread", lost, found=[declared.segment] * lost.size)
    apart = extractor.devices_apart()
    apart = apart[segments.message[apart] >= 0]
    apart = apart[kinds.among(MESSAGES)[segments.message[apart]]]
    tags = [segments.text[a : a + 3].decode("ascii") for a in segments.start[apart].tolist()]
    defects.add("device_apart", apart, found=tags)
    # LOINC's code of a UDI: a result is text, of which nothing is read.
    rows = extractor.of("OBX")
    rows = rows[segments.message[rows] >= 0]
    rows = rows[kinds.among(MESSAGES)[segments.message[rows]]]
    if rows.size and b"74711-3" in segments.text:
        code_ = segments.part(rows, segments.field(rows, 3), "component", 1)
        rows = rows[(values.text(segments, code_) == "74711-3").fill_null(False).to_numpy()]
        defects.add("udi_in_result", rows)
    added = extractor.of("ADD")
    if added.size:
        added = added[segments.message[added] >= 0]
        others = np.flatnonzero(segments.tagged & (segments.tag != code("ADD")))
        before = others[np.searchsorted(others, added) - 1]
        read = np.isin(segments.tag[before], [code(tag) for tag in _READ])
        start = segments.start[before]
        for name, chosen in (("ADD", read), ("ADD_text", ~read)):
            tags = [segments.text[a : a + 3].decode("ascii") for a in start[chosen].tolist()]
            defects.add(name, added[chosen], found=tags)


# What an entry (MFE) of a master file is about; of M13 the key alone may be sent.
_ENTRIES = {"MFN^M04": "CDM", "MFN^M15": "IIM", "MFN^M16": "ITM"}


def _check_entries(
    extractor: Extractor, segments: Segments, among: Flags, record: str, defects: Defects
) -> None:
    """Entries that hold no record: many senders delete so, and no row would say it."""
    entries = extractor.of("MFE")
    entries = entries[segments.message[entries] >= 0]
    entries = entries[among[segments.message[entries]]]
    if not entries.size:
        return
    held = extractor.of(record)
    stops = np.sort(np.concatenate([extractor.of("MFE"), extractor.of("MSH"), [len(segments)]]))
    until = stops[np.searchsorted(stops, entries, side="right")]
    empty = entries[np.searchsorted(held, until) == np.searchsorted(held, entries)]
    defects.add("entry", empty, expected=[record] * empty.size)
