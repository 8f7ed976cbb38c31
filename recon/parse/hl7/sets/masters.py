"""MFN: charge master (M04), inventory (M15), items, their places and prices (M16, M17).

An item's charge is declared three times: ITM-11 to -13 for all places, IVT-11 to -13 for a place of
stock, PCE-3 and -4 for a department. The narrower one counts: PCE before IVT before ITM.
"""

from recon.parse.hl7.declare import Column, Record

# What the master file does with the entry: MAD add, MDL delete, MUP update, MDC end, MAC begin.
_ENTRY = (
    Column("action", "MFE-1.1"),
    Column("effective_date", "MFE-3.1", "date"),
    Column("entry_code", "MFE-4.1"),
)

CHARGE_MASTER = Record(
    name="charge_master",
    segment="CDM",
    messages=("MFN^M04",),
    under=("PRC",),
    ends=("MFE",),
    columns=(
        *_ENTRY,
        Column("code", "CDM-1.1"),
        Column("alias", "CDM-2.1"),
        Column("description", "CDM-3.1"),
        Column("long_description", "CDM-4.1"),
        Column("exploding_codes", "CDM-6.1", every=True),
        Column("procedure", "CDM-7.1.1"),
        Column("active", "CDM-8.1"),
        Column("inventory_number", "CDM-9.1"),
        Column("contract", "CDM-11.1"),
        Column("price", "PRC-5.1.1", "amount"),
        Column("minimum_price", "PRC-9.1", "amount"),
        Column("maximum_price", "PRC-10.1", "amount"),
        Column("valid_from", "PRC-11.1", "date"),
        Column("valid_to", "PRC-12.1", "date"),
        Column("billing_category", "PRC-14.1"),
        Column("chargeable", "PRC-15.1"),
        Column("price_active", "PRC-16.1"),
    ),
)

# One row per PRC: where a code has a price of its own for each facility or department.
CHARGE_PRICE = Record(
    name="charge_price",
    segment="PRC",
    messages=("MFN^M04",),
    columns=(
        *_ENTRY,
        Column("code", "PRC-1.1"),
        Column("facility", "PRC-2.1"),
        Column("dept", "PRC-3.1"),
        Column("price", "PRC-5.1.1", "amount"),
        Column("minimum_quantity", "PRC-7", "quantity"),
        Column("maximum_quantity", "PRC-8", "quantity"),
        Column("minimum_price", "PRC-9.1", "amount"),
        Column("maximum_price", "PRC-10.1", "amount"),
        Column("valid_from", "PRC-11.1", "date"),
        Column("valid_to", "PRC-12.1", "date"),
        Column("billing_category", "PRC-14.1"),
        Column("chargeable", "PRC-15.1"),
        Column("active", "PRC-16.1"),
        Column("cost", "PRC-17.1", "amount"),
    ),
)

_ITEMS = ("MFN^M16", "MFN^M17")

ITEM = Record(
    name="item_master",
    segment="ITM",
    messages=_ITEMS,
    columns=(
        *_ENTRY,
        Column("item", "ITM-1.1"),
        Column("description", "ITM-2"),
        Column("status", "ITM-3.1"),
        Column("item_type", "ITM-4.1"),
        Column("category", "ITM-5.1"),
        Column("expires", "ITM-6.1"),
        Column("maker", "ITM-7.1"),
        Column("catalog_number", "ITM-9"),
        Column("labeler_code", "ITM-10.1"),
        Column("chargeable", "ITM-11.1"),
        Column("charge_code", "ITM-12.1"),
        Column("price", "ITM-13.1.1", "amount"),
        Column("stocked", "ITM-14.1"),
        Column("item_set", "ITM-24.1"),
        Column("procedure", "ITM-27.1.1"),
        Column("modifiers", "ITM-28.1.1", every=True),
    ),
)

ITEM_LOCATION = Record(
    name="item_location",
    segment="IVT",
    messages=_ITEMS,
    columns=(
        *_ENTRY,
        Column("item", "ITM-1.1"),
        Column("location", "IVT-2.1"),
        Column("source_location", "IVT-4.1"),
        Column("status", "IVT-6.1"),
        Column("issue_uom", "IVT-9.1"),
        Column("chargeable", "IVT-11.1"),
        Column("charge_code", "IVT-12.1"),
        Column("price", "IVT-13.1.1", "amount"),
        Column("stocked", "IVT-15.1"),
        Column("consignment", "IVT-16.1"),
        Column("reusable", "IVT-17.1"),
        Column("reorder_theory", "IVT-21.1"),
        Column("safety_days", "IVT-22", "integer"),
        Column("maximum_days", "IVT-23", "integer"),
        Column("order_point", "IVT-24", "quantity"),
        Column("order_amount", "IVT-25", "quantity"),
        Column("par_decrement", "IVT-26.1"),
    ),
)

ITEM_DEPARTMENT = Record(
    name="item_department",
    segment="PCE",
    messages=_ITEMS,
    columns=(
        *_ENTRY,
        Column("item", "ITM-1.1"),
        Column("cost_center", "PCE-2.1"),
        Column("charge_code", "PCE-3.1"),
        Column("price", "PCE-4.1.1", "amount"),
    ),
)

ITEM_PACKAGE = Record(
    name="item_package",
    segment="PKG",
    messages=_ITEMS,
    columns=(
        *_ENTRY,
        Column("item", "ITM-1.1"),
        Column("vendor", "VND-2.1"),
        Column("vendor_catalog", "VND-4.1"),
        Column("uom", "PKG-2.1"),
        Column("is_default", "PKG-3.1"),
        Column("quantity", "PKG-4", "quantity"),
        Column("price", "PKG-5.1.1", "amount"),
        Column("gtin", "PKG-8.1"),
        Column("eaches", "PKG-10", "quantity"),
    ),
)

INVENTORY = Record(
    name="inventory",
    segment="IIM",
    messages=("MFN^M15", "MFN^M13"),
    columns=(
        *_ENTRY,
        Column("item", "IIM-1.1"),
        Column("service_item", "IIM-2.1"),
        Column("lot", "IIM-3.1"),
        Column("expiry_date", "IIM-4.1", "label_date"),
        Column("location", "IIM-6.1"),
        Column("received_date", "IIM-7.1", "date"),
        Column("received_quantity", "IIM-8", "quantity"),
        Column("received_uom", "IIM-9.1"),
        Column("received_cost", "IIM-10.1.1", "amount"),
        Column("count_date", "IIM-11.1", "date"),
        Column("on_hand", "IIM-12", "quantity"),
        Column("uom", "IIM-13.1"),
        Column("procedure", "IIM-14.1.1"),
    ),
)
