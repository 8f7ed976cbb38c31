"""Random cases at the edges: fifty receipts against fifty lines, and numbers as large as can be.

What belongs here: cases that are rare in life and easy to get wrong in arithmetic, written as
scenarios. Quantities go to 10^9, prices to 10^7, units to 10^6 base units or millionths of one.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any

Case = dict[str, Any]

QUANTITIES = ["1000000000", "999999999.999999", "1234567.000001", "1", "0.000001", "0.5", "37"]
PRICES = ["10000000", "9999999.999999", "123456.789012", "1", "0.000001", "0", "19.99"]
# A case has one of these: with MM beside ODD prices would have to be compared per 10^18 shares.
UNITS = [["EA", "MM", "MIL"], ["EA", "ODD", "MIL"], ["EA", "ODD"]]
SIZES: dict[str, int | str] = {"EA": 1, "MM": 1000000, "ODD": 999983, "MIL": "1/1000000"}
# What a document may say of one line: beyond it, amounts do not fit (9,999,999,999,999,999.99).
MOST = Decimal(10) ** 12
# Base units that fit the columns of the results, with room for a sum.
MOST_BASE = Decimal(10) ** 11


def edge_cases(seed: int, count: int) -> list[Case]:
    """Alternately a case of fifty by fifty, and nine of large numbers."""
    return [
        (_fifty if n % 10 == 0 else _large)(Random(f"edge/{seed}/{n}"), f"e{seed}-{n}")
        for n in range(count)
    ]


def _fifty(random: Random, name: str) -> Case:
    """One order line, fifty receipts, fifty invoice lines of ten invoices, in several units."""
    order = {"po": "P1", "line": "1", "qty": Decimal(random.randint(200, 500)), "price": "12.34"}
    return {
        "id": name,
        "uom": {"A": {"_base": "EA", "EA": 1, "BX": random.choice([12, "4/3", "1/7"])}},
        "po": [{**order, "uom": "EA"}],
        "receipts": [
            {
                "id": f"R{n:02}",
                "po": "P1",
                "line": "1",
                "date": _march(random, 1, 28),
                "qty": Decimal(random.randint(1, 160)) / 8,
                "uom": random.choice(["EA", "EA", "BX"]),
                "slip": random.choice([None, "PS1", "PS2"]),
            }
            for n in range(50)
        ],
        "invoices": [
            {
                "id": f"V{n}",
                "number": f"{7013 + 911 * n}",
                "date": _march(random, 3, 30),
                "po": "P1",
                "paid": random.random() < 0.2,
                "lines": [
                    {
                        "line": line,
                        "item": "A",
                        "qty": Decimal(random.randint(1, 160)) / 8,
                        "uom": "EA",
                        "price": random.choice(["12.34", "12.34", "12.50", "13.00"]),
                        "receipt_ref": random.choice([None, None, "PS1", "R07"]),
                    }
                    for line in range(1, 6)
                ],
            }
            for n in range(10)
        ],
    }


def _large(random: Random, name: str) -> Case:
    """Three receipts, a return, three invoices and a credit, all near the limits."""
    units = random.choice(UNITS)
    unit = random.choice(units)
    price = Decimal(random.choice(PRICES))
    if unit == "MIL":
        # The price of a base unit, a million times as high, has a column too.
        price = min(price, Decimal(10) ** 5)
    ordered = _fitting(random, price, unit)
    receipts: list[dict[str, Any]] = []
    for n in range(3):
        row = {"id": f"R{n}", "po": "P1", "line": "1", "date": _march(random, 2, 20), "uom": unit}
        receipts.append({**row, "qty": random.choice([ordered, _fitting(random, price, unit)])})
    back = random.choice(receipts)
    receipts.append(
        {**back, "id": "B1", "ref": back["id"], "qty": -back["qty"], "date": "2026-03-22"}
    )
    invoices: list[dict[str, Any]] = []
    for n in range(3):
        billed_in = random.choice([unit, unit, random.choice(units)])
        asked = price * Decimal(random.choice(["1", "1", "1.01", "1.3", "0.9"]))
        if billed_in != unit:
            size = Fraction(SIZES[billed_in]) / Fraction(SIZES[unit])
            asked = Decimal(size.numerator) * asked / size.denominator
        asked = min(asked.quantize(Decimal("0.000001"), ROUND_HALF_UP), Decimal(10) ** 7)
        size = Fraction(SIZES[billed_in]) / Fraction(SIZES[unit])
        most = min(MOST / max(asked, Decimal("0.000001")), _at_order(price, size))
        qty = min(random.choice([ordered, _fitting(random, asked, billed_in)]), most)
        qty = min(qty, MOST_BASE / Decimal(ceil(Fraction(SIZES[billed_in]))))
        qty = max(qty.quantize(Decimal("0.000001"), ROUND_HALF_UP), Decimal("0.000001"))
        line = {"line": 1, "item": "A", "qty": qty, "uom": billed_in, "price": asked}
        invoice = {"id": f"V{n}", "number": f"{7013 + 911 * n}", "po": "P1", "lines": [line]}
        invoices.append({**invoice, "date": _march(random, 3, 25), "paid": random.random() < 0.2})
    credited = random.choice(invoices)
    taken = {**credited["lines"][0], "qty": -credited["lines"][0]["qty"], "ref": credited["number"]}
    credit = {"id": "C1", "number": "CM1", "type": "CREDIT", "po": "P1", "date": "2026-03-26"}
    invoices.append({**credit, "lines": [taken]})
    order = {"po": "P1", "line": "1", "qty": ordered, "uom": unit, "price": price}
    return {
        "id": name,
        "uom": {"A": {"_base": "EA"} | {unit: SIZES[unit] for unit in units}},
        "po": [order],
        "receipts": receipts,
        "invoices": invoices,
    }


def _fitting(random: Random, price: Decimal, unit: str) -> Decimal:
    """A quantity whose value stays within the most that one line may say."""
    most = min(MOST / max(price, Decimal(1)), MOST_BASE / ceil(Fraction(SIZES[unit])))
    return min(Decimal(random.choice(QUANTITIES)), most.quantize(Decimal("0.000001")))


def _at_order(price: Decimal, size: Fraction) -> Decimal:
    """The most that may be billed, in units of ``size`` ordered ones, at the order's price."""
    worth = max(Fraction(price), Fraction(1, 10**6)) * size
    most = Fraction(MOST) / worth
    return min(Decimal(most.numerator) / most.denominator, Decimal(10) ** 9)


def _march(random: Random, first: int, last: int) -> str:
    return str(date(2026, 3, 1) + timedelta(days=random.randint(first, last) - 1))
