"""What a feed brought that is to be answered, in one shape for X12 and HL7.

What belongs here: that shape. What does not: what is answered (``answer_x12.py``,
``answer_hl7.py``), under which number and where it stands (``outbox.py``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl


@dataclass(frozen=True, eq=False)
class Brought:
    """A file that a night has parsed.

    Attributes:
        data: its bytes.
        rejects: what the night refused of it, rows of ``REJECT``.
    """

    data: bytes
    rejects: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Reply:
    """An answer.

    Attributes:
        data: its bytes.
        last_number: the last of our numbers that it uses.
        rows: what it says, rows of ``sent_acknowledgement`` without feed, file, partner and outbox.
    """

    data: bytes
    last_number: int
    rows: pl.DataFrame


class Asked(Protocol):
    """What one partner sent in one file."""

    @property
    def partner(self) -> str:
        """As a folder's name; two partners never share one."""

    @property
    def suffix(self) -> str:
        """Of the name of the file that answers."""

    def reply(self, first: int, moment: datetime) -> Reply | None:
        """The answer under our numbers from ``first`` on; None where there is nothing to answer.

        Args:
            first: our first number.
            moment: the night's own hour: a clock would make other bytes each time.
        """
