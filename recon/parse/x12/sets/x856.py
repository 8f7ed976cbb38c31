"""856 Ship Notice/Manifest: a hierarchy of levels (HL): shipment, order, tare or pack, item.

HL02 names the level around, so an order may hold its packs or a pack its orders: an item's order
and pack are those around it, in whatever order they stand. Where there is no level of an order, the
item, its pack or the shipment names the order, as PRF, REF*PO or a pair of LIN.
"""

from recon.parse.x12.declare import (
    Kind,
    Record,
    TransactionSet,
    column,
    item_ids,
    loop,
    number_of,
    ordinal,
    party,
)
from recon.parse.x12.sets.x810 import SUBLINE

# SSCC, with its application identifier or without; MAN holds up to two marks.
_SSCC = ("MAN02:GM|AA", "MAN05@04:GM|AA")


# Who carries it, and how; an order asks for it in the same segment.
CARRIER = (
    column("carrier_scac", Kind.TEXT, "TD503@02:2"),
    column("carrier_id", Kind.TEXT, "TD503"),
    column("transport_method_code", Kind.TEXT, "TD504"),
    column("routing", Kind.TEXT, "TD505"),
)

# How much a package holds: so many inner packs, each of a size.
PACK = (
    column("pack_qty", Kind.QUANTITY, "PO401"),
    column("pack_size", Kind.QUANTITY, "PO402"),
    column("pack_size_uom", Kind.TEXT, "PO403"),
)


def _around(*sources: str) -> list[str]:
    """What names an item's order in the levels around it, that of the order first."""
    return [f"{level}.{source}" for level in ("order", "pack", "shipment") for source in sources]


# What is said of an item itself, or of what it is packed in, ordered with, shipped with.
_LEVELS = ("", "pack.", "order.", "shipment.")


def _nearest(*sources: str) -> list[str]:
    """The first of ``sources``, of the item or of the levels around it; else the next."""
    return [f"{level}{source}" for source in sources for level in _LEVELS]


_LEVEL = (
    column("hl_no", Kind.TEXT, "HL01"),
    column("parent_hl_no", Kind.TEXT, "HL02"),
    column("level_code", Kind.TEXT, "HL03"),
)

_NOTICE = Record(
    "ship_notice",
    (
        column("purpose_code", Kind.TEXT, "BSN01"),
        column("shipment_id", Kind.TEXT, "BSN02"),
        column("notice_date", Kind.DATE, "BSN03"),
        column("structure_code", Kind.TEXT, "BSN05"),
        column("ship_date", Kind.DATE, "DTM02:011"),
        column("estimated_delivery_date", Kind.DATE, "DTM02:017|067"),
        column("delivered_date", Kind.DATE, "DTM02:035"),
        number_of("item_count", "item"),
    ),
)

_SHIPMENT = Record(
    "shipment",
    (
        *_LEVEL,
        column("purpose_code", Kind.TEXT, inherit=True),
        column("shipment_id", Kind.TEXT, inherit=True),
        column("notice_date", Kind.DATE, inherit=True),
        column("ship_date", Kind.DATE, "DTM02:011", inherit=True),
        column("estimated_delivery_date", Kind.DATE, "DTM02:017|067", inherit=True),
        column("delivered_date", Kind.DATE, "DTM02:035", inherit=True),
        *CARRIER,
        column("equipment_code", Kind.TEXT, "TD301"),
        column("equipment_number", Kind.TEXT, "TD303"),
        column("seal_number", Kind.TEXT, "TD309"),
        column("tracking_number", Kind.TEXT, "REF02:2I"),
        column("carrier_reference", Kind.TEXT, "REF02:CN"),
        column("bill_of_lading", Kind.TEXT, "REF02:BM"),
        column("shipper_number", Kind.TEXT, "REF02:SI"),
        column("packing_slip", Kind.TEXT, "REF02:PK"),
        column("packaging_code", Kind.TEXT, "TD101"),
        column("package_count", Kind.COUNT, "TD102"),
        column("weight", Kind.QUANTITY, "TD107"),
        column("weight_uom", Kind.TEXT, "TD108"),
        *party("ship_to", "ST"),
        *party("ship_from", "SF"),
        *party("seller", "SE|SU|VN"),
    ),
    loop="shipment",
)

_ORDER = Record(
    "shipment_order",
    (
        *_LEVEL,
        column("shipment_id", Kind.TEXT, inherit=True),
        column("po_number", Kind.TEXT, "PRF01"),
        column("release_number", Kind.TEXT, "PRF02"),
        column("po_date", Kind.DATE, "PRF04"),
        column("contract_number", Kind.TEXT, "PRF06", "REF02:CT|VC"),
        column("vendor_order_number", Kind.TEXT, "REF02:VN"),
        column("invoice_number", Kind.TEXT, "REF02:IV"),
        column("packing_slip", Kind.TEXT, "REF02:PK"),
        *party("buyer", "BY"),
        column("ship_to_name", Kind.TEXT, "N102:ST", "shipment.N102:ST", private="drop"),
        column("ship_to_qualifier", Kind.TEXT, "N103:ST", "shipment.N103:ST"),
        column("ship_to_id", Kind.TEXT, "N104:ST", "shipment.N104:ST"),
    ),
    loop="order",
)

_PACK = Record(
    "shipment_pack",
    (
        *_LEVEL,
        column("shipment_id", Kind.TEXT, inherit=True),
        column("po_number", Kind.TEXT, "order.PRF01"),
        column("sscc", Kind.TEXT, *_SSCC),
        column("carrier_package_id", Kind.TEXT, "MAN02:CP", "MAN05@04:CP"),
        column("case_number", Kind.TEXT, "MAN02:CA", "MAN05@04:CA"),
        # Often the number under which a parcel service knows the package.
        column("shipper_package_id", Kind.TEXT, "MAN02:SM", "MAN05@04:SM"),
        column("tracking_number", Kind.TEXT, "REF02:2I"),
        column("packaging_code", Kind.TEXT, "TD101"),
        column("package_count", Kind.COUNT, "TD102"),
        column("weight", Kind.QUANTITY, "TD107"),
        column("weight_uom", Kind.TEXT, "TD108"),
        *PACK,
    ),
    loop="pack",
)

_ITEM = Record(
    "shipment_item",
    (
        *_LEVEL,
        column("shipment_id", Kind.TEXT, inherit=True),
        column("ship_date", Kind.DATE, *_nearest("DTM02:011"), inherit=True),
        column("purpose_code", Kind.TEXT, inherit=True),
        column("estimated_delivery_date", Kind.DATE, *_nearest("DTM02:017|067"), inherit=True),
        column("ship_to_qualifier", Kind.TEXT, *_nearest("N103:ST")),
        column("ship_to_id", Kind.TEXT, *_nearest("N104:ST")),
        column("carrier_scac", Kind.TEXT, *_nearest("TD503@02:2")),
        column(
            "tracking_number",
            Kind.TEXT,
            *_nearest("REF02:2I"),
            *("MAN02:CP", "MAN05@04:CP"),  # a package that has no level of its own
            *_nearest("REF02:CN"),
        ),
        column("packing_slip", Kind.TEXT, *_nearest("REF02:PK")),
        ordinal("item_no", "item"),
        column(
            "po_number", Kind.TEXT, "PRF01", "LIN02+:PO", "REF02:PO", *_around("PRF01", "REF02:PO")
        ),
        column("release_number", Kind.TEXT, "PRF02", *_around("PRF02")),
        column("po_date", Kind.DATE, "PRF04", *_around("PRF04")),
        column("assigned_id", Kind.TEXT, "LIN01", "SN101"),
        column("po_line", Kind.TEXT, "PRF05", "LIN02+:PL", "REF02:LI", "LIN01", "SN101"),
        column("qty", Kind.QUANTITY, "SN102"),
        column("uom", Kind.TEXT, "SN103"),
        column("shipped_to_date_qty", Kind.QUANTITY, "SN104"),
        column("ordered_qty", Kind.QUANTITY, "SN105"),
        column("ordered_uom", Kind.TEXT, "SN106"),
        column("status_code", Kind.TEXT, "SN108"),
        *item_ids("LIN02"),
        column("lot", Kind.TEXT, "LIN02+:LT|B8", "REF02:LT"),
        column("serial", Kind.TEXT, "LIN02+:SN", "REF02:SE"),
        column("expiry_date", Kind.DATE, "DTM02:208|036"),
        column("manufacture_date", Kind.DATE, "DTM02:094"),
        *PACK,
        column("sscc", Kind.TEXT, *_SSCC, *(f"pack.{mark}" for mark in _SSCC)),
        column("pack_hl_no", Kind.TEXT, "pack.HL01"),
    ),
    loop="item",
)

_LOT = Record(
    "shipment_lot",
    (
        ordinal("item_no", "item"),
        column("lot", Kind.TEXT, "REF02:LT"),
        column("serial", Kind.TEXT, "REF02:SE"),
        column("expiry_date", Kind.DATE, "item.DTM02:208|036"),
        column("manufacture_date", Kind.DATE, "item.DTM02:094"),
    ),
    loop="lot",
)

_SUBLINE = Record(
    "shipment_subline",
    (
        column("shipment_id", Kind.TEXT, inherit=True),
        ordinal("item_no", "item"),
        ordinal("subline_no", within="item"),
        *SUBLINE,
    ),
    tags=("SLN",),
)

_HIERARCHY = Record(
    "shipment_hierarchy",
    (column("shipment_id", Kind.TEXT, inherit=True), *_LEVEL),
    tags=("HL",),
)

SHIP_NOTICE = TransactionSet(
    code="856",
    title="Ship Notice/Manifest",
    loops=(
        loop("shipment", "HL03:S"),
        loop("order", "HL03:O"),
        loop("pack", "HL03:T|P"),
        loop("item", "HL03:I"),
        # Kits, components and whatever else a partner has: read as levels, no more.
        loop("level", "HL"),
        loop("party", "N1", within="shipment|order|pack|item|level", holds="N2 N3 N4 REF PER FOB"),
        loop("load", "CLD", within="shipment|order|pack|item|level", holds="REF DTP"),
        # An item may name several. The dates that follow stay the item's.
        loop("lot", "REF01:LT|SE", within="item", holds="PER"),
    ),
    records=(_NOTICE, _SHIPMENT, _ORDER, _PACK, _ITEM, _LOT, _SUBLINE, _HIERARCHY),
    summary=("CTT",),
    needs=("BSN",),
    only_in=("item.SN1",),
    of_level=("item.LIN", "item.SN1", "item.REF01:LT|SE"),
    once=("BSN", "item.LIN", "item.SN1"),
    # By the standard CTT01 counts the levels; many count the items.
    counts=("HL", "item"),
)
