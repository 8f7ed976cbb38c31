"""Which columns each sheet of the workbook has: heading, kind of value, meaning.

What belongs here: the declaration of the sheets, from which the writer, the Dictionary sheet and
the tests are derived. What does not: how a kind looks (``style.py``), where values come from
(``sql/*.sql``).
"""

from dataclasses import dataclass
from typing import Literal

from recon.site import Domain

# "id" is text that looks like a number to Excel; "prose" wraps; "entry" is left to the analyst.
Kind = Literal[
    "id", "text", "prose", "date", "money", "quantity", "price", "percent", "count", "entry", "due"
]
# What of a person or a device the values are; ``profile.py`` says what becomes of each. A date that
# does not say `calendar` (a rule's, a recall's, the night's: nobody's) is taken for a date of a
# patient's stay; `days` are counted between such a date and the night.
Holds = Literal[Domain, "record", "free text", "days", "calendar", ""]
TEXT_KINDS: tuple[Kind, ...] = ("id", "text", "prose")

# How codes of findings on charges are written; those on invoices are words.
CHARGE_CODE = "^[A-Z]{2}[0-9]{2}$"
# What an analyst may answer; the way back into the toolkit reads these words.
DISPOSITIONS = ("accepted", "disputed", "resolved", "snoozed", "not duplicate", "escalated")


@dataclass(frozen=True)
class Column:
    """One column of one sheet.

    Attributes:
        name: the column of the frame; of an entry column, the name it is read back under.
        heading: what the header cell says; unique within its sheet.
        kind: decides format, alignment and whether the cell is locked.
        width: in characters.
        meaning: one sentence for the Dictionary sheet.
        holds: what of a person or a device, in a workbook that is made by profile.
    """

    name: str
    heading: str
    kind: Kind
    width: int
    meaning: str
    holds: Holds = ""


EXCEPTION_STORY = (
    Column(
        *("exception_key", "Exception id", "id", 19),
        "The same on every night on which it is found; quote it when you ask.",
    ),
    Column(
        *("severity", "Severity", "text", 9),
        "HOLD keeps money back until the exception closes; WARN does not.",
    ),
    Column(
        *("code", "Rule", "text", 24),
        "What was found; the codes are explained further down this sheet.",
    ),
    Column("facility_id", "Facility", "text", 11, "Hospital of the order, else of the invoice."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column("invoice_number", "Invoice", "id", 17, "Number as printed by the supplier."),
    Column(
        *("line_no", "Invoice line", "count", 8),
        "Line of the invoice; empty when the finding is on all of it.",
    ),
    Column("po_number", "PO", "id", 15, "Order number as printed."),
    Column("po_line_no", "PO line", "id", 8, "Line of the order."),
    Column(
        "held", "Held", "money", 14, "Kept back by this exception. The Summary ties to this column."
    ),
    Column(
        *("impact", "At stake", "money", 14),
        "Dollars that the exception is about; equals Held for a hold.",
    ),
    Column(
        *("currency", "Currency", "text", 10),
        "ISO 4217 code. Amounts of different currencies are never added.",
    ),
    Column(
        "age_days", "Age (days)", "count", 8, "Business date minus the day the age counts from."
    ),
    Column("bucket", "Age bucket", "text", 10, "Ageing bucket of the age."),
    Column("reason", "Reason", "prose", 58, "What is wrong, with the numbers."),
    Column("suggested_action", "Suggested action", "prose", 34, "What usually settles it."),
)
ENTRIES = (
    Column("disposition", "Disposition", "entry", 14, "Yours to fill: choose from the list."),
    Column("assigned_to", "Assigned to", "entry", 16, "Yours to fill: who works it."),
    Column("resolve_by", "Resolve by", "due", 12, "Yours to fill: a date.", "calendar"),
    Column("notes", "Notes", "entry", 36, "Yours to fill; not read back."),
)
NIGHT = Column(
    *("night", "Business date", "date", 12),
    "The night of this workbook: in a returned one it says which night you answered.",
    "calendar",
)
STATE = Column(
    *("state", "State", "text", 13),
    "OPEN, or OVERRIDDEN by your answer: accepted or not duplicate, while the dollars stay the "
    "same; snoozed, until the day you stated.",
)
EXCEPTION_SIDES = (
    STATE,
    Column(
        *("queue", "Queue", "text", 8),
        "Who works it: AP, BUY buyer, REC receiving, CON contracts, ITM item "
        "master, OR perioperative, REQ requester.",
    ),
    Column("contact_name", "Owner", "text", 14, "The buyer or requester named on the order."),
    Column("item_id", "Item", "id", 13, "Number in the item master."),
    Column("item_description", "Description", "text", 34, "What the item is."),
    Column("catalog_no", "Catalogue no.", "id", 15, "The supplier's number for it."),
    Column(
        "ordered_qty", "Ordered qty", "quantity", 11, "On the order line, less what was cancelled."
    ),
    Column("ordered_uom", "Ordered unit", "text", 8, "Unit of the ordered quantity."),
    Column("ordered_price", "Order price", "price", 12, "Price on the order line."),
    Column(
        *("ordered_price_per", "Order price per", "quantity", 8),
        "The order price is for this many units.",
    ),
    Column(
        *("received_qty", "Received qty", "quantity", 11),
        "Net of returns, all receipts of the order line.",
    ),
    Column(
        *("received_uom", "Received unit", "text", 9),
        "Unit of the received quantity; base = the item's base unit.",
    ),
    Column(
        *("receipts", "Receipts", "prose", 40),
        "Every receipt of the order line: number, quantity, date.",
    ),
    Column(
        *("acknowledged", "Acknowledged", "prose", 40),
        "What the supplier's newest acknowledgement of the order line says.",
    ),
    Column("billed_qty", "Billed qty", "quantity", 11, "On the invoice line."),
    Column("billed_uom", "Billed unit", "text", 8, "Unit of the billed quantity and price."),
    Column("billed_price", "Billed price", "price", 12, "Price on the invoice line."),
    Column("billed_amount", "Billed amount", "money", 14, "Amount of the invoice line as stated."),
    Column(
        *("variance", "Price variance", "money", 13),
        "Billed price minus order price, times the billed quantity.",
    ),
    Column(
        *("variance_pct", "Variance %", "percent", 10),
        "Billed price minus order price, in percent of the order price.",
    ),
    Column(
        *("latent", "Latent", "money", 12),
        "Price variance on goods not received yet: shown, not counted.",
    ),
    Column("invoice_date", "Invoice date", "date", 12, "As printed."),
    Column(
        *("discount_days_left", "Discount days left", "count", 9),
        "Days in which the early-payment discount can still be taken.",
    ),
    Column(
        *("basis_date", "Age counts from", "date", 12),
        "Invoice receipt for holds, first seen for warnings.",
    ),
    Column(
        *("first_seen", "First seen", "date", 12),
        "First business date of the unbroken run of findings.",
    ),
    Column("times_seen", "Times seen", "count", 8, "Business dates on which it was found."),
    NIGHT,
    Column(
        *("claim_due_date", "Claim by", "date", 12),
        "Last day on which the supplier takes a claim; empty where none is stated for it.",
    ),
    Column(
        *("related_name", "Related document", "id", 20),
        "The original of a duplicate, the contract, ...",
    ),
    Column(
        *("tolerance_rule_id", "Tolerance rule", "id", 13),
        "The rule row that decided it; see rule table tolerance_rule.",
    ),
    Column("supplier_id", "Supplier no.", "id", 12, "Number in the supplier master."),
    Column("invoice_id", "Invoice id", "id", 26, "Our identity of the document."),
)
CLOSED = (
    *(c for c in EXCEPTION_STORY if c.name not in ("held", "reason", "suggested_action")),
    Column(
        *("closes_when", "Closed because", "prose", 34),
        "What closes this rule, or what was found in its place; it was not found again tonight.",
    ),
    Column(
        *("closed_by", "Closed by", "id", 24),
        "The document that closed it; empty where no document tells.",
    ),
    Column(
        *("first_seen", "First seen", "date", 12),
        "First business date of the unbroken run of findings.",
    ),
    Column("times_seen", "Times seen", "count", 8, "Business dates on which it was found."),
    Column("reason", "Reason while open", "prose", 58, "What was wrong, with tonight's numbers."),
)
LINES = (
    Column("invoice_number", "Invoice", "id", 17, "Number as printed by the supplier."),
    Column("line_no", "Line", "count", 7, "Line of the invoice."),
    Column(
        *("status", "Status", "text", 16),
        "MATCHED, MATCHED_TOL, EXCEPTION, DUPLICATE, UNMATCHED, BLOCKED, NON_PO, "
        "CREDIT_OPEN or CREDIT_APPLIED; IN_KIT: the first line of its kit has the result of all.",
    ),
    Column("facility_id", "Facility", "text", 11, "Hospital of the order, else of the invoice."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column("doc_type", "Document", "text", 10, "INVOICE or CREDIT."),
    Column("invoice_date", "Invoice date", "date", 12, "As printed."),
    Column(
        "line_type", "Line type", "text", 10, "ITEM, FREIGHT, HANDLING, TAX, SURCHARGE or MISC."
    ),
    Column("po_number", "PO", "id", 15, "Order found for the line."),
    Column("po_line_no", "PO line", "id", 8, "Order line found; the first of a pooled group."),
    Column(
        *("identity_tier", "Found by", "text", 9),
        "T1 line number, T2 item, T3 catalogue number, T4 substitute.",
    ),
    Column("item_id", "Item", "id", 13, "Number in the item master."),
    Column("item_description", "Description", "text", 34, "What the item is."),
    Column("billed_qty", "Billed qty", "quantity", 11, "On the invoice line."),
    Column("billed_uom", "Unit", "text", 7, "Unit of the billed quantity and price."),
    Column("billed_price", "Price", "price", 12, "On the invoice line."),
    Column(
        "amount", "Amount", "money", 14, "As stated; equals the four columns that follow, added up."
    ),
    Column("supported", "Supported", "money", 14, "Agrees with order and receipt."),
    Column("tolerated", "Tolerated", "money", 12, "Differs within tolerance."),
    Column("held", "Held", "money", 14, "Held until an exception closes."),
    Column("routed", "Routed", "money", 12, "Outside purchase orders: goes to approval."),
    Column(
        *("leak", "Above contract", "money", 12),
        "Paid above contract although order and invoice agree; apart from the others.",
    ),
    Column("currency", "Currency", "text", 10, "ISO 4217 code."),
)
RECEIVED_NOT_INVOICED = (
    Column("receipt_id", "Receipt", "id", 17, "Receipt document, or usage record."),
    Column("receipt_line_no", "Line", "id", 7, "Line within the receipt."),
    Column("facility_id", "Facility", "text", 11, "Hospital."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column("po_number", "PO", "id", 15, "Order received against."),
    Column("po_line_no", "PO line", "id", 8, "Order line received against."),
    Column("item_id", "Item", "id", 13, "Number in the item master."),
    Column("item_description", "Description", "text", 34, "What the item is."),
    Column("receipt_date", "Received on", "date", 12, "Local date of the receipt."),
    Column("qty", "Not invoiced", "quantity", 12, "Received and not yet invoiced, in base units."),
    Column("price", "Order price", "price", 12, "Order price of one base unit."),
    Column("value", "Value", "money", 14, "At the order's price: what to accrue."),
    Column("currency", "Currency", "text", 10, "ISO 4217 code."),
    Column("age_days", "Age (days)", "count", 8, "Business date minus receipt date."),
    Column("bucket", "Age bucket", "text", 10, "Ageing bucket of the age."),
)
LATE_SHIPMENTS = (
    Column("shipment_id", "Shipment", "id", 24, "Our identity of the supplier's shipment notice."),
    Column("line", "Line", "id", 7, "Item within it."),
    Column("facility_id", "Facility", "text", 11, "Hospital of the order."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column("po_number", "PO", "id", 15, "Order shipped against."),
    Column("po_line_no", "PO line", "id", 8, "Order line shipped against."),
    Column("item_id", "Item", "id", 13, "Number in the item master."),
    Column("item_description", "Description", "text", 34, "What the item is."),
    Column("due_date", "Due", "date", 12, "Day it should have come, else the day it left."),
    Column("days_late", "Days late", "count", 8, "Business date minus the day it was due."),
    Column(
        *("shipped", "Shipped", "quantity", 11),
        "Of the order line, by this and all earlier shipments, in base units.",
    ),
    Column("received", "Received", "quantity", 11, "Of the order line, in base units."),
    Column("packing_slip", "Packing slip", "id", 16, "As the notice prints it."),
    Column("carrier_code", "Carrier", "text", 10, "Carrier (SCAC)."),
    Column("tracking_number", "Tracking no.", "id", 22, "The carrier's number."),
)
QUARANTINE = (
    Column("feed", "Feed", "text", 20, "Where the file came from."),
    Column("file_name", "File", "id", 34, "Name under which it arrived."),
    Column("record", "Kind", "text", 18, "Kind of record refused."),
    Column(
        *("source_record", "Record", "count", 9),
        "Record number within the file, from 1; 0 is the whole file.",
    ),
    Column("byte_offset", "Byte", "count", 11, "Where it starts in the file, from 0."),
    Column("records", "Records", "count", 9, "Records this row stands for."),
    Column("rule", "Rule", "text", 24, "The rule it breaks."),
    Column("reason", "Reason", "prose", 58, "What is wrong and what to tell the sender."),
)
# A record refused before it is read belongs to no hospital: its text is for the network only.
QUARANTINE_TEXT = Column(
    "raw", "Begins with", "prose", 50, "Its first characters, for recognising it."
)
FILES = (
    Column("feed", "Feed", "text", 20, "Where the file came from."),
    Column("file_name", "File", "id", 34, "Name under which it arrived."),
    Column("state", "State", "text", 13, "LANDED, QUARANTINED (the whole file) or DUPLICATE."),
    Column("records_in", "Records", "count", 11, "Records in the file = accepted + quarantined."),
    Column("accepted", "Accepted", "count", 11, "Records that the contract accepts."),
    Column("quarantined", "Quarantined", "count", 12, "Records refused."),
    Column("controls", "Controls", "count", 9, "Counts and totals the sender declared."),
    Column("controls_failed", "Failed", "count", 9, "Those that do not agree."),
    Column("size_bytes", "Bytes", "count", 12, "Size of the file."),
    Column("source_file_id", "SHA-256", "id", 66, "Hash of the file's bytes."),
)
RULES = (
    Column("rule_table", "Rule table", "text", 20, "Rule table used this night."),
    Column("rows", "Rows", "text", 34, "Rows in it."),
    Column("sha256", "SHA-256", "id", 13, "Hash of its contents."),
)
TOLERANCES = (
    Column("rule_id", "Tolerance", "text", 20, "Name of the row."),
    Column("check", "Check", "text", 34, "What is compared."),
    Column("supplier_id", "Supplier", "text", 13, "Only this supplier; any: all of them."),
    Column("category", "Category", "text", 11, "Only this category."),
    Column("facility_id", "Facility", "text", 11, "Only this hospital."),
    Column("pct", "Percent", "text", 12, "Most that may differ; no limit where none is stated."),
    Column("abs", "Amount", "text", 9, "Most that may differ: dollars, or base units."),
    Column("mode", "Mode", "text", 9, "ALL limits must hold, or ANY."),
    Column("valid_from", "Valid from", "date", 12, "First date of an invoice it holds for."),
    Column("valid_to", "Valid to", "date", 12, "Last date of an invoice it holds for."),
    Column("approved_by", "Approved by", "text", 18, "Who approved it."),
    Column("source", "Source", "text", 44, "Where it is written down."),
)
MEANINGS = (
    Column("sheet", "Sheet", "text", 24, "Sheet of this workbook."),
    Column("heading", "Column", "text", 30, "Heading of the column."),
    Column("meaning", "Meaning", "prose", 60, "What it says."),
)
CODES = (
    Column("code", "Rule", "text", 24, "Exception code."),
    Column("title", "Title", "text", 30, "Its name."),
    Column("suggested_action", "Suggested action", "prose", 60, "What usually settles it."),
    Column("closes_when", "Closes when", "prose", 44, "What closes it."),
    Column("queue", "Queue", "text", 8, "Who works it."),
)
