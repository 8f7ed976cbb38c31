"""846, 852 and 861: what is held, what was sold, and what was received."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12


def test_an_inventory_advice_with_every_quantity_of_an_item():
    advice = [
        "BIA*00*DD*INV-1*20260331**11",
        "CUR*BY*USD",
        "DTM*007*20260331*2300",
        "N1*ST*MERCY EAST*92*EAST1",
        "N1*SE*ACME DEVICES*92*ACME",
        "LIN*1*BP*55*MG*1000*LT*LOT-1",
        "CTP**ACT*2.6",
        "DTM*036*20270101",
        "QTY*17*1998.61*BX",
        "UIT*EA*12.5",
        "DTM*405*20260330",
        "QTY*QH*100",
        "UIT*EA",
        "LIN**VN*2000",
        "UIT*CA*30*CT",
        "N1*WH*WEST STORE*92*WEST1",
        "CTT*2",
    ]
    x12 = read_x12(interchange(("846", advice)))
    (head,) = x12.records["inventory_advice"].rows(named=True)
    assert (head["report_type_code"], head["advice_number"]) == ("DD", "INV-1")
    assert (head["advice_date"], head["action_code"]) == (date(2026, 3, 31), "11")
    assert (head["effective_date"], head["currency"]) == (date(2026, 3, 31), "USD")
    assert (head["location_id"], head["seller_id"]) == ("EAST1", "ACME")
    assert (head["line_count"], head["line_total_count"]) == (2, 2)

    first, second = x12.records["inventory_line"].rows(named=True)
    assert (first["line_no"], first["assigned_id"]) == (1, "1")
    assert (first["buyer_item_no"], first["manufacturer_part_no"]) == ("55", "1000")
    assert (first["lot"], first["expiry_date"]) == ("LOT-1", date(2027, 1, 1))
    assert (first["price_code"], first["price"]) == ("ACT", Decimal("2.6"))
    assert (first["uom"], first["location_id"]) == (None, "EAST1")  # UIT is the quantity's
    assert (second["price"], second["uom"], second["price_basis"]) == (30, "CA", "CT")
    assert (second["advice_number"], second["location_id"]) == ("INV-1", "WEST1")

    quantities = x12.records["inventory_quantity"]
    assert quantities.select(
        "line_no", "quantity_no", "qty_code", "qty", "uom", "price"
    ).rows() == [
        (1, 1, "17", Decimal("1998.61"), "BX", Decimal("12.5")),
        (1, 2, "QH", 100, "EA", None),
    ]
    assert quantities["manufacturer_part_no"].to_list() == ["1000", "1000"]
    assert quantities["lot"].to_list() == ["LOT-1", "LOT-1"]
    assert quantities.select("date_code", "date").rows() == [
        ("405", date(2026, 3, 30)),
        (None, None),
    ]


def test_a_location_behind_the_quantities_is_the_item_s():
    """In X12 the N1 of an item follows its QTY: it was lost as if it were of the last quantity."""
    advice = [
        *("BIA*00*DD*INV-1*20260331", "N1*ST*EAST*92*E1"),
        *("LIN**VC*A1", "QTY*17*5*EA", "DTM*405*20260330", "N1*WH*STORE*92*W1", "REF*11*9"),
        *("LIN**VC*B1", "QTY*17*1*EA", "QTY*QH*2*EA", "UIT*EA*3", "N1*WH*OTHER*92*W2"),
        *("LIN**VC*C1", "QTY*17*1*EA"),
    ]
    records = read_x12(interchange(("846", advice))).records
    assert records["inventory_line"]["location_id"].to_list() == ["W1", "W2", "E1"]
    assert records["inventory_quantity"].select("line_no", "qty", "price").rows() == [
        (1, 5, None),
        (2, 1, None),
        (2, 2, 3),
        (3, 1, None),
    ]


def test_a_lot_under_a_quantity_is_that_quantity_s():
    """The standard has REF there, between LS and LE; the lot was read from the item alone."""
    advice = [
        *("BIA*00*DD*INV-1*20260331", "LIN**VC*A1*LT*L0", "QTY*17*5*EA", "LS*1", "REF*LT*L1"),
        *("DTM*036*20270101", "LE*1", "QTY*17*9*EA", "LS*1", "REF*LT*L2", "LE*1", "QTY*QH*1*EA"),
    ]
    records = read_x12(interchange(("846", advice))).records
    assert records["inventory_quantity"].select("qty", "lot", "date_code").rows() == [
        (5, "L1", "036"),
        (9, "L2", None),
        (1, "L0", None),
    ]


@pytest.mark.parametrize(
    ("item", "refused"),
    [
        pytest.param("REF*LT*L1/QTY*17*5/REF*LT*L2/QTY*17*9", [8], id="each-before-its-own"),
        pytest.param("QTY*17*5/REF*LT*L1/QTY*17*9/REF*LT*L2", [], id="each-behind-its-own"),
        pytest.param("REF*LT*L0/QTY*17*5/REF*LT*L1/QTY*17*9/REF*LT*L2", [], id="one-of-the-item"),
        pytest.param("REF*LT*L1/QTY*17*5", [], id="of-the-item"),
        pytest.param(
            "REF*LT*L0/QTY*17*5/LS*1/REF*LT*L1/LE*1/QTY*17*9", [], id="within-its-own-marks"
        ),
    ],
)
def test_lots_in_front_of_their_quantities_are_refused(item, refused):
    """Five of lot L1 and nine of lot L2 were read as five of L2 and nine of L1."""
    body = ["BIA*00*DD*INV-1*20260331", "LIN**VC*A1", *item.split("/"), "LIN**VC*B1", "QTY*17*1"]
    x12 = read_x12(interchange(("846", body)))
    assert x12.transactions["accepted"].to_list() == [not refused]
    assert x12.defects["code"].to_list() == ["misplaced"] * bool(refused)
    assert x12.defects["segment_no"].to_list() == refused


@pytest.mark.parametrize(
    ("item", "second"),
    [
        pytest.param(["QTY*17*5", "N1*WH*A*92*W1", "QTY*17*9", "N1*WH*B*92*W2"], 10, id="behind"),
        pytest.param(["N1*WH*A*92*W1", "QTY*17*5", "N1*ST*B*92*W2", "QTY*17*9"], 9, id="before"),
    ],
)
def test_an_item_at_two_locations_is_refused_for_nothing_says_which_quantity_is_where(item, second):
    """Both quantities were taken for those of the first location."""
    advice = ["BIA*00*DD*INV-1*20260331", "N1*SE*ACME*92*A", "LIN**VC*A1", *item, "CTT*1"]
    maker = [*advice[:3], "N1*MF*MAKER*92*M", "QTY*17*5", "N1*WH*A*92*W1", "CTT*1"]
    x12 = read_x12(interchange(("846", advice), ("846", maker)))
    assert x12.transactions["accepted"].to_list() == [False, True]
    errors = x12.defects.filter(x12.defects["severity"] == "error")
    assert errors.select("code", "segment_no", "tag", "message").rows() == [
        (
            "loop_repeats",
            second,
            "N1",
            "at most 1 of N1 (ST or WH or LW or RL in N101) may stand here, and this is number 2",
        )
    ]


def test_activity_of_items_divided_among_locations():
    activity = [
        "XQ*G*20260301*20260331*REPORT-1",
        "N1*RL*MERCY EAST*92*EAST1",
        "N1*VN*ACME DEVICES*92*ACME",
        "LIN*1*VC*P-8*UP*012345678905",
        "CTP**DIS*5.33******PE",
        "QTY*17*1000*EA",
        "ZA*QA*900*EA*164*20260401*ACC*P",
        "QTY*OC*5",
        "SDQ*EA*92*EAST1*500*EAST2*400",
        "ZA*QS*80.5*EA",
        "LIN*2*VC*R-1",
        "ZA*QS*7*EA",
        "SDQ*EA*92*EAST2*7",
        "CTT*2",
    ]
    x12 = read_x12(interchange(("852", activity)))
    (report,) = x12.records["activity_report"].rows(named=True)
    assert (report["handling_code"], report["report_number"]) == ("G", "REPORT-1")
    assert (report["period_start"], report["period_end"]) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (report["vendor_name"], report["vendor_id"]) == ("ACME DEVICES", "ACME")
    assert (report["line_count"], report["line_total_count"]) == (2, 2)

    first, second = x12.records["activity_line"].rows(named=True)
    assert (first["vendor_catalog_no"], first["gtin"]) == ("P-8", "012345678905")
    assert (first["price_code"], first["price"]) == ("DIS", Decimal("5.33"))
    assert first["price_basis"] == "PE"
    assert (first["qty_code"], first["qty"], first["uom"]) == ("17", 1000, "EA")
    assert (first["location_name"], first["location_id"]) == ("MERCY EAST", "EAST1")
    assert (second["period_end"], second["qty"]) == (date(2026, 3, 31), None)

    activities = x12.records["activity"]
    assert activities.select("line_no", "activity_no", "activity_code", "qty", "uom").rows() == [
        (1, 1, "QA", 900, "EA"),
        (1, 2, "QS", Decimal("80.5"), "EA"),
        (2, 1, "QS", 7, "EA"),
    ]
    assert activities["vendor_catalog_no"].to_list() == ["P-8", "P-8", "R-1"]
    stocked = activities.row(0, named=True)
    assert (stocked["date_code"], stocked["date"]) == ("164", date(2026, 4, 1))
    assert (stocked["reference_qualifier"], stocked["reference_number"]) == ("ACC", "P")
    assert (stocked["detail_code"], stocked["detail_qty"]) == ("OC", 5)

    divided = x12.records["activity_location"]
    assert divided.select("line_no", "activity_code", "location_id", "qty", "uom").rows() == [
        (1, "QA", "EAST1", 500, "EA"),
        (1, "QA", "EAST2", 400, "EA"),
        (2, "QS", "EAST2", 7, "EA"),
    ]


def test_a_location_holds_for_the_items_after_it():
    activity = [
        "XQ*G*260331",
        "LIN**VP*A",
        "ZA*QA*1*EA",
        "N1*RL**92*EAST1",
        "LIN**VP*B",
        "ZA*QA*2*EA",
        "N1*RL**92*WEST1",
        "LIN**VP*C",
        "ZA*QP*3*EA",
    ]
    x12 = read_x12(interchange(("852", activity)))
    assert x12.records["activity_report"]["period_end"].to_list() == [date(2026, 3, 31)]
    assert x12.records["activity_line"]["location_id"].to_list() == [None, "EAST1", "WEST1"]
    assert x12.records["activity"]["location_id"].to_list() == [None, "EAST1", "WEST1"]


RECEIVED = [
    "BRA*RA-1*20260402*00*1*1200**AC",
    "REF*PK*SLIP-1",
    "REF*SI*SHIP-1",
    "DTM*050*20260401",
    "PRF*PO-1",
    "N1*ST*MERCY EAST*92*EAST1",
    "N1*SU*ACME DEVICES*92*ACME",
    "RCD*10*8*CA*1*CA*2*CA*01*1*CA*03",
    "SN1**11*CA",
    "LIN**VC*2000*UK*50387698433528*LT*LOT-1",
    "REF*LI*20",
    "DTM*036*20270101",
    "RCD**2.5*BX",
    "LIN**VN*3000*PO*PO-2",
    "REF*PK*SLIP-2",
    "DTM*050*20260402",
]


def test_a_receiving_advice():
    x12 = read_x12(interchange(("861", [*RECEIVED, "CTT*2*10.5"])))
    (advice,) = x12.records["receiving_advice"].rows(named=True)
    assert (advice["advice_number"], advice["advice_date"]) == ("RA-1", date(2026, 4, 2))
    assert (advice["purpose_code"], advice["type_code"]) == ("00", "1")
    assert (advice["condition_code"], advice["action_code"]) == (None, "AC")
    assert (advice["received_date"], advice["po_number"]) == (date(2026, 4, 1), "PO-1")
    assert (advice["packing_slip"], advice["shipment_number"]) == ("SLIP-1", "SHIP-1")
    assert (advice["ship_to_id"], advice["seller_id"]) == ("EAST1", "ACME")
    assert (advice["line_count"], advice["qty_total"]) == (2, Decimal("10.5"))

    first, second = x12.records["receiving_line"].rows(named=True)
    assert (first["assigned_id"], first["po_number"], first["po_line"]) == ("10", "PO-1", "20")
    assert (first["vendor_catalog_no"], first["gtin"]) == ("2000", "50387698433528")
    assert (first["lot"], first["expiry_date"]) == ("LOT-1", date(2027, 1, 1))
    assert (first["qty_received"], first["uom"]) == (8, "CA")
    assert (first["qty_returned"], first["returned_uom"]) == (1, "CA")
    assert (first["qty_shipped"], first["shipped_uom"]) == (11, "CA")
    # Of the whole advice, where the line says nothing else.
    assert (first["packing_slip"], first["received_date"]) == ("SLIP-1", date(2026, 4, 1))
    assert (second["packing_slip"], second["received_date"]) == ("SLIP-2", date(2026, 4, 2))
    assert (second["po_number"], second["qty_received"]) == ("PO-2", Decimal("2.5"))

    questioned = x12.records["receiving_condition"]
    assert questioned.select("advice_number", "line_no", "qty", "uom", "condition_code").rows() == [
        ("RA-1", 1, 2, "CA", "01"),
        ("RA-1", 1, 1, "CA", "03"),
    ]


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        pytest.param("CTT*2*10.5", [(Decimal("10.5"), Decimal("10.5"), True)], id="as-received"),
        pytest.param("CTT*2*11", [(11, Decimal("10.5"), False)], id="another-total"),
        pytest.param("CTT*2", [], id="no-total"),
    ],
)
def test_the_total_quantity_is_compared_with_what_was_received(summary, found):
    x12 = read_x12(interchange(("861", [*RECEIVED, summary])))
    assert controls(x12, "CTT02") == found


@pytest.mark.parametrize(
    ("code", "segments"),
    [
        pytest.param("846", ["BIA*00*DD*I*20260331", "LIN**MG*1", "QTY*17*1", "CTT*2"], id="846"),
        pytest.param("852", ["XQ*G*20260331", "LIN**MG*1", "ZA*QA*1*EA", "CTT*2"], id="852"),
        pytest.param("861", ["BRA*R*20260331*00*1", "RCD**1*EA", "CTT*2"], id="861"),
    ],
)
def test_a_set_whose_count_of_lines_is_wrong_is_refused(code, segments):
    right, wrong = [*segments[:-1], "CTT*1"], segments
    x12 = read_x12(interchange((code, right), (code, wrong)))
    assert x12.transactions["accepted"].to_list() == [True, False]
    assert x12.defects["code"].to_list() == ["CTT01"]
