"""One declaration per transaction set, to be read beside the standard."""

import polars as pl

from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.sets import x810, x850

SETS: dict[str, TransactionSet] = {s.code: s for s in (x810.INVOICE, x850.PURCHASE_ORDER)}

# Every typed record and its columns, known without reading a file.
RECORDS: dict[str, pl.Schema] = {r.name: r.schema() for s in SETS.values() for r in s.records}
