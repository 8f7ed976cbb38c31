"""846 Inventory Inquiry/Advice: items (LIN), and every quantity of each (QTY).

An item is at one location (N1): of several, nothing says which quantity is where. What is divided
among locations comes as pairs of location and quantity (SDQ). A lot (REF*LT) is of the quantity
that it follows; a set that may mean the one behind it is refused (``places.py``).
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
from recon.parse.x12.sets.x852 import PAIR, PAIRS

_LOCATION = "ST|WH|LW|RL"

_ADVICE = Record(
    "inventory_advice",
    (
        column("purpose_code", Kind.TEXT, "BIA01"),
        column("report_type_code", Kind.TEXT, "BIA02"),
        column("advice_number", Kind.TEXT, "BIA03", required=True),
        column("advice_date", Kind.DATE, "BIA04"),
        column("action_code", Kind.TEXT, "BIA06"),
        column("effective_date", Kind.DATE, "DTM02:007"),
        column("currency", Kind.TEXT, "CUR02"),
        *party("location", _LOCATION),
        *party("seller", "SE|SU|VN"),
        *party("buyer", "BY"),
        number_of("line_count", "line"),
        column("line_total_count", Kind.COUNT, "CTT01"),
    ),
)

_LINE = Record(
    "inventory_line",
    (
        column("advice_number", Kind.TEXT, inherit=True),
        ordinal("line_no"),
        column("assigned_id", Kind.TEXT, "LIN01"),
        *item_ids("LIN02"),
        column("lot", Kind.TEXT, "LIN02+:LT|B8", "REF02:LT"),
        column("expiry_date", Kind.DATE, "DTM02:036|208"),
        column("location_id", Kind.TEXT, f"N104:{_LOCATION}", inherit=True),
        column("price_code", Kind.TEXT, "CTP02"),
        column("price", Kind.QUANTITY, "CTP03", "UIT02"),
        column("uom", Kind.TEXT, "CTP05-1", "UIT01-1"),
        column("price_basis", Kind.TEXT, "CTP09", "UIT03"),
    ),
    loop="line",
)

_QUANTITY = Record(
    "inventory_quantity",
    (
        column("advice_number", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        ordinal("quantity_no", within="line"),
        *item_ids("line.LIN02"),
        column("lot", Kind.TEXT, "REF02:LT", "line.LIN02+:LT|B8", "line.REF02:LT"),
        column("qty_code", Kind.TEXT, "QTY01"),
        column("qty", Kind.QUANTITY, "QTY02"),
        column("uom", Kind.TEXT, "QTY03-1", "UIT01-1"),
        column("price", Kind.QUANTITY, "UIT02"),
        # When it is available, came or ran out: the date's code says.
        column("date_code", Kind.TEXT, "DTM01"),
        column("date", Kind.DATE, "DTM02"),
    ),
    loop="quantity",
)

_PLACE = Record(
    "inventory_location",
    (
        column("advice_number", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        *item_ids("line.LIN02"),
        # Which quantity is divided, where one stands before.
        column("qty_code", Kind.TEXT, "quantity.QTY01"),
        *PAIR,
    ),
    tags=("SDQ",),
    each=PAIRS,
)

INVENTORY_ADVICE = TransactionSet(
    code="846",
    title="Inventory Inquiry/Advice",
    loops=(
        loop("line", "LIN"),
        # A location that follows the quantities is the item's.
        loop("quantity", "QTY", within="line", holds="UIT MEA LDT DTM SCH LM LQ LS REF LE SDQ"),
        loop("location", f"N101:{_LOCATION}", within="line", holds="N2 N3 N4 REF PER", at_most=1),
    ),
    records=(_ADVICE, _LINE, _QUANTITY, _PLACE),
    summary=("CTT",),
    only_in=("line.QTY",),
    once=("BIA",),
    counts=("line",),
)
