"""X12 files of which there are many: our 850 orders, and 810 invoices in each supplier's habits.

Everything is assembled with ``*`` between elements and ``~`` after segments, on whole columns;
a partner's own separators are put in at the end, interchange by interchange.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.sample.documents import night_date
from recon.sample.files import File, Refused, decimal_text, price_text
from recon.sample.habits import HABITS, STRANGER, Habit
from recon.sample.network import HOSPITALS, SUPPLIERS

NETWORK_ID = "MERIDIANHN"
VAN_ID = "VANPARTNERS"
CHARGE_CODES = {"FREIGHT": "D240", "SURCHARGE": "D270", "MISC": "F050"}
FREIGHT_CODES = {"ALLOWED": "PP", "PREPAID_ADD": "PC", "COLLECT": "CC"}
ORDERS_PER_INTERCHANGE = 1_000


def _segment(*elements: str | pl.Expr) -> pl.Expr:
    """One segment; empty elements at its end are left out, as the standard asks."""
    joined = pl.concat_str(
        [(pl.lit(e) if isinstance(e, str) else e.cast(pl.String)).fill_null("") for e in elements],
        separator="*",
    )
    return joined.str.strip_chars_end("*") + "~"


def _when(condition: pl.Expr, segment: pl.Expr) -> pl.Expr:
    return pl.when(condition.fill_null(value=False)).then(segment).otherwise(pl.lit(""))


@dataclass(frozen=True)
class Group:
    """A functional group: its code (GS01), control number, and transactions."""

    code: str
    control: int
    count: int
    text: str


def interchange(
    sender: str, receiver: str, component: str, day: date, control: int, groups: list[Group]
) -> str:
    """An interchange with ``*`` between elements and ``~`` after segments."""
    blank = " " * 10
    isa = (
        f"ISA*00*{blank}*00*{blank}*ZZ*{sender:<15}*ZZ*{receiver:<15}*{day:%y%m%d}*2200*U*00401*"
        f"{control:09d}*0*P*{component}~"
    )
    inside = [
        f"GS*{g.code}*{sender}*{receiver}*{day:%Y%m%d}*2200*{g.control}*X*004010~"
        f"{g.text}GE*{g.count}*{g.control}~"
        for g in groups
    ]
    return isa + "".join(inside) + f"IEA*{len(groups)}*{control:09d}~"


# --- 850 ----------------------------------------------------------------------------------------


def orders(order: pl.DataFrame, night: int, stamp: str, day: date) -> list[File]:
    """A night's new and amended orders of the hospitals that have no ERP feed, one file each."""
    first = _first_controls(order)
    tonight = order.filter(pl.col("night") == night)
    earlier = order.filter(pl.col("night") < night).select("facility_id", "po_number").unique()
    files = []
    for hospital in HOSPITALS:
        rows = tonight.filter(pl.col("facility_id") == hospital.id)
        if hospital.erp or rows.is_empty():
            continue
        amended = rows.join(earlier, on=["facility_id", "po_number"], how="semi")[
            "po_number"
        ].unique()
        documents = _order_texts(rows, hospital.id, hospital.name, amended)
        text = []
        for n, batch in enumerate(documents.iter_slices(ORDERS_PER_INTERCHANGE)):
            control = first[night, hospital.id] + n
            group = Group("PO", control, batch.height, batch["text"].str.join("").item())
            text.append(interchange(NETWORK_ID, VAN_ID, ">", day, control, [group]))
        name = f"850_{hospital.id}_{stamp}.edi"
        data = "".join(text).replace("~", "~\n").encode()
        files.append(File("purchase_order_edi", name, night, data, documents.height))
    return files


def _first_controls(order: pl.DataFrame) -> dict[tuple[int, str], int]:
    """Control number of the first interchange of each night and hospital: none is left out."""
    places = {h.id: at for at, h in enumerate(HOSPITALS) if not h.erp}
    sent = (
        order.filter(pl.col("facility_id").is_in(list(places)))
        .group_by("night", "facility_id")
        .agg(documents=pl.col("po_number").n_unique())
        .sort("night", pl.col("facility_id").replace_strict(places, return_dtype=pl.Int64))
        .with_columns(interchanges=(pl.col("documents") - 1) // ORDERS_PER_INTERCHANGE + 1)
        .with_columns(first=pl.col("interchanges").cum_sum() - pl.col("interchanges") + 1)
    )
    return {
        (n, h): first for n, h, first in sent.select("night", "facility_id", "first").iter_rows()
    }


def _order_texts(rows: pl.DataFrame, facility: str, name: str, amended: pl.Series) -> pl.DataFrame:
    names = pl.DataFrame(
        {"supplier_id": [s.id for s in SUPPLIERS], "seller": [s.name for s in SUPPLIERS]}
    )
    lines = rows.sort("po_number", "line_no").with_columns(
        line=_segment(
            "PO1", pl.col("line_no"), pl.col("qty"), pl.col("uom"), price_text(pl.col("price")), "",
            "VN", pl.col("catalog_no"), "IN", pl.col("item_id"),
        ),
    )  # fmt: skip
    heads = lines.group_by("po_number", maintain_order=True).agg(
        pl.col("supplier_id", "order_date", "freight_terms").first(),
        pl.col("line").str.join(""),
        pl.len().alias("line_count"),
    )
    freight = pl.col("freight_terms").replace_strict(FREIGHT_CODES, return_dtype=pl.String)
    purpose = (
        pl.when(pl.col("po_number").is_in(amended.implode()))
        .then(pl.lit("05"))
        .otherwise(pl.lit("00"))
    )
    control = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)
    return heads.join(names, on="supplier_id", how="left", maintain_order="left").select(
        text=pl.concat_str(
            _segment("ST", "850", control),
            _segment(
                "BEG",
                purpose,
                "SA",
                pl.col("po_number"),
                "",
                pl.col("order_date").dt.strftime("%Y%m%d"),
            ),
            _segment("FOB", freight),
            pl.lit(f"N1*ST*{name}*92*{facility}~"),
            _segment("N1", "SE", pl.col("seller"), "92", pl.col("supplier_id")),
            pl.col("line"),
            _segment("CTT", pl.col("line_count")),
            _segment("SE", pl.col("line_count") + 7, control),
        )
    )


# --- 810 ----------------------------------------------------------------------------------------


def invoices(
    invoice: pl.DataFrame,
    line: pl.DataFrame,
    charge: pl.DataFrame,
    night: int,
    stamp: str,
    first_night: date,
) -> list[File]:
    """A night's X12 invoices: the shared mailbox, partners' own files, the direct feed."""
    tonight = invoice.filter((pl.col("night") == night) & pl.col("sender").is_not_null())
    day = night_date(first_night, night)
    files: dict[str, list[str]] = {}
    records: dict[str, int] = {}
    refused: dict[str, list[Refused]] = {}
    for habit in (*HABITS, STRANGER):
        heads = tonight.filter(pl.col("sender") == habit.sender)
        if heads.is_empty():
            continue
        texts = _invoice_texts(heads, line, charge, habit)
        name = str(heads["file"][0])
        before = sum(text.count("\0") for text in files.get(name, []))
        text = _interchanges(texts, habit, day)
        refused.setdefault(name, []).extend(_flaws(texts, text, before))
        # \0 marks the end of each segment until the whole file's segments have been counted.
        own = text.replace("*", habit.element).replace("~", "\0" + habit.terminator)
        files.setdefault(name, []).append(own)
        records[name] = records.get(name, 0) + texts.height
        if not habit.last_terminator:
            files[name][-1] = own[: -len(habit.terminator)]
    return [
        File(
            "invoice_edi_direct" if name == "DIRECT" else "invoice_edi",
            f"{name}_{stamp}.edi",
            night,
            "".join(parts).replace("\0", "").encode(),
            records[name],
            refused[name],
        )
        for name, parts in files.items()
    ]


def _interchanges(texts: pl.DataFrame, habit: Habit, day: date) -> str:
    """A partner's transactions of one night in their groups and interchanges."""
    groups = texts.group_by("interchange", "group", maintain_order=True).agg(
        pl.col("text").str.join(""), pl.len().alias("count")
    )
    parts = []
    for (control,), of_it in groups.group_by("interchange", maintain_order=True):
        number = int(str(control))
        inside = [
            Group("IN", number * 1_000 + group, count, text)
            for group, text, count in of_it.select("group", "text", "count").iter_rows()
        ]
        parts.append(interchange(habit.sender, NETWORK_ID, habit.component, day, number, inside))
    return "".join(parts)


def _invoice_texts(
    heads: pl.DataFrame, line: pl.DataFrame, charge: pl.DataFrame, habit: Habit
) -> pl.DataFrame:
    """One transaction set per invoice: ``interchange, group, flaw, marker, text``."""
    credit = pl.col("doc_type") == "CREDIT"
    money = (
        (lambda c: decimal_text(c, 2)) if habit.explicit_point else (lambda c: c.cast(pl.String))
    )
    signed = (
        (lambda c: c)
        if habit.negative_credits
        else (lambda c: pl.when(credit).then(c.abs()).otherwise(c))
    )

    number = pl.col("catalog_no")
    if habit.punctuated:
        number = (
            "00-"
            + number.str.slice(0, 2)
            + "."
            + number.str.slice(2, 5)
            + "/"
            + number.str.slice(7)
        )
    numbers: dict[str, list[str | pl.Expr]] = {
        "VN": ["VN", number],
        "VC": ["VC", number],
        "UK": ["UK", pl.col("gtin")],
        "IN": ["IN", pl.col("item_id"), "VN", number],
    }
    sold = numbers[habit.ids]
    printed = {
        "echo": pl.col("po_line_no").cast(pl.String),
        "own": pl.col("line_no").cast(pl.String),
        "none": pl.lit(""),
    }[habit.lines]
    cites = pl.col("packing_slip").is_not_null() if habit.slips else pl.lit(value=False)
    goods = line.join(heads.select("doc", "doc_type"), on="doc").sort("doc", "line_no")
    goods = goods.select(
        "doc",
        text=_segment(
            "IT1", printed, signed(pl.col("qty")), pl.col("uom").replace(habit.units),
            price_text(pl.col("price")), "", *sold,
        ) + _when(cites, _segment("REF", "PK", pl.col("packing_slip"))),
        segments=1 + cites.cast(pl.Int64),
        credits="ref_invoice_number",
    ).group_by("doc", maintain_order=True).agg(
        pl.col("text").str.join("").alias("lines"),
        pl.col("segments").sum(),
        pl.col("credits").first(),
        pl.len().alias("line_count"),
    )  # fmt: skip
    beside = charge.join(heads.select("doc"), on="doc", how="semi").sort("doc", "charge_no")
    code = pl.col("kind").replace_strict(CHARGE_CODES, default=None, return_dtype=pl.String)
    beside = beside.select(
        "doc",
        text=pl.when(pl.col("kind") == "TAX")
        .then(_segment("TXI", "ST", decimal_text(pl.col("amount"), 2)))
        .otherwise(_segment("SAC", "C", code, "", "", money(pl.col("amount")))),
    ).group_by("doc", maintain_order=True).agg(
        pl.col("text").str.join("").alias("charges"), pl.len().alias("charge_count")
    )  # fmt: skip

    ship_to = {h.id: {"92": h.id, "UL": h.gln, "21": h.hin}[habit.ship_to] for h in HOSPITALS}
    names = {h.id: h.name for h in HOSPITALS}
    dated = pl.col("invoice_date").dt.strftime("%Y%m%d")
    control = pl.col("transaction").cast(pl.String).str.zfill(4)
    foreign = pl.col("currency") != "USD"
    discounted = pl.col("disc_pct") > 0
    credits = pl.col("credits").is_not_null()
    type_code = pl.when(credit).then(pl.lit("CR")).otherwise(pl.lit(habit.type_code))
    optional = sum((c.cast(pl.Int64) for c in (foreign, credits)), discounted.cast(pl.Int64))
    # ST, BIG, N1, TDS, CTT and SE stand in every transaction.
    segments = (
        6 + optional + pl.col("segments") + pl.col("charge_count").fill_null(0)
        + (pl.col("flaw") == "SE01").cast(pl.Int64)
    )  # fmt: skip
    return (
        heads.join(goods, on="doc", how="left")
        .join(beside, on="doc", how="left")
        .sort("interchange", "transaction")
        .select(
            "interchange",
            "group",
            "flaw",
            marker=pl.concat_str(pl.lit("BIG*"), dated, pl.lit("*"), "invoice_number", pl.lit("*")),
            text=pl.concat_str(
                _segment("ST", "810", control),
                _segment(
                    "BIG", dated, pl.col("invoice_number"), "", pl.col("po_number"), "", "",
                    type_code,
                ),
                _when(foreign, _segment("CUR", "SE", pl.col("currency"))),
                _when(credits, _segment("REF", "IV", pl.col("credits"))),
                _segment(
                    "N1", "ST", pl.col("facility_id").replace(names), habit.ship_to,
                    pl.col("facility_id").replace(ship_to),
                ),
                _when(
                    discounted,
                    _segment("ITD", "01", "3", pl.col("disc_pct"), "", pl.col("disc_days")),
                ),
                pl.col("lines"),
                _segment("TDS", money(signed(pl.col("total")))),
                pl.col("charges").fill_null(""),
                _segment("CTT", pl.col("line_count")),
                _segment("SE", segments, control),
            ),
        )
    )  # fmt: skip


RULES = {"SE01": ("SE01", "parse"), "SENDER": ("required:supplier_id", "canonical")}


def _flaws(texts: pl.DataFrame, text: str, before: int) -> list[Refused]:
    """Where the flawed transactions stand: the number of their ST among the file's segments."""
    found = []
    for flaw, marker in texts.filter(pl.col("flaw") != "").select("flaw", "marker").iter_rows():
        rule, layer = RULES[flaw]
        start = text.rindex("ST*810*", 0, text.index(marker))
        found.append(Refused(before + text.count("~", 0, start) + 1, rule, layer=layer))
    return found
