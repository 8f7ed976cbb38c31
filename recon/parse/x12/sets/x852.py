"""852 Product Activity Data: what was sold, is held and is on order, item by item.

An activity (ZA) says one of these of an item (LIN); it may be divided among locations, as pairs
of location and quantity (SDQ). Before release 004010 a location (N1*RL) was sent ahead of each
group of items, and holds for those that follow it.
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
)

_REPORT = Record(
    "activity_report",
    (
        column("handling_code", Kind.TEXT, "XQ01"),
        column("period_start", Kind.DATE, "XQ02", required=True),
        column("period_end", Kind.DATE, "XQ03", "XQ02"),
        column("report_number", Kind.TEXT, "XQ04"),
        # A location begins its own part of the set, and may stand before the other parties.
        column("vendor_name", Kind.TEXT, "N102:VN|SU|SE", "N1:RL>N102:VN|SU|SE"),
        column("vendor_qualifier", Kind.TEXT, "N103:VN|SU|SE", "N1:RL>N103:VN|SU|SE"),
        column("vendor_id", Kind.TEXT, "N104:VN|SU|SE", "N1:RL>N104:VN|SU|SE"),
        # Where all of it is of one place.
        column("location_name", Kind.TEXT, "N102:ST|WH|LW"),
        column("location_qualifier", Kind.TEXT, "N103:ST|WH|LW"),
        column("location_id", Kind.TEXT, "N104:ST|WH|LW"),
        number_of("line_count", "line"),
        column("line_total_count", Kind.COUNT, "CTT01"),
    ),
)

_LINE = Record(
    "activity_line",
    (
        column("period_start", Kind.DATE, inherit=True),
        column("period_end", Kind.DATE, inherit=True),
        ordinal("line_no"),
        column("assigned_id", Kind.TEXT, "LIN01"),
        column("location_name", Kind.TEXT, "location.N102", inherit=True),
        column("location_qualifier", Kind.TEXT, "location.N103", inherit=True),
        column("location_id", Kind.TEXT, "location.N104", inherit=True),
        *item_ids("LIN02"),
        column("price_code", Kind.TEXT, "CTP02"),
        column("price", Kind.QUANTITY, "CTP03"),
        column("price_basis", Kind.TEXT, "CTP09"),
        column("qty_code", Kind.TEXT, "QTY01"),
        column("qty", Kind.QUANTITY, "QTY02"),
        column("uom", Kind.TEXT, "QTY03-1"),
    ),
    loop="line",
)

_ACTIVITY = Record(
    "activity",
    (
        column("period_start", Kind.DATE, inherit=True),
        column("period_end", Kind.DATE, inherit=True),
        ordinal("line_no", "line"),
        ordinal("activity_no", within="line"),
        column("location_qualifier", Kind.TEXT, "location.N103", inherit=True),
        column("location_id", Kind.TEXT, "location.N104", inherit=True),
        *item_ids("line.LIN02"),
        column("activity_code", Kind.TEXT, "ZA01"),
        column("qty", Kind.QUANTITY, "ZA02"),
        column("uom", Kind.TEXT, "ZA03"),
        column("date_code", Kind.TEXT, "ZA04"),
        column("date", Kind.DATE, "ZA05"),
        column("reference_qualifier", Kind.TEXT, "ZA06"),
        column("reference_number", Kind.TEXT, "ZA07"),
        column("price_code", Kind.TEXT, "CTP02"),
        column("price", Kind.QUANTITY, "CTP03"),
        column("price_basis", Kind.TEXT, "CTP09"),
        column("detail_code", Kind.TEXT, "QTY01"),
        column("detail_qty", Kind.QUANTITY, "QTY02"),
    ),
    loop="activity",
)

# Ten pairs; SDQ23, a place within the location, would be an eleventh, without quantity.
PAIRS = "SDQ03+2"
PAIR = (
    column("uom", Kind.TEXT, "SDQ01"),
    column("location_qualifier", Kind.TEXT, "SDQ02"),
    column("location_id", Kind.TEXT, "SDQ03"),
    column("qty", Kind.QUANTITY, "SDQ04"),
)

_LOCATION = Record(
    "activity_location",
    (
        column("period_start", Kind.DATE, inherit=True),
        column("period_end", Kind.DATE, inherit=True),
        ordinal("line_no", "line"),
        *item_ids("line.LIN02"),
        column("activity_code", Kind.TEXT, "activity.ZA01"),
        *PAIR,
    ),
    tags=("SDQ",),
    each=PAIRS,
)

PRODUCT_ACTIVITY = TransactionSet(
    code="852",
    title="Product Activity Data",
    loops=(
        loop("location", "N101:RL"),
        loop("line", "LIN", within="location|"),
        loop("activity", "ZA", within="line"),
    ),
    records=(_REPORT, _LINE, _ACTIVITY, _LOCATION),
    summary=("CTT",),
    only_in=("line.ZA", "line.QTY"),
    once=("XQ", "line.QTY", "activity.QTY"),
    counts=("line",),
)
