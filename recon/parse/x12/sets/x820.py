"""820 Payment Order/Remittance Advice: what is paid, and which invoices it is for.

An entity (ENT) groups what one party pays: its items (RMR), and adjustments (ADX). An adjustment
under an item says why the item was not paid as billed and is part of what was paid for it; one
beside the items, under the entity, changes the payment itself.
"""

from recon.parse.x12.declare import (
    Kind,
    Record,
    TransactionSet,
    column,
    loop,
    number_of,
    ordinal,
    party,
)

# Documents of a sale. Anything else that is paid for (11 account, AP receivable, AZ policy,
# ID of a mortgage) may be a person's.
_BILLS = "IV|IK|OI|CM|CL|DB|DL|OS"
_OTHERS = "PO|BM"
# What an item pays: some number it by their voucher or the order, and have the bill beside it.
_PAID = (f"RMR02:{_BILLS}", f"REF02:{_BILLS}", f"RMR02:{_OTHERS}")
# Schemes that number organisations; an entity may also be an insured person.
_ORGANISATIONS = "1|9|21|91|92|UL"

_PAYMENT = Record(
    "payment",
    (
        column("handling_code", Kind.TEXT, "BPR01"),
        column("payment_amount", Kind.MONEY, "BPR02", required=True),
        column("credit_debit_code", Kind.TEXT, "BPR03", codes="C|D"),
        column("payment_method", Kind.TEXT, "BPR04"),
        column("payment_format", Kind.TEXT, "BPR05"),
        column("payment_date", Kind.DATE, "BPR16"),
        column("trace_number", Kind.TEXT, "TRN02"),
        column("trace_originator", Kind.TEXT, "TRN03"),
        column("currency", Kind.TEXT, "CUR02"),
        column("created_date", Kind.DATE, "DTM02:097|020"),
        column("effective_date", Kind.DATE, "DTM02:007"),
        column("vendor_number", Kind.TEXT, "REF02:VR|IA"),
        *party("payer", "PR"),
        *party("payee", "PE"),
        number_of("line_count", "item"),
    ),
)

_PAYEE = (
    column("currency", Kind.TEXT, inherit=True),
    column("payee_qualifier", Kind.TEXT, inherit=True),
    column("payee_id", Kind.TEXT, inherit=True),
)

_ITEM = Record(
    "remittance_line",
    (
        column("trace_number", Kind.TEXT, inherit=True),
        column("payment_date", Kind.DATE, inherit=True),
        *_PAYEE,
        ordinal("line_no"),
        column("entity_no", Kind.TEXT, "entity.ENT01"),
        column("entity_id", Kind.TEXT, f"entity.ENT04@03:{_ORGANISATIONS}"),
        column("reference_qualifier", Kind.TEXT, "RMR01"),
        column("reference_number", Kind.TEXT, "RMR02", private="account"),
        column("document_number", Kind.TEXT, *_PAID),
        column("action_code", Kind.TEXT, "RMR03"),
        column("paid_amount", Kind.MONEY, "RMR04"),
        column("invoice_amount", Kind.MONEY, "RMR05"),
        column("discount_amount", Kind.MONEY, "RMR06"),
        column("adjustment_reason_code", Kind.TEXT, "RMR07"),
        column("adjustment_amount", Kind.MONEY, "RMR08"),
        column("po_number", Kind.TEXT, "REF02:PO"),
        column("document_date", Kind.DATE, "DTM02:003"),
    ),
    loop="item",
)

_ADJUSTMENT = Record(
    "remittance_adjustment",
    (
        column("trace_number", Kind.TEXT, inherit=True),
        column("payment_date", Kind.DATE, inherit=True),
        *_PAYEE,
        ordinal("adjustment_no"),
        ordinal("line_no", "item"),
        column("entity_no", Kind.TEXT, "entity.ENT01"),
        column("entity_id", Kind.TEXT, f"entity.ENT04@03:{_ORGANISATIONS}"),
        column("amount", Kind.MONEY, "ADX01", required=True),
        column("reason_code", Kind.TEXT, "ADX02"),
        column("reference_qualifier", Kind.TEXT, "ADX03"),
        column("reference_number", Kind.TEXT, "ADX04", private="account"),
        column(
            "document_number",
            Kind.TEXT,
            f"ADX04@03:{_BILLS}|{_OTHERS}",
            f"REF02:{_BILLS}",
            *(f"item.{source}" for source in _PAID),
        ),
        column("po_number", Kind.TEXT, "REF02:PO"),
        column("document_date", Kind.DATE, "DTM02:003"),
    ),
    loop="adjustment",
)

PAYMENT_ORDER = TransactionSet(
    code="820",
    title="Payment Order/Remittance Advice",
    loops=(
        loop("entity", "ENT"),
        loop("item", "RMR", within="entity|"),
        loop("adjustment", "ADX", within="item|entity|"),
    ),
    records=(_PAYMENT, _ITEM, _ADJUSTMENT),
    once=("BPR",),
    ignored="NM1",
    balances=("payment",),
)
