"""Receipts against invoice lines, one match group at a time, for the plain reference.

What belongs here: steps 4 to 6 of the specification (three-way match 1.2): what is left of
receipts after goods went back and of invoice lines after credits, who gets which receipt, and the
regions A to D. It walks along both axes from one line to the next; nothing is taken from the SQL.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from reference_copies import AS_OF, cents
from reference_lines import BilledLine, Group, OrderLine, converted

ZERO = Fraction(0)


@dataclass
class Receipt:
    """What came in once, in base units (dollars on an amount basis), and what is left of it."""

    id: str
    line: OrderLine
    day: str
    slip: str
    came: Fraction
    stayed: Fraction
    accepted: Fraction
    offered: Fraction = ZERO
    left: Fraction = ZERO


@dataclass
class Return:
    """What went back, and the receipt that it names."""

    line: OrderLine
    ref: str | None
    qty: Fraction
    lot: str | None = None


@dataclass
class Short:
    """A stretch that is ordered and not received, by its cause."""

    reversed: Fraction = ZERO
    not_accepted: Fraction = ZERO
    not_received: Fraction = ZERO


@dataclass
class Regions:
    """A ordered and received, B ordered only, C received only, D neither (1.2 step 6)."""

    a: Fraction
    c: Fraction
    d: Fraction
    b: Short
    # For the tolerances: what is asked so far, what of it is not received, not ordered.
    hi: Fraction
    shortfall: Fraction
    excess: Fraction


@dataclass
class Matched:
    """One match group, matched."""

    group: Group
    lines: list[BilledLine]
    receipts: list[Receipt]
    regions: dict[tuple[str, int], Regions] = field(default_factory=dict)


def match(case: dict[str, Any], group: Group, lines: list[BilledLine]) -> Matched:
    """Net, allocate, and split every line of the group."""
    receipts = net_receipts(case, group)
    demand = net_lines(lines)
    if group.match not in ("2WAY", "ERS"):
        allocate(demand, receipts)
    done = Matched(group, demand, receipts)
    split(done, sum((ln.measure for ln in quantity_credits(lines) if returns_goods(ln)), ZERO))
    return done


def net_receipts(case: dict[str, Any], group: Group) -> list[Receipt]:
    """Receipts in the order in which they are consumed, less what went back."""
    receipts = less_what_went_back(case, group)
    for line in group.lines:
        total = told = ZERO
        # An order with a limit and no price is confirmed in dollars.
        rate = line.price or (1 / line.factor if group.ordered else ZERO)
        for receipt in [r for r in receipts if r.line is line]:
            receipt.offered = receipt.accepted if group.match == "4WAY" else receipt.stayed
            if group.by_money:
                # The running total is rounded: a receipt keyed as two is worth what it was as one.
                total += receipt.offered
                receipt.offered = cents(total * rate) - told
                told += receipt.offered
            receipt.left = receipt.offered
    return receipts


def less_what_went_back(case: dict[str, Any], group: Group) -> list[Receipt]:
    """A return takes from the receipt it names.

    What that cannot give, it takes from the newest of its order line, then of the group.
    """
    moved = [event for line in group.lines for event in events(case, group, line)]
    receipts = sorted((e for e in moved if isinstance(e, Receipt)), key=lambda r: (r.day, r.id))
    loose: list[Return] = []
    for back in (event for event in moved if isinstance(event, Return)):
        named = [r for r in receipts if r.id == back.ref]
        # Use that is taken back names its lot.
        newest_day = sorted(receipts, key=lambda r: r.day, reverse=True)
        named += [r for r in newest_day if back.lot and r.slip == back.lot]
        named.sort(key=lambda r: r.line is not back.line)
        loose.append(Return(back.line, None, give(named, back.qty)))
    newest = receipts[::-1]
    for back in loose:
        back.qty = give([r for r in newest if r.line is back.line], back.qty)
    for back in loose:
        give(newest, back.qty)
    for receipt in receipts:
        # What went back is what was not accepted, as far as that goes.
        receipt.accepted = min(receipt.accepted, receipt.stayed)
    return receipts


def give(receipts: list[Receipt], qty: Fraction) -> Fraction:
    """Take ``qty`` out of the receipts, in their order; what they have not to give."""
    for receipt in receipts:
        taken = min(qty, receipt.stayed)
        receipt.stayed -= taken
        qty -= taken
    return qty


def events(case: dict[str, Any], group: Group, line: OrderLine) -> Iterator[Receipt | Return]:
    """What came in for an order line and what went back, in base units."""
    bill_only = group.match == "BILL_ONLY"
    for row in case.get("usage" if bill_only else "receipts", []):
        place = (row["po"], row["line"].lstrip("0"))
        is_its = place == (line.row["po"], line.row["line"].lstrip("0"))
        is_seen = date.fromisoformat(row["date"]) <= AS_OF and row.get("status") != "DRAFT"
        # Use is recorded in base units, receipts in a unit of their own.
        units = Fraction(1) if bill_only else converted(case, line, row.get("uom", "EA"))
        if not is_its or not is_seen or units is None:
            continue
        qty = Fraction(row["qty"]) * units
        if qty > 0:
            good = qty if row.get("accepted") is None else Fraction(row["accepted"]) * units
            slip = (row.get("lot") if bill_only else row.get("slip")) or row["id"]
            yield Receipt(row["id"], line, row["date"], slip, qty, qty, min(good, qty))
        elif qty < 0:
            yield Return(line, row.get("ref"), -qty, row.get("lot") if bill_only else None)


def net_lines(lines: list[BilledLine]) -> list[BilledLine]:
    """Lines in the order in which they ask, less what was credited."""
    billed = [line for line in lines if not line.is_credit]
    for line in billed:
        line.need = line.measure
    found = quantity_credits(lines)
    left = {credit.id: credit.measure for credit in found}

    def net(credit: BilledLine, some: list[BilledLine]) -> None:
        for line in some:
            taken = min(left[credit.id], line.need)
            line.need -= taken
            left[credit.id] -= taken

    named = [credit for credit in found if credit.referred]
    newest = sorted(billed, key=lambda ln: ln.place, reverse=True)
    # A lot that is named comes before the other lines, of the invoice named and of all.
    for is_of_lot in (True, False):
        for credit in named:
            own = [ln for ln in billed if ln.invoice["id"] == credit.referred]
            own = [ln for ln in own if not is_of_lot or is_same_lot(credit, ln)]
            net(credit, sorted(own, key=lambda ln: ln.row["line"]))
    for credit in found:
        if not credit.referred:
            net(credit, [line for line in newest if is_same_lot(credit, line)])
    # A credit is about what was billed by its day, and only then about what came later.
    for credit in found:
        day = credit.invoice["date"]
        net(credit, [line for line in newest if line.invoice["date"] <= day])
    for credit in found:
        net(credit, newest)
    return sorted(billed, key=lambda ln: (not ln.is_paid, *ln.place))


def is_same_lot(credit: BilledLine, line: BilledLine) -> bool:
    return credit.is_lot_bound and line.is_lot_bound and credit.cites == line.cites


def quantity_credits(lines: list[BilledLine]) -> list[BilledLine]:
    found = [ln for ln in lines if ln.is_credit and ln.measure and ln.row.get("adj") != "PRICE"]
    return sorted(found, key=lambda ln: ln.place)


def allocate(demand: list[BilledLine], receipts: list[Receipt]) -> None:
    """First those who say which receipt they mean, then first come, first served.

    A line that is still open takes no receipt, cited or not, that a paid line needs: paid is paid.
    """
    for_paid = sum((ln.need for ln in demand if ln.is_paid and not ln.is_lot_bound), ZERO)
    for line in demand:
        spare = sum((r.left for r in receipts), ZERO) - for_paid
        named = cited_slip(line, receipts)
        take(line, [r for r in receipts if r.slip == named], line.need if line.is_paid else spare)
        if line.is_paid and not line.is_lot_bound:
            for_paid -= sum(line.given.values(), ZERO)
    for line in demand:
        if not line.is_lot_bound:
            take(line, receipts, line.need)


def cited_slip(line: BilledLine, receipts: list[Receipt]) -> str | None:
    """The packing slip (or lot) that is named; or that of the receipt whose number is named."""
    if any(r.slip == line.cites for r in receipts):
        return line.cites
    return min((r.slip for r in receipts if r.id == line.cites), default=None)


def take(line: BilledLine, receipts: list[Receipt], at_most: Fraction) -> None:
    wanted = min(line.need - sum(line.given.values(), ZERO), max(at_most, ZERO))
    for receipt in receipts:
        taken = min(wanted, receipt.left)
        if taken > 0:
            line.given[receipt.id] = line.given.get(receipt.id, ZERO) + taken
            receipt.left -= taken
            wanted -= taken


def returns_goods(credit: BilledLine) -> bool:
    """Whether a quantity credit answers goods that went back: a shortage never came."""
    return credit.row.get("adj") != "SHORTAGE"


def split(done: Matched, credited: Fraction) -> None:
    """Each line's stretch of the axis: within the order or beyond it, received or not.

    Goods that went back are missed until they are credited.
    """
    ordered = done.group.ordered
    went_back = max(sum((r.came - r.stayed for r in done.receipts), ZERO) - credited, ZERO)
    refused = sum((r.stayed - r.accepted for r in done.receipts), ZERO)
    if done.group.by_money:
        # What is missing of a service is not confirmed, whatever became of its receipts.
        went_back = refused = ZERO
    lo = shortfall = ZERO
    for line in done.lines:
        hi = lo + line.need
        got = line.need if done.group.match == "2WAY" else sum(line.given.values(), ZERO)
        # Of the line's stretch, what lies within the order is served first.
        within = max(min(hi, ordered) - lo, ZERO)
        a = min(got, within)
        c = got - a
        b, d = within - a, line.need - within - c
        shortfall += b + d
        short = Short()
        short.reversed = min(b, went_back)
        short.not_accepted = min(b - short.reversed, refused)
        short.not_received = b - short.reversed - short.not_accepted
        went_back -= short.reversed
        refused -= short.not_accepted
        if done.group.match != "4WAY":
            short.not_received += short.not_accepted
            short.not_accepted = ZERO
        done.regions[line.id] = Regions(a, c, d, short, hi, shortfall, max(hi - ordered, ZERO))
        lo = hi
