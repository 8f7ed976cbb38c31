"""The whole story of one exception, from the finding back to the bytes it came from.

What belongs here: the order in which the story is told, and how raw bytes are shown. What does
not: the numbers (``sql/exception_documents.sql``, ``sql/exception_arithmetic.sql``).
"""

import difflib
import textwrap
from collections.abc import Callable, Collection, Iterator

import polars as pl

from recon.canonical.as_of import order_line_number
from recon.errors import ConfigError
from recon.publish import query
from recon.publish.explain_charge import explain_charge
from recon.publish.night import Night
from recon.publish.story import WIDTH, Row, landed_as, printable, section, state_told, wrapped

# How much of a record is shown: enough to recognise it, not enough to flood a terminal.
SHOWN_BYTES = 200
# Findings that a contract's price decides.
ABOUT_CONTRACTS = {
    "PRICE_ABOVE_CONTRACT",
    "PRICE_PO_STALE",
    "CONTRACT_EXPIRED",
    "CONTRACT_NOT_EFFECTIVE",
}
GONE = (
    "It is no longer found. Its reason and its dollars are of the night on which it was found "
    "last, the documents are tonight's; name the night before (--night) to see its arithmetic."
)
STORY = (
    "received",
    "acknowledged",
    "price_variance",
    "exception_documents",
    "exception_detail",
    "exception_arithmetic",
)


def explain(
    night: Night,
    exception_id: str,
    raw: Callable[[str], bytes],
    files: pl.DataFrame | None = None,
    private: Collection[str] = (),
) -> str:
    """Tell one exception: reason, documents, arithmetic, tolerance, sources.

    Args:
        night: the night on which it was found.
        exception_id: its key, as in the workbook.
        raw: SHA-256 of a landed file -> its bytes.
        files: ``file_control`` rows of earlier nights too, to name the files of older documents;
            by default only those of this night have a name.
        private: feeds whose records identify persons: of them the place is told, not the bytes,
            which are shown on record only (``recon raw``).

    Returns:
        Plain text, at most 100 columns wide.

    Raises:
        ConfigError: the night has no such exception; the nearest ids are named.
        IntegrityError: as raised by ``raw``, when a source file is gone or changed.
    """
    known = night.tables["file_control"] if files is None else files
    if told_of_charge := explain_charge(night, exception_id, known):
        return told_of_charge
    found = night.tables["exception"].filter(pl.col("exception_key") == exception_id)
    if found.is_empty():
        raise ConfigError(_unknown(night, exception_id))
    # Only what the finding touches, so that one story does not cost a night.
    result = night.tables["invoice_line_result"]
    touched = result.filter(pl.col("invoice_id").is_in(found["invoice_id"].drop_nulls().to_list()))
    tables = {**night.rules, **night.tables, "exception": found, "invoice_line_result": touched}
    told = query.run(STORY, tables, night.day, night.limits)
    row = told["exception_detail"].row(0, named=True)
    steps = told["exception_arithmetic"].sort("step_no")["step"].to_list()
    if row["state"] == "AUTO_CLOSED":
        # Tonight's documents no longer give what it counted: a sum of both would be nonsense.
        steps = [GONE]
    return "\n".join(
        [
            *_headline(row),
            *section("Documents side by side", _side_by_side(row)),
            *section("Arithmetic", [line for step in steps for line in wrapped(step, "  ")]),
            *section("Tolerance", _tolerance(night, row)),
            *section(
                "Where it comes from",
                _sources(night, row, lambda found: _bytes(found, raw, known, private), known),
            ),
            *section("What to do", wrapped(_text(row["suggested_action"]), "  ")),
            *wrapped(f"Closes when: {_text(row['closes_when'])}", "  "),
            "",
        ]
    )


def _unknown(night: Night, exception_id: str) -> str:
    tables = [night.tables[t] for t in ("exception", "charge_exception") if t in night.tables]
    keys = [key for rows in tables for key in rows["exception_key"]]
    close = difflib.get_close_matches(exception_id, keys, n=3, cutoff=0.4)
    hint = (
        "The nearest: " + ", ".join(close) + "."
        if close
        else f"Exceptions of that night: {len(keys):,}; copy an id from column A of a workbook."
    )
    return (
        f"no exception '{exception_id}' on {night.day.isoformat()}. {hint} "
        "If it is from another night, name that night."
    )


def _headline(row: Row) -> list[str]:
    dollars = f"{row['impact']:,} {row['currency']}"
    return [
        f"Exception {row['exception_key']}  {row['code']}  {row['severity']}  {dollars}",
        *wrapped(f"{_text(row['title'])}; {state_told(row)}", ""),
        "",
        *wrapped(_text(row["reason"]), ""),
    ]


def _side_by_side(row: Row) -> list[str]:
    """Order, receipts and invoice in three columns."""
    lines = [
        ("", "Order", "Receipts", "Invoice"),
        ("number", row["po_number"], row["receipts"], row["invoice_number"]),
        ("line", row["po_line_no"], None, row["line_no"]),
        ("date", row["order_date"], row["last_receipt_date"], row["invoice_date"]),
        (
            "quantity",
            _measure(row["ordered_qty"], row["ordered_uom"]),
            _measure(row["received_qty"], row["received_uom"]),
            _measure(row["billed_qty"], row["billed_uom"]),
        ),
        (
            "price",
            _price(row["ordered_price"], row["ordered_price_per"]),
            None,
            _price(row["billed_price"], None),
        ),
        ("amount", None, None, row["billed_amount"]),
    ]
    told = [line for label, *cells in lines for line in _columns(label, cells)]
    told.append("")
    told += wrapped(f"supplier  {_text(row['supplier_name'])} ({_text(row['supplier_id'])})", "  ")
    if row["item_id"]:
        told += wrapped(f"item      {row['item_id']} {_text(row['item_description'])}", "  ")
    if row["facility_id"]:
        told += wrapped(f"facility  {row['facility_id']}", "  ")
    if row["related_name"]:
        told += wrapped(f"related   {_text(row['related_name'])}", "  ")
    return told


def _columns(label: str, cells: list[object]) -> Iterator[str]:
    """One row of the three columns, each wrapped within its own width."""
    wide = 28
    wrapped = [
        textwrap.wrap("" if c is None else printable(str(c)), wide - 2) or [""] for c in cells
    ]
    for index in range(max(len(cell) for cell in wrapped)):
        parts = [cell[index] if index < len(cell) else "" for cell in wrapped]
        name = label if index == 0 else ""
        yield f"  {name:<10}{''.join(f'{part:<{wide}}' for part in parts)}".rstrip()


def _measure(quantity: object, unit: object) -> str | None:
    return None if quantity is None else f"{_plain(quantity)} {unit or ''}"


def _price(price: object, per: object) -> str | None:
    if price is None:
        return None
    whole, _, decimals = str(price).partition(".")
    shown = f"{whole}.{decimals.rstrip('0'):0<2}"
    return shown if per is None or _plain(per) == "1" else f"{shown} per {_plain(per)}"


def _plain(number: object) -> str:
    text = str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tolerance(night: Night, row: Row) -> list[str]:
    """The rule row that decided it, with who approved it."""
    if not row["tolerance_rule_id"]:
        return ["  No tolerance applies to this rule."]
    rules = night.rules["tolerance_rule"]
    rule = rules.filter(pl.col("rule_id") == row["tolerance_rule_id"])
    if rule.is_empty():
        return [f"  {row['tolerance_rule_id']}, which is not in tonight's tolerance_rule table."]
    shown = {name: value for name, value in rule.row(0, named=True).items() if value is not None}
    return [line for name, value in shown.items() for line in wrapped(f"{name:<14}{value}", "  ")]


def _sources(
    night: Night, row: Row, shown: Callable[[Row], list[str]], files: pl.DataFrame
) -> list[str]:
    """File, record, offset and bytes of every document of the story."""
    of_order = _is("po_id", row["po_id"])
    of_invoice = _is("invoice_id", row["invoice_id"])
    documents = {
        "order": ("purchase_order", of_order),
        "order line": ("purchase_order_line", of_order & _is_line("line_no", row)),
        "order change": (
            "purchase_order_change",
            of_order & (_is_line("line_no", row) | (pl.col("line_no") == "*")),
        ),
        "acknowledgement": ("po_ack_line", of_order & _is_line("line_no", row)),
        "receipt": ("receipt_line", of_order & _is_line("po_line_no", row)),
        "invoice": ("invoice", of_invoice),
        "invoice line": ("invoice_line", of_invoice & _is("line_no", row["line_no"])),
        "credit line": ("invoice_line", _credits(night, row)),
        "related": ("invoice", _is("invoice_id", row["related_document"])),
        "contract price": ("contract_price", _prices(row)),
    }
    told: list[str] = []
    for label, (table, wanted) in documents.items():
        rows = night.tables[table].filter(wanted)
        for found in rows.sort("source_file_id", "source_record", "byte_offset").iter_rows(
            named=True
        ):
            told += [*_place(label, found, files), *shown(found)]
            if table == "contract_price":
                told += wrapped(_agreed(found), "    ")
            told.append("")
    return told[:-1] or ["  No document of this exception is in the lake."]


def _credits(night: Night, row: Row) -> pl.Expr:
    """Lines of the supplier's credits that name the invoice, as its number is printed."""
    named = _is("ref_invoice_number", row["invoice_number"])
    invoices = night.tables["invoice"]
    own = invoices.filter(_is("supplier_id", row["supplier_id"]), pl.col("doc_type") == "CREDIT")
    return named & pl.col("invoice_id").is_in(own["invoice_id"].to_list())


def _prices(row: Row) -> pl.Expr:
    """The prices of the item, on the contract that is named or, where none is, of the supplier."""
    if row["code"] not in ABOUT_CONTRACTS:
        return pl.lit(False)
    of = "supplier_id" if row["related_document"] is None else "contract_id"
    whose = row["supplier_id"] if of == "supplier_id" else row["related_document"]
    return _is("item_id", row["item_id"]) & _is(of, whose)


def _agreed(found: Row) -> str:
    """A contract's price in words: a spreadsheet's bytes cannot be shown."""
    upon = "" if found["markup_pct"] is None else f", mark-up {_plain(found['markup_pct'])}"
    until = "" if found["valid_to"] is None else f" to {found['valid_to']}"
    price = f"{_price(found['price'], None)} per {_text(found['uom'])}{upon}"
    whose = f"for {_text(found['facility_scope'])}, tier {_text(found['tier'])}"
    return f"{found['contract_id']}: {price}, from {found['valid_from']}{until}; {whose}"


def _is(column: str, value: object) -> pl.Expr:
    """The column has this value; nothing equals no value."""
    return pl.lit(False) if value is None else pl.col(column).eq(value)


def _is_line(column: str, row: Row) -> pl.Expr:
    """The column names the order line, with zeros in front or without."""
    number = row["po_line_no"]
    if number is None:
        return pl.lit(False)
    return order_line_number(pl.col(column)) == order_line_number(pl.lit(str(number)))


def _place(label: str, found: Row, files: pl.DataFrame) -> list[str]:
    name, _ = landed_as(files, str(found["source_file_id"]))
    return [
        *wrapped(
            f"{label}: {name} (feed {found['source_system']}), "
            f"record {found['source_record']}, byte {found['byte_offset']}",
            "  ",
        ),
        f"    sha256 {found['source_file_id']}",
    ]


def _bytes(
    found: Row, raw: Callable[[str], bytes], files: pl.DataFrame, private: Collection[str]
) -> list[str]:
    """What stands in the file; of a feed with persons in it only how to see that, on record."""
    sha256, offset = str(found["source_file_id"]), int(str(found["byte_offset"]))
    if found["source_system"] in private:
        told = f"(the feed holds persons: `recon raw SHA256 --at {offset}` shows and records it)"
        return [f"    {told}"]
    _, encoding = landed_as(files, sha256)
    piece = shown_bytes(raw(sha256), offset, encoding or "utf-8")
    return [f"    | {line}" for line in _cut(piece)]


def shown_bytes(data: bytes, offset: int, encoding: str) -> str:
    r"""The record that starts at ``offset``, readable: up to the end of its segment or line.

    At most 200 bytes. Bytes that are no text in ``encoding``, and characters that do not print,
    appear as escapes such as ``\x1d``.
    """
    if data.startswith(b"PK\x03\x04"):
        return "(a spreadsheet: its cells are compressed, see the record's row in the file)"
    piece = data[offset : offset + SHOWN_BYTES]
    try:
        text = piece.decode(encoding, errors="backslashreplace")
    except LookupError:
        text = piece.decode("ascii", errors="backslashreplace")
    ends = {"\n", "\r"}
    envelope = data.rfind(b"ISA", 0, offset + 3)
    if data.lstrip()[:3] == b"ISA" and envelope >= 0:
        # X12 says itself what ends a segment: the 106th byte of the ISA (edi-x12, 1).
        ends |= {chr(byte) for byte in data[envelope + 105 : envelope + 106]}
    end = min((at for at in (text.find(mark) for mark in ends) if at > 0), default=len(text))
    return printable(text[:end])


def _cut(record: str) -> list[str]:
    """A record in lines, character by character: every space of it counts."""
    wide = WIDTH - len("    | ")
    return [record[at : at + wide] for at in range(0, max(len(record), 1), wide)]


def _text(value: object) -> str:
    return "not stated" if value is None else printable(str(value))
