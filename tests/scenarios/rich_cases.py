"""Random cases with everything that the plain reference knows, written as scenarios.

What belongs here: which documents are likely together. A case is small (an order or two, a few
receipts and invoices) and crowded: units and fractions of units, several lines, match types,
returns, credits, copies, charges, tolerances, contracts. ``random_cases.py`` holds simpler ones.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random
from typing import Any

Case = dict[str, Any]
Row = dict[str, Any]

NUMBERS = ("71904", "38255", "60417", "92638", "15873", "KX-9", "2046Q", "ZW771")
ORDERED = date(2026, 3, 1)
SIX = Decimal("0.000001")
CHECKS = ("PRICE", "QTY_RECEIVED", "QTY_ORDERED", "AMT_ORDERED", "LINE_MATH", "FREIGHT")
CHECKS += ("PRICE", "PRICE", "QTY_RECEIVED", "QTY_ORDERED", "HEADER_BALANCE", "CONTRACT")


def rich_cases(seed: int, count: int) -> list[Case]:
    """Cases of everything; each is made from its own name and can be made again alone."""
    return [rich_case(f"r{seed}-{n}") for n in range(count)]


def rich_case(name: str) -> Case:
    random = Random(name)
    case: Case = {"id": name, "uom": _units(random), "po": [], "receipts": [], "usage": []}
    case["category"] = {item: random.choice(["implant", f"{name}-X"]) for item in "AB"}
    for item in list(case["category"]):
        if random.random() < 0.5:
            del case["category"][item]
    for number in range(1, random.choice([1, 1, 2]) + 1):
        case["po"] += _order(random, case, f"P{number}")
    for line in case["po"]:
        _supply(random, case, line)
    case["contract"] = _contracts(random, case)
    case["tolerance"] = _tolerances(random, name)
    case["item_xref"] = {"44210B": "B"}
    if random.random() < 0.15:
        line = random.choice(case["po"])
        case["ack_substitute"] = {f"{line['po']}/{line['line']}": random.choice("AB")}
    case["kits"] = {"KIT": {"X": 1, "Y": random.choice([2, 10])}}
    case["policy"] = {"po_exempt_suppliers": ["U1"]}
    case["invoices"] = [_invoice(random, case, n) for n in range(random.randint(1, 4))]
    _credits(random, case)
    _copies(random, case)
    return case


def _units(random: Random) -> Row:
    """A box of twelve, of a hundred, or one that is counted in thirds or sevenths of an each.

    An item in six is counted in boxes, of four.
    """
    sizes = [12, 100, 10, "4/3", "1/3", "5/7"]
    units: Row = {}
    for item in "AB":
        units[item] = {"_base": "EA", "EA": 1, "BX": random.choice(sizes)}
        if random.random() < 0.5:
            units[item]["CS"] = random.choice([144, 1000, "1/12", 24])
        if random.random() < 1 / 6:
            units[item] = {"_base": "BX", "BX": 1, "EA": "1/4", "CS": 10}
    units["KIT"] = {"_base": "EA", "EA": 1, "PR": 2}
    return units | {part: {"_base": "EA", "EA": 1, "BX": 10} for part in "XY"}


def _order(random: Random, case: Case, po: str) -> list[Row]:
    kinds = ["3WAY"] * 8 + ["2WAY", "4WAY", "4WAY", "BILL_ONLY", "ERS"]
    head: Row = {"po": po, "match": random.choice(kinds)}
    head["date"] = str(ORDERED + timedelta(days=random.choice([0, 0, 0, -10, 9])))
    head["freight"] = random.choice(["ALLOWED", "PREPAID_ADD"])
    if random.random() < 0.04:
        head["currency"] = "CAD"
    if random.random() < 0.05:
        head["supplier"] = "S2"
    if random.random() < 0.1:
        head["valid_to"] = _march(random, 10, 31)
    by_money = head["match"] in ("2WAY", "3WAY") and random.random() < 0.15
    lines: list[Row] = []
    for number in range(1, random.choice([1, 1, 2, 3]) + 1):
        item = random.choice("AAB") if random.random() < 0.95 else "KIT"
        row = {**head, "line": str(number), "item": item, "qty": _qty(random)}
        row |= {"uom": _unit(random, case, row["item"]), "price": _price(random)}
        if lines and random.random() < 0.5:
            same = lines[-1]
            row |= {"item": same["item"], "uom": same["uom"], "price": same["price"]}
        if by_money:
            row["basis"] = "AMOUNT"
            if random.random() < 0.5:
                row["limit"] = Decimal(random.randint(1, 500000)) / 100
        if random.random() < 0.05:
            row["status"] = "CANCELLED"
        lines.append(row)
    return lines


def _supply(random: Random, case: Case, line: Row) -> None:
    """Receipts, some of which go back; use, for a line that is billed when it is used."""
    before = f"{line['po']}L{line['line']}"
    at = {"po": line["po"], "line": line["line"]}
    if line["match"] == "BILL_ONLY":
        for number in range(random.randint(0, 3)):
            used = {"id": f"U{before}-{number}", **at, "date": _march(random, 1, 33)}
            lot = random.choice(["L1", "L2", None])
            case["usage"].append({**used, "qty": _qty(random), "lot": lot})
        # Of one line only: of two pooled lines that take back use of one lot the order would count.
        if line["line"] == "1" and random.random() < 0.3:
            back = {"id": f"B{before}", **at, "date": _march(random, 10, 33)}
            lot = random.choice(["L1", "L2", None])
            case["usage"].append({**back, "qty": -_qty(random), "lot": lot})
        return
    came: list[Row] = []
    for number in range(random.choice([0, 1, 1, 2, 3])):
        row = {"id": f"R{before}-{number}", **at, "date": _march(random, 2, 33)}
        row["uom"] = line["uom"] if random.random() < 0.6 else _unit(random, case, line["item"])
        row["qty"] = line["qty"] if random.random() < 0.4 else _qty(random)
        row["slip"] = random.choice(["PS1", "PS2", None])
        if line["match"] == "4WAY" or random.random() < 0.05:
            row["accepted"] = row["qty"] * random.choice([0, 1, 1, 2]) / 2
        came.append(row)
    for number, row in enumerate(list(came)):
        if random.random() < 0.25:
            back = {"id": f"B{before}-{number}", **at, "date": _march(random, 10, 33)}
            back |= {"uom": row["uom"], "qty": -row["qty"] * random.randint(1, 5) / 4}
            if random.random() < 0.7:
                back["ref"] = row["id"]
            came.append(back)
    case["receipts"] += came


def _contracts(random: Random, case: Case) -> list[Row]:
    """Prices per base unit, near those of the orders: in force, ended, or still to come."""
    rows: list[Row] = []
    for line in case["po"]:
        if random.random() < 0.25:
            size = Fraction(case["uom"][line["item"]].get(line["uom"], 1))
            per_base = Decimal((Fraction(line["price"]) / size * 10**4).__round__()) / 10**4
            near = per_base * Decimal(random.choice(["1", "0.9", "1.1", "0.995"]))
            row = {"item": line["item"], "price": near.quantize(Decimal("0.0001"))}
            period = random.choice(["in", "in", "in", "ended", "later"])
            row["from"] = {"in": "2026-01-01", "ended": "2025-01-01", "later": "2026-03-25"}[period]
            row["to"] = {"in": "2026-12-31", "ended": "2025-12-31", "later": "2026-12-31"}[period]
            if random.random() < 0.3:
                row["markup"] = random.choice(["0.05", "0.02"])
            rows.append(row)
    return rows


def _tolerances(random: Random, name: str) -> list[Row]:
    """Rules of this case alone: for a supplier, a category of its own, a facility."""
    rows: dict[tuple[Any, ...], Row] = {}
    for _ in range(random.choice([0, 0, 1, 2, 3])):
        keys = {
            "supplier": random.choice(["S1", "S1", None]),
            "category": random.choice([f"{name}-X", None, None]),
            "facility": random.choice(["F1", None]),
        }
        if not any(keys.values()):
            continue
        row = {"check": random.choice(CHECKS), **keys}
        in_dollars = row["check"] in ("LINE_MATH", "FREIGHT", "HEADER_BALANCE", "CONTRACT")
        row["pct"] = None if in_dollars else random.choice([None, "0", "0.01", "0.05", "0.5"])
        row["abs"] = random.choice([None, "0", "0.01", "1", "10", "500"])
        row["mode"] = random.choice(["ALL", "ALL", "ANY"])
        rows[row["check"], *keys.values()] = row
    return list(rows.values())


def _invoice(random: Random, case: Case, number: int) -> Row:
    order = random.choice(case["po"])
    invoice: Row = {
        "id": f"V{number}",
        "number": NUMBERS[number],
        "date": _march(random, 3, 32),
        "po": order["po"],
        "paid": random.random() < 0.2,
        "lines": [],
    }
    if random.random() < 0.06:
        invoice["po"] = random.choice([None, None, "P9"])
    if random.random() < 0.05:
        invoice["supplier"] = random.choice(["U1", "S2"])
    if random.random() < 0.2:
        invoice["discount"] = {"pct": "0.02", "days": random.choice([3, 20])}
    of_order = [row for row in case["po"] if row["po"] == order["po"]]
    for line in range(1, random.choice([1, 1, 2, 3]) + 1):
        invoice["lines"].append(_billed(random, case, random.choice(of_order), line))
    if any(row["item"] == "KIT" for row in of_order) and random.random() < 0.7:
        invoice["lines"] += _components(random, len(invoice["lines"]))
    while random.random() < 0.2:
        kind = random.choice(["FREIGHT", "FREIGHT", "TAX", "SURCHARGE", "HANDLING", "MISC"])
        amount = Decimal(random.randint(1, 20000)) / 100
        place = len(invoice["lines"]) + 1
        invoice["lines"].append({"line": place, "type": kind, "amount": amount})
    if random.random() < 0.1:
        amounts = [_amount(row) for row in invoice["lines"]]
        off = Decimal(random.choice(["0.05", "0.06", "-0.05", "10", "-3.17"]))
        invoice["total"] = sum(amounts, Decimal(0)) + off
    return invoice


def _billed(random: Random, case: Case, order: Row, number: int) -> Row:
    """A line that bills an order line, in some unit, at a price near the order's."""
    unit = order["uom"] if random.random() < 0.6 else _unit(random, case, order["item"])
    row: Row = {"line": number, "uom": unit}
    row["qty"] = order["qty"] if random.random() < 0.4 else _qty(random)
    sizes = case["uom"][order["item"]]
    ratio = Fraction(sizes.get(unit, 1)) / Fraction(sizes.get(order["uom"], 1))
    if random.random() < 0.05:
        ratio = Fraction(1)
    asked = Fraction(order["price"]) * ratio
    price = (Decimal(asked.numerator) / asked.denominator).quantize(SIX, ROUND_HALF_UP)
    factors = ["1", "1", "1", "1", "1.01", "1.02", "1.0201", "1.3", "0.9"]
    price = (price * Decimal(random.choice(factors))).quantize(SIX, ROUND_HALF_UP)
    on_contract = [row for row in case["contract"] if row["item"] == order["item"]]
    if on_contract and random.random() < 0.3:
        chosen = random.choice(on_contract)
        per_base = Fraction(chosen["price"]) * (1 + Fraction(chosen.get("markup", 0)))
        asked = per_base * Fraction(sizes.get(unit, 1))
        price = (Decimal(asked.numerator) / asked.denominator).quantize(SIX, ROUND_HALF_UP)
    row["price"] = price
    names = random.choice(["line", "line", "both", "item", "item", "catalog", "other"])
    if names in ("line", "both", "other"):
        row["po_line"] = order["line"]
    if names in ("both", "item"):
        row["item"] = order["item"]
    if names == "catalog":
        row["catalog"] = "00-44.210/B"
    if names == "other":
        row["item"] = random.choice("AB")
    if order["match"] == "BILL_ONLY":
        row["lot"] = random.choice(["L1", "L2", None])
    elif random.random() < 0.3:
        ids = [r["id"] for r in case["receipts"] if r["po"] == order["po"] and r["qty"] > 0]
        row["receipt_ref"] = random.choice(["PS1", "PS2", "PS9", *ids])
    if random.random() < 0.07:
        off = Decimal(random.choice(["0.01", "0.02", "0.03", "-0.02", "-5", "7.77"]))
        row["amount"] = max(_amount(row) + off, Decimal("0.01"))
    return row


def _components(random: Random, before: int) -> list[Row]:
    """The parts of some kits, billed one by one; sometimes one is missing."""
    parts = random.choice(["XY", "XY", "XY", "XYY", "X"])
    rows: list[Row] = []
    for line, part in enumerate(parts, before + 1):
        row = {"line": line, "item": part, "qty": Decimal(random.randint(1, 20))}
        row |= {"uom": random.choice(["EA", "BX"]), "price": _price(random)}
        if random.random() < 0.1:
            row["amount"] = _amount(row) + Decimal(random.choice(["0.01", "-3", "7.77"]))
        rows.append(row)
    return rows


def _credits(random: Random, case: Case) -> None:
    """Credits of part of a line, or of its price; most name their invoice."""
    for number, invoice in enumerate(list(case["invoices"])):
        goods = [row for row in invoice["lines"] if row.get("qty")]
        if random.random() < 0.3:
            billed = random.choice(goods)
            back = -Decimal(random.randint(1, 5)) / 4
            line = {k: v for k, v in billed.items() if k != "amount"}
            line |= {"line": 1, "qty": billed["qty"] * back}
            if random.random() < 0.25:
                worth = -Decimal(random.randint(1, 3000)) / 100
                line |= {"qty": Decimal(0), "price": Decimal(0), "amount": worth, "adj": "PRICE"}
            elif random.random() < 0.2:
                line["adj"] = "SHORTAGE"
            if random.random() < 0.75:
                line["ref"] = invoice["number"]
            lines = [line]
            if line.get("item") in ("X", "Y") and line["qty"] and random.random() < 0.7:
                # A kit goes back as it was billed, by its components.
                parts = [row for row in goods if row.get("item") in ("X", "Y")]
                lines = [{**line, **row, "qty": row["qty"] * back} for row in parts]
                lines = [{k: v for k, v in row.items() if k != "amount"} for row in lines]
            credit = {"id": f"C{number}", "number": f"CM{NUMBERS[number]}", "type": "CREDIT"}
            credit |= {"date": _march(random, 15, 32), "lines": lines, "po": invoice["po"]}
            if "supplier" in invoice:
                credit["supplier"] = invoice["supplier"]
            if random.random() < 0.1:
                credit["po"] = None
            case["invoices"].append(credit)


def _copies(random: Random, case: Case) -> None:
    """Copies under the same number, one written otherwise, or a new one."""
    for number in range(random.choice([0, 0, 0, 0, 1, 2])):
        original = random.choice(case["invoices"])
        day = date.fromisoformat(original["date"]) + timedelta(days=random.choice([0, 0, 1, 7]))
        written = original["number"]
        swapped = written[:2] + written[3:4] + written[2:3] + written[4:]
        again = {**original, "id": f"Z{number}", "date": str(day)}
        again["number"] = random.choice(
            [written, f"INV-00{written}", f"{written}A", f"{written}R2", swapped, f"555{number}"]
        )
        again["paid"] = random.random() < 0.1
        if random.random() < 0.2:
            first = {**original["lines"][0], "amount": Decimal("12.34")}
            again["lines"] = [first, *original["lines"][1:]]
        case["invoices"].append(again)


def _amount(row: Row) -> Decimal:
    if row.get("amount") is not None:
        return Decimal(row["amount"])
    return Decimal(row["qty"] * row["price"]).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _unit(random: Random, case: Case, item: str) -> str:
    if random.random() < 0.03:
        return "PK"
    return random.choice([name for name in case["uom"][item] if name != "_base"])


def _qty(random: Random) -> Decimal:
    whole = Decimal(random.randint(1, 20))
    return whole if random.random() < 0.7 else whole / 8


def _price(random: Random) -> Decimal:
    form = random.random()
    if form < 0.07:
        return Decimal(0)
    return Decimal(random.randint(1, 500000)) / (10000 if form < 0.3 else 100)


def _march(random: Random, first: int, last: int) -> str:
    return str(ORDERED + timedelta(days=random.randint(first, last) - 1))
