"""Stories about which order and line a bill belongs to, and whether it may be billed at all."""

from datetime import timedelta

from recon.sample.book import Book
from recon.sample.network import ERS_SUPPLIER, UTILITIES, Item
from recon.sample.paper import Sold, Wanted

DOLLAR = 10_000


def _eaches(b: Book, item: Item) -> Sold:
    """Some eaches of an item, at its price, with no order line named."""
    return Sold(qty=b.chance.one(2, 20), uom="EA", price=item.each, item=item, printed=None)


def no_order(b: Book, start: int) -> None:
    """No order number, from a supplier of whom one is required (S63)."""
    item = b.item()
    bill = b.bill(start, None, [_eaches(b, item)], po_number=None, supplier=item.supplier)
    b.held_whole("NO_PO", bill)


def utility_bill(b: Book, start: int) -> None:
    """No order number, from a supplier that needs none: routed to approval (S64)."""
    amount = b.chance.one(80_000, 900_000) * 100
    sold = Sold(qty=1, uom="EA", price=amount, printed=None)
    bill = b.bill(start, None, [sold], po_number=None, supplier=b.chance.pick(UTILITIES))
    b.find("NON_PO_ROUTED", bill, 1, 0)


def order_not_found(b: Book, start: int) -> None:
    """An order number that no hospital has."""
    item = b.item()
    where = b.hospital()
    po_number = f"{where.letter}79{b.chance.one(10_000, 99_999)}"
    bill = b.bill(
        start, None, [_eaches(b, item)], po_number=po_number, supplier=item.supplier, hospital=where
    )
    b.held_whole("PO_NOT_FOUND", bill)


def order_after_the_fact(b: Book, start: int) -> None:
    """The bill comes first; a night later the order is written, and the goods received."""
    wanted = b.wanted(b.item())
    order = b.order(start + 1, [wanted])
    b.receive(start + 1, order)
    bill = b.bill(start, order, [Sold()])
    b.find("PO_NOT_FOUND", bill, 1, bill.total, until=start + 1)
    b.find("AFTER_THE_FACT_PO", bill, None, 0, first=start + 1)


def line_not_found(b: Book, start: int) -> None:
    """The order exists, but nothing on it is what was billed."""
    ordered, billed = b.several(2)
    order = b.order(start, [b.wanted(ordered)])
    b.receive(start, order)
    sold = _eaches(b, billed)
    printed = b.chance.pick([None, 99])
    bill = b.bill(start, order, [Sold(1, sold.qty, "EA", sold.price, item=billed, printed=printed)])
    b.held_whole("PO_LINE_NOT_FOUND", bill)


def other_item(b: Book, start: int) -> None:
    """The order's line number with another item, which nobody announced (S61)."""
    ordered, billed = b.several(2, echo=True)
    order = b.order(start, [b.wanted(ordered)])
    b.receive(start, order)
    sold = _eaches(b, billed)
    bill = b.bill(start, order, [Sold(1, sold.qty, "EA", sold.price, item=billed)])
    b.held_whole("ITEM_MISMATCH", bill)


def line_cancelled(b: Book, start: int) -> None:
    """A line is billed that was cancelled (S65)."""
    wanted = b.wanted(b.item())
    cancelled = Wanted(wanted.item, wanted.qty, wanted.uom, wanted.price, status="CANCELLED")
    order = b.order(start, [cancelled], hospital=b.hospital(erp=True))
    b.held_whole("PO_LINE_CANCELLED", b.bill(start, order, [Sold()]))


def other_supplier(b: Book, start: int) -> None:
    """The order is another supplier's."""
    wanted = b.wanted(b.item(portal=True))
    order = b.order(start, [wanted])
    billed = b.item(portal=False)
    bill = b.bill(
        start,
        None,
        [_eaches(b, billed)],
        po_number=order.po_number,
        supplier=billed.supplier,
        hospital=order.hospital,
    )
    b.held_whole("SUPPLIER_MISMATCH", bill)


def other_currency(b: Book, start: int) -> None:
    """Ordered in US dollars, billed in Canadian (S66)."""
    order = b.order(start, [b.wanted(b.item())])
    b.receive(start, order)
    b.held_whole("CURRENCY_MISMATCH", b.bill(start, order, [Sold()], currency="CAD"))


def paid_on_receipt(b: Book, start: int) -> None:
    """A bill for goods that the receipt already paid (S72)."""
    wanted = b.wanted(b.item(supplier=ERS_SUPPLIER))
    paid = Wanted(wanted.item, wanted.qty, wanted.uom, wanted.price, match_type="ERS")
    order = b.order(start, [paid], hospital=b.hospital(erp=True))
    b.receive(start, order)
    b.held_whole("ERS_INVOICE_RECEIVED", b.bill(start, order, [Sold()]))


def blanket_expired(b: Book, start: int) -> None:
    """A blanket order whose last day was before the bill."""
    order = b.order(
        start,
        [b.wanted(b.item(contract=False))],
        hospital=b.hospital(erp=True),
        dated=b.first_night - timedelta(days=190),
        type="BLANKET",
        valid_from=b.first_night - timedelta(days=190),
        valid_to=b.first_night - timedelta(days=b.chance.one(2, 20)),
    )
    b.held_whole("BLANKET_EXPIRED", b.bill(start, order, [Sold()]))


def two_lines_neither_fits(b: Book, start: int) -> None:
    """Two lines of one item at two prices; the bill names no line and has a third price (S58)."""
    item = b.item(contract=False)
    price = b.chance.one(20, 80) * DOLLAR
    lines = [Wanted(item, 10, "EA", price), Wanted(item, 10, "EA", price + 20 * DOLLAR)]
    order = b.order(start, lines)
    b.receive(start, order, 1)
    b.receive(start, order, 2)
    bill = b.bill(start, order, [Sold(price=price + 10 * DOLLAR, printed=None)])
    b.held_whole("PO_LINE_AMBIGUOUS", bill)


def two_lines_alike(b: Book, start: int) -> None:
    """Two departments order one item at one price, one bill line takes both: fine (S59)."""
    first = b.wanted(b.item())
    second = Wanted(first.item, b.chance.one(2, 9), first.uom, first.price)
    order = b.order(start, [first, second])
    b.receive(start, order, 1)
    b.receive(start, order, 2)
    b.bill(start, order, [Sold(qty=first.qty + second.qty, printed=None)])


def wrong_line_right_item(b: Book, start: int) -> None:
    """The bill names a line the order does not have; its item is on the order: nothing to find."""
    order = b.order(start, [b.wanted(b.item(echo=True))])
    b.receive(start, order)
    b.bill(start, order, [Sold(printed=7)])


def kit_billed_in_parts(b: Book, start: int) -> None:
    """A kit is ordered and received as one item, and billed item by item: nothing to find (S62)."""
    kit = b.chance.pick(b.net.kits)
    order = b.order(start, [b.wanted(kit.item)])
    b.receive(start, order)
    kits = order.lines[0].qty
    b.bill(
        start,
        order,
        [Sold(1, qty * kits, "EA", part.each, item=part, printed=None) for part, qty in kit.parts],
    )


def kit_without_a_part(b: Book, start: int) -> None:
    """One part of a kit is billed and the other is not: what is no whole kit is no line's."""
    kit = b.chance.pick(b.net.kits)
    order = b.order(start, [b.wanted(kit.item)])
    b.receive(start, order)
    part, qty = kit.parts[0]
    sold = Sold(1, qty * order.lines[0].qty, "EA", part.each, item=part, printed=None)
    b.held_whole("PO_LINE_NOT_FOUND", b.bill(start, order, [sold]))


def one_number_two_hospitals(b: Book, start: int) -> None:
    """Two hospitals use one order number; the ship-to tells them apart: nothing to find."""
    item = b.item()
    number = f"X{b.number()[1:]}"
    erp, edi = b.hospital(erp=True), b.hospital(erp=False)
    for where, qty in ((erp, 3), (edi, 5)):
        order = b.order(
            start, [Wanted(item, qty, "EA", item.each)], hospital=where, po_number=number
        )
        b.receive(start, order)
        b.bill(start, order, [Sold()])


def credit_of_nothing(b: Book, start: int) -> None:
    """A credit that names neither order nor invoice (S49)."""
    item = b.item()
    sold = Sold(qty=-b.chance.one(1, 5), uom="EA", price=item.each, item=item, printed=None)
    bill = b.bill(start, None, [sold], credit=True, po_number=None, supplier=item.supplier)
    b.held_whole("CREDIT_UNLINKED", bill)
