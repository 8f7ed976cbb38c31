"""867: rebates claimed, and the prices they rest on."""

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


def test_an_invoice_named_for_a_transfer_is_that_of_its_lines_but_of_one_that_names_its_own():
    lines = [
        "BPT*00*R-9*20260402*SS",
        *("PTD*SS", "DTM*003*20260305", "REF*DI*D-1", "N1*ST*EAST*21*EAST00001"),
        *("QTY*32*1*BX", "LIN**MG*1"),
        *("QTY*32*1*BX", "LIN**MG*2", "REF*DI*D-2", "DTM*003*20260306"),
        *("PTD*SS", "QTY*32*1*BX", "LIN**MG*3"),
    ]
    found = read_x12(interchange(("867", lines))).records["rebate_line"]
    assert found.select("invoice_number", "invoice_date").rows() == [
        ("D-1", date(2026, 3, 5)),
        ("D-2", date(2026, 3, 6)),
        (None, None),
    ]


def test_every_price_of_a_line_is_a_row():
    """Of two prices under one code the second was lost, and of any code that no column names."""
    lines = [
        *("BPT*00*R-9*20260402*SS", "PTD*SS", "QTY*32*1*BX", "LIN**MG*1", "UIT*BX*5*CT"),
        *("UIT*BX*4*CT", "UIT*BX*9*LP", "CTP**NET*8*1*BX", "QTY*32*2*EA", "LIN**MG*2", "UIT*EA*3"),
    ]
    records = read_x12(interchange(("867", lines))).records
    wanted = ("line_no", "price_no", "manufacturer_part_no", "price", "uom", "price_basis")
    assert records["rebate_price"].select(wanted).rows() == [
        (1, 1, "1", 5, "BX", "CT"),
        (1, 2, "1", 4, "BX", "CT"),
        (1, 3, "1", 9, "BX", "LP"),
        (1, 4, "1", 8, "BX", "NET"),
        (2, 1, "2", 3, "EA", None),
    ]
    assert records["rebate_line"]["contract_price"].to_list() == [5, None]


MISPLACED = " is not read in this place: it belongs behind the QTY that begins its loop"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(
            ["PTD*SS", "LIN**MG*1", "QTY*32*1*BX", "UIT*BX*5*CA", "LIN**MG*2", "QTY*32*2*BX"],
            ("misplaced", 6, f"LIN{MISPLACED}"),
            id="product-before-quantity",
        ),
        pytest.param(
            ["PTD*SS", "UIT*BX*5*CA", "QTY*32*1*BX", "LIN**MG*1"],
            ("misplaced", 6, f"UIT{MISPLACED}"),
            id="price-before-quantity",
        ),
        pytest.param(
            ["PTD*SS", "QTY*32*1*BX", "LIN**MG*1", "UIT*BX*5*CA", "LIN**MG*2", "UIT*BX*9*CA"],
            ("loop_repeats", 9, "at most 1 of LIN may stand here, and this is number 2"),
            id="a-second-product",
        ),
    ],
)
def test_a_line_in_another_order_is_refused_and_told_how_it_belongs(lines, told):
    """Of a second product of one quantity nothing was read, and of a price before it."""
    x12 = read_x12(interchange(("867", ["BPT*00*R-8*20260402*SS", *lines])))
    assert x12.transactions["accepted"].to_list() == [False]
    assert x12.defects.select("code", "segment_no", "message").rows() == [told]


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
