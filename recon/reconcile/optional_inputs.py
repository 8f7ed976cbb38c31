"""Tables that the match reads when a site has them; without them it runs, and knows less.

What belongs here: declarations as in ``canonical/tables.py``, of tables no feed fills yet.
"""

import polars as pl

from recon.canonical.tables import Quantity, Table, key, optional, required


class UsageLine(Table):
    """One row per record of use: the supply of a bill-only or consignment order line."""

    usage_id: str = key("Usage record.")
    po_id: str = required("Order that replaces what was used.")
    po_line_no: str = required("Line within it.")
    item_id: str = optional("Item used.")
    case_date: pl.Date = required("Local date of the case.")
    case_id: str = optional("Case.")
    qty: Quantity = required("Quantity used.", unit="base unit")
    lot: str = optional("Lot.")
    serial: str = optional("Serial number.")
    udi_di: str = optional("Device identifier of the UDI.")


class KitComponent(Table):
    """One row per component of a kit."""

    kit_item_id: str = key("Kit, as ordered.")
    component_item_id: str = key("Component, as it may be billed.")
    qty: Quantity = required("Components in one kit.", unit="base unit")


OPTIONAL_INPUTS: list[type[Table]] = [UsageLine, KitComponent]
