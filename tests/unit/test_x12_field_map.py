"""Elements of the field map that no other document of the tests fills, each in its column."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import interchange

from recon.parse.x12 import read_x12

SHIPPED = [
    "BSN*00*S1*20260301*1200*0001",
    "DTM*035*20260303*1200",
    "HL*1**S",
    "DTM*035*20260304",
    "N1*SF*DEPOT*92*D9",
    "HL*2*1*O",
    "PRF*PO1***20260201**K9",
    "HL*3*2*P",
    "MAN*CA*C-7**CP*1Z9",
    "HL*4*3*I",
    "LIN*1*VC*A1",
    "SN1*1*5*BX*20*6*CA**AC",
]
BILLED = [
    "BIG*20260401*INV1*20260301*PO1",
    "N1*RE*LOCKBOX*1*999999999",
    "N1*RI*REMIT*9*1234567890001",
    "IT1*1*2*EA*10**VC*A1",
    "SAC*C*D240*AB*X*1250*Z*5.5*2.5*EA*10*20",
    "TDS*3250",
]
ANSWERED = [
    "BAK*00*AC*PO1*20260301",
    "PO1*1*10*EA*2**VC*A1",
    "ACK*IA*10*EA*068*20260310**IN*B1*MG*M1*N4*00001111222*HI*H1",
]
RESOLD = [
    "BPT*00*R1*20260402*SS",
    "PTD*SD***VC*K1*DM",
    "N1*ST*H*21*HIN1",
    "QTY*39*2*EA",
    "LIN**MG*1",
    "UIT*EA*5*CT",
    "UIT*BX*50*CA",
    "DTM*011*20260315",
]


@pytest.mark.parametrize(
    ("code", "body", "record", "wanted"),
    [
        pytest.param(
            "856", SHIPPED, "ship_notice", {"delivered_date": date(2026, 3, 3)}, id="856-delivered"
        ),
        pytest.param(
            "856",
            SHIPPED,
            "shipment",
            {"delivered_date": date(2026, 3, 4), "ship_from_name": "DEPOT", "ship_from_id": "D9"},
            id="856-shipment",
        ),
        pytest.param(
            "856",
            SHIPPED,
            "shipment_pack",
            {"case_number": "C-7", "carrier_package_id": "1Z9", "sscc": None},
            id="856-marks",
        ),
        pytest.param(
            "856",
            SHIPPED,
            "shipment_item",
            {"qty": 5, "uom": "BX", "shipped_to_date_qty": 20, "ordered_qty": 6,
             "ordered_uom": "CA", "status_code": "AC"},
            id="856-quantities",
        ),
        pytest.param(
            "810",
            BILLED,
            "invoice",
            {"remit_to_name": "REMIT", "remit_to_qualifier": "9", "remit_to_id": "1234567890001"},
            id="810-remit-to",
        ),
        pytest.param(
            "810",
            BILLED,
            "invoice_charge",
            {"code": "D240", "amount": Decimal("12.5"), "pct_basis_code": "Z",
             "pct": Decimal("5.5"), "rate": Decimal("2.5"), "rate_uom": "EA", "rate_qty": 10,
             "rate_qty_to": 20},
            id="810-charge",
        ),
        pytest.param(
            "855",
            ANSWERED,
            "order_ack_status",
            {"date_qualifier": "068", "date": date(2026, 3, 10),
             "acknowledged_vendor_catalog_no": None, "acknowledged_buyer_item_no": "B1",
             "acknowledged_manufacturer_part_no": "M1", "acknowledged_ndc": "00001111222",
             "acknowledged_hibcc": "H1"},
            id="855-substitute",
        ),
        pytest.param(
            "867",
            RESOLD,
            "rebate_line",
            {"end_customer_qualifier": "21", "contract_price_uom": "EA",
             "acquisition_price_uom": "BX", "shipped_date": date(2026, 3, 15)},
            id="867-units",
        ),
    ],
)  # fmt: skip
def test_what_stands_in_an_element_is_in_the_column_that_names_it(code, body, record, wanted):
    x12 = read_x12(interchange((code, body)))
    assert x12.defects.rows() == []
    (row,) = x12.records[record].rows(named=True)
    assert {name: row[name] for name in wanted} == wanted
