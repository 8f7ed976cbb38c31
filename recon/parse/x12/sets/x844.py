"""844 Product Transfer Account Adjustment, and 849, the answer to it: chargebacks.

A distributor that sold at contract price claims the difference to what it paid. Both sets have
the same plan: a contract (CON), the customer who bought under it, and the products (PAD). The
answer adds whether a contract or a product is accepted (AAA).
"""

from dataclasses import replace

from recon.parse.x12.declare import (
    Column,
    Kind,
    Loop,
    Record,
    TransactionSet,
    column,
    item_ids,
    loop,
    number_of,
    ordinal,
    party,
)

_LOOPS: tuple[Loop, ...] = (
    loop("contract", "CON"),
    loop("line", "PAD", within="contract"),
    # What stands under a second product could be the first one's.
    loop("product", "LIN", within="line", holds="PID", at_most=1),
)

_ONLY_IN = ("line.LIN", "line.UIT", "line.QTY")


def _customer(loop: str = "") -> tuple[Column, ...]:
    """Who bought; of a claim for one customer it stands before the first contract."""
    codes = "ST|BY|EB"
    return (
        column("customer_code", Kind.TEXT, f"{loop}N101:{codes}"),
        column("customer_name", Kind.TEXT, f"{loop}N102:{codes}", private="drop"),
        column("customer_qualifier", Kind.TEXT, f"{loop}N103:{codes}"),
        column("customer_id", Kind.TEXT, f"{loop}N104:{codes}"),
    )


_HEADER: tuple[Column, ...] = (
    column("memo_number", Kind.TEXT, "REF02:AM|DB|CM|DL|CL"),
    column("invoice_number", Kind.TEXT, "REF02:DI|IV"),
    column("period_start", Kind.PERIOD_START, "DTM02:090"),
    column("period_end", Kind.PERIOD_END, "DTM02:091", "DTM06:090 RD8"),
    column("currency", Kind.TEXT, "CUR02"),
    *party("manufacturer", "MF|SU"),
    *party("distributor", "DB|DS|SE"),
    *_customer(),
    number_of("line_count", "line"),
    column("line_total_count", Kind.COUNT, "CTT01"),
)

_PRODUCT: tuple[Column, ...] = (
    ordinal("line_no"),
    column("assigned_id", Kind.TEXT, "PAD01"),
    column("contract_qualifier", Kind.TEXT, "contract.CON01"),
    column("contract_number", Kind.TEXT, "contract.CON02"),
    column("contract_status_code", Kind.TEXT, "contract.CON03"),
    *(replace(c, inherit=True, beside="customer_code") for c in _customer("contract.")),
    column("transfer_type_code", Kind.TEXT, "PAD02"),
    column("response_code", Kind.TEXT, "PAD03"),
    *item_ids("LIN02"),
    column("lot", Kind.TEXT, "LIN02+:LT|B8", "REF02:LT"),
    column("qty_code", Kind.TEXT, "QTY01"),
    column("qty", Kind.QUANTITY, "QTY02"),
    column("uom", Kind.TEXT, "QTY03-1"),
    column("contract_price", Kind.QUANTITY, "UIT02@03:CT|SC"),
    column("acquisition_price", Kind.QUANTITY, "UIT02@03:WH|SW|CA"),
    column("price_uom", Kind.TEXT, "UIT01-1"),
    column("memo_number", Kind.TEXT, "REF02:AM|DB|CM|DL|CL", inherit=True),
    column("invoice_number", Kind.TEXT, "REF02:DI|IV", "contract.REF02:DI|IV", inherit=True),
    column("invoice_date", Kind.DATE, "DTM02:003", "contract.DTM02:003"),
    column("shipped_date", Kind.DATE, "DTM02:011", "contract.DTM02:011"),
)

# Every price of a line: the line itself has one of each kind, where it says which.
_PRICE: tuple[Column, ...] = (
    ordinal("line_no", "line"),
    ordinal("price_no", within="line"),
    *item_ids("line.LIN02"),
    column("price", Kind.QUANTITY, "UIT02"),
    column("uom", Kind.TEXT, "UIT01-1"),
    column("price_basis", Kind.TEXT, "UIT03"),
)

_AMOUNT: tuple[Column, ...] = (
    # Which product it is for; null: the document's total.
    ordinal("line_no", "line"),
    column("amount_code", Kind.TEXT, "AMT01"),
    column("amount", Kind.MONEY, "AMT02"),
    column("credit_debit_code", Kind.TEXT, "AMT03", codes="C|D"),
)

_CLAIM = Record(
    "chargeback_claim",
    (
        column("purpose_code", Kind.TEXT, "BAA01"),
        column("type_code", Kind.TEXT, "BAA02"),
        column("claim_date", Kind.DATE, "BAA03", required=True),
        column("claim_number", Kind.TEXT, "BAA05"),
        *_HEADER,
    ),
)

_CLAIM_LINE = Record(
    "chargeback_line",
    (column("claim_number", Kind.TEXT, inherit=True), *_PRODUCT),
    loop="line",
)

_CLAIM_AMOUNT = Record(
    "chargeback_amount",
    (column("claim_number", Kind.TEXT, inherit=True), *_AMOUNT),
    tags=("AMT",),
)

_CLAIM_PRICE = Record(
    "chargeback_price",
    (column("claim_number", Kind.TEXT, inherit=True), *_PRICE),
    tags=("UIT",),
)

_RESPONSE = Record(
    "chargeback_response",
    (
        column("purpose_code", Kind.TEXT, "BRC01"),
        column("response_date", Kind.DATE, "BRC02", required=True),
        column("claim_number", Kind.TEXT, "BRC04"),
        column("valid_code", Kind.TEXT, "AAA01", codes="Y|N"),
        column("reject_reason_code", Kind.TEXT, "AAA03"),
        *_HEADER,
    ),
)

_RESPONSE_LINE = Record(
    "chargeback_response_line",
    (
        column("claim_number", Kind.TEXT, inherit=True),
        *_PRODUCT,
        column("valid_code", Kind.TEXT, "AAA01", "contract.AAA01", inherit=True),
        column(
            "reject_reason_code",
            Kind.TEXT,
            "AAA03",
            "contract.AAA03",
            inherit=True,
            beside="valid_code",
        ),
        column("follow_up_code", Kind.TEXT, "AAA04", "contract.AAA04", beside="valid_code"),
    ),
    loop="line",
)

_RESPONSE_AMOUNT = Record(
    "chargeback_response_amount",
    (column("claim_number", Kind.TEXT, inherit=True), *_AMOUNT),
    tags=("AMT",),
)

_RESPONSE_PRICE = Record(
    "chargeback_response_price",
    (column("claim_number", Kind.TEXT, inherit=True), *_PRICE),
    tags=("UIT",),
)

CHARGEBACK = TransactionSet(
    code="844",
    title="Product Transfer Account Adjustment",
    loops=_LOOPS,
    records=(_CLAIM, _CLAIM_LINE, _CLAIM_AMOUNT, _CLAIM_PRICE),
    summary=("CTT",),
    only_in=_ONLY_IN,
    once=("BAA",),
    counts=("contract", "line"),
    balances=("chargeback_claim",),
)

CHARGEBACK_RESPONSE = TransactionSet(
    code="849",
    title="Response to Product Transfer Account Adjustment",
    loops=_LOOPS,
    records=(_RESPONSE, _RESPONSE_LINE, _RESPONSE_AMOUNT, _RESPONSE_PRICE),
    summary=("CTT",),
    only_in=_ONLY_IN,
    once=("BRC",),
    counts=("contract", "line"),
    balances=("chargeback_response",),
)
