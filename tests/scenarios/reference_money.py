"""Dollars of a matched line, for the plain reference: prices, tolerances, the waterfall.

What belongs here: steps 7 to 9 of the specification (three-way match 1.2) and its tolerance
policy (1.3). Everything is exact until each line's two totals are rounded; nothing is taken from
the SQL.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reference_copies import cents, is_in
from reference_lines import BilledLine, Group, converted, residual
from reference_match import ZERO, Regions

CENT = Fraction(1, 100)
# The shipped rules: (percent, dollars or base units, mode); None is no limit.
SHIPPED: dict[str, tuple[Fraction | None, Fraction | None, str]] = {
    "PRICE": (Fraction(2, 100), Fraction(25), "ALL"),
    "QTY_RECEIVED": (ZERO, ZERO, "ALL"),
    "QTY_ORDERED": (ZERO, ZERO, "ALL"),
    "AMT_ORDERED": (ZERO, ZERO, "ALL"),
    "CONTRACT": (None, CENT, "ALL"),
    "LINE_MATH": (None, 2 * CENT, "ALL"),
    "HEADER_BALANCE": (None, 5 * CENT, "ALL"),
    "FREIGHT": (None, Fraction(75), "ALL"),
}


@dataclass
class Part:
    """A part of a line's amount that is not simply supported, and why."""

    code: str
    worth: Fraction
    is_held: bool
    cents: Fraction = ZERO


@dataclass
class Contract:
    """The contract price per base unit, or why there is none."""

    price: Fraction | None = None
    code: str | None = None


def categories(case: dict[str, Any], item: str) -> tuple[str, ...]:
    """What rules may call an item: its own category, and an implant, whatever that is."""
    own = case.get("category", {}).get(item)
    implant = ["implant"] if item in case.get("implants", []) and own != "implant" else []
    return (*([own] if own else []), *implant)


def rule(
    case: dict[str, Any],
    check: str,
    line: BilledLine,
    category: tuple[str, ...],
    facility: str | None = "",
) -> tuple[Fraction | None, Fraction | None, str]:
    """The rule row that applies: the most specific, whole."""
    supplier = line.invoice.get("supplier", "S1")
    if facility == "":
        facility = line.group.head.get("facility", "F1") if line.group else "F1"
    keys = {"supplier": (supplier,), "category": category, "facility": (facility,)}
    weight = {"supplier": 4, "category": 2, "facility": 1}
    best = Fraction(-1)
    found = SHIPPED[check]
    if check == "PRICE" and "implant" in category:
        found, best = (ZERO, ZERO, "ALL"), Fraction(2 if category[0] == "implant" else "1.5")
    for row in case.get("tolerance", []):
        named = [key for key in keys if row.get(key)]
        is_asked = row["check"] == check and is_in(row, "", line.invoice["date"])
        if is_asked and all(row[key] in keys[key] for key in named):
            specific = Fraction(sum(weight[key] for key in named))
            # Of an implant's own category and "implant" its own comes first.
            if "category" in named and row["category"] != category[0]:
                specific -= Fraction(1, 2)
            if specific > best:
                pct, most = (
                    None if row.get(k) is None else Fraction(row[k]) for k in ("pct", "abs")
                )
                found, best = (pct, most, row.get("mode", "ALL")), specific
    return found


def within(
    limits: tuple[Fraction | None, Fraction | None, str],
    value: Fraction,
    percent_of: Fraction,
) -> bool:
    """Whether a value keeps its limits: inclusive, a missing one is none."""
    pct, most, mode = limits
    kept = []
    if pct is not None:
        kept.append(value <= pct * percent_of)
    if most is not None:
        kept.append(value <= most)
    if not kept:
        return True
    return any(kept) if mode == "ANY" else all(kept)


def contract_price(case: dict[str, Any], group: Group, invoiced: str) -> Contract:
    """The contract price in force on the day of the order (1.2 step 8)."""
    if group.by_money:
        return Contract()
    item, day = group.head.get("item", "A"), group.head.get("date", "2026-03-01")
    supplier = group.head.get("supplier", "S1")
    if case.get("suppliers", {}).get(supplier, {}).get("price_basis") == "INVOICE_DATE":
        day = invoiced
    scopes = [group.head.get("facility", "F1"), "*"]
    rows = [
        row
        for row in case.get("contract", [])
        if row["item"] == item
        and row.get("supplier", "S1") == supplier
        and row.get("facility", "*") in scopes
    ]
    ended_by = ("EXPIRED", "TERMINATED", "CANCELLED")
    active = [r for r in rows if r.get("status", "ACTIVE") == "ACTIVE"]
    in_force = [r for r in active if is_in(r, "", day)]
    own = [r for r in in_force if r.get("facility", "*") != "*"]
    in_force = own or in_force
    # What is agreed without a tier comes before any tier.
    in_force = [r for r in in_force if not r.get("tier")] or in_force
    base = case.get("uom", {}).get(item, {}).get("_base", "EA")
    units = converted(case, group.lines[0], base)
    if in_force and units:
        # Of several prices the higher: a better one is not assumed.
        prices = [
            Fraction(r["price"])
            * (1 + Fraction(r.get("markup") or 0))
            / (converted(case, group.lines[0], r.get("uom", base)) / units)
            for r in in_force
        ]
        return Contract(price=max(prices) / units)
    if not rows and item in case.get("contract_items", []):
        return Contract(code="CONTRACT_NOT_LOADED")
    if in_force or not rows:
        return Contract()
    ended = any((r.get("to") or "9999") < day or r.get("status") in ended_by for r in rows)
    return Contract(code="CONTRACT_EXPIRED" if ended else "CONTRACT_NOT_EFFECTIVE")


def parts(
    case: dict[str, Any],
    line: BilledLine,
    group: Group,
    regions: Regions,
    credited: Fraction,
    contract: Contract,
    lots: set[str],
) -> list[Part]:
    """What the line's amount is made of beside what is supported, rounded to cents."""
    p, o = line.price, group.price
    category = categories(case, group.head.get("item", "A"))
    found: list[Part] = []

    off = residual(line)
    _, most, _ = rule(case, "LINE_MATH", line, category)
    found.append(Part("LINE_MATH", off, most is not None and abs(off) > most))

    found.append(price_part(case, line, group, regions, credited, contract))

    basis = "AMT_ORDERED" if group.by_money else "QTY_ORDERED"
    is_received_ok = not group.by_money and within(
        rule(case, "QTY_RECEIVED", line, category), regions.shortfall, regions.hi
    )
    is_ordered_ok = within(rule(case, basis, line, category), regions.excess, group.ordered)
    missing = "QTY_NOT_RECEIVED"
    if group.by_money:
        missing = "AMT_NOT_RECEIVED"
    elif group.match == "BILL_ONLY":
        other_lot = line.is_lot_bound and bool(lots - {line.cites})
        missing = "BILL_ONLY_LOT_MISMATCH" if other_lot else "BILL_ONLY_NO_USAGE"
    over = "AMT_OVER_ORDERED" if group.by_money else "QTY_OVER_ORDERED"
    neither = "AMT_OVER_ORDERED" if group.by_money else "QTY_OVER_BILLED"
    short = regions.b
    found += [
        Part(missing, short.not_received * p, not is_received_ok),
        Part("RECEIPT_REVERSED", short.reversed * p, not is_received_ok),
        Part("QTY_NOT_ACCEPTED", short.not_accepted * p, not is_received_ok),
        Part(over, regions.c * min(p, o), not is_ordered_ok),
        Part(neither, regions.d * p, not (is_ordered_ok and (is_received_ok or group.by_money))),
    ]
    if group.by_money:
        # Beyond the limit is beyond the limit, received or not.
        *found, received, neither_part = found
        found.append(Part(over, received.worth + neither_part.worth, not is_ordered_ok))
    found = [part for part in found if part.worth]
    for is_held in (True, False):
        in_cents([part for part in found if part.is_held == is_held])
    return found


def price_part(
    case: dict[str, Any],
    line: BilledLine,
    group: Group,
    regions: Regions,
    credited: Fraction,
    contract: Contract,
) -> Part:
    """The price variance, its cause, and whether it is tolerated (1.2 step 7)."""
    p, o = line.price, group.price
    category = categories(case, group.head.get("item", "A"))
    # Whatever is tolerated above the contract's price, it is that price within a cent.
    stale = contract.price is not None and (
        abs(p - contract.price) <= CENT < abs(o - contract.price)
    )
    held = case.get("policy", {}).get("price_po_stale", "tolerate") == "hold"
    if p <= o:
        # What is billed below the order is never held: it would pay more than was asked.
        code = "PRICE_PO_STALE" if stale and not held else "PRICE_UNDER"
        return Part(code, regions.a * (p - o), is_held=False)
    worth = max((regions.a + regions.c) * (p - o) - credited, ZERO)
    whole = line.measure * (p - o)
    if stale:
        return Part("PRICE_PO_STALE", worth, held)
    if within(rule(case, "PRICE", line, category), whole, line.measure * o):
        return Part("price within tolerance", worth, is_held=False)
    return Part("UOM_SUSPECT" if is_another_unit(case, group, p, o) else "PRICE_OVER", worth, True)


def is_another_unit(case: dict[str, Any], group: Group, p: Fraction, o: Fraction) -> bool:
    """Whether the prices differ as two units of the item do, within one percent."""
    units = case.get("uom", {}).get(group.head.get("item", "A"), {})
    sizes = [Fraction(1)] + [Fraction(f) for name, f in units.items() if name != "_base"]
    ratios = {large / small for large in sizes for small in sizes if large > small}
    return o > 0 and any(abs(p / o - ratio) <= ratio / 100 for ratio in ratios)


def in_cents(some: list[Part]) -> None:
    """The total rounded once; each part its whole cents, the odd ones to the largest remainders."""
    total = cents(sum((part.worth for part in some), ZERO))
    for part in some:
        part.cents = Fraction(part.worth * 100 // 1, 100)
    odd = int((total - sum((part.cents for part in some), ZERO)) * 100)
    for part in sorted(some, key=lambda q: (q.cents - q.worth, q.code))[:odd]:
        part.cents += CENT


def leak(
    case: dict[str, Any], regions: Regions, line: BilledLine, group: Group, contract: Contract
) -> Fraction:
    """Paid above contract although order and invoice agree: a measure of its own (1.2 step 8)."""
    if contract.price is None:
        return ZERO
    above = min(line.price, group.price) - contract.price
    category = categories(case, group.head.get("item", "A"))
    _, most, _ = rule(case, "CONTRACT", line, category)
    if most is None or above <= most:
        return ZERO
    return cents((regions.a + regions.c) * above)
