"""850 Purchase Order: header, lines (PO1 loop), summary (CTT, with AMT*TT after it).

Charges, allowances and taxes (SAC, TXI) are what the buyer expects to be billed, of the order or of
one line; they are no part of AMT*TT. A line may come in parts, each for its own day (SCH), and go
to another place than the order (its own N1*ST), or to several, with a quantity for each (SDQ).

Free text (MSG, NTE, PID) has no column: in a bill-only order it names the patient.
"""

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
    party,
)
from recon.parse.x12.sets.x810 import (
    CHARGE,
    DESTINATION,
    PRICE,
    SUBLINE,
    SUBLINE_NUMBERS,
    other_price,
)
from recon.parse.x12.sets.x852 import PAIRS
from recon.parse.x12.sets.x856 import CARRIER, PACK

PO_NUMBER = column("po_number", Kind.TEXT, inherit=True)

# Of an order, its changes and its answers.
ORDER_PARTIES = (
    *party("buyer", "BY"),
    *party("ship_to", "ST"),
    *party("bill_to", "BT"),
    *party("seller", "SE|SU|VN"),
)

# Whom it is for in the end: a department, a physician, in a bill-only order perhaps the patient.
MARK_FOR = party("mark_for", "Z7|MA")

# Another place than the order's, where a line goes to one. Of a home it is a person's.
LINE_SHIP_TO = (
    column("line_ship_to_name", Kind.TEXT, "N102:ST", private="drop"),
    column("line_ship_to_qualifier", Kind.TEXT, "N103:ST"),
    column("line_ship_to_id", Kind.TEXT, "N104:ST"),
)

REQUESTED = "002|010"


def requested(*, of_line: bool) -> tuple[Column, ...]:
    """When it is to be delivered or else shipped, when it is to be shipped, and the last day.

    Args:
        of_line: a line that says nothing of its own has what its parts say, or the order.
    """
    part = (f"SCH06@05:{REQUESTED}",) if of_line else ()
    return (
        column("requested_date", Kind.DATE, f"DTM02:{REQUESTED}", *part, inherit=of_line),
        column("requested_ship_date", Kind.DATE, "DTM02:010", inherit=of_line),
        column("latest_ship_date", Kind.DATE, "DTM02:038", inherit=of_line),
    )


# A part of a line's quantity, and when it is asked for or promised: the date's code says.
SCHEDULE = (
    ordinal("line_no", "line"),
    ordinal("schedule_no", within="line"),
    column("qty", Kind.QUANTITY, "SCH01"),
    column("uom", Kind.TEXT, "SCH02"),
    column("date_code", Kind.TEXT, "SCH05"),
    column("date", Kind.DATE, "SCH06"),
    column("second_date_code", Kind.TEXT, "SCH08"),
    column("second_date", Kind.DATE, "SCH09"),
)

_ORDER = Record(
    "purchase_order",
    (
        column("purpose_code", Kind.TEXT, "BEG01"),
        column("order_type_code", Kind.TEXT, "BEG02"),
        column("po_number", Kind.TEXT, "BEG03", required=True),
        column("release_number", Kind.TEXT, "BEG04"),
        column("order_date", Kind.DATE, "BEG05", required=True),
        column("contract_number", Kind.TEXT, "BEG06", "REF02:CT|VC"),
        column("currency", Kind.TEXT, "CUR02"),
        *ORDER_PARTIES,
        *MARK_FOR,
        column("terms_discount_pct", Kind.QUANTITY, "ITD03"),
        column("terms_discount_days", Kind.COUNT, "ITD05"),
        column("terms_net_days", Kind.COUNT, "ITD07"),
        column("freight_payment_code", Kind.TEXT, "FOB01"),
        *CARRIER,
        *requested(of_line=False),
        number_of("line_count", "line"),
        column("total_amount", Kind.MONEY, "AMT02:TT"),
    ),
)

_LINE = Record(
    "purchase_order_line",
    (
        column("po_number", Kind.TEXT, inherit=True),
        column("order_date", Kind.DATE, inherit=True),
        column("ship_to_id", Kind.TEXT, inherit=True),
        column("seller_id", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        column("assigned_id", Kind.TEXT, "PO101"),
        column("qty", Kind.QUANTITY, "PO102"),
        column("uom", Kind.TEXT, "PO103"),
        column("price", Kind.QUANTITY, "PO104"),
        column("price_basis", Kind.TEXT, "PO105"),
        *other_price(),
        *item_ids("PO106", "LIN02"),
        column("lot", Kind.TEXT, "PO106+:LT|B8", "LIN02+:LT|B8", "REF02:LT"),
        column("serial", Kind.TEXT, "PO106+:SN", "LIN02+:SN", "REF02:SE"),
        column("contract_number", Kind.TEXT, "REF02:CT|VC", inherit=True),
        *requested(of_line=True),
        *PACK,
        *LINE_SHIP_TO,
        *MARK_FOR,  # the line's own
    ),
    loop="line",
)


def beside(of: str, *whose: Column) -> tuple[Record, ...]:
    """What stands beside the lines of an order or under them: its answers and changes have it too.

    Args:
        of: what the records' names begin with.
        whose: the columns that name the order.
    """
    return (
        Record(f"{of}_charge", (*whose, *CHARGE), tags=("SAC", "TXI")),
        Record(f"{of}_schedule", (*whose, *SCHEDULE), tags=("SCH",)),
        Record(f"{of}_price", (*whose, *PRICE), tags=("CTP",)),
        Record(f"{of}_destination", (*whose, *DESTINATION), tags=("SDQ",), each=PAIRS),
        Record(f"{of}_subline", (*whose, *SUBLINE_NUMBERS, *SUBLINE), loop="subline"),
    )


SUBLINE_LOOP = loop(
    "subline",
    "SLN",
    within="line",
    holds="MSG SI PID PO3 TC2 ADV DTM CTP PAM PO4 TAX SAC CUR QTY N9",
)
LINE_PARTY_LOOP = loop(
    "line_party",
    "N1",
    within="line|subline",
    holds="N2 N3 N4 NX2 REF PER SI QTY DTM FOB SCH TD1 TD5 TD3 TD4 PKG LDT MAN MSG",
)

PURCHASE_ORDER = TransactionSet(
    code="850",
    title="Purchase Order",
    loops=(
        # FOB and TD5 may follow a party and then be its own; to us they are still the order's.
        loop("party", "N1", holds="N2 N3 N4 NX2 REF PER SI"),
        loop("line", "PO1"),
        SUBLINE_LOOP,
        LINE_PARTY_LOOP,
    ),
    records=(_ORDER, _LINE, *beside("purchase_order", PO_NUMBER)),
    summary=("CTT",),
    once=("BEG",),
    counts=("line",),
    balances=("purchase_order",),
)
