"""Stories about what partners tell each other beside orders and bills.

Acknowledgements (855) warn before the bill; changes (860) make the bill right or wrong; notices
(856), catalogues (832) and remittances (820) are compared with what is here.
"""

from dataclasses import replace

from recon.sample.book import Book
from recon.sample.exchange import Answer
from recon.sample.network import CATALOGUED, SUPPLIER, level_gtin
from recon.sample.paper import Order, Sold, Wanted, cents
from recon.sample.send import (
    acknowledge,
    change,
    find_announced,
    find_paid,
    list_price,
    pay,
    ship,
)
from recon.sample.stories.price import dearer

SHIPPED = "shipped, not received"
# A shipment is missed this many days after it should have come, as the shipped rule table says.
SHIPMENT_RECEIVED = 2
UNIT_DIFFERS = "catalogue unit that differs from the item master"


def _ordered(b: Book, start: int, *, sends: str = "855") -> tuple[Order, Wanted]:
    wanted = b.wanted(b.item(contract=False, sends=sends))
    return b.order(start, [wanted]), wanted


# --- 855 ---------------------------------------------------------------------------------------


def acknowledged_as_ordered(b: Book, start: int) -> None:
    """Accepted, line by line or as a whole: nothing to find."""
    order, _ = _ordered(b, start)
    acknowledge(b, start, order, [Answer(1, "IA")] if b.chance.one(0, 1) else [], type_code="AD")
    b.receive(start + 1, order)
    b.bill(start + 1, order, [Sold()])


def price_acknowledged_then_corrected(b: Book, start: int) -> None:
    """Acknowledged dearer; the buyer corrects the order before the bill: the warning closes."""
    order, wanted = _ordered(b, start)
    more = dearer(b, wanted, 6, 12)
    acknowledge(b, start, order, [Answer(1, "IP", price=wanted.price + more)])
    b.find_on_order("ACK_PRICE_CHANGED", order, 1, cents(wanted.qty, more), start, start + 1)
    b.amend(order, start + 1, 1, price=wanted.price + more)
    b.receive(start + 1, order)
    b.bill(start + 2, order, [Sold()])


def price_acknowledged_then_billed(b: Book, start: int) -> None:
    """Acknowledged dearer, nobody reacts, billed so: the warning becomes a hold."""
    order, wanted = _ordered(b, start)
    more = dearer(b, wanted, 6, 12)
    acknowledge(b, start, order, [Answer(1, "IP", price=wanted.price + more)])
    b.find_on_order("ACK_PRICE_CHANGED", order, 1, cents(wanted.qty, more), start, start + 1)
    b.receive(start + 1, order)
    bill = b.bill(start + 1, order, [Sold(price=wanted.price + more)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, more))


def quantity_acknowledged(b: Book, start: int) -> None:
    """Fewer are acknowledged, and that many come and are billed."""
    order, wanted = _ordered(b, start)
    fewer = b.chance.one(1, wanted.qty - 1)
    coming = wanted.qty - fewer
    acknowledge(b, start, order, [Answer(1, "IQ", qty=coming)])
    b.find_on_order("ACK_QTY_CHANGED", order, 1, -cents(fewer, wanted.price), start, start + 1)
    b.receive(start + 1, order, qty=coming)
    b.bill(start + 1, order, [Sold(qty=coming)])


def substitute_acknowledged(b: Book, start: int) -> None:
    """Another item is announced, comes and is billed: a warning before, and one after (S60)."""
    item = b.item(sends="855", echo=True)
    other = b.item(supplier=item.supplier, other_than=[item])
    wanted = b.wanted(item, uom="EA")
    order = b.order(start, [wanted])
    acknowledge(b, start, order, [Answer(1, "IS", item=other)])
    b.find_on_order("ACK_SUBSTITUTED", order, 1, 0, start, start + 1)
    b.receive(start + 1, order)
    bill = b.bill(start + 1, order, [Sold(item=other)])
    b.find("SUBSTITUTE_ACKNOWLEDGED", bill, 1, 0)


def back_ordered(b: Book, start: int) -> None:
    """A part comes and is billed at once, the rest is back-ordered and comes two nights later."""
    order, wanted = _ordered(b, start)
    later = b.chance.one(1, wanted.qty - 1)
    now = wanted.qty - later
    acknowledge(b, start, order, [Answer(1, "IA", qty=now), Answer(1, "IB", qty=later)])
    b.find_on_order("ACK_BACKORDER", order, 1, 0, start, start + 2)
    b.receive(start, order, qty=now)
    b.bill(start, order, [Sold(qty=now)])
    b.receive(start + 2, order, qty=later)


def back_ordered_then_accepted(b: Book, start: int) -> None:
    """The next answer to the order takes the back-order back: only the newest counts."""
    order, _ = _ordered(b, start)
    acknowledge(b, start, order, [Answer(1, "IB")])
    b.find_on_order("ACK_BACKORDER", order, 1, 0, start, start + 1)
    acknowledge(b, start + 1, order, type_code="AD")


def rejected_then_taken_out(b: Book, start: int) -> None:
    """One of two lines is rejected; a night later we take it out of the order (860)."""
    first = b.item(sends="855")
    second = b.item(supplier=first.supplier, other_than=[first])
    kept, refused = b.wanted(first), b.wanted(second)
    order = b.order(start, [kept, refused], hospital=b.hospital(erp=False))
    code = b.chance.pick(["IR", "R1", "R2"])
    acknowledge(b, start, order, [Answer(1, "IA"), Answer(2, code)])
    worth = cents(refused.qty, refused.price)
    b.find_on_order("ACK_REJECTED", order, 2, -worth, start, start + 1)
    change(b, start + 1, order, 2, "DI")
    b.receive(start + 1, order, 1)
    b.bill(start + 1, order, [Sold(1)])


# --- 860 ---------------------------------------------------------------------------------------


def quantity_changed_in_time(b: Book, start: int) -> None:
    """The second of two lines is raised before it is delivered and billed: nothing to find."""
    order, second = _two_lines(b, start)
    change(b, start + 1, order, 2, "QI", qty=second.qty + b.chance.one(1, 5))
    b.receive(start + 1, order, 1)
    b.receive(start + 1, order, 2)
    b.bill(start + 1, order, [Sold(1), Sold(2)])


def price_changed_after_the_bill(b: Book, start: int) -> None:
    """Billed dearer than ordered; a night later we change the order's price."""
    order, second = _two_lines(b, start)
    more = dearer(b, second, 6, 12)
    b.receive(start, order, 1)
    b.receive(start, order, 2)
    bill = b.bill(start, order, [Sold(1), Sold(2, price=second.price + more)])
    b.find("PRICE_OVER", bill, 2, cents(second.qty, more), until=start + 1)
    change(b, start + 1, order, 2, "PC", price=second.price + more)


def changed_on_the_night_it_was_placed(b: Book, start: int) -> None:
    """Order and change reach us on one night: the change counts, nothing to find."""
    order, second = _two_lines(b, start)
    change(b, start, order, 2, "QD", qty=second.qty - 1)
    b.receive(start, order, 1)
    b.receive(start, order, 2)
    b.bill(start, order, [Sold(1), Sold(2)])


def taken_out_and_billed(b: Book, start: int) -> None:
    """A line is taken out of the order and billed all the same."""
    order, second = _two_lines(b, start)
    change(b, start + 1, order, 2, "DI")
    b.receive(start + 1, order, 1)
    bill = b.bill(start + 2, order, [Sold(1), Sold(2)])
    b.find("PO_LINE_CANCELLED", bill, 2, cents(second.qty, second.price))


def _two_lines(b: Book, start: int) -> tuple[Order, Wanted]:
    """An order sent as X12, and its second line, of an item that is on no contract."""
    item = b.item(contract=False)
    first = b.wanted(b.item(supplier=item.supplier, other_than=[item]))
    second = b.wanted(item)
    return b.order(start, [first, second], hospital=b.hospital(erp=False)), second


# --- 856 ---------------------------------------------------------------------------------------


def shipped_and_received(b: Book, start: int) -> None:
    """Announced with lots and packages, received and billed: nothing to find."""
    order, _ = _ordered(b, start, sends="856")
    ship(b, start, order)
    b.receive(start + 1, order)
    b.bill(start + 1, order, [Sold()])


def shipped_and_lost(b: Book, start: int) -> None:
    """Announced for today, and never seen: missed on the third night."""
    order, _ = _ordered(b, start, sends="856")
    notice = ship(b, start, order, days=0)
    find_announced(b, SHIPPED, notice.identity, "1", start + SHIPMENT_RECEIVED + 1)


def notice_with_wrong_count(b: Book, start: int) -> None:
    """A notice whose SE01 is wrong is refused; it comes again, right, a night later."""
    _refused_then_right(b, start, "SE01")


def notice_in_nothing(b: Book, start: int) -> None:
    """An item stands in a level that is not there (HL02): refused; it comes again, right."""
    _refused_then_right(b, start, "HL02")


def _refused_then_right(b: Book, start: int, flaw: str) -> None:
    order, _ = _ordered(b, start, sends="856")
    refused = ship(b, start, order, flaw=flaw)
    ship(b, start + 1, order, number=refused.number)
    b.receive(start + 1, order)
    b.bill(start + 1, order, [Sold()])


# --- 832 ---------------------------------------------------------------------------------------


def price_raised_by_catalogue(b: Book, start: int) -> None:
    """The catalogue raises a price; the order still has the old one, the bill the new (S28)."""
    item = b.reserved(CATALOGUED)
    if item is None:
        return
    wanted = b.wanted(item)
    more = dearer(b, wanted, 6, 12)
    list_price(b, start, item, wanted.uom, wanted.price + more)
    order = b.order(start, [wanted])
    b.receive(start + 1, order)
    bill = b.bill(start + 1, order, [Sold(price=wanted.price + more)])
    b.find("PRICE_PO_STALE", bill, 1, cents(wanted.qty, more))


def price_cut_by_catalogue(b: Book, start: int) -> None:
    """The catalogue cuts a price; order and bill still have the old one (S27)."""
    item = b.reserved(CATALOGUED)
    if item is None:
        return
    wanted = b.wanted(item)
    less = dearer(b, wanted, 6, 12)
    list_price(b, start, item, wanted.uom, wanted.price - less)
    order = b.order(start, [wanted])
    b.receive(start + 1, order)
    bill = b.bill(start + 1, order, [Sold()])
    b.find("PRICE_ABOVE_CONTRACT", bill, 1, cents(wanted.qty, less))


def case_holds_another_number(b: Book, start: int) -> None:
    """The catalogue puts more boxes into a case than our item master: told, and not taken over."""
    item = b.reserved(CATALOGUED)
    if item is None:
        return
    boxes = item.units["CA"] // item.units["BX"] + b.chance.one(1, 3)
    list_price(b, start, item, "EA", item.each, case=boxes)
    # It counts boxes and eaches in a case: neither number is ours.
    for uom in ("BX", "EA"):
        find_announced(b, UNIT_DIFFERS, f"{item.supplier} {item.catalog_no}", uom, start)
    wanted = b.wanted(item, uom="CA")
    order = b.order(start, [wanted])
    b.receive(start, order)
    b.bill(start, order, [Sold()])


def billed_by_the_gtin_of_a_case(b: Book, start: int) -> None:
    """A bill names the GTIN of a case, which only the catalogue knows: nothing to find."""
    supplier = next(s.id for s in SUPPLIER.values() if getattr(s.habit, "ids", "") == "UK")
    item = b.reserved(CATALOGUED, supplier)
    if item is None:
        return
    list_price(b, start, item, "EA", item.each)
    order = b.order(start, [b.wanted(item, uom="CA")])
    b.receive(start, order)
    b.bill(start, order, [Sold(item=replace(item, gtin=level_gtin(item.gtin, 5)))])


# --- 820 ---------------------------------------------------------------------------------------


def _received(b: Book, start: int) -> tuple[Order, Wanted]:
    wanted = b.wanted(b.item(contract=False))
    order = b.order(start, [wanted], dated=b.day(start - 1))
    b.receive(start, order)
    return order, wanted


def paid_in_full(b: Book, start: int) -> None:
    """Billed, and paid a night later: nothing to find."""
    order, _ = _received(b, start)
    pay(b, start + 1, b.bill(start, order, [Sold()]))
    find_paid(b, "IN_FULL")


def paid_with_discount(b: Book, start: int) -> None:
    """2 % in ten days, taken."""
    order, _ = _received(b, start)
    bill = b.bill(start, order, [Sold()], discount=(2, 10))
    pay(b, start + 1, bill, discount=(2 * bill.total + 50) // 100)
    find_paid(b, "IN_FULL")


def paid_short(b: Book, start: int) -> None:
    """Less is paid than was billed, and nothing says why."""
    order, _ = _received(b, start)
    less = b.chance.one(500, 1_900)
    pay(b, start + 1, b.bill(start, order, [Sold()]), less=less)
    find_paid(b, "SHORT", less)


def paid_what_is_not_held(b: Book, start: int) -> None:
    """Billed dearer than ordered; the difference is not paid, and the adjustment says so."""
    order, wanted = _received(b, start)
    more = dearer(b, wanted, 6, 12)
    bill = b.bill(start, order, [Sold(price=wanted.price + more)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, more))
    pay(b, start + 1, bill, adjusted=cents(wanted.qty, more))
    find_paid(b, "ADJUSTED")


def paid_although_held(b: Book, start: int) -> None:
    """Billed dearer than ordered, and paid in full all the same."""
    order, wanted = _received(b, start)
    more = dearer(b, wanted, 6, 12)
    bill = b.bill(start, order, [Sold(price=wanted.price + more)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, more))
    pay(b, start + 1, bill)
    find_paid(b, "IN_FULL", 0, cents(wanted.qty, more))


def paid_of_no_invoice(b: Book, start: int) -> None:
    """The remittance names a number that no invoice has."""
    order, _ = _received(b, start)
    bill = b.bill(start, order, [Sold()])
    pay(b, start + 1, bill, number=b.number())
    find_paid(b, "NOT_FOUND", None, None)


def paid_keeps_its_receipt(b: Book, start: int) -> None:
    """A bill of an earlier date comes after the first was paid: the first keeps its goods (S77)."""
    order, wanted = _received(b, start)
    pay(b, start + 1, b.bill(start, order, [Sold()]))
    find_paid(b, "IN_FULL")
    late = b.bill(start + 2, order, [Sold()], dated=b.day(start - 1))
    b.find("QTY_OVER_BILLED", late, 1, cents(wanted.qty, wanted.price))
