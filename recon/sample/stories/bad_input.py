"""Stories about input that cannot be read: refused with its place and reason, the rest goes on."""

from recon.sample.book import Book
from recon.sample.network import UNKNOWN_SUPPLIER
from recon.sample.paper import Sold, cents


def wrong_segment_count(b: Book, start: int) -> None:
    """An X12 invoice whose SE01 is wrong; the supplier sends it again, right, a night later."""
    order = b.order(start, [b.wanted(b.item(portal=False))])
    b.receive(start, order)
    refused = b.bill(start, order, [Sold()], flaw="SE01")
    b.bill(start + 1, order, [Sold()], number=refused.number, dated=refused.dated)


def unknown_sender(b: Book, start: int) -> None:
    """An X12 invoice from somebody whom no table of ours knows."""
    order = b.order(start, [b.wanted(b.item(portal=True))])
    b.bill(start, order, [Sold()], supplier=UNKNOWN_SUPPLIER, flaw="SENDER")


def unreadable_portal_quantity(b: Book, start: int) -> None:
    """A portal row whose quantity is no number."""
    order = b.order(start, [b.wanted(b.item(portal=True))])
    b.receive(start, order)
    b.bill(start, order, [Sold()], flaw="QTY")


def unreadable_order_quantity(b: Book, start: int) -> None:
    """The second line of an order has no readable quantity until the next night's snapshot."""
    first, second = (b.wanted(i) for i in b.several(2))
    broken = type(second)(second.item, second.qty, second.uom, second.price, flaw="QTY")
    order = b.order(start, [first, broken], hospital=b.hospital(erp=True))
    b.amend(order, start + 1, 2, flaw="")
    b.receive(start + 1, order, 1)
    b.receive(start + 1, order, 2)
    b.bill(start + 1, order, [Sold(1), Sold(2)])


def wrong_trailer(b: Book, start: int) -> None:
    """Receipts whose trailer disagrees are refused whole; they come again, right, a night later."""
    where = b.hospital()
    file = f"{where.id}-HANDHELD"
    b.wrong_trailers.add((start, file))
    for _ in range(3):
        wanted = b.wanted(b.item())
        order = b.order(start, [wanted], hospital=where)
        receipt = b.receive(start, order, file=file)
        bill = b.bill(start, order, [Sold()])
        b.find("QTY_NOT_RECEIVED", bill, 1, cents(wanted.qty, wanted.price), until=start + 1)
        b.receive(start + 1, order, file=f"{file}-CORRECTED", receipt_id=receipt)
