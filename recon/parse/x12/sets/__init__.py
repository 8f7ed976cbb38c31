"""One declaration per transaction set, to be read beside the standard."""

import polars as pl

from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.envelope import INTERCHANGE_ACK
from recon.parse.x12.sets import (
    x276,
    x278,
    x810,
    x820,
    x832,
    x835,
    x837,
    x844,
    x845,
    x846,
    x850,
    x852,
    x855,
    x856,
    x860,
    x861,
    x867,
    x997,
)

SETS: dict[str, TransactionSet] = {
    declared.code: declared
    for declared in (
        # Orders to invoices.
        x850.PURCHASE_ORDER,
        x855.ORDER_ACK,
        x860.ORDER_CHANGE,
        x860.ORDER_CHANGE_ACK,
        x856.SHIP_NOTICE,
        x861.RECEIVING_ADVICE,
        x810.INVOICE,
        x820.PAYMENT_ORDER,
        # Prices, rebates, stock.
        x832.PRICE_CATALOG,
        x845.PRICE_AUTHORIZATION,
        x844.CHARGEBACK,
        x844.CHARGEBACK_RESPONSE,
        x867.PRODUCT_TRANSFER,
        x846.INVENTORY_ADVICE,
        x852.PRODUCT_ACTIVITY,
        # Claims.
        x837.CLAIM,
        x835.REMITTANCE,
        x276.CLAIM_STATUS_REQUEST,
        x276.CLAIM_STATUS,
        x278.SERVICES_REVIEW,
        # Acknowledgements.
        x997.FUNCTIONAL_ACK,
        x997.IMPLEMENTATION_ACK,
    )
}

# Every typed record and its columns, known without reading a file.
RECORDS: dict[str, pl.Schema] = {
    "interchange_ack": INTERCHANGE_ACK,
    **{r.name: r.schema for s in SETS.values() for r in s.records},
}
