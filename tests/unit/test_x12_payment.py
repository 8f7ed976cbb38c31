"""820: payments, and what they pay for."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12

PAYMENT = [
    "BPR*I*1000.00*C*ACH*CTX*01*021000021*DA*123*1999999999**01*021000089*DA*456*20260401",
    "TRN*1*TRACE-1*1999999999",
    "CUR*BY*USD",
    "DTM*097*20260331",
    "REF*VR*V-77",
    "N1*PR*MERCY NETWORK*92*MERCY",
    "N1*PE*ACME DEVICES*1*123456789",
    "ENT*1*PR*9*0123456789",
    "ADX*-50*ZZ*CM*MEMO-1",
    "REF*PO*PO-4",
    "DTM*003*20260301",
    "RMR*IV*INV-1**970*1000*20",
    "REF*PO*PO-1",
    "DTM*003*20260302",
    "ADX*-10*04",
    "REF*PO*PO-9",
    "RMR*IV*INV-2**80*100*25*01*5",
    "ENT*2*2J*34*111223333",
    "NM1*BW*1*SMITH*GARY****34*111223333",
    "RMR*11*ACCOUNT-5**100",
    "RMR*CM*MEMO-2*PI*-100*-100",
]


def test_a_payment_its_items_and_adjustments():
    x12 = read_x12(interchange(("820", PAYMENT)))
    (payment,) = x12.records["payment"].rows(named=True)
    assert payment["payment_amount"] == 1000
    assert (payment["handling_code"], payment["credit_debit_code"]) == ("I", "C")
    assert (payment["payment_method"], payment["payment_format"]) == ("ACH", "CTX")
    assert payment["payment_date"] == date(2026, 4, 1)
    assert (payment["trace_number"], payment["trace_originator"]) == ("TRACE-1", "1999999999")
    assert (payment["created_date"], payment["currency"]) == (date(2026, 3, 31), "USD")
    assert (payment["payer_id"], payment["payee_id"]) == ("MERCY", "123456789")
    assert (payment["vendor_number"], payment["line_count"]) == ("V-77", 4)

    items = x12.records["remittance_line"]
    assert items["line_no"].to_list() == [1, 2, 3, 4]
    assert items["trace_number"].unique().to_list() == ["TRACE-1"]
    assert items["entity_no"].to_list() == ["1", "1", "2", "2"]
    assert items["reference_qualifier"].to_list() == ["IV", "IV", "11", "CM"]
    assert items["reference_number"].to_list() == ["INV-1", "INV-2", "ACCOUNT-5", "MEMO-2"]
    assert items["document_number"].to_list() == ["INV-1", "INV-2", None, "MEMO-2"]
    assert items["action_code"].to_list() == [None, None, None, "PI"]
    assert items["paid_amount"].to_list() == [970, 80, 100, -100]
    assert items["invoice_amount"].to_list() == [1000, 100, None, -100]
    assert items["discount_amount"].to_list() == [20, 25, None, None]
    assert items["adjustment_reason_code"].to_list() == [None, "01", None, None]
    assert items["adjustment_amount"].to_list() == [None, 5, None, None]
    assert items["po_number"].to_list() == ["PO-1", None, None, None]  # PO-9 is the adjustment's
    assert items["document_date"].to_list() == [date(2026, 3, 2), None, None, None]

    beside, under = x12.records["remittance_adjustment"].rows(named=True)
    assert (beside["line_no"], beside["entity_no"], beside["amount"]) == (None, "1", -50)
    assert (beside["reference_qualifier"], beside["reference_number"]) == ("CM", "MEMO-1")
    assert (beside["document_number"], beside["document_date"]) == ("MEMO-1", date(2026, 3, 1))
    assert (beside["reason_code"], beside["po_number"]) == ("ZZ", "PO-4")
    assert (under["line_no"], under["adjustment_no"], under["amount"]) == (1, 2, -10)
    assert (under["reason_code"], under["po_number"]) == ("04", "PO-9")
    assert under["document_number"] == "INV-1"  # its item's


def test_the_bill_beside_a_voucher_or_an_order_is_what_is_paid():
    """Without it the payment of such an item is of no invoice, and is not matched."""
    body = [
        "BPR*C*60*C*ACH",
        *("RMR*VV*5100000123**10*12", "REF*IV*INV-1", "ADX*-2*04"),
        *("RMR*PO*PO-1**20", "REF*IV*INV-2"),
        *("RMR*CM*MEMO-1**-5", "REF*IV*INV-3"),
        *("RMR*PO*PO-2**30", "REF*VR*V-77"),
        *("RMR*VV*5100000124**5", "ADX*-1*04", "REF*IV*INV-5"),
    ]
    found = read_x12(interchange(("820", body))).records
    documents = found["remittance_line"]["document_number"].to_list()
    assert documents == ["INV-1", "INV-2", "MEMO-1", "PO-2", None]
    # The last bill is named behind its adjustment, and is the adjustment's.
    assert found["remittance_adjustment"]["document_number"].to_list() == ["INV-1", "INV-5"]


def test_no_name_and_no_number_of_a_person_is_read():
    x12 = read_x12(interchange(("820", PAYMENT)))
    # The second entity is a person, known by a social security number: no organisation's scheme.
    assert x12.records["remittance_line"]["entity_id"].to_list() == ["0123456789"] * 2 + [None] * 2
    written = " ".join(str(frame.rows()) for frame in x12.records.values())
    assert "SMITH" not in written
    assert "111223333" not in written


@pytest.mark.parametrize(
    ("paid", "agrees"),
    [
        pytest.param("1000.00", True, id="items-and-the-adjustment-beside-them"),
        pytest.param("990.00", False, id="an-adjustment-under-an-item-is-not-taken-twice"),
        pytest.param("1050.00", False, id="the-adjustment-beside-them-counts"),
    ],
)
def test_the_payment_is_compared_with_what_it_pays_for(paid, agrees):
    segments = [segment.replace("*1000.00*", f"*{paid}*") for segment in PAYMENT]
    x12 = read_x12(interchange(("820", segments)))
    # 970 + 80 + 100 - 100 - 50
    assert controls(x12, "BPR02") == [(Decimal(paid), Decimal(1000), agrees)]


def test_what_is_paid_for_an_item_is_compared_with_its_invoice():
    x12 = read_x12(interchange(("820", PAYMENT)))
    assert controls(x12, "RMR04") == [
        (970, 970, True),  # 1000 - 20 - 10
        (80, 80, True),  # 100 - 25 + 5
        (-100, -100, True),  # the account was not billed, and is not compared
    ]
    lost = [segment for segment in PAYMENT if segment != "ADX*-10*04"]
    assert controls(read_x12(interchange(("820", lost))), "RMR04")[0] == (970, 980, False)


def test_items_without_an_entity_and_a_payment_without_items():
    items = ["BPR*I*5*C*CHK", "RMR*IV*INV-1**5", "RMR*IV*INV-2**1.5", "ADX*-1.5*04"]
    order = ["BPR*C*7*C*FWT"]
    x12 = read_x12(interchange(("820", items), ("820", order)))
    lines = x12.records["remittance_line"]
    assert lines.select("transaction_no", "line_no", "entity_no").rows() == [
        (1, 1, None),
        (1, 2, None),
    ]
    assert x12.records["remittance_adjustment"]["line_no"].to_list() == [2]
    assert controls(x12, "BPR02") == [(5, Decimal("6.5"), False)]
    assert x12.transactions["accepted"].to_list() == [
        True,
        True,
    ]  # an order to pay says not for what


def test_the_largest_numbers_stop_no_comparison():
    """DuckDB computes decimals of 18 digits in 18 digits, unless it is told otherwise."""
    price, amount = "999999999999.999999", "9999999999999999.99"
    report = [
        "BPT*00*R-9*20260402*SS",
        "PTD*SS",
        f"QTY*32*{price}*EA",
        f"UIT*EA*{price}*CT",
        f"UIT*EA*-{price}*CA",
        f"AMT*S*{price}*C",
        f"AMT*1*{amount}",
        f"ITA*A***03***{amount}**{price}",
        "CTT*1",
        f"AMT*S*{amount}*C",
    ]
    payment = ["BPR*I*1*C*CHK", f"RMR*IV*I**1*{amount}*-{amount}*01*{amount}", f"ADX*{amount}*01"]
    x12 = read_x12(interchange(("867", report), ("820", payment)))
    # (10**12 - 10**-6) ** 2 is 10**24 - 2 x 10**6 and a part of a cent
    assert controls(x12, "AMT*S") == [(Decimal(amount), 10**24 - 2 * 10**6, False)]
    assert controls(x12, "AMT*S unit")[0][1] == -2 * Decimal(price)
    assert controls(x12, "ITA07")[0][2] is False
    assert controls(x12, "RMR04") == [(1, 4 * Decimal(amount), False)]


def test_any_number_of_adjustments_under_an_item_without_an_entity():
    adjustments = [f"ADX*-{n}*04" for n in range(1, 10)]
    items = ["BPR*I*5*C*CHK", "RMR*IV*INV-1**5", *adjustments, "RMR*IV*INV-2**5", *adjustments]
    found = read_x12(interchange(("820", items))).records["remittance_adjustment"]
    assert found["line_no"].to_list() == [1] * 9 + [2] * 9
    assert found["amount"].to_list() == [*range(-1, -10, -1)] * 2
