"""What partners send beside the places where it is usual, and which column has it then."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import interchange

from recon.parse.x12 import read_x12


def read(code, *body):
    x12 = read_x12(interchange((code, list(body))))
    assert x12.defects.rows() == []
    return x12.records


HEADS = {
    "850": ["BEG*00*SA*PO-1**20260301"],
    "855": ["BAK*00*AC*PO-1*20260301"],
    "860": ["BCH*04*SA*PO-1***20260301"],
    "810": ["BIG*20260301*INV-1"],
}


@pytest.mark.parametrize(
    ("code", "line", "record"),
    [
        pytest.param("850", "PO1*1*2*EA***VC*A1", "purchase_order_line", id="order"),
        pytest.param("855", "PO1*1*2*EA***VC*A1", "order_ack_line", id="acknowledgement"),
        pytest.param("860", "POC*1*PC*2**EA***VC*A1", "order_change_line", id="change"),
        pytest.param("810", "IT1*1*2*EA***VC*A1", "invoice_line", id="invoice"),
    ],
)
def test_a_price_that_stands_under_the_line_is_not_taken_for_the_line_s_own(code, line, record):
    end = ["TDS*0"] if code == "810" else []
    lines = read(code, *HEADS[code], line, "CTP**DIS*96*1*BX", "CTP**RTL*150", *end)[record]
    wanted = ["price", "other_price_code", "other_price", "other_price_uom"]
    assert lines.select(wanted).rows() == [(None, "DIS", Decimal(96), "BX")]


def test_a_parcel_service_s_number_as_a_mark_of_the_shipper():
    body = ["BSN*00*S1*20260304*1200", "HL*1**S", "HL*2*1*P", "MAN*SM*1Z9", "HL*3*2*I"]
    packs = read("856", *body, "LIN**VC*A1", "SN1**1*EA")["shipment_pack"]
    wanted = ["shipper_package_id", "carrier_package_id", "sscc"]
    assert packs.select(wanted).rows() == [("1Z9", None, None)]


def test_activity_all_of_one_place_says_so_once():
    body = ["XQ*H*20260301*20260307", "N1*ST*CLINIC*92*7", "LIN*1*VC*A1", "ZA*QS*5*EA"]
    records = read("852", *body, "LIN*2*VC*B1", "ZA*QA*9*EA")
    place = ["location_qualifier", "location_id"]
    assert records["activity_report"].select("location_name", *place).rows() == [
        ("CLINIC", "92", "7")
    ]
    assert records["activity_line"].select(place).rows() == [("92", "7")] * 2
    assert records["activity"].select(place).rows() == [("92", "7")] * 2


def test_who_sells_by_a_catalogue_and_who_buys_at_authorised_prices():
    seller = read("832", "BCT*PC*C1", "N1*SE*MAKER*9*1", "LIN*1*VC*A1", "CTP**CON*2")
    assert seller["price_catalog"]["seller_id"].to_list() == ["1"]
    buyer = read("845", "BPA*00*20260301", "N1*BY*HOSPITAL*92*7", "CON*CT*C1*AC")
    assert buyer["price_authorization"]["buyer_id"].to_list() == ["7"]


@pytest.mark.parametrize(
    ("price", "found"),
    [
        pytest.param("UIT*EA*100", (Decimal(100), "EA", None), id="that-does-not-say-which"),
        pytest.param("UIT*EA*100*QT", (Decimal(100), "EA", "QT"), id="of-another-kind"),
        pytest.param("CTP**WAC*90*1*BX", (Decimal(90), "BX", "WAC"), id="in-ctp"),
    ],
)
def test_a_resale_with_one_price(price, found):
    body = ["BPT*00*R1*20260301*SS", "PTD*SS", "QTY*32*10*EA", "LIN**VC*A1", price]
    lines = read("867", *body)["rebate_line"]
    assert lines.select("price", "price_uom", "price_basis").rows() == [found]
    assert lines.select("contract_price", "acquisition_price").rows() == [(None, None)]


NOTICE = ["BSN*00*S1*20260304*1200", "HL*1**S", "HL*2*1*I", "LIN**VC*A1", "SN1**1*EA"]


@pytest.mark.parametrize(
    ("code", "body", "place"),
    [
        pytest.param("850", [*HEADS["850"], "{}"], ("purchase_order", "requested_date"), id="850"),
        pytest.param(
            "855",
            [*HEADS["855"], "PO1*1*2*EA", "ACK*IA*2*EA", "{}"],
            ("order_ack_status", "promised_delivery_date"),
            id="855",
        ),
        pytest.param("856", [*NOTICE, "{}"], ("shipment_item", "expiry_date"), id="856"),
        pytest.param("810", [*HEADS["810"], "{}", "TDS*0"], ("invoice", "ship_date"), id="810"),
        pytest.param(
            "861", ["BRA*R*20260301*00*1", "{}"], ("receiving_advice", "received_date"), id="861"
        ),
    ],
)
@pytest.mark.parametrize(
    ("written", "found", "defects"),
    [
        pytest.param("20260405", date(2026, 4, 5), [], id="DTM02"),
        pytest.param("***D8*20260405", date(2026, 4, 5), [], id="D8"),
        pytest.param("***DT*202604051330", date(2026, 4, 5), [], id="DT"),
        pytest.param("20260405***D8*20260409", date(2026, 4, 5), [], id="DTM02-counts"),
        pytest.param("***RD8*20260405-20260407", None, [("info", 6)], id="a-range"),
        pytest.param("***TM*1330", None, [("info", 6)], id="a-time"),
        pytest.param("***TS*101112", None, [("info", 6)], id="a-time-that-could-be-a-date"),
        pytest.param("***D8*20260231", None, [("info", 6)], id="no-date"),
    ],
)
def test_a_date_that_has_its_format_beside_it(code, body, place, written, found, defects):
    qualifier = {"850": "002", "855": "017", "856": "036", "810": "011", "861": "050"}[code]
    x12 = read_x12(interchange((code, [s.format(f"DTM*{qualifier}*{written}") for s in body])))
    assert x12.transactions["accepted"].to_list() == [True]
    record, column = place
    assert x12.records[record][column].to_list() == [found]
    told = x12.defects.filter(x12.defects["code"] == f"date_form:{column}")
    assert set(told.select("severity", "element").rows()) == set(defects)
    assert x12.defects["severity"].is_in(["info"]).all()


def test_what_a_bill_or_receipt_says_several_times_is_a_row_each():
    """Of several lots and serial numbers of a line, and of several terms, the first alone stood."""
    bill = [
        *("BIG*20260301*INV-1", "ITD*01*3*2**10**30", "ITD*08*3*1**20**30", "IT1*1*2*EA*5**VC*A1"),
        *("REF*SE*S1", "REF*SE*S2", "SAC*C*D240***250", "IT1*2*1*KT*9**VC*K1", "REF*LT*L0"),
        *("SLN*1**I*1*EA****VC*P1", "SLN*2**I*1*EA****VC*P2", "REF*LT*L1", "REF*LT*L2"),
        *("N1*ST*EAST*92*E1", "TDS*2150"),
    ]
    got = ["BRA*R*20260301*00*1", "RCD*1*2*EA", "LIN**VC*A1", "REF*LT*L1", "REF*LT*L2"]
    x12 = read_x12(interchange(("810", bill), ("861", [*got, "DTM*036*20270101", "PRF*PO1"])))
    assert x12.defects.is_empty()
    records = x12.records
    lots = records["invoice_lot"].select("line_no", "subline_no", "lot", "serial")
    assert lots.rows() == [
        *((1, None, None, "S1"), (1, None, None, "S2"), (2, None, "L0", None)),
        *((2, 2, "L1", None), (2, 2, "L2", None)),
    ]
    lines = records["invoice_line"].select("lot", "serial", "ship_to_id")
    assert lines.rows() == [(None, "S1", None), ("L0", None, "E1")]
    assert records["invoice_charge"].select("line_no", "amount").rows() == [(1, Decimal("2.5"))]
    terms = records["invoice_terms"].select("terms_no", "type_code", "discount_pct", "net_days")
    assert terms.rows() == [(1, "01", 2, 30), (2, "08", 1, 30)]
    assert records["receiving_lot"].select("line_no", "lot").rows() == [(1, "L1"), (1, "L2")]
    (received,) = records["receiving_line"].rows(named=True)
    assert (received["lot"], received["po_number"]) == ("L1", "PO1")
    assert received["expiry_date"] == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        pytest.param("856", [*NOTICE[:-2], "LIN**VC*A1*SN*S1*SN*S2*LT*L1*SN*S3", "SN1**3*EA"],
                     [(7, 7), (7, 11)], id="856"),
        pytest.param("810", ["BIG*20260301*INV-1", "IT1**2*EA*1**VC*A1*LT*L1*LT*L2", "TDS*200"],
                     [(5, 11)], id="810"),
        pytest.param("861", ["BRA*R*20260301*00*1", "RCD**2*EA", "LIN**VC*A1*LT*L1", "LIN**LT*L2",
                             "RCD**1*EA", "LIN**VC*B1*LT*L1*B8*L1*SN*S1"], [(7, 3)], id="861"),
    ],
)  # fmt: skip
def test_a_second_lot_or_serial_number_among_the_pairs_of_a_line_is_told(code, body, told):
    """Of three serial numbers two were lost, and the device they are of with them."""
    x12 = read_x12(interchange((code, body)))
    assert x12.transactions["accepted"].to_list() == [True]
    found = x12.defects.select("segment_no", "element").rows()
    assert found == told
    assert set(x12.defects["code"]) == {"second_lot"}


CLAIM = ["BAA*00*CB*20260301*CL*C1"]


@pytest.mark.parametrize(
    ("code", "body", "tag"),
    [
        pytest.param("856", [*NOTICE, "LIN**VC*B1", "SN1**2*EA"], ["LIN", "SN1"], id="856"),
        pytest.param("861", ["BRA*R*20260301*00*1", "RCD**1*EA", "SN1**1*EA", "SN1**2*EA"],
                     ["SN1"], id="861"),
        pytest.param("852", ["XQ*H*20260301", "LIN**VC*A1", "QTY*32*1", "QTY*33*2", "ZA*QS*1*EA",
                             "QTY*01*1", "ZA*QA*9*EA", "QTY*01*4", "QTY*02*5"],
                     ["QTY", "QTY"], id="852"),
    ],
)  # fmt: skip
def test_a_second_quantity_or_product_of_one_item_is_refused(code, body, tag):
    """The second was lost, and with it what was shipped of it."""
    parts = [*NOTICE, "HL*3*2*K", *NOTICE[3:], "HL*4*2*I", *NOTICE[3:], "HL*5*1*I", *NOTICE[3:]]
    x12 = read_x12(interchange((code, body), ("856", parts)))
    assert x12.transactions["accepted"].to_list() == [False, True]
    refused = x12.defects.filter(severity="error")
    assert refused.select("code", "tag").rows() == [("loop_repeats", t) for t in tag]


HEADS_OF_CLAIMS = {
    "844": ("BAA*00*CB*20260301*CL*C1", "chargeback_price"),
    "849": ("BRC*00*20260301**C1", "chargeback_response_price"),
    "845": ("BPA*00*20260301", ""),
}


@pytest.mark.parametrize("code", HEADS_OF_CLAIMS)
def test_a_line_of_two_products_is_refused_and_every_price_of_one_is_a_row(code):
    """The second product was lost, and any price under a code that no column names."""
    head, record = HEADS_OF_CLAIMS[code]
    one = [head, "CON*CT*K1", "PAD*1*SS", "LIN**VC*A1", "PID*F****X", "UIT*EA*5*LP", "UIT*BX*6"]
    x12 = read_x12(interchange((code, one), (code, [*one, "LIN**VC*B1", "UIT*EA*7*CT"])))
    assert x12.transactions["accepted"].to_list() == [True, False]
    told = x12.defects.filter(severity="error").select("code", "tag", "message")
    said = "at most 1 of LIN may stand here, and this is number 2"
    assert told.rows() == [("loop_repeats", "LIN", said)]
    if record:
        wanted = ("line_no", "price_no", "vendor_catalog_no", "price", "uom", "price_basis")
        assert x12.records[record].select(wanted).rows() == [
            (1, 1, "A1", 5, "EA", "LP"),
            (1, 2, "A1", 6, "BX", None),
        ]


@pytest.mark.parametrize(
    ("code", "body", "tag"),
    [
        pytest.param(
            "867", ["BPT*00*R1*20260301*SS", "PTD*SS", "LIN**VC*A1", "QTY*32*1"], "LIN", id="867"
        ),
        pytest.param("852", ["XQ*H*20260301", "ZA*QS*5*EA", "LIN*1*VC*A1"], "ZA", id="852"),
        pytest.param("852", ["XQ*H*20260301", "QTY*17*5", "LIN*1*VC*A1"], "QTY", id="852-stock"),
        pytest.param("846", ["BIA*00*DD*I*20260301", "QTY*17*5", "LIN**VC*A1"], "QTY", id="846"),
        pytest.param(
            "844", [*CLAIM, "PAD*1*SS", "LIN**VC*A1", "CON*CT*K1"], "LIN", id="844-no-contract"
        ),
        pytest.param("844", [*CLAIM, "CON*CT*K1", "LIN**VC*A1"], "LIN", id="844-no-product"),
        pytest.param("844", [*CLAIM, "QTY*32*5", "CON*CT*K1"], "QTY", id="844-quantity"),
        pytest.param("844", [*CLAIM, "CON*CT*K1", "UIT*EA*5*CT"], "UIT", id="844-price"),
        pytest.param("849", ["BRC*00*20260301", "CON*CT*K1", "LIN**VC*A1"], "LIN", id="849"),
        pytest.param("845", ["BPA*00*20260301", "PAD*1", "LIN**VC*A1"], "LIN", id="845"),
        pytest.param("845", ["BPA*00*20260301", "CON*CT*K1", "CTP**CON*5"], "CTP", id="845-price"),
        pytest.param("845", ["BPA*00*20260301", "CON*CT*K1", "UIT*EA*5"], "UIT", id="845-unit"),
        pytest.param("861", ["BRA*R*20260301*00*1", "LIN**VC*A1", "RCD**1*EA"], "LIN", id="861"),
        pytest.param(
            "861", ["BRA*R*20260301*00*1", "SN1**9*EA", "RCD**1*EA"], "SN1", id="861-sent"
        ),
        pytest.param(
            "855", ["BAK*00*AC*PO1*20260301", "ACK*IB*5*EA", "PO1*1*5*EA"], "ACK", id="855"
        ),
        pytest.param(
            "865", ["BCA*00*AC*PO1***20260301", "ACK*IB*5*EA", "POC*1*QD*5"], "ACK", id="865"
        ),
    ],
)
def test_what_stands_where_nothing_reads_it_is_answered_as_unexpected(code, body, tag):
    x12 = read_x12(interchange((code, body)))
    assert x12.defects.select("code", "tag").rows() == [("misplaced", tag)]
    assert x12.transactions["accepted"].to_list() == [False]
    position = next(n for n, segment in enumerate(body, start=2) if segment.startswith(tag))
    assert f"~AK3*{tag}*{position}**2~" in x12.acks().decode().replace("\n", "")


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        pytest.param(
            "810",
            ["BIG*20260301*INV-1", "IT1*1*1*EA*1", "TXI*ST*1A", "TDS*100"],
            ["AK3*TXI*4**8", "AK4*2**6*1A"],
            id="a-tax-read-beside-charges",
        ),
        pytest.param(
            "861",
            ["BRA*R*20260301*00*1", "RCD*1*5*EA***1*EA*01*2A*EA*02"],
            ["AK3*RCD*3**8", "AK4*9**6*2A"],
            id="the-second-of-several-parts",
        ),
        pytest.param(
            "852",
            ["XQ*H*20260301", "LIN*1*VC*A1", "ZA*QS", "SDQ*EA*92*A*1*B*2*C*3A"],
            ["AK3*SDQ*5**8", "AK4*8**6*3A"],
            id="the-third",
        ),
    ],
)
def test_a_bad_element_is_named_by_its_own_number(code, body, said):
    answer = read_x12(interchange((code, body))).acks().decode().replace("\n", "").split("~")
    assert [s for s in answer if s[:3] in ("AK3", "AK4")] == said


@pytest.mark.parametrize(
    ("code", "line", "name"),
    [
        pytest.param("850", "PO1*1*500*EA***VC*A1", "purchase_order", id="order"),
        pytest.param("855", "PO1*1*500*EA***VC*A1", "order_ack", id="acknowledgement"),
        pytest.param("860", "POC*1*PC*500**EA***VC*A1", "order_change", id="change"),
        pytest.param("810", "IT1*1*500*EA***VC*A1", "invoice", id="invoice"),
    ],
)
def test_every_price_and_every_place_of_a_line_is_a_row(code, line, name):
    """The second price under a line was lost, and to which stores its quantity goes.

    A part of an invoice's line has no CTP: there it ends the part.
    """
    end = ["TDS*0"] if code == "810" else []
    body = [
        *HEADS[code],
        line,
        "CTP*RS*CON*2.6*1*EA****PE",
        "CTP**RES*9.95",
        "SDQ*EA*92*E1*300*W1*200",
    ]
    records = read(code, *body, line, "SLN*1**I*1*EA", "CTP**CAT*4*10*BX", *end)
    prices = records[f"{name}_price"].select(
        *("line_no", "subline_no", "price_no", "class_code", "price_code", "price"),
        *("qty", "uom", "price_basis"),
    )
    assert prices.rows() == [
        (1, None, 1, "RS", "CON", Decimal("2.6"), 1, "EA", "PE"),
        (1, None, 2, None, "RES", Decimal("9.95"), None, None, None),
        (2, None if code == "810" else 1, 1, None, "CAT", 4, 10, "BX", None),
    ]
    places = records[f"{name}_destination"]
    wanted = ("line_no", "uom", "location_qualifier", "location_id", "qty")
    assert places.select(wanted).rows() == [(1, "EA", "92", "E1", 300), (1, "EA", "92", "W1", 200)]


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        pytest.param("850", [*HEADS["850"], "PO1*1*2*EA***VC*A1", "PO3*P1*20260401**9", "DIS*1",
                             "PO1*2*2*EA***VC*A1", "PO3*P1*20260401**9", "MSG*WORDS", "N9*L1*X"],
                     [(6, "PO3", "2"), (7, "DIS", "1")], id="850"),
        pytest.param("832", ["BCT*PC*C1", "LIN*1*VC*A1", "MEA*PD*LN*9*IN", "CTP**CON*2"],
                     [(6, "MEA", "1")], id="832-measures"),
        pytest.param("852", ["XQ*H*20260301", "XPO*1001*1099", "LIN*1*VC*A1", "ZA*QS*5*EA"],
                     [(5, "XPO", "1")], id="852-order-numbers"),
        pytest.param("856", [*NOTICE, "SDQ*EA*92*E1*1"], [(9, "SDQ", "1")], id="856-places"),
        pytest.param("856", [*NOTICE, "CLD*4*6"], [(9, "CLD", "1")], id="856-loads"),
    ],
)  # fmt: skip
def test_a_segment_of_which_nothing_is_read_is_told_once_a_set(code, body, told):
    """What it says was lost without a word."""
    x12 = read_x12(interchange((code, body)))
    assert x12.transactions["accepted"].to_list() == [True]
    assert x12.defects.select("segment_no", "tag", "found").rows() == told
    assert set(x12.defects["code"]) == {"not_read"}
    (said, *_) = x12.defects["message"]
    (_, tag, number), *_ = told
    expected = f"{tag} is not read: what it says stands in no record ({number} in the set)"
    assert said == expected


def test_a_segment_that_is_not_read_is_told_of_each_set_that_has_it():
    order = [*HEADS["850"], "PO1*1*2*EA***VC*A1"]
    x12 = read_x12(
        interchange(("850", [*order, "TAX*1"]), ("850", order), ("850", [*order, "TAX*2"]))
    )
    assert x12.defects.select("code", "transaction_no").rows() == [("not_read", 1), ("not_read", 3)]


def test_a_name_that_a_terminator_in_a_text_made_a_segment_of_is_not_told():
    body = [
        "BHT*0085*08*R-1*20260311*1200*TH",
        "HL*1**20*1",
        "NM1*PR*2*PAYER",
        "DOE",
        "SV9*X",
        "HCP*1",
    ]
    x12 = read_x12(interchange(("277", body)))
    assert x12.defects.select("code", "tag").rows() == [("not_read", "SV9"), ("not_read", "HCP")]


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        pytest.param(
            "850",
            [*HEADS["850"], "REF*CT*C1", "REF*DP*OR", "DTM*002*20260401", "DTM*063*20260405",
             "N1*ST*EAST*92*E1", "N1*SF*PLANT*92*P1", "PO1*1*2*EA***VC*A1", "REF*DP*LAB",
             "AMT*1*50"],
            [(6, "REF (DP)", "2"), (8, "DTM (063)", "1"), (10, "N1 (SF)", "1"),
             (13, "AMT (1)", "1")],
            id="of-an-order",
        ),
        pytest.param(
            "810",
            [*HEADS["810"], "CAD*M***SCAC***AW*77", "REF*IA*7", "IT1*1*1*EA*0", "TDS*0"],
            [(5, "CAD (AW)", "1"), (6, "REF (IA)", "1")],
            id="of-an-invoice",
        ),
        pytest.param(
            "856",
            [*NOTICE, "MAN*GM*00*9*CP*1Z9", "MAN*W*1", "DTM*510*20260304"],
            [(10, "MAN (W)", "1"), (11, "DTM (510)", "1")],
            id="of-a-notice",
        ),
        pytest.param(
            "810",
            [*HEADS["810"], "DTM*011*20260301", "N1*ST*EAST*92*E1", "REF*CT*C1", "REF*LI*9",
             "IT1*1*1*EA*0", "N1*ST*EAST*92*E1", "DTM*011*20260302", "N1*BT*HOME*92*H1", "TDS*0"],
            [(7, "REF (CT)", "1"), (8, "REF (LI)", "1"), (11, "DTM (011)", "1"),
             (12, "N1 (BT)", "1")],
            id="in-a-loop-that-does-not-read-it",
        ),
        pytest.param(
            "850",
            [*HEADS["850"], "REF**1", "REF*DOE*2", "REF*JOHN DOE*3", "REF*doe*4"],
            [(5, "REF with no qualifier", "1"), (6, "REF with another qualifier", "3")],
            id="what-may-be-a-name-is-not-shown",
        ),
        pytest.param(
            "277",
            ["BHT*0085*08*R-1*20260311*1200*TH", "HL*1**20*1", "NM1*PR*2*PAYER", "NM1*IL*1*DOE",
             "DTP*050*D8*20260310", "DTP*040*D8*20260310", "REF*LI*1", "REF*D9*X"],
            [(9, "DTP (040)", "1"), (10, "REF with another qualifier", "1")],
            id="of-persons-no-letters-alone",
        ),
        pytest.param(
            "837",
            ["BHT*0019*00*1*20260301*1200*CH", "NM1*41*2*S*****46*1", "NM1*40*2*R*****46*2",
             "HL*1**20*1", "NM1*85*2*H*****XX*1", "REF*EI*9", "HL*2*1*22*0", "SBR*P*18*******MB",
             "NM1*IL*1*DOE", "REF*SY*1", "NM1*PR*2*M*****PI*1", "CLM*A*1***11>B>1", "DTP*431*D8*1",
             "REF*EA*1", "REF*8Z*1"],
            [(18, "REF (8Z)", "1")],
            id="of-a-claim-what-its-guides-hold-is-left-out",
        ),
    ],
)  # fmt: skip
def test_what_is_read_by_qualifier_is_told_under_one_that_no_column_names(code, body, told):
    """A REF, DTM, N1 … whose qualifier is not read was lost without a word."""
    x12 = read_x12(interchange((code, body)))
    assert x12.transactions["accepted"].to_list() == [True]
    said = x12.defects.filter(x12.defects["code"] == "not_read")
    assert said.select("segment_no", "expected", "found").rows() == told
    assert said.height == x12.defects.height


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        pytest.param(
            "850",
            [*HEADS["850"], "REF*CT*C1", "REF*CT*C2", "N1*ST*EAST*92*E1", "N1*ST*WEST*92*W1",
             "PO1*1*2*EA***VC*A1", "REF*CT*C3", "DTM*002*20260401", "PO1*2*2*EA***VC*A1",
             "REF*CT*C4", "DTM*002*20260401", "DTM*002*20260501", "DTM*002*20260601"],
            [(6, "REF (CT)", "1"), (8, "N1 (ST)", "1"), (15, "DTM (002)", "2")],
            id="of-an-order-and-its-lines",
        ),
        pytest.param(
            "856",
            ["BSN*00*S1*20260304*1200", "HL*1**S", "REF*2I*1Z1", "REF*2I*1Z2", "HL*2*1*P",
             "MAN*GM*1*9*CP*1Z1", "MAN*CP*1Z2", "HL*3*2*I", "LIN**VC*A1", "SN1**2*EA", "REF*LT*L1",
             "REF*LT*L2"],
            [(7, "REF (2I)", "1")],
            id="lots-are-rows-and-a-mark-may-stand-first-elsewhere",
        ),
        pytest.param(
            "850",
            [*HEADS["850"], "ITD*01*3*2**10**30", "ITD*01*3*1**20", "TD5**2*UPSN", "TD5**2*FDE",
             "PO1*1*2*EA***VC*A1", "PO4*10", "PO1*2*2*EA***VC*A2", "PO4*10", "PO4*5", "PO4*2"],
            [(6, "ITD", "1"), (8, "TD5 (2)", "1"), (13, "PO4", "2")],
            id="of-what-has-no-qualifier",
        ),
        pytest.param(
            "844",
            ["BAA*00*CB*20260301*CL*C1", "CON*CT*K1", "PAD*1*SS", "LIN**VC*A1", "QTY*32*5*EA",
             "QTY*76*1*EA"],
            [(9, "QTY", "1")],
            id="of-what-is-refused-outside-of-its-loop",
        ),
    ],
)  # fmt: skip
def test_the_second_of_what_is_read_once_is_told(code, body, told):
    """The first counts, and of the others no word was said."""
    x12 = read_x12(interchange((code, body)))
    assert x12.transactions["accepted"].to_list() == [True]
    assert set(x12.defects["code"]) == {"repeated"}
    assert x12.defects.select("segment_no", "expected", "found").rows() == told
