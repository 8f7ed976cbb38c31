"""832: contract prices, and the units an item comes in."""

from datetime import date
from decimal import Decimal

from x12_written import interchange

from recon.parse.x12 import read_x12


def read(*body):
    """One catalogue, read; none of these has a defect but what is not read of a party."""
    x12 = read_x12(interchange(("832", list(body))))
    assert set(x12.defects["code"]) <= {"not_read"}
    return x12.records


def given(record, *names):
    """The columns named, as tuples."""
    return record.select(names).rows()


CATALOG = [
    "BCT*PC*CT-9*2*******00",
    "CTP**DIS*99",  # of no item
    "REF*CT*CONTRACT-9",
    "DTM*007*20260101",
    "DTM*092*20260101",
    "DTM*093*20261231",
    "CUR*SE*USD",
    "N1*MF*MAKER*21*HIN-M",
    "DTM*007*20200101",  # of the party
    "N1*DS*DISTRIBUTOR*21*HIN-D",
    "N1*BG*GROUP*21*HIN-G",
    "LIN*1*VC*1000*UK*50387698433528",
    "DTM*131*20260301",
    "PID*F****TOWEL DRAPE",
    "CTP*BG*C01*65*1*CA>2*DIS*.9**PE",
    "DTM*007*20260401",
    "CTP*BG*C02*62.2*1*CA",
    "REF*CT*CONTRACT-10",
    "N1*MF*ANOTHER MAKER*21*HIN-X",
    "DTM*132*20260601",  # of the item's party
    "PKL*UK*50387698433528*CA*1",
    "CTP**SLP*88.5",
    "PKL*UK*30387698433527*BX*4",
    "CTP**SLP*23",
    "LIN*2*MG*2000",
    "DTM*007*20260201",
    "DTM*132*20260930",
    "CTP*DI*CAT*7",
    "SLN*1*1*I*1*CA****VC*2000*UK*50387698433535",
    "SLN*2*2*I*20*EA****UK*00387698433530*VC*2000-1",
    "PID*F****ONE OF THEM",
    "CTP*DI*CAT*.5*1*EA",
    "CTT*2",
]


def test_a_catalogue_and_its_items():
    records = read(*CATALOG)
    (catalog,) = records["price_catalog"].rows(named=True)
    assert (catalog["catalog_type_code"], catalog["catalog_number"]) == ("PC", "CT-9")
    assert (catalog["catalog_version"], catalog["purpose_code"]) == ("2", "00")
    assert (catalog["contract_number"], catalog["currency"]) == ("CONTRACT-9", "USD")
    assert catalog["effective_date"] == date(2026, 1, 1)
    assert catalog["contract_start_date"] == date(2026, 1, 1)
    assert catalog["contract_end_date"] == date(2026, 12, 31)
    assert (catalog["manufacturer_id"], catalog["distributor_id"]) == ("HIN-M", "HIN-D")
    assert (catalog["buying_group_id"], catalog["item_count"]) == ("HIN-G", 2)

    items = records["price_catalog_item"]
    wanted = ["item_no", "vendor_catalog_no", "manufacturer_part_no", "gtin", "description"]
    assert given(items, "catalog_number", *wanted) == [
        ("CT-9", 1, "1000", None, "50387698433528", "TOWEL DRAPE"),
        ("CT-9", 2, None, "2000", None, None),
    ]
    assert given(items, "effective_date", "contract_start_date", "contract_end_date") == [
        (date(2026, 1, 1), date(2026, 3, 1), date(2026, 12, 31)),
        (date(2026, 2, 1), date(2026, 1, 1), date(2026, 9, 30)),
    ]
    assert items["contract_number"].to_list() == ["CONTRACT-9", "CONTRACT-9"]


def test_every_price_says_for_what_item_and_unit_it_is():
    prices = read(*CATALOG)["price_catalog_price"]
    wanted = ["item_no", "price_no", "class_code", "price_code", "price", "qty", "uom"]
    assert given(prices, *wanted) == [
        (1, 1, "BG", "C01", Decimal(65), Decimal(1), "CA"),
        (1, 2, "BG", "C02", Decimal("62.2"), Decimal(1), "CA"),
        (1, 3, None, "SLP", Decimal("88.5"), None, "CA"),
        (1, 4, None, "SLP", Decimal(23), None, "BX"),
        (2, 1, "DI", "CAT", Decimal(7), None, None),
        (2, 2, "DI", "CAT", Decimal("0.5"), Decimal(1), "EA"),
    ]
    assert given(prices, "vendor_catalog_no", "manufacturer_part_no", "gtin", "unit_gtin") == [
        ("1000", None, "50387698433528", None),
        ("1000", None, "50387698433528", None),
        ("1000", None, "50387698433528", "50387698433528"),
        ("1000", None, "50387698433528", "30387698433527"),
        (None, "2000", None, None),
        (None, "2000", None, "00387698433530"),
    ]
    assert prices["effective_date"].to_list() == [
        date(2026, 4, 1),
        *[date(2026, 1, 1)] * 3,
        *[date(2026, 2, 1)] * 2,
    ]
    assert prices["contract_number"].to_list() == [
        "CONTRACT-9",
        "CONTRACT-10",
        *["CONTRACT-9"] * 4,
    ]
    wanted = ["multiplier_code", "multiplier", "price_basis"]
    assert given(prices, *wanted)[0] == ("DIS", Decimal("0.9"), "PE")


def test_the_units_an_item_comes_in():
    units = read(*CATALOG)["price_catalog_unit"]
    wanted = ["item_no", "unit_no", "source", "level", "relation_code", "qty", "uom"]
    assert given(units, *wanted) == [
        (1, 1, "PKL", None, None, Decimal(1), "CA"),
        (1, 2, "PKL", None, None, Decimal(4), "BX"),
        (2, 1, "SLN", "1", "I", Decimal(1), "CA"),
        (2, 2, "SLN", "2", "I", Decimal(20), "EA"),
    ]
    assert given(units, "gtin", "vendor_catalog_no") == [
        ("50387698433528", None),
        ("30387698433527", None),
        ("50387698433535", "2000"),
        ("00387698433530", "2000-1"),
    ]


def test_items_are_counted_anew_in_every_catalogue():
    data = interchange(("832", CATALOG), ("832", CATALOG))
    records = read_x12(data).records
    assert records["price_catalog_item"]["item_no"].to_list() == [1, 2, 1, 2]
    assert records["price_catalog_price"]["price_no"].to_list() == [1, 2, 3, 4, 1, 2] * 2
    assert records["price_catalog_unit"]["unit_no"].to_list() == [1, 2, 1, 2] * 2


def test_an_item_or_a_price_may_be_under_contract_for_another_time_than_the_catalogue():
    catalog = [
        *("BCT*PC*C1", "DTM*092****RD8*20260101-20261231"),
        *("LIN*1*VC*A1", "DTM*092*20260201", "DTM*093*20260630", "CTP**CON*5"),
        *("DTM*131*20260301", "DTM*132*20260331", "CTP**CAT*9", "LIN*2*VC*B1", "CTP**CON*1"),
    ]
    x12 = read_x12(interchange(("832", catalog)))
    assert x12.defects.rows() == []
    wanted = ["contract_start_date", "contract_end_date"]
    whole = (date(2026, 1, 1), date(2026, 12, 31))
    item = (date(2026, 2, 1), date(2026, 6, 30))
    assert x12.records["price_catalog"].select(wanted).rows() == [whole]
    assert x12.records["price_catalog_item"].select(wanted).rows() == [item, whole]
    assert x12.records["price_catalog_price"].select(wanted).rows() == [
        (date(2026, 3, 1), date(2026, 3, 31)),
        item,
        whole,
    ]
