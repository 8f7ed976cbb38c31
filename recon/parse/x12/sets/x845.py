"""845 Price Authorization Acknowledgment/Status: contract prices, and who may buy at them.

A contract (CON) has members (N1) and products (PAD); a product has its own prices (CTP), each
perhaps for some customers and some time only.
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

_AUTHORIZATION = Record(
    "price_authorization",
    (
        column("purpose_code", Kind.TEXT, "BPA01"),
        column("authorization_date", Kind.DATE, "BPA02", required=True),
        column("authorization_number", Kind.TEXT, "BPA04"),
        column("currency", Kind.TEXT, "CUR02"),
        *party("manufacturer", "MF|SU"),
        *party("distributor", "DB|DS"),
        *party("buying_group", "BG"),
        *party("buyer", "BY"),
        number_of("contract_count", "contract"),
        number_of("line_count", "line"),
        column("line_total_count", Kind.COUNT, "CTT01"),
    ),
)

_CONTRACT = Record(
    "price_authorization_contract",
    (
        column("authorization_number", Kind.TEXT, inherit=True),
        ordinal("contract_no"),
        column("contract_qualifier", Kind.TEXT, "CON01"),
        column("contract_number", Kind.TEXT, "CON02", required=True),
        column("contract_status_code", Kind.TEXT, "CON03"),
        column("buyer_contract_number", Kind.TEXT, "REF02:BC"),
        column("start_date", Kind.PERIOD_START, "DTM02:092|007"),
        column("end_date", Kind.PERIOD_END, "DTM02:093|036", "DTM06:092|007 RD8"),
        column("terms_net_days", Kind.COUNT, "ITD07"),
    ),
    loop="contract",
)

_PARTY = Record(
    "price_authorization_party",
    (
        column("authorization_number", Kind.TEXT, inherit=True),
        column("contract_number", Kind.TEXT, "contract.CON02"),
        # The product it may buy at that price; null: all of the contract.
        ordinal("line_no", "line"),
        column("role_code", Kind.TEXT, "N101"),
        column("party_name", Kind.TEXT, "N102", private="drop"),
        column("party_qualifier", Kind.TEXT, "N103"),
        column("party_id", Kind.TEXT, "N104"),
        column("change_code", Kind.TEXT, "REF02:TD"),
        column("start_date", Kind.PERIOD_START, "DTM02:129|092|007"),
        column("end_date", Kind.PERIOD_END, "DTM02:130|093|036", "DTM06:129|092|007 RD8"),
    ),
    loop="party",
)

_LINE = Record(
    "price_authorization_line",
    (
        column("authorization_number", Kind.TEXT, inherit=True),
        column("contract_number", Kind.TEXT, "contract.CON02"),
        ordinal("line_no"),
        column("assigned_id", Kind.TEXT, "PAD01", "LIN01"),
        column("transfer_type_code", Kind.TEXT, "PAD02"),
        column("change_code", Kind.TEXT, "PAD03"),
        *item_ids("LIN02"),
        column("price", Kind.QUANTITY, "CTP03", "UIT02"),
        column("uom", Kind.TEXT, "CTP05-1", "UIT01-1"),
        column("price_basis", Kind.TEXT, "CTP09", "UIT03"),
        column("start_date", Kind.PERIOD_START, "DTM02:131|092|007"),
        column("end_date", Kind.PERIOD_END, "DTM02:132|093|036", "DTM06:131|092|007 RD8"),
    ),
    loop="line",
)

_PRICE = Record(
    "price_authorization_price",
    (
        column("authorization_number", Kind.TEXT, inherit=True),
        column("contract_number", Kind.TEXT, "contract.CON02"),
        ordinal("line_no", "line"),
        ordinal("price_no", within="line"),
        column("class_code", Kind.TEXT, "CTP01"),
        column("price_code", Kind.TEXT, "CTP02"),
        column("price", Kind.QUANTITY, "CTP03"),
        column("qty", Kind.QUANTITY, "CTP04"),
        column("uom", Kind.TEXT, "CTP05-1"),
        column("price_basis", Kind.TEXT, "CTP09"),
        column(
            "start_date",
            Kind.PERIOD_START,
            "DTM02:131|092|007",
            "line.DTM02:131|092|007",
        ),
        column(
            "end_date",
            Kind.PERIOD_END,
            "DTM02:132|093|036",
            "DTM06:131|092|007 RD8",
            "line.DTM02:132|093|036",
            "line.DTM06:131|092|007 RD8",
        ),
    ),
    loop="price",
)

PRICE_AUTHORIZATION = TransactionSet(
    code="845",
    title="Price Authorization Acknowledgment/Status",
    loops=(
        loop("contract", "CON"),
        loop("line", "PAD", within="contract"),
        # What stands under a second product could be the first one's.
        loop("product", "LIN", within="line", holds="PID", at_most=1),
        loop("price", "CTP", within="line"),
        loop("party", "N1", within="price|line|contract"),
    ),
    records=(_AUTHORIZATION, _CONTRACT, _PARTY, _LINE, _PRICE),
    summary=("CTT",),
    only_in=("line.LIN", "line.UIT", "line.CTP"),
    once=("BPA",),
    counts=("line", "contract"),
)
