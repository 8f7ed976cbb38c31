"""What holding use against charges came to, case by case, from the SQL and from the reference.

What belongs here: the two taken apart into one form. Findings are added up by code, account and
charge-master code, lost dollars and dollars too much apart: into how many rows the tables divide
them is the tables' matter.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from usage_reference_masters import Rules
from usage_reference_match import Match

Key = tuple[Any, ...]
AS_OF = date(2026, 3, 31)
# The shipped rules, in the reference's own words.
RULES = Rules(
    as_of=AS_OF,
    hold={"I": 5, "*": 3},
    post_days=1,
    window_days=3,
    price_abs=Fraction(1, 100),
    tiers={
        "M1": [
            (Fraction(0), Fraction(50), Fraction(4)),
            (Fraction(50), Fraction(500), Fraction(3)),
            (Fraction(500), Fraction(5000), Fraction(5, 2)),
            (Fraction(5000), None, Fraction(2)),
        ]
    },
    not_implant=frozenset({"C1725", "C1769", "C1887", "C1894"}),
    device_codes=frozenset({"C1713", "C1785", "C1874", "C1876", "C1889", "C1898", "C1900"}),
    device_intensive=frozenset({"33208", "33249", "92928"}),
    device_needs={
        "C1785": frozenset({"33208", "33207", "33213"}),
        "C1900": frozenset({"33224", "33225"}),
    },
)


@dataclass
class Answer:
    """One case: its findings, what matched what, and what each line came to."""

    findings: dict[Key, Key] = field(default_factory=dict)
    allocated: dict[Key, Fraction] = field(default_factory=dict)
    uses: dict[str, Key] = field(default_factory=dict)
    charges: dict[str, Key] = field(default_factory=dict)


def plain(answer: Match) -> Answer:
    """The reference's answer."""
    found = Answer()
    sums: dict[Key, list[Any]] = defaultdict(new)
    for f in answer.found:
        add(sums[key_of(f.name, f.account, f.code)], f.units, f.gross)
    found.findings = {key: tuple(total) for key, total in sums.items()}
    for m in answer.matched:
        key = m.use.row["usage_id"], m.charge.row["txn_id"], m.by
        found.allocated[key] = found.allocated.get(key, Fraction(0)) + m.units
    for use in answer.uses:
        parts = use.expected, use.matched, use.left
        found.uses[use.row["usage_id"]] = (use.account, use.status, *parts)
    for charge in answer.charges:
        parts = charge.units, charge.credited, charge.matched, charge.left
        found.charges[charge.row["txn_id"]] = (charge.account, *parts)
    return found


def tabled(result: dict[str, pl.DataFrame]) -> dict[str, Answer]:
    """The tables' answer: hospital -> what stands there."""
    found: dict[str, Answer] = defaultdict(Answer)
    sums: dict[str, dict[Key, list[Any]]] = defaultdict(lambda: defaultdict(new))
    columns = ("facility_id", "code", "account_key", "cdm_code", "units", "gross")
    for hospital, *key, units, gross in result["exception"].select(columns).rows():
        add(sums[hospital][key_of(*key)], units, gross)
    for hospital, own in sums.items():
        found[hospital].findings = {key: tuple(total) for key, total in own.items()}
    columns = ("facility_id", "usage_id", "txn_id", "match_pass", "units")
    for hospital, *key, units in result["allocation"].select(columns).rows():
        found[hospital].allocated[tuple(key)] = Fraction(units)
    columns = ("facility_id", "usage_id", "account_key", "status", "expected", "matched", "open")
    for hospital, usage, account, status, *parts in (
        result["usage_line_result"].select(columns).rows()
    ):
        found[hospital].uses[usage] = (account, status, *map(Fraction, parts))
    columns = ("facility_id", "txn_id", "account_key", "units", "credited", "matched", "open")
    for hospital, txn, account, *parts in result["charge_line_result"].select(columns).rows():
        found[hospital].charges[txn] = (account, *map(Fraction, parts))
    return found


def key_of(name: str, account: str | None, code: str | None) -> Key:
    """What findings are added up by: those on a record's device or account are of no code."""
    is_of_code = name.startswith(("SP", "ST")) or (name.startswith("SC") and name != "SC09")
    return name, account, code if is_of_code else None


def new() -> list[Fraction]:
    return [Fraction(0)] * 4


def add(total: list[Fraction], units: Any, gross: Any) -> None:
    """Units, lost, too much; and how many, where they are no units of a code."""
    total[0] += Fraction(units or 0)
    total[1] += max(Fraction(gross), Fraction(0))
    total[2] += min(Fraction(gross), Fraction(0))
    total[3] += units is None
