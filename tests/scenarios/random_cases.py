"""Random small cases of the match, written as scenarios.

A run of the match costs half a second however small it is, so hundreds of cases stand in one
night; a case that fails is named by its seed and number, and can be made again.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

Case = dict[str, Any]

# Invoice numbers that nobody could take for one another.
NUMBERS = ("71904", "38255", "60417", "92638", "15873", "KX-9", "2046Q", "ZW771")
ORDERED = date(2026, 3, 1)


def simple_cases(seed: int, count: int) -> list[Case]:
    """One order line in one unit: receipts, returns, invoices, quantity credits."""
    return [_simple(Random(f"{seed}/{n}"), f"{seed}-{n}") for n in range(count)]


def wild_cases(seed: int, count: int) -> list[Case]:
    """Several lines, units, match types, charges and duplicates: for what must always hold."""
    return [_wild(Random(f"wild/{seed}/{n}"), f"w{seed}-{n}") for n in range(count)]


def _simple(random: Random, name: str) -> Case:
    price = _price(random)
    ordered = _qty(random)
    case: Case = {
        "id": name,
        "po": [{"po": "P1", "line": "1", "qty": ordered, "price": price}],
        "receipts": _receipts(random, "1"),
        "invoices": _invoices(random, price, paid_chance=0.2),
    }
    case["invoices"] += _credits(random, case["invoices"])
    return case


def _wild(random: Random, name: str) -> Case:
    match = random.choice(["3WAY", "3WAY", "2WAY", "4WAY"])
    order: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    price = _price(random)
    for line in range(1, random.randint(1, 3) + 1):
        item = random.choice("AAB")
        row = {"po": "P1", "line": str(line), "item": item, "qty": _qty(random), "match": match}
        order.append({**row, "uom": random.choice(["EA", "BX"]), "price": price})
        receipts += _receipts(random, str(line), f"R{line}")
        price = random.choice([price, _price(random)])
    for receipt in receipts:
        receipt["uom"] = random.choice(["EA", "BX"])
        receipt["slip"] = random.choice(["PS1", "PS2"])
        if match == "4WAY" and receipt["qty"] > 0:
            receipt["accepted"] = receipt["qty"] * random.choice([0, 1, 1]) / 1
    invoices = _invoices(random, price, paid_chance=0.2)
    for invoice in invoices:
        for line in invoice["lines"]:
            line["item"] = random.choice("AB")
            line["uom"] = random.choice(["EA", "BX"])
            line["po_line"] = random.choice([None, "1", "2"])
            line["receipt_ref"] = random.choice([None, None, "PS1"])
        if random.random() < 0.3:
            kind = random.choice(["FREIGHT", "TAX", "SURCHARGE", "HANDLING", "MISC"])
            amount = Decimal(random.randint(1, 20000)) / 100
            invoice["lines"].append({"line": 9, "type": kind, "amount": amount})
    if random.random() < 0.3:
        copied = random.choice(invoices)
        later = date.fromisoformat(copied["date"]) + timedelta(days=1)
        invoices.append({**copied, "id": "COPY", "number": copied["number"], "date": str(later)})
    return {
        "id": name,
        "po": order,
        "receipts": receipts,
        "invoices": invoices + _credits(random, invoices),
        # A box of twelve, of a hundred; or one that is counted in thirds of the base unit.
        "uom": {i: {"_base": "EA", "EA": 1, "BX": random.choice([12, 100, "4/3"])} for i in "AB"},
    }


def _receipts(random: Random, line: str, before: str = "R") -> list[dict[str, Any]]:
    receipts: list[dict[str, Any]] = []
    for number in range(random.randint(0, 3)):
        row = {"id": f"{before}{number}", "po": "P1", "line": line, "qty": _qty(random)}
        receipts.append({**row, "date": _march(random, 2, 33)})
    for number, receipt in enumerate(list(receipts)):
        if random.random() < 0.25:
            back = {
                "id": f"{before}B{number}",
                "po": "P1",
                "line": line,
                "date": _march(random, 10, 33),
            }
            part = receipt["qty"] * random.randint(1, 4) / 4
            ref = {"ref": receipt["id"]} if random.random() < 0.7 else {}
            receipts.append({**back, **ref, "qty": -part})
    return receipts


def _invoices(random: Random, price: Decimal, paid_chance: float) -> list[dict[str, Any]]:
    invoices: list[dict[str, Any]] = []
    for number in range(random.randint(1, 3)):
        lines = []
        for line in range(1, random.choice([1, 1, 2]) + 1):
            billed = _near(random, price)
            lines.append(
                {"line": line, "qty": _qty(random), "price": billed, "po_line": "1", "item": "A"}
            )
        invoices.append(
            {
                "id": f"V{number}",
                "number": NUMBERS[number],
                "date": _march(random, 5, 31),
                "po": "P1",
                "paid": random.random() < paid_chance,
                "lines": lines,
            }
        )
    return invoices


def _credits(random: Random, invoices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Credits for part of a line, each naming its invoice, or, when it is the only one, none."""
    credits: list[dict[str, Any]] = []
    for number, invoice in enumerate(invoices):
        if random.random() < 0.25:
            line = random.choice(invoice["lines"])
            if not line.get("qty"):
                continue
            part = line["qty"] * random.randint(1, 4) / 4
            names_it = len(invoices) > 1 or random.random() < 0.7
            ref = {"ref": invoice["number"]} if names_it else {}
            credited = {**line, "line": 1, "qty": -part, **ref}
            credits.append(
                {
                    "id": f"C{number}",
                    "number": f"CM{NUMBERS[number]}",
                    "date": _march(random, 20, 31),
                    "po": "P1",
                    "type": "CREDIT",
                    "lines": [credited],
                }
            )
    return credits


def _qty(random: Random) -> Decimal:
    """Whole numbers mostly; sometimes a fraction of four eighths, which quarters stay exact."""
    whole = Decimal(random.randint(1, 20))
    return whole if random.random() < 0.7 else whole / 8


def _price(random: Random) -> Decimal:
    form = random.random()
    if form < 0.1:
        return Decimal(0)
    return Decimal(random.randint(1, 500000)) / (10000 if form < 0.3 else 100)


def _near(random: Random, price: Decimal) -> Decimal:
    """The price, or one somewhat off: within two percent, well above, or below."""
    factor = random.choice(["1", "1", "1", "1.01", "1.02", "1.0201", "1.3", "0.9"])
    return (price * Decimal(factor)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _march(random: Random, first: int, last: int) -> str:
    return str(ORDERED + timedelta(days=random.randint(first, last) - 1))
