"""What is read of which messages, one file per family, to be read beside the standard."""

import polars as pl

from recon.parse.hl7.declare import Record
from recon.parse.hl7.sets import accounts, cases, charges, masters, orders

DECLARED: dict[str, Record] = {
    record.name: record
    for record in (
        charges.CHARGE,
        charges.DEVICE,
        charges.DEV,
        orders.REQUISITION,
        accounts.ACCOUNT,
        accounts.VISIT,
        accounts.MERGE,
        cases.CASE,
        masters.CHARGE_MASTER,
        masters.CHARGE_PRICE,
        masters.ITEM,
        masters.ITEM_LOCATION,
        masters.ITEM_DEPARTMENT,
        masters.ITEM_PACKAGE,
        masters.INVENTORY,
    )
}

# Every typed record and its columns, known without reading a file.
RECORDS: dict[str, pl.Schema] = {
    name: record.schema for name, record in DECLARED.items() if not record.into
}
