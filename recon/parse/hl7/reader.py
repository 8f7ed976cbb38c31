"""Read an HL7 v2 file: the frames, the typed records, and what was refused.

What belongs here: putting the parts together. What does not: any of the parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse.hl7 import acks, envelope, gate, refuse
from recon.parse.hl7.declare import Record
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.device import with_udi
from recon.parse.hl7.extract import Extractor
from recon.parse.hl7.gaps import gaps
from recon.parse.hl7.profile import Profile
from recon.parse.hl7.segments import Segments
from recon.parse.hl7.sets import DECLARED, RECORDS
from recon.parse.hl7.sets.charges import CHARGE, DEVICE
from recon.parse.hl7.tokenise import BOM, tokenise
from recon.parse.parsed import CONTROL, Parsed
from recon.parse.x12 import values
from recon.parse.x12.tokens import Flags, Spans
from recon.site import Hl7Profile


@dataclass(frozen=True, eq=False)
class Hl7:
    """An HL7 v2 file, read. Every number in the frames counts from 1, every byte offset from 0.

    Attributes:
        messages: one row per MSH; ``accepted`` says whether its records are in ``records``.
        defects: everything found wrong, see ``recon.parse.hl7.defects``.
        controls: what batches declare and what was found.
        records: record name -> rows, for the messages in the file that are declared (``sets/``).
        suggestions: profiles that would let quarantined charges through, see ``gate.SUGGESTION``.
        encoding: how the bytes were read as text.
        data: the bytes.
    """

    messages: pl.DataFrame
    defects: pl.DataFrame
    controls: pl.DataFrame
    records: dict[str, pl.DataFrame]
    suggestions: pl.DataFrame
    encoding: str
    data: bytes
    _segments: Segments
    _charges: pl.DataFrame

    @cached_property
    def segments(self) -> pl.DataFrame:
        """One row per segment, Z segments too; ``fields`` holds field 1 and following, as sent."""
        return _segment_frame(self._segments)

    @cached_property
    def gaps(self) -> pl.DataFrame:
        """The bytes that belong to no segment: ``byte_offset``, ``byte_length``, ``kind``."""
        return gaps(self.data, self._segments.offset, self._segments.length)

    def acks(self, moment: str | None = None) -> bytes:
        """The acknowledgement (ACK) of every message that wants one, in its own delimiters.

        Args:
            moment: MSH-7 of the answers, as HL7 writes it; by default that of the message answered.
        """
        return acks.acknowledge(self, moment)


SEGMENT = pl.Schema(
    [
        ("segment_no", pl.Int64()),
        ("message_no", pl.Int64()),
        ("segment", pl.String()),
        ("fields", pl.List(pl.String)),
        ("byte_offset", pl.Int64()),
        ("byte_length", pl.Int64()),
    ]
)


def read_hl7(
    source: Path | str | bytes, profile: Hl7Profile | Mapping[str, object] | None = None
) -> Hl7:
    """Read a file of HL7 v2 messages, or its bytes.

    Whatever is wrong with it is a row of ``defects``, never an exception; only a file that cannot
    be opened raises, as ``OSError``.

    Args:
        source: the file, or what is in it.
        profile: the habits of its sender, as ``format: {kind: hl7, profile: ...}`` of a feed.

    Raises:
        ValueError: the profile is none.

    Example:
        >>> charges = read_hl7("charges.hl7").records["charge"]  # doctest: +SKIP
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    if profile is not None and not isinstance(profile, Hl7Profile):
        profile = Hl7Profile.model_validate(profile)
    return _read(data, Profile.of(profile), None)


def parse(data: bytes, profile: Hl7Profile | None, day: date) -> Parsed:
    """Read an HL7 file for the pipeline; the unit of counting is the message, or its charges.

    A message with charges (FT1) counts once for each. A message that is not accepted is one reject
    of as many records; a charge that is not plausible is one of its own.
    """
    found = _read(data, Profile.of(profile), day)
    where = found._segments
    rejects = refuse.rejects(
        data=data,
        messages=found.messages,
        charges=found._charges,
        defects=found.defects,
        segments=pl.DataFrame(
            {"segment_no": np.arange(1, len(where) + 1), "byte_length": where.length}
        ),
    )
    other = rejects.filter(~pl.col("record").is_in(["message", "charge"])).height
    several = int((found._charges["charges"] - 1).sum())
    return Parsed(
        records={name: found.records.get(name, s.to_frame()) for name, s in RECORDS.items()},
        rejects=rejects,
        controls=found.controls,
        records_in=found.messages.height + several + other,
        encoding=found.encoding,
    )


def _read(data: bytes, profile: Profile, day: date | None) -> Hl7:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _unreadable(data)
    split = tokenise(data)
    segments = split.segments
    defects = Defects(segments)
    if data.startswith(BOM):
        defects.add("bom", byte_offset=[0])
    messages, offset = envelope.message_frame(segments, profile.time_zone, defects)
    if messages.is_empty():
        defects.add("no_msh", byte_offset=[0])
    controls = envelope.check_batches(segments, defects)
    envelope.check_lines(data, segments, split.fallen, defects)
    envelope.check_frames(data, messages, messages["segment_no"].to_numpy() - 1, defects)
    extractor = Extractor(
        segments, envelope.keys(messages, offset), profile.positions, profile.time_zone
    )
    # Without a business date the newest message says from when two-digit years are read.
    newest = messages.select(pl.col("message_at").max().dt.date()).item()
    records: dict[str, pl.DataFrame] = {}
    suggestions = pl.DataFrame(schema=gate.SUGGESTION)
    charges = pl.DataFrame(schema={"message_no": pl.Int64, "charges": pl.Int64})
    refused = pl.DataFrame(schema={"source_record": pl.Int64})
    for name, declared in DECLARED.items():
        if messages.is_empty() or not extractor.of(declared.segment).size:
            continue
        read = extractor.read(declared, _in_message(messages, declared), defects)
        rows = read.frame
        if declared is CHARGE:
            judged = gate.judge(read, segments, profile, defects)
            counts = extractor.device_counts(read.rows)
            several = np.flatnonzero(counts > 1)
            defects.add(
                "devices", read.rows[several], found=[str(n) for n in counts[several].tolist()]
            )
            charges = rows.group_by("message_no", maintain_order=True).agg(charges=pl.len())
            charges = charges.cast({"charges": pl.Int64})
            bad = pl.Series(judged.refused, dtype=pl.Boolean)
            refused = judged.charges.filter(bad).select("source_record")
            rows = judged.charges.filter(~bad) if refused.height else judged.charges
            suggestions = judged.suggestions
        elif declared is DEVICE and refused.height:
            rows = rows.join(refused, left_on="parent_record", right_on="source_record", how="anti")
        if declared.udi:
            rows = with_udi(rows, day or newest)
        if rows.height:
            records[name] = rows
    every = defects.frame()
    taken = refuse.accepted(messages, every)
    messages = messages.with_columns(accepted=taken)
    if not taken.all():
        bad_messages = messages.filter(~pl.col("accepted")).select("message_no")
        records = {
            name: kept
            for name, rows in records.items()
            if (
                kept := rows.join(bad_messages, on="message_no", how="anti", maintain_order="left")
            ).height
        }
    return Hl7(
        messages=messages,
        defects=every,
        controls=controls,
        records=records,
        suggestions=suggestions,
        encoding=split.encoding,
        data=data,
        _segments=segments,
        _charges=charges,
    )


def _unreadable(data: bytes) -> Hl7:
    nothing = _read(b"", Profile(), None)
    defects = Defects()
    defects.add("utf16", byte_offset=[0])
    return Hl7(
        messages=nothing.messages,
        defects=defects.frame(),
        controls=pl.DataFrame(schema=CONTROL),
        records={},
        suggestions=nothing.suggestions,
        encoding="utf-16",
        data=data,
        _segments=nothing._segments,
        _charges=nothing._charges,
    )


def _in_message(messages: pl.DataFrame, declared: Record) -> Flags:
    """Per message, whether it is one of those the record is declared for."""
    kind = pl.col("message_type")
    whole = pl.concat_str([kind, pl.lit("^"), pl.col("event_code").fill_null("")])
    wanted = list(declared.messages)
    found: Flags = (
        messages.select((kind.is_in(wanted) | whole.is_in(wanted)).fill_null(value=False))
        .to_series()
        .to_numpy()
        .astype(bool)
    )
    return found


def _segment_frame(segments: Segments) -> pl.DataFrame:
    size = len(segments)
    count = segments.count
    ends = np.cumsum(count)
    nth = np.arange(count.sum()) - np.repeat(ends - count, count)
    at = np.repeat(segments.first, count) + nth
    start = segments.positions[at] + 1
    end = segments.positions[np.minimum(at + 1, segments.positions.size - 1)]
    fields = values.text(segments, Spans(start, np.maximum(start, end)), keep_empty=True).to_arrow()
    offsets = pa.array(np.concatenate([np.zeros(1, np.int64), ends]))
    tags = values.text(segments, _tag_spans(segments))
    loose = envelope.outer(segments) | (segments.message < 0)
    return pl.DataFrame(
        [
            np.arange(1, size + 1),
            values.nullable(segments.message + 1, ~loose),
            tags,
            pl.Series(
                values=pa.LargeListArray.from_arrays(offsets, fields), dtype=pl.List(pl.String)
            ),
            segments.offset,
            segments.length,
        ],
        schema=SEGMENT,
    )


def _tag_spans(segments: Segments) -> Spans:
    return Spans(segments.start, segments.start + np.where(segments.tagged, 3, 0))
