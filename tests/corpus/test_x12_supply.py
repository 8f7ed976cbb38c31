"""Third-party 850, 855, 856, 860, 865, 810 and 832: what was read off the files with the eye."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from x12_written import controls

from recon.parse.x12 import read_x12

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "x12"

pytestmark = pytest.mark.skipif(
    not (CORPUS / "MANIFEST.csv").exists(), reason="the corpus of third-party X12 files is not here"
)


def read(name, old=b"", new=b""):
    """The file, or what it would be with one mistake of its author put right."""
    data = (CORPUS / name).read_bytes()
    assert not old or data.count(old) == 1
    return read_x12(data.replace(old, new) if old else data)


def given(record, *names):
    """The columns named, as tuples."""
    return record.select(names).rows()


def test_the_contract_prices_of_hibcc_by_tier_and_unit():
    records = read("832/Inteligenz_X12Parser__Example2_HIBCC.txt").records
    (catalog,) = records["price_catalog"].rows(named=True)
    assert (catalog["catalog_number"], catalog["purpose_code"]) == ("CT21000", "02")
    assert (catalog["contract_number"], catalog["manufacturer_id"]) == ("MS7895", "08KUG8732")
    assert (catalog["buying_group_qualifier"], catalog["buying_group_id"]) == ("21", "8Y67JSD66")
    assert catalog["contract_start_date"] == date(2000, 1, 1)
    assert catalog["contract_end_date"] == date(2000, 12, 31)

    (item,) = records["price_catalog_item"].rows(named=True)
    assert (item["vendor_catalog_no"], item["gtin"]) == ("1000", "50387698433528")
    assert item["contract_start_date"] == date(2000, 3, 1)
    assert item["description"] == "DRAPE, SMALL TOWEL, CLEAR PLASTIC, ADHESIVE STRIP"

    prices = records["price_catalog_price"]
    wanted = ["class_code", "price_code", "price", "qty", "uom", "effective_date"]
    assert given(prices, *wanted) == [
        ("BG", "C01", Decimal("65"), Decimal(1), "CA", date(2000, 3, 1)),
        ("BG", "C02", Decimal("62.20"), Decimal(1), "CA", date(2000, 3, 1)),
        ("BG", "C03", Decimal("58.75"), Decimal(1), "CA", date(2000, 3, 1)),
    ]
    assert given(prices, "vendor_catalog_no", "gtin") == [("1000", "50387698433528")] * 3

    units = records["price_catalog_unit"]
    assert given(units, "level", "qty", "uom", "gtin", "vendor_catalog_no") == [
        ("1", Decimal(1), "CA", "50387698433522", "1000"),
        ("2", Decimal(4), "BX", "30387698433527", "1000"),
        ("3", Decimal(20), "EA", "00387698433521", "1000"),
    ]


def test_the_catalogue_of_hibcc_with_a_price_in_its_packaging():
    records = read("832/Inteligenz_X12Parser__Example1_HIBCC.txt").records
    (catalog,) = records["price_catalog"].rows(named=True)
    assert (catalog["catalog_number"], catalog["distributor_id"]) == ("2000", "78YU0JN99")
    assert catalog["effective_date"] == date(2000, 3, 1)
    (item,) = records["price_catalog_item"].rows(named=True)
    assert (item["manufacturer_part_no"], item["effective_date"]) == ("1000", date(2000, 3, 15))
    prices = records["price_catalog_price"]
    assert given(prices, "class_code", "price_code", "price", "uom", "gtin", "unit_gtin") == [
        ("DI", "CAT", Decimal("66.50"), "CA", "50387698433528", None),
        (None, "SLP", Decimal("88.50"), "CA", "50387698433528", "50387698433528"),
    ]
    units = records["price_catalog_unit"]
    assert given(units, "source", "qty", "uom", "gtin") == [
        ("PKL", Decimal(1), "CA", "50387698433528"),
        ("PKL", Decimal(4), "BX", "30387698433527"),
    ]


ITEM = ["hl_no", "po_number", "assigned_id", "qty", "uom"]


@pytest.mark.parametrize(
    ("name", "shipment_id", "items"),
    [
        pytest.param(
            "Example1",
            "123456",
            [
                ("3", "123456", "001", Decimal(16), "PC"),
                ("4", "123456", "002", Decimal(23), "LB"),
                ("5", "123456", "004", Decimal(16), "PC"),
            ],
            id="items-under-an-order",
        ),
        pytest.param(
            "Example2",
            None,
            [
                ("2", "B00000389", None, Decimal(1400), "PC"),
                ("3", "B00003489", None, Decimal(1500), "PC"),
            ],
            id="orders-named-by-the-items",
        ),
        pytest.param(
            "Example3",
            "146940",
            [
                ("2", "5500005194", "00030", Decimal(1596), "EA"),
                ("3", "5500005194", "00010", Decimal(1152), "EA"),
                ("4", "5500005194", "00020", Decimal(1440), "EA"),
            ],
            id="terminated-by-an-ellipsis",
        ),
        pytest.param(
            "Example4",
            "DELIVERYNUMBER",
            [
                (str(n), "PO NUMBER", f"{n - 2:03}", Decimal(qty), "EA")
                for n, qty in enumerate([10, 5, 10, 20, 5, 3, 12], start=3)
            ],
            id="parents-not-written",
        ),
        pytest.param(
            "FromGregarican",
            "521649209219",
            [("4", "SO/VINCE1", None, Decimal(1), "EA")],
            id="an-item-in-a-pack",
        ),
        pytest.param(
            "edi1Source",
            "829716",
            [
                ("3", "99999817", "1", Decimal(24), "EA"),
                ("4", "99999817", "2", Decimal(6), "EA"),
            ],
            id="sections-without-a-ship-to",
        ),
    ],
)
def test_what_was_shipped_of_which_order(name, shipment_id, items):
    x12 = read(f"856/Inteligenz_X12Parser__{name}.txt")
    assert x12.transactions["accepted"].to_list() == [True]
    assert x12.records["ship_notice"]["shipment_id"].to_list() == [shipment_id]
    assert given(x12.records["shipment_item"], *ITEM) == items
    assert [agrees for _, _, agrees in controls(x12, "CTT01")] == [True]


def test_carriers_and_packs_of_shipments():
    records = read("856/Inteligenz_X12Parser__FromGregarican.txt").records
    (shipment,) = records["shipment"].rows(named=True)
    assert (shipment["carrier_scac"], shipment["routing"]) == ("FED2", "FEDX 2 DAY")
    assert (shipment["carrier_reference"], shipment["ship_to_id"]) == ("521649209219", "004")
    assert (shipment["packaging_code"], shipment["package_count"]) == ("CTN25", 1)
    assert (shipment["weight"], shipment["weight_uom"]) == (Decimal(1), "LB")
    assert shipment["ship_date"] == date(2012, 5, 10)
    (pack,) = records["shipment_pack"].rows(named=True)
    assert (pack["sscc"], pack["po_number"]) == ("00007121610006156802", "SO/VINCE1")
    (item,) = records["shipment_item"].rows(named=True)
    assert (item["sscc"], item["pack_hl_no"]) == ("00007121610006156802", "3")
    levels = records["shipment_hierarchy"]
    assert given(levels, "hl_no", "parent_hl_no", "level_code") == [
        ("1", None, "S"),
        ("2", "1", "O"),
        ("3", "2", "P"),
        ("4", "3", "I"),
    ]

    (other,) = read("856/Inteligenz_X12Parser__Example2.txt").records["shipment"].rows(named=True)
    assert (other["carrier_scac"], other["bill_of_lading"]) == ("MPNF", "25673")
    assert (other["packing_slip"], other["carrier_reference"]) == ("18392", "88145")
    assert (other["ship_date"], other["ship_from_id"]) == (date(2003, 6, 19), "567891234")
    assert (other["seller_id"], other["ship_to_id"]) == ("123456789", "987654321")


def test_acknowledgements_without_a_status_of_their_lines():
    records = read("855/Inteligenz_X12Parser__855SSimmons.txt").records
    acks = records["order_ack"]
    wanted = ["ack_type_code", "po_number", "vendor_order_number", "promised_delivery_date"]
    assert given(acks, *wanted, "ship_to_id", "line_count", "status_count") == [
        ("AD", "7542", "83517234", date(2011, 10, 7), "123", 2, 0),
        ("AD", "99035", "83517334", date(2011, 10, 6), "456", 1, 0),
    ]
    lines = records["order_ack_line"]
    assert given(lines, "assigned_id", "price", "buyer_item_no", "vendor_catalog_no") == [
        ("100", Decimal(7700), "4620451B", "64620451"),
        ("200", Decimal(23500), "1528451M", "51528451"),
        ("100", Decimal(9000), "4625740M", "54625740"),
    ]
    adobe = read("855/Inteligenz_X12Parser__Example1_Adobe.txt")
    assert controls(adobe, "AMT*TT") == [(Decimal(369), Decimal(369), True)]
    assert adobe.records["order_ack_line"]["manufacturer_part_no"].to_list() == [
        "00065008880AD01A00"
    ]


def test_answers_to_changes():
    records = read("865/Inteligenz_X12Parser__FromMclaneCo.txt").records
    (answer,) = records["order_change_ack"].rows(named=True)
    assert (answer["ack_type_code"], answer["po_number"]) == ("AT", "3249785")
    assert answer["promised_delivery_date"] == date(2010, 9, 3)
    assert answer["promised_ship_date"] == date(2010, 8, 26)
    lines = records["order_change_ack_line"]
    wanted = ["assigned_id", "change_code", "qty", "qty_left", "price", "vendor_catalog_no"]
    assert given(lines, *wanted)[:3] == [
        ("052575", "PC", Decimal(90), Decimal(90), Decimal("22.97"), "489594"),
        ("054146", "NC", Decimal(48), Decimal(48), Decimal("49.39"), "736044"),
        ("054448", "DI", Decimal(504), Decimal(0), Decimal("38.75"), "818459"),
    ]
    assert lines["change_code"].to_list() == ["PC", "NC", "DI", "CT", "CT", "CT", "CT"]

    (line,) = (
        read("865/Inteligenz_X12Parser__FromAdvanceAutoParts.txt")
        .records["order_change_ack_line"]
        .rows(named=True)
    )
    assert (line["assigned_id"], line["change_code"]) == (None, "CA")
    assert (line["qty"], line["qty_left"]) == (Decimal(65), Decimal(40))
    assert (line["price"], line["price_basis"]) == (Decimal("1.76"), "TE")


def test_an_answer_with_a_status():
    # Its IEA02 is no control number of its ISA.
    records = read(
        "865/Inteligenz_X12Parser__FromTyco.txt", b"IEA*1*00001660", b"IEA*1*000016680"
    ).records
    (line,) = records["order_change_ack_line"].rows(named=True)
    assert (line["assigned_id"], line["change_code"]) == ("00001", "RS")
    assert (line["buyer_item_no"], line["vendor_catalog_no"]) == ("CC848777821", "1771470-1")
    (status,) = records["order_change_ack_status"].rows(named=True)
    assert (status["line_no"], status["status_code"]) == (1, "IC")
    assert (status["qty"], status["uom"]) == (Decimal(1000), "EA")
    assert status["promised_delivery_date"] == date(2008, 6, 2)


def test_a_change_that_takes_lines_off():
    # Its author left words where a date belongs, and no terminator after N1.
    name = "860/Inteligenz_X12Parser__Example1.txt"
    refused = read(name)
    codes = refused.defects.filter(refused.defects["severity"] == "error")["code"].to_list()
    assert codes == ["type:order_date", "SE01"]
    data = (CORPUS / name).read_bytes()
    data = data.replace(b"PO DATE", b"20080301").replace(b"*92*1129", b"*92*1129~")
    records = read_x12(data).records
    (change,) = records["order_change"].rows(named=True)
    assert (change["purpose_code"], change["order_type_code"]) == ("04", "SA")
    assert (change["po_number"], change["change_date"]) == ("PO NUMBER", date(2008, 3, 10))
    assert (change["buyer_name"], change["buyer_id"]) == ("RETAILER", "1129")
    lines = records["order_change_line"]
    assert given(lines, "assigned_id", "change_code", "qty", "vendor_catalog_no") == [
        ("1", "DI", None, "018100775285"),
        ("2", "DI", None, "039307384346"),
    ]


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        pytest.param("Example1_PGWGlass", ("884.06", "884.06", True), id="in-the-header"),
        pytest.param("From_aojuk", ("229.98", "229.98", True), id="in-the-summary"),
        pytest.param("Example3_Adobe_CLP", ("12", "317.50", False), id="a-made-up-total"),
    ],
)
def test_totals_of_orders(name, compared):
    declared, found, agrees = compared
    x12 = read(f"850/Inteligenz_X12Parser__{name}.txt")
    assert controls(x12, "AMT*TT") == [(Decimal(declared), Decimal(found), agrees)]


def test_what_stands_under_a_party_is_not_the_order():
    """REF*CT of the end user, and N1*ST of each line."""
    records = read("850/Inteligenz_X12Parser__Example3_Adobe_CLP.txt").records
    (order,) = records["purchase_order"].rows(named=True)
    assert (order["contract_number"], order["ship_to_name"]) == ("123456", "SHIP TO")
    assert (order["buyer_id"], order["line_count"]) == ("Sold To ID", 2)
    lines = records["purchase_order_line"]
    assert given(lines, "price", "manufacturer_part_no", "requested_date") == [
        (Decimal("157.5"), "64017422AB10A12", date(2010, 6, 14)),
        (Decimal(160), "54020587AA01A00", date(2010, 6, 14)),
    ]


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        pytest.param("2011110815164104", [("56358.00", True)], id="a-charge-of-nothing"),
        pytest.param("Example1_CaliforniaISO", [("213516.63", True)], id="lines-to-be-credited"),
        pytest.param("Example2_ManualBilling", [("2896035.30", True)], id="one-line"),
        pytest.param(
            "Example3_MultiInvoice", [("8432.02", True), ("1129.92", True)], id="taxes-as-charges"
        ),
        pytest.param("Example4_Adobe", [("160.00", True)], id="a-tax-of-nothing"),
        pytest.param("Example5_Walmart", [("3875.30", True)], id="an-allowance"),
    ],
)
def test_totals_of_invoices(name, compared):
    x12 = read(f"810/Inteligenz_X12Parser__{name}.txt")
    assert controls(x12, "TDS01") == [
        (Decimal(total), Decimal(total), agrees) for total, agrees in compared
    ]


def test_an_invoice_that_does_not_close():
    """Its author shortened the lines, not the total."""
    assert controls(read("810/moov-io_x12__sample.txt"), "TDS01") == [
        (Decimal("1395.50"), Decimal("807.50"), False),
        (Decimal("827.75"), Decimal("827.75"), True),
    ]
