"""Stories about invoices sent twice, and about those that only look like it.

The copy is always the later one: the survivor has the smaller invoice date, then the smaller
identity (spec 1.2 step 2). Each line of a duplicate is held whole.
"""

from recon.sample.book import Book
from recon.sample.network import SISTERS
from recon.sample.paper import Bill, Order, Sold


def _two_lines(
    b: Book, start: int, *, portal: bool | None = None
) -> tuple[Order, list[tuple[str, int]]]:
    """A received order of two lines, on some with freight that may be added."""
    first, second = b.several(2, portal=portal)
    order = b.order(start, [b.wanted(first), b.wanted(second)], freight_terms="PREPAID_ADD")
    b.receive(start, order, 1)
    b.receive(start, order, 2)
    charges = [("FREIGHT", b.chance.one(900, 7_000))] if b.chance.one(0, 1) else []
    return order, charges


BOTH = (Sold(1), Sold(2))


def sent_twice(b: Book, start: int) -> None:
    """The same invoice again a night later, its number written another way (S38)."""
    order, charges = _two_lines(b, start)
    n = b.number()
    number, again = b.chance.pick(
        [(f"INV-{n}", n), (n, f"00{n}"), (f"{n[:3]}-{n[3:]}", f"INV{n}"), (n, n)]
    )
    bill = b.bill(start, order, BOTH, number=number, charges=charges)
    dated = b.chance.pick([bill.dated, b.day(start + 1)])
    copy = b.bill(start + 1, order, BOTH, number=again, charges=charges, dated=dated)
    b.held_whole("DUP_EXACT", copy)


def sent_by_other_channel(b: Book, start: int) -> None:
    """The X12 invoice is typed into the portal as well."""
    order, charges = _two_lines(b, start, portal=False)
    bill = b.bill(start, order, BOTH, charges=charges)
    copy = b.bill(
        start + 1,
        order,
        BOTH,
        number=bill.number,
        charges=charges,
        dated=bill.dated,
        by_portal=True,
    )
    b.held_whole("DUP_EXACT", copy)


def sent_by_sister(b: Book, start: int) -> None:
    """Two names of one company bill the same goods under one number."""
    wanted = b.wanted(b.item(supplier=SISTERS[0]))
    order = b.order(start, [wanted])
    b.receive(start, order)
    bill = b.bill(start, order, [Sold()])
    copy = b.bill(start + 1, order, [Sold()], number=bill.number, supplier=SISTERS[1])
    b.held_whole("DUP_EXACT", copy)


def number_varied(b: Book, start: int) -> None:
    """The copy's number is the first with a letter, a typing slip or a look-alike (S39, S40)."""
    order, charges = _two_lines(b, start)
    number = b.number()
    bill = b.bill(start, order, BOTH, number=number, charges=charges)
    again = b.chance.pick(
        [
            f"{number}A",
            f"{number}-R1",
            f"{number}COPY",
            f"{number}-DUP",
            f"{number[:2]}O{number[3:]}",
            _transposed(number),
        ]
    )
    copy = b.bill(start + 1, order, BOTH, number=again, charges=charges, dated=bill.dated)
    b.held_whole("DUP_PROBABLE", copy)


def _transposed(number: str) -> str:
    """The last two neighbours that differ, exchanged."""
    at = max(i for i in range(1, len(number) - 1) if number[i] != number[i + 1])
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def number_reused(b: Book, start: int) -> None:
    """One number on two different invoices: a warning on the later one."""
    item = b.item()
    small = b.wanted(item, uom="EA", most=9)
    large = b.wanted(item, uom="EA", least=10)
    bills: list[Bill] = []
    for night, wanted in ((start, small), (start + 1, large)):
        order = b.order(night, [wanted])
        b.receive(night, order)
        number = bills[0].number if bills else None
        bills.append(b.bill(night, order, [Sold()], number=number))
    b.find("INV_NUMBER_REUSED", bills[1], None, 0)


def same_total_same_day(b: Book, start: int) -> None:
    """Two equal halves of an order are billed on one day under two numbers: a warning."""
    wanted = b.wanted(b.item())
    half = wanted.qty
    order = b.order(start, [type(wanted)(wanted.item, 2 * half, wanted.uom, wanted.price)])
    b.receive(start, order, qty=half)
    b.receive(start, order, qty=half)
    b.bill(start, order, [Sold(qty=half)])
    second = b.bill(start, order, [Sold(qty=half)])
    b.find("DUP_POSSIBLE", second, None, 0)


def alike_but_lawful(b: Book, start: int) -> None:
    """Nothing to find: neighbouring numbers and one amount on two orders (S41).

    Nor on two equal deliveries of one order that are billed on two days.
    """
    wanted = b.wanted(b.item())
    where = b.hospital()
    number = b.number()
    for n in (number, str(int(number) + 1)):
        order = b.order(start, [wanted], hospital=where)
        b.receive(start, order)
        b.bill(start, order, [Sold()], number=n)
    order = b.order(start, [type(wanted)(wanted.item, 2 * wanted.qty, wanted.uom, wanted.price)])
    for night in (start, start + 1):
        b.receive(night, order, qty=wanted.qty)
        b.bill(night, order, [Sold(qty=wanted.qty)])
