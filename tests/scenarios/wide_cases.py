"""Random cases of what orders, suppliers, contracts and rules say beside the usual.

What belongs here: the columns that few orders and documents use, laid over a rich case: a price per
hundred, a part cancelled, two hospitals, sisters, posted and void documents, prices of contracts by
hospital, tier and unit, rules with days, freight and tax that are allowed or credited.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from rich_cases import rich_case

Case = dict[str, Any]
Row = dict[str, Any]


def wide_cases(seed: int, count: int) -> list[Case]:
    """Cases of everything; each is made from its own name and can be made again alone."""
    return [wide_case(f"w{seed}-{n}") for n in range(count)]


def wide_case(name: str) -> Case:
    random = Random(f"wide/{name}")
    case = rich_case(name)
    other = f"F2{name}"
    case["suppliers"] = {"S1": {}, "S3": {"parent": "S1"}}
    if random.random() < 0.3:
        case["suppliers"]["S1"]["price_basis"] = "INVOICE_DATE"
    if random.random() < 0.3:
        case["taxed"] = [other]
    case["contract_items"] = random.choice([[], [], ["A"], ["A", "B"]])
    _orders(random, case, other)
    _contracts(random, case, other)
    _rules(random, case, other)
    for receipt in case["receipts"]:
        if random.random() < 0.05:
            receipt["status"] = "DRAFT"
    _documents(random, case)
    return case


def _orders(random: Random, case: Case, other: str) -> None:
    for po in sorted({row["po"] for row in case["po"]}):
        said: Row = {"facility": other} if random.random() < 0.35 else {}
        if random.random() < 0.1:
            said["supplier"] = "S3"
        if random.random() < 0.1:
            said["valid_from"] = _march(random, 3, 20)
        for row in case["po"]:
            if row["po"] == po:
                row |= said
    for row in case["po"]:
        if random.random() < 0.2 and row.get("basis") != "AMOUNT":
            row["per"] = random.choice([10, 100, 1000])
            row["price"] *= row["per"]
        if random.random() < 0.15:
            row["cancelled"] = row["qty"] * random.randint(1, 4) / 4
        if random.random() < 0.05:
            row.setdefault("status", "CLOSED")


def _contracts(random: Random, case: Case, other: str) -> None:
    """Of one item several prices, each with a key of its own."""
    rows: dict[tuple[Any, ...], Row] = {}
    for row in case["contract"]:
        for factor in random.choice([("1",), ("1", "0.9"), ("1", "1.1")]):
            price = (Decimal(row["price"]) * Decimal(factor)).quantize(Decimal("0.000001"))
            said: Row = {**row, "price": price, "tier": random.choice(["", "1", "2"])}
            if random.random() < 0.4:
                said["facility"] = random.choice(["F1", other])
            if random.random() < 0.15:
                said["supplier"] = random.choice(["S2", "S3"])
            if random.random() < 0.2:
                said["to"] = max(said["from"], random.choice(["2026-02-19", "2026-03-10"]))
            if random.random() < 0.1:
                said["status"] = random.choice(["TERMINATED", "PENDING"])
            _per_unit(random, case, said)
            key = (said["item"], *map(said.get, ("supplier", "facility", "tier")))
            rows.setdefault(key, said)
    case["contract"] = list(rows.values())


def _per_unit(random: Random, case: Case, contract: Row) -> None:
    """The price per another unit, where it has six decimals."""
    sizes = {name: size for name, size in case["uom"][contract["item"]].items() if name != "_base"}
    unit = random.choice(sorted(sizes))
    price = Fraction(contract["price"]) * Fraction(sizes[unit])
    if (price * 10**6).denominator == 1:
        contract |= {"uom": unit, "price": Decimal(price.numerator) / price.denominator}


def _rules(random: Random, case: Case, other: str) -> None:
    rows: dict[tuple[Any, ...], Row] = {}
    for row in case["tolerance"]:
        if row["facility"] and random.random() < 0.4:
            row["facility"] = other
        if random.random() < 0.3:
            row["from"] = _march(random, 8, 20)
            before = date.fromisoformat(row["from"]) - timedelta(days=1)
            ended = {k: v for k, v in row.items() if k != "from"} | {"to": str(before)}
            ended["abs"] = random.choice([None, "0", "5"])
            rows["before", *_key(ended)] = ended
        elif random.random() < 0.3:
            row["to"] = _march(random, 12, 28)
        rows["", *_key(row)] = row
    keys = {key[1:]: row for key, row in rows.items() if not key[0]}
    # A row that moved to the other hospital may have taken another's key.
    ended_rows = [r for k, r in rows.items() if k[0] and keys[k[1:]].get("from", "") > r["to"]]
    case["tolerance"] = [*keys.values(), *ended_rows]


def _key(row: Row) -> tuple[Any, ...]:
    return row["check"], row["supplier"], row["category"], row["facility"]


def _documents(random: Random, case: Case) -> None:
    credits = [row for row in case["invoices"] if row.get("type") == "CREDIT"]
    # What a credit is about is told by the header; the components of a kit stand together.
    is_plain = not credits and all(row["item"] != "KIT" for row in case["po"])
    orders = sorted({row["po"] for row in case["po"]})
    for invoice in case["invoices"]:
        if invoice.get("paid") and random.random() < 0.5:
            invoice |= {"paid": False, "status": "POSTED"}
        elif random.random() < 0.03:
            invoice["status"] = "VOID"
        if not credits and random.random() < 0.1:
            invoice.setdefault("supplier", "S3")
        for row in invoice["lines"]:
            if is_plain and invoice.get("po") and random.random() < 0.1:
                row["po"] = random.choice([*orders, "P9"])
    # A copy has the lines of the first.
    invoiced = {id(row): row for i in case["invoices"] for row in i["lines"] if "type" in row}
    charges = list(invoiced.values())
    for row in charges:
        if random.random() < 0.3:
            row["amount"] = -row["amount"]
    for credit in credits:
        _charges(random, credit, charges)


def _charges(random: Random, credit: Row, charges: list[Row]) -> None:
    """What a memo takes back, of a charge or of an allowance."""
    for row in charges:
        if random.random() < 0.5:
            amount = -row["amount"] * random.choice([1, 1, 2]) / random.choice([1, 2])
            line = 1 + max(own["line"] for own in credit["lines"])
            said: Row = {"line": line, "type": row["type"]}
            said["amount"] = amount.quantize(Decimal("0.01"))
            if credit["lines"][0].get("ref") and random.random() < 0.7:
                said["ref"] = credit["lines"][0]["ref"]
            # Not in place: a copy shares the list.
            credit["lines"] = [*credit["lines"], said]


def _march(random: Random, first: int, last: int) -> str:
    return str(date(2026, 3, 1) + timedelta(days=random.randint(first, last) - 1))
