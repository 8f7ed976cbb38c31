"""What reading one file gives, whatever its format.

Every format's reader returns a ``Parsed``; nothing else in the toolkit knows how a file was read.
"""

from dataclasses import dataclass

import polars as pl

# One row per thing refused. ``records`` says how many records the row stands for: 1 for a line
# of a flat file or a transaction set, n where a wrong trailer condemns all n lines of a file.
REJECT = pl.Schema(
    {
        "record": pl.String,  # kind of record refused, e.g. "record", "invoice", "file"
        "source_record": pl.Int64,  # from 1; 0 for the file as a whole
        "byte_offset": pl.Int64,
        "byte_length": pl.Int64,
        "records": pl.Int64,
        "rule": pl.String,  # e.g. "type:qty", "required:po_id", "SE01", "trailer_count"
        "reason": pl.String,  # one sentence with the numbers, for the person who calls the sender
        "raw": pl.String,  # the first 200 characters, for recognising it
    }
)

# One row per control the sender declared: counts and totals of trailers and envelopes; and per
# control number of X12 that came before or after a gap (``control_numbers.py``).
CONTROL = pl.Schema(
    {
        "control": pl.String,  # "trailer_count", "SE01", "CTT01", ...
        "source_record": pl.Int64,
        "declared": pl.String,
        "found": pl.String,
        "agrees": pl.Boolean,
    }
)

# One row per file that arrived: what `file_control` says of it.
FILE = pl.Schema(
    {
        "feed": pl.String,
        "source_file_id": pl.String,
        "file_name": pl.String,
        "size_bytes": pl.Int64,
        "state": pl.String,
        "encoding": pl.String,
        "records_in": pl.Int64,
        "accepted": pl.Int64,
        "quarantined": pl.Int64,
        "controls": pl.Int64,
        "controls_failed": pl.Int64,
        "reason": pl.String,
    }
)


@dataclass(frozen=True)
class Envelope:
    """What holds the records of an X12 file; columns as in ``recon.parse.x12.X12``.

    Attributes:
        interchanges: one row per ISA.
        groups: one row per GS.
        transactions: one row per ST, accepted or not.
    """

    interchanges: pl.DataFrame
    groups: pl.DataFrame
    transactions: pl.DataFrame


@dataclass(frozen=True)
class Parsed:
    """One file, read.

    Attributes:
        records: record name -> accepted rows; records of X12, HL7 and FHIR that the file has none
            of may have no entry. Every frame has ``source_record`` (Int64, from 1) and
            ``byte_offset`` (Int64, from 0) beside its own columns.
        rejects: rows of ``REJECT``.
        controls: rows of ``CONTROL``.
        records_in: records in the file: lines of a flat file (header and trailer not counted),
            rows of a sheet, transaction sets of an X12 file. Equals accepted + quarantined.
        encoding: how its bytes were read as text.
        envelope: of an X12 file; None for every other format.
    """

    records: dict[str, pl.DataFrame]
    rejects: pl.DataFrame
    controls: pl.DataFrame
    records_in: int
    encoding: str
    envelope: Envelope | None = None

    @property
    def quarantined(self) -> int:
        """Records that are not in ``records``."""
        return int(self.rejects["records"].sum())
