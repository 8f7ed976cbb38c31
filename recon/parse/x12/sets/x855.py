"""855 Purchase Order Acknowledgment: header, lines (PO1 loop), what becomes of each (ACK loop).

PO1 repeats the order, changed where the seller changed it; ACK says how: one for each part of the
quantity that is shipped, put off, substituted or refused. An order that is taken as it is may
come without any ACK: BAK02 says so for all lines.

Free text (MSG, PID) has no column: in a bill-only order it names the patient.
"""

from dataclasses import replace

from recon.parse.x12.declare import (
    Column,
    Kind,
    Record,
    TransactionSet,
    column,
    item_ids,
    loop,
    number_of,
    ordinal,
)
from recon.parse.x12.sets.x810 import other_price
from recon.parse.x12.sets.x850 import (
    LINE_PARTY_LOOP,
    LINE_SHIP_TO,
    ORDER_PARTIES,
    PO_NUMBER,
    SUBLINE_LOOP,
    beside,
)
from recon.parse.x12.sets.x856 import CARRIER, PACK

# What a date is promised for: as now scheduled, as promised, as estimated.
SHIP_DATES = "068|079|011"
DELIVERY_DATES = "067|069|017"


def status_columns(line_ids: str, line_price: str) -> tuple[Column, ...]:
    """One ACK: what is said of which quantity of its line, of which item, for when.

    Args:
        line_ids: where the line's pairs begin: ``PO106``.
        line_price: the line's price: ``PO104``.
    """
    acknowledged = item_ids("ACK07")
    return (
        ordinal("line_no", "line"),
        ordinal("subline_no", "subline", within="line"),
        ordinal("status_no", within="line"),
        column("assigned_id", Kind.TEXT, f"line.{line_ids[:3]}01"),
        *item_ids(f"line.{line_ids}", "line.LIN02"),
        column("status_code", Kind.TEXT, "ACK01"),
        column("qty", Kind.QUANTITY, "ACK02"),
        column("uom", Kind.TEXT, "ACK03"),
        column("price", Kind.QUANTITY, f"line.{line_price}"),
        column("date_qualifier", Kind.TEXT, "ACK04"),
        column("date", Kind.DATE, "ACK05"),
        column(
            "promised_ship_date",
            Kind.DATE,
            f"ACK05@04:{SHIP_DATES}",
            f"DTM02:{SHIP_DATES}",
            f"line.DTM02:{SHIP_DATES}",
            inherit=True,
        ),
        column(
            "promised_delivery_date",
            Kind.DATE,
            f"ACK05@04:{DELIVERY_DATES}",
            f"DTM02:{DELIVERY_DATES}",
            f"line.DTM02:{DELIVERY_DATES}",
            inherit=True,
        ),
        # The line's own item again, or under ACK01 IS the one that is sent in its place.
        *(replace(c, name=f"acknowledged_{c.name}") for c in acknowledged),
    )


_ACK = Record(
    "order_ack",
    (
        column("purpose_code", Kind.TEXT, "BAK01"),
        column("ack_type_code", Kind.TEXT, "BAK02"),
        column("po_number", Kind.TEXT, "BAK03", required=True),
        column("order_date", Kind.DATE, "BAK04"),
        column("release_number", Kind.TEXT, "BAK05"),
        column("contract_number", Kind.TEXT, "BAK07", "REF02:CT|VC"),
        column("vendor_order_number", Kind.TEXT, "BAK08", "REF02:VN"),
        column("ack_date", Kind.DATE, "BAK09"),
        column("currency", Kind.TEXT, "CUR02"),
        *ORDER_PARTIES,
        *CARRIER,
        column("promised_ship_date", Kind.DATE, f"DTM02:{SHIP_DATES}"),
        column("promised_delivery_date", Kind.DATE, f"DTM02:{DELIVERY_DATES}"),
        number_of("line_count", "line"),
        number_of("status_count", "status"),
        column("total_amount", Kind.MONEY, "AMT02:TT"),
    ),
)

# What tells which of our orders a line is of, and which of several answers is the newest.
_WHOSE = (
    column("ack_type_code", Kind.TEXT, inherit=True),
    column("ack_date", Kind.DATE, inherit=True),
    column("ship_to_qualifier", Kind.TEXT, inherit=True),
    column("ship_to_id", Kind.TEXT, inherit=True),
)

_LINE = Record(
    "order_ack_line",
    (
        column("po_number", Kind.TEXT, inherit=True),
        *_WHOSE,
        column("status_count", Kind.COUNT, inherit=True),
        column("seller_id", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        column("assigned_id", Kind.TEXT, "PO101"),
        column("qty", Kind.QUANTITY, "PO102"),
        column("uom", Kind.TEXT, "PO103"),
        column("price", Kind.QUANTITY, "PO104"),
        column("price_basis", Kind.TEXT, "PO105"),
        *other_price(),
        *item_ids("PO106", "LIN02"),
        column("contract_number", Kind.TEXT, "REF02:CT|VC", inherit=True),
        column("promised_ship_date", Kind.DATE, f"DTM02:{SHIP_DATES}", inherit=True),
        column("promised_delivery_date", Kind.DATE, f"DTM02:{DELIVERY_DATES}", inherit=True),
        *PACK,
        *LINE_SHIP_TO,
    ),
    loop="line",
)

_STATUS = Record(
    "order_ack_status",
    (column("po_number", Kind.TEXT, inherit=True), *_WHOSE, *status_columns("PO106", "PO104")),
    loop="status",
)

ORDER_ACK = TransactionSet(
    code="855",
    title="Purchase Order Acknowledgment",
    loops=(
        # TD5 may follow a party and then be its own; to us it is still the order's.
        loop("party", "N1", holds="N2 N3 N4 NX2 REF PER SI FOB TD1 TD3 TD4 PKG MSG"),
        loop("line", "PO1"),
        SUBLINE_LOOP,
        loop("status", "ACK", within="line|subline", holds="DTM"),
        LINE_PARTY_LOOP,
    ),
    records=(_ACK, _LINE, _STATUS, *beside("order_ack", PO_NUMBER)),
    summary=("CTT",),
    only_in=("line.ACK",),
    once=("BAK",),
    counts=("line",),
    balances=("order_ack",),
)
