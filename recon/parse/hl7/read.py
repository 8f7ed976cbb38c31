"""A record of HL7 messages as it was read: its frame, and what reading it told.

What belongs here: what stands in it. What does not: reading it (``extract.py``), judging it
(``gate.py``).
"""

from dataclasses import dataclass, field

import polars as pl

from recon.parse.hl7.declare import Path
from recon.parse.spans import Flags, Ints


@dataclass(eq=False)
class Read:
    """A record, read.

    Attributes:
        rows: the segment each row stands on.
        frame: its columns.
        bad: column -> rows whose value is not of its type.
        nulls: column -> rows where it is emptied on purpose.
        places: column -> segment and field it was read from.
        sizes: column -> how many bytes each row's value has; of quantities.
    """

    rows: Ints
    frame: pl.DataFrame
    bad: dict[str, Flags] = field(default_factory=dict)
    nulls: dict[str, Flags] = field(default_factory=dict)
    places: dict[str, Path] = field(default_factory=dict)
    sizes: dict[str, Ints] = field(default_factory=dict)
