"""Which line of a receipt a return takes from, by the number that it names.

In every case 20 EA of item A are ordered at 50.00 and nothing is billed: what is left of a receipt
line is its RNI. All are matched in one run.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl
import pytest
from one_match import match_together

AS_OF = date(2026, 3, 31)
ORDER = {
    "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"]}),
    "purchase_order": pl.DataFrame(
        {
            "po_id": ["P1"],
            "po_number": ["P1"],
            "supplier_id": ["S1"],
            "facility_id": ["F1"],
            "order_date": [date(2026, 3, 1)],
        }
    ),
    "purchase_order_line": pl.DataFrame(
        {
            "po_id": ["P1"],
            "line_no": ["1"],
            "qty": [Decimal(20)],
            "uom": ["EA"],
            "price": [Decimal("50.00")],
        }
    ),
}


class Case(NamedTuple):
    """Lines of receipt R1, a return that names one of them, and what is left of each."""

    says: str
    lines: dict[str, int]
    returned: int
    names: str | None
    left: dict[str, int]


CASES = [
    *(
        # Of 6 and 4, 2 of the first went back.
        Case(f"its number {says}", {"1": 6, "2": 4}, 2, names, {"1": 4, "2": 4})
        for says, names in (("as it is", "1"), ("with zeros", "001"), ("between blanks", " 1 "))
    ),
    *(
        Case(f"of two lines with one number {says}", {"1": 6, "001": 4}, 2, names, left)
        for says, names, left in (
            ("the one written so", "001", {"1": 6, "001": 2}),
            ("the other", "1", {"1": 4, "001": 4}),
            # '001' comes before '1': the first of those it may mean, as when no line is named.
            ("the first, when neither is written so", "01", {"1": 6, "001": 2}),
        )
    ),
    # 7 of line 1: its 6, and 1 of the other.
    Case("what a line cannot give comes from the newest", {"1": 6, "2": 4}, 7, "01", {"2": 3}),
    Case("what names no line that is", {"1": 6, "2": 4}, 2, "9", {"1": 6, "2": 2}),
    Case("what names no line at all", {"1": 6, "2": 4}, 2, None, {"1": 4, "2": 4}),
]


def tables(case: Case) -> dict[str, pl.DataFrame]:
    events = [("R1", number, "RECEIPT", qty, None, None) for number, qty in case.lines.items()]
    events.append(("R2", "1", "RETURN", -case.returned, "R1", case.names))
    names_of = ["receipt_id", "line_no", "kind", "qty", "ref_receipt_id", "ref_line_no"]
    receipts = pl.DataFrame(events, schema=names_of, orient="row").with_columns(
        pl.lit("P1").alias("po_id"),
        pl.lit("1").alias("po_line_no"),
        pl.lit("EA").alias("uom"),
        pl.lit(date(2026, 3, 10)).alias("receipt_date"),
    )
    return {**ORDER, "receipt_line": receipts}


@pytest.fixture(scope="module")
def results():
    return match_together([tables(case) for case in CASES], AS_OF)


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case.says for case in CASES])
def test_a_return_takes_from_the_line_that_it_names(results, n):
    rni = results[n]["rni"].select("receipt_line_no", "qty").rows()
    assert {line: int(qty) for line, qty in rni} == CASES[n].left
