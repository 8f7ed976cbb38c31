"""Third-party X12 files: every one is read, and counted as its manifest counts it."""

from datetime import date
from decimal import Decimal

import pytest
from x12_corpus import MANIFEST, manifest, read
from x12_refused import REFUSED

from recon.parse.x12 import parse, reader

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(), reason="the corpus of third-party X12 files is not here"
)

# Where the manifest's own tokeniser and ours count differently; every one has a bad envelope.
EXPLAINED = {
    "850/Inteligenz_X12Parser__Example4_Adobe_ShrinkWrapped.txt": (
        "lines end in a blank before the line break; the manifest takes the blank as terminator"
    ),
    "837/imsweb_x12-parser__x12_bad_segment_identifier.txt": (
        "a segment without a tag is a segment here, with a defect"
    ),
    "837/imsweb_x12-parser__x12_no_isa_line.txt": "without ISA there are no delimiters to read by",
    "835/jdavisp3_TigerShark__835-example-2.txt": (
        "the terminator stands after the line break; the manifest takes the line break for it"
    ),
    "835/jdavisp3_TigerShark__835-example.txt": "as the one before",
    "278/jdavisp3_TigerShark__TEST_278_28_TXNS_SOA.txt": (
        "one IEA has no terminator; the manifest loses the interchange after it"
    ),
    "envelope_only/azoner_pyx12__Segment_ID_Checks.test_segment_id_empty.edi": (
        "a segment without a tag is a segment here, with a defect"
    ),
    **{
        f"envelope_only/azoner_pyx12__X12WriterTest.{test}.edi": (
            "no terminator at all; the manifest takes the G of GS for it"
        )
        for test in (
            "test_identity",
            "test_tempfile_ascii",
            "test_tempfile_fail_no_encoding",
            "test_identity_5010",
            "test_fix_se",
            "test_missing",
        )
    },
}


def test_every_file_is_read_and_counted():
    rows = manifest()
    assert len(rows) == 444
    different, lost = set(), []
    for row in rows:
        x12 = read(row["file"])
        counted = (
            x12.interchanges.height,
            x12.groups.height,
            x12.transactions.height,
            x12.segments.height,
        )
        names = ("interchanges", "groups", "transactions", "segments")
        if counted != tuple(int(row[f"ref_{name}"]) for name in names):
            different.add(row["file"])
        if x12.segments["byte_length"].sum() + x12.gaps["byte_length"].sum() != len(x12.data):
            lost.append(row["file"])
    assert lost == []
    assert different == set(EXPLAINED)
    clean = {row["file"] for row in rows if row["ref_envelope"].startswith("ok")}
    assert different & clean == set()


def test_a_clean_envelope_is_accepted_and_a_wrong_count_is_refused(monkeypatch):
    unexpected = []
    for row in manifest():
        x12 = read(row["file"])
        with monkeypatch.context() as patched:
            patched.setattr(reader, "read_x12", lambda _, x12=x12: x12)
            parsed = parse(x12.data)
        rules = set(parsed.rejects["rule"])
        envelope = row["ref_envelope"]
        counts_wrong = any(f"{t} count wrong" in envelope for t in ("SE", "GE", "IEA"))
        # CTT01 is not part of the envelope; ten sample orders declare a wrong number of lines.
        refused = envelope.startswith("ok") and bool(rules - {"CTT01"})
        meant = row["fixture_intent"].startswith("deliberately-invalid")
        if refused and not meant and row["file"] not in REFUSED:
            unexpected.append((row["file"], rules))
        if counts_wrong and not rules and row["file"] not in EXPLAINED:
            unexpected.append((row["file"], envelope))
    assert unexpected == []


def test_orders_and_invoices_counted_by_hand():
    """Read off the files with the eye: headers, lines, charges and totals."""

    def invoices(name):
        records = read(f"810/{name}").records
        heads = records["invoice"].select("invoice_number", "line_count", "total").rows()
        return heads, records["invoice_line"], records["invoice_charge"]

    heads, lines, charges = invoices("Inteligenz_X12Parser__2011110815164104.txt")
    assert heads == [("3323399", 7, Decimal("56358.00"))]
    assert lines["qty"].to_list() == [11, 8, 12, 6, 8, 20, 5]
    assert lines["buyer_item_no"][0] == lines["vendor_catalog_no"][0] == "10190150"
    assert charges.select("line_no", "code", "amount").rows() == [(7, "D240", Decimal(0))]

    heads, lines, charges = invoices("Inteligenz_X12Parser__Example3_MultiInvoice.txt")
    assert heads == [("465266", 4, Decimal("8432.02")), ("465267", 1, Decimal("1129.92"))]
    assert lines["price"].to_list() == [
        Decimal(p) for p in ("52.56", "207.72", "169.2", "166.8", "96")
    ]
    # Goods 840.96 + 2492.64 + 3045.60 + 1501.20, tax 58.87 + 174.48 + 213.19 + 105.08.
    assert charges["amount"].to_list() == [
        Decimal(a) for a in ("58.87", "174.48", "213.19", "105.08", "73.92")
    ]
    assert charges["line_no"].to_list() == [1, 2, 3, 4, 1]

    heads, lines, charges = invoices("Inteligenz_X12Parser__Example5_Walmart.txt")
    assert heads == [("6463367", 1, Decimal("3875.30"))]
    assert lines.select("qty", "price", "gtin", "buyer_item_no").rows() == [
        (Decimal(1080), Decimal("3.61"), "00221089552284", "001719653")
    ]
    assert charges.select("indicator", "code", "amount").rows() == [("A", "I410", Decimal("23.50"))]

    def orders(name):
        records = read(f"850/{name}").records
        heads = records["purchase_order"].select("po_number", "line_count", "total_amount").rows()
        return heads, records["purchase_order_line"], records["purchase_order"]

    heads, lines, head = orders("Inteligenz_X12Parser__From_aojuk.txt")
    assert heads == [("6190", 2, Decimal("229.98"))]
    assert lines.select("assigned_id", "qty", "uom", "price", "vendor_catalog_no").rows() == [
        ("6917", Decimal(1), "PK", Decimal("10.98"), "123456"),
        ("6915", Decimal(1), "EA", Decimal(219), "654321"),
    ]
    assert head["order_date"].to_list() == [date(2009, 1, 1)]
    assert head["ship_to_id"].to_list() == ["10052"]

    heads, lines, head = orders("Inteligenz_X12Parser__Example3_Adobe_CLP.txt")
    assert heads == [("ANSI-X12-CLP", 2, Decimal(12))]
    assert lines["manufacturer_part_no"].to_list() == ["64017422AB10A12", "54020587AA01A00"]
    assert head.select("contract_number", "ship_to_name", "bill_to_id").rows() == [
        ("123456", "SHIP TO", "Bill To ID")
    ]
