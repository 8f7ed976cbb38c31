"""Charges, allowances and their credits, for the plain reference.

What belongs here: what is held of freight, tax and the like (three-way match 1.3 and 1.4), and what
credits take off that, in the order of step 4. Nothing is taken from the SQL.
"""

from fractions import Fraction
from typing import Any

from reference_copies import has_minus
from reference_lines import BilledLine
from reference_match import ZERO
from reference_money import rule

Held = dict[tuple[str, int], Fraction]


def kind(line: BilledLine) -> str:
    return "FREIGHT" if line.type == "HANDLING" else line.type


def terms_of(case: dict[str, Any], line: BilledLine) -> dict[str, Any]:
    """The order that the charge is of."""
    found: dict[str, Any] = next(row for row in case["po"] if row["po"] == line.order)
    return found


def charge_code(case: dict[str, Any], line: BilledLine) -> str:
    is_added = terms_of(case, line).get("freight", "ALLOWED") == "PREPAID_ADD"
    codes = {
        "FREIGHT": "FREIGHT_OVER_CAP" if is_added else "FREIGHT_UNAUTHORISED",
        "TAX": "TAX_ON_EXEMPT",
        "SURCHARGE": "SURCHARGE_UNAUTHORISED",
    }
    return codes.get(kind(line), "CHARGE_UNCLASSIFIED")


def held_charges(case: dict[str, Any], billed: list[BilledLine]) -> Held:
    """What stays held of every charge whose order and currency are right."""
    charges = [line for line in billed if line.type != "ITEM" and not line.code]
    charges = [
        line
        for line in charges
        if line.invoice.get("currency", "USD") == terms_of(case, line).get("currency", "USD")
    ]
    charges.sort(key=lambda ln: ln.place)
    take_back(charges)
    held = asked(case, charges)
    lowering = [line for line in charges if line.amount < 0]
    homes = {
        line.id: line.invoice["id"] if line.invoice.get("type") != "CREDIT" else line.referred
        for line in lowering
    }

    def close(line: BilledLine, some: list[BilledLine]) -> None:
        for other in some:
            if (other.order, kind(other)) == (line.order, kind(line)):
                taken = min(left[line.id], held[other.id])
                held[other.id] -= taken
                left[line.id] -= taken

    left = {line.id: -line.amount for line in lowering}
    loose = [line for line in lowering if homes[line.id] is None]
    # What lowers an invoice is of that invoice; a memo's is of the one named.
    for line in lowering:
        close(line, [other for other in charges if other.invoice["id"] == homes[line.id]])
    # Without a name it is about what was billed by its day, and only then about what came later.
    newest = sorted(charges, key=lambda ln: ln.place[:2], reverse=True)
    for line in loose:
        close(line, [other for other in newest if other.place[0] <= line.place[0]])
    for line in loose:
        close(line, newest)
    return held


def take_back(charges: list[BilledLine]) -> None:
    """What a memo charges takes back, once, what invoices allowed beyond what they charged."""
    allowed: dict[tuple[str, str | None, str], Fraction] = {}
    for line in charges:
        if line.invoice.get("type") != "CREDIT":
            key = line.invoice["id"], line.order, kind(line)
            allowed[key] = allowed.get(key, ZERO) - line.amount
    memos = [ln for ln in charges if ln.invoice.get("type") == "CREDIT" and has_minus(ln.invoice)]
    for line in sorted(memos, key=lambda ln: ln.referred is None):
        for key, left in allowed.items():
            if key[1:] == (line.order, kind(line)) and line.referred in (None, key[0]):
                taken = max(min(left, line.amount - line.taken_back), ZERO)
                allowed[key] -= taken
                line.taken_back += taken


def asked(case: dict[str, Any], charges: list[BilledLine]) -> Held:
    """What is held before credits: all of it, or what exceeds the cap of a document and order."""
    held: Held = {}
    so_far: dict[tuple[str, str | None], Fraction] = {}
    for line in charges:
        order = terms_of(case, line)
        facility = order.get("facility", "F1")
        held[line.id] = max(line.amount - line.taken_back, ZERO)
        if kind(line) == "FREIGHT" and order.get("freight") == "PREPAID_ADD":
            document = line.invoice["id"], line.order
            so_far[document] = so_far.get(document, ZERO) + held[line.id]
            _, cap, _ = rule(case, "FREIGHT", line, (), facility)
            beyond = ZERO if cap is None else max(so_far[document] - cap, ZERO)
            held[line.id] = min(held[line.id], beyond)
        if line.type == "TAX" and facility in case.get("taxed", []):
            held[line.id] = ZERO
    return held
