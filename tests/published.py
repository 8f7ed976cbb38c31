"""Workbooks of the small night, read back; what its files are called."""

import io
from decimal import Decimal

import openpyxl

NETWORK = "AP_Exceptions_NETWORK_2026-03-02_1a2b3c4d.xlsx"
MERCY = "AP_Exceptions_MERCY_2026-03-02_1a2b3c4d.xlsx"
LUKE = "AP_Exceptions_ST-LUKE_2026-03-02_1a2b3c4d.xlsx"


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def rows(book: openpyxl.Workbook, sheet: str) -> list[dict[str, object]]:
    heads, *body = book[sheet].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in body]


def cents(values: list[object]) -> Decimal:
    return sum((Decimal(str(value)) for value in values), Decimal(0))


def summary_text(book: openpyxl.Workbook) -> list[str]:
    return [
        str(v) for row in book["Summary"].iter_rows(values_only=True) for v in row if v is not None
    ]
