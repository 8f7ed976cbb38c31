"""What a night works out of its quarantine before use is reconciled with charges.

What belongs here: declarations as in ``canonical/tables.py``, of tables that no feed fills. Without
them a reconciliation runs, and knows less.
"""

import polars as pl

from recon.canonical.tables import Table, key, optional, required


class ShiftedFields(Table):
    """One row per file in which charges had fields in the wrong place, and were held back."""

    feed: str = key("Feed.")
    file_name: str = key("Name under which the file arrived.")
    facility_id: str = optional("Hospital, where the feed is of one.")
    records: pl.Int64 = required("Records held back.")
    reason: str = required("What is wrong, as the reader says it of the first of them.")


OPTIONAL_INPUTS: list[type[Table]] = [ShiftedFields]
