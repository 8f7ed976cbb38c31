"""Stories about what stands beside the goods: freight, tax, surcharges, totals, discounts."""

from recon.sample.book import Book
from recon.sample.network import Cents
from recon.sample.paper import Bill, Order, Sold, cents


def _bought(b: Book, start: int, **header: object) -> Order:
    """A received order of one line at a hospital that pays no sales tax."""
    where = b.hospital()
    while where.taxed:
        where = b.hospital()
    order = b.order(start, [b.wanted(b.item())], hospital=where, **header)  # type: ignore[arg-type]  # header columns
    b.receive(start, order)
    return order


def _with_charge(b: Book, start: int, kind: str, amount: Cents, **header: object) -> Bill:
    return b.bill(start, _bought(b, start, **header), [Sold()], charges=[(kind, amount)])


def freight_not_agreed(b: Book, start: int) -> None:
    """Freight on an order whose price includes it (S50)."""
    amount = b.chance.one(1_200, 9_900)
    b.find("FREIGHT_UNAUTHORISED", _with_charge(b, start, "FREIGHT", amount), 2, amount)


def freight_over_cap(b: Book, start: int) -> None:
    """Freight may be added up to $75.00; only what is above is held (S51)."""
    more = b.chance.one(500, 6_000)
    bill = _with_charge(b, start, "FREIGHT", 7_500 + more, freight_terms="PREPAID_ADD")
    b.find("FREIGHT_OVER_CAP", bill, 2, more)


def freight_within_cap(b: Book, start: int) -> None:
    """Freight of at most $75.00: nothing to find."""
    amount = b.chance.pick([7_500, b.chance.one(900, 7_400)])
    _with_charge(b, start, "FREIGHT", amount, freight_terms="PREPAID_ADD")


def tax_on_exempt(b: Book, start: int) -> None:
    """Sales tax billed to an exempt hospital (S52)."""
    amount = b.chance.one(800, 9_000)
    b.find("TAX_ON_EXEMPT", _with_charge(b, start, "TAX", amount), 2, amount)


def tax_where_due(b: Book, start: int) -> None:
    """Sales tax billed to the one facility that owes it: nothing to find."""
    order = b.order(start, [b.wanted(b.item())], hospital=b.hospital(taxed=True))
    b.receive(start, order)
    b.bill(start, order, [Sold()], charges=[("TAX", b.chance.one(800, 9_000))])


def surcharge(b: Book, start: int) -> None:
    """A fuel surcharge that no contract allows (S53)."""
    amount = b.chance.one(600, 4_000)
    b.find("SURCHARGE_UNAUTHORISED", _with_charge(b, start, "SURCHARGE", amount), 2, amount)


def unknown_charge(b: Book, start: int) -> None:
    """A charge of which nothing says what it is for."""
    amount = b.chance.one(600, 4_000)
    b.find("CHARGE_UNCLASSIFIED", _with_charge(b, start, "MISC", amount), 2, amount)


def tax_and_freight(b: Book, start: int) -> None:
    """Both on one invoice: two lines, two findings."""
    tax, freight = b.chance.one(800, 9_000), b.chance.one(1_200, 9_900)
    order = _bought(b, start)
    bill = b.bill(start, order, [Sold()], charges=[("TAX", tax), ("FREIGHT", freight)])
    b.find("TAX_ON_EXEMPT", bill, 2, tax)
    b.find("FREIGHT_UNAUTHORISED", bill, 3, freight)


def line_arithmetic(b: Book, start: int) -> None:
    """The stated amount is more than quantity times price (S54)."""
    wanted = b.wanted(b.item(portal=True))
    order = b.order(start, [wanted])
    b.receive(start, order)
    more = b.chance.one(150, 2_500)
    bill = b.bill(start, order, [Sold(amount=cents(wanted.qty, wanted.price) + more)])
    b.find("LINE_MATH", bill, 1, more)


def out_of_balance(b: Book, start: int) -> None:
    """The stated total is more than the lines come to (S55)."""
    more = b.chance.one(150, 2_500)
    bill = b.bill(start, _bought(b, start), [Sold()], misstated=more)
    b.find("INVOICE_OUT_OF_BALANCE", bill, None, more)


def _discount(bill: Bill) -> Cents:
    """2 % of the total, half a cent away from zero."""
    return (2 * bill.total + 50) // 100


def discount_behind_missing_receipt(b: Book, start: int) -> None:
    """2 % in 10 days, and the goods come late: the discount is at risk until they do (S74)."""
    wanted = b.wanted(b.item())
    order = b.order(start, [wanted])
    bill = b.bill(start, order, [Sold()], discount=(2, 10))
    arrives = start + b.chance.one(1, 2)
    b.find("QTY_NOT_RECEIVED", bill, 1, bill.total, until=arrives)
    b.find("DISCOUNT_AT_RISK", bill, None, _discount(bill), until=arrives)
    b.receive(arrives, order)


def discount_runs_out(b: Book, start: int) -> None:
    """2 % in one day, and the goods never come: at risk on its last day, then lost."""
    order = b.order(start, [b.wanted(b.item())])
    bill = b.bill(start, order, [Sold()], discount=(2, 1))
    b.find("QTY_NOT_RECEIVED", bill, 1, bill.total)
    b.find("DISCOUNT_AT_RISK", bill, None, _discount(bill), until=start + 2)
    b.find("DISCOUNT_LOST", bill, None, _discount(bill), first=start + 2)


def discount_of_clean_invoice(b: Book, start: int) -> None:
    """A discount on an invoice with nothing held: nothing to find."""
    b.bill(start, _bought(b, start), [Sold()], discount=(2, 30))
