"""The sample's X12 feeds beside 850 and 810: what each transaction set becomes.

The sets are written by hand from the field map (``edi-x12.md`` 1); the mappings are those of the
sample site, and the one of the page on writing a feed.
"""

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import recon.sample
from recon.canonical.mapping import mapped
from recon.parse.x12 import parse
from recon.site import read_site

TEMPLATE = Path(recon.sample.__file__).parent / "site"
PAGE = Path(__file__).parents[2] / "docs" / "writing-a-feed.md"


@pytest.fixture(scope="module")
def site():
    found, mistakes = read_site(TEMPLATE, {})
    assert mistakes == []
    return found


def interchange(sender, code, group, *segments):
    body = [f"ST*{code}*0001", *segments, f"SE*{len(segments) + 2}*0001"]
    isa = (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:<15}*ZZ*{'MERIDIANHN':<15}*260302*2200*U*00401*"
        "000000007*0*P*>"
    )
    return "~".join(
        [
            isa,
            f"GS*{group}*{sender}*MERIDIANHN*20260302*2200*7*X*004010",
            *body,
            "GE*1*7",
            "IEA*1*000000007",
            "",
        ]
    ).encode()


@pytest.fixture
def rows(site):
    """Table -> rows that a feed of the site, or one given, makes of an interchange."""

    def of(feed, data):
        feed = site.feeds[feed] if isinstance(feed, str) else feed
        read = parse(data)
        assert read.rejects.is_empty(), read.rejects.to_dicts()
        found = {}
        for mapping in feed.records:
            records = read.records[mapping.from_].with_columns(source_file_id=pl.lit("a" * 64))
            made = mapped(feed, mapping, records, site.rules)
            assert made.rejects.is_empty(), made.rejects.to_dicts()
            found.setdefault(mapping.table, []).extend(made.rows.to_dicts())
        return found

    return of


def shown(found, *columns):
    return [tuple(row[c] for c in columns) for row in found]


# --- 855 ---------------------------------------------------------------------------------------

SHIP_TO = "N1*ST*Northfield General Hospital*UL*0899990000108"


def acknowledgement(type_code, *segments):
    head = [f"BAK*00*{type_code}*N4711*20260301****SO9*20260302", SHIP_TO]
    return interchange("GREYLOCK", "855", "PR", *head, *segments)


def test_each_ack_is_an_answer_with_the_price_of_its_line_and_our_name_of_the_unit(rows):
    found = rows(
        "order_ack_edi",
        acknowledgement(
            "AC",
            "PO1*1*10*CT*52.00**VN*AB-100",
            "ACK*IA*6*CT*067*20260305",
            "ACK*IB*4*CT*068*20260312",
            "PO1*2*3*EA*7.50**VN*AB-200",
            "ACK*IS*3*EA*067*20260304**VN*AB-201",
            "CTT*2",
        ),
    )["po_ack_line"]
    columns = ("po_id", "line_no", "ack_seq", "ack_code", "qty", "uom", "price", "promised")
    assert shown(found, *columns) == [
        ("NGH-N4711", "1", 1001, "IA", 6, "BX", Decimal("52"), date(2026, 3, 5)),
        ("NGH-N4711", "1", 1002, "IB", 4, "BX", Decimal("52"), date(2026, 3, 12)),
        ("NGH-N4711", "2", 1001, "IS", 3, "EA", Decimal("7.5"), date(2026, 3, 4)),
    ]
    assert [r["item_catalog_no"] for r in found] == ["AB-100", "AB-100", "AB-201"]
    assert {r["acknowledged_date"] for r in found} == {date(2026, 3, 2)}
    assert {r["ack_id"] for r in found} == {"GREYLOCK-000000007-0001"}


@pytest.mark.parametrize(
    ("type_code", "ack_code"),
    [("AD", "IA"), ("AT", "IA"), ("AC", "IC"), ("RD", "IR"), ("RJ", "IR")],
)
def test_without_any_ack_the_acknowledgements_own_type_is_the_answer(rows, type_code, ack_code):
    data = acknowledgement(type_code, "PO1*1*10*EA*52.00**VN*AB-100", "CTT*1")
    found = rows("order_ack_edi", data)["po_ack_line"]
    assert shown(found, "line_no", "ack_code", "qty", "price") == [
        ("1", ack_code, 10, Decimal("52"))
    ]


# --- 837 ---------------------------------------------------------------------------------------


def test_a_claim_is_of_the_day_on_which_it_was_sent(rows):
    """Not of the end of its stay: a claim, its void and the claim after it are of one stay."""
    sent = interchange(
        "MERIDIANPFS",
        "837",
        "HC",
        "BHT*0019*00*S-1*20260309*2200*CH",
        "NM1*41*2*MERIDIAN*****46*MERIDIANPFS",
        "NM1*40*2*TALLOW*****46*TALLOWCH",
        "HL*1**20*1",
        "NM1*85*2*LAKESIDE*****XX*1999900041",
        "HL*2*1*22*0",
        "SBR*P*18*******CI",
        "NM1*PR*2*CEDAR*****PI*CDR01",
        "CLM*A7*900***13>A>8**A*Y*Y",
        "DTP*434*RD8*20260302-20260302",
        "LX*1",
        "SV2*0278*HC>C1785*900*UN*1",
    )
    found = rows("claim_sent", sent)["claim"]
    columns = ("facility_id", "claim_date", "bill_type", "frequency_code")
    assert shown(found, *columns) == [("LSC", date(2026, 3, 9), "0138", "8")]


# --- 856 ---------------------------------------------------------------------------------------


def notice(purpose="00"):
    return interchange(
        "COPPERLEAF",
        "856",
        "SH",
        f"BSN*{purpose}*SH-1*20260302*1400*0001",
        "HL*1**S",
        "TD5**2*RWDC",
        "REF*2I*1Z999",
        "DTM*011*20260302",
        "DTM*017*20260304",
        SHIP_TO,
        "HL*2*1*O",
        "PRF*N4711***20260301",
        "HL*3*2*P",
        "MAN*GM*008999900000000017",
        "HL*4*3*I",
        "LIN*1*VN*AB-100*UK*50899990000018*LT*L77*SN*S1",
        "SN1**2*CS",
        "DTM*036*20270131",
        "HL*5*2*I",
        "LIN*2*VN*AB-200",
        "SN1**5*EA",
        "REF*LT*L78",
        "CTT*5",
    )


def test_an_item_of_a_notice_knows_its_order_its_pack_and_its_lot(rows):
    first, second = rows("ship_notice_edi", notice())["shipment_line"]
    expected = {
        "shipment_id": "COPPERLEAF-SH-1",
        "line_no": 1,
        "supplier_id": "S0003",
        "facility_id": "NGH",
        "po_id": "NGH-N4711",
        "po_line_no": "1",
        "catalog_no": "AB-100",
        "gtin": "50899990000018",
        "qty": Decimal(2),
        "uom": "CA",
        "lot": "L77",
        "serial": "S1",
        "expiry_date": date(2027, 1, 31),
        "package_id": "008999900000000017",
        "tracking_number": "1Z999",
        "carrier_code": "RWDC",
        "packing_slip": "SH-1",
        "ship_date": date(2026, 3, 2),
        "expected_date": date(2026, 3, 4),
        "status": "SHIPPED",
    }
    assert {k: first[k] for k in expected} == expected
    assert (second["lot"], second["package_id"], second["po_line_no"]) == ("L78", None, "2")


def test_a_notice_that_is_taken_back_cancels_its_lines(rows):
    found = rows("ship_notice_edi", notice("01"))["shipment_line"]
    assert {r["status"] for r in found} == {"CANCELLED"}


# --- 832 ---------------------------------------------------------------------------------------


def catalogue(*units):
    return interchange(
        "BRIARMED",
        "832",
        "SC",
        "BCT*PC*CAT-9********05",
        "REF*CT*K-77",
        "DTM*092*20260101",
        "DTM*093*20261231",
        "LIN*1*VN*00-AB.100*IN*I100001",
        "DTM*007*20260302",
        "CTP**CON*120.00*1*CA",
        "CTP**C02*115.50*1*CA",
        "CTP**SLP*190.00*1*CA",
        *units,
        "CTT*1",
    )


SLN = ("SLN*1*1*I*1*CA****UK*50899990000018", "SLN*2*2*I*4*BX****UK*30899990000014")
PKL = ("PKL*UK*50899990000018*CA*1", "PKL*UK*30899990000014*BX*4")


@pytest.mark.parametrize("units", [SLN, PKL], ids=["as SLN", "as PKL"])
def test_a_catalogue_gives_our_prices_and_the_units_of_each_item(rows, units):
    found = rows("price_catalog_edi", catalogue(*units))
    columns = ("contract_id", "item_id", "tier", "uom", "price", "valid_from", "valid_to")
    start, end = date(2026, 3, 2), date(2026, 12, 31)
    assert shown(found["contract_price"], *columns) == [
        ("K-77", "I100001", "STANDARD", "CA", Decimal("120"), start, end),
        ("K-77", "I100001", "C02", "CA", Decimal("115.5"), start, end),
    ]
    columns = ("supplier_id", "catalog_no_norm", "level_no", "item_id", "uom", "qty", "gtin")
    assert shown(found["catalog_unit"], *columns) == [
        ("S0002", "AB100", 1, "I100001", "CA", 1, "50899990000018"),
        ("S0002", "AB100", 2, "I100001", "BX", 4, "30899990000014"),
    ]


# --- 860 ---------------------------------------------------------------------------------------


def change(purpose, *segments):
    head = [f"BCH*{purpose}*SA*S4711***20260301*****20260303", "N1*ST*Summit Ridge*92*SRH"]
    return interchange("MERIDIANHN", "860", "PC", *head, *segments)


def test_a_change_says_what_changes_and_a_line_taken_out_is_cancelled(rows):
    found = rows(
        "order_change_edi",
        change(
            "04",
            "POC*1*QI*12**EA",
            "POC*2*PC***EA*9.75",
            "POC*3*DI*0**EA*0**VN*AB-300",
            "POC*4*AI*6**BX*20.00**VN*AB-400*IN*I100004",
            "CTT*4",
        ),
    )["purchase_order_change"]
    columns = ("line_no", "change_code", "qty", "price", "item_id", "status")
    assert shown(found, *columns) == [
        ("1", "QI", 12, None, None, None),
        ("2", "PC", None, Decimal("9.75"), None, None),
        ("3", "DI", None, None, None, "CANCELLED"),
        ("4", "AI", 6, Decimal(20), "I100004", "OPEN"),
    ]
    assert {(r["po_id"], r["change_date"]) for r in found} == {("SRH-S4711", date(2026, 3, 3))}


def test_an_order_taken_back_is_cancelled_whole(rows):
    (row,) = rows("order_change_edi", change("01", "CTT*0"))["purchase_order_change"]
    assert (row["po_id"], row["line_no"], row["status"]) == ("SRH-S4711", "*", "CANCELLED")


# --- 820 ---------------------------------------------------------------------------------------


def test_a_remittance_is_a_row_per_invoice_and_per_adjustment_under_it(rows):
    found = rows(
        "remittance_edi",
        interchange(
            "MERIDIANAP",
            "820",
            "RA",
            "BPR*I*585.00*C*ACH*CTX***********20260305",
            "TRN*1*T-9",
            "N1*PE*Briar Medical Supply*92*S0002",
            "ENT*1",
            "RMR*IV*INV-1**490.00*500.00*10.00",
            "REF*PO*N4711",
            "RMR*IV*INV-2**95.00*100.00",
            "ADX*-5.00*01",
        ),
    )["payment_remittance"]
    columns = ("line_no", "invoice_number", "amount_paid", "amount_invoiced", "discount_taken")
    assert shown(found, *columns, "adjustment_amount") == [
        (1000, "INV-1", Decimal("490"), Decimal("500"), Decimal("10"), None),
        (2000, "INV-2", Decimal("95"), Decimal("100"), None, None),
        (2001, "INV-2", 0, None, None, Decimal("-5")),
    ]
    assert {(r["supplier_id"], r["payment_date"], r["trace_number"]) for r in found} == {
        ("S0002", date(2026, 3, 5), "T-9")
    }


# --- 810 ---------------------------------------------------------------------------------------

LINE = "IT1*1*10*EA*1.5**VC*A1"
ALLOWANCE, CHARGE, NOTE = "SAC*A*C310***150", "SAC*C*D240***250", "SAC*N*F050***999"


@pytest.mark.parametrize(
    ("type_code", "billed", "amounts"),
    [
        pytest.param("", [LINE, ALLOWANCE, CHARGE, NOTE], ["15", "-1.5", "2.5"], id="invoice"),
        pytest.param("CR", [LINE, ALLOWANCE, CHARGE, NOTE], ["-15", "1.5", "-2.5"], id="credit"),
        pytest.param(
            "CR",
            [LINE.replace("*10*", "*-10*"), ALLOWANCE.replace("150", "-150")],
            ["-15", "1.5"],
            id="credit-with-a-minus",
        ),
    ],
)
def test_an_allowance_takes_off_an_invoice_and_off_a_credit(rows, type_code, billed, amounts):
    head = f"BIG*20260302*INV-1**N4711***{type_code}"
    found = rows("invoice_edi", interchange("GREYLOCK", "810", "IN", head, *billed, "TDS*0"))
    assert [row["amount"] for row in found["invoice_line"]] == [Decimal(a) for a in amounts]


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        pytest.param("ITD*08*3*2**10**30", 10, id="2-10-net-30"),
        pytest.param("ITD*02*3*2*20260410**20260430", 39, id="a-day-of-the-next-month"),
        pytest.param("ITD*01*3***30", 30, id="days-alone"),
        pytest.param("ITD*01*3*2", None, id="neither"),
    ],
)
def test_a_discount_whose_terms_state_its_last_day_runs_until_then(rows, terms, days):
    head = "BIG*20260302*INV-1**N4711"
    found = rows("invoice_edi", interchange("GREYLOCK", "810", "IN", head, terms, LINE, "TDS*1500"))
    assert [row["disc_days"] for row in found["invoice"]] == [days]


# --- 867 ---------------------------------------------------------------------------------------


def test_a_rebate_claim_is_quantity_times_difference_and_negative_where_given_back(rows, tmp_path):
    """As HIBCC's first example closes: 15 x 4.00 claimed, 1 x 16.91 given back, 43.09 in all."""
    (written,) = re.findall(
        r"^```yaml\n(- table: rebate_line\n.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    shutil.copytree(TEMPLATE, tmp_path, dirs_exist_ok=True)
    like = (TEMPLATE / "sources" / "ship_notice_edi.yaml").read_text()
    own = like.replace("ship_notice_edi", "rebate_edi").partition("records:\n")[0]
    (tmp_path / "sources" / "rebate_edi.yaml").write_text(f"{own}records:\n{written}")
    found, mistakes = read_site(tmp_path, {})
    assert mistakes == []
    feed = found.feeds["rebate_edi"]
    sold = ("N1*ST*Northfield General Hospital*92*NGH", "REF*PO*PO6578")
    found = rows(
        feed,
        interchange(
            "COPPERLEAF",
            "867",
            "PT",
            "BPT*00*DM1*20260302*SS",
            "PTD*SS***VC*CT67895*DC",
            *sold,
            "QTY*32*15*BX",
            "LIN**MG*1000*UK*30899990000014",
            "UIT*BX*18.25*CT",
            "UIT*BX*22.25*CA",
            "AMT*S*4*C",
            "PTD*PA***VC*CT77612*AO",
            *sold,
            "QTY*32*1*CA",
            "LIN**MG*786012",
            "UIT*CA*81.34*CT",
            "UIT*CA*98.25*CA",
            "AMT*S*16.91*D",
            "CTT*2",
            "AMT*S*43.09*C",
        ),
    )["rebate_line"]
    columns = ("contract_id", "facility_id", "catalog_no", "qty", "contract_price", "list_price")
    assert shown(found, *columns) == [
        ("CT67895", "NGH", "1000", 15, Decimal("18.25"), Decimal("22.25")),
        ("CT77612", "NGH", "786012", 1, Decimal("81.34"), Decimal("98.25")),
    ]
    assert shown(found, "claim_per_unit", "claim_amount") == [
        (Decimal("4"), Decimal("60.00")),
        (Decimal("-16.91"), Decimal("-16.91")),
    ]
