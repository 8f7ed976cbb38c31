"""What can be wrong with an HL7 file, how serious each is, and what it condemns: one table.

An ``error`` puts whatever its ``scope`` names into quarantine: a charge (``segment``), a message,
the messages of a batch, a stretch of the file. An ``info`` is reported and changes nothing. No
message holds a value of a patient: ``found`` says what kind of thing stands there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.parse.hl7.segments import Segments
from recon.parse.spans import Ints

SCHEMA = pl.Schema(
    {
        "code": pl.String,
        "severity": pl.String,  # error or info
        "scope": pl.String,  # what an error condemns
        "message_no": pl.Int64,  # from 1; null outside any message
        "segment_no": pl.Int64,  # from 1; null when it is not about a segment
        "segment": pl.String,  # its tag
        "field": pl.Int64,  # from 1; null when the segment as a whole is meant
        "byte_offset": pl.Int64,
        "found": pl.String,
        "expected": pl.String,
        "message": pl.String,
    }
)


@dataclass(frozen=True)
class Kind:
    """One kind of defect; its message may use {found} and {expected}.

    ``condition`` is its code in HL7 table 0357, for ERR-3.
    """

    severity: str
    scope: str
    message: str
    condition: str = "207"


KINDS: dict[str, Kind] = {
    # --- the file
    "no_msh": Kind("error", "file", "no message: the file holds no readable MSH segment; {found}"),
    "utf16": Kind(
        "error",
        "file",
        "the file is UTF-16, in which the end of a segment cannot be found: send UTF-8",
    ),
    "bom": Kind("info", "file", "the file begins with a byte order mark"),
    "stray": Kind("error", "segments", "segments are outside any message; the first is here"),
    "text_outside": Kind("info", "file", "text outside any message was left out ({found})"),
    # --- framing and batches
    "frame": Kind(
        "error", "message", "the frame (VT) is not closed (FS): the message may be cut off: resend"
    ),
    "BTS": Kind("error", "batch", "the batch (BHS) has no BTS, it may be cut off: resend"),
    "FTS": Kind("error", "file", "the file (FHS) has no FTS, it may be cut off: resend"),
    "BTS01": Kind("error", "batch", "BTS-1 declares {expected} messages, {found} were found"),
    "FTS01": Kind("error", "file", "FTS-1 declares {expected} batches, {found} were found"),
    "no_header": Kind("info", "file", "{found} has no header before it"),
    # --- the message
    "delimiters": Kind(
        "error", "message", "MSH-2 declares {found}: delimiters must be four different marks"
    ),
    "MSH07": Kind("info", "message", "MSH-7 is not a time: when the message was sent is unknown"),
    "MSH09": Kind("error", "message", "MSH-9, the message type, is empty", "101"),
    "message_type": Kind(
        "error",
        "message",
        "MSH-9 holds no message type such as ADT or DFT: is this header shifted?",
        "200",
    ),
    "incomplete": Kind(
        "error", "message", "no {expected} in a message {found}: it may be cut off, resend", "100"
    ),
    "MSH10": Kind("info", "message", "MSH-10, the control id, is empty", "101"),
    "charset": Kind(
        "info", "message", "the message is not in the character set of MSH-18: {found}"
    ),
    "charset_unknown": Kind("info", "message", "MSH-18 names no known character set"),
    "joined": Kind("info", "message", "{found} is on one line with the segment before it"),
    "no_final_break": Kind("info", "message", "the last segment has no line break"),
    "header_inside": Kind(
        "error",
        "message",
        "another {expected} is on the line of {found}: two files joined without a line break?",
    ),
    "segment_tag": Kind(
        "error", "message", "a line begins with no segment identifier: a line break inside {found}?"
    ),
    "text_line": Kind(
        "info", "message", "a line break inside {found}; what follows it is not used"
    ),
    "unread": Kind("info", "message", "{found} in a message that carries none; it is not read"),
    "unkind": Kind(
        "info",
        "message",
        "{found} has no number of type MR, MRN, PI or PT, or without a type: none is read as the "
        "record number; ask the sender to type it (HL7 table 0203)",
    ),
    "entry": Kind("info", "segment", "MFE without {expected} behind it: the entry is not read"),
    "ADD_text": Kind("info", "message", "ADD continues {found}; what it adds is not used"),
    "ADD": Kind("error", "message", "ADD continues {found}: send the segment whole"),
    # --- its content
    "type": Kind("error", "message", "{found} where {expected} should be", "102"),
    "shifted": Kind(
        "error",
        "message",
        "{found}: this feed looks shifted; if it is meant, the profile needs the positions of "
        "PV1.visit and what else is read of PV1",
    ),
    "implausible": Kind("error", "segment", "{found}", "207"),
    "no_charge": Kind(
        "info",
        "file",
        "payments (PY), adjustments (AJ) and co-payments (CO) are not charges and are passed over: "
        "{found}; the first is here",
    ),
    "not_a_charge": Kind("error", "segment", "{found}", "207"),
    "left_out": Kind(
        "info",
        "segment",
        "{found} is left out: it is not a number of at most 14 digits and 4 decimals",
        "102",
    ),
    "several_values": Kind(
        "info", "segment", "{found} holds more than one value: the first alone is read"
    ),
    "devices": Kind(
        "info", "segment", "{found} devices under one charge: none is its own, see charge_device"
    ),
    "procedures": Kind(
        "info", "segment", "{found} procedures (PR1) under one charge: it has the first"
    ),
    "services": Kind("info", "segment", "{found} services (AIS) of one case: it has the first"),
    "device_apart": Kind(
        "info",
        "segment",
        "{found} is not read: no charge (FT1) stands before it, whose device it would be",
    ),
    "udi_in_result": Kind(
        "info", "segment", "a UDI in OBX is not read: a charge has its device in PRT or DEV"
    ),
    "visits": Kind(
        "info", "segment", "{found} visits of one account: it has the first, see account_visit"
    ),
}


class Defects:
    """Collects defects; ``frame`` gives them in the order of the file."""

    def __init__(self, segments: Segments | None = None) -> None:
        self._segments = segments
        self._parts: list[pl.DataFrame] = []

    def add(
        self,
        code: str,
        rows: Ints | None = None,
        *,
        field: Sequence[int] | int | None = None,
        byte_offset: Sequence[int] | None = None,
        found: Sequence[str] | None = None,
        expected: Sequence[str] | None = None,
    ) -> None:
        """Add one defect per segment of ``rows``, or per ``byte_offset``."""
        size = len(byte_offset or ()) if rows is None else int(rows.size)
        if not size:
            return
        segments = self._segments
        if rows is not None and segments is not None:
            number = segments.message[rows]
            message = pl.Series(np.where(number < 0, 0, number + 1)).replace(0, None)
            tags = [
                segments.text[at : at + 3].decode("latin-1") for at in segments.start[rows].tolist()
            ]
            tag = [t if ok else None for t, ok in zip(tags, segments.tagged[rows], strict=True)]
            offset = byte_offset or segments.offset[rows].tolist()
            number_of = (rows + 1).tolist()
        else:
            message = pl.Series([None] * size, dtype=pl.Int64)
            tag, number_of, offset = [None] * size, [None] * size, byte_offset
        at = pl.DataFrame(
            {
                "message_no": message.cast(pl.Int64),
                "segment_no": number_of,
                "segment": tag,
                "byte_offset": offset,
            },
            schema_overrides=SCHEMA,
        )
        self.add_at(code, at, field=field, found=found, expected=expected)

    def add_at(
        self,
        code: str,
        at: pl.DataFrame,
        *,
        field: Sequence[int] | int | None = None,
        found: Sequence[str] | None = None,
        expected: Sequence[str] | None = None,
    ) -> None:
        """Add one defect per row of ``at``: message_no, segment_no, segment, byte_offset."""
        size = at.height
        if not size:
            return
        kind = KINDS[code]
        nothing: list[str | None] = [None] * size
        told = list(found) if found else nothing
        wanted = list(expected) if expected else nothing
        self._parts.append(
            pl.DataFrame(
                {
                    "code": [code] * size,
                    "severity": [kind.severity] * size,
                    "scope": [kind.scope] * size,
                    "message_no": at["message_no"],
                    "segment_no": at["segment_no"],
                    "segment": at["segment"],
                    "field": field if isinstance(field, list) else [field] * size,
                    "byte_offset": at["byte_offset"],
                    "found": told,
                    "expected": wanted,
                    "message": [
                        kind.message.format(found=f, expected=e)
                        for f, e in zip(told, wanted, strict=True)
                    ],
                },
                schema=SCHEMA,
            )
        )

    def extend(self, every: pl.DataFrame) -> None:
        """Add defects that were collected elsewhere."""
        self._parts.append(every)

    def frame(self) -> pl.DataFrame:
        """Every defect, one row each, in the order of the file."""
        if not self._parts:
            return pl.DataFrame(schema=SCHEMA)
        every = pl.concat(self._parts)
        return every.sort(
            "byte_offset", "segment_no", "field", "code", nulls_last=False, maintain_order=True
        )
