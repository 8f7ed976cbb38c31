"""Which columns each sheet of the charge workbooks has: heading, kind of value, meaning.

What belongs here: the declaration of the sheets, as in ``columns.py``, with what of a person each
column holds, from which a profile decides what is shown (``profile.py``). What does not: where
values come from (``sql/charge_*.sql``).
"""

from collections.abc import Sequence

from recon.publish.columns import ENTRIES, NIGHT, STATE, Column

WHAT = (
    Column(
        *("exception_key", "Exception id", "id", 19),
        "The same on every night on which it is found; quote it when you ask.",
    ),
    Column(
        *("severity", "Sev.", "count", 6),
        "1 safety, compliance or $5,000 and more; 2 from $500; 4 for information.",
    ),
    Column(
        *("code", "Rule", "text", 8),
        "What was found; the codes are explained further down this sheet.",
    ),
    Column("title", "Finding", "text", 30, "The rule in a few words."),
    Column("queue", "Queue", "text", 12, "Who works it."),
    Column("facility_id", "Facility", "text", 9, "Hospital."),
    Column("dept_id", "Department", "text", 12, "Department that used or charged it."),
    Column("account_key", "Account", "id", 14, "Stay or visit.", "account"),
    Column("item_description", "Item", "text", 28, "Item, as the item master names it."),
    Column("cdm_code", "Charge code", "id", 12, "Code that should stand on the bill."),
    Column("cdm_description", "Charge", "text", 24, "The code, as the charge master names it."),
    Column(
        *("units", "Units", "quantity", 9),
        "Charge units; base units where it is about stock or orders.",
    ),
    Column("lost", "Lost", "money", 14, "Charges that are missing. Never offset against the next."),
    Column("overcharged", "Charged too much", "money", 14, "Charges that nothing supports."),
    Column(
        *("at_risk", "At risk", "money", 14),
        "Dollars to be moved, or of the claim that depends on it: not counted.",
    ),
    Column(
        *("net", "Expected net", "money", 14),
        "The part expected to be paid, or (negative) paid back; empty where no yield is set.",
    ),
    Column(
        *("days_to_bill", "Days to bill", "count", 9),
        "Days until the bill drops; negative when it has.",
        "days",
    ),
    Column(
        "days_to_filing", "Days to filing", "count", 9, "Days until the payer's limit ends.", "days"
    ),
    Column("service_date", "Service", "date", 11, "Day of service."),
    Column("age_days", "Age (days)", "count", 8, "Days since service.", "days"),
    Column("reason", "Why", "prose", 60, "What is wrong, in words."),
    Column("suggested_action", "What to do", "prose", 40, "What usually settles it."),
)
MORE = (
    STATE,
    Column(
        *("impact", "At stake", "money", 14),
        "Lost, less charged too much, plus at risk; of a charge made late or outside the stay (ST) "
        "its amount, which is in none of them. The dollars to which an answer applies.",
    ),
    NIGHT,
    Column("closes_when", "Closes when", "prose", 40, "What makes the finding close by itself."),
    Column("other_cdm_code", "Charged code", "id", 12, "Code that was charged instead."),
    Column("item_id", "Item no.", "id", 11, "Our number of the item."),
    Column("location_id", "Place", "text", 12, "Shelf or room."),
    Column(
        *("is_suggested", "Suggested", "text", 10),
        "Whether evidence only suggests it, and does not prove it.",
    ),
    Column("remark", "Remark", "text", 18, "Codes that say why."),
    Column("finding_key", "Unit factor", "id", 19, "The unit factor to which the finding belongs."),
    Column(
        "root_cause_key", "Root cause", "id", 19, "Of a denial: the open finding that caused it."
    ),
    Column("usage_id", "Use", "id", 16, "Record of use.", "record"),
    Column("txn_id", "Transaction", "id", 16, "Charge or credit.", "record"),
    Column("claim_id", "Claim", "id", 22, "Claim as sent.", "record"),
    Column("claim_line_no", "Claim line", "count", 8, "Line within the claim."),
    Column("po_id", "Order", "id", 16, "Bill-only order.", "record"),
    Column(
        *("other_account_key", "Other account", "id", 14),
        "The account where the charge should be, or was.",
        "account",
    ),
    Column("bill_due_date", "Bill drops", "date", 11, "Day the bill drops."),
    # A use is found on the night of its day: seen so many nights, it is as many days old.
    Column("times_seen", "Times seen", "count", 8, "Nights on which it was found.", "days"),
    Column("bucket", "Age bucket", "text", 11, "Ageing bucket.", "days"),
)
FINDINGS = (*WHAT, *ENTRIES, *MORE)
CLOSED = (*WHAT, *(column for column in MORE if column not in (STATE, NIGHT)))
EVIDENCE = (
    Column("exception_key", "Exception id", "id", 19, "Finding."),
    Column("code", "Rule", "text", 8, "Its rule."),
    Column("role", "Role", "text", 12, "What the record is in the finding."),
    Column("table", "Table", "text", 22, "Canonical table that holds them."),
    Column("row_key", "Record", "id", 44, "Key of the record, parts joined by |.", "record"),
    Column("units", "Units", "quantity", 10, "Units of the record that are at stake."),
)
FACTORS = (
    Column("finding_key", "Unit factor", "id", 19, "One factor on one item and code."),
    Column("level", "Row", "text", 10, "FINDING, and under it each LINE that it explains."),
    Column("facility_id", "Facility", "text", 9, "Hospital."),
    Column("item_id", "Item no.", "id", 11, "Item."),
    Column("item_description", "Item", "text", 30, "The item's name."),
    Column("cdm_code", "Charge code", "id", 12, "Code."),
    Column("direction", "Direction", "text", 10, "UNDER: charged too little. OVER: too much."),
    Column("factor", "Factor", "quantity", 9, "How many times too few, or too many."),
    Column("accounts", "Accounts", "count", 9, "Accounts on which the factor shows."),
    Column("exception_key", "Exception id", "id", 19, "Id of the line's finding."),
    Column("account_key", "Account", "id", 14, "The line's stay or visit.", "account"),
    Column("units", "Units", "quantity", 10, "Charge units at stake."),
    Column("gross", "Gross", "money", 14, "Charges at stake; negative where too much is charged."),
)
REORDER = (
    Column("facility_id", "Facility", "text", 9, "Hospital."),
    Column("location_id", "Place", "text", 14, "Shelf."),
    Column("item_id", "Item no.", "id", 11, "Item."),
    Column("item_description", "Item", "text", 34, "The item's name."),
    Column("on_hand", "On hand", "quantity", 10, "On the shelf, all lots."),
    Column("on_order", "On order", "quantity", 10, "Ordered, not yet here."),
    Column("order_qty", "To order", "quantity", 10, "In whole packs."),
)
GAPS = (
    Column("code", "Rule", "text", 8, "What would be wrong on a claim."),
    Column("title", "What is wrong", "text", 44, "The rule in a few words."),
    Column("facility_id", "Facility", "text", 9, "Hospital; * for all."),
    Column("cdm_code", "Charge code", "id", 14, "Code of the charge master."),
    Column("description", "Charge", "text", 40, "The code, as the charge master names it."),
    Column("revenue_code", "Revenue code", "id", 10, "As the charge master has it."),
    Column("hcpcs", "HCPCS", "id", 10, "As the charge master has it; empty where it has none."),
    Column("price", "Price (USD)", "money", 14, "Price of one charge unit."),
)


def printed(columns: Sequence[Column]) -> int:
    """How many columns of a sheet of findings fit a page: those that tell what it is about."""
    there = {column.name for column in columns}
    return sum(column.name in there for column in WHAT)
