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
ORDERED = [
    "BEG*00*SA*PO1**20260301",
    "DTM*002*20260310",
    "DTM*010*20260305",
    "PO1*1*5*CA*10**VC*A1",
    "PO4*12*50*ML",
    "SCH*3*CA*SN*DOCK 1*002*20260312**017*20260313",
    "N1*ST*THEATRE STORE*92*D7",
]
CHANGED = [
    "BCH*04*SA*PO1***20260301",
    "FOB*PP",
    "DTM*002*20260310",
    "DTM*010*20260305",
    "N1*ST*ST MERCY*92*H1",
    "POC*1*QI*5**CA*10**VC*A1",
    "PO4*12*50*ML",
    "DTM*010*20260306",
    "SCH*5*CA***010*20260312",
    "N1*ST*THEATRE STORE*92*D7",
]
TRUCKED = [
    "BSN*00*S1*20260301*1200*0001",
    "HL*1**S",
    "TD3*TL*ABCD*T-123******SEAL9",
    "N1*ST*ST MERCY*92*H1",
    "HL*2*1*O",
    "HL*3*2*I",
    "LIN**VC*A1",
    "SN1**1*EA",
    "N1*ST*THEATRE STORE*92*D7",
]
DUE = [
    "BIG*20260401*INV1*20260301*PO1***DI*07",
    "N1*ST*ST MERCY*92*H1",
    "ITD*01*3*2*20260411**20260501**50",
    "IT1*1*70*LB*1.5**VC*A1",
    "IT3*2*CA",
    "N1*ST*THEATRE STORE*92*D7",
    "TDS*10500",
]
OFFERED = ["BCT*PC*CAT1", "LIN*1*VC*A1", "PO4*12*50*ML", "CTP**CON*14.8*1*PK"]
HELD = ["BIA*00*DD*ADV1*20260301", "LIN**VC*A1", "QTY*33*12*EA", "SDQ*EA*92*H1*7"]
SOLD = ["XQ*H*20260301*20260307", "LIN*1*VC*A1", "ZA*QS*5*EA", "CTP**UCP*12.29******RTL"]
UNPACKED = [
    "BRA*RA1*20260301*00*1",
    "RCD*1*2*EA",
    "LIN**VC*A1*SN*SERIAL1",
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
TRACED = [
    "BPT*00*R1*20260402*SS",
    "PTD*SS***CT*K1",
    "N1*ST*CLINIC*92*C1",
    "REF*DH*DEA1",
    "REF*HI*HIN1",
    "REF*CO*PO-7",
    "QTY*32*12*CA",
    "LIN*1*MG*1",
    "AMT*CC*614.38*C",
]


PARTS = ["SLN*1**I*2*EA*3.55*PE**VC*PART*LT*LOT1*SN*S1", "REF*CT*OF THE LINE"]
PART = {
    "assigned_id": "1",
    "relation_code": "I",
    "qty": 2,
    "uom": "EA",
    "price": Decimal("3.55"),
    "price_basis": "PE",
    "vendor_catalog_no": "PART",
    "lot": "LOT1",
    "serial": "S1",
}


@pytest.mark.parametrize(
    ("code", "body", "record"),
    [
        ("850", ["BEG*00*SA*PO1**20260301", "PO1*1*1*KT*9**VC*KIT", *PARTS], "purchase_order"),
        ("855", ["BAK*00*AC*PO1*20260301", "PO1*1*1*KT*9**VC*KIT", *PARTS], "order_ack"),
        ("860", ["BCH*04*SA*PO1***20260301", "POC*1*AI*1**KT", *PARTS], "order_change"),
        ("865", ["BCA*00*AC*PO1***20260301", "POC*1*AI*1**KT", *PARTS], "order_change_ack"),
        ("810", ["BIG*20260301*INV1", "IT1*1*1*KT*9**VC*KIT", *PARTS, "TDS*900"], "invoice"),
        ("856", ["BSN*00*S1*20260301*1200", "HL*1**I", "LIN**VC*KIT", "SN1**1*KT", *PARTS],
         "shipment"),
    ],
)  # fmt: skip
def test_what_a_kit_is_made_of_is_a_record(code, body, record):
    x12 = read_x12(interchange((code, body)))
    assert x12.defects["expected"].to_list() == ["REF (CT)"]  # no part has a contract
    (row,) = x12.records[f"{record}_subline"].rows(named=True)
    number = "item_no" if code == "856" else "line_no"
    assert (row[number], row["subline_no"]) == (1, 1)
    assert {name: row[name] for name in PART} == PART


@pytest.mark.parametrize(
    ("code", "body", "record", "wanted"),
    [
        pytest.param(
            "856", SHIPPED, "ship_notice", {"delivered_date": date(2026, 3, 3)}, id="856-delivered"
        ),
        pytest.param(
            "856", SHIPPED, "shipment",
            {"delivered_date": date(2026, 3, 4), "ship_from_name": "DEPOT", "ship_from_id": "D9"},
            id="856-shipment",
        ),
        pytest.param(
            "856", SHIPPED, "shipment_pack",
            {"case_number": "C-7", "carrier_package_id": "1Z9", "sscc": None},
            id="856-marks",
        ),
        pytest.param(
            "856", SHIPPED, "shipment_item",
            {"qty": 5, "uom": "BX", "shipped_to_date_qty": 20, "ordered_qty": 6,
             "ordered_uom": "CA", "status_code": "AC"},
            id="856-quantities",
        ),
        pytest.param(
            "810", BILLED, "invoice",
            {"remit_to_name": "REMIT", "remit_to_qualifier": "9", "remit_to_id": "1234567890001"},
            id="810-remit-to",
        ),
        pytest.param(
            "810", BILLED, "invoice_charge",
            {"code": "D240", "amount": Decimal("12.5"), "pct_basis_code": "Z",
             "pct": Decimal("5.5"), "rate": Decimal("2.5"), "rate_uom": "EA", "rate_qty": 10,
             "rate_qty_to": 20},
            id="810-charge",
        ),
        pytest.param(
            "850", ORDERED, "purchase_order",
            {"requested_date": date(2026, 3, 10), "requested_ship_date": date(2026, 3, 5)},
            id="850-requested",
        ),
        pytest.param(
            "850", ORDERED, "purchase_order_line",
            {"requested_date": date(2026, 3, 12), "requested_ship_date": date(2026, 3, 5),
             "pack_qty": 12, "pack_size": 50, "pack_size_uom": "ML", "ship_to_id": None,
             "line_ship_to_name": "THEATRE STORE", "line_ship_to_qualifier": "92",
             "line_ship_to_id": "D7"},
            id="850-line",
        ),
        pytest.param(
            "850", ORDERED, "purchase_order_schedule",
            {"po_number": "PO1", "line_no": 1, "qty": 3, "uom": "CA", "date_code": "002",
             "date": date(2026, 3, 12), "second_date_code": "017",
             "second_date": date(2026, 3, 13)},
            id="850-schedule",
        ),
        pytest.param(
            "860", CHANGED, "order_change",
            {"freight_payment_code": "PP", "requested_ship_date": date(2026, 3, 5)},
            id="860-requested",
        ),
        pytest.param(
            "860", CHANGED, "order_change_line",
            {"requested_date": date(2026, 3, 6), "requested_ship_date": date(2026, 3, 6),
             "pack_qty": 12, "ship_to_id": "H1", "line_ship_to_id": "D7"},
            id="860-line",
        ),
        pytest.param(
            "860", CHANGED, "order_change_schedule",
            {"line_no": 1, "qty": 5, "date_code": "010", "date": date(2026, 3, 12)},
            id="860-schedule",
        ),
        pytest.param(
            "856", TRUCKED, "shipment",
            {"equipment_code": "TL", "equipment_number": "T-123", "seal_number": "SEAL9"},
            id="856-equipment",
        ),
        pytest.param(
            "856", TRUCKED, "shipment_item", {"ship_to_id": "D7"}, id="856-item-ship-to"
        ),
        pytest.param(
            "810", DUE, "invoice",
            {"purpose_code": "07", "terms_discount_pct": 2,
             "terms_discount_date": date(2026, 4, 11), "terms_net_date": date(2026, 5, 1),
             "terms_discount_amount": Decimal("0.50")},
            id="810-terms",
        ),
        pytest.param(
            "810", DUE, "invoice_line",
            {"qty": 70, "uom": "LB", "shipped_qty": 2, "shipped_uom": "CA",
             "ship_to_qualifier": "92", "ship_to_id": "D7"},
            id="810-shipped",
        ),
        pytest.param(
            "832", OFFERED, "price_catalog_item",
            {"pack_qty": 12, "pack_size": 50, "pack_size_uom": "ML"},
            id="832-pack",
        ),
        pytest.param(
            "832", [*OFFERED, "PO4*6*20*ML"], "price_catalog_price",
            {"price": Decimal("14.8"), "pack_qty": 6, "pack_size": 20, "pack_size_uom": "ML"},
            id="832-pack-of-a-price",
        ),
        pytest.param(
            "846", HELD, "inventory_location",
            {"advice_number": "ADV1", "line_no": 1, "vendor_catalog_no": "A1", "qty_code": "33",
             "uom": "EA", "location_qualifier": "92", "location_id": "H1", "qty": 7},
            id="846-location",
        ),
        pytest.param(
            "852", SOLD, "activity",
            {"price_code": "UCP", "price": Decimal("12.29"), "price_basis": "RTL"},
            id="852-price",
        ),
        pytest.param("861", UNPACKED, "receiving_line", {"serial": "SERIAL1"}, id="861-serial"),
        pytest.param(
            "867", TRACED, "rebate_line",
            {"end_customer_id": "C1", "end_customer_hin": "HIN1", "end_customer_dea": "DEA1",
             "po_number": "PO-7", "claim_amount": Decimal("614.38"), "claim_per_unit": None,
             "claim_credit_debit_code": "C"},
            id="867-end-customer",
        ),
        pytest.param(
            "855", ANSWERED, "order_ack_status",
            {"date_qualifier": "068", "date": date(2026, 3, 10),
             "acknowledged_vendor_catalog_no": None, "acknowledged_buyer_item_no": "B1",
             "acknowledged_manufacturer_part_no": "M1", "acknowledged_ndc": "00001111222",
             "acknowledged_hibcc": "H1"},
            id="855-substitute",
        ),
        pytest.param(
            "867", RESOLD, "rebate_line",
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
