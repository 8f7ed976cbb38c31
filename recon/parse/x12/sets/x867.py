"""867 Product Transfer and Resale Report: tracings, rebates and administrative fees.

A transfer (PTD) says under which contract, to which end customer and in which direction goods
moved; its lines (QTY) say what moved, at which prices, and what is claimed for one unit of it.
A group purchasing organisation's fee is sent the same way: an allowance (ITA) on each line.
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

_REPORT = Record(
    "rebate_report",
    (
        column("purpose_code", Kind.TEXT, "BPT01"),
        column("report_number", Kind.TEXT, "BPT02"),
        column("report_date", Kind.DATE, "BPT03", required=True),
        column("report_type_code", Kind.TEXT, "BPT04"),
        column("period_start", Kind.PERIOD_START, "DTM02:090"),
        # 327 is the only date of the reports of fees: the quarter that they are for.
        column("period_end", Kind.PERIOD_END, "DTM02:091|327", "DTM06:090 RD8"),
        column("currency", Kind.TEXT, "CUR02"),
        column("contract_number", Kind.TEXT, "REF02:CT|VC|BC"),
        *party("manufacturer", "MF|SU"),
        *party("distributor", "DB|DS"),
        *party("buying_group", "BG"),
        number_of("line_count", "line"),
        column("line_total_count", Kind.COUNT, "CTT01"),
        column("claimed_total", Kind.MONEY, "AMT02:S"),
        column("claimed_total_credit_debit_code", Kind.TEXT, "AMT03:S", codes="C|D"),
        column("fee_total", Kind.MONEY, "AMT02:FO"),
        column("fee_total_credit_debit_code", Kind.TEXT, "AMT03:FO", codes="C|D"),
    ),
)

_LINE = Record(
    "rebate_line",
    (
        column("report_number", Kind.TEXT, inherit=True),
        ordinal("transfer_no", "transfer"),
        ordinal("line_no"),
        column("transfer_type_code", Kind.TEXT, "transfer.PTD01"),
        column("movement_code", Kind.TEXT, "transfer.PTD06"),
        column(
            "contract_number",
            Kind.TEXT,
            "transfer.PTD05@04:CT|VC|BC",
            "REF02:CT|VC|BC",
            "transfer.REF02:CT|VC|BC",
            inherit=True,
        ),
        column("transfer_reference_qualifier", Kind.TEXT, "transfer.PTD04"),
        column("transfer_reference", Kind.TEXT, "transfer.PTD05"),
        column("end_customer_name", Kind.TEXT, "transfer.N102:ST|EB", private="drop"),
        column("end_customer_qualifier", Kind.TEXT, "transfer.N103:ST|EB"),
        column("end_customer_id", Kind.TEXT, "transfer.N104:ST|EB"),
        # Where N104 is the distributor's own number of it.
        column("end_customer_hin", Kind.TEXT, "transfer.REF02:HI"),
        column("end_customer_dea", Kind.TEXT, "transfer.REF02:DH"),
        column("po_number", Kind.TEXT, "REF02:PO|CO", "transfer.REF02:PO|CO", "transfer.PRF01"),
        column("qty_code", Kind.TEXT, "QTY01"),
        column("qty", Kind.QUANTITY, "QTY02"),
        column("uom", Kind.TEXT, "QTY03-1"),
        *item_ids("LIN02"),
        column("lot", Kind.TEXT, "LIN02+:LT|B8", "REF02:LT"),
        column("contract_price", Kind.QUANTITY, "UIT02@03:CT"),
        column("contract_price_uom", Kind.TEXT, "UIT01-1@03:CT"),
        column("acquisition_price", Kind.QUANTITY, "UIT02@03:CA|WH"),
        column("acquisition_price_uom", Kind.TEXT, "UIT01-1@03:CA|WH"),
        column("sale_price", Kind.QUANTITY, "UIT02@03:DI|RS"),
        # The first price of the line and what it is; some send one and do not say.
        column("price", Kind.QUANTITY, "UIT02", "CTP03"),
        column("price_uom", Kind.TEXT, "UIT01-1", "CTP05-1"),
        column("price_basis", Kind.TEXT, "UIT03", "CTP02"),
        column("claim_per_unit", Kind.QUANTITY, "AMT02:S"),
        column("claim_credit_debit_code", Kind.TEXT, "AMT03:S|CC", codes="C|D"),
        # What is claimed for the whole line, where it is not told for one unit.
        column("claim_amount", Kind.MONEY, "AMT02:CC"),
        column("sales_amount", Kind.MONEY, "AMT02:1|TS"),
        column("fee_indicator", Kind.TEXT, "ITA01"),
        column("fee_code", Kind.TEXT, "ITA14"),
        column("fee_pct", Kind.QUANTITY, "ITA09"),
        column("fee_amount", Kind.MONEY, "ITA07 N2"),
        column("fee_amount_is_explicit", Kind.POINTED, "ITA07 N2"),
        column("invoice_number", Kind.TEXT, "REF02:DI|IV", "transfer.REF02:DI|IV"),
        column("invoice_date", Kind.DATE, "DTM02:003", "transfer.DTM02:003"),
        column("po_date", Kind.DATE, "DTM02:004", "transfer.DTM02:004"),
        column("shipped_date", Kind.DATE, "DTM02:011", "transfer.DTM02:011"),
    ),
    loop="line",
)

# Every price of a line: the line itself has one of each kind, and a partner may send more.
_PRICE = Record(
    "rebate_price",
    (
        column("report_number", Kind.TEXT, inherit=True),
        ordinal("line_no", "line"),
        ordinal("price_no", within="line"),
        *item_ids("line.LIN02"),
        column("price", Kind.QUANTITY, "UIT02", "CTP03"),
        column("uom", Kind.TEXT, "UIT01-1", "CTP05-1"),
        column("price_basis", Kind.TEXT, "UIT03", "CTP02"),
    ),
    tags=("UIT", "CTP"),
)

PRODUCT_TRANSFER = TransactionSet(
    code="867",
    title="Product Transfer and Resale Report",
    loops=(
        loop("transfer", "PTD"),
        loop("line", "QTY", within="transfer"),
        # Some write LIN before QTY: the first one is then misplaced, and a second one is too many.
        loop("product", "LIN", within="line", holds="PID", at_most=1),
    ),
    records=(_REPORT, _LINE, _PRICE),
    summary=("CTT",),
    only_in=("line.LIN", "line.UIT", "line.ITA"),
    once=("BPT",),
    counts=("transfer", "line"),
    balances=("rebate_report", "rebate_line"),
)
