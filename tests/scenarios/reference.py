"""The three-way match of one small case, in plain Python with fractions.

Slow and obvious on purpose, and written from the specification (three-way match 1.2 to 1.4), not
from the SQL. What belongs here: the answer as a whole, and what is found beside the dollars of
goods: charges, credits, documents, what is received and not invoiced.
``reference_lines.py`` counts what a line bills, ``reference_documents.py`` says what it is about,
``reference_match.py`` who gets which receipt, ``reference_money.py`` what that is worth.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reference_charges import charge_code, held_charges
from reference_copies import AS_OF, cents, copies, has_minus, seen, stated_amount, stated_total
from reference_documents import identify
from reference_lines import (
    BilledLine,
    Group,
    billed_lines,
    converted,
    gives_back,
    order_lines,
    residual,
)
from reference_match import ZERO, Matched, match, quantity_credits
from reference_money import categories, contract_price, leak, parts, rule, within

NOT_LINKED = {"CREDIT_UNLINKED", "NO_PO", "PO_NOT_FOUND", "SUPPLIER_MISMATCH"}
NOT_LINKED |= {"PO_LINE_NOT_FOUND", "PO_LINE_AMBIGUOUS"}


@dataclass
class Answer:
    """What must come out of a case.

    Attributes:
        lines: (invoice, line) -> status, supported, tolerated, held, routed.
        exceptions: (code, invoice or None, impact), each as often as it is found.
        allocated: (invoice, line, receipt) -> base units (dollars on an amount basis).
        awaited: receipt -> base units received and not invoiced, and their value.
        leak: contract leak of all lines.
    """

    lines: dict[tuple[str, int], tuple[str, Decimal, Decimal, Decimal, Decimal]] = field(
        default_factory=dict
    )
    exceptions: Counter[tuple[str, str | None, Decimal]] = field(default_factory=Counter)
    allocated: dict[tuple[str, int, str], Decimal] = field(default_factory=dict)
    awaited: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    leak: Decimal = Decimal(0)

    def put(self, line: BilledLine, status: str, held: Fraction, **other: Fraction) -> None:
        """The line's row; what is neither tolerated, held nor routed is supported."""
        tolerated, routed = other.get("tolerated", ZERO), other.get("routed", ZERO)
        supported = line.amount - tolerated - held - routed
        self.lines[line.id] = (status, *map(money, (supported, tolerated, held, routed)))

    def found(self, code: str, invoice: str | None, impact: Fraction = ZERO) -> None:
        self.exceptions[code, invoice, money(impact)] += 1


def reference(case: dict[str, Any]) -> Answer:
    """Every dollar of every line, every exception, every receipt, as the specification says."""
    answer = Answer()
    billed = billed_lines(case)
    groups = identify(case, billed, order_lines(case))
    held = held_charges(case, billed)
    for line in billed:
        if line.code:
            stopped(answer, line)
        elif line.type != "ITEM":
            charge(answer, case, line, held)
    for group in groups:
        own = [line for line in billed if line.group is group and not line.code]
        matched = match(case, group, own)
        goods(answer, case, matched, own)
        credits(answer, case, matched, own)
        received(answer, case, matched)
    documents(answer, case, billed)
    return answer


def stopped(answer: Answer, line: BilledLine) -> None:
    """A line that is not compared with any order: held whole, or routed whole."""
    code = str(line.code)
    if code.startswith("DUP_"):
        answer.put(line, "DUPLICATE", line.amount)
    elif code == "NON_PO_ROUTED":
        answer.put(line, "NON_PO", ZERO, routed=line.amount)
        answer.found(code, line.invoice["id"])
        return
    elif line.is_credit and code in NOT_LINKED and gives_back(line):
        code = "CREDIT_UNLINKED"
        answer.put(line, "CREDIT_OPEN", line.amount)
    else:
        unmatched = code in NOT_LINKED - {"SUPPLIER_MISMATCH"}
        answer.put(line, "UNMATCHED" if unmatched else "BLOCKED", line.amount)
    answer.found(code, line.invoice["id"], line.amount)


def charge(
    answer: Answer, case: dict[str, Any], line: BilledLine, held: dict[tuple[str, int], Fraction]
) -> None:
    """Freight, tax and the like: allowed, capped, credited, or held (1.3, 1.4)."""
    is_on_memo = line.invoice.get("type") == "CREDIT"
    if line.id not in held:
        answer.put(line, "BLOCKED", line.amount)
        answer.found("CURRENCY_MISMATCH", line.invoice["id"], line.amount)
    elif is_on_memo and not has_minus(line.invoice):
        answer.put(line, "CREDIT_OPEN", line.amount)
        answer.found("CHARGE_UNCLASSIFIED", line.invoice["id"], line.amount)
    elif held[line.id]:
        answer.put(line, "EXCEPTION", held[line.id])
        answer.found(charge_code(case, line), line.invoice["id"], held[line.id])
    else:
        is_applied = is_on_memo and line.amount <= line.taken_back
        answer.put(line, "CREDIT_APPLIED" if is_applied else "MATCHED", ZERO)


def goods(answer: Answer, case: dict[str, Any], matched: Matched, own: list[BilledLine]) -> None:
    """The dollars of the group's invoice lines (1.2 steps 7 to 10)."""
    group = matched.group
    mended = price_credits(own, matched.lines, group)
    for line in matched.lines:
        invoice, regions = line.invoice["id"], matched.regions[line.id]
        contract = contract_price(case, group, line.invoice["date"])
        credited = mended.get(line.id, ZERO)
        lots = {receipt.slip for receipt in matched.receipts}
        found = parts(case, line, group, regions, credited, contract, lots)
        held = sum((part.cents for part in found if part.is_held), ZERO)
        tolerated = sum((part.cents for part in found if not part.is_held), ZERO)
        if any(part.is_held and part.cents for part in found):
            status = "EXCEPTION"
        else:
            status = "MATCHED_TOL" if any(part.cents for part in found) else "MATCHED"
        answer.put(line, status, held, tolerated=tolerated)
        for part in found:
            listed = part.is_held or part.code in ("PRICE_UNDER", "PRICE_PO_STALE")
            if listed and part.cents:
                answer.found(part.code, invoice, part.cents)
        priced = {"PRICE_OVER", "PRICE_PO_STALE", "UOM_SUSPECT", "price within tolerance"}
        if line.id in mended and not any(part.code in priced for part in found):
            answer.found("PRICE_RESOLVED_BY_CREDIT", invoice)
        if line.is_substitute:
            answer.found("SUBSTITUTE_ACKNOWLEDGED", invoice)
        above = leak(case, regions, line, group, contract)
        answer.leak += money(above)
        if above:
            answer.found("PRICE_ABOVE_CONTRACT", invoice, above)
        if contract.code:
            answer.found(contract.code, invoice)
        for receipt, qty in line.given.items():
            answer.allocated[(*line.id, receipt)] = six_places(qty)


def price_credits(
    own: list[BilledLine], lines: list[BilledLine], group: Group
) -> dict[tuple[str, int], Fraction]:
    """Value-only credits, by the overpriced line each is for."""
    found: dict[tuple[str, int], Fraction] = {}
    loose: list[tuple[str, Fraction]] = []
    # A line takes what it bills too much, in whole cents.
    over = {line.id: line for line in lines if line.price > group.price}
    room = {key: up_to_cents(ln.need * (ln.price - group.price)) for key, ln in over.items()}

    def mend(some: list[BilledLine], amount: Fraction) -> Fraction:
        for line in some:
            taken = min(amount, room[line.id])
            room[line.id] -= taken
            amount -= taken
            if taken:
                found[line.id] = found.get(line.id, ZERO) + taken
        return amount

    for credit in own:
        is_of_price = credit.row.get("adj") == "PRICE" or not credit.measure
        if credit.is_credit and credit.amount < 0 and is_of_price:
            named = [line for line in over.values() if line.invoice["id"] == credit.referred]
            left = mend(sorted(named, key=lambda ln: ln.row["line"]), -credit.amount)
            loose.append((credit.invoice["date"], left))
    newest = sorted(over.values(), key=lambda ln: ln.place, reverse=True)
    # A credit is about what was billed by its day, and only then about what came later.
    late = ZERO
    for day, left in sorted(loose):
        late += mend([line for line in newest if line.invoice["date"] <= day], left)
    mend(newest, late)
    return found


def credits(answer: Answer, case: dict[str, Any], matched: Matched, own: list[BilledLine]) -> None:
    """What credits take back beyond what was billed, and without goods going back (1.4)."""
    off: dict[tuple[str, int], tuple[Fraction, Fraction]] = {}
    for credit in (line for line in own if line.is_credit):
        item = matched.group.head.get("item", "A")
        wrong = residual(credit)
        limits = rule(case, "LINE_MATH", credit, categories(case, item))
        is_small = within(limits, abs(wrong), abs(credit.amount - wrong))
        held, tolerated = (ZERO, wrong) if is_small else (wrong, ZERO)
        off[credit.id] = held, tolerated
        answer.put(credit, "CREDIT_APPLIED", held, tolerated=tolerated)
        if held:
            answer.found("LINE_MATH", credit.invoice["id"], held)
    billed = sum((line.measure for line in matched.lines), ZERO)
    # Goods that stayed and that nobody is billed for any more.
    returned = sum((r.came - r.stayed for r in matched.receipts), ZERO)
    kept = sum((r.left for r in matched.receipts), ZERO)
    if matched.group.match in ("2WAY", "ERS"):
        kept = ZERO
    for credit in quantity_credits(own):
        taken = min(credit.measure, billed)
        billed -= taken
        beyond = credit.measure - taken
        held, tolerated = off[credit.id]
        whole_line = credit.amount - held - tolerated
        over = whole_line if not taken else -cents(beyond * abs(credit.price))
        if beyond and over:
            answer.put(credit, "CREDIT_OPEN", over + held, tolerated=tolerated)
            answer.found("CREDIT_EXCEEDS_INVOICED", credit.invoice["id"], over)
        if credit.row.get("adj") == "SHORTAGE" or matched.group.by_money:
            continue
        gone = min(taken, returned)
        returned -= gone
        unreturned = min(taken - gone, kept)
        kept -= unreturned
        if unreturned:
            whole = unreturned == credit.measure
            worth = -credit.amount if whole else cents(unreturned * credit.price)
            if worth:
                answer.found("CREDIT_NO_RETURN", credit.invoice["id"], worth)


def received(answer: Answer, case: dict[str, Any], matched: Matched) -> None:
    """Received and not invoiced; beyond the order; in a unit nobody knows (1.2 step 11)."""
    group = matched.group
    if group.match not in ("2WAY", "ERS"):
        for receipt in matched.receipts:
            if receipt.left:
                value = cents(receipt.left * group.price)
                answer.awaited[receipt.id] = (six_places(receipt.left), money(value))
    if not group.by_money and group.match not in ("2WAY", "BILL_ONLY"):
        for line in group.lines:
            stayed = sum((r.stayed for r in matched.receipts if r.line is line), ZERO)
            if stayed > line.ordered:
                answer.found("OVER_RECEIPT", None, cents((stayed - line.ordered) * line.price))
    if group.match != "BILL_ONLY":
        for line in group.lines:
            for row in case["receipts"]:
                is_its = (row["po"], row["line"].lstrip("0")) == (
                    line.row["po"],
                    line.row["line"].lstrip("0"),
                )
                is_seen = date.fromisoformat(row["date"]) <= AS_OF and row.get("status") != "DRAFT"
                if is_its and is_seen and converted(case, line, row.get("uom", "EA")) is None:
                    answer.found("UOM_NO_CONVERSION", None)


def documents(answer: Answer, case: dict[str, Any], billed: list[BilledLine]) -> None:
    """What is found on a document as a whole (1.2 steps 2 and 11)."""
    alike = copies(case)
    for invoice in seen(case):
        code = alike.get(invoice["id"], ("", ""))[0]
        if code in ("DUP_EXACT", "DUP_PROBABLE"):
            continue
        if code:
            answer.found(code, invoice["id"])
        own = [line for line in billed if line.invoice is invoice]
        lines = sum((stated_amount(row) for row in invoice["lines"]), ZERO)
        off = stated_total(invoice) - lines
        known = {*NOT_LINKED, "NON_PO_ROUTED"} - {"PO_LINE_NOT_FOUND", "PO_LINE_AMBIGUOUS"}
        orders = {line.order for line in own if line.code not in known}
        facilities = {r.get("facility", "F1") for r in case["po"] if r["po"] in orders}
        named = min(facilities) if len(facilities) == 1 else None
        facility = invoice.get("facility") or named
        header = BilledLine(invoice, {}, ZERO, "", False)
        _, most, _ = rule(case, "HEADER_BALANCE", header, (), facility)
        if most is not None and abs(off) > most:
            answer.found("INVOICE_OUT_OF_BALANCE", invoice["id"], off)
        is_invoice = invoice.get("type") != "CREDIT"
        terms = invoice.get("discount")
        waits = any(answer.lines[line.id][3] for line in own)
        waits |= most is not None and abs(off) > most
        is_open = not invoice.get("paid") and invoice.get("status") != "PAID"
        if terms and is_invoice and is_open and waits:
            last = date.fromisoformat(invoice["date"]) + timedelta(days=terms["days"])
            worth = cents(stated_total(invoice) * Fraction(terms["pct"]))
            answer.found(
                "DISCOUNT_AT_RISK" if last >= AS_OF else "DISCOUNT_LOST", invoice["id"], worth
            )
        unplaced = {*NOT_LINKED} - {"PO_LINE_AMBIGUOUS"}
        for order in {line.order for line in own if line.code not in unplaced}:
            placed = [row for row in case["po"] if row["po"] == order]
            late = bool(placed) and placed[0].get("date", "2026-03-01") > invoice["date"]
            if is_invoice and late and all(row.get("match") != "BILL_ONLY" for row in placed):
                answer.found("AFTER_THE_FACT_PO", invoice["id"])


def up_to_cents(value: Fraction) -> Fraction:
    return Fraction(-(-value * 100 // 1), 100)


def money(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def six_places(value: Fraction) -> Decimal:
    """Cut, as quantities are published."""
    return Decimal(value * 10**6 // 1) / 10**6
