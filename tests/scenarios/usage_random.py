"""Random small cases of use against charges, as rows of canonical tables.

A run costs about as much for one case as for hundreds, so hundreds stand in one night: each has
its own hospital, items and codes (its name before each), and is named by its seed and number.
What belongs here: the rows. What does not: what comes of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import polars as pl
from usage_random_behind import behind

from recon.canonical.describe import ORIGIN, polars_schema
from recon.reconcile.inputs import declared_tables

Row = dict[str, Any]
LONG_AGO = date(2000, 1, 1)
FIRST = date(2026, 3, 1)
CENT, MILLIONTH = Decimal("0.01"), Decimal("0.000001")
IN_USE = ("USED", "IMPLANTED", None, "WASTED_CONTACT")


@dataclass
class Case:
    """One hospital's tables; ``even``: every charge is at the price of the charge master."""

    id: str
    even: bool
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **row: object) -> Row:
        self.tables.setdefault(table, []).append(row)
        return row


def random_cases(seed: int, count: int, *, even: bool = False) -> list[Case]:
    """Cases with everything the reference knows; ``even`` ones for sums that must foot."""
    name = "e" if even else "r"
    return [_case(Random(f"{name}/{seed}/{n}"), f"{name}{seed}-{n}", even) for n in range(count)]


def together(cases: Iterable[Case]) -> dict[str, pl.DataFrame]:
    """The cases as the tables of one night."""
    joined: dict[str, list[Row]] = {}
    for case in cases:
        for name, rows in case.tables.items():
            joined.setdefault(name, []).extend(rows)
    return {name: frame(name, rows) for name, rows in joined.items()}


def frame(name: str, rows: list[Row]) -> pl.DataFrame:
    """Rows as a frame of the table's business columns."""
    declared = polars_schema(declared_tables()[name])
    return pl.DataFrame(rows, schema={c: t for c, t in declared.items() if c not in ORIGIN})


def at(day: int) -> datetime:
    return datetime.combine(date(2026, 3, day), time(6))


@dataclass
class _Item:
    id: str
    code: str
    price: Decimal
    upe: tuple[int, int]
    units: dict[str, tuple[int, int]]
    implant: bool


def _case(random: Random, name: str, even: bool) -> Case:
    case = Case(name, even)
    accounts = _accounts(random, case)
    items = [_item(random, case, number) for number in range(random.randint(1, 3))]
    _departments(random, case, items)
    uses = [_use(random, case, n, items, accounts) for n in range(random.randint(0, 5))]
    uses += [_again(random, case, use) for use in list(uses) if random.random() < 0.25]
    charges: list[Row] = []
    for use in uses:
        if random.random() < 0.75:
            charges.append(_charge(random, case, len(charges), items, accounts, use))
    while random.random() < 0.3:
        charges.append(_charge(random, case, len(charges), items, accounts, None))
    for charge in charges:
        _after(random, case, charge)
    behind(random, case, [item.id for item in items], accounts, uses)
    return case


def _accounts(random: Random, case: Case) -> list[str]:
    """A1 and perhaps A2 of the same or another patient; numbers that were merged into A1."""
    kind = random.choice("IIOE")
    stay = timedelta(days=random.choice([0, 2, 4]))
    billed = FIRST + stay + timedelta(days=random.randint(1, 6))
    own = {"facility_id": f"F{case.id}"}
    one = {**own, "account_key": "A1", "mrn_key": "M1", "patient_class": kind, "admit_date": FIRST}
    case.add("patient_account", **one, message_id="1", event_at=at(1))
    case.add(
        "patient_account",
        **own,
        account_key="A1",
        message_id="2",
        event_at=at(9),
        discharge_date=FIRST + stay if random.random() < 0.9 else None,
        final_bill_date=billed if random.random() < 0.2 else None,
        visit_key="V1",
    )
    names = ["A1"]
    if random.random() < 0.5:
        names.append("A2")
        patient = random.choice(["M1", "M1", "M2", None])
        case.add(
            "patient_account",
            **own,
            account_key="A2",
            message_id="3",
            mrn_key=patient,
            patient_class=random.choice("IO"),
            admit_date=FIRST,
        )
    if random.random() < 0.2:
        names.append("A0")
        into = random.choice(["A1", "A9"])
        case.add("patient_account", **own, account_key="A0", message_id="4", merged_into=into)
        if into == "A9":
            case.add("patient_account", **own, account_key="A9", message_id="5", merged_into="A1")
    return names


def _item(random: Random, case: Case, number: int) -> _Item:
    """An item, its units, its code and how it is charged."""
    item, code = f"{case.id}.I{number}", f"{case.id}.C{number}"
    price = Decimal(random.choice(["4.00", "12.50", "950.00", "480.00", "6400.00", "829.00"]))
    upe = random.choice([(1, 1), (1, 1), (1, 1), (18, 1), (2, 1), (1, 2), (1, 3), (2, 3)])
    units = {"BX": random.choice([(10, 1), (12, 1), (36, 1)]), "HF": (1, 2)}
    is_implant = random.random() < 0.4
    # A price that follows the cost is of one each.
    by_cost = not case.even and random.random() < 0.1
    upe = (1, 1) if by_cost else upe
    cost = Decimal(random.choice(["0.90", "49.99", "50.00", "1250.00", "5000.00"]))
    case.add(
        "item",
        item_id=item,
        description=item,
        base_uom="EA",
        implant_flag=is_implant,
        unit_cost=cost if by_cost or random.random() < 0.9 else None,
    )
    for uom, (num, den) in {"EA": (1, 1), **units}.items():
        case.add("item_uom", item_id=item, uom=uom, to_base_num=num, to_base_den=den)
    revenue = random.choice(["0278", "0275"]) if is_implant else random.choice(["0272", "0271"])
    cdm = {"facility_id": random.choice([f"F{case.id}", "*"]), "cdm_code": code}
    cdm |= {"description": code, "revenue_code": revenue}
    cdm |= {"hcpcs": random.choice([None, "C1713", "C1725"]), "price": price}
    cdm |= {"method": "COST_MARKUP", "schedule_id": "M1"} if by_cost else {}
    if not case.even and random.random() < 0.1:
        cdm |= random.choice([{"method": "MANUAL"}, {"chargeable": False}])
    retired = not case.even and random.random() < 0.04
    case.add("cdm", **cdm, valid_from=LONG_AGO, valid_to=date(2025, 12, 31) if retired else None)
    if not retired and not case.even and random.random() < 0.1:
        case.tables["cdm"][-1]["valid_to"] = date(2026, 3, 2)
        case.add("cdm", **{**cdm, "price": price + 10}, valid_from=date(2026, 3, 3))
    if random.random() < 0.93:
        how = random.choice(["Y"] * 8 + ["ROUTINE", "N", "THRESHOLD", "THRESHOLD"])
        _map(random, case, item, code, upe, how, "*", "*")
    return _Item(item, code, price, upe, units, is_implant)


def _map(
    random: Random,
    case: Case,
    item: str,
    code: str,
    upe: tuple[int, int],
    how: str,
    dept: str,
    place: str,
) -> None:
    case.add(
        "item_cdm_map",
        facility_id=random.choice([f"F{case.id}", "*"]),
        item_id=item,
        dept_id=dept,
        location_id=place,
        valid_from=LONG_AGO,
        cdm_code=code,
        units_per_each_num=upe[0],
        units_per_each_den=upe[1],
        chargeable=how,
        threshold=Decimal("5.00") if how == "THRESHOLD" else None,
    )


def _departments(random: Random, case: Case, items: list[_Item]) -> None:
    """A department's or a place's own row of the map, under another item's code."""
    for item in items:
        other = random.choice(items)
        if random.random() < 0.15:
            _map(random, case, item.id, other.code, item.upe, "Y", "*", "L-OR")
        if random.random() < 0.15:
            _map(random, case, item.id, other.code, item.upe, random.choice("YYN"), "CATH", "*")


def _use(random: Random, case: Case, number: int, items: list[_Item], accounts: list[str]) -> Row:
    item = random.choice(items)
    day = FIRST + timedelta(days=random.choice([0, 1, 1, 2, 3]))
    whole = Decimal(random.choice([1, 1, 1, 2, 3, 6, 12]))
    qty = whole if random.random() < 0.8 else whole / 4
    account = random.choice([*accounts, "A1", "A1"]) if random.random() < 0.97 else None
    return case.add(
        "usage_event",
        system_id=f"USE-{case.id}",
        usage_id=f"U{number}",
        message_id=f"{number}",
        facility_id=f"F{case.id}",
        account_key=account,
        case_key=random.choice([None, None, "K1"]),
        visit_key=random.choice([None, "V1"]) if account is None else None,
        used_date=day,
        used_at=datetime.combine(day, time(random.choice([8, 9]))),
        documented_at=datetime.combine(day, time(12)),
        dept_id=random.choice([None, "CATH", "OR"]),
        location_id=random.choice([None, "L-OR", "L-ED"]),
        item_id=item.id,
        lot=random.choice([None, "L1", "L2"]),
        serial_key=random.choice(["S1", "S2"]) if random.random() < 0.15 else None,
        udi_key="D1" if random.random() < 0.5 else None,
        udi_verdict=random.choice([None, None, "VALID", "CHECK_FAILED"]),
        expiry_date=random.choice([None, None, None, day, day - timedelta(days=1)]),
        qty=qty,
        uom=random.choice(
            [None, None, "EA", "EA", "BX", "HF"] if random.random() < 0.97 else ["?"]
        ),
        disposition=random.choice(
            [*IN_USE, "USED", "IMPLANTED", "WASTED_NOCONTACT"]
            if random.random() < 0.9
            else ["RETURNED", "EXPLANTED"]
        ),
    )


def _again(random: Random, case: Case, use: Row) -> Row:
    """A replay, a later version, a deletion, or a record that takes part of it back."""
    form = random.random()
    if form < 0.3:
        return case.add("usage_event", **{**use, "message_id": use["message_id"] + "r"})
    later = {"message_id": use["message_id"] + "v"}
    later["documented_at"] = use["documented_at"] + timedelta(hours=5)
    if form < 0.5:
        return case.add("usage_event", **{**use, **later, "qty": use["qty"] + 1})
    if form < 0.6:
        return case.add("usage_event", **{**use, **later, "status": "DELETED"})
    part = -(use["qty"] * random.choice([1, 1, 2, 3]) / 2).quantize(MILLIONTH)
    return case.add("usage_event", **{**use, "usage_id": use["usage_id"] + "N", "qty": part})


def _charge(
    random: Random,
    case: Case,
    number: int,
    items: list[_Item],
    accounts: list[str],
    use: Row | None,
) -> Row:
    """A charge for a use, right in most things; or for nothing."""
    item = next((i for i in items if use and i.id == use["item_id"]), random.choice(items))
    charged = item if random.random() < 0.85 else random.choice(items)
    day = use["used_date"] if use else FIRST + timedelta(days=random.randint(-5, 5))
    day += timedelta(days=random.choice([-1, 1, 4])) if random.random() < 0.15 else timedelta()
    qty = Decimal(random.choice([1, 2, 3]))
    if use:
        num, den = item.units.get(use["uom"], (1, 1))
        exact = abs(use["qty"]) * num * item.upe[0] / (den * item.upe[1])
        exact = exact.quantize(MILLIONTH, ROUND_HALF_UP)
        qty = exact if random.random() < 0.6 else abs(use["qty"])
        qty = qty if random.random() < 0.85 else qty + random.choice([1, 2, Decimal("0.5")])
    if not case.even and random.random() < 0.04:
        qty = -qty
    price = charged.price
    if not case.even and random.random() < 0.15:
        price = random.choice([Decimal(0), price + CENT, price + 2 * CENT, price * 2, None])
    stated = None if price is None or random.random() < 0.7 else qty * price
    if stated is not None:
        off = 100 * CENT if random.random() < 0.2 and not case.even else 0
        stated = stated.quantize(CENT, ROUND_HALF_UP) + off
    linked = use if use and random.random() < 0.5 else {}
    account = random.choice(accounts) if random.random() < 0.2 else (use or {}).get("account_key")
    posted = day + timedelta(days=random.choice([0, 1, 1, 2, 6, 8]))
    return case.add(
        "charge_event",
        system_id=f"BILL-{case.id}",
        txn_id=f"T{number}",
        message_id=f"{number}",
        facility_id=f"F{case.id}",
        account_key=account or ("A1" if random.random() < 0.95 else None),
        service_date=day,
        service_at=datetime.combine(day, time(random.choice([8, 9, 10]))),
        post_date=posted if random.random() < 0.95 else None,
        type=random.choice(["CG", "CG", "CG", None])
        if random.random() < 0.95
        else random.choice(["AJ", "CO", "ZZ"]),
        cdm_code=charged.code,
        qty=qty,
        ext_amount=stated,
        unit_amount=price,
        dept_id=use["dept_id"] if use else random.choice([None, "CATH", "OR"]),
        location_id=use["location_id"] if use else None,
        revenue_code=random.choice(["0270", "0360"]) if random.random() < 0.08 else None,
        hcpcs="C1713" if random.random() < 0.05 else None,
        mods=random.choice(["LT", "76 KX", "KX"]) if random.random() < 0.1 else None,
        item_id=linked.get("item_id") if random.random() < 0.7 else None,
        lot=linked.get("lot") if random.random() < 0.7 else None,
        serial_key=linked.get("serial_key"),
        order_id=linked.get("usage_id") if random.random() < 0.3 else None,
        repeat_reason="R" if random.random() < 0.03 else None,
        status="DELETED" if random.random() < 0.03 else None,
    )


def _after(random: Random, case: Case, charge: Row) -> None:
    """What comes after a charge: a replay, another version, the same again, a credit."""
    txn = charge["txn_id"]
    if random.random() < 0.08:
        case.add("charge_event", **{**charge, "message_id": charge["message_id"] + "r"})
    if random.random() < 0.06:
        later = {"message_id": charge["message_id"] + "v", "qty": charge["qty"] + 1}
        later["post_date"] = charge["service_date"] + timedelta(days=random.choice([0, 1, 9]))
        case.add("charge_event", **{**charge, **later, "ext_amount": None})
    if random.random() < 0.12:
        case.add("charge_event", **{**charge, "txn_id": f"{txn}D", "message_id": f"{txn}D"})
    if random.random() < 0.18:
        back = {"txn_id": f"{txn}C", "message_id": f"{txn}C", "type": "CD"}
        half = (charge["qty"] / 2).quantize(MILLIONTH, ROUND_HALF_UP)
        back["qty"] = charge["qty"] if random.random() < 0.6 else half
        back["reverses_txn_id"] = txn if random.random() < 0.5 else None
        back["ext_amount"] = None
        if random.random() < 0.2:
            back["service_date"] = charge["service_date"] + timedelta(days=1)
            back["service_at"] = charge["service_at"] + timedelta(days=1)
        case.add("charge_event", **{**charge, **back})
