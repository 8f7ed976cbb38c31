"""860 Purchase Order Change and 865, what the seller answers to it or changes himself.

Both list lines that change (POC loop), not the whole order. POC02 says what becomes of the line;
POC03 to POC06 are the quantity, unit and price that hold from now on. Lines of an 865 may carry
the same statuses as those of an 855 (ACK loop).

Free text (MSG, PID) has no column: in a bill-only order it names the patient.
"""

from recon.parse.x12.declare import (
    Kind,
    Loop,
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
    MARK_FOR,
    ORDER_PARTIES,
    PO_NUMBER,
    SUBLINE_LOOP,
    beside,
    requested,
)
from recon.parse.x12.sets.x855 import DELIVERY_DATES, SHIP_DATES, status_columns
from recon.parse.x12.sets.x856 import CARRIER, PACK

_PARTIES = (
    *ORDER_PARTIES,
    *MARK_FOR,
    column("freight_payment_code", Kind.TEXT, "FOB01"),
    *CARRIER,
)

_POC = (
    column("po_number", Kind.TEXT, inherit=True),
    column("change_sequence", Kind.TEXT, inherit=True),
    column("change_date", Kind.DATE, inherit=True),
    column("ship_to_qualifier", Kind.TEXT, inherit=True),
    column("ship_to_id", Kind.TEXT, inherit=True),
    column("seller_id", Kind.TEXT, inherit=True),
    ordinal("line_no", "line"),
    column("assigned_id", Kind.TEXT, "POC01"),
    column("change_code", Kind.TEXT, "POC02"),
    column("qty", Kind.QUANTITY, "POC03"),
    column("qty_left", Kind.QUANTITY, "POC04"),
    column("uom", Kind.TEXT, "POC05-1"),
    column("price", Kind.QUANTITY, "POC06"),
    column("price_basis", Kind.TEXT, "POC07"),
    *other_price(),
    *item_ids("POC08", "LIN02"),
    column("contract_number", Kind.TEXT, "REF02:CT|VC", inherit=True),
    *PACK,
    *LINE_SHIP_TO,
    *MARK_FOR,  # the line's own
)

_CHANGE = Record(
    "order_change",
    (
        column("purpose_code", Kind.TEXT, "BCH01"),
        column("order_type_code", Kind.TEXT, "BCH02"),
        column("po_number", Kind.TEXT, "BCH03", required=True),
        column("release_number", Kind.TEXT, "BCH04"),
        column("change_sequence", Kind.TEXT, "BCH05"),
        column("order_date", Kind.DATE, "BCH06"),
        column("contract_number", Kind.TEXT, "BCH08", "REF02:CT|VC"),
        column("vendor_order_number", Kind.TEXT, "BCH09", "REF02:VN"),
        column("change_date", Kind.DATE, "BCH11"),
        column("currency", Kind.TEXT, "CUR02"),
        *_PARTIES,
        *requested(of_line=False),
        number_of("line_count", "line"),
        column("total_amount", Kind.MONEY, "AMT02:TT"),
    ),
)

_CHANGE_LINE = Record(
    "order_change_line",
    (*_POC, *requested(of_line=True)),
    loop="line",
)

_ACK = Record(
    "order_change_ack",
    (
        column("purpose_code", Kind.TEXT, "BCA01"),
        column("ack_type_code", Kind.TEXT, "BCA02"),
        column("po_number", Kind.TEXT, "BCA03", required=True),
        column("release_number", Kind.TEXT, "BCA04"),
        column("change_sequence", Kind.TEXT, "BCA05"),
        column("order_date", Kind.DATE, "BCA06"),
        column("contract_number", Kind.TEXT, "BCA08", "REF02:CT|VC"),
        column("vendor_order_number", Kind.TEXT, "BCA09", "REF02:VN"),
        column("ack_date", Kind.DATE, "BCA10"),
        column("change_date", Kind.DATE, "BCA11"),
        column("currency", Kind.TEXT, "CUR02"),
        *_PARTIES,
        column("promised_ship_date", Kind.DATE, f"DTM02:{SHIP_DATES}"),
        column("promised_delivery_date", Kind.DATE, f"DTM02:{DELIVERY_DATES}"),
        number_of("line_count", "line"),
        number_of("status_count", "status"),
        column("total_amount", Kind.MONEY, "AMT02:TT"),
    ),
)

_ACK_LINE = Record(
    "order_change_ack_line",
    (
        *_POC,
        column("promised_ship_date", Kind.DATE, f"DTM02:{SHIP_DATES}", inherit=True),
        column("promised_delivery_date", Kind.DATE, f"DTM02:{DELIVERY_DATES}", inherit=True),
    ),
    loop="line",
)

_ACK_STATUS = Record(
    "order_change_ack_status",
    (column("po_number", Kind.TEXT, inherit=True), *status_columns("POC08", "POC06")),
    loop="status",
)


_WHOSE = (PO_NUMBER, column("change_sequence", Kind.TEXT, inherit=True))


def _loops(*status: Loop) -> tuple[Loop, ...]:
    return (
        # FOB and TD5 may follow a party and then be its own; to us they are still the order's.
        loop("party", "N1", holds="N2 N3 N4 NX2 REF PER SI TD1 TD3 TD4 PKG MSG"),
        loop("line", "POC"),
        SUBLINE_LOOP,
        *status,
        LINE_PARTY_LOOP,
    )


# No sum of an order's lines can be compared: the lines that do not change are not there.
ORDER_CHANGE = TransactionSet(
    code="860",
    title="Purchase Order Change Request - Buyer Initiated",
    loops=_loops(),
    records=(_CHANGE, _CHANGE_LINE, *beside("order_change", *_WHOSE)),
    summary=("CTT",),
    once=("BCH",),
    counts=("line",),
)

ORDER_CHANGE_ACK = TransactionSet(
    code="865",
    title="Purchase Order Change Acknowledgment/Request - Seller Initiated",
    loops=_loops(loop("status", "ACK", within="line|subline", holds="DTM")),
    records=(_ACK, _ACK_LINE, _ACK_STATUS, *beside("order_change_ack", *_WHOSE)),
    summary=("CTT",),
    only_in=("line.ACK",),
    once=("BCA",),
    counts=("line",),
)
