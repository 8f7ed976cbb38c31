"""856: what a supplier ships, in which packs, for which orders."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12


def read(code, *body):
    """One transaction set, read; none of these has a defect but what is not read of a party."""
    x12 = read_x12(interchange((code, list(body))))
    assert set(x12.defects["code"]) <= {"not_read"}
    return x12


def given(record, *names):
    """The columns named, as tuples."""
    return record.select(names).rows()


SHIPPED = [
    "BSN*00*SHIP-1*20260304*1200*0001",
    "HL*1**S",
    "TD1*CTN25*3****G*21.5*LB",
    "TD5*B*2*FDEG*M*GROUND",
    "REF*2I*1Z999",
    "REF*BM*BOL-1",
    "REF*CN*PRO-1",
    "REF*SI*SID-1",
    "REF*PK*SLIP-1",
    "DTM*011*20260304",
    "DTM*017*20260306",
    "N1*ST*ST MERCY*92*7",
    "N1*SF*DEPOT*92*D1",
    "REF*BM*OF THE DEPOT",
    "HL*2*1*O",
    "PRF*PO-77*R2**20260301**CON9",
    "REF*IV*INV-1",
    "N1*BY*MERCY NETWORK*92*N1",
    "HL*3*2*P",
    "MAN*GM*00100000000000000017**CP*1Z1",
    "PO4*4*10*EA",
    "HL*4*3*I",
    "LIN*10*VC*A1*LT*LOT-1*UK*50387698433528",
    "SN1**2*BX*5*7*BX**IP",
    "DTM*036*20280131",
    "HL*5*3*I",
    "LIN**VC*B1*PL*20",
    "SN1*99*1*EA",
    "REF*LT*LOT-2",
    "DTM*208*20270630",
    "REF*SE*SERIAL-1",
    "DTM*094*20260101",
    "HL*6*1*O",
    "PRF*PO-78***20260302",
    "HL*7*6*P",
    "MAN*CP*1Z2**AA*100000000000000024",
    "HL*8*7*I",
    "LIN**VC*C1*B8*BATCH*SN*S9",
    "SN1**3*EA",
    "HL*9*6*I",
    "LIN**VC*D1",
    "SN1**4*EA",
    "CTT*9",
]


def test_a_shipment_its_orders_packs_and_items():
    records = read("856", *SHIPPED).records
    (notice,) = records["ship_notice"].rows(named=True)
    assert (notice["shipment_id"], notice["notice_date"]) == ("SHIP-1", date(2026, 3, 4))
    assert (notice["structure_code"], notice["item_count"]) == ("0001", 4)

    (shipment,) = records["shipment"].rows(named=True)
    assert (shipment["shipment_id"], shipment["purpose_code"]) == ("SHIP-1", "00")
    assert (shipment["carrier_scac"], shipment["routing"]) == ("FDEG", "GROUND")
    assert (shipment["tracking_number"], shipment["carrier_reference"]) == ("1Z999", "PRO-1")
    assert (shipment["bill_of_lading"], shipment["shipper_number"]) == ("BOL-1", "SID-1")
    assert shipment["packing_slip"] == "SLIP-1"
    assert (shipment["packaging_code"], shipment["package_count"]) == ("CTN25", 3)
    assert (shipment["weight"], shipment["weight_uom"]) == (Decimal("21.5"), "LB")
    assert shipment["ship_date"] == date(2026, 3, 4)
    assert shipment["estimated_delivery_date"] == date(2026, 3, 6)
    assert (shipment["ship_to_id"], shipment["ship_from_id"]) == ("7", "D1")

    orders = records["shipment_order"]
    wanted = ["hl_no", "parent_hl_no", "po_number", "release_number", "po_date", "contract_number"]
    assert given(orders, *wanted) == [
        ("2", "1", "PO-77", "R2", date(2026, 3, 1), "CON9"),
        ("6", "1", "PO-78", None, date(2026, 3, 2), None),
    ]
    assert given(orders, "shipment_id", "invoice_number", "buyer_id", "ship_to_id") == [
        ("SHIP-1", "INV-1", "N1", "7"),
        ("SHIP-1", None, None, "7"),
    ]

    packs = records["shipment_pack"]
    assert given(packs, "hl_no", "level_code", "po_number", "sscc", "carrier_package_id") == [
        ("3", "P", "PO-77", "00100000000000000017", "1Z1"),
        ("7", "P", "PO-78", "100000000000000024", "1Z2"),
    ]
    assert given(packs, "pack_qty", "pack_size", "pack_size_uom")[0] == (
        Decimal(4),
        Decimal(10),
        "EA",
    )

    items = records["shipment_item"]
    assert given(items, "item_no", "po_number", "po_date", "sscc", "pack_hl_no") == [
        (1, "PO-77", date(2026, 3, 1), "00100000000000000017", "3"),
        (2, "PO-77", date(2026, 3, 1), "00100000000000000017", "3"),
        (3, "PO-78", date(2026, 3, 2), "100000000000000024", "7"),
        (4, "PO-78", date(2026, 3, 2), None, None),
    ]
    assert given(items, "vendor_catalog_no", "gtin", "assigned_id", "po_line") == [
        ("A1", "50387698433528", "10", "10"),
        ("B1", None, "99", "20"),
        ("C1", None, None, None),
        ("D1", None, None, None),
    ]
    assert given(items, "qty", "uom", "shipped_to_date_qty", "ordered_qty", "status_code") == [
        (Decimal(2), "BX", Decimal(5), Decimal(7), "IP"),
        (Decimal(1), "EA", None, None, None),
        (Decimal(3), "EA", None, None, None),
        (Decimal(4), "EA", None, None, None),
    ]
    assert given(items, "lot", "serial", "expiry_date", "manufacture_date") == [
        ("LOT-1", None, date(2028, 1, 31), None),
        ("LOT-2", "SERIAL-1", date(2027, 6, 30), date(2026, 1, 1)),
        ("BATCH", "S9", None, None),
        (None, None, None, None),
    ]
    assert items["ship_date"].to_list() == [date(2026, 3, 4)] * 4


def test_every_lot_and_serial_of_an_item_is_a_row():
    records = read(
        "856",
        "BSN*00*SHIP-1*20260304*1200",
        "HL*1**S",
        "HL*2*1*O",
        "PRF*PO-77",
        "HL*3*2*I",
        "LIN**VC*A1",
        "SN1**2*EA",
        "REF*LT*LOT-1",
        "REF*SE*S1",
        "REF*SE*S2",
        "DTM*036*20270131",
        "HL*4*2*I",
        "LIN**VC*B1",
        "SN1**2*EA",
        "REF*LT*LOT-2",
        "REF*PK*SLIP",
        "REF*LT*LOT-3",
    ).records
    assert given(records["shipment_lot"], "item_no", "lot", "serial", "expiry_date") == [
        (1, "LOT-1", None, date(2027, 1, 31)),
        (1, None, "S1", date(2027, 1, 31)),
        (1, None, "S2", date(2027, 1, 31)),
        (2, "LOT-2", None, None),
        (2, "LOT-3", None, None),
    ]
    assert given(records["shipment_item"], "lot", "serial", "expiry_date") == [
        ("LOT-1", "S1", date(2027, 1, 31)),
        ("LOT-2", None, None),
    ]


def test_what_is_said_of_an_order_a_pack_or_an_item_is_the_item_s():
    """Only the shipment's carrier, days and numbers were read, and a pack's or order's a few."""
    items = read(
        "856",
        *("BSN*00*SHIP-1*20260304*1200", "HL*1**S", "TD5*B*2*FDEG", "REF*CN*PRO-1"),
        *("DTM*011*20260304", "DTM*017*20260306"),
        *("HL*2*1*O", "PRF*PO-1", "TD5*B*2*UPSN", "REF*2I*1Z2", "REF*PK*SLIP-2"),
        *("DTM*011*20260305", "DTM*067*20260309"),
        *("HL*3*2*I", "LIN**VC*A1", "SN1**1*EA"),
        *("HL*4*2*I", "LIN**VC*B1", "SN1**2*EA", "TD5*B*2*FDXE", "REF*2I*1Z4", "REF*PK*SLIP-4"),
        *("DTM*011*20260306", "DTM*017*20260310"),
        *("HL*5*1*O", "PRF*PO-2", "HL*6*5*P", "TD5*B*2*ODFL", "REF*PK*SLIP-6"),
        *("DTM*011*20260307", "DTM*017*20260311", "HL*7*6*I", "LIN**VC*C1", "SN1**3*EA"),
        *("HL*8*5*I", "LIN**VC*D1", "SN1**4*EA", "MAN*CP*1Z8"),
    ).records["shipment_item"]
    wanted = ["carrier_scac", "tracking_number", "packing_slip"]
    assert given(items, *wanted, "ship_date", "estimated_delivery_date") == [
        ("UPSN", "1Z2", "SLIP-2", date(2026, 3, 5), date(2026, 3, 9)),
        ("FDXE", "1Z4", "SLIP-4", date(2026, 3, 6), date(2026, 3, 10)),
        ("ODFL", "PRO-1", "SLIP-6", date(2026, 3, 7), date(2026, 3, 11)),
        ("FDEG", "1Z8", None, date(2026, 3, 4), date(2026, 3, 6)),
    ]


def test_a_pallet_that_holds_packs_of_several_orders():
    """Packs may be around orders, and levels of other kinds between."""
    records = read(
        "856",
        "BSN*00*SHIP-1*20260304*1200",
        "HL*1**S",
        "HL*2*1*T",
        "MAN*GM*PALLET",
        "HL*3*2*O",
        "PRF*PO-1",
        "HL*4*3*K",
        "LIN**VC*KIT",
        "HL*5*4*I",
        "LIN**VC*A1",
        "HL*6*2*O",
        "PRF*PO-2",
        "HL*7*6*P",
        "MAN*GM*CARTON",
        "HL*8*7*I",
        "LIN**VC*B1",
        # The order of levels in the file says nothing.
        "HL*9*3*I",
        "LIN**VC*C1",
    ).records
    items = records["shipment_item"]
    assert given(items, "vendor_catalog_no", "po_number", "sscc") == [
        ("A1", "PO-1", "PALLET"),
        ("B1", "PO-2", "CARTON"),
        ("C1", "PO-1", "PALLET"),
    ]
    levels = records["shipment_hierarchy"]
    assert given(levels, "hl_no", "parent_hl_no", "level_code") == [
        ("1", None, "S"),
        ("2", "1", "T"),
        ("3", "2", "O"),
        ("4", "3", "K"),
        ("5", "4", "I"),
        ("6", "2", "O"),
        ("7", "6", "P"),
        ("8", "7", "I"),
        ("9", "3", "I"),
    ]


@pytest.mark.parametrize("none", ["", "0"])
def test_items_whose_parents_are_not_written_stand_in_the_order_before_them(none):
    records = read(
        "856",
        "BSN*00*SHIP-1*20260304*1200",
        f"HL*1*{none}*S",
        "DTM*011*20260304",
        f"HL*2*{none}*O",
        "PRF*PO-1",
        f"HL*3*{none}*I",
        "LIN**VC*A1",
        f"HL*4*{none}*I",
        "LIN**VC*B1",
        f"HL*5*{none}*O",
        "PRF*PO-2",
        f"HL*6*{none}*I",
        "LIN**VC*C1",
    ).records
    items = records["shipment_item"]
    assert given(items, "vendor_catalog_no", "po_number", "ship_date") == [
        ("A1", "PO-1", date(2026, 3, 4)),
        ("B1", "PO-1", date(2026, 3, 4)),
        ("C1", "PO-2", date(2026, 3, 4)),
    ]


@pytest.mark.parametrize(
    ("levels", "orders"),
    [
        pytest.param(["HL*1**S", "PRF*PO-1", "HL*2*1*I", "LIN**VC*A1"], ["PO-1"], id="shipment"),
        pytest.param(["HL*1**S", "HL*2*1*I", "LIN**VC*A1*PO*PO-1"], ["PO-1"], id="a-pair-of-LIN"),
        pytest.param(["HL*1**S", "HL*2*1*I", "LIN**VC*A1", "REF*PO*PO-1"], ["PO-1"], id="REF"),
        pytest.param(
            ["HL*1**S", "PRF*PO-9", "HL*2*1*P", "PRF*PO-1", "HL*3*2*I", "LIN**VC*A1"],
            ["PO-1"],
            id="pack-before-shipment",
        ),
        pytest.param(
            ["HL*1**S", "PRF*PO-9", "HL*2*1*O", "PRF*PO-1", "HL*3*2*I", "HL*4*1*I", "LIN**VC*B1"],
            ["PO-1", "PO-9"],
            id="order-before-shipment",
        ),
        pytest.param(
            ["HL*1**S", "HL*2*1*O", "PRF*PO-9", "HL*3*2*I", "LIN**PO*PO-8*VC*A1", "PRF*PO-1"],
            ["PO-1"],
            id="the-item-itself-first",
        ),
    ],
)
def test_an_item_without_a_level_of_its_order_takes_it_from_what_names_it(levels, orders):
    items = read("856", "BSN*00*SHIP-1*20260304*1200", *levels).records["shipment_item"]
    assert items["po_number"].to_list() == orders


@pytest.mark.parametrize("count", [pytest.param(4, id="levels"), pytest.param(2, id="items")])
def test_ctt_of_a_shipment_may_count_levels_or_items(count):
    x12 = read(
        "856",
        "BSN*00*SHIP-1*20260304*1200",
        "HL*1**S",
        "HL*2*1*O",
        "HL*3*2*I",
        "HL*4*2*I",
        f"CTT*{count}",
    )
    assert controls(x12, "CTT01") == [(count, count, True)]


def test_the_quantity_of_a_pack_stands_beside_those_of_its_items():
    """The total of what is in a pack refused the notice, and with it every item."""
    body = [
        *("BSN*00*S1*20260304*1200", "HL*1**S", "HL*2*1*P", "SN1**3*EA"),
        *("HL*3*2*I", "LIN**VC*A1", "SN1**2*EA", "HL*4*2*I", "LIN**VC*B1", "SN1**1*EA"),
    ]
    alone = ["HL*5*1*P", "LIN**VC*C1", "SN1**9*EA", "HL*6*5*I", "LIN**VC*C1"]
    x12 = read_x12(interchange(("856", body), ("856", [*body, *alone])))
    assert x12.transactions["accepted"].to_list() == [True, False]
    assert x12.records["shipment_item"].select("vendor_catalog_no", "qty").rows() == [
        ("A1", 2),
        ("B1", 1),
    ]
    told = x12.defects.select("code", "severity", "segment_no")
    assert told.rows() == [
        ("level_total", "info", 7),
        ("level_total", "info", 19),
        ("misplaced", "error", 28),
    ]
    assert x12.defects["message"][0] == (
        "SN1 is not read in this level: those of the levels in it, HL (I in HL03), are"
    )


def test_what_a_pack_or_a_component_says_of_its_item_is_told():
    """In some notices packs stand in their item (BSN05 0002): lots and counts of them were lost."""
    body = [
        *("BSN*00*S1*20260304*1200*0002", "HL*1**S", "HL*2*1*I", "LIN**VC*A1", "SN1**10*CA"),
        *("HL*3*2*P", "LIN**LT*LOT-1", "SN1**6*CA", "MAN*GM*00100000000000000017"),
        *("HL*4*2*P", "SN1**4*CA", "REF*LT*LOT-2", "N1*ST*DEPOT", "REF*SE*OF-THE-DEPOT"),
        *("HL*5*1*I", "LIN**VC*KIT", "SN1**1*EA", "REF*LT*LOT-3", "REF*SE*SERIAL-3"),
        *("HL*6*5*F", "LIN**VC*PART*SN*SERIAL-4"),
    ]
    x12 = read_x12(interchange(("856", body)))
    assert x12.transactions["accepted"].to_list() == [True]
    wanted = ["vendor_catalog_no", "qty", "lot", "serial"]
    assert x12.records["shipment_item"].select(wanted).rows() == [
        ("A1", 10, None, None),
        ("KIT", 1, "LOT-3", "SERIAL-3"),
    ]
    told = x12.defects.select("code", "severity", "segment_no", "tag")
    assert told.rows() == [
        ("level_part", "info", 10, "LIN"),
        ("level_part", "info", 11, "SN1"),
        ("level_part", "info", 14, "SN1"),
        ("level_part", "info", 15, "REF"),
        ("level_part", "info", 17, "REF"),
        ("level_part", "info", 24, "LIN"),
    ]
    assert x12.defects["message"][3] == (
        "REF (LT or SE) is not read in this level: that of the level around it, HL (I in HL03), is"
    )


def test_a_lot_that_a_pack_names_for_its_items_is_told():
    body = [
        *("BSN*00*S1*20260304*1200", "HL*1**S", "HL*2*1*P", "REF*LT*LOT-1", "REF*2I*1Z9"),
        *("HL*3*2*I", "LIN**VC*A1", "SN1**2*EA", "HL*4*1*P", "REF*LT*LOT-2"),
    ]
    x12 = read_x12(interchange(("856", body)))
    assert x12.records["shipment_item"]["lot"].to_list() == [None]
    told = x12.defects.select("code", "severity", "segment_no", "tag")
    assert told.rows() == [("level_total", "info", 7, "REF")]


@pytest.mark.parametrize(
    ("body", "at"),
    [
        pytest.param(["HL*1**S", "LIN**VC*A1", "SN1**1*EA"], 7, id="of-a-shipment"),
        pytest.param(["HL*1**S", "HL*2*1*P", "LIN**VC*A1", "SN1**1*EA"], 8, id="of-a-pack"),
        pytest.param(["LIN**VC*A1", "SN1**1*EA"], 6, id="of-no-level"),
    ],
)
def test_a_quantity_that_stands_in_no_item_is_not_lost_in_silence(body, at):
    x12 = read_x12(interchange(("856", ["BSN*00*S1*20260304*1200", *body])))
    assert x12.defects.select("code", "segment_no", "tag").rows() == [("misplaced", at, "SN1")]
    assert x12.defects["message"].to_list() == [
        "SN1 is not read in this place: it belongs behind the HL (I in HL03) that begins its loop"
    ]
    assert x12.transactions["accepted"].to_list() == [False]


def test_what_follows_the_sublines_of_an_item_is_the_item_s():
    notice = [
        *("BSN*00*S1*20260304*1200", "HL*1**S", "HL*2*1*O", "PRF*PO-1", "HL*3*2*I"),
        *("LIN*1*VC*KIT", "SN1**2*EA", "SLN*1**I*1*EA****VC*PART", "SLN*2**I*3*EA****VC*OTHER"),
        *(
            "PO4*6*10*EA",
            "REF*LT*LOT-1",
            "DTM*036*20270131",
            "HL*4*2*I",
            "LIN*2*VC*B1",
            "SN1**1*EA",
        ),
    ]
    found = read_x12(interchange(("856", notice))).records
    wanted = ["pack_qty", "pack_size", "lot", "expiry_date"]
    assert found["shipment_item"].select(wanted).rows() == [
        (6, 10, "LOT-1", date(2027, 1, 31)),
        (None, None, None, None),
    ]
    assert found["shipment_lot"].select("item_no", "lot").rows() == [(1, "LOT-1")]


def test_a_date_that_every_item_has_from_the_shipment_is_refused_once():
    items = [s for n in "23" for s in (f"HL*{n}*1*I", f"LIN*{n}*VC*A{n}", "SN1**1*EA")]
    notice = ["BSN*00*S1*20260304*1200", "HL*1**S", "DTM*011*4 MARCH", *items]
    x12 = read_x12(interchange(("856", notice)))
    assert x12.defects.select("code", "segment_no").rows() == [("type:ship_date", 6)]
