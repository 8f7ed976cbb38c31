"""The lines of orders and invoices of a case, for the plain reference, counted in base units.

What belongs here: step 1 of the specification (three-way match 1.2): what a line orders or bills,
in units that add up. What does not: which order line an invoice line means
(``reference_documents.py``).
"""

import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import lcm

from reference_copies import (
    AS_OF,
    Row,
    cents,
    has_minus,
    is_paid,
    seen,
    stated_amount,
)


@dataclass
class OrderLine:
    """A line of an order, counted in base units of its item."""

    row: Row
    factor: Fraction
    group: "Group | None" = None

    @property
    def price(self) -> Fraction:
        """Dollars per base unit."""
        return Fraction(self.row.get("price", 0)) / Fraction(self.row.get("per") or 1) / self.factor

    @property
    def ordered(self) -> Fraction:
        """Base units."""
        left = Fraction(self.row["qty"]) - Fraction(self.row.get("cancelled") or 0)
        return left * self.factor


@dataclass
class Group:
    """Order lines that are matched as one: usually one."""

    lines: list[OrderLine]

    @property
    def head(self) -> Row:
        return self.lines[0].row

    @property
    def by_money(self) -> bool:
        return self.head.get("basis") == "AMOUNT"

    @property
    def match(self) -> str:
        return str(self.head.get("match", "3WAY"))

    @property
    def price(self) -> Fraction:
        """What one measured thing is worth by the order: a dollar is a dollar."""
        return Fraction(1) if self.by_money else self.lines[0].price

    @property
    def ordered(self) -> Fraction:
        if self.by_money:
            return sum((_limit(line.row) for line in self.lines), Fraction(0))
        return sum((line.ordered for line in self.lines), Fraction(0))


@dataclass
class BilledLine:
    """A line of an invoice or credit, and what becomes of it."""

    invoice: Row
    row: Row
    amount: Fraction
    type: str
    is_credit: bool
    code: str | None = None
    group: Group | None = None
    referred: str | None = None
    order: str | None = None
    is_other_item: bool = False
    is_substitute: bool = False
    measure: Fraction = Fraction(0)
    price: Fraction = Fraction(0)
    is_kit: bool = False
    kit_residual: Fraction = Fraction(0)
    # Of what a memo charges, what an invoice had allowed.
    taken_back: Fraction = Fraction(0)
    # What is asked for after credits, what each receipt gives, and the four regions.
    need: Fraction = Fraction(0)
    given: dict[str, Fraction] = field(default_factory=dict)

    @property
    def id(self) -> tuple[str, int]:
        return self.invoice["id"], self.row["line"]

    @property
    def is_paid(self) -> bool:
        return is_paid(self.invoice)

    @property
    def place(self) -> tuple[str, str, int]:
        """Place by date, document and line."""
        return self.invoice["date"], self.invoice["id"], self.row["line"]

    @property
    def cites(self) -> str | None:
        bound = self.group is not None and self.group.match == "BILL_ONLY"
        found: str | None = self.row.get("lot" if bound else "receipt_ref")
        return found

    @property
    def is_lot_bound(self) -> bool:
        return self.group is not None and self.group.match == "BILL_ONLY" and bool(self.cites)


def factor(case: Row, item: str | None, unit: str) -> Fraction | None:
    """Base units in one of the item's units; None where nobody has said."""
    units = case.get("uom", {}).get(item, {"_base": "EA"})
    if unit == units.get("_base", "EA"):
        return Fraction(1)
    return Fraction(units[unit]) if unit in units else None


def converted(case: Row, line: OrderLine, unit: str) -> Fraction | None:
    """Base units of the order line's item in ``unit``, on the scale the order line is counted in.

    An item whose ordered unit has no conversion is counted in that unit, and in no other.
    """
    item, ordered_in = line.row.get("item", "A"), line.row.get("uom", "EA")
    if factor(case, item, ordered_in) is None:
        return Fraction(1) if unit == ordered_in else None
    return factor(case, item, unit)


def billed_units(case: Row, line: "BilledLine", order_line: OrderLine) -> Fraction | None:
    """As ``converted``; a substitute stands, in its own units, for the smallest unit both have."""
    unit, ordered_in = line.row.get("uom", "EA"), order_line.row.get("uom", "EA")
    ordered = order_line.row.get("item", "A")
    if not line.is_substitute or factor(case, ordered, ordered_in) is None:
        return converted(case, order_line, unit)
    item = line.row.get("item") or case.get("item_xref", {}).get(catalog_number(line)) or ordered
    of_both = sorted(
        (factor(case, ordered, name), factor(case, item, name), name)
        for name in known_units(case, item) & known_units(case, ordered)
    )
    own = factor(case, item, unit)
    if own is None or not of_both:
        return order_line.factor if unit == ordered_in else None
    of_ordered, of_own, _ = of_both[0]
    counted = own / of_own * of_ordered
    sizes = [factor(case, ordered, name).denominator for name in known_units(case, ordered)]
    return counted if lcm(*sizes) % counted.denominator == 0 else None


def known_units(case: Row, item: str) -> set[str]:
    """Every unit that somebody has said the size of."""
    units = case.get("uom", {}).get(item, {})
    return {name for name in units if name != "_base"} | {units.get("_base", "EA")}


def order_lines(case: Row) -> list[OrderLine]:
    """The lines of all orders that are placed by now."""
    found = []
    for row in case["po"]:
        if date.fromisoformat(row.get("date", "2026-03-01")) <= AS_OF:
            known = factor(case, row.get("item", "A"), row.get("uom", "EA"))
            found.append(OrderLine(row, known or Fraction(1)))
    return found


def billed_lines(case: Row) -> list[BilledLine]:
    """Every line of every document that is here by now."""
    return [
        BilledLine(
            invoice,
            row,
            amount := stated_amount(row),
            row.get("type", "ITEM"),
            takes_back(invoice, row, amount),
        )
        for invoice in seen(case)
        for row in invoice["lines"]
    ]


def takes_back(invoice: Row, row: Row, amount: Fraction) -> bool:
    """Whether a line is a credit: negative, or of a credit memo and no goods billed there.

    A memo bills goods beside what it takes back: one without a minus is all credit.
    """
    qty = Fraction(row.get("qty") or 0)
    is_item = row.get("type", "ITEM") == "ITEM"
    bills_goods = is_item and qty > 0 and amount > 0 and has_minus(invoice)
    return qty < 0 or amount < 0 or (invoice.get("type") == "CREDIT" and not bills_goods)


def gives_back(line: BilledLine) -> bool:
    """Whether a credit is to be linked: goods, and what a memo takes off a charge."""
    is_memo = line.invoice.get("type") == "CREDIT"
    return line.type == "ITEM" or (is_memo and (line.amount < 0 or not has_minus(line.invoice)))


def residual(line: BilledLine) -> Fraction:
    """What the amount says beyond quantity times price, where both are printed."""
    qty, price = line.row.get("qty"), line.row.get("price")
    if line.is_kit:
        return line.kit_residual
    is_of_price = line.is_credit and line.row.get("adj") == "PRICE"
    is_sum = price is None if qty else line.is_credit or (line.group and line.group.by_money)
    if is_of_price or is_sum:
        return Fraction(0)
    extended = cents(abs(Fraction(qty or 0) * Fraction(price or 0)))
    return line.amount + extended if line.is_credit else line.amount - extended


def catalog_number(line: BilledLine) -> str:
    return re.sub("[^A-Z0-9]", "", str(line.row.get("catalog") or "").upper()).lstrip("0")


def _limit(row: Row) -> Fraction:
    if row.get("limit") is not None:
        return Fraction(row["limit"])
    left = Fraction(row["qty"]) - Fraction(row.get("cancelled") or 0)
    return cents(left * Fraction(row["price"]) / Fraction(row.get("per") or 1))
