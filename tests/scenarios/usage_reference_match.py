"""Use laid against charges, what the remainder suggests, and what is left, for the plain reference.

What belongs here: steps 4 to 6 of the specification (usage against charges, section 1).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from usage_reference_lines import Accounts, Charge, Finding, Use, meet
from usage_reference_masters import ZERO, Masters, cents, in_force

# A charge with one of these is meant to stand beside its like.
MEANT_TWICE = {"76", "77", "59", "XE", "XS", "XP", "XU", "LT", "RT"}
MILLIONTH = Fraction(1, 10**6)
Key = Callable[[Any], Any]


def all_of(*parts: Any) -> Any:
    """A key to join on: none where a part of it is missing."""
    return None if any(part is None for part in parts) else parts


# Pass -> the key of a use, the key of a charge.
PASSES: dict[str, tuple[Key, Key]] = {
    "a": (
        lambda u: all_of(u.account, u.row["usage_id"]),
        lambda c: all_of(c.account, c.row.get("order_id")),
    ),
    "b": (
        lambda u: all_of(u.account, u.row.get("serial_key")),
        lambda c: all_of(c.account, c.row.get("serial_key")),
    ),
    "c": (
        lambda u: all_of(u.account, u.row.get("item_id"), u.row.get("lot")),
        lambda c: all_of(c.account, c.row.get("item_id"), c.row.get("lot")),
    ),
    "d": (
        lambda u: all_of(u.account, u.row.get("item_id"), u.code),
        lambda c: all_of(c.account, c.row.get("item_id"), c.row["cdm_code"]),
    ),
    "e": (
        lambda u: all_of(u.account, u.code, u.row["used_date"]),
        lambda c: all_of(c.account, c.row["cdm_code"], c.row["service_date"]),
    ),
    "f": (
        lambda u: all_of(u.account, u.code),
        lambda c: all_of(c.account, c.row["cdm_code"]),
    ),
}


@dataclass
class Matched:
    """Units of a use that a charge supports."""

    use: Use
    charge: Charge
    units: Fraction
    by: str


@dataclass
class Match:
    """Everything of one case, as far as it is known."""

    uses: list[Use]
    charges: list[Charge]
    matched: list[Matched] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)


def match(match_: Match) -> None:
    """The passes, strongest first, each on what is left."""
    for name, (of_use, of_charge) in PASSES.items():
        uses: dict[Any, list[Use]] = defaultdict(list)
        charges: dict[Any, list[Charge]] = defaultdict(list)
        for use in match_.uses:
            if use.left and of_use(use):
                uses[of_use(use)].append(use)
        for charge in match_.charges:
            if charge.left and of_charge(charge):
                charges[of_charge(charge)].append(charge)
        for key, own in uses.items():
            ours = [(u, u.left) for u in sorted(own, key=lambda u: u.order)]
            theirs = [(c, c.left) for c in sorted(charges[key], key=lambda c: c.order)]
            for use, charge, units in meet(ours, theirs):
                use.left -= units
                use.matched += units
                charge.left -= units
                charge.matched += units
                match_.matched.append(Matched(use, charge, units, name))
    match_.found += wrong_codes(
        (m.use, m.charge, m.units) for m in match_.matched if m.use.code != m.charge.row["cdm_code"]
    )


def wrong_codes(pairs: Iterable[tuple[Use, Charge, Fraction]]) -> list[Finding]:
    """One finding for two codes of an account; what was too little and too much apart."""
    told: dict[Any, Finding] = {}
    for use, charge, units in pairs:
        worth, other = units * (use.price - charge.price), charge.row["cdm_code"]
        key = use.account, use.code, other, worth < 0
        one = told.setdefault(key, Finding("SC06", use.account, ZERO, ZERO, use.code, other))
        one.units, one.gross = (one.units or ZERO) + units, one.gross + worth
    for one in told.values():
        one.gross = cents(one.gross)
    return list(told.values())


def repairs(match_: Match, masters: Masters, accounts: Accounts) -> None:
    """Wrong account, then wrong code: where a use and a charge have only each other."""
    cases = {(u.account, u.row.get("case_key")) for u in match_.uses}

    def other_account(use: Use, charge: Charge) -> bool:
        mrn = accounts.get(use.account).get("mrn_key")
        serial = use.row.get("serial_key")
        alike = mrn is not None and mrn == accounts.get(charge.account).get("mrn_key")
        alike |= serial is not None and serial == charge.row.get("serial_key")
        alike |= use.row["usage_id"] == charge.row.get("order_id")
        case = use.row.get("case_key")
        alike |= case is not None and (charge.account, case) in cases
        days = abs((use.row["used_date"] - charge.row["service_date"]).days)
        is_its = use.code == charge.row["cdm_code"] and use.left == charge.left
        return use.account != charge.account and is_its and days <= 1 and alike

    def other_code(use: Use, charge: Charge) -> bool:
        day, dept = use.row["used_date"], use.row.get("dept_id")
        own = family(masters, use.code, day, None)
        charged = charge.row["cdm_code"]
        is_near = use.account == charge.account and use.code != charged
        is_near &= day == charge.row["service_date"]
        is_near &= dept is not None and dept == charge.row.get("dept_id")
        is_near &= own is not None
        is_near &= own == family(masters, charged, day, charge.row.get("revenue_code"))
        # Whole lines: nothing of either was matched or credited.
        is_whole = not use.matched and charge.left == charge.units
        return is_near and is_whole and use.left == charge.left

    for use, charge in only_each_other(match_, other_account):
        match_.found.append(Finding("SC07", use.account, use.left, ZERO, use.code))
        use.left = charge.left = ZERO
    alike = only_each_other(match_, other_code)
    match_.found += wrong_codes((use, charge, use.left) for use, charge in alike)
    for use, charge in alike:
        use.left = charge.left = ZERO


def family(masters: Masters, code: str, day: Any, stated: str | None) -> str | None:
    """The first three digits of the revenue code: stated, else the charge master's."""
    row = masters.cdm(code, day)
    found = stated or (row and row.get("revenue_code"))
    return found[:3] if found else None


def only_each_other(match_: Match, fits: Callable[[Use, Charge], bool]) -> list[tuple[Use, Charge]]:
    uses = [u for u in match_.uses if u.left and u.account]
    charges = [c for c in match_.charges if c.left and c.account]
    pairs = [(u, c) for u in uses for c in charges if fits(u, c)]
    return [
        (u, c)
        for u, c in pairs
        if sum(u is other for other, _ in pairs) == 1 and sum(c is other for _, other in pairs) == 1
    ]


def classify(match_: Match, masters: Masters) -> None:
    """What is left of each account and code, for one reason each."""
    # A use of no account is told of as DQ01: nobody knows where its charge is missing.
    keys = {(u.account, u.code) for u in match_.uses if u.left and u.account}
    keys |= {
        (c.account, c.row["cdm_code"])
        for c in match_.charges
        if c.left and c.account and supply(masters, c)
    }
    for account, code in sorted(keys):
        uses = [u for u in match_.uses if (u.account, u.code) == (account, code)]
        charges = charges_of(match_, masters, account, code)
        routine(match_, masters, account, code, charges)
        wasted(match_, account, code, uses, charges)
        twins(match_, account, code, charges)
        remaining(match_, masters, account, code)


def charges_of(
    match_: Match, masters: Masters, account: str | None, code: str | None
) -> list[Charge]:
    """The account's charges of a code that use is asked for."""
    own = [c for c in match_.charges if (c.account, c.row["cdm_code"]) == (account, code)]
    return [c for c in own if supply(masters, c)]


def supply(masters: Masters, charge: Charge) -> bool:
    row = charge.row
    return masters.is_supply(row["cdm_code"], row["service_date"], row.get("revenue_code"))


def report(
    match_: Match,
    name: str,
    account: str | None,
    code: str | None,
    lines: list[Any],
    *,
    under: bool,
) -> None:
    """One finding on what is left of these lines, which is then left no more."""
    units = sum((line.left for line in lines), ZERO)
    if units:
        worth = cents(sum((line.left * line.price for line in lines), ZERO))
        match_.found.append(Finding(name, account, units, worth if under else -worth, code))
        for line in lines:
            line.left = ZERO


def routine(
    match_: Match, masters: Masters, account: str | None, code: str | None, charges: list[Charge]
) -> None:
    """Charges of what is routine, not charged, or below its threshold, on their day and place."""
    never = [c for c in charges if not masters.is_charged(c.row)]
    report(match_, "SC10", account, code, never, under=False)


def wasted(
    match_: Match,
    account: str | None,
    code: str | None,
    uses: list[Use],
    charges: list[Charge],
) -> None:
    """Charges for what was opened and never touched the patient."""
    waste = sorted(
        (u for u in uses if u.wasted),
        key=lambda u: u.order,
    )
    covered = meet([(u, u.wasted) for u in waste], [(c, c.left) for c in charges])
    for _, charge, units in covered:
        charge.left -= units
    taken = {id(c): (c, sum((u for _, o, u in covered if o is c), ZERO)) for _, c, _ in covered}
    worth = cents(sum((units * charge.price for charge, units in taken.values()), ZERO))
    total = sum((units for *_, units in covered), ZERO)
    if total:
        match_.found.append(Finding("SC11", account, total, -worth, code))


def twins(match_: Match, account: str | None, code: str | None, charges: list[Charge]) -> None:
    """Whole charges that nothing supports beside another that is the same."""
    groups: dict[Any, list[Charge]] = defaultdict(list)
    for charge in charges:
        row = charge.row
        is_meant = bool(MEANT_TWICE & set((row.get("mods") or "").split()))
        if charge.units and not charge.credited and not is_meant and not row.get("repeat_reason"):
            alike = (row["service_date"], charge.units, charge.price)
            groups[*alike, row.get("serial_key"), row.get("dept_id")].append(charge)
    again = []
    for alike in groups.values():
        whole = [c for c in alike if c.left == c.units]
        # Where none of them is supported, the first is the one that is meant.
        again += whole if len(whole) < len(alike) else whole[1:]
    report(match_, "SC08", account, code, again, under=False)


def remaining(match_: Match, masters: Masters, account: str | None, code: str | None) -> None:
    uses = [u for u in match_.uses if (u.account, u.code) == (account, code)]
    charges = charges_of(match_, masters, account, code)
    under = sum((u.left for u in uses), ZERO)
    over = sum((c.left for c in charges), ZERO)
    both = sum(
        (
            m.units
            for m in match_.matched
            if (m.use.account, m.use.code) == (account, code) and m.charge.row["cdm_code"] == code
        ),
        ZERO,
    )
    if not both:
        report(match_, "SC01", account, code, uses, under=True)
        report(match_, "SC02", account, code, charges, under=False)
        return
    used, charged = both + under, both + over
    # Totals of thirds are cut, by less than a millionth.
    is_pack = any(
        pack not in (0, 1)
        and min(abs(used - charged * pack), abs(used - charged / pack)) <= MILLIONTH
        for pack in packs(masters, uses)
    )
    report(match_, "SC05" if is_pack else "SC03", account, code, uses, under=True)
    report(match_, "SC05" if is_pack else "SC04", account, code, charges, under=False)


def packs(masters: Masters, uses: list[Use]) -> set[Fraction]:
    """Packaging factors of the items used, their units per each, and the products of the two."""
    found = set()
    for use in uses:
        if use.status != "EXPECTED":
            continue
        day = use.row["used_date"]
        sizes = {
            Fraction(row["to_base_num"], row["to_base_den"])
            for row in masters.uoms
            if row["item_id"] == use.row.get("item_id") and in_force(row, day)
        }
        found |= sizes | {use.per_each} | {size * use.per_each for size in sizes}
    return found
