"""Stories about how much was ordered, received and billed."""

from dataclasses import replace

from recon.sample.book import Book
from recon.sample.paper import Sold, cents


def billed_before_receipt(b: Book, start: int) -> None:
    """The bill comes with the order, the goods a night or two later: held, then cleared."""
    wanted = b.wanted(b.item())
    order = b.order(start, [wanted])
    bill = b.bill(start, order, [Sold()])
    arrives = start + b.chance.one(1, 2)
    b.find("QTY_NOT_RECEIVED", bill, 1, cents(wanted.qty, wanted.price), until=arrives)
    b.receive(arrives, order)


def received_in_instalments(b: Book, start: int) -> None:
    """All is billed, a part received; what is held shrinks with each delivery and then is gone."""
    wanted = b.wanted(b.item(), least=9)
    order = b.order(start, [wanted])
    first, second = wanted.qty // 3, wanted.qty // 4
    b.receive(start, order, qty=first)
    bill = b.bill(start, order, [Sold()])
    missing = wanted.qty - first
    b.find("QTY_NOT_RECEIVED", bill, 1, cents(missing, wanted.price), until=start + 1)
    b.receive(start + 1, order, qty=second)
    b.find(
        "QTY_NOT_RECEIVED",
        bill,
        1,
        cents(missing - second, wanted.price),
        start + 1,
        until=start + 2,
    )
    b.receive(start + 2, order, qty=missing - second)


def draft_receipt(b: Book, start: int) -> None:
    """A receipt is entered but not posted: it supplies nothing until its posted successor comes."""
    wanted = b.wanted(b.item())
    order = b.order(start, [wanted])
    b.receive(start, order, status="DRAFT")
    bill = b.bill(start, order, [Sold()])
    b.find("QTY_NOT_RECEIVED", bill, 1, cents(wanted.qty, wanted.price), until=start + 1)
    b.receive(start + 1, order)


def returned_then_credited(b: Book, start: int) -> None:
    """Goods go back after they were billed; the credit comes a night after them."""
    wanted = b.wanted(b.item())
    back = b.chance.one(1, wanted.qty - 1)
    order = b.order(start, [wanted])
    receipt = b.receive(start, order)
    bill = b.bill(start, order, [Sold()])
    b.receive(start + 1, order, qty=-back, kind="RETURN", back=receipt)
    b.find("RECEIPT_REVERSED", bill, 1, cents(back, wanted.price), start + 1, until=start + 2)
    b.bill(start + 2, order, [Sold(qty=-back)], credit=True, credits_number=bill.number)


def receipt_reversed(b: Book, start: int) -> None:
    """A whole receipt is reversed after the bill, and no credit ever comes."""
    wanted = b.wanted(b.item())
    order = b.order(start, [wanted])
    receipt = b.receive(start, order)
    bill = b.bill(start, order, [Sold()])
    b.receive(start + 1, order, qty=-wanted.qty, kind="REVERSAL", back=receipt)
    b.find("RECEIPT_REVERSED", bill, 1, cents(wanted.qty, wanted.price), start + 1)


def billed_more_than_ordered(b: Book, start: int) -> None:
    """As ordered, so received; more is billed."""
    wanted = b.wanted(b.item())
    more = b.chance.one(1, 3)
    order = b.order(start, [wanted])
    b.receive(start, order)
    bill = b.bill(start, order, [Sold(qty=wanted.qty + more)])
    b.find("QTY_OVER_BILLED", bill, 1, cents(more, wanted.price))


def overshipped_and_billed(b: Book, start: int) -> None:
    """More than ordered is delivered, and billed."""
    wanted = b.wanted(b.item())
    more = b.chance.one(1, 3)
    order = b.order(start, [wanted])
    b.receive(start, order, qty=wanted.qty + more)
    bill = b.bill(start, order, [Sold(qty=wanted.qty + more)])
    b.find("QTY_OVER_ORDERED", bill, 1, cents(more, wanted.price))
    b.find_on_order("OVER_RECEIPT", order, 1, cents(more, wanted.price), start)


def overshipped_then_order_raised(b: Book, start: int) -> None:
    """The same, and two nights later the buyer raises the order."""
    wanted = b.wanted(b.item())
    more = b.chance.one(1, 3)
    order = b.order(start, [wanted])
    b.receive(start, order, qty=wanted.qty + more)
    bill = b.bill(start, order, [Sold(qty=wanted.qty + more)])
    b.find("QTY_OVER_ORDERED", bill, 1, cents(more, wanted.price), until=start + 2)
    b.find_on_order("OVER_RECEIPT", order, 1, cents(more, wanted.price), start, start + 2)
    b.amend(order, start + 2, 1, qty=wanted.qty + more)


def billed_again_under_new_number(b: Book, start: int) -> None:
    """All is received and billed; a night later it is billed again under a new number."""
    wanted = b.wanted(b.item())
    order = b.order(start, [wanted])
    b.receive(start, order)
    b.bill(start, order, [Sold()])
    again = b.bill(start + 1, order, [Sold()])
    b.find("QTY_OVER_BILLED", again, 1, cents(wanted.qty, wanted.price))


def credited_then_returned(b: Book, start: int) -> None:
    """A credit comes although the goods are still here; they go back two nights after it."""
    wanted = b.wanted(b.item())
    back = b.chance.one(1, wanted.qty - 1)
    order = b.order(start, [wanted])
    receipt = b.receive(start, order)
    bill = b.bill(start, order, [Sold()])
    credit = b.bill(start + 1, order, [Sold(qty=-back)], credit=True, credits_number=bill.number)
    b.find("CREDIT_NO_RETURN", credit, 1, cents(back, wanted.price), until=start + 3)
    b.receive(start + 3, order, qty=-back, kind="RETURN", back=receipt)


def returned_and_credited_at_once(b: Book, start: int) -> None:
    """Return and credit reach us on one night: nothing to find."""
    wanted = b.wanted(b.item())
    back = b.chance.one(1, wanted.qty - 1)
    order = b.order(start, [wanted])
    receipt = b.receive(start, order)
    bill = b.bill(start, order, [Sold()])
    b.receive(start + 1, order, qty=-back, kind="RETURN", back=receipt)
    b.bill(start + 1, order, [Sold(qty=-back)], credit=True, credits_number=bill.number)


def many_receipts_many_invoices(b: Book, start: int) -> None:
    """Three deliveries and two invoices that share none of their cuts: nothing to find."""
    wanted = b.wanted(b.item(), least=12)
    order = b.order(start, [wanted])
    first, second = wanted.qty // 2, wanted.qty // 3
    for qty in (first, second, wanted.qty - first - second):
        b.receive(start, order, qty=qty)
    early = wanted.qty // 2 + 1
    b.bill(start, order, [Sold(qty=early)])
    b.bill(start + 1, order, [Sold(qty=wanted.qty - early)])


def boxes_received_and_billed_in_eaches(b: Book, start: int) -> None:
    """Ordered in cases, counted in at the dock in eaches, billed in boxes: nothing to find."""
    item = b.item()
    wanted = b.wanted(item, uom="CA")
    order = b.order(start, [wanted])
    b.receive(start, order, qty=wanted.qty * item.units["CA"], uom="EA")
    boxes = wanted.qty * item.units["CA"] // item.units["BX"]
    b.bill(start, order, [Sold(qty=boxes, uom="BX", price=item.price("BX"))])


def received_not_accepted(b: Book, start: int) -> None:
    """A four-way line: all came, a part has not passed inspection, all is billed (S16)."""
    wanted = b.wanted(b.item(portal=True))
    failed = b.chance.one(1, wanted.qty - 1)
    order = b.order(start, [replace(wanted, match_type="4WAY")], hospital=b.hospital(erp=True))
    b.receive(start, order, accepted=wanted.qty - failed)
    bill = b.bill(start, order, [Sold()])
    b.find("QTY_NOT_ACCEPTED", bill, 1, cents(failed, wanted.price))


def service_confirmed_late(b: Book, start: int) -> None:
    """An order by amount: three months are billed, two confirmed; the third is a night later."""
    wanted = b.wanted(b.item(portal=True), uom="EA", least=12)
    whole = cents(wanted.qty, wanted.price)
    service = replace(wanted, match_basis="AMOUNT", limit=whole)
    order = b.order(start, [service], hospital=b.hospital(erp=True))
    b.receive(start, order, qty=2)
    bill = b.bill(start, order, [Sold(qty=3)])
    b.find("AMT_NOT_RECEIVED", bill, 1, cents(1, wanted.price), until=start + 1)
    b.receive(start + 1, order, qty=1)


def blanket_beyond_its_limit(b: Book, start: int) -> None:
    """An order by amount without receipts: the second bill crosses its limit (S70)."""
    wanted = b.wanted(b.item(portal=True), uom="EA", least=6)
    limit = cents(wanted.qty, wanted.price)
    blanket = replace(wanted, match_type="2WAY", match_basis="AMOUNT", limit=limit)
    order = b.order(start, [blanket], hospital=b.hospital(erp=True), type="BLANKET")
    b.bill(start, order, [Sold(qty=wanted.qty - 1)])
    bill = b.bill(start, order, [Sold(qty=3)])
    b.find("AMT_OVER_ORDERED", bill, 1, cents(2, wanted.price))


def credited_beyond_the_bill(b: Book, start: int) -> None:
    """All goes back, and one more is credited than was ever billed."""
    wanted = b.wanted(b.item(portal=True))
    order = b.order(start, [wanted])
    receipt = b.receive(start, order)
    bill = b.bill(start, order, [Sold()])
    b.receive(start + 1, order, qty=-wanted.qty, kind="RETURN", back=receipt)
    back = [Sold(qty=-wanted.qty - 1)]
    credit = b.bill(start + 1, order, back, credit=True, credits_number=bill.number)
    b.find("CREDIT_EXCEEDS_INVOICED", credit, 1, -cents(1, wanted.price))
