"""Ordinary business: orders, receipts and invoices that agree, in any number.

Deliveries are partial, late or never come; invoices are split, or billed in eaches where boxes
were ordered; some goods are never billed. On every night, what has been billed has been received
and what has been received was ordered, at the order's price: nothing here is an exception.

Everything is computed on whole columns; a million lines take seconds.
"""

from datetime import date

import numpy as np
import polars as pl

from recon.sample.chance import Chance, Whole
from recon.sample.documents import (
    CHARGE,
    INVOICE,
    INVOICE_LINE,
    ORDER,
    RECEIPT,
    USAGE,
    Documents,
)
from recon.sample.network import ERS_SUPPLIER, HOSPITALS, SUPPLIERS, Network

LONGEST_ORDER = 7
# The eight suppliers that send X12 get this share of the orders, in percent.
EDI_SHARE = 55
MOST = {"EA": 60, "BX": 24, "CA": 10}


def flow(
    net: Network, chance: Chance, order_lines: int, nights: int, first_night: date
) -> Documents:
    """``order_lines`` clean order lines with what follows them within ``nights``."""
    draw = chance.stream("flow")
    line = _ordered(net, draw, order_lines, nights, first_night)
    receipt = _received(draw, line, nights, first_night)
    invoice, billed, charge = _billed(draw, receipt, nights, first_night)
    orders = line.select(
        *("night", "facility_id", "po_number", "supplier_id", "order_date"),
        pl.lit("STANDARD").alias("type"),
        "freight_terms",
        pl.lit(None, pl.Date).alias("valid_from"),
        pl.lit(None, pl.Date).alias("valid_to"),
        *("line_no", "item_id", "catalog_no", "qty", "uom", "price", "match_type"),
        pl.lit("QTY").alias("match_basis"),
        pl.lit(None, pl.Int64).alias("limit_amount"),
        pl.lit("OPEN").alias("line_status"),
        pl.lit(None, pl.Int64).alias("until"),
        pl.lit("").alias("flaw"),
    )
    return Documents(
        orders.cast(ORDER),
        receipt.select(RECEIPT.names()).cast(RECEIPT),
        invoice.select(INVOICE.names()).cast(INVOICE),
        billed.select(INVOICE_LINE.names()).cast(INVOICE_LINE),
        charge.select(CHARGE.names()).cast(CHARGE),
        pl.DataFrame(schema=USAGE),
    )


def _ordered(
    net: Network, draw: Chance, order_lines: int, nights: int, first_night: date
) -> pl.DataFrame:
    """One row per order line, with its item's numbers."""
    sizes = draw.many("size", order_lines + 1, 1, LONGEST_ORDER)
    ends = np.cumsum(sizes)
    orders = int(np.searchsorted(ends, order_lines)) + 1
    sizes = sizes[:orders].copy()
    sizes[-1] -= ends[orders - 1] - order_lines
    order = np.repeat(np.arange(orders), sizes)
    within = np.arange(order_lines) - np.repeat(np.cumsum(sizes) - sizes, sizes)

    edi = sum(s.habit is not None for s in SUPPLIERS)
    buying = sum(s.po_required for s in SUPPLIERS)
    supplier = np.where(
        draw.many("share", orders, 1, 100) <= EDI_SHARE,
        draw.many("edi", orders, 0, edi - 1),
        draw.many("portal", orders, edi, buying - 1),
    )
    usable = [i for i in net.items if not i.role]
    of_supplier: list[list[int]] = [[] for _ in SUPPLIERS]
    number = {s.id: n for n, s in enumerate(SUPPLIERS)}
    for place, item in enumerate(usable):
        of_supplier[number[item.supplier]].append(place)
    flat = np.array([place for places in of_supplier for place in places])
    count = np.array([max(1, len(places)) for places in of_supplier])
    first = np.cumsum([0, *(len(places) for places in of_supplier[:-1])])
    # Neighbours in the supplier's list: no item twice on one order.
    offset = draw.many("item", orders, 0, 1_000_000)[order] + within
    place = flat[first[supplier][order] + offset % count[supplier][order]]

    units = ("EA", "BX", "CA")
    factor = np.array([[i.units.get(u, 0) for u in units] for i in usable])
    lowest = np.array([1 if i.fine else 0 for i in usable])
    choices = np.array([len(i.units) for i in usable]) - lowest
    unit = lowest[place] + draw.many("unit", order_lines, 0, 1_000_000) % choices[place]
    eaches = factor[place, unit]
    each = np.array([i.each for i in usable])[place]
    # A line comes to some $5,000 at most, or to one piece of what costs more.
    worth = np.array([i.each for i in usable])[place] * eaches
    most = np.clip(50_000_000 // worth, 1, np.array([MOST[u] for u in units])[unit])

    opening = draw.many("opening", orders, 1, 10) <= 4
    night = np.where(opening, 1, draw.many("night", orders, 1, nights))
    first_day = (first_night - date(1970, 1, 1)).days
    days = first_day + night - 1 - np.where(opening, draw.many("ago", orders, 3, 25), 0)
    hospital = draw.many("hospital", orders, 0, len(HOSPITALS) - 1)
    ers = supplier == number[ERS_SUPPLIER]
    goods = pl.DataFrame(
        {
            "item_id": [i.id for i in usable],
            "catalog_no": [i.catalog_no for i in usable],
            "gtin": [i.gtin for i in usable],
        }
    )[place]
    letters = pl.Series([h.letter for h in HOSPITALS])
    return pl.DataFrame(
        {
            "order": order,
            "night": night[order],
            "facility_id": pl.Series([h.id for h in HOSPITALS])[hospital][order],
            "po_number": letters[hospital][order] + pl.Series(4_500_001 + order).cast(pl.String),
            "supplier_id": pl.Series([s.id for s in SUPPLIERS])[supplier][order],
            "order_date": pl.Series(days[order]).cast(pl.Int32).cast(pl.Date),
            "adds_freight": (draw.many("freight", orders, 1, 100) <= 15)[order],
            "ers": ers[order],
            "opening": opening[order],
            "line_no": within + 1,
            "qty": 1 + draw.many("qty", order_lines, 0, 1_000_000) % most,
            "uom": pl.Series(list(units))[unit],
            "eaches": eaches,
            "each": each,
            "price": each * eaches,
        }
    ).with_columns(
        goods["item_id"],
        goods["catalog_no"],
        goods["gtin"],
        freight_terms=pl.when("adds_freight")
        .then(pl.lit("PREPAID_ADD"))
        .otherwise(pl.lit("ALLOWED")),
        match_type=pl.when("ers").then(pl.lit("ERS")).otherwise(pl.lit("3WAY")),
    )


def _received(draw: Chance, line: pl.DataFrame, nights: int, first_night: date) -> pl.DataFrame:
    """Up to two deliveries of each line, in the order's unit or in eaches."""
    n = line.height
    qty: Whole = line["qty"].to_numpy()
    opening = line["opening"].to_numpy()
    night = np.where(
        opening,
        draw.many("arrives_opening", n, 1, nights),
        line["night"].to_numpy() + draw.many("arrives", n, 0, 2),
    )
    partial = (draw.many("partial", n, 1, 100) <= 15) & (qty >= 2)
    part = np.clip(qty * draw.many("part", n, 30, 70) // 100, 1, np.maximum(1, qty - 1))
    never = draw.many("never", n, 1, 100) <= 6
    in_eaches = (draw.many("counted", n, 1, 100) <= 10) & (line["eaches"].to_numpy() > 1)
    plan = line.with_columns(in_eaches=pl.Series(in_eaches))
    deliveries = pl.concat(
        [
            plan.with_columns(
                delivered=pl.Series(np.where(partial, part, qty)), arrives=pl.Series(night)
            ).filter(pl.Series(~never)),
            plan.with_columns(
                delivered=pl.Series(qty - part),
                arrives=pl.Series(night + draw.many("rest", n, 1, 2)),
            ).filter(pl.Series(partial & ~never)),
        ]
    ).filter(pl.col("arrives") <= nights)
    day = pl.lit(first_night) + pl.duration(days=pl.col("arrives") - 1)
    return deliveries.sort("order", "arrives", "line_no").select(
        *("order", "supplier_id", "po_number", "facility_id", "order_date", "adds_freight", "ers"),
        *("item_id", "catalog_no", "gtin", "eaches", "each", "delivered"),
        pl.col("uom").alias("order_uom"),
        pl.col("arrives").alias("night"),
        pl.col("facility_id").alias("file"),
        pl.col("line_no").alias("po_line_no"),
        pl.concat_str(pl.lit("R"), "po_number", pl.lit("-"), "arrives").alias("receipt_id"),
        pl.int_range(1, pl.len() + 1).over("order", "arrives").alias("line_no"),
        pl.lit("RECEIPT").alias("kind"),
        day.alias("receipt_date"),
        (pl.col("delivered") * pl.when("in_eaches").then("eaches").otherwise(1)).alias("qty"),
        pl.when("in_eaches").then(pl.lit("EA")).otherwise("uom").alias("uom"),
        pl.lit(None, pl.Int64).alias("accepted"),
        pl.concat_str(pl.lit("PS"), pl.col("po_number").str.slice(1), "arrives").alias(
            "packing_slip"
        ),
        pl.lit(None, pl.String).alias("ref_receipt_id"),
        pl.lit(None, pl.Int64).alias("ref_line_no"),
        pl.lit("POSTED").alias("status"),
    )


def _billed(
    draw: Chance, receipt: pl.DataFrame, nights: int, first_night: date
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Invoices, their lines, freight: a delivery is billed at once, later, in two, or never."""
    goods = receipt.filter(~pl.col("ers"))
    lines = goods.with_columns(
        half=pl.when(pl.col("order") % 10 == 0).then(pl.col("po_line_no") % 2).otherwise(0),
        in_eaches=pl.Series(draw.many("billed_in_eaches", goods.height, 1, 100) <= 15)
        & (pl.col("eaches") > 1),
    )
    event = ["order", "night", "half"]
    per_event = (
        lines.group_by(event)
        .agg(
            pl.col("supplier_id", "facility_id", "po_number", "order_date", "adds_freight").first()
        )
        .sort(event)
    )
    n = per_event.height
    per_event = per_event.with_columns(
        billed_on=pl.col("night") + pl.Series((draw.many("later", n, 1, 4) == 1).astype(np.int64)),
        never=pl.Series(draw.many("unbilled", n, 1, 100) <= 8),
        freight=pl.when(pl.col("adds_freight") & (pl.int_range(pl.len()).over("order") == 0))
        .then(pl.Series(draw.many("freight_amount", n, 800, 7_400)))
        .otherwise(0),
        back=pl.Series(draw.many("dated", n, 0, 1)),
    ).filter((pl.col("billed_on") <= nights) & ~pl.col("never"))
    lines = (
        lines.with_columns(
            billed_uom=pl.when("in_eaches").then(pl.lit("EA")).otherwise("order_uom"),
            billed_qty=pl.col("delivered") * pl.when("in_eaches").then("eaches").otherwise(1),
            billed_price=pl.col("each") * pl.when("in_eaches").then(1).otherwise("eaches"),
        )
        # What costs a fraction of a cent is billed in whole boxes: every amount is whole cents.
        .with_columns(amount=pl.col("billed_qty") * pl.col("billed_price") // 100)
    )
    totals = lines.group_by(event).agg(pl.col("amount").sum())
    kept = (
        per_event.join(totals, on=event, maintain_order="left")
        .with_columns(total=pl.col("amount") + pl.col("freight"))
        # Two invoices of one order with one total would look like a duplicate: one is sent.
        .filter(pl.struct("order", "total").is_first_distinct())
        .with_columns(doc=pl.int_range(pl.len()))
    )
    night_day = pl.lit(first_night) + pl.duration(days=pl.col("billed_on") - 1)
    digits = (500_000 + pl.col("doc")).cast(pl.String)
    style = pl.col("supplier_id").str.slice(1).cast(pl.Int64) % 4
    invoice = kept.select(
        "doc",
        pl.col("billed_on").alias("night"),
        *("supplier_id", "facility_id"),
        pl.when(style == 0).then(digits)
        .when(style == 1).then(pl.concat_str(pl.lit("INV-"), digits))
        .when(style == 2).then(pl.concat_str(pl.lit("00"), digits))
        .otherwise(pl.concat_str(digits.str.slice(0, 2), pl.lit("-"), digits.str.slice(2)))
        .alias("invoice_number"),
        pl.lit("INVOICE").alias("doc_type"),
        pl.max_horizontal("order_date", night_day - pl.duration(days=pl.col("back")))
        .alias("invoice_date"),
        pl.lit("USD").alias("currency"),
        "total",
        "po_number",
        pl.lit(0).alias("disc_pct"),
        pl.lit(0).alias("disc_days"),
        pl.lit(value=False).alias("by_portal"),
        pl.lit("").alias("flaw"),
    )  # fmt: skip
    billed = (
        lines.join(kept.select(*event, "doc"), on=event)
        .sort("doc", "po_line_no")
        .select(
            "doc",
            pl.int_range(1, pl.len() + 1).over("doc").alias("line_no"),
            *("po_line_no", "catalog_no", "gtin", "item_id"),
            pl.col("billed_qty").alias("qty"),
            pl.col("billed_uom").alias("uom"),
            pl.col("billed_price").alias("price"),
            "amount",
            pl.lit(None, pl.String).alias("lot"),
            "packing_slip",
            pl.lit(None, pl.String).alias("ref_invoice_number"),
            pl.lit(None, pl.String).alias("adj_kind"),
        )
    )
    charge = kept.filter(pl.col("freight") > 0).select(
        "doc",
        pl.lit(1).alias("charge_no"),
        pl.lit("FREIGHT").alias("kind"),
        pl.col("freight").alias("amount"),
    )
    return invoice, billed, charge
