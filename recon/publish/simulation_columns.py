"""Which columns the simulator's workbook has: heading, kind of value, meaning.

What belongs here: the declaration of its sheets. What does not: how a kind looks (``style.py``),
where values come from (``recon/reconcile/simulation/*.sql``).
"""

from recon.publish.columns import Column

LINES = (
    Column("invoice_number", "Invoice", "id", 17, "Number as printed by the supplier."),
    Column("invoice_line_no", "Line", "count", 7, "Line of the invoice; empty: the whole of it."),
    Column("facility_id", "Facility", "text", 11, "Hospital of the order, else of the invoice."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column("item_id", "Item", "id", 13, "Number in the item master."),
    Column("item_description", "Description", "text", 34, "What the item is."),
    Column("category", "Category", "text", 18, "Of the item; in brackets where there is none."),
    Column("check_name", "Check", "text", 18, "What the tolerance compares."),
    Column("currency", "Currency", "text", 10, "Currencies are never added."),
    Column("held_before", "Held now", "money", 14, "Held under the rules as they are."),
    Column("held_after", "Held what if", "money", 14, "Held under the changed rules."),
    Column("released", "Released", "money", 14, "Held now less held what if."),
    Column("tolerated_before", "Tolerated now", "money", 15, "Paid although it differs, now."),
    Column(
        *("tolerated_after", "Tolerated what if", "money", 18),
        "Paid although it differs, under the changed rules.",
    ),
    Column("tolerated_added", "Tolerated added", "money", 16, "What if less now."),
    Column("leak_before", "Leak now", "money", 13, "Paid above the contract price, now."),
    Column("leak_after", "Leak what if", "money", 13, "The same under the changed rules."),
    Column("leak_added", "Leak added", "money", 13, "What if less now."),
    Column(
        *("contract", "Contract", "text", 10),
        "Whether a contract price is in force; without one there is no leak to see.",
    ),
    Column("rule_before", "Rule now", "text", 15, "The rule row that decides it."),
    Column("rule_after", "Rule what if", "text", 15, "The rule row that would decide it."),
    Column("finding_before", "Finding now", "text", 22, "Exception code; empty: tolerated."),
    Column("finding_after", "Finding what if", "text", 22, "The first by name, of several."),
    Column("po_number", "PO", "id", 15, "Order number as printed."),
    Column("po_line_no", "PO line", "id", 8, "Line of the order."),
    Column("invoice_date", "Invoice date", "date", 12, "As printed."),
    Column(
        *("business_date", "Counted on", "date", 12),
        "The last night on which the two sets of rules treat it differently.",
    ),
    Column("first_different", "First night", "date", 12, "The first such night."),
    Column("nights_different", "Nights", "count", 8, "How many such nights there are."),
)

# Headings of the sheets By category, By supplier and By night, and what they say.
MEASURES = (
    Column("holds_before", "Holds now", "count", 10, "Checks that hold dollars of a line."),
    Column("holds_released", "Released", "count", 10, "Holds now that would not be."),
    Column("holds_added", "New", "count", 8, "Holds that are not now."),
    Column("held_before", "Held now", "money", 16, "Held under the rules as they are."),
    Column("held_after", "Held what if", "money", 16, "Held under the changed rules."),
    Column("released", "Dollars released", "money", 16, "Held now less held what if."),
    Column("tolerated_before", "Tolerated now", "money", 17, "Paid although it differs."),
    Column("tolerated_after", "Tolerated what if", "money", 18, "Under the changed rules."),
    Column("tolerated_added", "Tolerated added", "money", 17, "What if less now."),
    Column("leak_before", "Leak now", "money", 14, "Paid above the contract price."),
    Column("leak_after", "Leak what if", "money", 14, "Under the changed rules."),
    Column("leak_added", "Leak added", "money", 14, "What if less now."),
)
PUBLISHED = Column(
    *("held_published", "Held as published", "money", 18),
    "As the night published it; rules may have changed since.",
)

RULES = (
    Column("rule_id", "Rule", "text", 15, "Name of the row."),
    Column("stands", "Stands", "text", 10, "Now, or what if."),
    Column("check", "Check", "text", 18, "What is compared."),
    Column("supplier_id", "Supplier", "text", 12, "Only this supplier; any: all of them."),
    Column("category", "Category", "text", 14, "Only this category."),
    Column("facility_id", "Facility", "text", 10, "Only this hospital."),
    Column("pct", "Percent", "text", 12, "Most that may differ; no limit where none is stated."),
    Column(
        *("abs", "Amount", "text", 12),
        "Most that may differ: dollars, or base units for QTY_RECEIVED and QTY_ORDERED.",
    ),
    Column("mode", "Mode", "text", 8, "ALL limits must hold, or ANY."),
    Column("valid_from", "Valid from", "date", 12, "As written; does not count in a replay."),
    Column("valid_to", "Valid to", "date", 12, "As written; does not count in a replay."),
    Column("approved_by", "Approved by", "text", 18, "Who approved it."),
    Column("source", "Source", "text", 44, "Where it is written down."),
    Column("decides", "Decides", "count", 9, "Differences that the row decides."),
)
