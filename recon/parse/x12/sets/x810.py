"""810 Invoice: header, lines (IT1 loop), summary (from TDS on).

SAC and TXI may stand in the header, under a line, or in the summary: each is a charge, and says
which line it stands under. The same tax may be sent under the lines and again in the summary;
that is for the reconciliation to see, so nothing is left out here.
"""

from recon.parse.x12.declare import (
    CHARGE_NO,
    LINE_COUNT,
    LINE_NO,
    TAG,
    Kind,
    Record,
    Scope,
    TransactionSet,
    column,
    counted,
    party,
)

_INVOICE = Record(
    "invoice",
    Scope.HEADER,
    (
        column("invoice_date", Kind.DATE, "BIG01", required=True),
        column("invoice_number", Kind.TEXT, "BIG02", required=True),
        column("po_date", Kind.DATE, "BIG03"),
        column("po_number", Kind.TEXT, "BIG04"),
        column("release_number", Kind.TEXT, "BIG05"),
        column("type_code", Kind.TEXT, "BIG07"),
        column("currency", Kind.TEXT, "CUR02"),
        *party("buyer", "BY"),
        *party("ship_to", "ST"),
        *party("bill_to", "BT"),
        *party("seller", "SE|SU|VN"),
        *party("remit_to", "RI|RE"),
        column("terms_discount_pct", Kind.QUANTITY, "ITD03"),
        column("terms_discount_days", Kind.COUNT, "ITD05"),
        column("terms_net_days", Kind.COUNT, "ITD07"),
        column("ref_invoice_number", Kind.TEXT, "REF02:IV"),
        column("total", Kind.MONEY, "TDS01 N2", required=True),
        column("total_is_explicit", Kind.POINTED, "TDS01 N2"),
        column("discountable_total", Kind.MONEY, "TDS02 N2"),
        counted("line_count", LINE_COUNT),
        column("line_total_count", Kind.COUNT, "CTT01"),
    ),
)

_LINE = Record(
    "invoice_line",
    Scope.LINE,
    (
        column("invoice_number", Kind.TEXT, inherit=True),
        column("type_code", Kind.TEXT, inherit=True),
        counted("line_no", LINE_NO),
        column("assigned_id", Kind.TEXT, "IT101"),
        column("qty", Kind.QUANTITY, "IT102"),
        column("uom", Kind.TEXT, "IT103"),
        column("price", Kind.QUANTITY, "IT104"),
        column("price_basis", Kind.TEXT, "IT105"),
        column("vendor_catalog_no", Kind.TEXT, "IT106+:VN|VC|VP", "LIN02+:VN|VC|VP"),
        column("buyer_item_no", Kind.TEXT, "IT106+:IN|BP|CB|PI|SK", "LIN02+:IN|BP|CB|PI|SK"),
        column("manufacturer_part_no", Kind.TEXT, "IT106+:MG", "LIN02+:MG"),
        column("gtin", Kind.TEXT, "IT106+:UK|EN|UP", "LIN02+:UK|EN|UP"),
        column("ndc", Kind.TEXT, "IT106+:N4|ND|N1|N2|N3", "LIN02+:N4|ND|N1|N2|N3"),
        column("hibcc", Kind.TEXT, "IT106+:HI", "LIN02+:HI"),
        column("lot", Kind.TEXT, "IT106+:LT|B8", "LIN02+:LT|B8", "REF02:LT"),
        column("serial", Kind.TEXT, "IT106+:SN", "LIN02+:SN", "REF02:SE"),
        column("po_number", Kind.TEXT, "REF02:PO"),
        column("po_line", Kind.TEXT, "REF02:LI", "IT101"),
        column("packing_slip", Kind.TEXT, "REF02:PK"),
        column("ref_invoice_number", Kind.TEXT, "REF02:IV", inherit=True),
        column("description", Kind.TEXT, "PID05"),
    ),
)

_CHARGE = Record(
    "invoice_charge",
    Scope.SEGMENT,
    (
        column("invoice_number", Kind.TEXT, inherit=True),
        column("type_code", Kind.TEXT, inherit=True),
        counted("line_no", LINE_NO),
        counted("charge_no", CHARGE_NO),
        counted("line_count", LINE_COUNT),
        counted("source", TAG),
        column("indicator", Kind.TEXT, "SAC01"),
        column("code", Kind.TEXT, "SAC02", "TXI01"),
        column("amount", Kind.MONEY, "SAC05 N2", "TXI02"),
        column("amount_is_explicit", Kind.POINTED, "SAC05 N2", "TXI02"),
        column("pct", Kind.QUANTITY, "SAC07", "TXI03"),
        column("description", Kind.TEXT, "SAC15"),
    ),
    tags=("SAC", "TXI"),
)

INVOICE = TransactionSet(
    code="810",
    title="Invoice",
    line="IT1",
    summary=("TDS",),
    records=(_INVOICE, _LINE, _CHARGE),
)
