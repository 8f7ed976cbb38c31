"""How a story sends what partners exchange beside orders, receipts and bills, and what follows.

Each function adds to the book's ``exchanged``; what is exchanged is declared in ``exchange.py``.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recon.sample.book import Book
from recon.sample.exchange import (
    Acknowledgement,
    Announced,
    Answer,
    Catalogue,
    Change,
    Level,
    Notice,
    Packed,
    Paid,
    Payment,
)
from recon.sample.network import Cents, Item, Price, catalogue_contract, level_gtin
from recon.sample.paper import Bill, Order


def acknowledge(
    b: Book, night: int, order: Order, answers: Sequence[Answer] = (), *, type_code: str = "AC"
) -> None:
    """The supplier answers an order (855)."""
    lines = tuple(order.lines)
    b.exchanged.acknowledgements.append(
        Acknowledgement(night, order, lines, b.day(night), type_code, tuple(answers))
    )
    b.log.append((b.story, "acknowledgement", order.po_number, night))


def ship(
    b: Book,
    night: int,
    order: Order,
    *,
    days: int = 1,
    number: str | None = None,
    flaw: str = "",
) -> Notice:
    """The supplier announces all lines of an order (856), to come ``days`` later."""
    shipped = b.day(night)
    items = tuple(
        Packed(
            n,
            line,
            f"L{b.chance.one(1_000, 9_999)}",
            f"SN{b.chance.one(100_000, 999_999)}" if line.qty == 1 else "",
            shipped + timedelta(days=b.chance.one(200, 900)),
        )
        for n, line in enumerate(order.lines, start=1)
    )
    expected = shipped + timedelta(days=days)
    notice = Notice(night, order, number or f"SH{b.number()}", shipped, expected, items, flaw)
    b.exchanged.notices.append(notice)
    b.log.append((b.story, "shipment notice", notice.number, night))
    return notice


def list_price(
    b: Book, night: int, item: Item, uom: str, price: Price, *, case: int | None = None
) -> None:
    """The supplier's catalogue states a price from ``night`` on (832), and the item's units.

    Args:
        b: the book.
        night: when it arrives.
        item: a catalogued one.
        uom: what the price is of.
        price: under the item's contract.
        case: boxes in a case, as it says; the item's own if not given.
    """
    boxes = case or item.units["CA"] // item.units["BX"]
    ladder = (
        Level("CA", 1, level_gtin(item.gtin, 5)),
        Level("BX", boxes, level_gtin(item.gtin, 3)),
        Level("EA", boxes * item.units["BX"], item.gtin),
    )
    b.exchanged.catalogues.append(
        Catalogue(night, item, catalogue_contract(item), uom, price, b.day(night), ladder)
    )
    b.log.append((b.story, "catalogue", item.catalog_no, night))


def change(
    b: Book,
    night: int,
    order: Order,
    line: int,
    code: str,
    *,
    qty: int | None = None,
    price: Price | None = None,
) -> None:
    """We change quantity or price of one line of an order (860); the code DI takes it out."""
    was = order.lines[line - 1]
    order.lines[line - 1] = replace(
        was,
        qty=was.qty if qty is None else qty,
        price=was.price if price is None else price,
        status="CANCELLED" if code == "DI" else was.status,
    )
    b.exchanged.changes.append(Change(night, order, line, order.lines[line - 1], code))
    b.log.append((b.story, "changed order", order.po_number, night))


def pay(
    b: Book,
    night: int,
    bill: Bill,
    *,
    less: Cents = 0,
    discount: Cents = 0,
    adjusted: Cents = 0,
    number: str | None = None,
) -> None:
    """We pay a bill (820): ``less``, and with a discount or an adjustment that says why."""
    b.exchanged.payments.append(
        Payment(
            night,
            bill.hospital,
            bill.supplier,
            number or bill.number,
            bill.order.po_number if bill.order else "",
            bill.total,
            bill.total - less - discount - adjusted,
            discount,
            adjusted,
        )
    )
    b.log.append((b.story, "payment", number or bill.number, night))


def find_paid(b: Book, status: str, difference: Cents | None = 0, beyond: Cents | None = 0) -> None:
    """What must be told of the invoice of the newest payment, from its night on."""
    p = b.exchanged.payments[-1]
    b.exchanged.paid.append(Paid(p.supplier, p.number, p.night, status, p.paid, difference, beyond))


def find_announced(b: Book, what: str, document: str, line: str, first: int) -> None:
    """What suppliers announced that is not so, from night ``first`` on."""
    b.exchanged.announced.append(Announced(what, document, line, first))
