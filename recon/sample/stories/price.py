"""Stories about prices, contracts and units.

A price within tolerance differs by 2 % and $25.00 a line at most (spec 1.3); every other
difference here is far outside, and at least ten cents per each.
"""

from dataclasses import replace

from recon.sample.book import MASTERS_AGAIN, Book
from recon.sample.network import Item, Price
from recon.sample.paper import Order, Sold, Wanted, cents

DOLLAR: Price = 10_000


def dearer(b: Book, wanted: Wanted, least: int, most: int) -> Price:
    """``least`` to ``most`` percent of a line's price, rounded up to whole dollars.

    Whole dollars a unit, and no less than ten cents an each, whatever the unit holds.
    """
    share = wanted.price * b.chance.one(least, most) // 100
    return (share // DOLLAR + 1) * DOLLAR


def _bought(b: Book, start: int, wanted: Wanted, **header: object) -> Order:
    order = b.order(start, [wanted], **header)  # type: ignore[arg-type]  # the order's own keywords
    b.receive(start, order)
    return order


def price_over(b: Book, start: int) -> None:
    """Billed 6 to 12 % above the order."""
    wanted = b.wanted(b.item(contract=False))
    more = dearer(b, wanted, 6, 12)
    order = _bought(b, start, wanted)
    bill = b.bill(start, order, [Sold(price=wanted.price + more)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, more))


def small_percent_large_amount(b: Book, start: int) -> None:
    """1 % above, but $30 or more on the line: one limit broken is enough."""
    each = b.chance.one(30, 90) * DOLLAR
    wanted = Wanted(b.item(contract=False), b.chance.one(120, 200), "EA", each)
    order = _bought(b, start, wanted)
    bill = b.bill(start, order, [Sold(price=each + each // 100)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, each // 100))


def within_tolerance(b: Book, start: int) -> None:
    """1 % and a few dollars above: tolerated, nothing to find."""
    each = b.chance.one(20, 60) * DOLLAR
    wanted = Wanted(b.item(contract=False), b.chance.one(2, 20), "EA", each)
    order = _bought(b, start, wanted)
    b.bill(start, order, [Sold(price=each + each // 100)])


def at_two_percent(b: Book, start: int) -> None:
    """Exactly 2 % above: limits are inclusive, nothing to find."""
    each = b.chance.one(20, 60) * DOLLAR
    wanted = Wanted(b.item(contract=False), b.chance.one(2, 12), "EA", each)
    order = _bought(b, start, wanted)
    b.bill(start, order, [Sold(price=each + each // 50)])


def price_credited(b: Book, start: int) -> None:
    """Overpriced; a night later a price credit takes back exactly the difference."""
    wanted = b.wanted(b.item(contract=False, portal=True))
    more = dearer(b, wanted, 6, 12)
    order = _bought(b, start, wanted)
    bill = b.bill(start, order, [Sold(price=wanted.price + more)])
    variance = cents(wanted.qty, more)
    b.find("PRICE_OVER", bill, 1, variance, until=start + 1)
    b.bill(
        start + 1,
        order,
        [Sold(qty=0, price=0, amount=-variance, adj_kind="PRICE")],
        credit=True,
        credits_number=bill.number,
    )
    b.find("PRICE_RESOLVED_BY_CREDIT", bill, 1, 0, first=start + 1)


def order_corrected(b: Book, start: int) -> None:
    """Overpriced; two nights later the buyer corrects the order's price."""
    wanted = b.wanted(b.item(contract=False))
    more = dearer(b, wanted, 6, 12)
    order = _bought(b, start, wanted)
    bill = b.bill(start, order, [Sold(price=wanted.price + more)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, more), until=start + 2)
    b.amend(order, start + 2, 1, price=wanted.price + more)


def price_under(b: Book, start: int) -> None:
    """Billed below the order: in our favour, and listed."""
    wanted = b.wanted(b.item(contract=False))
    less = dearer(b, wanted, 3, 9)
    order = _bought(b, start, wanted)
    bill = b.bill(start, order, [Sold(price=wanted.price - less)])
    b.find("PRICE_UNDER", bill, 1, -cents(wanted.qty, less))


def price_and_quantity(b: Book, start: int) -> None:
    """Overpriced and partly received: the two causes share no dollar (S23)."""
    wanted = b.wanted(b.item(contract=False), least=5)
    more = dearer(b, wanted, 6, 12)
    missing = b.chance.one(1, wanted.qty - 1)
    order = b.order(start, [wanted])
    b.receive(start, order, qty=wanted.qty - missing)
    bill = b.bill(start, order, [Sold(price=wanted.price + more)])
    arrives = start + 1
    b.find("QTY_NOT_RECEIVED", bill, 1, cents(missing, wanted.price + more), until=arrives)
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty - missing, more), until=arrives)
    b.receive(arrives, order, qty=missing)
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, more), first=arrives)


def order_price_stale(b: Book, start: int) -> None:
    """The bill has the contract's price, the order an old and lower one (S28)."""
    ready = b.wanted(b.item(contract=True))
    less = dearer(b, ready, 6, 12)
    order = _bought(b, start, replace(ready, price=ready.price - less))
    bill = b.bill(start, order, [Sold(price=ready.price)])
    b.find("PRICE_PO_STALE", bill, 1, cents(ready.qty, less))


def above_contract(b: Book, start: int) -> None:
    """Order and bill agree, both above the contract (S27)."""
    ready = b.wanted(b.item(contract=True))
    more = dearer(b, ready, 6, 12)
    order = _bought(b, start, replace(ready, price=ready.price + more))
    bill = b.bill(start, order, [Sold()])
    b.find("PRICE_ABOVE_CONTRACT", bill, 1, cents(ready.qty, more))


def free_goods_billed(b: Book, start: int) -> None:
    """Ordered at no charge, billed at a price (S24)."""
    wanted = replace(b.wanted(b.item(contract=False)), price=0)
    order = _bought(b, start, wanted)
    charged = b.chance.one(3, 40) * DOLLAR
    bill = b.bill(start, order, [Sold(price=charged)])
    b.find("PRICE_OVER", bill, 1, cents(wanted.qty, charged))


def _on_reserved(
    b: Book, start: int, role: str, code: str, until: int | None = None
) -> Item | None:
    item = b.reserved(role)
    if item is not None:
        order = _bought(b, start, b.wanted(item))
        bill = b.bill(start, order, [Sold()])
        b.find(code, bill, 1, 0, until=until)
    return item


def contract_lapsed(b: Book, start: int) -> None:
    """The item's contract ended before the order."""
    _on_reserved(b, start, "lapsed", "CONTRACT_EXPIRED")


def contract_not_begun(b: Book, start: int) -> None:
    """The item's contract begins after the order."""
    _on_reserved(b, start, "future", "CONTRACT_NOT_EFFECTIVE")


def contract_not_loaded(b: Book, start: int) -> None:
    """The item is bought on contract, and nobody loaded its price."""
    _on_reserved(b, start, "unlisted", "CONTRACT_NOT_LOADED")


def contract_loaded_late(b: Book, start: int) -> None:
    """The same, until a later contract workbook holds the price."""
    before = min(start, MASTERS_AGAIN - 1)
    item = _on_reserved(b, before, "unlisted", "CONTRACT_NOT_LOADED", MASTERS_AGAIN)
    if item is not None:
        b.late_contracts.append(item)


def case_price_per_each(b: Book, start: int) -> None:
    """Cases are ordered; as many eaches are billed, each at the price of a case (S35)."""
    item = b.item(contract=False, counted_in="EA")
    wanted = b.wanted(item, uom="CA")
    order = _bought(b, start, wanted)
    bill = b.bill(start, order, [Sold(uom="EA")])
    b.find("UOM_SUSPECT", bill, 1, cents(wanted.qty, wanted.price - item.each))


def unit_unknown(b: Book, start: int) -> None:
    """Billed in dozens, and no one has said what a dozen of it is (S34)."""
    item = b.item(other_than=b.late_units)
    b.no_dozen.append(item)
    _billed_in_dozens(b, start, item, None)


def unit_loaded_late(b: Book, start: int) -> None:
    """The same, until a later file of units holds the dozen."""
    item = b.item(other_than=[*b.late_units, *b.no_dozen])
    b.late_units.append(item)
    _billed_in_dozens(b, min(start, MASTERS_AGAIN - 1), item, MASTERS_AGAIN)


def _billed_in_dozens(b: Book, start: int, item: Item, until: int | None) -> None:
    dozens = b.chance.one(1, 6)
    order = _bought(b, start, Wanted(item, 12 * dozens, "EA", item.each))
    bill = b.bill(start, order, [Sold(qty=dozens, uom="DZ", price=12 * item.each)])
    b.find("UOM_NO_CONVERSION", bill, 1, bill.total, until=until)
