"""Every canonical and result table: the single declaration of its columns.

From a class here come the Parquet schema, the row checks, the data dictionary and the column
lists of the workbook (``describe.py`` derives them). A table's name is its class name in
snake_case and is the same in SQL, in the lake, in the asset key and in the dictionary.

Suppliers, items, places and contract prices stand in ``masters.py``; what is used on patients in
``usage.py``; claims, and what payers answer, in ``claims.py``.

What belongs here: names, types, keys, and what a column means. What does not: how a feed fills
it (the feed's YAML) and what is wrong with it (``checks/``).
"""

from typing import Annotated, Any

import pandera.polars as pa
import polars as pl

Quantity = Annotated[pl.Decimal, 18, 6]
UnitPrice = Annotated[pl.Decimal, 18, 6]
Money = Annotated[pl.Decimal, 18, 2]
Fraction = Annotated[pl.Decimal, 9, 6]
Instant = Annotated[pl.Datetime, "us", None]  # UTC


def key(description: str, **more: object) -> Any:  # noqa: ANN401  as pandera types its own Field
    """A column of the natural key: never null."""
    return pa.Field(description=description, metadata={"key": True, **more})


def required(description: str, **more: object) -> Any:  # noqa: ANN401  as pandera types its own Field
    """A column that every row must have."""
    return pa.Field(description=description, metadata=more or None)


def optional(description: str, **more: object) -> Any:  # noqa: ANN401  as pandera types its own Field
    """A column that a source may leave empty; SQL states what empty means."""
    return pa.Field(nullable=True, description=description, metadata=more or None)


def listed(description: str, **more: object) -> Any:  # noqa: ANN401  as pandera types its own Field
    """An optional column of words from a list, in capitals: small letters are taken for them."""
    return optional(description, capitals=True, **more)


class Table(pa.DataFrameModel):
    """A table: strict about types, complete about columns."""

    class Config:
        """Columns not declared are refused; types are never coerced behind the reader's back."""

        strict = True
        coerce = False


class Canonical(Table):
    """A canonical table: business columns, then where each row came from."""

    source_system: str = required("The feed that delivered the row.")
    source_file_id: str = required("SHA-256 of the file that delivered the row.")
    source_record: pl.Int64 = required("Record number within that file, from 1.")
    byte_offset: pl.Int64 = required("Where the record starts in that file, from 0.", unit="bytes")


class PurchaseOrder(Canonical):
    """One row per purchase order, as last amended."""

    po_id: str = key("Our identity of the order.")
    po_number: str = required("Order number as printed.", source="X12 850 BEG03")
    supplier_id: str = required("Supplier.")
    facility_id: str = required("Hospital that raised the order.")
    order_date: pl.Date = required("Date of the order.", source="X12 850 BEG05")
    type: str = listed(
        "STANDARD, BLANKET, BILL_ONLY, CONSIGNMENT or DROP_SHIP; empty means STANDARD."
    )
    status: str = listed("OPEN, CANCELLED or CLOSED; empty means OPEN.")
    currency: str = listed("ISO 4217 code; empty means USD.")
    terms_id: str = optional("Payment terms.")
    freight_terms: str = listed("ALLOWED, PREPAID_ADD or COLLECT; empty means ALLOWED.")
    valid_from: pl.Date = optional("First day of a blanket order.")
    valid_to: pl.Date = optional("Last day of a blanket order.")
    buyer: str = optional("Who raised the order.")


class PurchaseOrderLine(Canonical):
    """One row per line of a purchase order, as last amended."""

    po_id: str = key("Order.")
    line_no: str = key("Line within the order.", source="X12 850 PO101")
    item_id: str = optional("Our item.")
    catalog_no: str = optional("The supplier's catalogue number.", source="X12 850 PO107")
    qty: Quantity = required("Quantity ordered.", unit="uom", source="X12 850 PO102")
    uom: str = required(
        "Unit of the quantity and the price.", capitals=True, source="X12 850 PO103"
    )
    price: UnitPrice = required("Price of price_per units.", unit="USD", source="X12 850 PO104")
    price_per: Quantity = optional(
        "The price is for this many units (1, 100, 1000); empty means 1.", least=1, whole=True
    )
    currency: str = listed("ISO 4217 code; empty means the order's.")
    match_type: str = listed("2WAY, 3WAY, 4WAY, BILL_ONLY, ERS or DROP_SHIP; empty means 3WAY.")
    match_basis: str = listed("QTY or AMOUNT; empty means QTY.")
    limit_amount: Money = optional("Amount basis: the most that may be billed.", unit="USD")
    status: str = listed("OPEN, CANCELLED or CLOSED; empty means OPEN.")
    cancelled_qty: Quantity = optional("Quantity no longer wanted.", unit="uom")
    gl_account: str = optional("General-ledger account that the line is charged to.")
    requester: str = optional("Who asked for the goods.")
    case_key: str = optional(
        "Bill-only: token of the case whose use it pays for. Kept, and read by no rule."
    )


class PurchaseOrderChange(Canonical):
    """One row per thing a change document changes: a line, or a whole order.

    Laid over ``purchase_order`` and ``purchase_order_line`` wherever they are read as of a date:
    what a change leaves empty is as it was, and lines it does not name stay.
    """

    change_id: str = key("Our identity of the change document; of one day, the greater is newer.")
    change_no: pl.Int32 = key("Position within the change document.")
    po_id: str = required("Order changed.", source="X12 860 BCH03")
    line_no: str = required("Line changed; * for the whole order.", source="X12 860 POC01")
    change_date: pl.Date = optional("Date of the change.", source="X12 860 BCH11")
    change_code: str = optional("What the sender calls the change.", source="X12 860 POC02")
    item_id: str = optional("Our item, from now on.")
    catalog_no: str = optional("The supplier's catalogue number, from now on.")
    qty: Quantity = optional("Quantity ordered, from now on.", unit="uom", source="X12 860 POC03")
    uom: str = optional(
        "Unit of the quantity and the price, from now on.", capitals=True, source="X12 860 POC05"
    )
    price: UnitPrice = optional("Price, from now on.", unit="USD", source="X12 860 POC06")
    status: str = optional("OPEN, CANCELLED or CLOSED, from now on.")


class PoAckLine(Canonical):
    """One row per answer of the supplier to an order line."""

    po_id: str = key("Order.")
    line_no: str = key("Line within the order.", source="X12 855 PO101")
    ack_seq: pl.Int32 = key("Position among the answers to the line.")
    ack_code: str = required(
        "IA, IB, IC, ID, IE, IP, IQ, IR, IS ... (X12 element 668).",
        capitals=True,
        source="X12 855 ACK01",
    )
    qty: Quantity = optional("Quantity acknowledged.", unit="uom", source="X12 855 ACK02")
    uom: str = optional(
        "Unit of the quantity and the price.", capitals=True, source="X12 855 ACK03"
    )
    price: UnitPrice = optional("Price acknowledged.", unit="USD", source="X12 855 PO104")
    item_catalog_no: str = optional(
        "Item or catalogue number acknowledged.", source="X12 855 ACK08, PO107"
    )
    promised: pl.Date = optional("Day of delivery promised.", source="X12 855 ACK05")
    acknowledged_date: pl.Date = optional(
        "Date of the acknowledgement: of several answers to a line, the newest counts.",
        source="X12 855 BAK09",
    )
    ack_id: str = optional(
        "Our identity of the acknowledgement; of one day, the greater is the newer."
    )


class ShipmentLine(Canonical):
    """One row per item, or lot of it, that a supplier announced as shipped."""

    shipment_id: str = key("Our identity of the shipment notice: a corrected one repeats it.")
    line_no: pl.Int32 = key("Item within the shipment notice.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional("Hospital that the goods go to.", source="X12 856 N1*ST")
    po_id: str = optional("Order shipped against.", source="X12 856 PRF01")
    po_line_no: str = optional("Line shipped against.", source="X12 856 LIN01, SN101")
    item_id: str = optional("Our item, where the notice says so.")
    catalog_no: str = optional("The supplier's catalogue number.", source="X12 856 LIN03")
    gtin: str = optional("GTIN of the packaging level shipped.", source="X12 856 LIN03")
    qty: Quantity = required("Quantity shipped.", unit="uom", source="X12 856 SN102")
    uom: str = required("Unit of the quantity.", capitals=True, source="X12 856 SN103")
    lot: str = optional("Lot.", source="X12 856 LIN pair LT, REF*LT")
    serial: str = optional("Serial number.", source="X12 856 LIN pair SN, REF*SE")
    expiry_date: pl.Date = optional("Last day on which it may be used.", source="X12 856 DTM*036")
    package_id: str = optional("Package that holds the item (SSCC).", source="X12 856 MAN*GM")
    tracking_number: str = optional("Carrier's number.", source="X12 856 REF*2I, MAN*CP, REF*CN")
    carrier_code: str = optional("Carrier (SCAC).", source="X12 856 TD503")
    packing_slip: str = optional("Packing slip as printed.", source="X12 856 REF*PK, BSN02")
    ship_date: pl.Date = optional("Day the shipment left.", source="X12 856 DTM*011")
    expected_date: pl.Date = optional("Day the shipment should arrive.", source="X12 856 DTM*017")
    status: str = optional("SHIPPED or CANCELLED; empty means SHIPPED.", source="X12 856 BSN01")


class ReceiptLine(Canonical):
    """One row per physical event at the dock: goods in, goods back, or a reversal of either."""

    receipt_id: str = key("Receipt document.")
    line_no: str = key("Line within the receipt.")
    po_id: str = required("Order received against.")
    po_line_no: str = required("Line received against.")
    kind: str = listed("RECEIPT, RETURN, REVERSAL or POD (proof of delivery); empty means RECEIPT.")
    ref_receipt_id: str = optional("Receipt that is returned or reversed.")
    ref_line_no: str = optional("Line that is returned or reversed.")
    receipt_date: pl.Date = required("Local date of the event.")
    qty: Quantity = required(
        "Quantity; negative for goods going back.", unit="uom", below_zero_in=("kind", "RETURN")
    )
    uom: str = required("Unit of the quantity.", capitals=True)
    accepted_qty: Quantity = optional(
        "Quantity that passed inspection; empty means all.", unit="uom"
    )
    lot: str = optional("Lot.")
    serial: str = optional("Serial number.")
    packing_slip: str = optional("Packing slip as printed.")
    receiver: str = optional("Who received the goods.")
    status: str = listed("POSTED or DRAFT; a draft is not supply; empty means POSTED.")


class Invoice(Canonical):
    """One row per invoice or credit memo received."""

    invoice_id: str = key("Our identity of the document: two copies of one invoice have two.")
    supplier_id: str = required("Supplier.")
    facility_id: str = optional(
        "Hospital billed, where the document says so.", source="X12 810 N1*ST"
    )
    invoice_number: str = required("Number as printed.", source="X12 810 BIG02")
    doc_type: str = listed("INVOICE or CREDIT; empty means INVOICE.", source="X12 810 BIG07")
    invoice_date: pl.Date = required("Date as printed.", source="X12 810 BIG01")
    received_date: pl.Date = optional("Day the document reached us; empty means the invoice date.")
    currency: str = listed("ISO 4217 code; empty means USD.", source="X12 810 CUR02")
    total: Money = required(
        "Total as stated; negative for a credit.", unit="USD", source="X12 810 TDS01"
    )
    po_number_raw: str = optional("Order number as printed.", source="X12 810 BIG04")
    terms_id: str = optional("Payment terms.")
    disc_pct: Fraction = optional("Early-payment discount, as a fraction.", source="X12 810 ITD03")
    disc_days: pl.Int32 = optional(
        "Days in which the discount can be taken.", unit="days", source="X12 810 ITD05"
    )
    status: str = listed("OPEN, POSTED, PAID or VOID; empty means OPEN.")
    channel: str = optional("How the document reached us.")


class InvoiceLine(Canonical):
    """One row per line of an invoice: goods, or a charge beside them."""

    invoice_id: str = key("Document.")
    line_no: pl.Int32 = key("Line within the document.")
    line_type: str = listed(
        "ITEM, FREIGHT, HANDLING, TAX, SURCHARGE or MISC; empty means ITEM.",
        source="X12 810 SAC02, TXI01",
    )
    po_number_raw: str = optional("Order number printed on the line; empty means the header's.")
    po_line_raw: str = optional("Order line as printed.", source="X12 810 IT101")
    catalog_no: str = optional("Catalogue number as printed.", source="X12 810 IT107")
    item_id: str = optional("Our item, where the document says so.")
    qty: Quantity = optional(
        "Quantity billed; negative on a credit.", unit="uom", source="X12 810 IT102"
    )
    uom: str = optional(
        "Unit of the quantity and the price.", capitals=True, source="X12 810 IT103"
    )
    price: UnitPrice = optional("Price of one unit.", unit="USD", source="X12 810 IT104")
    amount: Money = required("Amount as stated, or quantity times price where none is.", unit="USD")
    lot: str = optional("Lot as printed.")
    cites: str = optional("Receipt or packing slip the line refers to.")
    ref_invoice_number: str = optional("Invoice that a credit refers to.")
    adj_kind: str = listed("A credit's reason: QTY, PRICE or SHORTAGE; empty means QTY.")


class PaymentRemittance(Canonical):
    """One row per invoice that a payment names."""

    payment_id: str = key("Our identity of the payment advice.")
    line_no: pl.Int32 = key("Line within the payment advice.")
    supplier_id: str = required("Supplier paid.")
    payment_date: pl.Date = required("Day the money moves.", source="X12 820 BPR16")
    trace_number: str = optional("The bank's number for the payment.", source="X12 820 TRN02")
    currency: str = listed("ISO 4217 code; empty means USD.", source="X12 820 CUR02")
    invoice_number: str = required("Invoice paid, as printed.", source="X12 820 RMR02")
    po_number_raw: str = optional("Order number as printed.", source="X12 820 REF*PO")
    amount_paid: Money = required(
        "Paid; negative where money is taken back.", unit="currency", source="X12 820 RMR04"
    )
    amount_invoiced: Money = optional(
        "The invoice's total, as the payer has it.", unit="currency", source="X12 820 RMR05"
    )
    discount_taken: Money = optional(
        "Early-payment discount taken.", unit="currency", source="X12 820 RMR06"
    )
    adjustment_amount: Money = optional(
        "Other adjustments; negative where less is paid.", unit="currency", source="X12 820 ADX01"
    )


class RebateLine(Canonical):
    """One row per sale reported for a rebate, or adjustment of one."""

    report_id: str = key("Our identity of the report.")
    line_no: pl.Int32 = key("Line within the report.")
    supplier_id: str = required("Distributor that sends the report.")
    period_from: pl.Date = optional("First day of the period.", source="X12 867 DTM*090")
    period_to: pl.Date = optional("Last day of the period.", source="X12 867 DTM*091")
    transfer_type: str = optional(
        "SS stock sale, DS drop ship, PA price adjustment ...", source="X12 867 PTD01"
    )
    contract_id: str = optional("Contract of the sale.", source="X12 867 PTD05")
    facility_id: str = optional("Hospital that bought the goods.", source="X12 867 N1*ST")
    po_number_raw: str = optional("Order number as printed.", source="X12 867 REF*PO")
    item_id: str = optional("Our item, where the report says so.")
    catalog_no: str = optional("The maker's or supplier's number.", source="X12 867 LIN03")
    gtin: str = optional("GTIN of the packaging level sold.", source="X12 867 LIN pair UK")
    qty: Quantity = required("Quantity sold.", unit="uom", source="X12 867 QTY02")
    uom: str = optional(
        "Unit of the quantity and the prices.", capitals=True, source="X12 867 QTY03"
    )
    contract_price: UnitPrice = optional("Price on contract.", unit="USD", source="X12 867 UIT*CT")
    list_price: UnitPrice = optional(
        "Price before the contract.", unit="USD", source="X12 867 UIT*CA"
    )
    claim_per_unit: UnitPrice = optional(
        "Difference claimed per unit; negative where it is given back.",
        unit="USD",
        source="X12 867 AMT*S",
    )
    claim_amount: Money = optional("Claimed for the line.", unit="USD")


class Disposition(Canonical):
    """One row per exception that an analyst answered, as the workbook came back.

    The night says which run of findings was answered, the dollars what the analyst saw of it: the
    sheet shows both.
    """

    exception_key: str = key("Exception id.")
    night: pl.Date = required("Business date of the workbook, as the sheet shows it.")
    impact: Money = required("At stake, as the sheet shows it.", unit="currency")
    disposition: str = optional(
        "accepted, disputed, resolved, snoozed, not duplicate or escalated; empty where only the "
        "rest is filled in."
    )
    assigned_to: str = optional("Who works the exception.")
    resolve_by: pl.Date = optional("By when; for one that is snoozed, the day it opens again.")


class FileControl(Table):
    """One row per file that arrived for the business date: what came in, and what became of it."""

    feed: str = key("Feed.")
    source_file_id: str = key("SHA-256 of the file.")
    file_name: str = key("Name under which the file arrived.")
    size_bytes: pl.Int64 = required("Size.", unit="bytes")
    state: str = required(
        "LANDED, QUARANTINED (the whole file) or DUPLICATE (its bytes were landed before)."
    )
    encoding: str = optional("How its bytes were read as text.")
    records_in: pl.Int64 = required("Records in the file; records_in = accepted + quarantined.")
    accepted: pl.Int64 = required("Records that the contract accepts.")
    quarantined: pl.Int64 = required("Records refused, each with its reason in `quarantine`.")
    controls: pl.Int64 = required("Counts and totals the sender declared.")
    controls_failed: pl.Int64 = required("Those that do not agree with what was found.")
    reason: str = optional("Why the file is not landed, in a sentence.")


class Quarantine(Table):
    """One row per thing refused, with where it stands and why; its bytes are in the raw file."""

    feed: str = key("Feed.")
    file_name: str = required("Name under which the file arrived.")
    source_file_id: str = key("SHA-256 of the file.")
    layer: str = key("parse (the record cannot be read) or canonical (it cannot be mapped).")
    record: str = key("Kind of record, or canonical table.")
    source_record: pl.Int64 = key("Record number within the file, from 1; 0 for the whole file.")
    byte_offset: pl.Int64 = required("Where the record starts in the file, from 0.", unit="bytes")
    byte_length: pl.Int64 = optional("Length of the record.", unit="bytes")
    records: pl.Int64 = required("Records this row stands for.")
    rule: str = key("Rule that the record breaks.")
    reason: str = key("What is wrong and what to tell the sender, in a sentence.")
    raw: str = optional("First characters of the record, to recognise it by.")
