"""Orders, receipts and invoices of any number of lines, as the canonical tables of one night.

    python benchmarks/match/documents.py FOLDER ORDER_LINES

An order has five lines. Three lines of ten are received in two parts, two of ten are billed on two
invoices, so there are 1.3 receipts and 1.2 invoice lines to an order line. One line of a hundred
is billed above its price, one is billed before it came, one is over-delivered and over-billed, one
is billed in boxes for what was ordered in pieces. What a line is depends on its number alone, so
every size holds the same mixture, and files are in the order in which documents come in: by number.

What belongs here: writing them. What does not: what they are (``documents.sql``).
"""

import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
TABLES = (
    *("purchase_order", "purchase_order_line", "receipt_line", "invoice", "invoice_line"),
    *("supplier", "item", "item_uom", "contract_price"),
)


def write(folder: Path, lines: int) -> None:
    """The tables of ``lines`` order lines, a Parquet file each."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"set variable lines = {int(lines)}")
        con.execute((HERE / "documents.sql").read_text(encoding="utf-8"))
        for name in TABLES:
            con.execute(f"copy {name} to '{folder / name}.parquet' (compression zstd)")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
