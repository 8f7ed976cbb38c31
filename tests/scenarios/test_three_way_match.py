"""Every scenario comes out as set by hand, to the cent, in any order of its rows.

A run costs a second however small it is, so the scenarios stand in one night, each with its own
suppliers, orders and documents; every hundredth is also run alone. RECON_EVERY_SHUFFLE=1 runs each
alone, and tries twelve orders of the input rows instead of two.
"""

import os
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from adapter import AS_OF, Scenario, as_of, can_stand_together, rule_tables, tables, together
from collected import OWN, collected, read

from recon.reconcile import invariants, three_way_match
from recon.rules import load

THOROUGH = bool(os.environ.get("RECON_EVERY_SHUFFLE"))
SCENARIOS = collected()
TOGETHER = {name: s for name, s in SCENARIOS.items() if can_stand_together(s)}
ALONE = {
    name: scenario
    for place, (name, scenario) in enumerate(SCENARIOS.items())
    if THOROUGH or place % 100 == 0 or name not in TOGETHER
}

Result = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def night():
    """All scenarios that can stand together as one night: tables, rules, result."""
    given, rules = together(list(TOGETHER.values()))
    return given, rules, three_way_match(given, AS_OF, rules)


@pytest.mark.parametrize("scenario", TOGETHER.values(), ids=TOGETHER.keys())
def test_scenario(scenario, night):
    before = f"{scenario['id']}."
    result = {
        name: rows.filter(
            pl.col("supplier_id" if name != "allocation" else "invoice_id").str.starts_with(before)
        )
        for name, rows in night[2].items()
    }
    expected = expectations(scenario, before)
    assert outcome(result, expected) == expected


@pytest.mark.parametrize("scenario", ALONE.values(), ids=ALONE.keys())
def test_scenario_alone(scenario):
    given, rules = tables(scenario), rule_tables(scenario)
    result = three_way_match(given, as_of(scenario), rules)
    expected = expectations(scenario)
    assert outcome(result, expected) == expected
    if THOROUGH or scenario["id"] not in TOGETHER:  # those of the night are asked of all of it
        assert broken_invariants(given, result, as_of(scenario), rules) == {}


def test_every_code_has_a_scenario_and_every_scenario_of_ours_its_reasons():
    found = {code for s in SCENARIOS.values() for code, *_ in s["expect"].get("exc", [])}
    # Codes of use and charge are two letters and a number: test_usage_charge.py.
    codes = {code for code in load("exception_code")["code"] if not code[-2:].isdigit()}
    assert codes - found == set()
    ours = read(OWN)
    assert len({scenario["id"] for scenario in ours}) == len(ours)
    assert [s["id"] for s in ours if not (s["title"] and s["shows"] and s["sum"])] == []


def test_every_exception_is_some_scenario_s(night):
    assert night[2]["exception"].filter(pl.col("supplier_id").is_null()).height == 0


@pytest.mark.parametrize("seed", range(12 if THOROUGH else 2))
def test_the_order_of_the_input_rows_changes_nothing(night, seed):
    given, rules, result = night
    shuffled = {n: t.sample(fraction=1, shuffle=True, seed=seed) for n, t in given.items()}
    again = three_way_match(shuffled, AS_OF, rules)
    assert [name for name, rows in result.items() if not again[name].equals(rows)] == []


def test_every_invariant_holds(night):
    given, rules, result = night
    assert broken_invariants(given, result, AS_OF, rules) == {}


def expectations(scenario: Scenario, before: str = "") -> dict[str, Any]:
    """What the scenario says must come out, with ``before`` before every document's id."""
    stated = scenario["expect"]
    found: dict[str, Any] = {
        "lines": Counter(
            (before + invoice, line, status, *(Decimal(m) for m in [*money, "0"][:4]))
            for invoice, line, status, *money in stated["lines"]
        ),
        "exc": Counter(
            (code, before + invoice if invoice else None, Decimal(impact))
            for code, invoice, impact in stated.get("exc", [])
        ),
        "rni": Counter(
            (before + receipt, Decimal(qty), Decimal(value), bucket)
            for receipt, qty, value, bucket in stated.get("rni", [])
        ),
    }
    if "alloc" in stated:
        found["alloc"] = Counter(
            {(before + inv, before + rec): Decimal(qty) for inv, rec, qty in stated["alloc"]}
        )
    if "leak" in stated:
        found["leak"] = Decimal(stated["leak"])
    if "latent" in stated:
        found["latent"] = Counter((c, before + inv, Decimal(m)) for c, inv, m in stated["latent"])
    if "pay" in stated:
        found["pay"] = Counter((before + inv, *map(Decimal, m)) for inv, *m in stated["pay"])
        found["debit"] = Counter((before + inv, t, Decimal(m)) for inv, t, m in stated["debit"])
    return found


def outcome(result: Result, parts: dict[str, Any]) -> dict[str, Any]:
    """What came out, of the parts that are expected."""
    lines, exceptions = result["invoice_line_result"], result["exception"]
    money = ["supported", "tolerated", "held", "routed"]
    ways = ["pay_if_hold_whole", "pay_supported", "payable"]
    latent = exceptions.select("code", "invoice_id", "latent").rows()
    allocated: Counter[Any] = Counter()
    for invoice, receipt, qty in (
        result["allocation"].select("invoice_id", "receipt_id", "qty").rows()
    ):
        allocated[invoice, receipt] += qty
    found = {
        "lines": Counter(lines.select("invoice_id", "line_no", "status", *money).rows()),
        "exc": Counter(exceptions.select("code", "invoice_id", "impact").rows()),
        "rni": Counter(result["rni"].select("receipt_id", "qty", "value", "bucket").rows()),
        "alloc": allocated,
        "leak": lines["leak"].sum(),
        "latent": Counter(row for row in latent if row[2]),
        "pay": Counter(result["invoice_payable"].select("invoice_id", *ways).rows()),
        "debit": Counter(result["debit_memo"].select("invoice_id", "memo_type", "amount").rows()),
    }
    return {part: found[part] for part in parts}


def broken_invariants(given, result: Result, day, rules) -> dict[str, list[dict[str, Any]]]:
    found = invariants(given, result, day, rules)
    return {name: rows.to_dicts() for name, rows in found.items() if rows.height}


def test_an_exception_closes_on_the_night_its_receipt_arrives():
    scenario = {
        **SCENARIOS["S03"],
        "receipts": [{"id": "R1", "po": "P1", "line": "1", "qty": 10, "date": "2026-03-30"}],
    }
    given, rules = tables(scenario), rule_tables(scenario)
    story = []
    before: dict[str, pl.DataFrame] = {}
    for day in (28, 29, 30, 31):
        result = three_way_match({**given, **before}, date(2026, 3, day), rules)
        before = {"previous_exception": result["exception"]}
        story.append(result["exception"].select("code", "state", "times_seen", "age_days").rows())
    assert story == [
        [("QTY_NOT_RECEIVED", "OPEN", 1, 13)],
        [("QTY_NOT_RECEIVED", "OPEN", 2, 14)],
        [("QTY_NOT_RECEIVED", "AUTO_CLOSED", 2, 15)],
        [],
    ]
