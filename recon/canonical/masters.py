"""Canonical tables that documents refer to: suppliers, items, places, contracts, catalogues.

What belongs here: names, types, keys, and what a column means, as in ``tables.py``. What does
not: orders, receipts and invoices (``tables.py``); what a hospital decides (``rules/``).
"""

import polars as pl

from recon.canonical.tables import (
    Canonical,
    Fraction,
    Quantity,
    UnitPrice,
    key,
    listed,
    optional,
    required,
)


class Supplier(Canonical):
    """One row per supplier."""

    supplier_id: str = key("Our number for the supplier.")
    name: str = required("Name, for people to read.")
    parent_supplier_id: str = optional(
        "Duplicate group: invoices of one parent are compared with each other."
    )
    gln: str = optional("Global location number (X12 N103 = UL).")
    duns: str = optional("D-U-N-S number (X12 N103 = 1).")
    hin: str = optional("Health Industry Number (X12 N103 = 21).")
    remit_to: str = optional("Where payment goes.")
    currency: str = listed("ISO 4217 code of its invoices; empty means USD.")
    po_required: bool = optional("An invoice without an order is held; empty means yes.")
    ers: bool = optional("Paid on receipt: an invoice would pay twice; empty means no.")
    tax_treatment: str = optional("How the supplier taxes us.")
    terms_id: str = optional("Payment terms.")
    price_basis: str = listed(
        "ORDER_DATE, SHIP_DATE or INVOICE_DATE; empty means ORDER_DATE. Of the day of shipping "
        "nothing is known here: SHIP_DATE is the invoice's date."
    )
    active_from: pl.Date = optional("First day we buy from the supplier.")
    active_to: pl.Date = optional("Last day we buy from the supplier.")


class Item(Canonical):
    """One row per item of the item master."""

    item_id: str = key("Our number for the item.")
    description: str = required("What it is, for people to read.")
    category: str = optional("Purchasing category; tolerances may depend on it.")
    base_uom: str = required("The unit in which the item is counted.", capitals=True)
    manufacturer_id: str = optional("Who makes the item.")
    mfr_part_no: str = optional("The maker's part number.")
    contract_flag: bool = optional("Bought on contract: no price in force is then a finding.")
    stock_flag: bool = optional("Held in stock.")
    lot_controlled: bool = optional("Traced by lot.")
    implant_flag: bool = optional("Stays in the patient.")
    serial_controlled: bool = optional("Traced by serial number.")
    unit_cost: UnitPrice = optional("What one base unit costs.", unit="USD")


class ItemUom(Canonical):
    """One row per item and unit: how many base units one of it holds, as an exact fraction."""

    item_id: str = key("Item.")
    uom: str = key("Unit code (X12 element 355).", capitals=True)
    to_base_num: pl.Int64 = required("Base units per unit, numerator.")
    to_base_den: pl.Int64 = required("Base units per unit, denominator.")
    gtin: str = optional("GTIN of this packaging level.")
    hibcc: str = optional("HIBC of this packaging level.")
    valid_from: pl.Date = optional("First day the row is in force.")
    valid_to: pl.Date = optional("Last day the row is in force.")


class KitComponent(Canonical):
    """One row per component of a kit that is ordered as one item and may be billed in parts."""

    kit_item_id: str = key("Kit, as ordered.")
    component_item_id: str = key("Component, as it may be billed.")
    qty: Quantity = required("Components in one kit.", unit="base unit")


class ItemXref(Canonical):
    """One row per catalogue number a supplier uses for one of our items."""

    supplier_id: str = key("Supplier.")
    catalog_no_norm: str = key("Catalogue number: upper case, no punctuation, no leading zeros.")
    valid_from: pl.Date = key("First day the row is in force.")
    item_id: str = required("Our item.")
    uom_default: str = optional("Unit meant when none is printed.", capitals=True)
    kind: str = optional("SUPPLIER, MFR, GTIN, HIBCC or NDC.")


class Location(Canonical):
    """One row per place that orders or receives."""

    facility_id: str = key("Hospital.")
    location_id: str = key("Place within the facility; the facility's own id for all of it.")
    legal_entity: str = optional("Who owes the money.")
    gpo_member_id: str = optional("Membership number with the purchasing group.")
    tax_exempt: bool = optional("Sales tax must not be billed; empty means exempt.")
    ship_to_gln: str = optional("Global location number for deliveries.")
    bill_to: str = optional("Where invoices go.")


class ContractPrice(Canonical):
    """One row per contract line and period of validity."""

    contract_id: str = key("Contract.")
    item_id: str = key("Item.")
    facility_scope: str = key(
        "Facility that the price is for; * or ALL, or an empty text, for all."
    )
    tier: str = key("Price tier; STANDARD where the contract has none.")
    valid_from: pl.Date = key("First day of the price.")
    valid_to: pl.Date = optional("Last day of the price; empty means open.")
    supplier_id: str = required("Supplier bound by the contract.")
    uom: str = required("Unit the price is for.", capitals=True)
    price: UnitPrice = required("Price of one unit.", unit="USD")
    markup_pct: Fraction = optional("Distributor mark-up on the price, as a fraction.")
    status: str = listed(
        "ACTIVE; EXPIRED, TERMINATED or CANCELLED: ended; any other: not yet in force. Empty means "
        "ACTIVE."
    )


class CatalogUnit(Canonical):
    """One row per packaging level of an item in a supplier's catalogue, as the supplier states it.

    A statement to be compared with ``item_uom``, which alone converts quantities: a supplier's
    file never changes what a case holds.
    """

    supplier_id: str = key("Supplier whose catalogue it is.")
    catalog_no_norm: str = key(
        "Catalogue number: upper case, no punctuation, no leading zeros.", source="X12 832 LIN03"
    )
    level_no: pl.Int32 = key("Place in the ladder of units, the largest first.")
    item_id: str = optional("Our item, where the catalogue says so.", source="X12 832 LIN pair IN")
    uom: str = required("Unit of this level.", capitals=True, source="X12 832 SLN05, PKL03")
    qty: Quantity = optional(
        "How many of them the largest unit holds, or the next larger one: senders differ.",
        unit="uom",
        source="X12 832 SLN04, PKL04",
    )
    gtin: str = optional("GTIN of this level.", source="X12 832 SLN pair UK, PKL02")
