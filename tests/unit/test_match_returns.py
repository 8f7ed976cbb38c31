"""Which line of a receipt a return takes from, by the number that it names.

20 EA of item A are ordered at 50.00, nothing is billed: what is left of a receipt line is its RNI.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from recon.reconcile import three_way_match

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


def left_of_receipt(lines: dict[str, int], returned: int, names: str | None) -> dict[str, int]:
    """Quantity that is left of each line of receipt R1 after a return that names one of them."""
    events = [("R1", number, "RECEIPT", qty, None, None) for number, qty in lines.items()]
    events.append(("R2", "1", "RETURN", -returned, "R1", names))
    names_of = ["receipt_id", "line_no", "kind", "qty", "ref_receipt_id", "ref_line_no"]
    receipts = pl.DataFrame(events, schema=names_of, orient="row").with_columns(
        pl.lit("P1").alias("po_id"),
        pl.lit("1").alias("po_line_no"),
        pl.lit("EA").alias("uom"),
        pl.lit(date(2026, 3, 10)).alias("receipt_date"),
    )
    rni = three_way_match({**ORDER, "receipt_line": receipts}, AS_OF)["rni"]
    return {line: int(qty) for line, qty in rni.select("receipt_line_no", "qty").rows()}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param("1", id="as-it-is"),
        pytest.param("001", id="with-zeros"),
        pytest.param(" 1 ", id="between-blanks"),
    ],
)
def test_a_return_takes_from_the_line_whose_number_it_names(names):
    # Of 6 and 4, 2 of the first went back.
    assert left_of_receipt({"1": 6, "2": 4}, 2, names) == {"1": 4, "2": 4}


@pytest.mark.parametrize(
    ("names", "left"),
    [
        pytest.param("001", {"1": 6, "001": 2}, id="the-one-written-so"),
        pytest.param("1", {"1": 4, "001": 4}, id="the-other"),
        # '001' comes before '1': the first of those it may mean, as when no line is named.
        pytest.param("01", {"1": 6, "001": 2}, id="neither-is-written-so"),
    ],
)
def test_of_two_lines_with_one_number_the_one_written_as_named_is_meant(names, left):
    assert left_of_receipt({"1": 6, "001": 4}, 2, names) == left


def test_what_a_line_cannot_give_and_what_names_no_line_comes_from_the_newest():
    # 7 of line 1: its 6, and 1 of the other.
    assert left_of_receipt({"1": 6, "2": 4}, 7, "01") == {"2": 3}
    assert left_of_receipt({"1": 6, "2": 4}, 2, "9") == {"1": 6, "2": 2}
    assert left_of_receipt({"1": 6, "2": 4}, 2, None) == {"1": 4, "2": 4}
