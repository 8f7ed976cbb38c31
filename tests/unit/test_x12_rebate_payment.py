"""867, 820, 844, 849 and 845: rebates, payments, chargebacks and the prices they rest on."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12

REBATE = [
    "BPT*00*R-7*20260402*SS",
    "DTM*090*20260301",
    "DTM*091*20260331",
    "N1*MF*ACME DEVICES*21*MF0000001",
    "N1*DB*MIDWEST SUPPLY*21*DB0000001",
    "REF*SB*BRANCH 4",
    "PTD*SS***VC*CT-1*DC",
    "N1*ST*MERCY EAST*21*EAST00001",
    "N3*1 FIRST ST",
    "REF*PO*PO-1",
    "QTY*32*15*BX",
    "LIN**MG*1000*UK*30387698433527",
    "UIT*BX*18.25*CT",
    "UIT*BX*22.25*CA",
    "AMT*S*4*C",
    "REF*DI*D-1",
    "DTM*003*20260305",
    "DTM*004*20260304",
    # A second line of the same transfer, claimed in parts of a cent.
    "QTY*32*2.5*EA",
    "LIN**LT*LOT-9*MG*2000",
    "UIT*EA*10.1234*CA",
    "UIT*EA*10*CT",
    "AMT*S*.1234*C",
    # A claim taken back.
    "PTD*PA***VC*CT-2*AO",
    "N1*ST*MERCY WEST*21*WEST00001",
    "REF*PO*PO-2",
    "QTY*32*1*CA",
    "LIN**MG*786012",
    "UIT*CA*81.34*CT",
    "UIT*CA*98.25*CA",
    "AMT*S*16.91*D",
    "REF*DI*D-2",
]
SUMMARY = ["CTT*2", "AMT*S*43.40*C"]  # 15 x 4 + 2.5 x .1234 - 16.91 = 43.3985


def replaced(segments, old, new):
    assert segments.count(old) == 1
    return [new if segment == old else segment for segment in segments]


def test_a_rebate_report_and_its_lines():
    x12 = read_x12(interchange(("867", REBATE + SUMMARY)))
    (report,) = x12.records["rebate_report"].rows(named=True)
    assert report["report_number"] == "R-7"
    assert report["report_date"] == date(2026, 4, 2)
    assert report["report_type_code"] == "SS"
    assert (report["period_start"], report["period_end"]) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (report["manufacturer_id"], report["distributor_id"]) == ("MF0000001", "DB0000001")
    assert report["buying_group_id"] is None
    assert (report["line_count"], report["line_total_count"]) == (3, 2)  # CTT01: two transfers
    assert report["claimed_total"] == Decimal("43.40")
    assert report["claimed_total_credit_debit_code"] == "C"

    first, second, third = x12.records["rebate_line"].rows(named=True)
    assert [line["transfer_no"] for line in (first, second, third)] == [1, 1, 2]
    assert [line["line_no"] for line in (first, second, third)] == [1, 2, 3]
    assert {line["report_number"] for line in (first, second, third)} == {"R-7"}
    assert (first["transfer_type_code"], first["movement_code"]) == ("SS", "DC")
    assert (first["transfer_reference_qualifier"], first["transfer_reference"]) == ("VC", "CT-1")
    assert [line["contract_number"] for line in (first, second, third)] == ["CT-1", "CT-1", "CT-2"]
    assert [line["end_customer_id"] for line in (second, third)] == ["EAST00001", "WEST00001"]
    assert [line["po_number"] for line in (second, third)] == ["PO-1", "PO-2"]
    assert (first["qty_code"], first["qty"], first["uom"]) == ("32", 15, "BX")
    assert (first["manufacturer_part_no"], first["gtin"]) == ("1000", "30387698433527")
    assert (first["contract_price"], first["acquisition_price"]) == (
        Decimal("18.25"),
        Decimal("22.25"),
    )
    assert (first["claim_per_unit"], first["claim_credit_debit_code"]) == (4, "C")
    assert (first["invoice_number"], first["invoice_date"]) == ("D-1", date(2026, 3, 5))
    assert first["po_date"] == date(2026, 3, 4)
    assert (second["lot"], second["manufacturer_part_no"]) == ("LOT-9", "2000")
    assert second["claim_per_unit"] == Decimal("0.1234")
    assert second["invoice_number"] is None
    assert (third["transfer_type_code"], third["movement_code"]) == ("PA", "AO")
    assert third["claim_credit_debit_code"] == "D"


@pytest.mark.parametrize(
    ("total", "declared", "agrees"),
    [
        pytest.param("AMT*S*43.40*C", "43.40", True, id="the-sum-to-the-cent"),
        pytest.param("AMT*S*43.40", "43.40", True, id="a-total-without-flag-is-a-credit"),
        pytest.param("AMT*S*43.41*C", "43.41", False, id="a-cent-over"),
        pytest.param("AMT*S*43.39*C", "43.39", False, id="a-cent-under"),
        pytest.param("AMT*S*43.40*D", "-43.40", False, id="owed-the-other-way"),
    ],
)
def test_the_total_claimed_is_compared_with_the_lines(total, declared, agrees):
    x12 = read_x12(interchange(("867", [*REBATE, "CTT*2", total])))
    assert controls(x12, "AMT*S") == [(Decimal(declared), Decimal("43.40"), agrees)]
    assert x12.transactions["accepted"].to_list() == [True]  # a sum that is wrong condemns nothing


def test_each_claim_is_compared_with_its_prices():
    x12 = read_x12(interchange(("867", REBATE + SUMMARY)))
    assert controls(x12, "AMT*S unit") == [
        (Decimal(4), Decimal(4), True),
        (Decimal("0.1234"), Decimal("0.1234"), True),
        (Decimal("16.91"), Decimal("16.91"), True),  # the debit is its flag, not its sign
    ]
    dearer = replaced(REBATE, "UIT*BX*22.25*CA", "UIT*BX*22.24*CA")
    x12 = read_x12(interchange(("867", dearer + SUMMARY)))
    assert controls(x12, "AMT*S unit")[0] == (Decimal(4), Decimal("3.99"), False)
    other_unit = replaced(REBATE, "UIT*BX*22.25*CA", "UIT*CA*22.25*CA")
    x12 = read_x12(interchange(("867", other_unit + SUMMARY)))
    assert len(controls(x12, "AMT*S unit")) == 2  # prices of two units say nothing of each other


def test_lines_without_claim_and_a_report_without_total():
    lines = [
        "BPT*00*R-8*20260402*SS",
        "PTD*SS",
        "QTY*32*1*BX",
        "LIN**MG*1",
        "UIT*BX*5*CA",
    ]
    x12 = read_x12(interchange(("867", [*lines, "CTT*1"])))
    assert x12.records["rebate_line"]["contract_number"].to_list() == [None]
    assert controls(x12, "AMT*S") == []
    x12 = read_x12(interchange(("867", [*lines, "CTT*1", "AMT*S*5*C"])))
    assert controls(x12, "AMT*S") == [(5, 0, False)]


FEE = [
    "BPT*00*F-1*20260402*PR",
    "DTM*327*20260331",
    "N1*MF*ACME DEVICES*21*MF0000001",
    "N1*BG*BEST BUYERS*21*BG0000001",
    "REF*CT*GPO-1",
    "PTD*SS",
    "N1*ST*MERCY EAST*21*EAST00001",
    "QTY*32*15*BX",
    "LIN**MG*1000",
    "UIT*BX*18.25*DI",
    "AMT*1*273.75",
    "ITA*A***03***8.21**3*****CSC",
    "PTD*SU",
    "N1*ST**21*WEST00001",
    "QTY*32*50",
    "AMT*TS*1000",
    "ITA*C***03***1050**10*****CSC",  # N2: 10.50, and not 10 % of 1,000
    "CTT*2",
    "AMT*FO*2.29*D",
]


def test_administrative_fees():
    x12 = read_x12(interchange(("867", FEE)))
    (report,) = x12.records["rebate_report"].rows(named=True)
    assert report["period_end"] == date(2026, 3, 31)
    assert report["buying_group_id"] == "BG0000001"
    assert report["claimed_total"] is None
    assert (report["fee_total"], report["fee_total_credit_debit_code"]) == (Decimal("2.29"), "D")
    first, second = x12.records["rebate_line"].rows(named=True)
    assert first["contract_number"] == second["contract_number"] == "GPO-1"  # the report's
    assert (first["sale_price"], first["sales_amount"]) == (Decimal("18.25"), Decimal("273.75"))
    assert (first["fee_indicator"], first["fee_code"], first["fee_pct"]) == ("A", "CSC", 3)
    assert (first["fee_amount"], first["fee_amount_is_explicit"]) == (Decimal("8.21"), True)
    assert (second["fee_amount"], second["fee_amount_is_explicit"]) == (Decimal("10.50"), False)
    assert (second["end_customer_name"], second["end_customer_id"]) == (None, "WEST00001")
    assert second["uom"] is None
    assert controls(x12, "AMT*FO") == [(Decimal("-2.29"), Decimal("-2.29"), True)]
    assert controls(x12, "ITA07") == [
        (Decimal("8.21"), Decimal("8.21"), True),  # 273.75 x 3 % = 8.2125
        (Decimal("10.50"), Decimal("100.00"), False),
    ]


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


CHARGEBACK = [
    "BAA*00*CB*20260405*CL*CLAIM-1",
    "REF*AM*MEMO-1",
    "N1*SU*ACME DEVICES*11*RA0000001",
    "N1*DB*MIDWEST SUPPLY*11*RD0000001",
    "CON*CT*CT-1*VA",
    "N1*BY*MERCY EAST*21*EAST00001",
    "PAD*1*SS",
    "LIN**N4*00001111222*LT*LOT-1",
    "UIT*EA*80*SC",
    "UIT*EA*100*WH",
    "QTY*32*3*EA",
    "AMT*1*60*C",
    "REF*DI*D-1",
    "DTM*003*20260401",
    "PAD*2*BN",
    "LIN**N4*00001111333",
    "AMT*1*20*D",
    "CON*CT*CT-2*VA",
    "N1*ST*MERCY WEST*21*WEST00001",
    "PAD*3*SS",
    "LIN**N4*00001111444",
    "AMT*1*5.50*C",
]


def test_a_chargeback():
    x12 = read_x12(interchange(("844", [*CHARGEBACK, "CTT*2", "AMT*1*45.50*C", "AMT*BT*1*C"])))
    (claim,) = x12.records["chargeback_claim"].rows(named=True)
    assert (claim["type_code"], claim["claim_date"]) == ("CB", date(2026, 4, 5))
    assert (claim["claim_number"], claim["memo_number"]) == ("CLAIM-1", "MEMO-1")
    assert (claim["manufacturer_id"], claim["distributor_id"]) == ("RA0000001", "RD0000001")
    assert (claim["line_count"], claim["line_total_count"]) == (3, 2)  # CTT01: contracts

    lines = x12.records["chargeback_line"]
    assert lines["assigned_id"].to_list() == ["1", "2", "3"]
    assert lines["contract_number"].to_list() == ["CT-1", "CT-1", "CT-2"]
    assert lines["customer_id"].to_list() == ["EAST00001", "EAST00001", "WEST00001"]
    assert lines["ndc"].to_list() == ["00001111222", "00001111333", "00001111444"]
    assert lines["memo_number"].to_list() == ["MEMO-1"] * 3
    first = lines.row(0, named=True)
    assert (first["contract_price"], first["acquisition_price"]) == (80, 100)
    assert (first["qty_code"], first["qty"], first["uom"]) == ("32", 3, "EA")
    assert (first["lot"], first["invoice_number"]) == ("LOT-1", "D-1")
    assert first["invoice_date"] == date(2026, 4, 1)
    amounts = x12.records["chargeback_amount"]
    assert amounts.select("line_no", "amount_code", "amount", "credit_debit_code").rows() == [
        (1, "1", 60, "C"),
        (2, "1", 20, "D"),
        (3, "1", Decimal("5.50"), "C"),
        (None, "1", Decimal("45.50"), "C"),
        (None, "BT", 1, "C"),
    ]
    # 60 - 20 + 5.50; no product has an amount BT.
    assert controls(x12, "AMT*1") == [(Decimal("45.50"), Decimal("45.50"), True)]
    assert controls(x12, "AMT*BT") == []


def test_the_answer_to_a_chargeback():
    answer = [
        "BRC*00*20260410*CL*CLAIM-1",
        "N1*SU*ACME DEVICES*11*RA0000001",
        "CON*CT*CT-1*VA",
        "PAD*1**AC",
        "LIN**N4*00001111222",
        "AMT*1*60*C",
        "CON*CT*CT-9*EX",
        "AAA*N**78*C",
        "PAD*2",
        "LIN**N4*00001111333",
        "PAD*3",
        "AAA*Y",
        "CTT*3",
        "AMT*1*61*C",
    ]
    x12 = read_x12(interchange(("849", answer)))
    (response,) = x12.records["chargeback_response"].rows(named=True)
    assert (response["response_date"], response["claim_number"]) == (date(2026, 4, 10), "CLAIM-1")
    assert response["line_total_count"] == 3  # CTT01: products
    lines = x12.records["chargeback_response_line"]
    assert lines["contract_status_code"].to_list() == ["VA", "EX", "EX"]
    assert lines["response_code"].to_list() == ["AC", None, None]
    assert lines["valid_code"].to_list() == [None, "N", "Y"]  # a contract's holds for its products
    assert lines["reject_reason_code"].to_list() == [None, "78", "78"]
    assert controls(x12, "AMT*1") == [(61, 60, False)]


def test_contract_prices_and_who_may_buy_at_them():
    authorization = [
        "BPA*00*20260401*ZZ*AUTH-1",
        "N1*MF*ACME DEVICES*UL*0849233000001",
        "CON*CT*CT-1*OC",
        "REF*BC*GPO-1",
        "DTM*092*20260401",
        "DTM*093*20270331",
        "N1*EB*MERCY EAST*91*EAST1",
        "N4*CHICAGO*IL*60601",
        "REF*TD*A",
        "DTM*129*20260501",
        "DTM*130*20270331",
        "N1*EB*MERCY WEST*91*WEST1",
        "PAD*1**A",
        "PID*F****DRAPE",
        "DTM*131*20260401",
        "DTM*132*20270331",
        "LIN*1*MG*1000",
        "CTP*DI*CON*12.50",
        "CTP*DI*CON*11*10*CA",
        "DTM*131*20260701",
        "N1*EB*MERCY WEST*91*WEST1",
        "PAD*2**C",
        "LIN*2*VC*2000*UK*50387698433528",
        "UIT*BX*7.25*CT",
        "CTT*2",
    ]
    x12 = read_x12(interchange(("845", authorization)))
    (head,) = x12.records["price_authorization"].rows(named=True)
    assert (head["authorization_number"], head["manufacturer_id"]) == ("AUTH-1", "0849233000001")
    assert head["authorization_date"] == date(2026, 4, 1)
    assert (head["contract_count"], head["line_count"]) == (1, 2)

    (contract,) = x12.records["price_authorization_contract"].rows(named=True)
    assert (contract["contract_number"], contract["contract_status_code"]) == ("CT-1", "OC")
    assert contract["buyer_contract_number"] == "GPO-1"
    assert (contract["start_date"], contract["end_date"]) == (date(2026, 4, 1), date(2027, 3, 31))

    parties = x12.records["price_authorization_party"]
    assert parties["contract_number"].unique().to_list() == ["CT-1"]
    assert parties["party_id"].to_list() == ["EAST1", "WEST1", "WEST1"]
    assert parties["line_no"].to_list() == [None, None, 1]
    assert parties["change_code"].to_list() == ["A", None, None]
    assert parties["start_date"].to_list() == [date(2026, 5, 1), None, None]

    first, second = x12.records["price_authorization_line"].rows(named=True)
    assert (first["assigned_id"], first["change_code"]) == ("1", "A")
    assert (first["manufacturer_part_no"], first["price"]) == ("1000", Decimal("12.50"))
    assert (first["start_date"], first["end_date"]) == (date(2026, 4, 1), date(2027, 3, 31))
    assert (second["vendor_catalog_no"], second["gtin"]) == ("2000", "50387698433528")
    assert (second["price"], second["uom"]) == (Decimal("7.25"), "BX")
    assert second["price_basis"] == "CT"
    assert second["start_date"] is None

    prices = x12.records["price_authorization_price"]
    assert prices.select("line_no", "price_no", "class_code", "price_code").rows() == [
        (1, 1, "DI", "CON"),
        (1, 2, "DI", "CON"),
    ]
    assert prices.select("price", "qty", "uom").rows() == [
        (Decimal("12.50"), None, None),
        (11, 10, "CA"),
    ]
    # The second price has a beginning of its own, and ends with the product's.
    assert prices["start_date"].to_list() == [date(2026, 4, 1), date(2026, 7, 1)]
    assert prices["end_date"].to_list() == [date(2027, 3, 31)] * 2
