"""Charges sent as a rate or a percentage: what they come to, and where nobody can say."""

from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12

LINE = "IT1*1*10*EA*1.5**VC*A1"  # 15.00


def invoice(*body):
    return read_x12(interchange(("810", ["BIG*20260331*INV-1", *body])))


def untold(x12):
    rows = x12.defects.filter(code="charge_amount")
    return rows.select("severity", "transaction_no", "segment_no", "found").rows()


@pytest.mark.parametrize(
    ("body", "amount", "amount_from"),
    [
        # 0.25 a piece: of the 10 of the line, or of the 4 that SAC10 says instead
        pytest.param([LINE, "SAC*A*C310******.25"], "2.50", "rate of the line", id="rate"),
        pytest.param([LINE, "SAC*C*D240******.25*EA*4"], "1.00", "rate of SAC10", id="of-so-many"),
        pytest.param(["SAC*C*D240******.333*EA*5"], "1.67", "rate of SAC10", id="of-the-document"),
        # 5 % of 15.00; of 200 dollars; of 250 at 12.00 a hundred
        pytest.param([LINE, "SAC*A*C310***2*3*5"], "0.02", None, id="an-amount-goes-before"),
        pytest.param([LINE, "SAC*A*C310****3*5"], "0.75", "percentage of the line", id="percent"),
        pytest.param([LINE, "SAC*A*C310****3*.1"], "0.02", "percentage of the line", id="rounded"),
        pytest.param(
            ["SAC*A*C310****6*5**DO*200"], "10.00", "percentage of SAC10", id="percent-of-dollars"
        ),
        pytest.param(
            ["IT1*1*250*EA*12*HP", "SAC*C*D240****2*5"],
            "1.50",
            "percentage of the line",
            id="percent-of-a-price-per-hundred",
        ),
        pytest.param(
            [LINE, "TXI*ST*1.05", "SAC*A*C310****3*5"],
            "0.75",
            "percentage of the line",
            id="a-tax-is-no-other-charge",
        ),
    ],
)
def test_an_amount_that_follows_is_worked_out_and_says_from_what(body, amount, amount_from):
    x12 = invoice(*body, "TDS*1")
    assert x12.defects.is_empty()
    charge = x12.records["invoice_charge"].row(-1, named=True)
    assert (charge["amount"], charge["amount_from"]) == (Decimal(amount), amount_from)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(
            [LINE, "SAC*A*C310******.25*EA*4*9"], "a rate, not of which quantity", id="range"
        ),
        pytest.param(["SAC*A*C310******.25"], "a rate, not of which quantity", id="document-rate"),
        pytest.param(
            [LINE, "SAC*A*C310******.25*DO*9"], "a rate, not of which quantity", id="dollars"
        ),
        pytest.param(["SAC*A*C310****3*5"], "a percentage, not of which amount", id="document"),
        pytest.param(
            [LINE, "SAC*A*C310****1*5"], "a percentage, not of which amount", id="list-price"
        ),
        pytest.param(
            [LINE, "SAC*A*C310****Z*5"], "a percentage, not of which amount", id="as-agreed"
        ),
        pytest.param(
            [LINE, "SAC*A*C310*****5"], "a percentage, not of which amount", id="unqualified"
        ),
        pytest.param(
            [LINE, "SAC*A*C310****3*5**EA*4"], "a percentage, not of which amount", id="of-4"
        ),
        pytest.param(
            [LINE, "SAC*A*C310****3*1000"], "a percentage, not of which amount", id="1000"
        ),
        pytest.param(
            ["IT1*1*10*EA", "SAC*A*C310****3*5"], "a percentage, not of which amount", id="no-price"
        ),
        pytest.param(
            [LINE, "SAC*A*C310****3*5*.25"],
            "a rate and a percentage, not which of them counts",
            id="which-of-them",
        ),
        pytest.param([LINE, "SAC*A*C310"], "no amount, percentage or rate", id="nothing"),
    ],
)
def test_what_cannot_be_told_is_said_and_counts_as_nothing(body, found):
    x12 = invoice(*body, "TDS*1500")
    assert untold(x12) == [("info", 1, 4 + len(body), found)]
    assert x12.transactions["accepted"].to_list() == [True]
    charge = x12.records["invoice_charge"].row(-1, named=True)
    assert (charge["amount"], charge["amount_from"]) == (None, None)
    assert found in x12.defects["message"][0]


def test_two_percentages_of_a_line_may_be_one_of_what_the_other_left():
    x12 = invoice(LINE, "SAC*A*C310****3*5", "SAC*A*C310****7*2", "TDS*1500")
    assert [row[2] for row in untold(x12)] == [6, 7]


def test_a_note_needs_no_amount():
    x12 = invoice(LINE, "SAC*N*F050", "TDS*1500")
    assert x12.defects.is_empty()


def test_the_total_is_compared_with_what_was_worked_out():
    x12 = invoice(LINE, "SAC*A*C310****3*5", "SAC*N*F050", "IT1*2*1*EA*2", "TDS*1625")
    assert controls(x12, "TDS01") == [(Decimal("16.25"), Decimal("16.25"), True)]


def test_numbers_of_any_size_are_no_fault_of_ours():
    most = "999999999999.999999"
    x12 = invoice(
        f"IT1*1*{most}*EA*{most}",
        f"SAC*A*C310******{most}",
        f"IT1*2*{most}*EA*{most}",
        f"SAC*A*C310****3*{most}",
        f"IT1*3*{most}*EA*{most}",
        "SAC*A*C310****3*999.999999",
        f"SAC*A*C310****6*999.999999**DO*{most}",
        "TDS*0",
    )
    assert x12.transactions["accepted"].to_list() == [True]


def test_a_rate_in_an_order_is_of_the_line_ordered():
    body = ["BEG*00*SA*PO-1**20260301", "PO1*1*10*EA*1.5**VC*A1", "SAC*A*C310******.25"]
    x12 = read_x12(interchange(("850", body), ("850", body)))
    charges = x12.records["purchase_order_charge"]
    assert charges["amount"].to_list() == [Decimal("2.50")] * 2
