"""Which columns the sheets about paying have: what may be paid, and what was.

What belongs here: their declaration, as in ``columns.py``. What does not: where values come from
(``sql/payable_detail.sql``, ``sql/payment_detail.sql``).
"""

from recon.publish.columns import Column

PAYABLE = (
    Column("invoice_number", "Invoice", "id", 17, "Number as printed by the supplier."),
    Column("facility_id", "Facility", "text", 11, "Hospital of the order, else of the invoice."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column("doc_type", "Document", "text", 10, "INVOICE or CREDIT."),
    Column("invoice_date", "Invoice date", "date", 12, "As printed."),
    Column("po_number", "PO", "id", 15, "Order number as printed on the invoice."),
    Column("amount", "Amount", "money", 14, "Sum of the lines; a credit's is negative."),
    Column("held", "Held", "money", 14, "Held until an exception closes."),
    Column("routed", "Routed", "money", 12, "Outside purchase orders: goes to approval."),
    Column(
        *("payable", "Payable", "money", 14),
        "What may be paid tonight: one of the two that follow, as the policy `pay` chooses.",
    ),
    Column(
        *("pay_if_hold_whole", "If held whole", "money", 14),
        "Nothing while anything of it is held, else what is supported or tolerated.",
    ),
    Column("pay_supported", "If paid in part", "money", 14, "What is supported or tolerated."),
    Column(
        *("memo", "Debit memo", "money", 14),
        "What is claimed back if a part is paid; empty where nothing is, or no part is supported.",
    ),
    Column(
        *("memo_type", "Memo", "text", 14),
        "NET of what is held in the supplier's favour, or OVERBILL_ONLY (policy `debit_memo`).",
    ),
    Column("currency", "Currency", "text", 10, "ISO 4217 code."),
    Column("invoice_id", "Invoice id", "id", 26, "Our identity of the document."),
)
PAYMENTS = (
    Column("invoice_number", "Invoice", "id", 17, "Number as the remittance prints it."),
    Column(
        *("status", "Status", "text", 12),
        "SHORT: paid less than invoiced. OVER: more. NOT_FOUND: no such invoice. CURRENCY: paid in "
        "another. IN_FULL, ADJUSTED: as invoiced, but not as payable.",
    ),
    Column("facility_id", "Facility", "text", 11, "Hospital of the order, else of the invoice."),
    Column("supplier_name", "Supplier", "text", 28, "Name in the supplier master."),
    Column(
        *("beyond_payable", "Beyond payable", "money", 14),
        "Paid although held, or never billed: ask for it back, or release it.",
    ),
    Column(
        *("difference", "Still owed", "money", 14),
        "Invoiced less paid, discount and adjustments; negative where more was paid.",
    ),
    Column("invoiced", "Invoiced", "money", 14, "Total of the invoice; empty if not comparable."),
    Column("paid", "Paid", "money", 14, "Paid so far, by all payments that name it."),
    Column("discount_taken", "Discount taken", "money", 12, "As the remittances say."),
    Column("adjusted", "Adjusted", "money", 12, "Negative where less is paid."),
    Column("payments", "Payments", "count", 9, "Payments that name it."),
    Column("last_payment_date", "Last paid", "date", 12, "Day of the newest of them."),
    Column("currency", "Currency", "text", 10, "ISO 4217 code of the payment."),
)
