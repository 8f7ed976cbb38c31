"""850 Purchase Order: header, lines (PO1 loop), summary (CTT, with AMT*TT after it)."""

from recon.parse.x12.declare import (
    LINE_COUNT,
    LINE_NO,
    Kind,
    Record,
    Scope,
    TransactionSet,
    column,
    counted,
    party,
)

_ORDER = Record(
    "purchase_order",
    Scope.HEADER,
    (
        column("purpose_code", Kind.TEXT, "BEG01"),
        column("order_type_code", Kind.TEXT, "BEG02"),
        column("po_number", Kind.TEXT, "BEG03", required=True),
        column("release_number", Kind.TEXT, "BEG04"),
        column("order_date", Kind.DATE, "BEG05", required=True),
        column("contract_number", Kind.TEXT, "BEG06", "REF02:CT|VC"),
        column("currency", Kind.TEXT, "CUR02"),
        *party("buyer", "BY"),
        *party("ship_to", "ST"),
        *party("bill_to", "BT"),
        *party("seller", "SE|SU|VN"),
        column("terms_discount_pct", Kind.QUANTITY, "ITD03"),
        column("terms_discount_days", Kind.COUNT, "ITD05"),
        column("terms_net_days", Kind.COUNT, "ITD07"),
        column("freight_payment_code", Kind.TEXT, "FOB01"),
        column("requested_date", Kind.DATE, "DTM02:002|010"),
        counted("line_count", LINE_COUNT),
        column("total_amount", Kind.MONEY, "AMT02:TT"),
    ),
)

_LINE = Record(
    "purchase_order_line",
    Scope.LINE,
    (
        column("po_number", Kind.TEXT, inherit=True),
        column("order_date", Kind.DATE, inherit=True),
        column("ship_to_id", Kind.TEXT, inherit=True),
        column("seller_id", Kind.TEXT, inherit=True),
        counted("line_no", LINE_NO),
        column("assigned_id", Kind.TEXT, "PO101"),
        column("qty", Kind.QUANTITY, "PO102"),
        column("uom", Kind.TEXT, "PO103"),
        column("price", Kind.QUANTITY, "PO104"),
        column("price_basis", Kind.TEXT, "PO105"),
        column("vendor_catalog_no", Kind.TEXT, "PO106+:VN|VC|VP", "LIN02+:VN|VC|VP"),
        column("buyer_item_no", Kind.TEXT, "PO106+:IN|BP|CB|PI|SK", "LIN02+:IN|BP|CB|PI|SK"),
        column("manufacturer_part_no", Kind.TEXT, "PO106+:MG", "LIN02+:MG"),
        column("gtin", Kind.TEXT, "PO106+:UK|EN|UP", "LIN02+:UK|EN|UP"),
        column("ndc", Kind.TEXT, "PO106+:N4|ND|N1|N2|N3", "LIN02+:N4|ND|N1|N2|N3"),
        column("hibcc", Kind.TEXT, "PO106+:HI", "LIN02+:HI"),
        column("lot", Kind.TEXT, "PO106+:LT|B8", "LIN02+:LT|B8", "REF02:LT"),
        column("description", Kind.TEXT, "PID05"),
    ),
)

PURCHASE_ORDER = TransactionSet(
    code="850",
    title="Purchase Order",
    line="PO1",
    summary=("CTT",),
    records=(_ORDER, _LINE),
)
