"""Canonical tables of what is used on patients. Same conventions as ``tables.py``."""

import polars as pl

from recon.canonical.tables import Canonical, Quantity, key, optional, required


class UsageLine(Canonical):
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
