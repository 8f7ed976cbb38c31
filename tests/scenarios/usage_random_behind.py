"""What stands behind use and charges, at random: claims, denials, credits, orders, stock, recalls.

What belongs here: rows of a random case that refer to its uses, items and accounts. What does not:
uses and charges themselves (``usage_random.py``).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Protocol

Row = dict[str, Any]
FIRST = date(2026, 3, 1)
NOT_YET = date(2026, 4, 1)
PROCEDURES = ("33208", "92928", "33249", "99213")
DEVICES = ("C1785", "C1713", "C1874", "C1900", "C1725")
DENIED = ("16", "16", "252", "4", "151", "97", "18", "29", "45", "253", "B15", "1")


class Case(Protocol):
    """As in ``usage_random.py``."""

    id: str

    def add(self, table: str, **row: object) -> Row: ...


def behind(
    random: Random, case: Case, items: Sequence[str], accounts: Sequence[str], uses: list[Row]
) -> None:
    """Add each kind to some of the cases."""
    for kind, share in ((_claims, 0.5), (_denials, 0.4), (_stock, 0.5), (_shelves, 0.4)):
        if random.random() < share:
            kind(random, case, items, accounts, uses)
    for kind, share in ((_credits, 0.3), (_recalls, 0.3), (_orders, 0.5)):
        if random.random() < share:
            kind(random, case, items, accounts, uses)


def _march(day: int) -> date:
    return date(2026, 3, day)


def _day(random: Random) -> date:
    return FIRST + timedelta(days=random.randint(0, 9))


def _claims(
    random: Random, case: Case, _: Sequence[str], accounts: Sequence[str], __: list[Row]
) -> None:
    """Claims, their replacements and voids, with and without the device of the procedure."""
    for number in range(random.randint(1, 3)):
        claim = f"{case.id}.K{number}"
        kind = random.choice([None, "1", "1", "7", "8"])
        case.add(
            "claim",
            claim_id=claim,
            facility_id=f"F{case.id}",
            account_key=random.choice(accounts),
            claim_key=f"K{number}",
            claim_date=_day(random) if random.random() < 0.9 else None,
            bill_type=random.choice([None, "0131", "0137", "0111", "131", "0761", "0138", "0831"]),
            frequency_code=kind,
            value_codes=random.choice([None, "FD", "80 FD"]),
            condition_codes=random.choice([None, "49", "50 41", "53", "41"]),
            charge=Decimal(random.randint(100, 99999)) / 100,
        )
        for line in range(1, random.randint(1, 4)):
            case.add(
                "claim_line",
                claim_id=claim,
                line_no=line,
                revenue_code=random.choice(["0278", "0360"]),
                hcpcs=random.choice([*PROCEDURES, *DEVICES]),
                mods=random.choice([None, None, None, "73", "FB", "LT 52", "FC"]),
                qty=Decimal(1),
                charge=Decimal(100),
                service_date=random.choice([None, FIRST, FIRST, FIRST + timedelta(days=1)]),
            )


def _denials(
    random: Random, case: Case, _: Sequence[str], accounts: Sequence[str], __: list[Row]
) -> None:
    """A remittance's adjustments and remarks; what payers report before they pay."""
    own = {"remittance_id": f"{case.id}.R", "facility_id": f"F{case.id}"}
    taken: dict[Any, Row] = {}  # what a later remittance says of a claim
    for claim in range(1, random.randint(2, 3)):
        account = random.choice(accounts)
        told = {**own, "claim_no": claim, "account_key": account}
        paid = {"status_code": "1", "charge": Decimal(random.choice([9, 9, 20]))}
        paid |= {"paid": Decimal(0), "payment_date": random.choice([None, *map(_march, (3, 9, 9))])}
        paid |= {"frequency_code": random.choice([None, "1", "7"])}
        paid |= {"place_of_service": random.choice([None, "11", "11", "13"])}
        said = random.choice([None, None, None, "M15", "N232 M15"])
        case.add("claim_payment", **told, **paid, claim_key=f"K{claim}", rarc=said)
        for line in range(1, random.randint(2, 3)):
            for place in range(random.randint(1, 2)):
                worth = Decimal(random.choice([4250, 95000, 1])) / 100
                row = {"adjustment_no": 10 * line + place, "line_no": line}
                row |= {"group_code": random.choice(["CO", "CO", "CO", "PR", "OA"])}
                row |= {"carc": random.choice(DENIED)}
                case.add("claim_adjustment", **told, **row, amount=worth)
                if random.random() < 0.2:
                    row["adjustment_no"] += 5
                    back = -worth if random.random() < 0.6 else -worth / 2
                    back = back.quantize(Decimal("0.01"))
                    later = {**told, "remittance_id": f"{case.id}.R{random.randint(1, 2)}"}
                    later["account_key"] = random.choice([account, account, "A1"])
                    taken[later["remittance_id"], claim] = later
                    case.add("claim_adjustment", **later, **row, amount=back)
            if random.random() < 0.5:
                rarc = random.choice(["M15", "M23", "N232"])
                case.add("service_remark", **told, line_no=line, rarc=rarc)
    for (_, claim), told in taken.items():
        paid = {"status_code": "22", "charge": Decimal(9), "paid": Decimal(0)}
        paid |= {"payment_date": random.choice([None, _march(9), _march(12)])}
        case.add("claim_payment", **told, **paid, claim_key=f"K{claim}")
    for number in range(random.randint(0, 3)):
        case.add(
            "claim_status",
            report_id=f"{case.id}.S{random.randint(0, 1)}",
            status_no=number,
            facility_id=f"F{case.id}",
            # Above the claims none is named.
            account_key=random.choice(accounts) if random.random() < 0.85 else None,
            claim_key=random.choice(["K0", "K1"]),
            status_date=_day(random),
            category_code=random.choice(["A1", "A3", "A6", "A7", "A8", "F1"]),
            charge=random.choice([None, Decimal("950.00")]),
        )


def _credits(
    random: Random, case: Case, items: Sequence[str], accounts: Sequence[str], _: list[Row]
) -> None:
    """What a maker gives back for a device: half of its cost, or more, or less."""
    for number in range(random.randint(1, 2)):
        cost = Decimal(random.choice(["9800.00", "5000.01"]))
        given = random.choice([cost / 2, cost / 2 - 1, cost])
        case.add(
            "device_credit",
            credit_id=f"{case.id}.W{number}",
            facility_id=f"F{case.id}",
            account_key=random.choice(accounts) if random.random() < 0.95 else None,
            item_id=random.choice([*items, None]),
            serial_key=random.choice(["S1", "S9"]) if random.random() < 0.2 else None,
            cost=cost,
            credit=given.quantize(Decimal("0.01")),
        )


def _recalls(
    random: Random, case: Case, items: Sequence[str], _: Sequence[str], __: list[Row]
) -> None:
    """An item called back: whole, or by its lots, or one serial number of it."""
    for number in range(random.randint(1, 2)):
        ranges = [(None, None), ("L1", None), ("L1", "L2"), ("L2", "L9"), (None, "L1")]
        first, last = random.choice(ranges)
        serial = random.choice([None, None, None, "S1"])
        case.add(
            "recall",
            recall_id=f"{case.id}.Z{number}",
            line_no=1,
            recall_date=FIRST + timedelta(days=random.choice([-9, 1, 2])),
            item_id=random.choice(items),
            lot_from=first,
            lot_to=last,
            serial_key=serial,
        )


def _orders(
    random: Random, case: Case, items: Sequence[str], _: Sequence[str], uses: list[Row]
) -> None:
    """Uses of what is ordered afterwards, and their orders: right, short, dear or missing."""
    taken = [use for use in uses if random.random() < 0.5]
    for use in taken:
        use["mode"] = "BILL_ONLY"
        use["unit_cost"] = random.choice([None, Decimal("1800.00")])
        use["po_id"] = random.choice([f"{case.id}.P", f"{case.id}-PO", None, "NOPE"])
    own = {"po_id": f"{case.id}.P", "po_number": f"{case.id}-PO", "supplier_id": "S"}
    status = "CANCELLED" if random.random() < 0.1 else None
    case.add("purchase_order", **own, facility_id=f"F{case.id}", order_date=FIRST, status=status)
    for number, item in enumerate(random.choices(items, k=len(items) + 1)):
        if random.random() < 0.8:
            case.add(
                "purchase_order_line",
                po_id=f"{case.id}.P",
                line_no=str(number),
                item_id=item,
                status=random.choice([None, None, "OPEN", "CANCELLED"]),
                qty=Decimal(random.choice([1, 2, 12])),
                uom=random.choice(["EA", "EA", "BX"]),
                price=Decimal(random.choice(["1800.00", "1800.01", "1900.00", "1250.00"])),
                price_per=random.choice([None, None, Decimal(1), Decimal(10)]),
                cancelled_qty=random.choice([None, None, Decimal(1)]),
            )


def _stock(
    random: Random, case: Case, items: Sequence[str], _: Sequence[str], uses: list[Row]
) -> None:
    """What was taken off the shelf for a use, or for one that nobody knows, and put back."""
    named = [(use["usage_id"], use["item_id"], use["qty"]) for use in uses if random.random() < 0.7]
    if random.random() < 0.5:
        named.append(("GHOST", random.choice(items), Decimal(3)))
    number = 0
    for usage, item, qty in named:
        for share in random.choice([(-1,), (-1,), (-1, 1), (-2, 1), (-1, Decimal("0.5"))]):
            number += 1
            case.add(
                "inventory_txn",
                facility_id=f"F{case.id}",
                txn_id=f"M{number}",
                location_id="L-OR",
                item_id=item if random.random() < 0.95 else random.choice(items),
                txn_date=_day(random) if random.random() < 0.95 else NOT_YET,
                type="ISSUE" if share < 0 else "RETURN",
                qty=(abs(qty) * share).quantize(Decimal("0.000001")),
                usage_id=usage,
            )


def _shelves(
    random: Random, case: Case, items: Sequence[str], _: Sequence[str], __: list[Row]
) -> None:
    """What is issued to a place for nobody in particular, what lies there, when to order."""
    own = {"facility_id": f"F{case.id}"}
    for item in items:
        place = random.choice(["L-OR", "L-ED"])
        if random.random() < 0.5:
            case.add(
                "inventory_txn",
                **own,
                txn_id=f"N{item}",
                location_id=place,
                item_id=item,
                txn_date=FIRST + timedelta(days=3),
                type="ISSUE",
                qty=Decimal(random.choice([1, 2, 6])),
            )
            if random.random() < 0.4:
                case.add(
                    "inventory_txn",
                    **own,
                    txn_id=f"NB{item}",
                    location_id=place,
                    item_id=item,
                    txn_date=FIRST + timedelta(days=2),
                    type=random.choice(["RETURN", "TRANSFER", "ADJUST"]),
                    qty=Decimal(random.choice([-1, -2, 1])),
                )
        counts = [(lot, day) for lot in ("L1", "L2") for day in (1, 2, 3, 99)]
        for lot, day in random.sample(counts, random.randint(0, 4)):
            case.add(
                "inventory_balance",
                **own,
                location_id=place,
                item_id=item,
                lot=lot,
                count_date=FIRST + timedelta(days=day),
                on_hand=Decimal(random.choice([-3, 0, 1, 3, 9])),
                on_order=random.choice([None, Decimal(0), Decimal(2)]),
            )
        if random.random() < 0.6:
            is_least = random.random() < 0.7
            case.add(
                "reorder_rule",
                **own,
                location_id=place,
                item_id=item,
                reorder_point=Decimal(random.choice([0, 2, 5])),
                max_qty=Decimal(20) if is_least else None,
                order_qty=None if is_least else Decimal(random.choice([1, 7])),
                pack_qty=random.choice([None, Decimal(1), Decimal(5), Decimal("2.5")]),
            )
