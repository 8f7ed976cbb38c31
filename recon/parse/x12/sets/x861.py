"""861 Receiving Advice/Acceptance Certificate: what was received, returned, and is in question.

A line (RCD) may question up to five quantities, each with the condition it came in.
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

_ADVICE = Record(
    "receiving_advice",
    (
        column("advice_number", Kind.TEXT, "BRA01", required=True),
        column("advice_date", Kind.DATE, "BRA02"),
        column("purpose_code", Kind.TEXT, "BRA03"),
        column("type_code", Kind.TEXT, "BRA04"),
        column("condition_code", Kind.TEXT, "BRA06"),
        column("action_code", Kind.TEXT, "BRA07"),
        column("received_date", Kind.DATE, "DTM02:050"),
        column("shipped_date", Kind.DATE, "DTM02:011"),
        column("po_number", Kind.TEXT, "PRF01", "REF02:PO"),
        column("packing_slip", Kind.TEXT, "REF02:PK"),
        column("shipment_number", Kind.TEXT, "REF02:SI|MA"),
        column("bill_of_lading", Kind.TEXT, "REF02:BM"),
        *party("ship_to", "ST"),
        *party("buyer", "BY"),
        *party("seller", "SE|SU|VN"),
        number_of("line_count", "line"),
        column("line_total_count", Kind.COUNT, "CTT01"),
        column("qty_total", Kind.QUANTITY, "CTT02"),
    ),
)

_LINE = Record(
    "receiving_line",
    (
        column("advice_number", Kind.TEXT, inherit=True),
        ordinal("line_no"),
        column("assigned_id", Kind.TEXT, "RCD01"),
        column("po_number", Kind.TEXT, "PRF01", "REF02:PO", "LIN02+:PO", inherit=True),
        column("po_line", Kind.TEXT, "PRF05", "REF02:LI", "LIN02+:PL"),
        column("packing_slip", Kind.TEXT, "REF02:PK", "LIN02+:PK", inherit=True),
        *item_ids("LIN02"),
        column("lot", Kind.TEXT, "LIN02+:LT|B8", "REF02:LT"),
        column("serial", Kind.TEXT, "LIN02+:SN", "REF02:SE"),
        column("expiry_date", Kind.DATE, "DTM02:036|208"),
        column("qty_received", Kind.QUANTITY, "RCD02"),
        column("uom", Kind.TEXT, "RCD03-1"),
        column("qty_returned", Kind.QUANTITY, "RCD04"),
        column("returned_uom", Kind.TEXT, "RCD05-1"),
        column("qty_shipped", Kind.QUANTITY, "SN102"),
        column("shipped_uom", Kind.TEXT, "SN103"),
        column("received_date", Kind.DATE, "DTM02:050", inherit=True),
    ),
    loop="line",
)

# Five groups; RCD21, the cumulative quantity, would be a sixth, without unit and condition.
_CONDITION = Record(
    "receiving_condition",
    (
        column("advice_number", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        column("qty", Kind.QUANTITY, "RCD06"),
        column("uom", Kind.TEXT, "RCD07-1"),
        column("condition_code", Kind.TEXT, "RCD08"),
    ),
    tags=("RCD",),
    each="RCD06+3",
)

_LOT = Record(
    "receiving_lot",
    (
        column("advice_number", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        column("lot", Kind.TEXT, "REF02:LT"),
        column("serial", Kind.TEXT, "REF02:SE"),
    ),
    loop="lot",
)

RECEIVING_ADVICE = TransactionSet(
    code="861",
    title="Receiving Advice/Acceptance Certificate",
    loops=(
        loop("line", "RCD"),
        # A line may name several. What follows stays the line's.
        loop("lot", "REF01:LT|SE", within="line", holds="PER"),
    ),
    records=(_ADVICE, _LINE, _CONDITION, _LOT),
    summary=("CTT",),
    only_in=("line.LIN", "line.SN1"),
    once=("BRA", "line.SN1"),
    counts=("line",),
    balances=("receiving_advice",),
)
