"""Read an HL7 v2 file: the frames, the typed records, and what was refused.

The file is read in pieces, of which two or more may be in hand at once; what each gives is put
together in the order of the file, so that the result does not depend on how it was cut.

What belongs here: putting the parts together. What does not: any of the parts.
"""

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from recon.parse import values
from recon.parse.hl7 import acks, envelope, refuse, shift
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.device import with_udi
from recon.parse.hl7.gaps import gaps
from recon.parse.hl7.piece import Counted, Piece, after, counted, read_piece
from recon.parse.hl7.pieces import pieces
from recon.parse.hl7.profile import Profile
from recon.parse.hl7.segments import Segments
from recon.parse.hl7.sets import DECLARED
from recon.parse.hl7.tokenise import BOM, tokenise
from recon.parse.looks_like import CUT_HL7, HEAD, looks_like
from recon.parse.parsed import Parsed
from recon.parse.spans import Spans, code
from recon.site import Hl7Profile

_WORKERS = min(4, os.cpu_count() or 1)
_ESCAPE = b"\x1b"  # with it some sets write characters of two bytes, each of them ASCII


@dataclass(frozen=True, eq=False)
class Hl7:
    """An HL7 v2 file, read. Every number in the frames counts from 1, every byte offset from 0.

    Attributes:
        messages: one row per MSH; ``accepted`` says whether its records are in ``records``.
        defects: everything found wrong, see ``recon.parse.hl7.defects``.
        controls: what batches declare and what was found.
        records: record name -> rows, for the messages in the file that are declared (``sets/``).
        suggestions: profiles that would let quarantined charges through, see ``shift.SUGGESTION``.
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
    _cut: list[tuple[int, int]]
    _transcode: bool
    _charges: pl.DataFrame
    _refused: pl.DataFrame

    @cached_property
    def segments(self) -> pl.DataFrame:
        """One row per segment, Z segments too; ``fields`` holds field 1 and following, as sent."""
        return self.segments_of(None)

    def segments_of(self, tags: Collection[str] | None) -> pl.DataFrame:
        """The rows of ``segments`` with these tags; None: all of them."""
        found, before = [SEGMENT.to_frame()], Counted(0, 0)
        for start, end in self._cut:
            segments = tokenise(self.data, start, end, transcode=self._transcode).segments
            found.append(after(_segment_frame(segments, tags), before))
            before = Counted(
                before.segments + len(segments),
                before.messages + int(segments.message.max(initial=-1)) + 1,
            )
        return pl.concat(found)

    @cached_property
    def gaps(self) -> pl.DataFrame:
        """The bytes that belong to no segment: ``byte_offset``, ``byte_length``, ``kind``."""
        offset, length = self.segments["byte_offset"], self.segments["byte_length"]
        return gaps(self.data, offset.to_numpy(), length.to_numpy())

    def acks(self, moment: str | None = None) -> bytes:
        """The acknowledgement (ACK) of every message that wants one, in its own delimiters.

        Args:
            moment: MSH-7 of the answers, as HL7 writes it; by default that of the message answered.
        """
        return b"".join(acks.acknowledge(self, moment)["data"])


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
    rejects = refuse.rejects(
        data=data,
        messages=found.messages,
        charges=found._charges,
        defects=found.defects,
        segments=found._refused,
    )
    other = rejects.filter(~pl.col("record").is_in(["message", "charge"])).height
    several = int((found._charges["charges"] - 1).sum())
    return Parsed(
        records=found.records,
        rejects=rejects,
        controls=found.controls,
        records_in=found.messages.height + several + other,
        encoding=found.encoding,
    )


def _read(data: bytes, profile: Profile, day: date | None) -> Hl7:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _unreadable(data)
    cut = pieces(data)
    encoding, transcode, found = _read_pieces(data, cut, profile)
    defects = Defects()
    if data.startswith(BOM):
        defects.add("bom", byte_offset=[0])
    messages, outlined = _whole([p.messages for p in found]), _whole([p.outline for p in found])
    messages = envelope.with_batches(messages, outlined)
    size = sum(piece.size for piece in found)
    controls = envelope.check_batches(outlined, messages, size, defects)
    none = messages.is_empty() and not envelope.is_quiet(outlined, controls)
    if none:
        defects.add("no_msh", byte_offset=[0], found=[looks_like(data[:HEAD], CUT_HL7)])
    envelope.check_frames(data, messages, defects)
    _tell_passed(_whole([piece.passed for piece in found]), defects)
    for piece in found:
        # What is no HL7 is told once: of UTF-16 or a packed file each byte 13 ends a line.
        lost = piece.defects.filter(pl.col("severity") == "error")
        defects.extend(lost if none else piece.defects)
    every = defects.frame()
    messages = messages.with_columns(accepted=refuse.accepted(messages, every))
    # Without a business date the newest message says from when two-digit years are read.
    as_of = day or max((piece.newest for piece in found if piece.newest), default=None)
    bad = messages.filter(~pl.col("accepted")).select("message_no")
    records: dict[str, pl.DataFrame] = {}
    for name, declared in DECLARED.items():
        own = [piece.records[name] for piece in found if name in piece.records]
        if not own:
            continue
        rows = _whole(own)
        if declared.udi:
            rows = with_udi(rows, as_of)
        if bad.height:
            rows = rows.join(bad, on="message_no", how="anti", maintain_order="left")
        if rows.height:
            records[name] = rows
    return Hl7(
        messages=messages,
        defects=every,
        controls=controls,
        records=records,
        suggestions=shift.suggestions([p.explained for p in found if p.explained], profile),
        encoding=encoding,
        data=data,
        _cut=cut,
        _transcode=transcode,
        _charges=_whole([piece.charges for piece in found]),
        _refused=_whole([piece.refused for piece in found]),
    )


def _tell_passed(passed: pl.DataFrame, defects: Defects) -> None:
    """One line for the file: of what is no charge there may be as much as of charges."""
    if passed.is_empty():
        return
    types = passed.group_by("type").agg(pl.sum("records")).sort("type").rows()
    told = ", ".join(f"{count} {kind}" for kind, count in types)
    defects.add(
        "no_charge", byte_offset=passed["byte_offset"].sort().head(1).to_list(), found=[told]
    )


def _read_pieces(
    data: bytes, cut: list[tuple[int, int]], profile: Profile
) -> tuple[str, bool, list[Piece]]:
    """How the file was read as text, whether it had to be turned into UTF-8, and its pieces."""
    ascii_only = data.isascii() and _ESCAPE not in data
    transcode = not ascii_only and not _is_utf8(data, cut)
    found = _in_order(data, cut, profile, transcode=transcode)
    if ascii_only:
        return "ascii", False, found
    if not transcode:
        if all(piece.charsets <= {"", "utf-8"} for piece in found):
            return "utf-8", False, found
        found = _in_order(data, cut, profile, transcode=True)
    told = {name for piece in found for name in (*piece.charsets, *piece.fallen) if name}
    return ", ".join(sorted(told or {"utf-8"})), True, found


def _is_utf8(data: bytes, cut: list[tuple[int, int]]) -> bool:
    try:
        for start, end in cut:
            data[start:end].decode()
    except UnicodeDecodeError:
        return False
    return True


def _in_order(
    data: bytes, cut: list[tuple[int, int]], profile: Profile, *, transcode: bool
) -> list[Piece]:
    """Every piece, counted from the beginning of the file."""

    def read(bounds: tuple[int, int]) -> Piece:
        return read_piece(data, *bounds, transcode=transcode, profile=profile)

    if len(cut) < 2 or _WORKERS < 2:
        each = map(read, cut)
        return list(counted(each))
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(counted(pool.map(read, cut)))


def _whole(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return frames[0] if len(frames) == 1 else pl.concat(frames)


def _unreadable(data: bytes) -> Hl7:
    nothing = _read(b"", Profile(), None)
    defects = Defects()
    defects.add("utf16", byte_offset=[0])
    return replace(nothing, defects=defects.frame(), encoding="utf-16", data=data, _cut=[])


def _segment_frame(segments: Segments, tags: Collection[str] | None) -> pl.DataFrame:
    rows = np.arange(len(segments))
    if tags is not None:
        rows = np.flatnonzero(np.isin(segments.tag, [code(tag) for tag in tags]))
    count = segments.count[rows]
    ends = np.cumsum(count)
    nth = np.arange(count.sum()) - np.repeat(ends - count, count)
    at = np.repeat(segments.first[rows], count) + nth
    positions = segments.positions.astype(np.int64)
    start, end = positions[at] + 1, positions[np.minimum(at + 1, positions.size - 1)]
    fields = values.text(segments, Spans(start, np.maximum(start, end)), keep_empty=True).to_arrow()
    offsets = pa.array(np.concatenate([np.zeros(1, np.int64), ends]))
    begin = segments.start[rows]
    named = values.text(segments, Spans(begin, begin + np.where(segments.tagged[rows], 3, 0)))
    message = segments.message[rows]
    loose = envelope.outer(segments)[rows] | (message < 0)
    return pl.DataFrame(
        [
            rows + 1,
            values.nullable(message + 1, ~loose),
            named,
            pl.Series(
                values=pa.LargeListArray.from_arrays(offsets, fields), dtype=pl.List(pl.String)
            ),
            segments.offset[rows],
            segments.length[rows],
        ],
        schema=SEGMENT,
    )
