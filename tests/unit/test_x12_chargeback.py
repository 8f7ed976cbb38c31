"""844, 849 and 845: chargebacks, their answers, contract prices."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12

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
    assert lines["reject_reason_code"].to_list() == [None, "78", None]  # what is valid has none
    assert lines["follow_up_code"].to_list() == [None, "C", None]
    assert controls(x12, "AMT*1") == [(61, 60, False)]


def test_a_reason_is_that_of_the_verdict_and_of_no_other():
    answer = [
        *("BRC*00*20260410*CL*CLAIM-1", "AAA*N**42*R"),
        *("CON*CT*CT-1", "PAD*1", "LIN**VC*A1", "PAD*2", "LIN**VC*B1", "AAA*Y"),
        *("PAD*3", "LIN**VC*C1", "AAA*N**15", "CON*CT*CT-2", "AAA*Y", "PAD*4", "LIN**VC*D1"),
    ]
    found = read_x12(interchange(("849", answer))).records
    assert found["chargeback_response"].select("valid_code", "reject_reason_code").rows() == [
        ("N", "42")
    ]
    lines = found["chargeback_response_line"]
    wanted = ["valid_code", "reject_reason_code", "follow_up_code"]
    assert lines.select(wanted).rows() == [
        ("N", "42", None),  # of the whole answer
        ("Y", None, None),
        ("N", "15", None),
        ("Y", None, None),  # of its contract
    ]


def test_no_line_takes_the_heading_s_reason_where_all_have_a_verdict():
    answer = [
        *("BRC*00*20260410*CL*CLAIM-1", "AAA*N**42*R", "CON*CT*CT-1"),
        *("PAD*1", "AAA*Y", "LIN**VC*A1", "PAD*2", "AAA*Y", "LIN**VC*B1"),
    ]
    lines = read_x12(interchange(("849", answer))).records["chargeback_response_line"]
    wanted = ["valid_code", "reject_reason_code"]
    assert lines.select(wanted).rows() == [("Y", None), ("Y", None)]


@pytest.mark.parametrize(
    ("contract", "first"),
    [
        pytest.param(["N1*ST*OWN*91*8"], ("ST", "OWN", "91", "8"), id="of-its-contract"),
        pytest.param(["N1*ST*OWN"], ("ST", "OWN", None, None), id="of-which-no-number-is-sent"),
        pytest.param([], ("BY", "HEAD", "92", "7"), id="of-the-heading"),
    ],
)
def test_the_customer_of_a_chargeback_is_that_of_the_contract_or_of_the_whole(contract, first):
    claim = [
        *("BAA*00*CB*20260301*CL*C1", "N1*BY*HEAD*92*7"),
        *("CON*CT*K1", *contract, "PAD*1*SS", "LIN**VC*A1"),
        *("CON*CT*K2", "PAD*2*SS", "LIN**VC*B1"),
    ]
    found = read_x12(interchange(("844", claim))).records
    wanted = ["customer_code", "customer_name", "customer_qualifier", "customer_id"]
    heading = ("BY", "HEAD", "92", "7")
    assert found["chargeback_claim"].select(wanted).rows() == [heading]
    assert found["chargeback_line"].select(wanted).rows() == [first, heading]


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


def test_a_price_is_in_force_for_a_period_of_its_own_or_of_its_product():
    authorization = [
        *("BPA*00*20260401*ZZ*AUTH-1", "CON*CT*CT-1*OC", "PAD*1"),
        *("DTM*131****RD8*20260401-20261231", "LIN**MG*1", "CTP**CON*1", "CTP**C01*2"),
        "DTM*131****RD8*20260501-20260630",
    ]
    found = read_x12(interchange(("845", authorization))).records["price_authorization_price"]
    assert found.select("price_code", "start_date", "end_date").rows() == [
        ("CON", date(2026, 4, 1), date(2026, 12, 31)),
        ("C01", date(2026, 5, 1), date(2026, 6, 30)),
    ]


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        pytest.param(
            ["DTM*092****D8*20260401", "DTM*093****DT*202703311200"],
            (date(2026, 4, 1), date(2027, 3, 31)),
            id="two-days",
        ),
        pytest.param(
            ["DTM*092****RD8*20260401-20270331"],
            (date(2026, 4, 1), date(2027, 3, 31)),
            id="a-range",
        ),
        pytest.param(["DTM*092****D8*20260401"], (date(2026, 4, 1), None), id="no-end"),
    ],
)
def test_a_beginning_with_its_format_is_no_end(dates, period):
    authorization = ["BPA*00*20260401*ZZ*AUTH-1", "CON*CT*CT-1*OC", *dates]
    found = read_x12(interchange(("845", authorization)))
    assert found.defects.rows() == []
    contract = found.records["price_authorization_contract"]
    assert contract.select("start_date", "end_date").rows() == [period]
