"""Every table that the reconciliation writes: the single declaration of its columns.

Same conventions as ``recon/canonical/tables.py``. Results hold no run id and no clock time: the
same inputs, rules and business date give the same bytes.
"""

import polars as pl

from recon.canonical.tables import Money, Quantity, Table, UnitPrice, key, optional, required

LAYER = "reconcile"


class Allocation(Table):
    """One row per invoice line and receipt line: how much of the receipt the line consumed."""

    invoice_id: str = key("Document.")
    line_no: pl.Int32 = key("Line within the document.")
    receipt_key: str = key("Supply consumed: receipt and line, or usage record.")
    receipt_id: str = required("Receipt document, or usage record.")
    receipt_line_no: str = optional("Line within the receipt.")
    match_group: str = required("The order lines that are matched as one.")
    qty: Quantity = required("Quantity consumed.", unit="base unit")
    basis: str = required("FROZEN (paid), CITED or FIFO.")


class InvoiceLineResult(Table):
    """One row per invoice line: its status, and its amount split to the cent."""

    invoice_id: str = key("Document.")
    line_no: pl.Int32 = key("Line within the document.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital: the order's, else the invoice's.")
    line_type: str = required("ITEM, FREIGHT, HANDLING, TAX, SURCHARGE or MISC.")
    item_id: str = optional("Our item, as billed.")
    po_id: str = optional("Order found.")
    po_line_no: str = optional("Order line found; the first of a pooled group.")
    match_group: str = optional("The order lines that are matched as one.")
    identity_tier: str = optional(
        "T1 line number, T2 item, T3 catalogue number, T4 acknowledged substitute."
    )
    currency: str = required("ISO 4217 code.")
    status: str = required(
        "DUPLICATE, UNMATCHED, BLOCKED, NON_PO, CREDIT_OPEN, CREDIT_APPLIED, EXCEPTION, "
        "MATCHED_TOL or MATCHED."
    )
    amount: Money = required("As stated; supported + tolerated + held + routed.", unit="currency")
    supported: Money = required("Agrees with order and receipt.", unit="currency")
    tolerated: Money = required("Differs within tolerance.", unit="currency")
    held: Money = required("Held until an exception closes.", unit="currency")
    routed: Money = required("Outside purchase orders: goes to approval.", unit="currency")
    leak: Money = required(
        "Paid above contract although order and invoice agree; a separate measure.", unit="currency"
    )
    qty_a: Quantity = required("Ordered and received.", unit="base unit")
    qty_b: Quantity = required("Ordered, not received.", unit="base unit")
    qty_c: Quantity = required("Received beyond the order.", unit="base unit")
    qty_d: Quantity = required("Neither ordered nor received.", unit="base unit")


class Exception_(Table):  # noqa: N801  the table is named exception; the builtin keeps its name
    """One row per finding that is open, or that closed on this business date."""

    exception_key: str = key("Stable id: 16 hex digits of a hash of code and business keys.")
    code: str = required("Exception code.")
    hold: bool = required("Holds money; otherwise warns.")
    queue: str = required("Who works the exception: AP, BUY, REC, CON, ITM, OR or REQ.")
    impact: Money = required("Dollars at stake; what is held, for a hold.", unit="currency")
    latent: Money = required(
        "The rest of the price variance, as on goods not yet received: shown, not counted.",
        unit="currency",
    )
    qty: Quantity = optional("Quantity at stake.", unit="base unit")
    currency: str = required("ISO 4217 code.")
    facility_id: str = optional("Hospital.")
    supplier_id: str = optional("Supplier.")
    invoice_id: str = optional("Document.")
    line_no: pl.Int32 = optional("Line within the document; empty for an exception on all of it.")
    po_id: str = optional("Order.")
    po_line_no: str = optional("Line within the order.")
    item_id: str = optional("Item.")
    related_document: str = optional(
        "The other document of the finding: the original of a duplicate, the contract."
    )
    tolerance_rule_id: str = optional("The rule row that decided it.")
    basis_date: pl.Date = required("Day from which age is counted.")
    first_seen: pl.Date = required("First business date of an unbroken run of findings.")
    times_seen: pl.Int32 = required("Business dates on which it was found, this one included.")
    age_days: pl.Int32 = required("Business date minus basis date.", unit="days")
    bucket: str = required("Ageing bucket.")
    state: str = required(
        "OPEN, OVERRIDDEN by an analyst's answer, or AUTO_CLOSED on the first business date "
        "without it."
    )
    disposition: str = optional("What the analyst answered, while it holds.")
    was_accepted_at: Money = optional(
        "Dollars at which it was accepted before they changed.", unit="currency"
    )
    assigned_to: str = optional("Who works the exception, as the analyst wrote.")
    resolve_by: pl.Date = optional("Day the analyst wrote beside it.")
    closed_by_kind: str = optional(
        "Of one that closed: VOID, ORDER, CHANGE, RECEIPT, RETURN or CREDIT; empty where no "
        "document tells."
    )
    closed_by: str = optional("That document; the newest of several.")
    claim_due_date: pl.Date = optional(
        "Last day on which the supplier takes a claim; empty where none is stated for it."
    )


class Rni(Table):
    """One row per receipt line with goods received and not yet invoiced."""

    receipt_key: str = key("Receipt and line, or usage record.")
    receipt_id: str = required("Receipt document, or usage record.")
    receipt_line_no: str = optional("Line within the receipt.")
    facility_id: str = required("Hospital.")
    supplier_id: str = required("Supplier.")
    po_id: str = required("Order.")
    po_line_no: str = required("Line within the order.")
    item_id: str = optional("Item.")
    receipt_date: pl.Date = required("Local date of the receipt.")
    qty: Quantity = required("Received, not invoiced.", unit="base unit")
    price: UnitPrice = optional(
        "Order price of one base unit, for people to read.", unit="currency"
    )
    value: Money = required("At the order's price.", unit="currency")
    currency: str = required("ISO 4217 code.")
    age_days: pl.Int32 = required("Business date minus receipt date.", unit="days")
    bucket: str = required("Ageing bucket.")


class PaymentResult(Table):
    """One row per invoice that remittances name, and currency: paid beside invoiced."""

    document_key: str = key("The invoice; supplier and number where it is not known.")
    currency: str = key("ISO 4217 code of the payment.")
    invoice_id: str = optional("Document.")
    supplier_id: str = required("Supplier paid.")
    facility_id: str = optional("Hospital.")
    invoice_number: str = required("Number as the remittance prints it.")
    payments: pl.Int32 = required("Payments that name it.")
    last_payment_date: pl.Date = required("Day of the newest of them.")
    invoiced: Money = optional("Total of the invoice.", unit="currency")
    paid: Money = required("Paid so far.", unit="currency")
    discount_taken: Money = required("Discount taken.", unit="currency")
    adjusted: Money = required("Adjusted; negative where less is paid.", unit="currency")
    difference: Money = optional(
        "invoiced - paid - discount_taken + adjusted: what is still owed.", unit="currency"
    )
    beyond_payable: Money = optional(
        "Paid beyond what is payable tonight: although held, or never billed.", unit="currency"
    )
    status: str = required("IN_FULL, ADJUSTED, SHORT, OVER, NOT_FOUND or CURRENCY.")


class InvoicePayable(Table):
    """One row per invoice or credit: what may be paid of it, whole or as far as it is supported.

    Of the document, whatever was paid of it before: do not add up documents that are paid.
    """

    invoice_id: str = key("Document.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital.")
    currency: str = required("ISO 4217 code.")
    is_paid: bool = required("Paid before, in full or in part.")
    amount: Money = required("Sum of its lines.", unit="currency")
    held: Money = required("Held; negative where more is due than billed.", unit="currency")
    overbilled: Money = required("Held on lines that bill too much.", unit="currency")
    routed: Money = required("Outside purchase orders: goes to approval.", unit="currency")
    pay_if_hold_whole: Money = required(
        "0 while anything of it is held; else what is supported or tolerated.", unit="currency"
    )
    pay_supported: Money = required("What is supported or tolerated.", unit="currency")
    payable: Money = required("The one of the two that the policy `pay` chooses.", unit="currency")


class DebitMemo(Table):
    """One row per unpaid invoice that is supported in part: what a short payment claims back."""

    invoice_id: str = key("Document.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital.")
    currency: str = required("ISO 4217 code.")
    memo_type: str = required("NET or OVERBILL_ONLY, as the policy `debit_memo` chooses.")
    amount: Money = required("Minus what is held.", unit="currency")


class Announced(Table):
    """One row per thing that a supplier announced and that is not so here."""

    what: str = key(
        "Shipped and not received, or a catalogue's unit that the item master differs from."
    )
    document: str = key("Shipment; of a catalogue its supplier and catalogue number.")
    line: str = key("Item within the shipment; unit of the catalogue.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital of the order.")
    po_id: str = optional("Order shipped against.")
    po_line_no: str = optional("Line shipped against.")
    item_id: str = optional("Our item.")
    due_date: pl.Date = optional("Day it should have come, else the day it left.")
    shipped: Quantity = optional("Shipped of that line, up to this shipment.", unit="base unit")
    received: Quantity = optional("Received of that line.", unit="base unit")


class ChargeException(Table):
    """One row per finding of use against charge that is open, or closed on this business date.

    Under-charged and over-charged dollars are never netted: ``gross`` of each row has one sign.
    """

    exception_key: str = key("Stable id: 16 hex digits of a hash of code and business keys.")
    code: str = required("Exception code.")
    severity: pl.Int32 = required(
        "1 (first) to 4 (last): the code's; from $500 gross 2, from $5,000 1; information stays 4."
    )
    queue: str = required("Who works the finding.")
    facility_id: str = optional("Hospital.")
    account_key: str = optional("Token of the account.")
    other_account_key: str = optional("The other account: where a charge should be, or was.")
    cdm_code: str = optional("Charge-master code; the expected one of a wrong code.")
    other_cdm_code: str = optional("The code that was charged instead.")
    item_id: str = optional("Item, if the records of use behind it are all of one.")
    usage_id: str = optional("Record of use, if the finding is on one.")
    txn_id: str = optional("Charge, if the finding is on one.")
    claim_id: str = optional("Claim.")
    claim_line_no: pl.Int32 = optional("Line within the claim.")
    po_id: str = optional("Bill-only order.")
    dept_id: str = optional("Department.")
    location_id: str = optional("Place.")
    patient_class: str = optional("I in, O out, E emergency ...")
    units: Quantity = optional("Charge units, or base units of a stock finding, at stake.")
    gross: Money = required(
        "Charges at stake: positive lost (ST: charged late or outside stay), negative too much.",
        unit="USD",
    )
    at_risk: Money = optional(
        "Shown, not counted: what is moved, or the claim that depends on it.", unit="USD"
    )
    net: Money = optional("gross times the yield configured for it; empty without one.", unit="USD")
    is_suggested: bool = required("The evidence suggests a repair; nothing was matched by it.")
    finding_key: str = optional("Unit factor to which the finding belongs (``unit_factor``).")
    root_cause_key: str = optional("Of a denial: the open finding that caused it.")
    remark: str = optional("Codes that say why: adjustment and remark codes, the broken rule.")
    service_date: pl.Date = optional("Local date of service.")
    bill_due_date: pl.Date = optional(
        "Day the bill dropped, else drops: discharge and the hold of the class, and not before "
        "tonight while the account is said not to be billed."
    )
    filing_due_date: pl.Date = optional("Last day on which the payer takes a claim.")
    basis_date: pl.Date = required("Day from which age is counted.")
    first_seen: pl.Date = required("First business date of an unbroken run of findings.")
    times_seen: pl.Int32 = required("Business dates on which it was found, this one included.")
    age_days: pl.Int32 = required("Business date minus basis date.", unit="days")
    bucket: str = required("Ageing bucket.")
    state: str = required(
        "OPEN, OVERRIDDEN by an analyst's answer, or AUTO_CLOSED on the first business date "
        "without it."
    )
    disposition: str = optional("What the analyst answered, while it holds.")
    was_accepted_at: Money = optional(
        "Gross and at risk at which it was accepted before they changed.", unit="USD"
    )
    assigned_to: str = optional("Who works the finding, as the analyst wrote.")
    resolve_by: pl.Date = optional("Day the analyst wrote beside it.")


class ChargeExceptionEvidence(Table):
    """One row per record behind an exception."""

    exception_key: str = key("Exception.")
    table: str = key("Canonical table.")
    row_key: str = key("Natural key of the record, parts joined by |.")
    role: str = required("USED, CHARGED, CREDIT, DUPLICATE, MAP, CLAIM, DENIAL, STOCK or ORDER.")
    units: Quantity = optional("Units of the record that are at stake.")


class ChargeAllocation(Table):
    """One row per record of use and charge: how many charge units of one support the other."""

    facility_id: str = key("Hospital.")
    usage_system_id: str = key("System of the record of use.")
    usage_id: str = key("Record of use.")
    charge_system_id: str = key("System of the charge.")
    txn_id: str = key("Charge.")
    match_pass: str = key("a order, b serial, c lot, d item, e day, f code.")
    account_key: str = required("Token of the account, after merges.")
    cdm_code: str = required("Code charged.")
    expected_cdm_code: str = required("Code that the item's map names.")
    units: Quantity = required("Charge units.")


class ChargeLineResult(Table):
    """One row per charge in force after replays and credits: what its units came to."""

    facility_id: str = key("Hospital.")
    system_id: str = key("System of the charge.")
    txn_id: str = key("Charge.")
    account_key: str = optional("Token of the account, after merges.")
    cdm_code: str = required("Code charged.")
    service_date: pl.Date = required("Local date of service.")
    units: Quantity = required("Charged; credited + matched + open.")
    credited: Quantity = required("Taken back by credits.")
    matched: Quantity = required("Supported by use.")
    open: Quantity = required("Supported by nothing.")


class UsageLineResult(Table):
    """One row per record of use in force: what it should have been charged, and was."""

    facility_id: str = key("Hospital.")
    system_id: str = key("System of the record.")
    usage_id: str = key("Record of use.")
    account_key: str = optional("Token of the account, after merges.")
    item_id: str = optional("Item.")
    cdm_code: str = optional("Code that the item's map names.")
    used_date: pl.Date = required("Local date of use.")
    status: str = required(
        "EXPECTED, ROUTINE, BELOW_THRESHOLD, NOT_CHARGEABLE, UNMAPPED, NO_UNIT or NETTED."
    )
    expected: Quantity = required("Charge units expected; expected = matched + open.")
    matched: Quantity = required("Found charged.")
    open: Quantity = required("Not found.")


class UnitFactor(Table):
    """One row per item and code whose charges are off by a pack: one finding, many lines."""

    finding_key: str = key("Stable id: 16 hex digits of a hash of item, code and factor.")
    facility_id: str = required("Hospital.")
    item_id: str = required("Item.")
    cdm_code: str = required("Code.")
    factor: Quantity = required("How many times too few, or too many.")
    direction: str = required("UNDER or OVER.")
    accounts: pl.Int32 = required("Accounts on which the factor shows.")
    units: Quantity = required("Charge units at stake.")
    gross: Money = required("Charges at stake.", unit="USD")


class ReorderProposal(Table):
    """One row per place and item that is to be ordered."""

    facility_id: str = key("Hospital.")
    location_id: str = key("Place.")
    item_id: str = key("Item.")
    on_hand: Quantity = required("On the shelf, all lots.", unit="base unit")
    on_order: Quantity = required("Ordered, not yet here.", unit="base unit")
    order_qty: Quantity = required("To be ordered, in whole packs.", unit="base unit")


class CdmGap(Table):
    """One row per row of the charge master that would make a wrong claim, charged yet or not.

    A gap of the charge master, not an error of a bill: a code may be filled in at charge time.
    """

    facility_id: str = key("Hospital that the entry is for, or * for all.")
    cdm_code: str = key("Code.")
    valid_from: pl.Date = key("First day the row holds.")
    code: str = key(
        "SP04 an implant without a HCPCS code, SD10 no implant under an implant's revenue code, "
        "SP05 a device outside of the revenue codes of implants."
    )
    description: str = required("What it is, for people to read.")
    revenue_code: str = optional("Revenue code.")
    hcpcs: str = optional("HCPCS code.")
    price: Money = optional("Price of one charge unit.", unit="USD")


CHARGE_RESULTS: list[type[Table]] = [
    *(ChargeException, ChargeExceptionEvidence, ChargeAllocation),
    *(ChargeLineResult, UsageLineResult, UnitFactor, ReorderProposal, CdmGap),
]

# The result tables of the three-way match that a night writes, in reading order.
RESULTS: list[type[Table]] = [
    *(InvoiceLineResult, Allocation, Exception_, Rni),
    *(PaymentResult, InvoicePayable, DebitMemo, Announced),
]
