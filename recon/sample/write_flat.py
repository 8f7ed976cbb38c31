"""Delimited and fixed-width files: master data, the ERP's orders, receipts, the invoice portal."""

import io
import math
from datetime import date, timedelta

import polars as pl

from recon.sample.documents import night_date
from recon.sample.files import File, Refused, decimal_text, price_text
from recon.sample.network import HOSPITALS, SUPPLIERS, Item, Network

UTF8_BOM = b"\xef\xbb\xbf"
# A letter O where a zero belongs.
UNREADABLE = "1O"


def csv(
    rows: pl.DataFrame, *, encoding: str = "utf-8", separator: str = ",", ends: str = "\n"
) -> bytes:
    """Rows of text as a CSV file with a header."""
    buffer = io.BytesIO()
    rows.write_csv(buffer, separator=separator, line_terminator=ends)
    data = buffer.getvalue()
    return data if encoding == "utf-8" else data.decode().encode(encoding)


def _quantity() -> pl.Expr:
    quantity = pl.col("qty").cast(pl.String)
    return pl.when(pl.col("flaw") == "QTY").then(pl.lit(UNREADABLE)).otherwise(quantity)


def items(net: Network, night: int, stamp: str) -> File:
    """The item master; its second delivery has new items that nobody has ordered yet."""
    flag = {True: "Y", False: "N"}
    rows = [
        {
            "item_no": i.id,
            "description": i.description,
            "category": i.category,
            "base_unit": i.base,
            "manufacturer": f"M{i.index % 97:03d}",
            "part_no": f"{i.catalog_no}-{i.index % 7}",
            "on_contract": flag[i.contract],
            "stocked": flag[i.index % 3 != 0],
            "lot_controlled": flag[i.category in ("IMPLANT", "LAB")],
            "implant": flag[i.category == "IMPLANT"],
        }
        for i in net.items
    ]
    if night > 1:
        rows += [
            {
                **rows[n],
                "item_no": f"I9{n:05d}",
                "description": f"{rows[n]['description']}, 2nd source",
            }
            for n in range(5)
        ]
    return File("item", f"ITEM_{stamp}.csv", night, csv(pl.DataFrame(rows), ends="\r\n"), len(rows))


def units(net: Network, night: int, stamp: str, dozens: list[Item]) -> File:
    """What each unit of an item holds, in base units; ``dozens`` also come by the dozen."""
    rows = []
    for i in net.items:
        ladder = {**i.units, **({"DZ": 12} if i in dozens else {})}
        for level, (uom, eaches) in enumerate(ladder.items()):
            shared = math.gcd(eaches, i.units[i.base])
            rows.append(
                {
                    "item_no": i.id,
                    "unit": uom,
                    "numerator": eaches // shared,
                    "denominator": i.units[i.base] // shared,
                    "gtin": i.gtin if level == 0 else None,
                }
            )
    return File("item_uom", f"UNITS_{stamp}.csv", night, csv(pl.DataFrame(rows)), len(rows))


def kits(net: Network, stamp: str) -> File:
    """What is in each kit."""
    rows = pl.DataFrame(
        [
            {"kit_no": kit.item.id, "part_no": part.id, "quantity": qty}
            for kit in net.kits
            for part, qty in kit.parts
        ]
    )
    return File("kit_component", f"KITS_{stamp}.csv", 1, csv(rows), rows.height)


def suppliers(first_night: date, stamp: str) -> File:
    """The suppliers, in cp1252 with semicolons, as an old ERP exports them."""
    flag = {True: "Y", False: "N"}
    rows = pl.DataFrame(
        [
            {
                "vendor_no": s.id,
                "name": s.name,
                "group": s.parent,
                "currency": "USD",
                "po_required": flag[s.po_required],
                "paid_on_receipt": flag[s.ers],
                "price_basis": "ORDER_DATE",
                "active_from": f"{first_night - timedelta(days=900):%Y-%m-%d}",
            }
            for s in SUPPLIERS
        ]
    )
    data = csv(rows, encoding="cp1252", separator=";", ends="\r\n")
    return File("supplier", f"VENDORS_{stamp}.csv", 1, data, rows.height)


def catalogue(net: Network, first_night: date, stamp: str) -> File:
    """Which number of which supplier is which of our items: catalogue numbers and GTINs."""
    since = f"{first_night - timedelta(days=700):%Y-%m-%d}"
    numbers = [
        (i, kind, no)
        for i in net.items
        for kind, no in (("SUPPLIER", i.catalog_no), ("GTIN", i.gtin))
    ]
    rows = pl.DataFrame(
        [
            {
                "vendor_no": i.supplier,
                "number": no,
                "kind": kind,
                "item_no": i.id,
                "unit": "EA",
                "since": since,
            }
            for i, kind, no in numbers
        ]
    )
    return File("item_xref", f"CATALOGUE_{stamp}.csv", 1, csv(rows), rows.height)


def erp_orders(order: pl.DataFrame, night: int, stamp: str) -> File:
    """The ERP's open orders as of a night, all of them, one row per line."""
    erp = [h.id for h in HOSPITALS if h.erp]
    rows = order.filter(
        pl.col("facility_id").is_in(erp)
        & (pl.col("night") <= night)
        & (pl.col("until").is_null() | (pl.col("until") >= night))
    ).sort("facility_id", "po_number", "line_no")
    written = rows.select(
        pl.col("facility_id").alias("facility"),
        "po_number",
        pl.col("supplier_id").alias("vendor_no"),
        pl.col("order_date").dt.strftime("%m/%d/%Y"),
        "type",
        "freight_terms",
        pl.col("valid_from").dt.strftime("%m/%d/%Y"),
        pl.col("valid_to").dt.strftime("%m/%d/%Y"),
        "line_no",
        pl.col("item_id").alias("item_no"),
        "catalog_no",
        _quantity().alias("qty"),
        pl.col("uom").alias("unit"),
        price_text(pl.col("price")).alias("unit_price"),
        "match_type",
        "match_basis",
        decimal_text(pl.col("limit_amount"), 2).alias("limit_amount"),
        "line_status",
    )  # fmt: skip
    broken = rows.with_row_index("n").filter(pl.col("flaw") == "QTY")["n"]
    refused = [Refused(n + 1, "type:qty") for n in broken]
    return File("purchase_order_erp", f"PO_{stamp}.csv", night, csv(written), rows.height, refused)


# Name and width of each field of a receipt record, in order; the site's YAML says the same.
RECEIPT_FIELDS = {
    "facility_id": 4,
    "po_number": 12,
    "po_line_no": 4,
    "receipt_id": 18,
    "line_no": 4,
    "kind": 8,
    "receipt_date": 8,
    "qty": 11,
    "uom": 2,
    "packing_slip": 16,
    "ref_receipt_id": 18,
    "ref_line_no": 4,
    "status": 6,
    "accepted": 11,
}
NUMERIC = {"po_line_no", "line_no", "qty", "ref_line_no", "accepted"}


def receipts(receipt: pl.DataFrame, night: int, stamp: str, wrong_trailers: set[str]) -> list[File]:
    """A night's receipts: one fixed-width file per dock, count and total at its end."""
    tonight = receipt.filter(pl.col("night") == night)
    return [
        _receipt_file(
            tonight.filter(pl.col("file") == dock), night, stamp, dock, dock in wrong_trailers
        )
        for dock in sorted(tonight["file"].unique())
    ]


def _receipt_file(rows: pl.DataFrame, night: int, stamp: str, dock: str, wrong: bool) -> File:
    rows = rows.sort("po_number", "receipt_id", "line_no", "po_line_no")
    shown = rows.with_columns(pl.col("receipt_date").dt.strftime("%Y%m%d"))
    texts = [
        text.str.pad_start(width) if name in NUMERIC else text.str.pad_end(width)
        for name, width in RECEIPT_FIELDS.items()
        for text in [pl.col(name).cast(pl.String).fill_null("")]
    ]
    lines = shown.select(pl.concat_str(texts).alias("line"))["line"]
    total = int(rows["qty"].sum()) + (100 if wrong else 0)
    body = "\r\n".join(
        [f"HDR RECEIPTS {dock} {stamp}", *lines.to_list(), f"TRL{rows.height:9d}{total:13d}"]
    )
    refused = [Refused(0, "trailer_total", rows.height)] if wrong else []
    return File(
        "receipt",
        f"RCV_{dock}_{stamp}.txt",
        night,
        (body + "\r\n").encode(),
        rows.height,
        refused,
        "QUARANTINED" if wrong else "LANDED",
    )


def implant_usage(usage: pl.DataFrame, night: int, stamp: str) -> list[File]:
    """What the operating rooms used of bill-only goods, on nights that saw any."""
    tonight = usage.filter(pl.col("night") == night).sort("usage_id")
    if tonight.is_empty():
        return []
    written = tonight.select(
        pl.col("usage_id").alias("usage_no"),
        pl.col("facility_id").alias("facility"),
        "po_number",
        pl.col("po_line_no").alias("po_line"),
        pl.col("item_id").alias("item_no"),
        pl.col("used_on").dt.strftime("%Y-%m-%d"),
        "qty",
        "lot",
    )
    name = f"IMPLANTS_{stamp}.csv"
    return [File("implant_usage", name, night, csv(written), tonight.height)]


def portal(
    invoice: pl.DataFrame,
    line: pl.DataFrame,
    charge: pl.DataFrame,
    night: int,
    stamp: str,
    first_night: date,
) -> File:
    """A night's invoices of the portal, one row per line with the invoice's columns repeated."""
    head = invoice.filter((pl.col("night") == night) & pl.col("sender").is_null())
    goods = line.join(head.select("doc"), on="doc", how="semi").with_columns(
        line_type=pl.lit("ITEM")
    )
    counts = goods.group_by("doc").agg(pl.len().cast(pl.Int64).alias("line_count"))
    beside = charge.join(counts, on="doc").select(
        "doc",
        (pl.col("line_count") + pl.col("charge_no")).alias("line_no"),
        pl.col("kind").alias("line_type"),
        "amount",
    )
    rows = (
        pl.concat([goods, beside], how="diagonal")
        .join(head, on="doc")
        .sort("invoice_id", "line_no")
    )
    received = night_date(first_night, night)
    written = rows.select(
        pl.col("invoice_id").alias("document_id"),
        pl.col("supplier_id").alias("vendor_no"),
        pl.col("facility_id").alias("facility"),
        pl.col("invoice_number").alias("invoice_no"),
        "doc_type",
        pl.col("invoice_date").dt.strftime("%Y-%m-%d"),
        pl.lit(f"{received:%Y-%m-%d}").alias("received_date"),
        "currency",
        decimal_text(pl.col("total"), 2).alias("invoice_total"),
        "po_number",
        pl.when(pl.col("disc_pct") > 0).then("disc_pct").alias("discount_percent"),
        pl.when(pl.col("disc_days") > 0).then("disc_days").alias("discount_days"),
        "line_no",
        "line_type",
        pl.col("po_line_no").alias("po_line"),
        "catalog_no",
        _quantity().alias("qty"),
        pl.col("uom").alias("unit"),
        price_text(pl.col("price")).alias("unit_price"),
        decimal_text(pl.col("amount"), 2).alias("amount"),
        "lot",
        "packing_slip",
        pl.col("ref_invoice_number").alias("credits_invoice"),
        pl.col("adj_kind").alias("reason"),
    )
    broken = rows.with_row_index("n").filter(pl.col("flaw") == "QTY")["n"]
    refused = [Refused(n + 1, "type:qty") for n in broken]
    # The portal was moved to another machine on the second night: a byte-order mark appears.
    mark = UTF8_BOM if night == 2 else b""
    data = mark + csv(written, ends="\r\n")
    return File("invoice_portal", f"PORTAL_{stamp}.csv", night, data, rows.height, refused)
