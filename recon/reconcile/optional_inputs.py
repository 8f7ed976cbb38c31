"""Tables that the match reads when a site has them; without them it runs, and knows less.

What belongs here: declarations as in ``canonical/tables.py``, of tables no feed fills yet.
"""

import polars as pl

from recon.canonical.tables import Quantity, Table, key, optional, required


class KitComponent(Table):
    """One row per component of a kit."""

    kit_item_id: str = key("Kit, as ordered.")
    component_item_id: str = key("Component, as it may be billed.")
    qty: Quantity = required("Components in one kit.", unit="base unit")


class ShiftedFields(Table):
    """One row per file in which charges had fields in the wrong place, and were held back."""

    feed: str = key("Feed.")
    file_name: str = key("Name under which the file arrived.")
    facility_id: str = optional("Hospital, where the feed is of one.")
    records: pl.Int64 = required("Records held back.")
    reason: str = required("What is wrong, as the reader says it of the first of them.")


OPTIONAL_INPUTS: list[type[Table]] = [KitComponent, ShiftedFields]
