"""What the tolerance simulator hands from one step to the next: the single declaration.

Same conventions as ``results.py``. None of it is written to the lake.
"""

import polars as pl

from recon.canonical.tables import Money, Table, key, optional, required


class Stake(Table):
    """One row per invoice line and check that has dollars held, tolerated or above contract."""

    invoice_id: str = key("Document.")
    line_no: pl.Int32 = key("Line within the document; 0 is the whole document.")
    check_name: str = key("The check of a tolerance rule; OTHER: no tolerance decides it.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital.")
    currency: str = required("ISO 4217 code.")
    invoice_number: str = required("Number as printed.")
    invoice_date: pl.Date = required("Date of the document, by which rules are chosen.")
    po_number: str = optional("Order found.")
    po_line_no: str = optional("Line within the order.")
    item_id: str = optional("Item.")
    category: str = required("Of the item; in brackets where there is none.")
    has_contract: bool = optional("A contract price is in force; empty where no price is compared.")
    finding: str = optional("Exception code; empty where the difference is tolerated.")
    rule_id: str = optional("The rule row that decided it.")
    held: Money = required("Held.", unit="currency")
    tolerated: Money = required("Tolerated.", unit="currency")
    leak: Money = required(
        "Paid above contract: order and invoice agree on it, or a price was tolerated.",
        unit="currency",
    )


class StakeChange(Table):
    """One row per stake of a night: under the rules as they are, and under the changed ones."""

    business_date: pl.Date = key("The night.")
    invoice_id: str = key("Document.")
    line_no: pl.Int32 = key("Line within the document; 0 is the whole document.")
    check_name: str = key("The check of a tolerance rule, or OTHER.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital.")
    currency: str = required("ISO 4217 code.")
    invoice_number: str = required("Number as printed.")
    invoice_date: pl.Date = required("Date of the document.")
    po_number: str = optional("Order found.")
    po_line_no: str = optional("Line within the order.")
    item_id: str = optional("Item.")
    category: str = required("Of the item; in brackets where there is none.")
    has_contract: bool = optional("A contract price is in force; empty where no price is compared.")
    finding_before: str = optional("Finding now.")
    finding_after: str = optional("Finding under the changed rules.")
    rule_before: str = optional("Rule row that decides now.")
    rule_after: str = optional("Rule row that would decide.")
    held_before: Money = required("Held now.", unit="currency")
    held_after: Money = required("Held under the changed rules.", unit="currency")
    tolerated_before: Money = required("Tolerated now.", unit="currency")
    tolerated_after: Money = required("Tolerated under the changed rules.", unit="currency")
    leak_before: Money = required("Paid above contract now.", unit="currency")
    leak_after: Money = required("Paid above contract under the changed rules.", unit="currency")
    is_different: bool = required("Other dollars on any of the three.")


class ChangeByNight(Table):
    """One row per night and currency: what was at stake, and what would have been."""

    business_date: pl.Date = key("The night.")
    currency: str = key("ISO 4217 code.")
    differing: pl.Int64 = required("Stakes treated differently.")
    holds_before: pl.Int64 = required("Holds now.")
    holds_after: pl.Int64 = required("Holds under the changed rules.")
    holds_released: pl.Int64 = required("Holds that would not be.")
    holds_added: pl.Int64 = required("Holds that are not now.")
    held_before: Money = required("Held now.", unit="currency")
    held_after: Money = required("Held under the changed rules.", unit="currency")
    released: Money = required("held_before - held_after.", unit="currency")
    tolerated_before: Money = required("Tolerated now.", unit="currency")
    tolerated_after: Money = required("Tolerated under the changed rules.", unit="currency")
    tolerated_added: Money = required("tolerated_after - tolerated_before.", unit="currency")
    leak_before: Money = required("Paid above contract now.", unit="currency")
    leak_after: Money = required("Paid above contract under the changed rules.", unit="currency")
    leak_added: Money = required("leak_after - leak_before.", unit="currency")
    held_published: Money = required("Held as the night was published.", unit="currency")
