"""850 and 810 as typed records: pairs by qualifier, exact decimals, lines and charges apart."""

import time
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from x12_spoilt import DIALECTS, DOCUMENTS, interchange

from recon.parse.x12 import RECORDS, balance, parse, read_x12

HEADER = (
    "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HOSPITAL       "
    "*260331*0102*U*00401*000000007*0*P*>"
)


def wrapped(*sets):
    """An interchange around the given sets, whose ST and SE are written here."""
    lines = [HEADER, "GS*IN*S*H*20260331*0102*70*X*004010"]
    for number, (code, body) in enumerate(sets, start=1):
        lines += [f"ST*{code}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    return ("~\n".join([*lines, f"GE*{len(sets)}*70", "IEA*1*000000007"]) + "~\n").encode()


ORDER = [
    "BEG*00*SA*PO-77*R2*20260301*CON9",
    "CUR*BY*USD",
    "REF*CT*CONTRACT",
    "FOB*PP",
    "ITD*01*3*2.5**10**45",
    "DTM*010*20260305",
    "DTM*002*20260310",
    "N1*VN*VENDOR AS WELL*92*V9",
    "N1*ST*ST MERCY*UL*0012345678905",
    "N1*SE*MEDSUPPLY*1*123456789",
    "N1*BY*MERCY NETWORK*21*HIN1",
    "REF*VC*OF THE BUYER",
    "PO1*10*2*CA*12.345678*PE*UK*50387698433528*VC*1000*IN*55",
    "CTP*CON**11",
    "PID*F****GLOVES",
    "PID*F****LARGE",
    "N1*ST*ANOTHER DOCK*92*DOCK7",
    "N1*BT*BILLED FOR ONE LINE*92*B7",
    "DTM*002*20260320",
    "PO1*20*.5*EA*7**MG*M-1**IGNORED*N4*00001111222*LT*LOT1*HI*H123*VP*VP1*SK*S1",
    "LIN**VN*VN-9",
    "DTM*010*20260401",
    "REF*LT*OTHER",
    "REF*SE*SERIAL1",
    "REF*CT*CON10",
    "SLN*1**I*1*EA****VC*PART OF IT*BP*OTHERS",
    "CTT*2",
    "AMT*TT*28.19",
]


def test_an_order_and_its_lines():
    x12 = read_x12(wrapped(("850", ORDER)))
    (order,) = x12.records["purchase_order"].rows(named=True)
    assert order == {
        "source_record": 3,
        "byte_offset": wrapped(("850", ORDER)).index(b"ST*850"),
        "transaction_no": 1,
        "sender_id": "SUPPLIER",
        "receiver_id": "HOSPITAL",
        "interchange_control_number": "000000007",
        "group_control_number": "70",
        "transaction_control_number": "0001",
        "purpose_code": "00",
        "order_type_code": "SA",
        "po_number": "PO-77",
        "release_number": "R2",
        "order_date": date(2026, 3, 1),
        "contract_number": "CON9",  # BEG06 before REF*CT
        "currency": "USD",
        "buyer_name": "MERCY NETWORK",
        "buyer_qualifier": "21",
        "buyer_id": "HIN1",
        "ship_to_name": "ST MERCY",  # not the line's
        "ship_to_qualifier": "UL",
        "ship_to_id": "0012345678905",
        "bill_to_name": None,  # that is one line's
        "bill_to_qualifier": None,
        "bill_to_id": None,
        "seller_name": "MEDSUPPLY",  # SE before VN, though VN comes first
        "seller_qualifier": "1",
        "seller_id": "123456789",
        "mark_for_name": None,
        "mark_for_qualifier": None,
        "mark_for_id": None,
        "terms_discount_pct": Decimal("2.5"),
        "terms_discount_days": 10,
        "terms_net_days": 45,
        "freight_payment_code": "PP",
        "carrier_scac": None,
        "carrier_id": None,
        "transport_method_code": None,
        "routing": None,
        "requested_date": date(2026, 3, 10),  # 002 before 010
        "requested_ship_date": date(2026, 3, 5),
        "latest_ship_date": None,
        "line_count": 2,
        "total_amount": Decimal("28.19"),
    }
    own = pl.exclude("source_record", "byte_offset", "^.*control_number$", "sender_id")
    first, second = x12.records["purchase_order_line"].select(own).rows(named=True)
    given = {name: value for name, value in first.items() if value is not None}
    assert given == {
        "transaction_no": 1,
        "receiver_id": "HOSPITAL",
        "po_number": "PO-77",
        "order_date": date(2026, 3, 1),
        "ship_to_id": "0012345678905",
        "seller_id": "123456789",
        "line_no": 1,
        "assigned_id": "10",
        "qty": Decimal(2),
        "uom": "CA",
        "price": Decimal("12.345678"),
        "price_basis": "PE",
        "other_price": Decimal(11),
        "vendor_catalog_no": "1000",
        "buyer_item_no": "55",
        "gtin": "50387698433528",
        "contract_number": "CON9",
        "requested_date": date(2026, 3, 10),  # the date of the line's party is not the line's
        "requested_ship_date": date(2026, 3, 5),
        "line_ship_to_name": "ANOTHER DOCK",
        "line_ship_to_qualifier": "92",
        "line_ship_to_id": "DOCK7",
    }
    assert second["qty"] == Decimal("0.5")
    assert second["vendor_catalog_no"] == "VP1"  # PO1 before LIN, whatever the qualifier
    assert second["manufacturer_part_no"] == "M-1"
    assert (second["ndc"], second["lot"], second["hibcc"]) == ("00001111222", "LOT1", "H123")
    assert second["buyer_item_no"] == "S1"  # not its part's
    assert (second["serial"], second["contract_number"]) == ("SERIAL1", "CON10")
    assert second["requested_date"] == date(2026, 4, 1)


def test_free_text_of_an_order_reaches_no_record():
    order = [
        "BEG*00*CN*PO-1**20260301",
        "NTE*GEN*PT DOE JANE",
        "N9*L1*PT DOE JANE",
        "MSG*BILL ONLY PT DOE JANE",
        "PO1*1*1*EA*100**VC*A1",
        "PID*F****IMPLANT FOR DOE JANE",
        "MSG*SN 123 BILL ONLY PT DOE JANE",
        "N9*L1*PT DOE JANE*DOE JANE",
        "CTT*1",
    ]
    records = read_x12(wrapped(("850", order))).records
    assert records["purchase_order_line"].height == 1
    assert "DOE" not in "".join(rows.write_csv() for rows in records.values())


INVOICE = [
    "BIG*20260315*INV-1*20260301*PO-77*R2**PR",
    "CUR*SE*CAD",
    "REF*IV*ORIG-1",
    "REF*CT*CON9",
    "DTM*011*20260314",
    "N1*RI*REMIT HERE*92*R1",
    "N1*SU*MEDSUPPLY*UL*0099",
    "REF*VC*OF THE SELLER",
    "SAC*C*D240***1250**********FREIGHT",
    "IT1*1*10*EA*1.5**VN*A1*UK*00387698433523",
    "PID*F****CATHETER",
    "REF*LI*30",
    "REF*PO*PO-78",
    "REF*PK*SLIP9",
    "REF*SE*SERIAL1",
    "SLN*1**I*1*EA****VN*PART OF IT",
    "REF*LI*OF THE PART",
    "N1*ST*DOCK*92*D1",
    "REF*CT*OF THE DOCK",
    "SAC*A*C310***100.00",
    "TXI*ST*1.05*7",
    "IT1*2*-3*BX*20**IN*B2*PL*7",
    "REF*IV*ORIG-2",
    "TDS*4805*4800",
    "TXI*ST*1.05",
    "SAC*N*F050***7",
    "CTT*2",
]


def test_an_invoice_its_lines_and_its_charges():
    records = read_x12(wrapped(("810", INVOICE))).records
    (invoice,) = records["invoice"].rows(named=True)
    assert invoice["invoice_date"] == date(2026, 3, 15)
    assert invoice["invoice_number"] == "INV-1"
    assert (invoice["po_number"], invoice["po_date"]) == ("PO-77", date(2026, 3, 1))
    assert (invoice["release_number"], invoice["type_code"]) == ("R2", "PR")
    assert (invoice["currency"], invoice["remit_to_name"]) == ("CAD", "REMIT HERE")
    assert (invoice["seller_qualifier"], invoice["seller_id"]) == ("UL", "0099")
    assert (invoice["total"], invoice["total_is_explicit"]) == (Decimal("48.05"), False)
    assert invoice["discountable_total"] == Decimal(48)
    assert (invoice["ship_date"], invoice["contract_number"]) == (date(2026, 3, 14), "CON9")
    assert invoice["ship_to_name"] is None  # that is one line's
    assert (invoice["line_count"], invoice["line_total_count"]) == (2, 2)

    lines = records["invoice_line"]
    wanted = ["line_no", "qty", "uom", "price", "po_number", "po_line", "ref_invoice_number"]
    assert lines.select(wanted).rows() == [
        (1, Decimal(10), "EA", Decimal("1.5"), "PO-78", "30", "ORIG-1"),
        (2, Decimal(-3), "BX", Decimal(20), None, "7", "ORIG-2"),
    ]
    wanted = ["vendor_catalog_no", "gtin", "buyer_item_no", "packing_slip", "serial"]
    assert lines.select(wanted).rows() == [
        ("A1", "00387698433523", None, "SLIP9", "SERIAL1"),
        (None, None, "B2", None, None),
    ]

    wanted = ["charge_no", "line_no", "source", "indicator", "code", "amount"]
    charges = records["invoice_charge"]
    assert charges.select(*wanted, "amount_is_explicit").rows() == [
        (1, None, "SAC", "C", "D240", Decimal("12.50"), False),
        (2, 1, "SAC", "A", "C310", Decimal("100.00"), True),
        (3, 1, "TXI", None, "ST", Decimal("1.05"), True),
        (4, None, "TXI", None, "ST", Decimal("1.05"), True),
        (5, None, "SAC", "N", "F050", Decimal("0.07"), False),
    ]
    assert charges["line_count"].to_list() == [2] * 5
    assert charges["pct"].to_list() == [None, None, Decimal(7), None, None]


@pytest.mark.parametrize(
    ("head", "end", "found"),
    [
        pytest.param(["REF*2I*1Z9", "REF*CN*PRO-1"], [], ("1Z9", "PRO-1", None), id="references"),
        pytest.param([], ["CAD*M***UPSN***BM*BOL-1"], (None, None, "BOL-1"), id="a-carrier"),
    ],
)
def test_an_invoice_says_how_it_came_and_what_a_discount_leaves(head, end, found):
    body = [
        "BIG*20260315*INV-1********ALL-1",
        *head,
        "IT1**1*EA*50",
        "TDS*5000*5000*4900*100",
        *end,
    ]
    (invoice,) = read_x12(wrapped(("810", body))).records["invoice"].rows(named=True)
    wanted = ("tracking_number", "carrier_reference", "bill_of_lading")
    assert tuple(invoice[name] for name in wanted) == found
    assert (invoice["discounted_total"], invoice["discount_amount"]) == (49, 1)
    assert invoice["consolidated_invoice_number"] == "ALL-1"


@pytest.mark.parametrize(
    ("head", "end"),
    [
        pytest.param(["REF*PK*S9"], [], id="a-reference"),
        pytest.param([], ["CAD*M***UPSN***PK*S9"], id="a-carrier"),
    ],
)
def test_a_packing_slip_of_the_whole_invoice_is_that_of_its_lines(head, end):
    """What a line cites says which receipt it is for; that of the heading was lost."""
    lines = ["IT1**1*EA*2**VC*A1", "IT1**1*EA*2**VC*B1", "REF*PK*S1"]
    body = ["BIG*20260315*INV-1", *head, *lines, "TDS*400", *end]
    records = read_x12(wrapped(("810", body))).records
    assert records["invoice"]["packing_slip"].to_list() == ["S9"]
    assert records["invoice_line"]["packing_slip"].to_list() == ["S9", "S1"]


def test_an_invoice_of_several_orders_names_them_at_its_lines_or_once_beside_its_number():
    lines = ["IT1**1*EA*2**VC*A1*PO*PO-1*PK*S1", "IT1**1*EA*2**VC*B1*PO*PO-2", "REF*PO*PO-3"]
    head = ["BIG*20260315*INV-1", "REF*PO*PO-9"]
    records = read_x12(wrapped(("810", [*head, *lines, "TDS*400"]))).records
    assert records["invoice"]["po_number"].to_list() == ["PO-9"]
    assert records["invoice_line"].select("po_number", "packing_slip").rows() == [
        ("PO-1", "S1"),
        ("PO-3", None),
    ]


def test_lines_and_charges_are_counted_anew_in_every_invoice():
    second = [s.replace("INV-1", "INV-2") for s in INVOICE]
    note = ("864", ["BMG*00"])
    records = read_x12(wrapped(("810", INVOICE), note, ("810", second))).records
    lines, charges = records["invoice_line"], records["invoice_charge"]
    assert lines.select("invoice_number", "line_no").rows() == [
        ("INV-1", 1),
        ("INV-1", 2),
        ("INV-2", 1),
        ("INV-2", 2),
    ]
    assert charges["charge_no"].to_list() == [1, 2, 3, 4, 5] * 2
    assert records["invoice"]["transaction_no"].to_list() == [1, 3]


@pytest.mark.parametrize(
    ("change", "rule", "says"),
    [
        pytest.param(
            ("IT1*1*10*", "IT1*1*ten*"), "type:qty", "of 3 characters", id="quantity-in-words"
        ),
        pytest.param(("*EA*1.5*", "*EA*1,5*"), "type:price", "1,5", id="decimal-comma"),
        pytest.param(("*EA*1.5*", "*EA*1.2345678*"), "type:price", "1.2345678", id="too-fine"),
        pytest.param(("*EA*1.5*", "*EA*1e3*"), "type:price", "1e3", id="exponent"),
        pytest.param(("20260315", "20260230"), "type:invoice_date", "20260230", id="30-february"),
        pytest.param(("*INV-1*", "**"), "required:invoice_number", "BIG02", id="no-number"),
        pytest.param(("*INV-1*", "*  *"), "required:invoice_number", "BIG02", id="blank-number"),
        pytest.param(("TDS*4805", "TDS*48.055"), "type:total", "48.055", id="half-a-cent"),
        pytest.param(
            ("TXI*ST*1.05*7", "TXI*ST*1.055*7"), "type:amount", "1.055", id="tax-too-fine"
        ),
        pytest.param(("CTT*2", "CTT*3"), "CTT01", "3 lines, 2 were found", id="line-count"),
    ],
)
def test_what_cannot_be_read_refuses_its_transaction_set_only(change, rule, says):
    bad = [s.replace(*change) for s in INVOICE]
    good = [s.replace("INV-1", "INV-2") for s in INVOICE]
    data = wrapped(("810", bad), ("810", good))
    parsed = parse(data)
    assert parsed.rejects.select("record", "records", "rule").rows() == [("transaction", 1, rule)]
    assert says in parsed.rejects["reason"][0]
    assert parsed.rejects["byte_offset"][0] == data.index(b"ST*810*0001")
    assert parsed.rejects["byte_length"][0] == data.index(b"ST*810*0002") - 1 - data.index(b"ST*")
    assert parsed.records["invoice"]["invoice_number"].to_list() == ["INV-2"]
    assert parsed.records["invoice_line"].height == 2
    assert parsed.records["invoice_charge"].height == 5
    assert (parsed.records_in, parsed.quarantined) == (2, 1)


def test_a_defect_in_a_line_is_placed_at_its_segment():
    bad = [s.replace("IT1*2*-3*", "IT1*2*-*") for s in INVOICE]
    data = wrapped(("810", bad))
    defects = read_x12(data).defects
    (defect,) = defects.filter(defects["severity"] == "error").rows(named=True)
    assert (defect["code"], defect["found"]) == ("type:qty", "-")
    assert defect["byte_offset"] == data.index(b"IT1*2*-*")


def test_a_total_that_does_not_add_up_is_not_for_the_reader_to_refuse():
    parsed = parse(wrapped(("810", [s.replace("TDS*4805", "TDS*9999999") for s in INVOICE])))
    assert parsed.quarantined == 0
    assert parsed.records["invoice"]["total"].to_list() == [Decimal("99999.99")]


def test_records_have_the_columns_declared():
    records = read_x12(wrapped(("810", INVOICE), ("850", ORDER))).records
    assert {name: rows.schema for name, rows in records.items()} == {
        name: RECORDS[name]
        for name in (
            "invoice",
            "invoice_line",
            "invoice_charge",
            "invoice_subline",
            "invoice_lot",
            "invoice_price",
            "invoice_destination",
            "invoice_terms",
            "purchase_order",
            "purchase_order_line",
            "purchase_order_charge",
            "purchase_order_schedule",
            "purchase_order_price",
            "purchase_order_destination",
            "purchase_order_subline",
        )
    }


def test_elements_are_trimmed_and_other_alphabets_kept():
    order = ["BEG*00*SA* PO-1 ***20260301", "N1*ST*  Hôpital Général  *92*7", "CTT*0"]
    order[0] = "BEG*00*SA* PO-1 **20260301"
    for encoding in ("utf-8", "cp1252"):
        data = wrapped(("850", order)).decode().encode(encoding)
        (row,) = read_x12(data).records["purchase_order"].rows(named=True)
        assert (row["po_number"], row["ship_to_name"]) == ("PO-1", "Hôpital Général")
        assert row["byte_offset"] == data.index(b"ST*850")


def test_order_of_batches_and_records_follows_the_file():
    invoices = [("810", [s.replace("INV-1", f"I{n:05}") for s in INVOICE]) for n in range(12_000)]
    records = read_x12(
        wrapped(*[(c, b) for c, b in invoices]).replace(b"ST*810", b"ST*810")
    ).records
    assert records["invoice"]["invoice_number"].to_list() == [f"I{n:05}" for n in range(12_000)]
    assert records["invoice_line"].height == 24_000
    assert records["invoice_line"]["source_record"].is_sorted()
    assert records["invoice_charge"]["charge_no"].to_list() == [1, 2, 3, 4, 5] * 12_000


def test_sums_of_few_rows_are_told_as_those_of_many(monkeypatch):
    data = interchange(DOCUMENTS, DIALECTS[0], 1).encode()
    few = read_x12(data).controls
    monkeypatch.setattr(balance, "_FEW", -1)
    assert_frame_equal(read_x12(data).controls, few)
    assert len(set(few["control"])) > 10


@pytest.mark.parametrize(
    ("line", "where"),
    [
        pytest.param("IT1*1*12*EA*3.25*UP*012345678905*IN*55", "IT106", id="no-basis-is-sent"),
        pytest.param("IT1*1*12*EA*3.25**IN*55*VENDOR*V-9", "IT108", id="a-qualifier-of-six"),
        pytest.param("IT1*1*12*EA*3.25**IN*55**V-9", "IT108", id="no-qualifier"),
    ],
)
def test_a_product_where_its_qualifier_belongs_is_told_and_the_line_is_kept(line, where):
    x12 = read_x12(wrapped(("810", ["BIG*20260301*INV-1", line, "TDS*3900"])))
    (told,) = x12.defects.rows(named=True)
    assert (told["code"], told["severity"], told["segment_no"]) == ("qualifier", "info", 5)
    assert told["message"].startswith(f"{where} is no qualifier, which has two characters")
    assert x12.records["invoice_line"]["qty"].to_list() == [Decimal(12)]


def test_a_segment_of_many_pairs_does_not_hold_the_night():
    pairs = "*ZZ*A" * 100_000 + "*VN*V-1" + "*" * 100_000 + "*VN*V-2*IN*I-1"
    data = wrapped(("810", ["BIG*20260402*I1", f"IT1*1*1*EA*1*{pairs}", "TDS*100"]))
    began = time.process_time()
    lines = read_x12(data).records["invoice_line"]
    assert time.process_time() - began < 10
    assert lines.select("vendor_catalog_no", "buyer_item_no").rows() == [("V-1", "I-1")]


def test_a_line_whose_pairs_hold_no_number_of_the_item_is_told():
    """Whose number a pair is may be said in words that no column has: the line had none."""
    lines = [
        "IT1*1*1*EA*1**FS*6515-01-234-5678*VO*V-1",  # a national stock number
        "IT1*2*1*EA*1**F1*C-2*UD*123456789012",
        "IT1*3*1*EA*1**VO*V-3*SQ*4",  # the seller's order, the place of a roll
        "IT1*4*1*EA*1**PO*PO-4",
        *("LIN**SW*S-4", "IT1*5*1*EA*1", "IT1*6*1*EA*1**PL*6", "LIN**LT*L-6"),
    ]
    x12 = read_x12(wrapped(("810", ["BIG*20260301*INV-1", *lines, "TDS*600"])))
    numbers = x12.records["invoice_line"].select("vendor_catalog_no", "buyer_item_no", "gtin")
    assert numbers.rows() == [
        (None, "6515-01-234-5678", None),
        ("C-2", None, "123456789012"),
        (None, None, None),
        (None, "S-4", None),
        *[(None, None, None)] * 2,
    ]
    told = x12.defects.select("code", "severity", "segment_no", "element")
    assert told.rows() == [
        *(("unnumbered", "info", at, 6) for at in (7, 11)),
        ("unnumbered", "info", 12, 2),
    ]
    assert x12.defects["message"][0].startswith("no pair from IT106 on is a number of the item")


def test_what_is_behind_the_one_pair_of_a_package_is_no_product_out_of_step():
    catalog = ["BCT*PS*C1", "LIN**VC*V-9", "CTP**CON*9.5", "PKL*UK*50387698433528*CA*1*9.3*9"]
    x12 = read_x12(wrapped(("832", catalog)))
    assert x12.defects.is_empty()


def test_a_line_of_another_set_refuses_the_set_that_would_lose_it():
    change = ["BCH*04*SA*PO-77***20260301", "PO1*1*15*EA*25.00**VP*SKU-1"]
    x12 = read_x12(wrapped(("860", change), ("850", ["BEG*00*SA*PO-78**20260301", change[1]])))
    (told,) = x12.defects.rows(named=True)
    assert (told["code"], told["severity"], told["segment_no"]) == ("misplaced", "error", 5)
    assert told["message"] == ("PO1 is not read in this place: it begins a line of an 850 or 855")
    assert x12.transactions["accepted"].to_list() == [False, True]


@pytest.mark.parametrize(
    ("code", "body", "again"),
    [
        pytest.param("810", INVOICE, "BIG*20260402*INV-2", id="invoice"),
        pytest.param("810", INVOICE, "TDS*9999", id="total-of-an-invoice"),
        pytest.param("850", ORDER, "BEG*00*SA*PO-2**20260402", id="order"),
    ],
)
def test_a_document_that_begins_again_within_a_set_is_refused(code, body, again):
    """Lines of the second document were taken for the first one's, and its number was lost."""
    x12 = read_x12(wrapped((code, [*body[:-1], again, *body[1:]])))
    assert x12.transactions["accepted"].to_list() == [False]
    errors = x12.defects.filter(x12.defects["severity"] == "error")
    tag = again[:3]
    assert ("loop_repeats", f"at most 1 of {tag} may stand here, and this is number 2") in (
        errors.select("code", "message").rows()
    )
