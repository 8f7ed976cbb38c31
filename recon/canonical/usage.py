"""Canonical tables of what is used on patients and charged for it, and of what stands on shelves.

A patient, a stay, a case and a device in a patient are known by tokens (``parse/privacy.py``); a
table that joins on one joins on ``facility_id`` too, for two hospitals use the same numbers.

What belongs here: names, types, keys, and what a column means, as in ``tables.py``. What does
not: claims and what payers answer (``claims.py``); what a hospital decides (``rules/``).
"""

import polars as pl

from recon.canonical.tables import (
    Canonical,
    Instant,
    Money,
    Quantity,
    UnitPrice,
    key,
    listed,
    optional,
    required,
)


class UsageLine(Canonical):
    """One row per record of use: the supply of a bill-only or consignment order line."""

    usage_id: str = key("Usage record.")
    po_id: str = required("Order that replaces what was used.")
    po_line_no: str = required("Line within the order.")
    item_id: str = optional("Item used.")
    case_date: pl.Date = required("Local date of the case.")
    case_id: str = optional("Case.")
    qty: Quantity = required("Quantity used.", unit="base unit")
    lot: str = optional("Lot.")
    serial: str = optional("Serial number.")
    udi_di: str = optional("Device identifier of the UDI.")


class PatientAccount(Canonical):
    """One row per message about an account: the newest that says a thing counts, thing by thing.

    An admission knows no discharge and a discharge repeats little, so what a message leaves empty
    is as an earlier one said it.
    """

    facility_id: str = key("Hospital.")
    account_key: str = key("Token of the account number.", source="HL7 PID-18")
    message_id: str = key("Message or record that the row comes from.", source="HL7 MSH-10")
    event_at: Instant = optional("When the event happened; of two messages the later counts.")
    event_code: str = optional("What happened.", source="HL7 MSH-9.2")
    mrn_key: str = optional("Token of the patient's record number.", source="HL7 PID-3")
    visit_key: str = optional("Token of the visit number.", source="HL7 PV1-19")
    patient_class: str = optional("I in, O out, E emergency ...", source="HL7 PV1-2")
    admit_date: pl.Date = optional("Local date of admission or visit.", source="HL7 PV1-44")
    discharge_date: pl.Date = optional("Local date of discharge.", source="HL7 PV1-45")
    final_bill_date: pl.Date = optional("Day the final bill dropped.")
    bill_status: str = optional("OPEN, DNFB (discharged, not billed), BILLED or CLOSED.")
    payer_class: str = optional("Kind of payer: yields and filing limits depend on it.")
    merged_into: str = optional(
        "Token of the account that took its place.", source="HL7 PID-18 beside MRG-3"
    )
    status: str = listed(
        "ACTIVE or CANCELLED; empty means ACTIVE. Kept, and read by no rule.", source="HL7 A11"
    )


class UsageEvent(Canonical):
    """One row per version of a record that something was used on a patient, or opened for one."""

    system_id: str = key("System whose numbers these are.")
    usage_id: str = key("Record of use, as that system numbers it.")
    message_id: str = key("Message or record that the row comes from; each version has its own.")
    facility_id: str = required("Hospital.")
    account_key: str = optional("Token of the account number.")
    visit_key: str = optional("Token of the visit number.")
    case_key: str = optional("Token of the case number.")
    used_date: pl.Date = required("Local date of use.")
    used_at: Instant = optional("When the supply was used.")
    documented_at: Instant = optional(
        "When the use was documented; of two versions the later counts."
    )
    dept_id: str = optional("Department.")
    location_id: str = optional("Place whose stock the supply came from.")
    item_id: str = optional("Our item.")
    catalog_no: str = optional("The maker's or supplier's number.")
    udi_key: str = optional("Token of the UDI as it was scanned: it may hold a serial number.")
    udi_di: str = optional("Device identifier of the UDI.")
    udi_verdict: str = optional("VALID, CHECK_FAILED, AMBIGUOUS or MALFORMED; empty without a UDI.")
    lot: str = optional("Lot.")
    serial_key: str = optional("Token of the serial number.")
    donation_key: str = optional("Token of the donation number of tissue or blood.")
    made_date: pl.Date = optional("Day the device was made.")
    expiry_date: pl.Date = optional("Last day on which it may be used.")
    qty: Quantity = required("Quantity; negative where a record takes another back.", unit="uom")
    uom: str = optional("Unit of the quantity; empty means the item's base unit.", capitals=True)
    disposition: str = listed(
        "USED, IMPLANTED, WASTED_CONTACT, WASTED_NOCONTACT, RETURNED or EXPLANTED; empty: USED."
    )
    mode: str = listed("STOCK, CONSIGN, BILL_ONLY or SAMPLE; empty means STOCK.")
    po_id: str = optional("Order that pays for the use (bill-only).")
    unit_cost: UnitPrice = optional("What one base unit cost.", unit="USD")
    status: str = listed("ACTIVE or DELETED; empty means ACTIVE.")


class ChargeEvent(Canonical):
    """One row per version of a charge or credit on a patient's account."""

    system_id: str = key("System whose numbers these are.")
    txn_id: str = key("Charge, as that system numbers it.", source="HL7 FT1-2")
    message_id: str = key("Message or record that the row comes from.", source="HL7 MSH-10")
    facility_id: str = required("Hospital.")
    account_key: str = optional("Token of the account number.", source="HL7 PID-18")
    service_date: pl.Date = required("Local date of service.", source="HL7 FT1-4")
    service_at: Instant = optional("When the service was given.", source="HL7 FT1-4")
    post_date: pl.Date = optional(
        "Local date of posting; empty means the day of service.", source="HL7 FT1-5"
    )
    posted_at: Instant = optional("When the charge was posted.", source="HL7 FT1-5")
    type: str = listed(
        "CG charge, CD credit, PY payment, AJ adjustment; empty means CG.", source="HL7 FT1-6"
    )
    cdm_code: str = required("Code in the charge master.", source="HL7 FT1-7")
    qty: Quantity = required("Charge units.", source="HL7 FT1-10")
    ext_amount: Money = optional("Extended amount as stated.", unit="USD", source="HL7 FT1-11")
    unit_amount: UnitPrice = optional("Price of one unit.", unit="USD", source="HL7 FT1-12")
    dept_id: str = optional("Department.", source="HL7 FT1-13")
    location_id: str = optional("Place.", source="HL7 FT1-16")
    revenue_code: str = optional(
        "Revenue code of four digits; one of three is read with a zero in front.",
        four_digits=True,
        source="HL7 FT1-41",
    )
    hcpcs: str = optional("HCPCS code.", source="HL7 FT1-25")
    mods: str = optional("Modifiers of the code, blanks between.", source="HL7 FT1-26")
    item_id: str = optional("Our item.", source="HL7 FT1-34")
    udi_di: str = optional("Device identifier.", source="HL7 PRT-16")
    lot: str = optional("Lot.", source="HL7 PRT-19")
    serial_key: str = optional("Token of the serial number.", source="HL7 PRT-20")
    order_id: str = optional(
        "Record of use that the charge is for: its `usage_id`.", source="HL7 FT1-23"
    )
    reverses_txn_id: str = optional("Charge that a credit takes back.")
    repeat_reason: str = optional("Why the charge is repeated on purpose.", source="HL7 FT1-28")
    status: str = listed("ACTIVE or DELETED; empty means ACTIVE.")


class Cdm(Canonical):
    """One row per charge-master code and period."""

    facility_id: str = key("Hospital that the entry is for, or * for all.")
    cdm_code: str = key("Code.", source="HL7 CDM-1")
    valid_from: pl.Date = key("First day the entry is in force.")
    valid_to: pl.Date = optional(
        "Last day the entry is in force; empty means no end. The day before valid_from: the code "
        "ended then, and with it the entries before."
    )
    description: str = required("What is charged, for people to read.", source="HL7 CDM-3")
    revenue_code: str = optional(
        "Revenue code of four digits; one of three is read with a zero in front.", four_digits=True
    )
    hcpcs: str = optional("HCPCS code.", source="HL7 CDM-7")
    mods: str = optional("Modifiers of the HCPCS code, blanks between.")
    price: Money = optional("Price of one charge unit.", unit="USD", source="HL7 PRC-5")
    method: str = listed("FIXED, COST_MARKUP or MANUAL; empty means FIXED.")
    schedule_id: str = optional("Mark-up schedule, where the price follows the cost.")
    chargeable: bool = optional("May be charged; empty means yes.", source="HL7 PRC-15")


class ItemCdmMap(Canonical):
    """One row per item, place and period: how its use is charged.

    A department's row beats a location's, which beats that of all (HL7 PCE, IVT, ITM).
    """

    facility_id: str = key("Hospital that the row is for, or * for all.")
    item_id: str = key("Item.")
    dept_id: str = key("Department, or * for all.")
    location_id: str = key("Place, or * for all.")
    valid_from: pl.Date = key("First day the row is in force.")
    valid_to: pl.Date = optional("Last day the row is in force; empty means no end.")
    cdm_code: str = optional("Code in the charge master; empty where nothing is charged.")
    units_per_each_num: pl.Int64 = required("Charge units per base unit, numerator.")
    units_per_each_den: pl.Int64 = required("Charge units per base unit, denominator.")
    chargeable: str = required(
        "Y, N, ROUTINE or THRESHOLD.", capitals=True, values=("Y", "N", "ROUTINE", "THRESHOLD")
    )
    threshold: Money = optional(
        "THRESHOLD: charged where one charge unit's price is at least this.", unit="USD"
    )


class InventoryBalance(Canonical):
    """One row per place, item, lot and count."""

    facility_id: str = key("Hospital.")
    location_id: str = key("Place.", source="HL7 IIM-6")
    item_id: str = key("Item.")
    lot: str = key("Lot, or * where lots are not told apart.", source="HL7 IIM-3")
    count_date: pl.Date = key("Day the stock was counted or computed.", source="HL7 IIM-11")
    on_hand: Quantity = required("On the shelf.", unit="base unit", source="HL7 IIM-12")
    on_order: Quantity = optional("Ordered, not yet here.", unit="base unit")


class InventoryTxn(Canonical):
    """One row per movement of stock at a place."""

    facility_id: str = key("Hospital.")
    txn_id: str = key("Movement.")
    location_id: str = required("Place.")
    item_id: str = required("Item.")
    txn_date: pl.Date = required("Local date.")
    type: str = required(
        "ISSUE, RECEIPT, ADJUST, RETURN, TRANSFER or COUNT.",
        capitals=True,
        values=("ISSUE", "RECEIPT", "ADJUST", "RETURN", "TRANSFER", "COUNT"),
    )
    qty: Quantity = required(
        "Positive onto the place's shelf, negative off the shelf.", unit="base unit"
    )
    usage_id: str = optional("Record of use that caused the movement.")


class ReorderRule(Canonical):
    """One row per place and item: when and how much to order."""

    facility_id: str = key("Hospital.")
    location_id: str = key("Place.", source="HL7 IVT-2")
    item_id: str = key("Item.")
    method: str = listed(
        "PAR or MINMAX; empty means MINMAX. Kept: what is ordered follows from the quantities here."
    )
    reorder_point: Quantity = required(
        "Order when on hand and on order fall to this.", unit="base unit", source="HL7 IVT-24"
    )
    max_qty: Quantity = optional("Order up to this.", unit="base unit")
    order_qty: Quantity = optional(
        "Order this, where there is no maximum.", unit="base unit", source="HL7 IVT-25"
    )
    pack_qty: Quantity = optional(
        "Orders are whole packs of this; empty means 1.", unit="base unit"
    )
    safety_days: pl.Int32 = optional("Days of safety stock.", unit="days", source="HL7 IVT-22")
    lead_days: pl.Int32 = optional("Days from order to shelf.", unit="days")


class Recall(Canonical):
    """One row per item, lot range or serial number that a recall names."""

    recall_id: str = key("Recall.")
    line_no: pl.Int32 = key("Line within the recall.")
    recall_date: pl.Date = required("Day from which the device must not be used.")
    item_id: str = optional("Our item.")
    udi_di: str = optional("Device identifier; item or device identifier is needed.")
    lot_from: str = optional("First lot; empty with lot_to means all.")
    lot_to: str = optional("Last lot; empty means only lot_from.")
    serial_key: str = optional("Token of the one serial number that is meant.")


class DeviceCredit(Canonical):
    """One row per credit of a maker for a device: warranty, recall, free replacement."""

    credit_id: str = key("Credit.")
    facility_id: str = required("Hospital.")
    account_key: str = optional("Token of the account the device was charged to.")
    item_id: str = optional("Item.")
    serial_key: str = optional("Token of its serial number.")
    type: str = listed("WARRANTY, RECALL or FREE.")
    cost: Money = required("What the device that replaces it costs.", unit="USD")
    credit: Money = required("Amount credited.", unit="USD")
    received_date: pl.Date = optional("Day the credit was received.")
