"""850, 855, 860 and 865: an order, what becomes of it, and what a supplier answers."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12


def read(code, *body):
    """One transaction set, read; none of these has a defect but what is not read of it."""
    x12 = read_x12(interchange((code, list(body))))
    assert set(x12.defects["code"]) <= {"not_read", "repeated"}
    return x12


def given(record, *names):
    """The columns named, as tuples."""
    return record.select(names).rows()


ACKNOWLEDGED = [
    "BAK*00*AC*PO-77*20260301*R2**CON9*SO-5*20260302",
    "CUR*SE*USD",
    "REF*CT*OTHER CONTRACT",
    "DTM*068*20260304",
    "DTM*017*20260306",
    "N1*ST*ST MERCY*UL*0012345678905",
    "REF*CT*OF THE PARTY",
    "N1*SE*MEDSUPPLY*1*123456789",
    "PO1*10*12*BX*4.1*PE*VC*A1*IN*55*UK*50387698433528",
    "PID*F****GLOVES",
    "ACK*IP*8*BX",
    "ACK*IB*4*BX*068*20260401",
    "DTM*067*20260403",
    "PO1*20*5*EA*7**VC*B1",
    "DTM*069*20260310",
    "ACK*IS*5*EA*069*20260312**VC*B1-NEW*UK*50387698433535",
    "N1*ST*DOCK*92*D1",
    "DTM*067*20260501",
    "PO1*30*1*EA*99**VC*C1",
    "ACK*IR*1*EA",
    "SLN*1**I*2*EA",
    "ACK*R2*2*EA",
    "PO1*40*3*EA*1**VC*D1",
    "CTT*4",
    "AMT*TT*186.2",
]


def test_an_acknowledgement_and_what_becomes_of_each_line():
    x12 = read("855", *ACKNOWLEDGED)
    (ack,) = x12.records["order_ack"].rows(named=True)
    assert (ack["purpose_code"], ack["ack_type_code"]) == ("00", "AC")
    assert (ack["po_number"], ack["order_date"]) == ("PO-77", date(2026, 3, 1))
    assert (ack["release_number"], ack["contract_number"]) == ("R2", "CON9")
    assert (ack["vendor_order_number"], ack["ack_date"]) == ("SO-5", date(2026, 3, 2))
    assert (ack["ship_to_id"], ack["seller_id"]) == ("0012345678905", "123456789")
    assert ack["promised_ship_date"] == date(2026, 3, 4)
    assert ack["promised_delivery_date"] == date(2026, 3, 6)
    assert (ack["line_count"], ack["status_count"]) == (4, 5)
    assert ack["total_amount"] == Decimal("186.2")

    lines = x12.records["order_ack_line"]
    assert given(lines, "line_no", "assigned_id", "qty", "uom", "price", "price_basis") == [
        (1, "10", Decimal(12), "BX", Decimal("4.1"), "PE"),
        (2, "20", Decimal(5), "EA", Decimal(7), None),
        (3, "30", Decimal(1), "EA", Decimal(99), None),
        (4, "40", Decimal(3), "EA", Decimal(1), None),
    ]
    assert given(lines, "vendor_catalog_no", "buyer_item_no", "gtin")[0] == (
        "A1",
        "55",
        "50387698433528",
    )
    assert lines["promised_delivery_date"].to_list() == [
        date(2026, 3, 6),  # the order's: the one after ACK is of that part
        date(2026, 3, 10),
        date(2026, 3, 6),
        date(2026, 3, 6),
    ]

    statuses = x12.records["order_ack_status"]
    assert given(statuses, "po_number", "line_no", "status_no", "status_code", "qty", "uom") == [
        ("PO-77", 1, 1, "IP", Decimal(8), "BX"),
        ("PO-77", 1, 2, "IB", Decimal(4), "BX"),
        ("PO-77", 2, 1, "IS", Decimal(5), "EA"),
        ("PO-77", 3, 1, "IR", Decimal(1), "EA"),
        ("PO-77", 3, 2, "R2", Decimal(2), "EA"),
    ]
    assert given(statuses, "assigned_id", "vendor_catalog_no", "price") == [
        ("10", "A1", Decimal("4.1")),
        ("10", "A1", Decimal("4.1")),
        ("20", "B1", Decimal(7)),
        ("30", "C1", Decimal(99)),
        ("30", "C1", Decimal(99)),
    ]
    assert statuses["subline_no"].to_list() == [None, None, None, None, 1]
    assert given(statuses, "promised_ship_date", "promised_delivery_date") == [
        (date(2026, 3, 4), date(2026, 3, 6)),
        (date(2026, 4, 1), date(2026, 4, 3)),
        (date(2026, 3, 4), date(2026, 3, 12)),
        (date(2026, 3, 4), date(2026, 3, 6)),
        (date(2026, 3, 4), date(2026, 3, 6)),
    ]
    assert given(statuses, "acknowledged_vendor_catalog_no", "acknowledged_gtin") == [
        (None, None),
        (None, None),
        ("B1-NEW", "50387698433535"),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("declared", "agrees"),
    [
        # 12 x 4.1 + 5 x 7 + 1 x 99 + 3 x 1
        pytest.param("186.2", True, id="the-sum-of-the-lines"),
        pytest.param("186.21", False, id="a-cent-over"),
    ],
)
def test_the_total_acknowledged_is_compared_with_the_lines(declared, agrees):
    x12 = read("855", *ACKNOWLEDGED[:-1], f"AMT*TT*{declared}")
    assert controls(x12, "AMT*TT") == [(Decimal(declared), Decimal("186.2"), agrees)]


def test_a_change_and_its_lines():
    x12 = read(
        "860",
        "BCH*04*SA*PO-77*R2*3*20260301**CON9*SO-5*20260302*20260305",
        "DTM*002*20260320",
        "N1*ST*ST MERCY*92*7",
        "N1*SE*MEDSUPPLY*92*V1",
        "POC*10*QI*20*15*BX>2*4.05*PE*VC*A1*UK*50387698433528",
        "N1*ST*DOCK*92*D1",
        "DTM*002*20260401",
        "POC*20*DI******IN*55",
        "DTM*002*20260325",
        "SLN*1**I*1*EA****VC*PART",
        "CTT*2",
    )
    (change,) = x12.records["order_change"].rows(named=True)
    assert (change["purpose_code"], change["order_type_code"]) == ("04", "SA")
    assert (change["po_number"], change["release_number"]) == ("PO-77", "R2")
    assert (change["change_sequence"], change["contract_number"]) == ("3", "CON9")
    assert (change["order_date"], change["change_date"]) == (date(2026, 3, 1), date(2026, 3, 5))
    assert (change["vendor_order_number"], change["ship_to_id"]) == ("SO-5", "7")
    assert change["line_count"] == 2

    lines = x12.records["order_change_line"]
    wanted = ["line_no", "assigned_id", "change_code", "qty", "qty_left", "uom", "price"]
    assert given(lines, *wanted) == [
        (1, "10", "QI", Decimal(20), Decimal(15), "BX", Decimal("4.05")),
        (2, "20", "DI", None, None, None, None),
    ]
    assert given(lines, "po_number", "change_sequence", "ship_to_id", "seller_id") == [
        ("PO-77", "3", "7", "V1"),
        ("PO-77", "3", "7", "V1"),
    ]
    assert given(lines, "vendor_catalog_no", "gtin", "buyer_item_no") == [
        ("A1", "50387698433528", None),
        (None, None, "55"),
    ]
    assert lines["requested_date"].to_list() == [date(2026, 3, 20), date(2026, 3, 25)]


def test_an_answer_to_a_change():
    x12 = read(
        "865",
        "BCA*00*AC*PO-77*R2*3*20260301**CON9*SO-5*20260306*20260305",
        "DTM*067*20260320",
        "N1*ST*ST MERCY*92*7",
        "POC*10*CA*20*15*BX*4.05*PE*VC*A1",
        "ACK*IQ*18*BX*068*20260310",
        "ACK*IS*2*BX****VC*A2",
        "CTT*1",
    )
    (answer,) = x12.records["order_change_ack"].rows(named=True)
    assert (answer["ack_type_code"], answer["po_number"]) == ("AC", "PO-77")
    assert (answer["change_sequence"], answer["vendor_order_number"]) == ("3", "SO-5")
    assert answer["order_date"] == date(2026, 3, 1)
    assert (answer["ack_date"], answer["change_date"]) == (date(2026, 3, 6), date(2026, 3, 5))
    assert (answer["line_count"], answer["status_count"]) == (1, 2)

    lines = x12.records["order_change_ack_line"]
    assert given(lines, "line_no", "change_code", "qty", "qty_left", "price", "ship_to_id") == [
        (1, "CA", Decimal(20), Decimal(15), Decimal("4.05"), "7")
    ]
    statuses = x12.records["order_change_ack_status"]
    wanted = ["line_no", "assigned_id", "status_no", "status_code", "qty", "vendor_catalog_no"]
    assert given(statuses, *wanted, "acknowledged_vendor_catalog_no") == [
        (1, "10", 1, "IQ", Decimal(18), "A1", None),
        (1, "10", 2, "IS", Decimal(2), "A1", "A2"),
    ]
    assert given(statuses, "price", "promised_ship_date", "promised_delivery_date") == [
        (Decimal("4.05"), date(2026, 3, 10), date(2026, 3, 20)),
        (Decimal("4.05"), None, date(2026, 3, 20)),
    ]


@pytest.mark.parametrize(
    ("code", "head", "record"),
    [
        pytest.param("850", "BEG*00*SA*PO-1**20260301", "purchase_order_charge", id="order"),
        pytest.param("855", "BAK*00*AD*PO-1*20260301", "order_ack_charge", id="acknowledgement"),
        pytest.param("860", "BCH*04*SA*PO-1***20260301", "order_change_charge", id="change"),
        pytest.param("865", "BCA*00*AC*PO-1***20260301", "order_change_ack_charge", id="answer"),
    ],
)
def test_charges_of_an_order_say_which_line_they_are_for(code, head, record):
    lines = {
        "850": ("PO1*1*10*EA*1.5**VC*A1", "PO1*2*1*EA*3**VC*B1"),
        "860": ("POC*1*QI*10*2*EA*1.5**VC*A1", "POC*2*AI*1**EA*3**VC*B1"),
    }
    first, second = lines["850" if code in ("850", "855") else "860"]
    x12 = read(
        code,
        head,
        "SAC*C*D240***1250",
        "N1*ST**92*H1",
        first,
        "SAC*A*C310****3*10",
        "SLN*1**I*1*EA",
        "SAC*N*G830***2.5",
        second,
        "TXI*ST*1.05*7",
        "CTT*2",
        "AMT*TT*18",
    )
    columns = ("po_number", "line_no", "source", "indicator", "code", "amount", "pct")
    assert given(x12.records[record], *columns) == [
        ("PO-1", None, "SAC", "C", "D240", Decimal("12.50"), None),
        ("PO-1", 1, "SAC", "A", "C310", Decimal("1.50"), Decimal(10)),
        ("PO-1", 1, "SAC", "N", "G830", Decimal("2.50"), None),
        ("PO-1", 2, "TXI", None, "ST", Decimal("1.05"), Decimal(7)),
    ]
    # A change lists some of the lines: their sum is not the order's.
    compared = [(Decimal(18), Decimal(18), True)] if code in ("850", "855") else []
    assert controls(x12, "AMT*TT") == compared


def test_an_acknowledgement_of_a_whole_order_needs_no_line():
    x12 = read("855", "BAK*00*AC*PO-1*20260301****SO-1*20260302")
    assert x12.defects.is_empty()
    columns = ("po_number", "ack_type_code", "line_count", "status_count")
    assert given(x12.records["order_ack"], *columns) == [("PO-1", "AC", 0, 0)]
    assert x12.records["order_ack_line"].is_empty()


CARRIED = ["TD5**2*UPSN*M*NEXT DAY", "TD5**92*SECOND"]


@pytest.mark.parametrize(
    ("code", "head", "line", "record"),
    [
        pytest.param(
            "850", "BEG*00*SA*PO-1**20260301", "PO1*1*10*EA*1.5**VC*A1", "purchase_order", id="850"
        ),
        pytest.param(
            "860", "BCH*04*SA*PO-1***20260301", "POC*1*QI*10**EA", "order_change", id="860"
        ),
    ],
)
def test_an_order_says_whom_it_is_for_how_it_is_carried_and_how_late_it_may_be_shipped(
    code, head, line, record
):
    """The field map names N1*Z7, TD5 and DTM*038; no column held them."""
    x12 = read(
        code,
        head,
        "DTM*038*20260331",
        "N1*ST*ST MERCY*92*7",
        *CARRIED,
        "N1*MA*CARDIOLOGY*92*CARD",
        line,
        "DTM*038*20260401",
        "N1*ST*DOCK*92*D1",
        "N1*Z7*THEATRE 4*92*OR4",
        line.replace("*1*", "*2*", 1),
        "CTT*2",
    )
    (order,) = x12.records[record].rows(named=True)
    assert (order["mark_for_name"], order["mark_for_qualifier"]) == ("CARDIOLOGY", "92")
    assert (order["mark_for_id"], order["ship_to_id"]) == ("CARD", "7")
    assert (order["carrier_scac"], order["carrier_id"]) == ("UPSN", "UPSN")
    assert (order["transport_method_code"], order["routing"]) == ("M", "NEXT DAY")
    assert order["latest_ship_date"] == date(2026, 3, 31)
    assert given(x12.records[f"{record}_line"], "mark_for_id", "latest_ship_date") == [
        ("OR4", date(2026, 4, 1)),
        (None, date(2026, 3, 31)),
    ]


def test_an_acknowledgement_says_how_it_is_carried():
    head = ["BAK*00*AC*PO-1*20260301", "N1*ST*ST MERCY*92*7"]
    for code, first, line in (
        ("855", head, "PO1*1*10*EA*1.5**VC*A1"),
        ("865", ["BCA*00*AC*PO-1**1*20260301", head[1]], "POC*1*QI*10**EA"),
    ):
        record = "order_ack" if code == "855" else "order_change_ack"
        x12 = read(code, *first, CARRIED[0], line, "CTT*1")
        assert given(x12.records[record], "carrier_scac", "routing") == [("UPSN", "NEXT DAY")]
