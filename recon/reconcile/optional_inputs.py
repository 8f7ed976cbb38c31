"""Tables that the match reads when a site has them; without them it runs, and knows less.

What belongs here: declarations as in ``canonical/tables.py``, of tables no feed fills yet.
"""

from recon.canonical.tables import Quantity, Table, key, required


class KitComponent(Table):
    """One row per component of a kit."""

    kit_item_id: str = key("Kit, as ordered.")
    component_item_id: str = key("Component, as it may be billed.")
    qty: Quantity = required("Components in one kit.", unit="base unit")


OPTIONAL_INPUTS: list[type[Table]] = [KitComponent]
