"""The match of one order line in one unit, in plain Python with fractions.

Slow and obvious on purpose, and written from the specification (three-way match 1.2, steps 4 to
10), not from the SQL: it walks unit by unit along the two axes instead of intersecting intervals.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

AS_OF = date(2026, 3, 31)
PRICE_PCT, PRICE_ABS = Fraction(2, 100), Fraction(25)

LineId = tuple[str, int]


@dataclass
class Line:
    """One line of an invoice: what it bills, what it still asks for, what it is given."""

    id: LineId
    place: tuple[object, ...]
    qty: Fraction
    price: Fraction
    amount: Fraction
    need: Fraction = Fraction(0)
    given: dict[str, Fraction] = field(default_factory=dict)


@dataclass
class Answer:
    """What must come out of a case."""

    lines: dict[LineId, tuple[Decimal, Decimal, Decimal]] = field(default_factory=dict)
    allocated: dict[tuple[str, int, str], Decimal] = field(default_factory=dict)
    awaited: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)


def reference(case: dict[str, Any]) -> Answer:
    """Supported, tolerated and held per line; allocation; what is received and not invoiced."""
    order = case["po"][0]
    ordered, price = Fraction(order["qty"]), Fraction(order["price"])
    layers = net_receipts(case)
    lines = net_lines(case)
    answer = Answer()
    allocate(lines, layers)
    lo = Fraction(0)
    for line in lines:
        hi = lo + line.need
        got = sum(line.given.values(), Fraction(0))
        # Of the line's stretch of the axis, what lies within the order is served first.
        within = max(min(hi, ordered) - lo, Fraction(0))
        beyond = line.need - within
        a = min(got, within)
        c = got - a
        b, d = within - a, beyond - c
        held, tolerated = held_and_tolerated(line, price, a, b, c, d)
        held, tolerated = cents(held), cents(tolerated)
        supported = line.amount - held - tolerated
        answer.lines[line.id] = (money(supported), money(tolerated), money(held))
        for receipt, qty in line.given.items():
            answer.allocated[(*line.id, receipt)] = Decimal(qty.numerator) / qty.denominator
        lo = hi
    for receipt, left in layers.items():
        if left:
            qty = Decimal(left.numerator) / left.denominator
            answer.awaited[receipt] = (qty, money(cents(left * price)))
    return answer


def net_receipts(case: dict[str, Any]) -> dict[str, Fraction]:
    """Receipts in the order in which they are consumed, less what went back."""
    seen = [r for r in case["receipts"] if date.fromisoformat(r["date"]) <= AS_OF]
    came = sorted((r for r in seen if r["qty"] > 0), key=lambda r: (r["date"], r["id"]))
    layers = {r["id"]: Fraction(r["qty"]) for r in came}
    loose = Fraction(0)
    for back in (r for r in seen if r["qty"] < 0):
        part = -Fraction(back["qty"])
        taken = min(part, layers.get(back.get("ref"), Fraction(0)))
        if taken:
            layers[back["ref"]] -= taken
        loose += part - taken
    for receipt in reversed(layers):
        taken = min(loose, layers[receipt])
        layers[receipt] -= taken
        loose -= taken
    return layers


def net_lines(case: dict[str, Any]) -> list[Line]:
    """Invoice lines in the order in which they ask, less what was credited."""
    lines: list[Line] = []
    for invoice in case["invoices"]:
        if invoice.get("type") != "CREDIT":
            for row in invoice["lines"]:
                qty, price = Fraction(row["qty"]), Fraction(row["price"])
                place = (not invoice["paid"], invoice["date"], invoice["id"], row["line"])
                amount = cents(qty * price)
                lines.append(Line((invoice["id"], row["line"]), place, qty, price, amount, qty))
    number = {invoice["number"]: invoice["id"] for invoice in case["invoices"]}
    loose = Fraction(0)
    for credit in case["invoices"]:
        if credit.get("type") == "CREDIT":
            row = credit["lines"][0]
            part = -Fraction(row["qty"])
            own = [ln for ln in lines if ln.id[0] == number.get(row.get("ref"))]
            for line in sorted(own, key=lambda ln: ln.id[1]):
                taken = min(part, line.need)
                line.need -= taken
                part -= taken
            loose += part
    for line in sorted(lines, key=lambda ln: ln.place[1:], reverse=True):
        taken = min(loose, line.need)
        line.need -= taken
        loose -= taken
    return sorted(lines, key=lambda ln: ln.place)


def allocate(lines: list[Line], layers: dict[str, Fraction]) -> None:
    """First come, first served: each line empties the layers in their order."""
    for line in lines:
        wanted = line.need
        for receipt, left in layers.items():
            taken = min(wanted, left)
            if taken:
                line.given[receipt] = taken
                layers[receipt] -= taken
                wanted -= taken


def held_and_tolerated(
    line: Line, ordered_price: Fraction, a: Fraction, b: Fraction, c: Fraction, d: Fraction
) -> tuple[Fraction, Fraction]:
    """Exact dollars held and tolerated, with the shipped tolerances: quantities are exact."""
    p, o = line.price, ordered_price
    held = b * p + c * min(p, o) + d * p
    if p < o:
        return held, a * (p - o)
    variance = (a + c) * (p - o)
    within = line.need * (p - o) <= PRICE_ABS and p - o <= PRICE_PCT * o
    return (held, variance) if within else (held + variance, Fraction(0))


def cents(value: Fraction) -> Fraction:
    """Rounded once to the cent, half away from zero."""
    whole, rest = divmod(abs(value) * 100, 1)
    rounded = Fraction(whole + (1 if rest >= Fraction(1, 2) else 0), 100)
    return rounded if value >= 0 else -rounded


def money(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
