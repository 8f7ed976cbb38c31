"""Third-party 867, 820, 846 and 852: what was read off the files with the eye, and their sums."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from x12_written import controls

from recon.parse.x12 import X12, read_x12

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "x12"

pytestmark = pytest.mark.skipif(
    not (CORPUS / "MANIFEST.csv").exists(), reason="the corpus of third-party X12 files is not here"
)


def read(name: str, old: bytes = b"", new: bytes = b"") -> X12:
    """The file, or what it would be with one mistake of its author put right."""
    kind, _, file = name.partition("/")
    data = (CORPUS / kind / f"Inteligenz_X12Parser__{file}.txt").read_bytes()
    if old:
        assert data.count(old) == 1
    return read_x12(data.replace(old, new) if old else data)


def test_the_rebate_of_hibcc_closes_at_43_09():
    x12 = read("867/Example1")
    (report,) = x12.records["rebate_report"].rows(named=True)
    assert (report["report_number"], report["report_type_code"]) == ("DM20001", "SS")
    assert (report["manufacturer_id"], report["distributor_id"]) == ("08KUG8730", "78YU0JN90")
    assert (report["period_start"], report["period_end"]) == (date(2000, 3, 1), date(2000, 3, 1))
    assert (report["line_count"], report["line_total_count"]) == (3, 3)
    assert report["claimed_total"] == Decimal("43.09")

    lines = x12.records["rebate_line"]
    assert lines.select("transfer_type_code", "movement_code", "contract_number").rows() == [
        ("SS", "DC", "CT67895"),
        ("SS", "DC", None),  # sold at no contract price
        ("PA", "AO", "CT77612"),
    ]
    assert lines.select("qty", "uom", "contract_price", "acquisition_price").rows() == [
        (15, "BX", Decimal("18.25"), Decimal("22.25")),
        (4, "BX", None, Decimal("32.40")),
        (1, "CA", Decimal("81.34"), Decimal("98.25")),
    ]
    assert lines.select("claim_per_unit", "claim_credit_debit_code").rows() == [
        (4, "C"),
        (None, None),
        (Decimal("16.91"), "D"),
    ]
    assert lines["gtin"].to_list() == ["30387698433527", "30387698332615", "50387698356927"]
    assert lines["end_customer_id"].to_list() == ["89KGH1140", None, "K76G45110"]
    assert lines["po_number"].to_list() == ["PO6578", "PO9987", "PO5476"]
    assert lines["invoice_number"].to_list() == ["DIN99234", "DIN765344", "DIN546234-D"]
    assert lines["invoice_date"].to_list() == [date(2000, 3, 1)] * 2 + [date(2000, 2, 20)]

    # 4 x 15 - 16.91 x 1
    assert controls(x12, "AMT*S") == [(Decimal("43.09"), Decimal("43.09"), True)]
    assert controls(x12, "AMT*S unit") == [
        (4, 4, True),
        (Decimal("16.91"), Decimal("16.91"), True),
    ]


@pytest.mark.parametrize(
    ("name", "sales", "fee"),
    [
        pytest.param("867/Example2", "273.75", "8.21", id="3-percent-of-a-line"),  # 8.2125
        pytest.param("867/Example3", "1273.75", "38.21", id="3-percent-of-a-summary"),  # 38.2125
    ],
)
def test_the_administrative_fees_of_hibcc(name, sales, fee):
    x12 = read(name)
    (line,) = x12.records["rebate_line"].rows(named=True)
    assert (line["sales_amount"], line["fee_pct"]) == (Decimal(sales), 3)
    assert (line["fee_amount"], line["fee_code"]) == (Decimal(fee), "CSC")
    assert (line["contract_number"], line["end_customer_id"]) == ("GPO646", "89KGH1140")
    assert x12.records["rebate_report"]["buying_group_id"].to_list() == ["097YT5930"]
    agreed = [(Decimal(fee), Decimal(fee), True)]
    assert controls(x12, "ITA07") == controls(x12, "AMT*FO") == agreed


@pytest.mark.parametrize(
    ("name", "declared", "found"),
    [
        pytest.param("820/Example5_Wikipedia", "77.77", "77.77", id="11.11-22.22-44.44"),
        # Its items and the three memos against them make the payment; 210.00 more is no part of it.
        pytest.param("820/Example4_Safeway", "416093.15", "416303.15", id="a-debit-memo-too-many"),
        # 236.00 and 101.67 make it; the second is written 10167, and no cents are implied.
        pytest.param("820/Example1_MortgageBankers", "337.67", "10403", id="a-point-left-out"),
        pytest.param("820/Example2_ScanaEnergy", "10000", "5000", id="half-of-it"),
    ],
)
def test_payments_against_their_items(name, declared, found):
    x12 = read(name)
    paid = controls(x12, "BPR02")
    assert paid == [(Decimal(declared), Decimal(found), Decimal(declared) == Decimal(found))]


def test_a_payment_with_memos_and_discounts():
    x12 = read("820/Example4_Safeway")
    (payment,) = x12.records["payment"].rows(named=True)
    assert (payment["trace_number"], payment["payment_date"]) == ("4311000190", date(2005, 10, 20))
    assert (payment["payer_id"], payment["payee_id"]) == ("0091372090000", "2397")
    items = x12.records["remittance_line"]
    assert items["document_number"].to_list() == [
        *("6092392", "6093694", "6093695", "6093696", "P7340039-25PB", "6093692")
    ]
    assert items["entity_no"].to_list() == ["1", "2", "2", "2", "4", "5"]
    assert items["entity_id"].to_list()[0] == "0091372090500"
    assert items["po_number"].to_list()[1] == "888888888"
    # 20851.11 - 420.77 and so on: every item is its invoice less discount.
    assert [agrees for _, _, agrees in controls(x12, "RMR04")] == [True] * 6
    assert controls(x12, "RMR04")[0][0] == Decimal("20430.34")
    memos = x12.records["remittance_adjustment"]
    assert memos.select("line_no", "entity_no", "amount", "reference_qualifier").rows() == [
        (None, "1", Decimal("-13676.81"), "CM"),
        (None, "1", Decimal(-18200), "CM"),
        (None, "2", Decimal("-892.8"), "CM"),
        (None, "3", Decimal(210), "DB"),
    ]


def test_premiums_of_insured_people():
    """Each is billed nothing and paid by an adjustment under the item; people are not read."""
    x12 = read("820/Example7_FromScott")
    items = x12.records["remittance_line"]
    assert items.height == x12.records["remittance_adjustment"].height == 29
    assert items["entity_id"].null_count() == 29
    assert controls(x12, "RMR04")[0] == (Decimal("16971.04"), Decimal("16971.04"), True)
    assert {agrees for _, _, agrees in controls(x12, "RMR04")} == {True}


def test_a_guide_with_words_for_amounts_is_refused():
    x12 = read("820/Example3_HomeDepot")
    assert x12.transactions["accepted"].to_list() == [False]
    assert "type:payment_amount" in x12.defects["code"].to_list()


def test_inventory_as_it_was_written_and_as_it_was_broken():
    quantities = read("846/Example1").records["inventory_quantity"]
    assert quantities.select("qty_code", "qty", "uom").rows() == [
        ("34", 5250, "EA"),
        ("QH", 100, "EA"),
        ("QB", 50, "EA"),
        ("87", 75, "EA"),
    ]
    assert quantities["manufacturer_part_no"].unique().to_list() == ["1234123232"]
    assert quantities["buyer_item_no"].unique().to_list() == ["46L5055"]

    x12 = read("846/Example2")
    lines = x12.records["inventory_line"]
    assert lines["price"].to_list() == [Decimal(p) for p in ("2.6", "3", "2.83", "3.26", "0.567")]
    quantities = x12.records["inventory_quantity"]
    # The terminator is missing before one QTY, which is lost in a REF, and before CTT, which is
    # lost in a QTY: its unit is read as FTCTT, and there is no count to compare.
    assert quantities.select("line_no", "qty_code", "qty", "uom").rows() == [
        (1, "17", Decimal("1998.61"), "FT"),
        (2, "17", Decimal("1777.18"), "FT"),
        (3, "63", Decimal(1000), "FT"),
        (4, "17", Decimal("3621.25"), "FT"),
        (5, "17", Decimal(7280), "FTCTT"),
    ]
    assert quantities["date"].to_list() == [None, None, date(2003, 8, 22), None, None]
    assert controls(x12, "CTT01") == []


def test_activity_by_location():
    activity = read("852/AftermarketExample").records["activity"]
    assert activity.select("location_id", "vendor_catalog_no", "activity_code", "qty").rows() == [
        ("007061617", "P96A", "QA", 10),
        ("007061617", "P96A", "QP", 6),
        ("007061617", "P99A", "QA", 77),
        ("007061618", "P99A", "QO", 4),
    ]


def test_activity_of_an_interchange_whose_trailer_is_wrong():
    assert read("852/hdexchange").transactions["accepted"].to_list() == [False]
    x12 = read("852/hdexchange", old=b"*000000002~", new=b"*000000002")
    lines = x12.records["activity_line"]
    assert lines.select("vendor_catalog_no", "gtin", "price", "qty_code", "qty").rows() == [
        ("P-8750", "09999982010", Decimal("5.33"), "17", 1000),
        ("R-1224", "09999982512", Decimal("4.99"), "17", 503),
    ]
    assert lines["location_id"].to_list() == ["1234567890001"] * 2
    activity = x12.records["activity"]
    assert activity.select(
        "line_no", "activity_code", "qty", "detail_code", "detail_qty"
    ).rows() == [
        (1, "QA", 1000, None, None),
        (1, "QP", 100, None, None),
        (2, "QA", 415, None, None),
        (2, "QR", 5, "N4", 1),
        (2, "QS", 88, "OC", 5),
    ]
    dated = activity.filter(pl.col("date").is_not_null())
    assert dated.select("date_code", "date", "reference_qualifier", "reference_number").rows() == [
        ("164", date(2001, 12, 1), "ACC", "P")
    ]
