"""810 Invoice: header, lines (IT1 loop), summary (from TDS on).

SAC and TXI may stand in the header, under a line, or in the summary: each is a charge, and says
which line it stands under. The same tax may be sent under the lines and again in the summary;
that is for the reconciliation to see, so nothing is left out here.
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
    tag,
)
from recon.parse.x12.sets.x852 import PAIR, PAIRS


def other_price() -> tuple[Column, Column, Column]:
    """The first price that stands under a line: its code says whose (contract, retail ...).

    Some partners leave the line's own price empty and send this one; only they know which counts.
    """
    return (
        column("other_price_code", Kind.TEXT, "CTP02"),
        column("other_price", Kind.QUANTITY, "CTP03"),
        column("other_price_uom", Kind.TEXT, "CTP05-1"),
    )


_INVOICE = Record(
    "invoice",
    (
        column("invoice_date", Kind.DATE, "BIG01", required=True),
        column("invoice_number", Kind.TEXT, "BIG02", required=True),
        column("po_date", Kind.DATE, "BIG03"),
        column("po_number", Kind.TEXT, "BIG04", "REF02:PO"),
        column("release_number", Kind.TEXT, "BIG05"),
        column("type_code", Kind.TEXT, "BIG07"),
        column("purpose_code", Kind.TEXT, "BIG08"),
        column("currency", Kind.TEXT, "CUR02"),
        *party("buyer", "BY"),
        *party("ship_to", "ST"),
        *party("bill_to", "BT"),
        *party("seller", "SE|SU|VN"),
        *party("remit_to", "RI|RE"),
        column("terms_discount_pct", Kind.QUANTITY, "ITD03"),
        column("terms_discount_days", Kind.COUNT, "ITD05"),
        column("terms_net_days", Kind.COUNT, "ITD07"),
        # Some write the days that the terms end on, and what is to be taken off.
        column("terms_discount_date", Kind.DATE, "ITD04"),
        column("terms_net_date", Kind.DATE, "ITD06"),
        column("terms_discount_amount", Kind.MONEY, "ITD08 N2"),
        column("ref_invoice_number", Kind.TEXT, "REF02:IV"),
        # Of a consolidated invoice, of which this is a part.
        column("consolidated_invoice_number", Kind.TEXT, "BIG10"),
        column("contract_number", Kind.TEXT, "REF02:CT|VC"),
        column("packing_slip", Kind.TEXT, "REF02:PK", "CAD08@07:PK"),
        column("tracking_number", Kind.TEXT, "REF02:2I", "CAD08@07:2I"),
        column("carrier_reference", Kind.TEXT, "REF02:CN", "CAD08@07:CN"),
        column("bill_of_lading", Kind.TEXT, "REF02:BM", "CAD08@07:BM"),
        column("ship_date", Kind.DATE, "DTM02:011"),
        column("total", Kind.MONEY, "TDS01 N2", required=True),
        column("total_is_explicit", Kind.POINTED, "TDS01 N2"),
        column("discountable_total", Kind.MONEY, "TDS02 N2"),
        column("discounted_total", Kind.MONEY, "TDS03 N2"),
        column("discount_amount", Kind.MONEY, "TDS04 N2"),
        number_of("line_count", "line"),
        column("line_total_count", Kind.COUNT, "CTT01"),
    ),
)

_LINE = Record(
    "invoice_line",
    (
        column("invoice_number", Kind.TEXT, inherit=True),
        column("type_code", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        column("assigned_id", Kind.TEXT, "IT101"),
        column("qty", Kind.QUANTITY, "IT102"),
        column("uom", Kind.TEXT, "IT103"),
        column("price", Kind.QUANTITY, "IT104"),
        column("price_basis", Kind.TEXT, "IT105"),
        *other_price(),
        *item_ids("IT106", "LIN02"),
        column("lot", Kind.TEXT, "IT106+:LT|B8", "LIN02+:LT|B8", "REF02:LT"),
        column("serial", Kind.TEXT, "IT106+:SN", "LIN02+:SN", "REF02:SE"),
        # An invoice of several orders names them at its lines.
        column("po_number", Kind.TEXT, "REF02:PO", "IT106+:PO"),
        column("po_line", Kind.TEXT, "REF02:LI", "IT106+:PL", "IT101"),
        column("contract_number", Kind.TEXT, "REF02:CT|VC", inherit=True),
        column("packing_slip", Kind.TEXT, "REF02:PK", "IT106+:PK", inherit=True),
        column("ref_invoice_number", Kind.TEXT, "REF02:IV", inherit=True),
        # What is billed by weight is shipped, and was ordered, by the case.
        column("shipped_qty", Kind.QUANTITY, "IT301"),
        column("shipped_uom", Kind.TEXT, "IT302"),
        column("ship_to_qualifier", Kind.TEXT, "N103:ST", inherit=True),
        column("ship_to_id", Kind.TEXT, "N104:ST", inherit=True),
    ),
    loop="line",
)

# A charge, allowance or tax, and which line it stands under.
CHARGE: tuple[Column, ...] = (
    ordinal("line_no", "line"),
    ordinal("charge_no"),
    number_of("line_count", "line"),
    tag("source"),
    column("indicator", Kind.TEXT, "SAC01"),
    column("code", Kind.TEXT, "SAC02", "TXI01"),
    column("amount", Kind.MONEY, "SAC05 N2", "TXI02"),
    column("amount_is_explicit", Kind.POINTED, "SAC05 N2", "TXI02"),
    column("pct", Kind.QUANTITY, "SAC07", "TXI03"),
    column("pct_basis_code", Kind.TEXT, "SAC06"),
    # Of a tax: I is included in the prices, O for information; any other adds.
    column("relation_code", Kind.TEXT, "TXI07"),
    column("rate", Kind.QUANTITY, "SAC08"),
    column("rate_uom", Kind.TEXT, "SAC09"),
    column("rate_qty", Kind.QUANTITY, "SAC10"),
    column("rate_qty_to", Kind.QUANTITY, "SAC11"),
    # Filled where the amount is not sent but follows from the rest (``charges.py``).
    column("amount_from", Kind.TEXT),
)

# Every price that stands under a line or under a part of it: the line has the first.
PRICE: tuple[Column, ...] = (
    ordinal("line_no", "line"),
    ordinal("subline_no", "subline", within="line"),
    ordinal("price_no", within="line"),
    column("class_code", Kind.TEXT, "CTP01"),
    column("price_code", Kind.TEXT, "CTP02"),
    column("price", Kind.QUANTITY, "CTP03"),
    column("qty", Kind.QUANTITY, "CTP04"),
    column("uom", Kind.TEXT, "CTP05-1"),
    column("price_basis", Kind.TEXT, "CTP09"),
)

# What of a line's quantity goes to which place, or how much of it was meant for each.
DESTINATION: tuple[Column, ...] = (ordinal("line_no", "line"), *PAIR)

# What a line is made of: a part of a kit, with its own numbers.
SUBLINE: tuple[Column, ...] = (
    column("assigned_id", Kind.TEXT, "SLN01"),
    column("relation_code", Kind.TEXT, "SLN03"),
    column("qty", Kind.QUANTITY, "SLN04"),
    column("uom", Kind.TEXT, "SLN05-1"),
    column("price", Kind.QUANTITY, "SLN06"),
    column("price_basis", Kind.TEXT, "SLN07"),
    *item_ids("SLN09"),
    column("lot", Kind.TEXT, "SLN09+:LT|B8"),
    column("serial", Kind.TEXT, "SLN09+:SN"),
)
# Which line, and which of its parts.
SUBLINE_NUMBERS = (ordinal("line_no", "line"), ordinal("subline_no", within="line"))

_CHARGE = Record(
    "invoice_charge",
    (
        column("invoice_number", Kind.TEXT, inherit=True),
        column("type_code", Kind.TEXT, inherit=True),
        *CHARGE,
    ),
    tags=("SAC", "TXI"),
)

_SUBLINE = Record(
    "invoice_subline",
    (column("invoice_number", Kind.TEXT, inherit=True), *SUBLINE_NUMBERS, *SUBLINE),
    loop="subline",
)

_LOT = Record(
    "invoice_lot",
    (
        column("invoice_number", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        ordinal("subline_no", "subline", within="line"),
        column("lot", Kind.TEXT, "REF02:LT"),
        column("serial", Kind.TEXT, "REF02:SE"),
    ),
    loop="lot",
)

_PRICE = Record(
    "invoice_price",
    (column("invoice_number", Kind.TEXT, inherit=True), *PRICE),
    tags=("CTP",),
)

_DESTINATION = Record(
    "invoice_destination",
    (column("invoice_number", Kind.TEXT, inherit=True), *DESTINATION),
    tags=("SDQ",),
    each=PAIRS,
)

# All its terms; the invoice has the first.
_TERMS = Record(
    "invoice_terms",
    (
        column("invoice_number", Kind.TEXT, inherit=True),
        ordinal("terms_no"),
        column("type_code", Kind.TEXT, "ITD01"),
        column("basis_code", Kind.TEXT, "ITD02"),
        column("discount_pct", Kind.QUANTITY, "ITD03"),
        column("discount_date", Kind.DATE, "ITD04"),
        column("discount_days", Kind.COUNT, "ITD05"),
        column("net_date", Kind.DATE, "ITD06"),
        column("net_days", Kind.COUNT, "ITD07"),
        column("discount_amount", Kind.MONEY, "ITD08 N2"),
    ),
    tags=("ITD",),
)

INVOICE = TransactionSet(
    code="810",
    title="Invoice",
    loops=(
        loop("line", "IT1"),
        loop("description", "PID", within="line", holds="MEA"),
        loop("subline", "SLN", within="line", holds="DTM REF PID SAC TC2 TXI"),
        # A line, or a part of it, may name several. What follows stays the line's.
        loop("lot", "REF01:LT|SE", within="line|subline", holds="PER"),
        loop("party", "N1", within="|line", holds="N2 N3 N4 REF PER DMG"),
    ),
    records=(_INVOICE, _LINE, _CHARGE, _SUBLINE, _LOT, _PRICE, _DESTINATION, _TERMS),
    summary=("TDS",),
    once=("BIG", "TDS"),
    counts=("line",),
    balances=("invoice",),
)
