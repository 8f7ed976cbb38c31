"""Records in force and what should be charged for them, for the plain reference.

What belongs here: steps 1 to 3 of the specification (usage against charges, section 1): versions,
merged accounts, credits, units that a record of use should be charged. Exact fractions, one row
after the other; nothing is taken from the SQL.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from usage_reference_masters import ZERO, Masters, Row, Tables, cents, cut, six_places

# Payments, adjustments and co-payments (HL7 table 0017) are no charges.
PASSED_OVER = ("PY", "AJ", "CO")
# Before every message that says when it was.
UNDATED = datetime(1, 1, 1)  # noqa: DTZ001  instants are UTC without a zone
ORIGIN = {"source_system", "source_file_id", "source_record", "byte_offset"}


@dataclass
class Finding:
    """One exception; ``code`` of the charge master is the expected one, ``other`` that charged."""

    name: str
    account: str | None
    units: Fraction | None = None
    gross: Fraction = ZERO
    code: str | None = None
    other: str | None = None


@dataclass
class Use:
    """One record of use in force."""

    row: Row
    account: str | None
    eaches: Fraction | None
    status: str
    code: str | None = None
    price: Fraction = ZERO
    per_each: Fraction = Fraction(1)
    parts: int = 1
    expected: Fraction = ZERO
    left: Fraction = ZERO
    matched: Fraction = ZERO
    is_waste: bool = False
    wasted: Fraction = ZERO
    is_unmet: bool = False
    beyond: Fraction = ZERO  # what it takes back and was not used

    @property
    def order(self) -> tuple[Any, ...]:
        return instant(self.row, "used"), self.row["system_id"], self.row["usage_id"]


@dataclass
class Charge:
    """One charge in force; ``left`` is what no credit took and no use supports yet."""

    row: Row
    account: str | None
    units: Fraction
    price: Fraction
    credited: Fraction = ZERO
    left: Fraction = ZERO
    matched: Fraction = ZERO

    @property
    def order(self) -> tuple[Any, ...]:
        return instant(self.row, "service"), self.row["system_id"], self.row["txn_id"]

    @property
    def net(self) -> Fraction:
        return self.units - self.credited


def instant(row: Row, what: str) -> datetime:
    """When it was; a record with a day only counts from that day's start."""
    return row.get(f"{what}_at") or datetime.combine(row[f"{what}_date"], time())


def meet(
    left: Iterable[tuple[Any, Fraction]], right: Iterable[tuple[Any, Fraction]]
) -> list[tuple[Any, Any, Fraction]]:
    """Two number lines laid against each other: which parts of which lie on one another."""
    met = []
    ours, theirs = list(left), list(right)
    while ours and theirs:
        (a, units), (b, others) = ours[0], theirs[0]
        both = min(units, others)
        if both:
            met.append((a, b, both))
        ours[0], theirs[0] = (a, units - both), (b, others - both)
        if not ours[0][1]:
            ours.pop(0)
        if not theirs[0][1]:
            theirs.pop(0)
    return met


class Accounts:
    """What is known of accounts, thing by thing from the newest message that says it."""

    def __init__(self, rows: list[Row], as_of: date) -> None:
        self.known: dict[str, Row] = {}
        # The evening of the business date is the next day in UTC, until midnight on the Pacific.
        end = datetime.combine(as_of + timedelta(days=1), time(8))
        seen = [row for row in rows if (row.get("event_at") or UNDATED) < end]
        for row in sorted(seen, key=lambda r: (r.get("event_at") or UNDATED, *number(r))):
            said = {name: value for name, value in row.items() if value is not None}
            own = self.known.setdefault(row["account_key"], {})
            own.update(said)
            # A13: the discharge was none, the one that it names neither.
            own.pop("discharge_date" if row.get("event_code") == "A13" else "", None)

    def survivor(self, account: str | None) -> str | None:
        """The account that took its place, and that of that one; itself in a circle of them."""
        passed, last = {account}, account
        while last and self.get(last).get("merged_into") not in (None, last):
            last = self.get(last)["merged_into"]
            if last in passed:
                return account
            passed.add(last)
        return last

    def in_circles(self) -> list[str]:
        merged = [a for a, row in self.known.items() if row.get("merged_into") not in (None, a)]
        return [a for a in merged if self.survivor(a) == a]

    def of(self, row: Row) -> str | None:
        """The record's account; by its visit where it names none, and only one has that visit."""
        account = row.get("account_key")
        if account is None and row.get("visit_key"):
            visit = row["visit_key"]
            found = {self.survivor(a) for a, r in self.known.items() if r.get("visit_key") == visit}
            account = found.pop() if len(found) == 1 else None
        return self.survivor(account)

    def get(self, account: str | None) -> Row:
        return self.known.get(account or "", {})


def latest(rows: list[Row], name: str, moment: Any) -> tuple[list[Row], list[Row]]:
    """Of every numbered record the newest version; and those of which versions differ."""
    versions: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        versions[row["system_id"], row[name]].append(row)
    newest, differing = [], []
    for alike in versions.values():
        bodies = {tuple(sorted(body(row).items())) for row in alike}
        chosen = max(alike, key=lambda r: (moment(r), *number(r)))
        newest.append(chosen)
        # To take a record back is another event, not another story.
        if len(bodies) > 1 and chosen.get("status") != "DELETED":
            differing.append(chosen)
    return newest, differing


def number(row: Row) -> tuple[str, int, str]:
    """Which of two messages of one moment is the newer: M10 comes after M9."""
    name: str = row["message_id"]
    return name.rstrip("0123456789"), len(name), name


def body(row: Row) -> dict[str, str]:
    """What a version says, without who said it."""
    # Sent again it bears another hour of posting; the day of posting is content.
    apart = {*ORIGIN, "message_id", "status", "posted_at"}
    own = {n: v for n, v in row.items() if n not in apart and v is not None}
    return {n: str(Fraction(v) if n in NUMBERS else v) for n, v in own.items()}


NUMBERS = {"qty", "ext_amount", "unit_amount", "unit_cost"}


def posted(row: Row) -> datetime:
    day = row.get("post_date") or row["service_date"]
    return row.get("posted_at") or datetime.combine(day, time())


def used(tables: Tables, masters: Masters, accounts: Accounts) -> list[Use]:
    """Records of use in force, and what each should be charged before any is taken back."""
    rows, _ = latest(
        tables.get("usage_event", []), "usage_id", lambda r: r.get("documented_at") or UNDATED
    )
    return taken_back(
        [expected(row, masters, accounts) for row in rows if row.get("status") != "DELETED"]
    )


def expected(row: Row, masters: Masters, accounts: Accounts) -> Use:
    day, item = row["used_date"], row.get("item_id")
    factor = masters.factor(item, row.get("uom"), day)
    account = accounts.of(row)
    if factor is None:
        return Use(row, account, None, "NO_UNIT")
    use = Use(row, account, Fraction(row["qty"]) * factor, "EXPECTED")
    mapped = masters.mapped(item, row.get("dept_id"), row.get("location_id"), day)
    if mapped is None:
        untouched = ("WASTED_NOCONTACT", "RETURNED", "EXPLANTED")
        is_used = row.get("disposition") not in untouched
        use.status = "UNMAPPED" if is_used else "NOT_CHARGEABLE"
    else:
        use.code = mapped["cdm_code"]
        use.per_each = Fraction(mapped["units_per_each_num"], mapped["units_per_each_den"])
        use.parts = masters.parts(item, row.get("uom")) * mapped["units_per_each_den"]
        cost = masters.cost(row)
        use.price = masters.price(use.code, day, cost, use.per_each) or ZERO
        # Zero is no price: it is stated elsewhere, or nowhere.
        dearer = use.price == 0 or use.price >= Fraction(mapped.get("threshold") or 0)
        master = masters.cdm(use.code, day) or {}
        if mapped["chargeable"] in ("N", "ROUTINE"):
            use.status = {"N": "NOT_CHARGEABLE"}.get(mapped["chargeable"], "ROUTINE")
        elif row.get("disposition") in ("RETURNED", "EXPLANTED") or (
            master.get("chargeable") is False
        ):
            use.status = "NOT_CHARGEABLE"
        elif mapped["chargeable"] == "THRESHOLD" and not dearer:
            use.status = "BELOW_THRESHOLD"
        elif row.get("disposition") == "WASTED_NOCONTACT":
            use.status, use.is_waste = "NOT_CHARGEABLE", True
    if use.eaches < 0:
        use.status = "NETTED"
    return use


def kind(use: Use) -> str:
    """What a record takes back: a return by a negative quantity takes back a use."""
    told = use.row.get("disposition")
    is_own = told in ("WASTED_NOCONTACT", "EXPLANTED")
    return told if is_own or (told == "RETURNED" and use.row["qty"] > 0) else "USED"


def taken_back(uses: list[Use]) -> list[Use]:
    """Negative records take from positive ones of their kind, of the account's item and lot.

    The same serial number first, then the oldest.
    """
    uses.sort(key=lambda u: u.order)
    known = [use for use in uses if use.eaches is not None]
    for use in uses:
        use.is_unmet = use.eaches is None and use.row["qty"] < 0
    for by_serial in (True, False):
        groups: dict[Any, list[Use]] = defaultdict(list)
        for use in known:
            serial = use.row.get("serial_key")
            device = use.row.get("item_id") or use.row.get("udi_di")
            if device and (serial is not None or not by_serial):
                key = use.account, device, use.row.get("lot"), kind(use)
                groups[*key, serial if by_serial else None].append(use)
        for alike in groups.values():
            given = [(u, u.eaches) for u in alike if u.eaches > 0]
            back = [(u, -u.eaches) for u in alike if u.eaches < 0]
            for one, other, eaches in meet(given, back):
                one.eaches -= eaches
                other.eaches += eaches
    for use in known:
        # What takes back more than there was has nothing left to take.
        use.is_unmet = use.eaches < 0
        use.beyond = -min(use.eaches, ZERO)
        use.eaches = max(use.eaches, ZERO)
        if not use.eaches and use.status == "EXPECTED":
            use.status = "NETTED"
    totals: dict[Any, Fraction] = defaultdict(Fraction)
    for use in uses:
        if use.status == "EXPECTED" or use.is_waste:
            # Cut the running total, not each record: three times a third is one.
            key = use.account, use.code, use.parts, use.is_waste
            before = totals[key]
            totals[key] += use.eaches * use.per_each
            units = cut(totals[key]) - cut(before)
            if use.is_waste:
                use.wasted = units
            else:
                use.expected = use.left = units
    return uses


def charged(
    tables: Tables, masters: Masters, accounts: Accounts
) -> tuple[list[Charge], list[Finding]]:
    """Charges in force, less what credits take; and what is found on the way."""
    # Accounts are merged before what is sent twice is compared.
    sent = [
        row | {"account_key": accounts.survivor(row.get("account_key"))}
        for row in tables.get("charge_event", [])
    ]
    rows, differing = latest(sent, "txn_id", posted)
    found, charges, credits = [], [], []
    for row in rows:
        account = accounts.of(row)
        if row.get("status") == "DELETED" or row.get("type") in PASSED_OVER:
            continue
        if row.get("type") not in (None, "CG", "CD"):
            found.append(Finding("DQ05", account))
            continue
        if any(row is other for other in differing):
            found.append(Finding("DQ04", account))
        if account is None:
            found.append(Finding("DQ01", None))
        units = Fraction(row["qty"])
        is_credit = row.get("type") == "CD" or units < 0
        charge = Charge(row, account, abs(units), unit_price(row, masters), left=abs(units))
        (credits if is_credit else charges).append(charge)
    charges.sort(key=lambda c: c.order)
    credits.sort(key=lambda c: c.order)
    credit(charges, credits)
    for one in credits:
        # A credit of no account is told of as DQ01.
        if one.left and one.account:
            worth = -cents(one.left * abs(one.price))
            found.append(Finding("SC13", one.account, one.left, worth, one.row["cdm_code"]))
        # One of no units takes nothing back, and its amount is units times no price.
        row, stated = one.row, abs(Fraction(one.row.get("ext_amount") or 0))
        is_supply = masters.is_supply(row["cdm_code"], row["service_date"], row.get("revenue_code"))
        if one.account and not one.units and is_supply and stated > masters.rules.price_abs:
            found.append(Finding("SP02", one.account, None, stated, row["cdm_code"]))
    return charges, found


def credit(charges: list[Charge], credits: list[Charge]) -> None:
    """The charge a credit names; then those of its account, code and day; then of any day."""

    def named(c: Charge, *, is_credit: bool) -> Any:
        txn = c.row.get("reverses_txn_id") if is_credit else c.row["txn_id"]
        return txn and (c.row["system_id"], txn)

    def code(c: Charge, *, is_credit: bool) -> Any:  # noqa: ARG001  both ways read the same
        return c.account and (c.account, c.row["cdm_code"])

    def day(c: Charge, *, is_credit: bool) -> Any:
        return code(c, is_credit=is_credit) and (
            c.account,
            c.row["cdm_code"],
            c.row["service_date"],
        )

    for key in (named, day, code):
        takers: dict[Any, list[Charge]] = defaultdict(list)
        for one in credits:
            if one.left and key(one, is_credit=True):
                takers[key(one, is_credit=True)].append(one)
        for value, some in takers.items():
            own = [c for c in charges if key(c, is_credit=False) == value]
            for charge, taker, units in meet(
                [(c, c.left) for c in own], [(c, c.left) for c in some]
            ):
                charge.left -= units
                charge.credited += units
                taker.left -= units


def unit_price(row: Row, masters: Masters) -> Fraction:
    """As stated; else what the extension comes to; else the charge master's."""
    if row.get("unit_amount") is not None:
        return Fraction(row["unit_amount"])
    if row.get("ext_amount") is not None and row["qty"]:
        return six_places(abs(Fraction(row["ext_amount"]) / Fraction(row["qty"])))
    master = masters.cdm(row["cdm_code"], row["service_date"])
    return Fraction((master and master.get("price")) or 0)
