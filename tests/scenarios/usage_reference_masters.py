"""Items, units, the charge master, the map and the rules, for the plain reference.

What belongs here: what a hospital states about its items and codes (usage against charges,
section 1, tables), and the rounding of what is computed from it.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

ZERO = Fraction(0)
# Revenue codes of supplies and devices (027x), and of those incident to other services (062x).
SUPPLIES = ("027", "062")
LONG_AGO, NEVER = date.min, date.max


@dataclass(frozen=True)
class Rules:
    """What a hospital decides: the rule tables, in the words of the scenarios' master file."""

    as_of: date
    hold: dict[str, int]
    post_days: int
    window_days: int
    price_abs: Fraction
    tiers: dict[str, list[tuple[Fraction, Fraction | None, Fraction]]]
    not_implant: frozenset[str] = frozenset()
    device_codes: frozenset[str] = frozenset()
    device_intensive: frozenset[str] = frozenset()
    device_needs: dict[str, frozenset[str]] = field(default_factory=dict)
    implant_revenue: frozenset[str] = frozenset({"0275", "0276", "0278"})


class Masters:
    """Items, units, the charge master and the map between them."""

    def __init__(self, tables: Tables, rules: Rules) -> None:
        self.rules = rules
        self.items = {row["item_id"]: row for row in tables.get("item", [])}
        self.uoms = tables.get("item_uom", [])
        self.maps = tables.get("item_cdm_map", [])
        self.codes = tables.get("cdm", [])

    def cdm(self, code: str | None, day: date) -> Row | None:
        """The row of the charge master in force; where none is, the last before.

        The hospital's before that of all, then the newest.
        """
        own = [r for r in self.codes if r["cdm_code"] == code]
        own.sort(
            key=lambda r: (
                in_force(r, day),
                r["facility_id"] != "*",
                r["valid_from"] <= day,
                r["valid_from"],
            )
        )
        return own[-1] if own else None

    def mapped(
        self, item: str | None, dept: str | None, place: str | None, day: date
    ) -> Row | None:
        """The row of the map: department before place before all, hospital before all, newest."""
        rows = [
            r
            for r in self.maps
            if r["item_id"] == item
            and r["dept_id"] in (dept, "*")
            and r["location_id"] in (place, "*")
            and in_force(r, day)
        ]
        rows.sort(
            key=lambda r: (
                r["dept_id"] != "*",
                r["location_id"] != "*",
                r["facility_id"] != "*",
                r["valid_from"],
            )
        )
        return rows[-1] if rows else None

    def factor(self, item: str | None, uom: str | None, day: date) -> Fraction | None:
        """Base units in one unit, or None: a unit that nobody knows."""
        base = self.items.get(item or "", {}).get("base_uom", "EA")
        if uom is None or uom == base:
            return Fraction(1)
        for row in self.uoms:
            if row["item_id"] == item and row["uom"] == uom and in_force(row, day):
                return Fraction(row["to_base_num"], row["to_base_den"])
        return None

    def is_supply(self, code: str, day: date, stated: str | None) -> bool:
        """Whether use is to be expected behind a code: one of an item, or of a supply's revenue."""
        master = self.cdm(code, day)
        said = [r for r in (stated, master and master.get("revenue_code")) if r]
        is_mapped = any(row["cdm_code"] == code for row in self.maps)
        return is_mapped or not said or any(r.startswith(SUPPLIES) for r in said)

    def is_charged(self, row: Row) -> bool:
        """Whether anything that a charge's code stands for is charged for, on its day and place."""
        code, day = row["cdm_code"], row["service_date"]
        master = self.cdm(code, day) or {}
        if master.get("chargeable") is False:
            return False
        items = {m["item_id"] for m in self.maps if m["cdm_code"] == code}
        best = [self.mapped(i, row.get("dept_id"), row.get("location_id"), day) for i in items]
        own = [m for m in best if m and m["cdm_code"] in (code, None)]
        # A charge that names its item is of that one.
        named = self.mapped(row.get("item_id"), row.get("dept_id"), row.get("location_id"), day)
        if named and named["chargeable"] in ("ROUTINE", "N"):
            return False
        if named and named in own:
            own = [named]
        by_cost = master.get("method") == "COST_MARKUP"
        price = Fraction(master.get("price") or 0)
        return not own or any(
            m["chargeable"] == "Y"
            or (
                m["chargeable"] == "THRESHOLD"
                and (by_cost or price == 0 or price >= Fraction(m.get("threshold") or 0))
            )
            for m in own
        )

    def parts(self, item: str | None, uom: str | None) -> int:
        """Into how many parts a unit's factor divides the base unit."""
        own = [r for r in self.uoms if (r["item_id"], r["uom"]) == (item, uom)]
        return own[0]["to_base_den"] if own else 1

    def marked_up(self, cost: Fraction, schedule: str | None) -> Fraction:
        """What a cost is charged at."""
        tiers = self.rules.tiers[schedule] if schedule else next(iter(self.rules.tiers.values()))
        for least, below, times in tiers:
            if least <= cost and (below is None or cost < below):
                return cents(cost * times)
        return ZERO

    def cost(self, row: Row) -> Fraction | None:
        stated = row.get("unit_cost")
        if stated is None:
            stated = self.items.get(row.get("item_id") or "", {}).get("unit_cost")
        return None if stated is None else Fraction(stated)

    def price(
        self, code: str | None, day: date, cost: Fraction | None, per_each: Fraction = Fraction(1)
    ) -> Fraction | None:
        """Price of one unit of a code; None where nothing says it.

        A marked-up cost is what one each is charged, whatever the units it is charged by.
        """
        row = self.cdm(code, day)
        if row is None:
            return None
        if row.get("method") == "COST_MARKUP" and cost is not None and per_each:
            return cut(self.marked_up(cost, row.get("schedule_id")) / per_each)
        return None if row.get("price") is None else Fraction(row["price"])


def in_force(row: Row, day: date) -> bool:
    return (row.get("valid_from") or LONG_AGO) <= day <= (row.get("valid_to") or NEVER)


def cents(value: Fraction) -> Fraction:
    return rounded(value, 100)


def six_places(value: Fraction) -> Fraction:
    return rounded(value, 10**6)


def rounded(value: Fraction, parts: int) -> Fraction:
    """Half away from zero."""
    up = (abs(value) * parts + Fraction(1, 2)) // 1
    return Fraction(up if value >= 0 else -up, parts)


def cut(value: Fraction) -> Fraction:
    """To six places, downwards."""
    return Fraction(value * 10**6 // 1, 10**6)
