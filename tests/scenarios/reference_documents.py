"""What the documents of a case are about, for the plain reference: orders, order lines.

What belongs here: step 3 of the specification (three-way match 1.2): which order lines an invoice
line means, and what stops it before any quantity is compared. Written from the specification as a
person would explain it, line by line; nothing here is taken from the SQL.
"""

from collections import Counter
from fractions import Fraction
from itertools import product
from typing import Any

from reference_copies import (
    Row,
    company,
    copies,
    is_in,
    plain_number,
    seen,
)
from reference_lines import (
    BilledLine,
    Group,
    OrderLine,
    billed_units,
    catalog_number,
    converted,
    factor,
    gives_back,
    residual,
)


def identify(case: Row, billed: list[BilledLine], ordered: list[OrderLine]) -> list[Group]:
    """Give every item line its match group, or the code that stops it; the groups there are."""
    meant: list[tuple[BilledLine, list[OrderLine]]] = []
    alike = copies(case)
    quarantined = {k for k, (code, _) in alike.items() if code in ("DUP_EXACT", "DUP_PROBABLE")}
    documents = {i["id"]: i for i in seen(case)}
    for line in billed:
        if line.invoice["id"] in quarantined:
            line.code = alike[line.invoice["id"]][0]
            continue
        line.referred = referred(line, documents, quarantined)
        order = (
            line.row.get("po")
            or line.invoice.get("po")
            or documents.get(line.referred or "", {}).get("po")
        )
        line.order = order
        line.code = order_code(case, line, order)
        if line.is_credit and gives_back(line) and line.referred in quarantined:
            # A copy bills nothing, and its credit takes nothing from the first.
            line.code = "CREDIT_UNLINKED"
        if line.type == "ITEM" and not line.code:
            of_order = [o for o in ordered if o.row["po"] == order]
            found, line.is_substitute = candidates(case, line, of_order)
            meant.append((line, found))
    roll_kits(case, billed, meant, ordered)
    pooled = pool(meant, ordered)
    groups = [Group(lines) for lines in pooled]
    groups += [Group([o]) for o in ordered if not any(o in lines for lines in pooled)]
    for group in groups:
        for order_line in group.lines:
            order_line.group = group
    for line, found in meant:
        if line.code:
            continue
        if not found:
            line.code = "PO_LINE_NOT_FOUND"
        elif len({id(o.group) for o in found}) > 1 and len({likeness(o) for o in found}) > 1:
            line.code = "PO_LINE_AMBIGUOUS"
        else:
            line.group = found[0].group
            measure(case, line, found[0])
    return groups


def referred(line: BilledLine, documents: dict[str, Row], copied: set[str]) -> str | None:
    """The invoice a credit names: of one number no copy, the same order's, no later, the newest."""
    is_of_a_credit = line.is_credit or line.invoice.get("type") == "CREDIT"
    names = line.row.get("ref") if is_of_a_credit else None
    if names is None:
        return None
    fitting = [
        i
        for i in documents.values()
        if i.get("type") != "CREDIT"
        and i["id"] != line.invoice["id"]
        and i.get("supplier") == line.invoice.get("supplier")
        and (names == i["id"] or plain_number(names) == plain_number(i.get("number", i["id"])))
    ]
    newest = sorted(fitting, key=lambda i: i["id"])
    newest.sort(key=lambda i: i["date"], reverse=True)
    own, day = line.invoice.get("po"), line.invoice["date"]
    newest.sort(key=lambda i: (i["id"] in copied, not own or i.get("po") != own, i["date"] > day))
    return newest[0]["id"] if newest else None


def order_code(case: Row, line: BilledLine, order: str | None) -> str | None:
    """Why there is no order to compare with, if there is none."""
    supplier = line.invoice.get("supplier", "S1")
    if order is None:
        exempt = case.get("policy", {}).get("po_exempt_suppliers", [])
        is_memo = line.invoice.get("type") == "CREDIT"
        is_routed = supplier in exempt and (not is_memo or line.referred)
        if line.is_credit and gives_back(line) and not is_routed:
            return "CREDIT_UNLINKED"
        return "NON_PO_ROUTED" if is_routed else "NO_PO"
    of_number = [row for row in case["po"] if row["po"] == order]
    if not of_number:
        return "PO_NOT_FOUND"
    if all(company(case, row) != company(case, line.invoice) for row in of_number):
        return "SUPPLIER_MISMATCH"
    return None


def candidates(
    case: Row, line: BilledLine, of_order: list[OrderLine]
) -> tuple[list[OrderLine], bool]:
    """The order lines that the first tier yields, narrowed by price; and whether by substitute."""
    item = line.row.get("item") or case.get("item_xref", {}).get(catalog_number(line))
    accepted = case.get("ack_substitute", {})

    def substitutes(o: OrderLine) -> bool:
        return item is not None and accepted.get(f"{o.row['po']}/{o.row['line']}") == item

    tiers = [
        [o for o in of_order if o.row["line"] == line.row.get("po_line")],
        [o for o in of_order if item is not None and o.row.get("item", "A") == item],
        [o for o in of_order if substitutes(o)],
    ]
    first = next((tier for tier in tiers if tier), [])
    # A cancelled line is meant only where the tier has no live one.
    first = [o for o in first if o.row.get("status") != "CANCELLED"] or first
    at_price = []
    for o in first:
        units = converted(case, o, line.row.get("uom", "EA"))
        if units and Fraction(line.row.get("price") or 0) / units == o.price:
            at_price.append(o)
    found = at_price or first
    differs = [o for o in found if item is not None and o.row.get("item", "A") != item]
    if found and found[0].row["line"] == line.row.get("po_line") and differs:
        line.is_other_item = not substitutes(found[0])
        return found, substitutes(found[0])
    return found, bool(differs)


def likeness(o: OrderLine) -> tuple[Any, ...]:
    terms = o.row.get("match", "3WAY"), o.row.get("basis", "QTY"), o.row.get("line_currency")
    return o.row["po"], o.row.get("item", "A"), o.row.get("uom", "EA"), o.price, terms


def pool(
    meant: list[tuple[BilledLine, list[OrderLine]]], ordered: list[OrderLine]
) -> list[list[OrderLine]]:
    """Order lines that some invoice line cannot tell apart and need not: same goods and terms."""
    unclear = [found for _, found in meant if len(found) > 1]
    pooled: dict[tuple[Any, ...], list[OrderLine]] = {
        likeness(found[0]): [] for found in unclear if len({likeness(o) for o in found}) == 1
    }
    for o in ordered:
        if likeness(o) in pooled and o.row.get("status") != "CANCELLED":
            pooled[likeness(o)].append(o)
    return [sorted(lines, key=lambda o: str(o.row["line"])) for lines in pooled.values() if lines]


def roll_kits(
    case: Row,
    billed: list[BilledLine],
    meant: list[tuple[BilledLine, list[OrderLine]]],
    ordered: list[OrderLine],
) -> None:
    """Lines that bill every component of a kit on the order become one line of that kit."""
    for invoice, is_credit in product(seen(case), (False, True)):
        loose = [
            (line, place)
            for place, (line, found) in enumerate(meant)
            if line.invoice is invoice
            and not found
            and not line.code
            and line.is_credit == is_credit
            and line.row.get("po_line") is None
        ]
        kits_ordered: dict[tuple[str, str], list[OrderLine]] = {}
        for o in ordered:
            item = o.row.get("item", "A")
            if case.get("kits", {}).get(item):
                kits_ordered.setdefault((o.row["po"], item), []).append(o)
        billed_whole = {
            (order, kit): (ours, kits)
            for order, kit in kits_ordered
            for ours, kits in [billed_as(case, kit, [p for p in loose if p[0].order == order])]
            if kits >= 1
        }
        for kit, (ours, kits) in billed_whole.items():
            rest = [o for k, (o, _) in billed_whole.items() if k != kit]
            # Of two kits that are billed whole and share a part neither is guessed.
            if any(pair in other for pair in ours for other in rest):
                continue
            (first, place), *others = sorted(ours, key=lambda pair: pair[0].row["line"])
            first.kit_residual = sum((residual(line) for line, _ in ours), Fraction(0))
            first.amount = sum((line.amount for line, _ in ours), Fraction(0))
            first.is_kit, first.measure = True, kits
            meant[place] = first, kit_lines(first, kits_ordered[kit])
            for line, _ in others:
                line.code = "IN_KIT"
                billed.remove(line)


def billed_as(
    case: Row, kit: str, loose: list[tuple[BilledLine, int]]
) -> tuple[list[tuple[BilledLine, int]], Fraction]:
    """The lines that bill parts of a kit, and how many whole kits those are."""
    parts = case["kits"][kit]
    ours = [(line, place) for line, place in loose if line.row.get("item") in parts]
    count: Counter[str] = Counter()
    for line, _ in ours:
        units = factor(case, line.row["item"], line.row.get("uom", "EA"))
        count[line.row["item"]] += abs(Fraction(line.row["qty"] or 0)) * (units or 0)
    return ours, Fraction(min(count[part] // Fraction(n) for part, n in parts.items()))


def kit_lines(line: BilledLine, ordered: list[OrderLine]) -> list[OrderLine]:
    """The order lines a kit may be: live ones where there are any, then those at its price."""
    ordered = [o for o in ordered if o.row.get("status") != "CANCELLED"] or ordered
    price = abs(line.amount - line.kit_residual) / line.measure
    return [o for o in ordered if o.price == price] or ordered


def measure(case: Row, line: BilledLine, order_line: OrderLine) -> None:
    """How much the line bills, and at what price, as its group is counted; or what stops it."""
    group = order_line.group
    assert group is not None
    head, credit = group.head, line.is_credit
    units = billed_units(case, line, order_line)
    if line.invoice.get("currency", "USD") != head.get("currency", "USD"):
        line.code = "CURRENCY_MISMATCH"
    elif head.get("status") == "CANCELLED" and not credit:
        line.code = "PO_LINE_CANCELLED"
    elif not is_in(head, "valid_", line.invoice["date"]) and not credit:
        line.code = "BLANKET_EXPIRED"
    elif group.match == "ERS" and not credit:
        line.code = "ERS_INVOICE_RECEIVED"
    elif line.is_other_item:
        line.code = "ITEM_MISMATCH"
    elif group.by_money:
        line.measure, line.price = abs(line.amount - residual(line)), Fraction(1)
    elif line.is_kit:
        line.price = abs(line.amount - line.kit_residual) / line.measure
    elif units is not None:
        line.measure = abs(Fraction(line.row["qty"] or 0)) * units
        line.price = Fraction(line.row.get("price") or 0) / units
    elif not (credit and not line.row.get("qty")):
        line.code = "UOM_NO_CONVERSION"
